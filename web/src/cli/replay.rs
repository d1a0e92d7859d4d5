//! `tiaoli replay`: an organisation's event log through a process, at the log's own instants.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use engine::ids::Name;
use indicatif::{ProgressBar, ProgressStyle};
use runtime::replay::{Log, Mapping, Outcome, PrioritySummary, Source, Sums, Tallied, readable};
use store::Place;

use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The log, in CSV form
    log: PathBuf,
    /// A second file, in CSV form, with what is known of each record as a whole, where the mapping joins one
    #[arg(long)]
    attributes: Option<PathBuf>,
    /// The mapping file: which column is what, which change of state becomes which commands
    #[arg(long)]
    mapping: PathBuf,
    /// The data folder, or postgres://… of the database, that takes the records
    #[arg(long, default_value = "tiaoli-replay")]
    data: Place,
    /// Where the rows go that are not accepted, with their reasons; in the data folder, or rejects.csv here, where not given
    #[arg(long)]
    rejects: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let mapping =
        Mapping::read(&arguments.mapping).map_err(|cause| format!("{}: {cause}", arguments.mapping.display()))?;
    let log = Log::read(&arguments.log, arguments.attributes.as_deref(), &mapping.log)?;
    let runtime = folder::open(&arguments.data)?;
    folder::install_packaged(&runtime, speech)?;

    let bar = ProgressBar::new(log.cases().len() as u64).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}").unwrap_or(ProgressStyle::default_bar()),
    );
    let outcome = runtime::replay::replay(&runtime, &mapping, &log, &mut |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();

    let rejects =
        arguments.rejects.clone().unwrap_or_else(|| arguments.data.path().unwrap_or(Path::new("")).join("rejects.csv"));
    keep_rejects(&rejects, &log, &outcome)?;
    let differences = rejects.with_file_name("differences.csv");
    keep_differences(&differences, &outcome)?;
    report(&outcome, &rejects, &differences, speech);
    Ok(ExitCode::SUCCESS)
}

fn keep_rejects(path: &Path, log: &Log, outcome: &Outcome) -> Result<(), Failure> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(path)?;
    let headings = ["file", "line", "record", "reason"].into_iter().chain(log.headings().iter().map(String::as_str));
    writer.write_record(headings)?;
    for row in &outcome.rejected {
        let line = row.line.to_string();
        let file = match row.source {
            Source::Log => "log",
            Source::Attributes => "attributes",
        };
        let told = [file, line.as_str(), row.case.as_str(), row.reason.as_str()];
        writer.write_record(told.into_iter().chain(row.cells.iter().map(String::as_str)))?;
    }
    writer.flush()?;
    Ok(())
}

fn report(outcome: &Outcome, rejects: &Path, differences: &Path, speech: Speech) {
    let summary = &outcome.summary;
    let figures = [
        (speech.pick("rows read", "读取行数"), summary.rows),
        (speech.pick("records read", "读取记录数"), summary.records),
        (speech.pick("records accepted", "接受的记录"), summary.accepted),
        (speech.pick("records rejected", "拒绝的记录"), summary.refused),
        (speech.pick("rows rejected", "拒绝的行"), summary.rejected_rows),
        (speech.pick("commands carried out", "执行的命令"), summary.commands),
        (speech.pick("events written", "写入的事件"), summary.events),
    ];
    for (what, figure) in figures {
        println!("{figure:>10}  {what}");
    }
    for (process, groups) in &summary.processes {
        println!();
        report_groups(process, groups, speech);
    }
    for tally in &summary.tallies {
        report_tally(tally, speech);
    }
    report_differences(outcome, differences, speech);
    println!();
    if outcome.rejected.is_empty() {
        println!("{}", speech.pick("nothing was rejected", "没有被拒绝的行"));
        return;
    }
    println!("{} {}", speech.pick("rejected rows, by line and reason:", "被拒绝的行及原因："), rejects.display());
    let causes = outcome.rejected.iter().filter(|row| !row.reason.starts_with("with its record"));
    for row in causes.take(REASONS_SHOWN) {
        let line = match row.source {
            Source::Log => speech.pick("line", "行"),
            Source::Attributes => speech.pick("attributes, line", "属性文件，行"),
        };
        println!("  {line} {}: {}: {}", row.line, row.case, row.reason);
    }
}

fn report_groups(process: &Name, groups: &BTreeMap<String, PrioritySummary>, speech: Speech) {
    println!(
        "{:<16} {:>9} {:>14} {:>14} {:>14} {:>9}",
        process.as_str(),
        speech.pick("records", "数量"),
        speech.pick("median", "解决中位数"),
        speech.pick("90th pct", "90 百分位"),
        speech.pick("reassigned", "转派次数"),
        speech.pick("reopened", "重开次数"),
    );
    let shown = |length_ms: Option<i64>| length_ms.map_or_else(|| "—".to_owned(), readable);
    for (priority, group) in groups {
        println!(
            "{priority:<16} {:>9} {:>14} {:>14} {:>14} {:>9}",
            group.records,
            shown(group.median_ms()),
            shown(group.p90_ms()),
            group.reassignments,
            group.reopened,
        );
    }
}

/// The values themselves where they are few, how many there are where not.
fn report_tally(tally: &Tallied, speech: Speech) {
    let called = speech.pick(&tally.called.en, &tally.called.zh);
    println!();
    match speech {
        Speech::En => println!("{called}: {} in {} records", tally.values.len(), tally.records),
        Speech::Zh => println!("{called}：{} 个，涉及 {} 条记录", tally.values.len(), tally.records),
    }
    if tally.values.len() <= VALUES_SHOWN {
        for (value, count) in &tally.values {
            println!("{count:>10}  {value}");
        }
    }
}

/// Where the files do not agree with each other, or with what the process can do.
fn report_differences(outcome: &Outcome, differences: &Path, speech: Speech) {
    for compared in &outcome.summary.compared {
        let called = speech.pick(&compared.called.en, &compared.called.zh);
        let differ = compared.differ.len();
        println!();
        match (compared.sums, speech) {
            (Some(Sums { by_log, by_attributes }), Speech::En) => {
                println!("{called}: {by_log} by the log, {by_attributes} by the attributes; {differ} records differ");
            }
            (Some(Sums { by_log, by_attributes }), Speech::Zh) => {
                println!("{called}：日志 {by_log} 次，属性文件 {by_attributes} 次；{differ} 条记录不一致");
            }
            (None, Speech::En) => println!("{called}: {differ} records differ"),
            (None, Speech::Zh) => println!("{called}：{differ} 条记录不一致"),
        }
        for one in compared.differ.iter().take(DIFFERENCES_SHOWN) {
            let (log, attributes) = (speech.pick("log", "日志"), speech.pick("attributes", "属性文件"));
            println!("  {}: {log} {}, {attributes} {}", one.case, one.by_log, one.by_attributes);
        }
        if differ > DIFFERENCES_SHOWN {
            println!("  …");
        }
    }
    let lines = [
        (speech.pick("closings put off or left out", "推迟或略去的关闭"), outcome.put_off.len()),
        (speech.pick("attributes left empty since rows disagree", "因各行不一致而留空的属性"), outcome.conflicts.len()),
    ];
    let differing: usize = outcome.summary.compared.iter().map(|compared| compared.differ.len()).sum();
    if differing + outcome.put_off.len() + outcome.conflicts.len() == 0 {
        return;
    }
    println!();
    for (what, count) in lines.into_iter().filter(|(_, count)| *count > 0) {
        println!("{count:>10}  {what}");
    }
    println!("{} {}", speech.pick("differences, one by one:", "逐条差异："), differences.display());
}

/// Every difference as a row: what it is about, the record or entry, its line, and what is said of it.
fn keep_differences(path: &Path, outcome: &Outcome) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["about", "record", "line", "log", "attributes", "reason"])?;
    for compared in &outcome.summary.compared {
        for one in &compared.differ {
            writer.write_record([&compared.called.en, &one.case, "", &one.by_log, &one.by_attributes, ""])?;
        }
    }
    for one in &outcome.put_off {
        writer.write_record(["closing", &one.case, &one.line.to_string(), "", "", &one.reason])?;
    }
    for one in &outcome.conflicts {
        let about = format!("{}.{}", one.register, one.attribute);
        writer.write_record([&about, &one.entry, "", "", "", "rows do not agree, so it stays empty"])?;
    }
    writer.flush()?;
    Ok(())
}

/// How many records are printed in which the files differ; all of them are in the file of differences.
const DIFFERENCES_SHOWN: usize = 10;

/// How many values of a column are listed.
const VALUES_SHOWN: usize = 40;
/// How many reasons are printed; all of them are in the reject file.
const REASONS_SHOWN: usize = 60;
