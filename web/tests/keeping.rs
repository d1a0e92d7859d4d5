//! What an operator sees: metrics for those who may, requests that can be found again, a person who is erased.

mod desk;

use actix_web::test::TestRequest;
use desk::browser::Browser;
use desk::{at, staffed};
use web::Settings;

#[actix_web::test]
async fn metrics_tell_what_was_done_and_what_waits() {
    let desk = staffed();
    desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut auditor = Browser::of(&desk, "otto").await;
    assert_eq!(auditor.get("/portal").await.status, 200);
    let text = auditor.get("/metrics").await.body;
    for line in [
        "tiaoli_command_seconds_count{command=\"start\",result=\"done\"} 1",
        "tiaoli_timers_due 0",
        "tiaoli_repairs_open 0",
        "tiaoli_sessions 1",
        "tiaoli_writer_queue 0",
        "tiaoli_outbox_rows 0",
        "tiaoli_outbox_undelivered 0",
        "tiaoli_outbox_lag_seconds 0",
        "tiaoli_jobs_ready 0",
        "tiaoli_request_seconds_count{method=\"GET\",page=\"/portal\",status=\"200\"} 1",
    ] {
        assert!(text.lines().any(|written| written == line), "{line}\n{text}");
    }
    desk.clock.set(at("2026-09-25 17:30"));
    let mut auditor = Browser::of(&desk, "otto").await;
    let text = auditor.get("/metrics").await.body;
    let lag = text.lines().find_map(|line| line.strip_prefix("tiaoli_timer_lag_seconds ")).expect("it is told");
    assert!(lag.parse::<f64>().expect("it is a number") > 0.0, "a timer is overdue: {lag}");
}

#[actix_web::test]
async fn a_person_is_erased_when_it_is_said_twice() {
    let desk = staffed();
    let mut root = Browser::of(&desk, "root").await;
    let page = root.get("/admin/people/dora/erase").await;
    assert_eq!(page.status, 200);
    let unsure = root.post("/admin/people/dora/erase", &[("typed", "dore"), ("reason", "a letter")]).await;
    assert_eq!(unsure.status, 422);
    let why = root.post("/admin/people/dora/erase", &[("typed", "dora")]).await;
    assert_eq!(why.status, 422);
    let done = root.post("/admin/people/dora/erase", &[("typed", "dora"), ("reason", "a letter")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(!root.get("/admin/people").await.body.contains("Dora Qian"));
    assert_eq!(root.get("/admin/people/dora").await.status, 404);
    assert!(root.get("/admin/audit").await.body.contains("a letter"));
    let alone = root.post("/admin/people/root/erase", &[("typed", "root"), ("reason", "a letter")]).await;
    assert_eq!(alone.status, 409, "the only administrator stays");
}

#[actix_web::test]
async fn a_monitor_reads_metrics_with_its_token_or_from_this_machine() {
    let desk = staffed();
    let asked = || TestRequest::get().uri("/metrics");
    let near = "127.0.0.1:9000".parse().expect("it is an address");
    let far = "192.0.2.7:9000".parse().expect("it is an address");
    let mut open = Browser::new(&desk);
    assert_eq!(open.send(asked().peer_addr(near)).await.status, 200);
    assert_eq!(open.send(asked().peer_addr(far)).await.status, 404);
    let through_a_proxy = asked().peer_addr(near).insert_header(("x-forwarded-for", "192.0.2.7"));
    assert_eq!(open.send(through_a_proxy).await.status, 404);
    let settings = Settings {
        origin: Some("https://itsm.example".to_owned()),
        metrics_token: Some("a token".to_owned()),
        ..Settings::default()
    };
    let mut behind = Browser::with(&desk, settings);
    assert_eq!(behind.send(asked().peer_addr(near)).await.status, 404, "behind a proxy everybody comes from here");
    let sent = |token: &str| asked().peer_addr(far).insert_header(("authorization", format!("Bearer {token}")));
    assert_eq!(behind.send(sent("a token")).await.status, 200);
    assert_eq!(behind.send(sent("a tokem")).await.status, 404);
    assert_eq!(behind.send(sent("")).await.status, 404);
}

#[actix_web::test]
async fn a_request_can_be_found_again() {
    let desk = staffed();
    let mut nobody = Browser::new(&desk);
    nobody.speak("en");
    let given = nobody.send(TestRequest::get().uri("/nowhere").insert_header(("x-request-id", "proxy-7.a_b"))).await;
    assert_eq!(given.headers.get("x-request-id").and_then(|id| id.to_str().ok()), Some("proxy-7.a_b"));
    assert!(given.body.contains("proxy-7.a_b"), "the page tells it: {}", given.body);
    let long = "a".repeat(65);
    for bad in ["", "<script>", "a b", &long] {
        let ours = nobody.send(TestRequest::get().uri("/nowhere").insert_header(("x-request-id", bad))).await;
        let id = ours.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        assert!(!id.is_empty() && id != bad && ours.body.contains(&id), "{bad}: {id}");
    }
}

#[actix_web::test]
async fn a_hold_is_placed_and_released_with_a_reason() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut root = Browser::of(&desk, "root").await;
    let unknown = root.post("/admin/retention", &[("numbers", "INC-1999-000001"), ("reason", "a lawsuit")]).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.body.contains("There is no record INC-1999-000001"), "{}", unknown.body);
    let unexplained = root.post("/admin/retention", &[("numbers", &number)]).await;
    assert_eq!(unexplained.status, 422);
    let placed = root.post("/admin/retention", &[("numbers", &number), ("reason", "a lawsuit")]).await;
    assert_eq!(placed.status, 303, "{}", placed.body);
    let page = root.get("/admin/retention").await.body;
    assert!(page.contains("a lawsuit") && page.contains("/admin/retention/1/release"), "{page}");
    assert_eq!(root.post("/admin/retention/1/release", &[]).await.status, 422);
    assert_eq!(root.post("/admin/retention/1/release", &[("reason", "it is over")]).await.status, 303);
    assert_eq!(root.post("/admin/retention/1/release", &[("reason", "it is over")]).await.status, 404);
    let page = root.get("/admin/retention").await.body;
    assert!(page.contains("it is over") && !page.contains("/admin/retention/1/release"), "{page}");
}
