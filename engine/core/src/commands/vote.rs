//! Answering an approval. A vote is a fact: nobody changes it or takes it back.

use crate::ballot::{Ballot, Vote};
use crate::command::Rejection;
use crate::commands::complete::reason_asked;
use crate::commands::form::Desk;
use crate::commands::{changeable, person};
use crate::definition::{Abstaining, Approval, Ask, Definition, Outcome, Reason};
use crate::event::Event;
use crate::ids::{Name, TaskId};
use crate::instance::{Instance, OpenTask};
use crate::nodes;
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::substitution::{self, Capacity};
use crate::value::Fields;

/// What somebody says to an approval.
pub(crate) struct Paper {
    pub(crate) task: TaskId,
    pub(crate) vote: Vote,
    pub(crate) fields: Fields,
    pub(crate) reason: Option<String>,
}

pub(crate) fn vote(
    definition: &Definition,
    instance: &Instance,
    paper: Paper,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let Paper { task, vote, fields, reason } = paper;
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let open = run.instance.task(task).ok_or(Rejection::NoSuchTask(task))?;
    let ballot = run.instance.ballot(open.token).ok_or(Rejection::NotVotedOn)?;
    let approval = definition.approval(&open.step).ok_or(Rejection::NotVotedOn)?;
    let by = person(world)?;
    let capacity = capacity(&run, open, ballot, by)?;
    let outcome = said(approval, vote)?;

    let asks: Vec<&Ask> = outcome.into_iter().flat_map(|outcome| approval.asks.iter().chain(&outcome.asks)).collect();
    let desk = Desk::at(&run, open.token);
    desk.check(&asks, &fields)?;
    let reason = match outcome.map(|outcome| outcome.reason) {
        Some(Reason::Asked) => Some(reason_asked(reason)?),
        Some(Reason::NotAsked) | None => None,
    };
    let requires = outcome.map(|outcome| outcome.requires.as_slice()).unwrap_or_default();
    desk.require(requires, &fields)?;

    let (step, level) = (open.step.clone(), ballot.level);
    run.emit(Event::Voted {
        task,
        step,
        level,
        vote,
        by: by.clone(),
        in_stead_of: capacity.in_stead_of().cloned(),
        reason,
        at: world.now,
    });
    run.take(fields).map_err(Rejection::CannotJudge)?;
    Ok(run.finish())
}

/// The outcome that a vote is for, where such a vote may be cast; an abstention is for none.
fn said(approval: &Approval, vote: Vote) -> Result<Option<&Outcome>, Rejection> {
    let unknown = || Rejection::NoSuchOutcome(Name::from(vote.name()));
    match (vote, approval.abstaining) {
        (Vote::Abstained, Abstaining::Allowed) => Ok(None),
        (Vote::Abstained, Abstaining::Forbidden) => Err(unknown()),
        (Vote::Approved | Vote::Rejected, _) => nodes::outcome_of(approval, vote).map(Some).ok_or_else(unknown),
    }
}

/// In which capacity a person votes. Nobody votes twice in a level, neither for themselves nor for others.
fn capacity(run: &Run<'_>, open: &OpenTask, ballot: &Ballot, by: &Name) -> Result<Capacity, Rejection> {
    let scope = run.scope();
    if ballot.cast().any(|cast| cast.by == *by || cast.of() == by) {
        return Err(Rejection::HasVoted);
    }
    if people::is_barred_from(by, open, &run.instance, &scope) {
        return Err(Rejection::DutiesSeparated);
    }
    let capacity = substitution::capacity(by, open, &run.instance, &scope).ok_or(Rejection::NotForYou)?;
    // Who was asked may have left the role or team since; so may the one who is absent.
    let voter = capacity.in_stead_of().unwrap_or(by);
    if people::is_among(voter, &ballot.whom, scope.directory) { Ok(capacity) } else { Err(Rejection::NotForYou) }
}
