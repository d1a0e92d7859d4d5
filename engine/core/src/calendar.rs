//! Working calendars: weekly hours, holidays, make-up workdays, and the arithmetic of working time.
//!
//! The convention at closing time: an amount of working time that ends exactly when the calendar closes ends
//! at that closing moment, not at the next opening. Real time counts: across a change to or from summer time a
//! window is as long as it really was.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, Timestamp, zone_named};

/// The furthest that a search for working time goes, in days. A calendar that is closed for longer than
/// this has no working time.
pub const SEARCH_DAYS_MAX: u32 = 3_660;

/// A part of a day, in minutes from midnight: `[540, 1080]` is 09:00–18:00; 1440 is the midnight after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// From this minute.
    pub from: u16,
    /// To this minute, exclusive; more than `from`, at most 1440.
    pub to: u16,
}

/// What holds on one date instead of the weekly hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exception {
    /// Closed all day: a holiday, a day off in lieu.
    Closed,
    /// Open as on an ordinary working day although it is a weekend: a make-up workday (调休).
    MakeUp,
    /// Open at these hours.
    Hours(Vec<Window>),
}

/// The data of a calendar, as kept in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarData {
    /// What people call it.
    pub labels: crate::definition::Labels,
    /// A zone of the IANA database: `Asia/Shanghai`.
    pub zone: String,
    /// Hours of Monday to Sunday.
    pub week: [Vec<Window>; 7],
    /// Which weekday's hours a make-up workday has, 0 for Monday.
    pub make_up_as: u8,
    /// Dates that differ, in ISO form.
    pub exceptions: BTreeMap<String, Exception>,
    /// The last date for which holidays are published; later deadlines are provisional.
    pub known_until: Option<String>,
}

/// Why a calendar's data cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No such zone.
    #[error("there is no time zone \"{0}\"")]
    NoSuchZone(String),
    /// Not a date.
    #[error("\"{0}\" is not a date such as 2026-09-18")]
    NotADate(String),
    /// A window that is empty, backwards, past midnight, or overlaps the one before it.
    #[error("the hours {from}–{to} (minutes from midnight) are empty, out of order or past midnight")]
    BadWindow {
        /// From this minute.
        from: u16,
        /// To this minute.
        to: u16,
    },
    /// Open at no time at all.
    #[error("the calendar is never open")]
    NeverOpen,
}

/// A calendar, ready for arithmetic.
#[derive(Clone, Debug)]
pub struct Calendar {
    data: CalendarData,
    zone: TimeZone,
    exceptions: BTreeMap<Date, Exception>,
    known_until: Option<Date>,
    always: bool,
}

impl Calendar {
    /// Checks a calendar's data and makes it ready.
    ///
    /// # Errors
    /// The first thing that is wrong with the data.
    pub fn new(data: CalendarData) -> Result<Calendar, CalendarError> {
        let zone = zone_named(&data.zone).map_err(|_| CalendarError::NoSuchZone(data.zone.clone()))?;
        let date = |text: &String| text.parse::<Date>().map_err(|_| CalendarError::NotADate(text.clone()));
        let mut exceptions = BTreeMap::new();
        for (day, exception) in &data.exceptions {
            if let Exception::Hours(windows) = exception {
                check(windows)?;
            }
            exceptions.insert(date(day)?, exception.clone());
        }
        data.week.iter().try_for_each(|windows| check(windows))?;
        if data.week.iter().all(Vec::is_empty) {
            return Err(CalendarError::NeverOpen);
        }
        let known_until = data.known_until.as_ref().map(date).transpose()?;
        let full = |windows: &Vec<Window>| windows.as_slice() == [Window { from: 0, to: 1440 }];
        let always = exceptions.is_empty() && data.week.iter().all(full);
        Ok(Calendar { data, zone, exceptions, known_until, always })
    }

    /// A calendar that is always open.
    pub fn around_the_clock() -> Calendar {
        let day = vec![Window { from: 0, to: 1440 }];
        let data = CalendarData {
            labels: crate::definition::Labels::new("24×7", "7×24 小时"),
            zone: "UTC".into(),
            week: std::array::from_fn(|_| day.clone()),
            make_up_as: 0,
            exceptions: BTreeMap::new(),
            known_until: None,
        };
        Calendar { data, zone: TimeZone::UTC, exceptions: BTreeMap::new(), known_until: None, always: true }
    }

    /// When a day begins, `2026-09-18`, where the calendar counts; nothing for a day that there is not.
    pub fn begin_of(&self, day: &str) -> Option<Timestamp> {
        let begin = day.parse::<Date>().ok()?.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(begin.timestamp().as_millisecond()))
    }

    /// The day that it is where the calendar counts.
    pub fn day_of(&self, instant: Timestamp) -> Option<Date> {
        let instant = jiff::Timestamp::from_millisecond(instant.0).ok()?;
        Some(instant.to_zoned(self.zone.clone()).date())
    }

    /// Its data.
    pub fn data(&self) -> &CalendarData {
        &self.data
    }

    /// The length of an ordinary working day in milliseconds: the longest day of the week's hours. It is what
    /// `1 working day` means on this calendar: nine hours at an office open 09–18, 24 hours around the clock.
    pub fn day_ms(&self) -> i64 {
        let day = |windows: &Vec<Window>| windows.iter().map(|w| i64::from(w.to - w.from)).sum::<i64>();
        self.data.week.iter().map(day).max().unwrap_or(0) * crate::time::MINUTE_MS
    }

    /// The earliest instant by which `length_ms` of working time has passed since `start`; nothing where the
    /// calendar is closed for [`SEARCH_DAYS_MAX`] days on end or the date leaves the calendar's range.
    pub fn add(&self, start: Timestamp, length_ms: i64) -> Option<Timestamp> {
        if length_ms <= 0 {
            return Some(start);
        }
        if self.always {
            return Some(start.plus_ms(length_ms));
        }
        let mut left = length_ms;
        let mut closed_days = 0;
        let mut reached = start;
        let mut date = self.date_of(start)?;
        while closed_days < SEARCH_DAYS_MAX {
            let mut worked = false;
            for window in self.windows_on(date) {
                let (open, close) = self.instants(date, window)?;
                let from = open.max(reached);
                reached = close.max(reached);
                let length = close.since_ms(from);
                if length <= 0 {
                    continue;
                }
                worked = true;
                if left <= length {
                    return Some(from.plus_ms(left));
                }
                left -= length;
            }
            closed_days = if worked { 0 } else { closed_days + 1 };
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    /// Working time between two instants, in milliseconds; 0 where `end` is not after `start`.
    pub fn between_ms(&self, start: Timestamp, end: Timestamp) -> i64 {
        if end <= start {
            return 0;
        }
        if self.always {
            return end.since_ms(start);
        }
        let (Some(mut date), Some(last)) = (self.date_of(start), self.date_of(end)) else { return 0 };
        let mut total = 0;
        let mut reached = start;
        while date <= last {
            for window in self.windows_on(date) {
                if let Some((open, close)) = self.instants(date, window) {
                    total += close.min(end).since_ms(open.max(reached)).max(0);
                    reached = close.max(reached);
                }
            }
            match date.checked_add(1.day()) {
                Ok(next) => date = next,
                Err(_) => break,
            }
        }
        total
    }

    /// Whether an instant lies past the published range, so that a deadline there is provisional.
    pub fn is_provisional(&self, instant: Timestamp) -> bool {
        match (self.known_until, self.date_of(instant)) {
            (Some(known), Some(date)) => date > known,
            _ => false,
        }
    }

    fn windows_on(&self, date: Date) -> &[Window] {
        let of = |index: usize| self.data.week.get(index).map_or(&[][..], Vec::as_slice);
        match self.exceptions.get(&date) {
            Some(Exception::Closed) => &[],
            Some(Exception::MakeUp) => of(usize::from(self.data.make_up_as)),
            Some(Exception::Hours(windows)) => windows,
            None => of(weekday_index(date.weekday())),
        }
    }

    fn date_of(&self, instant: Timestamp) -> Option<Date> {
        Some(jiff::Timestamp::from_millisecond(instant.0).ok()?.to_zoned(self.zone.clone()).date())
    }

    fn instants(&self, date: Date, window: &Window) -> Option<(Timestamp, Timestamp)> {
        Some((self.instant(date, window.from)?, self.instant(date, window.to)?))
    }

    /// The instant of a wall-clock time. One that a zone skips is the moment of the change, so that hours around
    /// it are as long as they really were; of one that occurs twice, the first, so that hours are never entered
    /// or left twice.
    fn instant(&self, date: Date, minute: u16) -> Option<Timestamp> {
        let (date, minute) =
            if minute >= 1440 { (date.checked_add(1.day()).ok()?, minute - 1440) } else { (date, minute) };
        let time = Time::new(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0).ok()?;
        let local = date.to_datetime(time);
        let instant = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(local).ok()?
            }
            AmbiguousOffset::Gap { after, .. } => {
                let before_the_change = after.to_timestamp(local).ok()?;
                self.zone.following(before_the_change).next()?.timestamp()
            }
        };
        Some(Timestamp(instant.as_millisecond()))
    }
}

fn check(windows: &[Window]) -> Result<(), CalendarError> {
    let mut past = 0;
    for (index, window) in windows.iter().enumerate() {
        if window.from >= window.to || window.to > 1440 || (index > 0 && window.from < past) {
            return Err(CalendarError::BadWindow { from: window.from, to: window.to });
        }
        past = window.to;
    }
    Ok(())
}

fn weekday_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}

/// How long a span is on a calendar (or in plain time, where there is none), in milliseconds.
pub fn span_ms(span: &crate::time::Span, calendar: &Calendar) -> i64 {
    match span.counting {
        crate::time::Counting::Plain => span.length_ms(DAY_MS),
        crate::time::Counting::Working => span.length_ms(calendar.day_ms()),
    }
}
