//! Reporting an incident: the start form of its process, in plain words.

use std::sync::Arc;

use actix_web::http::StatusCode;
use engine::command::Rejection;
use engine::definition::{Ask, Definition, Presence};
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::{ExecuteError, StartOrder};
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::{self, Control, Filling, Place, Wrong};
use crate::misfit;
use crate::pages::task::beneath;
use crate::session::random_token;
use crate::visit::Visit;

/// The process that a report starts.
const PROCESS: &str = "incident";

#[derive(Debug, Serialize)]
struct View {
    purpose: String,
    /// A key of this form's own, so that it begins one record however often it is sent.
    once: String,
    problem: Option<String>,
    controls: Vec<Control>,
}

/// The form.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let definition = definition(visit)?;
    let service = visit.asked.query.get("service").map(|key| (Name::from("service"), Value::Ref(Name::from(key))));
    let mut filled = defaults(&definition);
    filled.extend(service);
    page(visit, &definition, StatusCode::OK, None, Filling::Held(&filled), &Wrong::new())
}

/// Starts the record.
pub fn start(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let definition = definition(visit)?;
    let posted = &visit.asked.form;
    let fields: Vec<_> = definition.parts().start.asks.iter().filter_map(|ask| definition.field(&ask.field)).collect();
    let again = |problem: String, wrong: &Wrong| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        page(visit, &definition, status, Some(problem), Filling::Typed(posted), wrong)
    };
    let fields = match form::parse(visit, &fields, "", posted, &Fields::new()) {
        Ok(fields) => fields,
        Err(wrong) => return again(visit.say("refused-bad-fields"), &wrong),
    };
    let order = StartOrder { process: Name::from(PROCESS), by: visit.person()?.clone(), on_behalf_of: None, fields };
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

fn definition(visit: &Visit<'_>) -> Result<Arc<Definition>, Refusal> {
    visit.app.runtime().current(&Name::from(PROCESS))?.ok_or(Refusal::NotFound)
}

/// The defaults that are written as plain values, so that the form shows what it will take.
fn defaults(definition: &Definition) -> Fields {
    let parts = definition.parts();
    let literal = |field: &engine::definition::Field| match &field.origin {
        engine::definition::Origin::Given { default: Some(engine::expr::Expr::Literal(value)) } => {
            Some((field.name.clone(), value.clone()))
        }
        engine::definition::Origin::Given { .. } | engine::definition::Origin::Derived { .. } => None,
    };
    parts.fields.iter().filter_map(literal).collect()
}

fn page(
    visit: &Visit<'_>,
    definition: &Definition,
    status: StatusCode,
    problem: Option<String>,
    filling: Filling<'_>,
    wrong: &Wrong,
) -> Result<Answer, Refusal> {
    let control = |ask: &Ask| {
        let field = definition.field(&ask.field)?;
        let place = Place { prefix: "", required: field.presence == Presence::Required };
        Some(form::control(visit, field, &place, filling, wrong))
    };
    let controls = definition.parts().start.asks.iter().filter_map(control).collect();
    let once = match visit.asked.form.get("_once") {
        Some(key) => key.to_owned(),
        None => random_token()?,
    };
    let view = View { purpose: visit.say("report-intro"), once, problem, controls };
    visit.page_with(status, "report", visit.say("report-title"), &view)
}
