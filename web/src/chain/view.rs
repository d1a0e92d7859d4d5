//! What the places of a chain and the ties between them are called, in the reader's language.

use engine::directory::Entry;
use engine::ids::Name;
use engine::instance::Status;
use serde::Serialize;

use super::ties::{EntryKey, Naming, ties};
use super::{Alike, Chain, Node};
use crate::answer::Refusal;
use crate::moment::Moment;
use crate::pages::admin::audit::register_name;
use crate::pages::record;
use crate::reach::Reached;
use crate::visit::Visit;

/// The most ties that the page of a record shows; its chain has them all.
const SHOWN_MAX: usize = 60;

/// A record, in words.
#[derive(Clone, Debug, Serialize)]
pub struct RecordView {
    /// Its number.
    pub number: String,
    /// Its process.
    pub process: String,
    /// Its title.
    pub title: String,
    /// How it is, for its colour.
    pub kind: &'static str,
    /// How it is, in words.
    pub state: String,
    /// For whom it is.
    pub requester: String,
    /// When it began.
    pub started: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// The milestones that it has reached.
    pub milestones: Vec<MilestoneView>,
    /// What ties it to others.
    pub ties: Vec<TieView>,
}

/// A milestone that a record has reached.
#[derive(Clone, Debug, Serialize)]
pub struct MilestoneView {
    label: String,
    at: Moment,
}

/// A tie, seen from one of its ends.
#[derive(Clone, Debug, Serialize)]
pub struct TieView {
    label: String,
    /// The number of the record at the other end, where the visitor may see it.
    number: Option<String>,
    text: String,
}

impl RecordView {
    /// A record without its ties.
    pub fn of(visit: &Visit<'_>, reached: &Reached) -> RecordView {
        let (instance, names) = (&reached.loaded.instance, visit.names());
        let status = record::status_view(visit, reached);
        let mut reached_at: Vec<_> = instance.milestones().iter().collect();
        reached_at.sort_by_key(|(name, at)| (**at, *name));
        let milestone = |(name, at): (&Name, &engine::time::Timestamp)| MilestoneView {
            label: names.step(&reached.definition, name),
            at: visit.moment(*at),
        };
        RecordView {
            number: instance.number().to_owned(),
            process: visit.language.of(&reached.definition.parts().labels).to_owned(),
            title: reached.title(),
            kind: status.kind,
            state: status.text,
            requester: names.person(instance.requester()),
            started: visit.moment(instance.started()),
            ended: match instance.status() {
                Status::Ended { at, .. } => Some(visit.moment(*at)),
                Status::Running | Status::Stuck(_) | Status::Suspended(_) => None,
            },
            milestones: reached_at.into_iter().map(milestone).collect(),
            ties: Vec::new(),
        }
    }
}

impl TieView {
    fn of(visit: &Visit<'_>, label: String, node: &Node) -> TieView {
        match node {
            Node::Record(reached) => {
                TieView { label, number: Some(reached.loaded.instance.number().to_owned()), text: reached.title() }
            }
            Node::Alike(alike) => TieView { label, number: None, text: alike_said(visit, alike) },
            Node::Unseen(_) => TieView { label, number: None, text: visit.say("chain-unseen") },
            // `Configuration items: Configuration item: Mail server 1` would say it twice.
            Node::Entry(entry) if register_name(visit, entry.register.as_str()) == label => {
                TieView { label, number: None, text: visit.names().entry(entry.register.as_str(), &entry.key) }
            }
            Node::Entry(entry) => TieView { label, number: None, text: entry_named(visit, entry) },
        }
    }
}

/// The records of a chain with what ties each, as a list.
pub fn listed(visit: &Visit<'_>, chain: &Chain) -> Vec<RecordView> {
    let of = |(place, reached): (usize, &Reached)| {
        let there = chain.edges.iter().filter_map(|edge| {
            let (label, far) = match (edge.from == place, edge.to == place) {
                (true, _) => (&edge.there, edge.to),
                (false, true) => (&edge.back, edge.from),
                (false, false) => return None,
            };
            let node = chain.nodes.get(far)?;
            Some(TieView::of(visit, visit.language.of(label).to_owned(), node))
        });
        RecordView { ties: there.collect(), ..RecordView::of(visit, reached) }
    };
    chain.records().map(of).collect()
}

/// What a record is tied to at once, for its own page, and what to say where that is not all.
///
/// # Errors
/// The store failed.
pub fn around(visit: &Visit<'_>, reached: &Reached) -> Result<(Vec<TieView>, Option<String>), Refusal> {
    let ties = ties(visit, reached, &Naming::of(visit)?)?;
    let mut views = Vec::new();
    for tie in ties.iter().take(SHOWN_MAX) {
        if let Some(node) = Node::at(visit, &tie.far)? {
            views.push(TieView::of(visit, visit.language.of(tie.said()).to_owned(), &node));
        }
    }
    let said = [("shown", SHOWN_MAX.into()), ("all", ties.len().into())];
    Ok((views, (ties.len() > SHOWN_MAX).then(|| visit.say_with("record-links-cut", &said))))
}

/// How many records of which process are one place.
pub fn alike_said(visit: &Visit<'_>, alike: &Alike) -> String {
    let process = visit.language.of(&alike.labels);
    visit.say_with("chain-alike", &[("count", alike.count.into()), ("process", process.into())])
}

/// An entry with its register: `Configuration item: Mail server 1`.
pub fn entry_named(visit: &Visit<'_>, entry: &EntryKey) -> String {
    let name = visit.names().entry(entry.register.as_str(), &entry.key);
    format!("{}{}{name}", register_name(visit, entry.register.as_str()), visit.say("colon"))
}

/// What an attribute of a register is called.
pub fn attribute_named(visit: &Visit<'_>, register: &Name, attribute: &Name) -> String {
    let declared = visit.directory.declared(register.as_str());
    let field = declared.and_then(|register| register.fields.iter().find(|field| field.name == *attribute));
    field.map_or_else(|| attribute.as_str().replace('_', " "), |field| visit.language.of(&field.labels).to_owned())
}

/// What an entry says of an attribute, in words; empty where it says nothing.
pub fn attribute_said(visit: &Visit<'_>, register: &Name, attribute: &Name, entry: Option<&Entry>) -> String {
    let Some(value) = entry.and_then(|entry| entry.fields.get(attribute)) else { return String::new() };
    let declared = visit.directory.declared(register.as_str());
    let field = declared.and_then(|register| register.fields.iter().find(|field| field.name == *attribute));
    field.map_or_else(|| value.plain(), |field| visit.names().value(&field.holds, value, &visit.times()))
}
