//! Who did what on a record and who decided it, from its history: every task, whom it was for, who finished it and what they
//! wrote; every level of an approval with all who were asked, those too who said nothing.

use std::sync::Arc;

use engine::definition::{Ask, Definition, StepKind};
use engine::event::{Event, Principal};
use engine::ids::{Name, TaskId};
use engine::time::Timestamp;
use engine::value::Fields;
use serde::Serialize;
use store::HistoryEntry;

use crate::moment::Moment;
use crate::pages::ballot;
use crate::reach::Reached;
use crate::timeline::followed;
use crate::visit::Visit;

/// What was done and decided, in the order in which it was asked for.
#[derive(Debug, Default, Serialize)]
pub struct Work {
    tasks: Vec<TaskView>,
    approvals: Vec<LevelView>,
}

/// A task.
#[derive(Debug, Serialize)]
struct TaskView {
    step: String,
    /// Whom it was for when it was finished.
    whom: String,
    asked: Moment,
    /// Who finished it.
    who: Option<String>,
    done: Option<Moment>,
    /// How it was finished, or that it was not.
    outcome: String,
    said: Vec<SaidView>,
    reason: Option<String>,
    #[serde(skip)]
    task: TaskId,
}

/// What a form took.
#[derive(Debug, Serialize)]
struct SaidView {
    label: String,
    value: String,
}

/// A level of an approval.
#[derive(Debug, Serialize)]
struct LevelView {
    step: String,
    /// Which one, of those that have several.
    level: Option<String>,
    whom: String,
    needs: Option<String>,
    asked: Moment,
    result: String,
    voters: Vec<VoterView>,
    #[serde(skip)]
    task: TaskId,
}

/// Somebody who was asked.
#[derive(Debug, Serialize)]
struct VoterView {
    who: String,
    vote: String,
    at: Option<Moment>,
    reason: Option<String>,
    #[serde(skip)]
    person: Name,
}

/// What a history tells of work and decisions.
pub fn work(visit: &Visit<'_>, reached: &Reached, history: &[HistoryEntry]) -> Work {
    let mut reader = Reader { visit, reached, definition: reached.definition.clone(), work: Work::default() };
    for entry in history {
        reader.entry(entry);
    }
    reader.work
}

struct Reader<'v> {
    visit: &'v Visit<'v>,
    reached: &'v Reached,
    /// The version that the record followed when what is read happened.
    definition: Arc<Definition>,
    work: Work,
}

impl Reader<'_> {
    fn entry(&mut self, entry: &HistoryEntry) {
        let mut finished: Option<(TaskId, Vec<Ask>)> = None;
        for event in &entry.events {
            if let Some(version) = followed(self.visit, event) {
                self.definition = version;
            }
            match event {
                Event::TaskCompleted { task, step, outcome, .. } => {
                    finished = Some((*task, asked_by(&self.definition, step, outcome)));
                    self.finished(event, entry.at);
                }
                // What the form took comes right after.
                Event::FieldsSet { fields } => {
                    if let Some((task, asks)) = finished.take() {
                        self.wrote(task, &asks, fields);
                    }
                }
                _ => self.other(event),
            }
        }
    }

    fn other(&mut self, event: &Event) {
        let names = self.visit.names();
        match event {
            Event::TaskOpened { task, step, candidates, at, .. } => {
                let view = TaskView {
                    step: names.step(&self.definition, step),
                    whom: self.whom(candidates),
                    asked: self.visit.moment(*at),
                    who: None,
                    done: None,
                    outcome: self.visit.say("pack-open"),
                    said: Vec::new(),
                    reason: None,
                    task: *task,
                };
                self.work.tasks.push(view);
            }
            Event::TaskReassigned { task, candidates, .. } => {
                let whom = self.whom(candidates);
                if let Some(view) = self.task(*task) {
                    view.whom = whom;
                }
            }
            Event::TaskCancelled { task, step: _ } => {
                let result = self.visit.say("pack-not-needed");
                if let Some(view) = self.task(*task) {
                    view.outcome = result;
                } else if let Some(view) = self.level(*task) {
                    view.result = result;
                }
            }
            Event::ApprovalOpened { task, step, level, whom, asked, at, .. } => {
                let approval = self.definition.approval(step);
                let levels = approval.map_or(1, |approval| approval.levels.len());
                let view = LevelView {
                    step: names.step(&self.definition, step),
                    level: ballot::level(self.visit, *level, levels),
                    whom: self.whom(whom),
                    needs: approval.map(|approval| ballot::needs(self.visit, approval.needs)),
                    asked: self.visit.moment(*at),
                    result: self.visit.say("pack-open"),
                    voters: asked.iter().map(|person| self.voter(person)).collect(),
                    task: *task,
                };
                self.work.approvals.push(view);
            }
            Event::ApprovalReasked { task, whom, asked } => {
                let whom = self.whom(whom);
                let voters: Vec<VoterView> = asked.iter().map(|person| self.voter(person)).collect();
                if let Some(view) = self.level(*task) {
                    view.whom = whom;
                    view.voters.retain(|voter| voter.at.is_some());
                    let new = |voter: &VoterView| !view.voters.iter().any(|held| held.person == voter.person);
                    let new: Vec<VoterView> = voters.into_iter().filter(new).collect();
                    view.voters.extend(new);
                }
            }
            Event::Voted { task, step, level: _, vote, by, in_stead_of, reason, at } => {
                let voter = VoterView {
                    who: ballot::acting(self.visit, by, in_stead_of.as_ref()),
                    vote: ballot::said(self.visit, &self.definition, step, *vote),
                    at: Some(self.visit.moment(*at)),
                    reason: reason.clone(),
                    person: in_stead_of.as_ref().unwrap_or(by).clone(),
                };
                if let Some(view) = self.level(*task) {
                    match view.voters.iter_mut().find(|held| held.person == voter.person) {
                        Some(held) => *held = voter,
                        None => view.voters.push(voter),
                    }
                }
            }
            Event::VoterLeft { task, person } => {
                let left = self.visit.say("pack-voter-left");
                if let Some(view) = self.level(*task)
                    && let Some(held) = view.voters.iter_mut().find(|held| held.person == *person)
                {
                    held.vote = left;
                }
            }
            Event::LevelPassed { task, .. } => {
                let result = self.visit.say("pack-level-passed");
                self.decided(*task, result);
            }
            Event::ApprovalDecided { task, step, outcome, at: _ } => {
                let result = names.outcome(&self.definition, step, outcome);
                self.decided(*task, result);
            }
            _ => {}
        }
    }

    fn finished(&mut self, event: &Event, at: Timestamp) {
        let Event::TaskCompleted { task, step, outcome, reason, by, in_stead_of } = event else { return };
        let who = ballot::acting(self.visit, by, in_stead_of.as_ref());
        let outcome = self.visit.names().outcome(&self.definition, step, outcome);
        let done = self.visit.moment(at);
        if let Some(view) = self.task(*task) {
            (view.who, view.done, view.outcome, view.reason) = (Some(who), Some(done), outcome, reason.clone());
        }
    }

    fn wrote(&mut self, task: TaskId, asks: &[Ask], fields: &Fields) {
        let (names, times) = (self.visit.names(), self.visit.times());
        let said = asks.iter().filter_map(|ask| {
            let value = fields.get(&ask.field).filter(|value| !value.is_empty())?;
            let field = self.definition.field(&ask.field)?;
            let is_shown = self.reached.shows(self.visit, field);
            let value =
                if is_shown { names.value(&field.holds, value, &times) } else { self.visit.say("value-confidential") };
            Some(SaidView { label: self.visit.language.of(&field.labels).to_owned(), value })
        });
        let said: Vec<SaidView> = said.collect();
        if let Some(view) = self.task(task) {
            view.said = said;
        }
    }

    fn decided(&mut self, task: TaskId, result: String) {
        if let Some(view) = self.level(task) {
            view.result = result;
        }
    }

    fn voter(&self, person: &Name) -> VoterView {
        VoterView {
            who: self.visit.names().person(person),
            vote: self.visit.say("pack-no-vote"),
            at: None,
            reason: None,
            person: person.clone(),
        }
    }

    /// Those that something was for, but for who stands in for them.
    fn whom(&self, principals: &[Principal]) -> String {
        let is_plain = |principal: &&Principal| !matches!(principal, Principal::StandIn(_));
        let plain: Vec<Principal> = principals.iter().filter(is_plain).cloned().collect();
        self.visit.names().principals(&plain)
    }

    fn task(&mut self, task: TaskId) -> Option<&mut TaskView> {
        self.work.tasks.iter_mut().find(|view| view.task == task)
    }

    fn level(&mut self, task: TaskId) -> Option<&mut LevelView> {
        self.work.approvals.iter_mut().find(|view| view.task == task)
    }
}

/// What the form of a task asks where it is finished so.
fn asked_by(definition: &Definition, step: &Name, outcome: &Name) -> Vec<Ask> {
    let Some(StepKind::Task(task)) = definition.step(step).map(|step| &step.kind) else { return Vec::new() };
    let own = task.outcomes.iter().filter(|held| held.name == *outcome).flat_map(|held| &held.asks);
    task.asks.iter().chain(own).cloned().collect()
}
