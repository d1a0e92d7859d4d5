//! The mapping file: TOML that says how a log becomes commands. No code.

use std::collections::BTreeMap;
use std::path::Path;

use engine::definition::Labels;
use engine::ids::Name;
use serde::Deserialize;

use super::order::Order;

/// A mapping, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The process that the log's records go through.
    pub process: Name,
    /// Where logs of this kind come from and under which terms.
    pub origin: String,
    /// Which column is what.
    pub log: LogColumns,
    /// Who acts.
    pub people: People,
    /// Register entries made from columns, by register.
    #[serde(default)]
    pub entries: BTreeMap<Name, Entries>,
    /// Where the values of the record's fields come from.
    pub fields: BTreeMap<Name, FieldSource>,
    /// The fields whose changes from row to row are edits of the record, in the order in which they are made.
    #[serde(default)]
    pub follow: Vec<Name>,
    /// Changes of a field that are made by completing a task where it is open, and not by an edit.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What stands as the reason where an outcome asks for one.
    pub reason: String,
    /// What a message says where the log has no text.
    pub message: String,
    /// The steps at which a record may stand, or the outcomes with which it may have ended, for each state of the log, after the commands of a row.
    pub states: BTreeMap<String, Vec<Name>>,
    /// The commands for each pair of states, `start -> New` for a first row.
    pub moves: BTreeMap<String, Vec<Order>>,
    /// What the summary counts.
    pub measures: Measures,
}

/// Which column is what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogColumns {
    /// The record's number.
    pub case: String,
    /// The instant of the row.
    pub at: String,
    /// The instant at which the record was opened.
    pub opened: String,
    /// The state after the row.
    pub state: String,
    /// How dates are written, in `strftime` form: `%d-%m-%Y %H:%M`.
    pub dates: String,
    /// The zone of the dates.
    pub zone: String,
    /// What stands for an unknown value.
    pub unknown: Vec<String>,
}

/// Who acts, and with what standing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// The column that names who made the row.
    pub by: String,
    /// The column that names for whom the record is.
    pub requester: String,
    /// What a person of the log is called, with `{name}` for the log's own name.
    pub called: Labels,
    /// The roles of those who made rows.
    pub roles: Vec<Name>,
    /// The field whose team those who made rows belong to.
    pub team: Name,
}

/// Register entries made from a column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// What an entry for an unknown value is called.
    pub unknown: Labels,
    /// The entry's attributes: references, each `register/key`, or `register/unknown`.
    #[serde(default)]
    pub attributes: BTreeMap<Name, String>,
}

/// Where the values of a field come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSource {
    /// A column.
    #[serde(default)]
    pub column: Option<String>,
    /// Text with columns in braces.
    #[serde(default)]
    pub text: Option<String>,
    /// The choice for each value of the column.
    #[serde(default)]
    pub values: BTreeMap<String, Name>,
    /// What stands in, where a form insists and the log knows no value.
    #[serde(default)]
    pub stand_in: Option<String>,
    /// Where the field is derived: the reason with which the log's value replaces the computed one.
    #[serde(default)]
    pub override_reason: Option<String>,
}

/// A change of a field that is made by completing a task.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The field.
    pub field: Name,
    /// The task.
    pub at: Name,
    /// The outcome.
    pub outcome: Name,
}

/// What the summary counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measures {
    /// The field whose last value groups the records.
    pub by: Name,
    /// The milestone that ends the time to resolve; the last time that it was reached counts.
    pub resolved: Name,
    /// The field whose changes are reassignments, from one known value to another.
    pub reassigned: Name,
    /// The outcome that reopens.
    pub reopened: Name,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The text is not a mapping.
    #[error("{0}")]
    NotAMapping(String),
    /// A line of the mapping names something that the process does not have.
    #[error("the mapping names {kind} \"{name}\", which the process {process} does not have")]
    Unknown {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The process.
        process: Name,
    },
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The file cannot be read or is not a mapping; the message names the line.
    pub fn read(path: &Path) -> Result<Mapping, MappingError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| MappingError::Unreadable { path: path.display().to_string(), cause })?;
        Mapping::parse(&text)
    }

    /// Reads a mapping from its text.
    ///
    /// # Errors
    /// The text is not a mapping; the message names the line.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        toml::from_str(text).map_err(|cause| MappingError::NotAMapping(cause.to_string()))
    }

    /// Checks the mapping against the process that it names, so that a misspelt step fails at once and not as
    /// thousands of rejects.
    ///
    /// # Errors
    /// The first name that the process does not have.
    pub fn check(&self, definition: &engine::definition::Definition) -> Result<(), MappingError> {
        let unknown = |kind: &'static str, name: &str| MappingError::Unknown {
            kind,
            name: name.to_owned(),
            process: self.process.clone(),
        };
        let fields = self
            .fields
            .keys()
            .chain(&self.follow)
            .chain(self.changes.iter().map(|change| &change.field))
            .chain([&self.measures.by, &self.measures.reassigned, &self.people.team]);
        for field in fields {
            definition.field(field).ok_or_else(|| unknown("a field", field.as_str()))?;
        }
        definition.step(&self.measures.resolved).ok_or_else(|| unknown("a step", self.measures.resolved.as_str()))?;
        for place in self.states.values().flatten() {
            if definition.step(place).is_none() && !ends_as(definition, place) {
                return Err(unknown("a step or an end", place.as_str()));
            }
        }
        for order in self.moves.values().flatten() {
            order.check(definition).map_err(|(kind, name)| unknown(kind, &name))?;
        }
        for change in &self.changes {
            let order = Order::completing(&change.at, &change.outcome);
            order.check(definition).map_err(|(kind, name)| unknown(kind, &name))?;
        }
        Ok(())
    }
}

fn ends_as(definition: &engine::definition::Definition, outcome: &Name) -> bool {
    definition.parts().steps.iter().any(|step| match &step.kind {
        engine::definition::StepKind::End(end) => end.outcome == *outcome,
        _ => false,
    })
}
