//! What a field can hold.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::definition::{Field, Presence};
use crate::file::{Fault, File};
use crate::ids::Name;
use crate::time::{MINUTE_MS, Timestamp};

/// A value. Numbers are decimal; instants are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// No value: an optional field that was left empty.
    Nothing,
    /// Text, plain or markdown.
    Text(String),
    /// A decimal number.
    Number(Decimal),
    /// Yes or no.
    Bool(bool),
    /// One of a field's declared choices.
    Choice(Name),
    /// A date in ISO form, `2026-09-18`.
    Date(String),
    /// An instant.
    Instant(Timestamp),
    /// A length of time in milliseconds.
    Duration(i64),
    /// An amount of money.
    Money(Money),
    /// The key of a register's entry, a person, a team, or the number of a record.
    Ref(Name),
    /// A file, whose bytes lie beside the record.
    File(File),
    /// Several values of one type.
    List(Vec<Value>),
    /// Several named values: what a table with several outputs gives.
    Row(Fields),
}

impl Value {
    /// Whether there is nothing to read: no value, blank text, an empty list.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Nothing => true,
            Value::Text(text) => text.trim().is_empty(),
            Value::List(list) => list.is_empty(),
            Value::Row(row) => row.is_empty(),
            Value::Number(_)
            | Value::Bool(_)
            | Value::Choice(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::Duration(_)
            | Value::Money(_)
            | Value::Ref(_)
            | Value::File(_) => false,
        }
    }

    /// Text for people who have no labels at hand: logs, messages about failed expressions.
    pub fn plain(&self) -> String {
        match self {
            Value::Nothing => "nothing".to_owned(),
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.normalize().to_string(),
            Value::Bool(yes) => yes.to_string(),
            Value::Choice(name) | Value::Ref(name) => name.as_str().to_owned(),
            Value::Date(date) => date.clone(),
            Value::File(file) => file.name.clone(),
            Value::Money(money) => money.to_string(),
            Value::Instant(instant) => instant.to_local("UTC").unwrap_or_default(),
            Value::Duration(length_ms) if length_ms % MINUTE_MS == 0 => format!("{} minutes", length_ms / MINUTE_MS),
            Value::Duration(length_ms) => {
                format!("{} seconds", (Decimal::from(*length_ms) / Decimal::ONE_THOUSAND).normalize())
            }
            Value::List(list) => {
                let items: Vec<String> = list.iter().map(Value::plain).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Row(row) => {
                let named: Vec<String> = row.iter().map(|(name, value)| format!("{name}: {}", value.plain())).collect();
                format!("{{ {} }}", named.join(", "))
            }
        }
    }

    /// Which of two values is less, or earlier; nothing where they have no order between them.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
            (Value::Instant(a), Value::Instant(b)) => Some(a.cmp(b)),
            (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::Money(a), Value::Money(b)) if a.currency == b.currency => Some(a.minor.cmp(&b.minor)),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.plain())
    }
}

/// How many minor units make a unit: two decimal places, as in most currencies.
const MINOR: i64 = 100;

/// An amount of money in minor units: 1234 in `CNY` is 12.34 yuan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money {
    /// How many minor units.
    pub minor: i64,
    /// The currency, by its ISO 4217 code.
    pub currency: Name,
}

impl Money {
    /// An amount as people write it, `12.34 CNY`; nothing for any other text.
    pub fn read(text: &str) -> Option<Money> {
        let (amount, currency) = text.trim().split_once(' ')?;
        let currency = currency.trim();
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let minor = amount.parse::<Decimal>().ok()?.checked_mul(MINOR.into())?;
        if !minor.fract().is_zero() {
            return None;
        }
        Some(Money { minor: minor.trunc().to_string().parse().ok()?, currency: Name::from(currency) })
    }

    pub(crate) fn plus(&self, minor: i64) -> Option<Value> {
        let minor = self.minor.checked_add(minor)?;
        Some(Value::Money(Money { minor, currency: self.currency.clone() }))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        let unit = MINOR.unsigned_abs();
        write!(out, "{sign}{}.{:02} {}", minor / unit, minor % unit, self.currency)
    }
}

/// The values of a record, or of a form, by field.
pub type Fields = BTreeMap<Name, Value>;

/// What the rounds around a place are about, by the names that their `for each` gives, innermost first.
pub type Items = Vec<(Name, Value)>;

/// What a field is declared to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line of text, at most so many characters.
    Text {
        /// The most characters allowed.
        max: u32,
    },
    /// Several lines of text in markdown.
    Markdown,
    /// A decimal number.
    Number,
    /// Yes or no.
    Bool,
    /// A date.
    Date,
    /// An instant.
    Instant,
    /// A length of time.
    Duration,
    /// An amount of money.
    Money,
    /// A file.
    File,
    /// A role.
    Role,
    /// Rows of these columns, at most [`LIST_MAX`].
    Rows(Vec<Field>),
    /// One of the declared choices, in the declared order.
    Choice(Vec<crate::definition::Choice>),
    /// An entry of a register, or a record of a process of that name.
    Ref(Name),
    /// Several of one type, at most [`LIST_MAX`].
    Many(Box<FieldType>),
}

/// The most values that one list field holds.
pub const LIST_MAX: usize = 200;
/// The most characters that one markdown field holds.
pub const MARKDOWN_MAX: usize = 20_000;

impl FieldType {
    /// The type as the language writes it.
    pub fn word(&self) -> String {
        match self {
            FieldType::Text { .. } => "text".to_owned(),
            FieldType::Markdown => "markdown".to_owned(),
            FieldType::Number => "number".to_owned(),
            FieldType::Bool => "boolean".to_owned(),
            FieldType::Date => "date".to_owned(),
            FieldType::Instant => "instant".to_owned(),
            FieldType::Duration => "duration".to_owned(),
            FieldType::Money => "money".to_owned(),
            FieldType::File => "file".to_owned(),
            FieldType::Role => "role".to_owned(),
            FieldType::Rows(_) => "rows".to_owned(),
            FieldType::Choice(choices) => {
                choices.iter().map(|choice| choice.name.as_str()).collect::<Vec<_>>().join(" | ")
            }
            FieldType::Ref(register) => format!("ref {register}"),
            FieldType::Many(inner) => format!("many {}", inner.word()),
        }
    }

    /// The register to whose entries it leads, or the process to whose records.
    pub fn leads_to(&self) -> Option<&Name> {
        match self {
            FieldType::Ref(register) => Some(register),
            FieldType::Many(inner) => inner.leads_to(),
            _ => None,
        }
    }

    /// What a value from outside says as this type: machines write choices, days and the like as texts. One that says
    /// nothing of this type stays as it is, and does not fit.
    pub fn understood(&self, value: Value) -> Value {
        let Value::Text(text) = &value else { return value };
        let meant = match self {
            FieldType::Number => text.trim().parse().ok().map(Value::Number),
            FieldType::Bool => text.trim().parse().ok().map(Value::Bool),
            FieldType::Date => Some(Value::Date(text.clone())),
            FieldType::Instant => Timestamp::from_rfc3339(text).map(Value::Instant),
            FieldType::Money => Money::read(text).map(Value::Money),
            FieldType::Choice(_) => Some(Value::Choice(Name::from(text.as_str()))),
            FieldType::Ref(_) | FieldType::Role => Some(Value::Ref(Name::from(text.as_str()))),
            FieldType::Text { .. }
            | FieldType::Markdown
            | FieldType::Duration
            | FieldType::File
            | FieldType::Rows(_)
            | FieldType::Many(_) => None,
        };
        meant.unwrap_or(value)
    }

    /// Whether a value is of this type. [`Value::Nothing`] is of every type; whether it is allowed is
    /// another question.
    ///
    /// # Errors
    /// Says what is wrong with the value, for the person who typed it.
    pub fn admits(&self, value: &Value) -> Result<(), Misfit> {
        match (self, value) {
            (_, Value::Nothing) => Ok(()),
            (FieldType::Text { max }, Value::Text(text)) => {
                let limit = *max as usize;
                if text.chars().count() > limit { Err(Misfit::TooLong { limit }) } else { Ok(()) }
            }
            (FieldType::Markdown, Value::Text(text)) => {
                if text.chars().count() > MARKDOWN_MAX {
                    Err(Misfit::TooLong { limit: MARKDOWN_MAX })
                } else {
                    Ok(())
                }
            }
            (FieldType::Number, Value::Number(_))
            | (FieldType::Bool, Value::Bool(_))
            | (FieldType::Instant, Value::Instant(_))
            | (FieldType::Duration, Value::Duration(_))
            | (FieldType::Money, Value::Money(_))
            | (FieldType::Ref(_) | FieldType::Role, Value::Ref(_)) => Ok(()),
            (FieldType::File, Value::File(file)) => file.fits(),
            (FieldType::Date, Value::Date(date)) => {
                date.parse::<jiff::civil::Date>().map(|_| ()).map_err(|_| Misfit::NotADate)
            }
            (FieldType::Choice(choices), Value::Choice(chosen)) => {
                if choices.iter().any(|choice| choice.name == *chosen) {
                    Ok(())
                } else {
                    Err(Misfit::NotAChoice { allowed: choices.iter().map(|c| c.name.clone()).collect() })
                }
            }
            (FieldType::Many(inner), Value::List(list)) => {
                if list.len() > LIST_MAX {
                    return Err(Misfit::TooMany { limit: LIST_MAX });
                }
                list.iter().try_for_each(|item| inner.admits(item))
            }
            (FieldType::Rows(columns), Value::List(rows)) => {
                if rows.len() > LIST_MAX {
                    return Err(Misfit::TooMany { limit: LIST_MAX });
                }
                rows.iter().zip(1..).try_for_each(|(row, line)| admits_row(columns, row, line))
            }
            _ => Err(Misfit::WrongType),
        }
    }
}

fn admits_row(columns: &[Field], row: &Value, line: usize) -> Result<(), Misfit> {
    let Value::Row(row) = row else { return Err(Misfit::WrongType) };
    let wrong = |column: &Name, misfit| Misfit::InRow { line, column: column.clone(), misfit: Box::new(misfit) };
    if let Some(other) = row.keys().find(|name| !columns.iter().any(|column| column.name == **name)) {
        return Err(wrong(other, Misfit::NotAsked));
    }
    columns.iter().try_for_each(|Field { name, holds, presence, .. }| match row.get(name).filter(|it| !it.is_empty()) {
        Some(value) => holds.admits(value).map_err(|misfit| wrong(name, misfit)),
        None if *presence == Presence::Required => Err(wrong(name, Misfit::Missing)),
        None => Ok(()),
    })
}

/// Why a value does not fit its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// The field must be filled.
    Missing,
    /// More characters than allowed.
    TooLong {
        /// The most allowed.
        limit: usize,
    },
    /// More values than allowed.
    TooMany {
        /// The most allowed.
        limit: usize,
    },
    /// Not one of the choices.
    NotAChoice {
        /// What may be chosen.
        allowed: Vec<Name>,
    },
    /// Not a calendar date.
    NotADate,
    /// No entry or record of that key.
    NoSuchEntry {
        /// The register or process asked.
        register: Name,
        /// The key that is not there.
        key: Name,
    },
    /// Text where a number belongs, and the like.
    WrongType,
    /// The form does not ask for this field, or there is no such field.
    NotAsked,
    /// A file with more bytes than allowed.
    TooLarge {
        /// The most allowed.
        limit: u64,
    },
    /// A file whose bytes are not taken.
    BadContent(Fault),
    /// The record refers to itself.
    RefersToItself,
    /// A value of a row does not fit its column.
    InRow {
        /// Which row, from 1.
        line: usize,
        /// The column.
        column: Name,
        /// Why it does not fit.
        misfit: Box<Misfit>,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Missing => out.write_str("must be filled in"),
            Misfit::TooLong { limit } => write!(out, "has more than {limit} characters"),
            Misfit::TooMany { limit } => write!(out, "has more than {limit} values"),
            Misfit::NotAChoice { allowed } => {
                let allowed: Vec<&str> = allowed.iter().map(Name::as_str).collect();
                write!(out, "is not one of {}", allowed.join(", "))
            }
            Misfit::NotADate => out.write_str("is not a date such as 2026-09-18"),
            Misfit::NoSuchEntry { register, key } => write!(out, "names a {register} \"{key}\" that does not exist"),
            Misfit::WrongType => out.write_str("is of the wrong type"),
            Misfit::NotAsked => out.write_str("is not asked for here"),
            Misfit::TooLarge { limit } => write!(out, "has more than {limit} bytes"),
            Misfit::BadContent(fault) => write!(out, "{fault}"),
            Misfit::RefersToItself => out.write_str("names the record itself"),
            Misfit::InRow { line, column, misfit } => write!(out, "has a {column} in line {line} that {misfit}"),
        }
    }
}
