//! How urgent something is: a band that colour, picture and words show alike. The bands are those that people
//! know from other desks: more than an hour, less than an hour, less than half an hour, overdue, paused.

use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use serde::Serialize;

use crate::moment::Moment;
use crate::visit::Visit;

/// How urgent something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Urgency {
    /// The band, as the style sheet and the script know it.
    pub band: &'static str,
    /// The picture.
    pub icon: &'static str,
    /// What is left, or how much too late it is.
    pub words: String,
    /// By when; the countdown of the script goes to it.
    pub due: Option<Moment>,
}

/// Less than this is left and it is close, in milliseconds.
pub const CLOSE_MS: i64 = 30 * MINUTE_MS;

/// How urgent something is that is due then.
pub fn until(visit: &Visit<'_>, due: Option<Timestamp>) -> Urgency {
    let Some(due) = due else {
        return Urgency { band: "none", icon: "clock", words: visit.say("sla-none"), due: None };
    };
    let left_ms = due.since_ms(visit.now);
    let length = |length_ms: i64| visit.times().length(length_ms);
    let (band, icon) = match left_ms {
        ..0 => ("over", "fire"),
        0..CLOSE_MS => ("close", "warning"),
        CLOSE_MS..HOUR_MS => ("soon", "clock"),
        _ => ("ok", "clock"),
    };
    let words = if left_ms < 0 {
        visit.say_with("sla-over", &[("length", length(-left_ms).into())])
    } else {
        visit.say_with("sla-left", &[("length", length(left_ms).into())])
    };
    Urgency { band, icon, words, due: Some(visit.moment(due)) }
}

/// How a clock looks that stands still.
pub fn paused(visit: &Visit<'_>) -> Urgency {
    Urgency { band: "paused", icon: "pause", words: visit.say("sla-paused"), due: None }
}

/// Whether all of a target was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// It was.
    Happened,
    /// It was not.
    Averted,
}

/// How a clock looks that has no time left to count down.
pub fn stopped(words: String, breach: Breach) -> Urgency {
    let (band, icon) = match breach {
        Breach::Happened => ("over", "fire"),
        Breach::Averted => ("met", "done"),
    };
    Urgency { band, icon, words, due: None }
}
