//! Changes of several entries of a register together, by an import, in bulk or to undo: each with what differs or why not,
//! shown first, then made, all of them or only those that may. The guards are those of the form.

use std::collections::BTreeSet;

use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use runtime::{EntryError, EntryOrder};
use serde::Serialize;
use store::EntryChange;

use super::change::reason_problem;
use super::refusal::{At, told};
use super::said::{self, Difference};
use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::pairs::encoded;
use crate::visit::Visit;

/// The most changes that a preview shows.
const CHANGES_SHOWN: usize = 200;
/// The most problems that a preview shows.
const TROUBLES_SHOWN: usize = 1_000;
/// How often the rest is judged again without what is refused, since what names a refused entry is refused too.
const ROUNDS_MAX: usize = 100;

/// A change that is proposed.
pub(super) struct Line {
    /// On which line of a file it stands.
    pub(super) line: Option<u64>,
    /// The entry.
    pub(super) key: Name,
    /// What it is to say; nothing where that cannot be told.
    pub(super) after: Option<Entry>,
    /// What is wrong with it.
    pub(super) troubles: Vec<Trouble>,
}

/// Something that is wrong.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Trouble {
    /// On which line of a file.
    pub(super) line: Option<u64>,
    /// The entry.
    pub(super) key: String,
    /// The column or attribute.
    pub(super) column: String,
    /// What.
    pub(super) text: String,
}

/// Changes that are proposed and judged.
pub(super) struct Proposal<'v> {
    register: &'v Register,
    lines: Vec<Line>,
    order: EntryOrder,
}

/// What is asked for with the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To see them.
    Preview,
    /// To make all of them, or none where one is refused.
    All,
    /// To make those that are not refused.
    Good,
}

impl Wish {
    /// What the button says that was pressed.
    pub(super) fn of(visit: &Visit<'_>) -> Wish {
        match visit.asked.form.get("do") {
            Some("all") => Wish::All,
            Some("good") => Wish::Good,
            Some(_) | None => Wish::Preview,
        }
    }
}

/// A preview, as shown.
#[derive(Debug, Serialize)]
pub(super) struct Preview {
    changes: Vec<ChangeView>,
    more_changes: usize,
    troubles: Vec<Trouble>,
    more_troubles: usize,
    has_lines: bool,
    good: usize,
    bad: usize,
    same: usize,
}

#[derive(Debug, Serialize)]
struct ChangeView {
    key: String,
    label: String,
    to: Option<String>,
    line: Option<u64>,
    is_new: bool,
    differences: Vec<Difference>,
}

/// Why and under which record, as typed below the preview.
#[derive(Debug, Default, Serialize)]
pub(super) struct Cause {
    pub(super) reason: String,
    pub(super) reason_problem: Option<String>,
    pub(super) under: String,
    /// What changes only under a record.
    pub(super) controlled: Option<String>,
}

impl Cause {
    /// What was typed.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn typed(visit: &Visit<'_>, register: &Register) -> Result<Cause, Refusal> {
        let text = |name: &str| visit.asked.form.raw(name).unwrap_or_default().to_owned();
        let controlled = super::change::controlled(visit, register)?;
        Ok(Cause { reason: text("reason"), reason_problem: None, under: text("under"), controlled })
    }
}

impl<'v> Proposal<'v> {
    /// Judges changes under the record that the form names.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn judged(
        visit: &Visit<'_>,
        register: &'v Register,
        mut lines: Vec<Line>,
    ) -> Result<Proposal<'v>, Refusal> {
        let form = &visit.asked.form;
        let mut order = EntryOrder {
            changes: Vec::new(),
            under: form.get("under").map(Name::from),
            reason: form.get("reason").unwrap_or_default().to_owned(),
        };
        for _ in 0..ROUNDS_MAX {
            let mut good: Vec<&mut Line> = lines.iter_mut().filter(|line| line.is_change(visit, register)).collect();
            order.changes = good.iter().filter_map(|line| line.change(register)).collect();
            let refused = visit.app.runtime().judge_entries(&order)?;
            if refused.is_empty() {
                return Ok(Proposal { register, lines, order });
            }
            for (place, refusal) in refused {
                if let Some(line) = good.get_mut(place) {
                    line.refuse(visit, told(visit, register, &refusal)?);
                }
            }
        }
        // Nobody writes chains that long by hand: the rest is refused when it is to be made.
        Ok(Proposal { register, lines, order })
    }

    fn bad(&self) -> usize {
        self.lines.iter().filter(|line| !line.troubles.is_empty()).count()
    }

    /// The preview.
    pub(super) fn preview(&self, visit: &Visit<'_>) -> Preview {
        let changes = || self.lines.iter().filter(|line| line.is_change(visit, self.register));
        let troubles = || self.lines.iter().flat_map(|line| &line.troubles);
        let shown = changes().take(CHANGES_SHOWN).filter_map(|line| self.shown(visit, line));
        let good = self.order.changes.len();
        Preview {
            changes: shown.collect(),
            more_changes: good.saturating_sub(CHANGES_SHOWN),
            troubles: troubles().take(TROUBLES_SHOWN).cloned().collect(),
            more_troubles: troubles().count().saturating_sub(TROUBLES_SHOWN),
            has_lines: self.lines.iter().any(|line| line.line.is_some()),
            good,
            bad: self.bad(),
            same: self.lines.len() - good - self.bad(),
        }
    }

    fn shown(&self, visit: &Visit<'_>, line: &Line) -> Option<ChangeView> {
        let after = line.after.as_ref()?;
        let before = visit.directory.entry(self.register.name.as_str(), &line.key);
        Some(ChangeView {
            key: line.key.to_string(),
            label: visit.language.of(&after.labels).to_owned(),
            to: said::entry_link(visit, self.register.name.as_str(), &line.key),
            line: line.line,
            is_new: before.is_none(),
            differences: said::differences(visit, self.register, before, after),
        })
    }

    /// Makes the changes, where that is wished and may be, and leads to what was changed. Otherwise says what is wrong in
    /// `cause` and gives nothing.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn made(&self, visit: &Visit<'_>, wish: Wish, cause: &mut Cause) -> Result<Option<Answer>, Refusal> {
        match wish {
            Wish::Preview => return Ok(None),
            Wish::All if self.bad() > 0 => return Ok(None),
            Wish::All | Wish::Good => {}
        }
        let list = format!("/registers/{}", self.register.name);
        let Some(first) = self.order.changes.first() else {
            let label = visit.language.of(&self.register.labels).to_owned();
            return Ok((self.bad() == 0).then(|| visit.done(list, Flash::new(Deed::Unchanged, label))));
        };
        cause.reason_problem = reason_problem(visit, &self.order.reason);
        if cause.reason_problem.is_some() {
            return Ok(None);
        }
        let by = visit.person()?;
        match visit.app.runtime().change_entries(&self.order, by) {
            Ok(_) => {}
            Err(EntryError::Broken(broken)) => return Err(broken.into()),
            Err(EntryError::Refused(_)) => return Ok(None),
        }
        let made = visit.app.store().entry_history(&self.register.name, &first.key)?;
        let at = made.first().map_or(visit.now, |revision| revision.at);
        let count = self.order.changes.len().to_string();
        let there = format!("{list}/-/changes/{}?by={}", at.0, encoded(by.as_str()));
        Ok(Some(visit.done(there, Flash::new(Deed::EntriesChanged, count))))
    }
}

impl Line {
    /// Whether it is to be made and changes something.
    fn is_change(&self, visit: &Visit<'_>, register: &Register) -> bool {
        let before = visit.directory.entry(register.name.as_str(), &self.key);
        self.troubles.is_empty() && self.after.is_some() && self.after.as_ref() != before
    }

    fn change(&self, register: &Register) -> Option<EntryChange> {
        let entry = self.after.clone()?;
        Some(EntryChange { register: register.name.clone(), key: self.key.clone(), entry })
    }

    fn refuse(&mut self, visit: &Visit<'_>, told: Vec<(At, String)>) {
        let at_attributes = told.iter().any(|(at, _)| matches!(at, At::Attribute(_)));
        let columns: BTreeSet<String> = self.troubles.iter().map(|trouble| trouble.column.clone()).collect();
        for (at, text) in told {
            let column = match at {
                At::Key => super::sheet::KEY.to_owned(),
                At::Name => super::sheet::NAME_ZH.to_owned(),
                At::Attribute(name) => name.to_string(),
                // Where attributes say it already, the form says once what is needed.
                At::Under if at_attributes => continue,
                At::Under => visit.say("register-under"),
            };
            if !columns.contains(&column) {
                self.trouble(column, text);
            }
        }
    }

    /// Notes something that is wrong with it.
    pub(super) fn trouble(&mut self, column: impl Into<String>, text: String) {
        let key = self.key.to_string();
        self.troubles.push(Trouble { line: self.line, key, column: column.into(), text });
    }
}
