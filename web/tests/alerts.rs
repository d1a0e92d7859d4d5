//! Alerts come in from Alertmanager: the bodies of a real one, and bodies that nobody wants.

mod desk;

use std::collections::BTreeSet;
use std::sync::Arc;

use desk::machine::{Machine, machine};
use desk::{Desk, staffed};
use engine::command::Command;
use engine::definition::Labels;
use engine::directory::{Entry, Standing};
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::{Instance, Status};
use engine::value::{Fields, Value as Held};
use serde_json::{Value, json};

/// A firing and a resolved body of a real Alertmanager.
const CAPTURED: &str = include_str!("../../tests/data/alerts/alertmanager-0.25-webhook-v4.jsonl");
const INTAKE: &str = "alerts/alertmanager";

fn name(text: &str) -> Name {
    Name::from(text)
}

fn captured() -> (String, String) {
    let mut bodies = CAPTURED.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned);
    (bodies.next().expect("one fires"), bodies.next().expect("one is resolved"))
}

/// The desk with the packaged incident process, the service of the captured alerts, and who sends them.
fn watched() -> Desk {
    let desk = staffed();
    let (store, now) = (desk.runtime.store(), desk.runtime.now());
    let fields = Fields::from([
        (name("support_team"), Held::Ref(name("network"))),
        (name("calendar"), Held::Ref(name("office"))),
    ]);
    let platform = Entry { labels: Labels::new("The platform", "平台"), fields };
    store.put_entry("service", &name("platform"), &platform, &name("root"), now).expect("it is kept");
    let of_mail = Fields::from([(name("service"), Held::Ref(name("mail")))]);
    let mx = Entry { labels: Labels::new("MX 1", "邮件网关 1"), fields: of_mail };
    store.put_entry("configuration_item", &name("mx1"), &mx, &name("root"), now).expect("it is kept");
    for (person, roles) in [("dora", &["worker", "monitoring"][..]), ("emil", &["worker"])] {
        let roles = roles.iter().copied().map(Name::from).collect::<BTreeSet<_>>();
        let standing = Standing { roles, ..Standing::default() };
        store.set_standing(&name(person), &standing, &name("root"), now, "a machine").expect("it is kept");
    }
    desk.runtime.reload_directory().expect("it reads");
    let packaged = processes::packaged().iter().find(|packaged| packaged.name == "incident").expect("it is packaged");
    desk.deploy(packaged.source);
    desk
}

async fn monitor(desk: &Desk) -> Machine {
    machine(desk, "dora").await
}

/// An alert of these labels.
fn alert(status: &str, fingerprint: &str, started: &str, labels: &Value) -> Value {
    json!({
        "status": status, "labels": labels, "annotations": {}, "startsAt": started, "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://p/graph", "fingerprint": fingerprint
    })
}

fn body(group: &str, alerts: &[Value]) -> String {
    json!({ "version": "4", "groupKey": group, "truncatedAlerts": 0, "receiver": "itsm", "alerts": alerts }).to_string()
}

async fn sent(machine: &Machine, body: impl Into<String>) -> Vec<(String, Option<String>)> {
    let (status, said) = machine.post(INTAKE, body).await;
    assert_eq!(status, 200, "{said}");
    outcomes(&said)
}

fn outcomes(said: &Value) -> Vec<(String, Option<String>)> {
    let lines = said["alerts"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    lines.iter().map(|line| (text(&line["outcome"]).expect("each has one"), text(&line["record"]))).collect()
}

fn id_of(desk: &Desk, number: &str) -> InstanceId {
    desk.runtime.store().instance_of_number(number).expect("readable").expect("there is one")
}

fn record(desk: &Desk, number: &str) -> Arc<Instance> {
    desk.runtime.load(id_of(desk, number)).expect("readable").expect("there is one").instance
}

fn field(desk: &Desk, number: &str, field: &str) -> Held {
    record(desk, number).fields().get(&name(field)).cloned().unwrap_or(Held::Nothing)
}

/// Anna of the service desk accepts an incident.
fn accept(desk: &Desk, number: &str) {
    complete(desk, "anna", number, "triage", "accept", Fields::new());
}

fn complete(desk: &Desk, by: &str, number: &str, step: &str, outcome: &str, fields: Fields) {
    let record = record(desk, number);
    let task = record.tasks().iter().find(|task| task.step == *step).expect("it is open").id;
    let command = Command::Complete { task, outcome: name(outcome), fields, reason: None };
    desk.runtime.execute(record.id(), Actor::Person(name(by)), command).expect("the form fits");
}

fn outcome_of(record: &Instance) -> Option<String> {
    match record.status() {
        Status::Ended { outcome, .. } => Some(outcome.to_string()),
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => None,
    }
}

#[actix_web::test]
async fn a_real_alert_opens_one_incident_however_often_it_is_sent_and_resolves_it_by_clearing() {
    let desk = watched();
    let monitor = monitor(&desk).await;
    let (firing, resolved) = captured();
    let first = sent(&monitor, &*firing).await;
    let [(outcome, Some(number))] = &first[..] else { panic!("{first:?}") };
    assert_eq!(outcome, "opened");
    assert_eq!(sent(&monitor, &*firing).await, [("already_open".to_owned(), Some(number.clone()))]);
    let text = |held: Held| match held {
        Held::Text(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(field(&desk, number, "summary")), "127.0.0.1:9799 down");
    assert_eq!(field(&desk, number, "service"), Held::Ref(name("platform")));
    assert_eq!(field(&desk, number, "urgency"), Held::Choice(name("high")), "critical is urgent");
    assert_eq!(field(&desk, number, "channel"), Held::Choice(name("monitoring")));
    assert_eq!(text(field(&desk, number, "alert_group")), "{}:{alertname=\"ServiceDown\"}");
    let details = text(field(&desk, number, "details"));
    assert!(details.contains("- job: platform") && details.contains("http://vm:9790/graph"), "{details}");

    assert_eq!(sent(&monitor, &*resolved).await, [("resolved".to_owned(), Some(number.clone()))]);
    let over = record(&desk, number);
    assert_eq!(outcome_of(&over).as_deref(), Some("closed"));
    assert_eq!(text(field(&desk, number, "cause")), "cleared by monitoring");
    assert_eq!(field(&desk, number, "resolution_code"), Held::Choice(name("cleared")));
    for repeated in [&resolved, &firing] {
        assert_eq!(sent(&monitor, &**repeated).await, [("over".to_owned(), Some(number.clone()))]);
    }
    let anew = firing.replace("2026-11-23T05:36:45.882Z", "2026-11-23T07:00:00Z");
    let second = sent(&monitor, &*anew).await;
    assert!(second[0].0 == "opened" && second[0].1.as_ref() != Some(number), "it fires anew: {second:?}");
    assert_eq!(sent(&monitor, &*resolved).await, [("over".to_owned(), Some(number.clone()))], "of the first firing");
}

#[actix_web::test]
async fn an_alert_that_clears_while_somebody_works_on_it_is_said_at_the_task_and_confirms_the_solution() {
    let desk = watched();
    let monitor = monitor(&desk).await;
    let (firing, resolved) = captured();
    let number = sent(&monitor, &*firing).await.remove(0).1.expect("it is opened");
    accept(&desk, &number);
    let noted = Some(number.clone());
    let bao = name("bao");
    desk.runtime.store().watch(&bao, id_of(&desk, &number), desk.runtime.now()).expect("it is kept");
    assert_eq!(sent(&monitor, &*resolved).await, [("noted".to_owned(), noted.clone())]);
    assert_eq!(sent(&monitor, &*resolved).await, [("already_cleared".to_owned(), noted.clone())]);
    desk.runtime.perform_owed().expect("the store is there");
    let told = desk.runtime.store().notifications(&bao, 20).expect("it reads");
    let cleared = format!("Dora Qian sent “Alert cleared” to {number}, which you watch");
    assert_eq!(told.iter().filter(|notice| notice.text.en == cleared).count(), 1, "{told:?}");
    assert!(!field(&desk, &number, "cleared_at").is_empty());
    assert!(field(&desk, &number, "cause").is_empty(), "nobody's work is ended for them");

    let mut bao = desk::browser::Browser::of(&desk, "bao").await;
    let task = desk.task(&number, "resolve");
    let page = bao.get(&task).await.body;
    assert!(page.contains("Alert cleared at"), "its task says so: {page}");

    let anew = firing.replace("2026-11-23T05:36:45.882Z", "2026-11-23T07:00:00Z");
    assert_eq!(sent(&monitor, &*anew).await, [("fires_again".to_owned(), noted.clone())]);
    assert_eq!(sent(&monitor, &*anew).await, [("already_open".to_owned(), noted.clone())]);
    assert!(field(&desk, &number, "cleared_at").is_empty());
    assert_eq!(sent(&monitor, &*resolved).await, [("ignored".to_owned(), None)], "that was the firing before");

    let resolution = Fields::from([
        (name("resolution"), Held::Text("restarted".to_owned())),
        (name("cause"), Held::Text("a leak".to_owned())),
        (name("items"), Held::List(vec![Held::Ref(name("mx1"))])),
    ]);
    complete(&desk, "bao", &number, "resolve", "fixed", resolution);
    assert_eq!(outcome_of(&record(&desk, &number)), None, "monitoring has not confirmed it");
    let over = resolved.replace("05:36:45.882Z", "07:00:00Z").replace("05:36:49.882Z", "07:30:00Z");
    assert_eq!(sent(&monitor, &*over).await, [("resolved".to_owned(), noted)]);
    assert_eq!(field(&desk, &number, "closure_code"), Held::Choice(name("cleared")));
    assert_eq!(field(&desk, &number, "resolution_code"), Held::Choice(name("repaired")));
}

#[actix_web::test]
async fn alerts_of_a_group_are_incidents_that_know_of_each_other() {
    let desk = watched();
    let monitor = monitor(&desk).await;
    let of = |fingerprint: &str, instance: &str| {
        let labels = json!({ "alertname": "Disk", "instance": instance, "severity": "warning" });
        alert("firing", fingerprint, "2026-09-18T09:00:00Z", &labels)
    };
    let storm =
        body("{}:{alertname=\"Disk\"}", &[of("a", "mx1:9100"), of("b", "MX1.example.net"), of("a", "mx1:9100")]);
    let opened = sent(&monitor, storm).await;
    let [(first, Some(one)), (second, Some(two)), (third, again)] = &opened[..] else { panic!("{opened:?}") };
    assert_eq!((&**first, &**second, &**third), ("opened", "opened", "already_open"));
    assert_eq!(again.as_ref(), Some(one));
    assert_eq!(field(&desk, two, "same_group"), Held::List(vec![Held::Ref(name(one))]));
    assert!(field(&desk, one, "same_group").is_empty());
    assert_eq!(field(&desk, one, "items"), Held::List(vec![Held::Ref(name("mx1"))]), "the host is an item");
    assert_eq!(field(&desk, one, "service"), Held::Ref(name("mail")), "and it is of a service");
    let elsewhere = sent(&monitor, body("{}:{alertname=\"Other\"}", &[of("c", "mx1")])).await;
    assert!(field(&desk, elsewhere[0].1.as_ref().expect("opened"), "same_group").is_empty());
}

#[actix_web::test]
async fn what_cannot_be_an_incident_is_a_line_with_the_reason_and_keeps_nothing_else_out() {
    let desk = watched();
    let monitor = monitor(&desk).await;
    let started = "2026-09-18T09:00:00Z";
    let labelled = |labels: Value| alert("firing", "f", started, &labels);
    let good = alert("firing", "good", started, &json!({ "service": "企业邮箱", "unknown": "标签\n\u{0}x" }));
    let bad = [
        labelled(json!({})),
        labelled(json!({ "service": "nowhere" })),
        labelled(json!({ "service": 7 })),
        alert("pending", "p", started, &json!({ "service": "mail" })),
        alert("firing", "", started, &json!({ "service": "mail" })),
        alert("firing", &"f".repeat(101), started, &json!({ "service": "mail" })),
        alert("firing", "t", "yesterday", &json!({ "service": "mail" })),
        json!({}),
        json!("an alert"),
    ];
    let mut all = bad.to_vec();
    all.push(good);
    let (status, said) = monitor.post(INTAKE, body("g", &all)).await;
    assert_eq!(status, 200, "{said}");
    let lines = said["alerts"].as_array().expect("a list");
    for line in &lines[..bad.len()] {
        let why = line["message"].as_str().unwrap_or_default();
        assert!(line["outcome"] == "refused" && line["record"].is_null() && !why.is_empty(), "{line}");
    }
    assert!(lines[0]["message"].as_str().expect("a reason").contains("?service="), "{}", lines[0]);
    assert!(lines[1]["message"].as_str().expect("a reason").contains("nowhere"), "{}", lines[1]);
    assert_eq!(lines[bad.len()]["outcome"], "opened", "a name in Chinese is as good as a key: {said}");

    let by_default = monitor.post(&format!("{INTAKE}?service=mail"), body("g", &[labelled(json!({}))])).await;
    assert_eq!(outcomes(&by_default.1)[0].0, "opened", "{by_default:?}");
    let by_wrong = alert("firing", "w", started, &json!({}));
    let by_wrong = monitor.post(&format!("{INTAKE}?service=nothing"), body("g", &[by_wrong])).await;
    assert_eq!(outcomes(&by_wrong.1)[0].0, "refused", "{by_wrong:?}");

    let never_seen = alert("resolved", "unseen", started, &json!({ "service": "mail" }));
    assert_eq!(sent(&monitor, body("g", &[never_seen])).await, [("ignored".to_owned(), None)]);
    let first = alert("firing", "unseen", started, &json!({ "service": "mail" }));
    assert_eq!(sent(&monitor, body("g", &[first])).await[0].0, "opened", "resolved came before firing");
    assert_eq!(sent(&monitor, body("g", &[])).await, [], "nothing is nothing");
}

#[actix_web::test]
async fn a_body_that_is_not_readable_or_not_allowed_is_refused_as_a_whole() {
    let desk = watched();
    let monitor = monitor(&desk).await;
    let (firing, _) = captured();
    let code = |(status, said): (u16, Value)| (status, said["error"]["code"].as_str().unwrap_or_default().to_owned());
    let unreadable =
        ["", "{", "[]", "null", "{}", "{\"alerts\": 3}", &firing.replace("\"version\":\"4\"", "\"version\":\"3\"")];
    for wrong in unreadable {
        assert_eq!(code(monitor.post(INTAKE, wrong).await), (400, "not_readable".to_owned()), "{wrong}");
    }
    let many = format!("{{\"alerts\":[{}1]}}", "1,".repeat(20_000));
    assert_eq!(code(monitor.post(INTAKE, many).await), (400, "not_readable".to_owned()));
    let deep = format!("{{\"alerts\":{}", "[".repeat(100_000));
    assert_eq!(code(monitor.post(INTAKE, deep).await), (400, "not_readable".to_owned()));
    let huge = format!("{{\"alerts\":[],\"x\":\"{}\"}}", "x".repeat(17 * 1024 * 1024));
    assert_eq!(code(monitor.post(INTAKE, huge).await), (413, "too_large".to_owned()));
    let nobody = Machine::with(&desk, None);
    assert_eq!(code(nobody.post(INTAKE, &*firing).await), (401, "token_missing".to_owned()));
    let emil = machine(&desk, "emil").await;
    assert_eq!(code(emil.post(INTAKE, &*firing).await), (403, "not_monitoring".to_owned()));
}

#[actix_web::test]
async fn a_storm_comes_in_by_pieces_and_loses_nothing() {
    let desk = watched();
    let monitor = monitor(&desk).await;
    let long = "x".repeat(3_000);
    let storm = (0..201).map(|at| {
        let labels = json!({ "service": "mail", "alertname": "Storm", "noise": long });
        alert("firing", &format!("s{at}"), "2026-09-18T09:00:00Z", &labels)
    });
    let storm = storm.collect::<Vec<_>>();
    let mut body: Value = serde_json::from_str(&body("storm", &storm)).expect("it is JSON");
    body["truncatedAlerts"] = json!(12);
    let body = body.to_string();
    assert!(body.len() > 512 * 1024, "larger than other calls may be");
    let (status, said) = monitor.post(INTAKE, &*body).await;
    assert_eq!(status, 503, "the rest is wanted again");
    let of = |said: &Value, wanted: &str| outcomes(said).iter().filter(|(outcome, _)| outcome == wanted).count();
    assert_eq!((of(&said, "opened"), of(&said, "later"), &said["truncated"]), (200, 1, &json!(12)));
    let (status, said) = monitor.post(INTAKE, body).await;
    assert_eq!((status, of(&said, "opened"), of(&said, "already_open")), (200, 1, 200));
    let number = said["alerts"][200]["record"].as_str().expect("it is opened").to_owned();
    let Held::Text(details) = field(&desk, &number, "details") else { panic!("no text") };
    assert!(details.contains("12 more alerts"), "{details}");
}
