//! Decision tables: typed cells, no gaps, no rows that contradict one another or never count.

use std::cmp::Ordering;
use std::ops::Bound;

use engine::definition::Presence;
use engine::ids::Name;
use engine::table::{Aggregation, Cell, HitPolicy, Row, Table, Test};
use engine::time::ZONE;
use engine::value::Value;
use rust_decimal::Decimal;

use super::names::FunctionSort;
use super::pieces::{MEMBERS_MAX, pieces};
use super::proof::{Case, Grid, Unproved};
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{CellText, Decide, Item, Place, Process, RowText, Term, TermKind, TestText};

/// The most rows of a table; every two of them are compared.
const ROWS_MAX: usize = 2_000;
/// The most inputs of a table.
const INPUTS_MAX: usize = 50;
/// The most values and ranges that the conditions of a table name together.
const TESTS_MAX: usize = 10_000;
/// The most contradictions of one table that are shown at once.
const SHOWN_MAX: usize = 10;

/// An input of a table.
struct Input {
    name: String,
    of: Type,
    presence: Presence,
}

impl Checker<'_> {
    pub(super) fn tables(&self, process: &Process) -> Vec<Table> {
        let tables = process.items.iter().filter_map(|item| match item {
            Item::Decide(table) => Some(self.table(table)),
            _ => None,
        });
        tables.collect()
    }

    fn table(&self, written: &Decide) -> Table {
        let before = self.count();
        let (inputs, gives) = self.signature(written);
        self.fits_hit(written, &gives);
        let mut table = Table {
            name: name(&written.name),
            inputs: written.inputs.iter().map(|input| name(&input.name)).collect(),
            hit: written.hit,
            rows: written.rows.iter().map(|row| self.row(written, row, &inputs, &gives)).collect(),
            otherwise: self.otherwise(written, &gives),
        };
        let known = inputs.iter().all(|input| input.of != Type::Unknown) && self.doubtful.is_empty();
        if known && self.count() == before && self.is_in_limits(written) {
            self.prove(written, &table, &inputs, &gives);
        }
        if matches!(table.hit, HitPolicy::Priority | HitPolicy::OutputOrder) {
            table.rows.sort_by_key(|row| rank(&row.gives, &gives));
        }
        table
    }

    /// The inputs, and what each row gives.
    fn signature(&self, written: &Decide) -> (Vec<Input>, Type) {
        let Some(function) = self.names.functions.get(&written.name.text) else { return (Vec::new(), Type::Unknown) };
        let inputs = function.inputs.iter().map(|(word, holds)| Input {
            name: word.text.clone(),
            of: holds.as_ref().map_or(Type::Unknown, Type::of),
            presence: match self.names.field(&word.text) {
                Some(field) if field.optional => Presence::Optional,
                Some(_) | None => Presence::Required,
            },
        });
        let gives = match &function.sort {
            FunctionSort::Table(row) => row.clone(),
            FunctionSort::Rule => Type::Unknown,
        };
        (inputs.collect(), gives)
    }

    /// Whether the rows can be put together as the table says.
    fn fits_hit(&self, written: &Decide, gives: &Type) {
        let needed = match (written.hit, gives) {
            (_, Type::Unknown) => return,
            (HitPolicy::Priority | HitPolicy::OutputOrder, gives) if choices_of(gives).is_empty() => labels(
                "goes by the order of choices, and the rows give none",
                "按选项的声明顺序取舍，而各行的结果不是选项",
            ),
            (HitPolicy::Collect(Aggregation::Sum), gives) if !matches!(gives, Type::Number | Type::Duration) => labels(
                "adds numbers or lengths of time, and the rows give neither",
                "只能合计数字或时长，而各行的结果都不是",
            ),
            (HitPolicy::Collect(Aggregation::Min | Aggregation::Max), gives) if !has_order(gives) => labels(
                "compares numbers, dates, instants or lengths of time, and the rows give none of them",
                "只能比较数字、日期、时刻或时长，而各行的结果都不是",
            ),
            _ => return,
        };
        let policy = self.source.get(written.hit_span.clone()).unwrap_or_default();
        let message = labels(format!("`{policy}` {}", needed.en), format!("`{policy}` {}", needed.zh));
        let hint = labels(
            "take `collect` alone to get a list, or let the rows give something that fits",
            "只写 `collect` 可得到列表，或让各行给出合适的值",
        );
        self.report(Problem::error(Code::UnfitHit, written.hit_span.clone(), message).with_hint(hint));
    }

    fn row(&self, table: &Decide, row: &RowText, inputs: &[Input], gives: &Type) -> Row {
        if row.cells.len() != inputs.len() {
            let (has, wants) = (row.cells.len(), inputs.len());
            let message = labels(
                format!("this row has {}, the table has {}", plural(has, "condition"), plural(wants, "input")),
                format!("这一行有 {has} 个条件，而决策表有 {wants} 个输入"),
            );
            let hint = labels("write `-` where an input does not matter", "与某个输入无关时写 `-`");
            self.report(Problem::error(Code::CellCount, row.span.clone(), message).with_hint(hint));
        }
        let gathers = match table.hit {
            HitPolicy::Unique | HitPolicy::First | HitPolicy::Priority | HitPolicy::Any => false,
            HitPolicy::RuleOrder | HitPolicy::OutputOrder | HitPolicy::Collect(_) => true,
        };
        if let Some(nothing) = row.gives.iter().find(|term| gathers && matches!(term.kind, TermKind::Nothing)) {
            let message =
                labels("rows that are put together must each give a value", "各行结果要合在一起，因此每行都必须给出值");
            let hint = labels("leave the row out where it adds nothing", "该行没有值可给时，请删去这一行");
            self.report(Problem::error(Code::Mismatch, nothing.span.clone(), message).with_hint(hint));
        }
        Row {
            cells: row.cells.iter().zip(inputs).map(|(cell, input)| self.cell(cell, &input.of)).collect(),
            gives: self.given(&row.gives, &row.span, gives),
            line: self.line(&row.span),
        }
    }

    /// What a row gives: one value, or one for each output.
    fn given(&self, terms: &[Term], span: &Place, gives: &Type) -> Value {
        let outputs: &[(String, Type)] = match gives {
            Type::Row(outputs) => outputs,
            _ => &[],
        };
        let wants = outputs.len().max(1);
        if terms.len() != wants {
            let has = terms.len();
            let (values, outputs) = (plural(has, "value"), plural(wants, "output"));
            let message = labels(
                format!("this row gives {values}, the table has {outputs}"),
                format!("这一行给出 {has} 个值，而决策表有 {wants} 个输出"),
            );
            let hint = labels("write them after `=>`, with commas between", "请在 `=>` 之后依次写出，用逗号分隔");
            self.report(Problem::error(Code::CellCount, span.clone(), message).with_hint(hint));
        }
        match (outputs, terms) {
            ([], []) => Value::Nothing,
            ([], [only, ..]) => self.literal(only, gives),
            (outputs, terms) => Value::Row(
                outputs
                    .iter()
                    .zip(terms)
                    .map(|((output, of), term)| (Name::from(output.as_str()), self.literal(term, of)))
                    .collect(),
            ),
        }
    }

    fn otherwise(&self, written: &Decide, gives: &Type) -> Option<Value> {
        match (&written.otherwise, written.hit) {
            (Some(line), _) if matches!(line.gives.as_slice(), [Term { kind: TermKind::Nothing, .. }]) => {
                Some(Value::Nothing)
            }
            (Some(line), HitPolicy::Collect(Aggregation::Count)) => {
                let message = labels(
                    "a table that counts gives 0 where no row matches; only `else => nothing` may say otherwise",
                    "计数的决策表在没有匹配行时给出 0；只能用 `else => nothing` 另作说明",
                );
                let hint =
                    labels("take the `else` out, or write `else => nothing`", "请删去 `else`，或写 `else => nothing`");
                self.report(Problem::error(Code::UnfitHit, line.span.clone(), message).with_hint(hint));
                None
            }
            (Some(line), _) => Some(self.given(&line.gives, &line.span, gives)),
            // A sum of no rows is zero, of whatever is added.
            (None, HitPolicy::Collect(Aggregation::Sum)) => match gives {
                Type::Duration => Some(Value::Duration(0)),
                _ => Some(Value::Number(Decimal::ZERO)),
            },
            (None, _) => None,
        }
    }

    // --- conditions

    fn cell(&self, cell: &CellText, of: &Type) -> Cell {
        let tests = |tests: &[TestText]| tests.iter().map(|test| self.test(test, of)).collect();
        match cell {
            CellText::Any => Cell::Any,
            CellText::Is(held) => Cell::OneOf(tests(held)),
            CellText::Not(held) => Cell::NoneOf(tests(held)),
        }
    }

    fn test(&self, test: &TestText, of: &Type) -> Test {
        match (test, of) {
            (TestText::Is(term), Type::Many(inner)) => match &term.kind {
                TermKind::Nothing => Test::Is(Value::Nothing),
                TermKind::List(items) => Test::Has(items.iter().map(|item| self.literal(item, inner)).collect()),
                _ => Test::Has(vec![self.literal(term, inner)]),
            },
            (TestText::Is(term), _) => Test::Is(self.literal(term, of)),
            (TestText::Between(span, from, to), _) => {
                if *of != Type::Unknown && !has_order(of) {
                    let of = of.described();
                    let message = labels(
                        format!("the input is {}; ranges are of numbers, dates, instants or lengths of time", of.en),
                        format!("该输入为{}；只有数字、日期、时刻和时长才能用范围作条件", of.zh),
                    );
                    let hint = labels("write the values themselves: `high | low`", "请直接写出各个值：`high | low`");
                    self.report(Problem::error(Code::BadOperands, span.clone(), message).with_hint(hint));
                }
                let (from, to) = (self.end(from, of), self.end(to, of));
                self.has_values(span, &from, &to);
                Test::Between(from, to)
            }
        }
    }

    fn end(&self, end: &Bound<Term>, of: &Type) -> Bound<Value> {
        end.as_ref().map(|term| {
            if matches!(term.kind, TermKind::Nothing) {
                let message = labels("the end of a range is a value", "范围的端点必须是具体的值");
                let hint = labels("leave a range open with `>= 18` or `< 65`", "没有端点时写作 `>= 18` 或 `< 65`");
                self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
            }
            self.literal(term, of)
        })
    }

    fn has_values(&self, span: &Place, from: &Bound<Value>, to: &Bound<Value>) {
        let (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) = (from, to)
        else {
            return;
        };
        let closed = matches!((from, to), (Bound::Included(_), Bound::Included(_)));
        let problem = match low.order(high) {
            Some(Ordering::Greater) => labels(
                format!("the range is empty: {} is more than {}", shown(low), shown(high)),
                format!("范围为空：{} 大于 {}", shown(low), shown(high)),
            ),
            Some(Ordering::Equal) if !closed => {
                labels("the range is empty: it leaves out its only value", "范围为空：唯一的值已被排除")
            }
            Some(_) | None => return,
        };
        let hint = labels("write the lower end first: `18 to 65`", "请先写下限：`18 to 65`");
        self.report(Problem::error(Code::EmptyRange, span.clone(), problem).with_hint(hint));
    }

    /// A value as written, of a type.
    pub(super) fn literal(&self, term: &Term, of: &Type) -> Value {
        if *of == Type::Unknown {
            return Value::Nothing;
        }
        let told = self.problems.borrow().count();
        literal_value(self.expr(term, of)).unwrap_or_else(|| {
            // Of another type, which is said.
            if self.problems.borrow().count() > told {
                return Value::Nothing;
            }
            let message = labels("only a plain value can stand here", "这里只能写具体的值");
            let hint = labels(
                "write the value itself, or compare the fields in an input",
                "请直接写值，或把字段的比较作为一个输入",
            );
            self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
            Value::Nothing
        })
    }

    // --- proofs

    fn is_in_limits(&self, written: &Decide) -> bool {
        let tests = written.rows.iter().flat_map(|row| &row.cells).map(|cell| match cell {
            CellText::Any => 0,
            CellText::Is(tests) | CellText::Not(tests) => tests.len(),
        });
        let counts = [
            (written.rows.len(), ROWS_MAX, "rows", "行"),
            (written.inputs.len(), INPUTS_MAX, "inputs", "个输入"),
            (tests.sum(), TESTS_MAX, "values in its conditions", "个条件值"),
        ];
        let over = counts.into_iter().find(|(count, most, _, _)| count > most);
        if let Some((count, most, en, zh)) = over {
            let message = labels(
                format!("the table has {count} {en}; {most} are allowed"),
                format!("决策表有 {count} {zh}，最多允许 {most} {zh}"),
            );
            let hint = labels("divide it into several tables", "请拆分为多张决策表");
            self.report(Problem::error(Code::TableTooLarge, written.name.span.clone(), message).with_hint(hint));
        }
        over.is_none()
    }

    fn prove(&self, written: &Decide, table: &Table, inputs: &[Input], gives: &Type) {
        let mut columns = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            match pieces(&input.of, input.presence, table.rows.iter().filter_map(|row| row.cells.get(at))) {
                Some(found) => columns.push(found),
                None => return self.too_many_members(written, at),
            }
        }
        let mut grid = Grid::new(&columns, &table.rows);
        let case = |case: &Case| {
            let pieces = inputs.iter().zip(&columns).zip(case);
            let named = pieces.map(|((input, column), piece)| {
                format!("{} = {}", input.name, column.get(*piece).map(shown).unwrap_or_default())
            });
            named.collect::<Vec<_>>().join(", ")
        };
        let (possible, impossible): (Vec<usize>, Vec<usize>) =
            (0..table.rows.len()).partition(|row| !grid.is_empty(*row));
        impossible.into_iter().for_each(|row| self.never_matches(written, row));
        self.contradictions(written, table, &grid, &case);
        let proved = self.shadows(written, table, &mut grid, &possible, gives);
        let proved = proved.and_then(|()| self.gap(written, table, &mut grid, &case));
        if proved == Err(Unproved) {
            let message = labels(
                "the table is too tangled to be proved complete; not every case was looked at",
                "决策表过于复杂，无法证明其完整；并非所有情形都已检查",
            );
            let hint = labels(
                "divide it into several tables, or give its rows fewer conditions on different inputs",
                "请拆分为多张决策表，或减少各行所用的不同输入",
            );
            self.report(Problem::warning(Code::TableUnproved, written.name.span.clone(), message).with_hint(hint));
        }
    }

    fn too_many_members(&self, written: &Decide, input: usize) {
        let Some(input) = written.inputs.get(input) else { return };
        let message = labels(
            format!("the conditions on the list `{}` name more than {MEMBERS_MAX} values", input.name.text),
            format!("列表 `{}` 的条件涉及的值超过 {MEMBERS_MAX} 个", input.name.text),
        );
        let hint = labels("divide it into several tables", "请拆分为多张决策表");
        self.report(Problem::error(Code::TableTooLarge, input.name.span.clone(), message).with_hint(hint));
    }

    fn never_matches(&self, written: &Decide, row: usize) {
        let Some(text) = written.rows.get(row) else { return };
        let message = labels(
            format!("row {} can never match: no value meets one of its conditions", row + 1),
            format!("第 {} 行永远不会匹配：没有任何值符合它的某个条件", row + 1),
        );
        let hint = labels(
            "take the row out, or write a condition that some value meets",
            "请删去这一行，或改为有值能符合的条件",
        );
        self.report(Problem::error(Code::TableShadow, text.span.clone(), message).with_hint(hint));
    }

    /// Rows that match together although at most one may, or although they give different values.
    fn contradictions(&self, written: &Decide, table: &Table, grid: &Grid, case: &dyn Fn(&Case) -> String) {
        let differ = |one: &Row, other: &Row| match table.hit {
            HitPolicy::Unique => true,
            HitPolicy::Any => one.gives != other.gives,
            HitPolicy::First
            | HitPolicy::Priority
            | HitPolicy::RuleOrder
            | HitPolicy::OutputOrder
            | HitPolicy::Collect(_) => false,
        };
        let rows = || table.rows.iter().enumerate();
        let pairs = rows().flat_map(|(at, other)| rows().take(at).map(move |(first, one)| (first, one, at, other)));
        let pairs = pairs.filter(|(_, one, _, other)| differ(one, other));
        let found =
            pairs.filter_map(|(first, _, at, _)| grid.common(first, at).map(|common| (first, at, case(&common))));
        for (first, second, case) in found.take(SHOWN_MAX) {
            let (Some(one), Some(other)) = (written.rows.get(first), written.rows.get(second)) else { return };
            let (first, second) = (first + 1, second + 1);
            let (code, message, hint) = match table.hit {
                HitPolicy::Any => (
                    Code::TableDisagrees,
                    labels(
                        format!("rows {first} and {second} both match {case} and give different values"),
                        format!("第 {first} 行与第 {second} 行都匹配 {case}，但结果不同"),
                    ),
                    labels(
                        "with `any`, rows that match together give the same; make one of them narrower",
                        "使用 `any` 时，同时匹配的各行结果必须相同；请收窄其中一行",
                    ),
                ),
                _ => (
                    Code::TableOverlap,
                    labels(
                        format!("rows {first} and {second} both match {case}"),
                        format!("第 {first} 行与第 {second} 行都匹配 {case}"),
                    ),
                    labels(
                        "make one of them narrower, or write `first` before the `{`",
                        "请收窄其中一行，或在 `{` 前写 `first`",
                    ),
                ),
            };
            let note = labels("the other row", "另一行");
            let problem = Problem::error(code, other.span.clone(), message);
            self.report(problem.with_hint(hint).with_note(one.span.clone(), note));
        }
    }

    /// Rows that can never count since others always count before them.
    fn shadows(
        &self,
        written: &Decide,
        table: &Table,
        grid: &mut Grid,
        possible: &[usize],
        gives: &Type,
    ) -> Result<(), Unproved> {
        let ranks: Vec<Vec<usize>> = table.rows.iter().map(|row| rank(&row.gives, gives)).collect();
        for row in possible {
            let before: Vec<usize> = match table.hit {
                HitPolicy::First => possible.iter().copied().filter(|other| other < row).collect(),
                HitPolicy::Priority => possible.iter().copied().filter(|other| ranks[*other] < ranks[*row]).collect(),
                HitPolicy::Unique
                | HitPolicy::Any
                | HitPolicy::RuleOrder
                | HitPolicy::OutputOrder
                | HitPolicy::Collect(_) => return Ok(()),
            };
            let before: Vec<usize> = before.into_iter().filter(|other| grid.common(*row, *other).is_some()).collect();
            if before.is_empty() || grid.alone(*row, &before)?.is_some() {
                continue;
            }
            let number = row + 1;
            let (message, hint) = match table.hit {
                HitPolicy::Priority => (
                    labels(
                        format!("row {number} can never count: rows of higher priority take all its cases"),
                        format!("第 {number} 行永远不会生效：优先级更高的行已涵盖它的全部情形"),
                    ),
                    labels("take it out, or narrow the rows of higher priority", "请删去它，或收窄优先级更高的行"),
                ),
                _ => (
                    labels(
                        format!("row {number} can never count: the rows above take all its cases"),
                        format!("第 {number} 行永远不会生效：上面的行已涵盖它的全部情形"),
                    ),
                    labels("take it out, or move it above them", "请删去它，或移到那些行之前"),
                ),
            };
            if let Some(text) = written.rows.get(*row) {
                self.report(Problem::error(Code::TableShadow, text.span.clone(), message).with_hint(hint));
            }
        }
        Ok(())
    }

    /// A case that no row matches, where that leaves the table without an answer.
    fn gap(
        &self,
        written: &Decide,
        table: &Table,
        grid: &mut Grid,
        case: &dyn Fn(&Case) -> String,
    ) -> Result<(), Unproved> {
        let answers = match table.hit {
            HitPolicy::RuleOrder
            | HitPolicy::OutputOrder
            | HitPolicy::Collect(Aggregation::List | Aggregation::Sum | Aggregation::Count) => true,
            HitPolicy::Unique | HitPolicy::First | HitPolicy::Priority | HitPolicy::Any => false,
            HitPolicy::Collect(Aggregation::Min | Aggregation::Max) => false,
        };
        if answers && written.otherwise.is_none() {
            return Ok(());
        }
        let all: Vec<usize> = (0..table.rows.len()).collect();
        match (grid.outside(&all)?, &written.otherwise) {
            (Some(found), None) => {
                let case = case(&found);
                let message = labels(
                    format!("table `{}` has no row for {case}", written.name.text),
                    format!("决策表 `{}` 没有涵盖 {case}", written.name.text),
                );
                let hint = labels("add a row, or `else => …` at the end", "请补一行，或在最后写 `else => …`");
                self.report(Problem::error(Code::TableGap, written.name.span.clone(), message).with_hint(hint));
            }
            (None, Some(line)) => {
                let message = labels(
                    "`else` can never count: the rows above take every case",
                    "`else` 永远不会生效：上面的行已涵盖全部情形",
                );
                let hint = labels("take it out", "请删去它");
                self.report(Problem::warning(Code::TableShadow, line.span.clone(), message).with_hint(hint));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        Ok(())
    }
}

/// Where a value stands among the choices that its type declares; of several outputs, the earlier ones weigh more.
fn rank(value: &Value, of: &Type) -> Vec<usize> {
    let place = |value: &Value, of: &Type| match (value, of) {
        (Value::Choice(name), Type::Choice(choices)) => {
            choices.iter().position(|choice| choice.name == *name).unwrap_or(choices.len())
        }
        (_, Type::Choice(choices)) => choices.len(),
        _ => 0,
    };
    match (value, of) {
        (Value::Row(row), Type::Row(outputs)) => {
            let one = |(output, of): &(String, Type)| row.get(output.as_str()).map_or(0, |value| place(value, of));
            outputs.iter().map(one).collect()
        }
        _ => vec![place(value, of)],
    }
}

/// The outputs that are choices.
fn choices_of(gives: &Type) -> Vec<&Type> {
    let all: Vec<&Type> = match gives {
        Type::Row(outputs) => outputs.iter().map(|(_, of)| of).collect(),
        other => vec![other],
    };
    all.into_iter().filter(|of| matches!(of, Type::Choice(_) | Type::Unknown)).collect()
}

fn has_order(of: &Type) -> bool {
    matches!(of, Type::Number | Type::Date | Type::Instant | Type::Duration)
}

/// A value as the language writes it.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Instant(at) => at.to_local(ZONE).unwrap_or_default(),
        other => other.plain(),
    }
}

/// The value of an expression that is only a value.
pub(super) fn literal_value(expr: engine::expr::Expr) -> Option<Value> {
    match expr {
        engine::expr::Expr::Literal(value) => Some(value),
        engine::expr::Expr::List(items) => {
            items.into_iter().map(literal_value).collect::<Option<Vec<_>>>().map(Value::List)
        }
        _ => None,
    }
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
