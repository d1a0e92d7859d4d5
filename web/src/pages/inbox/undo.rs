//! Taking back what was done to several tasks: by new commands, each under the same guards, and only where the record still
//! stands as it was left. The report of what was done carries what was before; whoever changes that on the way can do no more
//! than a form of their own would.

use engine::command::Command;
use engine::ids::{Name, TaskId};
use engine::instance::OpenTask;
use engine::value::Value;
use runtime::Sent;

use super::bulk::{Chosen, Deed, Kept, Told, chosen, command, counted, kind_of, line, page, refused};
use crate::answer::{Answer, Refusal};
use crate::reach::Reached;
use crate::visit::Visit;

/// What the report carries of a task that was changed: its name, and what was before; nothing where it cannot be taken back.
pub(super) fn remembered(deed: &Deed, one: &Chosen) -> Vec<Kept> {
    let before = one.found.as_ref().and_then(|(reached, task)| match deed {
        Deed::Claim => Some(String::new()),
        Deed::Assign(_) => {
            holder(reached.loaded.instance.task(*task)?).map_or(Some(String::new()), |holder| Some(holder.to_string()))
        }
        Deed::Edit { field, .. } => written(reached.loaded.instance.fields().get(field)),
        Deed::Complete(_) => None,
    });
    let kept = |name: String, value: String| Kept { name, value };
    before.map_or_else(Vec::new, |before| {
        vec![kept("task".to_owned(), one.name.clone()), kept(before_of(&one.name), before)]
    })
}

/// Takes it back, one task after the other, and says what became of each.
pub fn carry_out(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let (kind, chosen) = (kind_of(form), chosen(visit, form)?);
    let Some(deed) = Deed::of(kind, form) else {
        return Ok(Answer::see_other("/inbox".to_owned()));
    };
    let (mut lines, mut done) = (Vec::new(), 0);
    for one in &chosen {
        let outcome = taken_back(visit, &deed, one)?;
        done += usize::from(outcome.is_ok());
        lines.push(line(
            visit,
            one,
            Some(match outcome {
                Ok(()) => ("ok", "done", visit.say("bulk-undone"), None),
                Err(why) => ("over", "warning", visit.say("bulk-not-undone"), Some(why)),
            }),
        ));
    }
    let key = if done == chosen.len() { "bulk-undone-all" } else { "bulk-undone-some" };
    let summary = Some(counted(visit, key, done, chosen.len()));
    page(visit, kind, &chosen, Told { lines, summary, ..Told::default() })
}

fn taken_back(visit: &Visit<'_>, deed: &Deed, one: &Chosen) -> Result<Result<(), String>, Refusal> {
    let Some((reached, task)) = &one.found else { return Ok(Err(visit.say("bulk-not-there"))) };
    let before = visit.asked.form.get(&before_of(&one.name)).unwrap_or_default();
    let command = match opposite(visit, deed, (reached, *task), before) {
        Ok(command) => command,
        Err(why) => return Ok(Err(why)),
    };
    let sent = Sent { command, files: &[] };
    refused(visit, visit.app.runtime().execute_on(&reached.loaded, visit.actor()?, sent).map(|_| ()))
}

/// The command that brings back what was before, or why there is none.
fn opposite(
    visit: &Visit<'_>,
    deed: &Deed,
    (reached, task): (&Reached, TaskId),
    before: &str,
) -> Result<Command, String> {
    let instance = &reached.loaded.instance;
    let has = |person: Option<&Name>| {
        instance.task(task).is_some_and(|open| open.assignee.as_ref() == person && open.delegated_by.is_none())
    };
    let stands = match deed {
        Deed::Claim => has(visit.actor().ok().as_ref().and_then(|actor| actor.person())),
        Deed::Assign(to) => has(Some(to)),
        Deed::Edit { field, value, .. } => written(instance.fields().get(field)).as_ref() == Some(value),
        Deed::Complete(_) => return Err(visit.say("bulk-stays")),
    };
    if !stands {
        return Err(visit.say("bulk-changed-since"));
    }
    match deed {
        Deed::Claim | Deed::Assign(_) if before.is_empty() => Ok(Command::Release { task }),
        Deed::Claim | Deed::Assign(_) => Ok(Command::Assign { task, to: Name::from(before) }),
        Deed::Edit { field, .. } => {
            let back =
                Deed::Edit { field: field.clone(), value: before.to_owned(), reason: visit.say("bulk-undo-reason") };
            command(visit, &back, reached, task)
        }
        Deed::Complete(_) => Err(visit.say("bulk-stays")),
    }
}

/// Who has a task; of one that somebody else was asked to work on, whoever asked.
fn holder(open: &OpenTask) -> Option<&Name> {
    open.delegated_by.as_ref().or(open.assignee.as_ref())
}

/// What a form writes for a value that can be chosen; nothing where it is another one.
fn written(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Nothing) => Some(String::new()),
        Some(Value::Choice(name) | Value::Ref(name)) => Some(name.to_string()),
        Some(_) => None,
    }
}

/// The name under which a form carries what was before.
fn before_of(task: &str) -> String {
    format!("before-{task}")
}
