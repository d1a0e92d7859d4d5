//! Jobs for workers: taking some of given topics, answering, saying why one could not be done. What a worker says twice,
//! since an answer was lost on its way, is done once: the record's history tells who said it first.

use std::sync::Arc;

use engine::command::{Command, Rejection};
use engine::definition::{Definition, REASON_MAX, Work};
use engine::event::{Actor, Event};
use engine::expr::Scope;
use engine::file::{File, files_in};
use engine::ids::{InstanceId, JobId, Name};
use engine::instance::{Instance, JobState, OpenJob};
use engine::people;
use engine::time::Timestamp;
use engine::value::{Fields, Misfit};
use serde_json::{Map, Value};
use store::FileBytes;
use tokio::sync::watch;

use crate::execute::{Done, ExecuteError};
use crate::{Runtime, RuntimeError, json};

/// How often is looked again where others took all that was found.
const LOOKS_MAX: usize = 3;

/// What a worker asks for.
#[derive(Clone, Debug)]
pub struct JobsWanted {
    /// The worker.
    pub worker: Name,
    /// Of which topics, those of the first before those of the second.
    pub topics: Vec<Name>,
    /// The most jobs.
    pub count: usize,
    /// For how long they are the worker's alone, in milliseconds.
    pub lease_ms: i64,
}

/// A job that a worker has.
#[derive(Clone, Debug)]
pub struct LeasedJob {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// Its process.
    pub process: Name,
    /// The topic.
    pub topic: Name,
    /// The job.
    pub job: OpenJob,
    /// Until when it is the worker's alone.
    pub until: Timestamp,
    /// Whether it is due where the holidays of its calendar are not published yet.
    pub provisional: bool,
}

/// Whether something was said for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was, and is done.
    Now,
    /// The same worker had said it before, and nothing was done.
    Before,
}

/// Which job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobPlace {
    /// The record.
    pub instance: InstanceId,
    /// The job.
    pub job: JobId,
}

/// The newest that a record's history says of a job.
enum Past {
    Never,
    Answered(Actor),
    Failed(Actor, String),
    Other,
}

/// Tells those who wait for jobs that a commit may have opened one.
#[derive(Debug, Default)]
pub(crate) struct JobsOpened(watch::Sender<()>);

impl JobsOpened {
    pub(crate) fn committed(&self, instance: &Instance) {
        if instance.jobs().iter().any(|job| matches!(job.state, JobState::Ready { .. })) {
            self.0.send_replace(());
        }
    }
}

/// News of jobs that this process opened. Jobs come to be ready in other ways too: look from time to time whatever it
/// says.
#[derive(Debug)]
pub struct JobNews(watch::Receiver<()>);

impl JobNews {
    /// Returns when a job may have been opened since the last call.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            // The runtime is gone, and with it all news.
            std::future::pending::<()>().await;
        }
    }
}

impl Runtime {
    /// News of jobs from now on.
    pub fn job_news(&self) -> JobNews {
        JobNews(self.0.jobs_opened.0.subscribe())
    }

    /// Gives a worker jobs that wait longest, each for a while to itself alone.
    ///
    /// # Errors
    /// The store failed. Jobs that were given by then come back when their lease is over.
    pub fn lease_jobs(&self, wanted: &JobsWanted) -> Result<Vec<LeasedJob>, RuntimeError> {
        let mut given = Vec::new();
        for topic in &wanted.topics {
            for _ in 0..LOOKS_MAX {
                let room = wanted.count.saturating_sub(given.len());
                let found = if room == 0 { Vec::new() } else { self.store().jobs(topic, self.now(), room)? };
                let before = given.len();
                for (instance, job) in &found {
                    given.extend(self.lease_job(wanted, topic, JobPlace { instance: *instance, job: *job })?);
                }
                if found.is_empty() || given.len() > before {
                    break;
                }
            }
        }
        Ok(given)
    }

    fn lease_job(&self, wanted: &JobsWanted, topic: &Name, at: JobPlace) -> Result<Option<LeasedJob>, RuntimeError> {
        let until = self.now().plus_ms(wanted.lease_ms);
        let lease = Command::Lease { job: at.job, until };
        let done = match self.execute(at.instance, Actor::Person(wanted.worker.clone()), lease) {
            Ok(done) => done,
            Err(ExecuteError::Broken(cause)) => return Err(cause),
            // Somebody was quicker, or the record went on without the job.
            Err(
                ExecuteError::Rejected(_)
                | ExecuteError::Busy
                | ExecuteError::NoSuchRecord
                | ExecuteError::NoSuchProcess(_),
            ) => return Ok(None),
        };
        let definition = self.definition(done.instance.definition())?;
        let leased = done.instance.job(at.job).cloned().and_then(|job| match job.state {
            JobState::Leased { until, .. } => Some((job, until)),
            JobState::Ready { .. } | JobState::Asked | JobState::Pausing { .. } => None,
        });
        Ok(leased.map(|(job, until)| LeasedJob {
            provisional: self.is_provisional(&done.instance, &definition, &job),
            instance: at.instance,
            number: done.instance.number().to_owned(),
            process: definition.parts().name.clone(),
            topic: topic.clone(),
            job,
            until,
        }))
    }

    /// Whether a job is due where the holidays of its calendar are not published yet.
    fn is_provisional(&self, instance: &Instance, definition: &Definition, job: &OpenJob) -> bool {
        let directory = self.directory();
        let scope = Scope {
            definition,
            fields: instance.fields(),
            requester: instance.requester(),
            directory: &directory,
            records: self,
            number: instance.number(),
            now: self.now(),
            items: &[],
        };
        let due = definition.job(&job.step).and_then(|work| work.due.as_ref());
        let calendar = due.and_then(|due| scope.calendar_of(due));
        job.due.is_some_and(|at| calendar.is_some_and(|calendar| calendar.is_provisional(at)))
    }

    /// Keeps a job longer.
    ///
    /// # Errors
    /// The worker does not have it, or something beneath failed.
    pub fn extend_job(&self, worker: &Name, at: JobPlace, length_ms: i64) -> Result<Timestamp, ExecuteError> {
        let extend = Command::Extend { job: at.job, until: self.now().plus_ms(length_ms) };
        match self.execute(at.instance, Actor::Person(worker.clone()), extend) {
            Ok(Done { instance, .. }) => match instance.job(at.job).map(|job| &job.state) {
                Some(JobState::Leased { until, .. }) => Ok(*until),
                _ => Err(ExecuteError::Rejected(Rejection::NoSuchJob(at.job))),
            },
            Err(cause) => Err(self.or_unknown(at, cause)?),
        }
    }

    /// Gives a job back undone.
    ///
    /// # Errors
    /// The worker does not have it, or something beneath failed.
    pub fn return_job(&self, worker: &Name, at: JobPlace) -> Result<(), ExecuteError> {
        match self.execute(at.instance, Actor::Person(worker.clone()), Command::Return { job: at.job }) {
            Ok(_) => Ok(()),
            Err(cause) => Err(self.or_unknown(at, cause)?),
        }
    }

    /// Says that a job is done, with what it gives as JSON.
    ///
    /// # Errors
    /// The values do not fit, each that does not is named; the worker does not have the job; or something beneath failed.
    pub fn answer_job(&self, worker: &Name, at: JobPlace, values: &Map<String, Value>) -> Result<Heard, ExecuteError> {
        let actor = Actor::Person(worker.clone());
        let answered = match self.read_answer(at, values)? {
            Ok((fields, files)) => {
                let answer = Command::Answer { job: at.job, fields };
                self.execute_with(at.instance, actor.clone(), answer, &files)
            }
            Err(wrong) => Err(ExecuteError::Rejected(Rejection::BadFields(wrong))),
        };
        match answered {
            Ok(_) => Ok(Heard::Now),
            Err(ExecuteError::Rejected(rejection)) => match self.past_of(at)? {
                Past::Answered(by) if by == actor => Ok(Heard::Before),
                Past::Never => Err(ExecuteError::NoSuchRecord),
                Past::Answered(_) | Past::Failed(..) | Past::Other => Err(ExecuteError::Rejected(rejection)),
            },
            Err(cause) => Err(cause),
        }
    }

    /// Gives the record of a job a file, once however often it is said.
    ///
    /// # Errors
    /// The worker does not have the job, the file is refused, or something beneath failed.
    pub fn attach_to_job(
        &self,
        worker: &Name,
        at: JobPlace,
        (file, bytes): (File, FileBytes),
    ) -> Result<(), ExecuteError> {
        self.held_by(worker, at)?;
        let attach = Command::Attach { files: vec![file] };
        self.execute_with(at.instance, Actor::Person(worker.clone()), attach, &[bytes]).map(|_| ())
    }

    /// A file that a job was given, or that its record holds for all to see, by the hash of its bytes.
    ///
    /// # Errors
    /// The worker does not have the job, there is no such file, or something beneath failed.
    pub fn file_of_job(&self, worker: &Name, at: JobPlace, sha256: &str) -> Result<(File, FileBytes), ExecuteError> {
        let (instance, job) = self.held_by(worker, at)?;
        let definition = self.definition(instance.definition())?;
        let directory = self.directory();
        let (actor, now) = (Actor::Person(worker.clone()), self.now());
        let scope = Scope {
            definition: &definition,
            fields: instance.fields(),
            requester: instance.requester(),
            directory: &directory,
            records: self,
            number: instance.number(),
            now,
            items: &[],
        };
        let given = job.inputs.values().flat_map(files_in);
        let held = instance.files().iter().filter(|held| people::sees_file(&actor, held, &scope));
        let file = given.chain(held.map(|held| &held.file)).find(|file| file.sha256 == sha256);
        let file = file.ok_or(ExecuteError::NoSuchRecord)?;
        // It may have been taken away since the job was opened.
        let bytes = self.store().file(at.instance, file)?.ok_or(ExecuteError::NoSuchRecord)?;
        Ok((file.clone(), bytes))
    }

    /// A job that a worker has, with its record.
    fn held_by(&self, worker: &Name, at: JobPlace) -> Result<(Arc<Instance>, OpenJob), ExecuteError> {
        let instance = self.load(at.instance)?.ok_or(ExecuteError::NoSuchRecord)?.instance;
        let now = self.now();
        let theirs = |job: &&OpenJob| match &job.state {
            JobState::Leased { by, until } => by == worker && now <= *until,
            JobState::Ready { .. } | JobState::Asked | JobState::Pausing { .. } => false,
        };
        match instance.job(at.job).filter(theirs).cloned() {
            Some(job) => Ok((instance, job)),
            None => Err(self.or_unknown(at, ExecuteError::Rejected(Rejection::NoSuchJob(at.job)))?),
        }
    }

    /// Says why a job could not be done; the definition says how often and when it is tried again.
    ///
    /// # Errors
    /// The worker does not have the job, or something beneath failed.
    pub fn fail_job(
        &self,
        worker: &Name,
        at: JobPlace,
        problem: &str,
        retry_at: Option<Timestamp>,
    ) -> Result<Heard, ExecuteError> {
        let actor = Actor::Person(worker.clone());
        let problem: String = problem.chars().take(REASON_MAX).collect();
        let fail = Command::Fail { job: at.job, problem: problem.clone(), retry_at };
        match self.execute(at.instance, actor.clone(), fail) {
            Ok(_) => Ok(Heard::Now),
            Err(ExecuteError::Rejected(rejection)) => match self.past_of(at)? {
                Past::Failed(by, said) if by == actor && said == problem => Ok(Heard::Before),
                Past::Never => Err(ExecuteError::NoSuchRecord),
                Past::Answered(_) | Past::Failed(..) | Past::Other => Err(ExecuteError::Rejected(rejection)),
            },
            Err(cause) => Err(cause),
        }
    }

    /// The values for the fields that a job gives, or every one that does not fit. A job that is not open gives none:
    /// whether it was ever there is asked afterwards.
    fn read_answer(
        &self,
        at: JobPlace,
        values: &Map<String, Value>,
    ) -> Result<Result<json::Read, Vec<(Name, Misfit)>>, ExecuteError> {
        let loaded = self.load(at.instance)?.ok_or(ExecuteError::NoSuchRecord)?;
        let definition = self.definition(loaded.instance.definition())?;
        let Some(open) = loaded.instance.job(at.job) else { return Ok(Ok(json::Read::default())) };
        let gives = match definition.job(&open.step) {
            Some(job) => match job.work {
                Work::Worker(_) => job.gives.as_slice(),
                Work::Http { .. } => &[],
            },
            None => &[],
        };
        let (mut fields, mut files, mut wrong) = (Fields::new(), Vec::new(), Vec::new());
        for name in values.keys().map(|name| Name::from(name.as_str())) {
            match json::fields(&definition, std::slice::from_ref(&name), values) {
                _ if !gives.contains(&name) => wrong.push((name, Misfit::NotAsked)),
                Ok((read, brought)) => {
                    fields.extend(read);
                    files.extend(brought);
                }
                Err(_) => wrong.push((name, Misfit::WrongType)),
            }
        }
        Ok(if wrong.is_empty() { Ok((fields, files)) } else { Err(wrong) })
    }

    /// The refusal, unless there never was such a job.
    fn or_unknown(&self, at: JobPlace, cause: ExecuteError) -> Result<ExecuteError, RuntimeError> {
        match cause {
            ExecuteError::Rejected(_) => Ok(match self.past_of(at)? {
                Past::Never => ExecuteError::NoSuchRecord,
                Past::Answered(_) | Past::Failed(..) | Past::Other => cause,
            }),
            other => Ok(other),
        }
    }

    fn past_of(&self, at: JobPlace) -> Result<Past, RuntimeError> {
        let history = self.store().history(at.instance)?;
        let told = history.into_iter().rev().find_map(|entry| {
            let actor = entry.actor;
            entry.events.into_iter().rev().find_map(|event| match event {
                Event::JobAnswered { job, .. } if job == at.job => Some(Past::Answered(actor.clone())),
                Event::JobFailed { job, problem, .. } | Event::JobGivenUp { job, problem, .. } if job == at.job => {
                    Some(Past::Failed(actor.clone(), problem))
                }
                Event::JobOpened { job, .. }
                | Event::JobLeased { job, .. }
                | Event::JobReturned { job, .. }
                | Event::JobAsked { job }
                | Event::JobCancelled { job, .. }
                    if job == at.job =>
                {
                    Some(Past::Other)
                }
                _ => None,
            })
        });
        Ok(told.unwrap_or(Past::Never))
    }
}
