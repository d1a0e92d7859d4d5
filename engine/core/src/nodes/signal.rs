//! Waits for a signal, which any record may give.

use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::instance::Waits;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, signal: &Name) -> Result<Then, EvalError> {
    run.emit(Event::SignalAwaited { token, signal: signal.clone() });
    Ok(Then::Wait)
}

/// Lets those go on that waited for a signal when it was given, and still do.
pub(crate) fn settle(run: &mut Run<'_>) {
    loop {
        let heard = run.take_signalled();
        if heard.is_empty() {
            return;
        }
        for (token, signal) in heard {
            let waits = Waits::Signal(signal.clone());
            if run.instance.tokens().iter().any(|held| held.id == token && held.waits == waits) {
                run.emit(Event::SignalReceived { token, signal });
                run.proceed(token, Then::Next);
            }
        }
    }
}
