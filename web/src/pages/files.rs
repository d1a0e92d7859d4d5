//! The files of a record: giving it some, keeping one, taking one away.

use actix_web::http::StatusCode;
use engine::command::Command;
use engine::ids::FileId;

use crate::answer::{Answer, Body, Refusal};
use crate::files;
use crate::flash::Deed;
use crate::pages::comment::give;
use crate::pages::record::Drafted;
use crate::reach;
use crate::visit::Visit;

/// Gives the record the files of the form.
pub fn attach(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let brought = &visit.asked.files;
    let command = Command::Attach { files: brought.iter().map(|upload| upload.file.clone()).collect() };
    give(visit, &reached, command, Drafted::File, Deed::Attached)
}

/// A file, to be kept by the browser.
pub fn keep(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let held = reached.loaded.instance.file(asked(visit)?).filter(|held| files::is_shown(visit, &reached, held));
    let held = held.ok_or(Refusal::NotFound)?;
    // It may have been taken away since the record was read.
    let bytes = visit.app.store().file(reached.loaded.instance.id(), &held.file)?.ok_or(Refusal::NotFound)?;
    let body = Body::File { name: held.file.name.clone(), media_type: held.file.media_type.clone(), bytes };
    Ok(Answer { status: StatusCode::OK, body, cookies: Vec::new() })
}

/// Takes a file away.
pub fn detach(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    give(visit, &reached, Command::Detach { file: asked(visit)? }, Drafted::File, Deed::Detached)
}

fn asked(visit: &Visit<'_>) -> Result<FileId, Refusal> {
    visit.asked.part("file").parse().map(FileId).map_err(|_| Refusal::NotFound)
}
