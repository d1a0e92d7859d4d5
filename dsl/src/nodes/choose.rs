//! `if … { } else { }`.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    let mut cases = Vec::new();
    let mut otherwise = None;
    reader.need("if")?;
    loop {
        let condition = reader.expr()?;
        cases.push((condition, reader.way()?));
        if !reader.take("else") {
            break;
        }
        if !reader.take("if") {
            otherwise = Some(reader.way()?);
            break;
        }
    }
    Ok(StatementKind::Choose { cases, otherwise })
}
