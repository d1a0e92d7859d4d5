//! Waits for a message, unless one was kept that came before.

use crate::definition::{Ask, Who};
use crate::event::{Event, Principal};
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::instance::KeptMessage;
use crate::nodes::Then;
use crate::people;
use crate::run::Run;

pub(crate) fn enter(
    run: &mut Run<'_>,
    token: TokenId,
    message: &Name,
    from: &[Who],
    asks: &[Ask],
) -> Result<Then, EvalError> {
    let from = people::principals(from, &run.scope())?;
    run.drop_expired();
    let asked = |field: &Name| asks.iter().any(|ask| ask.field == *field);
    let fits =
        |kept: &KeptMessage| kept.message == *message && may_send(run, kept, &from) && kept.fields.keys().all(asked);
    match run.instance.kept().iter().position(fits) {
        Some(place) => {
            let KeptMessage { message, text, fields, by: _, at: _, until: _ } = run.instance.kept()[place].clone();
            run.set_fields(fields)?;
            run.emit(Event::KeptMessageTaken { place });
            run.emit(Event::MessageReceived { message, text });
            Ok(Then::Next)
        }
        None => {
            run.emit(Event::MessageAwaited { token, message: message.clone(), from });
            Ok(Then::Wait)
        }
    }
}

fn may_send(run: &Run<'_>, kept: &KeptMessage, from: &[Principal]) -> bool {
    kept.by.as_ref().is_none_or(|person| people::is_among(person, from, run.world.directory))
}
