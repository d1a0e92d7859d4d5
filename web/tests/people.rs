//! Votes, assigning, delegating and standing in, in the browser.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::definition::Labels;
use engine::directory::{Entry, PERSON, Standing};
use engine::ids::{DefinitionId, Name};
use engine::value::{Fields, Value};
use runtime::StartOrder;
use store::Deployment;

const CONSENT: &str = include_str!("../../dsl/tests/data/consent.flow");

/// The purchase process at the desk: Mei, Bao and Chen are the board; Dora asks, her manager Emil is away and Otto stands in.
fn board() -> (Desk, String) {
    let desk = staffed();
    let store = desk.runtime.store().clone();
    let (by, now) = (Name::from("root"), desk.runtime.now());
    for person in ["mei", "bao", "chen"] {
        let roles = ["staff", "board"].into_iter().map(Name::from).collect();
        let standing = Standing { roles, ..Standing::default() };
        store.set_standing(&Name::from(person), &standing, &by, now, "the board").expect("a standing is kept");
    }
    let reference = |key: &str| Value::Ref(Name::from(key));
    let day = |day: &str| Value::Date(day.to_owned());
    let away = Fields::from([
        (Name::from("substitute"), reference("otto")),
        (Name::from("absent_from"), day("2026-09-01")),
        (Name::from("absent_until"), day("2026-09-30")),
    ]);
    for (person, fields) in [("dora", Fields::from([(Name::from("manager"), reference("emil"))])), ("emil", away)] {
        let entry = Entry { labels: Labels::new(person, person), fields };
        store.put_entry(PERSON, &Name::from(person), &entry, &by, now).expect("an entry is kept");
    }
    desk.runtime.reload_directory().expect("the registers are there");
    // An installation's calendars have keys of its own.
    let unit = dsl::compile(CONSENT).expect("it compiles");
    let deployment = Deployment {
        process: Name::from("purchase"),
        id: DefinitionId::of_source(CONSENT),
        source: CONSENT.to_owned(),
        parts: unit.processes[0].parts.clone(),
        author: Name::from("mei"),
        approver: Name::from("root"),
        reason: "the board meets".to_owned(),
        change: Some("CHG-2".to_owned()),
    };
    desk.runtime.deploy(&deployment).expect("the process is deployed");
    let fields = Fields::from([(Name::from("summary"), Value::Text("a printer".to_owned()))]);
    let order = StartOrder { process: Name::from("purchase"), by: Name::from("dora"), on_behalf_of: None, fields };
    let number = desk.runtime.start(order).expect("the form fits").instance.number().to_owned();
    (desk, number)
}

#[actix_web::test]
async fn a_task_is_given_away_delegated_given_back_and_finished() {
    let (desk, number) = board();
    let check = desk.task(&number, "check");
    let mut anna = Browser::of(&desk, "anna").await;
    let page = anna.get(&check).await.body;
    assert!(page.contains("Give the task to somebody") && page.contains("value=\"bao\""), "{page}");
    assert!(!page.contains("value=\"dora\""), "the requester is barred");
    assert_eq!(anna.post(&format!("{check}/assign"), &[("to", "bao")]).await.status, 303);
    let barred = anna.post(&format!("{check}/assign"), &[("to", "dora")]).await;
    assert_eq!(barred.status, 422, "{}", barred.body);

    let mut bao = Browser::of(&desk, "bao").await;
    let page = bao.get(&check).await.body;
    assert!(page.contains("Ask somebody to do the work"), "{page}");
    let asked = [("delegate.to", "Otto Zheng"), ("text", "is it <b>needed</b>?")];
    let delegated = bao.post(&format!("{check}/delegate"), &asked).await;
    assert_eq!(delegated.status, 303, "{}", delegated.body);
    assert!(bao.get(&check).await.body.contains("Otto Zheng was asked to do the work"));
    let early = bao.post(&check, &[("outcome", "fine")]).await;
    assert!(early.status == 422 && early.body.contains("has not given the task back"), "{}", early.body);

    let mut otto = Browser::of(&desk, "otto").await;
    let page = otto.get(&check).await.body;
    assert!(page.contains("Bao Wang asks you to do this work") && page.contains("is it &lt;b&gt;needed"), "{page}");
    assert_eq!(otto.post(&format!("{check}/resolve"), &[("text", "it is")]).await.status, 303);
    assert_eq!(bao.post(&check, &[("outcome", "fine")]).await.status, 303);
    for (language, words) in [
        (
            "en",
            ["gave the task “Check” to Bao Wang", "asked Otto Zheng to do the work", "gave “Check” back to Bao Wang"],
        ),
        ("zh-CN", ["将任务“核对”分派给 王宝", "委派 郑欧 办理“核对”", "将“核对”交回给 王宝"]),
    ] {
        bao.speak(language);
        let record = bao.get(&format!("/records/{number}")).await.body;
        assert!(words.iter().all(|word| record.contains(word)), "{language}: {record}");
    }
}

#[actix_web::test]
async fn an_approval_is_voted_on_level_by_level_and_shown_to_those_who_have_not_voted() {
    let (desk, number) = board();
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post(&desk.task(&number, "check"), &[("outcome", "fine")]).await.status, 303);

    // Otto stands in for Emil, who is away.
    let first = desk.task(&number, "consent");
    let mut otto = Browser::of(&desk, "otto").await;
    let page = otto.get(&first).await.body;
    assert!(page.contains("in the stead of Emil Sun") && page.contains("level 1 of 2"), "{page}");
    let voted = otto.post(&first, &[("outcome", "approved"), ("note", "needed")]).await;
    assert_eq!(voted.status, 303, "{}", voted.body);

    let second = desk.task(&number, "consent");
    let gone = otto.get(&first).await;
    assert!(gone.status == 410 && gone.body.contains("This level of the approval is over"), "{}", gone.body);
    let mut mei = Browser::of(&desk, "mei").await;
    assert!(mei.get("/inbox").await.body.contains(&second), "the board is asked");
    let page = mei.get(&second).await.body;
    assert!(page.contains("60% of those asked") && page.contains("Still asked:") && page.contains("Abstain"), "{page}");
    let unsaid = mei.post(&second, &[("outcome", "rejected")]).await;
    assert!(unsaid.status == 422 && unsaid.body.contains("please say why"), "{}", unsaid.body);
    assert_eq!(mei.post(&second, &[("outcome", "abstained")]).await.status, 303);
    assert!(!mei.get("/inbox").await.body.contains(&second), "who has voted is not asked again");
    let again = mei.post(&second, &[("outcome", "approved")]).await;
    assert!(again.status == 422 && again.body.contains("has been cast already"), "{}", again.body);
    assert!(mei.get(&second).await.body.contains("It cannot be changed"));

    let mut bao = Browser::of(&desk, "bao").await;
    let page = bao.get(&second).await.body;
    assert!(page.contains("<strong>Mei Zhou</strong> Abstain"), "who has voted is shown: {page}");
    assert_eq!(bao.post(&second, &[("outcome", "approved")]).await.status, 303);
    let mut chen = Browser::of(&desk, "chen").await;
    chen.speak("zh-CN");
    let page = chen.get(&second).await.body;
    assert!(page.contains("等待投票") && page.contains("须受邀者的 60% 同意"), "{page}");
    assert_eq!(chen.post(&second, &[("outcome", "approved")]).await.status, 303);
    let record = chen.get(&format!("/records/{number}")).await.body;
    for word in
        ["审批结果：同意", "郑欧（代 孙一鸣） 对“会签”第 1 级投票：同意", "周梅 对“会签”第 2 级投票：弃权", "已采购"]
    {
        assert!(record.contains(word), "{word}: {record}");
    }
}

#[actix_web::test]
async fn who_stands_in_finds_the_approval_in_the_inbox_and_a_stranger_does_not() {
    let (desk, number) = board();
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post(&desk.task(&number, "check"), &[("outcome", "fine")]).await.status, 303);
    let consent = desk.task(&number, "consent");
    let store = desk.runtime.store();
    let staff = Standing { roles: ["staff"].into_iter().map(Name::from).collect(), ..Standing::default() };
    store
        .set_standing(&Name::from("otto"), &staff, &Name::from("root"), desk.runtime.now(), "works here")
        .expect("a standing is kept");
    desk.runtime.reload_directory().expect("the registers are there");
    let mut otto = Browser::of(&desk, "otto").await;
    let inbox = otto.get("/inbox").await.body;
    assert!(inbox.contains(&consent) && inbox.contains("in the stead of Emil Sun"), "{inbox}");
    assert!(!anna.get("/inbox").await.body.contains(&consent));
    let refused = anna.post(&consent, &[("outcome", "approved")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
}

#[actix_web::test]
async fn who_is_away_says_so_and_the_substitute_gets_the_task_until_an_administrator_says_otherwise() {
    let (desk, number) = board();
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post(&desk.task(&number, "check"), &[("outcome", "fine")]).await.status, 303);
    let consent = desk.task(&number, "consent");
    let mut emil = Browser::of(&desk, "emil").await;
    let page = emil.get("/profile").await.body;
    assert!(page.contains("value=\"2026-09-01\"") && page.contains("value=\"otto\" selected"), "{page}");
    for (from, until, substitute, says) in [
        ("2026-09-01", "", "chen", "Give both days, or neither."),
        ("2026-09-10", "2026-09-01", "chen", "The last day lies before the first."),
        ("2026-13-41", "2026-13-42", "chen", "Write days as 2026-09-18."),
        ("", "", "emil", "nobody as their own manager"),
        ("", "", "nobody", "Choose people who can sign in"),
    ] {
        let form = [("absent_from", from), ("absent_until", until), ("substitute", substitute)];
        let refused = emil.post("/profile/absence", &form).await;
        assert!(refused.status == 422 && refused.body.contains(says), "{says}: {}", refused.body);
        assert!(refused.body.contains(&format!("value=\"{until}\"")), "what was typed stays: {}", refused.body);
    }
    let away = [("absent_from", "2026-09-01"), ("absent_until", "2026-09-30"), ("substitute", "chen")];
    assert_eq!(emil.post("/profile/absence", &away).await.status, 303);
    let mut chen = Browser::of(&desk, "chen").await;
    assert!(chen.get(&consent).await.body.contains("in the stead of Emil Sun"));
    let mut otto = Browser::of(&desk, "otto").await;
    assert!(!otto.get("/inbox").await.body.contains(&consent), "he stands in no more");

    let mut root = Browser::of(&desk, "root").await;
    root.speak("zh-CN");
    assert!(root.get("/admin/people/emil").await.body.contains("休假与代理"));
    let back = [("absent_from", ""), ("absent_until", ""), ("substitute", "chen"), ("manager", "mei")];
    assert_eq!(root.post("/admin/people/emil/absence", &back).await.status, 303);
    assert!(!chen.get("/inbox").await.body.contains(&consent), "who is back does it himself");
    let entry = desk.runtime.directory().entry(PERSON, &Name::from("emil")).cloned().expect("he is there");
    assert_eq!(entry.fields.get("manager"), Some(&Value::Ref(Name::from("mei"))));
    assert_eq!(emil.post("/profile/absence", &[("manager", "dora")]).await.status, 303);
    let entry = desk.runtime.directory().entry(PERSON, &Name::from("emil")).cloned().expect("he is there");
    assert_eq!(entry.fields.get("manager"), Some(&Value::Ref(Name::from("mei"))), "nobody chooses their own manager");
}
