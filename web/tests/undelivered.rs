//! What could not be delivered, on its page: seen with its reason, tried at once, given up with a reason.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::ids::Name;
use engine::time::HOUR_MS;
use store::{OutboxKey, Share};

/// A process that tells somebody something as soon as it begins.
const TELLING: &str = r#"process telling "Tell" zh "告知" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "TEL-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record { what text max 200 "What" zh "内容" }
  start by anyone asks what
  notify requester with template news
  end closed "Closed" zh "已关闭"
}
notice news "{what} is here" zh "{what}已到"
"#;

/// A record whose notice was tried in vain, and is not tried again for an hour.
fn stranded(desk: &Desk, what: &str) -> OutboxKey {
    desk.deploy(TELLING);
    let number = desk.begin("telling", "dora", "what", what).number().to_owned();
    let store = desk.runtime.store();
    let owed = store.outbox(&Share::Whole, desk.runtime.now(), 100).expect("it reads");
    let row = owed.into_iter().find(|row| row.number == number).expect("it owes a notice");
    let later = desk.runtime.now().plus_ms(HOUR_MS);
    store.put_off(row.key, later, "the line is cut".into()).expect("it is kept");
    row.key
}

fn told(desk: &Desk) -> usize {
    while desk.runtime.perform_owed().expect("the store works") > 0 {}
    desk.runtime.store().notifications(&Name::from("dora"), 10).expect("it reads").len()
}

#[actix_web::test]
async fn what_could_not_be_delivered_is_seen_with_its_reason_and_tried_at_once() {
    let desk = staffed();
    let mut root = Browser::of(&desk, "root").await;
    assert!(!root.get("/admin/instances").await.body.contains("/admin/undelivered"));
    let key = stranded(&desk, "The parcel").to_string();
    assert_eq!(told(&desk), 0, "not before its time");
    assert!(root.get("/admin/instances").await.body.contains("/admin/undelivered"));
    let page = root.get("/admin/undelivered").await.body;
    for said in ["The parcel is here", "the line is cut", "1 tries", &key, "Try now", "Give up"] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let metrics = root.get("/metrics").await.body;
    assert!(metrics.contains("tiaoli_outbox_undelivered 1"), "{metrics}");
    let mut otto = Browser::of(&desk, "otto").await;
    assert!(!otto.get("/admin/undelivered").await.body.contains("Try now"), "an auditor only looks");
    assert_eq!(otto.post("/admin/undelivered", &[("key", &key), ("do", "retry")]).await.status, 404);
    assert_eq!(root.post("/admin/undelivered", &[("key", &key), ("do", "retry")]).await.status, 303);
    assert_eq!(told(&desk), 1);
    assert_eq!(root.post("/admin/undelivered", &[("key", &key), ("do", "retry")]).await.status, 422, "it is done");
    assert!(root.get("/admin/undelivered").await.body.contains("Everything was delivered"));
}

#[actix_web::test]
async fn what_is_given_up_needs_a_reason_and_is_in_the_trail() {
    let desk = staffed();
    let key = stranded(&desk, "The parcel").to_string();
    let mut root = Browser::of(&desk, "root").await;
    let page = root.post("/admin/undelivered", &[("key", &key), ("do", "give-up"), ("reason", " ")]).await;
    assert_eq!((page.status, page.body.contains("the line is cut")), (422, true));
    let form = [("key", key.as_str()), ("do", "give-up"), ("reason", "dora has moved")];
    assert_eq!(root.post("/admin/undelivered", &form).await.status, 303);
    assert_eq!(root.post("/admin/undelivered", &form).await.status, 422, "once");
    desk.clock.set(desk.runtime.now().plus_ms(2 * HOUR_MS));
    assert_eq!(told(&desk), 0);
    let trail = root.get("/admin/audit").await.body;
    assert!(trail.contains("gave up what TEL-2026-000001 owed: notice") && trail.contains("dora has moved"), "{trail}");
    assert_eq!(root.post("/admin/undelivered", &[("key", "nonsense")]).await.status, 422);
}
