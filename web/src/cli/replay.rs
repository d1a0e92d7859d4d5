//! `tiaoli replay`: an organisation's event log through a process, at the log's own instants.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use runtime::replay::{Log, Mapping, Outcome, readable};
use store::Place;

use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The log, in CSV form
    log: PathBuf,
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
    let log = Log::read(&arguments.log, &mapping.log)?;
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
    report(&outcome, &rejects, speech);
    Ok(ExitCode::SUCCESS)
}

fn keep_rejects(path: &Path, log: &Log, outcome: &Outcome) -> Result<(), Failure> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(path)?;
    let headings = ["line", "record", "reason"].into_iter().chain(log.headings().iter().map(String::as_str));
    writer.write_record(headings)?;
    for row in &outcome.rejected {
        let line = row.line.to_string();
        let told = [line.as_str(), row.case.as_str(), row.reason.as_str()];
        writer.write_record(told.into_iter().chain(row.cells.iter().map(String::as_str)))?;
    }
    writer.flush()?;
    Ok(())
}

fn report(outcome: &Outcome, rejects: &Path, speech: Speech) {
    let summary = &outcome.summary;
    let figures = [
        (speech.pick("rows read", "读取行数"), summary.rows),
        (speech.pick("incidents read", "读取事件单数"), summary.records),
        (speech.pick("incidents accepted", "接受的事件单"), summary.accepted),
        (speech.pick("incidents rejected", "拒绝的事件单"), summary.refused),
        (speech.pick("rows rejected", "拒绝的行"), summary.rejected_rows),
        (speech.pick("commands carried out", "执行的命令"), summary.commands),
        (speech.pick("events written", "写入的事件"), summary.events),
    ];
    for (what, figure) in figures {
        println!("{figure:>10}  {what}");
    }
    println!();
    println!(
        "{:<10} {:>9} {:>14} {:>14} {:>14} {:>9}",
        speech.pick("priority", "优先级"),
        speech.pick("incidents", "数量"),
        speech.pick("median", "解决中位数"),
        speech.pick("90th pct", "90 百分位"),
        speech.pick("reassigned", "转派次数"),
        speech.pick("reopened", "重开次数"),
    );
    let shown = |length_ms: Option<i64>| length_ms.map_or_else(|| "—".to_owned(), readable);
    for (priority, group) in &summary.priorities {
        println!(
            "{priority:<10} {:>9} {:>14} {:>14} {:>14} {:>9}",
            group.records,
            shown(group.median_ms()),
            shown(group.p90_ms()),
            group.reassignments,
            group.reopened,
        );
    }
    println!();
    if outcome.rejected.is_empty() {
        println!("{}", speech.pick("nothing was rejected", "没有被拒绝的行"));
        return;
    }
    println!("{} {}", speech.pick("rejected rows, by line and reason:", "被拒绝的行及原因："), rejects.display());
    let causes = outcome.rejected.iter().filter(|row| !row.reason.starts_with("with its record"));
    for row in causes.take(REASONS_SHOWN) {
        println!("  {} {}: {}: {}", speech.pick("line", "行"), row.line, row.case, row.reason);
    }
}

/// How many reasons are printed; all of them are in the reject file.
const REASONS_SHOWN: usize = 60;
