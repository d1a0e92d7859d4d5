//! Reading in one consistent picture. Its two statements are compiled once for each connection: compiling them each time was
//! a fifth of what a short read costs.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

use super::{Backend, Connection};

/// Begins a picture, which is as of the first read.
#[derive(QueryId)]
pub(super) struct Begin;

impl QueryFragment<Backend> for Begin {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("BEGIN");
        Ok(())
    }
}

impl RunQueryDsl<Connection> for Begin {}

/// Ends a picture.
#[derive(QueryId)]
pub(super) struct End;

impl QueryFragment<Backend> for End {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("COMMIT");
        Ok(())
    }
}

impl RunQueryDsl<Connection> for End {}
