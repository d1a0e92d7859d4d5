//! The mapping file: TOML that says how a log becomes commands. No code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::definition::{Definition, Labels, StepKind};
use engine::ids::Name;
use serde::Deserialize;

use super::log::Log;
use super::order::Order;

/// A mapping, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where logs of this kind come from and under which terms.
    pub origin: String,
    /// The process that a record of the log goes through.
    pub process: Target,
    /// What stands as the reason where an outcome asks for one.
    pub reason: String,
    /// What a message says where the log has no text.
    pub message: String,
    /// Which column is what.
    pub log: LogColumns,
    /// Who acts.
    pub people: People,
    /// Register entries made from columns, by register.
    #[serde(default)]
    pub entries: BTreeMap<Name, Entries>,
    /// How records go through each process.
    pub processes: BTreeMap<Name, ProcessMapping>,
    /// What the log and its attributes both say.
    #[serde(default)]
    pub compared: Vec<Compared>,
    /// Columns whose values are counted.
    #[serde(default)]
    pub tallies: Vec<Tally>,
}

/// The process that a record goes through.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// The same for all.
    One(Name),
    /// As the column says.
    ByValue {
        /// The column.
        column: String,
        /// The process for each of its values.
        values: BTreeMap<String, Name>,
    },
}

/// How records go through a process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessMapping {
    /// Where the values of the record's fields come from.
    pub fields: BTreeMap<Name, FieldSource>,
    /// The fields whose changes from row to row are edits of the record, in the order in which they are made.
    #[serde(default)]
    pub follow: Vec<Name>,
    /// Changes of a field that are made by completing a task where it is open, and not by an edit.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// The steps at which a record may stand, or the outcomes with which it may have ended, for each state of the log, after the commands of a row.
    pub states: BTreeMap<String, Vec<Name>>,
    /// The commands for each pair of states, `start -> New` for a first row.
    pub moves: BTreeMap<String, Vec<Order>>,
    /// The commands for each kind of activity, before what follows from its state.
    #[serde(default)]
    pub activities: BTreeMap<String, Vec<Order>>,
    /// What the summary counts.
    pub measures: Measures,
}

/// Which column is what. `attributes.COLUMN` is a column of the file of attributes, which has one row a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogColumns {
    /// The record's number.
    pub case: String,
    /// The record's number in the file of attributes, where there is such a file.
    #[serde(default)]
    pub case_of_attributes: Option<String>,
    /// The instant of the row.
    pub at: String,
    /// What orders the rows of one instant. A log that names no such column is in order as it stands.
    #[serde(default)]
    pub then: Option<String>,
    /// The instant at which the record was opened.
    pub opened: String,
    /// The state after the row.
    pub state: StateSource,
    /// How dates are written, in `strftime` form: `%d-%m-%Y %H:%M`.
    pub dates: String,
    /// The zone of the dates.
    pub zone: String,
    /// What stands for an unknown value.
    pub unknown: Vec<String>,
}

/// Where the state after a row comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum StateSource {
    /// A column.
    Column(String),
    /// What was done so far.
    Activities(Activities),
}

/// A log whose rows are activities.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activities {
    /// The column that names the activity.
    pub column: String,
    /// The comment in which the record keeps it, with columns in braces.
    pub note: String,
    /// The state in which records begin.
    pub begin: String,
    /// The state after each activity that changes it.
    pub states: BTreeMap<String, String>,
    /// The state that the process itself ends when nobody answers.
    pub resolved: String,
    /// After how many days it does.
    pub patience_days: u32,
    /// The state after the last row of a record that is resolved by then.
    pub closed: String,
}

/// Who acts, and with what standing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// The column that names who made the row.
    pub by: String,
    /// The column that names for whom the record is.
    #[serde(default)]
    pub requester: Option<String>,
    /// What stands for whoever the record is for where the log does not say; without it, it is whoever made the first row.
    #[serde(default)]
    pub requester_unknown: Option<Labels>,
    /// What a person of the log is called, with `{name}` for the log's own name.
    pub called: Labels,
    /// The roles of those who made rows.
    pub roles: Vec<Name>,
    /// The column whose team those who made rows belong to.
    pub team: String,
}

/// Register entries made from columns: those that fields take their values from, and those named here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// What an entry for an unknown value is called.
    pub unknown: Labels,
    /// The entry's attributes: references, each `register/key`, or `register/unknown`.
    #[serde(default)]
    pub attributes: BTreeMap<Name, String>,
    /// Attributes that are choices, the same for each entry.
    #[serde(default)]
    pub choices: BTreeMap<Name, Name>,
    /// Columns that name entries, with what stands beside them.
    #[serde(default)]
    pub columns: Vec<EntryColumn>,
}

/// A column that names entries of a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryColumn {
    /// The column.
    pub column: String,
    /// What an entry is called, with columns in braces; without it, what the column says.
    #[serde(default)]
    pub called: Option<Labels>,
    /// Attributes that refer to an entry which a column names.
    #[serde(default)]
    pub references: BTreeMap<Name, EntryReference>,
    /// Attributes that are choices.
    #[serde(default)]
    pub choices: BTreeMap<Name, EntryChoice>,
}

/// An attribute that refers to an entry that a column names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryReference {
    /// The register.
    pub register: Name,
    /// The column.
    pub column: String,
}

/// An attribute that is a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryChoice {
    /// The columns that are asked, the first whose value is named decides.
    pub columns: Vec<String>,
    /// The choice for each value; a value that is not named leaves the attribute empty.
    pub values: BTreeMap<String, Name>,
}

/// What the log and its attributes both say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// What it is.
    pub called: Labels,
    /// What the log says.
    pub log: ByLog,
    /// The column of the record's attributes that says the same.
    pub column: String,
}

/// What a log says of a record as a whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByLog {
    /// How many rows it has of an activity.
    Count(String),
    /// The state after its last row.
    LastState,
    /// When its first row was written; what the column holds is not later.
    FirstRow,
}

/// Columns whose values are counted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// What is counted.
    pub called: Labels,
    /// The columns.
    pub columns: Vec<String>,
    /// What each value is counted in.
    #[serde(default)]
    pub each: TallyOf,
}

/// What a value is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TallyOf {
    /// Records, each once.
    #[default]
    Record,
    /// Rows.
    Row,
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
    #[serde(default)]
    pub by: Option<Name>,
    /// The milestone that ends the time to resolve; the last time that it was reached counts.
    pub resolved: Name,
    /// What counts as a reassignment.
    pub reassigned: Reassigned,
    /// The outcome that reopens.
    pub reopened: Name,
}

/// What counts as a reassignment.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Reassigned {
    /// A change of the field from one known value to another.
    Field(Name),
    /// A row of the activity.
    Activity {
        /// The activity.
        activity: String,
    },
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
    /// Records go through a process that the mapping says nothing about.
    #[error("the mapping says nothing about the process {0}")]
    NotMapped(Name),
    /// A column that the mapping names is in neither file.
    #[error("the mapping names the column \"{0}\", which is in neither file")]
    NoSuchColumn(String),
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

impl EntryColumn {
    /// A column that says nothing but the entry's name.
    pub(super) fn plain(column: &str) -> EntryColumn {
        EntryColumn { column: column.to_owned(), called: None, references: BTreeMap::new(), choices: BTreeMap::new() }
    }
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

    /// Checks that each column which the mapping names is there, so that a misspelt one does not pass for an unknown value.
    ///
    /// # Errors
    /// The first column that is not there.
    pub fn check_columns(&self, log: &Log) -> Result<(), MappingError> {
        let people = [&self.people.by, &self.people.team].into_iter().chain(&self.people.requester);
        let target = match &self.process {
            Target::One(_) => None,
            Target::ByValue { column, .. } => Some(column),
        };
        let entries = self.entries.values().flat_map(|entries| &entries.columns);
        let of_entries = entries.clone().flat_map(|entry| {
            let references = entry.references.values().map(|reference| &reference.column);
            let choices = entry.choices.values().flat_map(|choice| &choice.columns);
            std::iter::once(&entry.column).chain(references).chain(choices)
        });
        let fields = self.processes.values().flat_map(|process| process.fields.values());
        let of_fields = fields.clone().filter_map(|source| source.column.as_ref());
        let counted = self.compared.iter().map(|compared| &compared.column);
        let counted = counted.chain(self.tallies.iter().flat_map(|tally| &tally.columns));
        let columns = people.chain(target).chain(of_entries).chain(of_fields).chain(counted).map(String::as_str);
        let note = match &self.log.state {
            StateSource::Column(_) => None,
            StateSource::Activities(activities) => Some(activities.note.as_str()),
        };
        let labels = entries.filter_map(|entry| entry.called.as_ref());
        let labels = labels.flat_map(|labels| [labels.en.as_str(), labels.zh.as_str()]);
        let texts = fields.filter_map(|source| source.text.as_deref()).chain(labels).chain(note);
        let missing = |column: &&str| !log.has_column(column);
        match columns.chain(texts.flat_map(holes)).find(missing) {
            Some(column) => Err(MappingError::NoSuchColumn(column.to_owned())),
            None => Ok(()),
        }
    }

    /// The processes that records go through.
    pub fn targets(&self) -> BTreeSet<&Name> {
        match &self.process {
            Target::One(process) => BTreeSet::from([process]),
            Target::ByValue { values, .. } => values.values().collect(),
        }
    }

    /// How records go through a process.
    ///
    /// # Errors
    /// The mapping does not say it.
    pub fn through(&self, process: &Name) -> Result<&ProcessMapping, MappingError> {
        self.processes.get(process).ok_or_else(|| MappingError::NotMapped(process.clone()))
    }

    /// Checks the mapping against a process that it names, so that a misspelt step fails at once and not as thousands of
    /// rejects.
    ///
    /// # Errors
    /// The first name that the process does not have.
    pub fn check(&self, definition: &Definition) -> Result<(), MappingError> {
        self.through(&definition.parts().name)?.check(definition)
    }
}

impl ProcessMapping {
    fn check(&self, definition: &Definition) -> Result<(), MappingError> {
        let unknown = |kind: &'static str, name: &str| MappingError::Unknown {
            kind,
            name: name.to_owned(),
            process: definition.parts().name.clone(),
        };
        let reassigned = match &self.measures.reassigned {
            Reassigned::Field(field) => Some(field),
            Reassigned::Activity { .. } => None,
        };
        let fields = self
            .fields
            .keys()
            .chain(&self.follow)
            .chain(self.changes.iter().map(|change| &change.field))
            .chain(&self.measures.by)
            .chain(reassigned);
        for field in fields {
            definition.field(field).ok_or_else(|| unknown("a field", field.as_str()))?;
        }
        definition.step(&self.measures.resolved).ok_or_else(|| unknown("a step", self.measures.resolved.as_str()))?;
        for place in self.states.values().flatten() {
            if definition.step(place).is_none() && !ends_as(definition, place) {
                return Err(unknown("a step or an end", place.as_str()));
            }
        }
        for order in self.moves.values().chain(self.activities.values()).flatten() {
            order.check(definition).map_err(|(kind, name)| unknown(kind, &name))?;
        }
        for change in &self.changes {
            let order = Order::completing(&change.at, &change.outcome);
            order.check(definition).map_err(|(kind, name)| unknown(kind, &name))?;
        }
        Ok(())
    }
}

/// The columns that stand in braces in a text.
pub(super) fn holes(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(column, _)| column)
}

fn ends_as(definition: &Definition, outcome: &Name) -> bool {
    definition.parts().steps.iter().any(|step| match &step.kind {
        StepKind::End(end) => end.outcome == *outcome,
        _ => false,
    })
}
