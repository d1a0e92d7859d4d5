//! The board of a process for who answers for it: what waits, what comes and goes, what was promised and kept, and the
//! measures that the process declares. Every figure leads to its records.

use std::sync::Arc;

use engine::definition::{Definition, Measure, Period};
use engine::directory::{SERVICE, TEAM};
use engine::ids::Name;
use engine::measure::{BEGUN, ENDED, OPEN, kept};
use engine::time::{DAY_MS, Timestamp};
use engine::value::FieldType;
use serde::Serialize;
use store::MeasuredQuery;

use crate::answer::{Answer, Refusal};
use crate::form::Choosable;
use crate::grid::{self, Counts, Grid, Shown};
use crate::moment::Moment;
use crate::pairs::encoded;
use crate::visit::Visit;

/// For how many days back it can be looked at.
const SPANS: &[i64] = &[7, 30, 90, 365];
/// For how many where nothing is said.
const SPAN: i64 = 30;
/// From how many days on open records are older than the row before says.
const AGES: &[i64] = &[0, 1, 3, 7, 14, 30];

#[derive(Debug, Serialize)]
struct View {
    tabs: Vec<Tab>,
    process: String,
    filters: Vec<Filter>,
    as_of: Option<Moment>,
    backlog: Grid,
    flow: Grid,
    kept: Vec<Grid>,
    measures: Vec<Grid>,
}

#[derive(Debug, Serialize)]
struct Tab {
    to: String,
    label: String,
    current: bool,
}

#[derive(Debug, Serialize)]
struct Filter {
    name: &'static str,
    label: String,
    options: Vec<Choosable>,
}

/// What is looked at.
struct Board<'a> {
    visit: &'a Visit<'a>,
    definition: Arc<Definition>,
    process: Name,
    today: String,
    from: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let managed = visit.managed()?;
    let definition = match visit.asked.query.get("process") {
        Some(process) => managed.iter().find(|definition| definition.parts().name == process),
        None => managed.first(),
    };
    let definition = definition.ok_or(Refusal::NotFound)?.clone();
    let span = visit.asked.query.get("span").and_then(|days| days.parse().ok());
    let span = span.filter(|days| SPANS.contains(days)).unwrap_or(SPAN);
    let day = |back: i64| local_day(visit, visit.now.plus_ms(-back * DAY_MS));
    let process = definition.parts().name.clone();
    let board = Board { visit, definition, process, today: day(0), from: day(span - 1) };
    let view = View {
        tabs: managed.iter().map(|other| tab(visit, other, &board.process)).collect(),
        process: board.process.to_string(),
        filters: board.filters(span),
        as_of: visit.app.runtime().measured_as_of().map(|at| visit.moment(at)),
        backlog: board.backlog()?,
        flow: board.flow()?,
        kept: board.kept()?,
        measures: board.measures()?,
    };
    visit.page("board", visit.say("board-title"), &view)
}

/// The day that an instant is for the installation.
fn local_day(visit: &Visit<'_>, at: Timestamp) -> String {
    let local = at.to_local(&visit.app.settings().zone).unwrap_or_default();
    local.get(..10).unwrap_or_default().to_owned()
}

fn tab(visit: &Visit<'_>, definition: &Definition, current: &Name) -> Tab {
    let parts = definition.parts();
    let kept = visit.asked.query.iter().filter(|(name, _)| ["span", "trend", "team", "service"].contains(name));
    let kept: String = kept.map(|(name, value)| format!("&{name}={}", encoded(value))).collect();
    Tab {
        to: format!("/board?process={}{kept}", encoded(parts.name.as_str())),
        label: visit.language.of(&parts.labels).to_owned(),
        current: parts.name == *current,
    }
}

impl Board<'_> {
    fn asked(&self, name: &str) -> Option<Name> {
        self.visit.asked.query.get(name).map(Name::from)
    }

    /// A measure of the process, of the records that are meant.
    fn query(&self, measure: &str) -> MeasuredQuery {
        MeasuredQuery {
            priority: self.asked("priority"),
            team: self.asked("team"),
            service: self.asked("service"),
            ..MeasuredQuery::of(self.process.clone(), Name::from(measure))
        }
    }

    fn filters(&self, span: i64) -> Vec<Filter> {
        let (visit, names) = (self.visit, self.visit.names());
        let entries = |register: &str| visit.directory.entries(register).map(|(key, _)| key.clone()).collect();
        let one = |value: String, label: String, chosen: bool| Choosable { value, label, chosen };
        let spans = SPANS.iter().map(|days| {
            one(days.to_string(), visit.say_with("board-days", &[("count", (*days).into())]), *days == span)
        });
        let trend = self.trend();
        let trends = [("week", "board-week", Period::Week), ("month", "board-month", Period::Month)];
        let trends = trends.map(|(name, key, period)| one(name.to_owned(), visit.say(key), period == trend));
        let field = |name: &'static str, key: &str, held: Vec<Name>, label: &dyn Fn(&Name) -> String| {
            let chosen = self.asked(name);
            let all = one(String::new(), visit.say("filter-any"), chosen.is_none());
            let each = held.iter().map(|value| one(value.to_string(), label(value), chosen.as_ref() == Some(value)));
            // Where there is nothing to choose, nothing is offered.
            (!held.is_empty()).then(|| Filter {
                name,
                label: visit.say(key),
                options: [all].into_iter().chain(each).collect(),
            })
        };
        let priority = Name::from("priority");
        let priorities = match self.definition.field(&priority).map(|field| &field.holds) {
            Some(FieldType::Choice(choices)) => choices.iter().map(|choice| choice.name.clone()).collect(),
            Some(_) | None => Vec::new(),
        };
        let said = [
            field("priority", "col-priority", priorities, &|value| {
                grid::group_label(visit, &self.definition, &priority, value.as_str())
            }),
            field("team", "board-team", entries(TEAM), &|value| names.entry(TEAM, value)),
            field("service", "col-service", entries(SERVICE), &|value| names.entry(SERVICE, value)),
        ];
        let spans = Filter { name: "span", label: visit.say("board-span"), options: spans.collect() };
        let trends = Filter { name: "trend", label: visit.say("board-trend"), options: trends.to_vec() };
        [spans, trends].into_iter().chain(said.into_iter().flatten()).collect()
    }

    fn trend(&self) -> Period {
        match self.visit.asked.query.get("trend") {
            Some("month") => Period::Month,
            Some(_) | None => Period::Week,
        }
    }

    /// What is open, by age and by priority.
    fn backlog(&self) -> Result<Grid, Refusal> {
        let (visit, query) = (self.visit, self.query(OPEN));
        let open = visit.app.runtime().figures(&query)?;
        let mut priorities: Vec<&[String]> = open.iter().map(|row| row.groups.as_slice()).collect();
        priorities.sort();
        priorities.dedup();
        // Where nothing has a priority, there is nothing to split by.
        let has_priorities = priorities.iter().any(|group| group.iter().any(|value| !value.is_empty()));
        priorities.retain(|_| has_priorities);
        let groups: Vec<Option<&[String]>> = [None].into_iter().chain(priorities.into_iter().map(Some)).collect();
        let name = Name::from("priority");
        let column = |group: &Option<&[String]>| match group.and_then(<[String]>::first) {
            Some(value) => grid::group_label(visit, &self.definition, &name, value),
            None => visit.say("board-all"),
        };
        let ages = AGES.iter().zip(AGES.iter().skip(1).map(Some).chain([None])).map(|(from, to)| {
            // A record of today is less than a day old; the younger, the later it began.
            let back = |days: i64| local_day(visit, visit.now.plus_ms(-days * DAY_MS));
            let (before, from_day) = ((*from > 0).then(|| back(from - 1)), to.map(|to| back(to - 1)));
            let label = match to {
                Some(1) => visit.say("board-age-today"),
                Some(to) => visit.say_with("board-age", &[("from", (*from).into()), ("to", (to - 1).into())]),
                None => visit.say_with("board-age-over", &[("from", (*from).into())]),
            };
            (label, from_day, before)
        });
        let whole = [(visit.say("board-all"), None, None)];
        let row = |(label, from, before): (String, Option<String>, Option<String>)| {
            let cells = groups.iter().map(|group| {
                let part = MeasuredQuery {
                    from: from.clone(),
                    before: before.clone(),
                    groups: group.map(<[String]>::to_vec),
                    ..query.clone()
                };
                let meant = open.iter().filter(|row| {
                    group.is_none_or(|group| row.groups == group)
                        && from.as_ref().is_none_or(|from| row.day >= *from)
                        && before.as_ref().is_none_or(|before| row.day < *before)
                });
                let count = meant.map(|row| row.tally.records).sum();
                (part, count)
            });
            (label, cells.collect())
        };
        let mut rows: Vec<_> = ages.map(row).collect();
        let drawn = Counts {
            title: visit.say("board-backlog"),
            says: visit.say(if has_priorities { "board-backlog-says" } else { "board-backlog-says-age" }),
            corner: visit.say("board-age-column"),
            columns: groups.iter().map(column).collect(),
            drawn: 1,
            rows: std::mem::take(&mut rows),
        };
        let mut table = drawn.grid(true);
        // The sum of all ages is no bar beside them.
        let sum = Counts {
            title: String::new(),
            says: String::new(),
            corner: String::new(),
            columns: groups.iter().map(column).collect(),
            drawn: 1,
            rows: whole.into_iter().map(row).collect(),
        };
        table.rows.extend(sum.grid(true).rows);
        Ok(table)
    }

    /// What began and what ended on each day.
    fn flow(&self) -> Result<Grid, Refusal> {
        let visit = self.visit;
        let within = |measure: &str| MeasuredQuery { from: Some(self.from.clone()), ..self.query(measure) };
        let (begun, ended) = (within(BEGUN), within(ENDED));
        let runtime = visit.app.runtime();
        let (began, over) = (runtime.figures(&begun)?, runtime.figures(&ended)?);
        let on = |rows: &[store::MeasuredRow], day: &str| -> u64 {
            let from = rows.partition_point(|row| row.day.as_str() < day);
            rows.iter().skip(from).take_while(|row| row.day == day).map(|row| row.tally.records).sum()
        };
        let row = |day: String| {
            let next = Period::Day.next(&day);
            let part = |query: &MeasuredQuery| MeasuredQuery {
                from: Some(day.clone()),
                before: next.clone(),
                ..query.clone()
            };
            let cells = vec![(part(&begun), on(&began, &day)), (part(&ended), on(&over, &day))];
            (day, cells)
        };
        let whole = |rows: &[store::MeasuredRow]| rows.iter().map(|row| row.tally.records).sum::<u64>().to_string();
        let says =
            visit.say_with("board-flow-says", &[("begun", whole(&began).into()), ("ended", whole(&over).into())]);
        let counts = Counts {
            title: visit.say("board-flow"),
            says,
            corner: visit.say("board-day"),
            columns: vec![visit.say("board-begun"), visit.say("col-ended")],
            drawn: 2,
            rows: grid::each_day(&self.from, &self.today).into_iter().map(row).collect(),
        };
        Ok(counts.grid(false))
    }

    /// Of each clock, the share of records that kept its target.
    fn kept(&self) -> Result<Vec<Grid>, Refusal> {
        let clocks = self.definition.parts().clocks.iter();
        clocks.map(|clock| self.shown(&Measure { period: Some(self.trend()), ..kept(clock) })).collect()
    }

    fn measures(&self) -> Result<Vec<Grid>, Refusal> {
        self.definition.parts().measures.iter().map(|measure| self.shown(measure)).collect()
    }

    fn shown(&self, measure: &Measure) -> Result<Grid, Refusal> {
        let from = measure.period.and_then(|period| period.first_day(&self.from));
        let query = MeasuredQuery { from, ..self.query(measure.name.as_str()) };
        let rows = self.visit.app.runtime().figures(&query)?;
        let shown = Shown { visit: self.visit, definition: &self.definition, measure, query, today: &self.today };
        Ok(shown.grid(&rows))
    }
}
