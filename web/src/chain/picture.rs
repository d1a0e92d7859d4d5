//! A chain as a picture: a column for each process, in the order in which the chain came to them, the records of each from
//! the oldest down; at the end what may not be seen, and the entries of registers. Every record is a link that the keyboard
//! reaches; what the ties are called stands in the list below the picture too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dsl::diagram::lines::broken;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;
use handlebars::html_escape;

use super::view::{RecordView, alike_said};
use super::{Chain, Edge, Node};
use crate::pages::admin::audit::register_name;
use crate::pages::registers::entry_link;
use crate::visit::Visit;

/// The size of a place, in pixels.
const BOX: (i64, i64) = (204, 104);
/// The room between columns, where the names of ties stand.
const GAP: i64 = 152;
/// The room between the places of a column.
const BETWEEN: i64 = 20;
/// The room above the columns, for what they hold.
const HEAD: i64 = 36;
/// The room around the picture.
const MARGIN: i64 = 12;
/// How wide a text may be in a place, and in the room between columns.
const BOX_FITS: f64 = 172.0;
const GAP_FITS: f64 = 146.0;
/// The sizes of letters in a place and on a tie.
const LETTER: f64 = 12.5;
const TIE_LETTER: f64 = 11.0;
/// The height of a line in a place.
const ROW: i64 = 17;
/// The height of the name of a tie.
const LINE: i64 = 14;

/// When a record began; of two at the same instant the identity says which came first.
type Began = (Timestamp, InstanceId);

/// What a process is called, its records with their places, and the places of many of them.
#[derive(Default)]
struct Of {
    heading: String,
    records: Vec<(Began, usize)>,
    alike: Vec<usize>,
}

/// A column: what it holds, and the places from above.
struct Column {
    heading: String,
    places: Vec<usize>,
}

/// The picture.
pub fn drawn(visit: &Visit<'_>, chain: &Chain) -> String {
    let columns = columns(visit, chain);
    let mut at: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    let mut column_at = MARGIN;
    let mut height = 0;
    for column in &columns {
        let mut y = MARGIN + HEAD;
        for place in &column.places {
            at.insert(*place, (column_at, y));
            y += BOX.1 + BETWEEN;
        }
        height = height.max(y);
        column_at += BOX.0 + GAP;
    }
    let (width, height) = (column_at - GAP + MARGIN, height - BETWEEN + MARGIN);
    let mut out = format!(
        "<svg class=\"chain\" role=\"group\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\"><defs><marker id=\"chain-tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
         markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>",
        html_escape(&visit.say("trace-picture-label")),
    );
    let mut x = MARGIN;
    for column in &columns {
        one_line(&mut out, "heading", (x, MARGIN + 16), &column.heading, (LETTER, BOX_FITS));
        x += BOX.0 + GAP;
    }
    wires(visit, chain, &at, &mut out);
    for (place, node) in chain.nodes.iter().enumerate() {
        if let Some(at) = at.get(&place) {
            boxed(visit, node, *at, place == 0, &mut out);
        }
    }
    out.push_str("</svg>");
    out
}

/// Processes by when their first record of the chain began; then what may not be seen, then the registers.
fn columns(visit: &Visit<'_>, chain: &Chain) -> Vec<Column> {
    let mut processes: BTreeMap<&Name, Of> = BTreeMap::new();
    let begin = |labels| Of { heading: visit.language.of(labels).to_owned(), ..Of::default() };
    for (place, node) in chain.nodes.iter().enumerate() {
        match node {
            Node::Record(reached) => {
                let (parts, instance) = (reached.definition.parts(), &reached.loaded.instance);
                let column = processes.entry(&parts.name).or_insert_with(|| begin(&parts.labels));
                column.records.push(((instance.started(), instance.id()), place));
            }
            Node::Alike(alike) => {
                processes.entry(&alike.process).or_insert_with(|| begin(&alike.labels)).alike.push(place);
            }
            Node::Unseen(_) | Node::Entry(_) => {}
        }
    }
    let mut ordered: Vec<Of> = processes.into_values().collect();
    ordered.iter_mut().for_each(|column| column.records.sort());
    // A process of which there are only many in one place comes last.
    ordered.sort_by_key(|column| (column.records.is_empty(), column.records.first().copied()));
    let placed = |column: Of| {
        let records = column.records.into_iter().map(|(_, place)| place);
        Column { heading: column.heading, places: records.chain(column.alike).collect() }
    };
    let mut columns: Vec<Column> = ordered.into_iter().map(placed).collect();
    let of = |wanted: fn(&Node) -> bool| {
        chain.nodes.iter().enumerate().filter(move |(_, node)| wanted(node)).map(|(place, _)| place).collect::<Vec<_>>()
    };
    let unseen = of(|node| matches!(node, Node::Unseen(_)));
    let entries = of(|node| matches!(node, Node::Entry(_)));
    for (key, places) in [("trace-column-unseen", unseen), ("trace-column-entries", entries)] {
        if !places.is_empty() {
            columns.push(Column { heading: visit.say(key), places });
        }
    }
    columns
}

fn boxed(visit: &Visit<'_>, node: &Node, at: (i64, i64), is_start: bool, out: &mut String) {
    let (x, y) = at;
    let lines = |out: &mut String, class: &str, lines: &[(&str, String)]| {
        let class = if is_start { format!("{class} start") } else { class.to_owned() };
        let (width, height) = BOX;
        let _ = write!(
            out,
            "<g class=\"node {class}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"7\"/>"
        );
        let mut line_at = y + 21;
        for (class, said) in lines {
            // Names and states take a second line where they must.
            for row in broken(said, LETTER, BOX_FITS, 2) {
                text(out, class, (x + 12, line_at), &row);
                line_at += ROW;
            }
        }
        out.push_str("</g>");
    };
    match node {
        Node::Record(reached) => {
            let view = RecordView::of(visit, reached);
            let label = [&view.number, &view.process, &view.title, &view.state].map(String::as_str).join(", ");
            let (link, label) = (html_escape(&view.number), html_escape(&label));
            let _ = write!(out, "<a href=\"/records/{link}\"><title>{label}</title>");
            let said = [("number", view.number), ("name", view.title), ("small", view.state)];
            lines(out, view.kind, &said);
            out.push_str("</a>");
        }
        Node::Alike(alike) => {
            let said = alike_said(visit, alike);
            let (link, label) = (html_escape(&alike.of), html_escape(&said));
            let _ = write!(out, "<a href=\"/records/{link}/trace\"><title>{label}</title>");
            lines(
                out,
                "entry",
                &[("name", said), ("small", visit.say_with("chain-alike-of", &[("number", alike.of.as_str().into())]))],
            );
            out.push_str("</a>");
        }
        Node::Unseen(_) => lines(out, "unseen", &[("small", visit.say("chain-unseen"))]),
        Node::Entry(entry) => {
            let name = visit.names().entry(entry.register.as_str(), &entry.key);
            let said = [
                ("number", entry.key.to_string()),
                ("name", name),
                ("small", register_name(visit, entry.register.as_str())),
            ];
            let link = entry_link(visit, entry.register.as_str(), &entry.key);
            if let Some(link) = &link {
                let _ = write!(out, "<a href=\"{}\">", html_escape(link));
            }
            lines(out, "entry", &said);
            if link.is_some() {
                out.push_str("</a>");
            }
        }
    }
}

/// The ties, those between the same two places as one, and then their names, none upon another.
fn wires(visit: &Visit<'_>, chain: &Chain, at: &BTreeMap<usize, (i64, i64)>, out: &mut String) {
    let mut together: BTreeMap<(usize, usize), Vec<&Edge>> = BTreeMap::new();
    for edge in &chain.edges {
        together.entry((edge.from, edge.to)).or_default().push(edge);
    }
    let mut names: Vec<(i64, i64, String)> = Vec::new();
    out.push_str("<g class=\"ties\" aria-hidden=\"true\">");
    for ((from, to), edges) in together {
        let (Some(from), Some(to)) = (at.get(&from), at.get(&to)) else { continue };
        let said: Vec<&str> = edges.iter().map(|edge| visit.language.of(&edge.there)).collect();
        let (path, name_at) = way(*from, *to);
        let _ = write!(out, "<path class=\"tie\" marker-end=\"url(#chain-tip)\" d=\"{path}\"/>");
        names.push((name_at.0, name_at.1, said.join(&visit.say("list-comma"))));
    }
    names.sort();
    // Ties that come together at their end and say the same say it once.
    names.dedup();
    let mut below: Option<(i64, i64)> = None;
    for (x, y, said) in names {
        let y = match below {
            Some((column, last)) if column == x => y.max(last + LINE),
            Some(_) | None => y,
        };
        below = Some((x, y));
        one_line(out, "tie-name", (x, y), &said, (TIE_LETTER, GAP_FITS));
    }
    out.push_str("</g>");
}

/// The way of a tie, and where its name stands: in the room beside the column of the end that lies further right.
fn way(from: (i64, i64), to: (i64, i64)) -> (String, (i64, i64)) {
    let (from_y, to_y) = (from.1 + BOX.1 / 2, to.1 + BOX.1 / 2);
    let bend = GAP / 2;
    let (start, end, bends) = match from.0.cmp(&to.0) {
        std::cmp::Ordering::Less => (from.0 + BOX.0, to.0, (bend, -bend)),
        std::cmp::Ordering::Greater => (from.0, to.0 + BOX.0, (-bend, bend)),
        // Within a column the way goes round on the right.
        std::cmp::Ordering::Equal => (from.0 + BOX.0, to.0 + BOX.0, (bend, bend)),
    };
    let path = format!("M{start} {from_y}C{} {from_y} {} {to_y} {end} {to_y}", start + bends.0, end + bends.1);
    let is_near = (from.0 - to.0).abs() <= BOX.0 + GAP;
    let name_y = match (is_near, from.0 < to.0) {
        (true, _) => i64::midpoint(from_y, to_y),
        (false, true) => to_y,
        (false, false) => from_y,
    };
    let right = match from.0 == to.0 {
        true => from.0 + BOX.0 + GAP / 2,
        false => from.0.max(to.0) - GAP / 2,
    };
    (path, (right, name_y - 3))
}

fn text(out: &mut String, class: &str, at: (i64, i64), said: &str) {
    let _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>", at.0, at.1, html_escape(said));
}

/// A text in one line of letters of a size, cut to a width.
fn one_line(out: &mut String, class: &str, at: (i64, i64), said: &str, (size, fits): (f64, f64)) {
    for line in broken(said, size, fits, 1) {
        text(out, class, at, &line);
    }
}
