//! One request of one person, with everything that a handler may look at. A handler is a plain function of it:
//! parse, one call, answer.

use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use engine::definition::Definition;
use engine::directory::{Directory, Standing};
use engine::event::Actor;
use engine::ids::Name;
use engine::time::Timestamp;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::app::App;
use crate::asked::Asked;
use crate::assets::assets;
use crate::flash::{Flash, FlashView};
use crate::language::Language;
use crate::moment::{Moment, Times};
use crate::names::Names;
use crate::pages::{Method, profile};
use crate::session::Session;
use crate::words::{Said, Words};

/// The role that runs an installation.
pub const ADMINISTRATOR: &str = engine::people::ADMINISTRATOR;
/// The role that may see everything and change nothing.
pub const AUDITOR: &str = engine::people::AUDITOR;

/// One request of one person.
pub struct Visit<'a> {
    /// What every request shares.
    pub app: &'a App,
    /// The request.
    pub asked: &'a Asked,
    /// Who is signed in.
    pub session: Option<Session>,
    /// In which language to answer.
    pub language: Language,
    /// The instant of the request.
    pub now: Timestamp,
    /// The registers as they are.
    pub directory: Arc<Directory>,
}

/// What the frame around every page shows.
#[derive(Debug, Serialize)]
pub struct Here {
    language: &'static str,
    title: String,
    token: String,
    place: String,
    person: Option<String>,
    links: Vec<Link>,
    flash: Option<FlashView>,
    unread: u64,
    /// Whether single keys do something.
    keys: bool,
    other: Vec<Other>,
    style: String,
    script: String,
    mark: String,
    zone: String,
}

#[derive(Debug, Serialize)]
struct Link {
    to: &'static str,
    icon: &'static str,
    label: String,
    current: bool,
    first_of_admin: bool,
}

#[derive(Debug, Serialize)]
struct Other {
    tag: &'static str,
    name: String,
    current: bool,
}

#[derive(Serialize)]
struct Sheet<'v, V> {
    here: &'v Here,
    #[serde(flatten)]
    view: &'v V,
}

#[derive(Serialize)]
struct Frame<'v> {
    here: &'v Here,
    body: String,
}

impl<'a> Visit<'a> {
    /// The same person at the same instant with another request.
    pub fn asking<'b>(&'b self, asked: &'b Asked) -> Visit<'b> {
        Visit { app: self.app, asked, session: self.session.clone(), directory: self.directory.clone(), ..*self }
    }

    /// The person who is signed in.
    ///
    /// # Errors
    /// Nobody is; the guard of a page keeps this from happening.
    pub fn person(&self) -> Result<&Name, Refusal> {
        self.session.as_ref().map(|session| &session.person).ok_or(Refusal::SignInFirst)
    }

    /// The person as the engine knows who acts.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub fn actor(&self) -> Result<Actor, Refusal> {
        self.person().cloned().map(Actor::Person)
    }

    /// What the signed-in person may do.
    pub fn standing(&self) -> Option<&Standing> {
        self.directory.standing(&self.session.as_ref()?.person)
    }

    /// Whether the signed-in person holds a role.
    pub fn holds(&self, role: &str) -> bool {
        self.standing().is_some_and(|standing| standing.roles.contains(role))
    }

    /// Whether the signed-in person does work for others: holds a role or belongs to a team.
    pub fn is_staff(&self) -> bool {
        self.standing().is_some_and(|standing| !standing.roles.is_empty() || !standing.teams.is_empty())
    }

    /// Whether the signed-in person may see every record and the pages about the installation.
    pub fn oversees(&self) -> bool {
        self.holds(ADMINISTRATOR) || self.holds(AUDITOR)
    }

    /// The processes for which the signed-in person answers, as they are now; of who may see every record, all.
    ///
    /// # Errors
    /// The definitions cannot be read.
    pub fn managed(&self) -> Result<Vec<Arc<Definition>>, Refusal> {
        if !self.is_staff() {
            return Ok(Vec::new());
        }
        let mut managed = Vec::new();
        for version in self.app.store().current_versions()? {
            let definition = self.app.runtime().definition(&version.id)?;
            if self.oversees() || self.holds(definition.parts().owner.as_str()) {
                managed.push(definition);
            }
        }
        Ok(managed)
    }

    /// Whether the signed-in person answers for a process, or may see every record.
    ///
    /// # Errors
    /// The definitions cannot be read.
    pub fn manages(&self) -> Result<bool, Refusal> {
        Ok(self.oversees() || !self.managed()?.is_empty())
    }

    /// The words of the reader's language.
    pub fn words(&self) -> &'a Words {
        self.app.speech().words(self.language)
    }

    /// A sentence.
    pub fn say(&self, key: &str) -> String {
        self.words().say(key)
    }

    /// A sentence with what it says about its case.
    pub fn say_with(&self, key: &str, said: &[Said<'_>]) -> String {
        self.words().say_with(key, said)
    }

    /// How instants are shown to the reader.
    pub fn times(&self) -> Times<'_> {
        Times { zone: self.app.zone(), words: self.words(), directory: &self.directory, now: self.now }
    }

    /// An instant, ready to be shown.
    pub fn moment(&self, instant: Timestamp) -> Moment {
        self.times().moment(instant)
    }

    /// What things are called.
    pub fn names(&self) -> Names<'_> {
        Names { directory: &self.directory, words: self.words() }
    }

    /// A page.
    ///
    /// # Errors
    /// The view lacks a name that its template uses.
    pub fn page<V: Serialize>(&self, template: &str, title: String, view: &V) -> Result<Answer, Refusal> {
        self.page_with(StatusCode::OK, template, title, view)
    }

    /// A page with another status than 200.
    ///
    /// # Errors
    /// The view lacks a name that its template uses.
    pub fn page_with<V: Serialize>(
        &self,
        status: StatusCode,
        template: &str,
        title: String,
        view: &V,
    ) -> Result<Answer, Refusal> {
        let flash = Flash::of(self);
        let said = flash.as_ref().map(|flash| flash.view(self)).transpose()?;
        let here = self.here(title, said)?;
        let templates = self.app.speech().templates(self.language);
        let body = templates.fill(template, &Sheet { here: &here, view })?;
        let html = templates.fill("layout", &Frame { here: &here, body })?;
        let answer = Answer::page(status, html);
        Ok(if flash.is_some() { answer.with(Flash::gone(self.app)) } else { answer })
    }

    /// A part of a page without the frame around it, for the script of a page that shows it.
    ///
    /// # Errors
    /// The view lacks a name that its template uses.
    pub fn part<V: Serialize>(&self, template: &str, view: &V) -> Result<Answer, Refusal> {
        let here = self.here(String::new(), None)?;
        let html = self.app.speech().templates(self.language).fill(template, &Sheet { here: &here, view })?;
        Ok(Answer::page(StatusCode::OK, html))
    }

    /// The way to another page, on which a sentence says what was done.
    pub fn done(&self, to: impl Into<String>, flash: Flash) -> Answer {
        Answer::see_other(to).with(flash.cookie(self.app))
    }

    /// The cookie that keeps the language of this browser.
    pub fn language_cookie(&self, language: Language) -> Cookie<'static> {
        let mut cookie = crate::session::cookie(self.app, LANGUAGE_COOKIE, language.tag().to_owned());
        cookie.set_max_age(actix_web::cookie::time::Duration::days(365));
        cookie
    }

    fn here(&self, title: String, flash: Option<FlashView>) -> Result<Here, Refusal> {
        let unread = match &self.session {
            Some(session) => self.app.store().unread_count(&session.person)?,
            None => 0,
        };
        let keys = match &self.session {
            Some(session) => profile::keys_are_on(self, &session.person)?,
            None => false,
        };
        let assets = assets();
        let other = Language::ALL.into_iter().map(|language| Other {
            tag: language.tag(),
            name: self.app.speech().words(language).say("language-name"),
            current: language == self.language,
        });
        Ok(Here {
            language: self.language.tag(),
            title,
            token: self.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default(),
            place: self.place_to_return(),
            person: self.session.as_ref().map(|session| self.names().person(&session.person)),
            links: self.links()?,
            flash,
            unread,
            keys,
            other: other.collect(),
            style: assets.style.path.clone(),
            script: assets.script.path.clone(),
            mark: assets.mark.path.clone(),
            zone: self.app.settings().zone.clone(),
        })
    }

    /// Where a change of language leads back to: here, or, where here is the answer to a form, the form's page.
    fn place_to_return(&self) -> String {
        match (&self.asked.method, &self.asked.came_from) {
            (Method::Get, _) => self.asked.place.clone(),
            (Method::Post, Some(page)) => page.clone(),
            (Method::Post, None) => "/".to_owned(),
        }
    }

    fn links(&self) -> Result<Vec<Link>, Refusal> {
        if self.session.is_none() {
            return Ok(Vec::new());
        }
        let manages = self.manages()?;
        let mut links = Vec::new();
        let mut link = |to: &'static str, icon, key: &str, first_of_admin| {
            let current = self.asked.path == to || self.asked.path.starts_with(&format!("{to}/"));
            links.push(Link { to, icon, label: self.say(key), current, first_of_admin });
        };
        if self.is_staff() {
            link("/inbox", "inbox", "nav-inbox", false);
            link("/changes/calendar", "calendar", "nav-changes", false);
        }
        if manages {
            link("/board", "board", "nav-board", false);
        }
        link("/portal", "portal", "nav-portal", false);
        link("/portal/requests", "requests", "nav-requests", false);
        link("/notifications", "bell", "nav-notifications", false);
        if self.is_staff() {
            link("/registers", "registers", "nav-registers", false);
        }
        if self.oversees() {
            link("/admin/instances", "running", "nav-instances", true);
            link("/admin/batches", "requests", "nav-batches", false);
            link("/admin/definitions", "process", "nav-definitions", false);
            link("/admin/audit", "audit", "nav-audit", false);
            link("/admin/retention", "clock", "nav-retention", false);
            link("/admin/people", "people", "nav-people", false);
        }
        if self.holds(ADMINISTRATOR) {
            link("/admin/tokens", "shield", "nav-tokens", false);
            link("/admin/calendars", "calendar", "register-calendar", false);
        }
        // `/portal` is also the beginning of its neighbours' paths: only the longest match is where one is.
        let longest = links.iter().filter(|link| link.current).map(|link| link.to.len()).max();
        for link in &mut links {
            link.current = link.current && Some(link.to.len()) == longest;
        }
        Ok(links)
    }
}

/// The cookie that keeps the language of a browser.
pub const LANGUAGE_COOKIE: &str = "tiaoli_language";

/// Whether somebody administers the installation; until then the first-run page makes the one who does.
pub fn has_administrator(directory: &Directory) -> bool {
    directory.standings().any(|(_, standing)| standing.roles.contains(ADMINISTRATOR))
}
