//! The words of the pages: one Fluent file per language, compiled in. A test keeps both files equal in keys and
//! variables, and finds every key that a template or a Rust file names.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::language::Language;

/// The Fluent text of a language.
pub fn source(language: Language) -> &'static str {
    match language {
        Language::Zh => include_str!("../locales/zh-CN.ftl"),
        Language::En => include_str!("../locales/en.ftl"),
    }
}

/// The words of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// Something that a sentence says about its case: a name, a number.
pub type Said<'a> = (&'static str, FluentValue<'a>);

impl Words {
    /// The words of a language.
    pub fn new(language: Language) -> Words {
        let tag: LanguageIdentifier = language.tag().parse().expect("both tags are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks that isolate directions would end up in copied text; both languages run left to right.
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(source(language).to_owned()) {
            Ok(resource) => resource,
            Err((resource, problems)) => {
                tracing::error!(?problems, language = language.tag(), "the locale file has mistakes");
                resource
            }
        };
        bundle.add_resource_overriding(resource);
        Words { language, bundle }
    }

    /// Their language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a sentence of that key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A sentence without variables.
    pub fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// A sentence with what it says about its case. A key that is missing shows as itself and is logged: a
    /// test finds it before anybody reads it.
    pub fn say_with(&self, key: &str, said: &[Said<'_>]) -> String {
        let mut arguments = FluentArgs::with_capacity(said.len());
        for (name, value) in said {
            arguments.set(*name, value.clone());
        }
        self.try_say(key, &arguments).unwrap_or_else(|| {
            tracing::error!(key, language = self.language.tag(), "a word is missing");
            key.to_owned()
        })
    }

    /// A sentence, if there is one of that key and nothing that it needs is missing.
    pub fn try_say(&self, key: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut problems = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(arguments), &mut problems);
        problems.is_empty().then(|| text.into_owned())
    }
}
