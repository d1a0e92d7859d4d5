//! Views of the inbox that people keep under a name.

use diesel::prelude::*;
use engine::event::Principal;
use engine::ids::Name;

use super::Connection;
use super::instances::limited;
use crate::schema::saved_view;
use crate::{NewView, SAVED_VIEWS_MAX, SavedView, SavedViewId, StoreError};

/// The most views that one person is shown.
const SHOWN_MAX: usize = 4 * SAVED_VIEWS_MAX;

pub(crate) fn visible(
    connection: &mut Connection,
    person: &Name,
    groups: &[Principal],
) -> Result<Vec<SavedView>, StoreError> {
    let groups: Vec<String> = groups.iter().map(Principal::to_string).collect();
    let rows: Vec<(i64, String, String, String, Option<String>)> = saved_view::table
        .filter(saved_view::owner.nullable().eq(person.as_str()).or(saved_view::shared_with.eq_any(groups)))
        .order(saved_view::id)
        .limit(limited(SHOWN_MAX))
        .load(connection)?;
    let view = |(id, owner, name, query, shared_with): (i64, String, String, String, Option<String>)| SavedView {
        id: SavedViewId(id),
        owner: Name::from(owner),
        name,
        query,
        is_shared: shared_with.is_some(),
    };
    Ok(rows.into_iter().map(view).collect())
}

pub(crate) fn add(connection: &mut Connection, view: &NewView) -> Result<Option<SavedViewId>, StoreError> {
    let held: i64 =
        saved_view::table.filter(saved_view::owner.eq(view.owner.as_str())).count().get_result(connection)?;
    if held >= limited(SAVED_VIEWS_MAX) {
        return Ok(None);
    }
    let newest: Option<i64> = saved_view::table.select(diesel::dsl::max(saved_view::id)).first(connection)?;
    let id = newest.unwrap_or(0) + 1;
    diesel::insert_into(saved_view::table)
        .values((
            saved_view::id.eq(id),
            saved_view::owner.eq(view.owner.as_str()),
            saved_view::name.eq(&view.name),
            saved_view::query.eq(&view.query),
            saved_view::shared_with.eq(view.shared_with.as_ref().map(Principal::to_string)),
        ))
        .execute(connection)?;
    Ok(Some(SavedViewId(id)))
}

pub(crate) fn rename(
    connection: &mut Connection,
    id: SavedViewId,
    owner: &Name,
    name: &str,
) -> Result<bool, StoreError> {
    let own = saved_view::table.find(id.0).filter(saved_view::owner.eq(owner.as_str()));
    Ok(diesel::update(own).set(saved_view::name.eq(name)).execute(connection)? > 0)
}

pub(crate) fn delete(connection: &mut Connection, id: SavedViewId, owner: &Name) -> Result<bool, StoreError> {
    let own = saved_view::table.find(id.0).filter(saved_view::owner.eq(owner.as_str()));
    Ok(diesel::delete(own).execute(connection)? > 0)
}
