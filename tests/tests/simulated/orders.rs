//! Orders to many records, another version of what is running, and records that begin every week.

use engine::World as Circumstances;
use engine::command::Command;
use engine::definition::{Fill, Parts, Presence, Schedule};
use engine::event::Actor;
use engine::ids::{DefinitionId, Name};
use engine::instance::Status;
use engine::schedule::Recurrence;
use engine::value::FieldType;
use runtime::{BatchError, BatchOrder, Condition, Deed, Selection};
use store::{BatchId, Commit, Loaded};

use crate::draft::Dice;
use crate::made;
use crate::world::World;

/// Who runs the installation.
pub const ADA: &str = "ada";
/// What a record is called that begins by itself.
pub const BY_SCHEDULE: &str = "by schedule";

/// A schedule of a record for Erin, when a week begins.
pub fn every_week() -> Schedule {
    let fill = |field, value| Fill { field: made::name(field), value: made::literal(value) };
    Schedule {
        every: Recurrence::Week,
        requester: made::literal(made::reference("erin")),
        sets: vec![fill("summary", made::text(BY_SCHEDULE)), fill("service", made::reference("mail"))],
    }
}

impl World {
    /// Gives an order to all open records of a process. Now and then the node goes down when it has done a part of it.
    pub fn order(&mut self, dice: &mut Dice, at: usize) {
        let processes: Vec<Name> = self.processes.keys().cloned().collect();
        let process = dice.pick(&processes);
        let all = |condition, definition| Selection::Where {
            process: Some(process.clone()),
            definition,
            condition,
            step: None,
            newest: None,
        };
        let (deed, selection) = match dice.below(8) {
            0 => (Deed::Suspend, all(Condition::Open, None)),
            1 | 2 => (Deed::Resume, all(Condition::Suspended, None)),
            3 => (Deed::Retry, all(Condition::Stuck, None)),
            4 => {
                let some = [self.any(dice), self.any(dice)].into_iter().flatten();
                let numbers = some.map(|loaded| loaded.instance.number().to_owned()).collect();
                (Deed::Cancel, Selection::Numbers(numbers))
            }
            _ => {
                let (from, deed) = self.another_version(dice, &process);
                (deed, all(Condition::Open, Some(from)))
            }
        };
        let suspends = deed == Deed::Suspend;
        let order = BatchOrder { selection, deed, reason: "as agreed".into() };
        match self.nodes[at].runtime.order_batch(&order, &made::name(ADA)) {
            Ok(batch) => {
                self.batches.push(batch);
                if suspends {
                    self.half_done(dice, at, &process, batch);
                }
            }
            Err(BatchError::PlanDoesNotFit(_)) => {}
            Err(cause) => panic!("seed {}: {cause}", self.seed),
        }
    }

    /// Deploys another version of a process; gives the one before, and how its records come to the other.
    fn another_version(&mut self, dice: &mut Dice, process: &Name) -> (DefinitionId, Deed) {
        let old = self.processes[process].clone();
        let mut new = Parts { purpose: format!("{}, once more", old.purpose), ..old.clone() };
        if dice.happens(50) {
            let field = format!("new_{}", new.fields.len());
            new.fields.push(made::given(&field, FieldType::Text { max: 40 }, Presence::Optional, None));
        }
        let (from, to) = (self.deploy(&old), self.deploy(&new));
        let plan = dsl::Plan::of(&old, &new).proposal(from.clone(), to);
        self.processes.insert(process.clone(), new);
        (from, Deed::Migrate { plan })
    }

    /// The first record of an order is done, and the node that did it goes down.
    fn half_done(&mut self, dice: &mut Dice, at: usize, process: &Name, batch: BatchId) {
        let fresh = self.fresh();
        let runtime = &self.nodes[at].runtime;
        let records = self.store.records_of(process, crate::world::ALL).expect("it reads");
        let loaded = records.into_iter().filter_map(|id| self.store.load(id).expect("it reads"));
        let running: Vec<Loaded> = loaded.filter(|loaded| *loaded.instance.status() == Status::Running).collect();
        if running.is_empty() {
            return;
        }
        let loaded = dice.pick(&running);
        let definition = runtime.definition(loaded.instance.definition()).expect("it is in the store");
        let (now, actor) = (runtime.now().max(loaded.at), Actor::Person(made::name(ADA)));
        let directory = runtime.directory();
        let world =
            Circumstances { now, actor: &actor, directory: &directory, fresh, records: &engine::records::NoRecords };
        let command = Command::Suspend { reason: "as agreed".into() };
        let step = engine::step(&definition, &loaded.instance, command, &world);
        let step = step.unwrap_or_else(|cause| panic!("seed {}: {cause}", self.seed));
        let commit = Commit::new(&definition, Some(&loaded), step, now, &actor, "suspend").counted_in(batch);
        self.store.commit(commit).unwrap_or_else(|cause| panic!("seed {}: {cause}", self.seed));
        self.nodes[at] = self.node();
        self.done.half_done += 1;
    }
}
