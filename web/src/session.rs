//! Who is signed in. The browser holds a random token of 256 bits in a cookie that scripts cannot read; the
//! store holds only its hash, so that neither a copy of the store nor a log lets anybody in.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use engine::ids::Name;
use engine::time::{HOUR_MS, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::answer::Refusal;
use crate::app::App;

/// The cookie that holds the token.
pub const COOKIE: &str = "tiaoli_session";
/// How long a session lasts, whatever happens in it: a working day with some room.
pub const LENGTH_MS: i64 = 12 * HOUR_MS;

/// A session of a person.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person.
    pub person: Name,
    /// What every form of the session carries.
    pub csrf: String,
    /// The hash of the token.
    pub token_hash: Vec<u8>,
}

impl Session {
    /// The session of a token, if it is open.
    ///
    /// # Errors
    /// The store failed.
    pub fn of_token(app: &App, token: &str, now: Timestamp) -> Result<Option<Session>, Refusal> {
        let token_hash = hash(token);
        let row = app.store().session(&token_hash, now)?;
        Ok(row.map(|row| Session { person: row.person, csrf: row.csrf, token_hash }))
    }

    /// Opens a session and gives the cookie for it.
    ///
    /// # Errors
    /// The store failed, or the machine gives no random bytes.
    pub fn open(app: &App, person: &Name, now: Timestamp) -> Result<Cookie<'static>, Refusal> {
        let (token, csrf) = (random_token()?, random_token()?);
        app.store().open_session(&store::SessionRow {
            token_hash: hash(&token),
            person: person.clone(),
            opened_at: now,
            expires_at: now.plus_ms(LENGTH_MS),
            csrf,
        })?;
        let mut cookie = cookie(app, COOKIE, token);
        cookie.set_max_age(Duration::milliseconds(LENGTH_MS));
        Ok(cookie)
    }

    /// Whether a form carries this session's token.
    pub fn signed(&self, token: Option<&str>) -> bool {
        token.is_some_and(|token| token.as_bytes().ct_eq(self.csrf.as_bytes()).into())
    }
}

/// A cookie of ours: for this host, out of the reach of scripts, not sent along from other sites.
pub fn cookie(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.settings().is_secure())
        .finish()
}

/// A cookie that ends one of ours.
pub fn no_cookie(app: &App, name: &'static str) -> Cookie<'static> {
    let mut ended = cookie(app, name, String::new());
    ended.make_removal();
    ended
}

/// What is kept of a token.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A new token: 256 random bits.
///
/// # Errors
/// The machine gives no random bytes.
pub fn random_token() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|cause| Refusal::Broken(format!("no random bytes: {cause}")))?;
    Ok(hex::encode(bytes))
}
