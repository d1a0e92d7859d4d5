//! The registers that every installation has, with what their entries say, and the clauses of the standard: data for
//! the checker.

use engine::directory::{ABSENT_FROM, ABSENT_UNTIL, SUBSTITUTE};
use engine::ids::Name;
use engine::value::FieldType;

/// What an attribute of a register's entry holds.
#[derive(Clone, Copy)]
enum Attribute {
    /// The entry of a register.
    Ref(&'static str),
    /// A day.
    Date,
}

/// All registers that come with the product, by name, with the attributes of their entries.
const REGISTERS: &[(&str, &[(&str, Attribute)])] = &[
    ("calendar", &[]),
    ("configuration_item", &[("service", Attribute::Ref("service"))]),
    ("customer", &[]),
    (
        "person",
        &[
            ("manager", Attribute::Ref("person")),
            (SUBSTITUTE, Attribute::Ref("person")),
            (ABSENT_FROM, Attribute::Date),
            (ABSENT_UNTIL, Attribute::Date),
        ],
    ),
    (
        "service",
        &[
            ("calendar", Attribute::Ref("calendar")),
            ("customer", Attribute::Ref("customer")),
            ("owner", Attribute::Ref("person")),
            ("support_team", Attribute::Ref("team")),
        ],
    ),
    ("team", &[("lead", Attribute::Ref("person"))]),
];

/// The registers that come with the product, by name, with the attributes of their entries.
pub(crate) fn registers() -> impl Iterator<Item = (&'static str, Vec<(String, FieldType)>)> {
    REGISTERS.iter().map(|(name, attributes)| {
        let holds = |attribute: &Attribute| match attribute {
            Attribute::Ref(register) => FieldType::Ref(Name::from(*register)),
            Attribute::Date => FieldType::Date,
        };
        (*name, attributes.iter().map(|(name, attribute)| ((*name).to_owned(), holds(attribute))).collect())
    })
}

/// An edition of the standard with the numbers of its clauses that a process may answer.
pub(crate) struct Edition {
    /// What definitions call it.
    pub(crate) name: &'static str,
    /// Its clauses.
    pub(crate) clauses: &'static [&'static str],
}

/// The editions of the standard: the numbering of the overview that the product is built on, and the three editions
/// of ISO/IEC 20000-1. A clause below one of these, `8.2.1` below `8.2`, is there too.
pub(crate) const EDITIONS: &[Edition] = &[
    Edition {
        name: "overview",
        clauses: &[
            "1", "2", "3", "4", "4.1", "4.2", "4.3", "4.4", "5", "6", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "7",
            "7.1", "7.2", "8", "8.1", "9", "9.1", "9.2", "10", "10.1", "10.2",
        ],
    },
    Edition {
        name: "iso2005",
        clauses: &[
            "3", "3.1", "3.2", "3.3", "4", "4.1", "4.2", "4.3", "4.4", "5", "6", "6.1", "6.2", "6.3", "6.4", "6.5",
            "6.6", "7", "7.1", "7.2", "7.3", "8", "8.1", "8.2", "8.3", "9", "9.1", "9.2", "10", "10.1",
        ],
    },
    Edition {
        name: "iso2011",
        clauses: &[
            "4", "4.1", "4.2", "4.3", "4.4", "4.5", "5", "5.1", "5.2", "5.3", "5.4", "6", "6.1", "6.2", "6.3", "6.4",
            "6.5", "6.6", "7", "7.1", "7.2", "8", "8.1", "8.2", "9", "9.1", "9.2", "9.3",
        ],
    },
    Edition {
        name: "iso2018",
        clauses: &[
            "4", "4.1", "4.2", "4.3", "4.4", "5", "5.1", "5.2", "5.3", "6", "6.1", "6.2", "6.3", "7", "7.1", "7.2",
            "7.3", "7.4", "7.5", "7.6", "8", "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7", "9", "9.1", "9.2", "9.3",
            "9.4", "10", "10.1", "10.2",
        ],
    },
];

impl Edition {
    /// Whether there is a clause of that number, or one that it would lie below, at most two levels deeper.
    pub(crate) fn has(&self, number: &str) -> bool {
        let mut at = number;
        for _ in 0..3 {
            if self.clauses.contains(&at) {
                let deeper = number.strip_prefix(at).unwrap_or_default();
                return deeper.split('.').skip(1).all(|part| matches!(part.parse::<u8>(), Ok(1..=20)));
            }
            match at.rsplit_once('.') {
                Some((around, _)) if around.contains('.') => at = around,
                _ => return false,
            }
        }
        false
    }
}
