//! What is wrong with a form, in the reader's words.

use engine::command::{Immovable, Rejection};
use engine::file::Fault;
use engine::ids::Name;
use engine::value::Misfit;

use crate::files;
use crate::visit::Visit;

/// What is wrong with the value of a field, as a sentence beside it.
pub fn said(visit: &Visit<'_>, misfit: &Misfit) -> String {
    match misfit {
        Misfit::Missing => visit.say("misfit-missing"),
        Misfit::TooLong { limit } => visit.say_with("misfit-too-long", &[("limit", (*limit as i64).into())]),
        Misfit::TooMany { limit } => visit.say_with("misfit-too-many", &[("limit", (*limit as i64).into())]),
        Misfit::NotAChoice { allowed: _ } => visit.say("misfit-not-a-choice"),
        Misfit::NotADate => visit.say("misfit-not-a-date"),
        Misfit::NoSuchEntry { register: _, key } => {
            visit.say_with("misfit-no-such-entry", &[("key", key.as_str().into())])
        }
        Misfit::WrongType => visit.say("misfit-wrong-type"),
        Misfit::NotAsked => visit.say("misfit-not-asked"),
        Misfit::TooLarge { limit } => {
            visit.say_with("misfit-too-large", &[("limit", files::size(visit.words(), *limit).into())])
        }
        Misfit::BadContent(fault) => of_content(visit, fault),
        Misfit::RefersToItself => visit.say("misfit-refers-to-itself"),
        Misfit::InRow { line, column: _, misfit } => {
            let why = said(visit, misfit);
            visit.say_with("misfit-in-row", &[("line", (*line as i64).into()), ("why", why.into())])
        }
    }
}

/// What is wrong with the bytes of a file.
fn of_content(visit: &Visit<'_>, fault: &Fault) -> String {
    match fault {
        Fault::Ending(ending) if ending.is_empty() => visit.say("misfit-file-unnamed"),
        Fault::Ending(ending) => visit.say_with("misfit-file-ending", &[("ending", ending.as_str().into())]),
        Fault::OtherKind(ending, None) => {
            visit.say_with("misfit-file-other-kind", &[("ending", ending.as_str().into())])
        }
        Fault::OtherKind(ending, Some(found)) => visit.say_with(
            "misfit-file-other-known-kind",
            &[("ending", ending.as_str().into()), ("found", found.as_str().into())],
        ),
        Fault::NotText => visit.say("misfit-file-not-text"),
        Fault::Active => visit.say("misfit-file-active"),
    }
}

/// Why a command was refused, as a sentence above the form.
pub fn refused(visit: &Visit<'_>, rejection: &Rejection) -> String {
    match rejection {
        Rejection::Ended => visit.say("refused-ended"),
        Rejection::Stuck => visit.say("refused-stuck"),
        Rejection::NotStuck => visit.say("refused-not-stuck"),
        Rejection::Suspended => visit.say("refused-suspended"),
        Rejection::NotSuspended => visit.say("refused-not-suspended"),
        Rejection::NotThere(_) => visit.say("refused-not-there"),
        Rejection::OtherVersion => visit.say("refused-other-version"),
        Rejection::CannotMigrate(_) => visit.say("refused-cannot-migrate"),
        Rejection::CannotMove(why) => immovable(visit, why),
        Rejection::NoSuchTask(_) => visit.say("refused-no-such-task"),
        Rejection::NotForYou => visit.say("refused-not-for-you"),
        Rejection::DutiesSeparated => visit.say("refused-duties-separated"),
        Rejection::TakenBy(person) => of_person(visit, "refused-taken-by", person),
        Rejection::NotTaken => visit.say("refused-not-taken"),
        Rejection::NotTheirs(person) => of_person(visit, "refused-not-theirs", person),
        Rejection::Barred(person) => of_person(visit, "refused-barred", person),
        Rejection::Delegated(person) => of_person(visit, "refused-delegated", person),
        Rejection::OnlyAsked(person) => of_person(visit, "refused-only-asked", person),
        Rejection::NotDelegated => visit.say("refused-not-delegated"),
        Rejection::VotedOn => visit.say("refused-voted-on"),
        Rejection::NotVotedOn => visit.say("refused-not-voted-on"),
        Rejection::HasVoted => visit.say("refused-has-voted"),
        Rejection::NoSuchOutcome(_) => visit.say("refused-choose-outcome"),
        Rejection::BadFields(_) => visit.say("refused-bad-fields"),
        Rejection::ReasonMissing => visit.say("refused-reason-missing"),
        Rejection::TextTooLong { limit } => visit.say_with("misfit-too-long", &[("limit", (*limit as i64).into())]),
        Rejection::TextMissing => visit.say("refused-text-missing"),
        Rejection::CannotRead(person) => of_person(visit, "refused-cannot-read", person),
        Rejection::TooManyTold { limit } => {
            visit.say_with("refused-too-many-told", &[("limit", (*limit as i64).into())])
        }
        Rejection::NoSuchLink(_) => visit.say("refused-no-such-link"),
        Rejection::LinkedAlready => visit.say("refused-linked-already"),
        Rejection::TooManyLinks { limit } => {
            visit.say_with("refused-too-many-links", &[("limit", (*limit as i64).into())])
        }
        Rejection::FilesMissing => visit.say("refused-files-missing"),
        Rejection::BadFile { name, misfit } => {
            visit.say_with("refused-bad-file", &[("name", name.as_str().into()), ("why", said(visit, misfit).into())])
        }
        Rejection::TooManyFiles { limit } => {
            visit.say_with("refused-too-many-files", &[("limit", (*limit as i64).into())])
        }
        Rejection::NoSuchFile(_) => visit.say("refused-no-such-file"),
        Rejection::FileInField(_) => visit.say("refused-file-in-field"),
        Rejection::Unmet(unmet) => visit.language.of(&unmet.says).to_owned(),
        Rejection::NotAwaited(_) => visit.say("refused-not-awaited"),
        Rejection::NoSuchJob(_) => visit.say("refused-no-such-job"),
        Rejection::JobHeld(worker) => {
            visit.say_with("refused-job-held", &[("person", visit.names().person(worker).into())])
        }
        Rejection::JobNotReady { from } => {
            visit.say_with("refused-job-not-ready", &[("at", visit.moment(*from).text.into())])
        }
        Rejection::NothingToAdd(_) => visit.say("refused-nothing-to-add"),
        Rejection::Full => visit.say("refused-full"),
        Rejection::NotAllowed => visit.say("refused-not-allowed"),
        Rejection::NoSuchPerson(person) => {
            visit.say_with("refused-no-such-person", &[("person", person.as_str().into())])
        }
        Rejection::CannotJudge(error) => {
            visit.say_with("refused-cannot-judge", &[("problem", error.to_string().into())])
        }
    }
}

fn of_person(visit: &Visit<'_>, key: &str, person: &Name) -> String {
    visit.say_with(key, &[("person", visit.names().person(person).into())])
}

/// Why a token cannot be brought to a step.
fn immovable(visit: &Visit<'_>, why: &Immovable) -> String {
    match why {
        Immovable::NoSuchStep(step) => visit.say_with("immovable-no-such-step", &[("step", step.as_str().into())]),
        Immovable::OtherBranch(step) => visit.say_with("immovable-other-branch", &[("step", step.as_str().into())]),
        Immovable::NotEntered(step) => visit.say_with("immovable-not-entered", &[("step", step.as_str().into())]),
        Immovable::NothingAfter(step) => visit.say_with("immovable-nothing-after", &[("step", step.as_str().into())]),
    }
}
