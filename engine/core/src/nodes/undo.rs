//! Undoes what was done and says how it is undone, the last first. Where undoing fails, the step is done anew from there.

use crate::event::Event;
use crate::expr::EvalError;
use crate::nodes::{Then, perform};
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>) -> Result<Then, EvalError> {
    let here = run.items().clone();
    while let Some(last) = run.instance.undoable().last().cloned() {
        let definition = run.definition;
        run.stand_among(last.items);
        if let Some(task) = definition.task(&last.step) {
            perform(run, &task.undo)?;
        }
        run.emit(Event::Undone { step: last.step });
    }
    run.stand_among(here);
    Ok(Then::Next)
}
