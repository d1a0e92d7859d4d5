//! Canned texts: offered to staff beside what they write on a record, and put into it with or without a script.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::definition::Labels;
use engine::directory::Entry;
use engine::ids::Name;
use engine::value::{Fields, Value};

/// Three texts: one for everybody, one for another process, one for the network team.
fn furnished() -> (Desk, String) {
    let desk = staffed();
    let text = |key: &str, (en, zh): (&str, &str), more: &[(&str, Value)]| {
        let mut fields: Fields = more.iter().map(|(name, value)| (Name::from(*name), value.clone())).collect();
        let said = [("english", en), ("chinese", zh)].into_iter().filter(|(_, text)| !text.is_empty());
        fields.extend(said.map(|(name, text)| (Name::from(name), Value::Text(text.to_owned()))));
        let entry = Entry { labels: Labels::new(&format!("{key} in English"), &format!("{key}中文")), fields };
        let store = desk.runtime.store();
        let by = Name::from("root");
        store.put_entry("canned_text", &Name::from(key), &entry, &by, desk.runtime.now()).expect("it is kept");
    };
    let ask = "Dear {requester}, of {number} “{title}”:\nwhat does {it} say? {";
    text("ask", (ask, "{requester}您好：{number}的报错信息是什么？"), &[]);
    text("other", ("x", "x"), &[("process", Value::Text("change".to_owned()))]);
    text("wires", ("", "已检查线路。"), &[("team", Value::Ref(Name::from("network")))]);
    text("empty", ("", " "), &[]);
    desk.runtime.reload_directory().expect("it reads");
    let number = desk.report("dora", "No {number} <mail>", "mail", ("high", "high"));
    (desk, number)
}

/// What a page has in a text field, as it was written.
fn held(body: &str, id: &str) -> String {
    let field = body.split(&format!("<textarea id=\"{id}\"")).nth(1).expect("the field is there");
    let text = field.split_once('>').and_then(|(_, rest)| rest.split_once("</textarea>")).map(|(text, _)| text);
    let text = text.unwrap_or_default().replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'");
    text.replace("&quot;", "\"").replace("&#x3D;", "=").replace("&amp;", "&")
}

#[actix_web::test]
async fn staff_are_offered_the_texts_of_the_process_and_of_their_teams() {
    let (desk, number) = furnished();
    let (record, task) = (format!("/records/{number}"), desk.task(&number, "triage"));
    let mut anna = Browser::of(&desk, "anna").await;
    for page in [&record, &task, &format!("{task}/peek")] {
        let body = anna.get(page).await.body;
        assert!(body.contains("<option value=\"ask\">ask in English</option>"), "{page}: {body}");
        for not in ["other in English", "wires in English", "empty in English"] {
            assert!(!body.contains(not), "{page}: {not}");
        }
        assert!(body.contains("Dear Dora Qian, of "), "the script finds the texts in the page: {body}");
    }
    let mut bao = Browser::of(&desk, "bao").await;
    bao.speak("zh-CN");
    let body = bao.get(&record).await.body;
    assert!(body.contains("插入常用语") && body.contains(">wires中文</option>"), "{body}");
    assert!(body.contains(&format!("Dora Qian您好：{number}的报错")) || body.contains("钱朵拉您好："), "{body}");
    let body = Browser::of(&desk, "dora").await.get(&record).await.body;
    assert!(!body.contains("ask in English") && !body.contains("_insert"), "who asked is no staff: {body}");
}

#[actix_web::test]
async fn without_a_script_the_form_comes_back_with_the_text_and_all_that_was_typed() {
    let (desk, number) = furnished();
    let (record, task) = (format!("/records/{number}"), desk.task(&number, "triage"));
    let mut anna = Browser::of(&desk, "anna").await;
    let revision = |desk: &Desk| {
        let id = desk.runtime.store().instance_of_number(&number).expect("it reads").expect("it is there");
        desk.runtime.load(id).expect("it reads").expect("it is there").revision
    };
    let before = revision(&desk);
    let text = format!("Dear Dora Qian, of {number} “No {{number}} <mail>”:\nwhat does {{it}} say? {{");

    let form =
        [("text", "Hello. "), ("audience", "public"), ("tell", "mei"), ("_text.text", "ask"), ("_insert", "text")];
    let back = anna.post(&format!("{record}/comment"), &form).await;
    assert_eq!(back.status, 200, "{}", back.body);
    assert_eq!(held(&back.body, "comment"), format!("Hello.\n{text}"), "a place in a title is no place");
    assert!(back.body.contains("name=\"audience\" value=\"public\" checked"), "{}", back.body);
    assert!(back.body.contains("<option value=\"mei\" selected>"), "{}", back.body);
    for (key, expected) in [("", "Hello."), ("other", "Hello."), ("nothing", "Hello.")] {
        let form = [("text", "Hello."), ("_text.text", key), ("_insert", "text")];
        let back = anna.post(&format!("{record}/comment"), &form).await;
        assert_eq!((back.status, held(&back.body, "comment").as_str()), (200, expected), "{key}");
    }

    let form = [
        ("outcome", "reject"),
        ("affected", "12"),
        ("impact", "low"),
        ("reject._reason", ""),
        ("_text.reject._reason", "ask"),
        ("_insert", "reject._reason"),
    ];
    let back = anna.post(&task, &form).await;
    assert_eq!(back.status, 200, "{}", back.body);
    assert_eq!(held(&back.body, "f-reject-_reason"), text);
    assert!(back.body.contains("name=\"affected\" value=\"12\""), "{}", back.body);
    assert!(back.body.contains("name=\"outcome\" value=\"reject\" checked"), "{}", back.body);
    assert!(!back.body.contains("class=\"problem\""), "nothing is refused: {}", back.body);

    assert_eq!(anna.post(&task, &[("outcome", "accept")]).await.status, 303);
    let before_question = revision(&desk);
    assert!(before_question > before);
    let mut bao = Browser::of(&desk, "bao").await;
    let ask = [("outcome", "ask_caller"), ("ask_caller.question", "Who?")];
    assert_eq!(bao.post(&desk.task(&number, "resolve"), &ask).await.status, 303);
    let mut dora = Browser::of(&desk, "dora").await;
    let form = [("message", "reply"), ("text", "me"), ("_text.text", "ask"), ("_insert", "text")];
    let back = dora.post(&format!("{record}/reply"), &form).await;
    assert_eq!((back.status, held(&back.body, "reply-reply").as_str()), (200, "me"), "she is no staff: {}", back.body);
    assert_eq!(revision(&desk), before_question + 1, "what is only inserted is no command");
}

#[actix_web::test]
async fn whoever_reports_and_is_staff_inserts_into_the_reply() {
    let (desk, _) = furnished();
    let number = desk.report("bao", "No mail", "vpn", ("high", "high"));
    let mut anna = Browser::of(&desk, "anna").await;
    let accept = [("outcome", "accept"), ("team", "network")];
    assert_eq!(anna.post(&desk.task(&number, "triage"), &accept).await.status, 303);
    let mut chen = Browser::of(&desk, "chen").await;
    let ask = [("outcome", "ask_caller"), ("ask_caller.question", "Who?")];
    assert_eq!(chen.post(&desk.task(&number, "resolve"), &ask).await.status, 303);
    let mut bao = Browser::of(&desk, "bao").await;
    assert!(bao.get(&format!("/records/{number}")).await.body.contains("data-insert=\"reply-reply\""));
    let form = [("message", "reply"), ("text", ""), ("_text.text", "wires"), ("_insert", "text")];
    let back = bao.post(&format!("/records/{number}/reply"), &form).await;
    assert_eq!(
        held(&back.body, "reply-reply"),
        "已检查线路。",
        "the other language where a text has one: {}",
        back.body
    );
}
