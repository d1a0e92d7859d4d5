//! The registers of an example: what it gives, and whatever else that names.

use engine::calendar::Calendar;
use engine::definition::Labels;
use engine::directory::{CALENDAR, Directory, Entry, PERSON, Standing, TEAM, WORKER};
use engine::ids::Name;
use engine::records::RecordsInMemory;
use engine::register::Register;
use engine::value::{FieldType, Fields, Value};

use super::Given;
use crate::calendars;
use crate::registers::registers;

/// The registers as they are declared, with what is given, and the other records.
pub(crate) fn world(given: &[Given], declared: &[Register]) -> (Directory, RecordsInMemory) {
    let mut directory = Directory::default();
    let mut records = RecordsInMemory::default();
    declared.iter().for_each(|register| directory.declare(register.clone()));
    for known in calendars::known() {
        if let Ok(calendar) = Calendar::new(known.data.clone()) {
            directory.put_calendar(known.key.clone(), calendar);
        }
    }
    let worker = Standing { roles: [Name::from(WORKER)].into(), teams: Default::default() };
    directory.put_person(Name::from(WORKER), entry(&Name::from(WORKER), &Fields::new()), worker);
    for one in given {
        match one {
            Given::Person { key, roles, teams, fields } => {
                let standing =
                    Standing { roles: roles.iter().cloned().collect(), teams: teams.iter().cloned().collect() };
                teams.iter().for_each(|team| mention(&mut directory, TEAM, team));
                mention_all(&mut directory, PERSON, fields);
                directory.put_person(key.clone(), entry(key, fields), standing);
            }
            Given::Entry { register, key, fields } => {
                let mut given = directory.declared(register.as_str()).map(Register::defaults).unwrap_or_default();
                given.extend(fields.clone());
                mention_all(&mut directory, register.as_str(), fields);
                directory.put(register.as_str(), key.clone(), entry(key, &given));
            }
            Given::Record(seen) => {
                records.0.insert(seen.number.clone(), (**seen).clone());
            }
        }
    }
    (directory, records)
}

fn entry(key: &Name, fields: &Fields) -> Entry {
    Entry { labels: Labels::new(key.as_str(), key.as_str()), fields: fields.clone() }
}

/// Entries that others refer to are there, even where the example does not say more of them.
fn mention_all(directory: &mut Directory, of: &str, fields: &Fields) {
    let attributes = registers().find(|(name, _)| *name == of).map(|(_, attributes)| attributes).unwrap_or_default();
    let declared = directory
        .declared(of)
        .map(|register| register.fields.iter().map(|field| (field.name.to_string(), field.holds.clone())).collect());
    for (attribute, holds) in declared.unwrap_or(attributes) {
        if let (FieldType::Ref(register), Some(Value::Ref(key))) = (holds, fields.get(&Name::from(attribute.as_str())))
            && register != *CALENDAR
        {
            mention(directory, register.as_str(), key);
        }
    }
}

fn mention(directory: &mut Directory, register: &str, key: &Name) {
    if directory.entry(register, key).is_none() {
        directory.put(register, key.clone(), entry(key, &Fields::new()));
    }
}
