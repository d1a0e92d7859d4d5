//! Tables in forms: a few empty lines stand below those that are there, and lines left empty are left out; so lines come
//! and go without a script.

use engine::definition::{Field, Presence};
use engine::ids::Name;
use engine::value::{Fields, LIST_MAX, Misfit, Value};

use super::{Control, Filling, Place, Wrong, control, value};
use crate::pairs::Pairs;
use crate::visit::Visit;

/// How many empty lines stand below those that are there.
const EMPTY_LINES: usize = 5;

/// Makes a control one of a table.
pub(super) fn shape(
    visit: &Visit<'_>,
    field: &Field,
    columns: &[Field],
    filling: Filling<'_>,
    wrong: &Wrong,
    made: &mut Control,
) {
    made.kind = "rows";
    made.max = u32::try_from(LIST_MAX).ok();
    made.value.clear();
    made.hint = Some(visit.say("hint-rows"));
    made.columns = columns.iter().map(|column| visit.language.of(&column.labels).to_owned()).collect();
    let held = match filling {
        Filling::Held(fields) => match fields.get(&field.name) {
            Some(Value::List(rows)) => rows.iter().map(|row| Line::Held(row.clone())).collect(),
            Some(_) | None => Vec::new(),
        },
        Filling::Typed(pairs) => typed(columns, &made.name, pairs).map(|at| Line::Typed(pairs, at)).collect(),
    };
    let empty = (0..EMPTY_LINES).map(|_| Line::Held(Value::Row(Fields::new())));
    let problem = wrong.get(&field.name);
    let lines = held.into_iter().chain(empty).take(LIST_MAX + EMPTY_LINES).enumerate();
    made.lines = lines.map(|(at, line)| controls(visit, columns, &made.name, (at, &line), problem)).collect();
}

/// What a line is filled with.
enum Line<'p> {
    Held(Value),
    /// What was typed into the line of that place, blank ones counted.
    Typed(&'p Pairs, usize),
}

fn controls(
    visit: &Visit<'_>,
    columns: &[Field],
    name: &str,
    (at, line): (usize, &Line<'_>),
    problem: Option<&Misfit>,
) -> Vec<Control> {
    let prefix = format!("{name}.{at}.");
    let place = Place { prefix: &prefix, required: false };
    let of_column = |column: &Field| {
        let wrong = match problem {
            Some(Misfit::InRow { line, column: held, misfit }) if *line == at + 1 && *held == column.name => {
                Wrong::from([(column.name.clone(), (**misfit).clone())])
            }
            Some(_) | None => Wrong::new(),
        };
        let nothing = Fields::new();
        match line {
            Line::Held(Value::Row(row)) => control(visit, column, &place, Filling::Held(row), &wrong),
            Line::Held(_) => control(visit, column, &place, Filling::Held(&nothing), &wrong),
            Line::Typed(pairs, from) => {
                // Under the name that the line has now: those above it that were blank are gone.
                let cell = cell(name, *from, &column.name);
                let moved = pairs.renamed(&cell, &format!("{prefix}{}", column.name));
                control(visit, column, &place, Filling::Typed(&moved), &wrong)
            }
        }
    };
    columns.iter().map(of_column).map(narrow).collect()
}

/// A line has room for one thing beside another: what can be chosen is in a list to open.
fn narrow(control: Control) -> Control {
    let kind = if control.kind == "radio" { "select" } else { control.kind };
    Control { kind, ..control }
}

/// The places of the lines into which something was typed.
fn typed<'p>(columns: &'p [Field], name: &'p str, pairs: &'p Pairs) -> impl Iterator<Item = usize> + 'p {
    let filled = |at: &usize| columns.iter().any(|column| pairs.all(&cell(name, *at, &column.name)).next().is_some());
    (0..LIST_MAX + EMPTY_LINES).filter(filled)
}

fn cell(name: &str, at: usize, column: &Name) -> String {
    format!("{name}.{at}.{column}")
}

/// The rows that were posted; blank lines are left out.
pub(super) fn read(visit: &Visit<'_>, columns: &[Field], name: &str, pairs: &Pairs) -> Result<Value, Misfit> {
    let mut rows = Vec::new();
    for at in typed(columns, name, pairs) {
        let mut row = Fields::new();
        for column in columns {
            let cell = cell(name, at, &column.name);
            let texts: Vec<&str> = pairs.all(&cell).collect();
            let in_row = |misfit| {
                let misfit = Box::new(misfit);
                Misfit::InRow { line: rows.len() + 1, column: column.name.clone(), misfit }
            };
            match value(visit, &column.holds, &texts).map_err(in_row)? {
                Value::Nothing if column.presence == Presence::Required => return Err(in_row(Misfit::Missing)),
                Value::Nothing => {}
                held => drop(row.insert(column.name.clone(), held)),
            }
        }
        rows.push(Value::Row(row));
    }
    Ok(if rows.is_empty() { Value::Nothing } else { Value::List(rows) })
}
