//! `race { … }`: the first branch to finish wins.

use crate::read::{Opening, Reader, Reading};
use crate::tree::{Statement, StatementKind};

/// What a branch may be.
const BRANCHES: &[Opening<Vec<Statement>>] = &[
    Opening { word: "task", read: |reader| Ok(vec![reader.step()?]) },
    Opening { word: "on", read: |reader| Ok(vec![reader.step()?]) },
    Opening { word: "after", read: |reader| Ok(vec![reader.step()?]) },
    Opening { word: "way", read: way },
];

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("race")?;
    let name = reader.take_name();
    let tags = reader.take_labels()?;
    Ok(StatementKind::Race { name, tags, branches: reader.block(BRANCHES)? })
}

fn way(reader: &mut Reader<'_>) -> Reading<Vec<Statement>> {
    reader.need("way")?;
    reader.flow()
}
