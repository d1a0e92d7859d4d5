//! Dates, times and lengths, as people read them: `2026-09-20 周日 12:30`, `Sun 2026-09-20 12:30`, and beside it
//! how long ago or ahead. A weekend day that a calendar declares a workday is marked 补班.

use engine::calendar::Exception;
use engine::directory::{CALENDAR, Directory};
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::language::Language;
use crate::words::Words;

/// An instant, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// For machines: RFC 3339 in UTC.
    pub iso: String,
    /// Milliseconds since 1970, for the countdown.
    pub ms: i64,
    /// The date, weekday and time.
    pub text: String,
    /// How long ago or ahead.
    pub relative: String,
}

/// How instants are shown: where, in which words, seen from which instant.
pub struct Times<'a> {
    /// The zone of the reader.
    pub zone: &'a TimeZone,
    /// The reader's language.
    pub words: &'a Words,
    /// The calendars, for make-up workdays.
    pub directory: &'a Directory,
    /// The instant of reading.
    pub now: Timestamp,
}

impl Times<'_> {
    /// An instant, ready to be shown.
    pub fn moment(&self, instant: Timestamp) -> Moment {
        let Ok(stamp) = jiff::Timestamp::from_millisecond(instant.0) else { return Moment::default() };
        let zoned = stamp.to_zoned(self.zone.clone());
        let day = self.day(zoned.date());
        let clock = zoned.strftime("%H:%M");
        Moment {
            iso: stamp.to_string(),
            ms: instant.0,
            text: format!("{day} {clock}"),
            relative: self.relative(instant),
        }
    }

    /// A date with its weekday: `2026-02-14 周六(补班)`, `Sat 2026-02-14 (make-up workday)`.
    pub fn day(&self, date: Date) -> String {
        let weekday = self.words.say(weekday_key(date));
        let mark = if self.is_make_up(date) { self.words.say("day-make-up") } else { String::new() };
        match self.words.language() {
            Language::Zh => format!("{date} {weekday}{mark}"),
            Language::En => format!("{weekday} {date}{mark}"),
        }
    }

    /// A date with its weekday, in a picture that says the year: `02-14 周六(补班)`, `Sat 02-14 (make-up workday)`.
    pub fn day_of_year(&self, date: Date) -> String {
        self.day(date).replacen(&format!("{:04}-", date.year()), "", 1)
    }

    /// When a day begins where the reader is.
    pub fn midnight(&self, day: Date) -> Timestamp {
        let begins = day.to_zoned(self.zone.clone());
        Timestamp(begins.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
    }

    /// A length in at most two units: `2 天 3 小时`, `3 h 20 min`.
    pub fn length(&self, length_ms: i64) -> String {
        length(self.words, length_ms)
    }

    fn relative(&self, instant: Timestamp) -> String {
        let ahead_ms = instant.since_ms(self.now);
        if ahead_ms.abs() < MINUTE_MS {
            return self.words.say("time-now");
        }
        let length = self.length(ahead_ms.abs());
        let key = if ahead_ms > 0 { "time-ahead" } else { "time-ago" };
        self.words.say_with(key, &[("length", length.into())])
    }

    fn is_make_up(&self, date: Date) -> bool {
        let date = date.to_string();
        self.directory.entries(CALENDAR).filter_map(|(key, _)| self.directory.calendar(key)).any(|calendar| {
            match calendar.data().exceptions.get(&date) {
                Some(Exception::MakeUp | Exception::MakeUpFor(_)) => true,
                Some(Exception::Closed | Exception::Hours(_)) | None => false,
            }
        })
    }
}

/// A length in at most two units, rounded down to minutes.
pub fn length(words: &Words, length_ms: i64) -> String {
    let (days, rest) = (length_ms / DAY_MS, length_ms % DAY_MS);
    let (hours, rest) = (rest / HOUR_MS, rest % HOUR_MS);
    let minutes = rest / MINUTE_MS;
    let part = |key: &str, count: i64| words.say_with(key, &[("count", count.into())]);
    match (days, hours, minutes) {
        (0, 0, minutes) => part("length-minutes", minutes),
        (0, hours, 0) => part("length-hours", hours),
        (0, hours, minutes) => format!("{} {}", part("length-hours", hours), part("length-minutes", minutes)),
        (days, 0, _) => part("length-days", days),
        (days, hours, _) => format!("{} {}", part("length-days", days), part("length-hours", hours)),
    }
}

/// A length in hours and minutes only, for the arithmetic of working time, whose days are not 24 hours long.
pub fn hours_and_minutes(words: &Words, length_ms: i64) -> String {
    let (hours, minutes) = (length_ms / HOUR_MS, length_ms % HOUR_MS / MINUTE_MS);
    let part = |key: &str, count: i64| words.say_with(key, &[("count", count.into())]);
    match (hours, minutes) {
        (0, minutes) => part("length-minutes", minutes),
        (hours, 0) => part("length-hours", hours),
        (hours, minutes) => format!("{} {}", part("length-hours", hours), part("length-minutes", minutes)),
    }
}

fn weekday_key(date: Date) -> &'static str {
    match date.weekday() {
        jiff::civil::Weekday::Monday => "weekday-mon",
        jiff::civil::Weekday::Tuesday => "weekday-tue",
        jiff::civil::Weekday::Wednesday => "weekday-wed",
        jiff::civil::Weekday::Thursday => "weekday-thu",
        jiff::civil::Weekday::Friday => "weekday-fri",
        jiff::civil::Weekday::Saturday => "weekday-sat",
        jiff::civil::Weekday::Sunday => "weekday-sun",
    }
}
