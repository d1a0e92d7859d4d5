//! `-> step`, `-> end closed`: a jump; and the steps and the jump that a part of a statement leads to.

use crate::read::{Reader, Reading, Stop, Wanted};
use crate::tree::{After, Goal, StatementKind};

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    match reader.take_go()? {
        Some(goal) => Ok(StatementKind::Go(goal)),
        None => Err(Stop::Unsaid),
    }
}

impl Reader<'_> {
    /// A jump, if one stands next.
    pub(crate) fn take_go(&mut self) -> Reading<Option<Goal>> {
        if !self.take_mark("->") {
            return Ok(None);
        }
        if self.leads() {
            return Err(self.stop(Wanted::Step));
        }
        let end = self.take("end");
        match self.take_name() {
            Some(name) => Ok(Some(Goal { name, end })),
            None => Err(self.stop(Wanted::Step)),
        }
    }

    /// Steps in braces, or a jump.
    pub(crate) fn way(&mut self) -> Reading<After> {
        match self.take_go()? {
            Some(goal) => Ok(After { flow: Vec::new(), go: Some(goal) }),
            None => Ok(After { flow: self.flow()?, go: self.take_go()? }),
        }
    }

    /// Steps in braces and a jump, of which either may be missing.
    pub(crate) fn after(&mut self) -> Reading<After> {
        let flow = if self.has_braces() { self.flow()? } else { Vec::new() };
        Ok(After { flow, go: self.take_go()? })
    }
}
