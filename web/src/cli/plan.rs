//! `tiaoli plan`: what a deployment would mean for the records that run, before anybody deploys.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dsl::{Fate, Language, Plan, Standing, Tally};
use engine::definition::{Labels, Parts, Step};
use engine::ids::{DefinitionId, Name};
use runtime::Runtime;
use serde::Serialize;
use store::Place;

use super::format::Format;
use super::speech::{Speech, counted};
use super::{Failure, files, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The definition file that would be deployed
    path: PathBuf,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
    /// For people, or one JSON object per process and line for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let source = files::read(&arguments.path)?;
    let Some(unit) = files::compiled(&arguments.path, &source, speech) else { return Ok(ExitCode::FAILURE) };
    let runtime = folder::open_existing(&arguments.data)?;
    for checked in &unit.processes {
        let outlook = outlook(&runtime, &DefinitionId::of_source(&source), &checked.parts)?;
        match arguments.format {
            Format::Json => println!("{}", serde_json::to_string(&outlook)?),
            Format::Text => outlook.say(speech),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the deployment of one process would mean.
#[derive(Debug, Serialize)]
struct Outlook {
    process: Name,
    /// The number that is current; `null` where the process is new here.
    current: Option<u32>,
    /// The number that would be current then.
    becomes: u32,
    /// What changes, one sentence each.
    changes: Changes,
    /// The versions that records follow, and the current one; newest first.
    versions: Vec<Outgoing>,
}

#[derive(Debug, Default, Serialize)]
struct Changes {
    en: Vec<String>,
    zh: Vec<String>,
}

/// A version whose records stay on it.
#[derive(Debug, Serialize)]
struct Outgoing {
    version: u32,
    definition: DefinitionId,
    /// Records that are not over.
    records: u64,
    /// Those that could move to the new version.
    movable: u64,
    /// Why the others could not. A record may have several reasons.
    reasons: Vec<Reason>,
    steps: Vec<StepOutlook>,
}

#[derive(Debug, Serialize)]
struct Reason {
    reason: Labels,
    records: u64,
}

#[derive(Debug, Serialize)]
struct StepOutlook {
    step: Name,
    label: Labels,
    /// The race or aside that it lies in.
    scope: Option<Name>,
    records: u64,
    tasks: u64,
    timers: u64,
    fate: FateName,
    /// Its name in the new version.
    to: Option<Name>,
    /// Why a record that stands in it cannot move.
    reason: Option<Labels>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum FateName {
    Same,
    Changed,
    Renamed,
    Lost,
}

fn outlook(runtime: &Runtime, id: &DefinitionId, new: &Parts) -> Result<Outlook, Failure> {
    // A text that was deployed twice has one identity; its newest number stands for it.
    let mut seen = BTreeSet::new();
    let rows = runtime.store().definitions()?.into_iter().filter(|row| row.process == new.name);
    let rows: Vec<_> = rows.filter(|row| seen.insert(row.id.clone())).collect();
    let current = rows.first();
    let becomes = match current {
        Some(row) if row.id == *id => row.version,
        Some(row) => row.version + 1,
        None => 1,
    };
    let changes = match current {
        Some(row) => {
            let old = runtime.definition(&row.id)?;
            let said = |language| dsl::diff(old.parts(), new, language);
            Changes { en: said(Language::En), zh: said(Language::Zh) }
        }
        None => Changes::default(),
    };
    let mut versions = Vec::new();
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.id != *id) {
        if place == 0 || row.running > 0 {
            versions.push(outgoing(runtime, row.version, &row.id, new)?);
        }
    }
    Ok(Outlook { process: new.name.clone(), current: current.map(|row| row.version), becomes, changes, versions })
}

/// Counts the records of a version, a page at a time.
fn outgoing(runtime: &Runtime, version: u32, id: &DefinitionId, new: &Parts) -> Result<Outgoing, Failure> {
    let old = runtime.definition(id)?;
    let plan = Plan::of(old.parts(), new);
    let (mut tally, mut last) = (Tally::default(), None);
    loop {
        let page = runtime.store().running(id, last)?;
        let Some(newest) = page.last() else { break };
        last = Some(newest.id());
        page.iter().for_each(|record| tally.count(&plan, record));
    }
    let step = |(step, fate): (&Step, &Fate)| {
        let Standing { records, tasks, timers } = tally.standing.get(&step.name).copied().unwrap_or_default();
        let (fate, to, reason) = match fate {
            Fate::Same => (FateName::Same, Some(step.name.clone()), None),
            Fate::Changed => (FateName::Changed, Some(step.name.clone()), None),
            Fate::Renamed { to } => (FateName::Renamed, Some(to.clone()), None),
            Fate::Lost(obstacle) => (FateName::Lost, None, Some(plan.said(obstacle))),
        };
        let label = plan.step_label(&step.name);
        StepOutlook {
            step: step.name.clone(),
            label,
            scope: step.scope.clone(),
            records,
            tasks,
            timers,
            fate,
            to,
            reason,
        }
    };
    let reasons =
        tally.obstacles.iter().map(|(obstacle, records)| Reason { reason: plan.said(obstacle), records: *records });
    Ok(Outgoing {
        version,
        definition: id.clone(),
        records: tally.records,
        movable: tally.movable,
        reasons: reasons.collect(),
        steps: plan.steps().map(step).collect(),
    })
}

impl Outlook {
    fn say(&self, speech: Speech) {
        let (process, becomes) = (&self.process, self.becomes);
        match (self.current, speech) {
            (None, Speech::En) => {
                println!("{process} is new here: it would become version 1, and no record follows it")
            }
            (None, Speech::Zh) => println!("{process} 是新流程：将成为第 1 版，尚无记录使用"),
            (Some(current), Speech::En) if current == becomes => {
                println!("{process}: the text is that of version {current}, which is current; nothing would change");
            }
            (Some(current), Speech::Zh) if current == becomes => {
                println!("{process}：文本与当前的第 {current} 版相同，部署不会带来变化");
            }
            (Some(current), Speech::En) => println!("{process}: version {becomes} would follow version {current}"),
            (Some(current), Speech::Zh) => println!("{process}：将由第 {current} 版变为第 {becomes} 版"),
        }
        let changes = match speech {
            Speech::En => &self.changes.en,
            Speech::Zh => &self.changes.zh,
        };
        changes.iter().for_each(|change| println!("  {change}"));
        self.versions.iter().for_each(|version| version.say(speech));
    }
}

impl Outgoing {
    fn say(&self, speech: Speech) {
        let (records, version, movable) = (self.records, self.version, self.movable);
        let stuck = records - movable;
        let reasons: Vec<String> = self
            .reasons
            .iter()
            .map(|held| {
                let (reason, records) = (speech.pick(&held.reason.en, &held.reason.zh), held.records);
                match speech {
                    Speech::En => format!("{reason} ({records})"),
                    Speech::Zh => format!("{reason}（{records}）"),
                }
            })
            .collect();
        println!();
        match (speech, stuck) {
            (Speech::En, 0) if records == 0 => println!("no running record follows version {version}"),
            (Speech::Zh, 0) if records == 0 => println!("没有运行中的记录使用第 {version} 版"),
            (Speech::En, 0) => println!("{} on version {version}; all could move", stay(records)),
            (Speech::En, _) => println!(
                "{} on version {version}; of these {movable} could move, {stuck} not: {}",
                stay(records),
                reasons.join("; ")
            ),
            (Speech::Zh, 0) => println!("{records} 条运行中的记录保持第 {version} 版；全部可以迁移"),
            (Speech::Zh, _) => println!(
                "{records} 条运行中的记录保持第 {version} 版；其中 {movable} 条可以迁移，{stuck} 条不能：{}",
                reasons.join("；")
            ),
        }
        self.steps.iter().filter(|step| self.is_worth_saying(step)).for_each(|step| step.say(speech));
    }

    /// Where nobody stands and nothing is lost, there is nothing to say; nor of what is around the steps that count.
    fn is_worth_saying(&self, step: &StepOutlook) -> bool {
        let encloses = self.steps.iter().any(|inner| inner.scope.as_ref() == Some(&step.step));
        step.fate == FateName::Lost || (step.records > 0 && !encloses)
    }
}

fn stay(records: u64) -> String {
    match records {
        1 => "1 running record stays".to_owned(),
        several => format!("{several} running records stay"),
    }
}

impl StepOutlook {
    fn say(&self, speech: Speech) {
        let StepOutlook { step, records, tasks, timers, .. } = self;
        let label = speech.pick(&self.label.en, &self.label.zh);
        let to = self.to.as_ref().map_or("", Name::as_str);
        let fate = match (self.fate, speech) {
            (FateName::Same, Speech::En) => "stays as it is".to_owned(),
            (FateName::Same, Speech::Zh) => "不变".to_owned(),
            (FateName::Changed, Speech::En) => "can move, and says something else then".to_owned(),
            (FateName::Changed, Speech::Zh) => "可以迁移，但内容有变化".to_owned(),
            (FateName::Renamed, Speech::En) => format!("can move, and is named {to} then"),
            (FateName::Renamed, Speech::Zh) => format!("可以迁移，改名为 {to}"),
            (FateName::Lost, _) => {
                let reason = self.reason.as_ref().map_or("", |reason| speech.pick(&reason.en, &reason.zh));
                match speech {
                    Speech::En => format!("cannot move: {reason}"),
                    Speech::Zh => format!("不能迁移：{reason}"),
                }
            }
        };
        match speech {
            Speech::En => {
                let (records, tasks) = (counted(*records, "record"), counted(*tasks, "open task"));
                println!("  {label} [{step}]: {records}, {tasks}, {}; {fate}", counted(*timers, "timer"));
            }
            Speech::Zh => {
                println!("  {label} [{step}]：{records} 条记录，{tasks} 个待办任务，{timers} 个定时；{fate}");
            }
        }
    }
}
