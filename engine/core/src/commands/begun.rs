//! What becomes of records that this one began: they end, or could not be begun.

use crate::command::Rejection;
use crate::commands::{by_engine, changeable, open};
use crate::definition::Definition;
use crate::effect::Begun;
use crate::event::{Event, Owed};
use crate::expr::EvalError;
use crate::ids::{InstanceId, Name};
use crate::instance::{Instance, Waits};
use crate::nodes::Then;
use crate::run::Run;
use crate::step::{Step, World};

/// Lets the step go on that waits for the end of a record; nothing happens where none does any more.
pub(crate) fn returned(
    definition: &Definition,
    instance: &Instance,
    begun: InstanceId,
    outcome: Name,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    by_engine(world)?;
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let waiting = run.instance.tokens().iter().find(|token| token.waits == Waits::Return(begun)).map(|token| token.id);
    if let Some(token) = waiting {
        run.emit(Event::RecordReturned { token, begun, outcome });
        run.proceed(token, Then::Next);
    }
    Ok(run.finish())
}

/// Keeps that a record could not be begun, until a person has looked.
pub(crate) fn not_begun(
    definition: &Definition,
    instance: &Instance,
    begun: Box<Begun>,
    problem: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    by_engine(world)?;
    let mut run = Run::new(definition, instance, world);
    if run.needs(&begun) {
        let problem = EvalError::NotBegun { process: begun.process.clone(), problem };
        run.owe(Owed::Begin(begun), &problem);
    }
    Ok(run.finish())
}
