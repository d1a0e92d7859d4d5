//! The audit trail of the installation, in words, newest first; all of it, or what one looks for.

use engine::directory::PERSON;
use engine::ids::Name;
use engine::time::Timestamp;
use jiff::civil::Date;
use runtime::words::terms;
use serde::Serialize;
use store::{AuditArea, AuditFilter, AuditRow, AuditWhat, FourEyes};

use crate::answer::{Answer, Refusal};
use crate::moment::Moment;
use crate::pages::admin::definitions::process_label;
use crate::pages::registers::{Linked, entry, entry_link};
use crate::pairs::{Pairs, encoded};
use crate::visit::Visit;

/// How many entries stand on a page.
const PAGE: usize = 100;
/// What can be looked for: as the address says it, and as people do.
const AREAS: [(AuditArea, &str, &str); 6] = [
    (AuditArea::SignIn, "sign-in", "audit-area-sign-in"),
    (AuditArea::People, "people", "audit-area-people"),
    (AuditArea::Registers, "registers", "audit-area-registers"),
    (AuditArea::Processes, "processes", "audit-area-processes"),
    (AuditArea::Keeping, "keeping", "audit-area-keeping"),
    (AuditArea::Notes, "notes", "audit-area-notes"),
];

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
    next: Option<String>,
    areas: Vec<AreaView>,
    registers: Vec<AreaView>,
    who: String,
    from: String,
    until: String,
    is_filtered: bool,
}

#[derive(Debug, Serialize)]
struct AreaView {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    sequence: i64,
    at: Moment,
    who: String,
    text: String,
    /// Where more stands about it.
    link: Option<Linked>,
    quote: Option<String>,
    /// What was changed of an entry.
    change: Option<entry::RevisionView>,
    grave: bool,
    hash: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let text = |key: &str| asked.get(key).map(str::trim).unwrap_or_default().to_owned();
    let filter = filter(visit, asked);
    let entries = visit.app.store().audit_entries(&filter, PAGE)?;
    let kept =
        ["area", "register", "who", "from", "until"].map(|key| format!("&{key}={}", encoded(&text(key)))).concat();
    let last = entries.last().filter(|_| entries.len() == PAGE);
    let chosen = text("area");
    let area = |(_, value, key): (AuditArea, &'static str, &str)| AreaView {
        value: value.to_owned(),
        label: visit.say(key),
        chosen: value == chosen,
    };
    let register = text("register");
    let one = |name: &Name| AreaView {
        value: name.to_string(),
        label: register_name(visit, name.as_str()),
        chosen: *name == *register,
    };
    let view = View {
        next: last.map(|last| format!("?before={}{kept}", last.sequence)),
        rows: entries.into_iter().map(|row| shown(visit, row)).collect::<Result<_, _>>()?,
        areas: AREAS.map(area).into(),
        registers: visit.directory.all_declared().map(|declared| one(&declared.name)).collect(),
        who: text("who"),
        from: text("from"),
        until: text("until"),
        is_filtered: filter != AuditFilter { before: filter.before, ..AuditFilter::default() },
    };
    visit.page("audit", visit.say("audit-title"), &view)
}

fn filter(visit: &Visit<'_>, asked: &Pairs) -> AuditFilter {
    let day = |key: &str| asked.get(key).and_then(|text| text.trim().parse::<Date>().ok());
    let who = terms(asked.get("who").unwrap_or_default());
    let lookup = visit.app.lookup(&visit.directory);
    AuditFilter {
        before: asked.get("before").and_then(|text| text.parse().ok()),
        area: AREAS.iter().find(|(_, value, _)| asked.get("area") == Some(*value)).map(|(area, ..)| *area),
        actors: (!who.is_empty()).then(|| lookup.found(PERSON, &who).into_iter().cloned().collect()),
        register: asked.get("register").filter(|name| !name.is_empty()).map(Name::from),
        from: day("from").map(|day| visit.times().midnight(day)),
        until: day("until").and_then(|day| day.tomorrow().ok()).map(|day| visit.times().midnight(day)),
    }
}

fn shown(visit: &Visit<'_>, row: AuditRow) -> Result<Row, Refusal> {
    let (text, quote) = said(visit, &row.entry.what)?;
    let change = match &row.entry.what {
        AuditWhat::EntryPut { register, key } => {
            entry::change_at(visit, register, key, (row.entry.at, row.entry.actor.as_ref()))?
        }
        _ => None,
    };
    Ok(Row {
        sequence: row.sequence,
        at: visit.moment(row.entry.at),
        who: match (&row.entry.actor, &row.entry.what) {
            (Some(who), _) => visit.names().person(who),
            (None, AuditWhat::SignInRefused { .. } | AuditWhat::SignInPutOff { .. }) => visit.say("who-unknown"),
            (None, _) => visit.say("who-system"),
        },
        text,
        link: link(visit, &row.entry.what, row.entry.at),
        quote,
        change,
        grave: matches!(row.entry.what, AuditWhat::SignInRefused { .. }),
        hash: hex::encode(&row.hash[..6]),
    })
}

/// Where more stands about what happened.
fn link(visit: &Visit<'_>, what: &AuditWhat, at: Timestamp) -> Option<Linked> {
    let to = |text: String, to: String| Some(Linked { text, to: Some(to) });
    match what {
        AuditWhat::EntryPut { register, key } => {
            let place = entry_link(visit, register, key)?;
            to(visit.say("audit-entry-history"), place)
        }
        AuditWhat::EntriesPut { register, .. } => {
            visit.directory.declared(register)?;
            to(visit.say("audit-entries-list"), format!("/registers/{register}/-/changes/{}", at.0))
        }
        AuditWhat::Deployed { process, version, .. } => {
            to(visit.say("audit-version"), format!("/admin/definitions/{process}/{version}"))
        }
        AuditWhat::EffectGivenUp { number, .. } => to(number.clone(), format!("/records/{number}")),
        _ => None,
    }
}

fn said(visit: &Visit<'_>, what: &AuditWhat) -> Result<(String, Option<String>), Refusal> {
    let names = visit.names();
    Ok(match what {
        AuditWhat::SignedIn { from } => (visit.say_with("audit-signed-in", &[("from", from.as_str().into())]), None),
        AuditWhat::SignInRefused { sign_in, from } => {
            let said = [("name", sign_in.as_str().into()), ("from", from.as_str().into())];
            (visit.say_with("audit-sign-in-refused", &said), None)
        }
        AuditWhat::SignInPutOff { sign_in, from } => {
            let said = [("name", sign_in.as_str().into()), ("from", from.as_str().into())];
            (visit.say_with("audit-sign-in-put-off", &said), None)
        }
        AuditWhat::SignedOut => (visit.say("audit-signed-out"), None),
        AuditWhat::PasswordSet { person } => (of_person(visit, "audit-password-set", person), None),
        AuditWhat::PersonPut { person } => (of_person(visit, "audit-person-put", person), None),
        AuditWhat::PersonErased { person, reason } => {
            (visit.say_with("audit-person-erased", &[("person", person.as_str().into())]), Some(reason.clone()))
        }
        AuditWhat::StandingChanged { person, given, taken, reason } => {
            let list = |principals: &[String]| match principals {
                [] => visit.say("list-none"),
                some => {
                    some.iter().map(|text| principal(visit, text)).collect::<Vec<_>>().join(&visit.say("list-comma"))
                }
            };
            let said =
                [("person", names.person(person).into()), ("given", list(given).into()), ("taken", list(taken).into())];
            (visit.say_with("audit-standing-changed", &said), Some(reason.clone()))
        }
        AuditWhat::EntryPut { register, key } => {
            let said =
                [("register", register_name(visit, register).into()), ("key", names.entry(register, key).into())];
            (visit.say_with("audit-entry-put", &said), None)
        }
        AuditWhat::EntriesPut { register, entries, sha256: _, reason } => {
            let said = [("register", register_name(visit, register).into()), ("count", i64::from(*entries).into())];
            (visit.say_with("audit-entries-put", &said), Some(reason.clone()))
        }
        AuditWhat::RegisterDeployed { register, version, source: _, author, approver, reason } => {
            let said = [
                ("register", register_name(visit, register.as_str()).into()),
                ("version", i64::from(*version).into()),
                ("author", names.person(author).into()),
                ("approver", names.person(approver).into()),
            ];
            (visit.say_with("audit-register-deployed", &said), Some(reason.clone()))
        }
        AuditWhat::Deployed { process, version, definition: _, author, approver, reason, change } => {
            let said = [
                ("process", process_label(visit, process)?.into()),
                ("version", i64::from(*version).into()),
                ("author", names.person(author).into()),
                ("approver", names.person(approver).into()),
                ("change", change.clone().unwrap_or_else(|| visit.say("list-none")).into()),
            ];
            (visit.say_with("audit-deployed", &said), Some(reason.clone()))
        }
        AuditWhat::FourEyesSet { to: FourEyes::On } => (visit.say("audit-four-eyes-on"), None),
        AuditWhat::FourEyesSet { to: FourEyes::Off } => (visit.say("audit-four-eyes-off"), None),
        AuditWhat::RecordsRemoved { records } => {
            let numbers: Vec<&str> = records.iter().map(|record| record.number.as_str()).collect();
            let said = [("numbers", numbers.join(&visit.say("list-comma")).into())];
            (visit.say_with("audit-records-removed", &said), None)
        }
        AuditWhat::HoldPlaced { hold, records, reason } => {
            let records = i64::try_from(*records).unwrap_or(i64::MAX);
            let said = [("hold", hold.0.into()), ("records", records.into())];
            (visit.say_with("audit-hold-placed", &said), Some(reason.clone()))
        }
        AuditWhat::HoldReleased { hold, reason } => {
            (visit.say_with("audit-hold-released", &[("hold", hold.0.into())]), Some(reason.clone()))
        }
        AuditWhat::KeepSet { months: Some(months) } => {
            (visit.say_with("audit-keep-months", &[("months", i64::from(*months).into())]), None)
        }
        AuditWhat::KeepSet { months: None } => (visit.say("audit-keep-for-ever"), None),
        AuditWhat::TokenMade { token: _, person, label, expires_at } => {
            let said = [
                ("label", label.as_str().into()),
                ("person", names.person(person).into()),
                ("until", visit.moment(*expires_at).text.into()),
            ];
            (visit.say_with("audit-token-made", &said), None)
        }
        AuditWhat::TokenRevoked { token: _, person, label } => {
            let said = [("label", label.as_str().into()), ("person", names.person(person).into())];
            (visit.say_with("audit-token-revoked", &said), None)
        }
        AuditWhat::EffectGivenUp { number, kind, reason } => {
            let said = [("number", number.as_str().into()), ("kind", kind.as_str().into())];
            (visit.say_with("audit-effect-given-up", &said), Some(reason.clone()))
        }
        AuditWhat::Noted { kind, text } => {
            (visit.say_with("audit-noted", &[("kind", kind.as_str().into())]), Some(text.clone()))
        }
    })
}

fn of_person(visit: &Visit<'_>, key: &str, person: &Name) -> String {
    visit.say_with(key, &[("person", visit.names().person(person).into())])
}

/// `role:x` and `team:x`, as people call them.
fn principal(visit: &Visit<'_>, text: &str) -> String {
    match text.split_once(':') {
        Some(("role", role)) => visit.names().role(&Name::from(role)),
        Some(("team", team)) => visit.names().entry(engine::directory::TEAM, &Name::from(team)),
        Some(_) | None => text.to_owned(),
    }
}

/// What a register is called: as it is declared, from our own words, else its name.
pub fn register_name(visit: &Visit<'_>, register: &str) -> String {
    if let Some(declared) = visit.directory.declared(register) {
        return visit.language.of(&declared.labels).to_owned();
    }
    let key = format!("register-{}", register.replace('_', "-"));
    if visit.words().has(&key) { visit.say(&key) } else { register.replace('_', " ") }
}
