//! Alerts that become incidents: one for each fingerprint at a time, those of a group together, none twice. What clears
//! tells its incident so, and the process decides what follows.
//!
//! Alertmanager sends a body again where it gets no answer or one of 500 and above, and forgets it after any other. So an
//! alert that cannot be an incident is a line in an answer of 200, and in the log; only what may succeed later is 503.

use std::sync::Arc;

use actix_web::http::StatusCode;
use engine::command::{Command, Rejection};
use engine::directory::{Directory, Entry, SERVICE};
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::{Instance, Status};
use engine::time::Timestamp;
use engine::value::{Fields, Value};
use runtime::{Done, ExecuteError, MessageOrder, Received};
use serde_json::{Value as Json, json};
use store::Life;

use crate::api::Call;
use crate::api::alertmanager::{Alert, State, Webhook};
use crate::api::problem::{Code, Problem};
use crate::misfit;

/// What alerts become, and the messages by which it hears of them.
const PROCESS: &str = "incident";
const ALERT: &str = "alert";
const FIRES_AGAIN: &str = "fires_again";
const CLEARED: &str = "cleared";
/// The fields of it that say which alert it is about, since when, and until when somebody has to do with it.
const FINGERPRINT: &str = "fingerprint";
const GROUP: &str = "alert_group";
const SINCE: &str = "alert_since";
const RESOLVED_AT: &str = "resolved_at";
/// The most incidents that one call opens; the next attempt opens the rest.
const OPENED_MAX: usize = 200;
/// How many incidents of one fingerprint, or of one group, are looked at, newest first.
const LOOKED_AT_MAX: usize = 20;
/// The labels that may name a configuration item, the most outspoken first.
const ITEM_LABELS: [&str; 7] = ["configuration_item", "ci", "host", "hostname", "nodename", "node", "instance"];
/// The register of configuration items.
const ITEM: &str = "configuration_item";

/// What became of an alert.
#[derive(Debug)]
enum Fate {
    /// An incident was opened.
    Opened(Arc<Instance>),
    /// Its incident is open already; nothing has changed.
    AlreadyOpen(Arc<Instance>),
    /// Its open incident was told that it fires anew.
    FiresAgain(Arc<Instance>),
    /// It has cleared, and its incident is resolved by that.
    Resolved(Arc<Instance>),
    /// It has cleared, and whoever works on its incident is told.
    Noted(Arc<Instance>),
    /// Its incident knows already that it has cleared.
    AlreadyCleared(Arc<Instance>),
    /// Its incident is over.
    Over(Arc<Instance>),
    /// There is nothing to do.
    Ignored(&'static str),
    /// It cannot be an incident.
    Refused(String),
    /// Too much is going on: once more.
    Later,
}

/// Takes in what Alertmanager sends.
///
/// # Errors
/// The body cannot be read, the sender may not send alerts, or the store failed: what was taken in before stays, and is
/// found when the body comes again.
pub(super) fn take_in(call: &Call<'_>) -> Result<(StatusCode, Json), Problem> {
    let webhook = Webhook::read(call.body)?;
    let intake = Intake { call, webhook: &webhook, directory: call.visit.app.runtime().directory() };
    let (mut lines, mut opened, mut later) = (Vec::new(), 0, false);
    for written in &webhook.alerts {
        let read = Alert::read(written);
        let fate = match &read {
            Err(why) => Fate::Refused(why.clone()),
            Ok(_) if opened >= OPENED_MAX => Fate::Later,
            Ok(alert) => intake.fate(alert)?,
        };
        opened += usize::from(matches!(fate, Fate::Opened(_)));
        later = later || matches!(fate, Fate::Later);
        lines.push(intake.line(read.as_ref().ok(), fate));
    }
    if webhook.truncated_alerts > 0 {
        tracing::warn!(left_out = webhook.truncated_alerts, "Alertmanager left out alerts of a group");
    }
    let status = if later { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    Ok((status, json!({ "alerts": lines, "truncated": webhook.truncated_alerts })))
}

/// One body on its way in.
struct Intake<'a> {
    call: &'a Call<'a>,
    webhook: &'a Webhook,
    directory: Arc<Directory>,
}

impl Intake<'_> {
    fn fate(&self, alert: &Alert) -> Result<Fate, Problem> {
        let fate = match alert.state {
            State::Firing => self.fires(alert),
            State::Resolved(until) => self.clears(alert, until),
        };
        match fate {
            Ok(fate) => Ok(fate),
            Err(ExecuteError::Busy) => Ok(Fate::Later),
            Err(ExecuteError::NoSuchProcess(_) | ExecuteError::NoSuchRecord) => Err(Problem::new(Code::NoIncidents)),
            Err(ExecuteError::Rejected(Rejection::NotAllowed)) => Err(Problem::new(Code::NotMonitoring)),
            Err(ExecuteError::Rejected(rejection)) => Ok(Fate::Refused(self.said(&rejection))),
            Err(ExecuteError::Broken(cause)) => Err(Problem::from(cause)),
        }
    }

    fn fires(&self, alert: &Alert) -> Result<Fate, ExecuteError> {
        let runtime = self.call.visit.app.runtime();
        let Some(service) = self.service(alert) else {
            let known = self.known(alert)?;
            return Ok(known.map_or_else(|| Fate::Refused(self.no_service(alert)), already));
        };
        let mut order = self.order(alert, Some(service));
        if let Some(Done { instance, .. }) = runtime.begun_by(&order)? {
            return Ok(already(instance));
        }
        if let Some(open) = self.in_work(alert)? {
            let since = Fields::from([(Name::from(SINCE), Value::Instant(alert.since))]);
            return Ok(match self.tell(open.id(), FIRES_AGAIN, alert, since) {
                Ok(done) => Fate::FiresAgain(done.instance),
                Err(ExecuteError::Rejected(Rejection::NotAwaited(_))) => Fate::AlreadyOpen(open),
                Err(cause) => return Err(cause),
            });
        }
        let same_group = self.in_group()?.into_iter().map(|number| Value::Ref(Name::from(number))).collect();
        order.values.insert(Name::from("same_group"), Value::List(same_group));
        Ok(match runtime.receive(order)? {
            Received::Begun(Done { instance, .. }) => Fate::Opened(instance),
            Received::Known(Done { instance, .. }) => already(instance),
        })
    }

    fn clears(&self, alert: &Alert, until: Option<Timestamp>) -> Result<Fate, ExecuteError> {
        let known = match self.known(alert)? {
            Some(known) => Some(known),
            None => self.open_with(FINGERPRINT, alert.fingerprint.clone())?.into_iter().next(),
        };
        let Some(known) = known else {
            return Ok(Fate::Ignored("api-alert-never-seen"));
        };
        if is_over(&known) {
            return Ok(Fate::Over(known));
        }
        // A late word of an earlier firing says nothing of this one.
        let fires_since = known.fields().get(&Name::from(SINCE));
        if let (Some(Value::Instant(since)), Some(until)) = (fires_since, until)
            && until < *since
        {
            return Ok(Fate::Ignored("api-alert-fires-again"));
        }
        match self.tell(known.id(), CLEARED, alert, Fields::new()) {
            Ok(Done { instance, .. }) if is_over(&instance) => Ok(Fate::Resolved(instance)),
            Ok(Done { instance, .. }) => Ok(Fate::Noted(instance)),
            Err(ExecuteError::Rejected(Rejection::NotAwaited(_))) => Ok(Fate::AlreadyCleared(known)),
            Err(ExecuteError::Rejected(Rejection::Ended)) => Ok(Fate::Over(known)),
            Err(cause) => Err(cause),
        }
    }

    fn tell(&self, id: InstanceId, message: &str, alert: &Alert, fields: Fields) -> Result<Done, ExecuteError> {
        let command = Command::Message { message: Name::from(message), text: alert.text(self.webhook), fields };
        let sender = Actor::Person(self.call.caller.person.clone());
        self.call.visit.app.runtime().execute(id, sender, command)
    }

    /// The incident that this firing has opened.
    fn known(&self, alert: &Alert) -> Result<Option<Arc<Instance>>, ExecuteError> {
        let known = self.call.visit.app.runtime().begun_by(&self.order(alert, None))?;
        Ok(known.map(|done| done.instance))
    }

    /// The newest incident of the fingerprint on which somebody still works, whichever firing has opened it.
    fn in_work(&self, alert: &Alert) -> Result<Option<Arc<Instance>>, ExecuteError> {
        let unresolved = |open: &Arc<Instance>| open.fields().get(&Name::from(RESOLVED_AT)).is_none_or(Value::is_empty);
        Ok(self.open_with(FINGERPRINT, alert.fingerprint.clone())?.into_iter().find(unresolved))
    }

    /// The open incidents of the alerts' group, newest first.
    fn in_group(&self) -> Result<Vec<String>, ExecuteError> {
        let Some(group) = self.webhook.group() else { return Ok(Vec::new()) };
        let open = self.open_with(GROUP, group)?;
        Ok(open.iter().map(|instance| instance.number().to_owned()).collect())
    }

    /// The newest open incidents whose field holds a text.
    fn open_with(&self, field: &str, text: String) -> Result<Vec<Arc<Instance>>, ExecuteError> {
        let runtime = self.call.visit.app.runtime();
        let (process, field, values) = (Name::from(PROCESS), Name::from(field), [Value::Text(text)]);
        let mut open = Vec::new();
        for (_, id) in runtime.store().found_in(Life::Open, &process, &field, &values, LOOKED_AT_MAX)? {
            open.extend(runtime.load(id)?.map(|loaded| loaded.instance).filter(|instance| !is_over(instance)));
        }
        Ok(open)
    }

    /// The message that a firing is.
    fn order(&self, alert: &Alert, service: Option<Name>) -> MessageOrder {
        let text = |text: &str| Value::Text(text.to_owned());
        let items = self.item(alert).into_iter().map(Value::Ref).collect();
        let values = [
            ("fingerprint", text(&alert.fingerprint)),
            ("started", text(&alert.since.to_rfc3339())),
            ("title", text(&alert.title())),
            ("severity", text(alert.label("severity").unwrap_or_default())),
            ("service", service.map_or(Value::Nothing, Value::Ref)),
            ("items", Value::List(items)),
            ("same_group", Value::List(Vec::new())),
            ("group", self.webhook.group().map_or(Value::Nothing, Value::Text)),
        ];
        MessageOrder {
            process: Name::from(PROCESS),
            message: Name::from(ALERT),
            by: self.call.caller.person.clone(),
            text: alert.text(self.webhook),
            values: values.into_iter().map(|(name, value)| (Name::from(name), value)).collect(),
        }
    }

    /// The service of an alert: its label names it, else its configuration item belongs to it, else the address says
    /// which it is.
    fn service(&self, alert: &Alert) -> Option<Name> {
        let of_item = || match self.directory.entry(ITEM, &self.item(alert)?)?.fields.get(&Name::from(SERVICE))? {
            Value::Ref(service) => Some(service.clone()),
            _ => None,
        };
        let labelled = alert.label("service").and_then(|said| self.meant(SERVICE, said));
        labelled.or_else(of_item).or_else(|| self.meant(SERVICE, self.default_service()?))
    }

    fn default_service(&self) -> Option<&str> {
        self.call.visit.asked.query.get("service")
    }

    /// The configuration item that a label names, with or without the port and the domain.
    fn item(&self, alert: &Alert) -> Option<Name> {
        ITEM_LABELS.iter().filter_map(|label| alert.label(label)).find_map(|said| {
            let host = said.rsplit_once(':').map_or(said, |(host, _)| host);
            let first = host.split('.').next().unwrap_or(host);
            [said, host, first].into_iter().find_map(|said| self.meant(ITEM, said))
        })
    }

    /// The entry of a register that a word means: by its key, else by what only one is called.
    fn meant(&self, register: &str, said: &str) -> Option<Name> {
        let key = Name::from(said);
        if self.directory.entry(register, &key).is_some() {
            return Some(key);
        }
        let said = said.to_lowercase();
        let is_called = |key: &Name, entry: &Entry| {
            [key.as_str(), &entry.labels.en, &entry.labels.zh].iter().any(|name| name.to_lowercase() == said)
        };
        let mut called = self.directory.entries(register).filter(|(key, entry)| is_called(key, entry));
        match (called.next(), called.next()) {
            (Some((key, _)), None) => Some(key.clone()),
            _ => None,
        }
    }

    fn no_service(&self, alert: &Alert) -> String {
        match (alert.label("service"), self.default_service()) {
            (_, Some(other)) => self.call.visit.say_with("api-alert-default-unknown", &[("service", other.into())]),
            (Some(said), None) => self.call.visit.say_with("api-alert-service-unknown", &[("service", said.into())]),
            (None, None) => self.call.visit.say("api-alert-no-service"),
        }
    }

    fn said(&self, rejection: &Rejection) -> String {
        let said = misfit::refused(self.call.visit, rejection);
        let Rejection::BadFields(wrong) = rejection else { return said };
        let wrong = wrong.iter().map(|(field, why)| format!("{field}: {}", misfit::said(self.call.visit, why)));
        format!("{said} {}", wrong.collect::<Vec<_>>().join("; "))
    }

    /// What the answer says of an alert.
    fn line(&self, alert: Option<&Alert>, fate: Fate) -> Json {
        let say = |key: &str| Some(self.call.visit.say(key));
        let (outcome, record, message) = match fate {
            Fate::Opened(instance) => ("opened", Some(instance), None),
            Fate::AlreadyOpen(instance) => ("already_open", Some(instance), None),
            Fate::FiresAgain(instance) => ("fires_again", Some(instance), say("api-alert-told-again")),
            Fate::Resolved(instance) => ("resolved", Some(instance), None),
            Fate::Noted(instance) => ("noted", Some(instance), say("api-alert-noted")),
            Fate::AlreadyCleared(instance) => ("already_cleared", Some(instance), None),
            Fate::Over(instance) => ("over", Some(instance), say("api-alert-over")),
            Fate::Ignored(why) => ("ignored", None, say(why)),
            Fate::Refused(why) => ("refused", None, Some(why)),
            Fate::Later => ("later", None, say("api-busy")),
        };
        let fingerprint = alert.map(|alert| alert.fingerprint.as_str());
        if let ("refused", Some(why)) = (outcome, &message) {
            tracing::warn!(fingerprint, why, "an alert was refused");
        }
        json!({
            "fingerprint": fingerprint,
            "alert": alert.and_then(|alert| alert.label("alertname")),
            "outcome": outcome,
            "record": record.map(|instance| instance.number().to_owned()),
            "message": message,
        })
    }
}

/// What becomes of a firing whose incident is there.
fn already(instance: Arc<Instance>) -> Fate {
    if is_over(&instance) { Fate::Over(instance) } else { Fate::AlreadyOpen(instance) }
}

fn is_over(instance: &Instance) -> bool {
    match instance.status() {
        Status::Ended { .. } => true,
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => false,
    }
}
