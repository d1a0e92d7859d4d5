//! The words of records in SQLite's full-text index. A record's words are written apart by spaces; the index keeps for each
//! word in which records it stands, and nothing else.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use engine::ids::InstanceId;

use super::Connection;
use crate::{Needle, SearchQuery, StoreError};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    instance: i64,
}

pub(super) fn put(connection: &mut Connection, id: InstanceId, words: &BTreeSet<String>) -> Result<(), StoreError> {
    let words: Vec<String> = words.iter().map(|word| whole(word)).collect();
    diesel::sql_query("INSERT INTO search_text (rowid, words) VALUES (?, ?)")
        .bind::<BigInt, _>(id.0)
        .bind::<Text, _>(words.join(" "))
        .execute(connection)?;
    Ok(())
}

pub(super) fn forget(connection: &mut Connection, id: InstanceId) -> Result<(), StoreError> {
    diesel::sql_query("DELETE FROM search_text WHERE rowid = ?").bind::<BigInt, _>(id.0).execute(connection)?;
    Ok(())
}

pub(super) fn forget_all(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::sql_query("INSERT INTO search_text (search_text) VALUES ('delete-all')").execute(connection)?;
    Ok(())
}

pub(super) fn find(
    connection: &mut Connection,
    query: &SearchQuery,
    below: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let text = "SELECT rowid AS instance FROM search_text WHERE search_text MATCH ? AND rowid < ? \
        ORDER BY rowid DESC LIMIT ?";
    let rows: Vec<Row> = diesel::sql_query(text)
        .bind::<Text, _>(expression(query))
        .bind::<BigInt, _>(below)
        .bind::<BigInt, _>(limit)
        .load(connection)?;
    Ok(rows.into_iter().map(|row| row.instance).collect())
}

/// The records that have words here.
pub(super) fn ids(connection: &mut Connection) -> Result<BTreeSet<i64>, StoreError> {
    let rows: Vec<Row> = diesel::sql_query("SELECT rowid AS instance FROM search_text").load(connection)?;
    Ok(rows.into_iter().map(|row| row.instance).collect())
}

/// What is asked, in the index's words: `("a" AND "b" *) OR "c"`, each term in brackets.
fn expression(query: &SearchQuery) -> String {
    let needle = |needle: &Needle| match needle {
        Needle::Word(word) => quoted(word),
        Needle::Beginning(beginning) => format!("{} *", quoted(beginning)),
    };
    query.written(" AND ", " OR ", needle)
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", whole(word))
}

/// A word as the index keeps it in one piece. It would take words apart at marks that are ASCII, but for a few; each stands as
/// a letter that nobody uses.
fn whole(word: &str) -> String {
    let letter = |letter: char| match letter {
        '@' | '~' | '_' | ':' | '-' | '.' | '/' => letter,
        mark if mark.is_ascii() && !mark.is_ascii_alphanumeric() => {
            char::from_u32(NOBODYS + u32::from(mark)).unwrap_or(mark)
        }
        other => other,
    };
    word.chars().map(letter).collect()
}

/// Where the letters begin that nobody uses (Unicode, private use area).
const NOBODYS: u32 = 0xe000;
