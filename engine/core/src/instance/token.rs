//! The places where a record stands.

use serde::{Deserialize, Serialize};

use super::{Instance, is_zero};
use crate::definition::{Definition, ERROR, Handled, StepKind};
use crate::event::Principal;
use crate::ids::{InstanceId, JobId, Name, TaskId, TokenId};
use crate::time::Timestamp;
use crate::value::{Items, Value};

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

/// What a token waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// The engine, within a step of its own.
    Engine,
    /// The tokens inside it.
    Inner,
    /// That the end of its round can be judged.
    Judgement,
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
    /// That the record goes on: its signal came while it was stuck or suspended.
    Heard(Name),
    /// An instant.
    Time(Timestamp),
    /// A condition, asked after every command and when [`Token::sleeps_until`] has come.
    Condition,
}

impl Waits {
    /// The message and who may send it, where one is waited for.
    pub fn message(&self) -> Option<(&Name, &[Principal])> {
        match self {
            Waits::Message { message, from } => Some((message, from)),
            _ => None,
        }
    }
}

impl Instance {
    pub(super) fn enter(&mut self, token: TokenId, step: &Name, parent: Option<TokenId>, round: Option<u32>) {
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

    pub(super) fn end_token(&mut self, token: TokenId) {
        self.tokens.retain(|held| held.id != token);
        self.ballots.retain(|ballot| ballot.token != token);
    }

    /// The token goes on alone; a new one in its place holds those that were inside it.
    pub(super) fn leave_rest(&mut self, token: TokenId, rest: TokenId) {
        self.next_token = self.next_token.max(rest.0 + 1);
        let Some(held) = self.token(token).cloned() else { return };
        self.tokens.iter_mut().filter(|inner| inner.parent == Some(token)).for_each(|inner| inner.parent = Some(rest));
        self.tokens.push(Token { id: rest, waits: Waits::Rest, ..held });
        self.set_waits(token, Waits::Engine);
    }

    pub(super) fn set_waits(&mut self, token: TokenId, waits: Waits) {
        self.with_token(token, |held| {
            held.waits = waits;
            held.counts_since = None;
            held.sleeps_until = None;
        });
    }

    pub(super) fn with_token(&mut self, token: TokenId, change: impl FnOnce(&mut Token)) {
        if let Some(held) = self.tokens.iter_mut().find(|held| held.id == token) {
            change(held);
        }
    }

    pub(crate) fn token(&self, id: TokenId) -> Option<&Token> {
        self.tokens.iter().find(|token| token.id == id)
    }

    pub(crate) fn new_token(&self) -> TokenId {
        TokenId(self.next_token)
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
            if let (Some(repair), Some(StepKind::Handler { of: Handled::Error, .. })) =
                (&self.caught, definition.step(&held.step).map(|step| &step.kind))
            {
                items.push((Name::from(ERROR), repair.as_value()));
            }
            at = around;
        }
        items
    }

    /// The tokens that wait for nothing, since what they did failed half way, but for the one whose failure is being handled.
    /// A running instance has none.
    pub(crate) fn half_way(&self) -> Vec<TokenId> {
        let handled = |token: &&Token| {
            self.caught.as_ref().is_some_and(|caught| caught.token == token.id && caught.step == token.step)
        };
        let idle = |token: &&Token| match token.waits {
            Waits::Engine | Waits::Judgement => true,
            Waits::Inner | Waits::Rest => self.tokens.iter().all(|held| held.parent != Some(token.id)),
            Waits::Task(task) => self.task(task).is_none(),
            Waits::Job(job) => self.job(job).is_none(),
            Waits::Message { .. }
            | Waits::Return(_)
            | Waits::Signal(_)
            | Waits::Heard(_)
            | Waits::Time(_)
            | Waits::Condition => false,
        };
        self.tokens.iter().filter(idle).filter(|token| !handled(token)).map(|token| token.id).collect()
    }
}
