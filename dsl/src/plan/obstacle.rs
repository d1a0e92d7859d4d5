//! Why a record cannot move to a new version, in words.

use engine::definition::{Labels, Parts, StepKind};
use engine::ids::Name;

use super::{Obstacle, Plan};
use crate::Language;
use crate::explain::Words;
use crate::problem::labels;

impl Plan<'_> {
    /// An obstacle as a sentence.
    pub fn said(&self, obstacle: &Obstacle) -> Labels {
        let place = |name: &Option<Name>, parts| match name {
            Some(name) => both(parts, |words| called(words, name)),
            None => labels("the main way", "主流程"),
        };
        let (old, new) = (self.old, self.new);
        match obstacle {
            Obstacle::StepGone { step } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                labels(format!("the step {en} is gone"), format!("步骤“{zh}”已删除"))
            }
            Obstacle::OtherKind { step, is } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                let (was, is) = (kind(old, step), kind(new, is));
                labels(
                    format!("the step {en} was {} and is {} now", was.en, is.en),
                    format!("步骤“{zh}”原为{}，现为{}", was.zh, is.zh),
                )
            }
            Obstacle::OtherScope { step, was, is } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                let (was, is) = (place(was, old), place(is, new));
                labels(
                    format!("the step {en} has moved from {} to {}", was.en, is.en),
                    format!("步骤“{zh}”已从“{}”移到“{}”", was.zh, is.zh),
                )
            }
            Obstacle::Shifted { step } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                labels(
                    format!("the step {en} has no name of its own, and another may stand in its place"),
                    format!("步骤“{zh}”没有自己的名称，它的位置上可能已是另一个步骤"),
                )
            }
            Obstacle::NoOutcomeLeft { step } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                labels(format!("all outcomes of the task {en} are gone"), format!("任务“{zh}”原有的结果都已删除"))
            }
            Obstacle::OtherVote { step } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                labels(
                    format!("people vote on {en}, and the new version counts votes otherwise"),
                    format!("“{zh}”正在表决，而新版本的级别或票数要求不同"),
                )
            }
            Obstacle::NewBranch { step, branch } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                let branch = both(new, |words| called(words, branch));
                labels(format!("{en} has a new branch, {}", branch.en), format!("“{zh}”新增了分支“{}”", branch.zh))
            }
            Obstacle::BranchGone { step, branch } => {
                let Labels { en, zh } = both(old, |words| called(words, step));
                let branch = both(old, |words| called(words, branch));
                labels(
                    format!("the branch {} of {en} is gone or is another one", branch.en),
                    format!("“{zh}”的分支“{}”已删除或已变为另一个分支", branch.zh),
                )
            }
            Obstacle::NoValue { field } => {
                let Labels { en, zh } = both(new, |words| words.field(field));
                labels(
                    format!("the field {en} has no value, and the new version requires one"),
                    format!("字段“{zh}”没有值，而新版本要求必填"),
                )
            }
            Obstacle::UnfitValue { field } => {
                let Labels { en, zh } = both(new, |words| words.field(field));
                labels(
                    format!("the value of the field {en} does not fit the new version"),
                    format!("字段“{zh}”的值不符合新版本的定义"),
                )
            }
            Obstacle::ClockGone { clock } => {
                let label = old.clocks.iter().find(|held| held.name == *clock).map(|held| held.labels.clone());
                let Labels { en, zh } = label.unwrap_or_else(|| labels(clock.as_str(), clock.as_str()));
                labels(
                    format!("the clock {en} runs, and the new version does not have it"),
                    format!("计时“{zh}”尚未结束，而新版本中没有它"),
                )
            }
            Obstacle::Stuck => labels("the record is stuck and must be mended first", "记录卡住，须先修复"),
        }
    }

    /// What a step of the old version is called.
    pub fn step_label(&self, step: &Name) -> Labels {
        both(self.old, |words| called(words, step))
    }
}

/// What a step is called. One without a label is told by what it waits for.
fn called(words: &Words<'_>, name: &Name) -> String {
    match words.parts.step(name) {
        Some(step) if step.labels == Labels::default() => match &step.kind {
            StepKind::Timer { after } => {
                let due = words.due(after);
                words.pick(format!("after {due}"), format!("{due}之后"))
            }
            StepKind::Receive { message, .. } => words.pick(format!("on {message}"), format!("收到 {message}")),
            StepKind::Race { branches } => {
                // A branch begins with a step of its own, so this is as deep as the nesting.
                let branches: Vec<String> = branches.iter().map(|first| called(words, first)).collect();
                words.pick(format!("the race of {}", words.one_of(&branches)), format!("竞争：{}", branches.join("、")))
            }
            StepKind::Task(_)
            | StepKind::Approval(_)
            | StepKind::Milestone
            | StepKind::Together { .. }
            | StepKind::Wait { .. }
            | StepKind::ForEach(_)
            | StepKind::Call(_)
            | StepKind::Job(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Handler { .. }
            | StepKind::Extra { .. }
            | StepKind::Block { .. }
            | StepKind::Choose { .. }
            | StepKind::Act { .. }
            | StepKind::End(_) => words.step(name),
        },
        Some(_) | None => words.step(name),
    }
}

fn both(parts: &Parts, say: impl Fn(&Words<'_>) -> String) -> Labels {
    let said = |language| say(&Words { parts, language });
    labels(said(Language::En), said(Language::Zh))
}

/// What a step is, in a word.
fn kind(parts: &Parts, name: &Name) -> Labels {
    let (en, zh) = match parts.step(name).map(|step| &step.kind) {
        Some(StepKind::Task(_)) => ("a task", "任务"),
        Some(StepKind::Approval(_)) => ("an approval", "审批"),
        Some(StepKind::Milestone) => ("a milestone", "里程碑"),
        Some(StepKind::Race { .. }) => ("a race", "竞争"),
        Some(StepKind::Together { .. }) => ("several ways at once", "并行"),
        Some(StepKind::Wait { .. }) => ("a wait for a day or a condition", "等待日期或条件"),
        Some(StepKind::ForEach(_)) => ("rounds over a list", "逐项处理"),
        Some(StepKind::Call(_)) => ("a call", "调用其他流程"),
        Some(StepKind::Job(_)) => ("a job", "作业"),
        Some(StepKind::Signal { .. }) => ("a wait for a signal", "等待信号"),
        Some(StepKind::Undo) => ("an undoing", "撤销"),
        Some(StepKind::Handler { .. }) => ("a handler", "处理程序"),
        Some(StepKind::Extra { .. }) => ("a part that people may add", "可添加的部分"),
        Some(StepKind::Block { .. }) => ("an aside", "旁路"),
        Some(StepKind::Receive { .. }) => ("a wait for a message", "等待消息"),
        Some(StepKind::Timer { .. }) => ("a wait for time to pass", "定时等待"),
        Some(StepKind::Choose { .. }) => ("a choice", "分支"),
        Some(StepKind::Act { .. }) => ("an action", "自动动作"),
        Some(StepKind::End(_)) => ("an end", "结束"),
        None => ("nothing", "无"),
    };
    labels(en, zh)
}
