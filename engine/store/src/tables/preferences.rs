//! How people want the pages to be.

use std::collections::BTreeMap;

use diesel::prelude::*;
use engine::ids::Name;

use super::Connection;
use crate::StoreError;
use crate::schema::preference;

pub(crate) fn of_person(connection: &mut Connection, person: &Name) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = preference::table
        .filter(preference::person.eq(person.as_str()))
        .select((preference::name, preference::value))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

pub(crate) fn set(connection: &mut Connection, person: &Name, name: &str, value: &str) -> Result<(), StoreError> {
    diesel::delete(preference::table.find((person.as_str(), name))).execute(connection)?;
    let row = (preference::person.eq(person.as_str()), preference::name.eq(name), preference::value.eq(value));
    diesel::insert_into(preference::table).values(row).execute(connection)?;
    Ok(())
}
