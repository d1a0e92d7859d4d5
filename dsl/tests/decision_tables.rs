//! Decision tables that others wrote, with what they must give: each is translated into the language, compiled with all
//! proofs, and asked every case.
//!
//! DMN answers `null` where no row matches; here a table must say so. The translation therefore ends with the default of
//! the outputs, or with `else => nothing`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use dsl::{Colour, Language, compile, render};
use engine::ids::Name;
use engine::table::Table;
use engine::value::Value;
use serde_json::Value as Json;

/// Tables that the language refuses on purpose, with the reason. None so far: an incomplete table says `else`, and
/// rows that overlap name their hit policy, in DMN as here.
const REFUSED: &[(&str, &str)] = &[];

/// What an input or output holds.
enum Holds {
    /// A type with its word in the language.
    Plain(&'static str),
    /// One of these texts, in their order.
    OneOf(Vec<String>),
}

/// An input or output with its name in the language.
struct Column {
    written: String,
    name: String,
    holds: Holds,
}

fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    json[key].as_str().unwrap_or_default()
}

fn list<'j>(json: &'j Json, key: &str) -> &'j [Json] {
    json[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn words(json: &Json) -> Vec<&str> {
    json.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// A name that is none of the language's own words.
fn named(written: &str, before: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    format!("{before}_{}", written.chars().map(plain).collect::<String>())
}

/// The parts of a list, at commas outside of quotes and brackets.
fn parts(written: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0i32, false);
    for (at, c) in written.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                found.push(written[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(written[start..].trim());
    found
}

fn quoted(written: &str) -> Option<&str> {
    written.strip_prefix('"')?.strip_suffix('"')
}

/// The declared values, where all of them are texts.
fn declared(values: &str) -> Option<Holds> {
    let texts: Option<Vec<String>> = parts(values).into_iter().map(|part| quoted(part).map(str::to_owned)).collect();
    texts.filter(|texts| !texts.is_empty()).map(Holds::OneOf)
}

fn plain(of: &str) -> Option<Holds> {
    let word = match of {
        "number" => "number",
        "boolean" => "boolean",
        "string" => "text",
        "date" => "date",
        "dateTime" | "date and time" => "instant",
        "dayTimeDuration" | "days and time duration" => "duration",
        _ => return None,
    };
    Some(Holds::Plain(word))
}

/// The type that a literal shows.
fn seen(literal: &str) -> Holds {
    let word = match literal {
        "true" | "false" => "boolean",
        _ if literal.starts_with('"') => "text",
        _ if literal.starts_with("date and time(") => "instant",
        _ if literal.starts_with("date(") => "date",
        _ if literal.starts_with("duration(") => "duration",
        _ => "number",
    };
    Holds::Plain(word)
}

impl Column {
    fn input(json: &Json) -> Column {
        let written = text(json, "expression").to_owned();
        let holds = declared(text(json, "allowed")).or_else(|| plain(text(json, "type")));
        Column { name: named(&written, "i"), written, holds: holds.unwrap_or(Holds::Plain("text")) }
    }

    fn output(json: &Json, shown: &str) -> Column {
        let written = text(json, "name").to_owned();
        let holds = declared(text(json, "values")).or_else(|| plain(text(json, "type")));
        Column { name: named(&written, "o"), written, holds: holds.unwrap_or_else(|| seen(shown)) }
    }

    /// Its choices, if it has any, and how to declare it.
    fn declaration(&self, source: &mut String) -> String {
        match &self.holds {
            Holds::Plain(word) => format!("{}: {word}", self.name),
            Holds::OneOf(texts) => {
                let _ = write!(source, "  choices {}_choices {{", self.name);
                for text in texts {
                    let _ = write!(source, " {} \"{text}\" zh \"{text}\"", named(text, "v"));
                }
                source.push_str(" }\n");
                format!("{}: {}_choices", self.name, self.name)
            }
        }
    }

    fn literal(&self, written: &str) -> String {
        let argument = |call: &str| written.strip_prefix(call).and_then(|rest| quoted(rest.strip_suffix(')')?.trim()));
        match (&self.holds, quoted(written)) {
            (_, None) if written == "null" => "nothing".to_owned(),
            (Holds::OneOf(_), Some(text)) => named(text, "v"),
            (Holds::Plain("date"), _) => argument("date(").unwrap_or(written).to_owned(),
            (Holds::Plain("instant"), _) => argument("date and time(").unwrap_or(written).replacen('T', " ", 1),
            (Holds::Plain("duration"), _) => length(argument("duration(").unwrap_or(written)),
            (Holds::Plain(_) | Holds::OneOf(_), _) => written.to_owned(),
        }
    }

    /// A condition as DMN writes it, in the language's words.
    fn condition(&self, written: &str) -> String {
        let written = written.trim();
        if written == "-" {
            return "-".to_owned();
        }
        if let Some(inner) = written.strip_prefix("not(").and_then(|rest| rest.strip_suffix(')')) {
            return format!("not {}", self.condition(inner));
        }
        parts(written).into_iter().map(|part| self.test(part)).collect::<Vec<_>>().join(" | ")
    }

    fn test(&self, written: &str) -> String {
        for order in ["<=", ">=", "<", ">"] {
            if let Some(end) = written.strip_prefix(order) {
                return format!("{order} {}", self.literal(end.trim()));
            }
        }
        let Some((from, to)) = written.split_once("..") else { return self.literal(written) };
        let (opening, closing) = (from.chars().next(), to.chars().next_back());
        let (from, to) = (from.trim_start_matches(['(', '[', ']']), to.trim_end_matches([')', ']', '[']));
        format!(
            "{}{} to {}{}",
            if opening == Some('[') { "" } else { "> " },
            self.literal(from.trim()),
            if closing == Some(']') { "" } else { "< " },
            self.literal(to.trim())
        )
    }

    /// A value of a case.
    fn value(&self, json: &Json) -> Value {
        match (json, &self.holds) {
            (Json::Null, _) => Value::Nothing,
            (Json::Bool(yes), _) => Value::Bool(*yes),
            (Json::Number(number), _) => Value::Number(number.to_string().parse().expect("a number in the file")),
            (Json::String(text), Holds::OneOf(_)) => Value::Choice(Name::from(named(text, "v"))),
            (Json::String(text), Holds::Plain("date")) => Value::Date(text.clone()),
            (Json::String(text), Holds::Plain(_)) => Value::Text(text.clone()),
            (Json::Array(_) | Json::Object(_), _) => panic!("{json} is no value of {}", self.written),
        }
    }
}

/// `P3D`, `PT4H`, `PT15M`.
fn length(written: &str) -> String {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let unit = match (written.contains('T'), written.chars().next_back()) {
        (true, Some('H')) => "hours",
        (true, _) => "minutes",
        (false, _) => "days",
    };
    format!("{digits} {unit}")
}

/// A table of the file.
struct Translated {
    inputs: Vec<Column>,
    outputs: Vec<Column>,
    source: String,
}

fn policy(json: &Json) -> &'static str {
    match (text(json, "hit_policy"), text(json, "aggregation")) {
        ("FIRST", _) => "first",
        ("PRIORITY", _) => "priority",
        ("ANY", _) => "any",
        ("RULE ORDER", _) => "rule order",
        ("OUTPUT ORDER", _) => "output order",
        ("COLLECT", "SUM") => "collect sum",
        ("COLLECT", "MIN") => "collect min",
        ("COLLECT", "MAX") => "collect max",
        ("COLLECT", "COUNT") => "collect count",
        ("COLLECT", _) => "collect",
        _ => "unique",
    }
}

fn translate(json: &Json) -> Translated {
    let rules = list(json, "rules");
    let shown = |at: usize| rules.first().and_then(|rule| words(&rule["then"]).get(at).copied()).unwrap_or_default();
    let inputs: Vec<Column> = list(json, "inputs").iter().map(Column::input).collect();
    let written = list(json, "outputs");
    let outputs: Vec<Column> = written.iter().enumerate().map(|(at, json)| Column::output(json, shown(at))).collect();
    let mut source = String::new();
    let takes: Vec<String> = inputs.iter().map(|input| input.declaration(&mut source)).collect();
    let gives: Vec<String> = outputs.iter().map(|output| output.declaration(&mut source)).collect();
    let gives = match gives.as_slice() {
        [only] => only.split_once(": ").map_or("", |(_, of)| of).to_owned(),
        several => format!("({})", several.join(", ")),
    };
    let _ = writeln!(source, "  decide tried({}) -> {gives} {} {{", takes.join(", "), policy(json));
    for rule in rules {
        let cells = inputs.iter().zip(words(&rule["when"])).map(|(input, cell)| input.condition(cell));
        let values = outputs.iter().zip(words(&rule["then"])).map(|(output, value)| output.literal(value));
        let (cells, values): (Vec<String>, Vec<String>) = (cells.collect(), values.collect());
        let _ = writeln!(source, "    {}  => {}", cells.join("  "), values.join(", "));
    }
    let defaults: Option<Vec<String>> = outputs
        .iter()
        .zip(written)
        .map(|(output, json)| json["default"].as_str().map(|it| output.literal(it)))
        .collect();
    let _ =
        writeln!(source, "    else  => {}\n  }}", defaults.map_or("nothing".to_owned(), |values| values.join(", ")));
    Translated { inputs, outputs, source }
}

/// The smallest process around the declarations of a table.
fn process(table: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/correct.flow");
    let around = std::fs::read_to_string(path).expect("the correct process is there");
    around.replacen("  clock work", &format!("{table}  clock work"), 1)
}

fn compiled(source: &str) -> Result<Table, String> {
    let unit = compile(source).map_err(|problems| render("table", source, &problems, Language::En, Colour::Never))?;
    let tables = &unit.processes[0].parts.tables;
    Ok(tables.iter().find(|table| table.name == "tried").expect("it was declared").clone())
}

impl Translated {
    fn expected(&self, json: &Json) -> Value {
        match (json, self.outputs.as_slice()) {
            (Json::Array(items), _) => Value::List(items.iter().map(|item| self.expected(item)).collect()),
            (Json::Object(row), outputs) => {
                let one = |output: &Column| (Name::from(output.name.as_str()), output.value(&row[&output.written]));
                Value::Row(outputs.iter().map(one).collect::<BTreeMap<Name, Value>>())
            }
            (json, [first, ..]) => first.value(json),
            (_, []) => Value::Nothing,
        }
    }
}

#[test]
fn the_tables_of_others_give_what_they_must() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/decision-tables.json");
    let file = std::fs::read_to_string(path).expect("the file is there");
    let file: Json = serde_json::from_str(&file).expect("it is JSON");
    let (mut asked, mut wrong, mut refused) = (0, String::new(), Vec::new());
    for json in list(&file, "tables") {
        let id = text(json, "id");
        let translated = translate(json);
        let table = match compiled(&process(&translated.source)) {
            Ok(table) => table,
            Err(_) if REFUSED.iter().any(|(known, _)| *known == id) => {
                refused.push(id);
                continue;
            }
            Err(problems) => {
                let _ = writeln!(wrong, "{id} is refused:\n{}\n{problems}", translated.source);
                continue;
            }
        };
        for case in list(json, "cases") {
            let inputs: Vec<Value> =
                translated.inputs.iter().map(|input| input.value(&case["inputs"][&input.written])).collect();
            let expected = translated.expected(&case["expect"][0]["value"]);
            let given = table.decide(&inputs);
            asked += 1;
            if given != Ok(expected.clone()) {
                let case = text(case, "id");
                let _ = writeln!(wrong, "{id}, case {case}: {given:?} instead of {expected:?}\n{}", translated.source);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(refused, REFUSED.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    assert!(asked > 0, "the file has cases");
    println!("{asked} cases");
}
