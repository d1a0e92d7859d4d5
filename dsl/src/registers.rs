//! The registers that every installation has, with what their entries say: data for the checker.

/// What an attribute of a register's entry is: the register that it refers to.
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: &'static str,
    /// The register of the entry that it names.
    pub(crate) refers_to: &'static str,
}

/// A register without a process.
pub(crate) struct Register {
    /// Its name.
    pub(crate) name: &'static str,
    /// What its entries say.
    pub(crate) attributes: &'static [Attribute],
}

/// All registers, by name.
pub(crate) const REGISTERS: &[Register] = &[
    Register { name: "calendar", attributes: &[] },
    Register { name: "configuration_item", attributes: &[refers("service", "service")] },
    Register { name: "customer", attributes: &[] },
    Register { name: "person", attributes: &[refers("manager", "person")] },
    Register {
        name: "service",
        attributes: &[
            refers("calendar", "calendar"),
            refers("customer", "customer"),
            refers("owner", "person"),
            refers("support_team", "team"),
        ],
    },
    Register { name: "team", attributes: &[refers("lead", "person")] },
];

/// The editions of the standard that clauses may name.
pub(crate) const EDITIONS: &[&str] = &["overview", "iso2005", "iso2011", "iso2018"];

const fn refers(name: &'static str, refers_to: &'static str) -> Attribute {
    Attribute { name, refers_to }
}

/// The register of that name.
pub(crate) fn register(name: &str) -> Option<&'static Register> {
    REGISTERS.iter().find(|register| register.name == name)
}
