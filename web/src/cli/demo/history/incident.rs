//! Incidents: the desk sorts them, teams solve them, callers answer.

use engine::ids::Name;
use engine::value::{Fields, Value};

use super::answer::{Answer, Case, Pace, choice, number, reference, references, text};
use super::deed::{Deed, Fate};
use super::{HistoryError, Life};
use crate::cli::demo::stories::{STORIES, Story};

const INCIDENT_MANAGER: &str = "p05";

/// The form of a report.
pub(in crate::cli::demo) fn reported(story: &Story) -> Fields {
    Fields::from([
        (Name::from("summary"), text(story.summary)),
        (Name::from("details"), text(story.details)),
        (Name::from("service"), reference(story.service)),
        (Name::from("impact"), choice(story.weight.0)),
        (Name::from("urgency"), choice(story.weight.1)),
        (Name::from("category"), text(story.category)),
    ])
}

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "triage" => Pace::Office(2, 14),
        "resolve" => match case.field("priority").as_str() {
            "p1" => Pace::Wall(40, 150),
            "p2" => Pace::Office(45, 260),
            "p3" => Pace::Office(90, 800),
            _ => Pace::Office(120, 1_300),
        },
        "confirm" => Pace::Office(30, 900),
        "agree_action" => Pace::Office(8, 50),
        "tell_customer" => Pace::Office(2, 12),
        "resume" => Pace::Office(120, 700),
        "vendor_back" => Pace::Office(300, 1_000),
        "raise_problem" | "declare_major" => Pace::Wall(3, 12),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Result<Option<Answer>, HistoryError> {
    let (index, story) = told(case);
    Ok(Some(match case.step() {
        "triage" if case.fate() == Fate::Fresh => Answer::Leave,
        "triage" => triage(case, index, story),
        "resolve" => resolve(case, story)?,
        "confirm" => confirm(case),
        "agree_action" if case.life.dice.chance(88) => Answer::finish("agreed")
            .with("agreed_with", case.text("报告人及其部门负责人", "the caller and the head of the department"))
            .with(
                "agreed_action",
                case.text("先用临时措施办公，今天之内恢复。", "Work on with the workaround; fixed today."),
            ),
        "agree_action" => {
            Answer::finish("unreachable").because(case.speak("两次电话均无人接听", "No answer to two calls"))
        }
        "tell_customer" => Answer::finish("told")
            .with("progress", case.text("正在处理，已定位到故障部件。", "Being worked on; the faulty part is known.")),
        "resume" => Answer::finish("resume"),
        "vendor_back" => Answer::finish("back"),
        "raise_problem" => Answer::finish("raise"),
        "declare_major" => Answer::finish("declare"),
        _ => return Ok(None),
    }))
}

fn told(case: &Case<'_, '_>) -> (usize, &'static Story) {
    Story::told(&case.field("summary")).unwrap_or((0, &STORIES[0]))
}

fn triage(case: &mut Case<'_, '_>, index: usize, story: &Story) -> Answer {
    let own = Name::from(case.record.number());
    let before = case.life.reported.insert(index, own);
    if case.happens(3) {
        return Answer::finish("reject")
            .because(case.speak("属于使用咨询，已电话答复。", "A question, answered by telephone."));
    }
    if let Some(before) = before
        && case.happens(4)
    {
        return Answer::finish("duplicate").with("duplicate_of", Value::Ref(before));
    }
    let known = known_error(case.life, story);
    let minor = story.weight.0 == "low";
    if minor && case.happens(16) {
        let solved = Answer::finish("solve")
            .with("resolution", text(story.resolution))
            .with("resolution_code", choice("advice"));
        return known.map_or(solved, |known| {
            Answer::with(Answer::finish("solve"), "known_error", Value::Ref(known))
                .with("resolution", text(story.resolution))
                .with("resolution_code", choice("workaround"))
        });
    }
    let mut accept = Answer::finish("accept")
        .with("impact", choice(story.weight.0))
        .with("urgency", choice(story.weight.1))
        .with("items", references([story.item]))
        .with("category", text(story.category));
    if let Some(known) = known {
        accept = accept.with("known_error", Value::Ref(known));
    }
    if case.happens(8) {
        let others = ["network", "applications", "workplace"];
        let others: Vec<&str> = others.into_iter().filter(|team| *team != story.team()).collect();
        if let Some(other) = case.life.dice.pick(&others) {
            accept = accept.with("team", reference(other));
        }
    }
    let record = case.record.id();
    let is_critical = story.weight == ("high", "high");
    if case.fate() == Fate::Major || is_critical && case.happens(30) {
        let by = Name::from(INCIDENT_MANAGER);
        accept = accept.and_then(case.office(8), Deed::Add { record, first: "declare_major", by });
    }
    if case.fate() == Fate::Shown {
        let by = Name::from("p03");
        accept = accept.and_then(case.office(25), Deed::Add { record, first: "raise_problem", by });
    }
    accept
}

fn resolve(case: &mut Case<'_, '_>, story: &Story) -> Result<Answer, HistoryError> {
    let team = case.field("team");
    let record = case.record.id();
    if team != story.team() {
        return Ok(Answer::finish("wrong_team").with("team", reference(story.team())));
    }
    if case.field("question").is_empty() && case.happens(16) {
        let asked = Answer::finish("ask_caller").with("question", text(story.question));
        let silent = case.life.dice.chance(8);
        let after = case.life.dice.between(40, 700);
        return Ok(if silent { asked } else { asked.and_then(case.office(after), Deed::Reply { record }) });
    }
    if case.field("waiting_for").is_empty() && case.happens(5) {
        return Ok(Answer::finish("wait")
            .with("waiting_for", choice("evidence"))
            .because(case.speak("等待再次出现时的日志", "Waiting for the log of the next time")));
    }
    if case.field("vendor").is_empty() && case.happens(4) {
        let agreed = case.life.dice.chance(70);
        let handed = Answer::finish("to_vendor")
            .with("vendor", case.text("设备原厂", "the manufacturer"))
            .with("vendor_ref", text(&format!("SR-{}", case.life.dice.between(100_000, 999_999))))
            .because(case.speak("需原厂备件", "A spare part is needed"));
        // An agreed pause stops the clock.
        return Ok(if agreed {
            handed.with("pause_agreed_with", case.text("报告人", "the caller"))
        } else {
            handed.with("pause_agreed_with", Value::Nothing)
        });
    }
    let can_go_up = matches!(case.field("tier").as_str(), "first" | "second");
    if can_go_up && case.field("reassign_count") == "0" && case.happens(4) {
        return Ok(Answer::finish("hand_up")
            .with("team", reference(story.team()))
            .because(case.speak("需要更深入的日志分析", "The logs need a closer look")));
    }
    if case.happens(1) {
        return Ok(Answer::finish("give_up")
            .because(case.speak("设备即将报废，不再维修", "The device is about to be retired")));
    }
    let mut fixed = Answer::finish("fixed")
        .with("resolution", text(story.resolution))
        .with("resolution_code", choice(if case.field("known_error").is_empty() { "repaired" } else { "workaround" }))
        .with("cause", text(story.cause))
        .with("items", references([story.item]));
    if case.life.dice.chance(60) || case.fate() != Fate::Chance {
        fixed = fixed.with("ci_caused", reference(story.item));
    }
    for problem in case.linked("caused_by") {
        if let Some(problem) = case.life.record(problem)? {
            fixed = fixed.with("problem", reference(problem.number()));
        }
    }
    Ok(fixed)
}

fn confirm(case: &mut Case<'_, '_>) -> Answer {
    // Silence: the process closes the record by itself.
    if case.happens(32) {
        return Answer::Leave;
    }
    if case.happens(6) {
        return Answer::finish("reopen")
            .because(case.speak("问题又出现了，请再看一下。", "It has come back, please look again."));
    }
    let satisfied = case.life.dice.chance(55);
    let stars = case.life.dice.pick(&[5, 5, 4, 4, 4, 3, 2]).copied().unwrap_or(4);
    let confirmed = Answer::finish("confirm");
    if satisfied { confirmed.with("satisfaction", number(stars)) } else { confirmed }
}

/// The open known error of a story, where there is one.
pub(super) fn known_error(life: &Life<'_>, story: &Story) -> Option<Name> {
    let directory = life.runtime.directory();
    let found = directory.entries("known_error").find(|(_, entry)| {
        entry.fields.get("symptom") == Some(&text(story.summary)) && entry.fields.get("status") == Some(&choice("open"))
    });
    found.map(|(key, _)| key.clone())
}
