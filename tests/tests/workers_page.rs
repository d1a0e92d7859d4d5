//! The manual's page about programs that do jobs: what stands there is sent to the real executable, and the answers are
//! those shown.

use std::path::Path;
use std::sync::Arc;

use engine::ids::Name;
use engine::time::{DAY_MS, Timestamp};
use engine::value::{Fields, Value as Held};
use runtime::{StartOrder, SystemClock};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::NewAccessToken;
use tests::{Scratch, Server, deploy, organisation};

/// What stands in the manual in place of what differs each time.
const ANYTHING: &str = "…";
const TOKEN: &str = "a token of tests";

/// A fenced block: what stands after its fence, and its text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = page.split("```").collect();
    parts.iter().skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
}

/// The words of a command as a shell reads them, with variables put in.
fn words(command: &str, variable: &dyn Fn(&str) -> String) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', None) if letters.peek() == Some(&'\n') => {}
            ('\'' | '"', None) => (word, quote) = (Some(word.unwrap_or_default()), Some(letter)),
            (letter, Some(open)) if letter == open => quote = None,
            ('$', None | Some('"')) => {
                let mut name = String::new();
                while let Some(letter) = letters.next_if(char::is_ascii_uppercase) {
                    name.push(letter);
                }
                word.get_or_insert_default().push_str(&variable(&name));
            }
            (letter, None) if letter.is_whitespace() => words.extend(word.take()),
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// Whether an answer is the one shown, where `…` stands for any text.
fn is(shown: &Value, said: &Value) -> bool {
    match (shown, said) {
        (Value::String(shown), Value::String(_)) if shown == ANYTHING => true,
        (Value::Array(shown), Value::Array(said)) => {
            shown.len() == said.len() && shown.iter().zip(said).all(|(shown, said)| is(shown, said))
        }
        (Value::Object(shown), Value::Object(said)) => {
            shown.len() == said.len()
                && shown.iter().all(|(key, shown)| said.get(key).is_some_and(|said| is(shown, said)))
        }
        (shown, said) => shown == said,
    }
}

/// What `curl` would send, and what is answered.
fn send(words: &[String]) -> Value {
    let [curl, address, rest @ ..] = words else { panic!("{words:?}") };
    assert_eq!(curl, "curl");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let (mut request, mut body) = (agent.post(address), "");
    for option in rest.chunks(2) {
        match option {
            [flag, header] if flag == "-H" => {
                let (name, value) = header.split_once(": ").expect("a header has a value");
                request = request.header(name, value);
            }
            [flag, data] if flag == "-d" => body = data,
            other => panic!("{other:?}"),
        }
    }
    let mut answer = request.send(body).expect("the server answers");
    serde_json::from_str(&answer.body_mut().read_to_string().expect("it is text")).expect("it is JSON")
}

fn go_through(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dsl/manual").join(name);
    let page = std::fs::read_to_string(path).expect("the page is there");
    let blocks = blocks(&page);
    let scratch = Scratch::new(name);
    let runtime = organisation(&scratch, Arc::new(SystemClock));
    let flow = blocks.iter().find(|(info, _)| *info == "flow").expect("the page shows a process").1;
    deploy(&runtime, flow);
    let fields = Fields::from([(Name::from("what"), Held::Text("disks".into()))]);
    let order = StartOrder { process: Name::from("scanning"), by: Name::from("anna"), on_behalf_of: None, fields };
    let number = runtime.start(order).expect("anyone may start").instance.number().to_owned();
    let token = NewAccessToken {
        token_hash: Sha256::digest(TOKEN.as_bytes()).to_vec(),
        person: Name::from("wu"),
        label: "the manual".into(),
        by: Name::from("mona"),
        at: Timestamp(0),
        expires_at: runtime.now().plus_ms(DAY_MS),
    };
    runtime.store().add_access_token(&token).expect("it is kept");
    drop(runtime);
    let server = Server::start("serve", scratch.path());
    let (mut job, mut sent) = (String::new(), 0);
    let mut answered = None;
    for (info, text) in blocks {
        match info {
            "sh" if text.starts_with("curl") => {
                let variable = |name: &str| match name {
                    "TIAOLI" => format!("http://{}", server.address),
                    "TOKEN" => TOKEN.to_owned(),
                    "JOB" => job.clone(),
                    other => panic!("${other} is not said"),
                };
                let said = send(&words(text, &variable));
                if let Some(given) = said["jobs"][0]["job"].as_str() {
                    given.clone_into(&mut job);
                }
                answered = Some((text, said));
                sent += 1;
            }
            "json" => {
                let (command, said) = answered.take().expect("an answer follows a command");
                let shown = text.replace("SCN-2026-000001", &number);
                let shown = serde_json::from_str(&shown).unwrap_or_else(|problem| panic!("{name}: {problem}: {text}"));
                assert!(is(&shown, &said), "{name}: {command} answers\n{said}");
            }
            _ => assert!(answered.is_none(), "{name}: a command shows no answer: {answered:?}"),
        }
    }
    assert!(sent > 5, "{name} sends {sent} requests");
}

#[test]
fn the_english_page_can_be_sent_and_is_answered_as_it_says() {
    go_through("workers.en.md");
}

#[test]
fn the_chinese_page_can_be_sent_and_is_answered_as_it_says() {
    go_through("workers.zh-CN.md");
}
