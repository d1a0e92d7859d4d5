//! Linking a record with another by hand, in the ways that its process declares, and taking such a link away.

use actix_web::http::StatusCode;
use engine::command::Command;
use engine::definition::Direction;
use engine::effect::Link;
use engine::ids::Name;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::chain::ties::link_type;
use crate::flash::Deed;
use crate::form::Choosable;
use crate::pages::comment::give;
use crate::pages::record::{self, Draft, Drafted};
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// What can be linked, and which links can be taken away.
#[derive(Debug, Serialize)]
pub struct LinkView {
    ways: Vec<Choosable>,
    number: String,
    problem: Option<String>,
    held: Vec<Choosable>,
    reason: String,
    unlink_problem: Option<String>,
}

/// The forms, for who may edit the record.
///
/// # Errors
/// The store failed.
pub fn view(visit: &Visit<'_>, reached: &Reached, draft: &Draft) -> Result<Option<LinkView>, Refusal> {
    if !record::may_edit(visit, reached) {
        return Ok(None);
    }
    let typed = |of: Drafted, name: &str| match draft.of == of {
        true => visit.asked.form.raw(name).unwrap_or_default().to_owned(),
        false => String::new(),
    };
    let problem = |of: Drafted| draft.problem.clone().filter(|_| draft.of == of);
    let (way, taken) = (typed(Drafted::Link, "way"), typed(Drafted::Unlink, "link"));
    let mut ways = Vec::new();
    for declared in &reached.definition.parts().links {
        let one = |direction: Direction, label: &str| {
            let value = written(&declared.name, direction);
            Choosable { chosen: value == way, value, label: label.to_owned() }
        };
        ways.push(one(Direction::FromThis, visit.language.of(&declared.labels)));
        // What is called the same from both ends is offered once.
        if declared.labels != declared.reverse {
            ways.push(one(Direction::FromIt, visit.language.of(&declared.reverse)));
        }
    }
    let mut held = Vec::new();
    for link in reached.loaded.instance.links() {
        let other = match reach::by_id(visit, link.other) {
            Ok(other) => other,
            Err(Refusal::NotFound) => continue,
            Err(cause) => return Err(cause),
        };
        let number = other.loaded.instance.number();
        let called = link_type(&reached.definition, &link.kind).or_else(|| link_type(&other.definition, &link.kind));
        let label = match (called, link.direction) {
            (Some(called), Direction::FromThis) => visit.language.of(&called.labels).to_owned(),
            (Some(called), Direction::FromIt) => visit.language.of(&called.reverse).to_owned(),
            (None, _) => link.kind.as_str().replace('_', " "),
        };
        let value = format!("{} {number}", written(&link.kind, link.direction));
        held.push(Choosable { chosen: value == taken, label: format!("{label} {number}"), value });
    }
    if ways.is_empty() && held.is_empty() {
        return Ok(None);
    }
    Ok(Some(LinkView {
        ways,
        number: typed(Drafted::Link, "number"),
        problem: problem(Drafted::Link),
        held,
        reason: typed(Drafted::Unlink, "reason"),
        unlink_problem: problem(Drafted::Unlink),
    }))
}

/// Links the record with the one whose number was typed.
pub fn link(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let form = &visit.asked.form;
    let Some((kind, direction)) = form.get("way").and_then(read) else {
        return refused(visit, &reached, Drafted::Link, visit.say("refused-choose-link"));
    };
    let typed = form.get("number").unwrap_or_default().trim().to_uppercase();
    let other = match reach::by_number(visit, &typed) {
        Ok(other) if other.loaded.instance.id() == reached.loaded.instance.id() => {
            return refused(visit, &reached, Drafted::Link, visit.say("misfit-refers-to-itself"));
        }
        Ok(other) => other.loaded.instance.id(),
        Err(Refusal::NotFound) => {
            let said = visit.say_with("refused-no-such-record", &[("number", typed.as_str().into())]);
            return refused(visit, &reached, Drafted::Link, said);
        }
        Err(cause) => return Err(cause),
    };
    give(visit, &reached, Command::Link { link: Link { kind, direction, other } }, Drafted::Link, Deed::Linked)
}

/// Takes a link away.
pub fn unlink(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let form = &visit.asked.form;
    let named = form.get("link").and_then(|text| text.split_once(' '));
    let Some(((kind, direction), number)) = named.and_then(|(way, number)| Some((read(way)?, number))) else {
        return refused(visit, &reached, Drafted::Unlink, visit.say("refused-choose-link"));
    };
    let other = reach::by_number(visit, number)?.loaded.instance.id();
    let reason = form.get("reason").unwrap_or_default().to_owned();
    let command = Command::Unlink { link: Link { kind, direction, other }, reason };
    give(visit, &reached, command, Drafted::Unlink, Deed::Unlinked)
}

fn refused(visit: &Visit<'_>, reached: &Reached, of: Drafted, problem: String) -> Result<Answer, Refusal> {
    let draft = Draft { of, problem: Some(problem), ..Draft::default() };
    record::page(visit, reached, StatusCode::UNPROCESSABLE_ENTITY, &draft)
}

/// A way from this record or to it: `caused_by>`, `caused_by<`.
fn written(kind: &Name, direction: Direction) -> String {
    match direction {
        Direction::FromThis => format!("{kind}>"),
        Direction::FromIt => format!("{kind}<"),
    }
}

fn read(way: &str) -> Option<(Name, Direction)> {
    let (kind, direction) = match way.strip_suffix('>') {
        Some(kind) => (kind, Direction::FromThis),
        None => (way.strip_suffix('<')?, Direction::FromIt),
    };
    Some((Name::from(kind), direction))
}
