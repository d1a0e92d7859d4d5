//! How the records of one version come to another, and back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{DefinitionId, Name};
use crate::instance::Instance;
use crate::value::{Fields, Value};

/// How the records of one version come to another. Whatever is not named here keeps its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationPlan {
    /// The version that the records follow.
    pub from: DefinitionId,
    /// The version to which they come.
    pub to: DefinitionId,
    /// For each step of the old version that is one of the new, its name there. A record that stands in a step that is
    /// not here cannot follow.
    pub steps: BTreeMap<Name, Name>,
    /// The fields that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Name, Name>,
    /// Values for fields of the new version that have none; `Nothing` empties a field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: Fields,
    /// The clocks that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<Name, Name>,
    /// The clocks that are given up, with all that they have measured.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dropped: BTreeSet<Name>,
}

/// What a migration did to the names of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrated {
    /// The version that it followed.
    pub from: DefinitionId,
    /// The version that it follows.
    pub to: DefinitionId,
    /// The steps that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<Name, Name>,
    /// The fields that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Name, Name>,
    /// The clocks that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<Name, Name>,
    /// The clocks that were given up.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dropped: BTreeSet<Name>,
    /// Why.
    pub reason: String,
}

impl Migrated {
    /// The plan that brings the record back: `before` is the record as it was, `after` as this led to it.
    pub fn inverse(&self, plan: &MigrationPlan, before: &Instance, after: &Instance) -> MigrationPlan {
        let turned = |names: &BTreeMap<Name, Name>| names.iter().map(|(was, is)| (is.clone(), was.clone())).collect();
        let fields: BTreeMap<Name, Name> = turned(&self.fields);
        let back = |name: &Name| fields.get(name).cloned().unwrap_or_else(|| name.clone());
        let had = |name: &Name| before.fields().contains_key(&back(name));
        let came = after.fields().keys().filter(|name| !had(name)).map(|name| (back(name), Value::Nothing));
        let clocks: BTreeMap<Name, Name> = turned(&self.clocks);
        let ran = |clock: &Name| {
            let was = clocks.get(clock).unwrap_or(clock);
            before.clocks().iter().any(|run| run.clock == *was)
        };
        let begun = after.clocks().iter().map(|run| run.clock.clone()).filter(|clock| !ran(clock));
        MigrationPlan {
            from: self.to.clone(),
            to: self.from.clone(),
            steps: turned(&plan.steps),
            set: came.collect(),
            dropped: begun.collect(),
            fields,
            clocks,
        }
    }

    /// Whether the record can be brought back at all: what a clock measured that was given up is gone.
    pub fn is_reversible(&self) -> bool {
        self.dropped.is_empty()
    }
}
