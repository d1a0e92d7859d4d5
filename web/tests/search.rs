//! Search across everything, through the page: what is found, by what, and what is not.

mod desk;

use std::collections::BTreeSet;

use desk::browser::{Answer, Browser};
use desk::{Desk, linked, staffed};
use engine::audience::Audience;
use engine::command::Command;
use engine::definition::Labels;
use engine::directory::Entry;
use engine::event::Actor;
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::StartOrder;

/// Every record is found by its words.
fn searchable(desk: &Desk) {
    while desk.runtime.search_some().expect("words can be worked out") > 0 {}
}

async fn search(browser: &mut Browser, question: &str) -> Answer {
    let answer = browser.get(&address(question, "")).await;
    assert_eq!(answer.status, 200, "{question}: {}", answer.body);
    answer
}

fn address(question: &str, more: &str) -> String {
    let encoded: String = question.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/search?q={encoded}{more}")
}

/// The numbers of the records that a page shows, in its order.
fn numbers(answer: &Answer) -> Vec<String> {
    let hits = answer.body.split("class=\"card hit\"").skip(1);
    let number = |hit: &str| {
        let link = hit.split("href=\"/records/").nth(1).and_then(|rest| rest.split('"').next());
        link.expect("a record leads somewhere").to_owned()
    };
    hits.map(number).collect()
}

fn detailed(desk: &Desk, by: &str, summary: &str, details: &str) -> String {
    let text = |text: &str| Value::Text(text.to_owned());
    let fields = Fields::from([
        (Name::from("summary"), text(summary)),
        (Name::from("details"), text(details)),
        (Name::from("service"), Value::Ref(Name::from("mail"))),
        (Name::from("impact"), Value::Choice(Name::from("low"))),
        (Name::from("urgency"), Value::Choice(Name::from("low"))),
    ]);
    let order = StartOrder { process: Name::from("incident"), by: Name::from(by), on_behalf_of: None, fields };
    desk.runtime.start(order).expect("the form fits").instance.number().to_owned()
}

#[actix_web::test]
async fn records_are_found_by_two_characters_a_number_a_word_in_any_width_and_script() {
    let desk = staffed();
    let printer = detailed(&desk, "dora", "三楼打印机故障", "打印机编号 HP-4711，卡纸");
    let tunnel = detailed(&desk, "emil", "The VPN tunnel breaks down", "Every 15 minutes, since Café moved");
    searchable(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    for (question, found) in [
        ("故障", &printer),
        ("卡纸", &printer),
        ("打印機", &printer),
        ("卡", &printer),
        ("打印机故障", &printer),
        ("打印，故障", &printer),
        ("4711", &printer),
        ("４７１１", &printer),
        ("hp-4711", &printer),
        ("tunnel", &tunnel),
        ("ＶＰＮ TUNN", &tunnel),
        ("cafe\u{301}", &tunnel),
    ] {
        assert_eq!(numbers(&search(&mut anna, question).await), std::slice::from_ref(found), "{question}");
    }
    for nothing in ["障机", "印机打", "unnel", "故障 vpn", "\"' OR \\", "a* AND", "@role:staff"] {
        assert_eq!(numbers(&search(&mut anna, nothing).await), [] as [&str; 0], "{nothing}");
    }
    assert!(search(&mut anna, "印机打").await.body.contains("Nothing found for “印机打”"));
    let page = search(&mut anna, "打印機").await.body;
    assert!(page.contains("三楼<mark>打印机</mark>故障"), "what was asked for is marked: {page}");
    assert!(page.contains("<mark>打印机</mark>编号"), "with what stands around it: {page}");
    let page = search(&mut anna, "<b>故障</b>").await.body;
    assert!(!page.contains("<b>"), "what was typed is text: {page}");
}

#[actix_web::test]
async fn a_number_leads_to_its_record_at_once() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut anna = Browser::of(&desk, "anna").await;
    for typed in [number.clone(), number.to_lowercase(), format!(" {} ", number.replace('2', "２"))] {
        let answer = anna.get(&address(&typed, "")).await;
        assert_eq!((answer.status, answer.location), (303, format!("/records/{number}")), "{typed}");
    }
    let page = search(&mut anna, "mail").await;
    assert_eq!(numbers(&page), [] as [&str; 0], "its words follow");
    assert!(page.body.contains("some may be missing"), "and the page says so: {}", page.body);
    searchable(&desk);
    let page = search(&mut anna, "mail").await;
    assert_eq!(numbers(&page), std::slice::from_ref(&number));
    assert!(!page.body.contains("some may be missing"));
    let short = number.trim_start_matches("INC-2026-").trim_start_matches('0');
    assert_eq!(numbers(&search(&mut anna, short).await), [number], "the end of the number, without its zeros");
}

#[actix_web::test]
async fn what_one_may_not_see_is_not_found_whatever_is_asked() {
    let desk = staffed();
    desk.confide("details", "incident_manager");
    let number = detailed(&desk, "dora", "Salaries are visible to all", "Pseudonym: Nightingale");
    let own = detailed(&desk, "emil", "Salaries are late", "since Friday");
    searchable(&desk);
    let mut emil = Browser::of(&desk, "emil").await;
    assert_eq!(numbers(&search(&mut emil, "salaries").await), [own], "only the one of his own");
    for question in ["visible", "dora", "qd", number.as_str()] {
        let found = search(&mut emil, question).await;
        assert_eq!(numbers(&found), [] as [&str; 0], "{question}");
        assert!(!found.body.contains("Salaries are visible"), "{}", found.body);
    }
    let unknown = search(&mut emil, "nothing-like-it").await.body.replace("nothing-like-it", "visible");
    let main = |body: &str| body.split("<main").nth(1).unwrap_or_default().to_owned();
    assert_eq!(main(&search(&mut emil, "visible").await.body), main(&unknown), "as what is not there");
    let mut otto = Browser::of(&desk, "otto").await;
    assert_eq!(numbers(&search(&mut otto, "visible").await), [number]);
    for who in ["otto", "mei", "anna"] {
        let mut reader = Browser::of(&desk, who).await;
        let found = search(&mut reader, "nightingale").await;
        assert_eq!(
            numbers(&found),
            [] as [&str; 0],
            "{who}: what is not for all who see the record is not looked through"
        );
    }
}

#[actix_web::test]
async fn people_and_entries_are_found_by_name_initials_and_pinyin() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    searchable(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    for question in ["钱朵", "qdl", "qianduola", "qianduo", "dora", "Qian"] {
        let found = search(&mut anna, question).await;
        assert!(found.body.contains("Person</h2>"), "{question}: {}", found.body);
        assert_eq!(numbers(&found), std::slice::from_ref(&number), "{question}: what she asked for");
    }
    let entries = search(&mut anna, "企业").await.body;
    assert!(entries.contains("href=\"/registers/service/mail\""), "{entries}");
    let entries = search(&mut anna, "qyyx").await.body;
    assert!(entries.contains("href=\"/registers/service/mail\""), "{entries}");
    let entry = Entry {
        labels: Labels::new("Outbox stuck", "重发队列卡住"),
        fields: Fields::from([(Name::from("workaround"), Value::Text("Restart the 邮件 spooler".to_owned()))]),
    };
    let store = desk.runtime.store();
    store.put_entry("known_error", &Name::from("ke-1"), &entry, &Name::from("root"), desk.runtime.now()).expect("kept");
    desk.runtime.reload_directory().expect("readable");
    for question in ["cfdl", "zfdl", "chongfa", "spooler", "outbox"] {
        let found = search(&mut anna, question).await.body;
        assert!(found.contains("href=\"/registers/known_error/ke-1\""), "{question}: {found}");
    }
    let narrowed = anna.get(&address("mail", "&kind=service")).await;
    assert!(numbers(&narrowed).is_empty() && narrowed.body.contains("/registers/service/mail"), "{}", narrowed.body);
    let mut emil = Browser::of(&desk, "emil").await;
    let found = search(&mut emil, "企业").await.body;
    assert!(found.contains("href=\"/portal/report?service&#x3D;mail\""), "who asks is led to the portal: {found}");
    let found = search(&mut emil, "spooler").await.body;
    assert!(!found.contains("Outbox") && !found.contains("/registers/"), "{found}");
}

#[actix_web::test]
async fn what_people_said_is_found_and_what_a_record_says_no_more_is_not() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let id = desk.runtime.store().instance_of_number(&number).expect("readable").expect("there is one");
    searchable(&desk);
    let comment = Command::Comment {
        text: "The spooler hangs, 假脱机卡死".to_owned(),
        audience: Audience::Public,
        tells: BTreeSet::new(),
    };
    desk.runtime.execute(id, Actor::Person(Name::from("anna")), comment).expect("she may");
    let aside = Command::Comment {
        text: "the caller is tiresome".to_owned(),
        audience: Audience::Internal,
        tells: BTreeSet::new(),
    };
    desk.runtime.execute(id, Actor::Person(Name::from("anna")), aside).expect("she may");
    let fields = Fields::from([(Name::from("summary"), Value::Text("No letters".to_owned()))]);
    let edit = Command::Edit { fields, reason: "said better".to_owned() };
    desk.runtime.execute(id, Actor::Person(Name::from("anna")), edit).expect("she may");
    searchable(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    for question in ["spooler", "卡死", "letters", "better"] {
        assert_eq!(numbers(&search(&mut anna, question).await), std::slice::from_ref(&number), "{question}");
    }
    assert_eq!(numbers(&search(&mut anna, "tiresome").await), [] as [&str; 0], "internal comments are not found");
    assert_eq!(numbers(&search(&mut anna, "no mail").await), [] as [&str; 0], "it says so no more");
}

#[actix_web::test]
async fn many_are_found_page_by_page_newest_first() {
    let desk = staffed();
    let mut all: Vec<String> = (0..45).map(|_| desk.report("dora", "No mail again", "mail", ("low", "low"))).collect();
    all.reverse();
    searchable(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    let glimpse = search(&mut anna, "again").await;
    assert_eq!(numbers(&glimpse), all[..5]);
    let mut next = address("again", "&kind=records");
    assert!(glimpse.body.contains("/search?q&#x3D;again&amp;kind&#x3D;records"), "{}", glimpse.body);
    let mut seen = Vec::new();
    for length in [20, 20, 5] {
        let page = anna.get(&next).await;
        let found = numbers(&page);
        assert_eq!(found.len(), length);
        seen.extend(found);
        let link = page.body.split("rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next());
        next = link
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
            .replace("&amp;", "&")
            .replace("&#x3D;", "=");
    }
    assert_eq!(seen, all);
    assert!(!next.starts_with("/search"), "nothing follows: {next}");
}

#[actix_web::test]
async fn a_person_who_was_erased_is_found_no_more() {
    let desk = staffed();
    linked::deploy(&desk);
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    searchable(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(numbers(&search(&mut anna, "qdl").await), [number]);
    let erasure = store::Erasure {
        person: Name::from("dora"),
        by: Name::from("root"),
        at: desk.runtime.now(),
        reason: "she asked for it".to_owned(),
    };
    let erased = desk.runtime.store().erase_person(&erasure);
    assert!(erased.is_ok(), "{erased:?}");
    desk.runtime.reload_directory().expect("readable");
    for question in ["qdl", "钱朵", "dora qian"] {
        assert_eq!(numbers(&search(&mut anna, question).await), [] as [&str; 0], "{question}");
    }
}
