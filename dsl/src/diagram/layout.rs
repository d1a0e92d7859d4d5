//! Places the nodes of one level in rows from top to bottom, after Sugiyama: cycles broken by written order, rows by
//! the longest path, long ways made of one dummy a row, rows ordered by barycentres beginning with the written
//! order, columns by least squares. Labels of ways take places in rows like nodes, so that they never overlap.

use super::graph::{Item, Link, Shape};
use super::lines;
use super::route;
use super::words::SMALL_SIZE;

/// The least room between two neighbours in a row, in pixels.
const NEIGHBOUR_GAP: f64 = 26.0;
/// The least room beside a way that passes a row.
const WAY_GAP: f64 = 14.0;
/// How often rows are ordered anew; orders settle after a few rounds.
const ORDER_ROUNDS: usize = 12;
/// How often columns are adjusted.
const COLUMN_ROUNDS: usize = 60;
/// The height of a label on a way, in pixels.
pub(super) const LABEL_HEIGHT: f64 = 22.0;

/// The least room between two labels of ways.
pub(super) const LABEL_GAP: f64 = 13.0;

/// How wide a label on a way is, in pixels.
pub(super) fn label_width(label: &str) -> f64 {
    (lines::width(label, SMALL_SIZE) + 18.0).ceil()
}

/// A level with everything in its place. Coordinates are pixels from its upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) items: Vec<Item>,
    /// The middle of each item's upper edge.
    pub(super) at: Vec<(f64, f64)>,
    pub(super) wires: Vec<Wire>,
    pub(super) pills: Vec<Pill>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A way as it is drawn: one piece to its label, if it has one, and one to its goal.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) pieces: Vec<Vec<(f64, f64)>>,
}

/// A label on a way.
#[derive(Clone, Debug)]
pub(super) struct Pill {
    /// The middle of its upper edge.
    pub(super) at: (f64, f64),
    pub(super) width: f64,
    pub(super) text: String,
}

/// What takes a place in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Item(usize),
    Label(usize),
    Dummy,
}

/// A place in a row.
#[derive(Clone, Debug)]
pub(super) struct Vertex {
    pub(super) body: Body,
    pub(super) row: usize,
    pub(super) x: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Vertex {
    fn gap(&self) -> f64 {
        match self.body {
            Body::Item(_) => NEIGHBOUR_GAP,
            Body::Label(_) => LABEL_GAP,
            Body::Dummy => WAY_GAP,
        }
    }
}

/// A piece of a way from one row to the next.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    pub(super) upper: usize,
    pub(super) lower: usize,
    /// Where it leaves the upper vertex, from its middle, where that is fixed.
    pub(super) upper_at: Option<f64>,
    pub(super) link: usize,
}

/// A way that goes up again, from a vertex to an item.
#[derive(Clone, Debug)]
pub(super) struct Back {
    pub(super) from: usize,
    pub(super) from_at: Option<f64>,
    pub(super) to: usize,
    pub(super) link: usize,
}

/// What becomes of neighbours whose exchange changes nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ties {
    Keep,
    Turn,
}

/// The rows with what connects them.
pub(super) struct Grid {
    pub(super) items: Vec<Item>,
    pub(super) links: Vec<Link>,
    pub(super) vertices: Vec<Vertex>,
    /// The vertices of each row, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    pub(super) hops: Vec<Hop>,
    pub(super) backs: Vec<Back>,
}

/// Lays a level out.
pub(super) fn lay_out(items: Vec<Item>, links: Vec<Link>) -> Placed {
    let mut grid = Grid::new(items, links);
    grid.order();
    grid.place_columns();
    route::route(grid)
}

impl Grid {
    fn new(items: Vec<Item>, links: Vec<Link>) -> Grid {
        let back = backward(items.len(), &links);
        let rows = ranks(&items, &links, &back);
        let mut grid =
            Grid { items, links, vertices: Vec::new(), rows: Vec::new(), hops: Vec::new(), backs: Vec::new() };
        for (place, row) in rows.iter().enumerate() {
            let (width, height) = (grid.items[place].width, grid.items[place].height);
            grid.add(Vertex { body: Body::Item(place), row: *row, x: 0.0, width, height });
        }
        for (link, goes_back) in back.into_iter().enumerate() {
            grid.connect(link, goes_back);
        }
        grid.seed();
        grid
    }

    fn add(&mut self, vertex: Vertex) -> usize {
        self.vertices.push(vertex);
        self.vertices.len() - 1
    }

    /// Makes a way into hops from row to row; the vertex of item `n` is vertex `n`.
    fn connect(&mut self, link: usize, goes_back: bool) {
        let Link { from, mut from_at, to, ref label } = self.links[link];
        let mut at = from;
        if let Some(label) = label {
            let width = label_width(label);
            let row = self.vertices[from].row + 1;
            at = self.add(Vertex { body: Body::Label(link), row, x: 0.0, width, height: LABEL_HEIGHT });
            self.hops.push(Hop { upper: from, lower: at, upper_at: from_at.take(), link });
        }
        if goes_back {
            self.backs.push(Back { from: at, from_at, to, link });
            return;
        }
        for row in self.vertices[at].row + 1..self.vertices[to].row {
            let dummy = self.add(Vertex { body: Body::Dummy, row, x: 0.0, width: 2.0, height: 0.0 });
            self.hops.push(Hop { upper: at, lower: dummy, upper_at: from_at.take(), link });
            at = dummy;
        }
        self.hops.push(Hop { upper: at, lower: to, upper_at: from_at, link });
    }

    /// The first order of each row: as the ways are written, walked from the beginning.
    fn seed(&mut self) {
        let last = self.vertices.iter().map(|vertex| vertex.row).max().unwrap_or(0);
        self.rows = vec![Vec::new(); last + 1];
        let mut seen = vec![false; self.vertices.len()];
        for vertex in 0..self.vertices.len() {
            self.walk(vertex, &mut seen);
        }
    }

    fn walk(&mut self, vertex: usize, seen: &mut [bool]) {
        if std::mem::replace(&mut seen[vertex], true) {
            return;
        }
        self.rows[self.vertices[vertex].row].push(vertex);
        let below: Vec<usize> = self.hops.iter().filter(|hop| hop.upper == vertex).map(|hop| hop.lower).collect();
        below.into_iter().for_each(|lower| self.walk(lower, seen));
    }

    // --- the order within rows

    fn order(&mut self) {
        let mut best = (self.crossings(), self.rows.clone());
        for round in 0..ORDER_ROUNDS {
            let downward = round % 2 == 0;
            for step in 0..self.rows.len() {
                let row = if downward { step } else { self.rows.len() - 1 - step };
                self.order_row(row, downward);
            }
            self.exchange(if round % 4 < 2 { Ties::Keep } else { Ties::Turn });
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.rows.clone());
            }
        }
        self.rows = best.1;
        self.exchange(Ties::Keep);
    }

    /// Exchanges neighbours where that undoes crossings; or, to get off a plateau, where it costs nothing.
    fn exchange(&mut self, ties: Ties) {
        let mut crossings = self.crossings();
        for row in 0..self.rows.len() {
            for place in 1..self.rows[row].len() {
                self.rows[row].swap(place - 1, place);
                let after = self.crossings();
                if after < crossings || (after == crossings && ties == Ties::Turn) {
                    crossings = after;
                } else {
                    self.rows[row].swap(place - 1, place);
                }
            }
        }
    }

    fn order_row(&mut self, row: usize, downward: bool) {
        let places = self.places();
        let mut keyed: Vec<(f64, usize)> = self.rows[row]
            .iter()
            .map(|&vertex| {
                let near: Vec<f64> = self
                    .hops
                    .iter()
                    .filter(|hop| if downward { hop.lower == vertex } else { hop.upper == vertex })
                    .map(|hop| if downward { self.place_above(hop, &places) } else { places[hop.lower] })
                    .collect();
                let mean = if near.is_empty() { places[vertex] } else { sum(&near) / count(near.len()) };
                (mean, vertex)
            })
            .collect();
        keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.rows[row] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
    }

    /// The place of each vertex in its row, as a part of the row, so that rows of different length compare.
    fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.vertices.len()];
        for row in &self.rows {
            for (place, &vertex) in row.iter().enumerate() {
                places[vertex] = (count(place) + 0.5) / count(row.len());
            }
        }
        places
    }

    /// The place from which a hop comes, with its port on a frame's edge.
    fn place_above(&self, hop: &Hop, places: &[f64]) -> f64 {
        let upper = &self.vertices[hop.upper];
        let share = hop.upper_at.map_or(0.0, |at| at / upper.width.max(1.0));
        places[hop.upper] + share / count(self.rows[upper.row].len())
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let ends: Vec<(usize, f64, f64)> = self
            .hops
            .iter()
            .map(|hop| (self.vertices[hop.upper].row, self.place_above(hop, &places), places[hop.lower]))
            .collect();
        let crossed = |one: &(usize, f64, f64), other: &(usize, f64, f64)| {
            one.0 == other.0 && (one.1 - other.1) * (one.2 - other.2) < 0.0
        };
        ends.iter().enumerate().map(|(at, one)| ends[at + 1..].iter().filter(|other| crossed(one, other)).count()).sum()
    }

    // --- columns

    fn place_columns(&mut self) {
        for row in 0..self.rows.len() {
            self.settle(row, &vec![(0.0, 1.0); self.rows[row].len()]);
        }
        for round in 0..COLUMN_ROUNDS {
            // From above, from below, and at last from both.
            let (above, below) = match round {
                0..40 => (round % 2 == 0, round % 2 == 1),
                _ => (true, true),
            };
            for step in 0..self.rows.len() {
                let row = if below && !above { self.rows.len() - 1 - step } else { step };
                let wanted: Vec<(f64, f64)> =
                    self.rows[row].iter().map(|&vertex| self.wanted(vertex, above, below)).collect();
                self.settle(row, &wanted);
            }
        }
    }

    /// Where a vertex would like to be, and how much: below what leads to it, above where it leads.
    fn wanted(&self, vertex: usize, above: bool, below: bool) -> (f64, f64) {
        let (mut total, mut weight) = (0.0, 0.0);
        for hop in &self.hops {
            let start = self.vertices[hop.upper].x + hop.upper_at.unwrap_or(0.0);
            let (x, counts) = if hop.lower == vertex {
                (start, above)
            } else if hop.upper == vertex {
                (self.vertices[hop.lower].x - hop.upper_at.unwrap_or(0.0), below)
            } else {
                continue;
            };
            if counts {
                let pull = self.pull(hop);
                total += x * pull;
                weight += pull;
            }
        }
        if weight == 0.0 { (self.vertices[vertex].x, 0.05) } else { (total / weight, weight) }
    }

    /// How much a hop wants to be straight: long ways most.
    fn pull(&self, hop: &Hop) -> f64 {
        let bends = |vertex: usize| self.vertices[vertex].body == Body::Dummy;
        match (bends(hop.upper), bends(hop.lower)) {
            (true, true) => 8.0,
            (true, false) | (false, true) => 2.0,
            (false, false) => 1.0,
        }
    }

    fn settle(&mut self, row: usize, wanted: &[(f64, f64)]) {
        let gaps: Vec<f64> = self.rows[row]
            .windows(2)
            .map(|pair| {
                let (left, right) = (&self.vertices[pair[0]], &self.vertices[pair[1]]);
                (left.width + right.width) / 2.0 + left.gap().min(right.gap())
            })
            .collect();
        for (&vertex, x) in self.rows[row].iter().zip(spread(wanted, &gaps)) {
            self.vertices[vertex].x = x;
        }
    }
}

/// The places nearest to those wanted (each with its weight) that keep the gaps between neighbours: least squares by
/// pooling neighbours that would come too close.
pub(super) fn spread(wanted: &[(f64, f64)], gaps: &[f64]) -> Vec<f64> {
    let mut before = 0.0;
    let mut offsets = vec![0.0];
    for gap in gaps {
        before += gap;
        offsets.push(before);
    }
    // Pools of (sum of weighted places, weight, members).
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((x, weight), offset) in wanted.iter().zip(&offsets) {
        pools.push(((x - offset) * weight, *weight, 1));
        while let [.., one, other] = &pools[..] {
            if one.0 / one.1 <= other.0 / other.1 {
                break;
            }
            let joined = (one.0 + other.0, one.1 + other.1, one.2 + other.2);
            pools.truncate(pools.len() - 2);
            pools.push(joined);
        }
    }
    let places = pools.iter().flat_map(|(total, weight, members)| std::iter::repeat_n(total / weight, *members));
    places.zip(offsets).map(|(place, offset)| place + offset).collect()
}

/// Which ways go back: those inside a cycle that lead to what is written earlier.
fn backward(items: usize, links: &[Link]) -> Vec<bool> {
    let mut reaches = vec![vec![false; items]; items];
    for link in links {
        reaches[link.from][link.to] = true;
    }
    for middle in 0..items {
        let onward = reaches[middle].clone();
        for row in &mut reaches {
            if row[middle] {
                row.iter_mut().zip(&onward).for_each(|(known, new)| *known |= new);
            }
        }
    }
    links.iter().map(|link| link.to <= link.from && reaches[link.to][link.from] || link.from == link.to).collect()
}

/// The row of each item: the longest path to it, a label counting as one more. Ways out of a frame end below all.
fn ranks(items: &[Item], links: &[Link], back: &[bool]) -> Vec<usize> {
    let mut rows = vec![0; items.len()];
    // A path has at most as many ways as there are items.
    for _ in 0..items.len() {
        for (link, goes_back) in links.iter().zip(back) {
            if !goes_back {
                rows[link.to] = rows[link.to].max(rows[link.from] + if link.label.is_some() { 2 } else { 1 });
            }
        }
    }
    let leaves = |item: &Item| matches!(item.shape, Shape::Port | Shape::Exit);
    let inner = items.iter().zip(&rows).filter(|(item, _)| !leaves(item)).map(|(_, row)| row + 1);
    let labels = links.iter().filter(|link| link.label.is_some()).map(|link| rows[link.from] + 2);
    let last = inner.chain(labels).max().unwrap_or(0);
    items.iter().zip(rows).map(|(item, row)| if leaves(item) { row.max(last) } else { row }).collect()
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
