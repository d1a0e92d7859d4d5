//! `tiaoli doctor`: the integrity of an installation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The installation's data folder
    #[arg(long, default_value = "tiaoli-data")]
    data: PathBuf,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&arguments.data)?;
    let mut findings = 0_usize;
    let checked = runtime.store().check(&|id| runtime.definition(id).ok(), &mut |finding| {
        findings += 1;
        println!("{finding}");
    })?;
    match speech {
        Speech::En => println!(
            "{} records with {} steps checked: facts fold into states, hash chains hold, lists agree: {findings} findings",
            checked.instances, checked.events
        ),
        Speech::Zh => println!(
            "已检查 {} 条记录、{} 个步骤：事件能还原状态、哈希链完整、列表一致：{findings} 项发现",
            checked.instances, checked.events
        ),
    }
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
