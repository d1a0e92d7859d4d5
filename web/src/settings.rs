//! How the pages are served.

use std::net::{Ipv4Addr, SocketAddr};

use engine::time::ZONE;

/// How the pages are served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the server listens. Port 0 takes any free port.
    pub address: SocketAddr,
    /// The origin that browsers see, where a proxy stands before the server: `https://itsm.example`. With an
    /// `https` origin cookies are marked secure.
    pub origin: Option<String>,
    /// The zone in which dates are shown.
    pub zone: String,
    /// What a monitor must send as a bearer token to read the metrics from elsewhere; nothing where none may.
    pub metrics_token: Option<String>,
    /// How many threads answer.
    pub workers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            origin: None,
            zone: ZONE.to_owned(),
            metrics_token: None,
            workers: 2,
        }
    }
}

impl Settings {
    /// Whether browsers reach the server by TLS only.
    pub fn is_secure(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }
}
