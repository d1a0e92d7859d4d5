//! When a person is away, and who stands in: the person's own page and the administrators' both say it.

use engine::directory::{ABSENT_FROM, ABSENT_UNTIL, Entry, MANAGER, PERSON, SUBSTITUTE};
use engine::ids::Name;
use engine::value::{FieldType, Fields, Value};
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::Choosable;
use crate::visit::Visit;

/// The part of a page with the form.
#[derive(Debug, Default, Serialize)]
pub struct Absence {
    /// Where the form goes.
    action: String,
    /// Who may be the manager; only administrators say it.
    managers: Option<Vec<Choosable>>,
    substitutes: Vec<Choosable>,
    from: String,
    until: String,
    problem: Option<String>,
}

/// Whose absence a form is about.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// That of who is signed in.
    Own(&'a Name),
    /// Somebody's, as an administrator says it, with the manager.
    Of(&'a Name),
}

impl<'a> Whose<'a> {
    fn person(self) -> &'a Name {
        match self {
            Whose::Own(person) | Whose::Of(person) => person,
        }
    }

    fn page(self) -> String {
        match self {
            Whose::Own(_) => "/profile".to_owned(),
            Whose::Of(person) => format!("/admin/people/{person}"),
        }
    }
}

/// The form as it is kept, or as it was typed and refused.
pub fn absence(visit: &Visit<'_>, whose: Whose<'_>, problem: Option<String>) -> Absence {
    let person = whose.person();
    let kept = kept(visit, person);
    let shown = if problem.is_some() { typed(visit, whose, kept) } else { kept };
    let chosen = |attribute: &str| match shown.get(attribute) {
        Some(Value::Ref(key)) => Some(key.clone()),
        _ => None,
    };
    let day = |attribute: &str| match shown.get(attribute) {
        Some(Value::Date(day)) => day.clone(),
        _ => String::new(),
    };
    Absence {
        action: format!("{}/absence", whose.page()),
        managers: match whose {
            Whose::Own(_) => None,
            Whose::Of(_) => Some(others(visit, person, chosen(MANAGER).as_ref())),
        },
        substitutes: others(visit, person, chosen(SUBSTITUTE).as_ref()),
        from: day(ABSENT_FROM),
        until: day(ABSENT_UNTIL),
        problem,
    }
}

/// Keeps what was typed, or says what is wrong with it.
pub fn keep(visit: &Visit<'_>, whose: Whose<'_>) -> Result<Result<Answer, String>, Refusal> {
    let person = whose.person();
    let fields = typed(visit, whose, kept(visit, person));
    if let Some(problem) = problem(visit, person, &fields) {
        return Ok(Err(problem));
    }
    let labels = visit.directory.entry(PERSON, person).ok_or(Refusal::NotFound)?.labels.clone();
    let name = visit.language.of(&labels).to_owned();
    visit.app.store().put_entry(PERSON, person, &Entry { labels, fields }, visit.person()?, visit.now)?;
    visit.app.runtime().reload_directory()?;
    Ok(Ok(visit.done(whose.page(), Flash::new(Deed::Saved, name))))
}

/// The people who may sign in, but for one.
fn others(visit: &Visit<'_>, person: &Name, chosen: Option<&Name>) -> Vec<Choosable> {
    let names = visit.names();
    let other = |(key, _): (&Name, &engine::directory::Standing)| Choosable {
        value: key.to_string(),
        label: names.person(key),
        chosen: chosen == Some(key),
    };
    let mut others: Vec<Choosable> = visit.directory.standings().filter(|(key, _)| *key != person).map(other).collect();
    others.sort_by(|one, other| one.label.cmp(&other.label));
    others
}

fn kept(visit: &Visit<'_>, person: &Name) -> Fields {
    visit.directory.entry(PERSON, person).map(|entry| entry.fields.clone()).unwrap_or_default()
}

/// What is kept with what was typed in its place.
fn typed(visit: &Visit<'_>, whose: Whose<'_>, mut fields: Fields) -> Fields {
    let form = &visit.asked.form;
    let mut put = |attribute: &str, value: Option<Value>| match value {
        Some(value) => _ = fields.insert(Name::from(attribute), value),
        None => _ = fields.remove(attribute),
    };
    let person = |attribute: &str| form.get(attribute).map(|key| Value::Ref(Name::from(key)));
    let day = |attribute: &str| form.get(attribute).map(|day| Value::Date(day.to_owned()));
    put(SUBSTITUTE, person(SUBSTITUTE));
    put(ABSENT_FROM, day(ABSENT_FROM));
    put(ABSENT_UNTIL, day(ABSENT_UNTIL));
    if let Whose::Of(_) = whose {
        put(MANAGER, person(MANAGER));
    }
    fields
}

fn problem(visit: &Visit<'_>, person: &Name, fields: &Fields) -> Option<String> {
    let known = |key: &Name| key != person && visit.directory.standing(key).is_some();
    let stranger =
        [SUBSTITUTE, MANAGER].iter().filter_map(|attribute| fields.get(*attribute)).any(|value| match value {
            Value::Ref(key) => !known(key),
            _ => true,
        });
    let says = match (fields.get(ABSENT_FROM), fields.get(ABSENT_UNTIL)) {
        _ if stranger => "absence-who",
        (None, None) => return None,
        (Some(from), Some(until)) if [from, until].iter().any(|day| !is_day(day)) => "absence-no-day",
        (Some(Value::Date(from)), Some(Value::Date(until))) if until < from => "absence-backwards",
        (Some(_), Some(_)) => return None,
        (Some(_), None) | (None, Some(_)) => "absence-half",
    };
    Some(visit.say(says))
}

fn is_day(value: &Value) -> bool {
    FieldType::Date.admits(value).is_ok()
}
