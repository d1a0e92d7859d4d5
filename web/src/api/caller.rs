//! Who calls: the person whose token the machine sends.

use engine::directory::WORKER;
use engine::ids::Name;
use engine::time::MINUTE_MS;

use crate::api::problem::{Code, Problem};
use crate::session;
use crate::visit::Visit;

/// How long a use is not written again, in milliseconds: a busy worker must not be a busy writer.
const USE_WRITTEN_EVERY_MS: i64 = MINUTE_MS;

/// A worker.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) person: Name,
}

impl Caller {
    /// The worker whose token a request carries.
    ///
    /// # Errors
    /// There is no token, it opens nothing, or its person is no worker.
    pub(super) fn of(visit: &Visit<'_>) -> Result<Caller, Problem> {
        let sent = visit.asked.authorization.as_deref().and_then(bearer);
        let sent = sent.ok_or_else(|| Problem::new(Code::TokenMissing))?;
        let store = visit.app.store();
        let token = store.access_token(&session::hash(sent))?.ok_or_else(|| Problem::new(Code::TokenUnknown))?;
        if token.revoked_at.is_some() {
            return Err(Problem::new(Code::TokenRevoked));
        }
        if token.expires_at <= visit.now {
            return Err(Problem::new(Code::TokenExpired));
        }
        if !visit.directory.standing(&token.person).is_some_and(|standing| standing.roles.contains(WORKER)) {
            return Err(Problem::new(Code::NotAWorker));
        }
        if token.used_at.is_none_or(|used| visit.now.since_ms(used) >= USE_WRITTEN_EVERY_MS) {
            store.access_token_used(token.id, visit.now)?;
        }
        Ok(Caller { person: token.person })
    }
}

/// The token of `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(said: &str) -> Option<&str> {
    let (scheme, token) = said.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
