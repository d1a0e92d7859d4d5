//! What somebody of the demo is about to do.

use engine::ids::{InstanceId, Name, TaskId};
use engine::value::Fields;

/// Whether chance has a say in what becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It has.
    Chance,
    /// None: it is what the demo shows, and goes as it should.
    Shown,
    /// None, and it is declared a major incident.
    Major,
    /// None: it has just come in, and nobody has looked at it.
    Fresh,
}

/// Something that will be done at an instant.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// A record of a process begins.
    Begin { process: &'static str, by: Name, fields: Fields, fate: Fate },
    /// Somebody takes a task.
    Claim { record: InstanceId, task: TaskId },
    /// Somebody answers a task.
    Act { record: InstanceId, task: TaskId },
    /// Whoever was asked replies.
    Reply { record: InstanceId },
    /// Somebody adds the part that begins with a step.
    Add { record: InstanceId, first: &'static str, by: Name },
    /// What a change has brought is entered into the register, under the change.
    Enter { under: Name, items: Vec<Name>, version: String },
    /// What registers changed is looked at by the records that are open.
    LookAgain,
    /// A release of a change begins.
    Release { change: InstanceId },
}
