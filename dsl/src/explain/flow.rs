//! The steps, one after the other, as they are written.

use engine::definition::{
    Abstaining, Approval, Candidates, Needs, Outcome, Quorum, Reminder, Rest, Step, StepKind, Substitution, Task, Until,
};

use super::words::Words;

/// How deep a list inside a list is indented.
const INDENT: &str = "  ";

pub(super) fn steps(words: &Words<'_>, lines: &mut Vec<String>) {
    let parts = words.parts;
    lines.push(String::new());
    lines.push(words.pick("## What happens".into(), "## 流程".into()));
    lines.push(String::new());
    let (who, asks) = (words.people(&parts.start.by), words.asks(&parts.start.asks));
    lines.push(
        words.pick(
            format!("- It is started by {who}, who is asked for {asks}."),
            format!("- 由{who}发起，填写{asks}。"),
        ),
    );
    lines.extend(words.begun_otherwise().into_iter().map(|said| format!("- {said}")));
    for step in parts.steps.iter().filter(|step| step.scope.is_none() && !is_told_by_outcome(words, step)) {
        told(words, step, 0, lines);
    }
}

/// What an outcome does before it leads on is told with the outcome.
fn is_told_by_outcome(words: &Words<'_>, step: &Step) -> bool {
    let StepKind::Act { .. } = step.kind else { return false };
    let outcomes = words.parts.steps.iter().flat_map(|held| held.kind.outcomes());
    outcomes.into_iter().any(|outcome| outcome.to.as_ref() == Some(&step.name))
}

fn told(words: &Words<'_>, step: &Step, depth: usize, lines: &mut Vec<String>) {
    let indent = INDENT.repeat(depth);
    let name = words.step(&step.name);
    match &step.kind {
        StepKind::Task(task) => {
            lines.push(format!("{indent}- {}", task_line(words, &name, task)));
            for outcome in &task.outcomes {
                lines.push(format!("{indent}{INDENT}- {}", outcome_line(words, step, outcome)));
            }
            for reminder in &task.reminders {
                lines.push(format!("{indent}{INDENT}- {}", reminder_line(words, reminder)));
            }
            if !task.undo.is_empty() {
                let undo = words.actions(&task.undo);
                let line = words.pick(format!("To undo it: {undo}."), format!("撤销时：{undo}。"));
                lines.push(format!("{indent}{INDENT}- {line}"));
            }
        }
        StepKind::Approval(approval) => {
            lines.push(format!("{indent}- {}", approval_line(words, &name, approval)));
            for outcome in &approval.outcomes {
                lines.push(format!("{indent}{INDENT}- {}", outcome_line(words, step, outcome)));
            }
        }
        StepKind::Milestone => {
            lines.push(words.pick(format!("{indent}- {name} is reached."), format!("{indent}- 到达“{name}”。")));
        }
        StepKind::Together { branches, needs, rest } => {
            let needs = match needs {
                Needs::All => words.pick("all of these".into(), "以下全部完成后继续".into()),
                Needs::Count(1) => words.pick("any of these".into(), "以下任一完成后继续".into()),
                Needs::Count(count) => words.pick(format!("{count} of these"), format!("以下完成 {count} 项后继续")),
            };
            let line = words.pick(format!("At once, until done: {needs}:"), format!("同时进行，{needs}："));
            lines.push(format!("{indent}- {line}"));
            for branch in branches {
                if let Some(when) = &branch.when {
                    let when = words.expr(when);
                    lines.push(words.pick(
                        format!("{indent}{INDENT}- Only where {when}:"),
                        format!("{indent}{INDENT}- 仅当{when}："),
                    ));
                }
                sequence(words, &branch.first, depth + 1 + usize::from(branch.when.is_some()), lines);
            }
            if *rest == Rest::GoesOn {
                let line = words.pick("The others go on beside.".into(), "其余分支继续进行。".into());
                lines.push(format!("{indent}{INDENT}- {line}"));
            }
        }
        StepKind::Wait { until } => {
            let goes = goes_on(words, step);
            let line = match until {
                Until::Instant(expr) => {
                    let expr = words.expr(expr);
                    words.pick(format!("It waits until {expr}{goes}."), format!("等到{expr}{goes}。"))
                }
                Until::Condition(expr) => {
                    let expr = words.expr(expr);
                    words.pick(format!("It waits until {expr}{goes}."), format!("等到{expr}为止{goes}。"))
                }
            };
            lines.push(format!("{indent}- {line}"));
        }
        StepKind::ForEach(_)
        | StepKind::Call(_)
        | StepKind::Job(_)
        | StepKind::Signal { .. }
        | StepKind::Undo
        | StepKind::Handler { .. }
        | StepKind::Extra { .. } => {
            let says = words.says(&step.kind).unwrap_or_default();
            let called = words.label(&step.labels);
            let colon = match called.is_empty() {
                true => String::new(),
                false => words.pick(format!("{called}: "), format!("{called}：")),
            };
            let inside: Vec<&engine::ids::Name> =
                step.kind.ways().into_iter().filter(|to| is_inside(words, to, step)).collect();
            let end = if inside.is_empty() {
                words.pick(".".into(), "。".into())
            } else {
                words.pick(":".into(), "：".into())
            };
            lines.push(format!("{indent}- {}{end}", capital(&format!("{colon}{says}"))));
            inside.into_iter().for_each(|first| sequence(words, first, depth + 1, lines));
        }
        StepKind::Race { branches } => {
            lines.push(
                words.pick(
                    format!("{indent}- Whichever of these comes first:"),
                    format!("{indent}- 以下先发生者为准："),
                ),
            );
            for branch in branches {
                sequence(words, branch, depth + 1, lines);
            }
        }
        StepKind::Block { first } => {
            lines.push(words.pick(format!("{indent}- Aside, {name}:"), format!("{indent}- 旁支“{name}”：")));
            sequence(words, first, depth + 1, lines);
        }
        StepKind::Receive { message, from, .. } => {
            let (message, from) = (words.message(message), words.people(from));
            let goes = goes_on(words, step);
            lines.push(words.pick(
                format!("{indent}- “{message}” comes from {from}{goes}."),
                format!("{indent}- 收到{from}的“{message}”{goes}。"),
            ));
        }
        StepKind::Timer { after } => {
            let after = words.due(after);
            let goes = goes_on(words, step);
            lines.push(words.pick(format!("{indent}- {after} pass{goes}."), format!("{indent}- 经过{after}{goes}。")));
        }
        // A choice without cases is a jump; the step before it has said where it leads.
        StepKind::Choose { cases, otherwise } => {
            for case in cases {
                let (when, to) = (words.expr(&case.when), words.step(&case.to));
                lines.push(
                    words.pick(
                        format!("{indent}- Where {when}: on to {to}."),
                        format!("{indent}- 若{when}：转到“{to}”。"),
                    ),
                );
            }
            if let (false, Some(to)) = (cases.is_empty(), otherwise.as_ref().or(step.next.as_ref())) {
                let to = words.step(to);
                lines.push(
                    words.pick(format!("{indent}- Otherwise: on to {to}."), format!("{indent}- 否则：转到“{to}”。")),
                );
            }
        }
        StepKind::Act { actions } => {
            let actions = words.actions(actions);
            lines.push(words.pick(format!("{indent}- By itself: {actions}."), format!("{indent}- 自动：{actions}。")));
        }
        StepKind::End(_) => {
            lines.push(words.pick(format!("{indent}- It ends: {name}."), format!("{indent}- 结束：{name}。")));
        }
    }
}

/// The sentence with a capital, where its language has them.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a step lies in another.
fn is_inside(words: &Words<'_>, step: &engine::ids::Name, around: &Step) -> bool {
    words.parts.steps.iter().any(|held| held.name == *step && held.scope.as_ref() == Some(&around.name))
}

/// A step and those after it in the same branch.
fn sequence(words: &Words<'_>, first: &engine::ids::Name, depth: usize, lines: &mut Vec<String>) {
    let mut at = words.parts.step(first);
    let scope = at.and_then(|step| step.scope.clone());
    let mut left = words.parts.steps.len();
    while let Some(step) = at {
        told(words, step, depth, lines);
        left = left.saturating_sub(1);
        let next = step.next.as_ref().filter(|_| left > 0);
        at = next.and_then(|next| words.parts.steps.iter().find(|step| step.name == *next && step.scope == scope));
    }
}

fn goes_on(words: &Words<'_>, step: &Step) -> String {
    match &step.next {
        Some(next) => {
            let next = words.step(next);
            words.pick(format!(": on to {next}"), format!("，转到“{next}”"))
        }
        None => String::new(),
    }
}

fn task_line(words: &Words<'_>, name: &str, task: &Task) -> String {
    let who = words.people(&task.candidates.any);
    let (not, standing_in) = (barred(words, &task.candidates), standing_in(words, &task.candidates));
    let due = task
        .due
        .as_ref()
        .map(|due| words.due(due))
        .map_or_else(String::new, |due| words.pick(format!(", due within {due}"), format!("，须在{due}内完成")));
    let asks = if task.asks.is_empty() {
        String::new()
    } else {
        let asks = words.asks(&task.asks);
        words.pick(format!(" It asks for {asks}."), format!("填写{asks}。"))
    };
    words.pick(
        format!("{name} is a task for {who}{standing_in}{not}{due}.{asks} It is finished as:"),
        format!("“{name}”是{who}的任务{not}{standing_in}{due}。{asks}结果为："),
    )
}

/// Who never may, behind those who may.
fn barred(words: &Words<'_>, candidates: &Candidates) -> String {
    let mut barred: Vec<String> = candidates.not.iter().map(|who| words.who(who)).collect();
    barred.extend(candidates.not_who_did.iter().map(|step| {
        let step = words.step(step);
        words.pick(format!("whoever did {step}"), format!("办理“{step}”的人"))
    }));
    if barred.is_empty() {
        return String::new();
    }
    words.pick(format!(", but never for {}", words.one_of(&barred)), format!("（{}除外）", words.list(&barred)))
}

fn standing_in(words: &Words<'_>, candidates: &Candidates) -> String {
    match candidates.substitution {
        Substitution::Never => String::new(),
        Substitution::WhenAbsent => {
            words.pick(" or, while they are absent, their substitute".into(), "（不在岗时由代理人办理）".into())
        }
    }
}

pub(crate) fn approval_line(words: &Words<'_>, name: &str, approval: &Approval) -> String {
    let levels: Vec<String> = approval.levels.iter().map(|level| words.people(&level.any)).collect();
    let whom = levels.join(&words.pick(", then for ".into(), "，然后是".into()));
    let first = approval.levels.first();
    let not = first.map(|level| barred(words, level)).unwrap_or_default();
    let standing_in = first.map(|level| standing_in(words, level)).unwrap_or_default();
    let enough = quorum(words, approval.needs);
    let enough = match levels.len() {
        1 => enough,
        _ => words.pick(format!("in each level {enough}"), format!("每级{enough}")),
    };
    let abstaining = match approval.abstaining {
        Abstaining::Allowed => words.pick("; one may abstain".into(), "，可以弃权".into()),
        Abstaining::Forbidden => String::new(),
    };
    let due = approval.due.as_ref().map(|due| words.due(due));
    let due = due.map_or_else(String::new, |due| words.pick(format!(", within {due}"), format!("，期限{due}")));
    let asks = match approval.asks.is_empty() {
        true => String::new(),
        false => {
            let asks = words.asks(&approval.asks);
            words.pick(format!(" Every vote asks for {asks}."), format!("投票时填写{asks}。"))
        }
    };
    words.pick(
        format!(
            "{name} is put to the vote, for {whom}{standing_in}{not}{due}: {enough}{abstaining}.{asks} It ends as:"
        ),
        format!("“{name}”由{whom}{not}{standing_in}投票{due}：{enough}{abstaining}。{asks}结果为："),
    )
}

fn quorum(words: &Words<'_>, needs: Quorum) -> String {
    match needs {
        Quorum::One => words.pick("one yes is enough".into(), "一人同意即可".into()),
        Quorum::All => words.pick("all who do not abstain must say yes".into(), "未弃权者须全部同意".into()),
        Quorum::Count(count) => words.pick(format!("{count} must say yes"), format!("须 {count} 人同意")),
        Quorum::Percent(share) => {
            words.pick(format!("{share} % of those asked must say yes"), format!("须受邀者的 {share}% 同意"))
        }
    }
}

pub(crate) fn reminder_line(words: &Words<'_>, reminder: &Reminder) -> String {
    let actions = words.actions(&reminder.actions);
    match &reminder.after {
        Some(after) => {
            let after = words.due(after);
            words.pick(format!("After {after}: {actions}."), format!("{after}后：{actions}。"))
        }
        None => words.pick(format!("When it is due: {actions}."), format!("到期时：{actions}。")),
    }
}

fn outcome_line(words: &Words<'_>, step: &Step, outcome: &Outcome) -> String {
    let label = words.label(&outcome.labels);
    let led = Outcome { to: outcome.to.clone().or_else(|| step.next.clone()), ..outcome.clone() };
    let said = words.outcome_line(&led);
    if said.is_empty() {
        return words.pick(format!("{label}."), format!("{label}。"));
    }
    words.pick(format!("{label}: {said}."), format!("{label}：{said}。"))
}
