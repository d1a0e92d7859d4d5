//! What is different between two states of a calendar, as sentences in both languages.

use std::collections::BTreeSet;

use engine::calendar::{CalendarData, Exception, Window};
use engine::definition::Labels;

/// What changes where a calendar takes other data. `today` is a date in ISO form: changes before it are counted in a
/// sentence of their own, since figures of closed records were told by the old ones.
pub fn changes(old: &CalendarData, new: &CalendarData, today: &str) -> Vec<Labels> {
    let mut said = Vec::new();
    if old.labels != new.labels {
        said.push(Labels {
            en: format!("name: {} → {}", old.labels.en, new.labels.en),
            zh: format!("名称：{} → {}", old.labels.zh, new.labels.zh),
        });
    }
    if old.zone != new.zone {
        said.push(both(|_| format!("{} → {}", old.zone, new.zone), "time zone: ", "时区："));
    }
    for (day, (was, is)) in old.week.iter().zip(&new.week).enumerate() {
        if was != is {
            let days = weekday(day);
            said.push(Labels {
                en: format!("{}: {} → {}", days.en, hours(was).en, hours(is).en),
                zh: format!("{}：{} → {}", days.zh, hours(was).zh, hours(is).zh),
            });
        }
    }
    if old.make_up_as != new.make_up_as {
        let (was, is) = (weekday(usize::from(old.make_up_as)), weekday(usize::from(new.make_up_as)));
        said.push(Labels {
            en: format!("make-up workdays have the hours of: {} → {}", was.en, is.en),
            zh: format!("补班日采用的时间：{} → {}", was.zh, is.zh),
        });
    }
    let range = |data: &CalendarData| {
        let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "…".to_owned());
        format!("{} – {}", end(&data.known_from), end(&data.known_until))
    };
    if range(old) != range(new) {
        said.push(both(|_| format!("{} → {}", range(old), range(new)), "published range: ", "公布范围："));
    }
    for source in new.sources.iter().filter(|source| !old.sources.contains(source)) {
        let number = source.number.as_deref().unwrap_or_default();
        let text = format!("{} {number} {}", source.title, source.dated);
        said.push(both(|_| text.clone(), "source: ", "来源："));
    }
    said.extend(days(old, new, today));
    said
}

fn days(old: &CalendarData, new: &CalendarData, today: &str) -> Vec<Labels> {
    let all: BTreeSet<&String> = old.exceptions.keys().chain(new.exceptions.keys()).collect();
    let mut said = Vec::new();
    let mut past = 0;
    for day in all {
        let (was, is) = (old.exceptions.get(day), new.exceptions.get(day));
        if was != is {
            past += usize::from(day.as_str() < today);
            let (was, is) = (what(was), what(is));
            said.push(Labels {
                en: format!("{day}: {} → {}", was.en, is.en),
                zh: format!("{day}：{} → {}", was.zh, is.zh),
            });
        }
    }
    if past > 0 {
        said.push(Labels {
            en: format!("days that lie behind: {past}; what was told of them stays told"),
            zh: format!("其中已过去的日期：{past} 个；已经告知的结果不会撤回"),
        });
    }
    said
}

fn both(text: impl Fn(()) -> String, en: &str, zh: &str) -> Labels {
    Labels { en: format!("{en}{}", text(())), zh: format!("{zh}{}", text(())) }
}

/// What a calendar says of a date.
pub fn what(exception: Option<&Exception>) -> Labels {
    match exception {
        None => Labels::new("ordinary", "如常"),
        Some(Exception::Closed) => Labels::new("closed", "不开放"),
        Some(Exception::MakeUp) => Labels::new("make-up workday", "补班"),
        Some(Exception::MakeUpFor(day)) => {
            let day = weekday(usize::from(*day));
            Labels {
                en: format!("make-up workday with the hours of {}", day.en),
                zh: format!("补班，按{}的时间", day.zh),
            }
        }
        Some(Exception::Hours(windows)) => hours(windows),
    }
}

/// A day of the week, 0 for Monday.
pub fn weekday(day: usize) -> Labels {
    const DAYS: [(&str, &str); 7] = [
        ("Monday", "周一"),
        ("Tuesday", "周二"),
        ("Wednesday", "周三"),
        ("Thursday", "周四"),
        ("Friday", "周五"),
        ("Saturday", "周六"),
        ("Sunday", "周日"),
    ];
    DAYS.get(day).map_or_else(Labels::default, |(en, zh)| Labels::new(en, zh))
}

/// The hours of a day.
pub fn hours(windows: &[Window]) -> Labels {
    if windows.is_empty() {
        return Labels::new("closed", "不开放");
    }
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let shown: Vec<String> =
        windows.iter().map(|window| format!("{}–{}", clock(window.from), clock(window.to))).collect();
    Labels { en: shown.join(", "), zh: shown.join("、") }
}
