//! Which expression is to blame where a record cannot go on: found after the fact by computing again what may have failed,
//! so that what does not fail pays nothing.

use crate::definition::{Action, Candidates, Due, Fill, Origin, StepKind, Until, Who};
use crate::event::Owed;
use crate::expr::{EvalError, Expr};
use crate::ids::Name;
use crate::run::Run;

/// The first expression of the step, of what is owed, of derived fields or of clocks that fails in this way now. Nothing
/// where no expression is to blame, as in an endless loop.
pub(crate) fn culprit<'a>(run: &Run<'a>, step: &Name, owed: &[Owed], problem: &EvalError) -> Option<&'a Expr> {
    let parts = run.definition.parts();
    let of_step = run.definition.step(step).map(|step| of_kind(&step.kind)).unwrap_or_default();
    let of_owed = owed.iter().flat_map(|owed| of_actions(owed.actions(parts)));
    let derived = parts.fields.iter().filter_map(|field| match &field.origin {
        Origin::Derived { from, .. } => Some(from),
        Origin::Given { .. } => None,
    });
    let assigned = run.instance.tasks().iter().filter_map(|open| run.definition.task(&open.step));
    let assigned = assigned.flat_map(|task| of_candidates(&task.candidates));
    let reactions = parts.reactions.iter().map(|reaction| &reaction.becomes);
    let suspects = of_owed.chain(of_step).chain(derived).chain(assigned).chain(reactions);
    let mut suspects = suspects.chain(parts.clocks.iter().map(|clock| &clock.hours)).chain(&parts.hours);
    suspects.find(|suspect| match suspect.value(&run.scope()) {
        Err(failure) => failure == *problem,
        // It has a value, of a kind that does not do where it stands: nobody, no instant.
        Ok(_) => *problem == EvalError::Empty(suspect.source()),
    })
}

fn of_kind(kind: &StepKind) -> Vec<&Expr> {
    match kind {
        StepKind::Task(task) => {
            let reminders = task.reminders.iter().filter_map(|reminder| reminder.after.as_ref());
            let times = task.due.iter().chain(reminders).filter_map(of_due);
            of_candidates(&task.candidates).into_iter().chain(times).collect()
        }
        StepKind::Approval(approval) => {
            let whom = approval.levels.iter().flat_map(of_candidates);
            whom.chain(approval.due.iter().filter_map(of_due)).collect()
        }
        StepKind::Together { branches, .. } => branches.iter().filter_map(|branch| branch.when.as_ref()).collect(),
        StepKind::Receive { from, .. } => from.iter().filter_map(of_who).collect(),
        StepKind::Timer { after } => of_due(after).into_iter().collect(),
        StepKind::Wait { until: Until::Instant(expr) | Until::Condition(expr) } => vec![expr],
        StepKind::Choose { cases, .. } => cases.iter().map(|case| &case.when).collect(),
        StepKind::Act { actions } => of_actions(actions.iter()),
        StepKind::ForEach(each) => std::iter::once(&each.list).chain(&each.until).collect(),
        StepKind::Call(begin) => of_fills(&begin.with),
        StepKind::Job(job) => of_fills(&job.with).into_iter().chain(job.due.iter().filter_map(of_due)).collect(),
        StepKind::Milestone
        | StepKind::Race { .. }
        | StepKind::Block { .. }
        | StepKind::Signal { .. }
        | StepKind::Undo
        | StepKind::Handler { .. }
        | StepKind::Extra { .. }
        | StepKind::End(_) => Vec::new(),
    }
}

fn of_actions<'d>(actions: impl IntoIterator<Item = &'d Action>) -> Vec<&'d Expr> {
    let of_action = |action: &'d Action| match action {
        Action::Set { to, .. } => vec![to],
        Action::Notify { whom, .. } => whom.iter().filter_map(of_who).collect(),
        Action::Escalate { to, .. } => to.iter().filter_map(of_who).collect(),
        Action::Start(begin) => of_fills(&begin.with),
        Action::Enter { with, .. } => of_fills(with),
        Action::Update { of, with, .. } => std::iter::once(of).chain(of_fills(with)).collect(),
        Action::Signal { .. } | Action::Later(_) => Vec::new(),
    };
    actions.into_iter().flat_map(of_action).collect()
}

fn of_fills(fills: &[Fill]) -> Vec<&Expr> {
    fills.iter().map(|fill| &fill.value).collect()
}

fn of_candidates(candidates: &Candidates) -> Vec<&Expr> {
    candidates.any.iter().filter_map(of_who).collect()
}

fn of_who(who: &Who) -> Option<&Expr> {
    match who {
        Who::RoleOf(expr) | Who::Team(expr) | Who::Person(expr) => Some(expr),
        Who::Anyone | Who::Nobody | Who::Requester | Who::Role(_) => None,
    }
}

fn of_due(due: &Due) -> Option<&Expr> {
    due.hours.as_ref()
}
