//! Whom a comment names: `@` with a person's key or name, in either language. Anything else after the sign is text.

use std::collections::BTreeSet;

use engine::directory::{Directory, PERSON};
use engine::ids::Name;

/// The people whom a text names. Whoever has a name that begins with another's is meant where the longer one stands; of
/// several who are called the same, all are.
pub fn of(text: &str, directory: &Directory) -> BTreeSet<Name> {
    after_signs(text).flat_map(|rest| at(&rest.to_lowercase(), directory)).collect()
}

/// What stands after an `@` where nobody is called so, as far as a name could go.
pub fn of_nobody<'t>(text: &'t str, directory: &Directory) -> BTreeSet<&'t str> {
    let unknown = after_signs(text).filter(|rest| at(&rest.to_lowercase(), directory).is_empty());
    let words = unknown.filter_map(|rest| rest.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next());
    words.filter(|word| !word.is_empty()).collect()
}

/// The texts after each `@` that is none of an address.
fn after_signs(text: &str) -> impl Iterator<Item = &str> {
    let mut before = None;
    text.char_indices().filter_map(move |(place, sign)| {
        let begins = sign == '@' && !before.is_some_and(is_of_address);
        before = Some(sign);
        text.get(place + sign.len_utf8()..).filter(|_| begins)
    })
}

/// Whether a sign before the `@` makes it one of an address.
fn is_of_address(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '.' | '_' | '-' | '+')
}

/// Whose key or name the text begins with.
fn at(text: &str, directory: &Directory) -> Vec<Name> {
    let mut longest = 0;
    let mut found = Vec::new();
    for (person, _) in directory.standings() {
        let labels = directory.entry(PERSON, person).map(|entry| &entry.labels);
        let names =
            [Some(person.as_str()), labels.map(|labels| labels.en.as_str()), labels.map(|labels| labels.zh.as_str())];
        let names = names.into_iter().flatten().map(str::to_lowercase);
        let Some(length) = names.filter(|name| stands(text, name)).map(|name| name.len()).max() else { continue };
        if length > longest {
            longest = length;
            found.clear();
        }
        if length == longest {
            found.push(person.clone());
        }
    }
    found
}

/// Whether a text begins with a name that ends there. Chinese goes on without a blank.
fn stands(text: &str, name: &str) -> bool {
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    !name.is_empty()
        && text.strip_prefix(name).is_some_and(|rest| !name.ends_with(is_name) || !rest.starts_with(is_name))
}
