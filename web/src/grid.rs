//! Figures in a table that is drawn as well: a heading, rows and columns, and behind each figure the way to its records.

use engine::definition::{Definition, Figure, Goal, Measure, Quantity};
use engine::ids::Name;
use engine::measure::{Decimal, Tally, days, milliseconds, percent, thousandths};
use engine::value::{FieldType, Value};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{MeasuredQuery, MeasuredRow};

use crate::chart::{self, Column};
use crate::moment::hours_and_minutes;
use crate::pairs::encoded;
use crate::visit::Visit;

/// The most periods that stand side by side.
pub const PERIODS_MAX: usize = 60;
/// The most rows of a table.
const ROWS_MAX: usize = 100;

/// A table of figures with its chart.
#[derive(Debug, Serialize)]
pub struct Grid {
    /// What it is called.
    pub title: String,
    /// What it says, in a sentence.
    pub says: String,
    /// What its rows are.
    pub corner: String,
    /// What its columns are.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Its first row, or all, drawn.
    pub chart: Option<String>,
    /// What the bars of the chart are, where there are several.
    pub legend: Vec<String>,
    /// Whether there are more rows than stand there.
    pub cut: bool,
    /// Whether the table is shown at once; else it opens.
    pub open: bool,
}

/// A row.
#[derive(Debug, Serialize)]
pub struct Row {
    label: String,
    cells: Vec<Cell>,
}

/// A figure.
#[derive(Debug, Serialize)]
pub struct Cell {
    column: String,
    figure: String,
    /// Where the records are.
    link: String,
    /// How many they are, where the figure does not say it.
    records: Option<String>,
    verdict: Option<Verdict>,
}

/// Whether a target is met.
#[derive(Debug, Serialize)]
struct Verdict {
    icon: &'static str,
    band: &'static str,
    words: String,
}

/// Where the records of a part of a measure are listed.
pub fn way(query: &MeasuredQuery) -> String {
    let mut way = format!(
        "/records/list?process={}&measure={}",
        encoded(query.process.as_str()),
        encoded(query.measure.as_str())
    );
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            way.push_str(&format!("&{name}={}", encoded(value)));
        }
    };
    add("from", query.from.as_deref());
    add("before", query.before.as_deref());
    add("priority", query.priority.as_ref().map(Name::as_str));
    add("team", query.team.as_ref().map(Name::as_str));
    add("service", query.service.as_ref().map(Name::as_str));
    for group in query.groups.iter().flatten() {
        add("group", Some(group));
    }
    way
}

/// Numbers of records: a row for each of what is given, with a query for each column. Every row is drawn.
pub struct Counts {
    /// What it is called.
    pub title: String,
    /// What it says.
    pub says: String,
    /// What its rows are.
    pub corner: String,
    /// What its columns are.
    pub columns: Vec<String>,
    /// How many of the columns, from the left, are drawn.
    pub drawn: usize,
    /// Its rows: what each is, and what each cell counts.
    pub rows: Vec<(String, Vec<(MeasuredQuery, u64)>)>,
}

impl Counts {
    /// The table.
    pub fn grid(self, open: bool) -> Grid {
        let first = |row: &(String, Vec<(MeasuredQuery, u64)>)| -> Vec<u64> {
            row.1.iter().take(self.drawn).map(|(_, count)| *count).collect()
        };
        let greatest = self.rows.iter().flat_map(first).max().unwrap_or(0);
        let drawn: Vec<Column> = self
            .rows
            .iter()
            .map(|row| Column {
                label: row.0.clone(),
                bars: first(row).into_iter().map(|count| thousandths(count.into(), greatest.into())).collect(),
            })
            .collect();
        let chart = (greatest > 0).then(|| chart::columns(&drawn, &greatest.to_string(), &self.title));
        let legend = if self.drawn > 1 { self.columns.iter().take(self.drawn).cloned().collect() } else { Vec::new() };
        let columns = self.columns;
        let row = |(label, cells): (String, Vec<(MeasuredQuery, u64)>)| Row {
            label,
            cells: columns
                .iter()
                .zip(cells)
                .map(|(column, (query, count))| Cell {
                    column: column.clone(),
                    figure: count.to_string(),
                    link: way(&query),
                    records: None,
                    verdict: None,
                })
                .collect(),
        };
        let rows = self.rows.into_iter().map(row).collect();
        let (title, says, corner) = (self.title, self.says, self.corner);
        Grid { title, says, corner, columns, rows, chart, legend, cut: false, open }
    }
}

/// A measure over the days that are shown.
pub struct Shown<'a> {
    /// Who looks.
    pub visit: &'a Visit<'a>,
    /// The process.
    pub definition: &'a Definition,
    /// The measure.
    pub measure: &'a Measure,
    /// Which of its rows are meant.
    pub query: MeasuredQuery,
    /// The last day that is shown.
    pub today: &'a str,
}

impl Shown<'_> {
    /// Its table: a row for all and one for each of its groups, a column for each period.
    pub fn grid(&self, rows: &[MeasuredRow]) -> Grid {
        let columns = self.columns();
        let mut groups: Vec<&[String]> = rows.iter().map(|row| row.groups.as_slice()).collect();
        groups.sort();
        groups.dedup();
        let is_split = !self.measure.by.is_empty() || self.measure.quantity == Quantity::Money;
        // Amounts of different currencies make no sum.
        let whole = (self.measure.quantity != Quantity::Money).then_some(None);
        let cut = groups.len() > ROWS_MAX;
        let each = groups.into_iter().take(ROWS_MAX).filter(|_| is_split).map(Some);
        let asked: Vec<Option<&[String]>> = whole.into_iter().chain(each).collect();
        let sorted = sorted(&columns, rows);
        let shown = asked.iter().map(|group| self.row(*group, &columns, &sorted)).collect();
        Grid {
            title: self.visit.language.of(&self.measure.labels).to_owned(),
            says: self.says(),
            corner: self.corner(),
            columns: columns.iter().map(|column| column.label.clone()).collect(),
            rows: shown,
            chart: asked.first().and_then(|group| self.chart(*group, &columns, &sorted)),
            legend: Vec::new(),
            cut,
            open: true,
        }
    }

    /// What it counts, of a measure that the process declares, and its target.
    fn says(&self) -> String {
        let parts = self.definition.parts();
        let is_declared = parts.measures.iter().any(|declared| declared.name == self.measure.name);
        let counts = is_declared.then(|| {
            let said = dsl::measured(parts, self.measure, self.visit.language.for_dsl());
            self.visit.say_with("board-counts", &[("said", said.into())])
        });
        counts.into_iter().chain(self.measure.target.as_ref().map(|goal| self.goal(goal))).collect()
    }

    fn goal(&self, goal: &Goal) -> String {
        let words = self.visit;
        match (&goal.value, self.measure.by.first()) {
            (Some(value), Some(field)) => {
                let value = group_label(words, self.definition, field, value.as_str());
                words.say_with("board-target-for", &[("value", value.into()), ("target", self.target(goal).into())])
            }
            _ => words.say_with("board-target", &[("target", self.target(goal).into())]),
        }
    }

    fn target(&self, goal: &Goal) -> String {
        let sign = goal.operator.symbol().replace("<=", "≤").replace(">=", "≥");
        format!("{sign} {}", figure(self.visit, self.measure, goal.figure))
    }

    fn corner(&self) -> String {
        let names: Vec<String> =
            self.measure.by.iter().map(|field| self.visit.names().field(self.definition, field)).collect();
        if names.is_empty() { self.visit.say("board-records") } else { names.join(&self.visit.say("list-comma")) }
    }

    fn columns(&self) -> Vec<Span> {
        let Some(period) = self.measure.period else {
            return vec![Span { label: self.visit.say("board-now"), from: None, before: None }];
        };
        let mut spans: Vec<Span> = Vec::new();
        let mut at = self.query.from.clone().and_then(|from| period.first_day(&from));
        while let Some(first) = at.filter(|first| first.as_str() <= self.today && spans.len() < PERIODS_MAX * 7) {
            let next = period.next(&first);
            let label = period.written(&first).unwrap_or_default();
            spans.push(Span { label, from: Some(first), before: next.clone() });
            at = next;
        }
        let surplus = spans.len().saturating_sub(PERIODS_MAX);
        spans.drain(..surplus);
        spans
    }

    fn row(&self, group: Option<&[String]>, columns: &[Span], sorted: &Sorted<'_>) -> Row {
        let tallies = |place: usize| sorted.get(&(group, place)).map(Vec::as_slice).unwrap_or_default();
        let cells =
            columns.iter().enumerate().map(|(place, column)| self.cell(group, column, tallies(place))).collect();
        Row { label: self.label(group), cells }
    }

    fn label(&self, group: Option<&[String]>) -> String {
        let Some(group) = group else { return self.visit.say("board-all") };
        let named = group.iter().enumerate().map(|(place, value)| match self.measure.by.get(place) {
            Some(field) => group_label(self.visit, self.definition, field, value),
            None => value.clone(),
        });
        named.collect::<Vec<_>>().join(&self.visit.say("list-comma"))
    }

    fn cell(&self, group: Option<&[String]>, column: &Span, tallies: &[Tally]) -> Cell {
        let records: u64 = tallies.iter().map(|tally| tally.records).sum();
        let found = self.measure.figure_of(tallies);
        let goal = match group {
            Some(group) => self.measure.goal_for(group),
            None => self.measure.goal_for(&[]),
        };
        let verdict = goal.zip(found).map(|(goal, found)| match goal.is_met(found) {
            true => Verdict { icon: "done", band: "met", words: self.visit.say("board-met") },
            false => Verdict { icon: "warning", band: "over", words: self.visit.say("board-missed") },
        });
        let query = MeasuredQuery {
            from: column.from.clone(),
            before: column.before.clone(),
            groups: group.map(<[String]>::to_vec),
            ..self.query.clone()
        };
        Cell {
            column: column.label.clone(),
            figure: found
                .map_or_else(|| self.visit.say("board-nothing"), |found| figure(self.visit, self.measure, found)),
            link: way(&query),
            records: (self.measure.figure != Figure::Count)
                .then(|| self.visit.say_with("board-of", &[("count", records.to_string().into())])),
            verdict,
        }
    }

    fn chart(&self, group: Option<&[String]>, columns: &[Span], sorted: &Sorted<'_>) -> Option<String> {
        if columns.len() < 2 {
            return None;
        }
        let tallies = |place: usize| sorted.get(&(group, place)).map(Vec::as_slice).unwrap_or_default();
        let figures: Vec<Decimal> =
            (0..columns.len()).map(|place| self.measure.figure_of(tallies(place)).unwrap_or_default()).collect();
        let greatest = figures.iter().copied().max()?;
        if greatest.is_zero() {
            return None;
        }
        let drawn: Vec<Column> = columns
            .iter()
            .zip(&figures)
            .map(|(column, figure)| Column { label: column.label.clone(), bars: vec![thousandths(*figure, greatest)] })
            .collect();
        let title = self.visit.language.of(&self.measure.labels);
        Some(chart::columns(&drawn, &figure(self.visit, self.measure, greatest), title))
    }
}

/// A column: the days from one to before another.
struct Span {
    label: String,
    from: Option<String>,
    before: Option<String>,
}

/// What each cell is made of: by group, nothing standing for all, and by column.
type Sorted<'r> = BTreeMap<(Option<&'r [String]>, usize), Vec<Tally>>;

fn sorted<'r>(columns: &[Span], rows: &'r [MeasuredRow]) -> Sorted<'r> {
    let mut sorted = Sorted::new();
    for row in rows {
        let within = |column: &&Span| {
            column.from.as_ref().is_none_or(|from| row.day >= *from)
                && column.before.as_ref().is_none_or(|before| row.day < *before)
        };
        let behind = columns.partition_point(|column| column.from.as_ref().is_none_or(|from| *from <= row.day));
        let Some(place) = behind.checked_sub(1).filter(|place| columns.get(*place).as_ref().is_some_and(within)) else {
            continue;
        };
        for group in [None, Some(row.groups.as_slice())] {
            sorted.entry((group, place)).or_default().push(row.tally);
        }
    }
    sorted
}

/// A figure as people read it.
pub fn figure(visit: &Visit<'_>, measure: &Measure, figure: Decimal) -> String {
    match (measure.figure, measure.quantity) {
        (Figure::Share, _) => format!("{} %", percent(figure).round_dp(1).normalize()),
        (_, Quantity::Duration) => hours_and_minutes(visit.words(), milliseconds(figure)),
        (_, Quantity::Number) => figure.round_dp(2).normalize().to_string(),
        (_, Quantity::Money) => format!("{:.2}", figure),
    }
}

/// What a value is called that splits a measure.
pub fn group_label(visit: &Visit<'_>, definition: &Definition, field: &Name, value: &str) -> String {
    if value.is_empty() {
        return visit.say("board-none");
    }
    let holds = definition.field(field).map(|field| &field.holds);
    let held = match holds {
        Some(FieldType::Choice(_)) => Value::Choice(Name::from(value)),
        Some(FieldType::Ref(_) | FieldType::Role) => Value::Ref(Name::from(value)),
        Some(FieldType::Bool) => Value::Bool(value == "true"),
        Some(FieldType::Date) => Value::Date(value.to_owned()),
        Some(_) | None => Value::Text(value.to_owned()),
    };
    visit.names().field_value(definition, field, &held, &visit.times())
}

/// Every day of a span.
pub fn each_day(from: &str, today: &str) -> Vec<String> {
    days(from, today, 400)
}
