//! What the tests that cross crates share.

mod browser;
mod http;
mod organisation;
mod scratch;
mod server;

pub use browser::Driver;
pub use http::{Answer, Browserless};
pub use organisation::{PEOPLE, deploy, incident_source, organisation, report};
pub use scratch::Scratch;
pub use server::{Server, executable};
