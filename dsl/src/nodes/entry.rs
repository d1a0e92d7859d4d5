//! `enter known_error with { … }`, `update items with { … }`: what a record says to registers.

use crate::read::{Reader, Reading};
use crate::tree::Deed;

pub(super) fn enter(reader: &mut Reader<'_>) -> Reading<Deed> {
    reader.need("enter")?;
    Ok(Deed::Enter { register: reader.name()?, form: reader.with_form()? })
}

pub(super) fn update(reader: &mut Reader<'_>) -> Reading<Deed> {
    reader.need("update")?;
    Ok(Deed::Update { of: reader.path()?, form: reader.with_form()? })
}
