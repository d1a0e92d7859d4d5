//! What machines are answered: workers fetch jobs, finish them, say why they cannot; messages begin records; alerts become incidents. JSON in and out, a token in place of
//! a cookie. Every address is in [`Endpoint`]; [`door`] lets a call in and [`jobs`] answers it.

mod alertmanager;
mod alerts;
mod caller;
pub mod door;
mod jobs;
mod messages;
mod problem;

use crate::visit::Visit;
use caller::Caller;

/// What a machine can ask for. Each is a POST, since each changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Jobs to do.
    Fetch,
    /// A job is done.
    Complete,
    /// A job could not be done.
    Fail,
    /// A job takes longer.
    Extend,
    /// A job is given back.
    Return,
    /// A job's record gets a file.
    Attach,
    /// A file is read.
    File,
    /// A message begins a record.
    Receive,
    /// Alertmanager says which alerts fire and which have cleared.
    Alerts,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Endpoint; 9] = [
        Endpoint::Fetch,
        Endpoint::Complete,
        Endpoint::Fail,
        Endpoint::Extend,
        Endpoint::Return,
        Endpoint::Attach,
        Endpoint::File,
        Endpoint::Receive,
        Endpoint::Alerts,
    ];

    /// Where it is; `{job}` stands for a job.
    pub fn path(self) -> &'static str {
        match self {
            Endpoint::Fetch => "/api/v1/jobs/fetch",
            Endpoint::Complete => "/api/v1/jobs/{job}/complete",
            Endpoint::Fail => "/api/v1/jobs/{job}/fail",
            Endpoint::Extend => "/api/v1/jobs/{job}/extend",
            Endpoint::Return => "/api/v1/jobs/{job}/return",
            Endpoint::Attach => "/api/v1/jobs/{job}/attach",
            Endpoint::File => "/api/v1/jobs/{job}/file",
            Endpoint::Receive => "/api/v1/messages",
            Endpoint::Alerts => "/api/v1/alerts/alertmanager",
        }
    }

    /// Whether its body may be large: it brings files, or all that fires at once.
    fn may_be_large(self) -> bool {
        match self {
            Endpoint::Complete | Endpoint::Attach | Endpoint::Alerts => true,
            Endpoint::Fetch
            | Endpoint::Fail
            | Endpoint::Extend
            | Endpoint::Return
            | Endpoint::File
            | Endpoint::Receive => false,
        }
    }
}

/// Where everything for machines is.
pub const PREFIX: &str = "/api";

/// A call that was let in.
struct Call<'a> {
    /// The request, with nobody signed in.
    visit: &'a Visit<'a>,
    caller: &'a Caller,
    body: &'a [u8],
}
