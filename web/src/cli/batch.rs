//! `tiaoli batch`: one order to many records.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use engine::ids::Name;
use engine::value::Fields;
use runtime::{BatchOrder, Condition, Deed, Runtime, Selection};
use store::{BatchId, Place};

use super::format::Format;
use super::order::{self, Giving};
use super::speech::Speech;
use super::{Failure, folder, migrate};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Order something of many records; without --order only what would happen is said
    New(New),
    /// List the batches, newest first
    List(Folder),
    /// Say what became of a batch's records
    Show(One),
    /// Let a batch go no further; what was done stays done
    Stop(One),
    /// Bring back what a migration has moved, but for records that somebody has worked on since
    Undo(Undo),
    /// Make a batch final: it cannot be brought back any more
    Finish(One),
}

#[derive(Args)]
struct Folder {
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
}

#[derive(Args)]
struct One {
    /// The batch's number
    batch: i64,
    #[command(flatten)]
    folder: Folder,
}

#[derive(Args)]
struct Undo {
    /// The batch's number
    batch: i64,
    /// Who gives the order: a sign-in name of the installation
    #[arg(long)]
    by: String,
    /// Why, for the history of every record
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    folder: Folder,
}

/// What can be ordered of many records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Verb {
    Suspend,
    Resume,
    Cancel,
    Retry,
    Skip,
    Edit,
    Mend,
    Move,
}

/// How records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Are {
    Open,
    Stuck,
    Suspended,
}

#[derive(Args)]
struct New {
    /// What to do with each record
    verb: Verb,
    /// Only records of this process
    #[arg(long)]
    process: Option<String>,
    /// Only records of this version of the process
    #[arg(long, requires = "process")]
    version: Option<u32>,
    /// Only records that stand in this step, or in something in it
    #[arg(long)]
    step: Option<String>,
    /// Only records that are so
    #[arg(long, value_enum, default_value_t = Are::Open)]
    status: Are,
    /// Only the records of these numbers
    #[arg(long = "number", value_name = "NUMBER", conflicts_with_all = ["version", "step", "status"])]
    numbers: Vec<String>,
    /// For move: where the record goes from; --step where not given
    #[arg(long, value_name = "STEP")]
    from: Option<String>,
    /// For move: where the record goes
    #[arg(long, value_name = "STEP")]
    to: Option<String>,
    /// For edit and mend: a field's new value; empties the field where the value is empty
    #[arg(long = "set", value_name = "FIELD=VALUE", requires = "process")]
    set: Vec<String>,
    #[command(flatten)]
    giving: Giving,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    match &arguments.what {
        What::New(new) => give(new, speech),
        What::List(Folder { data }) => {
            let runtime = folder::open_existing(data)?;
            for row in runtime.store().batches()? {
                println!("{}", order::headline(&row, speech));
            }
            Ok(ExitCode::SUCCESS)
        }
        What::Show(One { batch, folder }) => {
            let runtime = folder::open_existing(&folder.data)?;
            order::report(&runtime, BatchId(*batch), Format::Text, speech)
        }
        What::Stop(One { batch, folder }) => {
            let runtime = folder::open_existing(&folder.data)?;
            let stopped = runtime.stop_batch(BatchId(*batch))?;
            told(stopped, &runtime, *batch, speech)
        }
        What::Finish(One { batch, folder }) => {
            let runtime = folder::open_existing(&folder.data)?;
            let finished = runtime.finalise_batch(BatchId(*batch))?;
            told(finished, &runtime, *batch, speech)
        }
        What::Undo(Undo { batch, by, reason, folder }) => {
            let runtime = folder::open_existing(&folder.data)?;
            let by = folder::person(&runtime, by, speech)?;
            let undo = runtime.undo_batch(BatchId(*batch), reason.clone(), &by)?;
            order::watch(&runtime, undo, Format::Text, speech)
        }
    }
}

/// Says how the batch is now; fails where it could not be turned so.
fn told(turned: bool, runtime: &Runtime, batch: i64, speech: Speech) -> Result<ExitCode, Failure> {
    println!("{}", order::headline(&order::found(runtime, BatchId(batch), speech)?, speech));
    Ok(if turned { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn give(new: &New, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&new.giving.data)?;
    let process = new.process.as_deref().map(Name::from);
    let definition = match (&process, new.version) {
        (Some(process), Some(number)) => Some(migrate::version(&runtime, process, Some(number), speech)?),
        _ => None,
    };
    let fields = match (&process, &definition) {
        (Some(process), id) => {
            let id = match id {
                Some(id) => id.clone(),
                None => migrate::version(&runtime, process, None, speech)?,
            };
            order::values(&*runtime.definition(&id)?, &new.set, speech)?
        }
        (None, _) => Fields::new(),
    };
    let step = new.step.as_deref().map(Name::from);
    let deed = deed(new, step.as_ref(), fields, speech)?;
    let selection = match new.numbers.is_empty() {
        true => Selection::Where { process, definition, condition: new.status.condition(), step, newest: None },
        false => Selection::Numbers(new.numbers.clone()),
    };
    new.giving.carry_out(&runtime, &BatchOrder { selection, deed, reason: new.giving.reason() }, speech)
}

impl Are {
    fn condition(self) -> Condition {
        match self {
            Are::Open => Condition::Open,
            Are::Stuck => Condition::Stuck,
            Are::Suspended => Condition::Suspended,
        }
    }
}

fn deed(new: &New, step: Option<&Name>, fields: Fields, speech: Speech) -> Result<Deed, Failure> {
    match new.verb {
        Verb::Suspend => Ok(Deed::Suspend),
        Verb::Resume => Ok(Deed::Resume),
        Verb::Cancel => Ok(Deed::Cancel),
        Verb::Retry => Ok(Deed::Retry),
        Verb::Skip => Ok(Deed::Skip),
        Verb::Edit => Ok(Deed::Edit { fields }),
        Verb::Mend => Ok(Deed::Mend { fields }),
        Verb::Move => {
            let from = new.from.as_deref().map(Name::from).or(step.cloned());
            match (from, &new.to) {
                (Some(from), Some(to)) => Ok(Deed::Move { from, to: Name::from(to.as_str()) }),
                _ => Err(speech.pick("move needs --from and --to", "move 需要 --from 和 --to").into()),
            }
        }
    }
}
