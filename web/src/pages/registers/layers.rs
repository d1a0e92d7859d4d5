//! What hangs on an entry as a picture: a column for each distance, to the left what the entry rests on, to the right what
//! its fault reaches. The style comes with the style sheet. The list below the picture says the same in words.

use std::collections::BTreeMap;
use std::fmt::Write;

use engine::ids::Name;
use engine::register::Register;
use engine::relations::Reach;

use super::said::{self, Linked};
use crate::impact::Impact;
use crate::visit::Visit;

/// How many distances are drawn to each side.
const DEPTHS: u32 = 4;
/// How many entries are drawn at one distance.
const COLUMN_MAX: usize = 8;
/// The width of a box.
const BOX_WIDTH: i64 = 160;
/// The way from one column to the next.
const COLUMN_WIDTH: i64 = 216;
/// The height of a box.
const BOX_HEIGHT: i64 = 44;
/// The way from one row to the next.
const ROW_HEIGHT: i64 = 58;
/// What is left free around.
const MARGIN: i64 = 12;
/// The height of the words above the columns.
const HEAD: i64 = 26;
/// How much of a name a box has room for, in half-widths.
const NAME_ROOM: usize = 22;

/// A box of the picture.
struct Drawn {
    column: i64,
    row: i64,
    name: Linked,
    relation: String,
    from: Option<Name>,
}

/// The picture.
pub(super) fn drawn(visit: &Visit<'_>, register: &Register, start: &Name, impact: &Impact<'_>) -> String {
    let mut boxes: BTreeMap<Name, Drawn> = BTreeMap::new();
    let mut more: Vec<(i64, usize)> = Vec::new();
    let name = said::entry(visit, register.name.as_str(), start);
    let title = visit.say_with("impact-title", &[("name", name.text.as_str().into())]);
    boxes.insert(start.clone(), Drawn { column: 0, row: 0, name, relation: String::new(), from: None });
    place(visit, &impact.rests, -1, &mut boxes, &mut more);
    place(visit, &impact.hit, 1, &mut boxes, &mut more);
    let rows = rows_of(&boxes, &more);
    let tallest = rows.values().copied().max().unwrap_or(1);
    let left = boxes.values().map(|drawn| drawn.column).min().unwrap_or(0);
    let right = boxes.values().map(|drawn| drawn.column).max().unwrap_or(0);
    let x = |column: i64| MARGIN + (column - left) * COLUMN_WIDTH;
    let y = |column: i64, row: i64| {
        let free = (tallest - rows.get(&column).copied().unwrap_or(1)) * ROW_HEIGHT;
        MARGIN + HEAD + free / 2 + row * ROW_HEIGHT
    };
    let width = x(right) + BOX_WIDTH + MARGIN;
    let height = MARGIN * 2 + HEAD + tallest * ROW_HEIGHT;
    let mut svg = format!(
        "<svg class=\"impact\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"group\" \
         aria-label=\"{}\">",
        escaped(&title)
    );
    for (column, key) in [(left, "impact-rests"), (right, "impact-hit")] {
        if column != 0 {
            // Writing to a string does not fail.
            let _ =
                write!(svg, "<text class=\"head\" x=\"{}\" y=\"20\">{}</text>", x(column), escaped(&visit.say(key)));
        }
    }
    for drawn in boxes.values() {
        if let Some(from) = drawn.from.as_ref().and_then(|from| boxes.get(from)) {
            // A line runs from the right edge of the left box to the left edge of the right one.
            let (one, other) = if from.column < drawn.column { (from, drawn) } else { (drawn, from) };
            let (x1, y1) = (x(one.column) + BOX_WIDTH, y(one.column, one.row) + BOX_HEIGHT / 2);
            let (x2, y2) = (x(other.column), y(other.column, other.row) + BOX_HEIGHT / 2);
            let middle = (x1 + x2) / 2;
            let _ = write!(svg, "<path d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>");
        }
    }
    for (key, drawn) in &boxes {
        let (left, top) = (x(drawn.column), y(drawn.column, drawn.row));
        draw_box(&mut svg, drawn, key == start, (left, top));
    }
    for (column, count) in more {
        let (left, top) = (x(column), y(column, i64::try_from(COLUMN_MAX).unwrap_or(0)));
        let said = visit.say_with("list-more", &[("count", i64::try_from(count).unwrap_or(i64::MAX).into())]);
        let _ = write!(svg, "<text class=\"more\" x=\"{left}\" y=\"{}\">{}</text>", top + 20, escaped(&said));
    }
    svg.push_str("</svg>");
    svg
}

/// Gives what was reached places: a column for each distance, as many as fit.
fn place(
    visit: &Visit<'_>,
    reached: &[Reach<'_>],
    side: i64,
    boxes: &mut BTreeMap<Name, Drawn>,
    more: &mut Vec<(i64, usize)>,
) {
    for depth in 1..=DEPTHS {
        let there: Vec<&Reach<'_>> = reached.iter().filter(|reach| reach.depth == depth).collect();
        let column = side * i64::from(depth);
        // What hangs together in a circle is on one side only.
        for (row, reach) in (0..).zip(there.iter().take(COLUMN_MAX)) {
            let name = said::entry(visit, said::register_beyond(visit, reach.edge), reach.key());
            let relation = said::relation_label(visit, reach.edge);
            let drawn = Drawn { column, row, name, relation, from: Some(reach.from.clone()) };
            boxes.entry(reach.key().clone()).or_insert(drawn);
        }
        if there.len() > COLUMN_MAX {
            more.push((column, there.len() - COLUMN_MAX));
        }
    }
}

/// How many rows each column has.
fn rows_of(boxes: &BTreeMap<Name, Drawn>, more: &[(i64, usize)]) -> BTreeMap<i64, i64> {
    let mut rows: BTreeMap<i64, i64> = BTreeMap::new();
    for drawn in boxes.values() {
        let held = rows.entry(drawn.column).or_default();
        *held = (*held).max(drawn.row + 1);
    }
    for (column, _) in more {
        *rows.entry(*column).or_default() += 1;
    }
    rows
}

fn draw_box(svg: &mut String, drawn: &Drawn, is_start: bool, (left, top): (i64, i64)) {
    let name = escaped(&drawn.name.text);
    let said = if drawn.relation.is_empty() { name.clone() } else { format!("{}: {name}", escaped(&drawn.relation)) };
    let class = if is_start { "start" } else { "box" };
    let close = match drawn.name.to.as_ref().filter(|_| !is_start) {
        Some(to) => {
            let _ = write!(svg, "<a href=\"{}\" class=\"{class}\">", escaped(to));
            "</a>"
        }
        None => {
            let _ = write!(svg, "<g class=\"{class}\">");
            "</g>"
        }
    };
    let _ = write!(svg, "<title>{said}</title>");
    let _ = write!(
        svg,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\"/>\
         <text x=\"{}\" y=\"{}\">{}</text>",
        left + 8,
        top + if drawn.relation.is_empty() { 27 } else { 19 },
        escaped(&short(&drawn.name.text))
    );
    if !drawn.relation.is_empty() {
        let relation = escaped(&short(&drawn.relation));
        let _ = write!(svg, "<text class=\"relation\" x=\"{}\" y=\"{}\">{relation}</text>", left + 8, top + 35);
    }
    svg.push_str(close);
}

/// As much of a text as a box has room for; signs beyond Latin are twice as wide.
fn short(text: &str) -> String {
    let mut room = NAME_ROOM;
    let mut kept = String::new();
    for letter in text.chars() {
        let wide = if u32::from(letter) < 0x1100 { 1 } else { 2 };
        match room.checked_sub(wide) {
            Some(left) => room = left,
            None => return format!("{kept}…"),
        }
        kept.push(letter);
    }
    kept
}

fn escaped(text: &str) -> String {
    handlebars::html_escape(text)
}
