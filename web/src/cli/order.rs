//! Orders to many records, as `tiaoli migrate` and `tiaoli batch` give them: said beforehand, then given and watched.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use engine::definition::{Definition, Labels};
use engine::event::Actor;
use engine::ids::Name;
use engine::instance::{Instance, Status, Waits};
use engine::value::{FieldType, Fields, Value};
use runtime::{BatchOrder, Foreseen, Runtime, Why};
use store::{BatchId, BatchRow, BatchState, LineFilter, LineOutcome, Place};
use web::why::Reasons;

use super::format::Format;
use super::speech::Speech;
use super::{Failure, folder};

/// How many records are named for each thing that is said of them.
const NAMED_MAX: usize = 5;
/// How often it is said how far a batch is, and how long to wait for a server that works on it.
const PAUSE: Duration = Duration::from_millis(200);

/// Who gives an order, and whether it is given at all.
#[derive(Args)]
pub(super) struct Giving {
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    pub(super) data: Place,
    /// Give the order; without it, only what would happen is said
    #[arg(long, requires_all = ["by", "reason"])]
    order: bool,
    /// Who gives the order: a sign-in name of the installation
    #[arg(long)]
    by: Option<String>,
    /// Why, for the history of every record
    #[arg(long)]
    pub(super) reason: Option<String>,
    /// For people, or one JSON object per record and line for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Giving {
    /// Why, where it was said: a rehearsal needs no reason.
    pub(super) fn reason(&self) -> String {
        self.reason.clone().unwrap_or_default()
    }

    /// Says what an order would do, or gives it and stays until it is carried out.
    pub(super) fn carry_out(&self, runtime: &Runtime, order: &BatchOrder, speech: Speech) -> Result<ExitCode, Failure> {
        let by = self.by.as_ref().map(|sign_in| folder::person(runtime, sign_in, speech)).transpose()?;
        match by {
            Some(by) if self.order => {
                let batch = runtime.order_batch(order, &by)?;
                watch(runtime, batch, self.format, speech)
            }
            by => self.rehearse(runtime, order, by.map_or(Actor::System, Actor::Person), speech),
        }
    }

    fn rehearse(&self, runtime: &Runtime, order: &BatchOrder, by: Actor, speech: Speech) -> Result<ExitCode, Failure> {
        let reasons = Reasons::of(runtime, order);
        let mut heap = Heap::default();
        let mut broken = None;
        let total = runtime.rehearse(order, &by, &mut |one| {
            let said = match &one.foreseen {
                Foreseen::Change(after) => would(runtime, after),
                Foreseen::Refusal(why) => Said::why(reasons.said(why)),
            };
            match self.format {
                Format::Json => match serde_json::to_string(&said.as_json(&one.number)) {
                    Ok(line) => println!("{line}"),
                    Err(cause) => broken = Some(cause),
                },
                Format::Text => heap.put(said, one.number),
            }
        })?;
        if let Some(cause) = broken {
            return Err(cause.into());
        }
        if self.format == Format::Text {
            match speech {
                Speech::En => println!("{total} records; nothing is done without --order"),
                Speech::Zh => println!("共 {total} 条记录；不加 --order 不会执行"),
            }
            heap.say(speech);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Works on a batch, or waits for the server that does, until it is over; then says what became of it.
pub(super) fn watch(runtime: &Runtime, batch: BatchId, format: Format, speech: Speech) -> Result<ExitCode, Failure> {
    let number = batch.0;
    match speech {
        Speech::En => eprintln!("batch {number} is ordered; tiaoli batch stop {number} stops it"),
        Speech::Zh => eprintln!("批次 {number} 已下达；tiaoli batch stop {number} 可以停止"),
    }
    loop {
        // How far it is is counted, which is not worth doing after every piece.
        let since = Instant::now();
        let mut worked = runtime.work_on_batch()?;
        while worked > 0 && since.elapsed() < PAUSE {
            worked = runtime.work_on_batch()?;
        }
        let row = found(runtime, batch, speech)?;
        if std::io::stderr().is_terminal() {
            eprint!("\r{}/{}", row.done + row.refused, row.total);
        }
        match row.state {
            BatchState::Running if worked == 0 => std::thread::sleep(PAUSE),
            BatchState::Running => {}
            BatchState::Stopped | BatchState::Done | BatchState::Final => break,
        }
    }
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    report(runtime, batch, format, speech)
}

pub(super) fn found(runtime: &Runtime, batch: BatchId, speech: Speech) -> Result<BatchRow, Failure> {
    let missing = || speech.pick("there is no such batch", "没有这个批次").into();
    runtime.store().batch(batch)?.ok_or_else(missing)
}

/// What became of a batch: how many records were changed, and why others were not.
pub(super) fn report(runtime: &Runtime, batch: BatchId, format: Format, speech: Speech) -> Result<ExitCode, Failure> {
    let row = found(runtime, batch, speech)?;
    let reasons = Reasons::of(runtime, &BatchOrder::of(&row)?);
    let mut heap = Heap::default();
    for filter in [LineFilter::Done, LineFilter::Refused] {
        let mut last = None;
        loop {
            let lines = runtime.store().batch_lines(batch, filter, last)?;
            let Some(oldest) = lines.last() else { break };
            last = Some(oldest.instance);
            for line in lines {
                match (line.outcome, format) {
                    (LineOutcome::Done { .. }, Format::Text) => {}
                    (LineOutcome::Done { revision }, Format::Json) => {
                        println!("{}", serde_json::json!({ "number": line.number, "revision": revision }));
                    }
                    (LineOutcome::Refused { why }, Format::Text) => {
                        heap.put(Said::why(reasons.said(&Why::of(&why))), line.number);
                    }
                    (LineOutcome::Refused { why }, Format::Json) => {
                        let said = Said::why(reasons.said(&Why::of(&why)));
                        println!("{}", said.as_json(&line.number));
                    }
                }
            }
        }
    }
    if format == Format::Text {
        println!("{}", headline(&row, speech));
        heap.say(speech);
    }
    Ok(if row.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A batch in one line.
pub(super) fn headline(row: &BatchRow, speech: Speech) -> String {
    let verb = BatchOrder::of(row).map_or("?", |order| order.deed.verb());
    let (id, total, done, refused, by, reason) = (row.id.0, row.total, row.done, row.refused, &row.by, &row.reason);
    let state = state(row.state, speech);
    match speech {
        Speech::En => format!("batch {id} ({verb}, {by}: {reason}): {state}; {done} of {total} done, {refused} not"),
        Speech::Zh => {
            format!("批次 {id}（{verb}，{by}：{reason}）：{state}；{total} 条中完成 {done} 条，未做 {refused} 条")
        }
    }
}

fn state(state: BatchState, speech: Speech) -> &'static str {
    match state {
        BatchState::Running => speech.pick("under way", "进行中"),
        BatchState::Stopped => speech.pick("stopped", "已停止"),
        BatchState::Done => speech.pick("over", "已结束"),
        BatchState::Final => speech.pick("final", "已确认"),
    }
}

/// What is said of a record, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    /// It would stand there.
    Would(String, String),
    /// Nothing would be done, or was done.
    Not(String, String),
}

impl Said {
    fn why(labels: Labels) -> Said {
        Said::Not(labels.en, labels.zh)
    }

    fn as_json(&self, number: &str) -> serde_json::Value {
        match self {
            Said::Would(en, zh) => serde_json::json!({ "number": number, "would_stand": { "en": en, "zh": zh } }),
            Said::Not(en, zh) => serde_json::json!({ "number": number, "refused": { "en": en, "zh": zh } }),
        }
    }
}

/// Where a record would stand, in words.
fn would(runtime: &Runtime, after: &Instance) -> Said {
    let definition = runtime.definition(after.definition()).ok();
    let label = |name: &Name| {
        let step = definition.as_ref().and_then(|definition| definition.step(name));
        let labels = step.map(|step| step.labels.clone()).filter(|labels| !labels.en.is_empty());
        labels.unwrap_or_else(|| Labels::new(name.as_str(), name.as_str()))
    };
    match after.status() {
        Status::Ended { outcome, .. } => Said::Would(format!("ended: {outcome}"), format!("已结束：{outcome}")),
        Status::Suspended(_) => Said::Would("suspended".to_owned(), "已挂起".to_owned()),
        Status::Stuck(repair) => {
            let Labels { en, zh } = label(&repair.step);
            Said::Would(format!("stuck at {en}: {}", repair.problem), format!("卡在“{zh}”：{}", repair.problem))
        }
        Status::Running => {
            let inner = after.tokens().iter().filter(|token| token.waits != Waits::Inner);
            let (en, zh): (Vec<String>, Vec<String>) =
                inner.map(|token| label(&token.step)).map(|labels| (labels.en, labels.zh)).unzip();
            Said::Would(format!("would stand in: {}", en.join(", ")), format!("将停在：{}", zh.join("、")))
        }
    }
}

/// Records by what is said of them.
#[derive(Default)]
struct Heap(BTreeMap<Said, (u64, Vec<String>)>);

impl Heap {
    fn put(&mut self, said: Said, number: String) {
        let (count, named) = self.0.entry(said).or_default();
        *count += 1;
        if named.len() < NAMED_MAX {
            named.push(number);
        }
    }

    fn say(&self, speech: Speech) {
        for (said, (count, named)) in &self.0 {
            let (Said::Would(en, zh) | Said::Not(en, zh)) = said;
            let mark = match said {
                Said::Would(..) => " ",
                Said::Not(..) => "!",
            };
            let more = if *count > named.len() as u64 { " …" } else { "" };
            println!("{mark} {count:>6}  {}  [{}{more}]", speech.pick(en, zh), named.join(", "));
        }
    }
}

/// Two words with a sign between them: `old=new`.
pub(super) fn pair(text: &str, speech: Speech) -> Result<(Name, Name), Failure> {
    let wrong = || match speech {
        Speech::En => format!("\"{text}\" is not NAME=NAME"),
        Speech::Zh => format!("“{text}”不是 名称=名称 的形式"),
    };
    let (one, other) = text.split_once('=').ok_or_else(wrong)?;
    Ok((Name::from(one.trim()), Name::from(other.trim())))
}

/// The values of `field=value` words, by the types that a definition gives its fields.
pub(super) fn values(definition: &Definition, words: &[String], speech: Speech) -> Result<Fields, Failure> {
    let mut fields = Fields::new();
    for word in words {
        let (name, text) = pair(word, speech)?;
        let field = definition.field(&name).ok_or_else(|| match speech {
            Speech::En => format!("the process has no field {name}"),
            Speech::Zh => format!("流程中没有字段 {name}"),
        })?;
        let value = value(&field.holds, text.as_str()).ok_or_else(|| match speech {
            Speech::En => format!("\"{text}\" is no value of the field {name}"),
            Speech::Zh => format!("“{text}”不是字段 {name} 的值"),
        })?;
        fields.insert(name, value);
    }
    Ok(fields)
}

/// A value as a word of the command line; what has no such form is set on the record's page.
fn value(holds: &FieldType, text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Nothing);
    }
    let value = match holds {
        FieldType::Text { .. } | FieldType::Markdown => Value::Text(text.to_owned()),
        FieldType::Number => Value::Number(text.parse().ok()?),
        FieldType::Bool => Value::Bool(text.parse().ok()?),
        FieldType::Date => Value::Date(text.to_owned()),
        FieldType::Choice(_) => Value::Choice(Name::from(text)),
        FieldType::Ref(_) => Value::Ref(Name::from(text)),
        FieldType::Instant
        | FieldType::Duration
        | FieldType::Money
        | FieldType::File
        | FieldType::Role
        | FieldType::Rows(_)
        | FieldType::Many(_) => return None,
    };
    holds.admits(&value).is_ok().then_some(value)
}
