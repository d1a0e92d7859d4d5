//! What an expression can be, and how to say so.

use engine::definition::{Choice, Labels};
use engine::value::FieldType;

use crate::problem::labels;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Number,
    Bool,
    Date,
    Instant,
    Duration,
    Choice(Vec<Choice>),
    Ref(String),
    Money,
    File,
    Role,
    Many(Box<Type>),
    /// Several named values: a row of a list, what a table with several outputs gives.
    Row(Vec<(String, Type)>),
    /// `nothing`, which every field may hold.
    Nothing,
    /// Something that was reported already.
    Unknown,
}

impl Type {
    pub(crate) fn of(holds: &FieldType) -> Type {
        match holds {
            FieldType::Text { .. } | FieldType::Markdown => Type::Text,
            FieldType::Number => Type::Number,
            FieldType::Bool => Type::Bool,
            FieldType::Date => Type::Date,
            FieldType::Instant => Type::Instant,
            FieldType::Duration => Type::Duration,
            FieldType::Choice(choices) => Type::Choice(choices.clone()),
            FieldType::Ref(register) => Type::Ref(register.to_string()),
            FieldType::Many(inner) => Type::Many(Box::new(Type::of(inner))),
            FieldType::Money => Type::Money,
            FieldType::File => Type::File,
            FieldType::Role => Type::Role,
            FieldType::Rows(fields) => {
                let fields = fields.iter().map(|field| (field.name.to_string(), Type::of(&field.holds))).collect();
                Type::Many(Box::new(Type::Row(fields)))
            }
        }
    }

    /// Whether a value of this type may stand where the other is wanted.
    pub(crate) fn fits(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Type::Unknown | Type::Nothing, _) | (_, Type::Unknown | Type::Nothing) => true,
            (Type::Many(one), Type::Many(other)) => one.fits(other),
            (Type::Choice(one), Type::Choice(other)) => names(one) == names(other),
            _ => self == wanted,
        }
    }

    pub(crate) fn described(&self) -> Labels {
        match self {
            Type::Text => labels("text", "文字"),
            Type::Number => labels("a number", "数字"),
            Type::Bool => labels("yes or no", "是或否"),
            Type::Date => labels("a date", "日期"),
            Type::Instant => labels("an instant", "时刻"),
            Type::Duration => labels("a length of time", "时长"),
            Type::Choice(choices) => {
                let listed = names(choices);
                labels(format!("one of {}", listed.join(", ")), format!("选项 {} 之一", listed.join("、")))
            }
            Type::Ref(register) => match register.as_str() {
                "person" => labels("a person", "人员"),
                "team" => labels("a team", "团队"),
                other => labels(format!("a {other}"), format!("对 {other} 的引用")),
            },
            Type::Money => labels("an amount of money", "金额"),
            Type::File => labels("a file", "文件"),
            Type::Role => labels("a role", "角色"),
            Type::Row(fields) => {
                let listed = fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
                labels(format!("a row of {listed}"), format!("行（{listed}）"))
            }
            Type::Many(inner) => {
                let inner = inner.described();
                labels(format!("a list ({})", inner.en), format!("列表（{}）", inner.zh))
            }
            Type::Nothing => labels("nothing", "空"),
            Type::Unknown => labels("something unknown", "未知类型"),
        }
    }
}

fn names(choices: &[Choice]) -> Vec<&str> {
    choices.iter().map(|choice| choice.name.as_str()).collect()
}
