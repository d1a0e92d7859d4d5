//! What is gone through when the record is cancelled, or when a step fails.
//!
//! `on cancel` begins when everything else is over already; at its end the record is cancelled. `on error` goes beside
//! what else is going on; at its end the record waits for repair where it failed, and a jump out of it ends everything
//! else and goes on from there.

use crate::definition::Handled;
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::{Then, end};
use crate::run::Run;

/// How a record ends that was cancelled, where its process says nothing else.
pub const CANCELLED: &str = "cancelled";

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, of: Handled, first: &Name) -> Result<Then, EvalError> {
    match run.spawn(first, token) {
        then @ (Then::Next | Then::To(_)) => Ok(left(run, token, of, then)),
        then @ (Then::Wait | Then::Done) => Ok(then),
    }
}

/// What becomes of the record when a handler comes to its end, or jumps out.
pub(crate) fn left(run: &mut Run<'_>, token: TokenId, of: Handled, then: Then) -> Then {
    match (of, then) {
        (Handled::Cancel, Then::Next) => {
            cancel(run);
            Then::Done
        }
        (Handled::Error, Then::Next) => {
            run.cancel_inside(token);
            run.cancel(token);
            match run.instance.caught().cloned() {
                Some(repair) if run.stands(&repair) => run.emit(Event::RepairNeeded { repair }),
                Some(_) => run.emit(Event::ErrorHandled),
                None => {}
            }
            Then::Done
        }
        (Handled::Error, then @ Then::To(_)) => {
            run.cancel_beside(token);
            run.emit(Event::ErrorHandled);
            then
        }
        (Handled::Cancel, then @ Then::To(_)) | (_, then @ (Then::Wait | Then::Done)) => then,
    }
}

/// Ends the record as cancelled.
pub(crate) fn cancel(run: &mut Run<'_>) {
    end::finish(run, Name::from(CANCELLED));
}
