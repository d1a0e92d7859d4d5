//! Leads the ways between the rows: straight down where they can, else along tracks between two rows; ways back go
//! through lanes beside the rows that they pass. No way crosses a node.

use super::graph::Shape;
use super::layout::{Body, Grid, Pill, Placed, Wire, spread};

/// The room between two rows without tracks, in pixels.
const ROW_GAP: f64 = 24.0;
/// The room between two tracks, and between two lanes.
const TRACK_GAP: f64 = 11.0;
/// The room above the first track and below the last, where arrows end.
const TRACK_ABOVE: f64 = 11.0;
const TRACK_BELOW: f64 = 17.0;
/// The least room between two ports of a node, and from a node's corner to a port.
const PORT_GAP: f64 = 16.0;
pub(super) const CORNER: f64 = 10.0;
/// A jog that is smaller than this is made straight.
const JOG_MIN: f64 = 4.0;
/// The room between a lane and what it passes.
const LANE_GAP: f64 = 18.0;

/// How little a way back cares where it begins and ends, beside the ways that should be straight.
const WEIGHT_BACK: f64 = 0.02;

/// Where one end of a way touches a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Hop(usize),
    Back(usize),
}

/// A piece of a way that runs along a gap between rows.
struct Run {
    gap: usize,
    from: f64,
    to: f64,
    /// Runs that share a track, since they begin or end together.
    bus: Option<usize>,
    track: usize,
}

/// A way back beside the rows from `top` to `bottom`.
struct Lane {
    top: usize,
    bottom: usize,
    x: f64,
}

struct Router {
    grid: Grid,
    hop_upper: Vec<f64>,
    hop_lower: Vec<f64>,
    back_from: Vec<f64>,
    back_to: Vec<f64>,
    lanes: Vec<Lane>,
}

/// Draws all ways and gives every node its place.
pub(super) fn route(grid: Grid) -> Placed {
    let mut router = Router {
        hop_upper: vec![0.0; grid.hops.len()],
        hop_lower: vec![0.0; grid.hops.len()],
        back_from: vec![0.0; grid.backs.len()],
        back_to: vec![0.0; grid.backs.len()],
        lanes: Vec::new(),
        grid,
    };
    router.choose_lanes();
    router.place_lower_ports();
    router.place_upper_ports();
    router.straighten();
    router.drawn()
}

impl Router {
    // --- lanes

    /// Short ways back take the lanes nearest to the rows; each goes by the side that it is nearer to.
    fn choose_lanes(&mut self) {
        let mut order: Vec<usize> = (0..self.grid.backs.len()).collect();
        order.sort_by_key(|&back| self.rows_of(back).1 - self.rows_of(back).0);
        let mut lanes: Vec<Option<Lane>> = order.iter().map(|_| None).collect();
        for back in order {
            let (top, bottom) = self.rows_of(back);
            let left = self.prefers_left(back);
            let sign = if left { -1.0 } else { 1.0 };
            let edge = (top..=bottom)
                .flat_map(|row| &self.grid.rows[row])
                .map(|&vertex| &self.grid.vertices[vertex])
                .map(|vertex| sign * vertex.x + vertex.width / 2.0)
                .fold(f64::MIN, f64::max);
            let taken = lanes.iter().flatten().filter(|lane| lane.top <= bottom && top <= lane.bottom);
            let beyond = taken.map(|lane| sign * lane.x).filter(|x| *x > edge).fold(f64::MIN, f64::max);
            let x = sign * (edge + LANE_GAP).max(beyond + TRACK_GAP);
            lanes[back] = Some(Lane { top, bottom, x });
        }
        self.lanes = lanes.into_iter().flatten().collect();
    }

    fn rows_of(&self, back: usize) -> (usize, usize) {
        let held = &self.grid.backs[back];
        (self.grid.vertices[held.to].row, self.grid.vertices[held.from].row)
    }

    /// The side on which a way back crosses fewer others on its way to the lane and from it; then the shorter one.
    fn prefers_left(&self, back: usize) -> bool {
        let held = &self.grid.backs[back];
        let (top, bottom) = self.rows_of(back);
        let from = self.grid.vertices[held.from].x + held.from_at.unwrap_or(0.0);
        let to = self.grid.vertices[held.to].x;
        let crossed = |gap: usize, left: bool, x: f64| {
            let hops = self.grid.hops.iter().filter(|hop| self.grid.vertices[hop.lower].row == gap);
            let middle = |x: f64, y: f64| (x + y) / 2.0;
            let at = hops.filter(|hop| hop.upper != held.from && hop.lower != held.to).map(|hop| {
                let upper = self.grid.vertices[hop.upper].x + hop.upper_at.unwrap_or(0.0);
                middle(upper, self.grid.vertices[hop.lower].x)
            });
            count(at.filter(|at| if left { *at < x } else { *at > x }).count())
        };
        let cost = |left: bool| {
            let length = if left { from + to } else { -from - to };
            crossed(bottom + 1, left, from) + crossed(top, left, to) + length / 1_000.0
        };
        cost(true) <= cost(false)
    }

    // --- ports

    /// Ports on lower edges slide towards where their ways lead, those on frames are where the inside left them.
    fn place_lower_ports(&mut self) {
        for vertex in 0..self.grid.vertices.len() {
            let mut ends: Vec<(f64, f64, End)> = Vec::new();
            for (hop, held) in self.grid.hops.iter().enumerate().filter(|(_, held)| held.upper == vertex) {
                match held.upper_at {
                    Some(at) => self.hop_upper[hop] = self.grid.vertices[vertex].x + at,
                    None if self.is(held.lower, Shape::Exit) => {
                        ends.push((self.grid.vertices[vertex].x, 1.0, End::Hop(hop)))
                    }
                    None => ends.push((self.grid.vertices[held.lower].x, 1.0, End::Hop(hop))),
                }
            }
            for (back, held) in self.grid.backs.iter().enumerate().filter(|(_, held)| held.from == vertex) {
                match held.from_at {
                    Some(at) => self.back_from[back] = self.grid.vertices[vertex].x + at,
                    None => ends.push((self.lanes[back].x, WEIGHT_BACK, End::Back(back))),
                }
            }
            for (x, end) in self.slid(vertex, ends) {
                match end {
                    End::Hop(hop) => self.hop_upper[hop] = x,
                    End::Back(back) => self.back_from[back] = x,
                }
            }
        }
    }

    fn is(&self, vertex: usize, shape: Shape) -> bool {
        match self.grid.vertices[vertex].body {
            Body::Item(item) => self.grid.items[item].shape == shape,
            Body::Label(_) | Body::Dummy => false,
        }
    }

    fn place_upper_ports(&mut self) {
        for vertex in 0..self.grid.vertices.len() {
            let hops = self.grid.hops.iter().enumerate().filter(|(_, held)| held.lower == vertex);
            let backs = self.grid.backs.iter().enumerate().filter(|(_, held)| held.to == vertex);
            let ends: Vec<(f64, f64, End)> = hops
                .map(|(hop, held)| {
                    let branches = self.is(held.upper, Shape::Entry);
                    let x = if branches { self.grid.vertices[vertex].x } else { self.hop_upper[hop] };
                    (x, 1.0, End::Hop(hop))
                })
                .chain(backs.map(|(back, _)| (self.lanes[back].x, WEIGHT_BACK, End::Back(back))))
                .collect();
            for (x, end) in self.slid(vertex, ends) {
                match end {
                    End::Hop(hop) => self.hop_lower[hop] = x,
                    End::Back(back) => self.back_to[back] = x,
                }
            }
        }
    }

    fn straighten(&mut self) {
        for (upper, lower) in self.hop_upper.iter_mut().zip(&self.hop_lower) {
            if (*upper - lower).abs() < JOG_MIN {
                *upper = *lower;
            }
        }
    }

    /// Ports as near as possible to where they would like to be, in that order, on the vertex's edge.
    fn slid(&self, vertex: usize, mut ends: Vec<(f64, f64, End)>) -> Vec<(f64, End)> {
        let held = &self.grid.vertices[vertex];
        let half = match held.body {
            Body::Item(item) => match self.grid.items[item].shape {
                Shape::Entry | Shape::Exit | Shape::Port | Shape::Choose => 0.0,
                _ => (held.width / 2.0 - CORNER).max(0.0),
            },
            Body::Label(_) | Body::Dummy => 0.0,
        };
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        let between = count(ends.len().saturating_sub(1)).max(1.0);
        let gap = PORT_GAP.min(2.0 * half / between);
        let (left, right) = (held.x - half, held.x + half);
        let wanted: Vec<(f64, f64)> = ends.iter().map(|(x, weight, _)| (x.clamp(left, right), *weight)).collect();
        let places = spread(&wanted, &vec![gap; ends.len().saturating_sub(1)]);
        // What was pushed over an edge comes back with its neighbours.
        let over = places.last().map_or(0.0, |last| (last - right).max(0.0));
        let under = places.first().map_or(0.0, |first| (left - first).max(0.0));
        let shifted = places.into_iter().map(|x| (x - over + under).clamp(left, right));
        shifted.zip(ends).map(|(x, (_, _, end))| (x, end)).collect()
    }

    // --- tracks

    fn hop_run(&self, hop: usize) -> Run {
        let held = &self.grid.hops[hop];
        let shape = |vertex: usize| match self.grid.vertices[vertex].body {
            Body::Item(item) => Some(self.grid.items[item].shape),
            Body::Label(_) | Body::Dummy => None,
        };
        let bus = match (shape(held.upper), shape(held.lower)) {
            (Some(Shape::Entry | Shape::Choose), _) => Some(held.upper),
            (_, Some(Shape::Exit)) => Some(held.lower),
            _ => None,
        };
        let gap = self.grid.vertices[held.lower].row;
        Run { gap, from: self.hop_upper[hop], to: self.hop_lower[hop], bus, track: 0 }
    }

    /// The run to the lane and the run from it.
    fn back_runs(&self, back: usize) -> [Run; 2] {
        let lane = &self.lanes[back];
        let (from, to) = (self.back_from[back], self.back_to[back]);
        let out = Run { gap: lane.bottom + 1, from, to: lane.x, bus: None, track: 0 };
        [out, Run { gap: lane.top, from: lane.x, to, bus: None, track: 0 }]
    }

    fn drawn(self) -> Placed {
        let mut runs: Vec<Run> = (0..self.grid.hops.len()).map(|hop| self.hop_run(hop)).collect();
        let hops = runs.len();
        (0..self.grid.backs.len()).for_each(|back| runs.extend(self.back_runs(back)));
        let tracks = assign_tracks(&mut runs, self.grid.rows.len() + 1);
        let heights = Heights::new(&self.grid, &tracks);
        let track_y = |run: &Run| heights.gap_top[run.gap] + TRACK_ABOVE + TRACK_GAP * count(run.track);

        let mut wires: Vec<Wire> = self
            .grid
            .links
            .iter()
            .map(|link| Wire { from: link.from, to: link.to, pieces: vec![Vec::new()] })
            .collect();
        for (hop, held) in self.grid.hops.iter().enumerate() {
            let (upper, lower) = (&self.grid.vertices[held.upper], &self.grid.vertices[held.lower]);
            let pieces = &mut wires[held.link].pieces;
            if matches!(upper.body, Body::Label(_)) {
                pieces.push(Vec::new());
            }
            let run = &runs[hop];
            let piece = last(pieces);
            piece.push((run.from, heights.row_top[upper.row] + upper.height));
            if run.from != run.to {
                piece.extend([(run.from, track_y(run)), (run.to, track_y(run))]);
            }
            piece.push((run.to, heights.row_top[lower.row]));
        }
        for (back, held) in self.grid.backs.iter().enumerate() {
            let from = &self.grid.vertices[held.from];
            let pieces = &mut wires[held.link].pieces;
            if matches!(from.body, Body::Label(_)) {
                pieces.push(Vec::new());
            }
            let (out, into) = (&runs[hops + 2 * back], &runs[hops + 2 * back + 1]);
            last(pieces).extend([
                (out.from, heights.row_top[from.row] + from.height),
                (out.from, track_y(out)),
                (out.to, track_y(out)),
                (into.from, track_y(into)),
                (into.to, track_y(into)),
                (into.to, heights.row_top[self.grid.vertices[held.to].row]),
            ]);
        }
        self.moved_to_corner(wires, &heights)
    }

    /// Everything moved so that the upper left corner is at zero.
    fn moved_to_corner(self, mut wires: Vec<Wire>, heights: &Heights) -> Placed {
        let Grid { items, links, vertices, .. } = self.grid;
        let sides = vertices.iter().flat_map(|vertex| [vertex.x - vertex.width / 2.0, vertex.x + vertex.width / 2.0]);
        let lanes = self.lanes.iter().map(|lane| lane.x);
        let (mut left, mut right) = (f64::MAX, f64::MIN);
        for x in sides.chain(lanes) {
            (left, right) = (left.min(x), right.max(x));
        }
        for point in wires.iter_mut().flat_map(|wire| &mut wire.pieces).flatten() {
            point.0 -= left;
        }
        let mut at = vec![(0.0, 0.0); items.len()];
        let mut pills = Vec::new();
        for vertex in &vertices {
            let place = (vertex.x - left, heights.row_top[vertex.row]);
            match vertex.body {
                Body::Item(item) => at[item] = place,
                Body::Label(link) => {
                    let text = links[link].label.clone().unwrap_or_default();
                    pills.push(Pill { at: place, width: vertex.width, text });
                }
                Body::Dummy => {}
            }
        }
        Placed { items, at, wires, pills, width: (right - left).max(0.0), height: heights.bottom }
    }
}

/// Where rows and gaps are, from top to bottom.
struct Heights {
    gap_top: Vec<f64>,
    row_top: Vec<f64>,
    bottom: f64,
}

impl Heights {
    fn new(grid: &Grid, tracks: &[usize]) -> Heights {
        let (mut y, mut gap_top, mut row_top) = (0.0, Vec::new(), Vec::new());
        for (row, members) in grid.rows.iter().enumerate() {
            gap_top.push(y);
            y += gap_height(tracks[row], row > 0);
            row_top.push(y);
            y += members.iter().map(|&vertex| grid.vertices[vertex].height).fold(0.0, f64::max);
        }
        gap_top.push(y);
        let ends_in_nodes = grid.items.iter().all(|item| !matches!(item.shape, Shape::Port | Shape::Exit));
        y += gap_height(tracks[grid.rows.len()], ends_in_nodes && grid.items.iter().any(|item| item.shape.is_point()));
        Heights { gap_top, row_top, bottom: y }
    }
}

fn gap_height(tracks: usize, inner: bool) -> f64 {
    match (tracks, inner) {
        (0, false) => 0.0,
        (0, true) => ROW_GAP,
        (tracks, _) => TRACK_ABOVE + TRACK_GAP * count(tracks - 1) + TRACK_BELOW,
    }
}

/// Gives each run a track in its gap, so that runs that overlap do not lie on each other and cross little: of those
/// that go right the rightmost is highest, of those that go left the leftmost. Says how many tracks each gap needs.
fn assign_tracks(runs: &mut [Run], gaps: usize) -> Vec<usize> {
    let mut tracks = vec![0; gaps];
    let mut order: Vec<usize> = (0..runs.len()).filter(|&run| runs[run].from != runs[run].to).collect();
    order.sort_by(|&one, &other| {
        let key = |run: &Run| if run.to > run.from { -run.from } else { run.from };
        key(&runs[one]).total_cmp(&key(&runs[other]))
    });
    let mut placed: Vec<usize> = Vec::new();
    for run in order {
        let held = &runs[run];
        let rivals = placed.iter().map(|&other| &runs[other]).filter(|other| other.gap == held.gap);
        let together = rivals.clone().find(|other| other.bus.is_some() && other.bus == held.bus).map(|bus| bus.track);
        let above = rivals.filter(|other| overlap(held, other) && (other.bus.is_none() || other.bus != held.bus));
        let track = together.unwrap_or_else(|| above.map(|other| other.track + 1).max().unwrap_or(0));
        tracks[held.gap] = tracks[held.gap].max(track + 1);
        runs[run].track = track;
        placed.push(run);
    }
    tracks
}

fn overlap(one: &Run, other: &Run) -> bool {
    let reach = |run: &Run| (run.from.min(run.to) - 6.0, run.from.max(run.to) + 6.0);
    let ((a, b), (c, d)) = (reach(one), reach(other));
    a < d && c < b
}

fn last(pieces: &mut Vec<Vec<(f64, f64)>>) -> &mut Vec<(f64, f64)> {
    if pieces.is_empty() {
        pieces.push(Vec::new());
    }
    let at = pieces.len() - 1;
    &mut pieces[at]
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
