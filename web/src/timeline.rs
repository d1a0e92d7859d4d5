//! A record's history in words: every event becomes a sentence in the reader's language. What a person did or
//! must know stands out; what the engine did on the way can be unfolded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::audience::Audience;
use engine::definition::{Channel, Definition, Direction};
use engine::effect::Link;
use engine::event::{Actor, Event, PauseReason};
use engine::file::{Bytes, HeldFile};
use engine::ids::{FileId, InstanceId, JobId, Name, TaskId, TokenId};
use engine::value::{Fields, Value};
use serde::Serialize;
use store::HistoryEntry;

use crate::chain::ties::link_type;
use crate::files;
use crate::moment::{Moment, hours_and_minutes};
use crate::pages::admin::audit::register_name;
use crate::pages::ballot;
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// One command's share of the history.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// Its place in the history.
    pub revision: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: String,
    /// Whether the engine acted by itself.
    pub by_system: bool,
    /// What a reader wants to know.
    pub main: Vec<SentenceView>,
    /// What the engine did on the way.
    pub detail: Vec<SentenceView>,
    /// The beginning of the chained hash, to compare with a printout.
    pub hash: String,
}

/// One event in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentenceView {
    /// What happened.
    pub text: String,
    /// What was said: a comment, a message, a reason.
    pub quote: Option<String>,
    /// The picture beside it.
    pub icon: &'static str,
    #[serde(skip)]
    weight: Weight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Main,
    Detail,
}

/// How much of a long value stands in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Its beginning: the whole value stands on the record.
    Shortened,
    /// All of it.
    Whole,
}

/// The history of a record, newest first, but for the values that the visitor may not see.
pub fn timeline(visit: &Visit<'_>, reached: &Reached, history: &[HistoryEntry], values: Values) -> Vec<EntryView> {
    let (tasks, tokens, jobs) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (definition, files) = (reached.definition.clone(), BTreeMap::new());
    let reads_internal = reached.reads_internal(visit);
    let mut teller = Teller {
        visit,
        reached,
        values,
        reads_internal,
        definition,
        tasks,
        tokens,
        jobs,
        files,
        held: BTreeSet::new(),
    };
    let told = history.iter().map(|entry| teller.entry(entry));
    // Of what is only for others to read, nothing is told, not even that it is there.
    let mut entries: Vec<EntryView> = told.filter(|entry| !entry.main.is_empty() || !entry.detail.is_empty()).collect();
    entries.reverse();
    entries
}

/// Whether everybody who sees the record may know of this.
pub fn is_public(event: &Event) -> bool {
    match event {
        Event::Commented { audience, .. } => audience.is_public(),
        _ => true,
    }
}

/// The version that the record follows from an event on. A version that is gone leaves its names as they are written.
pub fn followed(visit: &Visit<'_>, event: &Event) -> Option<Arc<Definition>> {
    let id = match event {
        Event::Started { definition, .. } => definition,
        Event::Migrated { migration } => &migration.to,
        _ => return None,
    };
    visit.app.runtime().definition(id).ok()
}

/// Remembers, while it tells a history, which task and token belong to which step.
struct Teller<'v> {
    visit: &'v Visit<'v>,
    reached: &'v Reached,
    values: Values,
    /// Whether the visitor reads what is for those who work on the record.
    reads_internal: bool,
    /// The version that the record followed when what is told happened.
    definition: Arc<Definition>,
    tasks: BTreeMap<TaskId, Name>,
    tokens: BTreeMap<TokenId, Name>,
    jobs: BTreeMap<JobId, Name>,
    files: BTreeMap<FileId, HeldFile>,
    /// The fields that have held something.
    held: BTreeSet<Name>,
}

impl Teller<'_> {
    fn entry(&mut self, entry: &HistoryEntry) -> EntryView {
        let mut told: Vec<SentenceView> = Vec::with_capacity(entry.events.len());
        let reads_internal = self.reads_internal;
        for event in entry.events.iter().filter(|event| reads_internal || is_public(event)) {
            if let Some(version) = followed(self.visit, event) {
                self.definition = version;
            }
            let mut sentence = self.sentence(event);
            if sentence.text.is_empty() || self.is_of_the_engine(event) {
                continue;
            }
            // An edit and the values that it replaced carry the same reason: once is enough.
            if told.iter().any(|earlier| earlier.quote.is_some() && earlier.quote == sentence.quote) {
                sentence.quote = None;
            }
            told.push(sentence);
        }
        let (main, detail) = told.into_iter().partition(|sentence| sentence.weight == Weight::Main);
        EntryView {
            revision: entry.revision,
            at: self.visit.moment(entry.at),
            who: self.visit.names().actor(&entry.actor),
            by_system: entry.actor == Actor::System,
            main,
            detail,
            hash: hex::encode(&entry.hash[..6]),
        }
    }

    /// Whether an event only says where the engine came, at a place that has no name for people.
    fn is_of_the_engine(&self, event: &Event) -> bool {
        let at = match event {
            Event::Entered { step, .. } => Some(step),
            Event::TokenEnded { token }
            | Event::ConditionAwaited { token }
            | Event::ConditionSleeps { token, .. }
            | Event::BranchFinished { token, .. }
            | Event::RestLeft { token, .. }
            | Event::RoundsAdded { token, .. } => self.tokens.get(token),
            _ => return false,
        };
        let labels = at.and_then(|step| self.definition.step(step)).map(|step| &step.labels);
        labels.is_none_or(|labels| self.visit.language.of(labels).is_empty())
    }

    /// Who acted, and for whom.
    fn acting(&self, by: &Name, in_stead_of: Option<&Name>) -> String {
        ballot::acting(self.visit, by, in_stead_of)
    }

    fn sentence(&mut self, event: &Event) -> SentenceView {
        let names = self.visit.names();
        match event {
            Event::Started { instance: _, definition: _, number, requester, at: _ } => main(
                "flag",
                self.say("event-started", &[("number", number.clone()), ("requester", names.person(requester))]),
            ),
            Event::FieldsSet { fields } => main("edit", self.fields(fields)),
            Event::FieldOverridden { field, value, reason } => {
                let value = match self.hides(field) {
                    true => self.say("value-confidential", &[]),
                    false => names.field_value(&self.definition, field, value, &self.visit.times()),
                };
                let field = names.field(&self.definition, field);
                quoted(
                    main("edit", self.say("event-field-overridden", &[("field", field), ("value", value)])),
                    Some(reason),
                )
            }
            Event::Edited { reason } => quoted(main("edit", self.say("event-edited", &[])), Some(reason)),
            Event::Entered { token, step, parent: _, round: _ } => {
                self.tokens.insert(*token, step.clone());
                detail("open", self.say("event-entered", &[("step", self.step(step))]))
            }
            Event::TokenEnded { token } => {
                detail("stop", self.say("event-token-ended", &[("step", self.step_of_token(*token))]))
            }
            Event::TaskOpened { task, token: _, step, candidates, due, reminders: _, at: _ } => {
                self.tasks.insert(*task, step.clone());
                let (step, whom) = (self.step(step), names.principals(candidates));
                let text = match due {
                    Some(due) => {
                        let due = self.visit.moment(*due).text;
                        self.say("event-task-opened-due", &[("step", step), ("whom", whom), ("due", due)])
                    }
                    None => self.say("event-task-opened", &[("step", step), ("whom", whom)]),
                };
                main("inbox", text)
            }
            Event::TaskReassigned { task, candidates, assignee, in_stead_of: _ } => {
                let (step, whom) = (self.step_of_task(*task), names.principals(candidates));
                let text = match assignee {
                    Some(person) => {
                        let person = names.person(person);
                        self.say("event-task-reassigned-kept", &[("step", step), ("whom", whom), ("person", person)])
                    }
                    None => self.say("event-task-reassigned", &[("step", step), ("whom", whom)]),
                };
                main("people", text)
            }
            Event::TaskClaimed { task, by, in_stead_of } => {
                let person = self.acting(by, in_stead_of.as_ref());
                main("hand", self.say("event-task-claimed", &[("step", self.step_of_task(*task)), ("person", person)]))
            }
            Event::TaskAssigned { task: _, step, by, to, in_stead_of } => {
                let to = self.acting(to, in_stead_of.as_ref());
                let said = [("step", self.step(step)), ("person", names.person(by)), ("to", to)];
                main("hand", self.say("event-task-assigned", &said))
            }
            Event::TaskDelegated { task: _, step, by, to, text } => {
                let said = [("step", self.step(step)), ("person", names.person(by)), ("to", names.person(to))];
                quoted(
                    main("hand", self.say("event-task-delegated", &said)),
                    Some(text).filter(|text| !text.is_empty()),
                )
            }
            Event::TaskResolved { task: _, step, by, to, text } => {
                let said = [("step", self.step(step)), ("person", names.person(by)), ("to", names.person(to))];
                quoted(main("hand", self.say("event-task-resolved", &said)), Some(text).filter(|text| !text.is_empty()))
            }
            Event::ApprovalOpened { task, token: _, step, level, whom, asked, due, substitution: _, at: _ } => {
                self.tasks.insert(*task, step.clone());
                let said = [
                    ("step", self.step(step)),
                    ("level", (level + 1).to_string()),
                    ("whom", names.principals(whom)),
                    ("count", asked.len().to_string()),
                ];
                let opened = main("people", self.say("event-approval-opened", &said));
                let due = due.map(|due| self.visit.moment(due).text);
                let late = due.map(|due| self.say("event-approval-due", &[("due", due)]));
                SentenceView { text: [opened.text].into_iter().chain(late).collect::<String>(), ..opened }
            }
            Event::ApprovalReasked { task, whom, asked } => {
                let said = [
                    ("step", self.step_of_task(*task)),
                    ("whom", names.principals(whom)),
                    ("count", asked.len().to_string()),
                ];
                main("people", self.say("event-approval-reasked", &said))
            }
            Event::Voted { task: _, step, level, vote, by, in_stead_of, reason, at: _ } => {
                let said = [
                    ("step", self.step(step)),
                    ("level", (level + 1).to_string()),
                    ("vote", ballot::said(self.visit, &self.definition, step, *vote)),
                    ("person", self.acting(by, in_stead_of.as_ref())),
                ];
                quoted(main("done", self.say("event-voted", &said)), reason.as_ref())
            }
            Event::VoterLeft { task, person } => {
                let said = [("step", self.step_of_task(*task)), ("person", names.person(person))];
                main("people", self.say("event-voter-left", &said))
            }
            Event::LevelPassed { task: _, step, level } => {
                let said = [("step", self.step(step)), ("level", (level + 1).to_string())];
                main("done", self.say("event-level-passed", &said))
            }
            Event::ApprovalHalted { task: _, step } => {
                main("warning", self.say("event-approval-halted", &[("step", self.step(step))]))
            }
            Event::ApprovalDecided { task: _, step, outcome, at: _ } => {
                let outcome = names.outcome(&self.definition, step, outcome);
                main("done", self.say("event-approval-decided", &[("step", self.step(step)), ("outcome", outcome)]))
            }
            Event::TaskReleased { task } => {
                main("hand", self.say("event-task-released", &[("step", self.step_of_task(*task))]))
            }
            Event::TaskCompleted { task: _, step, outcome, reason, by, in_stead_of } => {
                let outcome = names.outcome(&self.definition, step, outcome);
                let said = [
                    ("step", self.step(step)),
                    ("outcome", outcome),
                    ("person", self.acting(by, in_stead_of.as_ref())),
                ];
                quoted(main("done", self.say("event-task-completed", &said)), reason.as_ref())
            }
            Event::TaskCancelled { task: _, step } => {
                main("cross", self.say("event-task-cancelled", &[("step", self.step(step))]))
            }
            Event::MessageAwaited { token: _, message, from } => main(
                "reply",
                self.say(
                    "event-message-awaited",
                    &[("message", self.message(message)), ("whom", names.principals(from))],
                ),
            ),
            Event::MessageReceived { message, text } => quoted(
                main("reply", self.say("event-message-received", &[("message", self.message(message))])),
                Some(text),
            ),
            Event::TimerSet { token: _, at, counts_since: _ } => {
                detail("clock", self.say("event-timer-set", &[("at", self.visit.moment(*at).text)]))
            }
            Event::TimerFired { token: _, step } => match names.place(&self.definition, step) {
                Some(place) => main("clock", self.say("event-timer-fired", &[("step", place)])),
                None => main("clock", self.say("event-time-up", &[])),
            },
            Event::ConditionAwaited { token } => {
                detail("clock", self.say("event-condition-awaited", &[("step", self.step_of_token(*token))]))
            }
            Event::ConditionSleeps { token, until } => {
                let step = self.step_of_token(*token);
                let text = match until {
                    Some(until) => {
                        let at = self.visit.moment(*until).text;
                        self.say("event-condition-sleeps", &[("step", step), ("at", at)])
                    }
                    None => self.say("event-condition-asked-on-change", &[("step", step)]),
                };
                detail("clock", text)
            }
            Event::BranchFinished { token, around: _ } => {
                detail("done", self.say("event-branch-finished", &[("step", self.step_of_token(*token))]))
            }
            Event::BranchHalted { token } => {
                detail("warning", self.say("event-branch-halted", &[("step", self.step_of_token(*token))]))
            }
            Event::RoundsAdded { token, items } => {
                let said = [("step", self.step_of_token(*token)), ("count", items.len().to_string())];
                detail("open", self.say("event-rounds-added", &said))
            }
            Event::RestLeft { token, rest } => {
                let step = self.tokens.get(token).cloned();
                self.tokens.extend(step.map(|step| (*rest, step)));
                detail("open", self.say("event-rest-left", &[("step", self.step_of_token(*token))]))
            }
            Event::MessageKept { kept } => quoted(
                main("reply", self.say("event-message-kept", &[("message", self.message(&kept.message))])),
                Some(&kept.text),
            ),
            Event::KeptMessageTaken { place: _ } => detail("reply", self.say("event-kept-message-taken", &[])),
            Event::KeptMessageLost { place: _ } => main("cross", self.say("event-kept-message-lost", &[])),
            Event::KeptMessageRescheduled { place: _, until } => {
                let at = self.visit.moment(*until).text;
                detail("clock", self.say("event-kept-message-rescheduled", &[("at", at)]))
            }
            Event::MessageLost { message, text } => {
                quoted(main("cross", self.say("event-message-lost", &[("message", self.message(message))])), Some(text))
            }
            Event::EntryPut { register, key, fields: _ } => {
                let register_said = register_name(self.visit, register.as_str());
                let entry = self.visit.names().entry(register.as_str(), key);
                main("done", self.say("event-entry-put", &[("register", register_said), ("entry", entry)]))
            }
            Event::Signalled { signal } => main("bell", self.say("event-signalled", &[("signal", plain(signal))])),
            Event::SignalAwaited { token: _, signal } => {
                main("clock", self.say("event-signal-awaited", &[("signal", plain(signal))]))
            }
            Event::SignalKept { token: _, signal } => {
                main("reply", self.say("event-signal-kept", &[("signal", plain(signal))]))
            }
            Event::JobRescheduled { job, inputs: _, due } => {
                let mut said = vec![("step", self.step_of_job(*job))];
                match due {
                    Some(due) => {
                        said.push(("due", self.visit.moment(*due).text));
                        detail("clock", self.say("event-task-rescheduled-due", &said))
                    }
                    None => detail("clock", self.say("event-task-rescheduled", &said)),
                }
            }
            Event::SignalReceived { token: _, signal } => {
                main("bell", self.say("event-signal-received", &[("signal", plain(signal))]))
            }
            Event::UndoKept { undoable } => {
                detail("done", self.say("event-undo-kept", &[("step", self.step(&undoable.step))]))
            }
            Event::Undone { step } => main("cross", self.say("event-undone", &[("step", self.step(step))])),
            Event::ErrorCaught { repair } => quoted(
                main("warning", self.say("event-error-caught", &[("step", self.step(&repair.step))])),
                Some(&repair.problem),
            ),
            Event::ErrorHandled => main("running", self.say("event-error-handled", &[])),
            Event::Added { step, by } => {
                let first =
                    self.definition.step(step).and_then(|step| step.kind.ways().first().map(|first| self.step(first)));
                let said = [("step", first.unwrap_or_else(|| self.step(step))), ("person", names.person(by))];
                main("open", self.say("event-added", &said))
            }
            Event::JobOpened { job, token: _, step, inputs: _, due: _, at: _ } => {
                self.jobs.insert(*job, step.clone());
                main("open", self.say("event-job-opened", &[("step", self.step(step))]))
            }
            Event::JobLeased { job, by, until } => {
                let until = self.visit.moment(*until).text;
                let said = [("step", self.step_of_job(*job)), ("person", names.person(by)), ("until", until)];
                detail("hand", self.say("event-job-leased", &said))
            }
            Event::JobAsked { job } => detail("open", self.say("event-job-asked", &[("step", self.step_of_job(*job))])),
            Event::JobReturned { job, at: _ } => {
                detail("hand", self.say("event-job-returned", &[("step", self.step_of_job(*job))]))
            }
            Event::JobAnswered { job: _, step } => {
                main("done", self.say("event-job-answered", &[("step", self.step(step))]))
            }
            Event::JobFailed { job, problem, retry_at } => {
                let at = self.visit.moment(*retry_at).text;
                let said = [("step", self.step_of_job(*job)), ("at", at)];
                quoted(main("warning", self.say("event-job-failed", &said)), Some(problem))
            }
            Event::JobGivenUp { job: _, step, problem } => {
                quoted(main("warning", self.say("event-job-given-up", &[("step", self.step(step))])), Some(problem))
            }
            Event::JobCancelled { job: _, step } => {
                main("cross", self.say("event-job-cancelled", &[("step", self.step(step))]))
            }
            Event::RecordBegun { begun, process, token: _ } => {
                let said = self.say("event-record-begun", &[("process", self.process(process))]);
                main("flag", self.naming(said, *begun))
            }
            Event::RecordReturned { token: _, begun, outcome } => {
                let outcome = match self.definition_of(*begun) {
                    Some(definition) => names.end(&definition, outcome),
                    None => plain(outcome),
                };
                main("done", self.say("event-record-returned", &[("outcome", outcome)]))
            }
            Event::Originated { origin } => detail("flag", self.naming(self.say("event-originated", &[]), origin.by)),
            Event::Linked { link } => {
                let said = self.say("event-linked", &[("kind", self.link(link))]);
                detail("open", self.naming(said, link.other))
            }
            Event::Unlinked { link, reason } => {
                let said = self.say("event-unlinked", &[("kind", self.link(link))]);
                quoted(main("cross", self.naming(said, link.other)), Some(reason))
            }
            Event::Reminded { task, reminder: _ } => {
                main("clock", self.say("event-reminded", &[("step", self.step_of_task(*task))]))
            }
            Event::MilestoneReached { step, at: _ } => {
                main("flag", self.say("event-milestone", &[("step", self.step(step))]))
            }
            Event::ClockStarted { clock, calendar, target_ms, at: _, marks: _ } => {
                let calendar = names.entry(engine::directory::CALENDAR, calendar);
                let said = [("clock", self.clock(clock)), ("target", self.length(*target_ms)), ("calendar", calendar)];
                main("clock", self.say("event-clock-started", &said))
            }
            Event::ClockRetargeted { clock, target_ms, calendar, marks: _ } => {
                let (clock, target) = (self.clock(clock), self.length(*target_ms));
                let text = match calendar {
                    Some(calendar) => {
                        let calendar = names.entry(engine::directory::CALENDAR, calendar);
                        let said = [("clock", clock), ("target", target), ("calendar", calendar)];
                        self.say("event-clock-agreed-anew", &said)
                    }
                    None => self.say("event-clock-retargeted", &[("clock", clock), ("target", target)]),
                };
                main("clock", text)
            }
            Event::Recounted { calendar } => {
                let calendar = names.entry(engine::directory::CALENDAR, calendar);
                main("calendar", self.say("event-recounted", &[("calendar", calendar)]))
            }
            Event::ClockRecounted { clock, target_ms: _, marks } => {
                let clock = self.clock(clock);
                let text = match marks.iter().find(|mark| mark.percent == 100) {
                    Some(mark) => {
                        let due = self.visit.moment(mark.at).text;
                        self.say("event-clock-recounted-due", &[("clock", clock), ("due", due)])
                    }
                    None => self.say("event-clock-recounted", &[("clock", clock)]),
                };
                detail("clock", text)
            }
            Event::ClockPaused { clock, at: _, reason: PauseReason::In(step) } => main(
                "pause",
                self.say("event-clock-paused", &[("clock", self.clock(clock)), ("step", self.step(step))]),
            ),
            Event::ClockResumed { clock, at: _, marks: _ } => {
                main("running", self.say("event-clock-resumed", &[("clock", self.clock(clock))]))
            }
            Event::ClockStopped { clock, at: _ } => {
                main("stop", self.say("event-clock-stopped", &[("clock", self.clock(clock))]))
            }
            Event::ClockPassed { clock, percent, at: _ } if *percent == 100 => {
                main("fire", self.say("event-clock-breached", &[("clock", self.clock(clock))]))
            }
            Event::ClockPassed { clock, percent, at: _ } => main(
                "warning",
                self.say("event-clock-passed", &[("clock", self.clock(clock)), ("percent", percent.to_string())]),
            ),
            Event::Notified { whom, template: _, by } => {
                let key = match by {
                    Channel::Inbox => "event-notified",
                    Channel::Email => "event-mailed",
                };
                main("bell", self.say(key, &[("whom", names.principals(whom))]))
            }
            Event::Escalated { to } => main("warning", self.say("event-escalated", &[("whom", names.principals(to))])),
            Event::Commented { text, audience, tells } => {
                let (icon, key) = match audience {
                    Audience::Public => ("comment", "event-commented"),
                    Audience::Internal => ("shield", "event-commented-internal"),
                };
                let told: Vec<String> = tells.iter().map(|person| names.person(person)).collect();
                let said = match told.is_empty() {
                    true => self.say(key, &[]),
                    false => {
                        let whom = told.join(&self.say("list-comma", &[]));
                        self.say("event-commented-telling", &[("said", self.say(key, &[])), ("whom", whom)])
                    }
                };
                quoted(main(icon, said), Some(text))
            }
            Event::Attached { held } => {
                let said = self.file(held);
                self.files.insert(held.id, (**held).clone());
                match held.bytes {
                    // That the field took it is told beside.
                    Bytes::There if held.field.is_some() => {
                        detail("clip", self.say("event-attached", &[("file", said)]))
                    }
                    Bytes::There => main("clip", self.say("event-attached", &[("file", said)])),
                    Bytes::Gone => detail("clip", self.say("event-attached-gone", &[("file", said)])),
                }
            }
            Event::Detached { file } => {
                let said = self.files.get(file).map_or_else(|| file.0.to_string(), |held| self.file(held));
                main("clip", self.say("event-detached", &[("file", said)]))
            }
            Event::Ended { outcome, at: _ } => {
                main("flag", self.say("event-ended", &[("outcome", names.end(&self.definition, outcome))]))
            }
            Event::RepairNeeded { repair } => {
                let said = [("step", self.step(&repair.step)), ("line", repair.line.to_string())];
                quoted(main("warning", self.say("event-repair-needed", &said)), Some(&repair.problem))
            }
            Event::Migrated { migration } => {
                let version = self.visit.app.store().definition(&migration.to).ok().flatten();
                let version = version.map_or_else(|| migration.to.to_string(), |found| found.version.to_string());
                quoted(main("process", self.say("event-migrated", &[("version", version)])), Some(&migration.reason))
            }
            Event::TaskRescheduled { task, due, reminders: _ } => {
                let step = self.step_of_task(*task);
                let text = match due {
                    Some(due) => {
                        let due = self.visit.moment(*due).text;
                        self.say("event-task-rescheduled-due", &[("step", step), ("due", due)])
                    }
                    None => self.say("event-task-rescheduled", &[("step", step)]),
                };
                detail("clock", text)
            }
            Event::ClockCarriedOver { clock, calendar: _, target_ms, passed: _, marks: _, at: _ } => detail(
                "clock",
                self.say(
                    "event-clock-carried-over",
                    &[("clock", self.clock(clock)), ("target", self.length(*target_ms))],
                ),
            ),
            Event::Suspended { by: _, reason, at: _ } => {
                quoted(main("pause", self.say("event-suspended", &[])), Some(reason))
            }
            Event::Resumed { reason } => quoted(main("running", self.say("event-resumed", &[])), Some(reason)),
            Event::Cancelled { reason } => quoted(main("cross", self.say("event-cancelled", &[])), Some(reason)),
            Event::Moved { token: _, from, to, reason } => {
                let said = [("from", self.step(from)), ("to", self.step(to))];
                quoted(main("open", self.say("event-moved", &said)), Some(reason))
            }
            Event::Skipped { step, given_up: _, reason } => {
                let text = match step {
                    Some(step) => self.say("event-skipped", &[("step", self.step(step))]),
                    None => self.say("event-given-up", &[]),
                };
                quoted(main("warning", text), Some(reason))
            }
            Event::RepairRetried => main("running", self.say("event-repair-retried", &[])),
        }
    }

    /// What fields took. That one is empty which held nothing before is told to nobody.
    fn fields(&mut self, fields: &Fields) -> String {
        let was_empty = |name: &Name, value: &Value| value.is_empty() && !self.held.contains(name);
        let told: Vec<_> = fields.iter().filter(|(name, value)| !was_empty(name, value)).collect();
        self.held.extend(fields.keys().cloned());
        let names = self.visit.names();
        let comma = self.visit.say("list-semicolon");
        let set: Vec<String> = told
            .into_iter()
            .map(|(name, value)| {
                let field = names.field(&self.definition, name);
                if self.hides(name) {
                    return self.say("event-field-confidential", &[("field", field)]);
                }
                if value.is_empty() {
                    return self.say("event-field-emptied", &[("field", field)]);
                }
                let value = names.field_value(&self.definition, name, value, &self.visit.times());
                self.say("event-field-set", &[("field", field), ("value", self.told(value))])
            })
            .collect();
        set.join(&comma)
    }

    /// A value, as much of it as is told.
    fn told(&self, value: String) -> String {
        match self.values {
            Values::Shortened => shortened(&value),
            Values::Whole => value,
        }
    }

    /// A file with its size, and the field for which it was brought.
    fn file(&self, held: &HeldFile) -> String {
        let file = &held.file;
        let size = files::size(self.visit.words(), file.size);
        let named = || self.say("file-sized", &[("name", file.name.clone()), ("size", size)]);
        match &held.field {
            None => named(),
            Some(field) => {
                let file = if self.hides(field) { self.say("value-confidential", &[]) } else { named() };
                let field = self.visit.names().field(&self.definition, field);
                self.say("event-field-set", &[("field", field), ("value", file)])
            }
        }
    }

    /// Whether the version of then or that of now keeps a field from the visitor.
    fn hides(&self, field: &Name) -> bool {
        let versions = [&self.definition, &self.reached.definition];
        let mut fields = versions.into_iter().filter_map(|version| version.field(field));
        fields.any(|field| !self.reached.shows(self.visit, field))
    }

    fn say(&self, key: &str, said: &[(&'static str, String)]) -> String {
        let said: Vec<_> = said.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
        self.visit.say_with(key, &said)
    }

    /// A step, or what is around it where it has no name for people.
    fn step(&self, step: &Name) -> String {
        let names = self.visit.names();
        names.place(&self.definition, step).unwrap_or_else(|| names.step(&self.definition, step))
    }

    fn step_of_task(&self, task: TaskId) -> String {
        self.tasks.get(&task).map_or_else(|| task.0.to_string(), |step| self.step(step))
    }

    fn step_of_token(&self, token: TokenId) -> String {
        self.tokens.get(&token).map_or_else(|| token.0.to_string(), |step| self.step(step))
    }

    fn step_of_job(&self, job: JobId) -> String {
        self.jobs.get(&job).map_or_else(|| job.0.to_string(), |step| self.step(step))
    }

    /// What the process of other records is called; one that is gone has its name as it is written.
    fn process(&self, process: &Name) -> String {
        match self.visit.app.runtime().current(process) {
            Ok(Some(found)) => self.visit.language.of(&found.parts().labels).to_owned(),
            Ok(None) | Err(_) => plain(process),
        }
    }

    /// What is said of another record, with its number where the visitor may see it.
    fn naming(&self, said: String, other: InstanceId) -> String {
        match reach::by_id(self.visit, other) {
            Ok(other) => {
                let number = other.loaded.instance.number().to_owned();
                self.say("event-naming", &[("said", said), ("number", number)])
            }
            Err(_) => said,
        }
    }

    /// What another record follows, unless it is gone.
    fn definition_of(&self, other: InstanceId) -> Option<Arc<Definition>> {
        let runtime = self.visit.app.runtime();
        let loaded = runtime.load(other).ok().flatten()?;
        runtime.definition(loaded.instance.definition()).ok()
    }

    /// How a link says it ties this record to the other: as either process declares it.
    fn link(&self, link: &Link) -> String {
        let found = link_type(&self.definition, &link.kind).cloned();
        let found = found.or_else(|| link_type(&*self.definition_of(link.other)?, &link.kind).cloned());
        match found {
            Some(found) => {
                let labels = match link.direction {
                    Direction::FromThis => &found.labels,
                    Direction::FromIt => &found.reverse,
                };
                self.visit.language.of(labels).to_owned()
            }
            None => plain(&link.kind),
        }
    }

    fn clock(&self, clock: &Name) -> String {
        self.visit.names().clock(&self.definition, clock)
    }

    fn message(&self, message: &Name) -> String {
        message_name(self.visit, &self.definition, message)
    }

    fn length(&self, length_ms: i64) -> String {
        hours_and_minutes(self.visit.words(), length_ms)
    }
}

/// What a message is called: as its process says, from our own words, else its name.
pub fn message_name(visit: &Visit<'_>, definition: &Definition, message: &Name) -> String {
    if let Some(labels) = definition.parts().messages.get(message) {
        return visit.names().language().of(labels).to_owned();
    }
    let key = format!("message-{}", message.as_str().replace('_', "-"));
    if visit.words().has(&key) { visit.say(&key) } else { message.as_str().replace('_', " ") }
}

fn plain(name: &Name) -> String {
    name.as_str().replace('_', " ")
}

/// The most characters of a value that is shortened.
const VALUE_MAX: usize = 160;

fn shortened(value: &str) -> String {
    let one_line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= VALUE_MAX {
        return one_line;
    }
    one_line.chars().take(VALUE_MAX).chain(['…']).collect()
}

fn main(icon: &'static str, text: String) -> SentenceView {
    SentenceView { text, quote: None, icon, weight: Weight::Main }
}

fn detail(icon: &'static str, text: String) -> SentenceView {
    SentenceView { text, quote: None, icon, weight: Weight::Detail }
}

fn quoted(sentence: SentenceView, quote: Option<&String>) -> SentenceView {
    SentenceView { quote: quote.filter(|text| !text.trim().is_empty()).cloned(), ..sentence }
}
