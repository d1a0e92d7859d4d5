//! One order to many records: rehearsed first, then carried out in the background in small commits.
//!
//! A batch looks at its records from the newest down, none that began after the order. What became of each is kept with
//! the record's own commit. A restart looks from the top down again and passes over what is noted, so that nothing is done
//! twice and nothing is left out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use engine::command::{Command, Rejection};
use engine::definition::Definition;
use engine::event::{Actor, Event};
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::Instance;
use engine::migration::{Migrated, MigrationPlan, Passage, PlanFault};
use engine::time::Timestamp;
use engine::value::Fields;
use engine::{Step, World};
use serde::{Deserialize, Serialize};
use store::{
    BATCH_LINES_MAX, BatchId, BatchRow, BatchState, CASES_PAGE_MAX, CaseFilter, CaseQuery, CaseRow, ClaimedBatch,
    Commit, HistoryEntry, LineFilter, Loaded, NewBatch, StoreError,
};

use crate::execute::{Change, ExecuteError, OnItsWay};
use crate::eyes::Eyes;
use crate::{Runtime, RuntimeError};

/// How many records are on their way to the disk at once.
const CHUNK: usize = 100;
/// How long a batch belongs to whoever took it up last, in milliseconds.
const HELD_MS: i64 = 10_000;
/// How often a record that others change meanwhile is tried.
const ATTEMPTS_MAX: u32 = 3;
/// What stands for the reason in a rehearsal.
const REHEARSAL: &str = "rehearsal";
/// The most records that an order may name by number.
const NUMBERS_MAX: usize = 1_000;

/// An order to many records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchOrder {
    /// Which records.
    pub selection: Selection,
    /// What to do.
    pub deed: Deed,
    /// Why.
    pub reason: String,
}

/// Which records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// All of which this is true.
    Where {
        /// Of this process.
        #[serde(default)]
        process: Option<Name>,
        /// That follow this definition.
        #[serde(default)]
        definition: Option<DefinitionId>,
        /// How they are.
        #[serde(default)]
        condition: Condition,
        /// That stand in this step, or in something in it.
        #[serde(default)]
        step: Option<Name>,
        /// None that is newer than this one; the newest of all when the order was given.
        #[serde(default)]
        newest: Option<i64>,
    },
    /// Those of these numbers.
    Numbers(Vec<String>),
    /// Those that a batch has changed.
    ChangedBy(i64),
}

/// How records are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Not over.
    #[default]
    Open,
    /// In need of repair.
    Stuck,
    /// Suspended.
    Suspended,
}

/// What to do with each record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// [`Command::Suspend`].
    Suspend,
    /// [`Command::Resume`].
    Resume,
    /// [`Command::Cancel`].
    Cancel,
    /// [`Command::Retry`].
    Retry,
    /// [`Command::Skip`].
    Skip,
    /// [`Command::Edit`].
    Edit {
        /// The values.
        fields: Fields,
    },
    /// [`Command::Mend`].
    Mend {
        /// The values.
        fields: Fields,
    },
    /// [`Command::Move`], of the one token that stands there.
    Move {
        /// Where it stands.
        from: Name,
        /// Where it goes.
        to: Name,
    },
    /// Bring it to another version.
    Migrate {
        /// How.
        plan: MigrationPlan,
    },
    /// [`Command::Recount`]: a calendar has other data.
    Recount {
        /// The calendar.
        calendar: Name,
        /// Not before this instant.
        from: Timestamp,
    },
    /// [`Command::Tick`]: an entry of a register has other values, from which its clocks and conditions take theirs.
    LookAgain {
        /// Not before this instant.
        from: Timestamp,
    },
    /// Bring it back to the version that it followed before another batch, unless somebody has worked on it since.
    Undo {
        /// The other batch.
        batch: i64,
    },
}

/// Why nothing was done to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The core refuses.
    Rejected(Rejection),
    /// More than one token stands in the step.
    StandsThereTwice(Name),
    /// Somebody has worked on it since, so it is not brought back.
    WorkedOn {
        /// Who.
        by: Name,
        /// When.
        at: Timestamp,
    },
    /// What a clock measured that was given up cannot be brought back.
    ClockGivenUp,
    /// It would change nothing.
    NothingToDo,
    /// Others change it again and again.
    Busy,
    /// It cannot be read, or its definition cannot be used.
    Unusable(String),
}

/// What an order would do to a record.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// What would become of it.
    pub foreseen: Foreseen,
}

/// What an order would lead to.
#[derive(Clone, Debug)]
pub enum Foreseen {
    /// The record as it would be.
    Change(Box<Instance>),
    /// Nothing would be done.
    Refusal(Why),
}

/// Why an order is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// No reason is given.
    #[error("a reason must be given")]
    ReasonMissing,
    /// Records that there are not.
    #[error("there are no such records: {}", .0.join(", "))]
    NoSuchRecords(Vec<String>),
    /// More numbers than an order may name.
    #[error("an order names at most {NUMBERS_MAX} records by number")]
    TooManyNumbers,
    /// The plan does not fit its versions.
    #[error("the plan does not fit: {}", .0.iter().map(|fault| fault.said().en).collect::<Vec<_>>().join("; "))]
    PlanDoesNotFit(Vec<PlanFault>),
    /// There is no such batch.
    #[error("there is no such batch")]
    NoSuchBatch,
    /// The batch is final, or is no migration.
    #[error("the batch cannot be undone: it is final, still running, or no migration")]
    CannotUndo,
    /// Something beneath failed.
    #[error(transparent)]
    Broken(#[from] RuntimeError),
}

impl From<StoreError> for BatchError {
    fn from(cause: StoreError) -> Self {
        BatchError::Broken(cause.into())
    }
}

/// Why a record is left.
enum Left {
    /// For a reason to be told.
    For(Why),
    /// The store failed: the batch waits.
    Broken(RuntimeError),
}

impl<E: Into<RuntimeError>> From<E> for Left {
    fn from(cause: E) -> Self {
        Left::Broken(cause.into())
    }
}

/// What is the same for all records of a piece of a batch.
struct Piece<'p> {
    batch: BatchId,
    order: &'p BatchOrder,
    passage: Option<Passage<'p>>,
    actor: Actor,
}

/// The two versions of a migration, kept while a chunk is worked on.
type Versions = Option<(Arc<Definition>, Arc<Definition>)>;

impl Runtime {
    /// Says what an order would do to each of its records, and does nothing; gives how many there are.
    ///
    /// # Errors
    /// The order itself is wrong, or the store failed.
    pub fn rehearse(&self, order: &BatchOrder, by: &Actor, told: &mut dyn FnMut(Rehearsed)) -> Result<u64, BatchError> {
        let mut order = self.bounded(order)?;
        if order.reason.trim().is_empty() {
            // Nobody has said why yet; what is rehearsed does not depend on it.
            order.reason = REHEARSAL.to_owned();
        }
        let versions = self.versions(&order.deed)?;
        let passage = passage(&order.deed, &versions)?;
        let (mut position, mut count) = (None, 0);
        loop {
            let page = self.page(&order.selection, position)?;
            let Some(last) = page.last() else { return Ok(count) };
            position = Some(*last);
            for id in page {
                let Some(loaded) = self.load(id)? else { continue };
                count += 1;
                let foreseen = match self.foresee(&loaded, &order, passage.as_ref(), by) {
                    Ok((_, step)) => Foreseen::Change(Box::new(step.instance)),
                    Err(Left::For(why)) => Foreseen::Refusal(why),
                    Err(Left::Broken(cause)) => return Err(cause.into()),
                };
                told(Rehearsed { instance: id, number: loaded.instance.number().to_owned(), foreseen });
            }
        }
    }

    /// Takes an order; the background carries it out from now on.
    ///
    /// # Errors
    /// As [`Runtime::rehearse`].
    pub fn order_batch(&self, order: &BatchOrder, by: &Name) -> Result<BatchId, BatchError> {
        if order.reason.trim().is_empty() {
            return Err(BatchError::ReasonMissing);
        }
        let order = self.bounded(order)?;
        passage(&order.deed, &self.versions(&order.deed)?)?;
        Ok(self.take_order(order, by)?)
    }

    /// Takes an order in which nothing can be wrong.
    pub(crate) fn take_order(&self, order: BatchOrder, by: &Name) -> Result<BatchId, RuntimeError> {
        let total = self.count(&order.selection)?;
        let id = BatchId(self.0.ids.next().0);
        let body = serde_json::to_string(&order).expect("an order is plain data with text for keys");
        let (reason, at, by) = (order.reason, self.now(), by.clone());
        self.store().order_batch(&NewBatch { id, body, reason, by, at, total })?;
        self.0.nudge.committed();
        Ok(id)
    }

    /// Orders that what a migration has moved comes back, but for records that somebody has worked on since.
    ///
    /// # Errors
    /// The batch is no migration, is worked on, or is final.
    pub fn undo_batch(&self, batch: BatchId, reason: String, by: &Name) -> Result<BatchId, BatchError> {
        let row = self.store().batch(batch)?.ok_or(BatchError::NoSuchBatch)?;
        let is_migration = matches!(BatchOrder::of(&row)?.deed, Deed::Migrate { .. });
        match row.state {
            BatchState::Done | BatchState::Stopped if is_migration => {}
            BatchState::Done | BatchState::Stopped | BatchState::Running | BatchState::Final => {
                return Err(BatchError::CannotUndo);
            }
        }
        let order =
            BatchOrder { selection: Selection::ChangedBy(batch.0), deed: Deed::Undo { batch: batch.0 }, reason };
        self.order_batch(&order, by)
    }

    /// Lets a batch go no further; what was done stays done. Tells whether it was running.
    ///
    /// # Errors
    /// The store failed.
    pub fn stop_batch(&self, batch: BatchId) -> Result<bool, RuntimeError> {
        Ok(self.store().turn_batch(batch, BatchState::Running, BatchState::Stopped, self.now())?)
    }

    /// Commits a batch: it cannot be undone any more. Tells whether it was over and was not final yet.
    ///
    /// # Errors
    /// The store failed.
    pub fn finalise_batch(&self, batch: BatchId) -> Result<bool, RuntimeError> {
        let (store, now) = (self.store(), self.now());
        Ok(store.turn_batch(batch, BatchState::Done, BatchState::Final, now)?
            || store.turn_batch(batch, BatchState::Stopped, BatchState::Final, now)?)
    }

    /// Carries out a piece of the oldest batch that nobody else works on; gives how many records it looked at.
    ///
    /// # Errors
    /// The store failed; the batch waits where it is.
    pub fn work_on_batch(&self) -> Result<usize, RuntimeError> {
        let now = self.now();
        let claimed = self.store().claim_batch(&self.0.ids.worker(), now, now.plus_ms(HELD_MS))?;
        let Some(claimed) = claimed else { return Ok(0) };
        let order = read_order(&claimed.body)?;
        if self.settles(&order.deed, now)? {
            return Ok(0);
        }
        let worked = self.work_through(&claimed, &order);
        let reached = match &worked {
            Ok((_, Some(reached))) => Some((claimed.id, *reached)),
            // After a failure it is looked from the top down again: what is done is known.
            Ok((_, None)) | Err(_) => None,
        };
        *self.0.batch_reached.lock().unwrap_or_else(PoisonError::into_inner) = reached;
        worked.map(|(looked_at, _)| looked_at)
    }

    /// Gives how many records it looked at, and the last of them.
    fn work_through(
        &self,
        claimed: &ClaimedBatch,
        order: &BatchOrder,
    ) -> Result<(usize, Option<InstanceId>), RuntimeError> {
        let reached = *self.0.batch_reached.lock().unwrap_or_else(PoisonError::into_inner);
        let reached = reached.filter(|(batch, _)| *batch == claimed.id).map(|(_, record)| record);
        let page = self.page(&order.selection, reached)?;
        let (Some(newest), Some(oldest)) = (page.first(), page.last()) else {
            self.store().turn_batch(claimed.id, BatchState::Running, BatchState::Done, self.now())?;
            return Ok((1, None));
        };
        let versions = self.versions(&order.deed)?;
        let Ok(passage) = passage(&order.deed, &versions) else {
            // It fitted when it was ordered, and versions never change: somebody has changed the order by hand.
            tracing::error!(batch = claimed.id.0, "the plan of a batch does not fit; it is stopped");
            self.store().turn_batch(claimed.id, BatchState::Running, BatchState::Stopped, self.now())?;
            return Ok((1, None));
        };
        let noted = self.store().noted_in_batch(claimed.id, *oldest, *newest)?;
        let (mut under_way, mut refused) = (Vec::new(), Vec::new());
        let piece = Piece { batch: claimed.id, order, passage, actor: Actor::Person(claimed.by.clone()) };
        for id in page.iter().filter(|id| !noted.contains(id)) {
            match self.set_out(*id, &piece) {
                Ok(on_its_way) => under_way.push((*id, on_its_way)),
                Err(Left::For(why)) => refused.push((*id, written(&why))),
                Err(Left::Broken(cause)) => return Err(cause),
            }
        }
        for (id, on_its_way) in under_way {
            match self.arrive(id, on_its_way, &piece) {
                Ok(()) => {}
                Err(Left::For(why)) => refused.push((id, written(&why))),
                Err(Left::Broken(cause)) => return Err(cause),
            }
        }
        if !refused.is_empty() {
            self.store().refuse_in_batch(claimed.id, refused)?;
        }
        Ok((page.len(), Some(*oldest)))
    }

    /// Waits for a record's commit; one that lost a race is decided anew.
    fn arrive(&self, id: InstanceId, on_its_way: OnItsWay, piece: &Piece<'_>) -> Result<(), Left> {
        let mut on_its_way = on_its_way;
        for _ in 1..ATTEMPTS_MAX {
            match self.await_arrival(on_its_way) {
                Ok(_) => return Ok(()),
                Err(ExecuteError::Busy) => on_its_way = self.set_out(id, piece)?,
                Err(ExecuteError::Broken(cause)) => return Err(Left::Broken(cause)),
                Err(other) => return Err(Left::For(Why::Unusable(other.to_string()))),
            }
        }
        match self.await_arrival(on_its_way) {
            Ok(_) => Ok(()),
            Err(ExecuteError::Broken(cause)) => Err(Left::Broken(cause)),
            Err(_) => Err(Left::For(Why::Busy)),
        }
    }

    /// Hands a record's commit to the writer.
    fn set_out(&self, id: InstanceId, piece: &Piece<'_>) -> Result<OnItsWay, Left> {
        let Piece { batch, order, passage, actor } = piece;
        let loaded =
            self.store().load(id)?.ok_or_else(|| Left::For(Why::Unusable("there is no such record".into())))?;
        // One record that makes us panic must not hold up all others.
        let foreseen = catch_unwind(AssertUnwindSafe(|| self.foresee(&loaded, order, passage.as_ref(), actor)));
        let (definition, step) = foreseen.unwrap_or_else(|_| {
            tracing::error!(instance = %id, "a record made a batch panic");
            Err(Left::For(Why::Unusable("it could not be worked on".into())))
        })?;
        let at = self.now_for(&loaded);
        let step = self.told_to_watchers(step, &definition, (at, actor))?;
        let commit = Commit::new(&definition, Some(&loaded), step, at, actor, order.deed.verb()).counted_in(*batch);
        // What a batch owes is left to the background, where it is dealt with in its turn.
        Ok(self.send_off(Change { commit: Box::new(commit), urgent: Vec::new() }))
    }

    /// What an order leads to for a record, with the definition that the record follows then.
    fn foresee(
        &self,
        loaded: &Loaded,
        order: &BatchOrder,
        passage: Option<&Passage<'_>>,
        actor: &Actor,
    ) -> Result<(Arc<Definition>, Step), Left> {
        let (instance, directory) = (&loaded.instance, self.directory());
        let held = self.definition(instance.definition()).map_err(|cause| match cause {
            RuntimeError::Store(_) => Left::Broken(cause),
            other => Left::For(Why::Unusable(other.to_string())),
        })?;
        let (fresh, eyes) = (self.0.ids.block(engine::BEGUN_MAX), Eyes::of(self));
        let world = World { now: self.now_for(loaded), actor, directory: &directory, fresh, records: &eyes };
        let reason = order.reason.clone();
        let (definition, stepped) = match (&order.deed, passage) {
            (Deed::Migrate { plan }, Some(passage)) => {
                (self.definition(&plan.to)?, engine::migrate(passage, instance, reason, &world))
            }
            (Deed::Undo { batch }, _) => {
                let plan = self.way_back(BatchId(*batch), loaded)?;
                let old = self.definition(&plan.from)?;
                let new = self.definition(&plan.to)?;
                let passage = Passage::new(&old, &new, plan)
                    .map_err(|faults| Left::For(Why::Unusable(said(faults.into_iter()))))?;
                let stepped = engine::migrate(&passage, instance, reason, &world);
                (new.clone(), stepped)
            }
            (deed, _) => {
                let command = command(deed, instance, reason).map_err(Left::For)?;
                (held.clone(), engine::step(&held, instance, command, &world))
            }
        };
        let step = eyes.judged(stepped)?.map_err(|rejection| Left::For(Why::Rejected(rejection)))?;
        if step.events.is_empty() { Err(Left::For(Why::NothingToDo)) } else { Ok((definition, step)) }
    }

    /// The plan that brings a record back to where it was before a batch, if nobody has worked on it since.
    fn way_back(&self, batch: BatchId, loaded: &Loaded) -> Result<MigrationPlan, Left> {
        let id = loaded.instance.id();
        let row = self.store().batch(batch)?;
        let Some(Deed::Migrate { plan }) = row.as_ref().map(BatchOrder::of).transpose()?.map(|order| order.deed) else {
            return Err(Left::For(Why::NothingToDo));
        };
        let Some(revision) = self.store().changed_in_batch(batch, id)? else {
            return Err(Left::For(Why::NothingToDo));
        };
        let history = self.store().history(id)?;
        let since = history.iter().filter(|entry| entry.revision > revision);
        for entry in since {
            if let Actor::Person(by) = &entry.actor {
                return Err(Left::For(Why::WorkedOn { by: by.clone(), at: entry.at }));
            }
        }
        let Some((before, after, migrated)) = migration_at(&history, revision) else {
            return Err(Left::For(Why::NothingToDo));
        };
        if !migrated.is_reversible() {
            return Err(Left::For(Why::ClockGivenUp));
        }
        Ok(migrated.inverse(&plan, &before, &after))
    }

    fn versions(&self, deed: &Deed) -> Result<Versions, RuntimeError> {
        match deed {
            Deed::Migrate { plan } => Ok(Some((self.definition(&plan.from)?, self.definition(&plan.to)?))),
            _ => Ok(None),
        }
    }

    /// The order with the newest record that it is about, and with names that are known.
    fn bounded(&self, order: &BatchOrder) -> Result<BatchOrder, BatchError> {
        let mut order = order.clone();
        match &mut order.selection {
            Selection::Where { newest, .. } => {
                let query = CaseQuery { limit: 1, ..CaseQuery::default() };
                let found = self.store().cases(&query)?.first().map(|case| case.instance.0);
                *newest = newest.or(Some(found.unwrap_or(i64::MIN)));
            }
            Selection::Numbers(numbers) if numbers.len() > NUMBERS_MAX => return Err(BatchError::TooManyNumbers),
            Selection::Numbers(numbers) => {
                let mut unknown = Vec::new();
                for number in numbers.iter() {
                    if self.store().instance_of_number(number)?.is_none() {
                        unknown.push(number.clone());
                    }
                }
                if !unknown.is_empty() {
                    return Err(BatchError::NoSuchRecords(unknown));
                }
            }
            Selection::ChangedBy(_) => {}
        }
        Ok(order)
    }

    fn count(&self, selection: &Selection) -> Result<u64, RuntimeError> {
        let (mut position, mut count) = (None, 0);
        loop {
            let page = self.page(selection, position)?;
            let Some(last) = page.last() else { return Ok(count) };
            (position, count) = (Some(*last), count + page.len() as u64);
        }
    }

    /// The next records of a selection below one, newest first.
    fn page(&self, selection: &Selection, below: Option<InstanceId>) -> Result<Vec<InstanceId>, RuntimeError> {
        match selection {
            Selection::Where { process, definition, condition, step, newest } => {
                let bound = newest.map_or(i64::MAX, |newest| newest.saturating_add(1));
                let mut query = CaseQuery {
                    process: process.clone(),
                    definition: definition.clone(),
                    status: condition.filter(),
                    before: Some(InstanceId(below.map_or(bound, |below| below.0.min(bound)))),
                    limit: CHUNK.min(CASES_PAGE_MAX),
                    requester: None,
                };
                loop {
                    let cases = self.store().cases(&query)?;
                    let Some(last) = cases.last() else { return Ok(Vec::new()) };
                    query.before = Some(last.instance);
                    let there = |case: &CaseRow| step.as_ref().is_none_or(|step| self.shows(case, step));
                    let found: Vec<InstanceId> =
                        cases.iter().filter(|case| there(case)).map(|case| case.instance).collect();
                    if !found.is_empty() {
                        return Ok(found);
                    }
                }
            }
            Selection::Numbers(numbers) => {
                let mut found = Vec::new();
                for number in numbers {
                    found.extend(self.store().instance_of_number(number)?);
                }
                found.sort_unstable_by(|one, other| other.cmp(one));
                found.dedup();
                Ok(found.into_iter().filter(|id| below.is_none_or(|below| *id < below)).take(CHUNK).collect())
            }
            Selection::ChangedBy(batch) => {
                let lines = self.store().batch_lines(BatchId(*batch), LineFilter::Done, below)?;
                Ok(lines.into_iter().map(|line| line.instance).take(CHUNK.min(BATCH_LINES_MAX)).collect())
            }
        }
    }

    /// Whether a line of the list says that its record stands in a step. One whose definition cannot be used stands where
    /// the line says.
    fn shows(&self, case: &CaseRow, step: &Name) -> bool {
        let definition = self.definition(&case.definition).ok();
        let within = |at: &Name| definition.as_ref().map_or(at == step, |definition| definition.is_within(at, step));
        case.stage.iter().any(within)
    }
}

impl Condition {
    fn filter(self) -> CaseFilter {
        match self {
            Condition::Open => CaseFilter::Open,
            Condition::Stuck => CaseFilter::Stuck,
            Condition::Suspended => CaseFilter::Suspended,
        }
    }
}

impl Deed {
    /// What it is called in a history.
    pub fn verb(&self) -> &'static str {
        match self {
            Deed::Suspend => "suspend",
            Deed::Resume => "resume",
            Deed::Cancel => "cancel",
            Deed::Retry => "retry",
            Deed::Skip => "skip",
            Deed::Edit { .. } => "edit",
            Deed::Mend { .. } => "mend",
            Deed::Move { .. } => "move",
            Deed::Migrate { .. } => "migrate",
            Deed::Undo { .. } => "undo",
            Deed::Recount { .. } => "recount",
            Deed::LookAgain { .. } => "look_again",
        }
    }
}

fn read_order(body: &str) -> Result<BatchOrder, RuntimeError> {
    let unreadable = |cause: serde_json::Error| StoreError::Unreadable { what: "batch", cause: cause.to_string() };
    Ok(serde_json::from_str(body).map_err(unreadable)?)
}

fn written(why: &Why) -> String {
    serde_json::to_string(why).expect("a reason is plain data with text for keys")
}

impl BatchOrder {
    /// An order as it was kept.
    ///
    /// # Errors
    /// Another version of the product has written it.
    pub fn of(row: &BatchRow) -> Result<BatchOrder, RuntimeError> {
        read_order(&row.body)
    }
}

impl Why {
    /// A reason as it was kept.
    pub fn of(text: &str) -> Why {
        serde_json::from_str(text).unwrap_or_else(|_| Why::Unusable(text.to_owned()))
    }
}

fn passage<'v>(deed: &Deed, versions: &'v Versions) -> Result<Option<Passage<'v>>, BatchError> {
    match (deed, versions) {
        (Deed::Migrate { plan }, Some((old, new))) => Passage::new(old, new, plan.clone())
            .map(Some)
            .map_err(|faults| BatchError::PlanDoesNotFit(faults.into_iter().collect())),
        _ => Ok(None),
    }
}

fn said(faults: impl Iterator<Item = PlanFault>) -> String {
    faults.map(|fault| fault.said().en).collect::<Vec<_>>().join("; ")
}

fn command(deed: &Deed, instance: &Instance, reason: String) -> Result<Command, Why> {
    match deed {
        Deed::Suspend => Ok(Command::Suspend { reason }),
        Deed::Resume => Ok(Command::Resume { reason }),
        Deed::Cancel => Ok(Command::Cancel { reason }),
        Deed::Retry => Ok(Command::Retry),
        Deed::Skip => Ok(Command::Skip { reason }),
        Deed::Edit { fields } => Ok(Command::Edit { fields: fields.clone(), reason }),
        Deed::Mend { fields } => Ok(Command::Mend { fields: fields.clone(), reason }),
        Deed::Move { from, to } => {
            let mut there = instance.tokens().iter().filter(|token| token.step == *from);
            match (there.next(), there.next()) {
                (Some(held), None) => Ok(Command::Move { token: held.id, from: from.clone(), to: to.clone(), reason }),
                (Some(_), Some(_)) => Err(Why::StandsThereTwice(from.clone())),
                (None, _) => Err(Why::Rejected(Rejection::NotThere(from.clone()))),
            }
        }
        Deed::Recount { calendar, from: _ } => Ok(Command::Recount { calendar: calendar.clone() }),
        Deed::LookAgain { from: _ } => Ok(Command::Tick),
        Deed::Migrate { .. } | Deed::Undo { .. } => Err(Why::NothingToDo),
    }
}

/// The record before and after the migration in a revision, with the fact between them.
fn migration_at(history: &[HistoryEntry], revision: u64) -> Option<(Instance, Instance, Migrated)> {
    let mut events: Vec<&Event> = Vec::new();
    let mut found: Option<(Instance, Migrated)> = None;
    for entry in history.iter().filter(|entry| entry.revision <= revision) {
        for event in &entry.events {
            if let Event::Migrated { migration } = event
                && entry.revision == revision
            {
                found = Some((Instance::folded(events.iter().copied()), (**migration).clone()));
            }
            events.push(event);
        }
    }
    let (before, migrated) = found?;
    Some((before, Instance::folded(events), migrated))
}
