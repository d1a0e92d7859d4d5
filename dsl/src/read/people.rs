//! People, what forms ask for, what is done without people.

use super::{Reader, Reading, Wanted};
use crate::shape::ShapeKind;
use crate::tree::{AskText, Deadline, Deed, DueText, FormText, People, PersonOrTeam, Text, Word};

impl Reader<'_> {
    /// Several people between commas.
    pub(crate) fn people(&mut self) -> Reading<Vec<People>> {
        let mut found = vec![self.who()?];
        while self.take_mark(",") {
            found.push(self.who()?);
        }
        Ok(found)
    }

    /// `anyone`, `role staff`, `requester`, `service.support_team`, `person "anna"`, `experts(service)`.
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
        let keyed = matches!(self.peek_after(1).map(|shape| &shape.kind), Some(ShapeKind::Text));
        let kinds = [("person", PersonOrTeam::Person), ("team", PersonOrTeam::Team)];
        if let (true, Some((_, kind))) = (keyed, kinds.into_iter().find(|(word, _)| self.begins_with(word))) {
            self.advance();
            return Ok(People::Key(kind, self.text()?));
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
        // `when due …` is a statement of its own.
        let asked_only = !self.sees_all(&["when", "due"]) && self.take("when");
        let when = if asked_only { Some(self.expr()?) } else { None };
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

    /// `no deadline`, if it stands next.
    pub(crate) fn no_deadline(&mut self) -> Reading<Deadline> {
        if !self.take_all(&["no", "deadline"]) {
            return Ok(Deadline::Unsaid);
        }
        Ok(Deadline::None)
    }

    /// `was old_name`, if it stands next.
    pub(crate) fn was(&mut self) -> Reading<Option<Word>> {
        if !self.begins_with("was") {
            return Ok(None);
        }
        self.need("was")?;
        Ok(Some(self.name()?))
    }

    /// `with { field: value, … }`, if it stands next.
    pub(crate) fn with_form(&mut self) -> Reading<FormText> {
        if !self.take("with") {
            return Ok(Vec::new());
        }
        self.entries()
    }

    /// `{ field: value, … }`.
    pub(crate) fn entries(&mut self) -> Reading<FormText> {
        let mut inner = self.braces()?;
        let mut entries = Vec::new();
        while !inner.is_done() {
            let name = inner.name()?;
            inner.need_mark(":")?;
            entries.push((name, inner.expr()?));
            inner.take_mark(",");
        }
        Ok(entries)
    }

    /// `evidence iso2018 "8.6.1"`.
    pub(crate) fn evidence(&mut self) -> Reading<Vec<(Word, Text)>> {
        self.need("evidence")?;
        self.clauses()
    }

    /// `overview "9.1", iso2018 "8.6.1"`.
    pub(crate) fn clauses(&mut self) -> Reading<Vec<(Word, Text)>> {
        let mut found = vec![(self.name()?, self.text()?)];
        while self.take_mark(",") {
            found.push((self.name()?, self.text()?));
        }
        Ok(found)
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
