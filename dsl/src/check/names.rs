//! Every name that a process declares, collected before anything is checked.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Choice, Field, Origin, Presence};
use engine::ids::Name;
use engine::register::{CONTENT, HASH, ITEM};
use engine::table::{Aggregation, HitPolicy};
use engine::value::FieldType;

use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::registers::registers;
use crate::tree::{
    ChoiceText, Decide, FieldText, Gives, Holds, Item, Parameter, Place, Process, Received, StartOnText, Statement,
    StatementKind, TermKind, Word, Work,
};

/// How many characters a text field holds where the definition does not say.
const TEXT_MAX_DEFAULT: u32 = 500;

/// The most fields of a record.
pub(crate) const FIELDS_MAX: usize = 1_000;
/// The most values of one choice; a longer list is a register.
pub(crate) const CHOICES_MAX: usize = 200;

/// What a process declares.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) process: String,
    pub(crate) choices: BTreeMap<String, Vec<Choice>>,
    pub(crate) fields: Vec<FieldName>,
    /// Where the first field of a name stands among them.
    places: BTreeMap<String, usize>,
    /// Decision tables and rules, by name.
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) templates: BTreeSet<String>,
    pub(crate) steps: BTreeMap<String, (StepSort, Place)>,
    pub(crate) outcomes: BTreeSet<String>,
    /// Ends with labels, by outcome.
    pub(crate) ends: BTreeMap<String, Place>,
    pub(crate) messages: BTreeSet<String>,
    pub(crate) signals: BTreeSet<String>,
    pub(crate) jobs: BTreeSet<String>,
    /// The roles that it has labels for; where there are none, any role may be named.
    pub(crate) roles: BTreeSet<String>,
    pub(crate) links: BTreeSet<String>,
    /// The registers, with the attributes of their entries.
    pub(crate) registers: BTreeMap<String, Vec<(String, FieldType)>>,
    /// What it looks for, with the process whose records are looked at.
    pub(crate) finds: BTreeMap<String, String>,
}

/// A field with what expressions need to know of it.
#[derive(Clone)]
pub(crate) struct FieldName {
    pub(crate) name: String,
    pub(crate) holds: FieldType,
    pub(crate) optional: bool,
    pub(crate) derived: bool,
    pub(crate) default: bool,
}

/// What a table or rule takes and gives.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) sort: FunctionSort,
    pub(crate) inputs: Vec<(Word, Option<FieldType>)>,
    pub(crate) gives: Type,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum FunctionSort {
    /// With what each of its rows gives.
    Table(Type),
    Rule,
}

/// What a named step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepSort {
    Task,
    Milestone,
    Race,
    Together,
    Aside,
    Approval,
}

/// What a baseline holds: a row for each entry.
pub(crate) fn baseline() -> FieldType {
    let column = |name: &str, en: &str, zh: &str, holds| {
        let origin = Origin::Given { default: None };
        Field::new(Name::from(name), labels(en, zh), holds, origin, Presence::Required)
    };
    let max = engine::value::MARKDOWN_MAX as u32;
    FieldType::Rows(vec![
        column(ITEM, "Item", "配置项", FieldType::Ref(Name::from("configuration_item"))),
        column(CONTENT, "Content", "内容", FieldType::Text { max }),
        column(HASH, "SHA-256", "SHA-256", FieldType::Text { max: 64 }),
    ])
}

impl Names {
    /// The attributes of a register's entries; nothing for what is no register.
    pub(crate) fn attributes(&self, register: &str) -> Option<&[(String, FieldType)]> {
        self.registers.get(register).map(Vec::as_slice)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&FieldName> {
        self.places.get(name).and_then(|place| self.fields.get(*place))
    }

    pub(crate) fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    pub(crate) fn step_names(&self, sort: StepSort) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(move |(_, (held, _))| *held == sort).map(|(name, _)| name.as_str())
    }
}

impl Checker<'_> {
    /// What a file declares beside its process.
    pub(crate) fn collect_registers(&self) -> Names {
        let mut names = Names::default();
        names.registers.extend(registers().map(|(name, attributes)| (name.to_owned(), attributes)));
        for (name, register) in &self.among.registers {
            let held = register.fields.iter().map(|field| (field.name.to_string(), field.holds.clone())).collect();
            names.registers.insert(name.clone(), held);
        }
        let declared = &self.file.registers;
        self.unique(declared.iter().map(|register| &register.name), ("register", "登记册"));
        // Their names first, since they may refer to one another.
        names.registers.extend(declared.iter().map(|register| (register.name.text.clone(), Vec::new())));
        for register in declared {
            let one = |field: &FieldText| (field.name.text.clone(), self.holds(&field.holds, &names));
            let attributes = register.fields().map(one).collect();
            names.registers.insert(register.name.text.clone(), attributes);
        }
        names
    }

    pub(crate) fn collect(&self, process: &Process) -> Names {
        let mut names = Names { process: process.name.text.clone(), ..self.collect_registers() };
        self.collect_choices(process, &mut names);
        self.limited(fields(process).map(|field| &field.name.span), FIELDS_MAX, ("fields", "个字段"));
        for field in fields(process) {
            let holds = self.holds(&field.holds, &names);
            names.places.entry(field.name.text.clone()).or_insert(names.fields.len());
            names.fields.push(FieldName {
                name: field.name.text.clone(),
                holds,
                optional: field.optional,
                derived: field.derived.is_some(),
                default: field.default.is_some(),
            });
        }
        let finds = super::finds::finds(&process.items);
        names.finds = finds.map(|find| (find.name.text.clone(), find.process.text.clone())).collect();
        names.templates = self.file.notices.iter().map(|notice| notice.name.text.clone()).collect();
        self.unique(self.file.notices.iter().map(|notice| &notice.name), ("notice", "通知模板"));
        self.collect_functions(process, &mut names);
        self.collect_steps(process, &mut names);
        names
    }

    fn collect_choices(&self, process: &Process, names: &mut Names) {
        let mut words = Vec::new();
        for item in &process.items {
            if let Item::Choices(word, choices) = item {
                words.push(word);
                let choices = self.choices(choices);
                names.choices.insert(word.text.clone(), choices);
            }
        }
        self.unique(words, ("choices", "选项集"));
    }

    fn choices(&self, choices: &[ChoiceText]) -> Vec<Choice> {
        self.unique(choices.iter().map(|choice| &choice.name), ("choice", "选项"));
        self.limited(choices.iter().map(|choice| &choice.name.span), CHOICES_MAX, ("choices", "个选项"));
        choices
            .iter()
            .take(CHOICES_MAX)
            .map(|choice| Choice {
                name: name(&choice.name),
                labels: self.tags(choice.tags.as_ref(), &choice.name, ("choice", "选项")),
            })
            .collect()
    }

    /// What a written type means.
    pub(crate) fn holds(&self, holds: &Holds, names: &Names) -> FieldType {
        match holds {
            Holds::Plain(word, max) => self.plain(word, *max, names),
            Holds::Ref(word) => FieldType::Ref(self.register_of(word, names)),
            Holds::Many(word) => match self.basic(word) {
                Some(inner) => FieldType::Many(Box::new(inner)),
                None if names.choices.contains_key(&word.text) => {
                    FieldType::Many(Box::new(self.plain(word, None, names)))
                }
                None => FieldType::Many(Box::new(FieldType::Ref(self.register_of(word, names)))),
            },
            Holds::Inline(choices) => FieldType::Choice(self.choices(choices)),
            Holds::Rows(fields) => {
                self.unique(fields.iter().map(|field| &field.name), ("field", "字段"));
                FieldType::Rows(fields.iter().map(|field| self.column(field, names)).collect())
            }
        }
    }

    /// A field of a row.
    fn column(&self, field: &FieldText, names: &Names) -> Field {
        let FieldText {
            name: word,
            was,
            holds,
            optional: _,
            default,
            derived,
            must,
            seen_by,
            changed_by,
            evidence,
            relation,
            tags: _,
        } = field;
        let more = was.is_some() || default.is_some() || derived.is_some() || !must.is_empty();
        let people = !seen_by.is_empty() || !changed_by.is_empty() || !evidence.is_empty() || relation.is_some();
        let kind = self.holds(holds, names);
        let is_file = kind == FieldType::File || kind == FieldType::Many(Box::new(FieldType::File));
        if more || people || is_file || matches!(holds, Holds::Rows(_)) {
            let message = labels(
                format!("of `{}` more is said than a row's field can have", word.text),
                format!("行字段 `{}` 不能有这些内容", word.text),
            );
            let hint = labels(
                "it has a type other than rows or a file, `optional` and a label",
                "行字段只有类型（rows 和 file 除外）、`optional` 和标签",
            );
            self.report(Problem::error(Code::Syntax, word.span.clone(), message).with_hint(hint));
        }
        let labels = self.tags(field.tags.as_ref(), &field.name, ("field", "字段"));
        let presence = if field.optional { Presence::Optional } else { Presence::Required };
        Field::new(name(&field.name), labels, kind, Origin::Given { default: None }, presence)
    }

    fn plain(&self, word: &Word, max: Option<u32>, names: &Names) -> FieldType {
        if let Some(choices) = names.choices.get(&word.text) {
            return FieldType::Choice(choices.clone());
        }
        match (self.basic(word), max) {
            (Some(FieldType::Text { .. }), Some(max)) => FieldType::Text { max },
            (Some(basic), _) => basic,
            (None, _) => {
                // Read as what is meant, so that nothing else seems wrong.
                let meant = self.unknown_type(word, names);
                let basic = meant.and_then(|text| self.basic(&Word { text, span: word.span.clone() }));
                basic.unwrap_or(FieldType::Text { max: TEXT_MAX_DEFAULT })
            }
        }
    }

    fn unknown_type(&self, word: &Word, names: &Names) -> Option<String> {
        let known = || BASIC.iter().copied().chain(names.choices.keys().map(String::as_str));
        let elsewhere =
            ELSEWHERE.iter().find(|(other, _)| word.text.eq_ignore_ascii_case(other)).map(|(_, ours)| *ours);
        let meant = elsewhere.or_else(|| crate::nearest::nearest(&word.text, known()));
        let mut problem = Problem::error(
            Code::UnknownType,
            word.span.clone(),
            labels(format!("there is no type called `{}`", word.text), format!("没有名为 `{}` 的类型", word.text)),
        );
        problem.hint = Some(match meant {
            Some(meant) => labels(format!("did you mean `{meant}`?"), format!("是否想写 `{meant}`？")),
            None => {
                let all: Vec<String> = known().map(|name| format!("`{name}`")).collect();
                labels(format!("there are {}", all.join(", ")), format!("可用的有 {}", all.join("、")))
            }
        });
        self.report(problem);
        meant.map(str::to_owned)
    }

    fn basic(&self, word: &Word) -> Option<FieldType> {
        let basic = match word.text.as_str() {
            "text" => FieldType::Text { max: TEXT_MAX_DEFAULT },
            "markdown" => FieldType::Markdown,
            "number" => FieldType::Number,
            "boolean" => FieldType::Bool,
            "date" => FieldType::Date,
            "instant" => FieldType::Instant,
            "duration" => FieldType::Duration,
            "money" => FieldType::Money,
            "file" => FieldType::File,
            "role" => FieldType::Role,
            "baseline" => baseline(),
            "person" | "team" => FieldType::Ref(name(word)),
            _ => return None,
        };
        Some(basic)
    }

    fn register_of(&self, word: &Word, names: &Names) -> Name {
        let known = names.registers.contains_key(&word.text)
            || word.text == names.process
            || self.among.processes.contains_key(&word.text);
        if !known {
            let all = names
                .registers
                .keys()
                .map(String::as_str)
                .chain([names.process.as_str()])
                .chain(self.among.processes());
            self.unknown(Code::UnknownRegister, word, ("register or process", "登记册或流程"), all);
        }
        name(word)
    }

    fn collect_functions(&self, process: &Process, names: &mut Names) {
        let mut words: Vec<&Word> = Vec::new();
        for item in &process.items {
            if let Item::Decide(table) = item {
                words.push(&table.name);
                let row = self.row_gives(table, names);
                let function = Function {
                    inputs: self.inputs(&table.inputs, names),
                    gives: table_gives(table.hit, &row),
                    sort: FunctionSort::Table(row),
                };
                names.functions.insert(table.name.text.clone(), function);
            }
        }
        for rule in &self.file.rules {
            words.push(&rule.name);
            let function = Function {
                sort: FunctionSort::Rule,
                inputs: self.inputs(&rule.inputs, names),
                gives: Type::of(&self.holds(&rule.gives, names)),
            };
            names.functions.insert(rule.name.text.clone(), function);
        }
        self.unique(words, ("table or rule", "决策表或规则"));
    }

    /// The inputs of a table or rule: with a type of their own, or named like a field and of its type.
    fn inputs(&self, inputs: &[Parameter], names: &Names) -> Vec<(Word, Option<FieldType>)> {
        self.unique(inputs.iter().map(|input| &input.name), ("input", "输入"));
        let one = |input: &Parameter| match (&input.holds, names.field(&input.name.text)) {
            (Some(holds), _) => Some(self.holds(holds, names)),
            (None, Some(field)) => Some(field.holds.clone()),
            (None, None) => {
                if !self.doubtful.contains(&input.name.text) {
                    self.report(untyped(&input.name));
                }
                None
            }
        };
        inputs.iter().map(|input| (input.name.clone(), one(input))).collect()
    }

    /// What a row of a table gives: as it says, as the field of its name holds, or as the first row shows.
    fn row_gives(&self, table: &Decide, names: &Names) -> Type {
        match &table.gives {
            Gives::One(holds) => return Type::of(&self.holds(holds, names)),
            Gives::Row(outputs) => {
                let outputs = self.inputs(outputs, names).into_iter();
                let one = |holds: Option<FieldType>| holds.map_or(Type::Unknown, |holds| Type::of(&holds));
                return Type::Row(outputs.map(|(word, holds)| (word.text, one(holds))).collect());
            }
            Gives::Unsaid => {}
        }
        match (names.field(&table.name.text).map(|field| Type::of(&field.holds)), table.hit) {
            (None, _) | (_, HitPolicy::Collect(Aggregation::Count)) => {}
            (
                Some(Type::Many(one)),
                HitPolicy::RuleOrder | HitPolicy::OutputOrder | HitPolicy::Collect(Aggregation::List),
            ) => return *one,
            (Some(of), _) => return of,
        }
        match table.rows.first().and_then(|row| row.gives.first()).map(|term| &term.kind) {
            Some(TermKind::Text(_)) => Type::Text,
            Some(TermKind::Number(_)) => Type::Number,
            Some(TermKind::Truth(_)) => Type::Bool,
            Some(TermKind::Date(_)) => Type::Date,
            Some(TermKind::Instant(_)) => Type::Instant,
            Some(TermKind::Length(_)) => Type::Duration,
            Some(TermKind::Name(_)) => {
                let message = labels(
                    format!("what table `{}` gives is not known", table.name.text),
                    format!("不知道决策表 `{}` 的结果是什么类型", table.name.text),
                );
                let hint = labels(
                    "name it like the field that it fills, or write `-> type` after its inputs",
                    "请让它与所填字段同名，或在输入之后写 `-> 类型`",
                );
                self.report(Problem::error(Code::UntypedInput, table.name.span.clone(), message).with_hint(hint));
                Type::Unknown
            }
            _ => Type::Unknown,
        }
    }

    fn collect_steps(&self, process: &Process, names: &mut Names) {
        let mut words = Vec::new();
        for item in &process.items {
            match item {
                Item::Flow(statement) => self.collect_statement(statement, names, &mut words),
                Item::Aside(aside) => {
                    names.steps.insert(aside.name.text.clone(), (StepSort::Aside, aside.name.span.clone()));
                    words.push(aside.name.clone());
                    self.collect_flow(&aside.flow, names, &mut words);
                }
                Item::Handler { flow, .. } | Item::Extra { flow, .. } => self.collect_flow(flow, names, &mut words),
                Item::Messages(messages) => {
                    self.unique(messages.iter().map(|message| &message.name), ("message", "消息"));
                }
                Item::Roles(roles) => {
                    self.unique(roles.iter().map(|role| &role.name), ("role", "角色"));
                    names.roles.extend(roles.iter().map(|role| role.name.text.clone()));
                }
                Item::Links(links) => {
                    self.unique(links.iter().map(|link| &link.name), ("link", "关联"));
                    names.links.extend(links.iter().map(|link| link.name.text.clone()));
                }
                Item::StartOn(StartOnText { message, .. }) => {
                    names.messages.insert(message.text.clone());
                }
                _ => {}
            }
        }
        self.unique(&words, ("step", "步骤"));
    }

    fn collect_flow(&self, flow: &[Statement], names: &mut Names, words: &mut Vec<Word>) {
        flow.iter().for_each(|statement| self.collect_statement(statement, names, words));
    }

    fn collect_statement(&self, statement: &Statement, names: &mut Names, words: &mut Vec<Word>) {
        let mut declare = |word: &Word, sort: StepSort| {
            names.steps.entry(word.text.clone()).or_insert((sort, word.span.clone()));
            words.push(word.clone());
        };
        match &statement.kind {
            StatementKind::Task(task) => {
                declare(&task.name, StepSort::Task);
                names.outcomes.extend(task.outcomes.iter().map(|outcome| outcome.name.text.clone()));
            }
            StatementKind::Approval(approval) => {
                declare(&approval.name, StepSort::Approval);
                names.outcomes.extend(approval.outcomes.iter().map(|outcome| outcome.name.text.clone()));
            }
            StatementKind::Milestone { name, .. } => declare(name, StepSort::Milestone),
            StatementKind::Race { name: Some(word), .. } => declare(word, StepSort::Race),
            StatementKind::Together(together) => {
                if let Some(word) = &together.name {
                    declare(word, StepSort::Together);
                }
            }
            StatementKind::Receive(receive) => match receive.what {
                Received::Message => {
                    names.messages.insert(receive.name.text.clone());
                }
                Received::Signal => {
                    names.signals.insert(receive.name.text.clone());
                }
            },
            StatementKind::Job(job) => match &job.work {
                Work::Worker(word) => {
                    names.jobs.insert(word.text.clone());
                }
                Work::Http { .. } => {}
            },
            StatementKind::End(word, Some(_)) => {
                if let Some(first) = names.ends.insert(word.text.clone(), word.span.clone()) {
                    let message = labels(
                        format!("end `{}` has its labels already", word.text),
                        format!("结束 `{}` 已有标签", word.text),
                    );
                    let note = labels("first here", "首次出现在这里");
                    let hint = labels(
                        format!("write `end {}` alone here", word.text),
                        format!("此处只写 `end {}` 即可", word.text),
                    );
                    let problem = Problem::error(Code::Duplicate, word.span.clone(), message).with_hint(hint);
                    self.report(problem.with_note(first, note));
                }
            }
            StatementKind::Race { name: None, .. }
            | StatementKind::End(_, None)
            | StatementKind::Timer { .. }
            | StatementKind::Wait { .. }
            | StatementKind::Choose { .. }
            | StatementKind::Switch(_)
            | StatementKind::ForEach(_)
            | StatementKind::Repeat { .. }
            | StatementKind::Call(_)
            | StatementKind::Act(_)
            | StatementKind::Undo
            | StatementKind::Finish
            | StatementKind::Go(_) => {}
        }
        statement.kind.flows().into_iter().for_each(|flow| self.collect_flow(flow, names, words));
    }
}

/// What a call of a table gives, by what its rows give.
fn table_gives(hit: HitPolicy, row: &Type) -> Type {
    match hit {
        HitPolicy::Unique | HitPolicy::First | HitPolicy::Priority | HitPolicy::Any => row.clone(),
        HitPolicy::RuleOrder | HitPolicy::OutputOrder | HitPolicy::Collect(Aggregation::List) => {
            Type::Many(Box::new(row.clone()))
        }
        HitPolicy::Collect(Aggregation::Sum | Aggregation::Min | Aggregation::Max) => row.clone(),
        HitPolicy::Collect(Aggregation::Count) => Type::Number,
    }
}

/// The fields as written, in order.
pub(crate) fn fields(process: &Process) -> impl Iterator<Item = &FieldText> {
    let all = process.items.iter().flat_map(|item| match item {
        Item::Record(fields) => fields.as_slice(),
        _ => &[],
    });
    // One more than there may be, which is reported.
    all.take(FIELDS_MAX + 1)
}

/// The words that begin a type, for hints.
const BASIC: &[&str] = &[
    "text", "markdown", "number", "money", "boolean", "date", "instant", "duration", "person", "team", "role", "file",
    "ref", "many", "rows",
];

/// Types as other languages call them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("string", "text"),
    ("str", "text"),
    ("varchar", "text"),
    ("int", "number"),
    ("integer", "number"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("bool", "boolean"),
    ("datetime", "instant"),
    ("timestamp", "instant"),
    ("time", "instant"),
    ("user", "person"),
    ("group", "team"),
    ("list", "many"),
];

fn untyped(word: &Word) -> Problem {
    let message =
        labels(format!("the type of input `{}` is not known", word.text), format!("不知道输入 `{}` 的类型", word.text));
    let hint = labels(
        "an input is named like a field of the record, or has its type: `name: number`",
        "输入应与记录字段同名，或写明类型：`name: number`",
    );
    Problem::error(Code::UntypedInput, word.span.clone(), message).with_hint(hint)
}
