//! Does something without people: sets fields, tells people, escalates.

use crate::definition::{Action, Channel};
use crate::effect::Awaited;
use crate::event::Event;
use crate::expr::EvalError;
use crate::nodes::Then;
use crate::people;
use crate::run::Run;
use crate::value::Fields;

pub(crate) fn enter(run: &mut Run<'_>, actions: &[Action]) -> Result<Then, EvalError> {
    perform(run, actions)?;
    Ok(Then::Next)
}

/// Performs actions in order, all or none of them; also for clocks and reactions.
pub(crate) fn perform<'d>(run: &mut Run<'_>, actions: impl IntoIterator<Item = &'d Action>) -> Result<(), EvalError> {
    run.attempt(|run| actions.into_iter().try_for_each(|action| one(run, action)))
}

fn one(run: &mut Run<'_>, action: &Action) -> Result<(), EvalError> {
    match action {
        Action::Set { field, to } => {
            let value = to.value(&run.scope())?;
            run.set_fields(Fields::from([(field.clone(), value)]))?;
        }
        Action::Notify { whom, template, by } => {
            let whom = people::principals(whom, &run.scope())?;
            run.notify(whom, template, *by);
        }
        Action::Escalate { to, template } => {
            let to = people::principals(to, &run.scope())?;
            run.emit(Event::Escalated { to: to.clone() });
            run.notify(to, template, Channel::Inbox);
        }
        Action::Start(begin) => run.begin_other(begin, Awaited::Started, None)?,
        Action::Signal { signal } => run.signal(signal),
        Action::Enter { register, with } => run.enter_into(register, with)?,
        Action::Update { register, of, with } => run.update_entries(register, of, with)?,
        Action::Later(later) => return Err(EvalError::NotRunYet(later.construct.clone())),
    }
    Ok(())
}
