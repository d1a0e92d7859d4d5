//! What people, teams, roles and register entries are called in the reader's language.

use engine::definition::{Definition, End, Field, StepKind};
use engine::directory::{Directory, Entry, PERSON, TEAM};
use engine::event::{Actor, Principal};
use engine::ids::Name;
use engine::register::{CONTENT, ITEM};
use engine::value::{FieldType, Value};

use crate::files;
use crate::frozen;
use crate::language::Language;
use crate::moment::{Times, hours_and_minutes};
use crate::words::Words;

/// The register in which roles may have labels.
pub const ROLE: &str = "role";

/// What things are called, in the reader's language.
pub struct Names<'a> {
    /// The registers.
    pub directory: &'a Directory,
    /// The reader's words.
    pub words: &'a Words,
}

impl Names<'_> {
    /// The language that the visitor reads.
    pub fn language(&self) -> Language {
        self.words.language()
    }

    /// An entry of a register; its key where it is not there any more.
    pub fn entry(&self, register: &str, key: &Name) -> String {
        let label = self.directory.entry(register, key).map(|entry| self.called(key, entry));
        label.unwrap_or_else(|| key.as_str()).to_owned()
    }

    /// What an entry is called; its key where it has no name.
    pub fn called<'e>(&self, key: &'e Name, entry: &'e Entry) -> &'e str {
        let label = self.language().of(&entry.labels);
        if label.is_empty() { key.as_str() } else { label }
    }

    /// A person.
    pub fn person(&self, key: &Name) -> String {
        self.entry(PERSON, key)
    }

    /// A role: from the register of roles, else from our own words, else its name.
    pub fn role(&self, role: &Name) -> String {
        if let Some(entry) = self.directory.entry(ROLE, role) {
            return self.language().of(&entry.labels).to_owned();
        }
        let key = format!("role-{}", role.as_str().replace('_', "-"));
        if self.words.has(&key) { self.words.say(&key) } else { role.as_str().replace('_', " ") }
    }

    /// Whom a task or notice is for.
    pub fn principal(&self, principal: &Principal) -> String {
        match principal {
            Principal::Anyone => self.words.say("who-anyone"),
            Principal::Role(role) => self.role(role),
            Principal::Team(team) => self.entry(TEAM, team),
            Principal::Person(person) => self.person(person),
            Principal::StandIn(person) => {
                self.words.say_with("who-stand-in", &[("person", self.person(person).into())])
            }
        }
    }

    /// Whom several are for, in one line.
    pub fn principals(&self, principals: &[Principal]) -> String {
        if principals.is_empty() {
            return self.words.say("who-nobody");
        }
        let names: Vec<String> = principals.iter().map(|principal| self.principal(principal)).collect();
        names.join(&self.words.say("list-comma"))
    }

    /// Who did something.
    pub fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Person(person) => self.person(person),
            Actor::System => self.words.say("who-system"),
        }
    }

    /// A step of a process.
    pub fn step(&self, definition: &Definition, step: &Name) -> String {
        match definition.step(step) {
            Some(found) if !self.language().of(&found.labels).is_empty() => {
                self.language().of(&found.labels).to_owned()
            }
            Some(_) | None => step.as_str().replace('_', " "),
        }
    }

    /// Where a record stands, in a word: a task by its own name, a wait by the outermost part that has one.
    pub fn place(&self, definition: &Definition, step: &Name) -> Option<String> {
        let mut at = definition.step(step);
        let mut named = None;
        while let Some(found) = at {
            let label = self.language().of(&found.labels);
            if !label.is_empty() {
                named = Some(label.to_owned());
            }
            if named.is_some() && definition.step(step).is_some_and(|step| !step.kind.outcomes().is_empty()) {
                break;
            }
            at = found.scope.as_ref().and_then(|scope| definition.step(scope));
        }
        named
    }

    /// Where a record stands, in words: its tasks, or what it waits for where there are none, if that has a name.
    pub fn stage<'s>(&self, definition: &Definition, steps: impl Iterator<Item = &'s Name>) -> Option<String> {
        let is_task = |step: &Name| definition.step(step).is_some_and(|step| !step.kind.outcomes().is_empty());
        let (tasks, waits): (Vec<&Name>, Vec<&Name>) = steps.partition(|step| is_task(step));
        let mut named: Vec<String> = Vec::new();
        for place in
            (if tasks.is_empty() { waits } else { tasks }).into_iter().filter_map(|step| self.place(definition, step))
        {
            if !named.contains(&place) {
                named.push(place);
            }
        }
        (!named.is_empty()).then(|| named.join(&self.words.say("list-comma")))
    }

    /// A field of a process's record.
    pub fn field(&self, definition: &Definition, field: &Name) -> String {
        match definition.field(field) {
            Some(found) => self.language().of(&found.labels).to_owned(),
            None => field.to_string(),
        }
    }

    /// An outcome of a task.
    pub fn outcome(&self, definition: &Definition, step: &Name, outcome: &Name) -> String {
        let outcomes = definition.step(step).map(|step| step.kind.outcomes()).unwrap_or_default();
        let found = outcomes.iter().find(|held| held.name == *outcome);
        found.map_or_else(|| outcome.to_string(), |held| self.language().of(&held.labels).to_owned())
    }

    /// How a record ended.
    pub fn end(&self, definition: &Definition, outcome: &Name) -> String {
        let is_that = |kind: &StepKind| matches!(kind, StepKind::End(End { outcome: held }) if held == outcome);
        let ends = definition.parts().steps.iter().find(|step| is_that(&step.kind));
        match ends {
            Some(step) if !self.language().of(&step.labels).is_empty() => self.language().of(&step.labels).to_owned(),
            Some(_) | None => outcome.as_str().replace('_', " "),
        }
    }

    /// A clock.
    pub fn clock(&self, definition: &Definition, clock: &Name) -> String {
        let found = definition.clock(clock);
        found.map_or_else(|| clock.to_string(), |held| self.language().of(&held.labels).to_owned())
    }

    /// A value of a field. Empty where there is none.
    pub fn value(&self, holds: &FieldType, value: &Value, times: &Times<'_>) -> String {
        match (holds, value) {
            (_, Value::Nothing) => String::new(),
            (FieldType::Choice(choices), Value::Choice(name)) => choices
                .iter()
                .find(|choice| choice.name == *name)
                .map_or_else(|| name.to_string(), |choice| self.language().of(&choice.labels).to_owned()),
            (FieldType::Role, Value::Ref(role)) => self.role(role),
            (FieldType::Ref(register), Value::Ref(key)) => self.entry(register.as_str(), key),
            (FieldType::Many(inner), Value::List(items)) => {
                let shown: Vec<String> = items.iter().map(|item| self.value(inner, item, times)).collect();
                shown.join(&self.words.say("list-comma"))
            }
            (FieldType::Rows(columns), Value::List(rows)) => {
                let shown: Vec<String> = rows.iter().map(|row| self.row(columns, row, times)).collect();
                shown.join("\n")
            }
            (_, Value::Bool(yes)) => self.words.say(if *yes { "value-yes" } else { "value-no" }),
            (_, Value::Date(date)) => date.parse().map_or_else(|_| date.clone(), |day| times.day(day)),
            (_, Value::Instant(instant)) => times.moment(*instant).text,
            (_, Value::Duration(length_ms)) => hours_and_minutes(self.words, *length_ms),
            (_, Value::Text(text)) => text.clone(),
            (_, Value::Number(number)) => number.normalize().to_string(),
            (_, Value::Money(money)) => money.to_string(),
            (_, Value::File(file)) => {
                let size = files::size(self.words, file.size);
                self.words.say_with("file-sized", &[("name", file.name.as_str().into()), ("size", size.into())])
            }
            (_, other @ (Value::Choice(_) | Value::Ref(_) | Value::List(_) | Value::Row(_))) => other.plain(),
        }
    }

    /// A line of a table.
    fn row(&self, columns: &[Field], row: &Value, times: &Times<'_>) -> String {
        let Value::Row(row) = row else { return row.plain() };
        let cell = |column: &Field| {
            let value = row.get(&column.name).filter(|value| !value.is_empty())?;
            let label = self.language().of(&column.labels);
            let said = match (row.get(&Name::from(ITEM)), value) {
                (Some(Value::Ref(item)), Value::Text(content)) if column.name == *CONTENT => {
                    frozen::all(self, item, content).replace('\n', &self.words.say("list-semicolon"))
                }
                _ => self.value(&column.holds, value, times),
            };
            Some(format!("{label}{}{said}", self.words.say("colon")))
        };
        columns.iter().filter_map(cell).collect::<Vec<_>>().join(&self.words.say("list-comma"))
    }

    /// A value of a field of a process, by the field's name.
    pub fn field_value(&self, definition: &Definition, field: &Name, value: &Value, times: &Times<'_>) -> String {
        match definition.field(field) {
            Some(found) => self.value(&found.holds, value, times),
            None => value.plain(),
        }
    }
}
