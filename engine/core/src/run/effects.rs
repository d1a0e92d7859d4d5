//! What a step owes the world.

use std::collections::BTreeSet;

use super::Run;
use crate::definition::{Begin, Channel, Fill, Labels, LinkMade};
use crate::effect::{Awaited, Begun, Caller, Effect, Link};
use crate::event::{Actor, Event, Principal};
use crate::expr::{EvalError, Expr};
use crate::ids::{InstanceId, Name, TokenId};
use crate::instance::Waits;
use crate::nodes;
use crate::people;
use crate::records::each;
use crate::register::EntryOwed;
use crate::step::BEGUN_MAX;
use crate::value::{Fields, Value};

/// What stands for the template of a notice about a comment. No template is called so.
const COMMENT: &str = "(comment)";

impl<'a> Run<'a> {
    pub(crate) fn notify(&mut self, whom: Vec<Principal>, template: &Name, by: Channel) {
        let text = self.definition.template(template).map(|found| self.fill(&found.text, &whom)).unwrap_or_default();
        self.emit(Event::Notified { whom: whom.clone(), template: template.clone(), by });
        match by {
            Channel::Inbox => self.effects.push(Effect::Notify { whom, template: template.clone(), text }),
            // One effect each, so that an address that takes nothing keeps nobody else waiting and sends nothing twice.
            Channel::Email => {
                let each = people::members(&whom, self.world.directory).into_iter();
                self.effects.extend(each.map(|to| Effect::Mail { to, text: text.clone() }));
            }
        }
    }

    /// Tells people something that no template says.
    pub(crate) fn tell(&mut self, people: BTreeSet<Name>, text: Labels) {
        let whom = people.into_iter().map(Principal::Person).collect();
        self.effects.push(Effect::Notify { whom, template: Name::from(COMMENT), text });
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
        let requester = match (waits, self.world.actor) {
            // What somebody raises is asked for by who raises it; a called record is a part of this one.
            (Awaited::Started, Actor::Person(by)) => by.clone(),
            (Awaited::Started | Awaited::Called, _) => self.instance.requester().clone(),
        };
        let origin = Caller { by: self.instance.id(), waits, links };
        self.effects.push(Effect::Begin(Begun { instance, process: begin.process.clone(), requester, fields, origin }));
        Ok(())
    }

    /// Enters the record into a register, under its number.
    pub(crate) fn enter_into(&mut self, register: &Name, with: &[Fill]) -> Result<(), EvalError> {
        let fields = self.said(with)?;
        let key = Name::from(self.instance.number().to_lowercase());
        let title = self.instance.fields().get(&self.definition.parts().title).map(Value::plain);
        self.put_entry(EntryOwed { register: register.clone(), key, title, fields });
        Ok(())
    }

    /// Gives other attributes to the entries that an expression names.
    pub(crate) fn update_entries(&mut self, register: &Name, of: &Expr, with: &[Fill]) -> Result<(), EvalError> {
        let fields = self.said(with)?;
        let named = of.value(&self.scope())?;
        for value in each(&named) {
            let Value::Ref(key) = value else { return Err(EvalError::Empty(of.source())) };
            let (register, key) = (register.clone(), key.clone());
            self.put_entry(EntryOwed { register, key, title: None, fields: fields.clone() });
        }
        Ok(())
    }

    /// What an entry is to say; what has no value empties its attribute.
    fn said(&self, with: &[Fill]) -> Result<Fields, EvalError> {
        with.iter().map(|fill| Ok((fill.field.clone(), fill.value.value(&self.scope())?))).collect()
    }

    fn put_entry(&mut self, owed: EntryOwed) {
        let (register, key, fields) = (owed.register.clone(), owed.key.clone(), owed.fields.clone());
        self.emit(Event::EntryPut { register, key, fields });
        self.effects.push(Effect::Put(owed));
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

    /// Remembers who waits for a signal now: [`Run::finish`] lets them go on, or keeps it for them until the record does.
    pub(crate) fn hear(&mut self, signal: &Name) {
        let waits = Waits::Signal(signal.clone());
        let waiting = self.instance.tokens().iter().filter(|token| token.waits == waits);
        self.signalled.extend(waiting.map(|token| (token.id, signal.clone())));
    }

    /// Who waited for a signal when it was given, each once.
    pub(crate) fn take_signalled(&mut self) -> Vec<(TokenId, Name)> {
        std::mem::take(&mut self.signalled)
    }
}
