//! The one statement that writes a batch of commits: arrays, unfolded by the server. Its text is fixed, so that each
//! connection has it planned once. All parts see the tables as they were before it; each part writes what belongs to
//! commits that have won, and nothing else.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Binary, HasSqlType, Integer, Nullable, SmallInt, Text};

use super::Connection;
use super::columns::Columns;

/// Writes a batch; gives the places of the commits that have won.
pub(super) struct WriteBatch<'c>(pub(super) Columns<'c>);

const WINNERS: &str = ") AS s (place, shard, id, revision, document, head, revision_before, head_before, at_ms, \
        actor, command, body)), \
    moved AS (UPDATE instance AS i SET revision = s.revision, document = s.document, head = s.head FROM step AS s \
        WHERE i.shard = s.shard AND i.id = s.id AND i.revision = s.revision_before AND i.head = s.head_before \
        RETURNING s.place), \
    begun AS (INSERT INTO instance (shard, id, revision, document, head) \
        SELECT shard, id, revision, document, head FROM step WHERE revision_before IS NULL \
        ON CONFLICT DO NOTHING RETURNING id), \
    won AS MATERIALIZED (SELECT s.* FROM step AS s JOIN moved USING (place) \
        UNION ALL SELECT s.* FROM step AS s JOIN begun USING (id)), \
    told AS (INSERT INTO event (shard, instance, revision, at_ms, actor, command, body, hash) \
        SELECT shard, id, revision, at_ms, actor, command, body, head FROM won), \
    gone AS (DELETE FROM open_task AS o USING won AS w JOIN unnest(";

const TASKS_GONE: &str = ") AS g (place, task, principal) USING (place) \
        WHERE o.shard = w.shard AND o.instance = w.id AND o.task = g.task AND o.principal = g.principal), \
    come AS (INSERT INTO open_task (shard, instance, principal, taken, due_ms, opened_ms, task, step, assignee) \
        SELECT w.shard, w.id, n.principal, n.taken, n.due_ms, n.opened_ms, n.task, n.step, n.assignee \
        FROM won AS w JOIN unnest(";

const TASKS_NEW: &str = ") AS n (place, principal, taken, due_ms, opened_ms, task, step, assignee) USING (place) \
        ON CONFLICT (shard, instance, task, principal) DO UPDATE SET taken = excluded.taken, \
        due_ms = excluded.due_ms, opened_ms = excluded.opened_ms, step = excluded.step, assignee = excluded.assignee), \
    answered AS (DELETE FROM awaited AS a USING won AS w JOIN unnest(";

const AWAITS_GONE: &str = ") AS g (place, subject, ready_ms, spot) USING (place) WHERE a.shard = w.shard \
        AND a.subject = g.subject AND a.ready_ms = g.ready_ms AND a.instance = w.id AND a.place = g.spot), \
    asks AS (INSERT INTO awaited (shard, subject, ready_ms, instance, place) \
        SELECT w.shard, n.subject, n.ready_ms, w.id, n.spot FROM won AS w JOIN unnest(";

const AWAITS_NEW: &str = ") AS n (place, subject, ready_ms, spot) USING (place)), \
    woken AS (SELECT w.shard, w.id, k.due_ms FROM won AS w JOIN unnest(";

const WAKES: &str = ") AS k (place, due_ms) USING (place)), \
    slept AS (DELETE FROM wake AS k USING woken AS w \
        WHERE w.due_ms IS NULL AND k.shard = w.shard AND k.instance = w.id), \
    waits AS (INSERT INTO wake (shard, instance, due_ms) \
        SELECT shard, id, due_ms FROM woken WHERE due_ms IS NOT NULL \
        ON CONFLICT (shard, instance) DO UPDATE SET due_ms = excluded.due_ms), \
    line AS (SELECT w.shard, w.id, w.at_ms, l.* FROM won AS w JOIN unnest(";

const LINES: &str = ") AS l (place, title, stage, priority, team, service, due_ms, status, ended_ms, definition) \
        USING (place)), \
    shown AS (UPDATE case_row AS c SET title = l.title, stage = l.stage, priority = l.priority, team = l.team, \
        service = l.service, due_ms = l.due_ms, status = l.status, ended_ms = l.ended_ms, \
        definition = l.definition, updated_ms = l.at_ms FROM line AS l WHERE c.shard = l.shard AND c.id = l.id), \
    listed AS (INSERT INTO case_row (shard, id, number, title, process, definition, status, stage, priority, \
            requester, team, service, started_ms, updated_ms, ended_ms, due_ms) \
        SELECT l.shard, l.id, n.number, l.title, n.process, l.definition, l.status, l.stage, l.priority, \
            n.requester, l.team, l.service, n.started_ms, l.at_ms, l.ended_ms, l.due_ms \
        FROM line AS l JOIN unnest(";

const LINES_NEW: &str = ") AS n (place, number, process, requester, started_ms) USING (place)), \
    owed AS (INSERT INTO outbox (shard, at_ms, instance, revision, ordinal, body) \
        SELECT w.shard, w.at_ms, w.id, w.revision, e.ordinal, e.body FROM won AS w JOIN unnest(";

const OWED: &str = ") AS e (place, ordinal, body) USING (place)), \
    counted AS (INSERT INTO batch_line (shard, batch, instance, revision) \
        SELECT w.shard, b.batch, w.id, w.revision FROM won AS w JOIN unnest(";

const COUNTED: &str = ") AS b (place, batch) USING (place)) SELECT place FROM won";

impl QueryFragment<Pg> for WriteBatch<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Columns { steps, tasks_gone, tasks_new, awaits_gone, awaits_new, wakes, cases_new, cases, owed, counted } =
            &self.0;
        let out = &mut out;
        bind::<Array<Integer>, _>(out, "WITH step AS (SELECT * FROM unnest(", &steps.place)?;
        bind::<Array<SmallInt>, _>(out, ", ", &steps.shard)?;
        bind::<Array<BigInt>, _>(out, ", ", &steps.id)?;
        bind::<Array<BigInt>, _>(out, ", ", &steps.revision)?;
        bind::<Array<Text>, _>(out, ", ", &steps.document)?;
        bind::<Array<Binary>, _>(out, ", ", &steps.head)?;
        bind::<Array<Nullable<BigInt>>, _>(out, ", ", &steps.revision_before)?;
        bind::<Array<Nullable<Binary>>, _>(out, ", ", &steps.head_before)?;
        bind::<Array<BigInt>, _>(out, ", ", &steps.at_ms)?;
        bind::<Array<Nullable<Text>>, _>(out, ", ", &steps.actor)?;
        bind::<Array<Text>, _>(out, ", ", &steps.command)?;
        bind::<Array<Text>, _>(out, ", ", &steps.body)?;

        bind::<Array<Integer>, _>(out, WINNERS, &tasks_gone.place)?;
        bind::<Array<Integer>, _>(out, ", ", &tasks_gone.task)?;
        bind::<Array<Text>, _>(out, ", ", &tasks_gone.principal)?;

        bind::<Array<Integer>, _>(out, TASKS_GONE, &tasks_new.place)?;
        bind::<Array<Text>, _>(out, ", ", &tasks_new.principal)?;
        bind::<Array<SmallInt>, _>(out, ", ", &tasks_new.taken)?;
        bind::<Array<BigInt>, _>(out, ", ", &tasks_new.due_ms)?;
        bind::<Array<BigInt>, _>(out, ", ", &tasks_new.opened_ms)?;
        bind::<Array<Integer>, _>(out, ", ", &tasks_new.task)?;
        bind::<Array<Text>, _>(out, ", ", &tasks_new.step)?;
        bind::<Array<Nullable<Text>>, _>(out, ", ", &tasks_new.assignee)?;

        bind::<Array<Integer>, _>(out, TASKS_NEW, &awaits_gone.place)?;
        bind::<Array<Text>, _>(out, ", ", &awaits_gone.subject)?;
        bind::<Array<BigInt>, _>(out, ", ", &awaits_gone.ready_ms)?;
        bind::<Array<Integer>, _>(out, ", ", &awaits_gone.spot)?;

        bind::<Array<Integer>, _>(out, AWAITS_GONE, &awaits_new.place)?;
        bind::<Array<Text>, _>(out, ", ", &awaits_new.subject)?;
        bind::<Array<BigInt>, _>(out, ", ", &awaits_new.ready_ms)?;
        bind::<Array<Integer>, _>(out, ", ", &awaits_new.spot)?;

        bind::<Array<Integer>, _>(out, AWAITS_NEW, &wakes.place)?;
        bind::<Array<Nullable<BigInt>>, _>(out, ", ", &wakes.due_ms)?;

        bind::<Array<Integer>, _>(out, WAKES, &cases.place)?;
        bind::<Array<Text>, _>(out, ", ", &cases.title)?;
        bind::<Array<Text>, _>(out, ", ", &cases.stage)?;
        bind::<Array<Nullable<Text>>, _>(out, ", ", &cases.priority)?;
        bind::<Array<Nullable<Text>>, _>(out, ", ", &cases.team)?;
        bind::<Array<Nullable<Text>>, _>(out, ", ", &cases.service)?;
        bind::<Array<Nullable<BigInt>>, _>(out, ", ", &cases.due_ms)?;
        bind::<Array<Text>, _>(out, ", ", &cases.status)?;
        bind::<Array<Nullable<BigInt>>, _>(out, ", ", &cases.ended_ms)?;
        bind::<Array<Text>, _>(out, ", ", &cases.definition)?;

        bind::<Array<Integer>, _>(out, LINES, &cases_new.place)?;
        bind::<Array<Text>, _>(out, ", ", &cases_new.number)?;
        bind::<Array<Text>, _>(out, ", ", &cases_new.process)?;
        bind::<Array<Text>, _>(out, ", ", &cases_new.requester)?;
        bind::<Array<BigInt>, _>(out, ", ", &cases_new.started_ms)?;

        bind::<Array<Integer>, _>(out, LINES_NEW, &owed.place)?;
        bind::<Array<Integer>, _>(out, ", ", &owed.ordinal)?;
        bind::<Array<Text>, _>(out, ", ", &owed.body)?;

        bind::<Array<Integer>, _>(out, OWED, &counted.place)?;
        bind::<Array<BigInt>, _>(out, ", ", &counted.batch)?;
        out.push_sql(COUNTED);
        Ok(())
    }
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

impl QueryId for WriteBatch<'_> {
    type QueryId = WriteBatch<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for WriteBatch<'_> {
    type SqlType = Integer;
}

impl RunQueryDsl<Connection> for WriteBatch<'_> {}
