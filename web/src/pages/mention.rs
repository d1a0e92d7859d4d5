//! Whom a comment can name: the list that opens where one types `@`. Part of the record's page, fetched by the script; the
//! choice beside the comment does the same without it.

use engine::audience::Audience;
use engine::definition::Labels;
use engine::directory::PERSON;
use engine::event::Actor;
use engine::ids::Name;
use engine::people;
use runtime::words::terms;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::mentions;
use crate::pages::record;
use crate::reach;
use crate::visit::Visit;

/// How many people are offered at a time.
const OFFERED_MAX: usize = 8;

#[derive(Debug, Serialize)]
struct View {
    people: Vec<Offered>,
    /// How many, for whoever does not see the list open.
    count: String,
}

#[derive(Debug, Serialize)]
struct Offered {
    label: String,
    key: String,
    /// What the comment says to name this person, and nobody else.
    written: String,
}

/// Those who are called, sound or are keyed as was typed, nearest first, as far as they may read the comment.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    if !record::may_comment(visit, &reached) {
        return Err(Refusal::NotFound);
    }
    let audience = match visit.asked.query.get("audience") {
        Some("internal") => Audience::Internal,
        Some(_) | None => Audience::Public,
    };
    let scope = reached.scope(visit);
    let may_be_told = |person: &&Name| {
        let reads = || people::reads(&Actor::Person((*person).clone()), audience, &reached.loaded.instance, &scope);
        visit.directory.standing(person).is_some_and(|standing| record::is_reader(visit, &reached, (person, standing)))
            && reads()
    };
    let asked = terms(visit.asked.query.get("q").unwrap_or_default());
    let lookup = visit.app.lookup(&visit.directory);
    let found: Vec<&Name> = match asked.is_empty() {
        true => visit.directory.standings().map(|(person, _)| person).filter(may_be_told).take(OFFERED_MAX).collect(),
        false => lookup.found(PERSON, &asked).into_iter().filter(may_be_told).take(OFFERED_MAX).collect(),
    };
    let people: Vec<Offered> = found.into_iter().map(|person| offered(visit, person)).collect();
    let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
    visit.part("mention", &View { people, count: visit.say_with("mention-count", &[("count", count.into())]) })
}

/// A person by name in the visitor's language; by key, where others are meant by that name too.
fn offered(visit: &Visit<'_>, person: &Name) -> Offered {
    let label = visit.names().person(person);
    let named = format!("@{label}");
    let is_plain = mentions::of(&named, &visit.directory).into_iter().eq([person.clone()]);
    let written = if is_plain { named } else { format!("@{person}") };
    let labels = visit.directory.entry(PERSON, person).map(|entry| entry.labels.clone());
    let other = labels.map(|Labels { en, zh }| if en == label { zh } else { en }).filter(|other| *other != label);
    Offered { key: other.map_or_else(|| person.to_string(), |other| format!("{other} · {person}")), label, written }
}
