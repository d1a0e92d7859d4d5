//! Whom a task or notice is for, and who did something.

use serde::{Deserialize, Serialize};

use crate::ids::Name;

/// Whom a task or notice is for, resolved at the time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// Everybody.
    Anyone,
    /// Whoever holds the role.
    Role(Name),
    /// Whoever belongs to the team.
    Team(Name),
    /// One person.
    Person(Name),
    /// Whoever stands in for the person while that person is absent.
    StandIn(Name),
}

impl std::fmt::Display for Principal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Principal::Anyone => out.write_str("anyone"),
            Principal::Role(name) => write!(out, "role:{name}"),
            Principal::Team(name) => write!(out, "team:{name}"),
            Principal::Person(name) => write!(out, "person:{name}"),
            Principal::StandIn(name) => write!(out, "stand_in:{name}"),
        }
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person of the register.
    Person(Name),
    /// The engine itself: a timer, a reaction.
    System,
}

impl Actor {
    /// The person, if it is one.
    pub fn person(&self) -> Option<&Name> {
        match self {
            Actor::Person(person) => Some(person),
            Actor::System => None,
        }
    }
}
