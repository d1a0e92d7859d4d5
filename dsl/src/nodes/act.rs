//! `set`, `notify`, `escalate`: what is done without people.

use crate::read::{Reader, Reading};
use crate::tree::{Deed, People, Place, Telling, Word};

/// What else people are told by.
const CHANNELS: &[(&str, &str)] = &[("email", "email"), ("sms", "sms"), ("webhook", "webhook")];

pub(super) fn set(reader: &mut Reader<'_>) -> Reading<Deed> {
    reader.need("set")?;
    let field = reader.name()?;
    reader.need_mark("=")?;
    Ok(Deed::Set(field, reader.expr()?))
}

pub(super) fn notify(reader: &mut Reader<'_>) -> Reading<Deed> {
    let start = reader.here();
    reader.need("notify")?;
    let (span, whom, template) = told(reader, start)?;
    let how = match reader.take("by") {
        true => Telling::By(reader.need_one(CHANNELS)?),
        false => Telling::Notify,
    };
    Ok(Deed::Tell { span, whom, template, how })
}

pub(super) fn escalate(reader: &mut Reader<'_>) -> Reading<Deed> {
    let start = reader.here();
    reader.need("escalate")?;
    reader.need("to")?;
    let (span, whom, template) = told(reader, start)?;
    Ok(Deed::Tell { span, whom, template, how: Telling::Escalate })
}

fn told(reader: &mut Reader<'_>, start: usize) -> Reading<(Place, Vec<People>, Option<Word>)> {
    let whom = reader.people()?;
    let template = if reader.take("with") {
        reader.need("template")?;
        Some(reader.name()?)
    } else {
        None
    };
    Ok((start..reader.behind(), whom, template))
}
