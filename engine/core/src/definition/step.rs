//! The steps of a process.

use serde::{Deserialize, Serialize};

use super::{
    Action, Approval, Ask, Begin, Branch, Case, Due, End, ForEach, Handled, Job, Labels, Needs, Outcome, Rest, Task,
    Until, Who,
};
use crate::ids::Name;

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
            _ => None,
        }
    }

    /// The job, if the step is one.
    pub fn job(&self) -> Option<&Job> {
        match self {
            StepKind::Job(job) => Some(job),
            _ => None,
        }
    }

    /// What it does without people.
    pub fn actions(&self) -> Vec<&Action> {
        match self {
            StepKind::Act { actions } => actions.iter().collect(),
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
            | StepKind::End(_) => Vec::new(),
        }
    }

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

    /// Whether some path through it goes on to the step after it. A race or an aside goes on where what lies in it falls
    /// out of it; that is asked of those steps themselves.
    pub fn goes_on(&self) -> bool {
        match self {
            StepKind::Task(_) | StepKind::Approval(_) => self.outcomes().iter().any(|outcome| outcome.to.is_none()),
            StepKind::Choose { otherwise, .. } => otherwise.is_none(),
            // None of the branches may be gone.
            StepKind::Together { branches, .. } => branches.iter().all(|branch| branch.when.is_some()),
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
