//! Writing a comment on a record, and replying where the record waits for it.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use engine::audience::Audience;
use engine::command::{Command, Rejection};
use engine::ids::Name;
use runtime::{ExecuteError, Sent};

use crate::answer::{Answer, Refusal};
use crate::canned;
use crate::flash::{Deed, Flash};
use crate::form;
use crate::mentions;
use crate::misfit;
use crate::pages::record::{self, Draft, Drafted};
use crate::pages::task::beneath;
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// Writes a comment.
pub fn comment(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    if let Some(inserted) = canned::inserted(visit, &reached) {
        let draft = Draft { of: Drafted::Comment, ..Draft::default() };
        return record::page(&visit.asking(&inserted), &reached, StatusCode::OK, &draft);
    }
    let form = &visit.asked.form;
    let text = form.get("text").unwrap_or_default().to_owned();
    let audience = match form.get("audience") {
        Some("internal") => Audience::Internal,
        Some(_) | None => Audience::Public,
    };
    let named = mentions::of(&text, &visit.directory).into_iter();
    let tells = named.chain(form.all("tell").filter(|key| !key.is_empty()).map(Name::from)).collect();
    give(visit, &reached, Command::Comment { text, audience, tells }, Drafted::Comment, Deed::Commented)
}

/// Sends the message that the record waits for.
pub fn reply(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    if let Some(inserted) = canned::inserted(visit, &reached) {
        let draft = Draft { of: Drafted::Reply, ..Draft::default() };
        return record::page(&visit.asking(&inserted), &reached, StatusCode::OK, &draft);
    }
    let posted = &visit.asked.form;
    let message = posted.get("message").unwrap_or_default();
    match form::parse_of(visit, &reached, &record::message_fields(&reached, message), "reply.", posted) {
        Ok(fields) => {
            let text = posted.get("text").unwrap_or_default().to_owned();
            let command = Command::Message { message: Name::from(message), text, fields };
            give(visit, &reached, command, Drafted::Reply, Deed::Replied)
        }
        Err(wrong) => {
            let problem = Some(visit.say("refused-bad-fields"));
            let draft = Draft { of: Drafted::Reply, problem, wrong, ..Draft::default() };
            record::page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &draft)
        }
    }
}

/// Adds a part that people may add.
pub fn add(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let step = Name::from(visit.asked.form.get("step").unwrap_or_default());
    give(visit, &reached, Command::Add { step }, Drafted::Comment, Deed::Added)
}

/// The record on which a comment was written, who was told of it, and who was not since nobody is called so.
fn told(visit: &Visit<'_>, number: &str, text: &str, tells: &BTreeSet<Name>) -> String {
    let comma = visit.say("list-comma");
    let mut said = number.to_owned();
    if !tells.is_empty() {
        let whom: Vec<String> = tells.iter().map(|person| visit.names().person(person)).collect();
        said = visit.say_with("comment-told", &[("number", said.into()), ("whom", whom.join(&comma).into())]);
    }
    let unknown: Vec<String> =
        mentions::of_nobody(text, &visit.directory).into_iter().map(|name| format!("@{name}")).collect();
    if !unknown.is_empty() {
        said = visit.say_with("comment-nobody", &[("said", said.into()), ("whom", unknown.join(&comma).into())]);
    }
    said
}

/// Gives a command to a record and leads back to it, or shows the record with what was refused. An edit is meant for the
/// record as it was looked at; of other forms, what was said since the revision that they showed is not said again.
///
/// # Errors
/// Something beneath failed.
pub fn give(
    visit: &Visit<'_>,
    reached: &Reached,
    command: Command,
    of: Drafted,
    deed: Deed,
) -> Result<Answer, Refusal> {
    let number = reached.loaded.instance.number();
    let what = match &command {
        Command::Comment { text, tells, .. } => told(visit, number, text, tells),
        _ => number.to_owned(),
    };
    let files = &visit.asked.bytes();
    let (runtime, id, actor) = (visit.app.runtime(), reached.loaded.instance.id(), visit.actor()?);
    let given = match (of, visit.asked.form.get("_shown").and_then(|text| text.parse().ok())) {
        (Drafted::Edit, _) => runtime.execute_on(&reached.loaded, actor, Sent { command, files }),
        (_, Some(shown)) => runtime.say_once(id, actor, Sent { command, files }, shown),
        (_, None) => runtime.execute_with(id, actor, command, files),
    };
    match given {
        Ok(_) => Ok(visit.done(format!("/records/{number}"), Flash::new(deed, what))),
        Err(ExecuteError::Rejected(rejection)) => {
            let fresh = reach::by_id(visit, reached.loaded.instance.id())?;
            let problem = Some(misfit::refused(visit, &rejection));
            let draft = match rejection {
                Rejection::BadFields(fields) => {
                    Draft { of, problem, wrong: fields.into_iter().collect(), ..Draft::default() }
                }
                Rejection::ReasonMissing => Draft { of, reason_problem: problem.clone(), problem, ..Draft::default() },
                _ => Draft { of, problem, ..Draft::default() },
            };
            record::page(visit, &fresh, StatusCode::UNPROCESSABLE_ENTITY, &draft)
        }
        Err(other) => Err(beneath(other)),
    }
}
