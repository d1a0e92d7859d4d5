//! A process as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Clock, Field, Labels, Later, Measure, Reaction, Start, Step, Unawaited, Who};
use crate::expr::Expr;
use crate::ids::Name;
use crate::rules::Rule;
use crate::table::Table;
use crate::time::Timestamp;

/// A process, as plain data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Its name, unique in an installation: `incident`.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
    /// What the comment above it says, for pages that introduce it.
    pub purpose: String,
    /// The clauses it answers.
    pub clauses: Vec<Clause>,
    /// The role that answers for it.
    pub owner: Name,
    /// The pattern of its records' numbers: `INC-{year}-{seq:6}`.
    pub number: String,
    /// The text field that names a record in lists.
    pub title: Name,
    /// Who may see a record.
    pub seen_by: Vec<Who>,
    /// Who may edit a record's fields outside of tasks.
    pub edited_by: Vec<Who>,
    /// The calendar that counts working time where a step does not say.
    pub hours: Option<Expr>,
    /// The record.
    pub fields: Vec<Field>,
    /// Decision tables.
    pub tables: Vec<Table>,
    /// Rules in rhai.
    pub rules: Vec<Rule>,
    /// Clocks.
    pub clocks: Vec<Clock>,
    /// How it is started.
    pub start: Start,
    /// The first step.
    pub first: Name,
    /// The steps, in written order.
    pub steps: Vec<Step>,
    /// Reactions to changes of the record.
    pub reactions: Vec<Reaction>,
    /// Notifications' texts.
    pub templates: Vec<Template>,
    /// What people call the roles that it names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<Name, Labels>,
    /// What becomes of messages for which no step waits; they are refused where nothing is said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unawaited: BTreeMap<Name, Unawaited>,
    /// What people call the messages that it waits for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: BTreeMap<Name, Labels>,
    /// What people call the other processes and the registers that it names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub called: BTreeMap<Name, Labels>,
    /// How its records may be linked with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkType>,
    /// What it looks for among other records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finds: Vec<Find>,
    /// By which of its fields other records find its records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found_by: Vec<Name>,
    /// For how long a record is kept after its end; as the installation decided, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// The figures over its records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// What it says besides its steps that the engine does not act on yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Later>,
}

impl Parts {
    /// The step of that name.
    pub fn step(&self, name: &Name) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }

    /// Everything that the engine cannot run yet: such a definition is not deployed.
    pub fn not_yet_run(&self) -> impl Iterator<Item = &Later> {
        let actions = self.actions().filter_map(|action| match action {
            Action::Later(later) => Some(later),
            Action::Set { .. }
            | Action::Notify { .. }
            | Action::Escalate { .. }
            | Action::Start(_)
            | Action::Signal { .. }
            | Action::Enter { .. }
            | Action::Update { .. } => None,
        });
        actions.chain(&self.later)
    }

    /// Everything that is done without people: by steps, reminders, clocks and reactions.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        let steps = self.steps.iter().flat_map(|step| step.kind.actions());
        let clocks = self.clocks.iter().flat_map(|clock| &clock.thresholds).flat_map(|threshold| &threshold.actions);
        steps.chain(clocks).chain(self.reactions.iter().flat_map(|reaction| &reaction.actions))
    }
}

/// The clauses of one edition of a standard that a process answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// The edition: `overview`, `iso2005`, `iso2011`, `iso2018`.
    pub edition: Name,
    /// The number of the clause in that edition.
    pub number: String,
}

/// The text of a notification. `{field}` is replaced by the field's value, `{number}` by the record's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: Name,
    /// The text.
    pub text: Labels,
}

/// A way in which two records may be linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkType {
    /// Its name.
    pub name: Name,
    /// What people call it, from the record that has it.
    pub labels: Labels,
    /// What people call it, from the other record.
    pub reverse: Labels,
}

/// What a process looks for among the records of a process, or the entries of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// Its name: in expressions the list of what is found.
    pub name: Name,
    /// The process whose records are looked at, or the register.
    pub process: Name,
    /// The field by which records are looked up: one of the process's `found by`. Entries are all looked at.
    pub by: Name,
    /// The values that it may hold.
    pub key: Expr,
    /// What holds of each; `other` is the record that is looked at.
    pub when: Expr,
}

/// For how long a record is kept after its end. Then it is removed, unless a legal hold stops that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keep {
    /// Calendar months.
    pub months: u32,
}

impl Keep {
    /// The last instant at which a record must have ended for its time to be up.
    pub fn before(self, now: Timestamp) -> Timestamp {
        now.minus_months(self.months)
    }
}
