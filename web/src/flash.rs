//! A sentence that the next page shows once: what was just done, and where the record stands since. It travels in a cookie
//! as a key of ours, one short text and the number of a record, so that nobody can make a page say anything else.

use actix_web::cookie::Cookie;
use serde::Serialize;

use crate::answer::Refusal;
use crate::app::App;
use crate::pages::record;
use crate::pairs::{Pairs, encoded};
use crate::reach;
use crate::session::{cookie, no_cookie};
use crate::visit::Visit;

const COOKIE: &str = "tiaoli_flash";
/// The most characters of the text, the number of a record or the name of a person.
const TEXT_MAX: usize = 80;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A task was finished.
    Completed,
    /// A task was taken.
    Claimed,
    /// A task was given back.
    Released,
    /// A task was given to somebody.
    Assigned,
    /// Somebody was asked to do the work of a task.
    Delegated,
    /// A task was given back to who asked.
    Resolved,
    /// A comment was written.
    Commented,
    /// Files were given to a record.
    Attached,
    /// A file was taken away.
    Detached,
    /// A reply was sent.
    Replied,
    /// A record was edited.
    Edited,
    /// Two records were linked.
    Linked,
    /// A link was taken away.
    Unlinked,
    /// A part was added to a record.
    Added,
    /// A record was started.
    Reported,
    /// A known solution helped.
    Helped,
    /// Something was saved.
    Saved,
    /// A view of the inbox was removed.
    ViewRemoved,
    /// A task was put off.
    Snoozed,
    /// A task that was put off came back.
    Woken,
    /// Somebody watches a record.
    Watched,
    /// Somebody watches a record no more.
    Unwatched,
    /// Several entries of a register were changed together.
    EntriesChanged,
    /// What was sent is what was there already.
    Unchanged,
    /// A stuck instance goes on.
    Retried,
    /// A stuck instance is still stuck.
    StillStuck,
    /// An operator's order was carried out or taken.
    Operated,
    /// A password was changed.
    PasswordChanged,
    /// Somebody signed out.
    SignedOut,
    /// Notifications were read.
    Read,
    /// The record no longer allows this: somebody else was quicker.
    TooLate,
}

const DEEDS: &[(Deed, &str)] = &[
    (Deed::Completed, "flash-completed"),
    (Deed::Claimed, "flash-claimed"),
    (Deed::Released, "flash-released"),
    (Deed::Assigned, "flash-assigned"),
    (Deed::Delegated, "flash-delegated"),
    (Deed::Resolved, "flash-resolved"),
    (Deed::Commented, "flash-commented"),
    (Deed::Attached, "flash-attached"),
    (Deed::Detached, "flash-detached"),
    (Deed::Replied, "flash-replied"),
    (Deed::Edited, "flash-edited"),
    (Deed::Linked, "flash-linked"),
    (Deed::Unlinked, "flash-unlinked"),
    (Deed::Added, "flash-added"),
    (Deed::Reported, "flash-reported"),
    (Deed::Helped, "flash-helped"),
    (Deed::Saved, "flash-saved"),
    (Deed::ViewRemoved, "flash-view-removed"),
    (Deed::Snoozed, "flash-snoozed"),
    (Deed::Woken, "flash-woken"),
    (Deed::Watched, "flash-watched"),
    (Deed::Unwatched, "flash-unwatched"),
    (Deed::EntriesChanged, "flash-entries-changed"),
    (Deed::Unchanged, "flash-unchanged"),
    (Deed::Retried, "flash-retried"),
    (Deed::StillStuck, "flash-still-stuck"),
    (Deed::Operated, "flash-operated"),
    (Deed::PasswordChanged, "flash-password-changed"),
    (Deed::SignedOut, "flash-signed-out"),
    (Deed::Read, "flash-read"),
    (Deed::TooLate, "flash-too-late"),
];

/// What was done, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    deed: Deed,
    to: String,
    record: Option<String>,
}

/// What a page says of it.
#[derive(Debug, Serialize)]
pub struct FlashView {
    text: String,
    /// The record that went on, where the page is not its own.
    record: Option<OnwardView>,
}

/// Where a record went on to.
#[derive(Debug, Serialize)]
struct OnwardView {
    number: String,
    state: String,
}

impl Flash {
    /// What was done to something that has a number or name.
    pub fn new(deed: Deed, to: impl Into<String>) -> Flash {
        Flash { deed, to: to.into(), record: None }
    }

    /// The record that went on by it: the next page says where it stands.
    #[must_use]
    pub fn of_record(self, number: &str) -> Flash {
        Flash { record: Some(number.to_owned()), ..self }
    }

    /// What the page before left to say.
    pub fn of(visit: &Visit<'_>) -> Option<Flash> {
        let held = Pairs::parse(visit.asked.cookies.get(COOKIE)?);
        let key = held.get("did")?;
        let (deed, _) = DEEDS.iter().find(|(_, held)| *held == key)?;
        let short = |text: &str| text.chars().take(TEXT_MAX).collect::<String>();
        let flash = Flash::new(*deed, short(held.get("to").unwrap_or_default()));
        Some(Flash { record: held.get("record").map(short), ..flash })
    }

    /// The cookie that carries it to the next page.
    pub fn cookie(&self, app: &App) -> Cookie<'static> {
        let key = DEEDS.iter().find(|(deed, _)| *deed == self.deed).map_or("flash-saved", |(_, key)| key);
        let record = self.record.as_ref().map(|number| format!("&record={}", encoded(number))).unwrap_or_default();
        // The server takes one layer of signs off each cookie before anybody reads it.
        let held = encoded(&format!("did={key}&to={}{record}", encoded(&self.to)));
        let mut cookie = cookie(app, COOKIE, held);
        cookie.set_max_age(actix_web::cookie::time::Duration::minutes(1));
        cookie
    }

    /// The cookie that ends it.
    pub fn gone(app: &App) -> Cookie<'static> {
        no_cookie(app, COOKIE)
    }

    /// What the page says.
    ///
    /// # Errors
    /// The store failed.
    pub fn view(&self, visit: &Visit<'_>) -> Result<FlashView, Refusal> {
        let key = DEEDS.iter().find(|(deed, _)| *deed == self.deed).map_or("flash-saved", |(_, key)| key);
        let text = visit.say_with(key, &[("what", self.to.as_str().into())]);
        let is_elsewhere = |number: &&String| visit.asked.path != format!("/records/{number}");
        let record = match self.record.as_ref().filter(is_elsewhere) {
            Some(number) => onward(visit, number)?,
            None => None,
        };
        Ok(FlashView { text, record })
    }
}

/// Where a record stands; nothing of one that the visitor may not see.
fn onward(visit: &Visit<'_>, number: &str) -> Result<Option<OnwardView>, Refusal> {
    match reach::by_number(visit, number) {
        Ok(reached) => {
            let state = record::status_view(visit, &reached).text;
            Ok(Some(OnwardView { number: number.to_owned(), state }))
        }
        Err(Refusal::NotFound) => Ok(None),
        Err(cause) => Err(cause),
    }
}
