//! Giving a record files, and taking them from it.

use crate::command::Rejection;
use crate::commands::{administers, open};
use crate::definition::Definition;
use crate::event::{Actor, Event};
use crate::file::{Bytes, FILES_MAX, File, HeldFile};
use crate::ids::FileId;
use crate::instance::{Instance, JobState};
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::{Fields, Value};

/// Whoever may write a comment may give files, and whoever does a job of the record.
pub(crate) fn attach(
    definition: &Definition,
    instance: &Instance,
    files: Vec<File>,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    let mut run = Run::new(definition, instance, world);
    match world.actor {
        Actor::Person(person) => {
            let works = |state: &JobState| match state {
                JobState::Leased { by, until } => by == person && world.now <= *until,
                JobState::Ready { .. } | JobState::Asked | JobState::Pausing { .. } => false,
            };
            let may = people::may_see(person, &run.instance, &run.scope())
                || run.instance.jobs().iter().any(|job| works(&job.state));
            if !may {
                return Err(Rejection::NotAllowed);
            }
        }
        Actor::System => {}
    }
    if files.is_empty() {
        return Err(Rejection::FilesMissing);
    }
    for file in files {
        file.fits().map_err(|misfit| Rejection::BadFile { name: file.name.clone(), misfit })?;
        let is_there = |held: &HeldFile| {
            held.field.is_none() && (&held.file.name, &held.file.sha256) == (&file.name, &file.sha256)
        };
        if run.instance.files().iter().any(is_there) {
            continue;
        }
        if run.instance.files().len() >= FILES_MAX {
            return Err(Rejection::TooManyFiles { limit: FILES_MAX });
        }
        let id = run.instance.new_file();
        let held = HeldFile { id, file, field: None, by: world.actor.clone(), at: world.now, bytes: Bytes::There };
        run.emit(Event::Attached { held: Box::new(held) });
    }
    Ok(run.finish())
}

/// Whoever brought a file may take it away, as long as its field does not name it; an administrator may in any case, and the
/// field does not name it any more.
pub(crate) fn detach(
    definition: &Definition,
    instance: &Instance,
    file: FileId,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    let mut run = Run::new(definition, instance, world);
    let held = run.instance.file(file).cloned().ok_or(Rejection::NoSuchFile(file))?;
    if !people::sees_file(world.actor, &held, &run.scope()) {
        return Err(Rejection::NoSuchFile(file));
    }
    if administers(world).is_err() {
        match &held.field {
            _ if held.by != *world.actor => return Err(Rejection::NotAllowed),
            Some(field) if run.instance.names_file(&held) => return Err(Rejection::FileInField(field.clone())),
            Some(_) | None => {}
        }
    }
    if let Some(field) = held.field.as_ref().filter(|_| run.instance.names_file(&held)) {
        let left = run.instance.fields().get(field).map_or(Value::Nothing, |value| without(value, &held.file));
        run.set_fields(Fields::from([(field.clone(), left)])).map_err(Rejection::CannotJudge)?;
    }
    run.emit(Event::Detached { file });
    Ok(run.finish())
}

fn without(value: &Value, file: &File) -> Value {
    match value {
        Value::List(items) => {
            let left: Vec<Value> = items.iter().filter(|item| **item != Value::File(file.clone())).cloned().collect();
            if left.is_empty() { Value::Nothing } else { Value::List(left) }
        }
        _ => Value::Nothing,
    }
}
