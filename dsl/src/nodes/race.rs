//! `race { … }`: the first branch to finish wins.

use crate::read::{Opening, Reader, Reading};
use crate::tree::{BranchText, StatementKind};

/// What a branch may be.
pub(super) const BRANCHES: &[Opening<BranchText>] = &[
    Opening { word: "task", read: one },
    Opening { word: "on", read: one },
    Opening { word: "after", read: one },
    Opening { word: "wait", read: one },
    Opening { word: "approval", read: one },
    Opening { word: "call", read: one },
    Opening { word: "job", read: one },
    Opening { word: "way", read: way },
];

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("race")?;
    let name = reader.take_name();
    let tags = reader.take_labels()?;
    let branches = reader.block(BRANCHES)?.into_iter().map(|branch| branch.flow).collect();
    Ok(StatementKind::Race { name, tags, branches })
}

fn one(reader: &mut Reader<'_>) -> Reading<BranchText> {
    Ok(BranchText { when: None, flow: vec![reader.step()?] })
}

fn way(reader: &mut Reader<'_>) -> Reading<BranchText> {
    reader.need("way")?;
    Ok(BranchText { when: None, flow: reader.flow()? })
}
