//! Records that no form begins, in words.

use engine::definition::{Fill, Schedule, StartMessage};
use engine::schedule::Recurrence;

use super::words::Words;

impl Words<'_> {
    /// A sentence for each schedule and each message that begins a record.
    pub(crate) fn begun_otherwise(&self) -> Vec<String> {
        let start = &self.parts.start;
        let schedules = start.schedules.iter().map(|schedule| self.schedule(schedule));
        schedules.chain(start.messages.iter().map(|message| self.start_message(message))).collect()
    }

    fn schedule(&self, schedule: &Schedule) -> String {
        let Schedule { every, requester, sets } = schedule;
        let (when, whom, sets) = (self.recurrence(every), self.expr(requester), self.fills(sets));
        self.pick(format!("One begins {when} for {whom}{sets}."), format!("{when}为{whom}自动发起{sets}。"))
    }

    fn start_message(&self, start: &StartMessage) -> String {
        let StartMessage { message, from, key, sets } = start;
        let (message, from, sets) = (self.message(message), self.people(from), self.fills(sets));
        let once = key
            .as_ref()
            .map(|key| self.expr(key))
            .map_or_else(String::new, |key| self.pick(format!(", once for each {key}"), format!("，每个{key}一次")));
        self.pick(
            format!("The message {message} from {from} begins one{once}{sets}."),
            format!("收到{from}的消息 {message} 时发起{once}{sets}。"),
        )
    }

    fn recurrence(&self, every: &Recurrence) -> String {
        match every {
            Recurrence::Day => self.pick("every day".into(), "每天".into()),
            Recurrence::Week => self.pick("every week".into(), "每周".into()),
            Recurrence::Month => self.pick("every month".into(), "每月".into()),
            Recurrence::Quarter => self.pick("every quarter".into(), "每季度".into()),
            Recurrence::Year => self.pick("every year".into(), "每年".into()),
            Recurrence::Length(span) => {
                let span = self.span(span);
                self.pick(format!("every {span}"), format!("每 {span}"))
            }
            Recurrence::Cron(cron) => {
                let line = &cron.line;
                self.pick(format!("by the cron line {line}"), format!("按 cron 表达式 {line}"))
            }
        }
    }

    fn fills(&self, sets: &[Fill]) -> String {
        let said: Vec<String> =
            sets.iter().map(|Fill { field, value }| format!("{} = {}", self.field(field), self.expr(value))).collect();
        if said.is_empty() {
            return String::new();
        }
        let said = said.join(&self.pick(", ".into(), "，".into()));
        self.pick(format!(", with {said}"), format!("，{said}"))
    }
}
