//! Why an entry is not put into a register, in words that say what to do, each at its place in the form.

use engine::ids::Name;
use engine::register::{Controlled, EntryRefusal, KEY_MAX, NAME_MAX, NoPermit, Register};

use super::said;
use crate::answer::Refusal;
use crate::misfit;
use crate::visit::Visit;

/// The place in a form at which something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The key.
    Key,
    /// The names.
    Name,
    /// An attribute.
    Attribute(Name),
    /// The number of the record under which it is changed.
    Under,
}

/// What is wrong with an entry, each with its place.
///
/// # Errors
/// The store failed.
pub(super) fn told(
    visit: &Visit<'_>,
    register: &Register,
    refusal: &EntryRefusal,
) -> Result<Vec<(At, String)>, Refusal> {
    let limit = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(match refusal {
        EntryRefusal::NoSuchRegister => return Err(Refusal::NotFound),
        EntryRefusal::BadKey => {
            vec![(At::Key, visit.say_with("register-key-unfit", &[("limit", limit(KEY_MAX).into())]))]
        }
        EntryRefusal::KeyTaken => vec![(At::Key, visit.say("register-key-taken"))],
        EntryRefusal::BadName => {
            vec![(At::Name, visit.say_with("register-name-unfit", &[("limit", limit(NAME_MAX).into())]))]
        }
        EntryRefusal::Unfit(unfit) => {
            unfit.iter().map(|(name, misfit)| (At::Attribute(name.clone()), misfit::said(visit, misfit))).collect()
        }
        EntryRefusal::Controlled { fields } => {
            let mut told: Vec<(At, String)> =
                fields.iter().map(|name| (At::Attribute(name.clone()), visit.say("register-controlled"))).collect();
            if let Some(controlled) = &register.controlled {
                let labels: Vec<String> = fields.iter().map(|name| said::field_label(visit, register, name)).collect();
                let labels = labels.join(&visit.say("list-comma"));
                let under = permits(visit, controlled)?;
                let said = [("fields", labels.into()), ("under", under.into())];
                told.push((At::Under, visit.say_with("register-under-needed", &said)));
            }
            told
        }
        EntryRefusal::NotPermitted { number, why } => {
            vec![(At::Under, not_permitted(visit, register, number, why)?)]
        }
    })
}

fn permits(visit: &Visit<'_>, controlled: &Controlled) -> Result<String, Refusal> {
    let permits = controlled.under.iter().map(|permit| said::permit(visit, permit));
    Ok(permits.collect::<Result<Vec<_>, _>>()?.join(&visit.say("list-semicolon")))
}

fn not_permitted(visit: &Visit<'_>, register: &Register, number: &Name, why: &NoPermit) -> Result<String, Refusal> {
    let under = match &register.controlled {
        Some(controlled) => permits(visit, controlled)?,
        None => String::new(),
    };
    let number = ("number", number.as_str().into());
    Ok(match why {
        NoPermit::NoSuchRecord => visit.say_with("register-under-no-such-record", &[number]),
        NoPermit::OtherProcess => visit.say_with("register-under-other-process", &[number, ("under", under.into())]),
        NoPermit::NotReached(milestone) => {
            let milestone = milestone.as_str().replace('_', " ");
            visit.say_with(
                "register-under-not-reached",
                &[number, ("milestone", milestone.into()), ("under", under.into())],
            )
        }
        NoPermit::Over => visit.say_with("register-under-over", &[number]),
        NoPermit::DoesNotName => visit.say_with("register-under-does-not-name", &[number, ("under", under.into())]),
    })
}
