//! Working calendars: weekly hours, holidays, make-up workdays, and the arithmetic of working time.
//!
//! The convention at closing time: an amount of working time that ends exactly when the calendar closes ends
//! at that closing moment, not at the next opening. Real time counts: across a change to or from summer time a
//! window is as long as it really was.
//!
//! A deadline past the last day for which holidays are published is provisional: it is worked out as if there were none,
//! and counted anew when the next year's data are loaded (`Command::Recount`).

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::AmbiguousOffset;
use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, Timestamp, ZONE, Zone};

/// The furthest that a search for working time goes, in days. A calendar that is closed for longer than
/// this has no working time.
pub const SEARCH_DAYS_MAX: u32 = 3_660;

/// Fewer days than these, and it is time to load the next year's data: they are published in November.
pub const ENDS_SOON_DAYS: i32 = 60;

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
    /// A make-up workday with the hours of the weekday whose place it takes, 0 for Monday.
    MakeUpFor(u8),
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
    /// Which weekday's hours a make-up workday has that does not say so itself, 0 for Monday.
    pub make_up_as: u8,
    /// Dates that differ, in ISO form.
    pub exceptions: BTreeMap<String, Exception>,
    /// The first date for which holidays are entered; nothing where every date is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_from: Option<String>,
    /// The last date for which holidays are published; later deadlines are provisional.
    pub known_until: Option<String>,
    /// Where its dates are published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

/// A publication that a calendar's dates are taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it is called, in its own language.
    pub title: String,
    /// Its number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The date that it bears.
    pub dated: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Through whom the dates came to us, and under which licence, where they were not copied from it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_way_of: Option<String>,
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
    /// Not a day of the week.
    #[error("{0} is not a day of the week; Monday is 0 and Sunday 6")]
    NotAWeekday(u8),
    /// The range of published dates ends before it begins.
    #[error("the published range {from}–{until} ends before it begins")]
    RangeBackwards {
        /// Its first date.
        from: String,
        /// Its last date.
        until: String,
    },
    /// Open at no time at all.
    #[error("the calendar is never open")]
    NeverOpen,
}

impl CalendarData {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> Vec<CalendarError> {
        let mut problems = Vec::new();
        if Zone::named(&self.zone).is_err() {
            problems.push(CalendarError::NoSuchZone(self.zone.clone()));
        }
        problems.extend(self.week.iter().filter_map(|windows| check(windows).err()));
        if self.week.iter().all(Vec::is_empty) {
            problems.push(CalendarError::NeverOpen);
        }
        problems.extend((self.make_up_as > 6).then_some(CalendarError::NotAWeekday(self.make_up_as)));
        for (day, exception) in &self.exceptions {
            problems.extend(date(day).err());
            match exception {
                Exception::Closed | Exception::MakeUp => {}
                Exception::MakeUpFor(weekday) => {
                    problems.extend((*weekday > 6).then_some(CalendarError::NotAWeekday(*weekday)));
                }
                Exception::Hours(windows) => problems.extend(check(windows).err()),
            }
        }
        problems.extend(self.range_problems());
        problems
    }

    fn range_problems(&self) -> Vec<CalendarError> {
        let (from, until) = (self.known_from.as_deref().map(date), self.known_until.as_deref().map(date));
        let mut problems: Vec<CalendarError> =
            [&from, &until].into_iter().flatten().flat_map(|end| end.clone().err()).collect();
        let (from, until) = (from.and_then(Result::ok), until.and_then(Result::ok));
        if let (Some(first), Some(last)) = (from, until)
            && last < first
        {
            problems.push(CalendarError::RangeBackwards { from: first.to_string(), until: last.to_string() });
        }
        problems
    }
}

fn date(text: &str) -> Result<Date, CalendarError> {
    text.parse::<Date>().map_err(|_| CalendarError::NotADate(text.to_owned()))
}

/// The working time of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayWorked {
    /// The date where the calendar counts.
    pub date: String,
    /// When the calendar is open on it.
    pub windows: Vec<Window>,
    /// What the calendar says of the date, where it is not an ordinary day of its week.
    pub exception: Option<Exception>,
    /// The working time of the day that was asked about, in milliseconds.
    pub worked_ms: i64,
}

/// A calendar, ready for arithmetic.
#[derive(Clone, Debug)]
pub struct Calendar {
    data: CalendarData,
    zone: Zone,
    exceptions: BTreeMap<Date, Exception>,
    known_from: Option<Date>,
    known_until: Option<Date>,
    always: bool,
}

impl Calendar {
    /// Checks a calendar's data and makes it ready.
    ///
    /// # Errors
    /// The first thing that is wrong with the data.
    pub fn new(data: CalendarData) -> Result<Calendar, CalendarError> {
        if let Some(problem) = data.problems().into_iter().next() {
            return Err(problem);
        }
        let zone = Zone::named(&data.zone).map_err(|_| CalendarError::NoSuchZone(data.zone.clone()))?;
        let mut exceptions = BTreeMap::new();
        for (day, exception) in &data.exceptions {
            exceptions.insert(date(day)?, exception.clone());
        }
        let known_from = data.known_from.as_deref().map(date).transpose()?;
        let known_until = data.known_until.as_deref().map(date).transpose()?;
        let full = |windows: &Vec<Window>| windows.as_slice() == [Window { from: 0, to: 1440 }];
        let always = exceptions.is_empty() && data.week.iter().all(full);
        Ok(Calendar { data, zone, exceptions, known_from, known_until, always })
    }

    /// A calendar that is always open.
    pub fn around_the_clock() -> Calendar {
        let day = vec![Window { from: 0, to: 1440 }];
        let data = CalendarData {
            labels: crate::definition::Labels::new("24×7", "7×24 小时"),
            zone: ZONE.into(),
            week: std::array::from_fn(|_| day.clone()),
            make_up_as: 0,
            exceptions: BTreeMap::new(),
            known_from: None,
            known_until: None,
            sources: Vec::new(),
        };
        let zone = Zone::named(ZONE).unwrap_or_else(|_| Zone::utc());
        let exceptions = BTreeMap::new();
        Calendar { data, zone, exceptions, known_from: None, known_until: None, always: true }
    }

    /// An instant as it is there, with the distance from UTC.
    pub(crate) fn said(&self, instant: Timestamp) -> Option<String> {
        self.zone.said(instant)
    }

    /// When a day begins, `2026-09-18`, where the calendar counts; nothing for a day that there is not.
    pub(crate) fn begin_of(&self, day: &str) -> Option<Timestamp> {
        self.zone.begin_of(day.parse().ok()?)
    }

    /// The day that it is where the calendar counts.
    pub fn day_of(&self, instant: Timestamp) -> Option<Date> {
        self.zone.date_of(instant)
    }

    /// When the day after an instant's begins where the calendar counts.
    pub(crate) fn next_day(&self, instant: Timestamp) -> Option<Timestamp> {
        self.zone.day_after(instant)
    }

    /// The working time between two instants day by day, as [`Calendar::between_ms`] adds it up; at most
    /// [`SEARCH_DAYS_MAX`] days of it.
    pub fn days_between(&self, start: Timestamp, end: Timestamp) -> Vec<DayWorked> {
        let (Some(mut date), Some(last)) = (self.day_of(start), self.day_of(end.max(start))) else {
            return Vec::new();
        };
        let mut days = Vec::new();
        let (mut from, limit) = (start, usize::try_from(SEARCH_DAYS_MAX).unwrap_or(usize::MAX));
        while date <= last && days.len() < limit {
            let Some(to) = self.next_day(from).map(|next| next.min(end)) else { break };
            let exception = self.exceptions.get(&date).cloned();
            let windows = self.windows_on(date).to_vec();
            days.push(DayWorked { date: date.to_string(), windows, exception, worked_ms: self.between_ms(from, to) });
            from = to;
            let Some(next) = self.day_of(from).filter(|next| *next > date) else { break };
            date = next;
        }
        days
    }

    /// Its data.
    pub fn data(&self) -> &CalendarData {
        &self.data
    }

    /// The length of an ordinary working day in milliseconds: the longest day of the week's hours. It is what
    /// `1 working day` means on this calendar: nine hours at an office open 09–18, 24 hours around the clock.
    pub(crate) fn day_ms(&self) -> i64 {
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
        let mut date = self.day_of(start)?;
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
        let (Some(mut date), Some(last)) = (self.day_of(start), self.day_of(end)) else { return 0 };
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

    /// Whether an instant lies outside of the published range, so that a deadline there is provisional.
    pub fn is_provisional(&self, instant: Timestamp) -> bool {
        let Some(day) = self.day_of(instant) else { return false };
        self.known_from.is_some_and(|from| day < from) || self.known_until.is_some_and(|until| day > until)
    }

    /// How many days the published range still has, where that is fewer than [`ENDS_SOON_DAYS`]; negative where it is over.
    pub fn ends_soon(&self, now: Timestamp) -> Option<i32> {
        let days = self.known_until?.since(self.day_of(now)?).ok()?.get_days();
        (days < ENDS_SOON_DAYS).then_some(days)
    }

    fn windows_on(&self, date: Date) -> &[Window] {
        let of = |index: usize| self.data.week.get(index).map_or(&[][..], Vec::as_slice);
        match self.exceptions.get(&date) {
            Some(Exception::Closed) => &[],
            Some(Exception::MakeUp) => of(usize::from(self.data.make_up_as)),
            Some(Exception::MakeUpFor(weekday)) => of(usize::from(*weekday)),
            Some(Exception::Hours(windows)) => windows,
            None => of(weekday_index(date.weekday())),
        }
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
        let instant = match self.zone.zone().to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(local).ok()?
            }
            AmbiguousOffset::Gap { after, .. } => {
                let before_the_change = after.to_timestamp(local).ok()?;
                self.zone.zone().following(before_the_change).next()?.timestamp()
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

/// How long a span is, in milliseconds: a working day is as long as the calendar's, a plain one has 24 hours.
pub fn span_ms(span: &crate::time::Span, calendar: &Calendar) -> i64 {
    match span.counting {
        crate::time::Counting::Plain => span.length_ms(DAY_MS),
        crate::time::Counting::Working => span.length_ms(calendar.day_ms()),
    }
}
