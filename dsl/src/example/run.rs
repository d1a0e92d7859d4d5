//! Playing an example.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::audience::Audience;
use engine::calendar::{Calendar, span_ms};
use engine::command::{Command, Rejection, Start};
use engine::definition::{Definition, Labels, Work};
use engine::directory::WORKER;
use engine::effect::Effect;
use engine::event::Actor;
use engine::expr::Scope;
use engine::ids::{InstanceId, JobId, Name, TaskId};
use engine::instance::{Instance, OpenJob, OpenTask, Waits};
use engine::people;
use engine::play::Play;
use engine::register::Register;
use engine::time::{Counting, DAY_MS, Span, Timestamp, ZONE};
use engine::value::Value;
use engine::witness::Witness;

use super::claims;
use super::coverage::Covered;
use super::refusal;
use super::world::world;
use super::{Act, Claim, Deed, Example, ExampleResult, Verdict};
use crate::Checked;
use crate::problem::labels;

/// When an example begins that does not say so: a Monday morning at the office.
const BEGINNING: &str = "2026-01-05 09:00";

/// Plays every example of a process on a virtual clock.
pub fn run_examples(checked: &Checked, definition: Arc<Definition>) -> Vec<ExampleResult> {
    let witness = Arc::new(Witness::default());
    let watched = Arc::new(definition.watched(witness.clone()));
    checked.examples.iter().map(|example| run(example, &checked.registers, watched.clone(), &witness)).collect()
}

fn run(example: &Example, declared: &[Register], definition: Arc<Definition>, witness: &Witness) -> ExampleResult {
    let (directory, mut records) = world(&example.given, declared);
    let beginning = Timestamp::from_local(BEGINNING, ZONE).unwrap_or(Timestamp(0));
    // A record of which nothing else is said began when the example does.
    records.0.values_mut().filter(|seen| seen.opened == Timestamp(0)).for_each(|seen| seen.opened = beginning);
    let mut play = Play::new(definition, Arc::new(directory), beginning);
    play.know_records(records);
    let mut scene = Scene { play, done: 0, last: Last::Done };
    let verdict = match scene.play_all(example) {
        Ok(()) => Verdict::Passed,
        Err((line, saw)) => Verdict::Failed { line, saw },
    };
    let covered = Covered::by(&scene.play, witness);
    ExampleResult { name: example.name.clone(), line: example.line, verdict, covered }
}

/// An example on its way.
pub(super) struct Scene {
    pub(super) play: Play,
    /// How many commands were done before the last `when`.
    pub(super) done: usize,
    /// What became of the last `when`.
    pub(super) last: Last,
}

/// What became of the last `when`.
pub(super) enum Last {
    /// It was done.
    Done,
    /// It was refused, and no `then` has said so yet.
    Refused(u32, Rejection),
    /// It was refused, as a `then` says.
    RefusedAsSaid(Rejection),
}

impl Scene {
    fn play_all(&mut self, example: &Example) -> Result<(), (u32, Labels)> {
        for act in &example.acts {
            match act {
                Act::When { line, at, deed } => {
                    self.no_refusal()?;
                    self.done = self.play.played().len();
                    self.last = Last::Done;
                    self.move_to(*at).map_err(|saw| (*line, saw))?;
                    match self.perform(deed).map_err(|saw| (*line, saw))? {
                        Ok(()) => {}
                        Err(rejection) => self.last = Last::Refused(*line, rejection),
                    }
                }
                Act::Then { line, claim } => {
                    if !matches!(claim, Claim::Refused { .. }) {
                        self.no_refusal()?;
                    }
                    claims::check(self, claim).map_err(|saw| (*line, saw))?;
                    self.last = match std::mem::replace(&mut self.last, Last::Done) {
                        Last::Refused(_, rejection) | Last::RefusedAsSaid(rejection) => Last::RefusedAsSaid(rejection),
                        Last::Done => Last::Done,
                    };
                }
            }
        }
        self.no_refusal()
    }

    fn no_refusal(&self) -> Result<(), (u32, Labels)> {
        match &self.last {
            Last::Refused(line, rejection) => {
                let (en, zh) = (rejection.to_string(), refusal::in_chinese(rejection));
                Err((*line, labels(format!("it was refused: {en}"), format!("被拒绝：{zh}"))))
            }
            Last::Done | Last::RefusedAsSaid(_) => Ok(()),
        }
    }

    fn move_to(&mut self, at: Option<Timestamp>) -> Result<(), Labels> {
        let Some(at) = at else { return Ok(()) };
        if at < self.play.now() {
            let now = shown(self.play.now());
            return Err(labels(format!("it is {now} already"), format!("此时已是 {now}")));
        }
        self.play.advance_to(at);
        Ok(())
    }

    /// Does a deed; the outer error is an example that cannot be played, the inner one a refusal.
    fn perform(&mut self, deed: &Deed) -> Result<Result<(), Rejection>, Labels> {
        let person = |by: &Name| Actor::Person(by.clone());
        let result = match deed {
            Deed::Start { by, on_behalf_of, fields } => {
                let order = Start {
                    instance: InstanceId(1),
                    number: "EXAMPLE-1".to_owned(),
                    on_behalf_of: on_behalf_of.clone(),
                    fields: fields.clone(),
                    origin: None,
                };
                self.play.start(by, order).map(|_| ())
            }
            Deed::Claim { by, task } => {
                let task = self.task(task, by)?;
                self.play.command(person(by), Command::Claim { task }).map(|_| ())
            }
            Deed::Release { by, task } => {
                let task = self.task(task, by)?;
                self.play.command(person(by), Command::Release { task }).map(|_| ())
            }
            Deed::Complete { by, task, outcome, fields, reason } => {
                let task = self.task(task, by)?;
                let (outcome, fields, reason) = (outcome.clone(), fields.clone(), reason.clone());
                self.play.command(person(by), Command::Complete { task, outcome, fields, reason }).map(|_| ())
            }
            Deed::Vote { by, approval, vote, fields, reason } => {
                let task = self.task(approval, by)?;
                let (vote, fields, reason) = (*vote, fields.clone(), reason.clone());
                self.play.command(person(by), Command::Vote { task, vote, fields, reason }).map(|_| ())
            }
            Deed::Assign { by, task, to } => {
                let (task, to) = (self.task(task, by)?, to.clone());
                self.play.command(person(by), Command::Assign { task, to }).map(|_| ())
            }
            Deed::Delegate { by, task, to, text } => {
                let (task, to, text) = (self.task(task, by)?, to.clone(), text.clone());
                self.play.command(person(by), Command::Delegate { task, to, text }).map(|_| ())
            }
            Deed::Resolve { by, task, text } => {
                let (task, text) = (self.task(task, by)?, text.clone());
                self.play.command(person(by), Command::Resolve { task, text }).map(|_| ())
            }
            Deed::Send { by, message, text, fields } => {
                let (message, text, fields) = (message.clone(), text.clone(), fields.clone());
                self.play.command(person(by), Command::Message { message, text, fields }).map(|_| ())
            }
            Deed::Comment { by, text } => self
                .play
                .command(
                    person(by),
                    Command::Comment { text: text.clone(), audience: Audience::Public, tells: BTreeSet::new() },
                )
                .map(|_| ()),
            Deed::Edit { by, fields, reason } => {
                let (fields, reason) = (fields.clone(), reason.clone());
                self.play.command(person(by), Command::Edit { fields, reason }).map(|_| ())
            }
            Deed::JobAnswers { job, fields } => {
                let (job, by) = self.job(job.as_ref())?;
                self.leased(job, &by)
                    .and_then(|()| self.play.command(by, Command::Answer { job, fields: fields.clone() }).map(|_| ()))
            }
            Deed::JobFails { job, problem } => {
                let (job, by) = self.job(job.as_ref())?;
                let (problem, retry_at) = (problem.clone(), None);
                self.leased(job, &by)
                    .and_then(|()| self.play.command(by, Command::Fail { job, problem, retry_at }).map(|_| ()))
            }
            Deed::CallEnds { process, outcome } => {
                let begun = self.called(process)?;
                self.play.command(Actor::System, Command::Returned { begun, outcome: outcome.clone() }).map(|_| ())
            }
            Deed::Signal { signal } => {
                self.play.command(Actor::System, Command::Signal { signal: signal.clone() }).map(|_| ())
            }
            Deed::Add { by, step } => self.play.command(person(by), Command::Add { step: step.clone() }).map(|_| ()),
            Deed::Cancel { by, reason } => {
                self.play.command(person(by), Command::Cancel { reason: reason.clone() }).map(|_| ())
            }
            Deed::Pass(span) => {
                let later = self.later(span)?;
                self.play.advance_to(later);
                Ok(())
            }
            Deed::Become(at) => {
                self.move_to(Some(*at))?;
                Ok(())
            }
        };
        Ok(result)
    }

    /// The open task of a step, one for that person where there are several; a task that is not open keeps its place in
    /// the sentence as a refusal would.
    fn task(&self, step: &Name, by: &Name) -> Result<TaskId, Labels> {
        let tasks = self.play.instance().map(Instance::tasks).unwrap_or_default();
        let of_step = || tasks.iter().filter(|task| task.step == *step);
        let mine = |task: &&OpenTask| match &task.assignee {
            Some(holder) => holder == by,
            None => people::is_among(by, &task.candidates, self.play.directory()),
        };
        of_step().find(mine).or_else(|| of_step().next()).map(|task| task.id).ok_or_else(|| {
            let now = claims::open_tasks(&self.play);
            labels(format!("task {step} is not open; {}", now.en), format!("任务 {step} 未打开；{}", now.zh))
        })
    }

    /// The open job of that name, or of a server where there is no name, and who does it.
    fn job(&self, job: Option<&Name>) -> Result<(JobId, Actor), Labels> {
        let definition = self.play.definition();
        let fits = |open: &&OpenJob| match (definition.job(&open.step).map(|held| &held.work), job) {
            (Some(Work::Worker(held)), Some(wanted)) => held == wanted,
            (Some(Work::Http { .. }), None) => true,
            _ => false,
        };
        let found = self.play.instance().and_then(|instance| instance.jobs().iter().find(fits));
        let by = if job.is_some() { Actor::Person(Name::from(WORKER)) } else { Actor::System };
        found.map(|open| (open.id, by)).ok_or_else(|| match job {
            Some(job) => labels(format!("no job {job} is to be done"), format!("没有待完成的作业 {job}")),
            None => labels("no server is asked", "没有待应答的 HTTP 请求"),
        })
    }

    /// Gives a job to its worker, who is another than the engine itself.
    fn leased(&mut self, job: JobId, by: &Actor) -> Result<(), Rejection> {
        match by {
            Actor::Person(_) => {
                let until = self.play.now().plus_ms(DAY_MS);
                self.play.command(by.clone(), Command::Lease { job, until }).map(|_| ())
            }
            Actor::System => Ok(()),
        }
    }

    /// The record of a process that this one called last and waits for.
    fn called(&self, process: &Name) -> Result<InstanceId, Labels> {
        let waits = |id: InstanceId| {
            let tokens = self.play.instance().map(Instance::tokens).unwrap_or_default();
            tokens.iter().any(|token| token.waits == Waits::Return(id))
        };
        let effects = self.play.played().iter().rev().flat_map(|played| &played.effects);
        let found = effects.into_iter().find_map(|effect| match effect {
            Effect::Begin(begun) if begun.process == *process && waits(begun.instance) => Some(begun.instance),
            _ => None,
        });
        found.ok_or_else(|| {
            labels(format!("no record of {process} is waited for"), format!("没有在等待“{process}”记录结束"))
        })
    }

    fn later(&self, span: &Span) -> Result<Timestamp, Labels> {
        let now = self.play.now();
        match span.counting {
            Counting::Plain => Ok(now.plus_ms(span.length_ms(DAY_MS))),
            Counting::Working => {
                let calendar = self.calendar()?;
                calendar
                    .add(now, span_ms(span, calendar))
                    .ok_or_else(|| labels("the calendar has no working time left", "日历中没有剩余的工作时间"))
            }
        }
    }

    /// The calendar that counts in this example: that of the record's first clock, or else the process's `hours`.
    fn calendar(&self) -> Result<&Calendar, Labels> {
        let none = || {
            labels(
                "neither a clock nor `hours` of the process says which calendar counts",
                "流程既没有时钟，也没有写 `hours`，无法确定使用哪个日历",
            )
        };
        let instance = self.play.instance().ok_or_else(none)?;
        let key = match instance.clocks().first() {
            Some(run) => run.calendar.clone(),
            None => {
                let hours = self.play.definition().parts().hours.as_ref().ok_or_else(none)?;
                match hours.value(&self.scope(instance)) {
                    Ok(Value::Ref(key)) => key,
                    _ => return Err(none()),
                }
            }
        };
        self.play.directory().calendar(&key).ok_or_else(none)
    }

    /// What expressions of a record see now.
    pub(super) fn scope<'s>(&'s self, instance: &'s Instance) -> Scope<'s> {
        Scope {
            definition: self.play.definition(),
            fields: instance.fields(),
            requester: instance.requester(),
            directory: self.play.directory(),
            records: self.play.records(),
            number: instance.number(),
            now: self.play.now(),
            items: &[],
        }
    }
}

/// An instant as local time.
pub(super) fn shown(at: Timestamp) -> String {
    at.to_local(ZONE).unwrap_or_default()
}
