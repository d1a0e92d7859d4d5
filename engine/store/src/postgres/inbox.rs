//! A page of the inbox: one statement, which reads the first rows of each shelf from the index and no more.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};
use engine::ids::{InstanceId, Name, TaskId};
use engine::time::Timestamp;

use super::Connection;
use super::tables::instances::limited;
use crate::address;
use crate::inbox::Shelf;
use crate::projection::NO_DUE_MS;
use crate::{InboxCursor, InboxRow, StoreError};

#[derive(QueryableByName)]
struct Row {
    /// The first of the shelves on which it stands.
    #[diesel(sql_type = Integer)]
    shelf: i32,
    #[diesel(sql_type = BigInt)]
    due_ms: i64,
    #[diesel(sql_type = BigInt)]
    opened_ms: i64,
    #[diesel(sql_type = BigInt)]
    instance: i64,
    #[diesel(sql_type = Integer)]
    task: i32,
    #[diesel(sql_type = Text)]
    step: String,
    #[diesel(sql_type = Nullable<Text>)]
    assignee: Option<String>,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    process: String,
    #[diesel(sql_type = Binary)]
    definition: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    priority: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    service: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    team: Option<String>,
    #[diesel(sql_type = Text)]
    requester: String,
}

/// The first tasks of some shelves after a place. A task that is for several of the groups stands on several shelves,
/// and comes once.
pub(super) fn page(
    connection: &mut Connection,
    shelves: &[Shelf],
    after: InboxCursor,
    limit: usize,
) -> Result<Vec<InboxRow>, StoreError> {
    if shelves.is_empty() {
        return Ok(Vec::new());
    }
    // What is the reader's anyway is not there for somebody else.
    let (own, absent): (Vec<&Shelf>, Vec<&Shelf>) = shelves.iter().partition(|shelf| shelf.in_stead_of.is_none());
    let shelves: Vec<&Shelf> = own.into_iter().chain(absent).collect();
    let mut query = diesel::sql_query(text(shelves.len()))
        .into_boxed::<Pg>()
        .bind::<BigInt, _>(after.due_ms)
        .bind::<BigInt, _>(after.opened_ms)
        .bind::<BigInt, _>(after.instance)
        .bind::<Integer, _>(after.task)
        .bind::<BigInt, _>(limited(limit));
    for shelf in &shelves {
        query = query.bind::<Text, _>(shelf.principal.as_str()).bind::<SmallInt, _>(shelf.taken);
    }
    let rows: Vec<Row> = query.load(connection)?;
    let in_stead_of = |row: &Row| usize::try_from(row.shelf).ok().and_then(|nth| shelves.get(nth)?.in_stead_of.clone());
    Ok(rows.into_iter().map(|row| InboxRow { in_stead_of: in_stead_of(&row), ..InboxRow::from(row) }).collect())
}

fn text(shelves: usize) -> String {
    const ORDER: &str = "due_ms, opened_ms, instance, task";
    let shelf = |nth: usize| {
        let principal = 6 + 2 * nth;
        format!(
            "(SELECT {nth} AS shelf, shard, step, assignee, {ORDER} FROM open_task WHERE principal = ${principal} AND taken = ${} \
             AND ({ORDER}) > ($1, $2, $3, $4) ORDER BY {ORDER} LIMIT $5)",
            principal + 1
        )
    };
    let shelves: Vec<String> = (0..shelves).map(shelf).collect();
    format!(
        "SELECT t.shelf, t.due_ms, t.opened_ms, t.instance, t.task, t.step, t.assignee, c.number, c.title, c.process, \
         c.definition, c.priority, c.service, c.team, c.requester \
         FROM (SELECT min(shelf) AS shelf, shard, step, assignee, {ORDER} FROM ({}) AS s \
         GROUP BY shard, step, assignee, {ORDER} ORDER BY {ORDER} LIMIT $5) AS t \
         JOIN case_row AS c ON c.shard = t.shard AND c.id = t.instance \
         ORDER BY t.due_ms, t.opened_ms, t.instance, t.task",
        shelves.join(" UNION ALL ")
    )
}

impl From<Row> for InboxRow {
    fn from(row: Row) -> Self {
        InboxRow {
            instance: InstanceId(row.instance),
            task: TaskId(u32::try_from(row.task).unwrap_or(0)),
            step: Name::from(row.step),
            assignee: row.assignee.map(Name::from),
            in_stead_of: None,
            due: Some(Timestamp(row.due_ms)).filter(|due| due.0 != NO_DUE_MS),
            opened: Timestamp(row.opened_ms),
            number: row.number,
            title: row.title,
            process: Name::from(row.process),
            definition: address::read(&row.definition),
            priority: row.priority.map(Name::from),
            service: row.service.map(Name::from),
            team: row.team.map(Name::from),
            requester: Name::from(row.requester),
        }
    }
}
