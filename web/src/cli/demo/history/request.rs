//! Service requests: approved, fulfilled, confirmed.

use super::answer::{Answer, Case, Pace, number, text};
use super::deed::Deed;
use crate::cli::demo::wishes::{WISHES, Wish};

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "manager_approval" | "owner_approval" | "stand_in_approval" => Pace::Office(30, 700),
        "allow" => Pace::Office(40, 420),
        "fulfil" => Pace::Office(60, 900),
        "confirm" => Pace::Office(30, 1_000),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Option<Answer> {
    let wish = Wish::told(&case.field("summary")).unwrap_or(&WISHES[0]);
    Some(match case.step() {
        "manager_approval" | "owner_approval" | "stand_in_approval" => {
            if case.happens(5) {
                Answer::reject(case.speak("本季度预算已用完", "The budget of this quarter is used up"))
            } else {
                Answer::approve()
            }
        }
        "allow" if case.happens(4) => {
            Answer::finish("refuse").because(case.speak("与岗位职责不符", "Not needed for the job"))
        }
        "allow" => Answer::finish("allow"),
        "fulfil" => fulfil(case, wish),
        "confirm" => confirm(case),
        _ => return None,
    })
}

fn fulfil(case: &mut Case<'_, '_>, wish: &Wish) -> Answer {
    let record = case.record.id();
    if case.field("question").is_empty() && case.happens(18) {
        let asked = Answer::finish("ask").with("question", text(wish.question));
        let after = case.life.dice.between(60, 900);
        return if case.life.dice.chance(8) {
            asked
        } else {
            asked.and_then(case.office(after), Deed::Reply { record })
        };
    }
    if case.happens(2) {
        return Answer::finish("refuse").because(case.speak("该型号已停产", "It is not made any more"));
    }
    Answer::finish("done").with("result", text(wish.result))
}

fn confirm(case: &mut Case<'_, '_>) -> Answer {
    if case.happens(35) {
        return Answer::Leave;
    }
    if case.happens(4) {
        return Answer::finish("missing").because(case.speak("还缺电源适配器", "The power supply is missing"));
    }
    let stars = case.life.dice.pick(&[5, 5, 5, 4, 4, 3]).copied().unwrap_or(4);
    Answer::finish("received").with("satisfaction", number(stars))
}
