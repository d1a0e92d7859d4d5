//! Definitions, made ready once and kept: they never change.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use engine::definition::Definition;
use engine::ids::{DefinitionId, Name};
use store::{Deployed, Deployment};

use crate::{Runtime, RuntimeError};

#[derive(Default)]
pub(crate) struct Catalogue {
    ready: RwLock<BTreeMap<DefinitionId, Arc<Definition>>>,
}

impl Runtime {
    /// The definition of that identity.
    ///
    /// # Errors
    /// It is not there, or the store failed.
    pub fn definition(&self, id: &DefinitionId) -> Result<Arc<Definition>, RuntimeError> {
        let held = &self.0.catalogue.ready;
        if let Some(found) = held.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Ok(found.clone());
        }
        let stored = self.store().definition(id)?.ok_or_else(|| RuntimeError::NoSuchDefinition(id.clone()))?;
        let ready = Arc::new(Definition::prepare(id.clone(), stored.parts)?);
        held.write().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), ready.clone());
        Ok(ready)
    }

    /// The newest version of a process.
    ///
    /// # Errors
    /// The store failed.
    pub fn current(&self, process: &Name) -> Result<Option<Arc<Definition>>, RuntimeError> {
        match self.store().current_definition_id(process)? {
            Some(id) => self.definition(&id).map(Some),
            None => Ok(None),
        }
    }

    /// Makes a version of a process current. Running instances stay on theirs.
    ///
    /// # Errors
    /// A rule does not compile, or the store failed.
    pub fn deploy(&self, deployment: &Deployment) -> Result<Deployed, RuntimeError> {
        let ready = Arc::new(Definition::prepare(deployment.id.clone(), deployment.parts.clone())?);
        let deployed = self.store().deploy(deployment, self.now())?;
        let held = &self.0.catalogue.ready;
        held.write().unwrap_or_else(PoisonError::into_inner).insert(deployment.id.clone(), ready);
        Ok(deployed)
    }
}
