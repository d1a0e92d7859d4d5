//! An installation's data: a folder, or a database on a server.

use std::sync::Arc;

use engine::ids::{DefinitionId, Name};
use runtime::{DeployError, Outside, Runtime, SystemClock};
use store::{Deployed, Deployment, Place, RegisterDeployment, Store};

use super::speech::Speech;
use super::{Failure, deploy};

/// Who brings what is packaged with the product into an installation, in the audit trail.
pub(super) const PACKAGER: &str = "tiaoli";

/// Opens the installation at a place; makes the folder and an empty installation where there is none.
pub(super) fn open(place: &Place) -> Result<Runtime, Failure> {
    open_to(place, Outside::default())
}

/// The same with what the process may reach outside.
pub(super) fn open_to(place: &Place, outside: Outside) -> Result<Runtime, Failure> {
    if let Some(folder) = place.path() {
        std::fs::create_dir_all(folder).map_err(|cause| format!("{} cannot be made: {cause}", folder.display()))?;
    }
    Ok(Runtime::open_to(Store::open(place)?, Arc::new(SystemClock), outside)?)
}

/// Opens the installation at a place where there must be one.
pub(super) fn open_existing(place: &Place) -> Result<Runtime, Failure> {
    let nothing = || Failure::from(format!("there is no installation in {place}"));
    match place.path() {
        Some(folder) if folder.join("tiaoli.sqlite").is_file() => open(place),
        Some(_) => Err(nothing()),
        None => {
            let runtime = open(place)?;
            if runtime.store().definitions()?.is_empty() { Err(nothing()) } else { Ok(runtime) }
        }
    }
}

/// The person who signs in under a name.
pub(super) fn person(runtime: &Runtime, sign_in: &str, speech: Speech) -> Result<Name, Failure> {
    match runtime.store().person_by_sign_in(sign_in)? {
        Some(person) => Ok(person.id),
        None => Err(match speech {
            Speech::En => format!("nobody in this installation signs in as \"{sign_in}\""),
            Speech::Zh => format!("此系统中没有登录名为“{sign_in}”的人"),
        }
        .into()),
    }
}

/// Brings the packaged calendars and processes into an installation that does not have them. A process whose numbers are
/// those of one that people made there stays out, and that is said.
pub(super) fn install_packaged(runtime: &Runtime, speech: Speech) -> Result<(), Failure> {
    let by = Name::from(PACKAGER);
    for known in dsl::calendars::known() {
        if runtime.directory().calendar(&known.key).is_none() {
            runtime.store().put_calendar(&known.key, &known.data, &by, runtime.now())?;
        }
    }
    runtime.reload_directory()?;
    // What is there as it was packaged needs no reading.
    let held = runtime.store().current_sources()?;
    let is_new = |file: &&processes::Packaged| !held.iter().any(|source| source == file.source);
    for packaged in processes::registers().iter().filter(is_new) {
        let unit = dsl::compile_among(packaged.source, processes::among())
            .map_err(|_| format!("the packaged registers {} have problems", packaged.path))?;
        for register in unit.registers {
            let order = RegisterDeployment {
                register,
                id: DefinitionId::of_source(packaged.source),
                source: packaged.source.to_owned(),
                author: by.clone(),
                approver: by.clone(),
                reason: format!("packaged with Tiaoli {}", env!("CARGO_PKG_VERSION")),
                change: None,
            };
            runtime.store().install_register(&order, runtime.now())?;
        }
    }
    runtime.reload_directory()?;
    for packaged in processes::packaged().iter().filter(is_new) {
        let unit = dsl::compile_among(packaged.source, processes::among())
            .map_err(|_| format!("the packaged definition {} has problems", packaged.path))?;
        for checked in unit.processes {
            if runtime.current(&checked.parts.name)?.is_none() {
                let installed = runtime.install(&Deployment {
                    process: checked.parts.name.clone(),
                    id: DefinitionId::of_source(packaged.source),
                    source: packaged.source.to_owned(),
                    parts: checked.parts,
                    author: by.clone(),
                    approver: by.clone(),
                    reason: format!("packaged with Tiaoli {}", env!("CARGO_PKG_VERSION")),
                    change: None,
                });
                match installed {
                    Ok(Deployed::New { .. } | Deployed::Unchanged { .. }) => {}
                    Err(DeployError::NumberTaken(taken)) => {
                        let why = deploy::number_taken(&taken, speech);
                        let left_out = speech.pick("a packaged process was left out: ", "未装入一个内置流程：");
                        eprintln!("{left_out}{why}");
                    }
                    Err(cause) => return Err(cause.into()),
                }
            }
        }
    }
    Ok(())
}
