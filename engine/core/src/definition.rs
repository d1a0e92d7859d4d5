//! A process as checked data: what the language compiles to and the engine interprets.
//!
//! [`Parts`] is plain data, stored as JSON beside its source. [`Definition`] is the same, made ready to run:
//! steps indexed by name and rules compiled. An instance keeps the definition it started under.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::expr::Expr;
use crate::ids::{DefinitionId, Name};
use crate::rules::{Rule, RuleBook, RuleError};
use crate::table::Table;
use crate::time::{Span, Timestamp};
use crate::value::FieldType;
use crate::witness::Witness;

/// What a thing is called, in both languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Labels {
    /// A label in both languages.
    pub fn new(en: &str, zh: &str) -> Self {
        Labels { en: en.to_owned(), zh: zh.to_owned() }
    }
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

/// A value that a choice field may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What rules and tables call it.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
}

/// The clauses of one edition of a standard that a process answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// The edition: `overview`, `iso2005`, `iso2011`, `iso2018`.
    pub edition: Name,
    /// The number of the clause in that edition.
    pub number: String,
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// People and rules set it; at the start it takes the default, if there is one.
    Given {
        /// The value at the start where nothing is given.
        default: Option<Expr>,
    },
    /// Computed from other fields whenever they change.
    Derived {
        /// The computation.
        from: Expr,
        /// Whether a person may set another value.
        overriding: Overriding,
    },
}

/// Whether the computed value of a derived field may be replaced by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overriding {
    /// Never.
    Forbidden,
    /// By those who may edit the record, who must say why.
    NeedsReason,
}

/// Whether a field may stay empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// A form that asks for it insists.
    Required,
    /// May stay empty.
    Optional,
}

/// A field of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in rules and forms.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
    /// What it holds.
    pub holds: FieldType,
    /// Where the value comes from.
    pub origin: Origin,
    /// Whether it may stay empty.
    pub presence: Presence,
    /// What must hold of its value wherever a person gives one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must: Vec<Requirement>,
    /// Who may change it outside of tasks; whoever may edit the record, where nobody is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed_by: Vec<Who>,
    /// The clauses for which its value is evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Clause>,
    /// What it was called in the version before, where it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Name>,
}

impl Field {
    /// A field of which nothing more is said.
    pub fn new(name: Name, labels: Labels, holds: FieldType, origin: Origin, presence: Presence) -> Field {
        let (must, changed_by, evidence) = (Vec::new(), Vec::new(), Vec::new());
        Field { name, labels, holds, origin, presence, must, changed_by, evidence, was: None }
    }
}

/// People, as a definition names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Everybody who can sign in.
    Anyone,
    /// The person who started the record, or on whose behalf it was started.
    Requester,
    /// Whoever holds the role.
    Role(Name),
    /// The members of the team that the expression gives.
    Team(Expr),
    /// The person that the expression gives.
    Person(Expr),
}

/// Who may do a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// Any of these may.
    pub any: Vec<Who>,
    /// None of these may, whatever else they are (separation of duty).
    pub not: Vec<Who>,
    /// Nor anyone who completed one of these steps.
    pub not_who_did: Vec<Name>,
    /// Whether somebody stands in for a person who is absent.
    #[serde(default, skip_serializing_if = "Substitution::is_never")]
    pub substitution: Substitution,
}

/// Whether somebody stands in for a person who is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Substitution {
    /// Nobody does.
    #[default]
    Never,
    /// While a person named as a candidate is absent, so is the substitute that the register of people names.
    WhenAbsent,
}

impl Substitution {
    pub(crate) fn is_never(&self) -> bool {
        *self == Substitution::Never
    }
}

/// A field that a form asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The field.
    pub field: Name,
    /// When the form insists although the field is optional.
    pub insists_when: Option<Expr>,
}

/// A condition on a form, with the sentence to show where it does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What must hold after the form's values are taken.
    pub condition: Expr,
    /// What to tell the person otherwise.
    pub otherwise: Labels,
}

/// How long a reason may be, in characters.
pub const REASON_MAX: usize = 2_000;

/// Whether the person must say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A reason is part of the form and must be given.
    Asked,
    /// None is asked.
    NotAsked,
}

/// A way to complete a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its name, unique within the task.
    pub name: Name,
    /// The button.
    pub labels: Labels,
    /// What its form asks for besides what the task asks.
    pub asks: Vec<Ask>,
    /// Whether a reason must be given.
    pub reason: Reason,
    /// What must hold.
    pub requires: Vec<Requirement>,
    /// Where it leads; the step after the task where not said.
    pub to: Option<Name>,
}

/// What is done while a task is open, without ending it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// When: so long after the task opened, or when it is due where not said.
    pub after: Option<Due>,
    /// What is done.
    pub actions: Vec<Action>,
}

/// A task for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Who may do it.
    pub candidates: Candidates,
    /// How long it may take; informs the inbox.
    pub due: Option<Due>,
    /// What every outcome's form asks for.
    pub asks: Vec<Ask>,
    /// What the form shows without asking for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Name>,
    /// The clauses for which its completion is evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Clause>,
    /// What is done while it is open too long.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminder>,
    /// How it is undone once it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<Action>,
    /// The ways to complete it; at least one.
    pub outcomes: Vec<Outcome>,
}

/// The outcome of an approval to which enough said yes.
pub const APPROVED: &str = "approved";
/// The outcome of an approval that can never have enough yes.
pub const REJECTED: &str = "rejected";
/// The outcome of an approval whose deadline came before its result.
pub const EXPIRED: &str = "expired";

/// How many of those who are asked must say yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    /// One.
    One,
    /// All who do not abstain, and at least one.
    All,
    /// So many.
    Count(u32),
    /// So many of a hundred of those who were asked when the level opened, rounded up.
    Percent(u32),
}

/// Whether one may say neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abstaining {
    /// One may.
    Allowed,
    /// Yes or no must be said.
    Forbidden,
}

/// A question that several people answer with yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who is asked, one level after the other; at least one.
    pub levels: Vec<Candidates>,
    /// How many must say yes in each level.
    pub needs: Quorum,
    /// Whether one may abstain.
    pub abstaining: Abstaining,
    /// After how long it expires.
    pub due: Option<Due>,
    /// What the form of every yes and no asks for.
    pub asks: Vec<Ask>,
    /// [`APPROVED`] and [`REJECTED`], and [`EXPIRED`] where it has a deadline. What the first two ask is asked of whoever
    /// votes so.
    pub outcomes: Vec<Outcome>,
}

impl Approval {
    /// Who is asked in a level, from 0.
    pub fn level(&self, level: u32) -> Option<&Candidates> {
        self.levels.get(usize::try_from(level).ok()?)
    }

    /// The outcome of that name.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.name == *name)
    }
}

/// A length of time with the calendar that counts it, if it is working time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// How long.
    pub span: Span,
    /// Which calendar counts; the process's `hours` where not said.
    pub hours: Option<Expr>,
}

/// What is done without people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A field takes a value.
    Set {
        /// Which field.
        field: Name,
        /// The value.
        to: Expr,
    },
    /// People are told, by a template.
    Notify {
        /// Whom.
        whom: Vec<Who>,
        /// By which template.
        template: Name,
    },
    /// The record is brought before somebody higher up: they are told, and the record keeps that they were.
    Escalate {
        /// Before whom.
        to: Vec<Who>,
        /// By which template they are told.
        template: Name,
    },
    /// Another record begins, and goes on by itself.
    Start(Begin),
    /// Every record that waits for a signal goes on.
    Signal {
        /// The signal.
        signal: Name,
    },
    /// Something that the language can say and the engine cannot do yet.
    Later(Later),
}

/// The text of a notification. `{field}` is replaced by the field's value, `{number}` by the record's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: Name,
    /// The text.
    pub text: Labels,
}

/// One branch of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Taken where this holds and no earlier case did.
    pub when: Expr,
    /// Where it leads.
    pub to: Name,
}

/// One of several ways that are gone together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Gone only where this holds when the others start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// Its first step.
    pub first: Name,
}

/// How many branches must finish before those around them go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// All that were started.
    All,
    /// So many, or all where fewer were started.
    Count(u32),
}

/// What becomes of the branches that are open when enough are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They are cancelled.
    #[default]
    Cancelled,
    /// They go on, and nobody waits for them.
    GoesOn,
}

/// Whether the rounds of a `for each` wait for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// One after the other.
    InTurn,
    /// All together.
    AtOnce,
}

/// The same steps for each value of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForEach {
    /// What a round calls its value.
    pub item: Name,
    /// The list. What comes into it while the rounds go gets a round too.
    pub list: Expr,
    /// Whether rounds wait for one another.
    pub pace: Pace,
    /// Asked when a round is over: where it holds, no other round begins, and those that go are cancelled.
    pub until: Option<Expr>,
    /// The first step of a round.
    pub first: Name,
}

/// A value that another record or a machine is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// What it is called there: a field of the other process.
    pub field: Name,
    /// The value.
    pub value: Expr,
}

/// From which of two records a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From this record to the other.
    FromThis,
    /// From the other to this one.
    FromIt,
}

impl Direction {
    /// The same link, seen from the other record.
    pub fn reversed(self) -> Direction {
        match self {
            Direction::FromThis => Direction::FromIt,
            Direction::FromIt => Direction::FromThis,
        }
    }
}

/// A link to a record that is begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkMade {
    /// Which of the process's links.
    pub kind: Name,
    /// From which record it leads.
    pub direction: Direction,
}

/// A record of another process, or of the same, that is begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The process.
    pub process: Name,
    /// What it is given.
    pub with: Vec<Fill>,
    /// How the two are linked.
    pub links: Vec<LinkMade>,
}

/// Who does a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A worker that fetches jobs of this name.
    Worker(Name),
    /// A server that is asked over HTTP.
    Http {
        /// The method: `POST`.
        method: String,
        /// The whole address.
        url: String,
    },
}

/// How often a job that failed is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retries {
    /// How many times at most.
    pub times: u32,
    /// The time between; 1, 2, 4, 8 … minutes where not said, an hour at most.
    pub every: Option<Due>,
}

impl Default for Retries {
    /// Three, where a job says nothing.
    fn default() -> Self {
        Retries { times: 3, every: None }
    }
}

/// Work that a machine does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Who does it.
    pub work: Work,
    /// What the machine is given.
    pub with: Vec<Fill>,
    /// The fields that its answer fills.
    pub gives: Vec<Name>,
    /// How often it is tried again.
    pub retries: Retries,
    /// By when it must be done; failed for good then.
    pub due: Option<Due>,
    /// Where it leads when it has failed for good; where nothing is said, the step has failed.
    pub failed: Option<Name>,
}

/// What a handler is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handled {
    /// The record is cancelled: everything else is over already, and at its end the record is.
    Cancel,
    /// A step failed: the others go on, and at its end the record waits for repair; a jump out of it ends the others
    /// and goes on from there.
    Error,
}

/// What becomes of a message for which no step waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unawaited {
    /// It is lost.
    Lost,
    /// It is kept until a step waits for it.
    Kept {
        /// How long at most.
        at_most: Option<Due>,
    },
}

/// What a wait ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The instant, or the beginning of the day, that the expression gives.
    Instant(Expr),
    /// The condition holds.
    Condition(Expr),
}

/// How an ended record looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The outcome of the whole record: `closed`, `rejected`.
    pub outcome: Name,
}

/// Something that the language can say and the engine cannot run yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The word of the language: `call`, `job`.
    pub construct: Name,
    /// What it says, as a plain sentence.
    pub says: Labels,
    /// Where else it may lead, besides the step after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads_to: Vec<Name>,
    /// Whether it goes on to the step after at all.
    #[serde(default)]
    pub onward: Onward,
    /// The line in the source, from 1.
    pub line: u32,
}

/// Whether a step goes on to the one after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Onward {
    /// It does.
    #[default]
    Next,
    /// It leads only where it says.
    Elsewhere,
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

/// What a step does. One file in `nodes/` each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Waits for a person.
    Task(Task),
    /// Waits for the votes of several people.
    Approval(Approval),
    /// Marks that something is reached; clocks stop at milestones.
    Milestone,
    /// Starts all branches; the first to finish wins and the others are cancelled.
    Race {
        /// The first step of each branch, in written order.
        branches: Vec<Name>,
    },
    /// Starts all branches whose conditions hold and goes on when enough of them are over.
    Together {
        /// The branches, in written order.
        branches: Vec<Branch>,
        /// How many must finish.
        needs: Needs,
        /// What becomes of the others then.
        #[serde(default)]
        rest: Rest,
    },
    /// The same steps for each value of a list.
    ForEach(ForEach),
    /// A named part beside the main way, entered by a jump and left by one.
    Block {
        /// Its first step.
        first: Name,
    },
    /// Waits for a message.
    Receive {
        /// The message's name.
        message: Name,
        /// Who may send it.
        from: Vec<Who>,
        /// What the message carries into the record.
        asks: Vec<Ask>,
    },
    /// Another record begins, and this one waits until it ends.
    Call(Begin),
    /// Waits until a machine has done something.
    Job(Job),
    /// Waits for a signal, which any record may give.
    Signal {
        /// The signal.
        signal: Name,
    },
    /// What was done and says how it is undone is undone, the last first.
    Undo,
    /// What is gone through when the record is cancelled or a step fails.
    Handler {
        /// Which of the two.
        of: Handled,
        /// Its first step.
        first: Name,
    },
    /// A part that people may add while the record runs, as often as they like.
    Extra {
        /// Who may.
        by: Vec<Who>,
        /// Its first step.
        first: Name,
    },
    /// Waits for time to pass.
    Timer {
        /// How long.
        after: Due,
    },
    /// Waits for an instant or a condition.
    Wait {
        /// What ends it.
        until: Until,
    },
    /// Something that the language can say and the engine cannot run yet; refused at deployment, by name.
    Later(Later),
    /// Goes one of several ways.
    Choose {
        /// Tried in order.
        cases: Vec<Case>,
        /// Where none holds; the step after where not said.
        otherwise: Option<Name>,
    },
    /// Does something without people.
    Act {
        /// In order.
        actions: Vec<Action>,
    },
    /// Ends the record.
    End(End),
}

impl StepKind {
    /// The approval, if the step is one.
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            StepKind::Approval(approval) => Some(approval),
            _ => None,
        }
    }

    /// The ways in which people bring the step to its end.
    pub fn outcomes(&self) -> &[Outcome] {
        match self {
            StepKind::Task(task) => &task.outcomes,
            StepKind::Approval(approval) => &approval.outcomes,
            _ => &[],
        }
    }

    /// The task, if the step is one.
    pub fn task(&self) -> Option<&Task> {
        match self {
            StepKind::Task(task) => Some(task),
            StepKind::Approval(_)
            | StepKind::Milestone
            | StepKind::Race { .. }
            | StepKind::Together { .. }
            | StepKind::Wait { .. }
            | StepKind::Later(_)
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::Block { .. }
            | StepKind::Receive { .. }
            | StepKind::Timer { .. }
            | StepKind::Choose { .. }
            | StepKind::Act { .. }
            | StepKind::End(_) => None,
        }
    }
}

impl StepKind {
    /// Where it leads besides the step after: by outcomes and cases, and into its branches.
    pub fn ways(&self) -> Vec<&Name> {
        match self {
            StepKind::Task(_) | StepKind::Approval(_) => {
                self.outcomes().iter().filter_map(|outcome| outcome.to.as_ref()).collect()
            }
            StepKind::Race { branches } => branches.iter().collect(),
            StepKind::Block { first } | StepKind::Handler { first, .. } | StepKind::Extra { first, .. } => vec![first],
            StepKind::ForEach(each) => vec![&each.first],
            StepKind::Job(job) => job.failed.iter().collect(),
            StepKind::Together { branches, .. } => branches.iter().map(|branch| &branch.first).collect(),
            StepKind::Later(later) => later.leads_to.iter().collect(),
            StepKind::Choose { cases, otherwise } => cases.iter().map(|case| &case.to).chain(otherwise).collect(),
            StepKind::Milestone
            | StepKind::Receive { .. }
            | StepKind::Call(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::Act { .. }
            | StepKind::End(_) => Vec::new(),
        }
    }
}

impl StepKind {
    /// Whether some path through it goes on to the step after it. A race or an aside goes on where what lies in it falls
    /// out of it; that is asked of those steps themselves.
    pub fn goes_on(&self) -> bool {
        match self {
            StepKind::Task(_) | StepKind::Approval(_) => self.outcomes().iter().any(|outcome| outcome.to.is_none()),
            StepKind::Choose { otherwise, .. } => otherwise.is_none(),
            // None of the branches may be gone.
            StepKind::Together { branches, .. } => branches.iter().all(|branch| branch.when.is_some()),
            StepKind::Later(later) => later.onward == Onward::Next,
            // Where the list is empty no round is gone.
            StepKind::ForEach(_)
            | StepKind::Milestone
            | StepKind::Receive { .. }
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::Act { .. } => true,
            StepKind::Race { .. }
            | StepKind::Block { .. }
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::End(_) => false,
        }
    }

    /// Everything that its forms ask for.
    pub fn asks(&self) -> Vec<&Ask> {
        match self {
            StepKind::Task(task) => {
                task.asks.iter().chain(task.outcomes.iter().flat_map(|outcome| &outcome.asks)).collect()
            }
            StepKind::Approval(approval) => {
                approval.asks.iter().chain(approval.outcomes.iter().flat_map(|outcome| &outcome.asks)).collect()
            }
            StepKind::Receive { asks, .. } => asks.iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// A step of the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name, unique in the process: as written, or made from its place.
    pub name: Name,
    /// What people call it; empty for steps that people never see.
    pub labels: Labels,
    /// The race or block that it lies in.
    pub scope: Option<Name>,
    /// The step after it in its sequence; nothing at the end of a branch.
    pub next: Option<Name>,
    /// What it does.
    pub kind: StepKind,
    /// The line in the source where it is written, from 1.
    pub line: u32,
    /// What it was called in the version before, where it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Name>,
}

/// Where a process begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Who may start it.
    pub by: Vec<Who>,
    /// What its form asks for.
    pub asks: Vec<Ask>,
}

/// How much time a clock allows for one value of its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The field's value.
    pub value: Name,
    /// The time allowed.
    pub span: Span,
}

/// What happens when so much of a clock's time is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// Percent of the target; 100 is the breach.
    pub percent: u16,
    /// What is done.
    pub actions: Vec<Action>,
}

/// A clock that measures how long something takes against a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Its name.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
    /// Runs from the start of the record until this milestone.
    pub until: Name,
    /// Stands still while a token is in one of these steps.
    pub pauses_in: Vec<Name>,
    /// Runs again, after it stopped, when a task is completed with one of these outcomes.
    pub resumes_on: Vec<Name>,
    /// The choice field that selects the target.
    pub by: Name,
    /// The target for each value of the field.
    pub targets: Vec<Target>,
    /// The calendar that counts.
    pub hours: Expr,
    /// What happens on the way, by rising percent.
    pub thresholds: Vec<Threshold>,
}

/// What is done when a condition comes true that did not hold before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The condition.
    pub becomes: Expr,
    /// What is done.
    pub actions: Vec<Action>,
}

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
    /// How its records may be linked with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkType>,
    /// For how long a record is kept after its end; as the installation decided, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// What it says besides its steps that the engine does not act on yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Later>,
}

impl Parts {
    /// Everything that the engine cannot run yet: such a definition is not deployed.
    pub fn not_yet_run(&self) -> impl Iterator<Item = &Later> {
        let steps = self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Later(later) => Some(later),
            StepKind::Task(_)
            | StepKind::Approval(_)
            | StepKind::Milestone
            | StepKind::Race { .. }
            | StepKind::Together { .. }
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::Block { .. }
            | StepKind::Receive { .. }
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::Choose { .. }
            | StepKind::Act { .. }
            | StepKind::End(_) => None,
        });
        let actions = self.actions().filter_map(|action| match action {
            Action::Later(later) => Some(later),
            Action::Set { .. }
            | Action::Notify { .. }
            | Action::Escalate { .. }
            | Action::Start(_)
            | Action::Signal { .. } => None,
        });
        steps.chain(actions).chain(&self.later)
    }

    /// Everything that is done without people: by steps, reminders, clocks and reactions.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        let steps = self.steps.iter().flat_map(|step| match &step.kind {
            StepKind::Act { actions } => actions.iter().collect::<Vec<_>>(),
            StepKind::Task(task) => {
                let reminders = task.reminders.iter().flat_map(|reminder| &reminder.actions);
                reminders.chain(&task.undo).collect()
            }
            StepKind::Approval(_)
            | StepKind::Milestone
            | StepKind::Race { .. }
            | StepKind::Together { .. }
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::Block { .. }
            | StepKind::Receive { .. }
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::Choose { .. }
            | StepKind::Later(_)
            | StepKind::End(_) => Vec::new(),
        });
        let clocks = self.clocks.iter().flat_map(|clock| &clock.thresholds).flat_map(|threshold| &threshold.actions);
        steps.chain(clocks).chain(self.reactions.iter().flat_map(|reaction| &reaction.actions))
    }
}

/// A process, ready to run.
#[derive(Clone, Debug)]
pub struct Definition {
    id: DefinitionId,
    parts: Parts,
    step_at: BTreeMap<Name, usize>,
    field_at: BTreeMap<Name, usize>,
    rules: Arc<RuleBook>,
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
        Ok(Definition { id, parts, step_at, field_at, rules, witness: None })
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
        self.parts.steps.iter().any(|step| matches!(step.kind, StepKind::Call(_)))
            || self.parts.actions().any(|action| matches!(action, Action::Start(_)))
    }

    /// The job of that step, if the step is one.
    pub fn job(&self, step: &Name) -> Option<&Job> {
        match &self.step(step)?.kind {
            StepKind::Job(job) => Some(job),
            _ => None,
        }
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
        let mut at = Some(step.clone());
        while let Some(name) = at {
            if name == *ancestor {
                return true;
            }
            at = self.step(&name).and_then(|step| step.scope.clone());
        }
        false
    }
}
