//! What begins when: by chance through all the months, and in the last weeks what the demo shows.

use engine::ids::Name;
use engine::time::{DAY_MS, MINUTE_MS, Timestamp, days_after};
use engine::value::{Fields, Value};

use super::answer::{OFFICE_DAY, references, text};
use super::deed::{Deed, Fate};
use super::{Life, change, incident};
use crate::cli::demo::organisation::{ITEMS, REPORTERS, SERVICES};
use crate::cli::demo::stories::STORIES;
use crate::cli::demo::wishes::{EMERGENCIES, ROUTINES, UNDERTAKINGS, WISHES};

/// After how many days a template is written anew.
const TEMPLATE_DAYS: i64 = 300;
/// The story that the demo shows as a whole: its summary.
const SHOWN: &str = "Customer portal shows error 502";
/// The major incident of the last days.
const MAJOR: &str = "ERP 无法登录，全公司受影响";
/// What the desk has not looked at yet, and how many minutes before the end it came in.
const FRESH: [(i64, &str); 5] = [
    (4, "12 楼会议室无线信号很差"),
    (11, "Mailbox is full although mails were deleted"),
    (19, "动态口令收不到"),
    (33, "Printouts come out blank"),
    (58, "外接显示器无法识别"),
];

/// Writes down what begins from an instant to the end.
pub(super) fn write(life: &mut Life<'_>, start: Timestamp) {
    let mut day = start;
    let mut days = 0;
    while day < life.end {
        write_day(life, day, days);
        day = day.plus_ms(DAY_MS);
        days += 1;
    }
    show(life, start);
}

fn write_day(life: &mut Life<'_>, day: Timestamp, days: usize) {
    let local = life.day_of(day);
    let morning = life.at(&local, "00:00");
    if life.office.between_ms(morning, morning.plus_ms(DAY_MS)) == 0 {
        if life.dice.chance(45) {
            let at = morning.plus_ms(life.dice.between(8 * 60, 23 * 60) * MINUTE_MS);
            report(life, at, |service| service == "crm" || service == "vpn");
        }
        return;
    }
    for _ in 0..life.dice.between(2, 7) {
        let at = office_time(life, &local);
        report(life, at, |_| true);
    }
    for _ in 0..life.dice.between(1, 5) {
        let at = office_time(life, &local);
        let (by, wish) = (reporter(life), life.dice.pick(&WISHES).unwrap_or(&WISHES[0]));
        let fields = Fields::from([
            (Name::from("item"), Value::Ref(Name::from(wish.item))),
            (Name::from("summary"), text(wish.summary)),
            (Name::from("details"), text(wish.details)),
        ]);
        life.plan(at, Deed::Begin { process: "service_request", by, fields, fate: Fate::Chance });
    }
    if life.dice.chance(22) {
        let (by, routine) = (Name::from("p03"), life.dice.pick(&ROUTINES).unwrap_or(&ROUTINES[0]));
        let fields = Fields::from([(Name::from("summary"), text(routine.summary))]);
        let at = office_time(life, &local);
        life.plan(at, Deed::Begin { process: "change", by, fields, fate: Fate::Chance });
    }
    if life.dice.chance(12) {
        let undertaking = life.dice.pick(&UNDERTAKINGS).unwrap_or(&UNDERTAKINGS[0]);
        let (at, by) = (office_time(life, &local), reporter(life));
        life.plan(
            at,
            Deed::Begin { process: "change", by, fields: change::raised(undertaking, "normal"), fate: Fate::Chance },
        );
    }
    if life.dice.chance(3) {
        let undertaking = life.dice.pick(&EMERGENCIES).unwrap_or(&EMERGENCIES[0]);
        let (at, by) = (office_time(life, &local), Name::from("p05"));
        life.plan(
            at,
            Deed::Begin { process: "change", by, fields: change::raised(undertaking, "emergency"), fate: Fate::Chance },
        );
    }
    regular(life, &local, days);
}

/// What the calendar asks for.
fn regular(life: &mut Life<'_>, local: &str, days: usize) {
    let keeper = Name::from("p18");
    if life.dice.chance(9) {
        let item = life.dice.pick(&ITEMS).unwrap_or(&ITEMS[0]);
        let fields = Fields::from([
            (Name::from("summary"), text(&format!("{} 是否与登记一致？", item.1.1))),
            (Name::from("item"), Value::Ref(Name::from(item.0))),
            (Name::from("service"), Value::Ref(Name::from(item.2))),
        ]);
        let (at, by) = (office_time(life, local), keeper.clone());
        life.plan(at, Deed::Begin { process: "verification", by, fields, fate: Fate::Chance });
    }
    if life.dice.chance(5) {
        let item = life.dice.pick(&ITEMS).unwrap_or(&ITEMS[0]);
        let fields = Fields::from([
            (Name::from("summary"), text(&format!("{} 位置与登记不符", item.1.1))),
            (Name::from("item"), Value::Ref(Name::from(item.0))),
            (Name::from("service"), Value::Ref(Name::from(item.2))),
            (Name::from("attribute"), text("location")),
            (Name::from("seen"), text("杭州机房 A 排 12 柜")),
        ]);
        let at = office_time(life, local);
        life.plan(at, Deed::Begin { process: "reconciliation", by: Name::from("p02"), fields, fate: Fate::Chance });
    }
    if days % 90 == 20 {
        let (service, ..) = life.dice.pick(&SERVICES).copied().unwrap_or(SERVICES[0]);
        let planned = days_after(local, 7).unwrap_or_default();
        let fields = Fields::from([
            (Name::from("summary"), text(&format!("{} 季度配置审计", local.get(..7).unwrap_or(local)))),
            (Name::from("service"), Value::Ref(Name::from(service))),
            (Name::from("planned_on"), Value::Date(planned)),
            (Name::from("auditor"), Value::Ref(Name::from("p19"))),
        ]);
        let at = office_time(life, local);
        life.plan(at, Deed::Begin { process: "configuration_audit", by: keeper, fields, fate: Fate::Chance });
    }
    if days % 30 == 29 {
        let ends = life.at(local, "00:00");
        let fields = Fields::from([
            (Name::from("summary"), text(&format!("{} 趋势分析", local.get(..7).unwrap_or(local)))),
            (Name::from("services"), references(SERVICES.iter().map(|(key, ..)| *key))),
            (Name::from("begins"), Value::Instant(ends.plus_ms(-30 * DAY_MS))),
            (Name::from("ends"), Value::Instant(ends)),
        ]);
        let at = office_time(life, local);
        life.plan(at, Deed::Begin { process: "trend_analysis", by: Name::from("p16"), fields, fate: Fate::Chance });
    }
}

/// What is to be seen at the end whatever chance has brought.
fn show(life: &mut Life<'_>, start: Timestamp) {
    let mut written = start;
    while written < life.end {
        for routine in &ROUTINES {
            let after = life.dice.between(30, 400);
            let at = life.office_after(written, after);
            let fields = Fields::from([
                (Name::from("summary"), text(routine.summary)),
                (Name::from("service"), Value::Ref(Name::from(routine.service))),
            ]);
            let by = Name::from("p02");
            life.plan(at, Deed::Begin { process: "standard_change_template", by, fields, fate: Fate::Shown });
        }
        written = written.plus_ms(TEMPLATE_DAYS * DAY_MS);
    }
    // One chain from the incident to the release in its early life.
    if let Some(story) = STORIES.iter().find(|story| story.summary == SHOWN) {
        let at = back(life, 26);
        let fields = incident::reported(story);
        life.plan(at, Deed::Begin { process: "incident", by: Name::from("p13"), fields, fate: Fate::Shown });
    }
    if let Some(story) = STORIES.iter().find(|story| story.summary == MAJOR) {
        let at = back(life, 3);
        let fields = incident::reported(story);
        life.plan(at, Deed::Begin { process: "incident", by: Name::from("p10"), fields, fate: Fate::Major });
    }
    for (days, undertaking) in [(2, &UNDERTAKINGS[0]), (6, &UNDERTAKINGS[5]), (8, &UNDERTAKINGS[7])] {
        let (at, by) = (back(life, days), reporter(life));
        let fields = change::raised(undertaking, "normal");
        life.plan(at, Deed::Begin { process: "change", by, fields, fate: Fate::Shown });
    }
    for (minutes, summary) in FRESH {
        let Some(story) = STORIES.iter().find(|story| story.summary == summary) else { continue };
        let (at, by) = (life.end.plus_ms(-minutes * MINUTE_MS), reporter(life));
        let fields = incident::reported(story);
        life.plan(at, Deed::Begin { process: "incident", by, fields, fate: Fate::Fresh });
    }
}

/// A morning so many working days before the end.
fn back(life: &Life<'_>, days: i64) -> Timestamp {
    let mut at = life.end;
    let mut left = days;
    while left > 0 {
        at = at.plus_ms(-DAY_MS);
        let morning = life.at(&life.day_of(at), "00:00");
        if life.office.between_ms(morning, morning.plus_ms(DAY_MS)) > 0 {
            left -= 1;
        }
    }
    life.at(&life.day_of(at), "09:40")
}

fn office_time(life: &mut Life<'_>, local: &str) -> Timestamp {
    let minute = life.dice.between(2, OFFICE_DAY - 20);
    life.at(local, "09:00").plus_ms(minute * MINUTE_MS)
}

fn reporter(life: &mut Life<'_>) -> Name {
    Name::from(life.dice.pick(REPORTERS).copied().unwrap_or_default())
}

fn report(life: &mut Life<'_>, at: Timestamp, is_meant: impl Fn(&str) -> bool) {
    let by = reporter(life);
    let all: i64 = STORIES.iter().filter(|story| is_meant(story.service)).map(|story| story.often).sum();
    let mut drawn = life.dice.below(all);
    for story in STORIES.iter().filter(|story| is_meant(story.service)) {
        drawn -= story.often;
        if drawn < 0 {
            life.plan(
                at,
                Deed::Begin { process: "incident", by, fields: incident::reported(story), fate: Fate::Chance },
            );
            return;
        }
    }
}

/// The form with which a record begins now; nothing where there is no reason for it any more.
pub(super) fn begins(life: &Life<'_>, process: &str, fields: Fields, fate: Fate) -> Option<Fields> {
    let says = |name: &str| fields.get(name).map(Value::plain).unwrap_or_default();
    match process {
        "incident" if fate == Fate::Chance => {
            let cured = crate::cli::demo::stories::Story::told(&says("summary"))
                .and_then(|(index, _)| life.cured.get(&index))
                .is_some_and(|until| *until > life.runtime.now());
            if cured { None } else { Some(fields) }
        }
        "change" if says("type").is_empty() => {
            let routine = ROUTINES.iter().find(|routine| routine.summary == says("summary"))?;
            change::routine(life, routine)
        }
        "verification" => {
            let directory = life.runtime.directory();
            let item = directory.entry("configuration_item", &Name::from(says("item")))?;
            let verified = item.fields.get("verified_on").map(Value::plain).unwrap_or_default();
            let age =
                if item.fields.get("class").map(Value::plain).as_deref() == Some("workstation") { 731 } else { 182 };
            let stale = days_after(&verified, age)?;
            if stale <= life.day_of(life.runtime.now()) { Some(fields) } else { None }
        }
        _ => Some(fields),
    }
}
