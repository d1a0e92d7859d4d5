//! Jobs: a worker takes one for a while, and answers it, gives it back, or says why it cannot be done.

use crate::command::Rejection;
use crate::commands::changeable;
use crate::commands::form::Desk;
use crate::definition::{Definition, Presence, REASON_MAX};
use crate::directory::WORKER;
use crate::event::{Actor, Event, Principal};
use crate::ids::{JobId, Name};
use crate::instance::{Instance, JobState, OpenJob};
use crate::nodes::{Then, job};
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::time::{DAY_MS, Timestamp};
use crate::value::{Fields, Misfit, Value};

/// The longest time for which a worker may have a job to itself, in milliseconds.
const LEASE_MAX_MS: i64 = DAY_MS;

/// A job that could not be done.
pub(crate) struct Failure {
    pub(crate) job: JobId,
    pub(crate) problem: String,
    pub(crate) retry_at: Option<Timestamp>,
}

pub(crate) fn lease(
    definition: &Definition,
    instance: &Instance,
    job: JobId,
    until: Timestamp,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let by = worker(world)?.clone();
    let open = run.instance.job(job).ok_or(Rejection::NoSuchJob(job))?;
    match &open.state {
        JobState::Ready { from } if *from <= world.now => {}
        JobState::Ready { from } | JobState::Pausing { until: from } => {
            return Err(Rejection::JobNotReady { from: *from });
        }
        JobState::Leased { by: holder, until } if *until > world.now => {
            return Err(Rejection::JobHeld(holder.clone()));
        }
        JobState::Leased { .. } => {}
        JobState::Asked => return Err(Rejection::NotAllowed),
    }
    Ok(leased(run, job, by, until))
}

/// Keeps a job that the worker has, even one whose lease is over as long as nobody else has taken it.
pub(crate) fn extend(
    definition: &Definition,
    instance: &Instance,
    job: JobId,
    until: Timestamp,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let by = worker(world)?.clone();
    held(&run, job)?;
    Ok(leased(run, job, by, until))
}

fn leased(mut run: Run<'_>, job: JobId, by: Name, until: Timestamp) -> Step {
    let until = until.min(run.world.now.plus_ms(LEASE_MAX_MS));
    run.emit(Event::JobLeased { job, by, until });
    run.finish()
}

pub(crate) fn give_back(
    definition: &Definition,
    instance: &Instance,
    job: JobId,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    held(&run, job)?;
    run.emit(Event::JobReturned { job, at: world.now });
    Ok(run.finish())
}

pub(crate) fn answer(
    definition: &Definition,
    instance: &Instance,
    job: JobId,
    fields: Fields,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let open = held(&run, job)?;
    fits(&run, open, &fields)?;
    let (token, step) = (open.token, open.step.clone());
    run.emit(Event::JobAnswered { job, step });
    run.take(fields).map_err(Rejection::CannotJudge)?;
    run.proceed(token, Then::Next);
    Ok(run.finish())
}

pub(crate) fn fail(
    definition: &Definition,
    instance: &Instance,
    failure: Failure,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let Failure { job, problem, retry_at } = failure;
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    held(&run, job)?;
    let problem = problem.chars().take(REASON_MAX).collect();
    job::failed(&mut run, job, problem, retry_at);
    Ok(run.finish())
}

/// The acting person, who must be a worker.
fn worker<'w>(world: &World<'w>) -> Result<&'w Name, Rejection> {
    match world.actor {
        Actor::Person(person) => {
            let workers = [Principal::Role(Name::from(WORKER))];
            people::is_among(person, &workers, world.directory).then_some(person).ok_or(Rejection::NotAllowed)
        }
        Actor::System => Err(Rejection::NotAllowed),
    }
}

/// A job that the acting worker has, or that the engine itself has asked a server to do.
fn held<'r>(run: &'r Run<'_>, job: JobId) -> Result<&'r OpenJob, Rejection> {
    let open = run.instance.job(job).ok_or(Rejection::NoSuchJob(job))?;
    match (&open.state, run.world.actor) {
        (JobState::Asked, Actor::System) => Ok(open),
        (JobState::Leased { by, .. }, Actor::Person(person)) if by == person => Ok(open),
        (JobState::Leased { by, .. }, _) => Err(Rejection::JobHeld(by.clone())),
        (JobState::Ready { .. } | JobState::Pausing { .. }, Actor::Person(_)) => Err(Rejection::NotTaken),
        (JobState::Asked, Actor::Person(_)) | (JobState::Ready { .. } | JobState::Pausing { .. }, Actor::System) => {
            Err(Rejection::NotAllowed)
        }
    }
}

/// Checks that an answer fills what the job gives, and nothing else.
fn fits(run: &Run<'_>, open: &OpenJob, fields: &Fields) -> Result<(), Rejection> {
    let definition = run.definition;
    let gives = definition.job(&open.step).map(|job| job.gives.as_slice()).unwrap_or_default();
    let desk = Desk::at(run, open.token);
    let mut wrong: Vec<(Name, Misfit)> = fields
        .iter()
        .filter_map(|(name, value)| match gives.contains(name) {
            true => desk.fits(name, value).err().map(|misfit| (name.clone(), misfit)),
            false => Some((name.clone(), Misfit::NotAsked)),
        })
        .collect();
    let required = |name: &&Name| definition.field(name).is_some_and(|field| field.presence == Presence::Required);
    let empty = |name: &&Name| fields.get(*name).is_none_or(Value::is_empty);
    wrong.extend(gives.iter().filter(required).filter(empty).map(|name| (name.clone(), Misfit::Missing)));
    if !wrong.is_empty() {
        return Err(Rejection::BadFields(wrong));
    }
    desk.must_hold(fields)
}
