//! The portal: what waits for oneself, what can be asked for, the way to report a problem, other work that one may begin,
//! what one has asked for.

use std::collections::BTreeMap;

use engine::definition::Definition;
use engine::directory::{CALENDAR, SERVICE, TEAM};
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::words::{self, Term};
use serde::Serialize;
use store::{CaseFilter, CaseQuery, InboxView};

use crate::ahead::{Ahead, ahead};
use crate::answer::{Answer, Refusal};
use crate::catalogue::{self, Catalogue, Forms};
use crate::pages::{inbox, report, requests};
use crate::pairs::encoded;
use crate::sla::{self, Urgency};
use crate::visit::Visit;

/// How many requests and tasks are shown; the rest is a page further.
const SHOWN: usize = 5;
/// How many things that can be asked for are shown; a search shows others.
const ITEMS_MAX: usize = 60;

#[derive(Debug, Serialize)]
struct View {
    waiting: Vec<Waiting>,
    has_catalogue: bool,
    find: String,
    shelves: Vec<ShelfView>,
    shown: usize,
    more: bool,
    services: Vec<Service>,
    /// What else may be begun.
    others: Vec<FormView>,
    requests: Vec<requests::Row>,
}

/// Things to ask for that belong together.
#[derive(Debug, Serialize)]
struct ShelfView {
    label: String,
    items: Vec<ItemView>,
}

/// Something to ask for.
#[derive(Debug, Serialize)]
struct ItemView {
    label: String,
    to: String,
    description: String,
    ahead: Ahead,
}

/// The form that begins a record of a process.
#[derive(Debug, Serialize)]
struct FormView {
    label: String,
    to: String,
}

/// A task of one's own request, or any of somebody who has no inbox.
#[derive(Debug, Serialize)]
pub struct Waiting {
    task: String,
    number: String,
    title: String,
    step: String,
    urgency: Urgency,
    provisional: bool,
}

#[derive(Debug, Serialize)]
struct Service {
    key: String,
    label: String,
    team: Option<String>,
    hours: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let names = visit.names();
    let service = |(key, entry): (&Name, &engine::directory::Entry)| {
        let named = |attribute: &str, register: &str| match entry.fields.get(attribute) {
            Some(Value::Ref(key)) => Some(names.entry(register, key)),
            _ => None,
        };
        Service {
            key: key.to_string(),
            label: names.entry(SERVICE, key),
            team: named("support_team", TEAM),
            hours: named("calendar", CALENDAR),
        }
    };
    let query = CaseQuery {
        requester: Some(visit.person()?.clone()),
        status: CaseFilter::Open,
        limit: SHOWN,
        ..CaseQuery::default()
    };
    let Forms { catalogues, others } = catalogue::forms(visit)?;
    let form = |definition: &Definition| {
        let parts = definition.parts();
        let to = format!("/portal/report?process={}", encoded(parts.name.as_str()));
        FormView { label: visit.language.of(&parts.labels).to_owned(), to }
    };
    // What is reported has its own way at the top of the page.
    let others = others.iter().filter(|one| one.parts().name != *report::PROCESS).map(|one| form(one)).collect();
    let find = visit.asked.query.get("find").unwrap_or_default();
    let (shelves, shown, more) = shelves(visit, &catalogues, &words::terms(find));
    let view = View {
        waiting: waiting(visit)?,
        has_catalogue: catalogues.iter().any(|one| visit.directory.entries(one.register.as_str()).next().is_some()),
        find: find.to_owned(),
        shelves,
        shown,
        more,
        others,
        services: visit.directory.entries(SERVICE).map(service).collect(),
        requests: requests::rows(visit, &query)?,
    };
    visit.page("portal", visit.say("portal-title"), &view)
}

/// What waits for the visitor as who asked for it; for whoever has no inbox, all else that waits as well: what
/// a manager approves, what somebody signs for the business.
///
/// # Errors
/// The store failed.
pub fn waiting(visit: &Visit<'_>) -> Result<Vec<Waiting>, Refusal> {
    let names = visit.names();
    let own = inbox::rows(visit, InboxView::Mine, store::INBOX_PAGE_MAX)?
        .into_iter()
        .filter(|row| !visit.is_staff() || Some(&row.requester) == visit.person().ok());
    let waiting = own.map(|row| {
        let definition = visit.app.runtime().definition(&row.definition)?;
        let provisional = inbox::is_provisional(visit, &row)?;
        Ok(Waiting {
            task: format!("{}-{}", row.instance, row.task.0),
            number: row.number,
            title: row.title,
            step: names.step(&definition, &row.step),
            urgency: sla::until(visit, row.due),
            provisional,
        })
    });
    waiting.collect()
}

/// What can be asked for, on shelves by what it belongs to; how much is shown, and whether there is more.
fn shelves(visit: &Visit<'_>, catalogues: &[Catalogue], terms: &[Term]) -> (Vec<ShelfView>, usize, bool) {
    let lookup = visit.app.lookup(&visit.directory);
    let names = visit.names();
    let mut shelves: BTreeMap<String, Vec<ItemView>> = BTreeMap::new();
    let (mut shown, mut more) = (0, false);
    for catalogue in catalogues {
        let register = catalogue.register.as_str();
        let keys: Vec<&Name> = match terms.is_empty() {
            true => visit.directory.entries(register).map(|(key, _)| key).collect(),
            false => lookup.found(register, terms),
        };
        for key in keys {
            let Some(entry) = visit.directory.entry(register, key) else { continue };
            if shown == ITEMS_MAX {
                more = true;
                break;
            }
            shown += 1;
            let asked = Fields::from([(catalogue.field.clone(), Value::Ref(key.clone()))]);
            let process = || visit.language.of(&catalogue.definition.parts().labels).to_owned();
            let shelf = catalogue::heading(visit, &catalogue.register, entry).unwrap_or_else(process);
            shelves.entry(shelf).or_default().push(ItemView {
                label: names.entry(register, key),
                to: catalogue.way_to_ask(key),
                description: catalogue::description(visit, &catalogue.register, entry),
                ahead: ahead(visit, &catalogue.definition, &asked),
            });
        }
    }
    let shelves = shelves.into_iter().map(|(label, mut items)| {
        items.sort_by(|one, other| one.label.cmp(&other.label));
        ShelfView { label, items }
    });
    (shelves.collect(), shown, more)
}
