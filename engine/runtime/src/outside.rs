//! What this process may reach outside: a server for e-mail, and hosts for requests besides those of the internet.

use crate::fence::Fence;
use crate::mail::MailServer;

/// What a process may reach outside. As long as nobody says more: no e-mail, and no address of a private network.
#[derive(Debug, Default)]
pub struct Outside {
    /// Where e-mail is handed over, where there is such a server.
    pub mail: Option<MailServer>,
    /// Which hosts may be asked.
    pub fence: Fence,
}
