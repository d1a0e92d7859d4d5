//! `tiaoli deploy`: a definition file becomes the current version of its process.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use dsl::Verdict;
use engine::definition::Definition;
use engine::ids::DefinitionId;
use runtime::{DeployError, RuntimeError};
use store::{Deployed, Deployment, NumberTaken, Place, RegisterDeployment, TwoEyes};

use super::speech::Speech;
use super::{Failure, files, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The definition file
    path: PathBuf,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
    /// Who wrote this version: a sign-in name of the installation
    #[arg(long)]
    author: String,
    /// Who approved it: a sign-in name of the installation
    #[arg(long)]
    approver: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: String,
    /// The number of the change record under which it was approved; needed where the four-eyes principle is kept
    #[arg(long, value_name = "NUMBER")]
    change: Option<String>,
}

/// The longest number of a change record, in characters.
const CHANGE_MAX: usize = 80;

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let source = files::read(&arguments.path)?;
    if arguments.reason.trim().is_empty() {
        return Err(speech.pick("a deployment needs a reason", "部署必须说明原因").into());
    }
    let change = change(arguments.change.as_deref(), speech)?;
    let runtime = folder::open_existing(&arguments.data)?;
    let installed = runtime.store().current_sources()?;
    let Some(unit) = files::compiled_among(&arguments.path, &source, &installed, speech) else {
        return Ok(ExitCode::FAILURE);
    };
    let author = folder::person(&runtime, &arguments.author, speech)?;
    let approver = folder::person(&runtime, &arguments.approver, speech)?;
    for register in unit.registers {
        let name = register.name.clone();
        let deployed = runtime.deploy_register(&RegisterDeployment {
            register,
            id: DefinitionId::of_source(&source),
            source: source.clone(),
            author: author.clone(),
            approver: approver.clone(),
            reason: arguments.reason.clone(),
            change: change.clone(),
        });
        match (deployed.map_err(|cause| refused(cause, speech))?, speech) {
            (Deployed::New { version }, Speech::En) => println!("the register {name} is now version {version}"),
            (Deployed::New { version }, Speech::Zh) => println!("登记册 {name} 当前为版本 {version}"),
            (Deployed::Unchanged { .. }, Speech::En) => println!("the register {name} has not changed"),
            (Deployed::Unchanged { .. }, Speech::Zh) => println!("登记册 {name} 没有变化"),
        }
    }
    for checked in unit.processes {
        let id = DefinitionId::of_source(&source);
        let definition = Arc::new(Definition::prepare(id.clone(), checked.parts.clone())?);
        for result in dsl::run_examples(&checked, definition) {
            if let Verdict::Failed { line, saw } = &result.verdict {
                let (file, name, saw) = (arguments.path.display(), result.name, speech.pick(&saw.en, &saw.zh));
                return Err(match speech {
                    Speech::En => format!(
                        "nothing was deployed, since an example of the process says otherwise:\n  \
                         {file}:{line}: {name}: {saw}\nchange the example too where it should say so now"
                    ),
                    Speech::Zh => format!(
                        "没有部署：流程的一个示例与此不符：\n  {file}:{line}：{name}：{saw}\n如果确实要改，请同时修改该示例"
                    ),
                }
                .into());
            }
        }
        let process = checked.parts.name.clone();
        if let Some(current) = runtime.current(&process)? {
            let changes = dsl::diff(current.parts(), &checked.parts, speech.of_language());
            changes.iter().for_each(|change| println!("  {change}"));
        }
        let deployment = Deployment {
            process: process.clone(),
            id,
            source: source.clone(),
            parts: checked.parts,
            author: author.clone(),
            approver: approver.clone(),
            reason: arguments.reason.clone(),
            change: change.clone(),
        };
        let deployed = runtime.deploy(&deployment).map_err(|cause| refused(cause, speech))?;
        match (deployed, speech) {
            (Deployed::New { version }, Speech::En) => {
                println!("{process} is now version {version}; running records stay on theirs");
            }
            (Deployed::New { version }, Speech::Zh) => {
                println!("{process} 当前为版本 {version}；运行中的记录保持原版本")
            }
            (Deployed::Unchanged { version }, Speech::En) => {
                println!("{process} has not changed: version {version} stays current");
            }
            (Deployed::Unchanged { version }, Speech::Zh) => println!("{process} 没有变化：当前仍为版本 {version}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The number of a change record as it was given, where one was.
fn change(given: Option<&str>, speech: Speech) -> Result<Option<String>, Failure> {
    let Some(number) = given.map(str::trim) else { return Ok(None) };
    if number.is_empty() || number.chars().count() > CHANGE_MAX || number.chars().any(char::is_control) {
        return Err(match speech {
            Speech::En => format!("the number of a change record is one line of at most {CHANGE_MAX} characters"),
            Speech::Zh => format!("变更记录编号须为一行文字，不超过 {CHANGE_MAX} 个字符"),
        }
        .into());
    }
    Ok(Some(number.to_owned()))
}

/// Which two processes would give the same number to their records.
pub(super) fn number_taken(taken: &NumberTaken, speech: Speech) -> String {
    let NumberTaken { process, pattern, other } = taken;
    match speech {
        Speech::En => format!("the numbers of `{process}` (\"{pattern}\") can be those of `{other}` too"),
        Speech::Zh => format!("`{process}` 的编号“{pattern}”可能与 `{other}` 的编号重复"),
    }
}

/// Why nothing was deployed, with what to do about it.
fn refused(cause: DeployError, speech: Speech) -> Failure {
    match cause {
        DeployError::TwoEyes(lacks @ TwoEyes::OnePerson) => match speech {
            Speech::En => format!("nothing was deployed: {lacks}; name somebody else with --approver").into(),
            Speech::Zh => "没有部署：版本的编写人不能自己批准，须由另一人批准；请用 --approver 指定其他人".into(),
        },
        DeployError::TwoEyes(lacks @ TwoEyes::NoChangeRecord) => match speech {
            Speech::En => format!("nothing was deployed: {lacks}; name it with --change").into(),
            Speech::Zh => "没有部署：没有注明批准此版本的变更记录；请用 --change 注明编号".into(),
        },
        DeployError::NumberTaken(taken) => {
            let why = number_taken(&taken, speech);
            match speech {
                Speech::En => format!("nothing was deployed: {why}; give one of the two another `number`").into(),
                Speech::Zh => format!("没有部署：{why}；请为其中一个改用其他 `number`").into(),
            }
        }
        DeployError::Runtime(RuntimeError::NotRunYet(later)) => {
            let listed = later.iter().map(|later| match speech {
                Speech::En => format!("\n  line {}: `{}`: {}", later.line, later.construct, later.says.en),
                Speech::Zh => format!("\n  第 {} 行：`{}`：{}", later.line, later.construct, later.says.zh),
            });
            let listed: String = listed.collect();
            match speech {
                Speech::En => format!("nothing was deployed, since the engine cannot run this yet:{listed}").into(),
                Speech::Zh => format!("没有部署：引擎尚不能运行以下内容：{listed}").into(),
            }
        }
        DeployError::Runtime(cause) => cause.into(),
    }
}
