//! One person: who it is, what the person may do (with a reason, in the audit trail), a new password.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use engine::definition::{Action, REASON_MAX, StepKind, Who};
use engine::directory::{Standing, TEAM, WORKER};
use engine::ids::Name;
use serde::Serialize;
use store::{PersonRow, PersonState};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::Choosable;
use crate::language::Language;
use crate::names::ROLE;
use crate::pages::absence::{self, Absence, Whose};
use crate::pages::admin::people::{email_problem, name_problem, names_in_both};
use crate::password;
use crate::visit::{ADMINISTRATOR, AUDITOR, Visit};

#[derive(Debug, Default, Serialize)]
struct View {
    id: String,
    sign_in: String,
    name: String,
    name_zh: String,
    name_en: String,
    email: String,
    left: bool,
    has_password: bool,
    roles: Vec<Choosable>,
    teams: Vec<Choosable>,
    reason: String,
    reason_problem: Option<String>,
    name_problem: Option<String>,
    email_problem: Option<String>,
    fresh_password: Option<String>,
    absence: Absence,
}

/// What was typed and refused, or has to be shown once.
#[derive(Default)]
struct Draft {
    standing: Option<Standing>,
    reason: String,
    reason_problem: Option<String>,
    name_problem: Option<String>,
    email_problem: Option<String>,
    fresh_password: Option<String>,
    absence_problem: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, &person(visit)?, StatusCode::OK, Draft::default())
}

/// Changes the name, the address, and whether the person may sign in.
pub fn save(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let held = person(visit)?;
    // Whoever locks themselves out could not undo it.
    let leaves = form.get("state") == Some("left") && held.id != *visit.person()?;
    let changed = PersonRow {
        name: names_in_both(form.get("name_en"), form.get("name_zh")),
        email: form.get("email").unwrap_or_default().to_owned(),
        state: if leaves { PersonState::Left } else { PersonState::Active },
        ..held
    };
    let draft = Draft {
        name_problem: name_problem(visit, form.get("name_zh").or(form.get("name_en"))),
        email_problem: email_problem(visit, &changed.email),
        ..Draft::default()
    };
    if draft.name_problem.is_some() || draft.email_problem.is_some() {
        return page(visit, &changed, StatusCode::UNPROCESSABLE_ENTITY, draft);
    }
    let store = visit.app.store();
    store.put_person(&changed, visit.person()?, visit.now)?;
    if leaves {
        store.close_sessions_of(&changed.id)?;
    }
    visit.app.runtime().reload_directory()?;
    Ok(saved(visit, &changed))
}

/// Gives roles and teams, with a reason.
pub fn stand(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let person = person(visit)?;
    let roles: BTreeSet<Name> = form.all("role").map(Name::from).collect();
    // An installation keeps at least the administrator who is at work.
    let locks_out = person.id == *visit.person()? && !roles.contains(ADMINISTRATOR);
    let teams = form.all("team").map(Name::from).filter(|team| visit.directory.entry(TEAM, team).is_some()).collect();
    let standing = Standing { roles, teams };
    let reason = form.get("reason").unwrap_or_default();
    let reason_problem = match reason.chars().count() {
        0 => Some(visit.say("refused-reason-missing")),
        1..=REASON_MAX => None,
        _ => Some(visit.say_with("misfit-too-long", &[("limit", (REASON_MAX as i64).into())])),
    };
    let reason_problem = if locks_out { Some(visit.say("refused-own-administrator")) } else { reason_problem };
    if reason_problem.is_some() {
        let draft = Draft { standing: Some(standing), reason: reason.to_owned(), reason_problem, ..Draft::default() };
        return page(visit, &person, StatusCode::UNPROCESSABLE_ENTITY, draft);
    }
    visit.app.store().set_standing(&person.id, &standing, visit.person()?, visit.now, reason)?;
    visit.app.runtime().reload_directory()?;
    Ok(saved(visit, &person))
}

/// Sets a random password and shows it once. The person's sessions end.
pub fn reset(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let person = person(visit)?;
    if person.id == *visit.person()? {
        return Ok(Answer::see_other("/profile"));
    }
    let fresh = password::random().ok_or_else(|| Refusal::Broken("no random bytes".to_owned()))?;
    let hash = password::hash(&fresh).map_err(|cause| Refusal::Broken(cause.to_string()))?;
    visit.app.store().set_password(&person.id, &hash, visit.person()?, visit.now)?;
    // The one write that does not end in a redirect: the password must not travel in an address or a cookie.
    page(visit, &person, StatusCode::OK, Draft { fresh_password: Some(fresh), ..Draft::default() })
}

/// Says who the manager is, who stands in, and when the person is away.
pub fn away(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let person = person(visit)?;
    match absence::keep(visit, Whose::Of(&person.id))? {
        Ok(kept) => Ok(kept),
        Err(problem) => {
            let draft = Draft { absence_problem: Some(problem), ..Draft::default() };
            page(visit, &person, StatusCode::UNPROCESSABLE_ENTITY, draft)
        }
    }
}

fn person(visit: &Visit<'_>) -> Result<PersonRow, Refusal> {
    let found = visit.app.store().person(&Name::from(visit.asked.part("person")))?;
    // Nobody can be made again of an identity that was erased.
    found.filter(|person| person.state != PersonState::Erased).ok_or(Refusal::NotFound)
}

fn saved(visit: &Visit<'_>, person: &PersonRow) -> Answer {
    let name = visit.language.of(&person.name).to_owned();
    visit.done(format!("/admin/people/{}", person.id), Flash::new(Deed::Saved, name))
}

fn page(visit: &Visit<'_>, person: &PersonRow, status: StatusCode, draft: Draft) -> Result<Answer, Refusal> {
    let names = visit.names();
    let held = draft.standing.unwrap_or_else(|| visit.directory.standing(&person.id).cloned().unwrap_or_default());
    let roles = roles(visit)?.into_iter().chain(held.roles.iter().cloned()).collect::<BTreeSet<Name>>();
    let role = |role: Name| Choosable {
        label: names.role(&role),
        chosen: held.roles.contains(&role),
        value: role.to_string(),
    };
    let team = |(key, _): (&Name, &engine::directory::Entry)| Choosable {
        value: key.to_string(),
        label: names.entry(TEAM, key),
        chosen: held.teams.contains(key),
    };
    let view = View {
        id: person.id.to_string(),
        sign_in: person.sign_in.clone(),
        name: visit.language.of(&person.name).to_owned(),
        name_zh: Language::Zh.of(&person.name).to_owned(),
        name_en: Language::En.of(&person.name).to_owned(),
        email: person.email.clone(),
        left: person.state == PersonState::Left,
        has_password: visit.app.store().password_hash(&person.id)?.is_some(),
        roles: roles.into_iter().map(role).collect(),
        teams: visit.directory.entries(TEAM).map(team).collect(),
        reason: draft.reason,
        reason_problem: draft.reason_problem,
        name_problem: draft.name_problem,
        email_problem: draft.email_problem,
        fresh_password: draft.fresh_password,
        absence: absence::absence(visit, Whose::Of(&person.id), draft.absence_problem),
    };
    visit.page_with(status, "person", view.name.clone(), &view)
}

/// The roles that there are: ours, those of the register, those that people hold, and those that processes name.
fn roles(visit: &Visit<'_>) -> Result<BTreeSet<Name>, Refusal> {
    let mut roles = BTreeSet::from([ADMINISTRATOR, AUDITOR, "staff", WORKER].map(Name::from));
    roles.extend(visit.directory.entries(ROLE).map(|(role, _)| role.clone()));
    roles.extend(visit.directory.standings().flat_map(|(_, standing)| standing.roles.iter().cloned()));
    for version in visit.app.store().current_versions()? {
        if let Some(definition) = visit.app.runtime().current(&version.process)? {
            let parts = definition.parts();
            roles.insert(parts.owner.clone());
            let steps = parts.steps.iter().flat_map(|step| people_of(&step.kind));
            let thresholds = parts.clocks.iter().flat_map(|clock| &clock.thresholds).flat_map(|mark| &mark.actions);
            let reactions = parts.reactions.iter().flat_map(|reaction| &reaction.actions);
            let told = thresholds.chain(reactions).flat_map(told_by);
            let all = parts.start.by.iter().chain(&parts.seen_by).chain(&parts.edited_by).chain(steps).chain(told);
            roles.extend(all.filter_map(|who| match who {
                Who::Role(role) => Some(role.clone()),
                Who::Anyone | Who::Nobody | Who::Requester | Who::RoleOf(_) | Who::Team(_) | Who::Person(_) => None,
            }));
        }
    }
    Ok(roles)
}

fn people_of(kind: &StepKind) -> Vec<&Who> {
    match kind {
        StepKind::Task(task) => {
            let reminders = task.reminders.iter().flat_map(|reminder| &reminder.actions);
            let told = reminders.chain(&task.undo).flat_map(told_by);
            task.candidates.any.iter().chain(&task.candidates.not).chain(told).collect()
        }
        StepKind::Approval(approval) => {
            approval.levels.iter().flat_map(|level| level.any.iter().chain(&level.not)).collect()
        }
        StepKind::Receive { from, .. } => from.iter().collect(),
        StepKind::Act { actions } => actions.iter().flat_map(told_by).collect(),
        StepKind::Extra { by, .. } => by.iter().collect(),
        _ => Vec::new(),
    }
}

fn told_by(action: &Action) -> &[Who] {
    match action {
        Action::Notify { whom, .. } => whom,
        Action::Escalate { to, .. } => to,
        Action::Set { .. }
        | Action::Start(_)
        | Action::Signal { .. }
        | Action::Enter { .. }
        | Action::Update { .. }
        | Action::Later(_) => &[],
    }
}
