//! `choose kind { normal { … } emergency -> … }`: one way for each value of a choice.

use crate::read::{Reader, Reading};
use crate::tree::{After, StatementKind, SwitchText, Word};

enum Line {
    Case(Vec<Word>, After),
    Otherwise(After),
}

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("choose")?;
    let subject = reader.path()?;
    let mut switch = SwitchText { subject, cases: Vec::new(), otherwise: None };
    for line in reader.lines(case)? {
        match line {
            Line::Case(values, way) => switch.cases.push((values, way)),
            Line::Otherwise(way) => switch.otherwise = Some(way),
        }
    }
    Ok(StatementKind::Switch(Box::new(switch)))
}

fn case(reader: &mut Reader<'_>) -> Reading<Line> {
    if reader.take("else") {
        return Ok(Line::Otherwise(reader.way()?));
    }
    let mut values = vec![reader.name()?];
    while reader.take_mark("|") {
        values.push(reader.name()?);
    }
    Ok(Line::Case(values, reader.way()?))
}
