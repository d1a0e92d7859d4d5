//! The state of one record. It changes only through [`Instance::apply`], and an instance never needs its
//! history to go on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ballot::{Ballot, Cast};
use crate::definition::{Definition, StepKind};
use crate::effect::{Link, Origin};
use crate::event::{Actor, Event, Mark, PauseReason, Principal, Repair};
use crate::ids::{DefinitionId, InstanceId, JobId, Name, TaskId, TokenId};
use crate::migration::Migrated;
use crate::time::Timestamp;
use crate::value::{Fields, Items, Value};

/// Whether a record goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for people, messages or time.
    Running,
    /// It is stuck until a person mends it.
    Stuck(Repair),
    /// Nothing of it moves until it is resumed. Its clocks measure on: what was promised to a customer does not wait.
    Suspended(Suspension),
    /// It is over and never changes again.
    Ended {
        /// How.
        outcome: Name,
        /// When.
        at: Timestamp,
    },
}

/// Who holds a record up, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Who ordered it.
    pub by: Actor,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// What was wrong with it before, and is again when it is resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
}

/// A place where the instance stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its identity.
    pub id: TokenId,
    /// The step it is at.
    pub step: Name,
    /// The token at the enclosing race or block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TokenId>,
    /// What it waits for.
    pub waits: Waits,
    /// How many of the branches or rounds inside came to their end.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub finished: u32,
    /// What its rounds are about, in the order in which they begin, where it stands at a `for each`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<Value>,
    /// How many rounds have begun.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub begun: u32,
    /// Which round of the `for each` around it is, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
    /// Since when the timer that it waits for counts working time, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_since: Option<Timestamp>,
    /// When its condition is worth asking although nobody has given a command, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sleeps_until: Option<Timestamp>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a token waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// The engine, within a step of its own.
    Engine,
    /// The tokens inside it.
    Inner,
    /// Nothing: those inside it go on, and nobody waits for them.
    Rest,
    /// A task.
    Task(TaskId),
    /// A message.
    Message {
        /// Its name.
        message: Name,
        /// Who may send it.
        from: Vec<Principal>,
    },
    /// A job.
    Job(JobId),
    /// The end of a record that it called.
    Return(InstanceId),
    /// A signal.
    Signal(Name),
    /// An instant.
    Time(Timestamp),
    /// A condition, asked after every command and when [`Token::sleeps_until`] has come.
    Condition,
}

/// A message that came before any step waited for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMessage {
    /// Its name.
    pub message: Name,
    /// What it said.
    pub text: String,
    /// What it carries into the record.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    /// Who sent it; nobody where the engine did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
    /// Until when it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Something that was done and can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// The task's step.
    pub step: Name,
    /// What the rounds around it were about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Items,
}

/// Something that waits for an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// A token's timer.
    Timer(TokenId),
    /// A task's reminder, from 0.
    Reminder(TaskId, usize),
    /// A job that is asked again.
    Retry(JobId),
    /// The deadline of a job.
    Overdue(JobId),
    /// An approval's deadline.
    Deadline(TokenId),
}

/// A task that is there to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTask {
    /// Its identity.
    pub id: TaskId,
    /// The token that waits for it.
    pub token: TokenId,
    /// The step.
    pub step: Name,
    /// Who may do it.
    pub candidates: Vec<Principal>,
    /// Who has taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Name>,
    /// For whom the holder does it, where that is somebody who is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Name>,
    /// Who asked the assignee to do the work, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated_by: Option<Name>,
    /// Everybody who was asked to do the work.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub helpers: BTreeSet<Name>,
    /// By when it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When each of the step's reminders comes; nothing where it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Option<Timestamp>>,
    /// Since when it is open.
    pub opened: Timestamp,
}

/// Work that is there for a machine to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenJob {
    /// Its identity.
    pub id: JobId,
    /// The token that waits for it.
    pub token: TokenId,
    /// The step.
    pub step: Name,
    /// What the machine is given.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub inputs: Fields,
    /// How often it has failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// By when it must be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Who has it.
    pub state: JobState,
}

/// Who has a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Nobody: from then on a worker may take it.
    Ready {
        /// From when.
        from: Timestamp,
    },
    /// A worker, alone.
    Leased {
        /// The worker.
        by: Name,
        /// Until when.
        until: Timestamp,
    },
    /// A server was asked, and its answer is waited for.
    Asked,
    /// Nobody: a server failed, and is asked again then.
    Pausing {
        /// When.
        until: Timestamp,
    },
}

/// What a clock does at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It runs.
    Running {
        /// Since when.
        since: Timestamp,
        /// What it will pass, and when.
        marks: Vec<Mark>,
    },
    /// It stands still.
    Paused {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: PauseReason,
    },
    /// It has stopped.
    Stopped {
        /// When.
        at: Timestamp,
    },
}

/// A time during which a clock ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
}

/// A clock of the record. Its figures can be recomputed from the segments and the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRun {
    /// Which.
    pub clock: Name,
    /// The calendar that counts.
    pub calendar: Name,
    /// The working time allowed, in milliseconds.
    pub target_ms: i64,
    /// When it ran, but for the time that runs now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// What it does now.
    pub state: ClockState,
    /// The percents that it has passed, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<u16>,
    /// When it was seen that all of the target was used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached: Option<Timestamp>,
}

impl ClockRun {
    /// Whether all of the target was used up.
    pub fn is_breached(&self) -> bool {
        self.passed.iter().any(|percent| *percent >= 100)
    }

    /// When the target will be used up, or was, while the clock runs.
    pub fn due(&self) -> Option<Timestamp> {
        match &self.state {
            ClockState::Running { marks, .. } => {
                marks.iter().find(|mark| mark.percent == 100).map(|mark| mark.at).or(self.breached)
            }
            ClockState::Paused { .. } | ClockState::Stopped { .. } => None,
        }
    }

    /// The next mark that it has not passed yet.
    pub fn next_mark(&self) -> Option<Mark> {
        match &self.state {
            ClockState::Running { marks, .. } => {
                marks.iter().filter(|mark| !self.passed.contains(&mark.percent)).min_by_key(|mark| mark.at).copied()
            }
            ClockState::Paused { .. } | ClockState::Stopped { .. } => None,
        }
    }

    /// All times during which it ran, up to `now`.
    pub fn ran(&self, now: Timestamp) -> Vec<Segment> {
        let mut segments = self.segments.clone();
        if let ClockState::Running { since, .. } = &self.state {
            segments.push(Segment { from: *since, to: now.max(*since) });
        }
        segments
    }

    /// The working time used up to `now`, in milliseconds.
    pub fn elapsed_ms(&self, calendar: &crate::calendar::Calendar, now: Timestamp) -> i64 {
        self.ran(now).iter().map(|segment| calendar.between_ms(segment.from, segment.to)).sum()
    }
}

/// One record of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    id: InstanceId,
    definition: DefinitionId,
    number: String,
    requester: Name,
    started: Timestamp,
    status: Status,
    fields: Fields,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    overrides: BTreeMap<Name, String>,
    tokens: Vec<Token>,
    tasks: Vec<OpenTask>,
    clocks: Vec<ClockRun>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    milestones: BTreeMap<Name, Timestamp>,
    /// Who completed which step last; for separation of duty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    did: BTreeMap<Name, Name>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    jobs: Vec<OpenJob>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept: Vec<KeptMessage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undoable: Vec<Undoable>,
    /// What failed and is handled by `on error` at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caught: Option<Repair>,
    /// Who else had a hand in it: those who were asked to do the work, those in whose stead it was done, and all who voted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    helped: BTreeMap<Name, BTreeSet<Name>>,
    /// The approvals on their way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ballots: Vec<Ballot>,
    next_token: u32,
    next_task: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    next_job: u32,
}

impl Instance {
    /// The state before the first event: only [`Event::Started`] gives it an identity.
    pub(crate) fn unborn() -> Instance {
        Instance {
            id: InstanceId(0),
            definition: DefinitionId(String::new()),
            number: String::new(),
            requester: Name::from(""),
            started: Timestamp(0),
            status: Status::Running,
            fields: Fields::new(),
            overrides: BTreeMap::new(),
            tokens: Vec::new(),
            tasks: Vec::new(),
            clocks: Vec::new(),
            milestones: BTreeMap::new(),
            did: BTreeMap::new(),
            jobs: Vec::new(),
            origin: None,
            links: Vec::new(),
            kept: Vec::new(),
            undoable: Vec::new(),
            caught: None,
            helped: BTreeMap::new(),
            ballots: Vec::new(),
            next_token: 1,
            next_task: 1,
            next_job: 0,
        }
    }

    /// The state that a history leads to.
    pub fn folded<'a>(events: impl IntoIterator<Item = &'a Event>) -> Instance {
        let mut instance = Instance::unborn();
        for event in events {
            instance.apply(event);
        }
        instance
    }

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
            Event::TokenEnded { token } => {
                self.tokens.retain(|held| held.id != *token);
                self.ballots.retain(|ballot| ballot.token != *token);
            }
            Event::TaskOpened { task, token, step, candidates, due, reminders, at } => {
                self.next_task = self.next_task.max(task.0 + 1);
                self.set_waits(*token, Waits::Task(*task));
                self.tasks.push(OpenTask {
                    id: *task,
                    token: *token,
                    step: step.clone(),
                    candidates: candidates.clone(),
                    assignee: None,
                    in_stead_of: None,
                    delegated_by: None,
                    helpers: BTreeSet::new(),
                    due: *due,
                    reminders: reminders.iter().copied().map(Some).collect(),
                    opened: *at,
                });
            }
            Event::TaskReassigned { task, candidates, assignee } => {
                if let Some(open) = self.tasks.iter_mut().find(|open| open.id == *task) {
                    open.candidates.clone_from(candidates);
                    open.assignee.clone_from(assignee);
                    if assignee.is_none() {
                        open.in_stead_of = None;
                        open.delegated_by = None;
                    }
                }
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
                let helpers = self.task(*task).map(|open| open.helpers.clone()).unwrap_or_default();
                self.tasks.retain(|open| open.id != *task);
                self.did.insert(step.clone(), by.clone());
                self.set_helped(step, helpers.into_iter().chain(in_stead_of.clone()).collect());
            }
            Event::ApprovalOpened { task, token, step, level, whom, asked, substitution, due, at } => {
                self.next_task = self.next_task.max(task.0 + 1);
                self.set_waits(*token, Waits::Task(*task));
                let held = self.ballots.iter().position(|ballot| ballot.token == *token);
                let votes = held.map(|place| self.ballots.swap_remove(place).votes).unwrap_or_default();
                let ballot = Ballot {
                    token: *token,
                    step: step.clone(),
                    level: *level,
                    whom: whom.clone(),
                    asked: asked.clone(),
                    left: Vec::new(),
                    substitution: *substitution,
                    votes,
                    due: *due,
                };
                self.tasks.push(OpenTask {
                    id: *task,
                    token: *token,
                    step: step.clone(),
                    candidates: ballot.candidates(),
                    assignee: None,
                    in_stead_of: None,
                    delegated_by: None,
                    helpers: BTreeSet::new(),
                    due: *due,
                    reminders: Vec::new(),
                    opened: *at,
                });
                self.ballots.push(ballot);
                self.ballots.sort_by_key(|ballot| ballot.token);
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
                self.with_ballot(*task, |ballot| {
                    ballot.level = level + 1;
                    ballot.asked.clear();
                    ballot.left.clear();
                });
                self.tasks.retain(|open| open.id != *task);
            }
            Event::ApprovalHalted { task, step: _ } => self.tasks.retain(|open| open.id != *task),
            Event::ApprovalDecided { task, step, outcome: _, at: _ } => {
                if let Some(place) = self.ballot_of(*task) {
                    let votes = self.ballots.remove(place).votes;
                    let voters = votes.into_iter().flat_map(|cast| cast.in_stead_of.into_iter().chain([cast.by]));
                    self.set_helped(step, voters.collect());
                }
                self.tasks.retain(|open| open.id != *task);
            }
            Event::TaskCancelled { task, step: _ } => self.tasks.retain(|open| open.id != *task),
            Event::MessageAwaited { token, message, from } => {
                self.set_waits(*token, Waits::Message { message: message.clone(), from: from.clone() });
            }
            Event::JobOpened { job, token, step, inputs, due, at } => {
                self.next_job = self.next_job.max(job.0 + 1);
                self.set_waits(*token, Waits::Job(*job));
                self.jobs.push(OpenJob {
                    id: *job,
                    token: *token,
                    step: step.clone(),
                    inputs: inputs.clone(),
                    failures: 0,
                    due: *due,
                    state: JobState::Ready { from: *at },
                });
            }
            Event::JobLeased { job, by, until } => {
                self.with_job(*job, |held| held.state = JobState::Leased { by: by.clone(), until: *until });
            }
            Event::JobAsked { job } => self.with_job(*job, |held| held.state = JobState::Asked),
            Event::JobReturned { job, at } => self.with_job(*job, |held| held.state = JobState::Ready { from: *at }),
            Event::JobFailed { job, problem: _, retry_at } => self.with_job(*job, |held| {
                held.failures += 1;
                held.state = match held.state {
                    JobState::Asked | JobState::Pausing { .. } => JobState::Pausing { until: *retry_at },
                    JobState::Ready { .. } | JobState::Leased { .. } => JobState::Ready { from: *retry_at },
                };
            }),
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
            Event::ConditionAwaited { token } => self.set_waits(*token, Waits::Condition),
            Event::SignalAwaited { token, signal } => self.set_waits(*token, Waits::Signal(signal.clone())),
            Event::SignalReceived { token, signal: _ } => self.set_waits(*token, Waits::Engine),
            Event::RoundsAdded { token, items } => self.with_token(*token, |held| held.rounds.extend_from_slice(items)),
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
                self.tokens.retain(|held| held.id != *token);
                self.with_token(*around, |held| held.finished += 1);
            }
            Event::Reminded { task, reminder } => {
                let open = self.tasks.iter_mut().find(|open| open.id == *task);
                if let Some(slot) = open.and_then(|open| open.reminders.get_mut(*reminder)) {
                    *slot = None;
                }
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
                if let Some(calendar) = calendar {
                    run.calendar = calendar.clone();
                }
                run.passed.retain(|percent| !marks.iter().any(|mark| mark.percent == *percent));
                run.breached = run.breached.filter(|_| run.passed.contains(&100));
                if let ClockState::Running { marks: held, .. } = &mut run.state {
                    held.clone_from(marks);
                }
            }),
            Event::ClockRecounted { clock, target_ms, marks } => self.with_clock(clock, |run| {
                run.target_ms = *target_ms;
                if let ClockState::Running { marks: held, .. } = &mut run.state {
                    held.clone_from(marks);
                }
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
                self.caught = None;
                match &mut self.status {
                    Status::Stuck(held) => held.owed.extend(repair.owed.iter().cloned()),
                    Status::Running | Status::Suspended(_) | Status::Ended { .. } => {
                        self.status = Status::Stuck(repair.clone());
                    }
                }
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
                if let Some(open) = self.tasks.iter_mut().find(|open| open.id == *task) {
                    open.due = *due;
                    open.reminders.clone_from(reminders);
                }
            }
            Event::ClockCarriedOver { clock, calendar, target_ms, passed, marks, at } => {
                self.with_clock(clock, |run| {
                    run.calendar = calendar.clone();
                    run.target_ms = *target_ms;
                    run.passed.clone_from(passed);
                    run.breached = if run.is_breached() { run.breached.or(Some(*at)) } else { None };
                    if let ClockState::Running { marks: held, .. } = &mut run.state {
                        held.clone_from(marks);
                    }
                });
            }
            Event::Edited { .. }
            | Event::Cancelled { .. }
            | Event::Moved { .. }
            | Event::Skipped { .. }
            | Event::Recounted { .. }
            | Event::MessageReceived { .. }
            | Event::MessageLost { .. }
            | Event::Signalled { .. }
            | Event::Added { .. }
            | Event::Notified { .. }
            | Event::Escalated { .. }
            | Event::Commented { .. } => {}
        }
    }

    /// Takes on the names of another version. Everything in a state that names a step, a field or a clock is here.
    fn follow(&mut self, migration: &Migrated) {
        let Migrated { from: _, to, steps, fields, clocks, dropped, reason: _ } = migration;
        self.definition = to.clone();
        self.tokens.iter_mut().for_each(|token| rename(&mut token.step, steps));
        self.tasks.iter_mut().for_each(|task| rename(&mut task.step, steps));
        self.jobs.iter_mut().for_each(|job| rename(&mut job.step, steps));
        self.undoable.iter_mut().for_each(|done| rename(&mut done.step, steps));
        self.caught.iter_mut().for_each(|repair| rename(&mut repair.step, steps));
        self.kept.iter_mut().for_each(|kept| rename_keys(&mut kept.fields, fields));
        self.ballots.iter_mut().for_each(|ballot| rename(&mut ballot.step, steps));
        rename_keys(&mut self.milestones, steps);
        rename_keys(&mut self.did, steps);
        rename_keys(&mut self.helped, steps);
        rename_keys(&mut self.fields, fields);
        rename_keys(&mut self.overrides, fields);
        self.clocks.retain(|run| !dropped.contains(&run.clock));
        for run in &mut self.clocks {
            rename(&mut run.clock, clocks);
            if let ClockState::Paused { reason: PauseReason::In(step), .. } = &mut run.state {
                rename(step, steps);
            }
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

    fn enter(&mut self, token: TokenId, step: &Name, parent: Option<TokenId>, round: Option<u32>) {
        self.next_token = self.next_token.max(token.0 + 1);
        self.ballots.retain(|ballot| ballot.token != token);
        match self.tokens.iter_mut().find(|held| held.id == token) {
            Some(held) => {
                held.step = step.clone();
                held.parent = parent;
                held.waits = Waits::Engine;
                held.finished = 0;
                held.rounds.clear();
                held.begun = 0;
                held.counts_since = None;
                held.sleeps_until = None;
            }
            None => {
                let waits = Waits::Engine;
                let (rounds, begun, finished) = (Vec::new(), 0, 0);
                self.tokens.push(Token {
                    id: token,
                    step: step.clone(),
                    parent,
                    waits,
                    finished,
                    rounds,
                    begun,
                    round,
                    counts_since: None,
                    sleeps_until: None,
                });
                if let (Some(parent), Some(round)) = (parent, round) {
                    self.with_token(parent, |held| held.begun = held.begun.max(round + 1));
                }
            }
        }
        if let Some(parent) = parent {
            self.with_token(parent, |held| match held.waits {
                Waits::Rest => {}
                _ => held.waits = Waits::Inner,
            });
        }
    }

    /// The token goes on alone; a new one in its place holds those that were inside it.
    fn leave_rest(&mut self, token: TokenId, rest: TokenId) {
        self.next_token = self.next_token.max(rest.0 + 1);
        let Some(held) = self.token(token).cloned() else { return };
        self.tokens.iter_mut().filter(|inner| inner.parent == Some(token)).for_each(|inner| inner.parent = Some(rest));
        self.tokens.push(Token { id: rest, waits: Waits::Rest, ..held });
        self.set_waits(token, Waits::Engine);
    }

    fn set_waits(&mut self, token: TokenId, waits: Waits) {
        self.with_token(token, |held| {
            held.waits = waits;
            held.counts_since = None;
            held.sleeps_until = None;
        });
    }

    fn with_token(&mut self, token: TokenId, change: impl FnOnce(&mut Token)) {
        if let Some(held) = self.tokens.iter_mut().find(|held| held.id == token) {
            change(held);
        }
    }

    fn hold(&mut self, task: TaskId, holder: Option<&Name>, in_stead_of: Option<&Name>) {
        self.with_task(task, |open| {
            open.assignee = holder.cloned();
            open.in_stead_of = in_stead_of.cloned();
            open.delegated_by = None;
        });
    }

    fn with_task(&mut self, task: TaskId, change: impl FnOnce(&mut OpenTask)) {
        if let Some(open) = self.tasks.iter_mut().find(|open| open.id == task) {
            change(open);
        }
    }

    fn with_job(&mut self, job: JobId, change: impl FnOnce(&mut OpenJob)) {
        if let Some(held) = self.jobs.iter_mut().find(|held| held.id == job) {
            change(held);
        }
    }

    fn ballot_of(&self, task: TaskId) -> Option<usize> {
        let token = self.task(task)?.token;
        self.ballots.iter().position(|ballot| ballot.token == token)
    }

    /// Changes a ballot, and whom its task is for with it.
    fn with_ballot(&mut self, task: TaskId, change: impl FnOnce(&mut Ballot)) {
        let Some(place) = self.ballot_of(task) else { return };
        let Some(ballot) = self.ballots.get_mut(place) else { return };
        change(ballot);
        let candidates = ballot.candidates();
        self.with_task(task, |open| open.candidates = candidates);
    }

    fn set_helped(&mut self, step: &Name, helped: BTreeSet<Name>) {
        match helped.is_empty() {
            true => self.helped.remove(step),
            false => self.helped.insert(step.clone(), helped),
        };
    }

    fn with_clock(&mut self, clock: &Name, change: impl FnOnce(&mut ClockRun)) {
        if let Some(run) = self.clocks.iter_mut().find(|run| run.clock == *clock) {
            change(run);
        }
    }

    /// Its identity.
    pub fn id(&self) -> InstanceId {
        self.id
    }

    /// The definition that it follows.
    pub fn definition(&self) -> &DefinitionId {
        &self.definition
    }

    /// Its number for people.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// For whom it is.
    pub fn requester(&self) -> &Name {
        &self.requester
    }

    /// Since when it is.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Whether it goes on.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        match self.status {
            Status::Ended { .. } => true,
            Status::Running | Status::Stuck(_) | Status::Suspended(_) => false,
        }
    }

    /// What a person must mend, if anything; of a suspended record what will have to be mended.
    pub fn repair(&self) -> Option<&Repair> {
        match &self.status {
            Status::Stuck(repair) => Some(repair),
            Status::Suspended(suspension) => suspension.repair.as_ref(),
            Status::Running | Status::Ended { .. } => None,
        }
    }

    /// The record.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Why derived fields hold another value than computed.
    pub fn overrides(&self) -> &BTreeMap<Name, String> {
        &self.overrides
    }

    /// Where it stands.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// What is to be done.
    pub fn tasks(&self) -> &[OpenTask] {
        &self.tasks
    }

    /// The open task of that identity.
    pub fn task(&self, task: TaskId) -> Option<&OpenTask> {
        self.tasks.iter().find(|open| open.id == task)
    }

    /// What machines have to do.
    pub fn jobs(&self) -> &[OpenJob] {
        &self.jobs
    }

    /// The open job of that identity.
    pub fn job(&self, job: JobId) -> Option<&OpenJob> {
        self.jobs.iter().find(|held| held.id == job)
    }

    /// The record that began it, where one did.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// How it is linked with others.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Its clocks.
    pub fn clocks(&self) -> &[ClockRun] {
        &self.clocks
    }

    /// What it has reached, and when last.
    pub fn milestones(&self) -> &BTreeMap<Name, Timestamp> {
        &self.milestones
    }

    /// Who completed which step last.
    pub fn did(&self) -> &BTreeMap<Name, Name> {
        &self.did
    }

    /// The messages that came before any step waited for them, oldest first.
    pub fn kept(&self) -> &[KeptMessage] {
        &self.kept
    }

    /// What was done and can be undone, oldest first.
    pub fn undoable(&self) -> &[Undoable] {
        &self.undoable
    }

    /// What failed and is handled at the moment.
    pub fn caught(&self) -> Option<&Repair> {
        self.caught.as_ref()
    }

    /// What the rounds around a token are about.
    pub(crate) fn items_around(&self, token: TokenId, definition: &Definition) -> Items {
        let mut items = Items::new();
        let mut at = self.token(token);
        while let Some(held) = at {
            let around = held.parent.and_then(|parent| self.token(parent));
            if let (Some(round), Some(around)) = (held.round, around)
                && let Some(StepKind::ForEach(each)) = definition.step(&around.step).map(|step| &step.kind)
                && let Some(value) = usize::try_from(round).ok().and_then(|round| around.rounds.get(round))
            {
                items.push((each.item.clone(), value.clone()));
            }
            at = around;
        }
        items
    }

    /// Whether a person had a hand in a step when it was done last: completed it, was asked to do its work, was acted for,
    /// or voted.
    pub fn took_part(&self, step: &Name, person: &Name) -> bool {
        self.did.get(step) == Some(person) || self.helped.get(step).is_some_and(|helped| helped.contains(person))
    }

    pub(crate) fn took_part_anywhere(&self, person: &Name) -> bool {
        self.did.values().any(|worker| worker == person) || self.helped.values().any(|helped| helped.contains(person))
    }

    /// The approvals on their way.
    pub fn ballots(&self) -> &[Ballot] {
        &self.ballots
    }

    /// The approval for which a token waits.
    pub fn ballot(&self, token: TokenId) -> Option<&Ballot> {
        self.ballots.iter().find(|ballot| ballot.token == token)
    }

    pub(crate) fn task_of(&self, token: TokenId) -> Option<&OpenTask> {
        self.tasks.iter().find(|open| open.token == token)
    }

    /// When a tick is next worth sending, if ever.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let marks = self.clocks.iter().filter_map(|run| run.next_mark().map(|mark| mark.at));
        match self.status {
            Status::Ended { .. } | Status::Suspended(_) => None,
            // Timers wait until the instance is mended; the clocks that measure it do not.
            Status::Stuck(_) => marks.min(),
            Status::Running => {
                let questions = self.tokens.iter().filter_map(|token| token.sleeps_until);
                marks.chain(self.alarms().map(|(at, _)| at)).chain(questions).min()
            }
        }
    }

    /// What waits for an instant, with the instant.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = (Timestamp, Alarm)> + '_ {
        let timers = self.tokens.iter().filter_map(|token| match token.waits {
            Waits::Time(at) => Some((at, Alarm::Timer(token.id))),
            Waits::Engine
            | Waits::Inner
            | Waits::Rest
            | Waits::Task(_)
            | Waits::Message { .. }
            | Waits::Job(_)
            | Waits::Return(_)
            | Waits::Signal(_)
            | Waits::Condition => None,
        });
        let reminders = self.tasks.iter().flat_map(|open| {
            let slots = open.reminders.iter().enumerate();
            slots.filter_map(|(reminder, at)| Some(((*at)?, Alarm::Reminder(open.id, reminder))))
        });
        let retries = self.jobs.iter().filter_map(|job| match job.state {
            JobState::Pausing { until } => Some((until, Alarm::Retry(job.id))),
            JobState::Ready { .. } | JobState::Leased { .. } | JobState::Asked => None,
        });
        let overdue = self.jobs.iter().filter_map(|job| Some((job.due?, Alarm::Overdue(job.id))));
        let deadlines = self.ballots.iter().filter_map(|ballot| {
            let due = ballot.due.filter(|_| self.task_of(ballot.token).is_some())?;
            Some((due, Alarm::Deadline(ballot.token)))
        });
        timers.chain(reminders).chain(retries).chain(overdue).chain(deadlines)
    }

    /// When the first of its running clocks is due.
    pub fn clock_due(&self) -> Option<Timestamp> {
        self.clocks.iter().filter_map(ClockRun::due).min()
    }

    pub(crate) fn token(&self, id: TokenId) -> Option<&Token> {
        self.tokens.iter().find(|token| token.id == id)
    }

    /// The tokens that wait for nothing, since what they did failed half way. A running instance has none but the one
    /// whose failure is being handled.
    pub(crate) fn half_way(&self) -> Vec<TokenId> {
        let idle = |token: &&Token| match token.waits {
            Waits::Engine => true,
            Waits::Inner | Waits::Rest => self.tokens.iter().all(|held| held.parent != Some(token.id)),
            Waits::Task(task) => self.task(task).is_none(),
            Waits::Job(job) => self.job(job).is_none(),
            Waits::Message { .. } | Waits::Return(_) | Waits::Signal(_) | Waits::Time(_) | Waits::Condition => false,
        };
        self.tokens.iter().filter(idle).map(|token| token.id).collect()
    }

    pub(crate) fn new_token(&self) -> TokenId {
        TokenId(self.next_token)
    }

    pub(crate) fn new_job(&self) -> JobId {
        JobId(self.next_job)
    }

    pub(crate) fn new_task(&self) -> TaskId {
        TaskId(self.next_task)
    }
}

fn rename(name: &mut Name, renamed: &BTreeMap<Name, Name>) {
    if let Some(new) = renamed.get(name) {
        *name = new.clone();
    }
}

/// Every key under its new name. A plan in which a new name is taken by something else is refused beforehand.
fn rename_keys<T>(held: &mut BTreeMap<Name, T>, renamed: &BTreeMap<Name, Name>) {
    if !renamed.is_empty() {
        let taken = std::mem::take(held).into_iter();
        *held = taken.map(|(name, value)| (renamed.get(&name).cloned().unwrap_or(name), value)).collect();
    }
}

impl ClockRun {
    fn close_segment(&mut self, at: Timestamp) {
        if let ClockState::Running { since, .. } = &self.state
            && at > *since
        {
            self.segments.push(Segment { from: *since, to: at });
        }
    }
}
