//! Entries of registers: judged, kept with who changed them, why and under which record, and looked at again by the
//! records that are open.

use engine::command::Command;
use engine::directory::Directory;
use engine::ids::Name;
use engine::records::Seen;
use engine::register::{EntryOwed, EntryRefusal};
use store::{BatchId, Deployed, EntryCause, EntryChange, OutboxRow, RegisterDeployment};

use crate::batch::{BatchOrder, Deed};
use crate::calendars::{SETTLING_MS, every_open};
use crate::owed::Performed;
use crate::{DeployError, Runtime, RuntimeError};

/// An order to change entries, all of them or none.
#[derive(Clone, Debug)]
pub struct EntryOrder {
    /// The changes.
    pub changes: Vec<EntryChange>,
    /// Under which record, where it is under one.
    pub under: Option<Name>,
    /// Why.
    pub reason: String,
}

/// Why entries were not changed.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// These of them are refused, by their place in the order; nothing was changed.
    #[error("{} entries are refused", .0.len())]
    Refused(Vec<(usize, EntryRefusal)>),
    /// Something beneath failed.
    #[error(transparent)]
    Broken(#[from] RuntimeError),
}

impl Runtime {
    /// What is wrong with an order to change entries, by the place in it. A later change may refer to what an earlier one
    /// brings.
    ///
    /// # Errors
    /// The store failed.
    pub fn judge_entries(&self, order: &EntryOrder) -> Result<Vec<(usize, EntryRefusal)>, RuntimeError> {
        let seen = match &order.under {
            Some(number) => match self.store().instance_of_number(number.as_str())? {
                Some(id) => self.seen(id)?,
                None => None,
            },
            None => None,
        };
        let under = order.under.as_ref().map(|number| (number, seen.as_ref()));
        Ok(refusals(&self.directory(), &order.changes, under))
    }

    /// Changes entries. Where they had other values before, such as another agreement, every open record looks again at
    /// what it takes from them: targets and calendars of clocks, conditions. Whoever orders it must run the installation or
    /// the register.
    ///
    /// # Errors
    /// Some are refused, and nothing was changed; or the store failed.
    pub fn change_entries(&self, order: &EntryOrder, by: &Name) -> Result<Option<BatchId>, EntryError> {
        let refused = self.judge_entries(order)?;
        if !refused.is_empty() {
            return Err(EntryError::Refused(refused));
        }
        let cause = EntryCause {
            by: Some(by.clone()),
            under: order.under.clone(),
            reason: order.reason.clone(),
            at: self.now(),
        };
        Ok(self.keep_entries(&order.changes, &cause, by)?)
    }

    fn keep_entries(
        &self,
        changes: &[EntryChange],
        cause: &EntryCause,
        by: &Name,
    ) -> Result<Option<BatchId>, RuntimeError> {
        let directory = self.directory();
        let other = |change: &&EntryChange| {
            let before = directory.entry(change.register.as_str(), &change.key);
            before.is_some_and(|before| before.fields != change.entry.fields)
        };
        let changed = changes.iter().find(other);
        self.store().change_entries(changes, cause)?;
        self.reload_directory()?;
        let Some(changed) = changed else { return Ok(None) };
        let deed = Deed::LookAgain { from: self.now().plus_ms(SETTLING_MS) };
        let reason = format!("{} {}", changed.register, changed.key);
        self.take_order(BatchOrder { selection: every_open(), deed, reason }, by).map(Some)
    }

    /// Declares a register, or declares it anew.
    ///
    /// # Errors
    /// The installation wants four eyes and there are but two, or the store failed.
    pub fn deploy_register(&self, order: &RegisterDeployment) -> Result<Deployed, DeployError> {
        let deployed = self.store().deploy_register(order, self.now())?;
        self.reload_directory()?;
        Ok(deployed)
    }

    /// Puts what a record owes a register. What is there already is not put again.
    pub(crate) fn put_owed(&self, row: &OutboxRow, owed: &EntryOwed) -> Result<Performed, RuntimeError> {
        let directory = self.directory();
        let held = directory.entry(owed.register.as_str(), &owed.key);
        let Some(entry) = owed.entry_in(&directory) else {
            return Ok(Performed::NotYet(format!("the {} \"{}\" does not exist", owed.register, owed.key)));
        };
        if held == Some(&entry) {
            return Ok(Performed::Done);
        }
        let change = EntryChange { register: owed.register.clone(), key: owed.key.clone(), entry };
        let number = Name::from(row.number.as_str());
        // The record owes it since it was under way; that it has ended since takes nothing away.
        let seen = self.seen(row.key.instance)?.map(|seen| Seen { outcome: seen.outcome.filter(|_| false), ..seen });
        let refused = refusals(&directory, std::slice::from_ref(&change), Some((&number, seen.as_ref())));
        if let Some((_, refusal)) = refused.first() {
            return Ok(Performed::NotYet(format!("the {} \"{}\" is not changed: {refusal}", owed.register, owed.key)));
        }
        let cause = EntryCause { by: None, under: Some(number), reason: String::new(), at: self.now() };
        self.store().change_entries(&[change], &cause)?;
        self.reload_directory()?;
        // What the record waits for may be just this.
        self.order(row.key.instance, Command::Tick)
    }
}

fn refusals(
    directory: &Directory,
    changes: &[EntryChange],
    under: Option<(&Name, Option<&Seen>)>,
) -> Vec<(usize, EntryRefusal)> {
    let mut after = directory.clone();
    let mut refused = Vec::new();
    for (place, EntryChange { register, key, entry }) in changes.iter().enumerate() {
        let Some(declared) = directory.declared(register.as_str()) else {
            refused.push((place, EntryRefusal::NoSuchRegister));
            continue;
        };
        match declared.judge(key, entry, &after, under) {
            Ok(()) => after.put(register.as_str(), key.clone(), entry.clone()),
            Err(refusal) => refused.push((place, refusal)),
        }
    }
    refused
}
