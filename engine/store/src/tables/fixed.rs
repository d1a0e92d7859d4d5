//! Updates with a fixed text. Diesel compiles its own updates anew each time, since what they set may vary; these
//! are compiled once per connection, which is worth a tenth of the hot path.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Nullable, SmallInt, Text};

use super::{Backend, Connection};

/// The state of an instance takes the place of the state that a step began with; changes no row where somebody
/// else was faster.
pub(crate) struct ReplaceState<'a> {
    pub(crate) shard: i16,
    pub(crate) id: i64,
    pub(crate) revision: i64,
    pub(crate) document: &'a [u8],
    pub(crate) head: &'a [u8],
    pub(crate) revision_before: i64,
    pub(crate) head_before: &'a [u8],
}

impl QueryFragment<Backend> for ReplaceState<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("UPDATE instance SET revision = ");
        out.push_bind_param::<BigInt, _>(&self.revision)?;
        out.push_sql(", document = ");
        out.push_bind_param::<Binary, _>(self.document)?;
        out.push_sql(", head = ");
        out.push_bind_param::<Binary, _>(self.head)?;
        out.push_sql(" WHERE shard = ");
        out.push_bind_param::<SmallInt, _>(&self.shard)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<BigInt, _>(&self.id)?;
        out.push_sql(" AND revision = ");
        out.push_bind_param::<BigInt, _>(&self.revision_before)?;
        out.push_sql(" AND head = ");
        out.push_bind_param::<Binary, _>(self.head_before)
    }
}

impl QueryId for ReplaceState<'_> {
    type QueryId = ReplaceState<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<Connection> for ReplaceState<'_> {}

/// What may change in a record's line without touching an index.
pub(crate) struct ReplaceLine<'a> {
    pub(crate) shard: i16,
    pub(crate) id: i64,
    pub(crate) title: &'a str,
    pub(crate) stage: &'a str,
    pub(crate) priority: Option<&'a str>,
    pub(crate) team: Option<&'a str>,
    pub(crate) service: Option<&'a str>,
    pub(crate) updated_ms: i64,
    pub(crate) due_ms: Option<i64>,
}

impl QueryFragment<Backend> for ReplaceLine<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("UPDATE case_row SET title = ");
        out.push_bind_param::<Text, _>(self.title)?;
        out.push_sql(", stage = ");
        out.push_bind_param::<Text, _>(self.stage)?;
        out.push_sql(", priority = ");
        out.push_bind_param::<Nullable<Text>, _>(&self.priority)?;
        out.push_sql(", team = ");
        out.push_bind_param::<Nullable<Text>, _>(&self.team)?;
        out.push_sql(", service = ");
        out.push_bind_param::<Nullable<Text>, _>(&self.service)?;
        out.push_sql(", updated_ms = ");
        out.push_bind_param::<BigInt, _>(&self.updated_ms)?;
        out.push_sql(", due_ms = ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.due_ms)?;
        out.push_sql(" WHERE shard = ");
        out.push_bind_param::<SmallInt, _>(&self.shard)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<BigInt, _>(&self.id)
    }
}

impl QueryId for ReplaceLine<'_> {
    type QueryId = ReplaceLine<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<Connection> for ReplaceLine<'_> {}

/// A record goes on, is stuck, or is over: the indexes on status follow.
pub(crate) struct TurnLine<'a> {
    pub(crate) shard: i16,
    pub(crate) id: i64,
    pub(crate) status: &'a str,
    pub(crate) ended_ms: Option<i64>,
}

impl QueryFragment<Backend> for TurnLine<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("UPDATE case_row SET status = ");
        out.push_bind_param::<Text, _>(self.status)?;
        out.push_sql(", ended_ms = ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.ended_ms)?;
        out.push_sql(" WHERE shard = ");
        out.push_bind_param::<SmallInt, _>(&self.shard)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<BigInt, _>(&self.id)
    }
}

impl QueryId for TurnLine<'_> {
    type QueryId = TurnLine<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<Connection> for TurnLine<'_> {}
