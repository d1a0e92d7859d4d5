//! Forms that are sent twice, and forms that others have overtaken.

mod desk;

use std::collections::BTreeSet;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::audience::Audience;
use engine::command::{Command, Rejection};
use engine::event::{Actor, Event};
use engine::ids::Name;
use engine::value::Value;
use runtime::ExecuteError;

const REPORT: &[(&str, &str)] =
    &[("summary", "No mail"), ("details", "since 09:00"), ("service", "mail"), ("impact", "high"), ("urgency", "high")];

/// The report with the key of a form.
fn once(key: &str) -> Vec<(&str, &str)> {
    [REPORT, &[("_once", key)]].concat()
}

fn reported(desk: &Desk) -> usize {
    desk.runtime.store().records_of(&Name::from("incident"), 100).expect("readable").len()
}

fn comments(desk: &Desk, number: &str) -> Vec<String> {
    let id = desk.runtime.store().instance_of_number(number).expect("readable").expect("there is one");
    let history = desk.runtime.store().history(id).expect("readable");
    let said = history.into_iter().flat_map(|entry| entry.events).filter_map(|event| match event {
        Event::Commented { text, .. } => Some(text),
        _ => None,
    });
    said.collect()
}

#[actix_web::test]
async fn a_report_that_is_sent_twice_begins_one_record() {
    let desk = staffed();
    let mut dora = Browser::of(&desk, "dora").await;
    let key = dora.get("/portal/report").await.hidden("_once");
    // A form that was refused has begun nothing, and comes back with its key.
    let refused = dora.post("/portal/report", &[("summary", ""), ("_once", &key)]).await;
    assert_eq!((refused.status, refused.hidden("_once")), (422, key.clone()));
    let first = dora.post("/portal/report", &once(&key)).await;
    assert_eq!(first.status, 303, "{}", first.body);
    let second = dora.post("/portal/report", &once(&key)).await;
    assert_eq!((second.status, &second.location), (303, &first.location), "{}", second.body);
    assert_eq!(reported(&desk), 1);

    // A form of its own, another person's, and the same form with something else in it are others.
    let other = dora.get("/portal/report").await.hidden("_once");
    assert_ne!(other, key);
    assert_ne!(dora.post("/portal/report", &once(&other)).await.location, first.location);
    let mut emil = Browser::of(&desk, "emil").await;
    assert_ne!(emil.post("/portal/report", &once(&key)).await.location, first.location);
    let changed = [&[("summary", "No calendar")], &once(&key)[1..]].concat();
    assert_ne!(dora.post("/portal/report", &changed).await.location, first.location);
    assert_eq!(reported(&desk), 4);
}

#[actix_web::test]
async fn a_comment_that_is_sent_twice_is_written_once() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let address = format!("/records/{number}");
    let mut dora = Browser::of(&desk, "dora").await;
    let shown = dora.get(&address).await.hidden("_shown");
    let form = [("text", "Any news?"), ("_shown", shown.as_str())];
    let first = dora.post(&format!("{address}/comment"), &form).await;
    let second = dora.post(&format!("{address}/comment"), &form).await;
    assert_eq!((first.status, second.status, &second.location), (303, 303, &first.location), "{}", second.body);
    assert_eq!(comments(&desk, &number), ["Any news?"]);

    // Another person may say the same, and the same person may say it again on the page as it is now.
    let mut anna = Browser::of(&desk, "anna").await;
    anna.post(&format!("{address}/comment"), &form).await;
    let shown = dora.get(&address).await.hidden("_shown");
    dora.post(&format!("{address}/comment"), &[("text", "Any news?"), ("_shown", &shown)]).await;
    assert_eq!(comments(&desk, &number).len(), 3);
    let page = dora.get(&address).await.body;
    assert_eq!(page.matches("<blockquote>Any news?</blockquote>").count(), 3, "the page shows what was said: {page}");
}

#[actix_web::test]
async fn a_task_without_an_outcome_is_refused_where_one_is_chosen() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let task = desk.task(&number, "triage");
    let mut anna = Browser::of(&desk, "anna").await;
    let refused = anna.post(&task, &[]).await;
    let named = "<fieldset class=\"outcomes\" aria-describedby=\"outcome-problem\">";
    assert!(refused.status == 422 && refused.body.contains(named), "{}", refused.body);
    assert!(refused.body.contains("Please choose how the task ends."), "{}", refused.body);
    assert_eq!(desk.task(&number, "triage"), task, "it is still open");
}

#[actix_web::test]
async fn a_reply_that_is_sent_twice_is_heard_once() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut anna = Browser::of(&desk, "anna").await;
    anna.post(&desk.task(&number, "triage"), &[("outcome", "accept")]).await;
    let mut bao = Browser::of(&desk, "bao").await;
    bao.post(&desk.task(&number, "resolve"), &[("outcome", "ask_caller"), ("ask_caller.question", "Which?")]).await;
    let mut dora = Browser::of(&desk, "dora").await;
    let shown = dora.get(&format!("/records/{number}")).await.hidden("_shown");
    let form = [("message", "reply"), ("text", "sales@"), ("_shown", shown.as_str())];
    for _ in 0..2 {
        let replied = dora.post(&format!("/records/{number}/reply"), &form).await;
        assert_eq!(replied.status, 303, "{}", replied.body);
    }
    assert!(desk.task(&number, "resolve").starts_with("/tasks/"), "it is with the team again");
}

#[test]
fn a_comment_that_arrives_many_times_at_once_is_written_once() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let id = desk.runtime.store().instance_of_number(&number).expect("readable").expect("there is one");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let command =
                    Command::Comment { text: "Any news?".into(), audience: Audience::Public, tells: BTreeSet::new() };
                let actor = Actor::Person(Name::from("dora"));
                desk.runtime.say_once(id, actor, command, 1).expect("it is said")
            });
        }
    });
    assert_eq!(comments(&desk, &number), ["Any news?"]);
}

#[actix_web::test]
async fn what_only_tasks_change_is_not_edited() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut mei = Browser::of(&desk, "mei").await;
    let page = mei.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("name=\"edit.affected\"") && !page.contains("name=\"edit.question\""), "{page}");
    let past = [("edit.affected", "4"), ("edit.question", "Since when?")];
    assert_eq!(mei.post(&format!("/records/{number}/edit"), &past).await.status, 303);
    let page = mei.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("name=\"edit.affected\" value=\"4\"") && !page.contains("Since when?"), "{page}");
    let fields = [(Name::from("question"), Value::Text("Since when?".to_owned()))].into();
    let edit = Command::Edit { fields, reason: String::new() };
    let id = desk.runtime.store().instance_of_number(&number).expect("readable").expect("there is one");
    let refused = desk.runtime.execute(id, Actor::Person(Name::from("mei")), edit);
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::NotAllowed))), "{refused:?}");
}

#[actix_web::test]
async fn a_task_form_overwrites_nothing_that_others_changed_meanwhile() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let triage = desk.task(&number, "triage");
    let (mut anna, mut mei) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "mei").await);
    let shown = anna.get(&triage).await.hidden("_shown");
    let edit = [("edit.impact", "low"), ("edit.affected", "7")];
    assert_eq!(mei.post(&format!("/records/{number}/edit"), &edit).await.status, 303);

    // Anna's form still says that the impact is high. She has changed how many are affected, and so has Mei.
    let form =
        [("outcome", "accept"), ("impact", "high"), ("urgency", "medium"), ("affected", "12"), ("_shown", &shown)];
    let overtaken = anna.post(&triage, &form).await;
    assert_eq!(overtaken.status, 409, "{}", overtaken.body);
    for said in ["while this form was open", "Mei Zhou has changed this meanwhile: it holds “7” now", "value=\"12\""]
    {
        assert!(overtaken.body.contains(said), "{said}: {}", overtaken.body);
    }
    let checked = |name: &str, value: &str| format!("name=\"{name}\" value=\"{value}\" checked");
    assert!(overtaken.body.contains(&checked("impact", "low")), "what she left alone is as it is: {}", overtaken.body);
    assert!(overtaken.body.contains(&checked("urgency", "medium")), "what she chose is kept: {}", overtaken.body);
    assert_eq!(desk.task(&number, "triage"), triage, "nothing has changed");
    assert!(mei.get(&format!("/records/{number}")).await.body.contains("name=\"edit.affected\" value=\"7\""));

    // She has read it and finishes again: what she typed is meant.
    let again = overtaken.hidden("_shown");
    let form =
        [("outcome", "accept"), ("impact", "low"), ("urgency", "medium"), ("affected", "12"), ("_shown", &again)];
    assert_eq!(anna.post(&triage, &form).await.status, 303);
    let page = mei.get(&format!("/records/{number}")).await.body;
    for held in [checked("edit.impact", "low"), checked("edit.urgency", "medium")] {
        assert!(page.contains(&held), "{held}: {page}");
    }
    assert!(page.contains("name=\"edit.affected\" value=\"12\""), "{page}");
}

#[actix_web::test]
async fn a_task_form_that_others_overtook_elsewhere_is_finished_without_a_word() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let triage = desk.task(&number, "triage");
    let (mut anna, mut mei) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "mei").await);
    let shown = anna.get(&triage).await.hidden("_shown");
    mei.post(&format!("/records/{number}/edit"), &[("edit.impact", "low")]).await;
    let form = [("outcome", "accept"), ("impact", "high"), ("urgency", "high"), ("affected", "3"), ("_shown", &shown)];
    let done = anna.post(&triage, &form).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = mei.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("name=\"edit.impact\" value=\"low\" checked"), "Mei's change stands: {page}");
    assert!(page.contains("name=\"edit.affected\" value=\"3\""), "{page}");
}

#[actix_web::test]
async fn an_edit_that_others_overtook_in_the_same_field_comes_back_with_both_values() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let address = format!("/records/{number}");
    let (mut anna, mut mei) = (Browser::of(&desk, "anna").await, Browser::of(&desk, "mei").await);
    let shown = anna.get(&address).await.hidden("_shown");
    let theirs = [("edit.summary", "No mail at all"), ("edit.affected", "7"), ("_shown", &shown)];
    assert_eq!(mei.post(&format!("{address}/edit"), &theirs).await.status, 303);
    let form = [("edit.summary", "No mail since nine"), ("edit.affected", ""), ("_shown", &shown)];
    let overtaken = anna.post(&format!("{address}/edit"), &form).await;
    assert_eq!(overtaken.status, 409, "{}", overtaken.body);
    for said in ["it holds “No mail at all” now", "value=\"No mail since nine\"", "name=\"edit.affected\" value=\"7\""]
    {
        assert!(overtaken.body.contains(said), "{said}: {}", overtaken.body);
    }
    let edit = overtaken.body.split("/edit\"").nth(1).expect("the form is there").to_owned();
    let again = desk::browser::Answer { body: edit, ..overtaken }.hidden("_shown");
    assert_ne!(again, shown);
    let form = [("edit.summary", "No mail since nine"), ("edit.affected", "7"), ("_shown", &again)];
    assert_eq!(anna.post(&format!("{address}/edit"), &form).await.status, 303);
    let page = mei.get(&address).await.body;
    assert!(page.contains("No mail since nine") && page.contains("name=\"edit.affected\" value=\"7\""), "{page}");
}

#[test]
fn what_is_meant_for_a_record_as_it_was_is_not_done_on_another() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let id = desk.runtime.store().instance_of_number(&number).expect("readable").expect("there is one");
    let loaded = desk.runtime.load(id).expect("readable").expect("it is there");
    let comment = || {
        let command = Command::Comment { text: "Any news?".into(), audience: Audience::Public, tells: BTreeSet::new() };
        desk.runtime.execute_on(&loaded, Actor::Person(Name::from("dora")), command)
    };
    assert_eq!(comment().expect("nobody has changed it").revision, 2);
    assert!(matches!(comment(), Err(runtime::ExecuteError::Busy)), "it is another by now");
    assert_eq!(comments(&desk, &number).len(), 1);
}

#[actix_web::test]
async fn of_many_edits_at_once_none_is_lost_and_none_overwrites_another() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let (address, fields) = (format!("/records/{number}"), ["edit.summary", "edit.affected", "edit.details"]);
    let mut browsers = Vec::new();
    for _ in fields {
        browsers.push(Browser::of(&desk, "mei").await);
    }
    let shown = browsers[0].get(&address).await.hidden("_shown");
    let edit = |mut browser: Browser, field: &'static str| {
        let (address, shown) = (format!("{address}/edit"), shown.clone());
        async move { browser.post(&address, &[(field, "7"), ("_shown", &shown)]).await }
    };
    let mut browsers = browsers.into_iter().zip(fields);
    let mut next = || browsers.next().map(|(browser, field)| edit(browser, field)).expect("one for each");
    let (one, two, three) = (next(), next(), next());
    let answers = tokio::join!(one, two, three);
    assert_eq!((answers.0.status, answers.1.status, answers.2.status), (303, 303, 303));
    let loaded = desk.runtime.store().instance_of_number(&number).expect("readable").expect("there is one");
    let held = desk.runtime.load(loaded).expect("readable").expect("there is one").instance;
    for field in ["summary", "affected", "details"] {
        assert_eq!(held.fields().get(field).map(engine::value::Value::plain).as_deref(), Some("7"), "{field}");
    }
}
