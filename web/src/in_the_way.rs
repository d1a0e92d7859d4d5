//! What stands in the way of a form: the records and entries that a condition found and should not, each with when it is, and
//! how near it is along the relations of configuration items.

use engine::command::{InTheWay, Rejection};
use engine::directory::Entry;
use engine::ids::Name;
use engine::time::Timestamp;
use engine::value::Value;
use serde::Serialize;

use crate::answer::Refusal;
use crate::pages::registers::{Linked, entry_link};
use crate::reach::{self, Reached};
use crate::visit::Visit;
use crate::windows::{self, Stretch};

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub struct ObstacleView {
    /// What it is, with where it is shown.
    what: Linked,
    /// When it is.
    time: Option<String>,
    /// The items over which the two meet.
    ways: Vec<String>,
}

/// What stands in the way by a refusal; nothing of another one.
///
/// # Errors
/// The store failed.
pub fn in_the_way(visit: &Visit<'_>, reached: &Reached, rejection: &Rejection) -> Result<Vec<ObstacleView>, Refusal> {
    let Rejection::Unmet(unmet) = rejection else { return Ok(Vec::new()) };
    let mut views = Vec::new();
    for InTheWay { of, named } in &unmet.found {
        for key in named {
            views.push(match visit.directory.entry(of.as_str(), key) {
                Some(entry) => of_entry(visit, of, key, entry),
                None => of_record(visit, reached, key)?,
            });
        }
    }
    Ok(views)
}

fn of_entry(visit: &Visit<'_>, register: &Name, key: &Name, entry: &Entry) -> ObstacleView {
    let text = visit.names().entry(register.as_str(), key);
    let what = Linked { text, to: entry_link(visit, register.as_str(), key) };
    ObstacleView { what, time: windows::freeze(entry).map(|stretch| span(visit, stretch)), ways: Vec::new() }
}

fn of_record(visit: &Visit<'_>, reached: &Reached, number: &Name) -> Result<ObstacleView, Refusal> {
    let other = match reach::by_number(visit, number.as_str()) {
        Ok(other) => other,
        Err(Refusal::NotFound) => {
            let what = Linked { text: visit.say("chain-unseen"), to: None };
            return Ok(ObstacleView { what, time: None, ways: Vec::new() });
        }
        Err(cause) => return Err(cause),
    };
    let what = Linked { text: format!("{number} {}", other.title()), to: Some(format!("/records/{number}")) };
    let instant = |name: &str| match other.loaded.instance.fields().get(&Name::from(name)) {
        Some(Value::Instant(at)) => Some(*at),
        _ => None,
    };
    let window = instant(windows::START).zip(instant(windows::END));
    let time = window.map(|(from, until): (Timestamp, Timestamp)| span(visit, Stretch { from, until }));
    let (here, there) = (windows::items(visit, reached), windows::items(visit, &other));
    let near = windows::near(&visit.directory, &here);
    let ways = windows::ways(&near, &there).into_iter().map(|way| windows::way_named(visit, way)).collect();
    Ok(ObstacleView { what, time, ways })
}

fn span(visit: &Visit<'_>, stretch: Stretch) -> String {
    let (from, until) = (visit.moment(stretch.from).text, visit.moment(stretch.until).text);
    visit.say_with("changes-span", &[("from", from.into()), ("until", until.into())])
}
