//! A batch of commits as columns: one array for each column of each table, as the server unfolds them again.

use std::collections::BTreeSet;

use crate::address;
use crate::commit::{Base, CaseChange, Commit};
use crate::projection::{AwaitRow, CaseLine, TaskRow};

/// Commits of different instances, which therefore fit into one statement. A row of another table names its commit by
/// its place in the batch, so that it is written only where the commit has won.
#[derive(Default)]
pub(super) struct Columns<'c> {
    pub(super) steps: Steps<'c>,
    pub(super) tasks_gone: TasksGone<'c>,
    pub(super) tasks_new: Tasks<'c>,
    /// Those that are there already, for the same principal.
    pub(super) tasks_turned: Tasks<'c>,
    pub(super) awaits_gone: Awaits<'c>,
    pub(super) awaits_new: Awaits<'c>,
    pub(super) wakes_gone: Vec<i32>,
    pub(super) wakes_new: Wakes,
    /// Of those that have one already.
    pub(super) wakes_turned: Wakes,
    pub(super) cases_new: CasesNew<'c>,
    pub(super) cases: Cases<'c>,
    pub(super) owed: Owed<'c>,
    pub(super) counted: Counted,
    pub(super) files_new: FilesNew<'c>,
    pub(super) files_gone: FilesGone<'c>,
}

/// The commits: the state's row and the row of history.
#[derive(Default)]
pub(super) struct Steps<'c> {
    pub(super) place: Vec<i32>,
    pub(super) shard: Vec<i16>,
    pub(super) id: Vec<i64>,
    pub(super) revision: Vec<i64>,
    pub(super) document: Vec<&'c [u8]>,
    pub(super) head: Vec<&'c [u8]>,
    /// What must still be so; nothing where the instance must not be there.
    pub(super) revision_before: Vec<Option<i64>>,
    pub(super) head_before: Vec<Option<&'c [u8]>>,
    pub(super) at_ms: Vec<i64>,
    pub(super) actor: Vec<Option<&'c str>>,
    pub(super) command: Vec<&'c str>,
    pub(super) body: Vec<&'c [u8]>,
}

#[derive(Default)]
pub(super) struct TasksGone<'c> {
    pub(super) place: Vec<i32>,
    pub(super) task: Vec<i32>,
    pub(super) principal: Vec<&'c str>,
}

#[derive(Default)]
pub(super) struct Tasks<'c> {
    pub(super) place: Vec<i32>,
    pub(super) principal: Vec<&'c str>,
    pub(super) taken: Vec<i16>,
    pub(super) due_ms: Vec<i64>,
    pub(super) opened_ms: Vec<i64>,
    pub(super) task: Vec<i32>,
    pub(super) step: Vec<&'c str>,
    pub(super) assignee: Vec<Option<&'c str>>,
}

/// What instances wait for from elsewhere.
#[derive(Default)]
pub(super) struct Awaits<'c> {
    pub(super) place: Vec<i32>,
    pub(super) subject: Vec<&'c str>,
    pub(super) ready_ms: Vec<i64>,
    pub(super) spot: Vec<i32>,
}

/// When instances wake.
#[derive(Default)]
pub(super) struct Wakes {
    pub(super) place: Vec<i32>,
    pub(super) due_ms: Vec<i64>,
}

#[derive(Default)]
pub(super) struct CasesNew<'c> {
    pub(super) place: Vec<i32>,
    pub(super) number: Vec<&'c str>,
    pub(super) process: Vec<&'c str>,
    pub(super) requester: Vec<&'c str>,
    pub(super) started_ms: Vec<i64>,
}

/// The lines as they are after the commits, new ones among them. Status, end and definition are indexed, and stay as
/// they were where they are nothing.
#[derive(Default)]
pub(super) struct Cases<'c> {
    pub(super) place: Vec<i32>,
    pub(super) title: Vec<&'c str>,
    pub(super) stage: Vec<&'c str>,
    pub(super) priority: Vec<Option<&'c str>>,
    pub(super) team: Vec<Option<&'c str>>,
    pub(super) service: Vec<Option<&'c str>>,
    pub(super) due_ms: Vec<Option<i64>>,
    pub(super) status: Vec<&'c str>,
    pub(super) ended_ms: Vec<Option<i64>>,
    pub(super) definition: Vec<Vec<u8>>,
}

#[derive(Default)]
pub(super) struct Owed<'c> {
    pub(super) place: Vec<i32>,
    pub(super) ordinal: Vec<i32>,
    pub(super) body: Vec<&'c str>,
}

/// The commits that are a part of an order to many records.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) place: Vec<i32>,
    pub(super) batch: Vec<i64>,
}

#[derive(Default)]
pub(super) struct FilesNew<'c> {
    pub(super) place: Vec<i32>,
    pub(super) sha256: Vec<&'c str>,
    pub(super) bytes: Vec<&'c [u8]>,
}

#[derive(Default)]
pub(super) struct FilesGone<'c> {
    pub(super) place: Vec<i32>,
    pub(super) sha256: Vec<&'c str>,
}

impl<'c> Tasks<'c> {
    fn add(&mut self, place: i32, row: &'c TaskRow) {
        self.place.push(place);
        self.principal.push(&row.principal);
        self.taken.push(row.taken);
        self.due_ms.push(row.due_ms);
        self.opened_ms.push(row.opened_ms);
        self.task.push(row.task);
        self.step.push(&row.step);
        self.assignee.push(row.assignee.as_deref());
    }
}

impl<'c> Awaits<'c> {
    fn add(&mut self, place: i32, rows: &'c [AwaitRow]) {
        for row in rows {
            self.place.push(place);
            self.subject.push(&row.subject);
            self.ready_ms.push(row.ready_ms);
            self.spot.push(row.place);
        }
    }
}

impl<'c> Columns<'c> {
    pub(super) fn of(commits: impl Iterator<Item = &'c Commit>) -> Columns<'c> {
        let mut columns = Columns::default();
        for (place, commit) in (0..).zip(commits) {
            columns.step(place, commit);
            columns.tasks(place, commit);
            columns.awaits_gone.add(place, &commit.awaits_gone);
            columns.awaits_new.add(place, &commit.awaits_new);
            columns.wakes(place, commit);
            columns.case(place, commit);
            for (ordinal, body) in (0..).zip(&commit.owed) {
                columns.owed.place.push(place);
                columns.owed.ordinal.push(ordinal);
                columns.owed.body.push(body);
            }
            for file in &commit.files_new {
                columns.files_new.place.push(place);
                columns.files_new.sha256.push(file.sha256());
                columns.files_new.bytes.push(file.bytes());
            }
            for sha256 in &commit.files_gone {
                columns.files_gone.place.push(place);
                columns.files_gone.sha256.push(sha256);
            }
            if let Some(batch) = commit.batch {
                columns.counted.place.push(place);
                columns.counted.batch.push(batch.0);
            }
        }
        columns
    }

    fn step(&mut self, place: i32, commit: &'c Commit) {
        let steps = &mut self.steps;
        let (revision_before, head_before) = match &commit.base {
            Base::Nothing => (None, None),
            Base::At { revision, head } => (Some(*revision), Some(head.as_slice())),
        };
        steps.place.push(place);
        steps.shard.push(commit.shard);
        steps.id.push(commit.event.instance);
        steps.revision.push(commit.event.revision);
        steps.document.push(commit.after.document.as_bytes());
        steps.head.push(&commit.after.head);
        steps.revision_before.push(revision_before);
        steps.head_before.push(head_before);
        steps.at_ms.push(commit.event.at_ms);
        steps.actor.push(commit.event.actor.as_deref());
        steps.command.push(&commit.event.command);
        steps.body.push(&commit.facts);
    }

    /// A row that goes and comes again, with another due or assignee, is one that changes: no statement may touch a
    /// row twice.
    fn tasks(&mut self, place: i32, commit: &'c Commit) {
        let key = |row: &'c TaskRow| (row.task, row.principal.as_str());
        let comes: BTreeSet<_> = commit.tasks_new.iter().map(key).collect();
        let goes: BTreeSet<_> = commit.tasks_gone.iter().map(key).collect();
        for row in commit.tasks_gone.iter().filter(|row| !comes.contains(&key(row))) {
            self.tasks_gone.place.push(place);
            self.tasks_gone.task.push(row.task);
            self.tasks_gone.principal.push(&row.principal);
        }
        for row in &commit.tasks_new {
            match goes.contains(&key(row)) {
                true => self.tasks_turned.add(place, row),
                false => self.tasks_new.add(place, row),
            }
        }
    }

    fn wakes(&mut self, place: i32, commit: &Commit) {
        let (wakes, due) = match (commit.wake_gone, commit.wake_new) {
            (None, None) => return,
            (Some(_), None) => return self.wakes_gone.push(place),
            (None, Some(due)) => (&mut self.wakes_new, due),
            (Some(_), Some(due)) => (&mut self.wakes_turned, due),
        };
        wakes.place.push(place);
        wakes.due_ms.push(due.0);
    }

    fn case(&mut self, place: i32, commit: &'c Commit) {
        let record = &commit.after.instance;
        let line: &'c CaseLine = match &commit.case {
            CaseChange::New { line, process } => {
                let new = &mut self.cases_new;
                new.place.push(place);
                new.number.push(record.number());
                new.process.push(process);
                new.requester.push(record.requester().as_str());
                new.started_ms.push(record.started().0);
                line
            }
            CaseChange::Same(line) | CaseChange::Turned(line) | CaseChange::Follows { line, .. } => line,
        };
        let cases = &mut self.cases;
        cases.place.push(place);
        cases.title.push(&line.title);
        cases.stage.push(&line.stage);
        cases.priority.push(line.priority.as_deref());
        cases.team.push(line.team.as_deref());
        cases.service.push(line.service.as_deref());
        cases.due_ms.push(line.due_ms);
        cases.status.push(line.status);
        cases.ended_ms.push(line.ended_ms);
        cases.definition.push(address::kept(&record.definition().0));
    }
}
