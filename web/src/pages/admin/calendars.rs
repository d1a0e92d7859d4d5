//! The calendars: which there are, for how long their holidays are published, and a year of each.

use engine::calendar::{Calendar, CalendarData, Exception, Window};
use engine::directory::CALENDAR;
use engine::ids::Name;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::visit::Visit;

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

#[derive(Debug, Serialize)]
struct ListView {
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    to: String,
    key: String,
    label: String,
    zone: String,
    range: String,
    warning: Option<String>,
}

#[derive(Debug, Serialize)]
struct View {
    key: String,
    label: String,
    zone: String,
    year: i16,
    before: String,
    after: String,
    range: String,
    warning: Option<String>,
    unpublished: bool,
    week: Vec<Cell>,
    make_up: String,
    months: Vec<MonthView>,
    exceptions: Vec<DayView>,
    sources: Vec<SourceView>,
}

#[derive(Debug, Serialize)]
struct Cell {
    column: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct MonthView {
    name: String,
    weeks: Vec<Vec<DayView>>,
}

#[derive(Debug, Default, Serialize)]
struct DayView {
    /// The day of the month; nothing for a place before the first or after the last.
    number: Option<i8>,
    /// `open`, `closed`, `holiday`, `make-up`, `hours`, `unknown`.
    kind: &'static str,
    /// The date with its weekday, and what the calendar says of it.
    day: String,
    what: String,
}

#[derive(Debug, Serialize)]
struct SourceView {
    title: String,
    number: Option<String>,
    dated: String,
    address: Option<String>,
    by_way_of: Option<String>,
}

/// All of them.
pub fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let row = |(key, _): (&Name, &engine::directory::Entry)| {
        let calendar = visit.directory.calendar(key)?;
        let data = calendar.data();
        Some(Row {
            to: format!("/admin/calendars/{key}"),
            key: key.to_string(),
            label: visit.language.of(&data.labels).to_owned(),
            zone: data.zone.clone(),
            range: range(visit, data),
            warning: warning(visit, calendar),
        })
    };
    let view = ListView { rows: visit.directory.entries(CALENDAR).filter_map(row).collect() };
    visit.page("calendars", visit.say("register-calendar"), &view)
}

/// A year of one.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let key = Name::from(visit.asked.part("calendar"));
    let calendar = visit.directory.calendar(&key).ok_or(Refusal::NotFound)?;
    let data = calendar.data();
    let now = calendar.day_of(visit.now).ok_or(Refusal::NotFound)?.year();
    let asked = visit.asked.query.get("year").and_then(|year| year.parse::<i16>().ok());
    let year = asked.filter(|year| (1970..=2199).contains(year)).unwrap_or(now);
    let published = |day: &Option<String>| day.as_ref().and_then(|day| day.parse::<Date>().ok());
    let unpublished = published(&data.known_until).is_some_and(|until| until.year() < year)
        || published(&data.known_from).is_some_and(|from| from.year() > year);
    let prefix = format!("{year:04}-");
    let exceptions = data.exceptions.keys().filter(|day| day.starts_with(&prefix));
    let week = WEEKDAYS.iter().zip(&data.week);
    let view = View {
        key: key.to_string(),
        label: visit.language.of(&data.labels).to_owned(),
        zone: data.zone.clone(),
        year,
        before: format!("/admin/calendars/{key}?year={}", year - 1),
        after: format!("/admin/calendars/{key}?year={}", year + 1),
        range: range(visit, data),
        warning: warning(visit, calendar),
        unpublished,
        week: week
            .map(|(day, windows)| Cell { column: visit.say(&format!("weekday-{day}")), value: hours(visit, windows) })
            .collect(),
        make_up: weekday(visit, data.make_up_as),
        months: (1..=12).filter_map(|month| month_view(visit, data, year, month)).collect(),
        exceptions: exceptions.filter_map(|day| Some(day_view(visit, data, day.parse().ok()?))).collect(),
        sources: data
            .sources
            .iter()
            .map(|source| SourceView {
                title: source.title.clone(),
                number: source.number.clone(),
                dated: source.dated.clone(),
                address: source.address.clone().filter(|address| address.starts_with("https://")),
                by_way_of: source.by_way_of.clone(),
            })
            .collect(),
    };
    let title = view.label.clone();
    visit.page("calendar", title, &view)
}

fn weekday(visit: &Visit<'_>, place: u8) -> String {
    WEEKDAYS.get(usize::from(place)).map_or_else(String::new, |day| visit.say(&format!("weekday-{day}")))
}

fn range(visit: &Visit<'_>, data: &CalendarData) -> String {
    match (&data.known_from, &data.known_until) {
        (_, None) => visit.say("calendar-range-open"),
        (from, Some(until)) => {
            let from = from.clone().unwrap_or_else(|| "…".to_owned());
            visit.say_with("calendar-range", &[("from", from.into()), ("until", until.as_str().into())])
        }
    }
}

fn warning(visit: &Visit<'_>, calendar: &Calendar) -> Option<String> {
    let days = calendar.ends_soon(visit.now)?;
    Some(match days {
        ..0 => visit.say("calendar-range-over"),
        days => visit.say_with("calendar-range-ends", &[("days", days.into())]),
    })
}

fn month_view(visit: &Visit<'_>, data: &CalendarData, year: i16, month: i8) -> Option<MonthView> {
    let first = Date::new(year, month, 1).ok()?;
    let before = usize::try_from(first.weekday().to_monday_zero_offset()).ok()?;
    let mut places: Vec<DayView> = (0..before).map(|_| DayView::default()).collect();
    for day in 0..first.days_in_month() {
        places.push(day_view(visit, data, first.checked_add(i64::from(day).days()).ok()?));
    }
    let mut weeks = Vec::new();
    while !places.is_empty() {
        let rest = places.split_off(places.len().min(7));
        places.resize_with(7, DayView::default);
        weeks.push(std::mem::replace(&mut places, rest));
    }
    Some(MonthView { name: format!("{year:04}-{month:02}"), weeks })
}

fn day_view(visit: &Visit<'_>, data: &CalendarData, date: Date) -> DayView {
    let weekly = usize::try_from(date.weekday().to_monday_zero_offset()).ok().and_then(|place| data.week.get(place));
    let (kind, what) = match data.exceptions.get(&date.to_string()) {
        Some(Exception::Closed) => ("holiday", visit.say("calendar-closed")),
        Some(Exception::MakeUp) => ("make-up", visit.say("calendar-make-up")),
        Some(Exception::MakeUpFor(place)) => {
            let day = weekday(visit, *place);
            ("make-up", visit.say_with("calendar-make-up-for", &[("weekday", day.into())]))
        }
        Some(Exception::Hours(windows)) => ("hours", hours(visit, windows)),
        None => match weekly {
            Some(windows) if !windows.is_empty() => ("open", hours(visit, windows)),
            Some(_) | None => ("closed", visit.say("calendar-closed")),
        },
    };
    DayView { number: Some(date.day()), kind, day: visit.times().day(date), what }
}

/// The hours of a day, in words.
pub fn hours(visit: &Visit<'_>, windows: &[Window]) -> String {
    if windows.is_empty() {
        return visit.say("calendar-closed");
    }
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let shown: Vec<String> = windows.iter().map(|w| format!("{}–{}", clock(w.from), clock(w.to))).collect();
    shown.join(&visit.say("list-comma"))
}
