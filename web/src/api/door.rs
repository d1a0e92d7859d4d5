//! The way in for machines: whose token is it; then the answer, off the server's own threads. A call for jobs that finds
//! none waits for news of some, in no thread at all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use tokio::time::{sleep, sleep_until, timeout};

use crate::answer::{Answer, Body};
use crate::api::caller::Caller;
use crate::api::jobs::{self, Fetch};
use crate::api::problem::{Code, Problem};
use crate::api::{Call, Endpoint};
use crate::api::{alerts, messages};
use crate::app::App;
use crate::asked::Asked;
use crate::door;
use crate::upload::Sent;

/// The most bytes of a body.
const BODY_MAX: usize = 256 * 1024;
/// The most bytes of a body that says beforehand that it is larger, as one with files may be: base64 makes three bytes four.
const BODY_LARGE_MAX: usize = 16 * 1024 * 1024;
/// How long a large body may take to come in.
const BODY_TIME_MAX: Duration = Duration::from_secs(120);
/// How often is looked for jobs while a call waits, whatever news there are: some come to be ready by time alone.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The shortest time between two looks: a busy minute brings much news, and one look serves it all.
const REST: Duration = Duration::from_millis(50);

/// A call, shared by the looks that it takes.
struct Incoming {
    app: web::Data<App>,
    asked: Asked,
    body: web::Bytes,
}

/// What an attempt at answering led to.
enum Attempt {
    Answered(StatusCode, Value),
    /// There are no jobs: the call may wait so long.
    Nothing {
        wait: Duration,
    },
}

/// Answers a call.
pub async fn enter(endpoint: Endpoint, app: web::Data<App>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let began = Instant::now();
    let id = door::identity(&request);
    let asked = Asked::read(&request, id.clone(), Sent::default());
    // Held as long as the files are in memory.
    let mut room = None;
    let read = match endpoint.may_be_large() && length_of(&request) > BODY_MAX {
        // Nobody sends us much whose token opens nothing.
        true => match is_known(&app, &asked).await {
            true => {
                room = app.upload_room().await;
                match timeout(BODY_TIME_MAX, body.to_bytes_limited(BODY_LARGE_MAX)).await {
                    Ok(read) => read,
                    Err(_) => Ok(Ok(web::Bytes::new())),
                }
            }
            false => Ok(Ok(web::Bytes::new())),
        },
        false => body.to_bytes_limited(BODY_MAX).await,
    };
    let (body, unread) = match read {
        Ok(Ok(body)) => (body, None),
        Ok(Err(_)) => (web::Bytes::new(), Some(Code::NotReadable)),
        Err(_) => (web::Bytes::new(), Some(Code::TooLarge)),
    };
    let incoming = Arc::new(Incoming { app: app.clone(), asked, body });
    let (status, said) = match unread {
        Some(code) => refused(&incoming, code),
        None => answered(endpoint, &incoming).await,
    };
    drop(room);
    app.runtime().metrics().request("POST", endpoint.path(), status.as_u16(), began.elapsed());
    let length_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let path = &incoming.asked.path;
    tracing::info!(request = %id, method = "POST", path = %path, status = status.as_u16(), length_us, "answered");
    respond(status, said, &id)
}

/// How long a body says that it is; nothing is said of one that is sent piece by piece.
fn length_of(request: &HttpRequest) -> usize {
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    said.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Whether a call comes from a worker, before its body is read.
async fn is_known(app: &web::Data<App>, asked: &Asked) -> bool {
    let (app, asked) = (app.clone(), asked.clone());
    web::block(move || Caller::of(&door::unsigned(&app, &asked)).is_ok()).await.unwrap_or(false)
}

/// Answers what no endpoint is at.
pub async fn nowhere(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let id = door::identity(&request);
    let known = Endpoint::ALL.iter().any(|endpoint| request.match_pattern().as_deref() == Some(endpoint.path()));
    let incoming = Incoming { app, asked: Asked::read(&request, id.clone(), Sent::default()), body: web::Bytes::new() };
    let (status, said) = refused(&incoming, if known { Code::MethodNotAllowed } else { Code::NotFound });
    respond(status, said, &id)
}

/// Tries until there is an answer; waits only where there are no jobs.
async fn answered(endpoint: Endpoint, incoming: &Arc<Incoming>) -> (StatusCode, Value) {
    let began = tokio::time::Instant::now();
    let mut news = incoming.app.runtime().job_news();
    let mut room = None;
    loop {
        let attempted = incoming.clone();
        let attempt = web::block(move || attempt(endpoint, &attempted)).await;
        let deadline = match attempt {
            Ok(Attempt::Answered(status, said)) => return (status, said),
            Ok(Attempt::Nothing { wait }) => began + wait,
            // The server is stopping.
            Err(_) => return refused(incoming, Code::Busy),
        };
        let now = tokio::time::Instant::now();
        if now >= deadline {
            return (StatusCode::OK, jobs::given(&[]));
        }
        if room.is_none() {
            room = incoming.app.waiting_room();
        }
        if room.is_none() {
            return refused(incoming, Code::Busy);
        }
        tokio::select! {
            () = news.next() => sleep(REST).await,
            () = sleep_until(deadline.min(now + LOOK_EVERY)) => {}
        }
    }
}

/// One attempt, in a thread that may block. A panic is our mistake, and ends here.
fn attempt(endpoint: Endpoint, incoming: &Incoming) -> Attempt {
    let span = tracing::error_span!("request", request = %incoming.asked.id);
    let _within = span.entered();
    catch_unwind(AssertUnwindSafe(|| {
        let visit = door::unsigned(&incoming.app, &incoming.asked);
        let tried = Caller::of(&visit)
            .and_then(|caller| carry_out(endpoint, &Call { visit: &visit, caller: &caller, body: &incoming.body }));
        tried.unwrap_or_else(|problem| {
            let (status, said) = problem.answer(&visit);
            Attempt::Answered(status, said)
        })
    }))
    .unwrap_or_else(|_| {
        tracing::error!(path = %incoming.asked.path, "a call panicked");
        let (status, said) = refused(incoming, Code::Broken);
        Attempt::Answered(status, said)
    })
}

fn carry_out(endpoint: Endpoint, call: &Call<'_>) -> Result<Attempt, Problem> {
    let done = match endpoint {
        Endpoint::Fetch => {
            let fetch = Fetch::read(call)?;
            let found = fetch.look(call)?;
            if found.is_empty() {
                return Ok(Attempt::Nothing { wait: Duration::from_secs(u64::from(fetch.wait_seconds)) });
            }
            jobs::given(&found)
        }
        Endpoint::Complete => jobs::complete(call)?,
        Endpoint::Fail => jobs::fail(call)?,
        Endpoint::Extend => jobs::extend(call)?,
        Endpoint::Return => jobs::give_back(call)?,
        Endpoint::Attach => jobs::attach(call)?,
        Endpoint::File => jobs::file(call)?,
        Endpoint::Receive => messages::receive(call)?,
        Endpoint::Alerts => {
            let (status, said) = alerts::take_in(call)?;
            return Ok(Attempt::Answered(status, said));
        }
    };
    Ok(Attempt::Answered(StatusCode::OK, done))
}

fn refused(incoming: &Incoming, code: Code) -> (StatusCode, Value) {
    Problem::new(code).answer(&door::unsigned(&incoming.app, &incoming.asked))
}

fn respond(status: StatusCode, said: Value, id: &str) -> HttpResponse {
    let mut response = door::respond(Answer { status, body: Body::Json(said), cookies: Vec::new() }, id);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    response
}
