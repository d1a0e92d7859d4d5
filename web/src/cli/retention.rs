//! `tiaoli retention`: what is due, what is held, and the orders about both.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use engine::ids::{InstanceId, Name};
use engine::time::ZONE;
use runtime::Runtime;
use store::{HoldId, HoldOrder, Place, Released};

use super::speech::Speech;
use super::{Failure, folder};

/// How many due records are named.
const NAMED_MAX: usize = 50;
/// The most records that one hold takes in by a process.
const HELD_MAX: usize = 100_000;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Say what is due for removal, what is held, and how long records are kept
    Show(Folder),
    /// Hold records, so that nothing removes them
    Hold(Hold),
    /// Release a hold
    Release(Release),
    /// Decide how long records are kept whose process does not say it
    Keep(Keep),
}

#[derive(Args)]
struct Folder {
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
}

#[derive(Args)]
struct Order {
    /// Who gives the order: a sign-in name of the installation
    #[arg(long)]
    by: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    folder: Folder,
}

#[derive(Args)]
struct Hold {
    /// The numbers of the records
    #[arg(required_unless_present = "process")]
    numbers: Vec<String>,
    /// All records of this process that there are now
    #[arg(long)]
    process: Option<String>,
    #[command(flatten)]
    order: Order,
}

#[derive(Args)]
struct Release {
    /// The hold's number
    hold: i64,
    #[command(flatten)]
    order: Order,
}

#[derive(Args)]
struct Keep {
    /// For how many months; without it, for ever
    #[arg(long)]
    months: Option<u32>,
    /// Who gives the order: a sign-in name of the installation
    #[arg(long)]
    by: String,
    #[command(flatten)]
    folder: Folder,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    match &arguments.what {
        What::Show(folder) => show(&folder::open_existing(&folder.data)?, speech),
        What::Hold(hold) => place(hold, speech),
        What::Release(release) => undo(release, speech),
        What::Keep(keep) => decide(keep, speech),
    }
}

fn show(runtime: &Runtime, speech: Speech) -> Result<ExitCode, Failure> {
    let months = runtime.store().keep_default()?;
    match (months, speech) {
        (None, Speech::En) => println!("records whose process does not say it are kept for ever"),
        (None, Speech::Zh) => println!("流程未规定时，记录永久保存"),
        (Some(months), Speech::En) => println!("records whose process does not say it are kept for {months} months"),
        (Some(months), Speech::Zh) => println!("流程未规定时，记录保存 {months} 个月"),
    }
    let due = runtime.due_for_removal(NAMED_MAX + 1)?;
    if due.is_empty() {
        println!("{}", speech.pick("nothing is due for removal", "没有到期的记录"));
    }
    for record in due.iter().take(NAMED_MAX) {
        let ended = record.ended.to_local(ZONE)?;
        match speech {
            Speech::En => println!("due: {}, ended {ended}", record.number),
            Speech::Zh => println!("到期：{}，结束于 {ended}", record.number),
        }
    }
    if due.len() > NAMED_MAX {
        println!("{}", speech.pick("and more", "还有更多"));
    }
    for hold in runtime.store().holds()? {
        let (id, records, reason) = (hold.id.0, hold.records, &hold.reason);
        match (hold.released, speech) {
            (None, Speech::En) => println!("hold {id}: {records} records: {reason}"),
            (None, Speech::Zh) => println!("保全 {id}：{records} 条记录：{reason}"),
            (Some((_, _, why)), Speech::En) => println!("hold {id}: released: {why}"),
            (Some((_, _, why)), Speech::Zh) => println!("保全 {id}：已解除：{why}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn order(runtime: &Runtime, order: &Order, speech: Speech) -> Result<HoldOrder, Failure> {
    let by = administrator(runtime, &order.by, speech)?;
    Ok(HoldOrder { by, at: runtime.now(), reason: order.reason.clone() })
}

/// Orders about retention are an administrator's.
fn administrator(runtime: &Runtime, sign_in: &str, speech: Speech) -> Result<Name, Failure> {
    let by = folder::person(runtime, sign_in, speech)?;
    let directory = runtime.directory();
    let may = directory.standing(&by).is_some_and(|held| held.roles.contains(engine::people::ADMINISTRATOR));
    if may {
        Ok(by)
    } else {
        Err(speech.pick("only administrators may order this", "只有管理员可以执行此操作").into())
    }
}

fn place(hold: &Hold, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&hold.order.folder.data)?;
    let order = order(&runtime, &hold.order, speech)?;
    let mut records: Vec<InstanceId> = Vec::new();
    for number in &hold.numbers {
        let found = runtime.store().instance_of_number(number)?;
        let missing = || match speech {
            Speech::En => format!("there is no record {number}"),
            Speech::Zh => format!("没有记录 {number}"),
        };
        records.push(found.ok_or_else(missing)?);
    }
    if let Some(process) = &hold.process {
        records.extend(runtime.store().records_of(&Name::from(process.as_str()), HELD_MAX)?);
    }
    let (count, id) = (records.len(), runtime.store().place_hold(&records, &order)?.0);
    match speech {
        Speech::En => println!("hold {id}: {count} records are not removed until it is released"),
        Speech::Zh => println!("保全 {id}：解除之前不会删除这 {count} 条记录"),
    }
    Ok(ExitCode::SUCCESS)
}

fn undo(release: &Release, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&release.order.folder.data)?;
    let order = order(&runtime, &release.order, speech)?;
    match (runtime.store().release_hold(HoldId(release.hold), &order)?, speech) {
        (Released::Now, Speech::En) => println!("hold {} is released", release.hold),
        (Released::Now, Speech::Zh) => println!("保全 {} 已解除", release.hold),
        (Released::NotHeld, Speech::En) => return Err(format!("there is no hold {} to release", release.hold).into()),
        (Released::NotHeld, Speech::Zh) => return Err(format!("没有可解除的保全 {}", release.hold).into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn decide(keep: &Keep, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&keep.folder.data)?;
    let by = administrator(&runtime, &keep.by, speech)?;
    runtime.store().set_keep_default(keep.months, &by, runtime.now())?;
    show(&runtime, speech)
}
