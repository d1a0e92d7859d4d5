//! The edge of the server: panics, large forms, assets, unknown addresses.

mod desk;

use std::sync::Arc;

use actix_web::dev::Service;
use actix_web::http::header;
use actix_web::{App, test, web::Data, web::get};
use desk::browser::Browser;
use desk::staffed;
use web::door;
use web::guard::Guard;
use web::pages::{Method, Page};

static BROKEN: Page = Page { method: Method::Get, path: "/broken", guard: Guard::Open, handler: |_| panic!("a bug") };

#[actix_web::test]
async fn a_panic_ends_as_a_page_that_names_the_request_and_nothing_else() {
    let desk = staffed();
    let app = web::App::new(desk.runtime.clone(), web::Settings::default()).expect("templates are readable");
    let routes = App::new()
        .app_data(Data::from(Arc::new(app)))
        .route("/broken", get().to(|app, request, body| door::enter(&BROKEN, app, request, body)));
    let service = test::init_service(routes).await;
    let answer = service.call(test::TestRequest::get().uri("/broken").to_request()).await.expect("it is answered");
    assert_eq!(answer.status().as_u16(), 500);
    let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let body = test::read_body(answer).await;
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(!id.is_empty() && body.contains(&id), "{body}");
    assert!(!body.contains("a bug"), "no details: {body}");
}

#[actix_web::test]
async fn a_form_that_is_too_large_is_refused_before_it_is_read_by_a_page() {
    let desk = staffed();
    let mut anna = Browser::of(&desk, "anna").await;
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let text = "x".repeat(door::FORM_MAX);
    assert_eq!(anna.post(&format!("/records/{number}/comment"), &[("text", &text)]).await.status, 413);
    let text = "x".repeat(30_000);
    let refused = anna.post(&format!("/records/{number}/comment"), &[("text", &text)]).await;
    assert!(refused.status == 422 && refused.body.contains(&text), "one that is only too long is kept");
}

#[actix_web::test]
async fn assets_are_named_by_their_content_and_asked_for_once() {
    let desk = staffed();
    let mut anyone = Browser::new(&desk);
    for asset in web::assets::assets().all() {
        let first = anyone.get(&asset.path).await;
        assert_eq!(first.status, 200, "{}", asset.path);
        let kept = first.headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(kept.contains("immutable"), "{kept}");
        let again =
            test::TestRequest::get().uri(&asset.path).insert_header((header::IF_NONE_MATCH, asset.tag.as_str()));
        assert_eq!(anyone.send(again).await.status, 304);
    }
    assert_eq!(anyone.get("/assets/style.0000000000000000.css").await.status, 404);
    assert_eq!(anyone.get("/no/such/page").await.status, 404);
    assert_eq!(anyone.get("/healthz").await.body, "ok\n");
    let head = test::TestRequest::default().method(actix_web::http::Method::HEAD).uri("/sign-in");
    assert_eq!(anyone.send(head).await.status, 200);
}

#[actix_web::test]
async fn a_task_that_never_was_is_a_page_that_says_so() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let triage = desk.task(&number, "triage");
    let instance = triage.trim_start_matches("/tasks/").split('-').next().expect("an instance stands before the task");
    let mut anna = Browser::of(&desk, "anna").await;
    for unknown in
        ["xyz", "1", "1-1", "-", "x-y", "99999999999999999999-1", &format!("{instance}-99"), &format!("{instance}-x")]
    {
        for address in [format!("/tasks/{unknown}"), format!("/tasks/{unknown}/claim")] {
            let answer = match address.ends_with("claim") {
                true => anna.post(&address, &[]).await,
                false => anna.get(&address).await,
            };
            assert_eq!(answer.status, 404, "{address}: {}", answer.body);
            assert!(
                answer.body.contains("There is no such page") && answer.body.contains("href=\"/inbox\""),
                "{address}"
            );
        }
    }
    assert_eq!(anna.get(&triage).await.status, 200);
    // Another person's record is as little there as one that never was.
    let mut emil = Browser::of(&desk, "emil").await;
    assert_eq!(emil.get(&triage).await.status, 404);
}
