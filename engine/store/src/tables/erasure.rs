//! Erasure of a person.

use diesel::prelude::*;
use engine::directory::PERSON;
use engine::event::Principal;

use super::Connection;
use super::audit::append;
use super::people::{ACTIVE, ERASED, ROLE};
use crate::projection::assignee_principal;
use crate::schema::{
    access_token, entry_revision, notification, open_task, password, person, preference, register_entry, saved_view,
    session, snoozed, standing, watch,
};
use crate::{AuditEntry, AuditWhat, CannotErase, Erasure, StoreError};

/// What others call somebody who was erased.
const NAME_EN: &str = "Erased person";
const NAME_ZH: &str = "已删除的人员";

/// Checks and erases in one transaction, so that nobody takes a task in between.
pub(crate) fn erase(connection: &mut Connection, order: &Erasure) -> Result<Result<(), CannotErase>, StoreError> {
    let id = order.person.as_str();
    let state: Option<String> =
        person::table.filter(person::id.eq(id)).select(person::state).first(connection).optional()?;
    match state.as_deref() {
        None => return Ok(Err(CannotErase::NobodyThere)),
        Some(ERASED) => return Ok(Err(CannotErase::Already)),
        Some(_) => {}
    }
    let theirs = [assignee_principal(id), Principal::Person(order.person.clone()).to_string()];
    let tasks: Vec<(i64, i32)> = open_task::table
        .filter(open_task::principal.eq_any(theirs))
        .select((open_task::instance, open_task::task))
        .distinct()
        .load(connection)?;
    if !tasks.is_empty() {
        return Ok(Err(CannotErase::HasTasks(tasks.len() as u64)));
    }
    let administrators: Vec<String> = standing::table
        .inner_join(person::table.on(person::id.eq(standing::person)))
        .filter(standing::kind.eq(ROLE))
        .filter(standing::name.eq(engine::people::ADMINISTRATOR))
        .filter(person::state.eq(ACTIVE))
        .select(standing::person)
        .load(connection)?;
    if administrators == [id] {
        return Ok(Err(CannotErase::OnlyAdministrator));
    }
    diesel::delete(session::table.filter(session::person.eq(id))).execute(connection)?;
    diesel::delete(access_token::table.filter(access_token::person.eq(id))).execute(connection)?;
    diesel::delete(password::table.filter(password::person.eq(id))).execute(connection)?;
    diesel::delete(standing::table.filter(standing::person.eq(id))).execute(connection)?;
    diesel::delete(saved_view::table.filter(saved_view::owner.eq(id))).execute(connection)?;
    diesel::delete(snoozed::table.filter(snoozed::person.eq(id))).execute(connection)?;
    diesel::delete(watch::table.filter(watch::person.eq(id))).execute(connection)?;
    diesel::delete(preference::table.filter(preference::person.eq(id))).execute(connection)?;
    diesel::delete(notification::table.filter(notification::person.eq(id))).execute(connection)?;
    let said = entry_revision::table.filter(entry_revision::register.eq(PERSON)).filter(entry_revision::entry.eq(id));
    diesel::delete(said).execute(connection)?;
    let says = register_entry::table.filter(register_entry::register.eq(PERSON)).filter(register_entry::entry.eq(id));
    diesel::delete(says).execute(connection)?;
    diesel::update(person::table.filter(person::id.eq(id)))
        .set((
            // Unique, and too long for anybody's name: nobody can ask for it, and the old one is free again.
            person::sign_in.eq(format!("{ERASED}:{id}")),
            person::name_en.eq(NAME_EN),
            person::name_zh.eq(NAME_ZH),
            person::email.eq(""),
            person::state.eq(ERASED),
        ))
        .execute(connection)?;
    let what = AuditWhat::PersonErased { person: order.person.clone(), reason: order.reason.clone() };
    append(connection, &AuditEntry { at: order.at, actor: Some(order.by.clone()), what })?;
    Ok(Ok(()))
}
