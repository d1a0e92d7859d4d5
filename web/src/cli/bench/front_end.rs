//! The front end: how long a definition takes to be parsed, checked and laid out, at three sizes, so that what grows
//! faster than its text is seen; and what one guard, one table and one rule cost in the engine.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use engine::calendar::Calendar;
use engine::definition::Definition;
use engine::directory::Directory;
use engine::expr::{Expr, Scope};
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;
use engine::value::{Fields, Value};

use super::samples::Spread;
use crate::cli::Failure;

/// How many runs count, after one that warms up.
const RUNS: usize = 7;
/// The numbers of steps of the generated definitions.
const SIZES: [usize; 3] = [10, 100, 1_000];
/// How often an expression is computed in one run.
const TIMES: u32 = 2_000;

/// Measures everything and prints it.
pub(super) fn measure(json: bool) -> Result<(), Failure> {
    let mut smallest: Option<Figures> = None;
    for steps in SIZES {
        let source = generated(steps);
        let figures = Figures::of(&format!("{steps} steps"), &[&source])?;
        figures.print(smallest.as_ref().unwrap_or(&figures), json);
        smallest.get_or_insert(figures);
    }
    let packaged: Vec<&str> = processes::packaged().iter().map(|packaged| packaged.source).collect();
    let figures = Figures::of("packaged", &packaged)?;
    figures.print(&figures, json);
    for (what, took_ns) in expressions()? {
        match json {
            true => println!("{}", serde_json::json!({ "work": "expression", "what": what, "ns": took_ns.median })),
            false => println!("  {what:<24} {took_ns} ns"),
        }
    }
    Ok(())
}

/// How long each part takes for some files, in milliseconds.
struct Figures {
    what: String,
    bytes: usize,
    parse_ms: Spread,
    check_ms: Spread,
    format_ms: Spread,
}

/// One of the parts that are measured.
type Part = fn(&Figures) -> Spread;

impl Figures {
    fn of(what: &str, sources: &[&str]) -> Result<Figures, Failure> {
        for source in sources {
            dsl::compile(source)
                .map_err(|problems| dsl::render(what, source, &problems, dsl::Language::En, dsl::Colour::Never))?;
        }
        let (mut parse, mut check, mut format) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..=RUNS {
            let began = Instant::now();
            let parsed: Vec<dsl::Parsed<'_>> = sources.iter().map(|source| dsl::parse(source)).collect();
            parse.push(began.elapsed());
            let began = Instant::now();
            let checked: Vec<_> = parsed.into_iter().map(|parsed| parsed.check(&dsl::Among::default())).collect();
            check.push(began.elapsed());
            black_box(checked);
            let began = Instant::now();
            black_box(sources.iter().map(|source| dsl::format(source)).collect::<Vec<_>>());
            format.push(began.elapsed());
        }
        let spread =
            |took: &[std::time::Duration]| Spread::of(took.iter().skip(1).map(|took| took.as_secs_f64() * 1e3));
        Ok(Figures {
            what: what.to_owned(),
            bytes: sources.iter().map(|source| source.len()).sum(),
            parse_ms: spread(&parse),
            check_ms: spread(&check),
            format_ms: spread(&format),
        })
    }

    /// Prints them; the ratio says how much more a byte costs than in the first.
    fn print(&self, first: &Figures, json: bool) {
        let per_byte = |figures: &Figures, of: Part| of(figures).median / figures.bytes as f64;
        let ratio = |of: Part| per_byte(self, of) / per_byte(first, of);
        let parts: [(&str, Part); 3] = [
            ("parse", |figures| figures.parse_ms),
            ("check", |figures| figures.check_ms),
            ("format", |figures| figures.format_ms),
        ];
        if json {
            for (part, of) in parts {
                println!(
                    "{}",
                    serde_json::json!({
                        "work": "front end", "what": self.what, "bytes": self.bytes, "part": part,
                        "ms": of(self).median, "ms_least": of(self).least, "ms_most": of(self).most,
                        "per_byte_ratio": ratio(of), "runs": RUNS,
                    })
                );
            }
            return;
        }
        println!("front end, {}, {} bytes, {RUNS} runs after a warm-up: median (least–most)", self.what, self.bytes);
        for (part, of) in parts {
            let Spread { median, least, most } = of(self);
            println!("  {part:<8} {median:.2} ms ({least:.2}–{most:.2})   per byte ×{:.2}", ratio(of));
        }
    }
}

/// A definition of so many steps, with fields, tables and examples in proportion.
fn generated(steps: usize) -> String {
    let mut text = String::from(
        "// A process of many steps.\nprocess large \"Large\" zh \"大流程\" {\n  owner    boss\n  number   \"L-{seq:6}\"\n  \
         title    summary\n  seen by  requester, role staff\n  hours    service.calendar\n\n",
    );
    text += "  choices level {\n    high    \"High\"    zh \"高\"\n    medium  \"Medium\"  zh \"中\"\n    low     \"Low\"     zh \"低\"\n  }\n\n";
    text += "  record {\n    summary  text max 200    \"Summary\"  zh \"摘要\"\n    service  ref service     \"Service\"  zh \"服务\"\n";
    text += "    impact   level = medium  \"Impact\"   zh \"影响\"\n    urgency  level = medium  \"Urgency\"  zh \"紧急度\"\n";
    let tables = steps.div_ceil(10);
    // Writing to a string does not fail.
    for table in 1..=tables {
        let _ = writeln!(text, "    rank_{table}  level from rank_{table}(impact, urgency)  \"Rank\"  zh \"等级\"");
        let _ = writeln!(text, "    note_{table}  text max 200 optional  \"Note\"  zh \"备注\"");
    }
    text += "  }\n\n";
    for table in 1..=tables {
        let _ = writeln!(
            text,
            "  decide rank_{table}(impact, urgency) {{\n    high    high    => high\n    high    medium  => high\n    \
             medium  high    => high\n    low     low     => low\n    else            => medium\n  }}\n"
        );
    }
    text += "  start by anyone asks summary, service, impact, urgency\n\n";
    for step in 1..=steps {
        let table = step.div_ceil(10);
        let _ = writeln!(
            text,
            "  task step_{step} \"Step {step}\" zh \"步骤 {step}\" for role staff, not requester {{\n    asks note_{table}\n    \
             outcome done                                          \"Done\"   zh \"完成\"\n    \
             outcome again  asks urgency when rank_{table} is high  \"Again\"  zh \"重做\"  -> step_{step}\n  }}"
        );
    }
    text += "\n  end closed \"Closed\" zh \"已关闭\"\n}\n\nbackground of large {\n  given service mail with calendar \"24x7\"\n  \
             given anna\n  given dora with role staff\n}\n";
    for example in 1..=tables {
        let _ = writeln!(
            text,
            "\nexample \"number {example}\" of large {{\n  when  anna starts with {{ summary: \"x\", service: mail, impact: \
             high }}\n  then  task step_1 is open for role staff\n  and   rank_{example} is high\n  when  dora completes \
             step_1 as done\n  then  task step_1 is not open\n}}"
        );
    }
    text
}

/// The definition with the expressions that are measured.
const EXPRESSIONS: &str = include_str!("expressions.flow");

/// What one guard, one decision and one rule take, in nanoseconds.
fn expressions() -> Result<Vec<(&'static str, Spread)>, Failure> {
    let unit = dsl::compile(EXPRESSIONS).map_err(|problems| {
        dsl::render("expressions.flow", EXPRESSIONS, &problems, dsl::Language::En, dsl::Colour::Never)
    })?;
    let checked = unit.processes.into_iter().next().ok_or("the bench's process is empty")?;
    let definition = Definition::prepare(DefinitionId::of_source(EXPRESSIONS), checked.parts)?;
    let fields = Fields::from([
        (Name::from("summary"), Value::Text("Mail does not arrive".into())),
        (Name::from("impact"), Value::Choice(Name::from("high"))),
        (Name::from("urgency"), Value::Choice(Name::from("medium"))),
        (Name::from("users"), Value::Number(12.into())),
    ]);
    let mut directory = Directory::default();
    directory.put_calendar(Name::from("24x7"), Calendar::around_the_clock());
    let requester = Name::from("anna");
    let scope = Scope {
        definition: &definition,
        fields: &fields,
        requester: &requester,
        directory: &directory,
        records: &engine::records::NoRecords,
        number: "",
        now: Timestamp(0),
        items: &[],
    };
    let sources = [("guard", "guarded"), ("table decision", "decided"), ("rhai rule", "ruled")];
    let measured = sources.map(|(what, field)| Ok((what, timed(derived(&definition, field)?, &scope)?)));
    measured.into_iter().collect()
}

/// How a field of the definition is computed.
fn derived<'d>(definition: &'d Definition, field: &str) -> Result<&'d Expr, Failure> {
    let found = definition.field(&Name::from(field)).ok_or("the bench's field is not there")?;
    match &found.origin {
        engine::definition::Origin::Derived { from, .. } => Ok(from),
        engine::definition::Origin::Given { .. } => Err("the bench's field is not computed".into()),
    }
}

fn timed(expr: &Expr, scope: &Scope<'_>) -> Result<Spread, Failure> {
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        let began = Instant::now();
        for _ in 0..TIMES {
            black_box(black_box(expr).value(scope)?);
        }
        runs.push(began.elapsed().as_nanos() as f64 / f64::from(TIMES));
    }
    Ok(Spread::of(runs.into_iter().skip(1)))
}
