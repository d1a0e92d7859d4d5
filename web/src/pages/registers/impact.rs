//! What hangs on an entry, as a picture and as a list with the way to each, and what that touches: services, agreements,
//! and the records that are open.

use std::collections::BTreeMap;

use engine::directory::SERVICE;
use engine::ids::Name;
use engine::relations::Reach;
use engine::value::Value;
use serde::Serialize;
use store::Life;

use super::entry::{self, NamingView};
use super::said::{self, Linked};
use super::{change, layers};
use crate::answer::{Answer, Refusal};
use crate::impact::{AGREEMENT, Impact};
use crate::visit::Visit;

/// How many entries of each list stand on a page.
const PAGE: usize = 50;
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
    services: Touched,
    agreements: Touched,
    records: Vec<NamingView>,
    records_cut: Option<String>,
    hit: Side,
    rests: Side,
    previous: Option<String>,
    next: Option<String>,
}

/// Services or agreements that a fault touches.
#[derive(Debug, Serialize)]
struct Touched {
    entries: Vec<Linked>,
    more: usize,
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
    let entries = |register: &str, keys: Vec<&Name>| Touched {
        more: keys.len().saturating_sub(TOUCHED_MAX),
        entries: keys.into_iter().take(TOUCHED_MAX).map(|key| said::entry(visit, register, key)).collect(),
    };
    let view = View {
        register_label: visit.language.of(&register.labels).to_owned(),
        picture: (page == 1 && !(impact.hit.is_empty() && impact.rests.is_empty()))
            .then(|| layers::drawn(visit, register, &key, &impact)),
        services: entries(SERVICE, impact.services.iter().copied().collect()),
        agreements: entries(AGREEMENT, impact.agreements.clone()),
        records: records(visit, (&register.name, &key), &impact)?,
        records_cut: (impact.hit.len() > NAMED_MAX).then(|| {
            visit.say_with("impact-records-cut", &[("count", i64::try_from(NAMED_MAX).unwrap_or(i64::MAX).into())])
        }),
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

fn side(visit: &Visit<'_>, reached: &[Reach<'_>], page: usize) -> Side {
    let shown = reached.iter().skip((page - 1) * PAGE).take(PAGE).map(|reach| ReachView {
        name: linked(visit, reach),
        register: register_label(visit, reach),
        depth: reach.depth,
        way: way(visit, reached, reach),
    });
    Side { count: reached.len(), rows: shown.collect() }
}

fn linked(visit: &Visit<'_>, reach: &Reach<'_>) -> Linked {
    said::entry(visit, said::register_beyond(visit, reach.edge), reach.key())
}

fn register_label(visit: &Visit<'_>, reach: &Reach<'_>) -> String {
    let register = said::register_beyond(visit, reach.edge);
    let declared = visit.directory.declared(register);
    declared.map_or_else(|| register.to_owned(), |declared| visit.language.of(&declared.labels).to_owned())
}

/// The relations that lead to an entry, from the one that the page is about.
fn way(visit: &Visit<'_>, reached: &[Reach<'_>], to: &Reach<'_>) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut at = Some(to);
    while let Some(reach) = at {
        hops.push(Hop { relation: said::relation_label(visit, reach.edge), name: linked(visit, reach) });
        at = reach.before.and_then(|before| reached.get(before));
    }
    hops.reverse();
    hops
}

/// The open records that name the entry, one of the nearest that its fault reaches, or a service that it touches.
fn records(
    visit: &Visit<'_>,
    (register, start): (&Name, &Name),
    impact: &Impact<'_>,
) -> Result<Vec<NamingView>, Refusal> {
    let mut named: BTreeMap<&str, Vec<&Name>> = BTreeMap::from([(register.as_str(), vec![start])]);
    for reach in impact.hit.iter().take(NAMED_MAX) {
        named.entry(said::register_beyond(visit, reach.edge)).or_default().push(reach.key());
    }
    named.entry(SERVICE).or_default().extend(&impact.services);
    let values = |mut keys: Vec<&Name>| {
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().cloned().map(Value::Ref).collect()
    };
    let named = named.into_iter().map(|(register, keys)| (register, values(keys))).collect();
    entry::naming(visit, &named, Life::Open)
}
