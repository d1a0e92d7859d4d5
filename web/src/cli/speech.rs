//! The language of the terminal.

use clap::ValueEnum;

/// A language in which the executable speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Speech {
    /// English.
    En,
    /// Simplified Chinese.
    #[value(alias = "zh-CN")]
    Zh,
}

impl Speech {
    /// By LC_ALL, LC_MESSAGES or LANG; English where they say nothing.
    pub(crate) fn of_environment() -> Speech {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        match said {
            Some(value) if value.starts_with("zh") => Speech::Zh,
            _ => Speech::En,
        }
    }

    /// The text in this language.
    pub(crate) fn pick<'t>(self, en: &'t str, zh: &'t str) -> &'t str {
        match self {
            Speech::En => en,
            Speech::Zh => zh,
        }
    }

    /// The language as the front end of the process language calls it.
    pub(crate) fn of_language(self) -> dsl::Language {
        match self {
            Speech::En => dsl::Language::En,
            Speech::Zh => dsl::Language::Zh,
        }
    }
}

/// How many of some things, in English: `1 record`, `2 records`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
