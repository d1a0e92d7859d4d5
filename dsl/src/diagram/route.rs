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
    lane_of: Vec<usize>,
}

/// Draws all ways and gives every node its place.
pub(super) fn route(grid: Grid) -> Placed {
    let mut router = Router {
        hop_upper: vec![0.0; grid.hops.len()],
        hop_lower: vec![0.0; grid.hops.len()],
        back_from: vec![0.0; grid.backs.len()],
        back_to: vec![0.0; grid.backs.len()],
        lanes: Vec::new(),
        lane_of: Vec::new(),
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

    /// Ways back to the same node share a lane. Short lanes are nearest to the rows; each goes by the side on which
    /// its ways cross fewer others.
    fn choose_lanes(&mut self) {
        let mut goals: Vec<usize> = self.grid.backs.iter().map(|back| back.to).collect();
        goals.sort_unstable();
        goals.dedup();
        let ways_to = |goal: usize| -> Vec<usize> {
            (0..self.grid.backs.len()).filter(|&back| self.grid.backs[back].to == goal).collect()
        };
        let mut groups: Vec<(usize, usize, Vec<usize>)> = goals
            .into_iter()
            .map(|goal| {
                let ways = ways_to(goal);
                let bottom = ways.iter().map(|&back| self.rows_of(back).1).max().unwrap_or(0);
                (self.grid.vertices[goal].row, bottom, ways)
            })
            .collect();
        groups.sort_by_key(|(top, bottom, _)| bottom - top);
        let mut lanes: Vec<Lane> = Vec::new();
        let mut lane_of = vec![0; self.grid.backs.len()];
        for (top, bottom, ways) in groups {
            let cost = |left: bool| ways.iter().map(|&back| self.cost(back, left)).sum::<f64>();
            let sign = if cost(true) <= cost(false) { -1.0 } else { 1.0 };
            let edge = (top..=bottom)
                .flat_map(|row| &self.grid.rows[row])
                .map(|&vertex| &self.grid.vertices[vertex])
                .map(|vertex| sign * vertex.x + vertex.width / 2.0)
                .fold(f64::MIN, f64::max);
            let taken = lanes.iter().filter(|lane| lane.top <= bottom && top <= lane.bottom);
            let beyond = taken.map(|lane| sign * lane.x).filter(|x| *x > edge).fold(f64::MIN, f64::max);
            ways.iter().for_each(|&back| lane_of[back] = lanes.len());
            lanes.push(Lane { top, bottom, x: sign * (edge + LANE_GAP).max(beyond + TRACK_GAP) });
        }
        self.lanes = lanes;
        self.lane_of = lane_of;
    }

    fn lane(&self, back: usize) -> &Lane {
        &self.lanes[self.lane_of[back]]
    }

    fn rows_of(&self, back: usize) -> (usize, usize) {
        let held = &self.grid.backs[back];
        (self.grid.vertices[held.to].row, self.grid.vertices[held.from].row)
    }

    /// How many ways a way back crosses on its way to a lane on one side and from it; then its length.
    fn cost(&self, back: usize, left: bool) -> f64 {
        let held = &self.grid.backs[back];
        let (top, bottom) = self.rows_of(back);
        let from = self.grid.vertices[held.from].x + held.from_at.unwrap_or(0.0);
        let to = self.grid.vertices[held.to].x;
        let crossed = |gap: usize, x: f64| {
            let hops = self.grid.hops.iter().filter(|hop| self.grid.vertices[hop.lower].row == gap);
            let at = hops.filter(|hop| hop.upper != held.from && hop.lower != held.to).map(|hop| {
                let upper = self.grid.vertices[hop.upper].x + hop.upper_at.unwrap_or(0.0);
                (upper + self.grid.vertices[hop.lower].x) / 2.0
            });
            count(at.filter(|at| if left { *at < x } else { *at > x }).count())
        };
        let length = if left { from + to } else { -from - to };
        crossed(bottom + 1, from) + crossed(top, to) + length / 1_000.0
    }

    // --- ports

    /// Ports on lower edges slide towards where their ways lead, those on frames are where the inside left them.
    fn place_lower_ports(&mut self) {
        for vertex in 0..self.grid.vertices.len() {
            let mut ends: Vec<(f64, f64, End)> = Vec::new();
            for (hop, held) in self.grid.hops.iter().enumerate().filter(|(_, held)| held.upper == vertex) {
                match held.upper_at {
                    Some(at) => self.hop_upper[hop] = self.grid.vertices[vertex].x + at,
                    None if self.is(held.lower, Shape::Exit) || self.is(held.lower, Shape::Port) => {
                        ends.push((self.grid.vertices[vertex].x, 1.0, End::Hop(hop)))
                    }
                    None => ends.push((self.grid.vertices[held.lower].x, 1.0, End::Hop(hop))),
                }
            }
            for (back, held) in self.grid.backs.iter().enumerate().filter(|(_, held)| held.from == vertex) {
                match held.from_at {
                    Some(at) => self.back_from[back] = self.grid.vertices[vertex].x + at,
                    None => ends.push((self.lane(back).x, WEIGHT_BACK, End::Back(back))),
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
                .chain(backs.take(1).map(|(back, _)| (self.lane(back).x, WEIGHT_BACK, End::Back(back))))
                .collect();
            for (x, end) in self.slid(vertex, ends) {
                match end {
                    End::Hop(hop) => self.hop_lower[hop] = x,
                    End::Back(first) => {
                        let lane = self.lane_of[first];
                        let together = self.back_to.iter_mut().zip(&self.lane_of).filter(|(_, held)| **held == lane);
                        together.for_each(|(to, _)| *to = x);
                    }
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
                Shape::Start | Shape::End | Shape::Timer | Shape::Receive => {
                    ((held.width - held.height) / 2.0).max(0.0)
                }
                Shape::Milestone => (held.width / 2.0 - CORNER - 6.0).max(0.0),
                Shape::Task | Shape::Act | Shape::Race | Shape::Block => (held.width / 2.0 - CORNER).max(0.0),
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
            (_, Some(Shape::Exit | Shape::Port)) => Some(held.lower),
            _ => None,
        };
        let gap = self.grid.vertices[held.lower].row;
        Run { gap, from: self.hop_upper[hop], to: self.hop_lower[hop], bus, track: 0 }
    }

    /// The run to the lane and the run from it.
    fn back_runs(&self, back: usize) -> [Run; 2] {
        let lane = self.lane(back);
        let (from, to) = (self.back_from[back], self.back_to[back]);
        let together = Some(self.grid.vertices.len() + self.lane_of[back]);
        let out = Run { gap: self.rows_of(back).1 + 1, from, to: lane.x, bus: together, track: 0 };
        [out, Run { gap: lane.top, from: lane.x, to, bus: together, track: 0 }]
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
    let reaches: Vec<(f64, f64)> = runs.iter().map(|run| reach(run, runs)).collect();
    let mut placed: Vec<usize> = Vec::new();
    for run in order {
        let held = &runs[run];
        let together = |other: &usize| held.bus.is_some() && runs[*other].bus == held.bus;
        let rivals: Vec<usize> = placed.iter().copied().filter(|&other| runs[other].gap == held.gap).collect();
        let shared = rivals.iter().copied().find(together).map(|other| runs[other].track);
        let track = shared.unwrap_or_else(|| {
            let above = rivals.iter().filter(|&&other| overlap(reaches[run], reaches[other]));
            above.map(|&other| runs[other].track + 1).max().unwrap_or(0)
        });
        tracks[held.gap] = tracks[held.gap].max(track + 1);
        runs[run].track = track;
        placed.push(run);
    }
    tracks
}

/// From where to where a run takes its track, with all that share it.
fn reach(run: &Run, runs: &[Run]) -> (f64, f64) {
    let shares = |other: &&Run| other.gap == run.gap && other.bus == run.bus;
    let sharing = runs.iter().filter(|_| run.bus.is_some()).filter(shares).chain(std::iter::once(run));
    sharing.fold((f64::MAX, f64::MIN), |(left, right), run| {
        (left.min(run.from).min(run.to), right.max(run.from).max(run.to))
    })
}

fn overlap(one: (f64, f64), other: (f64, f64)) -> bool {
    one.0 < other.1 + TRACK_GAP && other.0 < one.1 + TRACK_GAP
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
