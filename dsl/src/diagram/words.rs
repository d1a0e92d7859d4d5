//! What the picture says, in one language, and how much room the words take.

use engine::definition::{Action, Candidates, Channel, Due, Labels, Needs, Parts, Quorum, Step, StepKind, Until, Who};
use engine::expr::Expr;
use engine::ids::Name;
use engine::time::{Counting, Span, Unit};

use super::lines::broken;
use crate::{Language, explain};

/// The size of a node's own words, in pixels.
pub(super) const WORD_SIZE: f64 = 13.0;
/// The size of what stands beside them: who, how long, outcomes.
pub(super) const SMALL_SIZE: f64 = 11.5;
/// The widest line of a node's words before they are broken, in pixels.
const LINE_MAX: f64 = 150.0;
/// The same for what stands below the name of a task.
const SMALL_LINE_MAX: f64 = 200.0;
/// The same for what happens without people, which should not take the room of tasks.
const EVENT_LINE_MAX: f64 = 104.0;
/// The most lines that a node's words take; what does not fit is cut and stands in the node's title.
const LINES_MAX: usize = 3;

/// What is written on a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Face {
    /// What it is called, broken into lines.
    pub(super) lines: Vec<String>,
    /// Who does it, by when, broken into lines; empty where there is nothing to say.
    pub(super) small: Vec<String>,
    /// What a reader is told who points at it.
    pub(super) title: String,
}

/// The words of one language about one process.
#[derive(Clone, Copy)]
pub(super) struct Words<'p> {
    parts: &'p Parts,
    language: Language,
}

impl<'p> Words<'p> {
    pub(super) fn new(parts: &'p Parts, language: Language) -> Words<'p> {
        Words { parts, language }
    }

    /// The language's tag, for the document.
    pub(super) fn tag(self) -> &'static str {
        self.say("en", "zh-CN")
    }

    pub(super) fn of(self, labels: &Labels) -> String {
        match self.language {
            Language::En => labels.en.clone(),
            Language::Zh => labels.zh.clone(),
        }
    }

    pub(super) fn say(self, en: &'static str, zh: &'static str) -> &'static str {
        match self.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }

    pub(super) fn start(self) -> Face {
        let who = self.people(&self.parts.start.by);
        let title = self.joined(&[self.say("Start", "开始"), &who]);
        Face {
            lines: vec![self.say("Start", "开始").to_owned()],
            small: broken(&who, SMALL_SIZE, LINE_MAX, LINES_MAX),
            title,
        }
    }

    pub(super) fn otherwise(self) -> &'static str {
        self.say("otherwise", "否则")
    }

    /// The face of a step.
    pub(super) fn face(self, step: &Step) -> Face {
        let called = self.of(&step.labels);
        let (name, small) = match &step.kind {
            StepKind::Task(task) => {
                let due = task.due.as_ref().map(|due| self.within(due)).unwrap_or_default();
                (called, self.joined(&[&self.candidates(&task.candidates), &due]))
            }
            StepKind::Approval(approval) => {
                let due = approval.due.as_ref().map(|due| self.within(due)).unwrap_or_default();
                let levels: Vec<String> = approval.levels.iter().map(|level| self.candidates(level)).collect();
                let levels = levels.join(self.say(", then ", "，然后"));
                (called, self.joined(&[&levels, &self.quorum(approval.needs), &due]))
            }
            StepKind::Milestone | StepKind::Choose { .. } => (called, String::new()),
            StepKind::Race { .. } => (called, self.say("first to finish wins", "先发生者为准").to_owned()),
            StepKind::Together { needs, .. } => (called, self.needs(*needs)),
            StepKind::Wait { until: Until::Instant(until) | Until::Condition(until) } => {
                (or(called, || format!("{}{}", self.say("Until ", "等到"), self.condition(until))), String::new())
            }
            StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Handler { .. }
            | StepKind::Extra { .. } => {
                let says = explain::Words { parts: self.parts, language: self.language }.says(&step.kind);
                match called.is_empty() {
                    true => (capital(&says.unwrap_or_default()), String::new()),
                    false => (called, says.unwrap_or_default()),
                }
            }
            StepKind::Block { .. } => (called, String::new()),
            StepKind::Receive { message, from, .. } => {
                (or(called, || self.message(message)), self.joined(&[&self.people(from)]))
            }
            StepKind::Timer { after } => (or(called, || self.after(&after.span)), String::new()),
            StepKind::Act { actions } => (or(called, || self.actions(actions)), String::new()),
            StepKind::End(end) => (or(called, || plain(&end.outcome)), String::new()),
        };
        let title = self.joined(&[&name, &small]);
        let (size, line_max, small_max) = match &step.kind {
            StepKind::Act { .. } | StepKind::Undo => (SMALL_SIZE, EVENT_LINE_MAX, EVENT_LINE_MAX),
            StepKind::Timer { .. } | StepKind::Wait { .. } | StepKind::Receive { .. } | StepKind::Signal { .. } => {
                (WORD_SIZE, EVENT_LINE_MAX, EVENT_LINE_MAX)
            }
            StepKind::Task(_)
            | StepKind::Approval(_)
            | StepKind::Milestone
            | StepKind::Together { .. }
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::Race { .. }
            | StepKind::Block { .. }
            | StepKind::Choose { .. }
            | StepKind::End(_) => (WORD_SIZE, LINE_MAX, SMALL_LINE_MAX),
        };
        Face {
            lines: broken(&name, size, line_max, LINES_MAX),
            small: broken(&small, SMALL_SIZE, small_max, LINES_MAX),
            title,
        }
    }

    fn needs(self, needs: Needs) -> String {
        match needs {
            Needs::All => self.say("all at once", "同时进行").to_owned(),
            Needs::Count(1) => self.say("at once, any is enough", "同时进行，任一完成即可").to_owned(),
            Needs::Count(count) => match self.language {
                Language::En => format!("at once, {count} are enough"),
                Language::Zh => format!("同时进行，完成 {count} 项即可"),
            },
        }
    }

    fn quorum(self, needs: Quorum) -> String {
        match (needs, self.language) {
            (Quorum::One, _) => self.say("one yes is enough", "一人同意即可").to_owned(),
            (Quorum::All, _) => self.say("all must agree", "须全部同意").to_owned(),
            (Quorum::Count(count), Language::En) => format!("{count} must agree"),
            (Quorum::Count(count), Language::Zh) => format!("须 {count} 人同意"),
            (Quorum::Percent(share), Language::En) => format!("{share}% must agree"),
            (Quorum::Percent(share), Language::Zh) => format!("须 {share}% 同意"),
        }
    }

    fn joined(self, parts: &[&str]) -> String {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }

    fn candidates(self, candidates: &Candidates) -> String {
        self.people(&candidates.any)
    }

    fn people(self, whom: &[Who]) -> String {
        let each: Vec<String> = whom.iter().map(|who| self.person(who)).collect();
        each.join(self.say(", ", "、"))
    }

    fn person(self, who: &Who) -> String {
        match who {
            Who::Anyone => self.say("anyone", "任何人").to_owned(),
            Who::Nobody => self.say("nobody", "无人").to_owned(),
            Who::Requester => self.say("requester", "申请人").to_owned(),
            Who::Role(role) => match self.parts.roles.get(role) {
                Some(labels) => self.of(labels),
                None => plain(role),
            },
            Who::RoleOf(expr) | Who::Team(expr) | Who::Person(expr) => self.expression(expr),
        }
    }

    fn expression(self, expr: &Expr) -> String {
        let field = match expr {
            Expr::Field(name) => self.parts.fields.iter().find(|field| field.name == *name),
            _ => None,
        };
        let said = || explain::Words { parts: self.parts, language: self.language }.expr(expr);
        field.map_or_else(said, |field| self.of(&field.labels).to_lowercase())
    }

    fn message(self, message: &Name) -> String {
        if let Some(labels) = self.parts.messages.get(message) {
            return self.of(labels);
        }
        match self.language {
            Language::En => capital(&plain(message)),
            Language::Zh => match message.as_str() {
                "reply" => "收到回复".to_owned(),
                _ => format!("收到“{}”", plain(message)),
            },
        }
    }

    /// What another process or a register is called, in quotation marks where the language sets them.
    fn called(self, name: &Name) -> String {
        let called = self.parts.called.get(name).map_or_else(|| plain(name), |labels| self.of(labels));
        match self.language {
            Language::En => called,
            Language::Zh => format!("“{called}”"),
        }
    }

    /// A condition on a way out of a choice.
    pub(super) fn condition(self, expr: &Expr) -> String {
        let source = crate::explain::Words { parts: self.parts, language: self.language }.expr(expr);
        if source.chars().count() > 40 { format!("{}…", source.chars().take(39).collect::<String>()) } else { source }
    }

    fn actions(self, actions: &[Action]) -> String {
        let each: Vec<String> = actions.iter().map(|action| self.action(action)).collect();
        each.join(self.say(", ", ","))
    }

    fn action(self, action: &Action) -> String {
        match action {
            Action::Set { field, .. } => {
                let known = self.parts.fields.iter().find(|held| held.name == *field);
                let field = known.map_or_else(|| plain(field), |held| self.of(&held.labels));
                format!("{}{field}", self.say("Set ", "设置"))
            }
            Action::Notify { whom, by, .. } => match by {
                Channel::Inbox => format!("{}{}", self.say("Notify ", "通知"), self.people(whom)),
                Channel::Email => format!("{}{}", self.say("E-mail to ", "发邮件给"), self.people(whom)),
            },
            Action::Escalate { to, .. } => format!("{}{}", self.say("Escalate to ", "升级至"), self.people(to)),
            Action::Start(begin) => format!("{}{}", self.say("Begin: ", "发起"), self.called(&begin.process)),
            Action::Enter { register, .. } => format!("{}{}", self.say("Enter: ", "登记"), self.called(register)),
            Action::Update { register, .. } => format!("{}{}", self.say("Update: ", "更新"), self.called(register)),
            Action::Signal { signal } => format!("{}{}", self.say("Signal ", "发出信号 "), plain(signal)),
            Action::Later(later) => self.of(&later.says),
        }
    }

    fn within(self, due: &Due) -> String {
        match self.language {
            Language::En => format!("in {}", due.span),
            Language::Zh => format!("{}内", self.span(&due.span)),
        }
    }

    fn after(self, span: &Span) -> String {
        match self.language {
            Language::En => format!("After {span}"),
            Language::Zh => format!("{}后", self.span(span)),
        }
    }

    fn span(self, span: &Span) -> String {
        let unit = match (span.unit, span.counting) {
            (Unit::Minutes, Counting::Plain) => "分钟",
            (Unit::Minutes, Counting::Working) => "个工作分钟",
            (Unit::Hours, Counting::Plain) => "小时",
            (Unit::Hours, Counting::Working) => "个工作小时",
            (Unit::Days, Counting::Plain) => "天",
            (Unit::Days, Counting::Working) => "个工作日",
            (Unit::Weeks, Counting::Plain | Counting::Working) => "周",
        };
        format!("{} {unit}", span.amount)
    }
}

fn or(text: String, other: impl FnOnce() -> String) -> String {
    if text.is_empty() { other() } else { text }
}

/// A name as people write it.
pub(super) fn plain(name: &Name) -> String {
    name.as_str().replace('_', " ")
}

pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
