//! One record under the operator's hands: what is wrong with it, on which line, with which values, and what can be done.
//! A form that was overtaken by somebody else's change does nothing.

use actix_web::http::StatusCode;
use engine::command::{Command, Rejection};
use engine::definition::{Field, Presence};
use engine::event::Repair;
use engine::ids::{Name, TokenId};
use engine::instance::{Status, Waits};
use engine::value::{Fields, Value};
use runtime::ExecuteError;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::{self, Control, Filling, Place, Wrong};
use crate::misfit;
use crate::pages::record::editable;
use crate::pages::task::beneath;
use crate::reach::{self, Reached};
use crate::visit::{ADMINISTRATOR, Visit};

#[derive(Debug, Serialize)]
struct View {
    number: String,
    title: String,
    process: String,
    /// The revision that the forms are about.
    shown: u64,
    status: &'static str,
    status_text: String,
    repair: Option<RepairView>,
    suspended: bool,
    over: bool,
    may: bool,
    tokens: Vec<Spot>,
    steps: Vec<Spot>,
    problem: Option<String>,
    reason: String,
}

/// A place to choose.
#[derive(Debug, Serialize)]
struct Spot {
    value: String,
    label: String,
}

/// What is wrong, for a list and for the record's own page.
#[derive(Debug, Serialize)]
pub(super) struct RepairView {
    step: String,
    line: u32,
    /// The line as written, if its source is there.
    source: Option<String>,
    /// Where the line stands.
    link: String,
    trouble: String,
    expression: Option<String>,
    saw: Vec<SawView>,
    controls: Vec<Control>,
}

#[derive(Debug, Serialize)]
struct SawView {
    label: String,
    value: String,
}

/// What a form said that was refused.
#[derive(Default)]
struct Refused {
    problem: Option<String>,
    wrong: Wrong,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    page(visit, &reached, StatusCode::OK, &Refused::default())
}

fn page(visit: &Visit<'_>, reached: &Reached, status: StatusCode, refused: &Refused) -> Result<Answer, Refusal> {
    let (instance, definition, names) = (&reached.loaded.instance, &reached.definition, visit.names());
    let (kind, text) = match instance.status() {
        Status::Running => ("running", visit.say("stage-running")),
        Status::Stuck(_) => ("stuck", visit.say("stage-stuck")),
        Status::Suspended(held) => {
            let said = [("person", names.actor(&held.by).into())];
            ("suspended", format!("{} · {}", visit.say_with("status-suspended", &said), held.reason))
        }
        Status::Ended { outcome, .. } => ("ended", names.end(definition, outcome)),
    };
    let label = |name: &Name| names.place(definition, name).unwrap_or_else(|| name.to_string());
    let view = View {
        number: instance.number().to_owned(),
        title: reached.title(),
        process: visit.language.of(&definition.parts().labels).to_owned(),
        shown: reached.loaded.revision,
        status: kind,
        status_text: text,
        repair: instance.repair().map(|repair| repair_view(visit, reached, repair, refused)).transpose()?,
        suspended: matches!(instance.status(), Status::Suspended(_)),
        over: instance.is_ended(),
        may: visit.holds(ADMINISTRATOR),
        tokens: instance
            .tokens()
            .iter()
            .map(|token| Spot {
                value: format!("{}@{}", token.id.0, token.step),
                label: match token.waits {
                    Waits::Inner => format!("{} ({})", label(&token.step), visit.say("operate-around")),
                    _ => label(&token.step),
                },
            })
            .collect(),
        steps: definition
            .parts()
            .steps
            .iter()
            .filter_map(|step| Some(Spot { value: step.name.to_string(), label: names.place(definition, &step.name)? }))
            .collect(),
        problem: refused.problem.clone(),
        reason: visit.asked.form.get("reason").unwrap_or_default().to_owned(),
    };
    let title = visit.say_with("operate-title", &[("number", view.number.as_str().into())]);
    visit.page_with(status, "operate", title, &view)
}

/// What is wrong with a record.
///
/// # Errors
/// The definition's source cannot be read.
pub(super) fn seen(visit: &Visit<'_>, reached: &Reached, repair: &Repair) -> Result<RepairView, Refusal> {
    repair_view(visit, reached, repair, &Refused::default())
}

fn repair_view(
    visit: &Visit<'_>,
    reached: &Reached,
    repair: &Repair,
    refused: &Refused,
) -> Result<RepairView, Refusal> {
    let (definition, names) = (&reached.definition, visit.names());
    let stored = visit.app.store().definition(reached.loaded.instance.definition())?;
    let nth = usize::try_from(repair.line).unwrap_or(0).checked_sub(1);
    let source = nth.and_then(|nth| stored.as_ref()?.source.lines().nth(nth)).map(|line| line.trim_end().to_owned());
    let version = stored.as_ref().map_or(0, |stored| stored.version);
    let saw = repair.saw.iter().map(|(field, value)| SawView {
        label: names.field(definition, field),
        value: match value {
            Value::Nothing => visit.say("operate-no-value"),
            _ if !reached.shows_all(visit, [field].into_iter()) => visit.say("value-confidential"),
            value => names.field_value(definition, field, value, &visit.times()),
        },
    });
    let typed = visit.asked.form.get("do") == Some("mend");
    let filling =
        if typed { Filling::Typed(&visit.asked.form) } else { Filling::Held(reached.loaded.instance.fields()) };
    let control = |field: &Field| {
        let filled = reached.loaded.instance.fields().contains_key(&field.name);
        let place = Place { prefix: "mend.", required: field.presence == Presence::Required && filled };
        form::control(visit, field, &place, filling, &refused.wrong)
    };
    Ok(RepairView {
        step: names.step(definition, &repair.step),
        line: repair.line,
        source,
        link: format!("/admin/definitions/{}/{version}#L{}", definition.parts().name, repair.line),
        trouble: match reached.shows_all(visit, repair.saw.keys()) {
            true => repair.problem.clone(),
            false => visit.say("value-confidential"),
        },
        expression: repair.expression.clone(),
        saw: saw.collect(),
        controls: mendable(visit, reached, repair).into_iter().map(control).collect(),
    })
}

/// The fields that may help: those that the failed expression read, or all where none did.
fn mendable<'r>(visit: &Visit<'_>, reached: &'r Reached, repair: &Repair) -> Vec<&'r Field> {
    let all = editable(visit, reached);
    let read: Vec<&Field> = all.iter().copied().filter(|field| repair.saw.contains_key(&field.name)).collect();
    if read.is_empty() { all } else { read }
}

/// Does what the form says.
pub fn operate(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let refuse = |key: &str| {
        let refused = Refused { problem: Some(visit.say(key)), wrong: Wrong::new() };
        page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &refused)
    };
    let form = &visit.asked.form;
    let shown = form.get("_shown").and_then(|text| text.parse::<u64>().ok());
    if shown != Some(reached.loaded.revision) {
        return refuse("operate-overtaken");
    }
    let reason = form.get("reason").unwrap_or_default().to_owned();
    let command = match form.get("do") {
        Some("retry") => Command::Retry,
        Some("mend") => match mended(visit, &reached) {
            Ok(fields) => Command::Mend { fields, reason },
            Err(wrong) => {
                let refused = Refused { problem: Some(visit.say("refused-bad-fields")), wrong };
                return page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &refused);
            }
        },
        Some("skip") => Command::Skip { reason },
        Some("suspend") => Command::Suspend { reason },
        Some("resume") => Command::Resume { reason },
        Some("cancel") => Command::Cancel { reason },
        Some("move") => match spot(form.get("token").unwrap_or_default()) {
            Some((token, from)) => {
                Command::Move { token, from, to: Name::from(form.get("to").unwrap_or_default()), reason }
            }
            None => return refuse("refused-not-there"),
        },
        Some(_) | None => return refuse("refused-nothing-changed"),
    };
    match visit.app.runtime().execute_with(reached.loaded.instance.id(), visit.actor()?, command, &visit.asked.bytes())
    {
        Ok(done) => {
            let deed = match done.instance.status() {
                Status::Stuck(_) => Deed::StillStuck,
                Status::Running | Status::Suspended(_) | Status::Ended { .. } => Deed::Operated,
            };
            let number = reached.loaded.instance.number();
            Ok(visit.done(format!("/admin/instances/{number}"), Flash::new(deed, number)))
        }
        Err(ExecuteError::Rejected(rejection)) => {
            let wrong = match &rejection {
                Rejection::BadFields(fields) => fields.iter().cloned().collect(),
                _ => Wrong::new(),
            };
            let refused = Refused { problem: Some(misfit::refused(visit, &rejection)), wrong };
            page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &refused)
        }
        Err(other) => Err(beneath(other)),
    }
}

/// The fields that differ from what the record holds.
fn mended(visit: &Visit<'_>, reached: &Reached) -> Result<Fields, Wrong> {
    let Some(repair) = reached.loaded.instance.repair() else { return Ok(Fields::new()) };
    let parsed = form::parse(
        visit,
        &mendable(visit, reached, repair),
        "mend.",
        &visit.asked.form,
        reached.loaded.instance.fields(),
    )?;
    let held = |name: &Name| reached.loaded.instance.fields().get(name).cloned().unwrap_or(Value::Nothing);
    Ok(parsed.into_iter().filter(|(name, value)| held(name) != *value).collect())
}

/// A token and its step, as the form posts them: `3@triage`.
fn spot(text: &str) -> Option<(TokenId, Name)> {
    let (token, step) = text.split_once('@')?;
    Some((TokenId(token.parse().ok()?), Name::from(step)))
}
