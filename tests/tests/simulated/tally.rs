//! What happened in a simulation, in figures.

/// How often each must happen in the seeds of a run.
const ENOUGH: usize = 3;

/// How often each happened.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Commands that were done.
    pub commands: usize,
    /// Commands that were refused.
    pub refused: usize,
    /// Commands that were decided first upon a copy that others had overtaken.
    pub overtaken: usize,
    /// Commits that lost against another one upon the same state.
    pub lost: usize,
    /// Nodes that went down between two events.
    pub crashes: usize,
    /// Nodes that went down after a commit, before anybody was answered.
    pub unanswered: usize,
    /// Of those, with something left undone that is else done at once.
    pub left_undone: usize,
    /// Records that others began.
    pub begun: usize,
    /// Records that a schedule began.
    pub scheduled: usize,
    /// Effects that were performed again.
    pub again: usize,
    /// Effects that could not be performed in the end.
    pub put_off: usize,
    /// What people were told.
    pub told: usize,
    /// Records that were moved to another version.
    pub migrated: usize,
    /// Records that an order to many has changed.
    pub ordered: usize,
    /// Orders that a node went down upon when it had done a part.
    pub half_done: usize,
    /// Records that went through what is done on cancel.
    pub cancelled: usize,
}

impl Tally {
    fn figures(&self) -> [(&'static str, usize); 16] {
        [
            ("commands", self.commands),
            ("refused", self.refused),
            ("overtaken", self.overtaken),
            ("lost", self.lost),
            ("crashes", self.crashes),
            ("unanswered", self.unanswered),
            ("left undone", self.left_undone),
            ("begun", self.begun),
            ("scheduled", self.scheduled),
            ("again", self.again),
            ("put off", self.put_off),
            ("told", self.told),
            ("migrated", self.migrated),
            ("ordered", self.ordered),
            ("half done", self.half_done),
            ("cancelled", self.cancelled),
        ]
    }

    /// What has happened too seldom to tell. That something is put off in the end is left to chance.
    pub fn unreached(&self) -> Vec<&'static str> {
        self.figures()
            .into_iter()
            .filter(|(name, count)| *count < ENOUGH && *name != "put off")
            .map(|(name, _)| name)
            .collect()
    }

    pub fn add(&mut self, other: &Tally) {
        self.commands += other.commands;
        self.refused += other.refused;
        self.overtaken += other.overtaken;
        self.lost += other.lost;
        self.crashes += other.crashes;
        self.unanswered += other.unanswered;
        self.left_undone += other.left_undone;
        self.begun += other.begun;
        self.scheduled += other.scheduled;
        self.again += other.again;
        self.put_off += other.put_off;
        self.told += other.told;
        self.migrated += other.migrated;
        self.ordered += other.ordered;
        self.half_done += other.half_done;
        self.cancelled += other.cancelled;
    }
}
