//! Canned texts: what staff say again and again, offered beside what they write on a record. They are entries of a register,
//! so people keep them like others. The script inserts one at the cursor; without it, the form comes back with the text at the
//! end of what was typed, and everything else as it was.

use engine::definition::Labels;
use engine::directory::Entry;
use engine::ids::Name;
use engine::value::Value;
use serde::Serialize;

use crate::asked::Asked;
use crate::form::{Choosable, Control, Insert};
use crate::pairs::Pairs;
use crate::reach::Reached;
use crate::visit::Visit;

/// The register.
const CANNED_TEXT: &str = "canned_text";
/// The most texts that a form offers.
const OFFERED_MAX: usize = 60;
/// What a form says where a text is to be inserted: the name of the control.
const INSERT: &str = "_insert";
/// What stands before the name of a control where a form says which text.
const WHICH: &str = "_text.";

/// A text, as it is inserted.
#[derive(Clone, Debug, Serialize)]
pub struct Text {
    key: String,
    label: String,
    text: String,
}

/// The texts for the visitor and a record, by what they are called. There are none for those who are no staff.
pub fn offered(visit: &Visit<'_>, reached: &Reached) -> Vec<Text> {
    if !visit.is_staff() {
        return Vec::new();
    }
    let is_for = |(_, entry): &(&Name, &Entry)| {
        let process = said(entry, "process");
        let is_ours = process.is_empty() || reached.definition.parts().name == process.as_str();
        let is_mine = match entry.fields.get(&Name::from("team")) {
            Some(Value::Ref(team)) => visit.standing().is_some_and(|standing| standing.teams.contains(team)),
            Some(_) | None => true,
        };
        is_ours && is_mine
    };
    let text = |(key, entry): (&Name, &Entry)| {
        let both = Labels { en: said(entry, "english"), zh: said(entry, "chinese") };
        let text = [visit.language.of(&both), &both.en, &both.zh].into_iter().find(|text| !text.is_empty())?;
        let label = visit.language.of(&entry.labels).to_owned();
        Some(Text { key: key.to_string(), label, text: filled(text, visit, reached) })
    };
    let mut texts: Vec<Text> =
        visit.directory.entries(CANNED_TEXT).filter(is_for).filter_map(text).take(OFFERED_MAX).collect();
    texts.sort_by(|one, other| one.label.cmp(&other.label));
    texts
}

/// What an entry says of itself.
fn said(entry: &Entry, attribute: &str) -> String {
    match entry.fields.get(&Name::from(attribute)) {
        Some(Value::Text(text)) => text.trim().to_owned(),
        Some(_) | None => String::new(),
    }
}

/// A text with what is known of the record. Each place is filled once: what a title says is no place.
fn filled(text: &str, visit: &Visit<'_>, reached: &Reached) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place = after.split_once('}');
        let value = match place.map(|(name, _)| name) {
            Some("number") => Some(reached.loaded.instance.number().to_owned()),
            Some("title") => Some(reached.title()),
            Some("requester") => Some(visit.names().person(reached.loaded.instance.requester())),
            Some(_) | None => None,
        };
        match (value, place) {
            (Some(value), Some((_, further))) => {
                filled.push_str(&value);
                rest = further;
            }
            (Some(_) | None, _) => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The chooser beside a control, where there is something to choose.
pub fn insert(texts: &[Text], id: &str, name: &str) -> Option<Insert> {
    let choice = |text: &Text| Choosable::new(text.key.clone(), text.label.clone());
    (!texts.is_empty()).then(|| Insert {
        id: id.to_owned(),
        name: name.to_owned(),
        options: texts.iter().map(choice).collect(),
    })
}

/// Controls with a chooser beside each long text.
pub fn beside(texts: &[Text], controls: Vec<Control>) -> Vec<Control> {
    let offer = |control: Control| match control.kind {
        "area" => Control { insert: insert(texts, &control.id, &control.name), ..control },
        _ => control,
    };
    controls.into_iter().map(offer).collect()
}

/// The request with the text that its form asks to insert, at the end of what was typed there; nothing where the form was sent
/// for what it is for.
pub fn inserted(visit: &Visit<'_>, reached: &Reached) -> Option<Asked> {
    let form = &visit.asked.form;
    let name = form.get(INSERT)?;
    let chosen = form.get(&format!("{WHICH}{name}"));
    let texts = offered(visit, reached);
    let typed = form.raw(name).unwrap_or_default();
    let value = match texts.iter().find(|text| Some(text.key.as_str()) == chosen) {
        Some(text) if typed.trim().is_empty() => text.text.clone(),
        Some(text) => format!("{}\n{}", typed.trim_end(), text.text),
        None => typed.to_owned(),
    };
    let others = form.iter().filter(|(held, _)| *held != name && *held != INSERT);
    let mut pairs: Vec<(String, String)> = others.map(|(held, value)| (held.to_owned(), value.to_owned())).collect();
    pairs.push((name.to_owned(), value));
    Some(Asked { form: Pairs::of(pairs), ..visit.asked.clone() })
}
