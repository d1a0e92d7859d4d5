//! Instants and lengths of time. Milliseconds everywhere; no clock.

use std::fmt;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant that lies `length_ms` later (earlier where negative).
    pub fn plus_ms(self, length_ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(length_ms))
    }

    /// Milliseconds from `earlier` to this instant; negative where `earlier` is later.
    pub fn since_ms(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The instant of a local time written `YYYY-MM-DD HH:MM[:SS]` in a zone of the IANA database.
    /// A time that a change to summer time skips moves forward; one that occurs twice is the first.
    ///
    /// # Errors
    /// Says which part cannot be read.
    pub fn from_local(text: &str, zone: &str) -> Result<Timestamp, TimeError> {
        let zone = zone_named(zone)?;
        let civil: jiff::civil::DateTime =
            text.trim().replacen(' ', "T", 1).parse().map_err(|_| TimeError::Unreadable(text.to_owned()))?;
        let zoned = zone.to_zoned(civil).map_err(|_| TimeError::Unreadable(text.to_owned()))?;
        Ok(Timestamp(zoned.timestamp().as_millisecond()))
    }

    /// The instant of a text in the form of RFC 3339, such as `2026-09-18T09:30:00Z`; nothing for any other text.
    pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
        text.trim().parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_millisecond()))
    }

    /// The instant in the form of RFC 3339, in UTC.
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map(|at| at.to_string()).unwrap_or_default()
    }

    /// The local date and time in a zone, `YYYY-MM-DD HH:MM`.
    ///
    /// # Errors
    /// The zone is not in the IANA database.
    pub fn to_local(self, zone: &str) -> Result<String, TimeError> {
        let zoned = jiff::Timestamp::from_millisecond(self.0)
            .map_err(|_| TimeError::Unreadable(self.0.to_string()))?
            .to_zoned(zone_named(zone)?);
        Ok(zoned.strftime("%Y-%m-%d %H:%M").to_string())
    }

    /// The instant that many calendar months earlier, in UTC; of a month that is shorter, its last day.
    pub fn minus_months(self, months: u32) -> Timestamp {
        let earlier = jiff::Timestamp::from_millisecond(self.0).ok().and_then(|instant| {
            let span = jiff::Span::new().try_months(i64::from(months)).ok()?;
            instant.to_zoned(TimeZone::UTC).checked_sub(span).ok()
        });
        // Before the beginning of the calendar there is nothing.
        earlier.map_or(Timestamp(i64::MIN), |zoned| Timestamp(zoned.timestamp().as_millisecond()))
    }

    /// The civil year in UTC, for the numbers of records.
    pub fn year(self) -> i16 {
        jiff::Timestamp::from_millisecond(self.0).map(|instant| instant.to_zoned(TimeZone::UTC).year()).unwrap_or(1970)
    }
}

/// The zone of an installation that says nothing else.
pub const ZONE: &str = "Asia/Shanghai";

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// The day that it is there.
    pub(crate) fn date_of(&self, instant: Timestamp) -> Option<jiff::civil::Date> {
        let instant = jiff::Timestamp::from_millisecond(instant.0).ok()?;
        Some(instant.to_zoned(self.0.clone()).date())
    }

    /// When a day begins there.
    pub(crate) fn begin_of(&self, day: jiff::civil::Date) -> Option<Timestamp> {
        Some(Timestamp(day.to_zoned(self.0.clone()).ok()?.timestamp().as_millisecond()))
    }

    /// When the day after an instant's begins there.
    pub(crate) fn day_after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.begin_of(self.date_of(instant)?.tomorrow().ok()?)
    }

    /// The local date and time with its distance from UTC: `2026-11-28 10:09 (UTC+8)`.
    pub(crate) fn said(&self, instant: Timestamp) -> Option<String> {
        let zoned = jiff::Timestamp::from_millisecond(instant.0).ok()?.to_zoned(self.0.clone());
        let minutes = zoned.offset().seconds() / 60;
        let (sign, hours, rest) = (if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        let local = zoned.strftime("%Y-%m-%d %H:%M");
        Some(match (hours, rest) {
            (0, 0) => format!("{local} (UTC)"),
            (hours, 0) => format!("{local} (UTC{sign}{hours})"),
            (hours, rest) => format!("{local} (UTC{sign}{hours}:{rest:02})"),
        })
    }

    /// Where it is always as late as in UTC.
    pub(crate) fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// The zone of that name in the IANA database.
    ///
    /// # Errors
    /// The name is not in the database.
    pub fn named(name: &str) -> Result<Zone, TimeError> {
        zone_named(name).map(Zone)
    }

    /// The instant of a local time written in a `strftime` form such as `%d-%m-%Y %H:%M`.
    ///
    /// # Errors
    /// The text is not written so.
    pub fn instant(&self, text: &str, form: &str) -> Result<Timestamp, TimeError> {
        let unreadable = || TimeError::Unreadable(text.to_owned());
        let civil = jiff::civil::DateTime::strptime(form, text).map_err(|_| unreadable())?;
        let zoned = self.0.to_zoned(civil).map_err(|_| unreadable())?;
        Ok(Timestamp(zoned.timestamp().as_millisecond()))
    }
}

/// The date, in ISO form, that lies so many days after another; nothing where it is none or leaves the calendar.
pub fn days_after(date: &str, days: i64) -> Option<String> {
    let date: jiff::civil::Date = date.parse().ok()?;
    date.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(|date| date.to_string())
}

/// A zone from the IANA database that is compiled in, so that every platform computes alike.
///
/// # Errors
/// The name is not in the database.
pub fn zone_named(name: &str) -> Result<TimeZone, TimeError> {
    TimeZoneDatabase::bundled().get(name).map_err(|_| TimeError::NoSuchZone(name.to_owned()))
}

/// Why a time could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a date and time.
    #[error("\"{0}\" is not a date and time such as 2026-09-18 17:30")]
    Unreadable(String),
    /// Not a zone.
    #[error("there is no time zone \"{0}\"")]
    NoSuchZone(String),
}

/// What a length of time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days: 24 hours each in plain time, the calendar's ordinary day in working time.
    Days,
    /// Weeks: seven plain days; not for working time.
    Weeks,
}

/// Whether a length runs day and night or only while a calendar is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// Day and night.
    Plain,
    /// Only while the calendar is open.
    Working,
}

/// A length of time as a definition writes it: `4 working hours`, `15 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// How many units; at least 1.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
    /// Counted how.
    pub counting: Counting,
}

impl Span {
    /// The length in milliseconds, with a day of `day_ms` (the calendar's ordinary day for working time,
    /// [`DAY_MS`] for plain time).
    pub fn length_ms(&self, day_ms: i64) -> i64 {
        let unit_ms = match self.unit {
            Unit::Minutes => MINUTE_MS,
            Unit::Hours => HOUR_MS,
            Unit::Days => day_ms,
            Unit::Weeks => 7 * day_ms,
        };
        i64::from(self.amount) * unit_ms
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let working = match self.counting {
            Counting::Plain => "",
            Counting::Working => "working ",
        };
        let unit = match self.unit {
            Unit::Minutes => "minute",
            Unit::Hours => "hour",
            Unit::Days => "day",
            Unit::Weeks => "week",
        };
        let plural = if self.amount == 1 { "" } else { "s" };
        write!(out, "{} {working}{unit}{plural}", self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_back_to_the_same_day_or_the_last_of_a_shorter_month() {
        let at = |text: &str| Timestamp::from_local(text, "UTC").expect("it is readable");
        for (now, months, earlier) in [
            ("2026-11-26 21:30", 48, "2022-11-26 21:30"),
            ("2026-03-31 00:00", 1, "2026-02-28 00:00"),
            ("2024-03-31 00:00", 1, "2024-02-29 00:00"),
            ("2026-01-15 12:00", 6, "2025-07-15 12:00"),
        ] {
            assert_eq!(at(now).minus_months(months), at(earlier), "{months} months before {now}");
        }
        assert_eq!(at("2026-01-01 00:00").minus_months(u32::MAX), Timestamp(i64::MIN));
    }
}
