//! The people whom a chain names: who asked, acted or was asked, with the roles and teams that they hold today.

use std::collections::BTreeSet;

use engine::directory::TEAM;
use engine::event::{Actor, Event, Principal};
use engine::ids::Name;
use serde::Serialize;
use store::HistoryEntry;

use crate::reach::Reached;
use crate::timeline::is_public;
use crate::visit::Visit;

/// Somebody whom a chain names.
#[derive(Debug, Serialize)]
pub struct PersonView {
    name: String,
    roles: String,
    teams: String,
}

/// Whom the history of a record names, as far as the visitor reads it.
pub fn named_by(visit: &Visit<'_>, reached: &Reached, history: &[HistoryEntry]) -> BTreeSet<Name> {
    let reads_internal = reached.reads_internal(visit);
    let mut people = BTreeSet::from([reached.loaded.instance.requester().clone()]);
    for entry in history {
        let mut is_read = false;
        for event in entry.events.iter().filter(|event| reads_internal || is_public(event)) {
            is_read = true;
            people.extend(asked(event).cloned());
        }
        if let Actor::Person(person) = &entry.actor
            && is_read
        {
            people.insert(person.clone());
        }
    }
    people
}

/// Those whom an event asks by name.
fn asked(event: &Event) -> impl Iterator<Item = &Name> {
    let (principals, people): (&[Principal], &[Name]) = match event {
        Event::TaskOpened { candidates, .. } | Event::TaskReassigned { candidates, .. } => (candidates, &[]),
        Event::ApprovalOpened { asked, .. } | Event::ApprovalReasked { asked, .. } => (&[], asked),
        _ => (&[], &[]),
    };
    let named = principals.iter().filter_map(|principal| match principal {
        Principal::Person(person) => Some(person),
        Principal::Anyone | Principal::Role(_) | Principal::Team(_) | Principal::StandIn(_) => None,
    });
    named.chain(people)
}

/// People with what they hold today, by name.
pub fn listed(visit: &Visit<'_>, people: &BTreeSet<Name>) -> Vec<PersonView> {
    let (names, comma) = (visit.names(), visit.say("list-comma"));
    let view = |person: &Name| {
        let standing = visit.directory.standing(person).cloned().unwrap_or_default();
        let roles: Vec<String> = standing.roles.iter().map(|role| names.role(role)).collect();
        let teams: Vec<String> = standing.teams.iter().map(|team| names.entry(TEAM, team)).collect();
        PersonView { name: names.person(person), roles: roles.join(&comma), teams: teams.join(&comma) }
    };
    let mut listed: Vec<PersonView> = people.iter().map(view).collect();
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    listed
}
