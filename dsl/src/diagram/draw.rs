//! Writes what is laid out as SVG. Looks are classes; a page may give other colours by custom properties.

use std::fmt::Write as _;

use engine::ids::Name;

use super::Here;
use super::graph::{self, FRAME_HEAD, FRAME_PAD, Item, LINE, Shape};
use super::layout::{LABEL_HEIGHT, Placed, Wire};

/// The room around the picture, in pixels.
const MARGIN: f64 = 16.0;
/// How round the corners of ways are.
const ROUND: f64 = 7.0;

/// The whole document, under its language's tag and its title.
pub(super) fn document(placed: &Placed, (tag, title): (&str, &str), style: &str, here: &Here) -> String {
    let (width, height) = (placed.width + 2.0 * MARGIN, placed.height + 2.0 * MARGIN);
    let mut pen = Pen { out: String::new(), here };
    let _ = write!(
        pen.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow\" role=\"img\" lang=\"{}\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {} {}\">\n<title>{}</title>\n{}",
        tag,
        number(width),
        number(height),
        number(width),
        number(height),
        escaped(title),
        style,
    );
    pen.level(placed, (MARGIN, MARGIN));
    pen.out.push_str("</svg>\n");
    pen.out
}

struct Pen<'h> {
    out: String,
    here: &'h Here,
}

impl Pen<'_> {
    fn level(&mut self, placed: &Placed, origin: (f64, f64)) {
        let place = |item: usize| (origin.0 + placed.at[item].0, origin.1 + placed.at[item].1);
        let frames = placed.items.iter().enumerate().filter_map(|(at, item)| Some((at, item, item.inside.as_ref()?)));
        for (at, item, inside) in frames {
            let (x, y) = place(at);
            self.frame(item, (x, y));
            self.level(inside, (x - inside.width / 2.0, y + FRAME_HEAD));
        }
        // Open ways last, since ways that share a lane lie on each other.
        for open in [false, true] {
            for wire in &placed.wires {
                if self.is_open(wire, placed) == open {
                    self.wire(wire, placed, origin);
                }
            }
        }
        for pill in &placed.pills {
            let (x, y) = (origin.0 + pill.at.0, origin.1 + pill.at.1);
            self.rectangle("way-name", (x, y), (pill.width, LABEL_HEIGHT), LABEL_HEIGHT / 2.0);
            self.text("way-text", (x, y + 15.0), &pill.text);
        }
        for (at, item) in placed.items.iter().enumerate() {
            if item.shape == Shape::Entry {
                let (x, y) = place(at);
                let _ = writeln!(self.out, "<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"3\"/>", number(x), number(y));
            } else if item.inside.is_none() && !item.shape.is_point() {
                self.node(item, place(at));
            }
        }
    }

    fn frame(&mut self, item: &Item, at: (f64, f64)) {
        self.open(item);
        self.rectangle("frame", at, (item.width, item.height), 10.0);
        let left = (at.0 - item.width / 2.0 + FRAME_PAD, at.1 + 17.0);
        self.text("frame-text", left, &graph::heading(&item.face));
        self.out.push_str("</g>\n");
    }

    fn node(&mut self, item: &Item, at: (f64, f64)) {
        self.open(item);
        let size = (item.width, item.height);
        let (x, y) = at;
        match item.shape {
            Shape::Task => self.rectangle("body", at, size, 8.0),
            Shape::Act => self.rectangle("body", at, size, 3.0),
            Shape::Start | Shape::End | Shape::Timer | Shape::Receive => {
                self.rectangle("body", at, size, item.height / 2.0);
            }
            Shape::Milestone => {
                let (half, tip) = (item.width / 2.0, item.height / 2.0);
                let points = [
                    (x - half, y + tip),
                    (x - half + 12.0, y),
                    (x + half - 12.0, y),
                    (x + half, y + tip),
                    (x + half - 12.0, y + item.height),
                    (x - half + 12.0, y + item.height),
                ];
                self.polygon(&points);
            }
            Shape::Choose => {
                let (half, tip) = (item.width / 2.0, item.height / 2.0);
                self.polygon(&[(x, y), (x + half, y + tip), (x, y + item.height), (x - half, y + tip)]);
            }
            Shape::Race | Shape::Block | Shape::Entry | Shape::Port | Shape::Exit => {}
        }
        let inset = if item.shape == Shape::Act { 17.0 } else { 22.0 };
        let icon_at = (x - item.width / 2.0 + inset, y + item.height / 2.0);
        let shift = if self.icon(item.shape, icon_at) { 11.0 } else { 0.0 };
        self.words(item, (x + shift, y));
        if item.step.as_ref().is_some_and(|step| self.here.passed.contains(step)) {
            let (x, y) = (number(x + item.width / 2.0 - 4.0), number(y + 2.0));
            let tick = "<circle r=\"7\"/><path d=\"M-3 0.3L-0.8 2.6L3.4-2.4\"/>";
            let _ = writeln!(self.out, "<g class=\"tick\" transform=\"translate({x} {y})\">{tick}</g>");
        }
        self.out.push_str("</g>\n");
    }

    /// Lines in the middle, with who and by when below.
    fn words(&mut self, item: &Item, at: (f64, f64)) {
        let lines = item.face.lines.iter().map(|line| ("name", line));
        let lines: Vec<(&str, &String)> = lines.chain(item.face.small.iter().map(|line| ("who", line))).collect();
        let text_height = LINE * f64::from(u32::try_from(lines.len()).unwrap_or(1));
        let mut baseline = at.1 + (item.height - text_height) / 2.0 + 13.0;
        for (class, line) in lines {
            self.text(class, (at.0, baseline), line);
            baseline += LINE;
        }
    }

    /// A small sign of the kind of step, in strokes, around its middle.
    fn icon(&mut self, shape: Shape, at: (f64, f64)) -> bool {
        let strokes = match shape {
            Shape::Timer => "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0M0-4V0L3 2",
            Shape::Receive => "M-7.5-5H7.5V5H-7.5ZM-7.5-5L0 1.5L7.5-5",
            Shape::Milestone => "M-4 7V-7M-4-6.5H6L3-2.75L6 1H-4",
            Shape::Act => "M1.5-7.5L-5 1H0L-1.5 7.5L5-1H0Z",
            Shape::Start
            | Shape::Task
            | Shape::Choose
            | Shape::End
            | Shape::Race
            | Shape::Block
            | Shape::Entry
            | Shape::Port
            | Shape::Exit => return false,
        };
        let (x, y) = (number(at.0), number(at.1));
        let _ = writeln!(self.out, "<path class=\"sign\" transform=\"translate({x} {y})\" d=\"{strokes}\"/>");
        true
    }

    fn open(&mut self, item: &Item) {
        let kind = match item.shape {
            Shape::Start => "start",
            Shape::Task => "task",
            Shape::Milestone => "milestone",
            Shape::Timer => "timer",
            Shape::Receive => "receive",
            Shape::Choose => "choose",
            Shape::Act => "act",
            Shape::End => "end",
            Shape::Race => "race",
            Shape::Block => "block",
            Shape::Entry | Shape::Port | Shape::Exit => "point",
        };
        let among = |steps: &std::collections::BTreeSet<Name>| item.step.as_ref().is_some_and(|s| steps.contains(s));
        let state = match (among(&self.here.at), among(&self.here.passed)) {
            (true, _) => " here",
            (false, true) => " passed",
            (false, false) => "",
        };
        let step = item.step.as_ref().map(|step| format!(" data-step=\"{}\"", escaped(step.as_str())));
        let title = escaped(&item.face.title);
        let step = step.unwrap_or_default();
        let _ = writeln!(self.out, "<g class=\"node {kind}{state}\"{step}><title>{title}</title>");
    }

    /// Whether a way leads from where the record stands.
    fn is_open(&self, wire: &Wire, placed: &Placed) -> bool {
        placed.items[wire.from].step.as_ref().is_some_and(|step| self.here.at.contains(step))
    }

    fn wire(&mut self, wire: &Wire, placed: &Placed, origin: (f64, f64)) {
        let arrow = !placed.items[wire.to].shape.is_point();
        let state = if self.is_open(wire, placed) { " open" } else { "" };
        let moved = |piece: &Vec<(f64, f64)>| -> Vec<(f64, f64)> {
            straightened(&piece.iter().map(|(x, y)| (origin.0 + x, origin.1 + y)).collect::<Vec<_>>())
        };
        let pieces: Vec<Vec<(f64, f64)>> = wire.pieces.iter().map(moved).filter(|piece| piece.len() > 1).collect();
        let path: String = pieces.iter().map(|piece| rounded(piece)).collect();
        let _ = writeln!(self.out, "<path class=\"way{state}\" d=\"{path}\"/>");
        if let Some((x, y)) = pieces.last().and_then(|piece| piece.last()).filter(|_| arrow) {
            let (x, y) = (number(*x), number(*y));
            let _ = writeln!(self.out, "<path class=\"arrow{state}\" d=\"M{x} {y}l-4-8h8z\"/>");
        }
    }

    fn rectangle(&mut self, class: &str, at: (f64, f64), size: (f64, f64), round: f64) {
        let _ = writeln!(
            self.out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            number(at.0 - size.0 / 2.0),
            number(at.1),
            number(size.0),
            number(size.1),
            number(round),
        );
    }

    fn polygon(&mut self, points: &[(f64, f64)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        let _ = writeln!(self.out, "<polygon class=\"body\" points=\"{}\"/>", points.join(" "));
    }

    fn text(&mut self, class: &str, at: (f64, f64), text: &str) {
        let (x, y) = (number(at.0), number(at.1));
        let _ = writeln!(self.out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
    }
}

/// Without points that lie on the line between their neighbours.
fn straightened(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for &point in points {
        if let [.., one, two] = kept[..]
            && ((one.0 == two.0 && two.0 == point.0) || (one.1 == two.1 && two.1 == point.1))
        {
            kept.pop();
        }
        if kept.last() != Some(&point) {
            kept.push(point);
        }
    }
    kept
}

/// A path along the points with round corners.
fn rounded(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (at, &(x, y)) in points.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| points.get(before));
        match (before, points.get(at + 1)) {
            (None, _) => {
                let _ = write!(path, "M{} {}", number(x), number(y));
            }
            (Some(_), None) => {
                let _ = write!(path, "L{} {}", number(x), number(y));
            }
            (Some(&before), Some(&after)) => {
                let reach = ROUND.min(distance(before, (x, y)) / 2.0).min(distance((x, y), after) / 2.0);
                let (one, two) = (towards((x, y), before, reach), towards((x, y), after, reach));
                let _ = write!(path, "L{} {}", number(one.0), number(one.1));
                let _ = write!(path, "Q{} {} {} {}", number(x), number(y), number(two.0), number(two.1));
            }
        }
    }
    path
}

fn distance(one: (f64, f64), other: (f64, f64)) -> f64 {
    (one.0 - other.0).abs() + (one.1 - other.1).abs()
}

/// The point that lies `reach` from `at` towards `goal`, along an axis.
fn towards(at: (f64, f64), goal: (f64, f64), reach: f64) -> (f64, f64) {
    let step = |from: f64, to: f64| if from == to { from } else { from + reach.copysign(to - from) };
    (step(at.0, goal.0), step(at.1, goal.1))
}

/// A number with at most one decimal, the same on every machine.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' | '\r' => safe.push(' '),
            // Other control characters may not stand in XML at all.
            letter if letter.is_control() => {}
            letter => safe.push(letter),
        }
    }
    safe
}
