//! Who acts for whom: judged when somebody acts or looks, so that an absence that begins later, or ends, is seen at once.

use std::collections::BTreeSet;

use crate::directory::Directory;
use crate::event::Principal;
use crate::expr::Scope;
use crate::ids::Name;
use crate::instance::{Instance, OpenTask};
use crate::people;

/// In which capacity somebody does a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// It is for that person.
    Own,
    /// It is for somebody who is absent.
    InSteadOf(Name),
}

impl Capacity {
    /// The absent person, if it is for one.
    pub fn in_stead_of(&self) -> Option<&Name> {
        match self {
            Capacity::Own => None,
            Capacity::InSteadOf(person) => Some(person),
        }
    }
}

/// Who stands in for a person on a day: the first of the person's substitute, the substitute's substitute and so on who is
/// there and whom nothing bars. Nobody where the person is there, and where the way ends or comes back to where it was.
pub fn stand_in(person: &Name, directory: &Directory, day: &str, may: impl Fn(&Name) -> bool) -> Option<Name> {
    if !directory.is_absent(person, day) {
        return None;
    }
    chain(person, directory).into_iter().find(|next| !directory.is_absent(next, day) && may(next))
}

/// The substitutes of a person, one after the other, each once; only people who can sign in.
fn chain(person: &Name, directory: &Directory) -> Vec<Name> {
    let (mut seen, mut found) = (BTreeSet::from([person]), Vec::new());
    let mut at = person;
    while let Some(next) = directory.substitute(at) {
        if !seen.insert(next) {
            break;
        }
        if directory.standing(next).is_some() {
            found.push(next.clone());
        }
        at = next;
    }
    found
}

/// The absent people for whom a person may have to act: it depends on each task, since others may come first.
pub fn absent_before(person: &Name, directory: &Directory, day: &str) -> Vec<Name> {
    let before = |absent: &&Name| directory.is_absent(absent, day) && chain(absent, directory).contains(person);
    directory.substituted().filter(before).cloned().collect()
}

/// In which capacity a person may do an open task, if in any; separation of duty for the person itself is another
/// question.
pub fn capacity(person: &Name, open: &OpenTask, instance: &Instance, scope: &Scope<'_>) -> Option<Capacity> {
    if people::is_among(person, &open.candidates, scope.directory) {
        return Some(Capacity::Own);
    }
    // Who has taken a task for somebody keeps it when that one is back.
    if open.assignee.as_ref() == Some(person)
        && let Some(absent) = &open.in_stead_of
    {
        return Some(Capacity::InSteadOf(absent.clone()));
    }
    open.candidates.iter().find_map(|principal| match principal {
        Principal::StandIn(absent) if stands_in(person, absent, open, instance, scope) => {
            Some(Capacity::InSteadOf(absent.clone()))
        }
        Principal::StandIn(_) | Principal::Anyone | Principal::Role(_) | Principal::Team(_) | Principal::Person(_) => {
            None
        }
    })
}

fn stands_in(person: &Name, absent: &Name, open: &OpenTask, instance: &Instance, scope: &Scope<'_>) -> bool {
    substitute_for(absent, open, instance, scope).as_ref() == Some(person)
}

/// Who does an open task for an absent person now: never somebody whom separation of duty bars, nobody for a person who
/// is barred, and in an approval nobody who has a vote already.
pub fn substitute_for(absent: &Name, open: &OpenTask, instance: &Instance, scope: &Scope<'_>) -> Option<Name> {
    let barred = |person: &Name| people::is_barred_from(person, open, instance, scope);
    if barred(absent) {
        return None;
    }
    let ballot = instance.ballot(open.token);
    let has_vote = |person: &Name| ballot.is_some_and(|ballot| ballot.has_vote(person));
    stand_in(absent, scope.directory, &scope.today(), |next| !barred(next) && !has_vote(next))
}
