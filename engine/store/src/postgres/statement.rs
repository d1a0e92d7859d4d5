//! The one statement that writes a batch of commits: arrays, unfolded by the server. It has a part for each table of which
//! the batch has rows, since the server sets up every part of a statement whether it finds work or not; the kinds of
//! commits that come together are few, so each connection soon has them all planned. All parts see the tables as they
//! were before it; each writes what belongs to commits that have won, and nothing else. A record that is begun though it is
//! there already breaks the statement: the batch is then applied one by one.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Binary, HasSqlType, Integer, Nullable, SmallInt, Text};

use super::Connection;
use super::columns::{
    Awaits, Cases, CasesNew, Columns, Counted, FilesGone, FilesNew, Owed, Steps, Tasks, TasksGone, Wakes,
};

/// Writes a batch; gives the places of the commits that have won.
pub(super) struct WriteBatch<'c>(pub(super) Columns<'c>);

const STEPS: &str = ") AS s (place, shard, id, revision, document, head, revision_before, head_before, at_ms, \
    actor, command, body))";

const MOVED: &str = ", moved AS (UPDATE instance AS i SET revision = s.revision, document = s.document, head = s.head \
    FROM step AS s WHERE i.shard = s.shard AND i.id = s.id AND i.revision = s.revision_before \
    AND i.head = s.head_before RETURNING s.place)";

const BEGUN: &str = ", begun AS (INSERT INTO instance (shard, id, revision, document, head) \
    SELECT shard, id, revision, document, head FROM step WHERE revision_before IS NULL RETURNING id)";

const WON_MOVED: &str = "SELECT s.* FROM step AS s JOIN moved USING (place)";

const WON_BEGUN: &str = "SELECT s.* FROM step AS s JOIN begun USING (id)";

const TOLD: &str = "), told AS (INSERT INTO event (shard, instance, revision, at_ms, actor, command, body, hash) \
    SELECT shard, id, revision, at_ms, actor, command, body, head FROM won)";

const TASKS_GONE: &str = ") AS g (place, task, principal) USING (place) \
    WHERE o.shard = w.shard AND o.instance = w.id AND o.task = g.task AND o.principal = g.principal)";

const TASKS_NEW: &str = ", come AS (INSERT INTO open_task \
    (shard, instance, principal, taken, due_ms, opened_ms, task, step, assignee) \
    SELECT w.shard, w.id, n.principal, n.taken, n.due_ms, n.opened_ms, n.task, n.step, n.assignee \
    FROM won AS w JOIN unnest(";

const TASKS_TURNED: &str = ", turned AS (UPDATE open_task AS o SET taken = n.taken, due_ms = n.due_ms, \
    opened_ms = n.opened_ms, step = n.step, assignee = n.assignee FROM won AS w JOIN unnest(";

const TASKS: &str = ") AS n (place, principal, taken, due_ms, opened_ms, task, step, assignee) USING (place)";

const SAME_TASK: &str =
    " WHERE o.shard = w.shard AND o.instance = w.id AND o.task = n.task AND o.principal = n.principal";

const AWAITS_GONE: &str = ") AS g (place, subject, ready_ms, spot) USING (place) WHERE a.shard = w.shard \
    AND a.subject = g.subject AND a.ready_ms = g.ready_ms AND a.instance = w.id AND a.place = g.spot)";

const AWAITS_NEW: &str = ", asks AS (INSERT INTO awaited (shard, subject, ready_ms, instance, place) \
    SELECT w.shard, n.subject, n.ready_ms, w.id, n.spot FROM won AS w JOIN unnest(";

const WAKES_GONE: &str = ", slept AS (DELETE FROM wake AS k USING won AS w JOIN unnest(";

const WAKES_NEW: &str =
    ", sleeps AS (INSERT INTO wake (shard, instance, due_ms) SELECT w.shard, w.id, n.due_ms FROM won AS w JOIN unnest(";

const WAKES_TURNED: &str = ", tossed AS (UPDATE wake AS k SET due_ms = n.due_ms FROM won AS w JOIN unnest(";

const WAKES: &str = ") AS n (place, due_ms) USING (place)";

const SAME_WAKE: &str = " WHERE k.shard = w.shard AND k.instance = w.id";

const LINES: &str = ") AS l (place, title, stage, priority, team, service, due_ms, status, ended_ms, definition) \
    USING (place))";

const SHOWN: &str = ", shown AS (UPDATE case_row AS c SET title = l.title, stage = l.stage, priority = l.priority, \
    team = l.team, service = l.service, due_ms = l.due_ms, status = l.status, ended_ms = l.ended_ms, \
    definition = l.definition, updated_ms = l.at_ms FROM line AS l WHERE c.shard = l.shard AND c.id = l.id)";

const LISTED: &str = ", listed AS (INSERT INTO case_row (shard, id, number, title, process, definition, status, stage, \
        priority, requester, team, service, started_ms, updated_ms, ended_ms, due_ms) \
    SELECT l.shard, l.id, n.number, l.title, n.process, l.definition, l.status, l.stage, l.priority, \
        n.requester, l.team, l.service, n.started_ms, l.at_ms, l.ended_ms, l.due_ms \
    FROM line AS l JOIN unnest(";

const OWED: &str = ", owed AS (INSERT INTO outbox (shard, at_ms, instance, revision, ordinal, body) \
    SELECT w.shard, w.at_ms, w.id, w.revision, e.ordinal, e.body FROM won AS w JOIN unnest(";

const COUNTED: &str = ", counted AS (INSERT INTO batch_line (shard, batch, instance, revision) \
    SELECT w.shard, b.batch, w.id, w.revision FROM won AS w JOIN unnest(";

const FILED: &str = ", filed AS (INSERT INTO attachment (shard, instance, sha256, bytes) \
    SELECT w.shard, w.id, f.sha256, f.bytes FROM won AS w JOIN unnest(";

const UNFILED: &str = ", unfiled AS (DELETE FROM attachment AS a USING won AS w JOIN unnest(";

impl QueryFragment<Pg> for WriteBatch<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Columns { steps, tasks_gone, tasks_new, tasks_turned, owed, .. } = &self.0;
        let Columns { wakes_gone, wakes_new, wakes_turned, .. } = &self.0;
        let Columns { awaits_gone, awaits_new, cases_new, cases, counted, files_new, files_gone, .. } = &self.0;
        let out = &mut out;
        let begins = steps.revision_before.iter().any(Option::is_none);
        let moves = steps.revision_before.iter().any(Option::is_some);
        winners(out, steps, begins, moves)?;
        if !tasks_gone.place.is_empty() {
            tasks_go(out, tasks_gone)?;
        }
        if !tasks_new.place.is_empty() {
            tasks(out, TASKS_NEW, tasks_new)?;
            out.push_sql(")");
        }
        if !tasks_turned.place.is_empty() {
            tasks(out, TASKS_TURNED, tasks_turned)?;
            out.push_sql(SAME_TASK);
            out.push_sql(")");
        }
        if !awaits_gone.place.is_empty() {
            awaits(out, ", answered AS (DELETE FROM awaited AS a USING won AS w JOIN unnest(", awaits_gone)?;
            out.push_sql(AWAITS_GONE);
        }
        if !awaits_new.place.is_empty() {
            awaits(out, AWAITS_NEW, awaits_new)?;
            out.push_sql(") AS n (place, subject, ready_ms, spot) USING (place))");
        }
        if !wakes_gone.is_empty() {
            bind::<Array<Integer>, _>(out, WAKES_GONE, wakes_gone)?;
            out.push_sql(") AS g (place) USING (place)");
            out.push_sql(SAME_WAKE);
            out.push_sql(")");
        }
        if !wakes_new.place.is_empty() {
            wakes(out, WAKES_NEW, wakes_new)?;
            out.push_sql(")");
        }
        if !wakes_turned.place.is_empty() {
            wakes(out, WAKES_TURNED, wakes_turned)?;
            out.push_sql(SAME_WAKE);
            out.push_sql(")");
        }
        lines(out, cases)?;
        if moves {
            out.push_sql(SHOWN);
        }
        if begins {
            lines_come(out, cases_new)?;
        }
        if !owed.place.is_empty() {
            owe(out, owed)?;
        }
        if !counted.place.is_empty() {
            count(out, counted)?;
        }
        if !files_gone.place.is_empty() {
            unfile(out, files_gone)?;
        }
        if !files_new.place.is_empty() {
            file(out, files_new)?;
        }
        out.push_sql(" SELECT place FROM won");
        Ok(())
    }
}

type Out<'a, 'b> = AstPass<'a, 'b, Pg>;

/// The commits, those of them that win, and their rows of state and history.
fn winners<'b>(out: &mut Out<'_, 'b>, steps: &'b Steps<'_>, begins: bool, moves: bool) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, "WITH step AS (SELECT * FROM unnest(", &steps.place)?;
    bind::<Array<SmallInt>, _>(out, ", ", &steps.shard)?;
    bind::<Array<BigInt>, _>(out, ", ", &steps.id)?;
    bind::<Array<BigInt>, _>(out, ", ", &steps.revision)?;
    bind::<Array<Binary>, _>(out, ", ", &steps.document)?;
    bind::<Array<Binary>, _>(out, ", ", &steps.head)?;
    bind::<Array<Nullable<BigInt>>, _>(out, ", ", &steps.revision_before)?;
    bind::<Array<Nullable<Binary>>, _>(out, ", ", &steps.head_before)?;
    bind::<Array<BigInt>, _>(out, ", ", &steps.at_ms)?;
    bind::<Array<Nullable<Text>>, _>(out, ", ", &steps.actor)?;
    bind::<Array<Text>, _>(out, ", ", &steps.command)?;
    bind::<Array<Binary>, _>(out, ", ", &steps.body)?;
    out.push_sql(STEPS);
    if moves {
        out.push_sql(MOVED);
    }
    if begins {
        out.push_sql(BEGUN);
    }
    out.push_sql(", won AS MATERIALIZED (");
    match (moves, begins) {
        (true, true) => {
            out.push_sql(WON_MOVED);
            out.push_sql(" UNION ALL ");
            out.push_sql(WON_BEGUN);
        }
        (true, false) => out.push_sql(WON_MOVED),
        (false, _) => out.push_sql(WON_BEGUN),
    }
    out.push_sql(TOLD);
    Ok(())
}

fn tasks_go<'b>(out: &mut Out<'_, 'b>, rows: &'b TasksGone<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, ", gone AS (DELETE FROM open_task AS o USING won AS w JOIN unnest(", &rows.place)?;
    bind::<Array<Integer>, _>(out, ", ", &rows.task)?;
    bind::<Array<Text>, _>(out, ", ", &rows.principal)?;
    out.push_sql(TASKS_GONE);
    Ok(())
}

fn tasks<'b>(out: &mut Out<'_, 'b>, before: &str, rows: &'b Tasks<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, before, &rows.place)?;
    bind::<Array<Text>, _>(out, ", ", &rows.principal)?;
    bind::<Array<SmallInt>, _>(out, ", ", &rows.taken)?;
    bind::<Array<BigInt>, _>(out, ", ", &rows.due_ms)?;
    bind::<Array<BigInt>, _>(out, ", ", &rows.opened_ms)?;
    bind::<Array<Integer>, _>(out, ", ", &rows.task)?;
    bind::<Array<Text>, _>(out, ", ", &rows.step)?;
    bind::<Array<Nullable<Text>>, _>(out, ", ", &rows.assignee)?;
    out.push_sql(TASKS);
    Ok(())
}

fn awaits<'b>(out: &mut Out<'_, 'b>, before: &str, rows: &'b Awaits<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, before, &rows.place)?;
    bind::<Array<Text>, _>(out, ", ", &rows.subject)?;
    bind::<Array<BigInt>, _>(out, ", ", &rows.ready_ms)?;
    bind::<Array<Integer>, _>(out, ", ", &rows.spot)
}

fn wakes<'b>(out: &mut Out<'_, 'b>, before: &str, rows: &'b Wakes) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, before, &rows.place)?;
    bind::<Array<BigInt>, _>(out, ", ", &rows.due_ms)?;
    out.push_sql(WAKES);
    Ok(())
}

fn lines<'b>(out: &mut Out<'_, 'b>, rows: &'b Cases<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(
        out,
        ", line AS (SELECT w.shard, w.id, w.at_ms, l.* FROM won AS w JOIN unnest(",
        &rows.place,
    )?;
    bind::<Array<Text>, _>(out, ", ", &rows.title)?;
    bind::<Array<Text>, _>(out, ", ", &rows.stage)?;
    bind::<Array<Nullable<Text>>, _>(out, ", ", &rows.priority)?;
    bind::<Array<Nullable<Text>>, _>(out, ", ", &rows.team)?;
    bind::<Array<Nullable<Text>>, _>(out, ", ", &rows.service)?;
    bind::<Array<Nullable<BigInt>>, _>(out, ", ", &rows.due_ms)?;
    bind::<Array<Text>, _>(out, ", ", &rows.status)?;
    bind::<Array<Nullable<BigInt>>, _>(out, ", ", &rows.ended_ms)?;
    bind::<Array<Binary>, _>(out, ", ", &rows.definition)?;
    out.push_sql(LINES);
    Ok(())
}

fn lines_come<'b>(out: &mut Out<'_, 'b>, rows: &'b CasesNew<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, LISTED, &rows.place)?;
    bind::<Array<Text>, _>(out, ", ", &rows.number)?;
    bind::<Array<Text>, _>(out, ", ", &rows.process)?;
    bind::<Array<Text>, _>(out, ", ", &rows.requester)?;
    bind::<Array<BigInt>, _>(out, ", ", &rows.started_ms)?;
    out.push_sql(") AS n (place, number, process, requester, started_ms) USING (place))");
    Ok(())
}

fn owe<'b>(out: &mut Out<'_, 'b>, rows: &'b Owed<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, OWED, &rows.place)?;
    bind::<Array<Integer>, _>(out, ", ", &rows.ordinal)?;
    bind::<Array<Text>, _>(out, ", ", &rows.body)?;
    out.push_sql(") AS e (place, ordinal, body) USING (place))");
    Ok(())
}

fn count<'b>(out: &mut Out<'_, 'b>, rows: &'b Counted) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, COUNTED, &rows.place)?;
    bind::<Array<BigInt>, _>(out, ", ", &rows.batch)?;
    out.push_sql(") AS b (place, batch) USING (place))");
    Ok(())
}

fn unfile<'b>(out: &mut Out<'_, 'b>, rows: &'b FilesGone<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, UNFILED, &rows.place)?;
    bind::<Array<Text>, _>(out, ", ", &rows.sha256)?;
    out.push_sql(
        ") AS g (place, sha256) USING (place) \
        WHERE a.shard = w.shard AND a.instance = w.id AND a.sha256 = g.sha256)",
    );
    Ok(())
}

fn file<'b>(out: &mut Out<'_, 'b>, rows: &'b FilesNew<'_>) -> QueryResult<()> {
    bind::<Array<Integer>, _>(out, FILED, &rows.place)?;
    bind::<Array<Text>, _>(out, ", ", &rows.sha256)?;
    bind::<Array<Binary>, _>(out, ", ", &rows.bytes)?;
    out.push_sql(") AS f (place, sha256, bytes) USING (place))");
    Ok(())
}

/// What stands before a column, and the column.
fn bind<'b, T, U>(out: &mut AstPass<'_, 'b, Pg>, before: &str, values: &'b U) -> QueryResult<()>
where
    Pg: HasSqlType<T>,
    U: ToSql<T, Pg>,
{
    out.push_sql(before);
    out.push_bind_param::<T, U>(values)
}

/// Its text is not always the same, so that it is known by it.
impl QueryId for WriteBatch<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for WriteBatch<'_> {
    type SqlType = Integer;
}

impl RunQueryDsl<Connection> for WriteBatch<'_> {}
