//! Whether what is written of configuration items is so: audits, verifications, reconciliations.

use engine::ids::Name;
use engine::value::{Fields, Value};

use super::HistoryError;
use super::answer::{Answer, Case, OFFICE_DAY, Pace, choice, number, reference, references, text};
use crate::cli::demo::organisation::ITEMS;

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match (case.process.as_str(), case.step()) {
        ("configuration_audit", "set_out") => Pace::Office(120, 900),
        ("configuration_audit", "compare") => Pace::Office(OFFICE_DAY, 4 * OFFICE_DAY),
        ("configuration_audit", "settle") => Pace::Office(200, 1_500),
        ("configuration_audit", "write_report") => Pace::Office(200, 1_200),
        ("configuration_audit", "ask_owner") => Pace::Office(60, 400),
        ("verification", "verify") => Pace::Office(200, 2_500),
        ("verification", "look") => Pace::Office(200, 1_200),
        ("reconciliation", "examine") => Pace::Office(120, 1_500),
        ("reconciliation", "correct") => Pace::Office(60, 500),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Result<Option<Answer>, HistoryError> {
    Ok(Some(match (case.process.as_str(), case.step()) {
        ("configuration_audit", "set_out") => {
            let service = case.field("service");
            let sample = ITEMS.iter().filter(|(_, _, of, _, _)| *of == service).map(|(key, ..)| *key);
            let seed = case.life.dice.between(1_000, 9_999);
            Answer::finish("set_out")
                .with("scope", text("该服务的全部运行中配置项。All live items of the service."))
                .with("method", choice("both"))
                .with("drawn_by", text(&format!("全数抽取，种子 {seed}")))
                .with("sample", references(sample))
        }
        ("configuration_audit", "compare") => compare(case),
        ("configuration_audit", "settle") => Answer::finish("change"),
        ("configuration_audit", "write_report") => {
            let accuracy = case.field("accuracy");
            Answer::finish("issued").with("report", text(&format!("样本准确率 {accuracy} %，偏差已转变更处理。")))
        }
        ("configuration_audit", "ask_owner") => Answer::finish("told").with("evidence_seen", text("与登记一致。")),
        ("verification", step @ ("verify" | "look")) if case.happens(12) => {
            let differs =
                Answer::finish("differs").with("attribute", text("location")).with("seen", text("杭州机房 B 排"));
            if step == "look" { differs.with("caretaker", reference("p18")) } else { differs }
        }
        ("verification", "verify") => Answer::finish("holds"),
        ("verification", "look") => Answer::finish("holds").with("caretaker", reference("p18")),
        ("reconciliation", "examine") if case.happens(15) => Answer::finish("mistaken").because("扫描时设备正在重启"),
        ("reconciliation", "examine") => Answer::finish("accept")
            .with("unauthorised", Value::Bool(false))
            .with("finding", text("设备搬迁后未登记，属登记遗漏。")),
        ("reconciliation", "correct") => {
            correct(case)?;
            Answer::finish("corrected")
        }
        _ => return Ok(None),
    }))
}

fn compare(case: &mut Case<'_, '_>) -> Answer {
    let seen = Answer::finish("compared").with("evidence_seen", text("扫描清单与现场照片，见审计底稿。"));
    if !case.happens(50) {
        return seen.with("wrong_items", number(0));
    }
    let item = match case.record.fields().get("sample") {
        Some(Value::List(sample)) => sample.first().cloned().unwrap_or(Value::Nothing),
        _ => Value::Nothing,
    };
    let deviation = Fields::from([
        (Name::from("item"), item),
        (Name::from("kind"), choice("unauthorised")),
        (Name::from("what"), text("内存扩容未经变更")),
        (Name::from("correction"), text("补提变更，评估后保留或恢复。")),
    ]);
    seen.with("wrong_items", number(1)).with("deviations", Value::List(vec![Value::Row(deviation)]))
}

/// Brings the register up to date under the reconciliation.
fn correct(case: &Case<'_, '_>) -> Result<(), HistoryError> {
    let under = Name::from(case.record.number());
    let item = Name::from(case.field("item"));
    super::change::enter(case.life, &under, &[item], ("location", &case.field("seen")))?;
    Ok(())
}
