//! Problems: investigated, their errors published, solved by a change or accepted.

use engine::ids::Name;
use engine::time::{DAY_MS, days_after};
use engine::value::Value;

use super::HistoryError;
use super::answer::{Answer, Case, OFFICE_DAY, Pace, choice, money, number, reference, text};
use super::deed::{Deed, Fate};
use crate::cli::demo::stories::Story;

/// For how long a story does not come after its cause was removed.
const CURED_DAYS: i64 = 80;

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "classify" => Pace::Office(60, 460),
        "investigate" => Pace::Office(OFFICE_DAY, 4 * OFFICE_DAY),
        "solve" => Pace::Office(OFFICE_DAY, 2 * OFFICE_DAY),
        "describe_error" => Pace::Office(20, 200),
        "publish" => Pace::Office(30, 300),
        "fix" => Pace::Office(OFFICE_DAY, 2 * OFFICE_DAY),
        "review" => Pace::Office(OFFICE_DAY, 4 * OFFICE_DAY),
        "acceptance" => Pace::Office(120, 1_000),
        "review_risk" => Pace::Office(OFFICE_DAY, 3 * OFFICE_DAY),
        "supplier_back" => Pace::Office(3 * OFFICE_DAY, 8 * OFFICE_DAY),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Result<Option<Answer>, HistoryError> {
    let story = Story::told(&case.field("summary"));
    Ok(Some(match case.step() {
        "classify" => classify(case, story),
        "investigate" => investigate(case, story),
        "describe_error" => {
            let workaround = case.text(
                "重启相关服务后可恢复，约需五分钟。",
                "Restarting the service helps for a while; it takes five minutes.",
            );
            Answer::finish("described").with("symptom", text(&case.field("summary"))).with("workaround", workaround)
        }
        "publish" => Answer::finish("publish"),
        "solve" => solve(case),
        "fix" => fix(case, story)?,
        "review" if case.refused == 0 => Answer::finish("effective")
            .with("recurrences", number(0))
            .with("lessons", case.text("同类部件按此检查一遍。", "Look at all parts of this kind in the same way.")),
        "review" => Answer::finish("back").with("recurrences", number(1)),
        "acceptance" => Answer::approve(),
        "review_risk" => Answer::finish("close")
            .with("lessons", case.text("半年内未再发生。", "It has not happened for half a year."))
            .because(case.speak("风险仍可接受", "The risk is still acceptable")),
        "supplier_back" => Answer::finish("back"),
        _ => return Ok(None),
    }))
}

fn classify(case: &mut Case<'_, '_>, story: Option<(usize, &'static Story)>) -> Answer {
    if case.happens(5) {
        return Answer::finish("reject").because(case.speak("各起事件原因不同", "The incidents have different causes"));
    }
    let weight = story.map_or(("medium", "medium"), |(_, story)| story.weight);
    let category = story.map_or("其他", |(_, story)| story.category);
    let accept = Answer::finish("accept")
        .with("category", text(category))
        .with("impact", choice(weight.0))
        .with("urgency", choice(weight.1))
        .with("cost_of_incidents", money("6400.00 CNY"));
    match story {
        Some((_, story)) => accept.with("items", Value::List(vec![reference(story.item)])),
        None => accept,
    }
}

fn investigate(case: &mut Case<'_, '_>, story: Option<(usize, &'static Story)>) -> Answer {
    if case.field("supplier").is_empty() && case.happens(8) {
        return Answer::finish("ask_supplier")
            .with("supplier", case.text("设备原厂", "the manufacturer"))
            .with("supplier_ref", text("CASE-70211"))
            .because(case.speak("需原厂分析转储文件", "The manufacturer has to look at the dump"));
    }
    let record = case.record.id();
    let by = case.member_of(&case.field("team"));
    let method = case.life.dice.pick(&["five_whys", "ishikawa", "timeline"]).copied().unwrap_or("timeline");
    let described = !case.field("symptom").is_empty();
    let found = if case.happens(7) {
        Answer::finish("not_found")
            .with("method", choice(method))
            .because(case.speak("测试环境无法重现", "It does not come in the test environment"))
    } else {
        Answer::finish("found")
            .with("method", choice(method))
            .with(
                "cause_kind",
                choice(if story.is_some_and(|(_, story)| story.service == "printing") {
                    "hardware"
                } else {
                    "software"
                }),
            )
            .with("root_cause", text(story.map_or("监控未覆盖该部件", |(_, story)| story.cause)))
            .with(
                "proof",
                case.text(
                    "测试环境按相同条件可稳定重现。",
                    "It comes every time under the same conditions in the test environment.",
                ),
            )
    };
    if described { found } else { found.and_then(case.office(60), Deed::Add { record, first: "describe_error", by }) }
}

fn solve(case: &mut Case<'_, '_>) -> Answer {
    if case.field("published_at").is_empty() {
        return Answer::Later(OFFICE_DAY / 2);
    }
    if case.happens(25) {
        let days = case.life.dice.between(90, 170);
        let on = days_after(&case.life.day_of(case.now()), days).unwrap_or_default();
        return Answer::finish("accept")
            .with(
                "accept_reason",
                case.text(
                    "设备明年更换，临时措施有效。",
                    "The device is replaced next year, and the workaround works.",
                ),
            )
            .with("review_on", Value::Date(on));
    }
    Answer::finish("by_change")
        .with("solution", case.text("消除根本原因，并补充监控。", "Remove the root cause and watch for it."))
}

fn fix(case: &mut Case<'_, '_>, story: Option<(usize, &'static Story)>) -> Result<Answer, HistoryError> {
    let newest = case.linked("resolved_by").into_iter().max();
    let Some(change) = newest.map(|change| case.life.record(change)).transpose()?.flatten() else {
        return Ok(Answer::Later(OFFICE_DAY));
    };
    if change.milestones().contains_key("implemented") {
        if let Some((index, _)) = story
            && (case.fate() == Fate::Shown || case.life.dice.chance(92))
        {
            let until = case.now().plus_ms(CURED_DAYS * DAY_MS);
            case.life.cured.insert(index, until);
        }
        return Ok(Answer::finish("live")
            .with("changes", Value::List(vec![reference(change.number())]))
            .with("fixed_in", text(change.number())));
    }
    if change.is_ended() || change.fields().get("was_backed_out") == Some(&Value::Bool(true)) {
        return Ok(Answer::finish("failed").because(case.speak("变更未实施", "The change was not carried out")));
    }
    Ok(Answer::Later(OFFICE_DAY))
}

/// The key under which the error of a problem is published.
pub(super) fn published(case: &Case<'_, '_>, problem: &str) -> Option<Name> {
    let directory = case.life.runtime.directory();
    let found =
        directory.entries("known_error").find(|(_, entry)| entry.fields.get("problem") == Some(&reference(problem)));
    found.map(|(key, _)| key.clone())
}
