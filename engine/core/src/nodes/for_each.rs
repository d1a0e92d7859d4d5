//! The same steps for each value of a list, in turn or at once. What comes into the list while the rounds go gets a round
//! too; what is taken out of it keeps its round.

use crate::definition::{ForEach, Pace, StepKind};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::instance::Waits;
use crate::nodes::Then;
use crate::run::Run;
use crate::value::Value;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, each: &ForEach) -> Result<Then, EvalError> {
    add_rounds(run, token, each)?;
    Ok(go_round(run, token, each))
}

/// What the step does when a round of it has come to its end.
pub(crate) fn round_ended(run: &mut Run<'_>, round: TokenId, around: TokenId, each: &ForEach) -> Then {
    match take_in(run, round, around, each) {
        After::Enough => Then::Next,
        After::More => go_round(run, around, each),
    }
}

/// Begins rounds for what has come into the lists.
pub(crate) fn settle(run: &mut Run<'_>) {
    let definition = run.definition;
    let waiting = run.instance.tokens().iter().filter(|token| token.waits == Waits::Inner);
    let waiting: Vec<TokenId> = waiting.map(|token| token.id).collect();
    for token in waiting {
        let step = run.instance.token(token).and_then(|held| definition.step(&held.step));
        let Some(StepKind::ForEach(each)) = step.map(|step| &step.kind) else { continue };
        run.stand_at(token);
        match add_rounds(run, token, each) {
            // Rounds wait for their turn, or another version lets all begin at once.
            Ok(()) if next_round(run, token, each.pace).is_some() => {
                let then = go_round(run, token, each);
                run.proceed(token, then);
            }
            Ok(()) => {}
            Err(problem) => run.fail(token, problem),
        }
    }
}

/// Adds a round for each value of the list that has none yet.
fn add_rounds(run: &mut Run<'_>, token: TokenId, each: &ForEach) -> Result<(), EvalError> {
    let listed = match each.list.value(&run.scope())? {
        Value::List(items) => items,
        Value::Nothing => Vec::new(),
        other => {
            return Err(EvalError::Unfit { operator: "for each".into(), left: other.plain(), right: String::new() });
        }
    };
    let mut known: Vec<&Value> = run.instance.token(token).into_iter().flat_map(|held| &held.rounds).collect();
    let mut items = listed;
    items.retain(|item| match known.iter().position(|held| *held == item) {
        Some(place) => {
            known.swap_remove(place);
            false
        }
        None => true,
    });
    if !items.is_empty() {
        run.emit(Event::RoundsAdded { token, items });
    }
    Ok(())
}

/// Begins the rounds that may begin, and goes on where all are over.
fn go_round(run: &mut Run<'_>, token: TokenId, each: &ForEach) -> Then {
    while let Some(round) = next_round(run, token, each.pace) {
        let inner = run.instance.new_token();
        match run.spawn_round(&each.first, token, Some(round)) {
            Then::Wait => {}
            Then::Next => match take_in(run, inner, token, each) {
                After::Enough => return Then::Next,
                After::More => {}
            },
            over @ (Then::Done | Then::To(_)) => return over,
        }
    }
    let all = run.instance.token(token).is_none_or(|held| usize::try_from(held.finished) == Ok(held.rounds.len()));
    if all { Then::Next } else { Then::Wait }
}

fn next_round(run: &Run<'_>, token: TokenId, pace: Pace) -> Option<u32> {
    let held = run.instance.token(token)?;
    let left = usize::try_from(held.begun).is_ok_and(|begun| begun < held.rounds.len());
    let free = match pace {
        Pace::AtOnce => true,
        Pace::InTurn => held.finished == held.begun,
    };
    (left && free).then_some(held.begun)
}

/// Whether the end of a round ends all of them.
enum After {
    Enough,
    More,
}

/// Ends a round. One whose end cannot be judged stays until it can.
fn take_in(run: &mut Run<'_>, round: TokenId, around: TokenId, each: &ForEach) -> After {
    run.stand_at(round);
    match each.until.as_ref().map_or(Ok(false), |until| until.holds(&run.scope())) {
        Ok(true) => {
            run.emit(Event::BranchFinished { token: round, around });
            After::Enough
        }
        Ok(false) => {
            run.emit(Event::BranchFinished { token: round, around });
            After::More
        }
        Err(problem) => {
            run.emit(Event::BranchHalted { token: round });
            run.fail(round, problem);
            After::More
        }
    }
}
