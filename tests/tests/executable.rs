//! The executable as a process owner uses it: a definition with mistakes is not deployed, a changed one is, beside a
//! running server.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use runtime::SystemClock;
use serde_json::Value;
use store::Store;
use tests::{Browserless, Scratch, Server, executable, incident_source, organisation};

fn tiaoli(arguments: &[&str], data: &Path) -> Output {
    Command::new(executable())
        .args(["--language", "en"])
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("it runs")
}

fn deploy(file: &Path, data: &Path) -> Output {
    let file = file.to_str().expect("the folder's name is text");
    let who = ["--author", "admin", "--approver", "zhouqiang", "--reason", "tests"];
    tiaoli(&[&["deploy", file], &who[..]].concat(), data)
}

/// The form of a report.
fn report(token: &str) -> Vec<(&str, &str)> {
    let fields = [("summary", "No sound"), ("service", "workplace_pc"), ("impact", "low"), ("urgency", "low")];
    [("_token", token)].into_iter().chain(fields).collect()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Reports an incident and gives what its record's page says.
fn reported(visitor: &mut Browserless) -> String {
    let form = visitor.get("/portal/report").expect("the server answers");
    let token = form.field("_token").expect("the form carries a token");
    let answer = visitor.post("/portal/report", &report(&token)).expect("the server answers");
    answer.location.unwrap_or_else(|| panic!("{}", answer.body))
}

#[test]
fn a_changed_definition_is_deployed_beside_a_running_server_and_a_broken_one_is_not() {
    let scratch = Scratch::new("executable");
    let data = scratch.path().join("data");
    let server = Server::start("demo", &data);
    let mut visitor = Browserless::at(&server.address);
    visitor.sign_in("chenjie", &server.password_of("chenjie")).expect("the server answers");
    let old = reported(&mut visitor);

    let broken = scratch.path().join("broken.flow");
    let text = incident_source().replacen("task triage", "task triaje", 1).replacen("role service_desk", "rol desk", 1);
    std::fs::write(&broken, text).expect("the folder is writable");
    let refused = deploy(&broken, &data);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("broken.flow:") && said(&refused).contains("error[T"), "{}", said(&refused));
    let check = Command::new(executable()).arg("check").arg(&broken).output().expect("it runs");
    assert!(!check.status.success());

    let disagreeing = scratch.path().join("disagreeing.flow");
    let text = incident_source().replacen("due in 15 minutes", "due in 45 minutes", 1);
    std::fs::write(&disagreeing, text).expect("the folder is writable");
    let refused = deploy(&disagreeing, &data);
    assert!(!refused.status.success() && said(&refused).contains("example"), "{}", said(&refused));

    let changed = scratch.path().join("changed.flow");
    let text = incident_source().replacen("\"Affected CIs\"", "\"What is affected\"", 1);
    std::fs::write(&changed, text).expect("the folder is writable");
    let done = deploy(&changed, &data);
    assert!(done.status.success() && said(&done).contains("version 2"), "{}", said(&done));

    let numbered_alike = scratch.path().join("numbered_alike.flow");
    let text = include_str!("../../dsl/manual/frame.flow").replacen("REQ-{year}-{seq:6}", "INC-{year}-{seq:4}", 1);
    std::fs::write(&numbered_alike, text).expect("the folder is writable");
    let refused = deploy(&numbered_alike, &data);
    let why = "the numbers of `request` (\"INC-{year}-{seq:4}\") can be those of `incident` too";
    assert!(!refused.status.success() && said(&refused).contains(why), "{}", said(&refused));

    let new = reported(&mut visitor);
    let mut page = |path: &str| visitor.get(path).expect("the server answers").body;
    let version = |body: &str| ["第 1 版", "第 2 版"].into_iter().find(|word| body.contains(word));
    let (before, after) = (page(&old), page(&new));
    assert!(version(&before).is_some_and(|word| word == "第 1 版"), "{before}");
    assert!(version(&after).is_some_and(|word| word == "第 2 版"), "{after}");
    assert!(tiaoli(&["doctor"], &data).status.success());
    let nowhere = tiaoli(&["doctor"], &scratch.path().join("nowhere"));
    assert!(!nowhere.status.success(), "the doctor blesses nothing that is not there");
}

#[test]
fn fmt_lays_files_out_and_with_check_only_names_them() {
    let scratch = Scratch::new("fmt");
    let file = scratch.path().join("incident.flow");
    let tidy = incident_source();
    std::fs::write(&file, tidy.replacen("  owner      incident_manager", "owner   incident_manager", 1))
        .expect("writable");
    let fmt = |arguments: &[&str]| {
        Command::new(executable()).arg("fmt").args(arguments).arg(scratch.path()).output().expect("it runs")
    };
    let checked = fmt(&["--check"]);
    assert!(!checked.status.success() && said(&checked).contains("incident.flow"), "{}", said(&checked));
    assert_ne!(std::fs::read_to_string(&file).expect("readable"), tidy);
    assert!(fmt(&[]).status.success());
    assert_eq!(std::fs::read_to_string(&file).expect("readable"), tidy);
    let checked = fmt(&["--check"]);
    assert!(checked.status.success() && said(&checked).is_empty(), "{}", said(&checked));
}

#[test]
fn a_request_and_what_it_did_are_found_in_the_log_by_its_identity() {
    let scratch = Scratch::new("log");
    let (data, log) = (scratch.path().join("data"), scratch.path().join("log"));
    let server = Server::start_logging("demo", &data, &log);
    let mut visitor = Browserless::at(&server.address);
    visitor.sign_in("chenjie", &server.password_of("chenjie")).expect("the server answers");
    let token = visitor.get("/portal/report").expect("the server answers").field("_token").expect("it has a token");
    let mut visitor = visitor.behind_proxy("proxy-7.1");
    let answer = visitor.post("/portal/report", &report(&token)).expect("the server answers");
    let record = answer.location.unwrap_or_else(|| panic!("{}", answer.body));
    server.kill();

    let text = std::fs::read_to_string(&log).expect("it is text");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|problem| panic!("{problem}: {line}")))
        .collect();
    let of_request = |line: &&Value| line["request"] == "proxy-7.1" || line["span"]["request"] == "proxy-7.1";
    let lines: Vec<&Value> = lines.iter().filter(of_request).collect();
    let [command, answered] = lines[..] else { panic!("a command and an answer: {lines:?}") };
    let number = record.trim_start_matches("/records/");
    let store = Store::open(&data).expect("it opens");
    let person = store.person_by_sign_in("chenjie").expect("it reads").expect("she reported it").id;
    let id = store.instance_of_number(number).expect("it reads").expect("it was reported");
    assert_eq!(
        (&command["message"], &command["command"], &command["result"]),
        (&"command".into(), &"start".into(), &"done".into())
    );
    assert_eq!(command["instance"], id.to_string(), "{command}");
    assert_eq!((command["number"].as_str(), command["person"].as_str()), (Some(number), Some(person.as_str())));
    assert_eq!((answered["message"].as_str(), answered["status"].as_u64()), (Some("answered"), Some(303)));
    assert_eq!(
        (answered["path"].as_str(), answered["person"].as_str()),
        (Some("/portal/report"), Some(person.as_str()))
    );
    assert!(!text.contains("No sound"), "what was typed is nobody's to read in a log");
}

/// A process that says what the language knows and the engine does not do yet.
const AHEAD: &str = r#"process ahead "Ahead" zh "超前" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "AHD-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record { what text max 200 "What" zh "内容" }
  start by anyone asks what
  notify requester with template news by sms
  end closed "Closed" zh "已关闭"
}
notice news "{what} is here" zh "{what}已到"
"#;

#[test]
fn a_definition_that_says_what_the_engine_cannot_run_yet_is_not_deployed() {
    let scratch = Scratch::new("ahead");
    drop(organisation(&scratch, Arc::new(SystemClock)));
    let file = scratch.path().join("ahead.flow");
    std::fs::write(&file, AHEAD).expect("the folder is writable");
    let who = ["--author", "dora", "--approver", "mona", "--reason", "tests", "--change", "CHG-2"];
    let file = file.to_str().expect("the folder's name is text");
    let refused = tiaoli(&[&["deploy", file], &who[..]].concat(), scratch.path());
    assert!(!refused.status.success());
    let line = AHEAD.lines().position(|line| line.contains("by sms")).expect("it is written") + 1;
    for part in ["nothing was deployed", "the engine cannot run this yet", "sms", &format!("line {line}")] {
        assert!(said(&refused).contains(part), "{part}\n{}", said(&refused));
    }
    let store = Store::open(scratch.path()).expect("it opens");
    assert!(store.definitions().expect("it reads").iter().all(|row| row.process != *"ahead"));
}
