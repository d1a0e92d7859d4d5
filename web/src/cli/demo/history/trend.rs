//! The monthly analysis of trends.

use engine::ids::Name;
use engine::value::{Fields, Value};

use super::answer::{Answer, Case, Pace, number, reference, text};

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "analyse" => Pace::Office(500, 1_600),
        "accept" => Pace::Office(300, 1_500),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Option<Answer> {
    let (incidents, problems) = (case.field("incident_count"), case.field("problem_count"));
    Some(match case.step() {
        "analyse" => {
            let row = Fields::from([
                (Name::from("service"), reference("printing")),
                (Name::from("category"), text("硬件")),
                (Name::from("times"), number(case.life.dice.between(3, 8))),
            ]);
            Answer::finish("done")
                .with("kinds", Value::List(vec![Value::Row(row)]))
                .with(
                    "conclusion",
                    text(&format!(
                        "本期共 {incidents} 起事件、{problems} 个问题；打印机硬件故障占比最高，其余类别无明显上升。"
                    )),
                )
                .with("improvements", text("打印机搓纸轮改为按页数定期更换。"))
        }
        "accept" => Answer::finish("accepted"),
        _ => return None,
    })
}
