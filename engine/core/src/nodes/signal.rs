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
            if waits_for(run, token, &signal) {
                run.emit(Event::SignalReceived { token, signal });
                run.proceed(token, Then::Next);
            }
        }
    }
}

/// Keeps the signals that were given in a record that cannot go on.
pub(crate) fn keep(run: &mut Run<'_>) {
    for (token, signal) in run.take_signalled() {
        if waits_for(run, token, &signal) {
            run.emit(Event::SignalKept { token, signal });
        }
    }
}

fn waits_for(run: &Run<'_>, token: TokenId, signal: &Name) -> bool {
    run.instance.token(token).is_some_and(|held| matches!(&held.waits, Waits::Signal(held) if held == signal))
}

/// A token whose signal came while the record could not go on.
fn kept(run: &Run<'_>) -> Option<(TokenId, Name)> {
    run.instance.tokens().iter().find_map(|token| match &token.waits {
        Waits::Heard(signal) => Some((token.id, signal.clone())),
        _ => None,
    })
}
