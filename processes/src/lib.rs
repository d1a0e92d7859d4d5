//! The product's own service-management processes, embedded. Each is a file by the clause that it answers.

/// A process that comes with the product.
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

/// The calendars that come with the product.
pub fn calendars() -> &'static [dsl::calendars::KnownCalendar] {
    dsl::calendars::known()
}
