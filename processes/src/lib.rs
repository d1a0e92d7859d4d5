//! The product's own service-management processes, embedded. Each is a file by the clause that it answers.

use std::sync::OnceLock;

use dsl::Among;

/// A process, or a file of registers, that comes with the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packaged {
    /// Its name: `incident`.
    pub name: &'static str,
    /// Where it stands, below `processes/`.
    pub path: &'static str,
    /// Its text.
    pub source: &'static str,
}

/// Names a packaged file.
macro_rules! packaged {
    ($($name:literal in $folder:literal),* $(,)?) => {
        &[$(Packaged {
            name: $name,
            path: concat!($folder, "/", $name, ".flow"),
            source: include_str!(concat!("../", $folder, "/", $name, ".flow")),
        }),*]
    };
}

/// Every process that comes with the product.
pub fn packaged() -> &'static [Packaged] {
    packaged![
        "incident" in "resolution",
        "service_request" in "resolution",
        "major_incident" in "resolution",
        "problem" in "resolution",
        "trend_analysis" in "resolution",
        "change" in "control",
        "standard_change_template" in "control",
        "configuration_audit" in "control",
        "reconciliation" in "control",
        "verification" in "control",
        "release" in "release",
    ]
}

/// Every file of registers that comes with the product.
pub fn registers() -> &'static [Packaged] {
    packaged![
        "services" in "registers",
        "configuration" in "registers",
        "knowledge" in "registers",
        "freezes" in "registers",
        "texts" in "registers",
    ]
}

/// What the packaged files declare for one another.
pub fn among() -> &'static Among {
    static AMONG: OnceLock<Among> = OnceLock::new();
    AMONG.get_or_init(|| Among::files(registers().iter().chain(packaged()).map(|file| file.source)))
}

/// The calendars that come with the product.
pub fn calendars() -> &'static [dsl::calendars::KnownCalendar] {
    dsl::calendars::known()
}
