//! What workers ask: each is parse, one call, answer.

use engine::definition::REASON_MAX;
use engine::ids::{InstanceId, JobId, Name};
use engine::time::Timestamp;
use runtime::json::{SentFile, given as given_file, written};
use runtime::{Heard, JobPlace, JobsWanted, LeasedJob};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::api::problem::{Code, Problem, Wrong};

/// The most topics of one call.
const TOPICS_MAX: usize = 20;
/// The most jobs that one call is given.
const COUNT_MAX: u32 = 32;
/// The longest lease, in seconds: a day, as the engine has it.
const LEASE_MAX_S: u32 = 86_400;
/// The longest that a call may wait for jobs, in seconds: less than proxies wait for an answer.
const WAIT_MAX_S: u32 = 30;
/// The longest pause before the next try that a worker may ask for, in seconds.
const RETRY_MAX_S: u32 = 7 * 86_400;
const SECOND_MS: i64 = 1_000;

/// A call for jobs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    topics: Vec<Name>,
    #[serde(default = "one")]
    count: u32,
    lease_seconds: u32,
    /// How long to wait where there are none.
    #[serde(default)]
    pub(super) wait_seconds: u32,
}

fn one() -> u32 {
    1
}

impl Fetch {
    /// Reads a call and checks its limits.
    ///
    /// # Errors
    /// It is not JSON of this shape, or asks for too much.
    pub(super) fn read(call: &Call<'_>) -> Result<Fetch, Problem> {
        let fetch: Fetch = read(call.body)?;
        let topics = u32::try_from(fetch.topics.len()).unwrap_or(u32::MAX);
        within(
            call,
            &[
                ("topics", topics, 1..=TOPICS_MAX as u32),
                ("count", fetch.count, 1..=COUNT_MAX),
                ("lease_seconds", fetch.lease_seconds, 1..=LEASE_MAX_S),
                ("wait_seconds", fetch.wait_seconds, 0..=WAIT_MAX_S),
            ],
        )?;
        Ok(fetch)
    }

    /// Jobs that are there now.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn look(&self, call: &Call<'_>) -> Result<Vec<LeasedJob>, Problem> {
        let wanted = JobsWanted {
            worker: call.caller.person.clone(),
            topics: self.topics.clone(),
            count: self.count as usize,
            lease_ms: i64::from(self.lease_seconds) * SECOND_MS,
        };
        Ok(call.visit.app.runtime().lease_jobs(&wanted)?)
    }
}

/// Jobs as a worker reads them.
pub(super) fn given(jobs: &[LeasedJob]) -> Value {
    let jobs = jobs.iter().map(|leased| {
        json!({
            "job": format!("{}-{}", leased.instance, leased.job.id.0),
            "record": leased.number,
            "process": leased.process.as_str(),
            "topic": leased.topic.as_str(),
            "values": written(&leased.job.inputs),
            "failures": leased.job.failures,
            "due": leased.job.due.map(Timestamp::to_rfc3339),
            "due_provisional": leased.provisional,
            "lease_until": leased.until.to_rfc3339(),
        })
    });
    json!({ "jobs": jobs.collect::<Value>() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Complete {
    #[serde(default)]
    values: Map<String, Value>,
}

pub(super) fn complete(call: &Call<'_>) -> Result<Value, Problem> {
    let Complete { values } = read(call.body)?;
    let runtime = call.visit.app.runtime();
    let heard = runtime.answer_job(&call.caller.person, place(call)?, &values);
    heard.map(once).map_err(|cause| Problem::of(cause, call.visit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fail {
    problem: String,
    #[serde(default)]
    retry_seconds: Option<u32>,
}

pub(super) fn fail(call: &Call<'_>) -> Result<Value, Problem> {
    let Fail { problem, retry_seconds } = read(call.body)?;
    let length = u32::try_from(problem.trim().chars().count()).unwrap_or(u32::MAX);
    within(call, &[("problem", length, 1..=REASON_MAX as u32)])?;
    within(call, &[("retry_seconds", retry_seconds.unwrap_or(0), 0..=RETRY_MAX_S)])?;
    let retry_at = retry_seconds.map(|seconds| call.visit.now.plus_ms(i64::from(seconds) * SECOND_MS));
    let heard = call.visit.app.runtime().fail_job(&call.caller.person, place(call)?, &problem, retry_at);
    heard.map(once).map_err(|cause| Problem::of(cause, call.visit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extend {
    lease_seconds: u32,
}

pub(super) fn extend(call: &Call<'_>) -> Result<Value, Problem> {
    let Extend { lease_seconds } = read(call.body)?;
    within(call, &[("lease_seconds", lease_seconds, 1..=LEASE_MAX_S)])?;
    let length_ms = i64::from(lease_seconds) * SECOND_MS;
    let until = call.visit.app.runtime().extend_job(&call.caller.person, place(call)?, length_ms);
    let until = until.map_err(|cause| Problem::of(cause, call.visit))?;
    Ok(json!({ "lease_until": until.to_rfc3339() }))
}

pub(super) fn attach(call: &Call<'_>) -> Result<Value, Problem> {
    let sent: SentFile = read(call.body)?;
    let brought = sent.read().ok_or_else(|| Problem::unreadable("`base64` is not base64".to_owned()))?;
    let said = json!({ "sha256": brought.0.sha256, "size": brought.0.size });
    let done = call.visit.app.runtime().attach_to_job(&call.caller.person, place(call)?, brought);
    done.map(|()| said).map_err(|cause| Problem::of(cause, call.visit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    sha256: String,
}

pub(super) fn file(call: &Call<'_>) -> Result<Value, Problem> {
    let Wanted { sha256 } = read(call.body)?;
    let found = call.visit.app.runtime().file_of_job(&call.caller.person, place(call)?, &sha256);
    found.map(|(file, bytes)| given_file(&file, &bytes)).map_err(|cause| Problem::of(cause, call.visit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {}

pub(super) fn give_back(call: &Call<'_>) -> Result<Value, Problem> {
    let Return {} = read(call.body)?;
    let returned = call.visit.app.runtime().return_job(&call.caller.person, place(call)?);
    returned.map(|()| json!({})).map_err(|cause| Problem::of(cause, call.visit))
}

fn once(heard: Heard) -> Value {
    match heard {
        Heard::Now => json!({ "repeated": false }),
        Heard::Before => json!({ "repeated": true }),
    }
}

/// The job that the address names.
fn place(call: &Call<'_>) -> Result<JobPlace, Problem> {
    let parts = call.visit.asked.part("job").split_once('-');
    let read = parts.and_then(|(instance, job)| Some((instance.parse().ok()?, job.parse().ok()?)));
    let (instance, job) = read.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(JobPlace { instance: InstanceId(instance), job: JobId(job) })
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|cause| Problem::unreadable(cause.to_string()))
}

fn within(call: &Call<'_>, limits: &[(&str, u32, std::ops::RangeInclusive<u32>)]) -> Result<(), Problem> {
    let wrong = limits.iter().filter(|(_, value, allowed)| !allowed.contains(value)).map(|(field, _, allowed)| {
        let said = [("least", i64::from(*allowed.start()).into()), ("most", i64::from(*allowed.end()).into())];
        Wrong { field: (*field).to_owned(), problem: call.visit.say_with("api-outside", &said) }
    });
    let wrong: Vec<Wrong> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::unfit(wrong)) }
}
