//! What a file may refer to that other files declare: processes with what is seen of their records, and registers.

use std::collections::BTreeMap;

use engine::definition::Labels;
use engine::ids::Name;
use engine::register::Register;
use engine::value::FieldType;

use crate::check;

/// A process of another file, as far as others refer to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct OtherProcess {
    pub(crate) labels: Labels,
    pub(crate) fields: Vec<(String, FieldType)>,
    pub(crate) milestones: Vec<String>,
    pub(crate) found_by: Vec<String>,
}

/// What other files declare.
#[derive(Clone, Debug, Default)]
pub struct Among {
    pub(crate) processes: BTreeMap<String, OtherProcess>,
    pub(crate) registers: BTreeMap<String, Register>,
}

impl Among {
    /// What these files declare, as far as they can be read. Registers that are declared twice are those of the last file.
    pub fn files<'s>(sources: impl IntoIterator<Item = &'s str>) -> Among {
        Among::default().with(sources)
    }

    /// The same, and what these files declare; where both declare something, it is these files' that counts.
    pub fn with<'s>(&self, sources: impl IntoIterator<Item = &'s str>) -> Among {
        let sources: Vec<&str> = sources.into_iter().collect();
        let mut among = self.clone();
        // Registers first: fields of processes refer to them, and they to one another.
        for _ in 0..2 {
            for source in &sources {
                let declared = check::declared(source, &among);
                among.registers.extend(declared.registers);
                among.processes.extend(declared.processes);
            }
        }
        among
    }

    /// The registers.
    pub fn registers(&self) -> impl Iterator<Item = &Register> {
        self.registers.values()
    }

    /// What people call those of the processes and registers that a text names.
    pub(crate) fn called_in(&self, source: &str) -> BTreeMap<Name, Labels> {
        let words = source.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        let called = |word: &str| match (self.processes.get(word), self.registers.get(word)) {
            (Some(process), _) => Some(process.labels.clone()),
            (None, Some(register)) => Some(register.labels.clone()),
            (None, None) => None,
        };
        words.filter_map(|word| Some((Name::from(word), called(word)?))).collect()
    }

    /// The names of the processes.
    pub fn processes(&self) -> impl Iterator<Item = &str> {
        self.processes.keys().map(String::as_str)
    }
}
