//! Where a token may be brought by hand: the way from one step to another.

use std::collections::BTreeMap;

use crate::command::Immovable;
use crate::definition::{Definition, Step, StepKind};
use crate::ids::Name;

/// The way of a token that is brought to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// The step.
    pub(crate) to: Name,
    /// The step itself, or the outermost of what lies around it and not around the token: the token jumps there.
    pub(crate) entry: Name,
    /// From there on inwards, by the first step of each branch on the way: where the branch begins instead.
    pub(crate) detours: BTreeMap<Name, Name>,
}

/// The way from a step to another. A handler, or what people may add, is entered by nobody's hand. Whatever lies around
/// both stays; a race or block that lies around the target only is
/// entered, and its branch with the target begins there.
///
/// # Errors
/// There is no such step, or it lies in another branch of something around both.
pub(crate) fn way(definition: &Definition, from: &Name, to: &Name) -> Result<Way, Immovable> {
    let found = |name: &Name| definition.step(name).ok_or_else(|| Immovable::NoSuchStep(name.clone()));
    let (mut at, mut detours) = (found(to)?, BTreeMap::new());
    let begins_by_itself = |step: &Step| matches!(step.kind, StepKind::Handler { .. } | StepKind::Extra { .. });
    // A scope lies in another until the outermost, so this is as long as the nesting is deep.
    loop {
        if begins_by_itself(at) {
            return Err(Immovable::NotEntered(to.clone()));
        }
        match &at.scope {
            Some(scope) if !lies_in(definition, from, scope) => {
                let first = definition.parts().branch_of(at).ok_or_else(|| Immovable::NotEntered(to.clone()))?;
                detours.insert(first.clone(), at.name.clone());
                at = found(scope)?;
            }
            scope => {
                let beside = beneath(definition, found(from)?, scope.as_ref());
                if definition.parts().branch_of(at) != definition.parts().branch_of(beside) {
                    return Err(Immovable::OtherBranch(to.clone()));
                }
                return Ok(Way { to: to.clone(), entry: at.name.clone(), detours });
            }
        }
    }
}

/// Whether a step lies in a scope, at any depth; it does not lie in itself.
fn lies_in(definition: &Definition, step: &Name, scope: &Name) -> bool {
    step != scope && definition.is_within(step, scope)
}

/// The step itself, or what it lies in that lies in the scope directly.
fn beneath<'d>(definition: &'d Definition, step: &'d Step, scope: Option<&Name>) -> &'d Step {
    let mut at = step;
    while at.scope.as_ref() != scope {
        match at.scope.as_ref().and_then(|around| definition.step(around)) {
            Some(around) => at = around,
            None => return at,
        }
    }
    at
}
