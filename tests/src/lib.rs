//! What the tests that cross crates share.

mod http;
mod scratch;
mod server;

pub use http::{Answer, Browserless};
pub use scratch::Scratch;
pub use server::Server;
