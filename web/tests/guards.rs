//! Every page of the page table, asked by nobody, by the wrong person and by the right one.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::command::Command;
use engine::event::Actor;
use engine::ids::Name;
use store::{FileBytes, NewAccessToken, NewView};
use web::guard::Guard;
use web::pages::{Method, PAGES, Page};

/// The address of a page, with real things for its parts.
fn address(page: &Page, desk: &Desk, number: &str) -> String {
    page.path
        .replace("/tasks/{task}", &desk.task(number, "triage"))
        .replace("{number}", number)
        .replace("{process}", "incident")
        .replace("{version}", "1")
        .replace("{person}", "dora")
        .replace("{register}", "team")
        .replace("{calendar}", "office")
        .replace("{hold}", "1")
        .replace("{token}", &token(desk))
        .replace("{view}", &if page.path.contains("{view}") { view(desk, "bao") } else { String::new() })
        .replace("{batch}", &batch(desk, number))
        .replace("{file}", if page.path.contains("{file}") { file(desk, number) } else { "" })
}

/// A token that opens something.
fn token(desk: &Desk) -> String {
    let (person, by, at) = (Name::from("anna"), Name::from("root"), desk.runtime.now());
    let hash = u64::try_from(desk.runtime.store().access_tokens(1_000).expect("it reads").len()).expect("few");
    let token_hash = hash.to_be_bytes().to_vec();
    let fresh = NewAccessToken { token_hash, person, label: "a test".into(), by, at, expires_at: at.plus_ms(60_000) };
    desk.runtime.store().add_access_token(&fresh).expect("it is kept").0.to_string()
}

/// A view of the inbox that somebody keeps.
fn view(desk: &Desk, owner: &str) -> String {
    let (owner, name, query) = (Name::from(owner), "Mine".to_owned(), "view=mine".to_owned());
    let view = NewView { owner, name, query, shared_with: None };
    desk.runtime.store().save_view(&view).expect("it writes").expect("there is room").0.to_string()
}

/// A file of the record.
fn file(desk: &Desk, number: &str) -> &'static str {
    let (file, bytes) = FileBytes::brought("log.txt", "text/plain", b"no route to host".to_vec());
    let id = desk.runtime.store().instance_of_number(number).expect("it reads").expect("it is there");
    let command = Command::Attach { files: vec![file] };
    desk.runtime.execute_with(id, Actor::System, command, &[bytes]).expect("it is taken");
    "0"
}

/// An order about the record.
fn batch(desk: &Desk, number: &str) -> String {
    let selection = runtime::Selection::Numbers(vec![number.to_owned()]);
    let order = runtime::BatchOrder { selection, deed: runtime::Deed::Suspend, reason: "a test".into() };
    let ordered = desk.runtime.order_batch(&order, &Name::from("root"));
    ordered.expect("the order is taken").0.to_string()
}

/// Somebody who may not enter, and somebody who may.
fn people(guard: Guard) -> (Option<&'static str>, &'static str) {
    match guard {
        Guard::Open | Guard::FirstRun | Guard::SignedIn => (None, "emil"),
        Guard::Staff => (Some("emil"), "bao"),
        Guard::Manager => (Some("bao"), "mei"),
        Guard::Overseer | Guard::Monitor => (Some("mei"), "otto"),
        Guard::Administrator => (Some("otto"), "root"),
    }
}

#[actix_web::test]
async fn nobody_is_led_to_sign_in_and_no_form_is_taken() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    for page in PAGES {
        let mut nobody = Browser::new(&desk);
        let address = address(page, &desk, &number);
        let answer = match page.method {
            Method::Get => nobody.get(&address).await,
            Method::Post => nobody.post(&address, &[]).await,
        };
        match page.guard {
            Guard::Open => assert_ne!(answer.status, 404, "{address}"),
            Guard::FirstRun => assert_eq!(answer.status, 404, "{address}: there are people"),
            Guard::Monitor => assert_eq!(answer.status, 404, "{address}: it is not known that there are metrics"),
            Guard::SignedIn | Guard::Staff | Guard::Manager | Guard::Overseer | Guard::Administrator => {
                assert_eq!(answer.status, 303, "{} {address}", page.method.name());
                assert!(answer.location.starts_with("/sign-in"), "{address} leads to {}", answer.location);
            }
        }
    }
}

#[actix_web::test]
async fn the_wrong_person_finds_no_page_and_the_right_one_does() {
    let desk = staffed();
    for page in PAGES.iter().filter(|page| page.guard != Guard::FirstRun && page.path != "/sign-out") {
        let (wrong, right) = people(page.guard);
        let number = desk.report(right, "No mail", "mail", ("high", "high"));
        let address = address(page, &desk, &number);
        if let Some(wrong) = wrong {
            let mut wrong = Browser::of(&desk, wrong).await;
            let answer = match page.method {
                Method::Get => wrong.get(&address).await,
                Method::Post => wrong.post(&address, &[]).await,
            };
            assert_eq!(answer.status, 404, "{} {address} by the wrong person", page.method.name());
        }
        let mut right = Browser::of(&desk, right).await;
        let asked = match page.path {
            "/records" => format!("{address}?number={number}"),
            "/records/list" => format!("{address}?process=incident&measure=:open"),
            _ => address.clone(),
        };
        let answer = match page.method {
            Method::Get => right.get(&asked).await,
            Method::Post => right.post(&asked, &[]).await,
        };
        if page.method == Method::Get {
            right.speak("zh-CN");
            assert_eq!(right.get(&asked).await.status, answer.status, "{address} in Chinese");
        }
        assert!(
            matches!(answer.status, 200 | 303 | 422),
            "{} {address} by the right person: {} {}",
            page.method.name(),
            answer.status,
            answer.body
        );
    }
}

/// What a page says, up to the identity of its request.
fn told(body: &str) -> &str {
    let main = body.split("<main").nth(1).unwrap_or_default();
    main.split("class=\"hint\"").next().unwrap_or_default()
}

#[actix_web::test]
async fn a_stranger_to_a_record_learns_nothing_of_it() {
    let desk = staffed();
    let number = desk.report("dora", "Salaries are visible to all", "mail", ("high", "high"));
    let task = desk.task(&number, "triage");
    let mut stranger = Browser::of(&desk, "emil").await;
    let unknown = stranger.get("/records/INC-2026-999999").await;
    for address in [format!("/records/{number}"), format!("/records?number={number}"), task.clone()] {
        let answer = stranger.get(&address).await;
        assert_eq!(answer.status, 404, "{address}");
        assert!(!answer.body.contains("Salaries"), "{address}");
        assert_eq!(told(&answer.body), told(&unknown.body), "{address} answers as what is not there");
    }
    for (address, form) in [
        (format!("/records/{number}/comment"), ("text", "let me in")),
        (format!("/records/{number}/reply"), ("message", "reply")),
        (format!("/records/{number}/edit"), ("edit.impact", "low")),
        (task.clone(), ("outcome", "accept")),
        (format!("{task}/claim"), ("back", "/inbox")),
    ] {
        assert_eq!(stranger.post(&address, &[form]).await.status, 404, "{address}");
    }
    let mut auditor = Browser::of(&desk, "otto").await;
    assert_eq!(auditor.get(&format!("/records/{number}")).await.status, 200);
    let refused = auditor.post(&format!("/records/{number}/comment"), &[("text", "hm")]).await;
    assert_eq!(refused.status, 422, "an auditor reads and changes nothing");
}

#[actix_web::test]
async fn a_form_from_elsewhere_or_without_its_token_is_refused() {
    let desk = staffed();
    let mut anna = Browser::of(&desk, "anna").await;
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let comment = format!("/records/{number}/comment");
    let form = [("text", "hello"), ("_token", "guessed")];
    let request =
        |site: &'static str| actix_web::test::TestRequest::post().uri(&comment).insert_header(("sec-fetch-site", site));
    assert_eq!(anna.send(request("same-origin").set_form(form)).await.status, 403, "a wrong token");
    assert_eq!(anna.send(request("cross-site").set_form(form)).await.status, 403, "another site");
    let plain = actix_web::test::TestRequest::post().uri(&comment).set_form(form);
    assert_eq!(anna.send(plain).await.status, 403, "a browser that says nothing");
    let mut nobody = Browser::new(&desk);
    let forged = actix_web::test::TestRequest::post().uri("/sign-in").insert_header(("origin", "http://evil.example"));
    let answer = nobody.send(forged.set_form([("sign_in", "anna"), ("password", desk::PASSWORD)])).await;
    assert_eq!(answer.status, 403, "signing somebody in from elsewhere");
    assert_eq!(anna.post(&comment, &[("text", "hello")]).await.status, 303, "and the real form is taken");
}

#[actix_web::test]
async fn pages_say_what_browsers_must_not_do_with_them() {
    let desk = staffed();
    let mut anna = Browser::of(&desk, "anna").await;
    let answer = anna.get("/inbox").await;
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let policy = header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
    for inline in ["<script>", "onclick=", "style=\"", "<style"] {
        assert!(!answer.body.contains(inline), "{inline} would not work under the policy");
    }
}
