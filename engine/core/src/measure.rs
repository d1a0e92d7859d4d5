//! What a record adds to the measures of its process, and how a figure is made of what many records add.
//!
//! A record counts on the day on which it began. Where the measure reads a clock it counts on the day on which the clock
//! stopped, and not before. The day is that of the process's calendar. A record for which the condition or the expression
//! has no value does not count.
//!
//! Beside what a process declares, every record adds to its flow: that it began, that it ended, that it is open, and of each
//! of its clocks whether the target was kept.

use jiff::civil::Date;
pub use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::definition::{Clock, Definition, Figure, Goal, Measure, Period, Quantity};
use crate::directory::Directory;
use crate::expr::{Expr, Operator, Scope};
use crate::ids::Name;
use crate::instance::{ClockState, Instance, Status};
use crate::records::NoRecords;
use crate::time::Timestamp;
use crate::value::{Fields, Items, Value};

/// What a clock says of its record once it has stopped: how long it ran.
pub const ELAPSED: &str = "elapsed";
/// What a clock says of its record once it has stopped: whether its target was used up.
pub const BREACHED: &str = "breached";
/// That a record began, on the day on which it did.
pub const BEGUN: &str = ":begun";
/// That a record ended, on the day on which it did.
pub const ENDED: &str = ":ended";
/// That a record is not over, on the day on which it began, by its priority.
pub const OPEN: &str = ":open";
/// The field by which open records are split where the process has it.
const PRIORITY: &str = "priority";
/// The most characters of a group; of a longer value the first are meant.
const GROUP_MAX: usize = 120;
/// How many parts of a number are kept for 1.
const MILLION: i64 = 1_000_000;
/// How many minor units make a unit of money.
const MINOR: i64 = 100;

/// What one record adds to a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The values of the fields that split the measure; of money its currency comes last. A field without a value is empty.
    pub groups: Vec<String>,
    /// The day to which the record counts, in ISO form.
    pub day: String,
    /// How much: 1 for a record that is counted, 1 or 0 for a share, else in the measure's unit.
    pub amount: i64,
}

/// How many records add the same amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How much each adds.
    pub amount: i64,
    /// How many there are.
    pub records: u64,
}

/// Everything that a record adds, as it was at an instant: to the measures of a definition, and to the flow.
pub fn contributions(
    definition: &Definition,
    instance: &Instance,
    directory: &Directory,
    at: Timestamp,
) -> Vec<(Name, Contribution)> {
    let parts = definition.parts();
    let kept: Vec<Measure> = parts.clocks.iter().map(kept).collect();
    let measures = parts.measures.iter().chain(&kept);
    let added = measures.filter_map(|measure| {
        Some((measure.name.clone(), contribution(measure, definition, instance, directory, at)?))
    });
    added.chain(flow(definition, instance, directory)).collect()
}

/// Of a clock, the share of records that kept its target, by what selects the target.
pub fn kept(clock: &Clock) -> Measure {
    let breached = Expr::Attribute(Box::new(Expr::Item(clock.name.clone())), Name::from(BREACHED));
    Measure {
        name: Name::from(format!(":kept:{}", clock.name)),
        labels: clock.labels.clone(),
        figure: Figure::Share,
        quantity: Quantity::Number,
        subject: Some(Expr::Not(Box::new(breached))),
        when: None,
        by: vec![clock.by.clone()],
        period: Some(Period::Week),
        target: None,
    }
}

/// That the record began, and that it ended or is open.
fn flow(definition: &Definition, instance: &Instance, directory: &Directory) -> [(Name, Contribution); 2] {
    let day = |at: Timestamp| scope(definition, instance, directory, &[], at).today();
    let one = |day: String, groups: Vec<String>| Contribution { groups, day, amount: 1 };
    let begun = day(instance.started());
    let now = match instance.status() {
        Status::Ended { at, .. } => (Name::from(ENDED), one(day(*at), Vec::new())),
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => {
            (Name::from(OPEN), one(begun.clone(), vec![group(instance.fields(), &Name::from(PRIORITY))]))
        }
    };
    [(Name::from(BEGUN), one(begun, Vec::new())), now]
}

fn scope<'a>(
    definition: &'a Definition,
    instance: &'a Instance,
    directory: &'a Directory,
    items: &'a [(Name, Value)],
    now: Timestamp,
) -> Scope<'a> {
    Scope {
        definition,
        fields: instance.fields(),
        requester: instance.requester(),
        directory,
        records: &NoRecords,
        number: instance.number(),
        now,
        items,
    }
}

/// What a record adds to a measure as it was at an instant; nothing where it does not count. The measures are those of
/// the definition that is given, which need not be the one that the record follows.
pub fn contribution(
    measure: &Measure,
    definition: &Definition,
    instance: &Instance,
    directory: &Directory,
    at: Timestamp,
) -> Option<Contribution> {
    let clocks = stopped(instance, directory);
    let seen = scope(definition, instance, directory, &clocks, at);
    let holds = |condition: &Expr| condition.holds(&seen).unwrap_or(false);
    if measure.when.as_ref().is_some_and(|when| !holds(when)) {
        return None;
    }
    let mut groups: Vec<String> = measure.by.iter().map(|field| group(instance.fields(), field)).collect();
    let amount = match (measure.figure, &measure.subject) {
        (Figure::Count, None) => 1,
        // A record that is not meant is not there; of a share it is what the others are a part of.
        (Figure::Count, Some(subject)) => holds(subject).then_some(1)?,
        (Figure::Share, Some(subject)) => i64::from(subject.holds(&seen).ok()?),
        (Figure::Sum | Figure::Mean | Figure::Median | Figure::Min | Figure::Max, Some(subject)) => {
            let (amount, currency) = amount(&subject.value(&seen).ok()?)?;
            groups.extend(currency);
            amount
        }
        (Figure::Share | Figure::Sum | Figure::Mean | Figure::Median | Figure::Min | Figure::Max, None) => return None,
    };
    let counts =
        read_clocks(measure).map(|clock| stopped_at(instance, clock)).max().unwrap_or(Some(instance.started()))?;
    Some(Contribution { groups, day: scope(definition, instance, directory, &clocks, counts).today(), amount })
}

/// The clocks that a measure reads.
fn read_clocks(measure: &Measure) -> impl Iterator<Item = &Name> {
    let mut clocks = Vec::new();
    for expr in measure.subject.iter().chain(&measure.when) {
        expr.walk(&mut |expr| {
            if let Expr::Item(clock) = expr {
                clocks.push(clock);
            }
        });
    }
    clocks.into_iter()
}

fn stopped_at(instance: &Instance, clock: &Name) -> Option<Timestamp> {
    let run = instance.clocks().iter().find(|run| run.clock == *clock)?;
    match &run.state {
        ClockState::Stopped { at } => Some(*at),
        ClockState::Running { .. } | ClockState::Paused { .. } => None,
    }
}

/// What the clocks say that have stopped.
fn stopped(instance: &Instance, directory: &Directory) -> Items {
    let stopped = instance.clocks().iter().filter_map(|run| {
        let at = match &run.state {
            ClockState::Stopped { at } => *at,
            ClockState::Running { .. } | ClockState::Paused { .. } => return None,
        };
        let mut says = Fields::from([(Name::from(BREACHED), Value::Bool(run.is_breached()))]);
        if let Some(calendar) = directory.calendar(&run.calendar) {
            says.insert(Name::from(ELAPSED), Value::Duration(run.elapsed_ms(calendar, at)));
        }
        Some((run.clock.clone(), Value::Row(says)))
    });
    stopped.collect()
}

fn group(fields: &Fields, field: &Name) -> String {
    match fields.get(field) {
        None | Some(Value::Nothing) => String::new(),
        Some(value) => value.plain().chars().take(GROUP_MAX).collect(),
    }
}

/// An amount in its unit, with its currency where it is money.
fn amount(value: &Value) -> Option<(i64, Option<String>)> {
    match value {
        Value::Number(number) => Some((number.checked_mul(MILLION.into())?.round().to_i64()?, None)),
        Value::Duration(length_ms) => Some((*length_ms, None)),
        Value::Money(money) => Some((money.minor, Some(money.currency.to_string()))),
        _ => None,
    }
}

impl Measure {
    /// The figure that these amounts make, in numbers, milliseconds or units of money; nothing where there are none. How many
    /// there are is known even then.
    pub fn figure_of(&self, tallies: &[Tally]) -> Option<Decimal> {
        let records: u64 = tallies.iter().map(|tally| tally.records).sum();
        if self.figure == Figure::Count {
            return Some(records.into());
        }
        if records == 0 {
            return None;
        }
        let sum: Decimal = tallies.iter().map(|tally| Decimal::from(tally.amount) * Decimal::from(tally.records)).sum();
        let amounts = || tallies.iter().filter(|tally| tally.records > 0).map(|tally| tally.amount);
        match self.figure {
            Figure::Count => Some(records.into()),
            Figure::Share => Some(sum / Decimal::from(records)),
            Figure::Sum => Some(self.in_units(sum)),
            Figure::Mean => Some(self.in_units(sum / Decimal::from(records))),
            Figure::Median => Some(self.in_units(median(tallies, records)?)),
            Figure::Min => Some(self.in_units(amounts().min()?.into())),
            Figure::Max => Some(self.in_units(amounts().max()?.into())),
        }
    }

    fn in_units(&self, amount: Decimal) -> Decimal {
        match self.quantity {
            Quantity::Number => amount / Decimal::from(MILLION),
            Quantity::Duration => amount,
            Quantity::Money => amount / Decimal::from(MINOR),
        }
    }

    /// What a figure of these groups is to reach.
    pub fn goal_for(&self, groups: &[String]) -> Option<&Goal> {
        let said = |goal: &&Goal| {
            goal.value.as_ref().is_none_or(|value| groups.first().is_some_and(|own| value == own.as_str()))
        };
        self.target.as_ref().filter(said)
    }
}

/// A share in percent.
pub fn percent(share: Decimal) -> Decimal {
    share * Decimal::ONE_HUNDRED
}

/// A length of time as a figure has it, in whole milliseconds.
pub fn milliseconds(figure: Decimal) -> i64 {
    figure.round().to_i64().unwrap_or(i64::MAX)
}

/// How many thousandths of the greatest figure a figure is, from none to all: how far a bar goes.
pub fn thousandths(figure: Decimal, greatest: Decimal) -> u16 {
    let part = figure.checked_mul(Decimal::ONE_THOUSAND).and_then(|figure| figure.checked_div(greatest));
    part.and_then(|part| part.round().to_u16()).unwrap_or(0).min(1_000)
}

/// The days from one to another, both included, in ISO form; at most so many.
pub fn days(from: &str, to: &str, most: usize) -> Vec<String> {
    let (mut days, mut day) = (Vec::new(), Some(from.to_owned()));
    while let Some(at) = day.filter(|at| at.as_str() <= to && days.len() < most) {
        day = Period::Day.next(&at);
        days.push(at);
    }
    days
}

/// The amount in the middle of all records.
fn median(tallies: &[Tally], records: u64) -> Option<Decimal> {
    let mut sorted = tallies.to_vec();
    sorted.sort_by_key(|tally| tally.amount);
    let at = |place: u64| {
        let mut before = 0;
        sorted.iter().find_map(|tally| {
            before += tally.records;
            (place < before).then_some(Decimal::from(tally.amount))
        })
    };
    Some((at((records - 1) / 2)? + at(records / 2)?) / Decimal::TWO)
}

impl Goal {
    /// Whether a figure reaches it.
    pub fn is_met(&self, figure: Decimal) -> bool {
        match self.operator {
            Operator::Less => figure < self.figure,
            Operator::AtMost => figure <= self.figure,
            Operator::Greater => figure > self.figure,
            Operator::AtLeast => figure >= self.figure,
            Operator::And
            | Operator::Or
            | Operator::Is
            | Operator::IsNot
            | Operator::Plus
            | Operator::Minus
            | Operator::Times
            | Operator::In => false,
        }
    }
}

impl Period {
    /// The first day of the period in which a day lies, in ISO form; nothing where the text is no day.
    pub fn first_day(self, day: &str) -> Option<String> {
        let day: Date = day.parse().ok()?;
        let first = match self {
            Period::Day => day,
            Period::Week => {
                let since = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(jiff::Span::new().try_days(since).ok()?).ok()?
            }
            Period::Month => day.first_of_month(),
            Period::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok()?,
            Period::Year => day.first_of_year(),
        };
        Some(first.to_string())
    }

    /// The first day of the period behind the one in which a day lies, in ISO form; nothing where the text is no day.
    pub fn next(self, day: &str) -> Option<String> {
        let first: Date = self.first_day(day)?.parse().ok()?;
        let span = match self {
            Period::Day => jiff::Span::new().days(1),
            Period::Week => jiff::Span::new().weeks(1),
            Period::Month => jiff::Span::new().months(1),
            Period::Quarter => jiff::Span::new().months(3),
            Period::Year => jiff::Span::new().years(1),
        };
        Some(first.checked_add(span).ok()?.to_string())
    }

    /// The period in which a day lies as it is written: `2026-09-18`, `2026-W38`, `2026-09`, `2026-Q3`, `2026`; nothing where
    /// the text is no day.
    pub fn written(self, day: &str) -> Option<String> {
        let day: Date = day.parse().ok()?;
        Some(match self {
            Period::Day => day.to_string(),
            Period::Week => {
                let week = day.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
            Period::Month => format!("{}-{:02}", day.year(), day.month()),
            Period::Quarter => format!("{}-Q{}", day.year(), (day.month() - 1) / 3 + 1),
            Period::Year => day.year().to_string(),
        })
    }
}
