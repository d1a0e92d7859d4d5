//! The form that begins a record, in plain words: an incident where nothing else is said, or another process that the visitor
//! may start. Values in the address fill the form in, so that a link can say what is meant. Of a catalogue, what is asked
//! for stands there with what is promised and who must agree; where solutions are known, they are offered before it is sent.

use std::sync::Arc;

use actix_web::http::StatusCode;
use engine::command::Rejection;
use engine::definition::{Definition, Field, Labels, Origin, Presence, Who};
use engine::directory::PERSON;
use engine::event::Actor;
use engine::ids::Name;
use engine::people;
use engine::value::{FieldType, Fields, Value};
use runtime::{ExecuteError, StartOrder};
use serde::Serialize;

use crate::ahead::{Ahead, ahead};
use crate::answer::{Answer, Refusal};
use crate::catalogue::{self, Catalogue};
use crate::flash::{Deed, Flash};
use crate::form::{self, Control, Filling, Place, Wrong};
use crate::known::{self, Solution};
use crate::misfit;
use crate::pages::task::beneath;
use crate::pairs::Pairs;
use crate::session::random_token;
use crate::visit::Visit;

/// The process that is meant where none is named.
pub(super) const PROCESS: &str = "incident";
/// The button that asks for known solutions where no script does.
const LOOK: &str = "_look";

#[derive(Debug, Serialize)]
struct View {
    heading: String,
    purpose: String,
    process: String,
    /// A key of this form's own, so that it begins one record however often it is sent.
    once: String,
    problem: Option<String>,
    chosen: Option<ChosenView>,
    controls: Vec<Control>,
    /// Whether solutions may be known.
    offering: bool,
    /// What is known, where that was asked for.
    looked: bool,
    solutions: Vec<Solution>,
}

/// What of a catalogue is asked for.
#[derive(Debug, Serialize)]
struct ChosenView {
    field: String,
    key: String,
    label: String,
    description: String,
    ahead: Ahead,
}

#[derive(Debug, Serialize)]
struct SolutionsView {
    looked: bool,
    solutions: Vec<Solution>,
}

/// The form.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let definition = definition(visit, visit.asked.query.get("process"))?;
    let mut filled = defaults(&definition);
    filled.extend(given(visit, &definition)?);
    page(visit, &definition, StatusCode::OK, None, Filling::Held(&filled), &Wrong::new())
}

/// Starts the record, or shows what is known about what was typed.
pub fn start(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let posted = &visit.asked.form;
    let definition = definition(visit, posted.get("_process"))?;
    if posted.has(LOOK) {
        return page(visit, &definition, StatusCode::OK, None, Filling::Typed(posted), &Wrong::new());
    }
    let mut fields = asked(visit, &definition)?;
    let for_whom = for_whom(visit);
    if may_be_for_another(visit, &definition)? {
        fields.insert(0, &for_whom);
    }
    let again = |problem: String, wrong: &Wrong| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        page(visit, &definition, status, Some(problem), Filling::Typed(posted), wrong)
    };
    let mut fields = match form::parse(visit, &fields, "", posted, &Fields::new()) {
        Ok(fields) => fields,
        Err(wrong) => return again(visit.say("refused-bad-fields"), &wrong),
    };
    let process = definition.parts().name.clone();
    let on_behalf_of = match fields.remove(&for_whom.name) {
        Some(Value::Ref(person)) => Some(person),
        Some(_) | None => None,
    };
    let order = StartOrder { process, by: visit.person()?.clone(), on_behalf_of, fields };
    let files = visit.asked.bytes();
    let started = match posted.get("_once") {
        Some(key) => visit.app.runtime().start_once(order, key, &files),
        None => visit.app.runtime().start_with(order, &files),
    };
    match started {
        Ok(done) => {
            let number = done.instance.number();
            Ok(visit.done(format!("/records/{number}"), Flash::new(Deed::Reported, number)))
        }
        Err(ExecuteError::Rejected(rejection)) => {
            let sentence = misfit::refused(visit, &rejection);
            let wrong = match rejection {
                Rejection::BadFields(fields) => fields.into_iter().collect(),
                _ => Wrong::new(),
            };
            again(sentence, &wrong)
        }
        Err(other) => Err(beneath(other)),
    }
}

/// What is known about what was typed so far: a part of the form, fetched while one types.
pub fn solutions(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let typed = &visit.asked.query;
    let definition = definition(visit, typed.get("process"))?;
    let solutions = known::solutions(visit, &definition, typed);
    visit.part("solutions", &SolutionsView { looked: true, solutions })
}

/// A known solution helped: nothing is sent.
pub fn solved(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let definition = definition(visit, visit.asked.form.get("_process"))?;
    let key = visit.asked.form.get("_solved").unwrap_or_default();
    let solutions = known::solutions(visit, &definition, &visit.asked.form);
    let label = solutions.into_iter().find(|solution| solution.key == key).map(|solution| solution.label);
    Ok(visit.done("/portal", Flash::new(Deed::Helped, label.unwrap_or_default())))
}

/// The process that is meant, if the visitor may start it by its form.
fn definition(visit: &Visit<'_>, process: Option<&str>) -> Result<Arc<Definition>, Refusal> {
    let name = Name::from(process.unwrap_or(PROCESS));
    let definition = visit.app.runtime().current(&name)?.ok_or(Refusal::NotFound)?;
    match process.is_none() || catalogue::may_start(visit, &definition) {
        true => Ok(definition),
        false => Err(Refusal::NotFound),
    }
}

/// The defaults that are written as plain values, so that the form shows what it will take.
fn defaults(definition: &Definition) -> Fields {
    let parts = definition.parts();
    let literal = |field: &engine::definition::Field| match &field.origin {
        Origin::Given { default: Some(engine::expr::Expr::Literal(value)) } => {
            Some((field.name.clone(), value.clone()))
        }
        Origin::Given { .. } | Origin::Derived { .. } => None,
    };
    parts.fields.iter().filter_map(literal).collect()
}

/// The values in the address that fit fields of the form; files and tables are not among them.
fn given(visit: &Visit<'_>, definition: &Definition) -> Result<Fields, Refusal> {
    let query = &visit.asked.query;
    let mut given = Fields::new();
    for field in asked(visit, definition)? {
        if matches!(field.holds, FieldType::Rows(_) | FieldType::File) || !query.has(field.name.as_str()) {
            continue;
        }
        if let Ok(values) = form::parse(visit, &[field], "", query, &Fields::new()) {
            given.extend(values);
        }
    }
    Ok(given)
}

/// For whom it is: the control of those who take calls.
fn for_whom(visit: &Visit<'_>) -> Field {
    let label = visit.say("report-for-whom");
    let origin = Origin::Given { default: None };
    let holds = FieldType::Ref(Name::from(PERSON));
    Field::new(Name::from("_for"), Labels::new(&label, &label), holds, origin, Presence::Optional)
}

/// Whether the visitor may begin a record for somebody else: as the engine sees it, whoever may edit it.
fn may_be_for_another(visit: &Visit<'_>, definition: &Definition) -> Result<bool, Refusal> {
    let (person, none) = (visit.person()?, Fields::new());
    let scope = catalogue::unbegun(visit, definition, person, &none);
    Ok(people::is_meant(&Actor::Person(person.clone()), &definition.parts().edited_by, &scope))
}

/// The fields that the form asks for: those that are not for others to change.
fn asked<'d>(visit: &Visit<'_>, definition: &'d Definition) -> Result<Vec<&'d Field>, Refusal> {
    let (person, none) = (visit.person()?, Fields::new());
    let scope = catalogue::unbegun(visit, definition, person, &none);
    let actor = Actor::Person(person.clone());
    let asks = definition.parts().start.asks.iter().filter_map(|ask| definition.field(&ask.field));
    let may = |field: &&Field| {
        field.changed_by.is_empty()
            || field.changed_by == [Who::Nobody]
            || people::is_meant(&actor, &field.changed_by, &scope)
    };
    Ok(asks.filter(may).collect())
}

/// What the form asks for of a catalogue, if that is chosen already: by the address, or by the form that it led to.
fn chosen(visit: &Visit<'_>, definition: &Definition, filling: Filling<'_>) -> Result<Option<ChosenView>, Refusal> {
    let found = catalogue::forms(visit)?
        .catalogues
        .into_iter()
        .find(|one| one.definition.parts().name == definition.parts().name);
    let Some(Catalogue { field, register, .. }) = found else { return Ok(None) };
    let key = match filling {
        Filling::Held(fields) => match fields.get(&field) {
            Some(Value::Ref(key)) => Some(key.clone()),
            Some(_) | None => None,
        },
        Filling::Typed(pairs) => pairs.get("_chosen").map(Name::from),
    };
    let Some((key, entry)) = key.and_then(|key| Some((key.clone(), visit.directory.entry(register.as_str(), &key)?)))
    else {
        return Ok(None);
    };
    Ok(Some(ChosenView {
        label: visit.names().entry(register.as_str(), &key),
        description: catalogue::description(visit, &register, entry),
        ahead: ahead(visit, definition, &Fields::from([(field.clone(), Value::Ref(key.clone()))])),
        field: field.to_string(),
        key: key.to_string(),
    }))
}

fn page(
    visit: &Visit<'_>,
    definition: &Definition,
    status: StatusCode,
    problem: Option<String>,
    filling: Filling<'_>,
    wrong: &Wrong,
) -> Result<Answer, Refusal> {
    let chosen = chosen(visit, definition, filling)?;
    let is_chosen = |field: &&Field| chosen.as_ref().is_some_and(|chosen| chosen.field == field.name.as_str());
    let control = |field: &Field| {
        let place = Place { prefix: "", required: field.presence == Presence::Required };
        form::control(visit, field, &place, filling, wrong)
    };
    let for_whom = for_whom(visit);
    let first = may_be_for_another(visit, definition)?.then_some(&for_whom);
    let asked = asked(visit, definition)?.into_iter().filter(|field| !is_chosen(field));
    let controls = first.into_iter().chain(asked).map(control).collect();
    let once = match visit.asked.form.get("_once") {
        Some(key) => key.to_owned(),
        None => random_token()?,
    };
    let name = definition.parts().name.as_str();
    let (heading, purpose) = match &chosen {
        Some(chosen) => (chosen.label.clone(), visit.say("ask-intro")),
        None if name == PROCESS => (visit.say("report-title"), visit.say("report-intro")),
        None => (visit.language.of(&definition.parts().labels).to_owned(), visit.say("begin-intro")),
    };
    let looked = match filling {
        Filling::Typed(pairs) => pairs.has(LOOK),
        Filling::Held(_) => false,
    };
    let service = Pairs::of(match filling {
        Filling::Held(fields) => fields
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Ref(key) => Some((name.to_string(), key.to_string())),
                _ => None,
            })
            .collect(),
        Filling::Typed(pairs) => pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    });
    let view = View {
        purpose,
        process: name.to_owned(),
        once,
        problem,
        controls,
        offering: known::is_offering(visit, definition),
        looked,
        solutions: known::solutions(visit, definition, &service),
        chosen,
        heading,
    };
    visit.page_with(status, "report", view.heading.clone(), &view)
}
