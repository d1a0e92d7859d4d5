//! Waits until a machine has done something: a worker that fetches the job, or a server that is asked over HTTP.

use crate::definition::{Fill, Job, Work};
use crate::effect::Effect;
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{JobId, Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;
use crate::time::{MINUTE_MS, Timestamp};
use crate::value::Fields;

/// The longest time between two tries where a job does not say how long, in minutes.
const BACK_OFF_MAX_MINUTES: i64 = 60;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, step: &Name, job: &Job) -> Result<Then, EvalError> {
    let inputs = filled(run, &job.with)?;
    let due = job.due.as_ref().map(|due| run.due_at(due)).transpose()?;
    let id = run.instance.new_job();
    run.emit(Event::JobOpened { job: id, token, step: step.clone(), inputs, due, at: run.world.now });
    ask(run, id);
    Ok(Then::Wait)
}

/// The values that another record or a machine is given; those without a value are left out.
pub(crate) fn filled(run: &Run<'_>, with: &[Fill]) -> Result<Fields, EvalError> {
    let mut fields = Fields::new();
    for fill in with {
        let value = fill.value.value(&run.scope())?;
        if !value.is_empty() {
            fields.insert(fill.field.clone(), value);
        }
    }
    Ok(fields)
}

/// Asks the server, where it is one that does the job.
pub(crate) fn ask(run: &mut Run<'_>, id: JobId) {
    let definition = run.definition;
    let Some(open) = run.instance.job(id).cloned() else { return };
    match definition.job(&open.step).map(|job| &job.work) {
        Some(Work::Http { method, url }) => {
            run.emit(Event::JobAsked { job: id });
            run.owe_effect(Effect::Request { job: id, method: method.clone(), url: url.clone(), body: open.inputs });
        }
        Some(Work::Worker(_)) | None => {}
    }
}

/// What follows when a job could not be done: it is tried again, or the step has failed.
pub(crate) fn failed(run: &mut Run<'_>, id: JobId, problem: String, retry_at: Option<Timestamp>) {
    let definition = run.definition;
    let Some(open) = run.instance.job(id).cloned() else { return };
    let Some(job) = definition.job(&open.step) else { return };
    run.stand_at(open.token);
    let again = match retry_at {
        _ if open.failures >= job.retries.times => None,
        Some(at) => Some(at.max(run.world.now)),
        None => match &job.retries.every {
            // A calendar that is gone must not keep the job from being given up.
            Some(every) => run.due_at(every).ok(),
            None => Some(run.world.now.plus_ms((1 << open.failures.min(10)).min(BACK_OFF_MAX_MINUTES) * MINUTE_MS)),
        },
    };
    match again {
        Some(retry_at) => run.emit(Event::JobFailed { job: id, problem, retry_at }),
        None => give_up(run, id, problem),
    }
}

/// Ends a job that could not be done: the definition says where that leads, or the step has failed.
pub(crate) fn give_up(run: &mut Run<'_>, id: JobId, problem: String) {
    let definition = run.definition;
    let Some(open) = run.instance.job(id).cloned() else { return };
    run.emit(Event::JobGivenUp { job: id, step: open.step.clone(), problem: problem.clone() });
    match definition.job(&open.step).and_then(|job| job.failed.clone()) {
        Some(failed) => run.proceed(open.token, Then::To(failed)),
        None => run.fail(open.token, EvalError::JobFailed { step: open.step, problem }),
    }
}
