//! What the tests that cross crates share.

mod browser;
mod database;
mod deaf_line;
mod dice;
mod http;
mod keyboard;
mod load;
mod organisation;
mod person;
mod scratch;
mod server;

pub use browser::{Driver, Scripts};
pub use database::{Database, over_both};
pub use deaf_line::DeafLine;
pub use dice::{Dice, seed};
pub use http::{Answer, Browserless};
pub use keyboard::Keyboard;
pub use load::{Answered, doctor_finds_nothing, work};
pub use organisation::{
    PEOPLE, administered_at, declare, deploy, incident_source, organisation, organisation_at, report,
};
pub use person::{Hand, Person};
pub use scratch::Scratch;
pub use server::{Server, executable};
