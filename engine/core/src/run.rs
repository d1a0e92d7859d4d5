//! One command on its way through an instance: the working copy, the facts so far, the budget.

use std::collections::BTreeMap;

use crate::blame;
use crate::calendar::{Calendar, span_ms};
use crate::clock;
use crate::command::{Immovable, Rejection};
use crate::definition::{Begin, Definition, Due, Handled, Labels, LinkMade, Origin as FieldOrigin, Reaction, Who};
use crate::effect::{Awaited, Begun, Effect, Link, Origin};
use crate::event::{Event, Owed, Principal, Repair};
use crate::expr::{EvalError, Expr, Scope};
use crate::ids::{InstanceId, Name, TaskId, TokenId};
use crate::instance::{ClockRun, Instance, KeptMessage, OpenTask, Status, Waits};
use crate::nodes::{self, Then};
use crate::people;
use crate::places::Way;
use crate::step::{BEGUN_MAX, Step as Stepped, World};
use crate::substitution;
use crate::time::{Counting, Timestamp};
use crate::value::{Fields, Items, Value};

/// The most steps that one command may pass through. A loop that never waits ends here as a repair, not a hung
/// server.
pub const STEPS_MAX: u32 = 1_000;

/// How often one command looks whether something follows from its changes. Reactions that call each other without end
/// end here as a repair.
pub(crate) const PASSES_MAX: u32 = 16;

pub(crate) struct Run<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) world: &'a World<'a>,
    pub(crate) instance: Instance,
    events: Vec<Event>,
    effects: Vec<Effect>,
    /// Those that waited for a signal when it was given.
    signalled: Vec<(TokenId, Name)>,
    /// What the rounds around the place at work are about.
    items: Items,
    /// How many records this step has begun.
    begun: u32,
    steps_left: u32,
    /// Where a branch begins that is not to begin at its first step; see [`Run::jump`].
    detours: BTreeMap<Name, Name>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(definition: &'a Definition, instance: Instance, world: &'a World<'a>) -> Run<'a> {
        Run {
            definition,
            world,
            instance,
            events: Vec::new(),
            effects: Vec::new(),
            signalled: Vec::new(),
            items: Items::new(),
            begun: 0,
            steps_left: STEPS_MAX,
            detours: BTreeMap::new(),
        }
    }

    /// The only way that a run changes anything.
    pub(crate) fn emit(&mut self, event: Event) {
        self.instance.apply(&event);
        self.events.push(event);
    }

    /// Does what follows from the changes, as long as something does, and gives everything away.
    pub(crate) fn finish(mut self, before: Option<&Instance>) -> Stepped {
        match self.instance.status() {
            // Nothing follows from anything: what has come true meanwhile is seen when it goes on.
            Status::Suspended(_) => {}
            Status::Running | Status::Stuck(_) | Status::Ended { .. } => self.follow_up(before),
        }
        Stepped { instance: self.instance, events: self.events, effects: self.effects }
    }

    /// As [`Run::finish`] after a change of version: what the record says is not news, so no reaction follows from it.
    pub(crate) fn finish_quietly(self) -> Stepped {
        let now = self.instance.clone();
        self.finish(Some(&now))
    }

    /// Does what follows from the changes, as long as something does.
    fn follow_up(&mut self, before: Option<&Instance>) {
        let mut held = self.held_before(before);
        for _ in 0..PASSES_MAX {
            let seen = self.events.len();
            nodes::settle(self);
            self.react(&mut held);
            nodes::settle(self);
            if self.instance.is_ended() {
                return;
            }
            clock::settle(self);
            if self.events.len() == seen {
                return;
            }
        }
        self.repair(&EvalError::EndlessReactions);
    }

    /// Which reactions' conditions held before the command.
    fn held_before(&self, before: Option<&Instance>) -> Vec<bool> {
        let reactions = &self.definition.parts().reactions;
        let held = |reaction: &Reaction| {
            before.is_some_and(|instance| reaction.becomes.holds(&self.scope_of(instance)).unwrap_or(false))
        };
        reactions.iter().map(held).collect()
    }

    fn react(&mut self, held: &mut [bool]) {
        self.stand_nowhere();
        let definition = self.definition;
        for ((place, reaction), held) in definition.parts().reactions.iter().enumerate().zip(held) {
            if self.instance.is_ended() {
                return;
            }
            let done = match reaction.becomes.holds(&self.scope()) {
                Ok(holds) => {
                    let comes_true = holds && !*held;
                    *held = holds;
                    if comes_true { nodes::perform(self, &reaction.actions) } else { Ok(()) }
                }
                Err(problem) => Err(problem),
            };
            if let Err(problem) = done {
                self.owe(Owed::Reaction(place), &problem);
            }
        }
    }

    /// Does once more what could not be done when its moment came.
    pub(crate) fn pay(&mut self, owed: &Owed) {
        if let Owed::Begin(begun) = owed {
            self.effects.push(Effect::Begin((**begun).clone()));
        }
        for action in owed.actions(self.definition.parts()) {
            if let Err(problem) = nodes::perform(self, std::slice::from_ref(action)) {
                self.owe(owed.clone(), &problem);
                return;
            }
        }
    }

    /// What a token does has failed: `on error` is gone through, where the process has it, or a person must look.
    pub(crate) fn fail(&mut self, problem: &EvalError) {
        let handler = self.definition.handler(Handled::Error).map(|step| step.name.clone());
        match handler {
            Some(handler) if self.instance.caught().is_none() && *self.instance.status() == Status::Running => {
                let repair = self.repair_of(problem, Vec::new());
                self.emit(Event::ErrorCaught { repair });
                self.begin_at(&handler);
            }
            Some(_) | None => self.repair(problem),
        }
    }

    /// The instance cannot go on: a person must look.
    pub(crate) fn repair(&mut self, problem: &EvalError) {
        self.need_repair(problem, Vec::new());
    }

    /// Something must be done once a person has looked.
    pub(crate) fn owe(&mut self, owed: Owed, problem: &EvalError) {
        self.need_repair(problem, vec![owed]);
    }

    fn need_repair(&mut self, problem: &EvalError, owed: Vec<Owed>) {
        let known = match self.instance.status() {
            Status::Stuck(repair) => owed.iter().all(|new| repair.owed.contains(new)),
            Status::Running | Status::Suspended(_) => false,
            Status::Ended { .. } => true,
        };
        if known {
            return;
        }
        let repair = self.repair_of(problem, owed);
        self.emit(Event::RepairNeeded { repair });
    }

    fn repair_of(&self, problem: &EvalError, owed: Vec<Owed>) -> Repair {
        let first = || self.instance.tokens().first().map(|token| token.id);
        let token = self.instance.half_way().first().copied().or_else(first).unwrap_or(TokenId(0));
        let step = self.instance.token(token).map_or_else(|| Name::from(""), |token| token.step.clone());
        let line = self.definition.step(&step).map_or(0, |step| step.line);
        let culprit = blame::culprit(self, &step, &owed, problem);
        let (expression, saw) =
            culprit.map_or((None, Fields::new()), |found| (Some(found.source()), self.seen_by(found)));
        Repair { token, step, line, problem: problem.to_string(), expression, saw, owed }
    }

    /// The fields that an expression reads, with their values.
    fn seen_by(&self, expr: &Expr) -> Fields {
        let value = |name: &Name| self.instance.fields().get(name).cloned().unwrap_or(Value::Nothing);
        expr.reads().into_iter().map(|name| (name.clone(), value(name))).collect()
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        self.scope_of(&self.instance)
    }

    pub(crate) fn scope_of<'s>(&'s self, instance: &'s Instance) -> Scope<'s> {
        Scope {
            definition: self.definition,
            fields: instance.fields(),
            requester: instance.requester(),
            directory: self.world.directory,
            now: self.world.now,
            items: self.items.clone(),
        }
    }

    /// From now on expressions see the rounds around a token.
    pub(crate) fn stand_at(&mut self, token: TokenId) {
        self.items = self.instance.items_around(token, self.definition);
    }

    /// From now on expressions see no rounds.
    pub(crate) fn stand_nowhere(&mut self) {
        self.items.clear();
    }

    /// What the rounds around the place at work are about.
    pub(crate) fn items(&self) -> &Items {
        &self.items
    }

    /// From now on expressions see these rounds.
    pub(crate) fn stand_among(&mut self, items: Items) {
        self.items = items;
    }

    // --- places

    /// Brings the first token to the first step.
    pub(crate) fn begin(&mut self) {
        let first = self.definition.parts().first.clone();
        self.begin_at(&first);
    }

    /// Brings a new token to a step that lies in nothing else.
    pub(crate) fn begin_at(&mut self, step: &Name) {
        let token = self.instance.new_token();
        if let Err(problem) = self.walk(token, step, None, None).and_then(|then| self.follow(token, then)) {
            self.fail(&problem);
        }
    }

    /// Lets a token go on from where it stands.
    pub(crate) fn proceed(&mut self, token: TokenId, then: Then) {
        if let Err(problem) = self.follow(token, then) {
            self.fail(&problem);
        }
    }

    /// Lets a token do its step once more, after a repair.
    pub(crate) fn redo(&mut self, token: TokenId) {
        let Some(held) = self.instance.token(token).cloned() else { return };
        let ballot = self.instance.ballot(token).cloned();
        let then = match &ballot {
            Some(ballot) => nodes::resume(self, ballot),
            None => self.walk(token, &held.step, held.parent, held.round),
        };
        if let Err(problem) = then.and_then(|then| self.follow(token, then)) {
            self.fail(&problem);
        }
    }

    /// Does what is still to be done after a repair: the step at which the instance stands half way, and what is owed.
    pub(crate) fn recover(&mut self, owed: &[Owed]) {
        for token in self.instance.half_way() {
            if !self.instance.is_ended() {
                self.redo(token);
            }
        }
        for owed in owed {
            if !self.instance.is_ended() {
                self.pay(owed);
            }
        }
    }

    /// Takes a token from where it waits to where a way leads, leaving every race and block that the way does not lie
    /// in; what it waited for is not needed any more.
    pub(crate) fn jump(&mut self, token: TokenId, way: Way) -> Result<(), Rejection> {
        let Way { to, entry, detours } = way;
        self.abandon(token);
        self.detours = detours;
        self.follow(token, Then::To(entry)).map_err(Rejection::CannotJudge)?;
        if self.detours.is_empty() { Ok(()) } else { Err(Rejection::CannotMove(Immovable::NotEntered(to))) }
    }

    /// Brings a new token to a step inside `parent`'s, and says what `parent`'s token does then: it waits for those
    /// inside, or goes on since the branch finished or jumped out at once. Where the branch fails or jumps, nothing stays
    /// inside, so that `parent`'s step can be done anew as a whole.
    pub(crate) fn spawn(&mut self, step: &Name, parent: TokenId) -> Result<Then, EvalError> {
        self.spawn_round(step, parent, None)
    }

    /// The same for a round of a `for each`.
    pub(crate) fn spawn_round(&mut self, step: &Name, parent: TokenId, round: Option<u32>) -> Result<Then, EvalError> {
        let token = self.instance.new_token();
        let step = self.detours.remove(step).unwrap_or_else(|| step.clone());
        let then = self.walk(token, &step, Some(parent), round);
        match then {
            Ok(Then::Wait | Then::Next | Then::Done) => {}
            Ok(Then::To(_)) | Err(_) => self.cancel_inside(parent),
        }
        then
    }

    /// Takes a token from step to step until it waits; or until it comes to the end of its branch ([`Then::Next`])
    /// or jumps out of it ([`Then::To`]), which is for the token around it to follow. So the depth of calls is the
    /// depth of nesting, however long the way.
    fn walk(
        &mut self,
        token: TokenId,
        step: &Name,
        parent: Option<TokenId>,
        round: Option<u32>,
    ) -> Result<Then, EvalError> {
        let mut at = step.clone();
        loop {
            if self.steps_left == 0 {
                return Err(EvalError::EndlessLoop(STEPS_MAX));
            }
            self.steps_left -= 1;
            let found = self.definition.step(&at).ok_or_else(|| EvalError::Unknown(at.to_string()))?;
            let round = round.filter(|_| self.instance.token(token).is_none());
            self.emit(Event::Entered { token, step: at.clone(), parent, round });
            self.stand_at(token);
            match nodes::enter(self, token, found)? {
                Then::Wait => return Ok(Then::Wait),
                Then::Done => return Ok(Then::Done),
                Then::Next => match &found.next {
                    Some(next) => at = next.clone(),
                    None => return Ok(Then::Next),
                },
                Then::To(target) if self.scope_name(&target)? == found.scope => at = target,
                Then::To(target) => return Ok(Then::To(target)),
            }
        }
    }

    /// Takes a token on from where it stands. At the end of a branch the enclosing race is won and the enclosing
    /// block is over; a jump leaves every race and block that its target does not lie in.
    fn follow(&mut self, token: TokenId, then: Then) -> Result<(), EvalError> {
        let (mut token, mut then) = (token, then);
        loop {
            let Some(held) = self.instance.token(token).cloned() else { return Ok(()) };
            let target = match &then {
                Then::Wait | Then::Done => return Ok(()),
                Then::Next => self.definition.step(&held.step).and_then(|step| step.next.clone()),
                Then::To(target) if self.scope_name(target)? == self.scope_name(&held.step)? => Some(target.clone()),
                Then::To(_) => None,
            };
            match (target, held.parent) {
                (Some(target), parent) => {
                    self.cancel_inside(token);
                    then = self.walk(token, &target, parent, None)?;
                }
                (None, Some(parent)) => {
                    then = nodes::left(self, token, parent, then)?;
                    match then {
                        Then::Wait | Then::Done => return Ok(()),
                        Then::Next | Then::To(_) => self.cancel_inside(parent),
                    }
                    token = parent;
                }
                (None, None) => return Err(nowhere(&then)),
            }
        }
    }

    fn scope_name(&self, step: &Name) -> Result<Option<Name>, EvalError> {
        self.definition.step(step).map(|step| step.scope.clone()).ok_or_else(|| EvalError::Unknown(step.to_string()))
    }

    /// Ends every token inside another, with its task.
    pub(crate) fn cancel_inside(&mut self, token: TokenId) {
        let inside: Vec<TokenId> =
            self.instance.tokens().iter().filter(|held| held.parent == Some(token)).map(|held| held.id).collect();
        for inner in inside {
            self.cancel_inside(inner);
            self.cancel(inner);
        }
    }

    pub(crate) fn cancel_all(&mut self) {
        let all: Vec<TokenId> = self.instance.tokens().iter().map(|token| token.id).collect();
        all.into_iter().for_each(|token| self.cancel(token));
    }

    /// Ends a token; those inside it must be over.
    pub(crate) fn cancel(&mut self, token: TokenId) {
        self.abandon(token);
        self.emit(Event::TokenEnded { token });
    }

    /// Nobody needs any more what a token waits for.
    pub(crate) fn abandon(&mut self, token: TokenId) {
        let called = self.instance.token(token).and_then(|held| match held.waits {
            Waits::Return(begun) => Some(begun),
            _ => None,
        });
        let open = self.instance.tasks().iter().find(|task| task.token == token);
        if let Some((task, step)) = open.map(|task| (task.id, task.step.clone())) {
            self.emit(Event::TaskCancelled { task, step });
        }
        let job = self.instance.jobs().iter().find(|job| job.token == token);
        if let Some((job, step)) = job.map(|job| (job.id, job.step.clone())) {
            self.emit(Event::JobCancelled { job, step });
        }
        if let Some(begun) = called {
            self.effects.push(Effect::CancelCalled { begun });
        }
    }

    /// The first of these steps that a token stands in.
    pub(crate) fn place_within(&self, steps: &[Name]) -> Option<Name> {
        steps
            .iter()
            .find(|step| self.instance.tokens().iter().any(|token| self.definition.is_within(&token.step, step)))
            .cloned()
    }

    // --- fields

    /// Sets fields, then what is derived from them, then who the open tasks are for.
    pub(crate) fn set_fields(&mut self, fields: Fields) -> Result<(), EvalError> {
        let changed: Fields = fields
            .into_iter()
            .filter(|(name, value)| self.instance.fields().get(name).unwrap_or(&Value::Nothing) != value)
            .collect();
        if !changed.is_empty() {
            self.emit(Event::FieldsSet { fields: changed });
        }
        self.derive()?;
        self.reassign()
    }

    /// Computes the derived fields in written order; the checker orders them so that one pass is enough.
    pub(crate) fn derive(&mut self) -> Result<(), EvalError> {
        let definition = self.definition;
        let mut changed = Fields::new();
        for field in &definition.parts().fields {
            let FieldOrigin::Derived { from, .. } = &field.origin else { continue };
            if self.instance.overrides().contains_key(&field.name) {
                continue;
            }
            let value = from.value(&self.scope())?;
            if self.instance.fields().get(&field.name).unwrap_or(&Value::Nothing) != &value {
                changed.insert(field.name.clone(), value.clone());
                self.emit(Event::FieldsSet { fields: Fields::from([(field.name.clone(), value)]) });
            }
        }
        Ok(())
    }

    pub(crate) fn reassign(&mut self) -> Result<(), EvalError> {
        let definition = self.definition;
        let open: Vec<_> = self.instance.tasks().to_vec();
        let here = self.items.clone();
        for held in open {
            let Some(task) = definition.task(&held.step) else { continue };
            self.stand_at(held.token);
            let candidates = people::candidates(&task.candidates, &self.scope())?;
            if candidates != held.candidates {
                let again = OpenTask { candidates: candidates.clone(), in_stead_of: None, ..held.clone() };
                let may =
                    |person: &Name| substitution::capacity(person, &again, &self.instance, &self.scope()).is_some();
                // Who was asked to do the work keeps it for as long as the one who asked keeps the task.
                let keeps = held.delegated_by.as_ref().or(held.assignee.as_ref()).is_some_and(may);
                let assignee = held.assignee.filter(|_| keeps);
                self.emit(Event::TaskReassigned { task: held.id, candidates, assignee });
            }
        }
        let asked = nodes::reask(self);
        self.items = here;
        asked
    }

    // --- time

    /// Does what a task says to do while it is open too long.
    pub(crate) fn remind(&mut self, task: TaskId, reminder: usize) {
        let definition = self.definition;
        let Some((token, step)) = self.instance.task(task).map(|open| (open.token, open.step.clone())) else { return };
        self.stand_at(token);
        self.emit(Event::Reminded { task, reminder });
        let Some(held) = definition.task(&step).and_then(|task| task.reminders.get(reminder)) else { return };
        if let Err(problem) = nodes::perform(self, &held.actions) {
            self.owe(Owed::Reminder { step, reminder }, &problem);
        }
    }

    pub(crate) fn clock_run(&self, clock: &Name) -> Option<&ClockRun> {
        self.instance.clocks().iter().find(|run| run.clock == *clock)
    }

    /// The calendar that an expression names, or the process's own.
    pub(crate) fn calendar(&self, hours: Option<&Expr>) -> Result<(Name, &'a Calendar), EvalError> {
        let hours = hours.or(self.definition.parts().hours.as_ref()).ok_or_else(|| EvalError::Empty("hours".into()))?;
        match hours.value(&self.scope())? {
            Value::Ref(key) => {
                let calendar = self.calendar_named(&key)?;
                Ok((key, calendar))
            }
            _ => Err(EvalError::Empty(hours.source())),
        }
    }

    pub(crate) fn calendar_named(&self, key: &Name) -> Result<&'a Calendar, EvalError> {
        self.world
            .directory
            .calendar(key)
            .ok_or_else(|| EvalError::NoSuchEntry { register: crate::directory::CALENDAR.into(), key: key.to_string() })
    }

    /// When a length of time from now is over.
    pub(crate) fn due_at(&self, due: &Due) -> Result<Timestamp, EvalError> {
        self.due_from(due, self.world.now)
    }

    /// When a length of time from an instant is over.
    pub(crate) fn due_from(&self, due: &Due, from: Timestamp) -> Result<Timestamp, EvalError> {
        match due.span.counting {
            Counting::Plain => Ok(from.plus_ms(due.span.length_ms(crate::time::DAY_MS))),
            Counting::Working => {
                let (key, calendar) = self.calendar(due.hours.as_ref())?;
                calendar
                    .add(from, span_ms(&due.span, calendar))
                    .ok_or_else(|| EvalError::Empty(format!("working time of {key}")))
            }
        }
    }

    /// Lets go of messages that were kept for as long as was said.
    pub(crate) fn drop_expired(&mut self) {
        let now = self.world.now;
        let expired = |kept: &KeptMessage| kept.until.is_some_and(|until| until <= now);
        while let Some(place) = self.instance.kept().iter().position(expired) {
            self.emit(Event::KeptMessageLost { place });
        }
    }

    // --- effects

    pub(crate) fn notify(&mut self, whom: Vec<Principal>, template: &Name) {
        let text = self.definition.template(template).map(|found| self.fill(&found.text)).unwrap_or_default();
        self.emit(Event::Notified { whom: whom.clone(), template: template.clone() });
        self.effects.push(Effect::Notify { whom, template: template.clone(), text });
    }

    /// Begins another record, and links the two.
    pub(crate) fn begin_other(
        &mut self,
        begin: &Begin,
        waits: Awaited,
        token: Option<TokenId>,
    ) -> Result<(), EvalError> {
        if self.begun >= BEGUN_MAX {
            return Err(EvalError::TooManyBegun(BEGUN_MAX));
        }
        let fields = nodes::job::filled(self, &begin.with)?;
        let instance = InstanceId(self.world.fresh.0 + i64::from(self.begun));
        self.begun += 1;
        self.emit(Event::RecordBegun { begun: instance, process: begin.process.clone(), token });
        let mut links = Vec::new();
        for LinkMade { kind, direction } in &begin.links {
            let (kind, direction) = (kind.clone(), *direction);
            links.push(Link { kind: kind.clone(), direction: direction.reversed(), other: self.instance.id() });
            self.emit(Event::Linked { link: Link { kind, direction, other: instance } });
        }
        let requester = self.instance.requester().clone();
        let origin = Origin { by: self.instance.id(), waits, links };
        self.effects.push(Effect::Begin(Begun { instance, process: begin.process.clone(), requester, fields, origin }));
        Ok(())
    }

    /// Owes the world something.
    pub(crate) fn owe_effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Lets every step go on that waits for a signal now, in this record and, later, in all others.
    pub(crate) fn signal(&mut self, signal: &Name) {
        self.emit(Event::Signalled { signal: signal.clone() });
        self.effects.push(Effect::Signal { signal: signal.clone() });
        self.hear(signal);
    }

    /// Remembers who waits for a signal now; [`Run::finish`] lets them go on.
    pub(crate) fn hear(&mut self, signal: &Name) {
        let waits = Waits::Signal(signal.clone());
        let waiting = self.instance.tokens().iter().filter(|token| token.waits == waits);
        self.signalled.extend(waiting.map(|token| (token.id, signal.clone())));
    }

    /// Who waited for a signal when it was given, each once.
    pub(crate) fn take_signalled(&mut self) -> Vec<(TokenId, Name)> {
        std::mem::take(&mut self.signalled)
    }

    fn fill(&self, text: &Labels) -> Labels {
        let mut filled = text.clone();
        let number = self.instance.number();
        filled.en = filled.en.replace("{number}", number);
        filled.zh = filled.zh.replace("{number}", number);
        for (name, value) in self.instance.fields() {
            let hole = format!("{{{name}}}");
            if filled.en.contains(&hole) || filled.zh.contains(&hole) {
                let shown = self.labels_of(name, value);
                filled.en = filled.en.replace(&hole, &shown.en);
                filled.zh = filled.zh.replace(&hole, &shown.zh);
            }
        }
        filled
    }

    fn labels_of(&self, field: &Name, value: &Value) -> Labels {
        let plain = value.plain();
        match value {
            Value::Choice(chosen) => self
                .definition
                .field(field)
                .and_then(|field| match &field.holds {
                    crate::value::FieldType::Choice(choices) => choices.iter().find(|choice| choice.name == *chosen),
                    _ => None,
                })
                .map_or_else(|| Labels::new(&plain, &plain), |choice| choice.labels.clone()),
            Value::Ref(key) => self
                .world
                .directory
                .entry_anywhere(key)
                .map_or_else(|| Labels::new(&plain, &plain), |entry| entry.labels.clone()),
            _ => Labels::new(&plain, &plain),
        }
    }
}

/// The checker proves that every way leads to an end; this is what its mistake would look like.
fn nowhere(then: &Then) -> EvalError {
    EvalError::Unknown(match then {
        Then::To(target) => format!("way to {target}"),
        Then::Wait | Then::Done | Then::Next => "end after the last step".into(),
    })
}

/// Whether a definition's words mean the actor, for this record.
pub(crate) fn is_meant(run: &Run<'_>, whom: &[Who]) -> bool {
    people::is_meant(run.world.actor, whom, &run.scope())
}
