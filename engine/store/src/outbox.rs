//! What is owed to the world, and the notifications that it becomes.

use diesel::prelude::*;
use engine::definition::Labels;
use engine::effect::Effect;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use crate::instances::limited;
use crate::schema::{case_row, notification, outbox};
use crate::{Store, StoreError};

/// Which owed effect: its key makes it happen once where the receiver honours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxKey {
    /// When the step was.
    pub at: Timestamp,
    /// Of which instance.
    pub instance: InstanceId,
    /// By which commit.
    pub revision: u64,
    /// Its place among the effects of the step, from 0.
    pub ordinal: u32,
}

/// An owed effect.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Its identity.
    pub key: OutboxKey,
    /// The number of the record that owes it, for links.
    pub number: String,
    /// What is owed.
    pub effect: Effect,
}

/// One person's share of a notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Who is told.
    pub person: Name,
    /// What.
    pub text: Labels,
    /// Where to look: a path of the site.
    pub link: String,
}

/// An owed notice, expanded to people; to nobody is fine, the row goes all the same.
#[derive(Clone, Debug)]
pub struct NoticeDelivery {
    /// Which row of the outbox it settles.
    pub key: OutboxKey,
    /// Who is told what.
    pub notices: Vec<Notice>,
}

/// What a person was told.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Its identity, unique for the person.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: Labels,
    /// Where to look.
    pub link: String,
    /// When the person read it.
    pub read_at: Option<Timestamp>,
}

impl Store {
    /// What is owed, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn outbox(&self, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        type Columns = (i64, i64, i64, i32, String, String);
        let rows: Vec<Columns> = self.read(|connection| {
            let rows = outbox::table
                .inner_join(case_row::table.on(case_row::id.eq(outbox::instance)))
                .order((outbox::at_ms, outbox::instance, outbox::revision, outbox::ordinal))
                .limit(limited(limit))
                .select((
                    outbox::at_ms,
                    outbox::instance,
                    outbox::revision,
                    outbox::ordinal,
                    case_row::number,
                    outbox::body,
                ))
                .load(connection)?;
            Ok(rows)
        })?;
        let read = |(at_ms, instance, revision, ordinal, number, body): Columns| {
            let key = OutboxKey {
                at: Timestamp(at_ms),
                instance: InstanceId(instance),
                revision: u64::try_from(revision).map_err(|cause| StoreError::unreadable("effect", cause))?,
                ordinal: u32::try_from(ordinal).map_err(|cause| StoreError::unreadable("effect", cause))?,
            };
            let effect = serde_json::from_str(&body).map_err(|cause| StoreError::unreadable("effect", cause))?;
            Ok::<_, StoreError>(OutboxRow { key, number, effect })
        };
        // A row that cannot be read blocks nobody else's.
        let unreadable = |cause: &StoreError| tracing::error!(%cause, "an owed effect stays where it is");
        Ok(rows.into_iter().filter_map(|row| read(row).inspect_err(unreadable).ok()).collect())
    }

    /// Tells people and settles the rows of the outbox, in one transaction. Doing it twice tells nobody twice.
    ///
    /// # Errors
    /// The database failed.
    pub fn deliver_notices(&self, done: Vec<NoticeDelivery>) -> Result<(), StoreError> {
        self.write(move |connection| done.iter().try_for_each(|delivery| deliver(connection, delivery)))
    }

    /// What a person was told, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn notifications(&self, person: &Name, limit: usize) -> Result<Vec<Notification>, StoreError> {
        type Columns = (String, i64, String, String, String, Option<i64>);
        let rows: Vec<Columns> = self.read(|connection| {
            let rows = notification::table
                .filter(notification::person.eq(person.as_str()))
                .order((notification::at_ms.desc(), notification::effect.desc()))
                .limit(limited(limit))
                .select((
                    notification::effect,
                    notification::at_ms,
                    notification::text_en,
                    notification::text_zh,
                    notification::link,
                    notification::read_at_ms,
                ))
                .load(connection)?;
            Ok(rows)
        })?;
        let told = |(key, at_ms, en, zh, link, read_at_ms): Columns| Notification {
            key,
            at: Timestamp(at_ms),
            text: Labels { en, zh },
            link,
            read_at: read_at_ms.map(Timestamp),
        };
        Ok(rows.into_iter().map(told).collect())
    }

    /// How many notifications a person has not read.
    ///
    /// # Errors
    /// The database failed.
    pub fn unread_count(&self, person: &Name) -> Result<u64, StoreError> {
        let count: i64 = self.read(|connection| {
            let unread = notification::table
                .filter(notification::person.eq(person.as_str()))
                .filter(notification::read_at_ms.is_null());
            Ok(unread.count().get_result(connection)?)
        })?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The person has read all notifications up to that instant.
    ///
    /// # Errors
    /// The database failed.
    pub fn mark_read(&self, person: &Name, up_to: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let person = person.to_string();
        self.write(move |connection| {
            diesel::update(notification::table)
                .filter(notification::person.eq(&person))
                .filter(notification::at_ms.le(up_to.0))
                .filter(notification::read_at_ms.is_null())
                .set(notification::read_at_ms.eq(now.0))
                .execute(connection)?;
            Ok(())
        })
    }
}

fn deliver(connection: &mut SqliteConnection, delivery: &NoticeDelivery) -> Result<(), StoreError> {
    let NoticeDelivery { key, notices } = delivery;
    let effect = format!("{}.{}.{}", key.instance, key.revision, key.ordinal);
    for notice in notices {
        diesel::insert_into(notification::table)
            .values((
                notification::person.eq(notice.person.as_str()),
                notification::at_ms.eq(key.at.0),
                notification::effect.eq(&effect),
                notification::text_en.eq(&notice.text.en),
                notification::text_zh.eq(&notice.text.zh),
                notification::link.eq(&notice.link),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    diesel::delete(outbox::table)
        .filter(outbox::at_ms.eq(key.at.0))
        .filter(outbox::instance.eq(key.instance.0))
        .filter(outbox::revision.eq(i64::try_from(key.revision).unwrap_or(i64::MAX)))
        .filter(outbox::ordinal.eq(i32::try_from(key.ordinal).unwrap_or(i32::MAX)))
        .execute(connection)?;
    Ok(())
}
