//! `tiaoli migrate`: running records come to another version of their process.

use std::process::ExitCode;

use clap::Args;
use engine::ids::{DefinitionId, Name};
use engine::migration::MigrationPlan;
use runtime::{BatchOrder, Condition, Deed, Runtime, Selection};

use super::order::{self, Giving};
use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The process
    process: String,
    /// The version that the records follow
    #[arg(long)]
    from: u32,
    /// The version to which they come; the current one where not given
    #[arg(long)]
    to: Option<u32>,
    /// A step and what it is called in the new version, where the texts do not say so; an empty name takes it out
    #[arg(long = "step", value_name = "OLD=NEW")]
    steps: Vec<String>,
    /// A field and what it is called in the new version
    #[arg(long = "field", value_name = "OLD=NEW")]
    fields: Vec<String>,
    /// A clock and what it is called in the new version
    #[arg(long = "clock", value_name = "OLD=NEW")]
    clocks: Vec<String>,
    /// A clock that is given up, with all that it has measured
    #[arg(long = "drop-clock", value_name = "CLOCK")]
    dropped: Vec<String>,
    /// A value for a field that has none
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// Only the records of these numbers
    #[arg(long = "number", value_name = "NUMBER")]
    numbers: Vec<String>,
    #[command(flatten)]
    giving: Giving,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&arguments.giving.data)?;
    let process = Name::from(arguments.process.as_str());
    let from = version(&runtime, &process, Some(arguments.from), speech)?;
    let to = version(&runtime, &process, arguments.to, speech)?;
    let plan = plan(&runtime, arguments, &from, &to, speech)?;
    let selection = match arguments.numbers.is_empty() {
        true => Selection::Where {
            process: Some(process),
            definition: Some(from),
            condition: Condition::Open,
            step: None,
            newest: None,
        },
        false => Selection::Numbers(arguments.numbers.clone()),
    };
    let order = BatchOrder { selection, deed: Deed::Migrate { plan }, reason: arguments.giving.reason() };
    arguments.giving.carry_out(&runtime, &order, speech)
}

/// What the two texts say, with what the command line adds.
fn plan(
    runtime: &Runtime,
    arguments: &Arguments,
    from: &DefinitionId,
    to: &DefinitionId,
    speech: Speech,
) -> Result<MigrationPlan, Failure> {
    let (old, new) = (runtime.definition(from)?, runtime.definition(to)?);
    let mut plan = dsl::Plan::of(old.parts(), new.parts()).proposal(from.clone(), to.clone());
    for word in &arguments.steps {
        match order::pair(word, speech)? {
            (was, is) if is.as_str().is_empty() => plan.steps.remove(&was),
            (was, is) => plan.steps.insert(was, is),
        };
    }
    for word in &arguments.fields {
        let (was, is) = order::pair(word, speech)?;
        plan.fields.insert(was, is);
    }
    for word in &arguments.clocks {
        let (was, is) = order::pair(word, speech)?;
        plan.clocks.insert(was, is);
    }
    plan.dropped = arguments.dropped.iter().map(|clock| Name::from(clock.as_str())).collect();
    plan.set = order::values(&new, &arguments.set, speech)?;
    Ok(plan)
}

/// The definition of a version; of the current one where no number is given.
pub(super) fn version(
    runtime: &Runtime,
    process: &Name,
    number: Option<u32>,
    speech: Speech,
) -> Result<DefinitionId, Failure> {
    let found = match number {
        Some(number) => runtime.store().definition_version(process, number)?.map(|found| found.id),
        None => runtime.store().current_definition_id(process)?,
    };
    found.ok_or_else(|| {
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        match speech {
            Speech::En => format!("there is no version {number} of the process {process}").into(),
            Speech::Zh => format!("没有流程 {process} 的第 {number} 版").into(),
        }
    })
}
