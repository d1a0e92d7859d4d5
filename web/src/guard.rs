//! Who may enter a page, and whether a form came from a page of ours.

use std::net::IpAddr;

use subtle::ConstantTimeEq;

use crate::answer::Refusal;
use crate::pages::{Method, Page};
use crate::visit::{ADMINISTRATOR, AUDITOR, Visit, has_administrator};

/// Who may enter a page. Pages of single records ask further, and answer 404 like everything one may not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Everybody, signed in or not.
    Open,
    /// Everybody, while nobody administers the installation yet; nobody afterwards.
    FirstRun,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever holds a role or belongs to a team.
    Staff,
    /// Whoever answers for a process, administrators and auditors.
    Manager,
    /// Administrators and auditors.
    Overseer,
    /// Administrators.
    Administrator,
    /// Administrators and auditors; whoever sends the token of the metrics; a program on this machine, where no proxy
    /// stands before the server.
    Monitor,
}

/// Lets a visit in or says why not.
///
/// # Errors
/// Nobody is signed in, the person may not know of the page, or the form came from somewhere else.
pub fn admit(page: &Page, visit: &Visit<'_>) -> Result<(), Refusal> {
    let empty = !has_administrator(&visit.directory);
    let signed_in = visit.session.is_some();
    match page.guard {
        Guard::Open => {}
        Guard::FirstRun if empty => {}
        Guard::FirstRun => return Err(Refusal::NotFound),
        Guard::Monitor if visit.oversees() || monitors(visit) => {}
        Guard::Monitor => return Err(Refusal::NotFound),
        Guard::SignedIn | Guard::Staff | Guard::Manager | Guard::Overseer | Guard::Administrator if !signed_in => {
            return Err(Refusal::SignInFirst);
        }
        Guard::SignedIn => {}
        Guard::Staff if visit.is_staff() => {}
        Guard::Manager if visit.manages()? => {}
        Guard::Overseer if visit.holds(ADMINISTRATOR) || visit.holds(AUDITOR) => {}
        Guard::Administrator if visit.holds(ADMINISTRATOR) => {}
        Guard::Staff | Guard::Manager | Guard::Overseer | Guard::Administrator => return Err(Refusal::NotFound),
    }
    match page.method {
        Method::Get => Ok(()),
        Method::Post => ours(visit),
    }
}

/// Whether a program asks that may read the metrics without signing in.
fn monitors(visit: &Visit<'_>) -> bool {
    let (asked, settings) = (visit.asked, visit.app.settings());
    let sent = asked.authorization.as_deref().and_then(|said| said.strip_prefix("Bearer "));
    if let (Some(sent), Some(token)) = (sent, &settings.metrics_token) {
        return sent.as_bytes().ct_eq(token.as_bytes()).into();
    }
    let here = asked.from.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    // Behind a proxy everybody comes from here.
    here && asked.forwarded.is_none() && settings.origin.is_none()
}

/// A form is ours when the browser says that it came from this origin, and, where somebody is signed in, it
/// carries the session's token.
fn ours(visit: &Visit<'_>) -> Result<(), Refusal> {
    let asked = visit.asked;
    let here = match asked.fetch_site.as_deref() {
        Some("same-origin" | "none") => true,
        Some(_) => false,
        // An old browser: it says at least from where a form comes.
        None => asked.origin.as_deref().is_some_and(|origin| is_our_origin(visit, origin)),
    };
    let signed = visit.session.as_ref().is_none_or(|session| session.signed(asked.form.raw("_token")));
    if here && signed { Ok(()) } else { Err(Refusal::Forged) }
}

fn is_our_origin(visit: &Visit<'_>, origin: &str) -> bool {
    match &visit.app.settings().origin {
        Some(ours) => ours == origin,
        None => origin.split_once("://").is_some_and(|(_, host)| !host.is_empty() && host == visit.asked.host),
    }
}
