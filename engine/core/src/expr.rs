//! Expressions: typed by the language's checker, computed here. Nothing turns silently into nothing: an
//! expression that cannot be computed says what it saw.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::definition::{Definition, Due};
use crate::directory::{CALENDAR, Directory};
use crate::ids::Name;
use crate::records::{self, Records, Unseen};
use crate::register;
use crate::rules::RuleError;
use crate::table::Undecided;
use crate::time::{Counting, DAY_MS, Timestamp, Zone};
use crate::value::{Fields, Value};
use crate::witness::RowSeen;

/// How two values are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Both hold. The right side is not computed where the left does not hold.
    And,
    /// At least one holds. The right side is not computed where the left holds.
    Or,
    /// Equal.
    Is,
    /// Not equal.
    IsNot,
    /// Less, or earlier; for choices, declared earlier.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
    /// Sum; texts are joined.
    Plus,
    /// Difference.
    Minus,
    /// Product.
    Times,
    /// The left value is in the right list.
    In,
}

/// An expression over a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// A value as written.
    Literal(Value),
    /// A list of expressions.
    List(Vec<Expr>),
    /// A field of the record.
    Field(Name),
    /// The person who asked for the record.
    Requester,
    /// The record itself, by its number.
    This,
    /// An attribute of the register entry that the inner expression names, `service.calendar`, or one value of the row
    /// that it gives, `approval(age).rate`.
    Attribute(Box<Expr>, Name),
    /// What the `for each` around that gives this name is about in this round.
    Item(Name),
    /// The instant.
    Now,
    /// The day that it is where the process's calendar counts; in UTC where it has none.
    Today,
    /// How many values a list has.
    Count(Box<Expr>),
    /// Does not hold.
    Not(Box<Expr>),
    /// Has no value.
    IsEmpty(Box<Expr>),
    /// Two values put together.
    Binary {
        /// How.
        operator: Operator,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// The value that a decision table gives.
    Decide {
        /// The table.
        table: Name,
        /// Its inputs.
        inputs: Vec<Expr>,
    },
    /// The value that a rule gives.
    Rule {
        /// The rule.
        rule: Name,
        /// Its inputs.
        inputs: Vec<Expr>,
    },
    /// The records that a `find` of the process finds.
    Find(Name),
    /// Whether every record that the inner expression names has reached a milestone.
    Reached(Box<Expr>, Name),
    /// Whether two lists have a value in common.
    Shares(Box<Expr>, Box<Expr>),
    /// The entries within so many relations of those that the inner expression names, these included.
    Around(Box<Expr>, u32),
    /// What the entries say that the inner expression names, frozen as it is.
    Baseline(Box<Expr>),
    /// The entries that differ between two baselines.
    Changed(Box<Expr>, Box<Expr>),
}

/// What an expression may look at.
pub struct Scope<'a> {
    /// The process: its tables, rules and choices.
    pub definition: &'a Definition,
    /// The record.
    pub fields: &'a Fields,
    /// Who asked for it.
    pub requester: &'a Name,
    /// The registers.
    pub directory: &'a Directory,
    /// Other records.
    pub records: &'a dyn Records,
    /// The number of the record, which no `find` finds.
    pub number: &'a str,
    /// The instant.
    pub now: Timestamp,
    /// What the rounds of each `for each` around are about, innermost first.
    pub items: &'a [(Name, Value)],
}

impl<'a> Scope<'a> {
    /// The day that it is where the process's calendar counts; in UTC where it has none.
    pub fn today(&self) -> String {
        let day = match self.calendar(None) {
            Ok((_, calendar)) => calendar.day_of(self.now),
            Err(_) => Zone::utc().date_of(self.now),
        };
        day.map(|day| day.to_string()).unwrap_or_default()
    }

    /// When the next day begins there.
    pub fn tomorrow(&self) -> Option<Timestamp> {
        match self.calendar(None) {
            Ok((_, calendar)) => calendar.next_day(self.now),
            Err(_) => Zone::utc().day_after(self.now),
        }
    }

    /// The calendar that an expression names, or the process's own.
    ///
    /// # Errors
    /// There is none, or the expression has no value.
    pub(crate) fn calendar(&self, hours: Option<&Expr>) -> Result<(Name, &'a Calendar), EvalError> {
        let hours = hours.or(self.definition.parts().hours.as_ref()).ok_or_else(|| EvalError::Empty("hours".into()))?;
        match hours.value(self)? {
            Value::Ref(key) => {
                let calendar = self.directory.calendar(&key).ok_or_else(|| no_calendar(&key))?;
                Ok((key, calendar))
            }
            _ => Err(EvalError::Empty(hours.source())),
        }
    }

    /// The calendar on which a length of time counts that counts working time.
    pub fn calendar_of(&self, due: &Due) -> Option<&Calendar> {
        match due.span.counting {
            Counting::Plain => None,
            Counting::Working => self.calendar(due.hours.as_ref()).ok().map(|(_, calendar)| calendar),
        }
    }
}

/// What is said where a calendar is gone.
pub(crate) fn no_calendar(key: &Name) -> EvalError {
    EvalError::NoSuchEntry { register: CALENDAR.into(), key: key.to_string() }
}

/// Why an expression has no value, with what it saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum EvalError {
    /// A value is needed and there is none.
    #[error("`{0}` has no value")]
    Empty(String),
    /// The operator cannot work on these values.
    #[error("cannot compute `{left} {operator} {right}`")]
    Unfit {
        /// The operator.
        operator: String,
        /// What was on the left.
        left: String,
        /// What was on the right.
        right: String,
    },
    /// A reference leads nowhere.
    #[error("the {register} \"{key}\" does not exist")]
    NoSuchEntry {
        /// The register.
        register: String,
        /// The key.
        key: String,
    },
    /// Other records cannot be read.
    #[error(transparent)]
    Unseen(#[from] Unseen),
    /// No row of a table matches.
    #[error("no row of the table {table} matches {saw}")]
    NoRow {
        /// The table.
        table: Name,
        /// The inputs.
        saw: String,
    },
    /// The number is too large to compute with.
    #[error("the result is too large")]
    Overflow,
    /// The steps go round without ever waiting for anybody.
    #[error("more than {0} steps without waiting for a person, a message or time")]
    EndlessLoop(u32),
    /// What follows from a change changes something again, without end.
    #[error("reactions to changes lead to one another without end")]
    EndlessReactions,
    /// A job could not be done.
    #[error("the job of {step} failed: {problem}")]
    JobFailed {
        /// The step.
        step: Name,
        /// Why.
        problem: String,
    },
    /// A record could not be begun.
    #[error("a record of {process} could not be begun: {problem}")]
    NotBegun {
        /// The process.
        process: Name,
        /// Why.
        problem: String,
    },
    /// One step would begin more records than it may.
    #[error("more than {0} records would be begun at once")]
    TooManyBegun(u32),
    /// A rule failed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The definition says something that the engine cannot run yet; such a definition is refused at deployment.
    #[error("the engine cannot run `{0}` yet")]
    NotRunYet(Name),
    /// Nobody who could answer may answer.
    #[error("nobody is left who may vote on `{0}`")]
    NobodyMayVote(Name),
    /// Fewer people may vote than must say yes.
    #[error("`{step}` needs {needed} who say yes, and only {there} may vote")]
    TooFewMayVote {
        /// The approval.
        step: Name,
        /// How many must say yes.
        needed: usize,
        /// How many may.
        there: usize,
    },
    /// More people would be asked than can be counted in one level.
    #[error("more than {0} people would be asked to vote")]
    TooManyAsked(usize),
    /// The definition names something that it does not have: a mistake of the checker.
    #[error("the definition has no `{0}`")]
    Unknown(String),
}

impl Expr {
    /// The value in a scope. A field without a value is [`Value::Nothing`].
    ///
    /// # Errors
    /// Says what could not be computed and what was seen.
    pub fn value(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        match self {
            Expr::Literal(value) => Ok(value.clone()),
            Expr::List(items) => Ok(Value::List(items.iter().map(|item| item.value(scope)).collect::<Result<_, _>>()?)),
            Expr::Field(name) => Ok(scope.fields.get(name).cloned().unwrap_or(Value::Nothing)),
            Expr::Requester => Ok(Value::Ref(scope.requester.clone())),
            Expr::This => Ok(Value::Ref(Name::from(scope.number))),
            Expr::Attribute(inner, name) => attribute(inner, name, scope),
            Expr::Item(name) => {
                let item = scope.items.iter().find(|(held, _)| held == name);
                item.map(|(_, value)| value.clone()).ok_or_else(|| EvalError::Empty(name.to_string()))
            }
            Expr::Now => Ok(Value::Instant(scope.now)),
            Expr::Today => Ok(Value::Date(scope.today())),
            Expr::Count(inner) => match inner.value(scope)? {
                Value::List(items) => Ok(Value::Number(items.len().into())),
                Value::Nothing => Ok(Value::Number(0.into())),
                other => Err(EvalError::Unfit { operator: "count".into(), left: other.plain(), right: String::new() }),
            },
            Expr::Not(inner) => Ok(Value::Bool(!inner.holds(scope)?)),
            Expr::IsEmpty(inner) => match inner.value(scope) {
                Ok(value) => Ok(Value::Bool(value.is_empty())),
                // An attribute that an entry does not have: nothing but that is asked.
                Err(EvalError::Empty(_)) => Ok(Value::Bool(true)),
                Err(other) => Err(other),
            },
            Expr::Binary { operator, left, right } => binary(*operator, left, right, scope),
            Expr::Decide { table, inputs } => decide(table, inputs, scope),
            Expr::Rule { rule, inputs } => {
                let inputs: Vec<Value> = inputs.iter().map(|input| input.value(scope)).collect::<Result<_, _>>()?;
                Ok(scope.definition.rules().call(rule, &inputs)?)
            }
            Expr::Find(name) => {
                let find = scope.definition.find(name).ok_or_else(|| EvalError::Unknown(name.to_string()))?;
                records::find(find, scope)
            }
            Expr::Reached(of, milestone) => records::reached(&of.value(scope)?, milestone, scope),
            Expr::Shares(one, other) => {
                let (one, other) = (one.value(scope)?, other.value(scope)?);
                Ok(Value::Bool(records::each(&one).any(|value| records::each(&other).any(|held| held == value))))
            }
            Expr::Around(of, steps) => Ok(register::around(&of.value(scope)?, *steps, scope.directory)),
            Expr::Baseline(of) => register::baseline(&of.value(scope)?, scope.directory)
                .map_err(|key| EvalError::NoSuchEntry { register: of.source(), key: key.to_string() }),
            Expr::Changed(before, after) => Ok(register::changed(&before.value(scope)?, &after.value(scope)?)),
        }
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// As [`Expr::value`]; also where the value is not yes or no.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        match self.value(scope)? {
            Value::Bool(yes) => Ok(yes),
            other => {
                Err(EvalError::Unfit { operator: "as a condition".into(), left: other.plain(), right: String::new() })
            }
        }
    }

    /// Shows every expression in it to a visitor, itself first.
    pub fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Expr)) {
        visit(self);
        match self {
            Expr::Literal(_)
            | Expr::Field(_)
            | Expr::Item(_)
            | Expr::Requester
            | Expr::This
            | Expr::Now
            | Expr::Today
            | Expr::Find(_) => {}
            Expr::Attribute(inner, _)
            | Expr::Not(inner)
            | Expr::IsEmpty(inner)
            | Expr::Count(inner)
            | Expr::Reached(inner, _)
            | Expr::Around(inner, _)
            | Expr::Baseline(inner) => inner.walk(visit),
            Expr::Shares(one, other) | Expr::Changed(one, other) => {
                one.walk(visit);
                other.walk(visit);
            }
            Expr::List(items) => items.iter().for_each(|item| item.walk(visit)),
            Expr::Binary { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            Expr::Decide { inputs, .. } | Expr::Rule { inputs, .. } => {
                inputs.iter().for_each(|input| input.walk(visit));
            }
        }
    }

    /// Every field that it reads, as often as it does.
    pub fn reads(&self) -> Vec<&Name> {
        let mut found = Vec::new();
        self.walk(&mut |expr| {
            if let Expr::Field(name) = expr {
                found.push(name);
            }
        });
        found
    }

    /// The expression as the language writes it, for messages.
    pub fn source(&self) -> String {
        match self {
            Expr::Literal(Value::Text(text)) => format!("\"{text}\""),
            Expr::Literal(value) => value.plain(),
            Expr::List(items) => {
                format!("[{}]", items.iter().map(Expr::source).collect::<Vec<_>>().join(", "))
            }
            Expr::Field(name) | Expr::Item(name) => name.to_string(),
            Expr::Requester => "requester".to_owned(),
            Expr::This => "this".to_owned(),
            Expr::Attribute(inner, name) => format!("{}.{name}", inner.source()),
            Expr::Now => "now".to_owned(),
            Expr::Today => "today".to_owned(),
            Expr::Count(inner) => format!("count({})", inner.source()),
            Expr::Not(inner) => format!("not {}", inner.source()),
            Expr::IsEmpty(inner) => format!("{} is empty", inner.source()),
            Expr::Binary { operator, left, right } => {
                format!("{} {} {}", left.source(), operator.symbol(), right.source())
            }
            Expr::Decide { table: name, inputs } | Expr::Rule { rule: name, inputs } => {
                format!("{name}({})", inputs.iter().map(Expr::source).collect::<Vec<_>>().join(", "))
            }
            Expr::Find(name) => name.to_string(),
            Expr::Reached(of, milestone) => format!("reached({}, {milestone})", of.source()),
            Expr::Shares(one, other) => format!("shares({}, {})", one.source(), other.source()),
            Expr::Around(of, steps) => format!("around({}, {steps})", of.source()),
            Expr::Baseline(of) => format!("baseline({})", of.source()),
            Expr::Changed(before, after) => format!("changed({}, {})", before.source(), after.source()),
        }
    }
}

impl Operator {
    /// As the language writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::And => "and",
            Operator::Or => "or",
            Operator::Is => "is",
            Operator::IsNot => "is not",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::Greater => ">",
            Operator::AtLeast => ">=",
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Times => "*",
            Operator::In => "in",
        }
    }
}

fn attribute(inner: &Expr, name: &Name, scope: &Scope<'_>) -> Result<Value, EvalError> {
    match inner.value(scope)? {
        Value::Ref(key) => {
            let entry = scope
                .directory
                .entry_anywhere(&key)
                .ok_or_else(|| EvalError::NoSuchEntry { register: inner.source(), key: key.to_string() })?;
            entry.fields.get(name).cloned().ok_or_else(|| EvalError::Empty(format!("{}.{name}", inner.source())))
        }
        Value::Row(mut row) => row.remove(name).ok_or_else(|| EvalError::Empty(format!("{}.{name}", inner.source()))),
        Value::File(file) if *name == "name" => Ok(Value::Text(file.name)),
        Value::File(file) if *name == "size" => Ok(Value::Number(file.size.into())),
        Value::Nothing => Err(EvalError::Empty(inner.source())),
        other => Err(EvalError::Unfit { operator: ".".into(), left: other.plain(), right: name.to_string() }),
    }
}

fn decide(table: &Name, inputs: &[Expr], scope: &Scope<'_>) -> Result<Value, EvalError> {
    let found = scope.definition.table(table).ok_or_else(|| EvalError::Unknown(table.to_string()))?;
    let values: Vec<Value> = inputs.iter().map(|input| input.value(scope)).collect::<Result<_, _>>()?;
    if let Some(witness) = scope.definition.witness() {
        let mut lines = found.rows_for(&values).map(|row| Some(row.line)).peekable();
        let otherwise = lines.peek().is_none().then_some(None);
        lines.chain(otherwise).for_each(|line| witness.saw(RowSeen { table: table.clone(), line }));
    }
    found.decide(&values).map_err(|undecided| match undecided {
        Undecided::NoRow => {
            let saw = found.inputs.iter().zip(&values).map(|(input, value)| format!("{input} = {}", value.plain()));
            EvalError::NoRow { table: table.clone(), saw: saw.collect::<Vec<_>>().join(", ") }
        }
        Undecided::Overflow => EvalError::Overflow,
        Undecided::Unfit => EvalError::Unknown(format!("{table}: an order or a sum of its values")),
    })
}

fn binary(operator: Operator, left: &Expr, right: &Expr, scope: &Scope<'_>) -> Result<Value, EvalError> {
    let both = || -> Result<(Value, Value), EvalError> { Ok((left.value(scope)?, right.value(scope)?)) };
    let unfit = |one: &Value, other: &Value| EvalError::Unfit {
        operator: operator.symbol().to_owned(),
        left: one.plain(),
        right: other.plain(),
    };
    let ordered = |holds: fn(Ordering) -> bool| {
        let (one, other) = both()?;
        one.order(&other).map(|order| Value::Bool(holds(order))).ok_or_else(|| unfit(&one, &other))
    };
    match operator {
        Operator::And => Ok(Value::Bool(left.holds(scope)? && right.holds(scope)?)),
        Operator::Or => Ok(Value::Bool(left.holds(scope)? || right.holds(scope)?)),
        Operator::Is => both().map(|(one, other)| Value::Bool(one == other)),
        Operator::IsNot => both().map(|(one, other)| Value::Bool(one != other)),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::AtMost => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::AtLeast => ordered(Ordering::is_ge),
        Operator::Plus | Operator::Minus | Operator::Times => {
            let (one, other) = both()?;
            arithmetic(operator, one, other, unfit)
        }
        Operator::In => match both()? {
            (one, Value::List(list)) => Ok(Value::Bool(list.contains(&one))),
            (one, other) => Err(unfit(&one, &other)),
        },
    }
}

fn arithmetic(
    operator: Operator,
    one: Value,
    other: Value,
    unfit: impl Fn(&Value, &Value) -> EvalError,
) -> Result<Value, EvalError> {
    match (operator, &one, &other) {
        (Operator::Plus, Value::Number(a), Value::Number(b)) => {
            a.checked_add(*b).map(Value::Number).ok_or(EvalError::Overflow)
        }
        (Operator::Minus, Value::Number(a), Value::Number(b)) => {
            a.checked_sub(*b).map(Value::Number).ok_or(EvalError::Overflow)
        }
        (Operator::Times, Value::Number(a), Value::Number(b)) => {
            a.checked_mul(*b).map(Value::Number).ok_or(EvalError::Overflow)
        }
        (Operator::Plus, Value::Text(a), Value::Text(b)) => Ok(Value::Text(format!("{a}{b}"))),
        (Operator::Plus, Value::Instant(a), Value::Duration(b)) => Ok(Value::Instant(a.plus_ms(*b))),
        (Operator::Plus, Value::Duration(a), Value::Duration(b)) => {
            a.checked_add(*b).map(Value::Duration).ok_or(EvalError::Overflow)
        }
        (Operator::Minus, Value::Duration(a), Value::Duration(b)) => {
            a.checked_sub(*b).map(Value::Duration).ok_or(EvalError::Overflow)
        }
        (Operator::Minus, Value::Instant(a), Value::Duration(b)) => {
            b.checked_neg().map(|back| Value::Instant(a.plus_ms(back))).ok_or(EvalError::Overflow)
        }
        (Operator::Plus, Value::Date(day), Value::Duration(length)) => moved(day, *length),
        (Operator::Minus, Value::Date(day), Value::Duration(length)) => {
            moved(day, length.checked_neg().ok_or(EvalError::Overflow)?)
        }
        (Operator::Minus, Value::Date(a), Value::Date(b)) => days_between(a, b),
        (Operator::Plus, Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            a.plus(b.minor).ok_or(EvalError::Overflow)
        }
        (Operator::Minus, Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            b.minor.checked_neg().and_then(|minor| a.plus(minor)).ok_or(EvalError::Overflow)
        }
        (Operator::Minus, Value::Instant(a), Value::Instant(b)) => Ok(Value::Duration(a.since_ms(*b))),
        _ => Err(unfit(&one, &other)),
    }
}

/// The day so many whole days on.
fn moved(day: &str, length_ms: i64) -> Result<Value, EvalError> {
    let days = jiff::Span::new().try_days(length_ms / DAY_MS).map_err(|_| EvalError::Overflow)?;
    let day = day.parse::<Date>().map_err(|_| EvalError::Empty(day.to_owned()))?;
    day.checked_add(days).map(|day| Value::Date(day.to_string())).map_err(|_| EvalError::Overflow)
}

/// The whole days from the second to the first.
fn days_between(later: &str, earlier: &str) -> Result<Value, EvalError> {
    let day = |text: &str| text.parse::<Date>().map_err(|_| EvalError::Empty(text.to_owned()));
    let span = day(later)?.since(day(earlier)?).map_err(|_| EvalError::Overflow)?;
    Ok(Value::Duration(i64::from(span.get_days()) * DAY_MS))
}
