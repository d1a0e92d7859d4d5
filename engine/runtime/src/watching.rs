//! Telling those who watch a record what became of it. Who watches is no fact about the record, so the core does not know
//! them: they are asked for where a step is committed, and told by an effect of its commit. Each is judged on the record as
//! it is then; who may not read what was written is not told of it, nor is anybody of what they did themselves.

use std::collections::BTreeSet;

use engine::Step;
use engine::audience::Audience;
use engine::definition::{Definition, End, Labels, StepKind};
use engine::directory::PERSON;
use engine::effect::Effect;
use engine::event::{Actor, Event, Principal};
use engine::expr::Scope;
use engine::ids::Name;
use engine::instance::KeptMessage;
use engine::people;
use engine::time::Timestamp;

use crate::{Runtime, RuntimeError};

/// What stands for the template of a notice to watchers. No template is called so.
const WATCHED: &str = "(watched)";

/// What watchers are told of.
struct News<'e> {
    audience: Audience,
    /// Who was told of the same by name.
    told: Option<&'e BTreeSet<Name>>,
    text: Labels,
}

impl Runtime {
    /// A step that owes its notices to those who watch its record as well.
    pub(crate) fn told_to_watchers(
        &self,
        step: Step,
        definition: &Definition,
        (now, actor): (Timestamp, &Actor),
    ) -> Result<Step, RuntimeError> {
        let news: Vec<News<'_>> =
            step.events.iter().filter_map(|event| self.news_of(event, &step, definition, actor)).collect();
        if news.is_empty() {
            return Ok(step);
        }
        let watchers = self.store().watchers(step.instance.id())?;
        let directory = self.directory();
        let scope = Scope {
            definition,
            fields: step.instance.fields(),
            requester: step.instance.requester(),
            directory: &directory,
            records: self,
            number: step.instance.number(),
            now,
            items: &[],
        };
        let reads =
            |person: &Name, audience| people::reads(&Actor::Person(person.clone()), audience, &step.instance, &scope);
        let notice = |news: News<'_>| {
            let is_told = |person: &&Name| {
                actor.person() != Some(*person)
                    && !news.told.is_some_and(|told| told.contains(*person))
                    && reads(person, news.audience)
            };
            let whom: Vec<Principal> = watchers.iter().filter(is_told).cloned().map(Principal::Person).collect();
            (!whom.is_empty()).then(|| Effect::Notify { whom, template: Name::from(WATCHED), text: news.text })
        };
        let notices: Vec<Effect> = news.into_iter().filter_map(notice).collect();
        let Step { instance, events, mut effects } = step;
        effects.extend(notices);
        Ok(Step { instance, events, effects })
    }

    /// What of an event is news for watchers. What a comment says stands on the record, where it is asked who reads it.
    fn news_of<'e>(&self, event: &'e Event, step: &Step, definition: &Definition, actor: &Actor) -> Option<News<'e>> {
        let number = step.instance.number();
        match event {
            Event::Commented { text: _, audience, tells } => {
                let Labels { en, zh } = self.called(actor);
                let text = Labels::new(
                    &format!("{en} commented on {number}, which you watch"),
                    &format!("{zh}评论了您关注的 {number}"),
                );
                Some(News { audience: *audience, told: Some(tells), text })
            }
            Event::MessageReceived { message, .. } | Event::MessageKept { kept: KeptMessage { message, .. } } => {
                let Labels { en, zh } = self.called(actor);
                let text = match definition.parts().messages.get(message) {
                    Some(said) => Labels::new(
                        &format!("{en} sent “{}” to {number}, which you watch", said.en),
                        &format!("{zh}就您关注的 {number} 提交了“{}”", said.zh),
                    ),
                    None => Labels::new(
                        &format!("{en} replied on {number}, which you watch"),
                        &format!("{zh}回复了您关注的 {number}"),
                    ),
                };
                Some(News { audience: Audience::Public, told: None, text })
            }
            Event::Ended { outcome, at: _ } => {
                let Labels { en, zh } = end_labels(definition, outcome);
                let text = Labels::new(
                    &format!("{number}, which you watch, has ended: {en}"),
                    &format!("您关注的 {number} 已结束：{zh}"),
                );
                Some(News { audience: Audience::Public, told: None, text })
            }
            _ => None,
        }
    }

    /// Who did something, in both languages.
    fn called(&self, actor: &Actor) -> Labels {
        let directory = self.directory();
        let labels = actor.person().and_then(|key| directory.entry(PERSON, key)).map(|entry| entry.labels.clone());
        labels.unwrap_or_else(|| Labels::new("Tiaoli", "条理"))
    }
}

/// How a record ended, in words.
fn end_labels(definition: &Definition, outcome: &Name) -> Labels {
    let is_that = |step: &&engine::definition::Step| matches!(&step.kind, StepKind::End(End { outcome: held }) if held == outcome);
    let labels = definition.parts().steps.iter().find(is_that).map(|step| step.labels.clone()).unwrap_or_default();
    let or_name = |label: String| if label.is_empty() { outcome.as_str().replace('_', " ") } else { label };
    Labels { en: or_name(labels.en), zh: or_name(labels.zh) }
}
