//! Definitions, made ready once and kept: they never change.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use engine::definition::{Definition, Later};
use engine::ids::{DefinitionId, Name};
use store::{Deployed, Deployment, NumberTaken, TwoEyes};

use crate::{Runtime, RuntimeError};

/// Why a version did not become current.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The installation keeps to the four-eyes principle, and this deployment does not.
    #[error(transparent)]
    TwoEyes(#[from] TwoEyes),
    /// Some number could be that of a record of another process too.
    #[error(transparent)]
    NumberTaken(#[from] NumberTaken),
    /// Something beneath failed.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

impl From<store::DeployError> for DeployError {
    fn from(cause: store::DeployError) -> Self {
        match cause {
            store::DeployError::TwoEyes(lacks) => DeployError::TwoEyes(lacks),
            store::DeployError::NumberTaken(taken) => DeployError::NumberTaken(taken),
            store::DeployError::Store(cause) => DeployError::Runtime(cause.into()),
        }
    }
}

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
    /// The installation wants four eyes and there are but two, its numbers are those of another process, the engine cannot
    /// run all that it says, a rule does not compile, or the store failed.
    pub fn deploy(&self, deployment: &Deployment) -> Result<Deployed, DeployError> {
        self.readied(deployment, || self.store().deploy(deployment, self.now()))
    }

    /// Brings a process that is packaged with the product, where the installation has none of that name.
    ///
    /// # Errors
    /// Its numbers are those of another process, a rule does not compile, or the store failed.
    pub fn install(&self, deployment: &Deployment) -> Result<Deployed, DeployError> {
        self.readied(deployment, || self.store().install(deployment, self.now()))
    }

    /// Makes a definition ready before it is put into the store, and keeps it where it is a new version.
    fn readied(
        &self,
        deployment: &Deployment,
        put: impl FnOnce() -> Result<Deployed, store::DeployError>,
    ) -> Result<Deployed, DeployError> {
        let later: Vec<Later> = deployment.parts.not_yet_run().cloned().collect();
        if !later.is_empty() {
            return Err(RuntimeError::NotRunYet(later).into());
        }
        let ready = Definition::prepare(deployment.id.clone(), deployment.parts.clone()).map_err(RuntimeError::from)?;
        let deployed = put()?;
        match deployed {
            Deployed::New { .. } => {
                let held = &self.0.catalogue.ready;
                held.write().unwrap_or_else(PoisonError::into_inner).insert(deployment.id.clone(), Arc::new(ready));
                self.schedules_changed();
            }
            Deployed::Unchanged { .. } => {}
        }
        Ok(deployed)
    }
}
