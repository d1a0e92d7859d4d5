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

/// Every process that comes with the product.
pub fn packaged() -> &'static [Packaged] {
    &[Packaged {
        name: "incident",
        path: "resolution/incident.flow",
        source: include_str!("../resolution/incident.flow"),
    }]
}

/// Every file of registers that comes with the product.
pub fn registers() -> &'static [Packaged] {
    &[
        Packaged {
            name: "services",
            path: "registers/services.flow",
            source: include_str!("../registers/services.flow"),
        },
        Packaged {
            name: "configuration",
            path: "registers/configuration.flow",
            source: include_str!("../registers/configuration.flow"),
        },
        Packaged {
            name: "knowledge",
            path: "registers/knowledge.flow",
            source: include_str!("../registers/knowledge.flow"),
        },
        Packaged { name: "freezes", path: "registers/freezes.flow", source: include_str!("../registers/freezes.flow") },
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
