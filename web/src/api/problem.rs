//! Why a machine is refused: a status, a code that never changes its meaning, a sentence for whoever reads the log.

use actix_web::http::StatusCode;
use engine::command::Rejection;
use runtime::{ExecuteError, RuntimeError};
use serde_json::{Value, json};
use store::StoreError;

use crate::misfit;
use crate::visit::Visit;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    TokenMissing,
    TokenUnknown,
    TokenRevoked,
    TokenExpired,
    NotAWorker,
    NotMonitoring,
    NoIncidents,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    NotReadable,
    Unfit,
    LeaseLost,
    Refused,
    Busy,
    Unavailable,
    Broken,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Code::TokenMissing | Code::TokenUnknown | Code::TokenRevoked | Code::TokenExpired => {
                StatusCode::UNAUTHORIZED
            }
            Code::NotAWorker | Code::NotMonitoring => StatusCode::FORBIDDEN,
            Code::NotFound | Code::NoIncidents => StatusCode::NOT_FOUND,
            Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::NotReadable => StatusCode::BAD_REQUEST,
            Code::Unfit => StatusCode::UNPROCESSABLE_ENTITY,
            Code::LeaseLost | Code::Refused => StatusCode::CONFLICT,
            Code::Busy | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// As machines read it, and the key of its sentence.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Code::TokenMissing => ("token_missing", "api-token-missing"),
            Code::TokenUnknown => ("token_unknown", "api-token-unknown"),
            Code::TokenRevoked => ("token_revoked", "api-token-revoked"),
            Code::TokenExpired => ("token_expired", "api-token-expired"),
            Code::NotAWorker => ("not_a_worker", "api-not-a-worker"),
            Code::NotMonitoring => ("not_monitoring", "api-not-monitoring"),
            Code::NoIncidents => ("no_incidents", "api-no-incidents"),
            Code::NotFound => ("not_found", "api-not-found"),
            Code::MethodNotAllowed => ("method_not_allowed", "api-method-not-allowed"),
            Code::TooLarge => ("too_large", "api-too-large"),
            Code::NotReadable => ("not_readable", "api-not-readable"),
            Code::Unfit => ("unfit", "api-unfit"),
            Code::LeaseLost => ("lease_lost", "api-lease-lost"),
            Code::Refused => ("refused", "api-refused"),
            Code::Busy => ("busy", "api-busy"),
            Code::Unavailable => ("unavailable", "api-unavailable"),
            Code::Broken => ("broken", "api-broken"),
        }
    }
}

/// A value that does not fit, and why.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) problem: String,
}

/// Why a machine is refused.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    code: Code,
    /// More than the sentence of the code.
    detail: Option<String>,
    wrong: Vec<Wrong>,
}

impl Problem {
    pub(super) fn new(code: Code) -> Problem {
        Problem { code, detail: None, wrong: Vec::new() }
    }

    /// The body is not what is asked for.
    pub(super) fn unreadable(detail: String) -> Problem {
        Problem { code: Code::NotReadable, detail: Some(detail), wrong: Vec::new() }
    }

    /// Values that do not fit.
    pub(super) fn unfit(wrong: Vec<Wrong>) -> Problem {
        Problem { code: Code::Unfit, detail: None, wrong }
    }

    /// Why the engine did not carry out an order.
    pub(super) fn of(cause: ExecuteError, visit: &Visit<'_>) -> Problem {
        let rejection = match cause {
            ExecuteError::Rejected(rejection) => rejection,
            ExecuteError::NoSuchRecord | ExecuteError::NoSuchProcess(_) => return Problem::new(Code::NotFound),
            ExecuteError::Busy => return Problem::new(Code::Busy),
            ExecuteError::Broken(cause) => return Problem::from(cause),
        };
        let detail = Some(misfit::refused(visit, &rejection));
        let (code, wrong) = match rejection {
            Rejection::BadFields(fields) => {
                let wrong = fields
                    .iter()
                    .map(|(field, why)| Wrong { field: field.to_string(), problem: misfit::said(visit, why) });
                return Problem::unfit(wrong.collect());
            }
            Rejection::Unmet(_)
            | Rejection::CannotJudge(_)
            | Rejection::BadFile { .. }
            | Rejection::TooManyFiles { .. } => (Code::Unfit, Vec::new()),
            Rejection::NoSuchJob(_) | Rejection::JobHeld(_) | Rejection::NotTaken | Rejection::Ended => {
                (Code::LeaseLost, Vec::new())
            }
            Rejection::NotAllowed => (Code::NotAWorker, Vec::new()),
            _ => (Code::Refused, Vec::new()),
        };
        Problem { code, detail, wrong }
    }

    /// The status and the body.
    pub(super) fn answer(&self, visit: &Visit<'_>) -> (StatusCode, Value) {
        let (code, key) = self.code.names();
        let message = self.detail.clone().unwrap_or_else(|| visit.say(key));
        let mut error = json!({ "code": code, "message": message, "request": visit.asked.id });
        if !self.wrong.is_empty() {
            let wrong = self.wrong.iter().map(|wrong| json!({ "field": wrong.field, "problem": wrong.problem }));
            error["fields"] = wrong.collect();
        }
        (self.code.status(), json!({ "error": error }))
    }
}

impl From<StoreError> for Problem {
    fn from(cause: StoreError) -> Self {
        Problem::from(RuntimeError::from(cause))
    }
}

impl From<RuntimeError> for Problem {
    fn from(cause: RuntimeError) -> Self {
        tracing::error!(%cause, "a call failed");
        let passes = matches!(&cause, RuntimeError::Store(cause) if cause.outage().is_some());
        Problem::new(if passes { Code::Unavailable } else { Code::Broken })
    }
}
