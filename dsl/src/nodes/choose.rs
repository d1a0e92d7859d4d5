//! `if … { } else { }`.

use crate::read::{Reader, Reading};
use crate::tree::{After, StatementKind};

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    let mut cases = Vec::new();
    let mut otherwise = None;
    reader.need("if")?;
    loop {
        let condition = reader.expr()?;
        cases.push((condition, way(reader)?));
        if !reader.take("else") {
            break;
        }
        if !reader.take("if") {
            otherwise = Some(way(reader)?);
            break;
        }
    }
    Ok(StatementKind::Choose { cases, otherwise })
}

fn way(reader: &mut Reader<'_>) -> Reading<After> {
    match reader.take_go()? {
        Some(goal) => Ok(After { flow: Vec::new(), go: Some(goal) }),
        None => Ok(After { flow: reader.flow()?, go: None }),
    }
}
