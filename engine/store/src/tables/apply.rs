//! The statements of one commit. All of them have a fixed text, so that each is compiled once per connection.

use diesel::prelude::*;

use super::Connection;
use super::fixed::{ReplaceLine, ReplaceState, TurnLine};
use crate::StoreError;
use crate::address;
use crate::batches::BatchId;
use crate::commit::{Base, CaseChange, Commit, Verdict};
use crate::files::FileBytes;
use crate::projection::{AwaitRow, CaseLine, TaskRow};
use crate::schema::{attachment, awaited, batch_line, case_row, event, instance, open_task, outbox, wake};

/// Carries out a commit within the writer's transaction. The race is decided first, by the number of rows that
/// the state's own statement changes; a loser has written nothing.
pub(crate) fn apply(connection: &mut Connection, commit: &Commit) -> Result<Verdict, StoreError> {
    if state(connection, commit)? == 0 {
        return Ok(Verdict::Lost);
    }
    history(connection, commit)?;
    for row in &commit.tasks_gone {
        if remove_task(connection, commit, row)? == 0 {
            search_task(connection, commit, row)?;
        }
    }
    for row in &commit.tasks_new {
        add_task(connection, commit, row)?;
    }
    for row in &commit.awaits_gone {
        remove_await(connection, commit, row)?;
    }
    for row in &commit.awaits_new {
        add_await(connection, commit, row)?;
    }
    wakes(connection, commit)?;
    match &commit.case {
        CaseChange::New { line, process } => new_case(connection, commit, line, process)?,
        CaseChange::Same(line) => same_case(connection, commit, line)?,
        CaseChange::Turned(line) => turned_case(connection, commit, line)?,
        CaseChange::Follows { line, definition } => {
            diesel::update(case_row::table)
                .filter(case_row::shard.eq(commit.shard))
                .filter(case_row::id.eq(commit.event.instance))
                .set(case_row::definition.eq(address::kept(definition)))
                .execute(connection)?;
            turned_case(connection, commit, line)?;
        }
    }
    if let Some(batch) = commit.batch {
        count_in(connection, commit, batch)?;
    }
    for sha256 in &commit.files_gone {
        drop_file(connection, commit, sha256)?;
    }
    for file in &commit.files_new {
        keep_file(connection, commit, file)?;
    }
    for (ordinal, body) in (0..).zip(&commit.owed) {
        owe(connection, commit, ordinal, body)?;
    }
    Ok(Verdict::Won)
}

/// A record that the batch has counted already makes the transaction fail: nothing is done twice.
fn count_in(connection: &mut Connection, commit: &Commit, batch: BatchId) -> QueryResult<()> {
    diesel::insert_into(batch_line::table)
        .values((
            batch_line::batch.eq(batch.0),
            batch_line::instance.eq(commit.event.instance),
            batch_line::shard.eq(commit.shard),
            batch_line::revision.eq(commit.event.revision),
        ))
        .execute(connection)?;
    Ok(())
}

fn state(connection: &mut Connection, commit: &Commit) -> QueryResult<usize> {
    let id = commit.event.instance;
    let (revision, document, head) =
        (commit.event.revision, commit.after.document.as_bytes(), commit.after.head.as_slice());
    match &commit.base {
        Base::Nothing => diesel::insert_into(instance::table)
            .values((
                instance::id.eq(id),
                instance::shard.eq(commit.shard),
                instance::revision.eq(revision),
                instance::document.eq(document),
                instance::head.eq(head),
            ))
            .on_conflict_do_nothing()
            .execute(connection),
        Base::At { revision: revision_before, head: head_before } => ReplaceState {
            shard: commit.shard,
            id,
            revision,
            document,
            head,
            revision_before: *revision_before,
            head_before,
        }
        .execute(connection),
    }
}

fn history(connection: &mut Connection, commit: &Commit) -> QueryResult<()> {
    let row = &commit.event;
    diesel::insert_into(event::table)
        .values((
            event::shard.eq(commit.shard),
            event::instance.eq(row.instance),
            event::revision.eq(row.revision),
            event::at_ms.eq(row.at_ms),
            event::actor.eq(row.actor.as_deref()),
            event::command.eq(row.command.as_str()),
            event::body.eq(commit.facts.as_slice()),
            event::hash.eq(commit.after.head.as_slice()),
        ))
        .execute(connection)?;
    Ok(())
}

fn remove_task(connection: &mut Connection, commit: &Commit, row: &TaskRow) -> QueryResult<usize> {
    diesel::delete(open_task::table)
        .filter(open_task::shard.eq(commit.shard))
        .filter(open_task::principal.eq(row.principal.as_str()))
        .filter(open_task::taken.eq(row.taken))
        .filter(open_task::due_ms.eq(row.due_ms))
        .filter(open_task::opened_ms.eq(row.opened_ms))
        .filter(open_task::instance.eq(commit.event.instance))
        .filter(open_task::task.eq(row.task))
        .execute(connection)
}

/// Removes a row that lies elsewhere than this version would have put it: slow, and only after the way in which
/// lists are worked out has changed.
fn search_task(connection: &mut Connection, commit: &Commit, row: &TaskRow) -> QueryResult<()> {
    tracing::warn!(instance = commit.event.instance, task = row.task, "an inbox row is not in its place");
    diesel::delete(open_task::table)
        .filter(open_task::shard.eq(commit.shard))
        .filter(open_task::principal.eq(row.principal.as_str()))
        .filter(open_task::instance.eq(commit.event.instance))
        .filter(open_task::task.eq(row.task))
        .execute(connection)?;
    Ok(())
}

fn add_task(connection: &mut Connection, commit: &Commit, row: &TaskRow) -> QueryResult<()> {
    diesel::insert_into(open_task::table)
        .values((
            open_task::principal.eq(row.principal.as_str()),
            open_task::taken.eq(row.taken),
            open_task::due_ms.eq(row.due_ms),
            open_task::opened_ms.eq(row.opened_ms),
            open_task::instance.eq(commit.event.instance),
            open_task::task.eq(row.task),
            open_task::shard.eq(commit.shard),
            open_task::step.eq(row.step.as_str()),
            open_task::assignee.eq(row.assignee.as_deref()),
        ))
        .execute(connection)?;
    Ok(())
}

fn remove_await(connection: &mut Connection, commit: &Commit, row: &AwaitRow) -> QueryResult<()> {
    diesel::delete(awaited::table)
        .filter(awaited::shard.eq(commit.shard))
        .filter(awaited::subject.eq(row.subject.as_str()))
        .filter(awaited::ready_ms.eq(row.ready_ms))
        .filter(awaited::instance.eq(commit.event.instance))
        .filter(awaited::place.eq(row.place))
        .execute(connection)?;
    Ok(())
}

fn add_await(connection: &mut Connection, commit: &Commit, row: &AwaitRow) -> QueryResult<()> {
    diesel::insert_into(awaited::table)
        .values((
            awaited::subject.eq(row.subject.as_str()),
            awaited::ready_ms.eq(row.ready_ms),
            awaited::instance.eq(commit.event.instance),
            awaited::place.eq(row.place),
            awaited::shard.eq(commit.shard),
        ))
        .execute(connection)?;
    Ok(())
}

fn wakes(connection: &mut Connection, commit: &Commit) -> QueryResult<()> {
    let id = commit.event.instance;
    if let Some(due) = commit.wake_gone {
        let held = wake::table
            .filter(wake::shard.eq(commit.shard))
            .filter(wake::due_ms.eq(due.0))
            .filter(wake::instance.eq(id));
        if diesel::delete(held).execute(connection)? == 0 {
            tracing::warn!(instance = id, "a wake is not in its place");
            diesel::delete(wake::table.filter(wake::shard.eq(commit.shard)).filter(wake::instance.eq(id)))
                .execute(connection)?;
        }
    }
    if let Some(due) = commit.wake_new {
        diesel::insert_into(wake::table)
            .values((wake::due_ms.eq(due.0), wake::instance.eq(id), wake::shard.eq(commit.shard)))
            .execute(connection)?;
    }
    Ok(())
}

fn new_case(connection: &mut Connection, commit: &Commit, line: &CaseLine, process: &str) -> QueryResult<()> {
    let record = &commit.after.instance;
    diesel::insert_into(case_row::table)
        .values((
            case_row::id.eq(record.id().0),
            case_row::shard.eq(commit.shard),
            case_row::number.eq(record.number()),
            case_row::title.eq(line.title.as_str()),
            case_row::process.eq(process),
            case_row::definition.eq(address::kept(&record.definition().0)),
            case_row::status.eq(line.status),
            case_row::stage.eq(line.stage.as_str()),
            case_row::priority.eq(line.priority.as_deref()),
            case_row::requester.eq(record.requester().as_str()),
            case_row::team.eq(line.team.as_deref()),
            case_row::service.eq(line.service.as_deref()),
            case_row::started_ms.eq(record.started().0),
            case_row::updated_ms.eq(commit.event.at_ms),
            case_row::ended_ms.eq(line.ended_ms),
            case_row::due_ms.eq(line.due_ms),
        ))
        .execute(connection)?;
    Ok(())
}

fn same_case(connection: &mut Connection, commit: &Commit, line: &CaseLine) -> QueryResult<()> {
    ReplaceLine {
        shard: commit.shard,
        id: commit.event.instance,
        title: &line.title,
        stage: &line.stage,
        priority: line.priority.as_deref(),
        team: line.team.as_deref(),
        service: line.service.as_deref(),
        updated_ms: commit.event.at_ms,
        due_ms: line.due_ms,
    }
    .execute(connection)?;
    Ok(())
}

fn turned_case(connection: &mut Connection, commit: &Commit, line: &CaseLine) -> QueryResult<()> {
    TurnLine { shard: commit.shard, id: commit.event.instance, status: line.status, ended_ms: line.ended_ms }
        .execute(connection)?;
    same_case(connection, commit, line)
}

fn drop_file(connection: &mut Connection, commit: &Commit, sha256: &str) -> QueryResult<()> {
    diesel::delete(attachment::table)
        .filter(attachment::shard.eq(commit.shard))
        .filter(attachment::instance.eq(commit.event.instance))
        .filter(attachment::sha256.eq(sha256))
        .execute(connection)?;
    Ok(())
}

fn keep_file(connection: &mut Connection, commit: &Commit, file: &FileBytes) -> QueryResult<()> {
    diesel::insert_into(attachment::table)
        .values((
            attachment::instance.eq(commit.event.instance),
            attachment::sha256.eq(file.sha256()),
            attachment::shard.eq(commit.shard),
            attachment::bytes.eq(file.bytes()),
        ))
        .execute(connection)?;
    Ok(())
}

fn owe(connection: &mut Connection, commit: &Commit, ordinal: i32, body: &str) -> QueryResult<()> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::at_ms.eq(commit.event.at_ms),
            outbox::instance.eq(commit.event.instance),
            outbox::revision.eq(commit.event.revision),
            outbox::ordinal.eq(ordinal),
            outbox::shard.eq(commit.shard),
            outbox::body.eq(body),
        ))
        .execute(connection)?;
    Ok(())
}
