//! What people say on a record, and who reads it.

mod desk;

use std::collections::BTreeSet;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::audience::Audience;
use engine::command::Command;
use engine::event::{Actor, Event};
use engine::ids::{InstanceId, Name};

const ASIDE: &str = "the caller broke it";

fn told(desk: &Desk) -> (String, InstanceId) {
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let id = desk.runtime.store().instance_of_number(&number).expect("it reads").expect("it is there");
    (number, id)
}

fn comments(desk: &Desk, id: InstanceId) -> Vec<(String, Audience)> {
    let history = desk.runtime.store().history(id).expect("it reads");
    let said = history.into_iter().flat_map(|entry| entry.events).filter_map(|event| match event {
        Event::Commented { text, audience, .. } => Some((text, audience)),
        _ => None,
    });
    said.collect()
}

#[actix_web::test]
async fn internal_comments_are_read_by_those_who_work_on_the_record_and_auditors_and_by_nobody_else() {
    let desk = staffed();
    let (number, id) = told(&desk);
    let (record, comment) = (format!("/records/{number}"), format!("/records/{number}/comment"));
    let (mut anna, mut dora) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "dora").await);
    let page = anna.get(&record).await.body;
    assert!(page.contains("name=\"audience\" value=\"internal\" checked"), "staff talk to staff at first: {page}");
    assert!(page.contains("Public: everybody who sees this record, the requester included"), "{page}");
    let page = dora.get(&record).await.body;
    assert!(!page.contains("name=\"audience\""), "{page}");
    assert!(page.contains("Everybody who sees this record will read it."), "{page}");

    assert_eq!(anna.post(&comment, &[("text", ASIDE), ("audience", "internal")]).await.status, 303);
    assert_eq!(anna.post(&comment, &[("text", "we look into it"), ("audience", "public")]).await.status, 303);
    assert_eq!(dora.post(&comment, &[("text", "thank you")]).await.status, 303);
    let refused = dora.post(&comment, &[("text", "psst"), ("audience", "internal")]).await;
    assert_eq!(refused.status, 422, "nobody writes what they could not read");
    let public = |text: &str| (text.to_owned(), Audience::Public);
    let all = [(ASIDE.to_owned(), Audience::Internal), public("we look into it"), public("thank you")];
    assert_eq!(comments(&desk, id), all);

    let task = desk.task(&number, "triage");
    for (person, path) in [
        ("anna", record.as_str()),
        ("otto", &record),
        ("root", &record),
        ("anna", &task),
        ("anna", &format!("{task}/peek")),
        ("otto", &format!("{record}/trace/print")),
    ] {
        let page = Browser::of(&desk, person).await.get(path).await;
        assert!(page.body.contains(ASIDE) && page.body.contains("we look into it"), "{person} {path}: {}", page.body);
        assert!(page.body.contains("Wrote an internal comment"), "{person} {path} {}", page.body);
    }
    for path in [&record, &format!("{record}/trace/print"), &format!("{record}/trace")] {
        let page = dora.get(path).await;
        assert!(page.status == 200 && !page.body.contains(ASIDE) && !page.body.contains("internal"), "{}", page.body);
    }
    let page = Browser::of(&desk, "bao").await.get(&record).await;
    assert!(page.status == 200 && !page.body.contains(ASIDE), "who only sees the record: {}", page.body);
    assert_eq!(Browser::of(&desk, "emil").await.get(&record).await.status, 404);
    assert_eq!(anna.post(&task, &[("outcome", "accept")]).await.status, 303);
    let page = Browser::of(&desk, "bao").await.get(&record).await;
    assert!(page.body.contains(ASIDE), "now there is a task of his: {}", page.body);
    desk.is_sound();
}

#[actix_web::test]
async fn an_internal_comment_stays_so_when_the_record_is_over() {
    let desk = staffed();
    let (number, id) = told(&desk);
    let aside = Command::Comment { text: ASIDE.to_owned(), audience: Audience::Internal, tells: BTreeSet::new() };
    desk.runtime.execute(id, Actor::Person(Name::from("anna")), aside).expect("she works on it");
    let mut anna = Browser::of(&desk, "anna").await;
    let form = [("outcome", "reject"), ("reason.reject", "spam"), ("reject.reason", "spam"), ("reason", "spam")];
    assert_eq!(anna.post(&desk.task(&number, "triage"), &form).await.status, 303);
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    assert!(record.is_ended());
    let page = format!("/records/{number}");
    for person in ["anna", "otto"] {
        assert!(Browser::of(&desk, person).await.get(&page).await.body.contains(ASIDE), "{person}");
    }
    for person in ["dora", "bao"] {
        assert!(!Browser::of(&desk, person).await.get(&page).await.body.contains(ASIDE), "{person}");
    }
}

#[actix_web::test]
async fn the_same_words_for_others_are_another_comment() {
    let desk = staffed();
    let (number, id) = told(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    for audience in ["internal", "public", "internal", "public"] {
        let form = [("text", "on it"), ("audience", audience), ("_shown", "1")];
        assert_eq!(anna.post(&format!("/records/{number}/comment"), &form).await.status, 303);
    }
    let audiences: Vec<Audience> = comments(&desk, id).into_iter().map(|(_, audience)| audience).collect();
    assert_eq!(audiences, [Audience::Internal, Audience::Public], "each once");
}

/// What a person was told, newest first.
fn notices(desk: &Desk, person: &str) -> Vec<String> {
    desk.runtime.perform_owed().expect("the store is there");
    let told = desk.runtime.store().notifications(&Name::from(person), 10).expect("it reads");
    let told = told.into_iter().map(|notice| format!("{} {} {}", notice.text.en, notice.text.zh, notice.link));
    told.filter(|notice| notice.contains("comment")).collect()
}

#[actix_web::test]
async fn whom_a_comment_names_is_told_if_they_may_read_it_and_nobody_is_told_otherwise() {
    let desk = staffed();
    let (number, id) = told(&desk);
    let comment = format!("/records/{number}/comment");
    let mut anna = Browser::of(&desk, "anna").await;
    let said =
        format!("Anna Li mentions you in a comment on {number} 李安娜在 {number} 的评论中提到了您 /records/{number}");
    let send = async |browser: &mut Browser, text: &str, audience: &str, tell: &str| {
        browser.post(&comment, &[("text", text), ("audience", audience), ("tell", tell)]).await
    };
    let page = anna.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("<option value=\"mei\">Mei Zhou</option>"), "{page}");
    assert!(!page.contains("<option value=\"emil\">") && !page.contains("<option value=\"anna\">"), "{page}");

    let done = send(&mut anna, "@mei and @王宝看一下, a@dora.example, @nobody", "public", "").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let said_after = anna.get(&format!("/records/{number}")).await.body;
    assert!(said_after.contains("told: Bao Wang, Mei Zhou; nobody is called @nobody"), "{said_after}");
    assert_eq!((notices(&desk, "mei"), notices(&desk, "bao")), (vec![said.clone()], vec![said.clone()]));
    assert_eq!((notices(&desk, "dora"), notices(&desk, "anna")), (vec![], vec![]));
    let page = anna.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("Commented and told Bao Wang, Mei Zhou"), "{page}");

    assert_eq!(send(&mut anna, "@Anna Li myself", "public", "dora").await.status, 303);
    assert_eq!(
        (notices(&desk, "dora"), notices(&desk, "anna")),
        (vec![said.clone()], vec![]),
        "nobody of their own act"
    );

    let before = comments(&desk, id).len();
    for (text, audience, tell, who) in [
        ("@Dora Qian", "internal", "", "Dora Qian"),
        ("look", "internal", "dora", "Dora Qian"),
        ("@bao", "internal", "", "Bao Wang"),
        ("@emil", "public", "", "Emil Sun"),
    ] {
        let refused = send(&mut anna, text, audience, tell).await;
        let why = format!("{who} may not read this comment, so they cannot be told of it.");
        assert!(refused.status == 422 && refused.body.contains(&why), "{why}: {}", refused.body);
        assert!(refused.body.contains(&format!(">{text}</textarea>")), "what was typed stays: {}", refused.body);
    }
    assert_eq!(comments(&desk, id).len(), before, "nothing was written");
    assert_eq!((notices(&desk, "emil"), notices(&desk, "dora").len()), (vec![], 1));

    assert_eq!(send(&mut anna, "@mei between us", "internal", "otto").await.status, 303, "an auditor reads all");
    assert_eq!((notices(&desk, "mei").len(), notices(&desk, "otto").len()), (2, 1));
    let page = Browser::of(&desk, "dora").await.get(&format!("/records/{number}")).await.body;
    assert!(!page.contains("between us") && !page.contains("Otto Zheng"), "{page}");
    let many: String = (0..21).map(|_| "@mei ").collect();
    assert_eq!(send(&mut anna, &many, "public", "").await.status, 303, "the same person is told once");
    assert_eq!(notices(&desk, "mei").len(), 3);
    desk.is_sound();
}

/// What a page follows, as its script reads it.
fn followed(body: &str) -> String {
    let held = body.split("data-live=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the page follows");
    format!("/live?{}", held.replace("&#x3D;", "=").replace("&amp;", "&"))
}

#[actix_web::test]
async fn who_does_not_read_an_internal_comment_is_not_told_that_the_record_changed() {
    let desk = staffed();
    let (number, id) = told(&desk);
    let mut dora = Browser::of(&desk, "dora").await;
    let anna = dora.beside("anna").await;
    let follows = followed(&dora.get(&format!("/records/{number}")).await.body);
    let say = |audience: Audience| {
        let comment = Command::Comment { text: ASIDE.to_owned(), audience, tells: BTreeSet::new() };
        desk.runtime.execute(id, Actor::Person(Name::from("anna")), comment).expect("she works on it");
    };
    say(Audience::Internal);
    assert!(!dora.follow(&follows).await.1.contains("changed"));
    assert!(anna.follow(&follows).await.1.contains("This record was changed meanwhile."));
    say(Audience::Public);
    assert!(dora.follow(&follows).await.1.contains("This record was changed meanwhile."));
}

#[actix_web::test]
async fn what_is_refused_stays_with_its_audience() {
    let desk = staffed();
    let (number, _) = told(&desk);
    let mut anna = Browser::of(&desk, "anna").await;
    let form = [("text", " "), ("audience", "public")];
    let refused = anna.post(&format!("/records/{number}/comment"), &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("name=\"audience\" value=\"public\" checked"), "{}", refused.body);
}

#[test]
fn comments_of_before_keep_their_bytes() {
    let bytes = r#"{"commented":{"text":"没有邮件"}}"#;
    let event: Event = serde_json::from_str(bytes).expect("it was written before comments had an audience");
    assert_eq!(
        event,
        Event::Commented { text: "没有邮件".to_owned(), audience: Audience::Public, tells: BTreeSet::new() }
    );
    assert_eq!(serde_json::to_string(&event).expect("it is plain data"), bytes);
}

/// Whom the list behind `@` offers: what each would write.
async fn offered(browser: &mut Browser, number: &str, query: &str) -> Vec<String> {
    let answer = browser.get(&format!("/records/{number}/readers?{query}")).await;
    assert_eq!(answer.status, 200, "{query}");
    let written = answer.body.split("data-written=\"").skip(1);
    written.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[actix_web::test]
async fn who_can_be_named_is_found_by_name_key_and_sound_as_far_as_they_may_read() {
    let desk = staffed();
    let (number, _) = told(&desk);
    let (mut anna, mut dora) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "dora").await);
    for (query, expected) in [
        ("q=mei", vec!["@Mei Zhou"]),
        ("q=Zhou", vec!["@Mei Zhou"]),
        ("q=zm", vec!["@Mei Zhou"]),
        ("q=%E5%91%A8", vec!["@Mei Zhou"]),
        ("q=bao&audience=public", vec!["@Bao Wang"]),
        ("q=bao&audience=internal", vec![]),
        ("q=dora", vec!["@Dora Qian"]),
        ("q=dora&audience=internal", vec![]),
        // Who is no reader, oneself, nobody.
        ("q=emil", vec![]),
        ("q=anna", vec![]),
        ("q=nobody", vec![]),
    ] {
        assert_eq!(offered(&mut anna, &number, query).await, expected, "{query}");
    }
    let all = offered(&mut anna, &number, "q=").await;
    assert!(all.contains(&"@Bao Wang".to_owned()) && !all.contains(&"@Emil Sun".to_owned()), "{all:?}");
    assert_eq!(offered(&mut dora, &number, "q=anna").await, ["@Anna Li"]);
    anna.speak("zh-CN");
    assert_eq!(offered(&mut anna, &number, "q=wb").await, ["@王宝"], "in the language of the page");
    let page = Browser::of(&desk, "emil").await.get(&format!("/records/{number}/readers?q=mei")).await;
    assert_eq!(page.status, 404, "whoever may not see the record");
    let auditor = Browser::of(&desk, "otto").await.get(&format!("/records/{number}/readers?q=mei")).await;
    assert_eq!(auditor.status, 404, "whoever may not comment names nobody");
}

#[actix_web::test]
async fn of_two_with_one_name_each_is_named_by_key() {
    let desk = staffed();
    let (number, _) = told(&desk);
    let twin = store::PersonRow {
        id: Name::from("mei2"),
        sign_in: "mei2".to_owned(),
        name: engine::definition::Labels::new("Mei Zhou", "周湄"),
        email: String::new(),
        language: "en".to_owned(),
        state: store::PersonState::Active,
    };
    let (store, root, now) = (desk.runtime.store(), Name::from("root"), desk.runtime.now());
    store.put_person(&twin, &root, now).expect("it is kept");
    let standing = desk.runtime.directory().standing(&Name::from("mei")).expect("she is there").clone();
    store.set_standing(&twin.id, &standing, &root, now, "a test").expect("it is kept");
    let entry = engine::directory::Entry { labels: twin.name.clone(), fields: engine::value::Fields::new() };
    store.put_entry("person", &twin.id, &entry, &root, now).expect("it is kept");
    desk.runtime.reload_directory().expect("it reads");
    let mut anna = Browser::of(&desk, "anna").await;
    let mut written = offered(&mut anna, &number, "q=mei+zhou").await;
    written.sort();
    assert_eq!(written, ["@mei", "@mei2"]);
}
