//! What things are called, in both languages of the product.

use serde::{Deserialize, Serialize};

/// What a thing is called, in both languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Labels {
    /// A label in both languages.
    pub fn new(en: &str, zh: &str) -> Self {
        Labels { en: en.to_owned(), zh: zh.to_owned() }
    }
}
