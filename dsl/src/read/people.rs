//! People, what forms ask for, what is done without people.

use super::{Reader, Reading, Wanted};
use crate::shape::ShapeKind;
use crate::tree::{AskText, Deed, DueText, People};

impl Reader<'_> {
    /// Several people between commas.
    pub(crate) fn people(&mut self) -> Reading<Vec<People>> {
        let mut found = vec![self.who()?];
        while self.take_mark(",") {
            found.push(self.who()?);
        }
        Ok(found)
    }

    /// `anyone`, `role staff`, `requester`, `service.support_team`.
    pub(crate) fn who(&mut self) -> Reading<People> {
        if self.peek().and_then(|shape| self.word_of(shape)) == Some("anyone") {
            self.advance();
            return Ok(People::Anyone);
        }
        let named = matches!(self.peek_after(1).map(|shape| &shape.kind), Some(ShapeKind::Word));
        if named && self.peek().and_then(|shape| self.word_of(shape)) == Some("role") {
            self.advance();
            return Ok(People::Role(self.name()?));
        }
        match self.peek().map(|shape| &shape.kind) {
            Some(ShapeKind::Word) => Ok(People::Named(self.path().map_err(|_| self.stop(Wanted::People))?)),
            _ => Err(self.stop(Wanted::People)),
        }
    }

    /// `asks a, b and c when …`, if it stands next.
    pub(crate) fn take_asks(&mut self) -> Reading<Vec<AskText>> {
        if !self.take("asks") {
            return Ok(Vec::new());
        }
        let mut found = vec![self.ask()?];
        while self.take_mark(",") {
            found.push(self.ask()?);
        }
        Ok(found)
    }

    fn ask(&mut self) -> Reading<AskText> {
        let mut fields = vec![self.name()?];
        while self.take("and") {
            fields.push(self.name()?);
        }
        let when = if self.take("when") { Some(self.expr()?) } else { None };
        Ok(AskText { fields, when })
    }

    /// `2 working days counted by service.calendar`.
    pub(crate) fn due(&mut self) -> Reading<DueText> {
        let start = self.here();
        let span = self.length()?;
        let place = start..self.behind();
        let counted = if self.take("counted") {
            self.need("by")?;
            Some(self.path()?)
        } else {
            None
        };
        Ok(DueText { span, place, counted })
    }

    /// One action, or several in braces.
    pub(crate) fn actions(&mut self) -> Reading<Vec<Deed>> {
        if matches!(self.peek().map(|shape| &shape.kind), Some(ShapeKind::Braces(_))) {
            return self.block(crate::nodes::ACTIONS);
        }
        let first = self.peek().and_then(|shape| self.word_of(shape)).unwrap_or_default();
        match crate::nodes::ACTIONS.iter().find(|opening| opening.word == first) {
            Some(opening) => Ok(vec![(opening.read)(self)?]),
            None => {
                for opening in crate::nodes::ACTIONS {
                    self.miss(Wanted::Keyword(opening.word));
                }
                Err(self.stop(Wanted::Mark("{")))
            }
        }
    }
}
