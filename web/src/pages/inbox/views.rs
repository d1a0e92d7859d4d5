//! Views of the inbox under a name: an address that a person keeps, for oneself or for a role or team.

use actix_web::http::StatusCode;
use engine::event::Principal;
use engine::ids::Name;
use serde::Serialize;
use store::{NewView, SAVED_VIEWS_MAX, SavedViewId};

use super::{Wanted, page};
use crate::answer::{Answer, Refusal};
use crate::asked::safe_path;
use crate::flash::{Deed, Flash};
use crate::form::Choosable;
use crate::pairs::Pairs;
use crate::visit::Visit;

/// The longest name of a view, in characters.
const NAME_MAX: usize = 60;

/// A view that was kept, as a tab.
#[derive(Debug, Serialize)]
pub struct SavedTab {
    to: String,
    label: String,
    current: bool,
    /// Whose it is, where it is somebody else's.
    by: Option<String>,
}

/// The forms about views: one to keep the address, and one for the view that is shown, where it is the reader's.
#[derive(Debug, Serialize)]
pub struct Keep {
    open: bool,
    query: String,
    name: String,
    problem: Option<String>,
    shares: Vec<Choosable>,
    own: Option<Own>,
}

#[derive(Debug, Serialize)]
struct Own {
    id: i64,
    name: String,
    problem: Option<String>,
}

/// The views that the visitor sees, as tabs.
///
/// # Errors
/// The store failed.
pub fn tabs(visit: &Visit<'_>, wanted: &Wanted) -> Result<Vec<SavedTab>, Refusal> {
    let person = visit.person()?;
    let views = visit.app.store().saved_views(person, &circles(visit))?;
    let current = wanted.query();
    let tab = |view: store::SavedView| SavedTab {
        to: Wanted::of(&Pairs::parse(&view.query)).address(""),
        current: view.query == current,
        by: (view.owner != *person).then(|| visit.names().person(&view.owner)),
        label: view.name,
    };
    Ok(views.into_iter().map(tab).collect())
}

/// The forms about views.
///
/// # Errors
/// The store failed.
pub fn keep(visit: &Visit<'_>, wanted: &Wanted, problem: Option<String>) -> Result<Keep, Refusal> {
    let person = visit.person()?;
    let query = wanted.query();
    let views = visit.app.store().saved_views(person, &circles(visit))?;
    let own = views.into_iter().find(|view| view.owner == *person && view.query == query);
    let posted = visit.asked.form.get("share");
    let share = |circle: &Principal| {
        let value = circle.to_string();
        let kind = if matches!(circle, Principal::Team(_)) { "share-team" } else { "share-role" };
        let label = visit.say_with(kind, &[("name", visit.names().principal(circle).into())]);
        Choosable { chosen: posted == Some(value.as_str()), label, value }
    };
    // A form about a view that is there names it in its path.
    let (problem, own_problem) = if visit.asked.part("view").is_empty() { (problem, None) } else { (None, problem) };
    Ok(Keep {
        open: problem.is_some() || own_problem.is_some(),
        name: visit.asked.form.get("name").unwrap_or_default().to_owned(),
        problem,
        shares: circles(visit).iter().map(share).collect(),
        own: own.map(|view| Own { id: view.id.0, name: view.name, problem: own_problem }),
        query,
    })
}

/// Keeps the address under a name.
pub fn save(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let wanted = Wanted::of(&Pairs::parse(form.get("query").unwrap_or_default()));
    let circles = circles(visit);
    let shared_with = match form.get("share") {
        None => None,
        Some(share) => match circles.into_iter().find(|circle| circle.to_string() == share) {
            Some(circle) => Some(circle),
            None => return unfit(visit, &wanted, visit.say("view-no-circle")),
        },
    };
    let name = match name(visit) {
        Ok(name) => name,
        Err(problem) => return unfit(visit, &wanted, problem),
    };
    let view = NewView { owner: visit.person()?.clone(), name: name.clone(), query: wanted.query(), shared_with };
    match visit.app.store().save_view(&view)? {
        Some(_) => Ok(visit.done(wanted.address(""), Flash::new(Deed::Saved, name))),
        None => {
            let most = i64::try_from(SAVED_VIEWS_MAX).unwrap_or(i64::MAX);
            unfit(visit, &wanted, visit.say_with("view-too-many", &[("most", most.into())]))
        }
    }
}

/// Gives a view another name, or removes it. Only its owner does.
pub fn change(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let id = SavedViewId(visit.asked.part("view").parse().map_err(|_| Refusal::NotFound)?);
    let (store, person) = (visit.app.store(), visit.person()?);
    let views = store.saved_views(person, &[])?;
    let view = views.into_iter().find(|view| view.id == id).ok_or(Refusal::NotFound)?;
    let wanted = Wanted::of(&Pairs::parse(&view.query));
    if visit.asked.form.get("do") == Some("delete") {
        store.delete_view(id, person)?;
        return Ok(visit.done("/inbox", Flash::new(Deed::ViewRemoved, view.name)));
    }
    match name(visit) {
        Ok(name) => {
            store.rename_view(id, person, &name)?;
            Ok(visit.done(wanted.address(""), Flash::new(Deed::Saved, name)))
        }
        Err(problem) => unfit(visit, &wanted, problem),
    }
}

/// The page that a form came from, as it says itself; else the inbox.
pub fn back(visit: &Visit<'_>) -> String {
    let back = visit.asked.form.get("back").and_then(safe_path);
    back.filter(|path| *path == "/inbox" || path.starts_with("/inbox?")).unwrap_or("/inbox").to_owned()
}

fn unfit(visit: &Visit<'_>, wanted: &Wanted, problem: String) -> Result<Answer, Refusal> {
    page(visit, wanted, StatusCode::UNPROCESSABLE_ENTITY, Some(problem))
}

fn name(visit: &Visit<'_>) -> Result<String, String> {
    match visit.asked.form.get("name") {
        None => Err(visit.say("misfit-missing")),
        Some(name) if name.chars().count() > NAME_MAX => {
            Err(visit.say_with("misfit-too-long", &[("limit", (NAME_MAX as i64).into())]))
        }
        Some(name) => Ok(name.to_owned()),
    }
}

/// The roles and teams of the visitor: with them a view can be shared.
fn circles(visit: &Visit<'_>) -> Vec<Principal> {
    let standing = visit.standing().cloned().unwrap_or_default();
    let teams = standing.teams.into_iter().map(Principal::Team);
    teams.chain(standing.roles.into_iter().map(|role: Name| Principal::Role(role))).collect()
}
