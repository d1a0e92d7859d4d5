//! The languages of the product.

use engine::definition::Labels;

/// A language that every page can be read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Simplified Chinese, the default.
    Zh,
    /// English.
    En,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Language; 2] = [Language::Zh, Language::En];

    /// Its BCP 47 tag, as in `<html lang>` and the person register.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Zh => "zh-CN",
            Language::En => "en",
        }
    }

    /// The language of a tag such as `zh`, `zh-CN` or `en-GB`.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Language::Zh),
            "en" => Some(Language::En),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header that the product speaks; Chinese where it speaks none.
    pub fn accepted(header: &str) -> Language {
        header
            .split(',')
            .filter_map(|part| Language::of_tag(part.split(';').next().unwrap_or_default()))
            .next()
            .unwrap_or(Language::Zh)
    }

    /// The label in this language.
    pub fn of(self, labels: &Labels) -> &str {
        match self {
            Language::Zh => &labels.zh,
            Language::En => &labels.en,
        }
    }

    /// The same language, as the diagram and the compiler's messages know it.
    pub fn for_dsl(self) -> dsl::Language {
        match self {
            Language::Zh => dsl::Language::Zh,
            Language::En => dsl::Language::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_of_a_browser_wins_and_chinese_is_the_default() {
        assert_eq!(Language::accepted("fr-FR,en-GB;q=0.8,zh;q=0.5"), Language::En);
        assert_eq!(Language::accepted("zh-TW,en"), Language::Zh);
        assert_eq!(Language::accepted("fr"), Language::Zh);
        assert_eq!(Language::accepted(""), Language::Zh);
    }
}
