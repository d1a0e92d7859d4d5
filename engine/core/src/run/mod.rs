//! One command on its way through an instance: the working copy, the facts so far, the budget.

mod effects;
mod failure;
mod fields;
mod leave;
mod text;
mod time;
mod walk;

use std::collections::{BTreeMap, VecDeque};

use crate::clock;
use crate::definition::{Definition, Reaction, Who};
use crate::effect::Effect;
use crate::event::{Event, Owed};
use crate::expr::{EvalError, Scope};
use crate::ids::{Name, TokenId};
use crate::instance::{Instance, Status};
use crate::nodes;
use crate::people;
use crate::step::{Step as Stepped, World};
use crate::value::Items;

/// The most steps that one command may pass through. A loop that never waits ends here as a repair, not a hung
/// server.
pub const STEPS_MAX: u32 = 1_000;

/// How often one command looks whether something follows from its changes. Reactions that call each other without end
/// end here as a repair.
pub(crate) const PASSES_MAX: u32 = 16;

pub(crate) struct Run<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) world: &'a World<'a>,
    /// The record as it was.
    before: &'a Instance,
    pub(crate) instance: Instance,
    events: Vec<Event>,
    effects: Vec<Effect>,
    /// The tokens whose steps failed, with why; see [`Run::fail`].
    failures: VecDeque<(TokenId, EvalError)>,
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
    /// A command on a record; what its clocks have passed before is done first, so that a clock that the command stops
    /// or pauses has passed everything that it passed. The clocks of a suspended record wait.
    pub(crate) fn new(definition: &'a Definition, before: &'a Instance, world: &'a World<'a>) -> Run<'a> {
        let mut run = Run {
            definition,
            world,
            before,
            instance: before.clone(),
            events: Vec::new(),
            effects: Vec::new(),
            failures: VecDeque::new(),
            signalled: Vec::new(),
            items: Items::new(),
            begun: 0,
            steps_left: STEPS_MAX,
            detours: BTreeMap::new(),
        };
        match before.status() {
            Status::Running | Status::Stuck(_) => clock::catch_up(&mut run),
            Status::Suspended(_) | Status::Ended { .. } => {}
        }
        run
    }

    /// The only way that a run changes anything.
    pub(crate) fn emit(&mut self, event: Event) {
        for held in self.files_brought(&event) {
            self.happen(Event::Attached { held: Box::new(held) });
        }
        self.happen(event);
    }

    fn happen(&mut self, event: Event) {
        self.instance.apply(&event);
        self.events.push(event);
    }

    /// Does all of some work or nothing of it.
    pub(crate) fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, EvalError>) -> Result<T, EvalError> {
        let (events, effects) = (self.events.len(), self.effects.len());
        let (signalled, begun) = (self.signalled.len(), self.begun);
        let done = work(self);
        if done.is_err() {
            self.events.truncate(events);
            self.effects.truncate(effects);
            self.signalled.truncate(signalled);
            self.begun = begun;
            self.instance = self.before.clone();
            self.events.iter().for_each(|event| self.instance.apply(event));
        }
        done
    }

    /// Does what follows from the changes, as long as something does, and gives everything away.
    pub(crate) fn finish(self) -> Stepped {
        let held = self.held_before();
        self.finish_after(held)
    }

    /// As [`Run::finish`] after a change of version: what the record says is not news, so no reaction follows from it.
    pub(crate) fn finish_quietly(self) -> Stepped {
        let held = self.held_in(&self.instance);
        self.finish_after(held)
    }

    fn finish_after(mut self, held: Vec<bool>) -> Stepped {
        match self.instance.status() {
            // Nothing follows from anything: what has come true meanwhile is seen when it goes on.
            Status::Suspended(_) => nodes::settle(&mut self),
            Status::Running | Status::Stuck(_) | Status::Ended { .. } => self.follow_up(held),
        }
        Stepped { instance: self.instance, events: self.events, effects: self.effects }
    }

    /// Does what follows from the changes, as long as something does.
    fn follow_up(&mut self, mut held: Vec<bool>) {
        for _ in 0..PASSES_MAX {
            let seen = self.events.len();
            self.face_failures();
            nodes::settle(self);
            self.react(&mut held);
            nodes::settle(self);
            if self.instance.is_ended() {
                return;
            }
            clock::settle(self);
            if self.failures.is_empty() && self.events.len() == seen {
                return;
            }
        }
        self.repair(&EvalError::EndlessReactions);
    }

    /// Which reactions' conditions held before the command: none of a record that it begins.
    fn held_before(&self) -> Vec<bool> {
        match self.before.is_born() {
            true => self.held_in(self.before),
            false => vec![false; self.definition.parts().reactions.len()],
        }
    }

    fn held_in(&self, instance: &Instance) -> Vec<bool> {
        let held = |reaction: &Reaction| reaction.becomes.holds(&self.scope_of(instance)).unwrap_or(false);
        self.definition.parts().reactions.iter().map(held).collect()
    }

    fn react(&mut self, held: &mut [bool]) {
        self.stand_nowhere();
        let definition = self.definition;
        for ((place, reaction), held) in definition.parts().reactions.iter().enumerate().zip(held) {
            if self.instance.is_ended() {
                return;
            }
            match reaction.becomes.holds(&self.scope()) {
                Ok(holds) => {
                    let comes_true = holds && !*held;
                    *held = holds;
                    if comes_true && let Err(problem) = nodes::perform(self, &reaction.actions) {
                        self.owe(Owed::Reaction(place), &problem);
                    }
                }
                // Nothing has come true; it is asked again when somebody has mended what it reads.
                Err(problem) => self.repair(&problem),
            }
        }
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
            records: self.world.records,
            number: instance.number(),
            now: self.world.now,
            items: &self.items,
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
}

/// Whether a definition's words mean the actor, for this record.
pub(crate) fn is_meant(run: &Run<'_>, whom: &[Who]) -> bool {
    people::is_meant(run.world.actor, whom, &run.scope())
}
