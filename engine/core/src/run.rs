//! One command on its way through an instance: the working copy, the facts so far, the budget.

use std::collections::BTreeMap;

use crate::blame;
use crate::calendar::{Calendar, span_ms};
use crate::clock;
use crate::command::{Immovable, Rejection};
use crate::definition::{Definition, Due, Labels, Needs, Origin, StepKind, Who};
use crate::effect::Effect;
use crate::event::{Event, Owed, Principal, Repair};
use crate::expr::{EvalError, Expr, Scope};
use crate::ids::{Name, TaskId, TokenId};
use crate::instance::{ClockRun, Instance, Status};
use crate::nodes::{self, Then};
use crate::people;
use crate::places::Way;
use crate::step::{Step as Stepped, World};
use crate::time::{Counting, Timestamp};
use crate::value::{Fields, Value};

/// The most steps that one command may pass through. A loop that never waits ends here as a repair, not a hung
/// server.
pub const STEPS_MAX: u32 = 1_000;

pub(crate) struct Run<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) world: &'a World<'a>,
    pub(crate) instance: Instance,
    events: Vec<Event>,
    effects: Vec<Effect>,
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
            steps_left: STEPS_MAX,
            detours: BTreeMap::new(),
        }
    }

    /// The only way that a run changes anything.
    pub(crate) fn emit(&mut self, event: Event) {
        self.instance.apply(&event);
        self.events.push(event);
    }

    /// Does what follows from the changes, and gives everything away.
    pub(crate) fn finish(mut self, before: Option<&Instance>) -> Stepped {
        self.follow_up_on(before);
        self.given_away()
    }

    /// As [`Run::finish`] after a change of version: what the record says is not news, so no reaction follows from it.
    pub(crate) fn finish_quietly(mut self) -> Stepped {
        match self.instance.status() {
            Status::Suspended(_) => {}
            Status::Running | Status::Stuck(_) | Status::Ended { .. } => {
                nodes::settle(&mut self);
                if !self.instance.is_ended() {
                    clock::settle(&mut self);
                }
            }
        }
        self.given_away()
    }

    fn given_away(self) -> Stepped {
        Stepped { instance: self.instance, events: self.events, effects: self.effects }
    }

    fn follow_up_on(&mut self, before: Option<&Instance>) {
        match self.instance.status() {
            // Nothing follows from anything: what has come true meanwhile is seen when it goes on.
            Status::Suspended(_) => {}
            Status::Running | Status::Stuck(_) | Status::Ended { .. } => self.follow_up(before),
        }
    }

    fn follow_up(&mut self, before: Option<&Instance>) {
        let mut seen: Option<Instance> = None;
        loop {
            nodes::settle(self);
            self.react(seen.as_ref().or(before));
            nodes::settle(self);
            if self.instance.is_ended() {
                return;
            }
            let settled = clock::sets_fields(self.definition).then(|| self.instance.clone());
            clock::settle(self);
            // What a clock sets may be what somebody waits for, or news to a reaction: once more around.
            match settled {
                Some(settled) if settled.fields() != self.instance.fields() => seen = Some(settled),
                Some(_) | None => return,
            }
            match self.steps_left.checked_sub(1) {
                Some(left) => self.steps_left = left,
                None => return self.repair(&EvalError::EndlessLoop(STEPS_MAX)),
            }
        }
    }

    fn react(&mut self, before: Option<&Instance>) {
        let definition = self.definition;
        for (place, reaction) in definition.parts().reactions.iter().enumerate() {
            let held = before.is_some_and(|instance| reaction.becomes.holds(&self.scope_of(instance)).unwrap_or(false));
            if held || self.instance.is_ended() {
                continue;
            }
            let done = match reaction.becomes.holds(&self.scope()) {
                Ok(true) => nodes::perform(self, &reaction.actions),
                Ok(false) => Ok(()),
                Err(problem) => Err(problem),
            };
            if let Err(problem) = done {
                self.owe(Owed::Reaction(place), &problem);
            }
        }
    }

    /// Does once more what could not be done when its moment came.
    pub(crate) fn pay(&mut self, owed: &Owed) {
        for action in owed.actions(self.definition.parts()) {
            if let Err(problem) = nodes::perform(self, std::slice::from_ref(action)) {
                self.owe(owed.clone(), &problem);
                return;
            }
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
        let first = || self.instance.tokens().first().map(|token| token.id);
        let token = self.instance.half_way().or_else(first).unwrap_or(TokenId(0));
        let step = self.instance.token(token).map_or_else(|| Name::from(""), |token| token.step.clone());
        let line = self.definition.step(&step).map_or(0, |step| step.line);
        let culprit = blame::culprit(self, &step, &owed, problem);
        let (expression, saw) =
            culprit.map_or((None, Fields::new()), |found| (Some(found.source()), self.seen_by(found)));
        let problem = problem.to_string();
        self.emit(Event::RepairNeeded { repair: Repair { token, step, line, problem, expression, saw, owed } });
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
        }
    }

    // --- places

    /// Brings the first token to the first step.
    pub(crate) fn begin(&mut self) {
        let token = self.instance.new_token();
        let first = self.definition.parts().first.clone();
        if let Err(problem) = self.walk(token, &first, None).and_then(|then| self.follow(token, then)) {
            self.repair(&problem);
        }
    }

    /// Lets a token go on from where it stands; a failure on the way becomes a repair.
    pub(crate) fn proceed(&mut self, token: TokenId, then: Then) {
        if let Err(problem) = self.follow(token, then) {
            self.repair(&problem);
        }
    }

    /// Lets a token do its step once more, after a repair.
    pub(crate) fn redo(&mut self, token: TokenId) {
        let Some(held) = self.instance.token(token).cloned() else { return };
        if let Err(problem) = self.walk(token, &held.step, held.parent).and_then(|then| self.follow(token, then)) {
            self.repair(&problem);
        }
    }

    /// Does what is still to be done after a repair: the step at which the instance stands half way, and what is owed.
    pub(crate) fn recover(&mut self, owed: &[Owed]) {
        if let Some(token) = self.instance.half_way() {
            self.redo(token);
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
        let token = self.instance.new_token();
        let step = self.detours.remove(step).unwrap_or_else(|| step.clone());
        let then = self.walk(token, &step, Some(parent));
        match then {
            Ok(Then::Wait | Then::Next | Then::Done) => {}
            Ok(Then::To(_)) | Err(_) => self.cancel_inside(parent),
        }
        then
    }

    /// Takes a token from step to step until it waits; or until it comes to the end of its branch ([`Then::Next`])
    /// or jumps out of it ([`Then::To`]), which is for the token around it to follow. So the depth of calls is the
    /// depth of nesting, however long the way.
    fn walk(&mut self, token: TokenId, step: &Name, parent: Option<TokenId>) -> Result<Then, EvalError> {
        let mut at = step.clone();
        loop {
            if self.steps_left == 0 {
                return Err(EvalError::EndlessLoop(STEPS_MAX));
            }
            self.steps_left -= 1;
            let found = self.definition.step(&at).ok_or_else(|| EvalError::Unknown(at.to_string()))?;
            self.emit(Event::Entered { token, step: at.clone(), parent });
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
                    then = self.walk(token, &target, parent)?;
                }
                (None, Some(parent)) => {
                    if let (Then::Next, Some(needs)) = (&then, self.joins(parent)) {
                        then = nodes::branch_ended(self, token, parent, needs);
                    }
                    if then != Then::Wait {
                        self.cancel_inside(parent);
                    }
                    token = parent;
                }
                (None, None) => return Err(nowhere(&then)),
            }
        }
    }

    /// How many branches the step of a token waits for, if it waits for several.
    fn joins(&self, token: TokenId) -> Option<Needs> {
        let held = self.instance.token(token)?;
        match &self.definition.step(&held.step)?.kind {
            StepKind::Together { needs, .. } => Some(*needs),
            _ => None,
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

    fn cancel(&mut self, token: TokenId) {
        self.abandon(token);
        self.emit(Event::TokenEnded { token });
    }

    /// Nobody needs any more what a token waits for.
    pub(crate) fn abandon(&mut self, token: TokenId) {
        let open = self.instance.tasks().iter().find(|task| task.token == token);
        if let Some((task, step)) = open.map(|task| (task.id, task.step.clone())) {
            self.emit(Event::TaskCancelled { task, step });
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
            let Origin::Derived { from, .. } = &field.origin else { continue };
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
        for held in open {
            let Some(task) = definition.task(&held.step) else { continue };
            let candidates = people::candidates(&task.candidates, &self.scope())?;
            if candidates != held.candidates {
                let assignee =
                    held.assignee.filter(|person| people::is_among(person, &candidates, self.world.directory));
                self.emit(Event::TaskReassigned { task: held.id, candidates, assignee });
            }
        }
        Ok(())
    }

    // --- time

    /// Does what a task says to do while it is open too long.
    pub(crate) fn remind(&mut self, task: TaskId, reminder: usize) {
        let definition = self.definition;
        let Some(step) = self.instance.task(task).map(|open| open.step.clone()) else { return };
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

    // --- effects

    pub(crate) fn notify(&mut self, whom: Vec<Principal>, template: &Name) {
        let text = self.definition.template(template).map(|found| self.fill(&found.text)).unwrap_or_default();
        self.emit(Event::Notified { whom: whom.clone(), template: template.clone() });
        self.effects.push(Effect::Notify { whom, template: template.clone(), text });
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
