//! The one way into every page: who is it, may they, did the form come from us; then the handler, off the
//! server's own threads; at the end one line in the log. A panic ends here as a page that names the request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::Serialize;
use store::Outage;

use crate::answer::{Answer, Body, Refusal};
use crate::app::App;
use crate::asked::Asked;
use crate::guard;
use crate::language::Language;
use crate::pages::{Method, Page};
use crate::pairs::{Pairs, encoded};
use crate::session::{COOKIE, Session};
use crate::upload::{self, Sent, TooLarge};
use crate::visit::{LANGUAGE_COOKIE, Visit};

/// The most bytes of a form.
pub const FORM_MAX: usize = 512 * 1024;

/// The header that carries the identity of a request.
const REQUEST_ID: &str = "x-request-id";
/// The longest identity that is taken from a request.
const REQUEST_ID_MAX: usize = 64;

/// Answers a request to a page.
pub async fn enter(page: &'static Page, app: web::Data<App>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let began = Instant::now();
    let id = identity(&request);
    // Held as long as the files are in memory.
    let mut room = None;
    let read = match page.method {
        Method::Get => Ok(Sent::default()),
        Method::Post if upload::is_multipart(request.headers()) => {
            // Nobody sends us much who is not signed in.
            match is_signed_in(&app, &request).await {
                true => {
                    room = app.upload_room().await;
                    upload::read(request.headers(), body).await
                }
                false => Ok(Sent::default()),
            }
        }
        Method::Post => match body.to_bytes_limited(FORM_MAX).await {
            // A body that breaks off is an empty form, which no page takes.
            Ok(read) => Ok(form_of(&read.unwrap_or_default())),
            Err(_) => Err(TooLarge),
        },
    };
    let (sent, too_large) = read.map_or_else(|TooLarge| (Sent::default(), true), |sent| (sent, false));
    let asked = Asked::read(&request, id.clone(), sent);
    let path = asked.path.clone();
    let counted = app.clone();
    let span = tracing::error_span!("request", request = %id);
    let answered = web::block(move || {
        let _within = span.entered();
        let safely = || if too_large { refuse_unread(&app, &asked) } else { answer(page, &app, &asked) };
        catch_unwind(AssertUnwindSafe(safely)).unwrap_or_else(|_| (panicked(&app, &asked), None))
    })
    .await;
    drop(room);
    let (answer, person) = answered.unwrap_or_else(|_| {
        let body = Body::Text("the server is stopping".to_owned());
        (Answer { status: StatusCode::SERVICE_UNAVAILABLE, body, cookies: Vec::new() }, None)
    });
    let length_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let (method, status) = (page.method.name(), answer.status.as_u16());
    counted.runtime().metrics().request(method, page.path, status, began.elapsed());
    let person = person.unwrap_or_default();
    tracing::info!(request = %id, method, path = %path, status, person = %person, length_us, "answered");
    respond(answer, &id)
}

fn form_of(body: &[u8]) -> Sent {
    Sent { form: Pairs::parse(&String::from_utf8_lossy(body)), files: Vec::new() }
}

/// Whether a request comes from somebody who is signed in, before anything else of it is read.
async fn is_signed_in(app: &web::Data<App>, request: &HttpRequest) -> bool {
    let Some(cookie) = request.cookie(COOKIE) else { return false };
    let app = app.clone();
    let found = web::block(move || Session::of_token(&app, cookie.value(), app.runtime().now())).await;
    found.is_ok_and(|session| session.is_ok_and(|session| session.is_some()))
}

/// Refuses a form that is larger than anything we ask for, in the frame of whoever sent it.
fn refuse_unread(app: &App, asked: &Asked) -> (Answer, Option<String>) {
    let session = visit(app, asked).ok().and_then(|visit| visit.session);
    let person = session.as_ref().map(|session| session.person.to_string());
    (refuse(app, asked, session, Refusal::TooLarge).0, person)
}

/// Answers what no page is at.
pub async fn nowhere(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let id = identity(&request);
    let asked = Asked::read(&request, id.clone(), Sent::default());
    let path = asked.path.clone();
    let answered = web::block(move || {
        let visit = visit(&app, &asked).ok();
        let session = visit.and_then(|visit| visit.session);
        refuse(&app, &asked, session, Refusal::NotFound).0
    })
    .await;
    tracing::info!(request = %id, method = %request.method(), path = %path, status = 404, "answered");
    answered.map_or_else(|_| HttpResponse::NotFound().finish(), |answer| respond(answer, &id))
}

/// Everything between a request that is read and an answer that is not sent yet; with it who asked.
pub fn answer(page: &Page, app: &App, asked: &Asked) -> (Answer, Option<String>) {
    let visit = match visit(app, asked) {
        Ok(visit) => visit,
        Err(refusal) => return refuse(app, asked, None, refusal),
    };
    let person = visit.session.as_ref().map(|session| session.person.to_string());
    match guard::admit(page, &visit).and_then(|()| (page.handler)(&visit)) {
        Ok(answer) => (answer, person),
        Err(refusal) => {
            let session = visit.session.clone();
            (refuse(app, asked, session, refusal).0, person)
        }
    }
}

/// A request with who makes it.
///
/// # Errors
/// The store failed.
pub fn visit<'a>(app: &'a App, asked: &'a Asked) -> Result<Visit<'a>, Refusal> {
    let now = app.runtime().now();
    let directory = app.runtime().directory();
    let session = match asked.cookies.get(COOKIE) {
        Some(token) => Session::of_token(app, token, now)?,
        None => None,
    };
    Ok(Visit { app, asked, session, language: language(asked), now, directory })
}

/// A request of nobody who is signed in, as machines make them and as far as pages about problems know.
pub fn unsigned<'a>(app: &'a App, asked: &'a Asked) -> Visit<'a> {
    let (now, directory) = (app.runtime().now(), app.runtime().directory());
    Visit { app, asked, session: None, language: language(asked), now, directory }
}

fn language(asked: &Asked) -> Language {
    let kept = asked.cookies.get(LANGUAGE_COOKIE).and_then(|tag| Language::of_tag(tag));
    kept.unwrap_or_else(|| Language::accepted(&asked.languages))
}

#[derive(Serialize)]
struct Problem {
    status: u16,
    heading: String,
    text: String,
    request: String,
}

/// The page that says why there is no other.
fn refuse(app: &App, asked: &Asked, session: Option<Session>, refusal: Refusal) -> (Answer, Option<String>) {
    let (status, key) = match &refusal {
        Refusal::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        Refusal::Forged => (StatusCode::FORBIDDEN, "forged"),
        Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
        Refusal::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        Refusal::SignInFirst if asked.method == Method::Post => return (session_over(app, asked), None),
        Refusal::SignInFirst => return (sign_in_first(asked), None),
        Refusal::Outage(outage, cause) => {
            tracing::error!(request = %asked.id, path = %asked.path, cause, "nothing can be kept");
            let key = match outage {
                Outage::Full => "full",
                Outage::Away => "away",
            };
            (StatusCode::SERVICE_UNAVAILABLE, key)
        }
        Refusal::Broken(cause) => {
            tracing::error!(request = %asked.id, path = %asked.path, cause, "a request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "broken")
        }
    };
    (problem_page(app, asked, session, status, key), None)
}

fn panicked(app: &App, asked: &Asked) -> Answer {
    tracing::error!(request = %asked.id, path = %asked.path, "a request panicked");
    problem_page(app, asked, None, StatusCode::INTERNAL_SERVER_ERROR, "broken")
}

/// Made with as little as possible, since something may be broken: without the frame where that fails too.
fn problem_page(app: &App, asked: &Asked, session: Option<Session>, status: StatusCode, key: &str) -> Answer {
    let now = app.runtime().now();
    let visit = Visit { app, asked, session, language: language(asked), now, directory: app.runtime().directory() };
    let problem = Problem {
        status: status.as_u16(),
        heading: visit.say(&format!("problem-{key}")),
        text: visit.say(&format!("problem-{key}-text")),
        request: asked.id.clone(),
    };
    let framed =
        catch_unwind(AssertUnwindSafe(|| visit.page_with(status, "problem", problem.heading.clone(), &problem)));
    match framed {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => {
            let text = format!("{} {}\n{}\n{}", problem.status, problem.heading, problem.text, asked.id);
            Answer { status, body: Body::Text(text), cookies: Vec::new() }
        }
    }
}

#[derive(Serialize)]
struct Over {
    sign_in: String,
    typed: Vec<Typed>,
}

#[derive(Serialize)]
struct Typed {
    field: String,
    value: String,
}

/// A form was sent after the session had ended: what was typed is shown, so that nothing is lost.
fn session_over(app: &App, asked: &Asked) -> Answer {
    let visit = unsigned(app, asked);
    let secret = |field: &str| field.starts_with('_') || field == "next" || field.contains("password");
    let typed = asked.form.iter().filter(|(field, value)| !secret(field) && !value.trim().is_empty());
    let typed: Vec<Typed> =
        typed.map(|(field, value)| Typed { field: field.to_owned(), value: value.to_owned() }).collect();
    if typed.is_empty() {
        return sign_in_first(asked);
    }
    let back = asked.came_from.as_deref().unwrap_or("/");
    let over = Over { sign_in: format!("/sign-in?next={}", encoded(back)), typed };
    let title = visit.say("session-over");
    visit.page_with(StatusCode::UNAUTHORIZED, "session_over", title, &over).unwrap_or_else(|_| sign_in_first(asked))
}

fn sign_in_first(asked: &Asked) -> Answer {
    // A form cannot be sent again after signing in; the page that it stood on can be shown again.
    let back = asked.came_from.as_deref().filter(|_| asked.form.iter().next().is_some()).unwrap_or(&asked.place);
    let to = if back == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encoded(back)) };
    Answer::see_other(to)
}

/// An answer with what every one of ours says to browsers.
pub fn respond(answer: Answer, id: &str) -> HttpResponse {
    let Answer { status, body, cookies } = answer;
    let mut response = HttpResponse::build(status);
    for cookie in cookies {
        response.cookie(cookie);
    }
    // What one person sees is for nobody else, nor for the browser's back button after signing out.
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.insert_header((REQUEST_ID, id));
    secure(&mut response);
    match body {
        Body::Html(html) => response.content_type("text/html; charset=utf-8").body(html),
        Body::Text(text) => response.content_type("text/plain; charset=utf-8").body(text),
        Body::Json(said) => response.content_type("application/json").body(said.to_string()),
        Body::File { name, media_type, bytes } => {
            // Never shown in a page of ours, whatever it is.
            response.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
            response.insert_header((header::CONTENT_DISPOSITION, attachment(&name)));
            response.content_type(media_type).body(bytes.bytes().to_vec())
        }
        Body::SeeOther(to) => response.insert_header((header::LOCATION, to)).finish(),
    }
}

/// The name under which a browser keeps a file (RFC 6266): for old ones without what is not ASCII.
fn attachment(name: &str) -> String {
    let is_plain = |letter: char| (letter.is_ascii_graphic() || letter == ' ') && !"\"\\%".contains(letter);
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(name))
}

/// What a browser must not do with our pages: no script but our file, no frame around them, no guessing.
pub fn secure(response: &mut HttpResponseBuilder) {
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                  form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response.insert_header((header::X_FRAME_OPTIONS, "DENY"));
    response.insert_header((header::REFERRER_POLICY, "same-origin"));
    response.insert_header(("cross-origin-opener-policy", "same-origin"));
}

/// The identity of a request: the one that a proxy gave it, so that one search finds it in both logs, or one of ours.
pub fn identity(request: &HttpRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let fits = |id: &&str| {
        (1..=REQUEST_ID_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given.filter(fits).map_or_else(next_id, str::to_owned)
}

/// The identity of a request in the log: unique within a run, and hardly the same in another.
fn next_id() -> String {
    static RUN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let run = RUN.get_or_init(|| {
        let mut bytes = [0_u8; 4];
        getrandom::fill(&mut bytes).map_or(0, |()| u32::from_le_bytes(bytes))
    });
    format!("{run:08x}-{:x}", NEXT.fetch_add(1, Ordering::Relaxed))
}
