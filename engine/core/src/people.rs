//! Who may do what.

use crate::audience::Audience;
use crate::definition::{Candidates, Field, StepKind, Substitution, Who};
use crate::directory::Directory;
use crate::event::{Actor, Principal};
use crate::expr::{EvalError, Scope};
use crate::file::HeldFile;
use crate::ids::Name;
use crate::instance::{Instance, OpenTask};
use crate::substitution;
use crate::value::Value;

/// The role of those who see everything and change nothing.
pub const AUDITOR: &str = "auditor";
/// The role of those who run the installation.
pub const ADMINISTRATOR: &str = "administrator";

/// The principals that a definition's words mean for a record now.
///
/// # Errors
/// An expression that names a team or person has no value.
pub fn principals(whom: &[Who], scope: &Scope<'_>) -> Result<Vec<Principal>, EvalError> {
    let mut found = Vec::new();
    for who in whom {
        match who {
            Who::Anyone => found.push(Principal::Anyone),
            Who::Nobody => {}
            Who::Requester => found.push(Principal::Person(scope.requester.clone())),
            Who::Role(role) => found.push(Principal::Role(role.clone())),
            Who::RoleOf(role) => named(role, scope)?.into_iter().for_each(|key| found.push(Principal::Role(key))),
            Who::Team(team) => named(team, scope)?.into_iter().for_each(|key| found.push(Principal::Team(key))),
            Who::Person(person) => named(person, scope)?.into_iter().for_each(|key| found.push(Principal::Person(key))),
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Who may do a task: those whom it names, and, where it says so, whoever stands in for a person while that one is
/// absent.
///
/// # Errors
/// As [`principals`].
pub fn candidates(candidates: &Candidates, scope: &Scope<'_>) -> Result<Vec<Principal>, EvalError> {
    let mut found = principals(&candidates.any, scope)?;
    if candidates.substitution == Substitution::WhenAbsent {
        let standing_in: Vec<Principal> = found
            .iter()
            .filter_map(|principal| match principal {
                Principal::Person(person) => Some(Principal::StandIn(person.clone())),
                Principal::Anyone | Principal::Role(_) | Principal::Team(_) | Principal::StandIn(_) => None,
            })
            .collect();
        found.extend(standing_in);
    }
    Ok(found)
}

fn named(expr: &crate::expr::Expr, scope: &Scope<'_>) -> Result<Vec<Name>, EvalError> {
    match expr.value(scope)? {
        Value::Ref(key) => Ok(vec![key]),
        Value::List(items) => Ok(items
            .into_iter()
            .filter_map(|item| match item {
                Value::Ref(key) => Some(key),
                _ => None,
            })
            .collect()),
        _ => Err(EvalError::Empty(expr.source())),
    }
}

/// Whether a person is among the principals. Whoever stands in for somebody is not: see [`crate::substitution`].
pub fn is_among(person: &Name, principals: &[Principal], directory: &Directory) -> bool {
    let standing = directory.standing(person);
    principals.iter().any(|principal| match principal {
        Principal::Anyone => standing.is_some(),
        Principal::Role(role) => standing.is_some_and(|standing| standing.roles.contains(role)),
        Principal::Team(team) => standing.is_some_and(|standing| standing.teams.contains(team)),
        Principal::Person(key) => key == person,
        Principal::StandIn(_) => false,
    })
}

/// Every person who is among the principals, sorted.
pub fn members(principals: &[Principal], directory: &Directory) -> Vec<Name> {
    directory
        .standings()
        .map(|(person, _)| person)
        .filter(|person| is_among(person, principals, directory))
        .cloned()
        .collect()
}

/// Whether an actor is meant by a definition's words. The engine itself always is.
pub fn is_meant(actor: &Actor, whom: &[Who], scope: &Scope<'_>) -> bool {
    match actor {
        Actor::System => true,
        Actor::Person(person) => whom.iter().any(|who| {
            // A team or person that a field does not name yet means nobody.
            principals(std::slice::from_ref(who), scope)
                .is_ok_and(|principals| is_among(person, &principals, scope.directory))
        }),
    }
}

/// Whether an actor who may see a record may see a field of it. Neither a task nor a role of the installation gives that
/// right: only those may whom the field names, where it names somebody.
pub fn sees_field(actor: &Actor, field: &Field, scope: &Scope<'_>) -> bool {
    field.seen_by.is_empty() || is_meant(actor, &field.seen_by, scope)
}

/// Whether an actor who may see a record may see a file of it: one that belongs to the record as a whole, or the field for
/// which it was brought. Of a field that the record's version does not have, nobody sees anything.
pub fn sees_file(actor: &Actor, held: &HeldFile, scope: &Scope<'_>) -> bool {
    match &held.field {
        None => true,
        Some(name) => scope.definition.field(name).is_some_and(|field| sees_field(actor, field, scope)),
    }
}

/// Whether an actor runs the installation: an administrator, or the engine itself.
pub fn administers(actor: &Actor, directory: &Directory) -> bool {
    match actor {
        Actor::System => true,
        Actor::Person(person) => is_among(person, &[Principal::Role(ADMINISTRATOR.into())], directory),
    }
}

/// Whether separation of duty keeps a person from a task.
pub(crate) fn is_barred(person: &Name, candidates: &Candidates, instance: &Instance, scope: &Scope<'_>) -> bool {
    let meant = is_meant(&Actor::Person(person.clone()), &candidates.not, scope);
    let did = candidates.not_who_did.iter().any(|step| instance.took_part(step, person));
    meant || did
}

/// Whether separation of duty keeps a person from an open task or approval.
pub fn is_barred_from(person: &Name, open: &OpenTask, instance: &Instance, scope: &Scope<'_>) -> bool {
    let candidates = match scope.definition.step(&open.step).map(|step| &step.kind) {
        Some(StepKind::Task(task)) => Some(&task.candidates),
        Some(StepKind::Approval(approval)) => {
            instance.ballot(open.token).and_then(|ballot| approval.level(ballot.level))
        }
        _ => None,
    };
    let items = instance.items_around(open.token, scope.definition);
    let there = Scope { items: &items, ..*scope };
    candidates.is_some_and(|candidates| is_barred(person, candidates, instance, &there))
}

/// Whether a person could do an open task of a record, or was asked to; voting on it is not working on it.
pub fn works_on(person: &Name, instance: &Instance, scope: &Scope<'_>) -> bool {
    person != instance.requester()
        && instance.tasks().iter().filter(|open| instance.ballot(open.token).is_none()).any(|open| {
            open.assignee.as_ref() == Some(person) || substitution::capacity(person, open, instance, scope).is_some()
        })
}

/// Whether an actor reads what is written for those who work on a record: whom its definition lets edit it or names as a
/// role of its process, whoever has or had a task or a vote of it, and those who oversee the installation. Whoever asked for
/// the record does not as such, nor does who may only see it. It does not end with the record.
pub fn reads_internal(actor: &Actor, instance: &Instance, scope: &Scope<'_>) -> bool {
    let Actor::Person(person) = actor else { return true };
    let holds = |role: Name| is_among(person, &[Principal::Role(role)], scope.directory);
    if holds(ADMINISTRATOR.into()) || holds(AUDITOR.into()) {
        return true;
    }
    let parts = scope.definition.parts();
    let is_editor = parts.edited_by.iter().any(|who| match who {
        Who::Anyone | Who::Nobody | Who::Requester => false,
        Who::Role(_) | Who::RoleOf(_) | Who::Team(_) | Who::Person(_) => {
            is_meant(actor, std::slice::from_ref(who), scope)
        }
    });
    let has_worked = |person: &Name| {
        instance.tasks().iter().any(|open| is_of(person, open, instance, scope))
            || instance.ballots().iter().any(|ballot| ballot.votes.iter().any(|cast| cast.by == *person))
            || instance.took_part_anywhere(person)
    };
    let is_at_work =
        is_editor || parts.roles.keys().cloned().any(holds) || (person != instance.requester() && has_worked(person));
    is_at_work && may_see(person, instance, scope)
}

/// Whether an actor reads what is written on a record for these. Whoever oversees the installation reads all of it.
pub fn reads(actor: &Actor, audience: Audience, instance: &Instance, scope: &Scope<'_>) -> bool {
    let sees = || actor.person().is_none_or(|person| may_see(person, instance, scope));
    match audience {
        Audience::Public => sees() || reads_internal(actor, instance, scope),
        Audience::Internal => reads_internal(actor, instance, scope),
    }
}

/// Whether an open task is a person's: they hold it, help with it, or could take it.
fn is_of(person: &Name, open: &OpenTask, instance: &Instance, scope: &Scope<'_>) -> bool {
    open.assignee.as_ref() == Some(person)
        || open.helpers.contains(person)
        || substitution::capacity(person, open, instance, scope).is_some()
}

/// Who may see a record, for finding candidates: whoever [`may_see`] lets see it is among them, or stands in for one of
/// them, as long as the registers are as they are now. Some of them may not, so each is judged by [`may_see`] still.
pub fn seers(instance: &Instance, scope: &Scope<'_>) -> Vec<Principal> {
    // A team or person that a field does not name yet means nobody.
    let meant = |who: &Who| principals(std::slice::from_ref(who), scope).unwrap_or_default();
    let mut found: Vec<Principal> = scope.definition.parts().seen_by.iter().flat_map(meant).collect();
    for open in instance.tasks() {
        found.extend(open.candidates.iter().cloned());
        found.extend(open.assignee.iter().chain(&open.helpers).cloned().map(Principal::Person));
    }
    let voted = instance.ballots().iter().flat_map(|ballot| &ballot.votes).map(|cast| &cast.by);
    found.extend(voted.chain(instance.everybody_who_took_part()).cloned().map(Principal::Person));
    let awaited = instance.tokens().iter().filter_map(|token| token.waits.message());
    found.extend(awaited.flat_map(|(_, from)| from.iter().cloned()));
    found.sort();
    found.dedup();
    found
}

/// Whether a person may see a record: as the definition says, or since a task or approval of it is or was theirs, or
/// since it waits for their message.
pub fn may_see(person: &Name, instance: &Instance, scope: &Scope<'_>) -> bool {
    is_meant(&Actor::Person(person.clone()), &scope.definition.parts().seen_by, scope)
        || instance.tasks().iter().any(|open| is_of(person, open, instance, scope))
        || instance.ballots().iter().any(|ballot| ballot.votes.iter().any(|cast| cast.by == *person))
        || instance.took_part_anywhere(person)
        || instance
            .tokens()
            .iter()
            .filter_map(|token| token.waits.message())
            .any(|(_, from)| is_among(person, from, scope.directory))
}
