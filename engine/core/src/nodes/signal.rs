//! Waits for a signal, which any record may give.

use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::instance::{Status, Waits};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, signal: &Name) -> Result<Then, EvalError> {
    run.emit(Event::SignalAwaited { token, signal: signal.clone() });
    Ok(Then::Wait)
}

/// Lets those go on that waited for a signal when it was given, and still do; and those whose signal came while the record
/// could not go on.
pub(crate) fn settle(run: &mut Run<'_>) {
    while let Some((token, signal)) = kept(run) {
        run.emit(Event::SignalReceived { token, signal });
        run.proceed(token, Then::Next);
    }
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

/// A token whose signal came, where the record goes on.
fn kept(run: &Run<'_>) -> Option<(TokenId, Name)> {
    match run.instance.status() {
        Status::Running => run.instance.tokens().iter().find_map(|token| match &token.waits {
            Waits::Heard(signal) => Some((token.id, signal.clone())),
            _ => None,
        }),
        Status::Stuck(_) | Status::Suspended(_) | Status::Ended { .. } => None,
    }
}
