//! Decision tables: typed cells, no gaps, no two rows for one case.

use engine::table::{Cell, Hit, Row, Table};
use engine::value::{FieldType, Value};

use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{CellText, Decide, Item, Process, RowText, Term};

/// The most combinations of inputs that a table is checked for.
const COMBINATIONS_MAX: usize = 100_000;

impl Checker<'_> {
    pub(super) fn tables(&self, process: &Process) -> Vec<Table> {
        let tables = process.items.iter().filter_map(|item| match item {
            Item::Decide(table) => Some(self.table(table)),
            _ => None,
        });
        tables.collect()
    }

    fn table(&self, written: &Decide) -> Table {
        let function = self.names.functions.get(&written.name.text);
        let inputs: Vec<(String, Option<FieldType>, bool)> = function
            .map(|function| function.inputs.clone())
            .unwrap_or_default()
            .into_iter()
            .map(|(word, holds)| {
                let optional = self.names.field(&word.text).is_some_and(|field| field.optional);
                (word.text, holds, optional)
            })
            .collect();
        let gives = function.map_or(Type::Unknown, |function| function.gives.clone());
        let types: Vec<Type> =
            inputs.iter().map(|(_, holds, _)| holds.as_ref().map_or(Type::Unknown, Type::of)).collect();
        let before = self.count();
        let table = Table {
            name: name(&written.name),
            inputs: written.inputs.iter().map(|input| name(&input.name)).collect(),
            hit: written.hit,
            rows: written.rows.iter().map(|row| self.row(row, &types, &gives)).collect(),
            otherwise: written.otherwise.as_ref().map(|term| self.literal(term, &gives)),
        };
        let sound = self.count() == before;
        let whole = sound && table.rows.iter().all(|row| row.cells.len() == types.len());
        if whole && !types.contains(&Type::Unknown) && self.doubtful.is_empty() {
            let domains: Vec<Vec<Seen>> = (0..types.len())
                .map(|index| domain(&types[index], inputs[index].2, table.rows.iter().map(|row| &row.cells[index])))
                .collect();
            self.complete(written, &table, &domains);
        }
        table
    }

    fn row(&self, row: &RowText, types: &[Type], gives: &Type) -> Row {
        if row.cells.len() != types.len() {
            let (has, wants) = (row.cells.len(), types.len());
            self.error(
                Code::CellCount,
                &row.span,
                format!("this row has {has} conditions, the table has {wants} inputs"),
                format!("这一行有 {has} 个条件，而决策表有 {wants} 个输入"),
            );
        }
        let cell = |(cell, of): (&CellText, &Type)| {
            let values = |terms: &[Term]| terms.iter().map(|term| self.literal(term, of)).collect();
            match cell {
                CellText::Any => Cell::Any,
                CellText::Is(terms) => Cell::OneOf(values(terms)),
                CellText::Not(terms) => Cell::NoneOf(values(terms)),
            }
        };
        Row {
            cells: row.cells.iter().zip(types).map(cell).collect(),
            gives: self.literal(&row.gives, gives),
            line: self.line(&row.span),
        }
    }

    /// A value as written, of a type.
    pub(super) fn literal(&self, term: &Term, of: &Type) -> Value {
        if *of == Type::Unknown {
            return Value::Nothing;
        }
        literal_value(self.expr(term, of)).unwrap_or_else(|| {
            let message = labels("only a plain value can stand here", "这里只能写具体的值");
            self.report(Problem::error(Code::Mismatch, term.span.clone(), message));
            Value::Nothing
        })
    }

    /// Tries every combination of inputs; reports the first that no row or that two rows match.
    fn complete(&self, written: &Decide, table: &Table, domains: &[Vec<Seen>]) {
        let count = domains.iter().map(Vec::len).try_fold(1usize, |all, one| all.checked_mul(one));
        if count.is_none_or(|count| count > COMBINATIONS_MAX) {
            let message =
                labels("the table has too many combinations to be proved complete", "决策表的组合过多，无法证明其完整");
            self.report(Problem::warning(Code::TableGap, written.name.span.clone(), message));
            return;
        }
        let mut hit = vec![false; table.rows.len()];
        let mut overlaps: Vec<(usize, usize)> = Vec::new();
        let mut gap = None;
        for combination in combinations(domains) {
            let matching: Vec<usize> = (0..table.rows.len())
                .filter(|index| table.rows[*index].cells.iter().zip(&combination).all(|(cell, seen)| seen.fits(cell)))
                .collect();
            match (matching.as_slice(), table.hit) {
                ([], _) => gap = gap.or_else(|| table.otherwise.is_none().then(|| combination.clone())),
                ([first, ..], Hit::First) => hit[*first] = true,
                ([first, second, ..], Hit::Unique) if !overlaps.contains(&(*first, *second)) => {
                    overlaps.push((*first, *second));
                    self.overlap(written, *first, *second, &combination);
                }
                (_, Hit::Unique) => {}
            }
        }
        if let Some(gap) = gap {
            let case = shown(table, &gap);
            let message = labels(
                format!("table `{}` has no row for {case}", written.name.text),
                format!("决策表 `{}` 没有涵盖 {case}", written.name.text),
            );
            let hint = labels("add a row, or `else => …` at the end", "请补一行，或在最后写 `else => …`");
            self.report(Problem::error(Code::TableGap, written.name.span.clone(), message).with_hint(hint));
        }
        if table.hit == Hit::First {
            for (index, row) in written.rows.iter().enumerate().filter(|(index, _)| !hit[*index]) {
                let message = labels(
                    format!("row {} can never count: the rows above take all its cases", index + 1),
                    format!("第 {} 行永远不会生效：上面的行已涵盖它的全部情形", index + 1),
                );
                self.report(Problem::error(Code::TableShadow, row.span.clone(), message));
            }
        }
    }

    fn overlap(&self, written: &Decide, first: usize, second: usize, combination: &[Seen]) {
        let (Some(one), Some(other)) = (written.rows.get(first), written.rows.get(second)) else { return };
        let names = written.inputs.iter().map(|input| input.name.text.as_str());
        let case = case(names, combination);
        let message = labels(
            format!("rows {} and {} both match {case}", first + 1, second + 1),
            format!("第 {} 行与第 {} 行都匹配 {case}", first + 1, second + 1),
        );
        let hint = labels(
            "make one of them narrower, or write `first` before the `{`",
            "请收窄其中一行，或在 `{` 前写 `first`",
        );
        let note = labels("the other row", "另一行");
        let problem = Problem::error(Code::TableOverlap, other.span.clone(), message);
        self.report(problem.with_hint(hint).with_note(one.span.clone(), note));
    }
}

/// A value of an input that makes a difference to the table.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    /// This one.
    Value(Value),
    /// Any that the table does not name.
    Other,
}

impl Seen {
    fn fits(&self, cell: &Cell) -> bool {
        match (self, cell) {
            (_, Cell::Any) => true,
            (Seen::Value(value), Cell::OneOf(values)) => values.contains(value),
            (Seen::Value(value), Cell::NoneOf(values)) => !values.contains(value),
            (Seen::Other, Cell::OneOf(_)) => false,
            (Seen::Other, Cell::NoneOf(_)) => true,
        }
    }

    fn shown(&self) -> String {
        match self {
            Seen::Value(Value::Text(text)) => format!("\"{text}\""),
            Seen::Value(value) => value.plain(),
            Seen::Other => "…".to_owned(),
        }
    }
}

fn domain<'c>(of: &Type, optional: bool, cells: impl Iterator<Item = &'c Cell>) -> Vec<Seen> {
    let mut seen = match of {
        Type::Choice(choices) => choices.iter().map(|one| Seen::Value(Value::Choice(one.name.clone()))).collect(),
        Type::Bool => vec![Seen::Value(Value::Bool(true)), Seen::Value(Value::Bool(false))],
        _ => {
            let mut seen = Vec::new();
            for cell in cells {
                let (Cell::OneOf(values) | Cell::NoneOf(values)) = cell else { continue };
                for value in values.iter().map(|value| Seen::Value(value.clone())) {
                    if !seen.contains(&value) {
                        seen.push(value);
                    }
                }
            }
            seen.push(Seen::Other);
            seen
        }
    };
    if optional && !seen.contains(&Seen::Other) {
        seen.push(Seen::Value(Value::Nothing));
    }
    seen
}

fn combinations(domains: &[Vec<Seen>]) -> Vec<Vec<Seen>> {
    let mut all: Vec<Vec<Seen>> = vec![Vec::new()];
    for domain in domains {
        all = all
            .iter()
            .flat_map(|held| {
                domain.iter().map(move |value| held.iter().cloned().chain([value.clone()]).collect::<Vec<_>>())
            })
            .collect();
    }
    all
}

fn shown(table: &Table, combination: &[Seen]) -> String {
    case(table.inputs.iter().map(engine::ids::Name::as_str), combination)
}

fn case<'n>(names: impl Iterator<Item = &'n str>, combination: &[Seen]) -> String {
    names.zip(combination).map(|(name, seen)| format!("{name} = {}", seen.shown())).collect::<Vec<_>>().join(", ")
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
