//! A process, ready to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Approval, Clock, Field, Find, Handled, Job, Parts, Step, StepKind, Task, Template};
use crate::ids::{DefinitionId, Name};
use crate::rules::{RuleBook, RuleError};
use crate::table::Table;
use crate::witness::Witness;

/// A process, ready to run.
#[derive(Clone, Debug)]
pub struct Definition {
    id: DefinitionId,
    parts: Parts,
    step_at: BTreeMap<Name, usize>,
    field_at: BTreeMap<Name, usize>,
    rules: Arc<RuleBook>,
    begins_others: bool,
    witness: Option<Arc<Witness>>,
}

impl Definition {
    /// Makes a definition ready: indexes it and compiles its rules.
    ///
    /// # Errors
    /// A rule does not compile; the language's checker finds this before a definition is stored.
    pub fn prepare(id: DefinitionId, parts: Parts) -> Result<Definition, RuleError> {
        let step_at = parts.steps.iter().enumerate().map(|(at, step)| (step.name.clone(), at)).collect();
        let field_at = parts.fields.iter().enumerate().map(|(at, field)| (field.name.clone(), at)).collect();
        let rules = Arc::new(RuleBook::compile(&parts.rules)?);
        let begins_others = parts.steps.iter().any(|step| matches!(step.kind, StepKind::Call(_)))
            || parts.actions().any(|action| matches!(action, Action::Start(_)));
        Ok(Definition { id, parts, step_at, field_at, rules, begins_others, witness: None })
    }

    /// The same with somebody who keeps which rows of its tables decide.
    pub fn watched(&self, witness: Arc<Witness>) -> Definition {
        Definition { witness: Some(witness), ..self.clone() }
    }

    /// Who keeps which rows decide, where somebody does.
    pub(crate) fn witness(&self) -> Option<&Witness> {
        self.witness.as_deref()
    }

    /// Its content address.
    pub fn id(&self) -> &DefinitionId {
        &self.id
    }

    /// Everything it says.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The step of that name.
    pub fn step(&self, name: &Name) -> Option<&Step> {
        self.step_at.get(name).and_then(|&at| self.parts.steps.get(at))
    }

    /// The field of that name.
    pub fn field(&self, name: &Name) -> Option<&Field> {
        self.field_at.get(name).and_then(|&at| self.parts.fields.get(at))
    }

    /// The table of that name.
    pub fn table(&self, name: &Name) -> Option<&Table> {
        self.parts.tables.iter().find(|table| table.name == *name)
    }

    /// The clock of that name.
    pub fn clock(&self, name: &Name) -> Option<&Clock> {
        self.parts.clocks.iter().find(|clock| clock.name == *name)
    }

    /// What it looks for under that name among other records.
    pub fn find(&self, name: &Name) -> Option<&Find> {
        self.parts.finds.iter().find(|find| find.name == *name)
    }

    /// The template of that name.
    pub fn template(&self, name: &Name) -> Option<&Template> {
        self.parts.templates.iter().find(|template| template.name == *name)
    }

    /// The task of that step, if the step is one.
    pub fn task(&self, step: &Name) -> Option<&Task> {
        self.step(step)?.kind.task()
    }

    /// Whether a step of it may begin other records.
    pub fn begins_others(&self) -> bool {
        self.begins_others
    }

    /// The job of that step, if the step is one.
    pub fn job(&self, step: &Name) -> Option<&Job> {
        self.step(step)?.kind.job()
    }

    /// What is gone through when the record is cancelled or a step fails, where anything is.
    pub fn handler(&self, wanted: Handled) -> Option<&Step> {
        self.parts.steps.iter().find(|step| matches!(step.kind, StepKind::Handler { of, .. } if of == wanted))
    }

    /// The approval of that step, if the step is one.
    pub fn approval(&self, step: &Name) -> Option<&Approval> {
        self.step(step)?.kind.approval()
    }

    /// The compiled rules.
    pub fn rules(&self) -> &RuleBook {
        &self.rules
    }

    /// Whether `step` is `ancestor` or lies in it, at any depth.
    pub fn is_within(&self, step: &Name, ancestor: &Name) -> bool {
        let mut at = Some(step);
        while let Some(name) = at {
            if name == ancestor {
                return true;
            }
            at = self.step(name).and_then(|step| step.scope.as_ref());
        }
        false
    }
}
