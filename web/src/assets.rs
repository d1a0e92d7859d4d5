//! The style sheet, the script and the mark: compiled in, named by their content, kept by browsers for a year.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// A file that pages refer to.
pub struct Asset {
    /// Its path, with its content's hash in it.
    pub path: String,
    /// Its media type.
    pub media: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// The hash, as entity tag.
    pub tag: String,
}

/// The files that pages refer to.
pub struct Assets {
    /// The style sheet.
    pub style: Asset,
    /// The script.
    pub script: Asset,
    /// The mark.
    pub mark: Asset,
}

impl Assets {
    /// All of them.
    pub fn all(&self) -> [&Asset; 3] {
        [&self.style, &self.script, &self.mark]
    }
}

/// The files, hashed once per run.
pub fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| Assets {
        // The style of process diagrams belongs to the pages that show them.
        style: asset(
            "style",
            "css",
            "text/css; charset=utf-8",
            &[include_bytes!("../assets/style.css").as_slice(), dsl::diagram::STYLE.as_bytes()].concat(),
        ),
        script: asset("app", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")),
        mark: asset("mark", "svg", "image/svg+xml", include_bytes!("../assets/mark.svg")),
    })
}

fn asset(stem: &str, suffix: &str, media: &'static str, bytes: &[u8]) -> Asset {
    let hash = hex::encode(&Sha256::digest(bytes)[..8]);
    Asset { path: format!("/assets/{stem}.{hash}.{suffix}"), media, bytes: bytes.to_vec(), tag: format!("\"{hash}\"") }
}
