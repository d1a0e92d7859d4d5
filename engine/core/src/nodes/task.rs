//! A task for people: opened for its candidates, done by one of them.

use crate::definition::{Step, Task};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::nodes::Then;
use crate::people;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, task: &Task) -> Result<Then, EvalError> {
    let candidates = people::candidates(&task.candidates, &run.scope())?;
    let due = task.due.as_ref().map(|due| run.due_at(due)).transpose()?;
    let mut reminders = Vec::new();
    for reminder in &task.reminders {
        reminders.push(match &reminder.after {
            Some(after) => run.due_at(after)?,
            None => due.ok_or_else(|| EvalError::Empty(format!("{}.due", step.name)))?,
        });
    }
    let opened = Event::TaskOpened {
        task: run.instance.new_task(),
        token,
        step: step.name.clone(),
        candidates,
        due,
        reminders,
        at: run.world.now,
    };
    run.emit(opened);
    Ok(Then::Wait)
}
