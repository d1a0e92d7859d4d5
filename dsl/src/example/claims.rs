//! What an example says must hold, compared with what is.

use engine::ballot::Vote;
use engine::calendar::span_ms;
use engine::command::Rejection;
use engine::definition::Labels;
use engine::event::{Event, Principal};
use engine::ids::Name;
use engine::instance::{ClockRun, ClockState, Instance, OpenTask, Status};
use engine::people;
use engine::play::Play;
use engine::substitution;
use engine::time::MINUTE_MS;
use engine::value::Misfit;

use super::refusal;
use super::run::{Last, Scene, shown};
use super::{Claim, ClockWord, Expected, Whom, WhomKind, Why};
use crate::problem::labels;

/// Whether a claim holds; says what was seen instead.
pub(super) fn check(scene: &Scene, claim: &Claim) -> Result<(), Labels> {
    match claim {
        Claim::Refused { why } => refused(scene, why.as_ref()),
        Claim::ItIs { at } => {
            let now = scene.play.now();
            let (now, wanted) = (shown(now), shown(*at));
            ensure(now == wanted, || labels(format!("it is {now}"), format!("此时是 {now}")))
        }
        Claim::Told { whom, template, expected } => told(scene, whom.as_ref(), template.as_ref(), *expected),
        other => match scene.play.instance() {
            Some(instance) => of_record(scene, instance, other),
            None => Err(labels("nothing has been started", "还没有发起任何记录")),
        },
    }
}

fn of_record(scene: &Scene, instance: &Instance, claim: &Claim) -> Result<(), Labels> {
    let play = &scene.play;
    match claim {
        Claim::TaskOpen { task, whom } => {
            let open = open_of(play, instance, task)?;
            match whom {
                Some(whom) => {
                    let fits = |held: &&OpenTask| {
                        is_for(play, &held.candidates, whom) || is_theirs(scene, instance, held, whom)
                    };
                    ensure(open.iter().any(fits), || {
                        let listed = listed(open.iter().flat_map(|held| &held.candidates));
                        labels(format!("it is open for {listed}"), format!("它由 {listed} 办理"))
                    })
                }
                None => Ok(()),
            }
        }
        Claim::TaskShut { task } => {
            let open = instance.tasks().iter().any(|held| held.step == *task);
            ensure(!open, || labels(format!("task {task} is open"), format!("任务 {task} 仍打开")))
        }
        Claim::TaskDue { task, at } => {
            let open = open_of(play, instance, task)?;
            let seen = || seen_due(open.iter().find_map(|held| held.due).map(shown));
            ensure(open.iter().any(|held| held.due == Some(*at)), seen)
        }
        Claim::TaskTaken { task, by } => {
            let open = open_of(play, instance, task)?;
            let mut holders = open.iter().filter_map(|held| held.assignee.as_ref());
            ensure(holders.clone().any(|holder| holder == by), || match holders.next() {
                Some(holder) => labels(format!("it is taken by {holder}"), format!("由 {holder} 领取")),
                None => labels("nobody has taken it", "尚无人领取"),
            })
        }
        Claim::TaskDelegated { task, to } => {
            let open = open_of(play, instance, task)?;
            let delegated = open.iter().filter(|held| held.delegated_by.is_some());
            let mut asked = delegated.filter_map(|held| held.assignee.as_ref());
            ensure(asked.clone().any(|person| person == to), || match asked.next() {
                Some(asked) => labels(format!("it is delegated to {asked}"), format!("已委派给 {asked}")),
                None => labels("it is not delegated", "没有委派"),
            })
        }
        Claim::Voted { by, approval, vote } => {
            let cast = last_vote(play, by, approval);
            ensure(cast == *vote, || match cast {
                Some(vote) => {
                    let (said, zh) = (vote.name(), in_chinese(vote));
                    labels(format!("{by} has {said}"), format!("{by} 已{zh}"))
                }
                None => labels(format!("{by} has not voted"), format!("{by} 尚未投票")),
            })
        }
        Claim::ClockIs { clock, state, expected } => {
            let run = clock_run(instance, clock)?;
            let is = match state {
                ClockWord::Running => matches!(run.state, ClockState::Running { .. }),
                ClockWord::Paused => matches!(run.state, ClockState::Paused { .. }),
                ClockWord::Stopped => matches!(run.state, ClockState::Stopped { .. }),
                ClockWord::Breached => run.is_breached(),
            };
            ensure(is == (*expected == Expected::Yes), || seen_clock(run))
        }
        Claim::ClockDue { clock, at } => {
            let run = clock_run(instance, clock)?;
            ensure(run.due() == Some(*at), || match run.due() {
                Some(due) => seen_due(Some(shown(due))),
                None => seen_clock(run),
            })
        }
        Claim::ClockUsed { clock, span } => {
            let run = clock_run(instance, clock)?;
            let Some(calendar) = play.directory().calendar(&run.calendar) else {
                return Err(labels("the clock's calendar is not there", "时钟的日历不存在"));
            };
            let used_ms = run.elapsed_ms(calendar, play.now());
            ensure(used_ms == span_ms(span, calendar), || {
                let minutes = used_ms / MINUTE_MS;
                labels(format!("it has used {minutes} minutes"), format!("已用 {minutes} 分钟"))
            })
        }
        Claim::Ended { outcome } => {
            let ended = matches!(instance.status(), Status::Ended { outcome: held, .. } if held == outcome);
            ensure(ended, || seen_status(instance))
        }
        Claim::Linked { kind } => ensure(instance.links().iter().any(|link| link.kind == *kind), || {
            let kinds: Vec<&str> = instance.links().iter().map(|link| link.kind.as_str()).collect();
            match kinds.is_empty() {
                true => labels("it is linked with nothing", "没有任何关联"),
                false => labels(format!("it is linked {}", kinds.join(", ")), format!("关联为 {}", kinds.join("、"))),
            }
        }),
        Claim::Running => ensure(*instance.status() == Status::Running, || seen_status(instance)),
        Claim::Holds { expr, source } => match expr.holds(&scene.scope(instance)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(seen_fields(source, expr, instance)),
            Err(error) => {
                Err(labels(format!("`{source}` cannot be computed: {error}"), format!("无法计算 `{source}`：{error}")))
            }
        },
        Claim::Refused { .. } | Claim::ItIs { .. } | Claim::Told { .. } => Ok(()),
    }
}

fn refused(scene: &Scene, why: Option<&Why>) -> Result<(), Labels> {
    let rejection = match &scene.last {
        Last::Refused(_, rejection) | Last::RefusedAsSaid(rejection) => rejection,
        Last::Done => return Err(labels("it was accepted", "它被接受了")),
    };
    let (en, zh) = (rejection.to_string(), refusal::in_chinese(rejection));
    let fits = match why {
        None => true,
        Some(Why::Says(text)) => en.contains(text.as_str()) || zh.contains(text.as_str()),
        Some(Why::Missing(field)) => match rejection {
            Rejection::BadFields(fields) => {
                fields.iter().any(|(name, misfit)| name == field && *misfit == Misfit::Missing)
            }
            Rejection::ReasonMissing => *field == "reason",
            _ => false,
        },
    };
    ensure(fits, || labels(format!("it was refused since {en}"), format!("拒绝的原因是：{zh}")))
}

fn told(scene: &Scene, whom: Option<&Whom>, template: Option<&Name>, expected: Expected) -> Result<(), Labels> {
    let since = scene.play.played().iter().skip(scene.done);
    let notices: Vec<(&Vec<Principal>, &Name)> = since
        .flat_map(|played| &played.events)
        .filter_map(|event| match event {
            Event::Notified { whom, template, by: _ } => Some((whom, template)),
            _ => None,
        })
        .collect();
    let told = notices.iter().any(|(principals, name)| {
        whom.is_none_or(|whom| is_for(&scene.play, principals, whom)) && template.is_none_or(|wanted| wanted == *name)
    });
    ensure(told == (expected == Expected::Yes), || match notices.is_empty() {
        true => labels("nobody was notified", "没有通知任何人"),
        false => {
            let all: Vec<String> =
                notices.iter().map(|(whom, name)| format!("{} ({name})", listed(whom.iter()))).collect();
            labels(format!("notified were {}", all.join("; ")), format!("已通知 {}", all.join("；")))
        }
    })
}

fn is_for(play: &Play, principals: &[Principal], whom: &Whom) -> bool {
    let named = |principal: &Principal| match principal {
        Principal::Role(key) => matches!(whom.kind, WhomKind::Role | WhomKind::Any) && *key == whom.name,
        Principal::Team(key) => matches!(whom.kind, WhomKind::Team | WhomKind::Any) && *key == whom.name,
        Principal::Person(key) => matches!(whom.kind, WhomKind::Person | WhomKind::Any) && *key == whom.name,
        Principal::Anyone | Principal::StandIn(_) => false,
    };
    let person = matches!(whom.kind, WhomKind::Person | WhomKind::Any);
    principals.iter().any(named) || (person && people::is_among(&whom.name, principals, play.directory()))
}

/// Whether a person may do a task now, for themselves or for somebody who is absent.
fn is_theirs(scene: &Scene, instance: &Instance, open: &OpenTask, whom: &Whom) -> bool {
    let person = matches!(whom.kind, WhomKind::Person | WhomKind::Any);
    person && substitution::capacity(&whom.name, open, instance, &scene.scope(instance)).is_some()
}

/// How a person voted when an approval was last asked.
fn last_vote(play: &Play, by: &Name, approval: &Name) -> Option<Vote> {
    let mut last = None;
    for event in play.played().iter().flat_map(|played| &played.events) {
        match event {
            Event::Entered { step, .. } if step == approval => last = None,
            Event::Voted { step, by: voter, vote, .. } if step == approval && voter == by => last = Some(*vote),
            _ => {}
        }
    }
    last
}

fn in_chinese(vote: Vote) -> &'static str {
    match vote {
        Vote::Approved => "同意",
        Vote::Rejected => "否决",
        Vote::Abstained => "弃权",
    }
}

/// The open tasks of a step, at least one: rounds at once have one each.
fn open_of<'i>(play: &Play, instance: &'i Instance, step: &Name) -> Result<Vec<&'i OpenTask>, Labels> {
    let open: Vec<&OpenTask> = instance.tasks().iter().filter(|held| held.step == *step).collect();
    if open.is_empty() {
        let now = open_tasks(play);
        return Err(labels(format!("it is not open; {}", now.en), format!("它未打开；{}", now.zh)));
    }
    Ok(open)
}

/// Which tasks are open, in words.
pub(super) fn open_tasks(play: &Play) -> Labels {
    let Some(instance) = play.instance() else {
        return labels("nothing has been started", "还没有发起任何记录");
    };
    if instance.tasks().is_empty() {
        let status = seen_status(instance);
        return labels(format!("no task is, {}", status.en), format!("没有打开的任务，{}", status.zh));
    }
    let open: Vec<&str> = instance.tasks().iter().map(|task| task.step.as_str()).collect();
    labels(format!("open is {}", open.join(", ")), format!("打开的任务是 {}", open.join("、")))
}

fn clock_run<'i>(instance: &'i Instance, clock: &Name) -> Result<&'i ClockRun, Labels> {
    instance
        .clocks()
        .iter()
        .find(|run| run.clock == *clock)
        .ok_or_else(|| labels(format!("clock {clock} has not started"), format!("时钟 {clock} 尚未启动")))
}

fn seen_clock(run: &ClockRun) -> Labels {
    let breached = if run.is_breached() { (", breached", "，已超时") } else { ("", "") };
    match &run.state {
        ClockState::Running { .. } => {
            let due = run.due().map(shown).unwrap_or_default();
            labels(format!("it runs{}, due {due}", breached.0), format!("它在走{}，到期 {due}", breached.1))
        }
        ClockState::Paused { .. } => labels(format!("it is paused{}", breached.0), format!("它已暂停{}", breached.1)),
        ClockState::Stopped { .. } => {
            labels(format!("it has stopped{}", breached.0), format!("它已停止{}", breached.1))
        }
    }
}

fn seen_due(due: Option<String>) -> Labels {
    match due {
        Some(due) => labels(format!("it is due at {due}"), format!("到期时间是 {due}")),
        None => labels("it has no due time", "没有到期时间"),
    }
}

fn seen_status(instance: &Instance) -> Labels {
    match instance.status() {
        Status::Running => labels("the record is running", "记录仍在进行"),
        Status::Stuck(repair) => {
            labels(format!("the record is stuck: {}", repair.problem), format!("记录卡住：{}", repair.problem))
        }
        Status::Suspended(_) => labels("the record is suspended", "记录已挂起"),
        Status::Ended { outcome, .. } => {
            labels(format!("the record ended as {outcome}"), format!("记录以 {outcome} 结束"))
        }
    }
}

/// The values of the fields that an expression reads.
fn seen_fields(source: &str, expr: &engine::expr::Expr, instance: &Instance) -> Labels {
    let seen: Vec<String> = expr
        .reads()
        .into_iter()
        .map(|name| {
            let value = instance.fields().get(name).map_or_else(|| "nothing".to_owned(), |value| value.plain());
            format!("{name} is {value}")
        })
        .collect();
    labels(format!("`{source}` does not hold: {}", seen.join(", ")), format!("`{source}` 不成立：{}", seen.join("，")))
}

fn listed<'p>(principals: impl IntoIterator<Item = &'p Principal>) -> String {
    principals.into_iter().map(Principal::to_string).collect::<Vec<_>>().join(", ")
}

fn ensure(holds: bool, saw: impl FnOnce() -> Labels) -> Result<(), Labels> {
    if holds { Ok(()) } else { Err(saw()) }
}
