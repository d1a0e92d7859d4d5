//! At which moments records begin again and again.
//!
//! A moment is a local time of a day, so that `every day` is midnight in winter and in summer. One that a change to summer
//! time skips comes when the clocks have moved on; one that occurs twice is the first.

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, Span, Timestamp, Unit, Zone};

/// The longest way to a moment that is looked along, in days: from one 29 February to the next but one.
const DAYS_MAX: i32 = 366 * 8 + 1;
/// From when lengths are counted: a Monday.
const ANCHOR: Date = jiff::civil::date(2001, 1, 1);

/// At which moments something happens again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// When a day begins.
    Day,
    /// When a Monday begins.
    Week,
    /// When a month begins.
    Month,
    /// When January, April, July or October begins.
    Quarter,
    /// When a year begins.
    Year,
    /// Each time that so much has passed since Monday, 1 January 2001: plain time.
    Length(Span),
    /// By minute, hour, day, month and weekday.
    Cron(Cron),
}

/// The five fields of a cron line. Where day and weekday are both restricted, either is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cron {
    /// As it is written: `0 9 * * 1-5`.
    pub line: String,
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Option<Vec<i8>>,
    months: Vec<i8>,
    /// Monday is 1 and Sunday 7.
    weekdays: Option<Vec<i8>>,
}

impl Cron {
    /// Reads figures, `*`, lists, ranges and steps; nothing for any other text.
    pub fn read(line: &str) -> Option<Cron> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let open = |text: &str| text.starts_with('*') && !text.contains('/');
        let mut on: Vec<i8> = figures(weekdays, 0, 7)?.into_iter().map(|day| if day == 0 { 7 } else { day }).collect();
        on.sort_unstable();
        on.dedup();
        Some(Cron {
            line: line.to_owned(),
            minutes: figures(minutes, 0, 59)?,
            hours: figures(hours, 0, 23)?,
            days: if open(days) { None } else { Some(figures(days, 1, 31)?) },
            months: figures(months, 1, 12)?,
            weekdays: if open(weekdays) { None } else { Some(on) },
        })
    }

    fn is_on(&self, date: Date) -> bool {
        let day = self.days.as_ref().map(|days| days.contains(&date.day()));
        let weekday = self.weekdays.as_ref().map(|days| days.contains(&date.weekday().to_monday_one_offset()));
        let fits = match (day, weekday) {
            (Some(day), Some(weekday)) => day || weekday,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => true,
        };
        fits && self.months.contains(&date.month())
    }
}

/// The figures of one field, rising.
fn figures(text: &str, low: i8, high: i8) -> Option<Vec<i8>> {
    let mut found = Vec::new();
    let figure = |text: &str| text.parse::<i8>().ok().filter(|it| (low..=high).contains(it));
    for part in text.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step = step.parse::<usize>().ok().filter(|step| *step > 0)?;
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (figure(from)?, figure(to)?),
            None if range == "*" => (low, high),
            None if part.contains('/') => (figure(range)?, high),
            None => (figure(range)?, figure(range)?),
        };
        if from > to {
            return None;
        }
        found.extend((from..=to).step_by(step));
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

impl Recurrence {
    /// The last moment that is not after an instant; nothing where there is none within eight years.
    pub fn last(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        if let Some(length_ms) = self.part_of_day_ms() {
            let anchor = zone.begin_of(ANCHOR)?;
            return Some(anchor.plus_ms(now.since_ms(anchor).div_euclid(length_ms) * length_ms));
        }
        let mut date = zone.date_of(now)?;
        for _ in 0..DAYS_MAX {
            let moments = self.on(date, zone);
            if let Some(found) = moments.into_iter().filter(|moment| *moment <= now).max() {
                return Some(found);
            }
            date = date.yesterday().ok()?;
        }
        None
    }

    /// The first moment after an instant; nothing where there is none within eight years.
    pub fn next(&self, after: Timestamp, zone: &Zone) -> Option<Timestamp> {
        if let Some(length_ms) = self.part_of_day_ms() {
            return self.last(after, zone).map(|last| last.plus_ms(length_ms));
        }
        let mut date = zone.date_of(after)?;
        for _ in 0..DAYS_MAX {
            let moments = self.on(date, zone);
            if let Some(found) = moments.into_iter().filter(|moment| *moment > after).min() {
                return Some(found);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The length in milliseconds, where it is counted in hours or minutes and not in days.
    fn part_of_day_ms(&self) -> Option<i64> {
        match self {
            Recurrence::Length(span) => match span.unit {
                Unit::Minutes | Unit::Hours => Some(span.length_ms(DAY_MS).max(1)),
                Unit::Days | Unit::Weeks => None,
            },
            Recurrence::Day
            | Recurrence::Week
            | Recurrence::Month
            | Recurrence::Quarter
            | Recurrence::Year
            | Recurrence::Cron(_) => None,
        }
    }

    /// The moments of a day.
    fn on(&self, date: Date, zone: &Zone) -> Vec<Timestamp> {
        let first = date.day() == 1;
        let begins = match self {
            Recurrence::Day => true,
            Recurrence::Week => date.weekday() == Weekday::Monday,
            Recurrence::Month => first,
            Recurrence::Quarter => first && date.month() % 3 == 1,
            Recurrence::Year => first && date.month() == 1,
            Recurrence::Length(span) => {
                let days = i64::from(span.amount.max(1)) * if span.unit == Unit::Weeks { 7 } else { 1 };
                i64::from(date.since(ANCHOR).map(|since| since.get_days()).unwrap_or(1)).rem_euclid(days) == 0
            }
            Recurrence::Cron(cron) => {
                if !cron.is_on(date) {
                    return Vec::new();
                }
                let times = cron.hours.iter().flat_map(|hour| cron.minutes.iter().map(move |minute| (*hour, *minute)));
                return times
                    .filter_map(|(hour, minute)| at(date, Time::new(hour, minute, 0, 0).ok()?, zone))
                    .collect();
            }
        };
        if begins { zone.begin_of(date).into_iter().collect() } else { Vec::new() }
    }
}

fn at(date: Date, time: Time, zone: &Zone) -> Option<Timestamp> {
    let zoned = date.to_datetime(time).to_zoned(zone.zone().clone()).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(every: &Recurrence, from: &str, until: &str, zone: &str) -> Vec<String> {
        let held = Zone::named(zone).expect("it is in the database");
        let at = |text: &str| Timestamp::from_local(text, zone).expect("it is readable");
        let (mut now, until) = (at(from), at(until));
        let mut found = Vec::new();
        while let Some(next) = every.next(now, &held).filter(|next| *next <= until) {
            assert_eq!(every.last(next, &held), Some(next), "the moment itself is the last one then");
            assert_eq!(every.last(next.plus_ms(1), &held), Some(next));
            assert!(every.last(next.plus_ms(-1), &held).is_some_and(|last| last <= now.max(last)));
            found.push(next.to_local(zone).expect("it is readable"));
            now = next;
        }
        found
    }

    #[test]
    fn periods_begin_where_the_calendar_counts() {
        let day = moments(&Recurrence::Day, "2026-03-28 12:00", "2026-03-30 12:00", "Europe/Berlin");
        assert_eq!(day, ["2026-03-29 00:00", "2026-03-30 00:00"], "a day of 23 hours is a day");
        let week = moments(&Recurrence::Week, "2026-09-18 17:30", "2026-09-29 00:00", "Asia/Shanghai");
        assert_eq!(week, ["2026-09-21 00:00", "2026-09-28 00:00"]);
        let quarter = moments(&Recurrence::Quarter, "2026-01-01 00:00", "2026-12-31 00:00", "Asia/Shanghai");
        assert_eq!(quarter, ["2026-04-01 00:00", "2026-07-01 00:00", "2026-10-01 00:00"]);
        let year = moments(&Recurrence::Year, "2026-09-18 17:30", "2028-01-01 00:00", "Asia/Shanghai");
        assert_eq!(year, ["2027-01-01 00:00", "2028-01-01 00:00"]);
        let month = moments(&Recurrence::Month, "2026-01-31 00:00", "2026-03-01 00:00", "Asia/Shanghai");
        assert_eq!(month, ["2026-02-01 00:00", "2026-03-01 00:00"]);
    }

    #[test]
    fn lengths_are_counted_from_one_monday_whatever_was_deployed_when() {
        let span = |amount, unit| Recurrence::Length(Span { amount, unit, counting: crate::time::Counting::Plain });
        let weeks = moments(&span(2, Unit::Weeks), "2026-09-18 17:30", "2026-10-20 00:00", "Asia/Shanghai");
        assert_eq!(weeks, ["2026-09-21 00:00", "2026-10-05 00:00", "2026-10-19 00:00"]);
        let hours = moments(&span(8, Unit::Hours), "2026-09-18 17:30", "2026-09-19 16:00", "Asia/Shanghai");
        assert_eq!(hours, ["2026-09-19 00:00", "2026-09-19 08:00", "2026-09-19 16:00"]);
    }

    #[test]
    fn cron_lines_mean_what_they_mean_elsewhere() {
        let cron = |line: &str| Recurrence::Cron(Cron::read(line).expect("it is a cron line"));
        let workdays = moments(&cron("0 9 * * 1-5"), "2026-09-18 09:00", "2026-09-22 12:00", "Asia/Shanghai");
        assert_eq!(workdays, ["2026-09-21 09:00", "2026-09-22 09:00"]);
        let quarters = moments(&cron("*/30 8,17 * * *"), "2026-09-18 08:10", "2026-09-18 23:00", "Asia/Shanghai");
        assert_eq!(quarters, ["2026-09-18 08:30", "2026-09-18 17:00", "2026-09-18 17:30"]);
        let either = moments(&cron("0 0 13 * 5"), "2026-11-01 00:00", "2026-11-21 00:00", "Asia/Shanghai");
        assert_eq!(either, ["2026-11-06 00:00", "2026-11-13 00:00", "2026-11-20 00:00"]);
        let leap = moments(&cron("0 12 29 2 *"), "2026-01-01 00:00", "2030-01-01 00:00", "Asia/Shanghai");
        assert_eq!(leap, ["2028-02-29 12:00"]);
        let skipped = moments(&cron("30 2 * * *"), "2026-03-28 12:00", "2026-03-30 12:00", "Europe/Berlin");
        assert_eq!(skipped, ["2026-03-29 03:30", "2026-03-30 02:30"], "a time that is skipped comes an hour later");
        let twice = moments(&cron("30 2 * * *"), "2026-10-24 12:00", "2026-10-26 00:00", "Europe/Berlin");
        assert_eq!(twice, ["2026-10-25 02:30"], "a time that comes twice is one moment");
        for wrong in ["", "* * * *", "60 * * * *", "0 9 * * 1-8", "5-1 * * * *", "*/0 * * * *", "a b c d e"] {
            assert_eq!(Cron::read(wrong), None, "{wrong}");
        }
        assert_eq!(
            Recurrence::Cron(Cron::read("0 0 30 2 *").expect("it is one"))
                .next(Timestamp(0), &Zone::named("UTC").expect("it is there")),
            None,
            "the thirtieth of February never comes"
        );
    }
}
