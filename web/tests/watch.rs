//! Watching a record: the button, the list, who is told.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::ids::Name;

/// What a person was told as a watcher, newest first.
fn notices(desk: &Desk, person: &str) -> Vec<String> {
    desk.runtime.perform_owed().expect("the store is there");
    let told = desk.runtime.store().notifications(&Name::from(person), 10).expect("it reads");
    let told = told.into_iter().filter(|notice| notice.text.en.contains("you watch"));
    told.map(|notice| format!("{} {} {}", notice.text.en, notice.text.zh, notice.link)).collect()
}

#[actix_web::test]
async fn a_record_is_watched_by_a_button_and_stands_in_a_list_until_one_stops() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let (record, watched) = (format!("/records/{number}"), "/watched");
    let mut bao = Browser::of(&desk, "bao").await;
    assert!(bao.get(watched).await.body.contains("You are not watching any record."));
    let page = bao.get(&record).await.body;
    assert!(page.contains(&format!("action=\"{record}/watch\"")) && page.contains("data-watch"), "{page}");
    for _ in 0..2 {
        let done = bao.post(&format!("{record}/watch"), &[]).await;
        assert_eq!((done.status, done.location.as_str()), (303, record.as_str()), "watching twice is watching once");
    }
    let page = bao.get(&record).await.body;
    assert!(page.contains("You now watch") && page.contains(&format!("action=\"{record}/unwatch\"")), "{page}");
    assert!(!page.contains(&format!("action=\"{record}/watch\"")), "{page}");
    let list = bao.get(watched).await.body;
    assert!(list.contains("No mail") && list.contains(&format!("action=\"{record}/unwatch\"")), "{list}");
    assert!(bao.get("/inbox").await.body.contains("href=\"/watched\""));

    let mut anna = Browser::of(&desk, "anna").await;
    let task = desk.task(&number, "triage");
    let peek = anna.get(&format!("{task}/peek")).await.body;
    assert!(peek.contains(&format!("action=\"{record}/watch\"")), "beside the inbox too: {peek}");
    let comment = format!("{record}/comment");
    let say = async |browser: &mut Browser, audience: &str| {
        assert_eq!(browser.post(&comment, &[("text", "on it"), ("audience", audience)]).await.status, 303);
    };
    say(&mut anna, "internal").await;
    assert_eq!(notices(&desk, "bao"), [""; 0], "he has no task of it yet, so he does not read that");
    say(&mut anna, "public").await;
    let said = format!("Anna Li commented on {number}, which you watch 李安娜评论了您关注的 {number} {record}");
    assert_eq!(notices(&desk, "bao"), [said.as_str()]);
    assert_eq!(anna.post(&task, &[("outcome", "accept")]).await.status, 303);
    say(&mut anna, "internal").await;
    assert_eq!(notices(&desk, "bao").len(), 2, "now there is a task of his");
    say(&mut bao, "internal").await;
    assert_eq!(notices(&desk, "bao").len(), 2, "nobody is told of their own act");

    let done = bao.post(&format!("{record}/unwatch"), &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, record.as_str()));
    assert!(bao.get(watched).await.body.contains("You are not watching any record."));
    say(&mut anna, "public").await;
    assert_eq!(notices(&desk, "bao").len(), 2);
}

#[actix_web::test]
async fn a_reply_is_told_to_who_watches_and_not_to_who_sent_it() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let record = format!("/records/{number}");
    let mut anna = Browser::of(&desk, "anna").await;
    let mut dora = Browser::of(&desk, "dora").await;
    for browser in [&mut anna, &mut dora] {
        assert_eq!(browser.post(&format!("{record}/watch"), &[]).await.status, 303);
    }
    anna.post(&desk.task(&number, "triage"), &[("outcome", "accept")]).await;
    let mut bao = Browser::of(&desk, "bao").await;
    bao.post(&desk.task(&number, "resolve"), &[("outcome", "ask_caller"), ("ask_caller.question", "Which?")]).await;
    let replied = dora.post(&format!("{record}/reply"), &[("message", "reply"), ("text", "sales@")]).await;
    assert_eq!(replied.status, 303, "{}", replied.body);
    let said = format!("Dora Qian replied on {number}, which you watch 钱朵拉回复了您关注的 {number} {record}");
    assert_eq!(notices(&desk, "anna"), [said.as_str()]);
    assert_eq!(notices(&desk, "dora"), [""; 0]);
}

#[actix_web::test]
async fn the_end_is_told_in_words_and_nobody_begins_to_watch_what_is_over() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let record = format!("/records/{number}");
    let mut anna = Browser::of(&desk, "anna").await;
    let (mut bao, mut mei) = (Browser::of(&desk, "bao").await, Browser::of(&desk, "mei").await);
    for browser in [&mut anna, &mut bao] {
        assert_eq!(browser.post(&format!("{record}/watch"), &[]).await.status, 303);
    }
    let form = [("outcome", "reject"), ("reason.reject", "spam"), ("reject.reason", "spam"), ("reason", "spam")];
    assert_eq!(anna.post(&desk.task(&number, "triage"), &form).await.status, 303);
    let told = notices(&desk, "bao");
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.contains(&format!("{number}, which you watch, has ended: ")), "{told}");
    assert!(told.contains(&format!("您关注的 {number} 已结束：")), "{told}");
    assert_eq!(notices(&desk, "anna"), [""; 0], "she ended it");
    assert!(bao.get(&record).await.body.contains("data-watch"), "it leaves his list when he says so");
    assert!(!mei.get(&record).await.body.contains("data-watch"));
}

#[actix_web::test]
async fn what_one_may_not_see_is_not_watched_and_what_one_may_no_longer_see_is_left_by_its_number() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let record = format!("/records/{number}");
    let mut emil = Browser::of(&desk, "emil").await;
    for deed in ["watch", "unwatch"] {
        assert_eq!(emil.post(&format!("{record}/{deed}"), &[]).await.status, 404);
        assert_eq!(emil.post(&format!("/records/INC-404/{deed}"), &[]).await.status, 404);
    }
    // He could see it once.
    let id = desk.runtime.store().instance_of_number(&number).expect("it reads").expect("it is there");
    desk.runtime.store().watch(&Name::from("emil"), id, desk.runtime.now()).expect("it writes");
    let list = emil.get("/watched").await.body;
    assert!(list.contains(&number) && list.contains("You may no longer see this record"), "{list}");
    assert!(!list.contains("No mail"), "{list}");
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post(&format!("{record}/comment"), &[("text", "on it"), ("audience", "public")]).await.status, 303);
    assert_eq!(notices(&desk, "emil"), [""; 0]);
    let done = emil.post(&format!("{record}/unwatch"), &[]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/watched"));
    assert!(!emil.get("/watched").await.body.contains("/unwatch"));
    assert_eq!(emil.post(&format!("{record}/unwatch"), &[]).await.status, 404, "it is not there for him");
}
