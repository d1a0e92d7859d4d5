//! Asking servers over HTTP on behalf of jobs. Every attempt at one job carries the same key, so that a server that
//! honours it does the work once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use engine::command::Command;
use engine::effect::Effect;
use engine::ids::{InstanceId, JobId};
use engine::instance::JobState;
use engine::value::Fields;
use store::OutboxRow;
use ureq::Agent;
use ureq::http::{Request, Response};

use crate::json::{self, Unreadable};
use crate::owed::Performed;
use crate::{Runtime, RuntimeError};

/// How long a server may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// For how long a request belongs to the node that makes it; after that another asks again, in milliseconds. Another
/// asks sooner where the node dies.
const UNDER_WAY_MS: i64 = 40_000;
/// How soon a request is looked at again for which there is no room now, in milliseconds.
const NO_ROOM_MS: i64 = 250;
/// How many requests a node has under way at once.
const REQUESTS_MAX: usize = 16;
/// The largest answer that is read, in bytes.
const ANSWER_MAX: u64 = 1_048_576;

/// The client for requests.
pub(crate) struct Servers {
    agent: Agent,
    under_way: AtomicUsize,
}

impl Default for Servers {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("tiaoli/", env!("CARGO_PKG_VERSION")))
            .build();
        Servers { agent: config.new_agent(), under_way: AtomicUsize::new(0) }
    }
}

/// A request on its way, which makes room when it is over, whatever happened.
struct UnderWay<'r>(&'r Runtime);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.0.servers.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Runtime {
    /// Asks a server to do a job, on a thread of its own; the answer goes to the record as a command.
    pub(crate) fn ask_server(&self, row: &OutboxRow, job: JobId) -> Result<Performed, RuntimeError> {
        let asked = |state: &JobState| matches!(state, JobState::Asked);
        let loaded = self.load(row.key.instance)?;
        if !loaded.is_some_and(|loaded| loaded.instance.job(job).is_some_and(|open| asked(&open.state))) {
            return Ok(Performed::Done);
        }
        if self.0.servers.under_way.fetch_add(1, Ordering::Relaxed) >= REQUESTS_MAX {
            self.0.servers.under_way.fetch_sub(1, Ordering::Relaxed);
            self.store().hold_owed(&self.0.holding.share(), row.key, self.now().plus_ms(NO_ROOM_MS))?;
            return Ok(Performed::UnderWay);
        }
        let (runtime, row) = (self.clone(), row.clone());
        if !self.store().hold_owed(&self.0.holding.share(), row.key, self.now().plus_ms(UNDER_WAY_MS))? {
            self.0.servers.under_way.fetch_sub(1, Ordering::Relaxed);
            return Ok(Performed::UnderWay);
        }
        let named = std::thread::Builder::new().name("http-request".to_owned());
        let spawned = named.spawn(move || {
            let _room = UnderWay(&runtime);
            if let Err(cause) = runtime.asked(&row, job) {
                tracing::error!(instance = %row.key.instance, %cause, "a request is tried again later");
            }
        });
        match spawned {
            Ok(_) => Ok(Performed::UnderWay),
            Err(cause) => {
                self.0.servers.under_way.fetch_sub(1, Ordering::Relaxed);
                Ok(Performed::NotYet(cause.to_string()))
            }
        }
    }

    fn asked(&self, row: &OutboxRow, job: JobId) -> Result<(), RuntimeError> {
        let Effect::Request { method, url, body, .. } = &row.effect else { return Ok(()) };
        let instance = row.key.instance;
        let answered = match self.0.servers.ask(&key(instance, job), method, url, body) {
            Ok(answer) => self.answer_of(instance, job, &answer)?,
            Err(problem) => Err(problem),
        };
        let said = match answered {
            Ok(fields) => self.order(instance, Command::Answer { job, fields })?,
            Err(problem) => Performed::NotYet(problem),
        };
        let settled = match said {
            // A refused answer is a failure of the server's: it is asked again, as the definition says.
            Performed::NotYet(problem) => self.order(instance, Command::Fail { job, problem, retry_at: None })?,
            other => other,
        };
        match settled {
            Performed::NotYet(problem) => self.put_off(row.clone(), problem),
            Performed::Done | Performed::Told(_) | Performed::UnderWay => {
                Ok(self.store().settle_owed(vec![row.key])?)
            }
        }
    }

    /// What an answer says of the fields that the job gives.
    fn answer_of(
        &self,
        instance: InstanceId,
        job: JobId,
        answer: &str,
    ) -> Result<Result<Fields, String>, RuntimeError> {
        let Some(loaded) = self.load(instance)? else { return Ok(Ok(Fields::new())) };
        let definition = self.definition(loaded.instance.definition())?;
        let Some(gives) = loaded.instance.job(job).and_then(|open| definition.job(&open.step)).map(|job| &job.gives)
        else {
            return Ok(Ok(Fields::new()));
        };
        if gives.is_empty() {
            return Ok(Ok(Fields::new()));
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
    fn ask(&self, key: &str, method: &str, url: &str, body: &Fields) -> Result<String, String> {
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
            return Err(format!("the server answered {}", answer.status()));
        }
        answer.body_mut().with_config().limit(ANSWER_MAX).read_to_string().map_err(|cause| cause.to_string())
    }
}
