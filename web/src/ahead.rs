//! What will become of a request before it is made, read from its process: when it is promised, who must agree, who begins the
//! work. The way is followed as far as what is asked for decides it, as if everybody agreed; where a person's decision or
//! what is not known yet would lead elsewhere, it ends.

use std::collections::BTreeSet;

use engine::definition::{APPROVED, Candidates, Definition, Origin, StepKind};
use engine::ids::Name;
use engine::people;
use engine::value::{Fields, Value};
use serde::Serialize;

use crate::catalogue::unbegun;
use crate::visit::Visit;

/// How many steps are followed: more are a loop.
const STEPS_MAX: usize = 100;

/// What will become of a request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ahead {
    /// What is promised, as the process says it: "Promised in: 2 working days".
    pub promise: Option<String>,
    /// Who must agree, in that order.
    pub approvals: Vec<StageView>,
    /// Who does the first work.
    pub work: Option<StageView>,
}

/// A step that waits for people.
#[derive(Clone, Debug, Serialize)]
pub struct StageView {
    /// What it is called.
    pub step: String,
    /// For whom it is, as far as that is known.
    pub whom: String,
}

/// Looks ahead from what a form would begin with.
pub fn ahead(visit: &Visit<'_>, definition: &Definition, given: &Fields) -> Ahead {
    let fields = filled(visit, definition, given);
    let mut ahead = Ahead { promise: promise(visit, definition, &fields), ..Ahead::default() };
    let Ok(person) = visit.person() else { return ahead };
    let scope = unbegun(visit, definition, person, &fields);
    let mut at = Some(definition.parts().first.clone());
    let mut been = BTreeSet::new();
    while let Some(step) = at.take().and_then(|name| definition.step(&name)) {
        if !been.insert(&step.name) || been.len() > STEPS_MAX {
            break;
        }
        let next = step.next.clone();
        at = match &step.kind {
            StepKind::Approval(approval) => {
                ahead
                    .approvals
                    .extend(approval.levels.iter().map(|level| stage(visit, definition, &step.name, level, &fields)));
                approval.outcome(APPROVED).and_then(|outcome| outcome.to.clone()).or(next)
            }
            StepKind::Choose { cases, otherwise } => {
                let mut taken = otherwise.clone().or(next);
                for case in cases {
                    match case.when.holds(&scope) {
                        Ok(true) => {
                            taken = Some(case.to.clone());
                            break;
                        }
                        Ok(false) => {}
                        // It depends on what is not known yet.
                        Err(_) => return ahead,
                    }
                }
                taken
            }
            StepKind::Milestone | StepKind::Act { .. } => next,
            StepKind::Task(task) => {
                ahead.work = Some(stage(visit, definition, &step.name, &task.candidates, &fields));
                None
            }
            StepKind::Race { .. }
            | StepKind::Together { .. }
            | StepKind::ForEach(_)
            | StepKind::Block { .. }
            | StepKind::Receive { .. }
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::End(_) => None,
        };
    }
    ahead
}

/// A step with whom it is for.
fn stage(visit: &Visit<'_>, definition: &Definition, step: &Name, of: &Candidates, fields: &Fields) -> StageView {
    let names = visit.names();
    let whom = visit.person().ok().and_then(|person| {
        let found = people::principals(&of.any, &unbegun(visit, definition, person, fields)).ok()?;
        (!found.is_empty()).then(|| names.principals(&found))
    });
    StageView { step: names.step(definition, step), whom: whom.unwrap_or_else(|| visit.say("ahead-nobody")) }
}

/// What the record would hold when it has begun: what is given, and what follows from it by defaults and derivations.
fn filled(visit: &Visit<'_>, definition: &Definition, given: &Fields) -> Fields {
    let mut fields = given.clone();
    let Ok(person) = visit.person() else { return fields };
    for field in &definition.parts().fields {
        let from = match &field.origin {
            Origin::Given { default: Some(from) } | Origin::Derived { from, .. } => from,
            Origin::Given { default: None } => continue,
        };
        if fields.contains_key(&field.name) {
            continue;
        }
        // What does not follow yet stays empty.
        if let Ok(value) = from.value(&unbegun(visit, definition, person, &fields)) {
            fields.insert(field.name.clone(), field.holds.understood(value));
        }
    }
    fields
}

/// What the first clock whose target follows from what is asked for goes by, as the process says it.
fn promise(visit: &Visit<'_>, definition: &Definition, fields: &Fields) -> Option<String> {
    definition.parts().clocks.iter().find_map(|clock| {
        let field = definition.field(&clock.by)?;
        let value = fields.get(&clock.by).filter(|value| matches!(value, Value::Choice(_)))?;
        let said = visit.names().value(&field.holds, value, &visit.times());
        Some(format!("{}{}{said}", visit.language.of(&field.labels), visit.say("colon")))
    })
}
