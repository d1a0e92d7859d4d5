//! What the doctor looks at beside records and the audit trail: one function for each kind of row, and one line in
//! [`AGREEMENTS`]. A table that is added gets both.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use engine::definition::{NumberPattern, Parts};
use engine::effect::Effect;
use engine::ids::{DefinitionId, InstanceId};

use super::people::ACTIVE;
use super::{Connection, search_text};
use crate::address;
use crate::schema::{
    access_token, batch, batch_line, case_row, correlation, definition, held_record, instance, number_block, outbox,
    password, person, preference, saved_view, schedule_reached, searched, session, snoozed, standing, watch,
};
use crate::{Astray, Finding, NO_YEAR, StoreError};

/// Looks at one kind of row.
type Agreement = fn(&mut Connection, &mut dyn FnMut(Finding)) -> Result<(), StoreError>;

/// Every kind of row that has something to agree with.
const AGREEMENTS: &[Agreement] =
    &[owed_effects, definitions, numbers, twins, accounts, batches, holds, schedules, correlations, words, watches];

/// Looks at all of them.
pub(crate) fn all(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    AGREEMENTS.iter().try_for_each(|look| look(connection, report))
}

/// An owed effect belongs to a commit of a record that is there, and can be read.
fn owed_effects(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    type Columns = (i64, i64, i32, String, Option<i64>);
    let rows: Vec<Columns> = outbox::table
        .left_join(instance::table.on(instance::shard.eq(outbox::shard).and(instance::id.eq(outbox::instance))))
        .select((outbox::instance, outbox::revision, outbox::ordinal, outbox::body, instance::revision.nullable()))
        .load(connection)?;
    for (id, revision, ordinal, body, reached) in rows {
        let because = match reached {
            None => Astray::OfNobody,
            Some(reached) if reached < revision => Astray::Ahead,
            Some(_) if serde_json::from_str::<Effect>(&body).is_err() => Astray::Unreadable,
            Some(_) => continue,
        };
        report(Finding::RowAstray { list: "outbox", row: format!("{id}.{revision}.{ordinal}"), because });
    }
    Ok(())
}

/// A definition is the text whose address it bears, and versions have no gap.
fn definitions(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<(String, i32, String, String, String)> = definition::table
        .order((definition::process, definition::version))
        .select((definition::process, definition::version, definition::id, definition::source, definition::parts))
        .load(connection)?;
    let mut before: Option<(String, i32)> = None;
    for (process, version, id, source, parts) in rows {
        let expected = match &before {
            Some((same, number)) if *same == process => number + 1,
            Some(_) | None => 1,
        };
        let mut astray =
            |because| report(Finding::RowAstray { list: "definitions", row: format!("{process} {version}"), because });
        if version != expected {
            astray(Astray::Gap);
        }
        if DefinitionId::of_source(&source).0 != id {
            astray(Astray::Changed);
        }
        if serde_json::from_str::<Parts>(&parts).is_err() {
            astray(Astray::Unreadable);
        }
        before = Some((process, version));
    }
    Ok(())
}

/// No record has a number that is still to be given out.
fn numbers(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let blocks: Vec<(String, i16, i64)> =
        number_block::table.select((number_block::process, number_block::year, number_block::next)).load(connection)?;
    let blocks: BTreeMap<(String, i16), i64> =
        blocks.into_iter().map(|(process, year, next)| ((process, year), next)).collect();
    let parts: Vec<(String, String)> =
        definition::table.select((definition::id, definition::parts)).load(connection)?;
    let patterns: BTreeMap<Vec<u8>, String> = parts
        .into_iter()
        .filter_map(|(id, parts)| Some((address::kept(&id), serde_json::from_str::<Parts>(&parts).ok()?.number)))
        .collect();
    let mut after = i64::MIN;
    loop {
        let rows: Vec<(i64, String, Vec<u8>, String)> = case_row::table
            .filter(case_row::id.gt(after))
            .order(case_row::id)
            .limit(PIECE)
            .select((case_row::id, case_row::process, case_row::definition, case_row::number))
            .load(connection)?;
        let Some((newest, ..)) = rows.last() else { break };
        after = *newest;
        for (_, process, definition, number) in rows {
            let read = patterns.get(&definition).and_then(|pattern| NumberPattern(pattern).read(&number));
            // A number that no pattern of today reads was made by a pattern of another day.
            let Some((year, sequence)) = read else { continue };
            if blocks.get(&(process, year.unwrap_or(NO_YEAR))).is_some_and(|next| sequence >= *next) {
                report(Finding::RowAstray { list: "numbers", row: number, because: Astray::Ahead });
            }
        }
    }
    Ok(())
}

/// No two records have one number.
fn twins(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<String> = case_row::table
        .group_by(case_row::number)
        .having(diesel::dsl::count_star().gt(1))
        .order(case_row::number)
        .select(case_row::number)
        .load(connection)?;
    for number in rows {
        report(Finding::RowAstray { list: "numbers", row: number, because: Astray::Twice });
    }
    Ok(())
}

/// The words by which a record is found are those of a record that is there, of a revision that it has come to, and they
/// are there where it is said so. A record without words is no finding: they come behind it.
fn words(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64, Option<i64>)> = searched::table
        .left_join(instance::table.on(instance::shard.eq(searched::shard).and(instance::id.eq(searched::instance))))
        .select((searched::instance, searched::revision, instance::revision.nullable()))
        .load(connection)?;
    let mut kept = search_text::ids(connection)?;
    for (id, revision, reached) in rows {
        let because = match (reached, kept.remove(&id)) {
            (None, _) => Astray::OfNobody,
            (Some(reached), _) if reached < revision => Astray::Ahead,
            (Some(_), false) => Astray::Empty,
            (Some(_), true) => continue,
        };
        report(Finding::RowAstray { list: "words", row: InstanceId(id).to_string(), because });
    }
    for id in kept {
        report(Finding::RowAstray { list: "words", row: InstanceId(id).to_string(), because: Astray::OfNobody });
    }
    Ok(())
}

/// How many rows are read at a time.
const PIECE: i64 = 1_000;

/// What signs people in belongs to people who are there, and nobody who left is signed in.
fn accounts(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let people: Vec<(String, String)> = person::table.select((person::id, person::state)).load(connection)?;
    let people: BTreeMap<String, String> = people.into_iter().collect();
    let passwords: Vec<String> = password::table.select(password::person).load(connection)?;
    let sessions: Vec<String> = session::table.select(session::person).distinct().load(connection)?;
    let standings: Vec<String> = standing::table.select(standing::person).distinct().load(connection)?;
    let tokens: Vec<String> = access_token::table.select(access_token::person).distinct().load(connection)?;
    let views: Vec<String> = saved_view::table.select(saved_view::owner).distinct().load(connection)?;
    let snoozes: Vec<String> = snoozed::table.select(snoozed::person).distinct().load(connection)?;
    let watchers: Vec<String> = watch::table.select(watch::person).distinct().load(connection)?;
    let preferences: Vec<String> = preference::table.select(preference::person).distinct().load(connection)?;
    let owned = [
        ("passwords", &passwords),
        ("sessions", &sessions),
        ("roles", &standings),
        ("access tokens", &tokens),
        ("saved views", &views),
        ("snoozed tasks", &snoozes),
        ("watched records", &watchers),
        ("preferences", &preferences),
    ];
    for (list, owners) in owned {
        for row in owners.iter().filter(|row| !people.contains_key(*row)) {
            report(Finding::RowAstray { list, row: row.clone(), because: Astray::OfNobody });
        }
    }
    let active = |row: &String| people.get(row).is_none_or(|state| state == ACTIVE);
    for row in sessions.into_iter().filter(|row| !active(row)) {
        report(Finding::RowAstray { list: "sessions", row, because: Astray::OfOneWhoLeft });
    }
    Ok(())
}

/// A line of a batch belongs to a batch that is there.
fn batches(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let known: Vec<i64> = batch::table.select(batch::id).load(connection)?;
    let known: BTreeSet<i64> = known.into_iter().collect();
    let named: Vec<i64> = batch_line::table.select(batch_line::batch).distinct().load(connection)?;
    for row in named.into_iter().filter(|row| !known.contains(row)) {
        report(Finding::RowAstray { list: "batches", row: row.to_string(), because: Astray::OfNobody });
    }
    Ok(())
}

/// A hold names records that are there: nothing may remove them.
fn holds(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64)> = held_record::table
        .left_join(case_row::table.on(case_row::id.eq(held_record::instance)))
        .filter(case_row::id.nullable().is_null())
        .select((held_record::hold, held_record::instance))
        .load(connection)?;
    for (hold, instance) in rows {
        report(Finding::RowAstray { list: "holds", row: format!("{hold}.{instance}"), because: Astray::OfNobody });
    }
    Ok(())
}

/// What is kept of a schedule is of one that some version of its process has.
fn schedules(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<(String, i16)> = schedule_reached::table
        .order((schedule_reached::process, schedule_reached::place))
        .select((schedule_reached::process, schedule_reached::place))
        .load(connection)?;
    let parts: Vec<(String, String)> =
        definition::table.select((definition::process, definition::parts)).load(connection)?;
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (process, parts) in parts {
        // What cannot be read is a finding of its own.
        let Ok(parts) = serde_json::from_str::<Parts>(&parts) else { continue };
        let most = known.entry(process).or_default();
        *most = parts.start.schedules.len().max(*most);
    }
    for (process, place) in rows {
        let count = known.get(&process).copied().unwrap_or(0);
        if usize::try_from(place).is_ok_and(|place| place >= count) {
            report(Finding::RowAstray {
                list: "schedules",
                row: format!("{process}.{place}"),
                because: Astray::OfNobody,
            });
        }
    }
    Ok(())
}

/// What a key has begun is one record of its process. It may be gone, and it never began where the start was refused.
fn correlations(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<(String, String, String)> = correlation::table
        .inner_join(case_row::table.on(case_row::id.eq(correlation::instance)))
        .filter(case_row::process.ne(correlation::process))
        .order((correlation::process, correlation::message, correlation::message_key))
        .select((correlation::process, correlation::message, correlation::message_key))
        .load(connection)?;
    for (process, message, key) in rows {
        let row = format!("{process}.{message}.{key}");
        report(Finding::RowAstray { list: "message keys", row, because: Astray::Changed });
    }
    let twice: Vec<i64> = correlation::table
        .group_by(correlation::instance)
        .having(diesel::dsl::count_star().gt(1))
        .order(correlation::instance)
        .select(correlation::instance)
        .load(connection)?;
    for instance in twice {
        report(Finding::RowAstray { list: "message keys", row: instance.to_string(), because: Astray::Twice });
    }
    Ok(())
}

/// What somebody watches is there.
fn watches(connection: &mut Connection, report: &mut dyn FnMut(Finding)) -> Result<(), StoreError> {
    let rows: Vec<(i64, String)> = watch::table
        .left_join(instance::table.on(instance::shard.eq(watch::shard).and(instance::id.eq(watch::instance))))
        .filter(instance::id.nullable().is_null())
        .select((watch::instance, watch::person))
        .load(connection)?;
    for (id, person) in rows {
        let row = format!("{id} {person}");
        report(Finding::RowAstray { list: "watched records", row, because: Astray::OfNobody });
    }
    Ok(())
}
