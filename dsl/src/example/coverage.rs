//! What of a definition its examples touched: steps, outcomes, rows of tables.

use std::collections::BTreeSet;

use engine::definition::{Origin, Parts, StepKind};
use engine::event::Event;
use engine::expr::{Expr, Scope};
use engine::ids::Name;
use engine::play::Play;
use engine::value::Value;

use super::ExampleResult;
use crate::check::walk;

/// What one example touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// The steps that a token came to.
    pub steps: BTreeSet<Name>,
    /// The outcomes chosen, with their steps.
    pub outcomes: BTreeSet<(Name, Name)>,
    /// The rows that decided, as table and line; line 0 is `else`.
    pub rows: BTreeSet<(Name, u32)>,
}

impl Covered {
    pub(crate) fn by(play: &Play) -> Covered {
        let mut covered = Covered::default();
        for played in play.played() {
            for event in &played.events {
                match event {
                    Event::Entered { step, .. } => {
                        covered.steps.insert(step.clone());
                    }
                    Event::TaskCompleted { step, outcome, .. } => {
                        covered.outcomes.insert((step.clone(), outcome.clone()));
                    }
                    _ => {}
                }
            }
            let scope = Scope {
                definition: play.definition(),
                fields: played.instance.fields(),
                requester: played.instance.requester(),
                directory: play.directory(),
                now: played.at,
            };
            for field in &play.definition().parts().fields {
                if let Origin::Derived { from, .. } = &field.origin {
                    decided(from, &scope, &mut covered.rows);
                }
            }
        }
        covered
    }
}

/// The rows of the tables that an expression asks.
fn decided(expr: &Expr, scope: &Scope<'_>, rows: &mut BTreeSet<(Name, u32)>) {
    walk(expr, &mut |expr| {
        let Expr::Decide { table, inputs } = expr else { return };
        let Some(found) = scope.definition.table(table) else { return };
        let values: Option<Vec<Value>> = inputs.iter().map(|input| input.value(scope).ok()).collect();
        let Some(values) = values else { return };
        let mut matching = found.rows_for(&values).map(|row| row.line).peekable();
        let none = matching.peek().is_none().then_some(0);
        rows.extend(matching.chain(none).map(|line| (table.clone(), line)));
    });
}

/// What no example touches, one sentence each.
pub fn uncovered(parts: &Parts, results: &[ExampleResult]) -> Vec<String> {
    let mut missed = Vec::new();
    for step in &parts.steps {
        if !results.iter().any(|result| result.covered.steps.contains(&step.name)) {
            missed.push(format!("step {} (line {})", step.name, step.line));
        }
        let StepKind::Task(task) = &step.kind else { continue };
        for outcome in &task.outcomes {
            let key = (step.name.clone(), outcome.name.clone());
            if !results.iter().any(|result| result.covered.outcomes.contains(&key)) {
                missed.push(format!("outcome {} of {} (line {})", outcome.name, step.name, step.line));
            }
        }
    }
    let derived = |table: &Name| {
        let mut asked = false;
        for field in &parts.fields {
            if let Origin::Derived { from, .. } = &field.origin {
                walk(from, &mut |expr| asked |= matches!(expr, Expr::Decide { table: held, .. } if held == table));
            }
        }
        asked
    };
    for table in parts.tables.iter().filter(|table| derived(&table.name)) {
        let lines = table.rows.iter().map(|row| row.line).chain(table.otherwise.iter().map(|_| 0));
        for line in lines {
            if !results.iter().any(|result| result.covered.rows.contains(&(table.name.clone(), line))) {
                let row = if line == 0 { "else".to_owned() } else { format!("line {line}") };
                missed.push(format!("{row} of table {}", table.name));
            }
        }
    }
    missed
}
