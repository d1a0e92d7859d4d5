//! E-mail: handed over to the organisation's own server by SMTP. A message that may have been sent already is sent again
//! under the same identity (`Message-ID`), so that whoever receives both can tell.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use engine::definition::Labels;
use engine::ids::Name;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::{Address, SmtpTransport, Transport};
use store::{OutboxRow, PersonRow, PersonState};

use crate::owed::Performed;
use crate::{Runtime, RuntimeError};

/// How long the server may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most characters of a text that stand in the subject.
const SUBJECT_MAX: usize = 120;

/// A server that takes e-mail.
pub struct MailServer {
    transport: SmtpTransport,
    from: Mailbox,
    /// The address of the pages, for links.
    pages: Option<String>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The transport knows a password.
        out.debug_struct("MailServer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Why a server for e-mail cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server cannot be read. It may hold a password, so it is not repeated.
    #[error(
        "the address of the mail server cannot be read: smtps://user:password@host or smtp://host:587?tls=required"
    )]
    Server,
    /// The address of the sender cannot be read.
    #[error("\"{0}\" is no address to send from, such as Service desk <desk@example.org>")]
    Sender(String),
}

impl MailServer {
    /// The server at an address, and who its messages are from; `pages` is what stands before links.
    ///
    /// # Errors
    /// One of the addresses cannot be read.
    pub fn new(server: &str, from: &str, pages: Option<String>) -> Result<MailServer, MailError> {
        let builder = SmtpTransport::from_url(server).map_err(|_| MailError::Server)?;
        let from = from.parse().map_err(|_| MailError::Sender(from.to_owned()))?;
        Ok(MailServer { transport: builder.timeout(Some(TIMEOUT)).build(), from, pages })
    }

    fn message(&self, row: &OutboxRow, person: &PersonRow, text: &Labels) -> Result<Message, String> {
        let address: Address = person.email.parse().map_err(|_| NO_ADDRESS.to_owned())?;
        let text = if person.language.starts_with("zh") { &text.zh } else { &text.en };
        let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let subject: String = line.chars().take(SUBJECT_MAX).collect();
        let link = self.pages.as_ref().map(|pages| format!("\n\n{pages}/records/{}", row.number)).unwrap_or_default();
        let since = Duration::from_millis(u64::try_from(row.key.at.0).unwrap_or(0));
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(format!("[{}] {subject}", row.number))
            .message_id(Some(format!("<tiaoli.{}@{}>", row.key, self.from.email.domain())))
            .date(UNIX_EPOCH + since)
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{text}{link}\n"))
            .map_err(|cause| cause.to_string())?;
        // RFC 3834: no absence notice comes back for it.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
        Ok(message)
    }
}

const NO_ADDRESS: &str = "the person has no address for e-mail";

impl Runtime {
    /// Writes to a person. Who has left or was erased is written to no more.
    pub(crate) fn write_mail(&self, row: &OutboxRow, to: &Name, text: &Labels) -> Result<Performed, RuntimeError> {
        let person = match self.store().person(to)? {
            Some(person) if person.state == PersonState::Active => person,
            Some(_) | None => return Ok(Performed::Done),
        };
        if person.email.is_empty() {
            return Ok(Performed::NotYet(NO_ADDRESS.to_owned()));
        }
        let Some(server) = &self.0.outside.mail else {
            return Ok(Performed::NotYet(
                "no mail server is set up: TIAOLI_SMTP and TIAOLI_MAIL_FROM say which".to_owned(),
            ));
        };
        let message = match server.message(row, &person, text) {
            Ok(message) => message,
            Err(problem) => return Ok(Performed::NotYet(problem)),
        };
        self.perform_apart(row, move |runtime, _| {
            let Some(server) = &runtime.0.outside.mail else { return Ok(Performed::Done) };
            Ok(match server.transport.send(&message) {
                Ok(_) => Performed::Done,
                // Servers like to repeat the address, which belongs in no log.
                Err(cause) => Performed::NotYet(told(&cause).replace(&person.email, "…")),
            })
        })
    }
}

/// What went wrong, down to its cause.
fn told(cause: &lettre::transport::smtp::Error) -> String {
    let mut told = cause.to_string();
    let mut next = std::error::Error::source(cause);
    while let Some(deeper) = next {
        let said = deeper.to_string();
        if !told.contains(&said) {
            told = format!("{told}: {said}");
        }
        next = deeper.source();
    }
    told
}
