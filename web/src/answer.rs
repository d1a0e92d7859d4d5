//! What a page answers, and why it may refuse.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use runtime::RuntimeError;
use store::{FileBytes, Outage, StoreError};

/// What a handler gives: a page, or the way to one.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// What is sent.
    pub body: Body,
    /// Cookies to set.
    pub cookies: Vec<Cookie<'static>>,
}

/// What is sent.
#[derive(Debug)]
pub enum Body {
    /// A page.
    Html(String),
    /// Plain text.
    Text(String),
    /// What a machine reads.
    Json(serde_json::Value),
    /// A file to keep.
    File {
        /// What it is called.
        name: String,
        /// What it is said to be.
        media_type: String,
        /// Its bytes.
        bytes: FileBytes,
    },
    /// Nothing but the way to another page.
    SeeOther(String),
}

impl Answer {
    /// A page with a status.
    pub fn page(status: StatusCode, html: String) -> Answer {
        Answer { status, body: Body::Html(html), cookies: Vec::new() }
    }

    /// The way to another page, as after every write.
    pub fn see_other(to: impl Into<String>) -> Answer {
        Answer { status: StatusCode::SEE_OTHER, body: Body::SeeOther(to.into()), cookies: Vec::new() }
    }

    /// The same with one cookie more.
    #[must_use]
    pub fn with(mut self, cookie: Cookie<'static>) -> Answer {
        self.cookies.push(cookie);
        self
    }
}

/// Why a page is not shown.
#[derive(Debug)]
pub enum Refusal {
    /// It is not there, or not for this person: the same answer, so that nobody learns which.
    NotFound,
    /// The form did not come from a page of ours.
    Forged,
    /// The way to sign in, and back to here.
    SignInFirst,
    /// The form is larger than anything we ask for.
    TooLarge,
    /// The record is changed by others again and again; try once more.
    Busy,
    /// Nothing can be kept just now; the cause goes to the log.
    Outage(Outage, String),
    /// Something beneath failed; the cause goes to the log.
    Broken(String),
}

impl From<StoreError> for Refusal {
    fn from(cause: StoreError) -> Self {
        match cause.outage() {
            Some(outage) => Refusal::Outage(outage, cause.to_string()),
            None => Refusal::Broken(cause.to_string()),
        }
    }
}

impl From<RuntimeError> for Refusal {
    fn from(cause: RuntimeError) -> Self {
        match cause {
            RuntimeError::Store(cause) => Refusal::from(cause),
            other => Refusal::Broken(other.to_string()),
        }
    }
}

impl From<handlebars::RenderError> for Refusal {
    fn from(cause: handlebars::RenderError) -> Self {
        Refusal::Broken(format!("a template failed: {cause}"))
    }
}
