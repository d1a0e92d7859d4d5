//! Asking servers over HTTP on behalf of jobs. Every attempt at one job carries the same key, so that a server that
//! honours it does the work once.

use std::time::{Duration, UNIX_EPOCH};

use engine::command::Command;
use engine::effect::Effect;
use engine::ids::{InstanceId, JobId};
use engine::instance::JobState;
use engine::time::{DAY_MS, Timestamp};
use engine::value::Fields;
use store::OutboxRow;
use ureq::Agent;
use ureq::http::{Request, Response};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;

use crate::fence::{Fence, Fenced};
use crate::json::{self, Unreadable};
use crate::owed::Performed;
use crate::{Runtime, RuntimeError};

/// How long a server may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read, in bytes.
const ANSWER_MAX: u64 = 1_048_576;
/// The longest that a server may put us off, in milliseconds.
const PUT_OFF_MAX_MS: i64 = DAY_MS;

/// The client for requests.
pub(crate) struct Servers {
    agent: Agent,
}

/// Why a server's answer is of no use.
struct Failed {
    problem: String,
    /// How long it wants to be left alone, in milliseconds.
    retry_after_ms: Option<i64>,
}

impl From<String> for Failed {
    fn from(problem: String) -> Self {
        Failed { problem, retry_after_ms: None }
    }
}

impl Servers {
    /// A client that keeps within a fence. A proxy would resolve names behind its back, so none is used.
    pub(crate) fn within(fence: &Fence) -> Servers {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("tiaoli/", env!("CARGO_PKG_VERSION")))
            .build();
        let fenced = Fenced { fence: fence.clone(), inner: DefaultResolver::default() };
        Servers { agent: Agent::with_parts(config, DefaultConnector::default(), fenced) }
    }
}

impl Runtime {
    /// Asks a server to do a job; the answer goes to the record as a command.
    pub(crate) fn ask_server(&self, row: &OutboxRow, job: JobId) -> Result<Performed, RuntimeError> {
        let asked = |state: &JobState| matches!(state, JobState::Asked);
        let loaded = self.load(row.key.instance)?;
        if !loaded.is_some_and(|loaded| loaded.instance.job(job).is_some_and(|open| asked(&open.state))) {
            return Ok(Performed::Done);
        }
        self.perform_apart(row, move |runtime, row| runtime.asked(row, job))
    }

    fn asked(&self, row: &OutboxRow, job: JobId) -> Result<Performed, RuntimeError> {
        let Effect::Request { method, url, body, .. } = &row.effect else { return Ok(Performed::Done) };
        let instance = row.key.instance;
        let answered = match self.0.servers.ask(&key(instance, job), method, url, body, self.now()) {
            Ok(answer) => self.answer_of(instance, job, &answer)?.map_err(Failed::from),
            Err(failed) => Err(failed),
        };
        let failed = match answered {
            Ok((fields, files)) => match self.order_with(instance, Command::Answer { job, fields }, &files)? {
                // A refused answer is a failure of the server's: it is asked again, as the definition says.
                Performed::NotYet(problem) => Failed::from(problem),
                done => return Ok(done),
            },
            Err(failed) => failed,
        };
        let retry_at = failed.retry_after_ms.map(|length_ms| self.now().plus_ms(length_ms));
        self.order(instance, Command::Fail { job, problem: failed.problem, retry_at })
    }

    /// What an answer says of the fields that the job gives.
    fn answer_of(
        &self,
        instance: InstanceId,
        job: JobId,
        answer: &str,
    ) -> Result<Result<json::Read, String>, RuntimeError> {
        let Some(loaded) = self.load(instance)? else { return Ok(Ok(json::Read::default())) };
        let definition = self.definition(loaded.instance.definition())?;
        let Some(gives) = loaded.instance.job(job).and_then(|open| definition.job(&open.step)).map(|job| &job.gives)
        else {
            return Ok(Ok(json::Read::default()));
        };
        if gives.is_empty() {
            return Ok(Ok(json::Read::default()));
        }
        let read = json::object(answer).and_then(|object| json::fields(&definition, gives, &object));
        Ok(read.map_err(|unreadable: Unreadable| unreadable.to_string()))
    }
}

/// The key of all attempts at a job.
fn key(instance: InstanceId, job: JobId) -> String {
    format!("tiaoli-{instance}-{}", job.0)
}

impl Servers {
    fn ask(&self, key: &str, method: &str, url: &str, body: &Fields, now: Timestamp) -> Result<String, Failed> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("accept", "application/json")
            .header("idempotency-key", key);
        let sends_nothing = matches!(method, "GET" | "DELETE");
        let answer = if sends_nothing {
            let request = request.body(()).map_err(|cause| cause.to_string())?;
            self.agent.run(request)
        } else {
            let body = json::written(body).to_string();
            let request = request.header("content-type", "application/json").body(body);
            self.agent.run(request.map_err(|cause| cause.to_string())?)
        };
        let mut answer: Response<ureq::Body> = answer.map_err(|cause| cause.to_string())?;
        if !answer.status().is_success() {
            let said = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            let retry_after_ms = said.and_then(|said| put_off_ms(said, now));
            return Err(Failed { problem: format!("the server answered {}", answer.status()), retry_after_ms });
        }
        Ok(answer.body_mut().with_config().limit(ANSWER_MAX).read_to_string().map_err(|cause| cause.to_string())?)
    }
}

/// How long a server wants to be left alone: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), a day at
/// most.
fn put_off_ms(said: &str, now: Timestamp) -> Option<i64> {
    let said = said.trim();
    let length_ms = match said.parse::<u32>() {
        Ok(seconds) => i64::from(seconds) * 1_000,
        Err(_) => {
            let at = httpdate::parse_http_date(said).ok()?.duration_since(UNIX_EPOCH).ok()?;
            i64::try_from(at.as_millis()).ok()?.saturating_sub(now.0)
        }
    };
    Some(length_ms.clamp(0, PUT_OFF_MAX_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_put_us_off_by_seconds_or_a_date_and_a_day_at_most() {
        let now = Timestamp(784_111_777_000);
        let cases = [
            ("120", Some(120_000)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60_000)),
            ("Sun, 06 Nov 1994 08:40:37 GMT", Some(0)),
            ("4294967295", Some(PUT_OFF_MAX_MS)),
            ("-1", None),
            ("soon", None),
        ];
        for (said, expected) in cases {
            assert_eq!(put_off_ms(said, now), expected, "{said}");
        }
    }
}
