//! What changes while somebody reads, told by server-sent events: how many tasks came to the inbox, that the open record
//! is another one now, who else is at it. The page offers to show it and moves nothing by itself.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, web};
use engine::ids::InstanceId;
use engine::time::Timestamp;
use futures_core::Stream;
use serde_json::json;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep};

use crate::app::App;
use crate::asked::Asked;
use crate::door;
use crate::pages::inbox;
use crate::reach::{self, Reached};
use crate::timeline::is_public;
use crate::upload::Sent;
use crate::visit::Visit;
use crate::watchers::{Doing, Place, Watching};

/// The least time between two looks after news: a busy minute brings many, and one look serves them all.
const REST: Duration = Duration::from_secs(3);
/// How often something is sent in any case: a connection that is gone is noticed by that.
const BEAT: Duration = Duration::from_secs(5);
/// After how many beats without news is looked all the same.
const BEATS_BLIND: u32 = 3;
/// How long one connection lasts; the browser opens the next by itself, with the session that it has then.
const LENGTH_MAX: Duration = Duration::from_secs(600);

/// Follows a page: `record` with the `revision` that it shows, or the inbox as its address says, `since` it was made.
pub async fn follow(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let id = door::identity(&request);
    let asked = web::Data::new(Asked::read(&request, id.clone(), Sent::default()));
    let begin = (app.clone(), asked.clone());
    let begun = web::block(move || place(&begin.0, &begin.1)).await.ok().flatten();
    let Some(place) = begun else { return closed(HttpResponse::NotFound()) };
    let record = place.record;
    let Some(watching) = app.watchers().enter(place) else { return closed(HttpResponse::ServiceUnavailable()) };
    let (tell, told) = mpsc::channel(1);
    actix_web::rt::spawn(tell_on(app, asked, (watching, record), tell));
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    // What is compressed comes in pieces of the packer's choosing, and a line must come when it is said.
    response.insert_header(ContentEncoding::Identity);
    response.insert_header(("x-request-id", id));
    door::secure(&mut response);
    response.content_type("text/event-stream").streaming(Told(told))
}

fn closed(mut response: actix_web::HttpResponseBuilder) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    door::secure(&mut response);
    response.finish()
}

/// Where the visitor is; nothing for who may not see it.
fn place(app: &App, asked: &Asked) -> Option<Place> {
    let visit = door::visit(app, asked).ok()?;
    let person = visit.person().ok()?.clone();
    let record = match asked.query.get("record") {
        Some(number) => Some(reach::by_number(&visit, number).ok()?.loaded.instance.id()),
        None if visit.is_staff() => None,
        None => return None,
    };
    let doing = if asked.query.has("writing") { Doing::Writing } else { Doing::Looking };
    Some(Place { person, record, doing })
}

async fn tell_on(
    app: web::Data<App>,
    asked: web::Data<Asked>,
    (mut watching, record): (Watching, Option<InstanceId>),
    tell: mpsc::Sender<web::Bytes>,
) {
    let (mut news, mut moves) = (app.runtime().news(), app.watchers().moves());
    let end = Instant::now() + LENGTH_MAX;
    let mut before = String::new();
    let mut blind = BEATS_BLIND;
    while Instant::now() < end {
        let mut line = ":\n\n".to_owned();
        if blind >= BEATS_BLIND {
            blind = 0;
            let look = (app.clone(), asked.clone());
            // Where the session is over or the record is out of sight, there is no more to tell.
            let Ok(Some(said)) = web::block(move || said(&look.0, &look.1)).await else { break };
            if said != before {
                line = format!("data: {said}\n\n");
                before = said;
            }
        }
        if tell.send(web::Bytes::from(line)).await.is_err() {
            break;
        }
        tokio::select! {
            () = news.next() => {
                sleep(REST).await;
                blind = BEATS_BLIND;
            }
            () = moved_to(&mut moves, record) => blind = BEATS_BLIND,
            () = watching.given_up() => break,
            () = tell.closed() => break,
            () = sleep(BEAT) => blind += 1,
        }
    }
    drop(watching);
}

/// Returns when somebody came to the record or went.
async fn moved_to(moves: &mut broadcast::Receiver<InstanceId>, record: Option<InstanceId>) {
    loop {
        match moves.recv().await {
            Ok(moved) if Some(moved) != record => {}
            // Whoever was too slow to hear all looks again.
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// What there is to say now: `words` of what changed and `who` of who else is there, empty where there is nothing.
fn said(app: &App, asked: &Asked) -> Option<String> {
    let visit = door::visit(app, asked).ok()?;
    let (words, who) = match asked.query.get("record") {
        Some(number) => of_record(&visit, number)?,
        None if visit.is_staff() => (of_inbox(&visit)?, String::new()),
        None => return None,
    };
    Some(json!({ "who": who, "words": words }).to_string())
}

fn of_inbox(visit: &Visit<'_>) -> Option<String> {
    let since = visit.asked.query.get("since").and_then(|since| since.parse().ok()).map(Timestamp)?;
    let fresh = inbox::opened_since(visit, since).ok()?;
    let count = i64::try_from(fresh).unwrap_or(i64::MAX);
    Some(if fresh == 0 { String::new() } else { visit.say_with("live-new", &[("count", count.into())]) })
}

fn of_record(visit: &Visit<'_>, number: &str) -> Option<(String, String)> {
    let reached = reach::by_number(visit, number).ok()?;
    let shown = visit.asked.query.get("revision").and_then(|shown| shown.parse::<u64>().ok())?;
    let words = if has_changed(visit, &reached, shown)? { visit.say("live-changed") } else { String::new() };
    let others = visit.app.watchers().others(reached.loaded.instance.id(), visit.person().ok()?);
    let those = |doing: Doing, key: &str| {
        let people = others.iter().filter(|(_, held)| **held == doing).map(|(person, _)| visit.names().person(person));
        let people = people.collect::<Vec<_>>().join(&visit.say("list-comma"));
        (!people.is_empty()).then(|| visit.say_with(key, &[("people", people.into())]))
    };
    let who = [those(Doing::Writing, "live-writing"), those(Doing::Looking, "live-looking")];
    Some((words, who.into_iter().flatten().collect::<Vec<_>>().join(" · ")))
}

/// Whether the record has changed since a revision, as the visitor may know it.
fn has_changed(visit: &Visit<'_>, reached: &Reached, shown: u64) -> Option<bool> {
    if reached.loaded.revision <= shown || reached.reads_internal(visit) {
        return Some(reached.loaded.revision > shown);
    }
    let history = visit.app.store().history(reached.loaded.instance.id()).ok()?;
    let since = history.iter().filter(|entry| entry.revision > shown);
    Some(since.flat_map(|entry| &entry.events).any(is_public))
}

/// What is told, as the body of an answer.
struct Told(mpsc::Receiver<web::Bytes>);

impl Stream for Told {
    type Item = Result<web::Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|line| line.map(Ok))
    }
}
