//! Changes: written, assessed, approved, scheduled, carried out, reviewed.

use engine::directory::Entry;
use engine::ids::Name;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::EntryOrder;
use store::EntryChange;

use super::answer::{Answer, Case, OFFICE_DAY, Pace, choice, money, number, references, text};
use super::deed::Deed;
use crate::cli::demo::stories::Story;
use crate::cli::demo::wishes::{EMERGENCIES, ROUTINES, Routine, Undertaking, Wish};

/// How many working days ahead a change is scheduled that a release brings: the release is built and tested before.
const RELEASE_DAYS: i64 = 12;

/// What a change is about.
enum About {
    Routine(&'static Routine),
    Undertaking(&'static Undertaking),
    Story(&'static Story),
    Else,
}

impl About {
    fn of(summary: &str) -> About {
        let emergency = || EMERGENCIES.iter().find(|undertaking| undertaking.summary == summary);
        if let Some(routine) = Routine::told(summary) {
            About::Routine(routine)
        } else if let Some(undertaking) = Undertaking::told(summary).or_else(emergency) {
            About::Undertaking(undertaking)
        } else if let Some((_, story)) = Story::told(summary) {
            About::Story(story)
        } else if Wish::told(summary).is_some_and(|wish| wish.item == "firewall_rule") {
            About::Routine(&ROUTINES[0])
        } else {
            About::Else
        }
    }

    fn items(&self) -> Vec<&'static str> {
        match self {
            About::Routine(routine) => vec![routine.item],
            About::Undertaking(undertaking) => undertaking.items.to_vec(),
            About::Story(story) => vec![story.item],
            About::Else => vec!["sw-core"],
        }
    }

    fn class(&self) -> &'static str {
        match self {
            About::Undertaking(undertaking) => undertaking.class,
            About::Story(story) if story.weight.0 != "low" => "major",
            About::Story(_) | About::Routine(_) | About::Else => "minor",
        }
    }
}

/// Whether a release brings what a change with this summary is about, and under which version.
pub(super) fn version_of(summary: &str) -> Option<&'static str> {
    match About::of(summary) {
        About::Undertaking(undertaking) if !undertaking.version.is_empty() => Some(undertaking.version),
        About::Story(story) if story.service == "crm" => Some("3."),
        About::Story(_) | About::Undertaking(_) | About::Routine(_) | About::Else => None,
    }
}

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    let is_emergency = case.field("type") == "emergency";
    Some(match case.step() {
        "prepare" if is_emergency => Pace::Wall(10, 30),
        "prepare" => Pace::Office(120, 700),
        "classify" => Pace::Office(30, 360),
        "assess_continuity" | "assess_capacity" | "assess_security" | "assess_cost" | "assess_release"
        | "assess_levels" => Pace::Office(120, 2 * OFFICE_DAY),
        "weigh" => Pace::Office(60, 500),
        "approve_minor" => Pace::Office(40, 600),
        "approve_major" | "approve_strategic" => Pace::Office(60, 800),
        "ecab" => Pace::Wall(4, 18),
        "schedule" => Pace::Office(30, 500),
        "allow_exception" => Pace::Office(30, 400),
        "go_no_go" => Pace::Wall(3, 15),
        "implement" => Pace::Wall(18, 52),
        "decide" => Pace::Wall(3, 9),
        "back_out" | "restore" => Pace::Wall(10, 30),
        "paperwork" => Pace::Office(120, 800),
        "cab_review" => Pace::Office(200, 2_000),
        "own_review" | "review" => Pace::Office(OFFICE_DAY, 5 * OFFICE_DAY),
        "consult" => Pace::Office(60, 400),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Option<Answer> {
    let about = About::of(&case.field("summary"));
    Some(match case.step() {
        "prepare" => prepare(case, &about),
        "classify" => classify(case, &about),
        "assess_continuity" => {
            assess(case, "continuity", "双机冗余，可逐台实施。", "Two of a kind, one after the other.")
        }
        "assess_capacity" => {
            assess(case, "capacity", "负载没有变化，余量充足。", "No more load; there is room enough.")
        }
        "assess_security" => assess(
            case,
            "security",
            "程序包已签名，端口和权限没有变化。",
            "Signed packages; neither ports nor rights change.",
        ),
        "assess_cost" => assess(case, "cost", "在年度预算内。", "Within the budget of the year."),
        "assess_release" => assess(case, "release", "该周没有其他发布。", "Nothing else is released that week."),
        "assess_levels" => {
            assess(case, "level", "夜间窗口，不影响服务级别。", "At night, so no agreed level is touched.")
        }
        "weigh" => Answer::finish("go_on").with(
            "answer",
            case.text("已增加实施前全量备份，并缩短窗口。", "A full backup is made before, and the window is shorter."),
        ),
        "approve_minor" | "approve_major" | "approve_strategic" => approve(case),
        "ecab" => emergency(case, &about),
        "schedule" => schedule(case),
        "allow_exception" => Answer::approve()
            .because(case.speak("窗口确有必要，风险可控。", "The window is needed and the risk is small.")),
        "go_no_go" => match case.instant_of("window_end") {
            Some(end) if end <= case.now() => {
                Answer::finish("no_go").because(case.speak("窗口已过", "The window is over"))
            }
            _ => Answer::finish("go"),
        },
        "implement" => implement(case, &about),
        "decide" => decide(case),
        "back_out" => Answer::finish("done"),
        "restore" => Answer::finish("restored"),
        "paperwork" => written(case, Answer::finish("done"), &about),
        "cab_review" => Answer::approve(),
        "own_review" | "review" => review(case),
        "consult" => Answer::finish("given").with("opinion", case.text("没有补充意见。", "Nothing to add.")),
        _ => return None,
    })
}

fn prepare(case: &mut Case<'_, '_>, about: &About) -> Answer {
    let items = references(about.items());
    let routine = match about {
        About::Routine(routine) => case.life.templates.get(routine.summary).cloned(),
        About::Undertaking(_) | About::Story(_) | About::Else => None,
    };
    if let Some(template) = routine {
        return Answer::finish("submit")
            .with("type", choice("standard"))
            .with("template", Value::Ref(template))
            .with("items", items)
            .with("users", number(case.life.dice.between(0, 30)))
            .with("downtime", number(0))
            .with("reach", choice("few"))
            .with("experience", choice("often"))
            .with("testing", choice("full"))
            .with("way_back", choice("quick"));
    }
    let is_emergency = case.field("type") == "emergency";
    let asks = Answer::finish("submit")
        .with("type", choice(if is_emergency { "emergency" } else { "normal" }))
        .with("items", items)
        .with("users", number(case.life.dice.between(20, 400)))
        .with("downtime", number(case.life.dice.pick(&[0, 0, 15, 30, 60]).copied().unwrap_or(0)))
        .with("reach", choice("one_service"))
        .with("experience", choice(case.life.dice.pick(&["often", "some", "some"]).copied().unwrap_or("some")))
        .with("testing", choice(if is_emergency { "partly" } else { "full" }))
        .with("way_back", choice(case.life.dice.pick(&["quick", "slow"]).copied().unwrap_or("slow")));
    let backout = case.text("恢复实施前的备份。", "Restore the backup made before.");
    let asks = asks.with("backout", if let About::Undertaking(known) = about { text(known.backout) } else { backout });
    if is_emergency { asks } else { written(case, asks, about) }
}

/// What a request says of benefit, cost and plan.
fn written(case: &Case<'_, '_>, answer: Answer, about: &About) -> Answer {
    match about {
        About::Undertaking(known) => answer
            .with("benefit", text(known.benefit))
            .with("cost", money(known.cost))
            .with("plan", text(known.plan))
            .with("test_plan", text(known.test)),
        About::Story(_) | About::Routine(_) | About::Else => answer
            .with("benefit", case.text("同类事件不再发生。", "Incidents of this kind do not come back."))
            .with("cost", money("8000.00 CNY"))
            .with(
                "plan",
                case.text(
                    "先在测试环境实施，再按窗口在生产环境实施。",
                    "First in the test environment, then in production within the window.",
                ),
            )
            .with(
                "test_plan",
                case.text(
                    "重现原故障场景，确认不再出现。",
                    "Do again what led to the fault and see that it does not come.",
                ),
            ),
    }
}

fn classify(case: &mut Case<'_, '_>, about: &About) -> Answer {
    let kind = case.field("type");
    if kind == "standard" && case.refused > 0 {
        // Too many changes after the template failed: it comes back as a normal change.
        case.life.templates.retain(|_, template| {
            template.as_str() != case.record.fields().get("template").map(Value::plain).unwrap_or_default()
        });
        return Answer::finish("unclear").because(case.speak(
            "模板成功率不足，请改提常规变更。",
            "Too many after this template failed: as a normal change, please.",
        ));
    }
    if kind == "standard" {
        return Answer::finish("accept").with("type", choice("standard")).with("class", choice("minor"));
    }
    if case.happens(7) {
        return Answer::finish("unclear")
            .because(case.speak("请补充对用户的影响和停机时间。", "Please say whom it touches and for how long."));
    }
    if case.happens(4) {
        return Answer::finish("reject")
            .because(case.speak("年内将整体替换，不再单独改造。", "All of it is replaced this year anyway."));
    }
    let class = if case.field("risk") == "high" { "major" } else { about.class() };
    Answer::finish("accept").with("type", choice("normal")).with("class", choice(class))
}

fn assess(case: &mut Case<'_, '_>, what: &'static str, zh: &'static str, en: &'static str) -> Answer {
    let verdict = if case.happens(3) {
        "objection"
    } else if case.happens(14) {
        "conditions"
    } else {
        "fine"
    };
    let note = match verdict {
        "fine" => case.text(zh, en),
        "conditions" => {
            case.text("同意，须在实施前完成备份并通知用户。", "Yes, if there is a backup and users are told before.")
        }
        _ => case.text("窗口与月结重叠，请调整。", "The window overlaps with the closing of the month."),
    };
    let assessed = Answer::finish("assessed")
        .with(&format!("{what}_verdict"), choice(verdict))
        .with(&format!("{what}_note"), note);
    if what == "continuity" { assessed.with("retest", Value::Bool(false)) } else { assessed }
}

fn approve(case: &mut Case<'_, '_>) -> Answer {
    if case.happens(5) {
        Answer::reject(case.speak("回退方案不充分。", "The way back is too thin."))
    } else {
        Answer::approve()
    }
}

fn emergency(case: &mut Case<'_, '_>, about: &About) -> Answer {
    let now = case.now();
    let team = match about {
        About::Undertaking(known) => known.service,
        About::Story(_) | About::Routine(_) | About::Else => "crm",
    };
    let team = crate::cli::demo::organisation::team_of(team);
    let implementer = case.member_of(team);
    Answer::approve()
        .with(
            "effects",
            case.text(
                "重启期间中断约五分钟，不影响数据安全。",
                "Five minutes of downtime at the restart; data stay safe.",
            ),
        )
        .with("implementer", Value::Ref(implementer))
        .with("window_end", Value::Instant(now.plus_ms(4 * HOUR_MS)))
        .with("decision_point", Value::Instant(now.plus_ms(2 * HOUR_MS)))
}

fn schedule(case: &mut Case<'_, '_>) -> Answer {
    let days = match (case.field("type").as_str(), version_of(&case.field("summary"))) {
        ("standard", _) => case.life.dice.between(1, 4),
        (_, Some(_)) => RELEASE_DAYS,
        (_, None) => case.life.dice.between(3, 7),
    };
    let hour = case.life.dice.pick(&["19:00", "20:00", "21:30"]).copied().unwrap_or("20:00");
    let start = case.evening(days + case.refused, hour);
    let team = case.field("team");
    let implementer = case.member_of(&team);
    let scheduled = Answer::finish("schedule")
        .with("window_start", Value::Instant(start))
        .with("window_end", Value::Instant(start.plus_ms(3 * HOUR_MS)))
        .with("decision_point", Value::Instant(start.plus_ms(90 * MINUTE_MS)))
        .with("implementer", Value::Ref(implementer));
    let is_normal = case.field("type") == "normal";
    if is_normal && version_of(&case.field("summary")).is_some() {
        scheduled.and_then(case.office(20), Deed::Release { change: case.record.id() })
    } else {
        scheduled
    }
}

fn implement(case: &mut Case<'_, '_>, about: &About) -> Answer {
    let is_standard = case.field("type") == "standard";
    if case.happens(if is_standard { 1 } else { 5 }) {
        return Answer::finish("back_out").because(case.speak("验证未通过，决定回退。", "The check failed."));
    }
    // What a release brings, the release enters into the register.
    let is_normal = case.field("type") == "normal";
    if is_normal && version_of(&case.field("summary")).is_none() {
        case.life.versions += 1;
        let version = format!("{}.{}", 4 + case.life.versions / 10, case.life.versions % 10);
        let at = case.now().plus_ms(MINUTE_MS);
        let under = Name::from(case.record.number());
        let items = about.items().into_iter().map(Name::from).collect();
        return Answer::finish("done")
            .with("test_result", case.text("按测试方案验证通过。", "All of the test plan passed."))
            .and_then(at, Deed::Enter { under, items, version });
    }
    Answer::finish("done").with("test_result", case.text("按测试方案验证通过。", "All of the test plan passed."))
}

fn decide(case: &Case<'_, '_>) -> Answer {
    let next = case.now().plus_ms(30 * MINUTE_MS);
    match case.instant_of("window_end") {
        Some(end) if next < end => Answer::finish("go_on")
            .with("decision_point", Value::Instant(next))
            .because(case.speak("进度正常，稍有延迟。", "A little late, otherwise as planned.")),
        _ => Answer::finish("back_out").because(case.speak("窗口内无法完成。", "It cannot be done within the window.")),
    }
}

fn review(case: &mut Case<'_, '_>) -> Answer {
    let backed_out = case.says_yes("was_backed_out");
    let met = !backed_out && !case.happens(1);
    let reviewed = Answer::finish("reviewed")
        .with("objective_met", Value::Bool(met))
        .with("items_updated", Value::Bool(true))
        .with(
            "follow_up",
            case.text(
                "实施后的事件均与本变更无关，无需后续措施。",
                "No incident since comes from it; nothing more to do.",
            ),
        );
    if backed_out { reviewed.with("backout_worked", Value::Bool(true)) } else { reviewed }
}

/// Enters into the register what a change has brought, under the change.
pub(super) fn enter(
    life: &super::Life<'_>,
    under: &Name,
    items: &[Name],
    (attribute, value): (&str, &str),
) -> Result<Option<Timestamp>, super::HistoryError> {
    let directory = life.runtime.directory();
    let register = Name::from("configuration_item");
    let changes: Vec<EntryChange> = items
        .iter()
        .filter_map(|key| {
            let held = directory.entry(register.as_str(), key)?;
            let mut fields: Fields = held.fields.clone();
            fields.insert(Name::from(attribute), text(value));
            let entry = Entry { labels: held.labels.clone(), fields };
            Some(EntryChange { register: register.clone(), key: key.clone(), entry })
        })
        .collect();
    let order = EntryOrder { changes, under: Some(under.clone()), reason: String::new() };
    let ordered = life.runtime.change_entries(&order, &Name::from("p18"))?;
    // Other programs have read the register anew by then.
    Ok(ordered.map(|_| life.runtime.now().plus_ms(5_000)))
}

/// The form of an undertaking.
pub(super) fn raised(undertaking: &Undertaking, kind: &str) -> Fields {
    Fields::from([
        (Name::from("summary"), text(undertaking.summary)),
        (Name::from("service"), Value::Ref(Name::from(undertaking.service))),
        (Name::from("justification"), text(undertaking.justification)),
        (Name::from("type"), choice(kind)),
        (Name::from("items"), references(undertaking.items.iter().copied())),
    ])
}

/// The form of a routine; nothing while no template is in force.
pub(super) fn routine(life: &super::Life<'_>, routine: &Routine) -> Option<Fields> {
    let template = life.templates.get(routine.summary)?.clone();
    Some(Fields::from([
        (Name::from("summary"), text(routine.summary)),
        (Name::from("service"), Value::Ref(Name::from(routine.service))),
        (Name::from("justification"), text(routine.justification)),
        (Name::from("type"), choice("standard")),
        (Name::from("template"), Value::Ref(template)),
        (Name::from("items"), references([routine.item])),
    ]))
}
