//! The words of records on PostgreSQL: a vector of them with an index that leads from each word to its records. Neither goes
//! through a configuration of the server's own search, so that words are the same on every server.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use diesel::sql_types::{Array, BigInt, SmallInt, Text};
use engine::ids::InstanceId;

use super::Connection;
use crate::shard::shard_of;
use crate::{Needle, SearchQuery, StoreError};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    instance: i64,
}

pub(super) fn put(connection: &mut Connection, id: InstanceId, words: &BTreeSet<String>) -> Result<(), StoreError> {
    let words: Vec<&String> = words.iter().collect();
    diesel::sql_query("INSERT INTO search_text (instance, shard, words) VALUES ($1, $2, array_to_tsvector($3))")
        .bind::<BigInt, _>(id.0)
        .bind::<SmallInt, _>(shard_of(id))
        .bind::<Array<Text>, _>(words)
        .execute(connection)?;
    Ok(())
}

pub(super) fn forget(connection: &mut Connection, id: InstanceId) -> Result<(), StoreError> {
    diesel::sql_query("DELETE FROM search_text WHERE shard = $1 AND instance = $2")
        .bind::<SmallInt, _>(shard_of(id))
        .bind::<BigInt, _>(id.0)
        .execute(connection)?;
    Ok(())
}

pub(super) fn forget_all(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::sql_query("DELETE FROM search_text").execute(connection)?;
    Ok(())
}

pub(super) fn find(
    connection: &mut Connection,
    query: &SearchQuery,
    below: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let text = "SELECT instance FROM search_text WHERE words @@ CAST($1 AS tsquery) AND instance < $2 \
        ORDER BY instance DESC LIMIT $3";
    let rows: Vec<Row> = diesel::sql_query(text)
        .bind::<Text, _>(expression(query))
        .bind::<BigInt, _>(below)
        .bind::<BigInt, _>(limit)
        .load(connection)?;
    Ok(rows.into_iter().map(|row| row.instance).collect())
}

/// The records that have words here.
pub(super) fn ids(connection: &mut Connection) -> Result<BTreeSet<i64>, StoreError> {
    let rows: Vec<Row> = diesel::sql_query("SELECT instance FROM search_text").load(connection)?;
    Ok(rows.into_iter().map(|row| row.instance).collect())
}

/// What is asked, in the server's words: `('a' & 'b':*) | 'c'`, each term in brackets.
fn expression(query: &SearchQuery) -> String {
    let needle = |needle: &Needle| match needle {
        Needle::Word(word) => quoted(word),
        Needle::Beginning(beginning) => format!("{}:*", quoted(beginning)),
    };
    query.written(" & ", " | ", needle)
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}
