//! `tiaoli backup` and `tiaoli restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use runtime::backup::BackupError;
use store::Place;

use super::speech::Speech;
use super::{Failure, doctor, folder};

#[derive(Args)]
pub(super) struct Backup {
    /// Where the backup goes: a folder that is not there yet, or is empty
    to: PathBuf,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    from: PathBuf,
    /// The data folder that takes the installation: one that is not there yet, or is empty
    #[arg(long)]
    data: PathBuf,
}

pub(super) fn back_up(arguments: &Backup, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&arguments.data)?;
    let (manifest, checked) = runtime.back_up(&arguments.to).map_err(|cause| failure(cause, speech))?;
    let (to, records, audit) = (arguments.to.display(), manifest.records, manifest.audit_sequence);
    let (steps, head) = (checked.events, manifest.audit_hash);
    match speech {
        Speech::En => println!(
            "{to}: {records} records with {steps} steps, checked; the audit trail ends at entry {audit}, {head}"
        ),
        Speech::Zh => println!("{to}：{records} 条记录、{steps} 个步骤，已检查；审计日志止于第 {audit} 条，{head}"),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(arguments: &Restore, speech: Speech) -> Result<ExitCode, Failure> {
    let (manifest, checked) =
        runtime::backup::restore(&arguments.from, &arguments.data).map_err(|cause| failure(cause, speech))?;
    let (to, records, steps) = (arguments.data.display(), manifest.records, checked.events);
    match speech {
        Speech::En => println!("{to}: {records} records with {steps} steps restored and checked"),
        Speech::Zh => println!("{to}：已恢复 {records} 条记录、{steps} 个步骤，并已检查"),
    }
    Ok(ExitCode::SUCCESS)
}

fn failure(cause: BackupError, speech: Speech) -> Failure {
    let chinese = match (&cause, speech) {
        (_, Speech::En) => return cause.into(),
        (BackupError::Taken(place), Speech::Zh) => format!("{} 已存在且不为空", place.display()),
        (BackupError::NoBackup { from, because }, Speech::Zh) => {
            format!("{} 不是可读取的备份：{because}", from.display())
        }
        (BackupError::Damaged(path), Speech::Zh) => format!("备份已损坏：{path} 与清单不符"),
        (BackupError::OtherHeads, Speech::Zh) => "备份已损坏：哈希链的末端与清单不符".to_owned(),
        (BackupError::Unsound { findings, first }, Speech::Zh) => {
            format!("副本自身不一致：{findings} 项发现，第一项：{}", doctor::told(first, speech))
        }
        (BackupError::Disk { path, cause }, Speech::Zh) => format!("{}：{cause}", path.display()),
        (BackupError::Store(cause), Speech::Zh) => cause.to_string(),
        (BackupError::Runtime(cause), Speech::Zh) => cause.to_string(),
    };
    chinese.into()
}
