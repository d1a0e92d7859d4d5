//! `tiaoli doctor`: the integrity of an installation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use runtime::anchor::Anchors;
use serde::Serialize;
use store::{Astray, Finding, Place};

use super::format::Format;
use super::speech::Speech;
use super::{Failure, evidence, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The installation's data folder, or postgres://… of its database
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
    /// An anchor file that somebody kept: whether the chains still pass where they were anchored
    #[arg(long)]
    anchors: Option<PathBuf>,
    /// Forget the words by which records are found, before looking: a running server works them out anew
    #[arg(long)]
    forget_words: bool,
    /// For people, or one JSON object per finding and a last one with the figures for machines
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Succeeds where nothing was found; fails with 1 where something was, or nothing could be looked at.
pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&arguments.data)?;
    if arguments.forget_words {
        runtime.store().forget_searched()?;
    }
    let mut findings = 0_u64;
    let mut report = |finding: String| {
        findings += 1;
        match arguments.format {
            Format::Text => println!("{finding}"),
            Format::Json => print_json(&Found { finding: &finding }),
        }
    };
    let checked = runtime.check(&mut |finding| report(told(&finding, speech)))?;
    if let Some(path) = &arguments.anchors {
        for found in Anchors::read(path, None)?.compared(runtime.store())? {
            report(evidence::unanchored(&found, speech));
        }
    }
    match (arguments.format, speech) {
        (Format::Json, _) => print_json(&Figures {
            records: checked.instances,
            steps: checked.events,
            audit_entries: checked.audit_entries,
            findings,
        }),
        (Format::Text, Speech::En) => println!(
            "{} records with {} steps and {} audit entries checked: facts fold into states, hash chains hold, lists agree: {findings} findings",
            checked.instances, checked.events, checked.audit_entries
        ),
        (Format::Text, Speech::Zh) => println!(
            "已检查 {} 条记录、{} 个步骤、{} 条审计条目：事件能还原状态、哈希链完整、列表一致：{findings} 项发现",
            checked.instances, checked.events, checked.audit_entries
        ),
    }
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Serialize)]
struct Found<'a> {
    finding: &'a str,
}

#[derive(Serialize)]
struct Figures {
    records: u64,
    steps: u64,
    audit_entries: u64,
    findings: u64,
}

fn print_json<T: Serialize>(line: &T) {
    println!("{}", serde_json::to_string(line).expect("plain data with text for keys always has a JSON form"));
}

/// A finding in the reader's language.
pub(super) fn told(finding: &Finding, speech: Speech) -> String {
    match speech {
        Speech::En => finding.to_string(),
        Speech::Zh => in_chinese(finding),
    }
}

fn in_chinese(finding: &Finding) -> String {
    match finding {
        Finding::ChainBroken { instance, revision } => format!("记录 {instance}：哈希链在第 {revision} 步断开"),
        Finding::HeadDiffers { instance } => format!("记录 {instance}：状态与历史的末端不符"),
        Finding::StateDiffers { instance } => format!("记录 {instance}：事件还原不出它的状态"),
        Finding::ListDiffers { instance, list } => format!("记录 {instance}：列表“{list}”与状态不一致"),
        Finding::NoDefinition { instance, definition } => {
            format!("记录 {instance}：它的流程定义 {definition} 无法使用")
        }
        Finding::NoSuchRecord { instance, list } => format!("记录 {instance}：列表“{list}”中有它，但记录不存在"),
        Finding::FileChanged { instance, file } => format!("记录 {instance}：文件“{file}”与其哈希不符"),
        Finding::Unreadable { instance, cause } => format!("记录 {instance}：无法读取：{cause}"),
        Finding::AuditBroken { sequence } => format!("审计日志在第 {sequence} 条断开"),
        Finding::RowAstray { list, row, because } => {
            let because = match because {
                Astray::OfNobody => "所属的对象不存在",
                Astray::OfOneWhoLeft => "属于已离开的人员",
                Astray::Ahead => "超前于它的来源",
                Astray::Twice => "不止一个",
                Astray::Gap => "前面有缺失",
                Astray::Changed => "内容与标识不符",
                Astray::Empty => "没有内容",
                Astray::Unreadable => "无法读取",
            };
            format!("{list}：{row} {because}")
        }
    }
}
