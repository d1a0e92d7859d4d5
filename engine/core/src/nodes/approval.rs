//! An approval: each level asks its people, and is over as soon as its result cannot change any more.

use crate::ballot::{Ballot, Verdict, Vote, enough};
use crate::clock;
use crate::definition::{APPROVED, Approval, Candidates, EXPIRED, REJECTED, Step};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::instance::Status;
use crate::nodes::Then;
use crate::people;
use crate::run::Run;

/// The most people that one level asks.
const ASKED_MAX: usize = 500;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, approval: &Approval) -> Result<Then, EvalError> {
    open(run, token, step, approval, 0)
}

/// Asks the people of the level at which a ballot was halted once more; who has voted is not asked again.
pub(crate) fn resume(run: &mut Run<'_>, ballot: &Ballot) -> Result<Then, EvalError> {
    let definition = run.definition;
    run.stand_at(ballot.token);
    let found = definition.step(&ballot.step).and_then(|step| Some((step, step.kind.approval()?)));
    let (step, approval) = found.ok_or_else(|| EvalError::Unknown(ballot.step.to_string()))?;
    open(run, ballot.token, step, approval, ballot.level)
}

fn open(run: &mut Run<'_>, token: TokenId, step: &Step, approval: &Approval, level: u32) -> Result<Then, EvalError> {
    let candidates = approval.level(level).ok_or_else(|| EvalError::Unknown(format!("{}.{level}", step.name)))?;
    let whom = people::principals(&candidates.any, &run.scope())?;
    let held = run.instance.ballot(token).cloned();
    let asked = asked(run, &whom, candidates, held.as_ref())?;
    let needed = enough(approval.needs, asked.len()).unwrap_or(1);
    if asked.len() < needed {
        return Err(EvalError::TooFewMayVote { step: step.name.clone(), needed, there: asked.len() });
    }
    let due = match &held {
        Some(ballot) => ballot.due,
        None => approval.due.as_ref().map(|due| run.due_at(due)).transpose()?,
    };
    run.emit(Event::ApprovalOpened {
        task: run.instance.new_task(),
        token,
        step: step.name.clone(),
        level,
        whom,
        asked,
        substitution: candidates.substitution,
        due,
        at: run.world.now,
    });
    Ok(Then::Wait)
}

/// Who is asked: each person once, whatever roles, but for those whom separation of duty bars; and who has voted in
/// the level already.
fn asked(
    run: &Run<'_>,
    whom: &[crate::event::Principal],
    candidates: &Candidates,
    held: Option<&Ballot>,
) -> Result<Vec<Name>, EvalError> {
    let barred = |person: &Name| people::is_barred(person, candidates, &run.instance, &run.scope());
    let mut asked = people::members(whom, run.world.directory);
    asked.retain(|person| !barred(person));
    asked.extend(held.into_iter().flat_map(Ballot::cast).map(|cast| cast.of().clone()));
    asked.sort();
    asked.dedup();
    if asked.len() > ASKED_MAX {
        return Err(EvalError::TooManyAsked(ASKED_MAX));
    }
    Ok(asked)
}

/// Asks other people where a field that names them changed; votes that were cast stay.
pub(crate) fn reask(run: &mut Run<'_>) -> Result<(), EvalError> {
    let definition = run.definition;
    for ballot in run.instance.ballots().to_vec() {
        let approval = definition.approval(&ballot.step);
        let Some(candidates) = approval.and_then(|approval| approval.level(ballot.level)) else { continue };
        let Some(task) = run.instance.task_of(ballot.token).map(|open| open.id) else { continue };
        run.stand_at(ballot.token);
        let whom = people::principals(&candidates.any, &run.scope())?;
        if whom != ballot.whom {
            let asked = asked(run, &whom, candidates, Some(&ballot))?;
            run.emit(Event::ApprovalReasked { task, whom, asked });
        }
    }
    Ok(())
}

/// Looks at every ballot: who may not vote any more, and whether its result is certain. After every command.
pub(crate) fn settle(run: &mut Run<'_>) {
    let tokens: Vec<TokenId> = run.instance.ballots().iter().map(|ballot| ballot.token).collect();
    for token in tokens {
        if *run.instance.status() == Status::Running {
            count(run, token);
        }
    }
    run.stand_nowhere();
}

fn count(run: &mut Run<'_>, token: TokenId) {
    let definition = run.definition;
    run.stand_at(token);
    let Some(ballot) = run.instance.ballot(token).cloned() else { return };
    let (Some(task), Some(step)) = (run.instance.task_of(token).map(|open| open.id), definition.step(&ballot.step))
    else {
        return;
    };
    let Some(approval) = step.kind.approval() else { return };
    for person in ballot.pending() {
        if !may_still_vote(run, person, &ballot, approval) {
            run.emit(Event::VoterLeft { task, person: person.clone() });
        }
    }
    let Some(ballot) = run.instance.ballot(token) else { return };
    let level = ballot.level;
    match ballot.verdict(approval.needs) {
        Verdict::Open => {}
        Verdict::Rejected => decide(run, token, approval, REJECTED),
        Verdict::Approved if approval.level(level + 1).is_none() => decide(run, token, approval, APPROVED),
        Verdict::Approved => {
            run.emit(Event::LevelPassed { task, step: step.name.clone(), level });
            if let Err(problem) = open(run, token, step, approval, level + 1) {
                run.fail(token, problem);
            }
        }
        Verdict::TooFew => {
            run.emit(Event::ApprovalHalted { task, step: step.name.clone() });
            run.fail(token, EvalError::NobodyMayVote(step.name.clone()));
        }
    }
}

/// Whether somebody who was asked is still among those whom the level is for, and not barred since.
fn may_still_vote(run: &Run<'_>, person: &Name, ballot: &Ballot, approval: &Approval) -> bool {
    let barred = |candidates: &Candidates| people::is_barred(person, candidates, &run.instance, &run.scope());
    people::is_among(person, &ballot.whom, run.world.directory) && !approval.level(ballot.level).is_some_and(barred)
}

/// The deadline has come before the result was certain.
pub(crate) fn expire(run: &mut Run<'_>, token: TokenId) {
    let definition = run.definition;
    let step = run.instance.ballot(token).map(|ballot| ballot.step.clone());
    if let Some(approval) = step.and_then(|step| definition.approval(&step)) {
        decide(run, token, approval, EXPIRED);
    }
}

fn decide(run: &mut Run<'_>, token: TokenId, approval: &Approval, outcome: &str) {
    let Some(open) = run.instance.task_of(token) else { return };
    let (task, step, outcome_name) = (open.id, open.step.clone(), Name::from(outcome));
    run.emit(Event::ApprovalDecided { task, step, outcome: outcome_name.clone(), at: run.world.now });
    clock::resume_on(run, &outcome_name);
    match approval.outcome(outcome) {
        Some(outcome) => run.proceed(token, outcome.to.clone().map_or(Then::Next, Then::To)),
        // The checker asks for each outcome that may come about.
        None => run.fail(token, EvalError::Unknown(format!("outcome {outcome}"))),
    }
}

/// The outcome whose form a vote fills in; an abstention has none.
pub(crate) fn outcome_of(approval: &Approval, vote: Vote) -> Option<&crate::definition::Outcome> {
    match vote {
        Vote::Approved | Vote::Rejected => approval.outcome(vote.name()),
        Vote::Abstained => None,
    }
}
