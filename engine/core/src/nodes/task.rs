//! A task for people: opened for its candidates, done by one of them.

use crate::definition::{Step, Task};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::nodes::Then;
use crate::people;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, task: &Task) -> Result<Then, EvalError> {
    let candidates = people::principals(&task.candidates.any, &run.scope())?;
    let due = task.due.as_ref().map(|due| run.due_at(due)).transpose()?;
    let opened = Event::TaskOpened {
        task: run.instance.new_task(),
        token,
        step: step.name.clone(),
        candidates,
        due,
        at: run.world.now,
    };
    run.emit(opened);
    Ok(Then::Wait)
}
