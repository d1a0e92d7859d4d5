//! Releases: what approved changes bring is planned, built, tested, signed off, deployed and watched.

use engine::ids::{InstanceId, Name};
use engine::time::HOUR_MS;
use engine::value::{Fields, Value};
use sha2::{Digest, Sha256};

use super::answer::{Answer, Case, OFFICE_DAY, Pace, choice, number, reference, references, text};
use super::deed::{Deed, Fate};
use super::{HistoryError, Life, change, problem};

const RELEASE_MANAGER: &str = "p17";

/// Begins the release of a change.
///
/// # Errors
/// The store failed.
pub(super) fn begin(life: &mut Life<'_>, change: InstanceId) -> Result<Vec<InstanceId>, HistoryError> {
    let Some(record) = life.record(change)? else { return Ok(Vec::new()) };
    let says = |name: &str| record.fields().get(name).map(Value::plain).unwrap_or_default();
    let Some(series) = change::version_of(&says("summary")) else { return Ok(Vec::new()) };
    life.versions += 1;
    let version = format!("{series}{}", life.versions);
    let fields = Fields::from([
        (Name::from("summary"), text(&format!("{version}: {}", says("summary")))),
        (Name::from("service"), reference(&says("service"))),
        (Name::from("kind"), choice("minor")),
        (Name::from("version"), text(&version)),
        (Name::from("changes"), references([record.number()])),
    ]);
    let fate = if life.fate(change) == Fate::Chance { Fate::Chance } else { Fate::Shown };
    life.plan(life.runtime.now(), Deed::Begin { process: "release", by: Name::from(RELEASE_MANAGER), fields, fate });
    Ok(Vec::new())
}

pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    Some(match case.step() {
        "plan_release" => Pace::Office(200, 600),
        "build" => Pace::Office(OFFICE_DAY, 2 * OFFICE_DAY),
        "test" => Pace::Office(OFFICE_DAY, 2 * OFFICE_DAY),
        "sign_operations" | "sign_business" | "sign_support" => Pace::Office(60, 700),
        "go_no_go" => Pace::Wall(5, 15),
        "check_package" => Pace::Wall(3, 8),
        "deploy" => Pace::Wall(10, 25),
        "verify" => Pace::Wall(10, 20),
        "compare" => Pace::Office(60, 300),
        "paperwork" => Pace::Office(120, 700),
        "watch" => Pace::Office(60, 90),
        "back_out" => Pace::Wall(15, 40),
        "put_back" => Pace::Office(60, 300),
        "review" => Pace::Office(OFFICE_DAY, 4 * OFFICE_DAY),
        _ => return None,
    })
}

pub(super) fn answer(case: &mut Case<'_, '_>) -> Result<Option<Answer>, HistoryError> {
    let file = format!("{}-{}.tar.zst", case.field("service"), case.field("version"));
    let hash = hex::encode(Sha256::digest(&file));
    Ok(Some(match case.step() {
        "plan_release" => plan(case)?,
        "build" => {
            let package = Fields::from([
                (Name::from("file"), text(&file)),
                (Name::from("sha256"), text(&hash)),
                (Name::from("library"), text(&format!("dml/{}/{}", case.field("service"), case.field("version")))),
            ]);
            Answer::finish("built").with("packages", Value::List(vec![Value::Row(package)]))
        }
        "test" if case.happens(8) && was_built_once(case) => {
            Answer::finish("failed").because(case.speak("两个用例未通过", "Two cases failed"))
        }
        "test" => Answer::finish("passed")
            .with("test_environment", case.text("验收环境", "acceptance"))
            .with("test_result", case.text("四十个用例全部通过。", "All 40 cases passed.")),
        "sign_operations" | "sign_business" | "sign_support" => Answer::finish("sign"),
        "go_no_go" => Answer::finish("go"),
        "check_package" => Answer::finish("intact").with("measured", text(&hash)),
        "deploy" => Answer::finish("deployed"),
        "verify" if case.happens(6) => {
            Answer::finish("back_out").because(case.speak("订单查询超时", "Searching for orders times out"))
        }
        "verify" => Answer::finish("verified"),
        "compare" => {
            Answer::finish("differs").because(case.speak("其中一项已是目标版本", "One of them had the version already"))
        }
        "paperwork" => Answer::finish("done"),
        // Its early life ends by itself.
        "watch" => Answer::Leave,
        "back_out" | "put_back" => Answer::finish("done"),
        "review" => Answer::finish("reviewed")
            .with("effects", case.text("用户反馈良好，咨询量下降。", "Users are content, fewer of them call."))
            .with("effort", number(case.life.dice.between(24, 120)))
            .with("follow_up", case.text("无", "None")),
        _ => return Ok(None),
    }))
}

/// Whether but one person has built it, so that others are left to test what is built anew.
fn was_built_once(case: &Case<'_, '_>) -> bool {
    let directory = case.life.runtime.directory();
    let step = Name::from("build");
    directory.standings().filter(|(person, _)| case.record.took_part(&step, person)).count() == 1
}

fn plan(case: &mut Case<'_, '_>) -> Result<Answer, HistoryError> {
    let changes = match case.record.fields().get("changes") {
        Some(Value::List(changes)) => changes.clone(),
        _ => Vec::new(),
    };
    let number = changes.first().map(Value::plain).unwrap_or_default();
    let change = case.life.runtime.store().instance_of_number(&number)?;
    let Some(change) = change.map(|change| case.life.record(change)).transpose()?.flatten() else {
        return Ok(Answer::finish("drop").because(case.speak("变更不存在", "There is no change")));
    };
    let window = match change.fields().get("window_start") {
        Some(Value::Instant(start)) if *start > case.now() => *start,
        _ => return Ok(Answer::finish("drop").because(case.speak("变更窗口已过", "The window of its change is over"))),
    };
    let mut problems = Vec::new();
    for link in change.links() {
        problems.extend(case.life.record(link.other)?.map(|problem| problem.number().to_owned()));
    }
    problems.retain(|number| number.starts_with("PRB-"));
    let errors: Vec<Value> =
        problems.iter().filter_map(|problem| problem::published(case, problem)).map(Value::Ref).collect();
    let day = case.life.day_of(window);
    let wave = |site: &'static str| {
        Value::Row(Fields::from([(Name::from("site"), text(site)), (Name::from("from"), Value::Date(day.clone()))]))
    };
    let waves = vec![wave(case.speak("杭州机房", "Hangzhou")), wave(case.speak("上海备用机房", "Shanghai, standby"))];
    Ok(Answer::finish("freeze")
        .with("changes", Value::List(changes))
        .with("problems", references(problems.iter().map(String::as_str)))
        .with("known_errors", Value::List(errors))
        .with("items", change.fields().get("items").cloned().unwrap_or(Value::Nothing))
        .with("plan", case.text("先备用机房，验证后再主用机房。", "First one site, and the other when it works."))
        .with("waves", Value::List(waves))
        .with("deploy_start", Value::Instant(window))
        .with("deploy_end", Value::Instant(window.plus_ms(3 * HOUR_MS)))
        .with("backout", case.text("切回上一版本程序包。", "Install the packages of the version before."))
        .with(
            "announcement",
            case.text("今晚升级，期间可能中断十分钟。", "An update tonight; ten minutes of downtime are possible."),
        )
        .with("training", case.text("服务台已阅读新功能说明。", "The desk has read what is new."))
        .with("signatory", reference("p04")))
}
