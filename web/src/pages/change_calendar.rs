//! The change calendar: what is planned, by month, by week or as a list, with what overlaps on the same item and the times
//! in which nothing is to be changed. The view and its first day stand in the address.

use std::collections::BTreeMap;

use engine::time::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::chain::Extent;
use crate::pages::record;
use crate::visit::Visit;
use crate::windows::{self, Freeze, RECORDS_MAX, Stretch, Window, freeze_named, freezes, services_named, way_named};

/// How many days the list shows at once.
const LIST_DAYS: i32 = 28;

/// How the calendar is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Month,
    Week,
    List,
}

#[derive(Debug, Serialize)]
struct View {
    views: Vec<Choice>,
    before: String,
    today: String,
    after: String,
    period: String,
    look: &'static str,
    cut: Option<String>,
    freezes: Vec<FreezeView>,
    days: Vec<DayView>,
    planned: bool,
    /// Whether nothing that is planned is too near to something else.
    clear: bool,
}

#[derive(Debug, Serialize)]
struct Choice {
    to: String,
    label: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct FreezeView {
    name: String,
    from: String,
    until: String,
    services: String,
}

#[derive(Debug, Serialize)]
struct DayView {
    date: String,
    label: String,
    is_today: bool,
    is_outside: bool,
    freezes: Vec<String>,
    planned: Vec<PlannedView>,
}

#[derive(Debug, Serialize)]
struct PlannedView {
    number: String,
    title: String,
    kind: &'static str,
    state: String,
    time: String,
    services: String,
    overlaps: Vec<OverlapView>,
    frozen: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OverlapView {
    number: String,
    items: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let look = Look::of(visit.asked.query.get("view").unwrap_or_default());
    let today = local_day(visit, visit.now);
    let asked = visit.asked.query.get("from").and_then(|text| text.parse().ok());
    let first = look.first(asked.unwrap_or(today));
    let shown = look.days(first);
    let (windows, extent) = windows::windows(visit)?;
    let freezes = freezes(visit);
    let days: Vec<DayView> = shown
        .iter()
        .map(|date| DayView {
            is_today: *date == today,
            is_outside: look == Look::Month && date.first_of_month() != first,
            ..day(visit, *date, &windows, &freezes)
        })
        .filter(|day| look != Look::List || !day.planned.is_empty() || !day.freezes.is_empty())
        .collect();
    let period = match (shown.first(), shown.last()) {
        (Some(first), Some(last)) => {
            Stretch { from: visit.times().midnight(*first), until: visit.times().midnight(next(*last)) }
        }
        (_, _) => Stretch { from: visit.now, until: visit.now },
    };
    let link = |look: Look, from: Date| format!("?view={}&from={from}", look.name());
    let view = View {
        views: [Look::Month, Look::Week, Look::List]
            .into_iter()
            .map(|other| Choice {
                to: link(other, asked.unwrap_or(today)),
                label: visit.say(other.label()),
                chosen: other == look,
            })
            .collect(),
        before: link(look, look.before(first)),
        today: link(look, today),
        after: link(look, look.after(first)),
        period: look.period(visit, first),
        look: look.name(),
        cut: match extent {
            Extent::Whole => None,
            Extent::Cut => Some(visit.say_with("changes-cut", &[("count", RECORDS_MAX.into())])),
        },
        freezes: freezes
            .iter()
            .filter(|freeze| freeze.stretch.meets(period))
            .map(|freeze| freeze_view(visit, freeze))
            .collect(),
        planned: days.iter().any(|day| !day.planned.is_empty()),
        clear: !days.iter().flat_map(|day| &day.planned).any(|planned| !planned.overlaps.is_empty()),
        days,
    };
    visit.page("change_calendar", visit.say("change-calendar-title"), &view)
}

impl Look {
    fn of(name: &str) -> Look {
        match name {
            "week" => Look::Week,
            "list" => Look::List,
            _ => Look::Month,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Look::Month => "month",
            Look::Week => "week",
            Look::List => "list",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Look::Month => "changes-month",
            Look::Week => "changes-week",
            Look::List => "changes-list",
        }
    }

    /// The first day of the period that holds a day.
    fn first(self, day: Date) -> Date {
        match self {
            Look::Month => day.first_of_month(),
            Look::Week => monday(day),
            Look::List => day,
        }
    }

    /// The days that are shown: of a month whole weeks.
    fn days(self, first: Date) -> Vec<Date> {
        let (from, count) = match self {
            Look::Month => {
                let from = monday(first);
                let last = first.last_of_month();
                let weeks = (1..=6).find(|weeks| moved(from, weeks * 7) > last).unwrap_or(6);
                (from, weeks * 7)
            }
            Look::Week => (first, 7),
            Look::List => (first, LIST_DAYS),
        };
        (0..count).map(|days| moved(from, days)).collect()
    }

    fn before(self, first: Date) -> Date {
        match self {
            Look::Month => moved(first, -1).first_of_month(),
            Look::Week => moved(first, -7),
            Look::List => moved(first, -LIST_DAYS),
        }
    }

    fn after(self, first: Date) -> Date {
        match self {
            Look::Month => moved(first.last_of_month(), 1),
            Look::Week => moved(first, 7),
            Look::List => moved(first, LIST_DAYS),
        }
    }

    fn period(self, visit: &Visit<'_>, first: Date) -> String {
        let last = match self {
            Look::Month => return first.strftime("%Y-%m").to_string(),
            Look::Week => moved(first, 6),
            Look::List => moved(first, LIST_DAYS - 1),
        };
        let said = [("from", visit.times().day(first).into()), ("until", visit.times().day(last).into())];
        visit.say_with("changes-span", &said)
    }
}

/// A day so many days later. At the edge of the calendar it stays where it is.
fn moved(day: Date, days: i32) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}

fn next(day: Date) -> Date {
    moved(day, 1)
}

fn monday(day: Date) -> Date {
    moved(day, -i32::from(day.weekday().since(Weekday::Monday)))
}

fn local_day(visit: &Visit<'_>, instant: Timestamp) -> Date {
    let stamp = jiff::Timestamp::from_millisecond(instant.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.to_zoned(visit.app.zone().clone()).date()
}

fn day(visit: &Visit<'_>, date: Date, windows: &[Window], freezes: &[Freeze]) -> DayView {
    let stretch = Stretch { from: visit.times().midnight(date), until: visit.times().midnight(next(date)) };
    let planned = windows.iter().filter(|window| window.stretch.meets(stretch));
    DayView {
        date: date.to_string(),
        label: visit.times().day_of_year(date),
        is_today: false,
        is_outside: false,
        freezes: freezes
            .iter()
            .filter(|freeze| freeze.stretch.meets(stretch))
            .map(|freeze| visit.say_with("changes-freeze", &[("freeze", freeze_named(visit, freeze).into())]))
            .collect(),
        planned: planned.map(|window| planned_view(visit, window, stretch, windows, freezes)).collect(),
    }
}

fn planned_view(
    visit: &Visit<'_>,
    window: &Window,
    day: Stretch,
    windows: &[Window],
    freezes: &[Freeze],
) -> PlannedView {
    let number = |window: &Window| window.reached.loaded.instance.number().to_owned();
    let meeting: Vec<&Window> = windows
        .iter()
        .filter(|other| {
            other.reached.loaded.instance.id() != window.reached.loaded.instance.id()
                && other.stretch.meets(window.stretch)
        })
        .collect();
    let near = if meeting.is_empty() { BTreeMap::new() } else { windows::near(&visit.directory, &window.items) };
    let overlaps = meeting.into_iter().filter_map(|other| {
        let ways = windows::ways(&near, &other.items);
        let said: Vec<String> = ways.into_iter().map(|way| way_named(visit, way)).collect();
        (!said.is_empty()).then(|| OverlapView { number: number(other), items: said.join(&visit.say("list-comma")) })
    });
    let status = record::status_view(visit, &window.reached);
    PlannedView {
        number: number(window),
        title: window.reached.title(),
        kind: status.kind,
        state: status.text,
        time: time(visit, window.stretch, day),
        services: services_named(visit, window.services.iter()),
        overlaps: overlaps.collect(),
        frozen: freezes
            .iter()
            .filter(|freeze| freeze.holds(window))
            .map(|freeze| visit.say_with("changes-frozen", &[("freeze", freeze_named(visit, freeze).into())]))
            .collect(),
    }
}

/// When within a day: `20:00–23:00`, from a time on, until one, or all day.
fn time(visit: &Visit<'_>, window: Stretch, day: Stretch) -> String {
    let clock = |at: Timestamp| {
        let stamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        stamp.to_zoned(visit.app.zone().clone()).strftime("%H:%M").to_string()
    };
    let (from, until) = (clock(window.from), clock(window.until));
    match (window.from < day.from, window.until > day.until) {
        (false, false) => format!("{from}–{until}"),
        (false, true) => visit.say_with("changes-from", &[("time", from.into())]),
        (true, false) => visit.say_with("changes-until", &[("time", until.into())]),
        (true, true) => visit.say("changes-all-day"),
    }
}

fn freeze_view(visit: &Visit<'_>, freeze: &Freeze) -> FreezeView {
    FreezeView {
        name: freeze_named(visit, freeze),
        from: visit.moment(freeze.stretch.from).text,
        until: visit.moment(freeze.stretch.until).text,
        services: match freeze.services.is_empty() {
            true => visit.say("changes-all-services"),
            false => services_named(visit, freeze.services.iter()),
        },
    }
}
