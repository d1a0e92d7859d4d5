//! Watching a record: whoever does is told of what is written on it and of its end. Not to be mixed up with who has its page
//! open at the moment, which is [`crate::watchers`].

use actix_web::http::StatusCode;
use serde::Serialize;
use store::{WATCHED_MAX, WATCHERS_MAX, Watched};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::pages::record::{self, Draft, Drafted};
use crate::pages::requests::{self, Row};
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// Where they are listed.
const LIST: &str = "/watched";
/// How many records stand on a page.
const PAGE: usize = 50;

/// The button.
#[derive(Debug, Serialize)]
pub struct WatchView {
    number: String,
    watching: bool,
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
}

/// A record; one that the visitor may not see any more has nothing but its number.
#[derive(Debug, Serialize)]
struct Line {
    number: String,
    row: Option<Row>,
    watch: WatchView,
}

/// The button for a record. Nothing becomes of a record that is over, so nobody begins to watch it.
///
/// # Errors
/// The store failed.
pub fn button(visit: &Visit<'_>, reached: &Reached, problem: Option<String>) -> Result<Option<WatchView>, Refusal> {
    let instance = &reached.loaded.instance;
    let watching = visit.app.store().watchers(instance.id())?.contains(visit.person()?);
    let view = WatchView { number: instance.number().to_owned(), watching, problem };
    Ok((watching || !instance.is_ended()).then_some(view))
}

/// Begins to watch.
pub fn begin(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let most = |count: usize| [("most", i64::try_from(count).unwrap_or(i64::MAX).into())];
    let problem = match visit.app.store().watch(visit.person()?, reached.loaded.instance.id(), visit.now)? {
        Watched::Now => return Ok(visit.done(back(visit), Flash::new(Deed::Watched, reached.loaded.instance.number()))),
        Watched::Gone => return Err(Refusal::NotFound),
        Watched::TooManyRecords => visit.say_with("watch-too-many-records", &most(WATCHED_MAX)),
        Watched::TooManyPeople => visit.say_with("watch-too-many-people", &most(WATCHERS_MAX)),
    };
    let draft = Draft { of: Drafted::Watch, problem: Some(problem), ..Draft::default() };
    record::page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &draft)
}

/// Watches no more, also what one may not see any more.
pub fn end(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let number = visit.asked.part("number");
    let (store, person) = (visit.app.store(), visit.person()?);
    let id = store.instance_of_number(number)?.ok_or(Refusal::NotFound)?;
    let back = match reach::by_id(visit, id) {
        Ok(_) => back(visit),
        Err(Refusal::NotFound) if store.watchers(id)?.contains(person) => LIST.to_owned(),
        // Whoever may not see a record is not told that it is there.
        Err(other) => return Err(other),
    };
    store.unwatch(person, id)?;
    Ok(visit.done(back, Flash::new(Deed::Unwatched, number)))
}

/// The page with the button: the record's, or the list from which it was looked at.
fn back(visit: &Visit<'_>) -> String {
    let record = format!("/records/{}", visit.asked.part("number"));
    let has_button = |path: &&str| {
        let page = path.split_once('?').map_or(*path, |(page, _)| page);
        page == "/inbox" || page == LIST
    };
    visit.asked.came_from.as_deref().filter(has_button).map_or(record, str::to_owned)
}

/// What the visitor watches, newest first.
pub fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let from = visit.asked.query.get("from").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let watched = visit.app.store().watched(visit.person()?)?;
    let is_more = watched.len() > from.saturating_add(PAGE);
    let mut rows = Vec::new();
    for id in watched.into_iter().skip(from).take(PAGE) {
        // What retention took away since is not worth a line.
        let Some(case) = visit.app.store().case(id)? else { continue };
        let number = case.number.clone();
        let row = match reach::by_id(visit, id) {
            Ok(_) => Some(requests::row(visit, case)?),
            Err(Refusal::NotFound) => None,
            Err(other) => return Err(other),
        };
        rows.push(Line { watch: WatchView { number: number.clone(), watching: true, problem: None }, number, row });
    }
    let view = View {
        rows,
        first: (from > 0).then(|| LIST.to_owned()),
        next: is_more.then(|| format!("{LIST}?from={}", from.saturating_add(PAGE))),
    };
    visit.page("watched", visit.say("watched-title"), &view)
}
