//! Working time against cases that nobody here wrote: two or three independent libraries agree on each.
//! Our convention at closing time is the file's `expected`: the closing moment, not the next opening.

use std::collections::BTreeMap;

use engine::calendar::{Calendar, CalendarData, CalendarError, Exception, Window};
use engine::definition::Labels;
use engine::time::{MINUTE_MS, Timestamp};
use serde::Deserialize;

const CASES: &str = include_str!("../../../tests/data/calendars/working-time.json");

#[derive(Deserialize)]
struct Cases {
    calendars: Vec<CaseCalendar>,
    add_cases: Vec<AddCase>,
    between_cases: Vec<BetweenCase>,
}

#[derive(Deserialize)]
struct CaseCalendar {
    id: String,
    timezone: String,
    daily_window: Option<[String; 2]>,
    weekdays: Option<Vec<String>>,
    closed_dates: Vec<String>,
    #[serde(default)]
    extra_working_dates: Vec<String>,
}

#[derive(Deserialize)]
struct AddCase {
    id: String,
    calendar: String,
    start_utc: String,
    add_working_minutes: i64,
    expected_utc: String,
}

#[derive(Deserialize)]
struct BetweenCase {
    id: String,
    calendar: String,
    start: String,
    end: String,
    expected_working_minutes: i64,
}

fn cases() -> Cases {
    serde_json::from_str(CASES).expect("the file is committed with this test")
}

fn instant(text: &str) -> Timestamp {
    let read: jiff::Timestamp = text.parse().expect("the file's instants are in ISO form");
    Timestamp(read.as_millisecond())
}

fn minute(text: &str) -> u16 {
    let (hours, minutes) = text.split_once(':').expect("the file writes HH:MM");
    let number = |part: &str| part.parse::<u16>().expect("the file writes digits");
    number(hours) * 60 + number(minutes)
}

/// The windows of one day; hours past midnight are the first hours of each day, since such calendars work daily.
fn windows(daily: Option<&[String; 2]>) -> Vec<Window> {
    let Some([from, to]) = daily else { return vec![Window { from: 0, to: 1440 }] };
    let (from, to) = (minute(from), minute(to));
    if from < to { vec![Window { from, to }] } else { vec![Window { from: 0, to }, Window { from, to: 1440 }] }
}

fn calendars(cases: &[CaseCalendar]) -> BTreeMap<String, Calendar> {
    cases.iter().map(|case| (case.id.clone(), calendar(case))).collect()
}

fn calendar(case: &CaseCalendar) -> Calendar {
    let open = windows(case.daily_window.as_ref());
    let works = |day: &str| case.weekdays.as_ref().is_none_or(|days| days.iter().any(|held| held == day));
    let week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let closed = case.closed_dates.iter().map(|date| (date.clone(), Exception::Closed));
    let made_up = case.extra_working_dates.iter().map(|date| (date.clone(), Exception::MakeUp));
    Calendar::new(CalendarData {
        labels: Labels::new(&case.id, &case.id),
        zone: case.timezone.clone(),
        week: week.map(|day| if works(day) { open.clone() } else { Vec::new() }),
        make_up_as: 0,
        exceptions: closed.chain(made_up).collect(),
        known_from: None,
        known_until: None,
        sources: Vec::new(),
    })
    .expect("the file's calendars are sound")
}

#[test]
fn adding_working_time_agrees_with_independent_libraries() {
    let cases = cases();
    let calendars = calendars(&cases.calendars);
    let wrong: Vec<String> = cases
        .add_cases
        .iter()
        .filter_map(|case| {
            let got = calendars[&case.calendar].add(instant(&case.start_utc), case.add_working_minutes * MINUTE_MS);
            let expected = instant(&case.expected_utc);
            (got != Some(expected)).then(|| format!("{}: expected {expected:?}, got {got:?}", case.id))
        })
        .collect();
    assert_eq!(cases.add_cases.len(), 227);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn working_time_between_agrees_with_independent_libraries() {
    let cases = cases();
    let calendars = calendars(&cases.calendars);
    let wrong: Vec<String> = cases
        .between_cases
        .iter()
        .filter_map(|case| {
            let got = calendars[&case.calendar].between_ms(instant(&case.start), instant(&case.end));
            let expected = case.expected_working_minutes * MINUTE_MS;
            (got != expected).then(|| format!("{}: expected {expected} ms, got {got} ms", case.id))
        })
        .collect();
    assert_eq!(cases.between_cases.len(), 64);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Adding and measuring are one arithmetic seen from two sides.
#[test]
fn what_was_added_is_what_lies_between() {
    let cases = cases();
    let calendars = calendars(&cases.calendars);
    for case in &cases.add_cases {
        let (calendar, start) = (&calendars[&case.calendar], instant(&case.start_utc));
        let length_ms = case.add_working_minutes * MINUTE_MS;
        let end = calendar.add(start, length_ms).expect("the file's cases end");
        assert_eq!(calendar.between_ms(start, end), length_ms, "{}", case.id);
    }
}

fn open_on(zone: &str, weekday: usize, windows: &[(u16, u16)]) -> Result<Calendar, CalendarError> {
    let mut week: [Vec<Window>; 7] = Default::default();
    week[weekday] = windows.iter().map(|&(from, to)| Window { from, to }).collect();
    Calendar::new(CalendarData {
        labels: Labels::default(),
        zone: zone.into(),
        week,
        make_up_as: 0,
        exceptions: BTreeMap::new(),
        known_from: None,
        known_until: Some("2026-12-31".into()),
        sources: Vec::new(),
    })
}

fn local(text: &str, zone: &str) -> Timestamp {
    Timestamp::from_local(text, zone).expect("the test writes a readable time")
}

#[test]
fn hours_that_begin_or_end_in_a_skipped_hour_are_as_long_as_they_really_are() {
    // Berlin skips 02:00–03:00 on 2026-03-29, a Sunday.
    let zone = "Europe/Berlin";
    let (midnight, noon) = (local("2026-03-29 00:00", zone), local("2026-03-29 12:00", zone));
    let begins_inside = open_on(zone, 6, &[(150, 240)]).expect("02:30–04:00 is a window");
    assert_eq!(begins_inside.between_ms(midnight, noon), 60 * MINUTE_MS);
    assert_eq!(begins_inside.add(midnight, 1), Some(local("2026-03-29 03:00", zone).plus_ms(1)));
    let ends_inside = open_on(zone, 6, &[(60, 150)]).expect("01:00–02:30 is a window");
    assert_eq!(ends_inside.between_ms(midnight, noon), 60 * MINUTE_MS);
    let lies_inside = open_on(zone, 6, &[(130, 170)]).expect("02:10–02:50 is a window");
    assert_eq!(lies_inside.between_ms(midnight, noon), 0);
}

#[test]
fn a_date_that_a_zone_skipped_counts_nothing() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011; the Friday never was.
    let friday = open_on("Pacific/Apia", 4, &[(540, 1020)]).expect("a Friday office");
    let zone = "Pacific/Apia";
    assert_eq!(friday.between_ms(local("2011-12-29 00:00", zone), local("2012-01-01 00:00", zone)), 0);
}

#[test]
fn a_calendar_of_a_year_without_published_holidays_is_provisional() {
    let office = open_on("Asia/Shanghai", 0, &[(540, 1080)]).expect("a Monday office");
    assert!(!office.is_provisional(local("2026-12-31 23:59", "Asia/Shanghai")));
    assert!(office.is_provisional(local("2027-01-01 00:00", "Asia/Shanghai")));
    let data = CalendarData { known_from: Some("2026-01-01".into()), ..office.data().clone() };
    let office = Calendar::new(data).expect("a year of data");
    assert!(!office.is_provisional(local("2026-01-01 00:00", "Asia/Shanghai")));
    assert!(
        office.is_provisional(local("2025-12-31 23:59", "Asia/Shanghai")),
        "nobody published what came before either"
    );
}

#[test]
fn a_calendar_that_cannot_be_right_is_refused() {
    assert_eq!(open_on("Asia/Peking", 0, &[(0, 60)]).err(), Some(CalendarError::NoSuchZone("Asia/Peking".into())));
    assert_eq!(open_on("UTC", 0, &[]).err(), Some(CalendarError::NeverOpen));
    for bad in [&[(60, 60)][..], &[(60, 30)], &[(60, 1441)], &[(60, 120), (119, 180)], &[(600, 700), (60, 120)]] {
        assert!(matches!(open_on("UTC", 0, bad).err(), Some(CalendarError::BadWindow { .. })), "{bad:?}");
    }
}

#[test]
fn a_calendar_that_is_closed_for_good_has_no_working_time() {
    let mut data = open_on("UTC", 0, &[(540, 1080)]).expect("a Monday office").data().clone();
    let monday = jiff::civil::date(2026, 1, 5);
    for week in 0..600 {
        let date = monday + jiff::Span::new().weeks(week);
        data.exceptions.insert(date.to_string(), Exception::Closed);
    }
    let closed = Calendar::new(data).expect("a calendar may have many holidays");
    assert_eq!(closed.add(local("2026-01-01 00:00", "UTC"), MINUTE_MS), None);
}

#[test]
fn instants_at_the_end_of_time_neither_panic_nor_go_round() {
    let office = open_on("Asia/Shanghai", 0, &[(540, 1080)]).expect("a Monday office");
    for extreme in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
        let _ = office.add(Timestamp(extreme), i64::MAX);
        let _ = office.between_ms(Timestamp(extreme), Timestamp(i64::MAX));
        let _ = office.between_ms(Timestamp(i64::MIN), Timestamp(extreme));
        let _ = Calendar::around_the_clock().between_ms(Timestamp(i64::MIN), Timestamp(extreme));
    }
}

/// The independent cases were made for China's statutory calendar; here the one that ships answers them.
#[test]
fn the_calendar_that_ships_agrees_with_the_independent_cases() {
    let shipped = include_str!("../../../processes/calendars/office_09_18_shanghai.json");
    let shipped: CalendarData = serde_json::from_str(shipped).expect("it ships with this test");
    assert_eq!(
        (shipped.known_from.as_deref(), shipped.known_until.as_deref()),
        (Some("2024-01-01"), Some("2026-12-31"))
    );
    let numbers: Vec<_> = shipped.sources.iter().filter_map(|source| source.number.as_deref()).collect();
    assert_eq!(numbers, ["国办发明电〔2023〕7号", "国办发明电〔2024〕12号", "国办发明电〔2025〕7号"]);
    let calendar = Calendar::new(shipped).expect("it can be used");
    let (all, mut asked) = (cases(), 0);
    for case in all.add_cases.iter().filter(|case| case.calendar == "cn-shanghai-statutory") {
        let got = calendar.add(instant(&case.start_utc), case.add_working_minutes * MINUTE_MS);
        assert_eq!(got, Some(instant(&case.expected_utc)), "{}", case.id);
        asked += 1;
    }
    for case in all.between_cases.iter().filter(|case| case.calendar == "cn-shanghai-statutory") {
        let got = calendar.between_ms(instant(&case.start), instant(&case.end));
        assert_eq!(got, case.expected_working_minutes * MINUTE_MS, "{}", case.id);
        asked += 1;
    }
    assert!(asked > 40, "{asked} cases");
}
