//! The doctor: whether what is kept agrees with itself.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use engine::event::Event;
use engine::file::File;
use engine::ids::InstanceId;
use engine::instance::Instance;

use super::audit::walk;
use super::cases::{CaseColumns, case_columns};
use super::instances::{loaded, stored_events};
use super::{Connection, STRETCHES, agreement};
use crate::address;
use crate::chain::GENESIS;
use crate::check::Definitions;
use crate::commit::hashes;
use crate::projection::{AwaitRow, CaseLine, Projection, TaskRow, project};
use crate::schema::{attachment, awaited, case_row, instance, open_task, wake};
use crate::{Checked, Finding, Loaded, StoreError};

/// How many records are read at a time.
const PIECE: i64 = 500;

const TASKS: &str = "tasks";
const WAKES: &str = "wakes";
const AWAITS: &str = "awaits";
const RECORDS: &str = "records";
const FILES: &str = "files";

/// Looks at everything, a stretch of shards after the other.
pub(crate) fn everything(
    connection: &mut Connection,
    definitions: Definitions<'_>,
    report: &mut dyn FnMut(Finding),
) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let mut lists = Lists::read(connection)?;
    for (first, last) in STRETCHES {
        let mut after = i64::MIN;
        loop {
            let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> = instance::table
                .filter(instance::shard.between(first, last))
                .filter(instance::id.gt(after))
                .order(instance::id)
                .limit(PIECE)
                .select((instance::id, instance::revision, instance::document, instance::head))
                .load(connection)?;
            let Some((newest, ..)) = rows.last() else { break };
            after = *newest;
            for (id, revision, document, head) in rows {
                let id = InstanceId(id);
                checked.instances += 1;
                let kept = lists.take(id);
                match loaded(revision, document, &head, None) {
                    Ok(loaded) => {
                        checked.events += history(connection, id, &loaded, report)?;
                        compare(connection, definitions, &loaded, &kept, report)?;
                        files(connection, &loaded, &kept, report)?;
                    }
                    Err(cause) => report(Finding::Unreadable { instance: id, cause: cause.to_string() }),
                }
            }
        }
    }
    lists.strays(connection, report)?;
    let trail = walk(connection)?;
    checked.audit_entries = trail.entries;
    if let Some(sequence) = trail.broken_at {
        report(Finding::AuditBroken { sequence });
    }
    agreement::all(connection, report)?;
    Ok(checked)
}

/// Whether the history is whole and leads to the state; gives how many rows it has.
fn history(
    connection: &mut Connection,
    id: InstanceId,
    loaded: &Loaded,
    report: &mut dyn FnMut(Finding),
) -> Result<u64, StoreError> {
    let rows = match stored_events(connection, id) {
        Ok(rows) => rows,
        Err(cause @ StoreError::Unreadable { .. }) => {
            report(Finding::Unreadable { instance: id, cause: cause.to_string() });
            return Ok(0);
        }
        Err(cause) => return Err(cause),
    };
    let mut head = GENESIS;
    let mut events: Vec<Event> = Vec::new();
    for (expected, (row, stored)) in (1..).zip(&rows) {
        let hash = row.hash(&head);
        if row.revision != expected || *stored != hash {
            report(Finding::ChainBroken { instance: id, revision: u64::try_from(row.revision).unwrap_or(0) });
            return Ok(rows.len() as u64);
        }
        head = hash;
        match serde_json::from_str::<Vec<Event>>(&row.body) {
            Ok(mut told) => events.append(&mut told),
            Err(cause) => {
                report(Finding::Unreadable { instance: id, cause: cause.to_string() });
                return Ok(rows.len() as u64);
            }
        }
    }
    if head != loaded.head || rows.len() as u64 != loaded.revision {
        report(Finding::HeadDiffers { instance: id });
    }
    if Instance::folded(&events) != *loaded.instance {
        report(Finding::StateDiffers { instance: id });
    }
    Ok(rows.len() as u64)
}

/// Whether the lists show what the state says.
fn compare(
    connection: &mut Connection,
    definitions: Definitions<'_>,
    loaded: &Loaded,
    kept: &Kept,
    report: &mut dyn FnMut(Finding),
) -> Result<(), StoreError> {
    let id = loaded.instance.id();
    let Some(definition) = definitions(loaded.instance.definition()) else {
        report(Finding::NoDefinition { instance: id, definition: loaded.instance.definition().clone() });
        return Ok(());
    };
    let Projection { tasks, wake, awaits, case } = project(&definition, &loaded.instance);
    if tasks != kept.tasks {
        report(Finding::ListDiffers { instance: id, list: TASKS });
    }
    if !wake.iter().map(|due| due.0).eq(kept.wakes.iter().copied()) {
        report(Finding::ListDiffers { instance: id, list: WAKES });
    }
    if awaits != kept.awaits {
        report(Finding::ListDiffers { instance: id, list: AWAITS });
    }
    let process = definition.parts().name.as_str();
    let agrees = |row: &CaseColumns| row.process == process && shows(row, &loaded.instance, &case);
    if !case_columns(connection, id)?.as_ref().is_some_and(agrees) {
        report(Finding::ListDiffers { instance: id, list: RECORDS });
    }
    Ok(())
}

/// Whether the bytes of every file that the state holds are there and are those of its hash, and no others.
fn files(
    connection: &mut Connection,
    loaded: &Loaded,
    kept: &Kept,
    report: &mut dyn FnMut(Finding),
) -> Result<(), StoreError> {
    let id = loaded.instance.id();
    if hashes(&loaded.instance) != kept.files {
        report(Finding::ListDiffers { instance: id, list: FILES });
    }
    for held in loaded.instance.files().iter().filter(|held| kept.files.contains(&held.file.sha256)) {
        let bytes = super::files::bytes(connection, id, &held.file.sha256)?.unwrap_or_default();
        let found = File::of(&held.file.name, &held.file.media_type, &bytes);
        if (&found.sha256, found.size) != (&held.file.sha256, held.file.size) {
            report(Finding::FileChanged { instance: id, file: held.file.name.clone() });
        }
    }
    Ok(())
}

fn shows(row: &CaseColumns, record: &Instance, line: &CaseLine) -> bool {
    row.number == record.number()
        && row.definition == address::kept(&record.definition().0)
        && row.requester == record.requester().as_str()
        && row.started_ms == record.started().0
        && row.title == line.title
        && row.status == line.status
        && row.stage == line.stage
        && row.priority == line.priority
        && row.team == line.team
        && row.service == line.service
        && row.ended_ms == line.ended_ms
        && row.due_ms == line.due_ms
}

/// What the lists show of one record.
#[derive(Default)]
struct Kept {
    tasks: BTreeSet<TaskRow>,
    wakes: Vec<i64>,
    awaits: BTreeSet<AwaitRow>,
    files: BTreeSet<String>,
}

/// What the lists show of the records that were not looked at yet.
#[derive(Default)]
struct Lists(BTreeMap<InstanceId, Kept>);

impl Lists {
    fn read(connection: &mut Connection) -> Result<Lists, StoreError> {
        type Columns = (String, i16, i64, i64, i64, i32, String, Option<String>);
        let mut lists = Lists::default();
        let tasks: Vec<Columns> = open_task::table
            .select((
                open_task::principal,
                open_task::taken,
                open_task::due_ms,
                open_task::opened_ms,
                open_task::instance,
                open_task::task,
                open_task::step,
                open_task::assignee,
            ))
            .load(connection)?;
        for (principal, taken, due_ms, opened_ms, instance, task, step, assignee) in tasks {
            let row = TaskRow { principal, taken, due_ms, opened_ms, task, step, assignee };
            lists.0.entry(InstanceId(instance)).or_default().tasks.insert(row);
        }
        let wakes: Vec<(i64, i64)> = wake::table.select((wake::instance, wake::due_ms)).load(connection)?;
        for (instance, due_ms) in wakes {
            lists.0.entry(InstanceId(instance)).or_default().wakes.push(due_ms);
        }
        let awaits: Vec<(i64, String, i64, i32)> = awaited::table
            .select((awaited::instance, awaited::subject, awaited::ready_ms, awaited::place))
            .load(connection)?;
        for (instance, subject, ready_ms, place) in awaits {
            let row = AwaitRow { subject, ready_ms, place };
            lists.0.entry(InstanceId(instance)).or_default().awaits.insert(row);
        }
        let files: Vec<(i64, String)> =
            attachment::table.select((attachment::instance, attachment::sha256)).load(connection)?;
        for (instance, sha256) in files {
            lists.0.entry(InstanceId(instance)).or_default().files.insert(sha256);
        }
        Ok(lists)
    }

    fn take(&mut self, id: InstanceId) -> Kept {
        self.0.remove(&id).unwrap_or_default()
    }

    /// What is left belongs to no record.
    fn strays(self, connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
        for (instance, kept) in self.0 {
            let list = match (kept.tasks.is_empty(), kept.wakes.is_empty(), kept.awaits.is_empty()) {
                (false, ..) => TASKS,
                (true, false, _) => WAKES,
                (true, true, false) => AWAITS,
                (true, true, true) => FILES,
            };
            report(Finding::NoSuchRecord { instance, list });
        }
        let without: Vec<i64> = case_row::table
            .left_join(instance::table.on(instance::shard.eq(case_row::shard).and(instance::id.eq(case_row::id))))
            .filter(instance::id.nullable().is_null())
            .select(case_row::id)
            .load(connection)?;
        for id in without {
            report(Finding::NoSuchRecord { instance: InstanceId(id), list: RECORDS });
        }
        Ok(())
    }
}
