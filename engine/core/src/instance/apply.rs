//! How each fact changes the state.

use super::{ClockRun, ClockState, Instance, JobState, OpenJob, OpenTask, Status, Suspension, Waits};
use crate::ballot::{Ballot, Cast};
use crate::event::Event;
use crate::ids::Name;
use crate::value::Value;

impl Instance {
    /// Takes one fact into the state. The only way that the state changes.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Started { instance, definition, number, requester, at } => {
                self.id = *instance;
                self.definition = definition.clone();
                self.number.clone_from(number);
                self.requester = requester.clone();
                self.started = *at;
            }
            Event::FieldsSet { fields } => {
                for (name, value) in fields {
                    self.set_field(name, value);
                }
            }
            Event::FieldOverridden { field, value, reason } => {
                self.set_field(field, value);
                self.overrides.insert(field.clone(), reason.clone());
            }
            Event::Entered { token, step, parent, round } => self.enter(*token, step, *parent, *round),
            Event::TokenEnded { token } => self.end_token(*token),
            Event::TaskOpened { task, token, step, candidates, due, reminders, at } => {
                self.open(OpenTask {
                    due: *due,
                    reminders: reminders.iter().copied().map(Some).collect(),
                    ..OpenTask::new(*task, *token, step.clone(), candidates.clone(), *at)
                });
            }
            Event::TaskReassigned { task, candidates, assignee, in_stead_of } => {
                self.with_task(*task, |open| open.reassign(candidates, assignee.as_ref(), in_stead_of.as_ref()));
            }
            Event::TaskClaimed { task, by: holder, in_stead_of }
            | Event::TaskAssigned { task, to: holder, in_stead_of, by: _, step: _ } => {
                self.hold(*task, Some(holder), in_stead_of.as_ref());
            }
            Event::TaskReleased { task } => self.hold(*task, None, None),
            Event::TaskDelegated { task, by, to, step: _, text: _ } => self.with_task(*task, |open| {
                open.assignee = Some(to.clone());
                open.delegated_by = Some(by.clone());
                open.helpers.insert(to.clone());
            }),
            Event::TaskResolved { task, to, by: _, step: _, text: _ } => self.with_task(*task, |open| {
                open.assignee = Some(to.clone());
                open.delegated_by = None;
            }),
            Event::TaskCompleted { task, step, by, in_stead_of, outcome: _, reason: _ } => {
                let helpers = self.close_task(*task).map(|open| open.helpers).unwrap_or_default();
                self.take_part(step, helpers.into_iter().chain(in_stead_of.clone()).chain([by.clone()]));
            }
            Event::ApprovalOpened { task, token, step, level, whom, asked, substitution, due, at } => {
                let ballot = Ballot {
                    token: *token,
                    step: step.clone(),
                    level: *level,
                    whom: whom.clone(),
                    asked: asked.clone(),
                    left: Vec::new(),
                    substitution: *substitution,
                    votes: Vec::new(),
                    due: *due,
                    opened: *at,
                };
                self.open_ballot(*task, ballot, *at);
            }
            Event::ApprovalReasked { task, whom, asked } => self.with_ballot(*task, |ballot| {
                ballot.whom.clone_from(whom);
                ballot.asked.clone_from(asked);
                ballot.left.clear();
            }),
            Event::Voted { task, level, vote, by, in_stead_of, reason, at, step: _ } => {
                self.with_ballot(*task, |ballot| {
                    ballot.votes.push(Cast {
                        level: *level,
                        vote: *vote,
                        by: by.clone(),
                        in_stead_of: in_stead_of.clone(),
                        reason: reason.clone(),
                        at: *at,
                    });
                });
            }
            Event::VoterLeft { task, person } => self.with_ballot(*task, |ballot| ballot.left.push(person.clone())),
            Event::LevelPassed { task, level, step: _ } => {
                self.with_ballot(*task, |ballot| ballot.begin_level(level + 1));
                self.close_task(*task);
            }
            Event::ApprovalHalted { task, step: _ } | Event::TaskCancelled { task, step: _ } => {
                self.close_task(*task);
            }
            Event::ApprovalDecided { task, step, outcome: _, at: _ } => {
                self.close_ballot(*task, step);
                self.close_task(*task);
            }
            Event::MessageAwaited { token, message, from } => {
                self.set_waits(*token, Waits::Message { message: message.clone(), from: from.clone() });
            }
            Event::JobOpened { job, token, step, inputs, due, at } => {
                self.open_job(OpenJob {
                    id: *job,
                    token: *token,
                    step: step.clone(),
                    inputs: inputs.clone(),
                    failures: 0,
                    due: *due,
                    opened: Some(*at),
                    state: JobState::Ready { from: *at },
                });
            }
            Event::JobLeased { job, by, until } => {
                self.with_job(*job, |held| held.state = JobState::Leased { by: by.clone(), until: *until });
            }
            Event::JobAsked { job } => self.with_job(*job, |held| held.state = JobState::Asked),
            Event::JobReturned { job, at } => self.with_job(*job, |held| held.state = JobState::Ready { from: *at }),
            Event::JobFailed { job, problem: _, retry_at } => self.with_job(*job, |held| held.fail(*retry_at)),
            Event::JobAnswered { job, step: _ }
            | Event::JobGivenUp { job, step: _, problem: _ }
            | Event::JobCancelled { job, step: _ } => self.jobs.retain(|held| held.id != *job),
            Event::RecordBegun { begun, process: _, token } => {
                if let Some(token) = token {
                    self.set_waits(*token, Waits::Return(*begun));
                }
            }
            Event::RecordReturned { token, .. } => self.set_waits(*token, Waits::Engine),
            Event::Originated { origin } => self.origin = Some(origin.clone()),
            Event::Linked { link } => self.links.push(link.clone()),
            Event::Unlinked { link, reason: _ } => self.links.retain(|held| held != link),
            Event::ConditionAwaited { token } => self.set_waits(*token, Waits::Condition),
            Event::SignalAwaited { token, signal } => self.set_waits(*token, Waits::Signal(signal.clone())),
            Event::SignalKept { token, signal } => self.set_waits(*token, Waits::Heard(signal.clone())),
            Event::SignalReceived { token, signal: _ } => self.set_waits(*token, Waits::Engine),
            Event::RoundsAdded { token, items } => self.with_token(*token, |held| held.rounds.extend_from_slice(items)),
            Event::BranchHalted { token } => self.set_waits(*token, Waits::Judgement),
            Event::RestLeft { token, rest } => self.leave_rest(*token, *rest),
            Event::MessageKept { kept } => self.kept.push(kept.clone()),
            Event::KeptMessageTaken { place } | Event::KeptMessageLost { place } => {
                if *place < self.kept.len() {
                    self.kept.remove(*place);
                }
            }
            Event::UndoKept { undoable } => self.undoable.push(undoable.clone()),
            Event::Undone { step: _ } => _ = self.undoable.pop(),
            Event::ErrorCaught { repair } => self.caught = Some(repair.clone()),
            Event::ErrorHandled => self.caught = None,
            Event::BranchFinished { token, around } => {
                self.end_token(*token);
                self.with_token(*around, |held| held.finished += 1);
            }
            Event::Reminded { task, reminder } => {
                self.with_task(*task, |open| {
                    open.reminders.iter_mut().skip(*reminder).take(1).for_each(|at| *at = None)
                });
            }
            Event::TimerSet { token, at, counts_since } => {
                self.set_waits(*token, Waits::Time(*at));
                self.with_token(*token, |held| held.counts_since = *counts_since);
            }
            Event::ConditionSleeps { token, until } => self.with_token(*token, |held| held.sleeps_until = *until),
            Event::TimerFired { token, step: _ } => self.set_waits(*token, Waits::Engine),
            Event::MilestoneReached { step, at } => {
                self.milestones.insert(step.clone(), *at);
            }
            Event::ClockStarted { clock, calendar, target_ms, at, marks } => self.clocks.push(ClockRun {
                clock: clock.clone(),
                calendar: calendar.clone(),
                target_ms: *target_ms,
                segments: Vec::new(),
                state: ClockState::Running { since: *at, marks: marks.clone() },
                passed: Vec::new(),
                breached: None,
            }),
            Event::ClockRetargeted { clock, target_ms, calendar, marks } => self.with_clock(clock, |run| {
                run.target_ms = *target_ms;
                run.calendar = calendar.as_ref().unwrap_or(&run.calendar).clone();
                run.unpass(marks);
                run.set_marks(marks);
            }),
            Event::ClockRecounted { clock, target_ms, marks } => self.with_clock(clock, |run| {
                run.target_ms = *target_ms;
                run.set_marks(marks);
            }),
            Event::ClockPaused { clock, at, reason } => self.with_clock(clock, |run| {
                run.close_segment(*at);
                run.state = ClockState::Paused { since: *at, reason: reason.clone() };
            }),
            Event::ClockResumed { clock, at, marks } => self.with_clock(clock, |run| {
                run.state = ClockState::Running { since: *at, marks: marks.clone() };
            }),
            Event::ClockStopped { clock, at } => self.with_clock(clock, |run| {
                run.close_segment(*at);
                run.state = ClockState::Stopped { at: *at };
            }),
            Event::ClockPassed { clock, percent, at } => self.with_clock(clock, |run| {
                run.passed.push(*percent);
                if *percent == 100 {
                    run.breached = Some(*at);
                }
            }),
            Event::Ended { outcome, at } => {
                self.status = Status::Ended { outcome: outcome.clone(), at: *at };
            }
            Event::RepairNeeded { repair } => {
                // What is handled stays handled while something else fails.
                self.caught.take_if(|caught| *caught == *repair);
                self.get_stuck(repair);
            }
            Event::RepairRetried => self.status = Status::Running,
            Event::Suspended { by, reason, at } => {
                let repair = self.repair().cloned();
                let suspension = Suspension { by: by.clone(), reason: reason.clone(), since: *at, repair };
                self.status = Status::Suspended(suspension);
            }
            Event::Resumed { reason: _ } => {
                self.status = self.repair().cloned().map_or(Status::Running, Status::Stuck);
            }
            Event::Migrated { migration } => self.follow(migration),
            Event::TaskRescheduled { task, due, reminders } => {
                self.with_task(*task, |open| {
                    open.due = *due;
                    open.reminders.clone_from(reminders);
                });
                self.with_ballot(*task, |ballot| ballot.due = *due);
            }
            Event::KeptMessageRescheduled { place, until } => {
                self.kept.iter_mut().skip(*place).take(1).for_each(|kept| kept.until = Some(*until));
            }
            Event::JobRescheduled { job, inputs, due } => self.with_job(*job, |held| {
                held.inputs.clone_from(inputs);
                held.due = *due;
            }),
            Event::ClockCarriedOver { clock, calendar, target_ms, passed, marks, at } => {
                self.with_clock(clock, |run| {
                    run.calendar = calendar.clone();
                    run.target_ms = *target_ms;
                    run.pass_only(passed, *at);
                    run.set_marks(marks);
                });
            }
            Event::Attached { held } => {
                self.next_file = self.next_file.max(held.id.0 + 1);
                self.files.push((**held).clone());
            }
            Event::Detached { file } => self.forget_bytes(*file),
            Event::Edited { .. }
            | Event::Cancelled { .. }
            | Event::Moved { .. }
            | Event::Skipped { .. }
            | Event::Recounted { .. }
            | Event::MessageReceived { .. }
            | Event::MessageLost { .. }
            | Event::Signalled { .. }
            | Event::EntryPut { .. }
            | Event::Added { .. }
            | Event::Notified { .. }
            | Event::Escalated { .. }
            | Event::Commented { .. } => {}
        }
    }

    fn set_field(&mut self, name: &Name, value: &Value) {
        match value {
            Value::Nothing => {
                self.fields.remove(name);
            }
            _ => {
                self.fields.insert(name.clone(), value.clone());
            }
        }
    }
}
