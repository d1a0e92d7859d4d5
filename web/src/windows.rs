//! When something is planned to happen: the windows of records that are not over, and the freezes. A process takes part where
//! its record declares two instants that are called `window_start` and `window_end`: that is all that makes a window, so any
//! process may have one. What is touched are the configuration items that any field names, and the services.
//!
//! They are found by the list of open records of each such process, newest first, at most [`RECORDS_MAX`] of each, which
//! costs a read of as many states. The calendar says so where there are more.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Definition, Field};
use engine::directory::{Directory, Entry, SERVICE};
use engine::ids::Name;
use engine::time::Timestamp;
use engine::value::{FieldType, Value};
use store::{CASES_PAGE_MAX, CaseFilter, CaseQuery};

use crate::answer::Refusal;
use crate::chain::Extent;
use crate::chain::ties::named;
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// Within how many relations another change is too near: as the packaged process of changes judges it.
const NEAR: usize = 2;
/// The most ways by which another change is too near that are said.
const WAYS_MAX: usize = 3;
/// The field with the beginning of a window.
pub const START: &str = "window_start";
/// The field with its end.
pub const END: &str = "window_end";
/// The register of configuration items.
const ITEM: &str = "configuration_item";
/// The register of freezes, with the instants between which nothing is changed, and the services for which that holds.
const FREEZE: &str = "freeze_window";
const FREEZE_STARTS: &str = "starts";
const FREEZE_ENDS: &str = "ends";
const FREEZE_SERVICES: &str = "services";
/// The most open records of a process that are looked at.
pub const RECORDS_MAX: usize = 500;

/// A span of time, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// When it begins.
    pub from: Timestamp,
    /// When it is over.
    pub until: Timestamp,
}

impl Stretch {
    /// Whether two spans have an instant in common.
    pub fn meets(self, other: Stretch) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// A record with its window.
pub struct Window {
    /// The record.
    pub reached: Reached,
    /// When it is to happen.
    pub stretch: Stretch,
    /// The configuration items that it touches.
    pub items: BTreeSet<Name>,
    /// The services that it touches.
    pub services: BTreeSet<Name>,
}

/// The items that lie within [`NEAR`] relations of some, in either direction, each with the way to it: the last of a way is
/// the item itself.
pub fn near(directory: &Directory, items: &BTreeSet<Name>) -> BTreeMap<Name, Vec<Name>> {
    let mut ways: BTreeMap<Name, Vec<Name>> = items.iter().map(|item| (item.clone(), vec![item.clone()])).collect();
    let mut outermost: Vec<Name> = items.iter().cloned().collect();
    for _ in 0..NEAR {
        let mut next = Vec::new();
        for from in outermost {
            let way = ways.get(&from).cloned().unwrap_or_default();
            for other in directory.related(&from).filter(|other| directory.entry(ITEM, other).is_some()) {
                if !ways.contains_key(other) {
                    ways.insert(other.clone(), way.iter().cloned().chain([other.clone()]).collect());
                    next.push(other.clone());
                }
            }
        }
        outermost = next;
    }
    ways
}

/// The ways from what is near to items; where some are the same, what else is near matters no more.
pub fn ways<'n>(near: &'n BTreeMap<Name, Vec<Name>>, items: &BTreeSet<Name>) -> Vec<&'n Vec<Name>> {
    let mut ways: Vec<&Vec<Name>> = items.iter().filter_map(|item| near.get(item)).collect();
    ways.sort_by_key(|way| way.len());
    let same = ways.iter().take_while(|way| way.len() == 1).count();
    ways.truncate(if same > 0 { same } else { WAYS_MAX });
    ways
}

/// A time in which nothing is changed.
pub struct Freeze {
    /// The entry.
    pub key: Name,
    /// When.
    pub stretch: Stretch,
    /// For which services; for all where none is named.
    pub services: BTreeSet<Name>,
}

impl Freeze {
    /// Whether a window lies in it, at least in part.
    pub fn holds(&self, window: &Window) -> bool {
        let concerns = self.services.is_empty() || !self.services.is_disjoint(&window.services);
        concerns && self.stretch.meets(window.stretch)
    }
}

/// The windows of the open records that the visitor may see, from the earliest on, and whether those are all.
///
/// # Errors
/// The store failed.
pub fn windows(visit: &Visit<'_>) -> Result<(Vec<Window>, Extent), Refusal> {
    let (mut found, mut extent) = (Vec::new(), Extent::Whole);
    for version in visit.app.store().current_versions()? {
        if !has_window(&*visit.app.runtime().definition(&version.id)?) {
            continue;
        }
        let mut query = CaseQuery {
            process: Some(version.process.clone()),
            status: CaseFilter::Open,
            limit: CASES_PAGE_MAX,
            ..CaseQuery::default()
        };
        let mut looked_at = 0;
        loop {
            let page = visit.app.store().cases(&query)?;
            let (last, is_last) = (page.last().map(|case| case.instance), page.len() < CASES_PAGE_MAX);
            looked_at += page.len();
            for case in page {
                match reach::by_id(visit, case.instance) {
                    Ok(reached) => found.extend(window(visit, reached)),
                    Err(Refusal::NotFound) => {}
                    Err(cause) => return Err(cause),
                }
            }
            if is_last {
                break;
            }
            if looked_at >= RECORDS_MAX {
                extent = Extent::Cut;
                break;
            }
            query.before = last;
        }
    }
    found.sort_by(|a, b| {
        (a.stretch, a.reached.loaded.instance.number()).cmp(&(b.stretch, b.reached.loaded.instance.number()))
    });
    Ok((found, extent))
}

fn has_window(definition: &Definition) -> bool {
    let is_instant = |name: &str| definition.field(&Name::from(name)).is_some_and(|f| f.holds == FieldType::Instant);
    is_instant(START) && is_instant(END)
}

/// The window of a record; nothing of one that has none yet, or that the visitor may not see.
fn window(visit: &Visit<'_>, reached: Reached) -> Option<Window> {
    let fields = &reached.definition.parts().fields;
    let shown: Vec<&Field> = fields.iter().filter(|field| reached.shows(visit, field)).collect();
    let held = |field: &Field| reached.loaded.instance.fields().get(&field.name);
    let instant = |name: &str| match shown.iter().find(|field| field.name == *name).and_then(|field| held(field))? {
        Value::Instant(at) => Some(*at),
        _ => None,
    };
    let stretch = Stretch { from: instant(START)?, until: instant(END)? };
    let (items, services) = (items(visit, &reached), touched(visit, &reached, SERVICE));
    Some(Window { stretch, items, services, reached })
}

/// The configuration items that a record names, as far as the visitor sees it.
pub fn items(visit: &Visit<'_>, reached: &Reached) -> BTreeSet<Name> {
    touched(visit, reached, ITEM)
}

/// The entries of a register that a record names, as far as the visitor sees it.
fn touched(visit: &Visit<'_>, reached: &Reached, register: &str) -> BTreeSet<Name> {
    let mut touched = BTreeSet::new();
    for field in reached.definition.parts().fields.iter().filter(|field| reached.shows(visit, field)) {
        if let Some(value) = reached.loaded.instance.fields().get(&field.name) {
            named(&field.holds, value, &mut touched);
        }
    }
    touched.into_iter().filter(|(held, _)| **held == *register).map(|(_, key)| key.clone()).collect()
}

/// The freezes, from the earliest on.
pub fn freezes(visit: &Visit<'_>) -> Vec<Freeze> {
    let held = |(key, entry): (&Name, &Entry)| {
        let stretch = freeze(entry)?;
        let named = entry.fields.get(FREEZE_SERVICES).into_iter().flat_map(engine::records::each);
        let services = named.filter_map(|value| match value {
            Value::Ref(service) => Some(service.clone()),
            _ => None,
        });
        Some(Freeze { key: key.clone(), stretch, services: services.collect() })
    };
    let mut found: Vec<Freeze> = visit.directory.entries(FREEZE).filter_map(held).collect();
    found.sort_by(|a, b| (a.stretch, &a.key).cmp(&(b.stretch, &b.key)));
    found
}

/// When an entry of the register of freezes lets nothing be changed; nothing of another entry.
pub fn freeze(entry: &Entry) -> Option<Stretch> {
    let instant = |name: &str| match entry.fields.get(name)? {
        Value::Instant(at) => Some(*at),
        _ => None,
    };
    Some(Stretch { from: instant(FREEZE_STARTS)?, until: instant(FREEZE_ENDS)? })
}

/// What a freeze is called.
pub fn freeze_named(visit: &Visit<'_>, freeze: &Freeze) -> String {
    visit.names().entry(FREEZE, &freeze.key)
}

/// A way from item to item, by their names.
pub fn way_named(visit: &Visit<'_>, way: &[Name]) -> String {
    way.iter().map(|key| visit.names().entry(ITEM, key)).collect::<Vec<_>>().join(" → ")
}

/// Services by their names, in one line.
pub fn services_named<'n>(visit: &Visit<'_>, services: impl Iterator<Item = &'n Name>) -> String {
    joined(visit, SERVICE, services)
}

fn joined<'n>(visit: &Visit<'_>, register: &str, keys: impl Iterator<Item = &'n Name>) -> String {
    keys.map(|key| visit.names().entry(register, key)).collect::<Vec<_>>().join(&visit.say("list-comma"))
}
