//! Templates of standard changes: written, approved by the CAB, in force for a year.

use engine::ids::Name;
use engine::instance::Instance;
use engine::time::days_after;
use engine::value::Value;

use super::Life;
use super::answer::{Answer, Case, Pace, number, text};
use crate::cli::demo::wishes::{ROUTINES, Routine};

/// For how many days a template is approved.
const VALID_DAYS: i64 = 360;

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "write" => Pace::Office(120, 400),
        "approve" => Pace::Office(60, 900),
        "watch" => Pace::Office(60, 90),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Option<Answer> {
    let routine = Routine::told(&case.field("summary")).unwrap_or(&ROUTINES[0]);
    Some(match case.step() {
        "write" => Answer::finish("submit")
            .with("scope", text(routine.scope))
            .with("plan", text(routine.plan))
            .with("test_plan", text(routine.test))
            .with("backout", text(routine.backout))
            .with("trials", number(case.life.dice.between(3, 9))),
        "approve" => {
            let until = days_after(&case.life.day_of(case.now()), VALID_DAYS).unwrap_or_default();
            Answer::approve().with("valid_until", Value::Date(until))
        }
        // It stays in force until it expires.
        "watch" => Answer::Leave,
        _ => return None,
    })
}

/// Remembers which templates are in force.
pub(super) fn remember(life: &mut Life<'_>, process: &Name, record: &Instance) {
    if *process != *"standard_change_template" {
        return;
    }
    let says = |name: &str| record.fields().get(name).map(Value::plain).unwrap_or_default();
    let (summary, number) = (says("summary"), Name::from(record.number()));
    if says("status") == "in_force" {
        life.templates.insert(summary, number);
    } else if says("status") != "draft" && life.templates.get(&summary) == Some(&number) {
        life.templates.remove(&summary);
    }
}
