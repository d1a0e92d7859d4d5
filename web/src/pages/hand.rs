//! Giving a task to somebody, asking somebody else to do its work, and giving it back.

use engine::command::Command;
use engine::definition::{Field, Labels, Origin, Presence};
use engine::directory::PERSON;
use engine::ids::Name;
use engine::instance::OpenTask;
use engine::value::{FieldType, Fields, Value};
use engine::{people, substitution};
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::flash::Deed;
use crate::form::{self, Choosable, Control, Filling, Place, Wrong};
use crate::pages::{record, task};
use crate::reach::Reached;
use crate::visit::Visit;

/// The most people that a list to choose from holds.
const CHOICES_MAX: usize = 200;

/// What can be done with a task besides doing it.
#[derive(Debug, Default, Serialize)]
pub struct HandView {
    /// To whom it can be given.
    assign: Vec<Choosable>,
    /// Whom its holder may ask.
    delegate: Option<Control>,
    /// Who asked the visitor to do the work.
    asked_by: Option<String>,
    /// Who was asked, where the visitor holds the task.
    waits_for: Option<String>,
}

/// What the visitor can do with an open task besides doing it.
///
/// # Errors
/// Nobody is signed in.
pub fn of_task(visit: &Visit<'_>, reached: &Reached, open: &OpenTask) -> Result<HandView, Refusal> {
    let person = visit.person()?;
    if reached.loaded.instance.ballot(open.token).is_some() || reached.loaded.instance.is_ended() {
        return Ok(HandView::default());
    }
    let name = |person: &Name| visit.names().person(person);
    let holds = open.assignee.as_ref() == Some(person);
    let (asked_by, waits_for) = match &open.delegated_by {
        Some(holder) if holds => (Some(name(holder)), None),
        Some(holder) if holder == person => (None, open.assignee.as_ref().map(name)),
        Some(_) | None => (None, None),
    };
    Ok(HandView {
        assign: assignable(visit, reached, open, person),
        delegate: (holds && open.delegated_by.is_none()).then(|| whom(visit, &Wrong::new())),
        asked_by,
        waits_for,
    })
}

fn assignable(visit: &Visit<'_>, reached: &Reached, open: &OpenTask, by: &Name) -> Vec<Choosable> {
    let scope = reached.scope(visit);
    let barred = |person: &Name| people::is_barred_from(person, open, &reached.loaded.instance, &scope);
    if barred(by) || !(record::may_edit(visit, reached) || visit.holds(people::ADMINISTRATOR)) {
        return Vec::new();
    }
    let may = |person: &&Name| {
        substitution::capacity(person, open, &reached.loaded.instance, &scope).is_some()
            && !barred(person)
            && open.assignee.as_ref() != Some(person)
    };
    let people = visit.directory.standings().map(|(person, _)| person).filter(may).take(CHOICES_MAX);
    people.map(|person| Choosable::new(person.to_string(), visit.names().person(person))).collect()
}

fn person_field(visit: &Visit<'_>) -> Field {
    let label = visit.say("delegate-whom");
    let origin = Origin::Given { default: None };
    let labels = Labels::new(&label, &label);
    Field::new(Name::from("to"), labels, FieldType::Ref(Name::from(PERSON)), origin, Presence::Required)
}

fn whom(visit: &Visit<'_>, wrong: &Wrong) -> Control {
    let nothing = engine::value::Fields::new();
    let place = Place { prefix: "delegate.", required: true };
    form::control(visit, &person_field(visit), &place, Filling::Held(&nothing), wrong)
}

/// Gives a task to somebody.
///
/// # Errors
/// Something beneath failed.
pub fn assign(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let to = Name::from(visit.asked.form.get("to").unwrap_or_default());
    task::hand(visit, Deed::Assigned, |task| Command::Assign { task, to })
}

/// Asks somebody else to do the work.
///
/// # Errors
/// Something beneath failed.
pub fn delegate(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let field = person_field(visit);
    let form = form::parse(visit, &[&field], "delegate.", &visit.asked.form, &Fields::new()).unwrap_or_default();
    let to = match form.get(&field.name) {
        Some(Value::Ref(person)) => person.clone(),
        _ => Name::from(visit.asked.form.get("delegate.to").unwrap_or_default()),
    };
    let text = visit.asked.form.get("text").unwrap_or_default().to_owned();
    task::hand(visit, Deed::Delegated, |task| Command::Delegate { task, to, text })
}

/// Gives a task back to whoever asked.
///
/// # Errors
/// Something beneath failed.
pub fn resolve(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let text = visit.asked.form.get("text").unwrap_or_default().to_owned();
    task::hand(visit, Deed::Resolved, |task| Command::Resolve { task, text })
}
