//! When a condition that does not hold is worth asking again although nobody has given a command: the next instant at
//! which time alone may change its answer.
//!
//! A comparison of `now`, with lengths added or taken away, changes at one instant, which is worked out:
//! `now >= start - 2 days`, `now - opened > 3 hours`. What reads `today` changes when a day begins where the process's calendar counts.
//! What hands `now` to a rule, a table or anything else whose inside is not looked into is asked every [`ASKED_EVERY_MS`]
//! at the latest, and so is what looks at other records.

use crate::expr::{Expr, Operator, Scope};
use crate::time::{MINUTE_MS, Timestamp};
use crate::value::Value;

/// How often a condition is asked of which nobody can say when time changes its answer: within fifteen minutes.
pub const ASKED_EVERY_MS: i64 = 15 * MINUTE_MS;

/// The next instant at which time alone may make the condition hold; nothing where it never does. `planned` is when it
/// was going to be asked, so that asking between two rounds does not put off the next.
pub(crate) fn worth_asking(condition: &Expr, scope: &Scope<'_>, planned: Option<Timestamp>) -> Option<Timestamp> {
    let polled = scope.now.plus_ms(ASKED_EVERY_MS);
    let poll = planned.filter(|planned| *planned > scope.now && *planned < polled).unwrap_or(polled);
    next(condition, scope, poll)
}

fn next(condition: &Expr, scope: &Scope<'_>, poll: Timestamp) -> Option<Timestamp> {
    match condition {
        Expr::Binary { operator: Operator::And | Operator::Or, left, right } => {
            earlier(next(left, scope, poll), next(right, scope, poll))
        }
        Expr::Not(inner) => next(inner, scope, poll),
        other => {
            if looks_at_others(other) {
                return Some(poll);
            }
            let midnight = reads(other, &Expr::Today).then(|| scope.tomorrow()).flatten();
            let instant = match (reads(other, &Expr::Now), other) {
                (false, _) => None,
                (true, Expr::Binary { operator: _, left, right }) => match (line(left, scope), line(right, scope)) {
                    (Some(left), Some(right)) => crossing(left, right, scope.now),
                    _ => Some(poll),
                },
                (true, _) => Some(poll),
            };
            earlier(midnight, instant)
        }
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// Whether other records may change its answer.
fn looks_at_others(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |inner| found |= matches!(inner, Expr::Find(_) | Expr::Reached(..)));
    found
}

fn reads(expr: &Expr, what: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |inner| found |= inner == what);
    found
}

/// A value in milliseconds that grows `slope` times as fast as time: `slope × now + offset_ms`.
#[derive(Clone, Copy)]
struct Line {
    slope: i64,
    offset_ms: i64,
}

/// An instant or a length as a line; nothing where it is something else.
fn line(expr: &Expr, scope: &Scope<'_>) -> Option<Line> {
    match expr {
        Expr::Now => Some(Line { slope: 1, offset_ms: 0 }),
        Expr::Binary { operator: operator @ (Operator::Plus | Operator::Minus), left, right } => {
            let (left, right) = (line(left, scope)?, line(right, scope)?);
            let sign = if *operator == Operator::Plus { 1 } else { -1 };
            Some(Line {
                slope: left.slope.checked_add(sign * right.slope)?,
                offset_ms: left.offset_ms.checked_add(right.offset_ms.checked_mul(sign)?)?,
            })
        }
        other if reads(other, &Expr::Now) || reads(other, &Expr::Today) => None,
        other => match other.value(scope).ok()? {
            Value::Instant(at) => Some(Line { slope: 0, offset_ms: at.0 }),
            Value::Duration(length_ms) => Some(Line { slope: 0, offset_ms: length_ms }),
            _ => None,
        },
    }
}

/// The first whole millisecond after `now` at which two lines meet, or one is just past the other.
fn crossing(left: Line, right: Line, now: Timestamp) -> Option<Timestamp> {
    let slope = left.slope.checked_sub(right.slope)?;
    let offset_ms = right.offset_ms.checked_sub(left.offset_ms)?;
    let meets = offset_ms.checked_div_euclid(slope)?;
    [meets, meets.checked_add(1)?].into_iter().map(Timestamp).find(|at| *at > now)
}
