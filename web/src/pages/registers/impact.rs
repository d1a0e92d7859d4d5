//! What hangs on an entry, as a picture and as a list with the way to each, and what that touches: services, agreements,
//! and the records that are open.

use std::collections::{BTreeMap, BTreeSet};

use engine::ids::Name;
use engine::relations::Reach;
use serde::Serialize;
use store::Life;

use super::said::{self, Linked};
use super::{change, entry, layers};
use crate::answer::{Answer, Refusal};
use crate::impact::{AGREEMENT, Impact};
use crate::pages::requests::Row;
use crate::visit::Visit;

/// How many entries of each list stand on a page.
const PAGE: usize = 100;
/// The most services and agreements that are shown.
const TOUCHED_MAX: usize = 200;
/// For so many of the nearest entries, records that name them are looked for.
const NAMED_MAX: usize = 1_000;

#[derive(Debug, Serialize)]
struct View {
    register_label: String,
    list: String,
    place: String,
    label: String,
    picture: Option<String>,
    services: Vec<Linked>,
    agreements: Vec<Linked>,
    records: Vec<Group>,
    hit: Side,
    rests: Side,
    previous: Option<String>,
    next: Option<String>,
}

/// The open records of a process.
#[derive(Debug, Serialize)]
struct Group {
    process: String,
    rows: Vec<Row>,
}

/// One of the two lists.
#[derive(Debug, Serialize)]
struct Side {
    count: usize,
    rows: Vec<ReachView>,
}

#[derive(Debug, Serialize)]
struct ReachView {
    name: Linked,
    register: String,
    depth: u32,
    way: Vec<Hop>,
}

/// A relation on the way to an entry, and where it leads.
#[derive(Debug, Serialize)]
struct Hop {
    relation: String,
    name: Linked,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (register, key, _) = change::held(visit)?;
    let impact = Impact::of(&visit.directory, &key);
    let list = format!("/registers/{}", register.name);
    let place = format!("{list}/{key}");
    let last = impact.hit.len().max(impact.rests.len()).div_ceil(PAGE).max(1);
    let page = visit.asked.query.get("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).clamp(1, last);
    let label = visit.names().entry(register.name.as_str(), &key);
    let entries = |register: &str, keys: &mut dyn Iterator<Item = &Name>| -> Vec<Linked> {
        keys.take(TOUCHED_MAX).map(|key| said::entry(visit, register, key)).collect()
    };
    let view = View {
        register_label: visit.language.of(&register.labels).to_owned(),
        picture: (page == 1 && !(impact.hit.is_empty() && impact.rests.is_empty()))
            .then(|| layers::drawn(visit, register, &key, &impact)),
        services: entries(engine::directory::SERVICE, &mut impact.services.iter()),
        agreements: entries(AGREEMENT, &mut impact.agreements.iter()),
        records: records(visit, &key, &impact)?,
        hit: side(visit, &impact.hit, page),
        rests: side(visit, &impact.rests, page),
        previous: (page > 1).then(|| format!("?page={}", page - 1)),
        next: (page < last).then(|| format!("?page={}", page + 1)),
        list,
        place,
        label: label.clone(),
    };
    let title = visit.say_with("impact-title", &[("name", label.into())]);
    visit.page("register_impact", title, &view)
}

fn side(visit: &Visit<'_>, reached: &[Reach], page: usize) -> Side {
    let by_key: BTreeMap<&Name, &Reach> = reached.iter().map(|reach| (&reach.key, reach)).collect();
    let shown = reached.iter().skip((page - 1) * PAGE).take(PAGE).map(|reach| ReachView {
        name: linked(visit, reach),
        register: register_label(visit, reach),
        depth: reach.depth,
        way: way(visit, &by_key, reach),
    });
    Side { count: reached.len(), rows: shown.collect() }
}

fn linked(visit: &Visit<'_>, reach: &Reach) -> Linked {
    said::entry(visit, said::register_beyond(visit, &reach.edge), &reach.key)
}

fn register_label(visit: &Visit<'_>, reach: &Reach) -> String {
    let register = said::register_beyond(visit, &reach.edge);
    let declared = visit.directory.declared(register);
    declared.map_or_else(|| register.to_owned(), |declared| visit.language.of(&declared.labels).to_owned())
}

/// The relations that lead to an entry, from the one that the page is about.
fn way(visit: &Visit<'_>, by_key: &BTreeMap<&Name, &Reach>, to: &Reach) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut at = Some(to);
    while let Some(reach) = at {
        hops.push(Hop { relation: said::relation_label(visit, &reach.edge), name: linked(visit, reach) });
        at = by_key.get(&reach.from).copied();
    }
    hops.reverse();
    hops
}

/// The open records that name the entry or what its fault reaches, by process.
fn records(visit: &Visit<'_>, start: &Name, impact: &Impact) -> Result<Vec<Group>, Refusal> {
    let mut by_register: BTreeMap<&Name, Vec<Name>> = BTreeMap::new();
    let nearest = impact.hit.iter().map(|reach| &reach.key).take(NAMED_MAX);
    for key in std::iter::once(start).chain(nearest).chain(&impact.services) {
        if let Some(register) = visit.directory.register_of(key) {
            by_register.entry(register).or_default().push(key.clone());
        }
    }
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (register, mut keys) in by_register {
        keys.sort();
        keys.dedup();
        let Some(register) = visit.directory.declared(register.as_str()) else { continue };
        for row in entry::naming(visit, register, &keys, Life::Open)? {
            if seen.insert(row.number().to_owned()) {
                groups.entry(row.process().to_owned()).or_default().push(row);
            }
        }
    }
    Ok(groups.into_iter().map(|(process, rows)| Group { process, rows }).collect())
}
