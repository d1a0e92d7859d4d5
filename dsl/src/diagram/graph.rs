//! From a definition to what is drawn: for each scope its nodes and the ways between them.
//!
//! A race or block is a frame around a picture of its own. A way that leaves a frame ends at a port on the frame's
//! lower edge and goes on from there outside; so each level is laid out alone and knows nothing of the others.

use engine::definition::{Parts, Step, StepKind};
use engine::ids::Name;

use super::layout::{self, Placed};
use super::lines;
use super::route;
use super::words::{self, Face, SMALL_SIZE, WORD_SIZE, Words};

/// The room that a frame keeps around what is in it, in pixels.
pub(super) const FRAME_PAD: f64 = 14.0;
/// The height of a frame's heading, in pixels.
pub(super) const FRAME_HEAD: f64 = 26.0;

/// The height of a line of words, in pixels.
pub(super) const LINE: f64 = 17.0;
/// How wide a task grows for the labels below it, in pixels.
const WIDENED_MAX: f64 = 230.0;

/// What a node looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Start,
    Task,
    Milestone,
    Timer,
    Receive,
    Choose,
    Act,
    End,
    /// A frame around the steps inside.
    Race,
    Block,
    /// Where ways come into a frame, leave it, or meet to leave it together; never drawn themselves.
    Entry,
    Port,
    Exit,
}

impl Shape {
    /// Whether it is a point at a frame's edge.
    pub(super) fn is_point(self) -> bool {
        matches!(self, Shape::Entry | Shape::Port | Shape::Exit)
    }
}

/// A node of one level.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) step: Option<Name>,
    pub(super) shape: Shape,
    pub(super) face: Face,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) inside: Option<Box<Placed>>,
}

/// A way between two nodes of one level.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    /// Where on the lower edge of a frame it begins, from the frame's middle.
    pub(super) from_at: Option<f64>,
    pub(super) to: usize,
    pub(super) label: Option<String>,
}

/// Where a way leads.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    Step(Name),
    /// The end of a branch: on behind the frame.
    EndOf(Option<Name>),
}

/// A way that leads from a node: its goal, where on a frame's lower edge it begins, and its label.
type Way = (Goal, Option<f64>, Option<String>);

/// A way that leaves a level, with the place of its port from the level's middle once that is laid out.
struct Leaving {
    port: usize,
    goal: Goal,
}

/// Draws up the picture of a whole process.
pub(super) fn placed(parts: &Parts, words: Words<'_>) -> Placed {
    let (placed, _, _) = Level::new(parts, words, None).build();
    placed
}

struct Level<'p> {
    parts: &'p Parts,
    words: Words<'p>,
    scope: Option<Name>,
    items: Vec<Item>,
    links: Vec<Link>,
    leaving: Vec<Leaving>,
    exit: Option<usize>,
}

impl<'p> Level<'p> {
    fn new(parts: &'p Parts, words: Words<'p>, scope: Option<Name>) -> Level<'p> {
        Level { parts, words, scope, items: Vec::new(), links: Vec::new(), leaving: Vec::new(), exit: None }
    }

    /// Lays the level out. Gives also where ways leave it, and where its branches meet.
    fn build(mut self) -> (Placed, Vec<(Goal, f64)>, Option<f64>) {
        let parts = self.parts;
        let steps: Vec<&Step> =
            parts.steps.iter().filter(|step| step.scope == self.scope && !is_mere_jump(step)).collect();
        self.items.push(match self.scope {
            None => item(None, Shape::Start, self.words.start()),
            Some(_) => point(Shape::Entry),
        });
        // All nodes first, in written order, since that order breaks cycles and ties.
        let mut ways_out = Vec::new();
        for step in steps {
            ways_out.push(self.add(step));
        }
        for first in self.firsts() {
            self.connect(0, None, None, Goal::Step(first));
        }
        for (place, ways) in ways_out.into_iter().enumerate() {
            for (goal, at, label) in ways {
                self.connect(place + 1, at, label, goal);
            }
        }
        self.widen();
        let placed = layout::lay_out(std::mem::take(&mut self.items), std::mem::take(&mut self.links));
        let middle = placed.width / 2.0;
        let ports = self.leaving.into_iter().map(|left| (left.goal, placed.at[left.port].0 - middle)).collect();
        let exit = self.exit.map(|exit| placed.at[exit].0 - middle);
        (placed, ports, exit)
    }

    /// Makes nodes wide enough for the labels below them, so that the ways to these are straight.
    fn widen(&mut self) {
        for (place, item) in self.items.iter_mut().enumerate() {
            let labels = self.links.iter().filter(|link| link.from == place).filter_map(|link| link.label.as_ref());
            let widths: Vec<f64> = labels.map(|label| layout::label_width(label)).collect();
            let ends = widths.first().unwrap_or(&0.0) / 2.0 + widths.last().unwrap_or(&0.0) / 2.0;
            let between: f64 = widths.iter().map(|width| width + layout::LABEL_GAP).sum();
            if item.shape == Shape::Task && widths.len() > 1 {
                item.width = item
                    .width
                    .max((between - layout::LABEL_GAP - ends + 2.0 * route::CORNER + 16.0).ceil().min(WIDENED_MAX));
            }
        }
    }

    fn firsts(&self) -> Vec<Name> {
        let Some(scope) = &self.scope else { return vec![self.parts.first.clone()] };
        match self.step(scope).map(|step| &step.kind) {
            Some(kind) => kind
                .ways()
                .into_iter()
                .filter(|to| self.step(to).is_some_and(|to| to.scope == self.scope))
                .cloned()
                .collect(),
            None => Vec::new(),
        }
    }

    fn step(&self, name: &Name) -> Option<&'p Step> {
        self.parts.step(name)
    }

    /// Adds a step's node and says which ways lead from it.
    fn add(&mut self, step: &Step) -> Vec<Way> {
        let face = self.words.face(step);
        let next = step.next.clone().map_or_else(|| Goal::EndOf(step.scope.clone()), Goal::Step);
        let (shape, ways) = match &step.kind {
            StepKind::Race { .. }
            | StepKind::Together { .. }
            | StepKind::Block { .. }
            | StepKind::ForEach(_)
            | StepKind::Handler { .. }
            | StepKind::Extra { .. } => {
                let (frame, ways) = self.frame(step, face, next);
                self.items.push(frame);
                return ways;
            }
            StepKind::Task(_) | StepKind::Approval(_) => {
                let ways = step.kind.outcomes().iter().map(|outcome| {
                    let goal = outcome.to.clone().map_or_else(|| next.clone(), Goal::Step);
                    (goal, None, Some(self.words.of(&outcome.labels)))
                });
                (Shape::Task, ways.collect())
            }
            StepKind::Choose { cases, otherwise } => {
                let mut ways: Vec<_> = cases
                    .iter()
                    .map(|case| (Goal::Step(case.to.clone()), None, Some(self.words.condition(&case.when))))
                    .collect();
                // Where the last case leads there too, every case is named already.
                if cases.is_empty() || cases.last().map(|case| &case.to) != otherwise.as_ref() {
                    let goal = otherwise.clone().map_or(next, Goal::Step);
                    ways.push((goal, None, Some(self.words.otherwise().to_owned())));
                }
                (Shape::Choose, ways)
            }
            StepKind::Milestone => (Shape::Milestone, vec![(next, None, None)]),
            StepKind::Receive { .. } | StepKind::Signal { .. } => (Shape::Receive, vec![(next, None, None)]),
            StepKind::Timer { .. } | StepKind::Wait { .. } => (Shape::Timer, vec![(next, None, None)]),
            StepKind::Job(job) => {
                let fails = Some(self.words.say("fails", "失败").to_owned());
                let failed = job.failed.iter().map(|to| (Goal::Step(to.clone()), None, fails.clone()));
                (Shape::Act, std::iter::once((next, None, None)).chain(failed).collect())
            }
            StepKind::Call(_) | StepKind::Act { .. } | StepKind::Undo => (Shape::Act, vec![(next, None, None)]),
            StepKind::End(_) => (Shape::End, Vec::new()),
        };
        self.items.push(item(Some(step.name.clone()), shape, face));
        ways
    }

    fn frame(&self, step: &Step, face: Face, next: Goal) -> (Item, Vec<Way>) {
        let (scope, face) = match self.only_race_in(step) {
            Some(race) => (race.name.clone(), Face { small: self.words.face(race).small, ..face }),
            None => (step.name.clone(), face),
        };
        let (inside, ports, exit) = Level::new(self.parts, self.words, Some(scope)).build();
        let shape = match step.kind {
            StepKind::Race { .. } | StepKind::Together { .. } | StepKind::ForEach(_) => Shape::Race,
            _ => Shape::Block,
        };
        let head = lines::width(&heading(&face), SMALL_SIZE) + 2.0 * FRAME_PAD;
        let frame = Item {
            step: Some(step.name.clone()),
            shape,
            width: (inside.width + 2.0 * FRAME_PAD).max(head),
            height: inside.height + FRAME_HEAD,
            face,
            inside: Some(Box::new(inside)),
        };
        let mut ways: Vec<_> = ports.into_iter().map(|(goal, at)| (goal, Some(at), None)).collect();
        if let Some(at) = exit {
            ways.insert(0, (next, Some(at), None));
        }
        (frame, ways)
    }

    /// The nameless race that is all there is in a block: it shares the block's frame.
    fn only_race_in(&self, block: &Step) -> Option<&'p Step> {
        let mut inside =
            self.parts.steps.iter().filter(|step| step.scope.as_ref() == Some(&block.name) && !is_mere_jump(step));
        let (only, more) = (inside.next()?, inside.next());
        let nameless = matches!(only.kind, StepKind::Race { .. }) && only.labels.en.is_empty();
        let shares = matches!(block.kind, StepKind::Block { .. }) && more.is_none() && only.next.is_none();
        (nameless && shares).then_some(only)
    }

    fn connect(&mut self, from: usize, from_at: Option<f64>, label: Option<String>, goal: Goal) {
        let goal = self.beyond_jumps(goal);
        let here = match &goal {
            Goal::Step(name) => self.items.iter().position(|item| item.step.as_ref() == Some(name)),
            Goal::EndOf(scope) if *scope == self.scope && scope.is_some() => Some(self.exit()),
            Goal::EndOf(_) => None,
        };
        // Ways to the same goal leave the frame together.
        let known = self.leaving.iter().find(|left| left.goal == goal).map(|left| left.port);
        let to = here.or(known).unwrap_or_else(|| {
            self.items.push(point(Shape::Port));
            let port = self.items.len() - 1;
            self.leaving.push(Leaving { port, goal });
            port
        });
        self.links.push(Link { from, from_at, to, label: label.filter(|label| !label.is_empty()) });
    }

    fn exit(&mut self) -> usize {
        *self.exit.get_or_insert_with(|| {
            self.items.push(point(Shape::Exit));
            self.items.len() - 1
        })
    }

    /// Where a way leads when the jumps on it are taken, which are no steps for the reader.
    fn beyond_jumps(&self, mut goal: Goal) -> Goal {
        for _ in 0..self.parts.steps.len() {
            let Goal::Step(name) = &goal else { break };
            let Some(step) = self.step(name).filter(|step| is_mere_jump(step)) else { break };
            let to = match &step.kind {
                StepKind::Choose { otherwise, .. } => otherwise.clone().or_else(|| step.next.clone()),
                _ => None,
            };
            goal = to.map_or_else(|| Goal::EndOf(step.scope.clone()), Goal::Step);
        }
        goal
    }
}

/// Whether a step only leads elsewhere, without a name and without a question.
pub(super) fn is_mere_jump(step: &Step) -> bool {
    match &step.kind {
        StepKind::Choose { cases, .. } => cases.is_empty() && step.labels.en.is_empty(),
        _ => false,
    }
}

/// What stands at the top of a frame.
pub(super) fn heading(face: &Face) -> String {
    let (called, small) = (face.lines.join(" "), face.small.join(" "));
    match (called.is_empty(), small.is_empty()) {
        (true, _) => words::capital(&small),
        (false, true) => called,
        (false, false) => format!("{called} · {small}"),
    }
}

fn point(shape: Shape) -> Item {
    Item { step: None, shape, face: Face::default(), width: 2.0, height: 0.0, inside: None }
}

fn item(step: Option<Name>, shape: Shape, face: Face) -> Item {
    // Names are bold, and bold letters are wider.
    let size = if shape == Shape::Act { SMALL_SIZE } else { WORD_SIZE * 1.1 };
    let widest = |lines: &[String], size| lines.iter().map(|line| lines::width(line, size)).fold(0.0, f64::max);
    let words = widest(&face.lines, size).max(widest(&face.small, SMALL_SIZE));
    let text_height = LINE * f64::from(u32::try_from(face.lines.len() + face.small.len()).unwrap_or(1));
    let (width, height) = match shape {
        Shape::Task => (words.max(96.0) + 32.0, text_height + 20.0),
        Shape::Milestone => (words.max(40.0) + 56.0, text_height + 16.0),
        Shape::Timer | Shape::Receive => (words.max(30.0) + 62.0, text_height + 16.0),
        Shape::Act => (words.max(30.0) + 46.0, text_height + 11.0),
        Shape::End => (words.max(30.0) + 40.0, text_height + 15.0),
        Shape::Start => (words.max(30.0) + 40.0, text_height + 12.0),
        Shape::Choose => (words + 44.0, text_height.max(LINE) + 24.0),
        Shape::Race | Shape::Block | Shape::Entry | Shape::Port | Shape::Exit => (2.0, 0.0),
    };
    Item { step, shape, face, width: width.ceil(), height: height.ceil(), inside: None }
}
