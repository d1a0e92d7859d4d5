//! Reading a calendar from a file: the whole of it as JSON, or dates to be added to one that is there as plain CSV.
//! Every problem is reported, each with its line.

use std::collections::BTreeMap;

use engine::calendar::{CalendarData, CalendarError, Exception, Source, Window};
use engine::definition::Labels;
use engine::ids::Name;
use serde::Deserialize;

/// The most bytes of a calendar file.
pub const CALENDAR_FILE_MAX: usize = 1024 * 1024;

/// What a calendar file holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CalendarFile {
    /// Its key in the register.
    pub key: Name,
    /// Its data.
    #[serde(flatten)]
    pub data: CalendarData,
}

/// Something that is wrong in a calendar file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarProblem {
    /// The line, from 1; 1 where it is about the whole file.
    pub line: usize,
    /// What.
    pub says: Labels,
}

/// A whole calendar as JSON, in the form of those that come with the product.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_json(text: &str) -> Result<CalendarFile, Vec<CalendarProblem>> {
    check_length(text)?;
    let file: CalendarFile = serde_json::from_str(text).map_err(|cause| {
        let (line, cause) = (cause.line().max(1), cause.to_string());
        let zh = format!("不是日历文件：{cause}");
        vec![CalendarProblem { line, says: Labels { en: format!("not a calendar file: {cause}"), zh } }]
    })?;
    let mut problems = Vec::new();
    if file.key.as_str().is_empty() {
        problems.push(CalendarProblem { line: 1, says: Labels::new("the key is empty", "键为空") });
    }
    problems.extend(
        sound(&file.data)
            .err()
            .into_iter()
            .flatten()
            .map(|problem| CalendarProblem { line: line_of(text, &problem), says: said(&problem) }),
    );
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// A calendar with the dates that a CSV file adds to it. Each line is one of
///
/// ```text
/// 2027-01-01,closed
/// 2027-02-06,make-up          the hours that the calendar gives make-up workdays
/// 2027-02-07,make-up,thu      the hours of a Thursday
/// 2027-12-31,hours,09:00-12:00 13:00-15:00
/// 2027-03-01,ordinary         no exception any more
/// from,2024-01-01             the first date that is entered
/// until,2027-12-31            the last date that is published
/// source,TITLE,NUMBER,DATED,ADDRESS
/// ```
///
/// Empty lines and those that begin with `#` say nothing.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_csv(text: &str, base: &CalendarData) -> Result<CalendarData, Vec<CalendarProblem>> {
    check_length(text)?;
    let mut data = base.clone();
    let mut problems = Vec::new();
    let mut taken: Vec<(&str, usize)> = Vec::new();
    let mut begun: BTreeMap<&str, usize> = BTreeMap::new();
    for (line, content) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let cells: Vec<&str> = content.split(',').map(str::trim).collect();
        match take(&mut data, &cells) {
            // Sources are many; a day and an end of the range are said once.
            Ok(()) => match begun.insert(cells[0], line).filter(|_| cells[0] != SOURCE) {
                Some(before) => problems.push(CalendarProblem {
                    line,
                    says: Labels {
                        en: format!("{} is said in line {before} already", cells[0]),
                        zh: format!("{} 在第 {before} 行已经出现", cells[0]),
                    },
                }),
                None => taken.push((content, line)),
            },
            Err(says) => problems.push(CalendarProblem { line, says }),
        }
    }
    if problems.is_empty() {
        for problem in sound(&data).err().into_iter().flatten() {
            let line = taken.iter().rev().find(|(content, _)| leads_to(content, &problem)).map_or(1, |(_, line)| *line);
            problems.push(CalendarProblem { line, says: said(&problem) });
        }
    }
    if problems.is_empty() { Ok(data) } else { Err(problems) }
}

const SOURCE: &str = "source";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether a line that was understood leads to a problem of the whole calendar.
fn leads_to(content: &str, problem: &CalendarError) -> bool {
    match problem {
        CalendarError::BadWindow { from, to } => {
            let hours = content.split([',', ' ']).filter_map(|part| window(part.trim()).ok());
            hours.into_iter().any(|window| (window.from, window.to) == (*from, *to))
        }
        CalendarError::RangeBackwards { .. } => content.starts_with("from") || content.starts_with("until"),
        CalendarError::NoSuchZone(_)
        | CalendarError::NotADate(_)
        | CalendarError::NotAWeekday(_)
        | CalendarError::NeverOpen => false,
    }
}

fn check_length(text: &str) -> Result<(), Vec<CalendarProblem>> {
    if text.len() <= CALENDAR_FILE_MAX {
        return Ok(());
    }
    let says = Labels {
        en: format!("a calendar file has at most {CALENDAR_FILE_MAX} bytes"),
        zh: format!("日历文件不得超过 {CALENDAR_FILE_MAX} 字节"),
    };
    Err(vec![CalendarProblem { line: 1, says }])
}

fn sound(data: &CalendarData) -> Result<(), Vec<CalendarError>> {
    let problems = data.problems();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn take(data: &mut CalendarData, cells: &[&str]) -> Result<(), Labels> {
    match cells {
        ["from", day] => data.known_from = Some(date(day)?),
        ["until", day] => data.known_until = Some(date(day)?),
        [SOURCE, title, rest @ ..] if !title.is_empty() && rest.len() <= 3 => {
            let cell = |at: usize| rest.get(at).filter(|text| !text.is_empty()).map(|text| (*text).to_owned());
            let dated = cell(1).map(|day| date(&day)).transpose()?.unwrap_or_default();
            let source =
                Source { title: (*title).to_owned(), number: cell(0), dated, address: cell(2), by_way_of: None };
            if !data.sources.contains(&source) {
                data.sources.push(source);
            }
        }
        [day, "ordinary"] => {
            data.exceptions.remove(&date(day)?);
        }
        [day, "closed"] => {
            data.exceptions.insert(date(day)?, Exception::Closed);
        }
        [day, "make-up"] => {
            data.exceptions.insert(date(day)?, Exception::MakeUp);
        }
        [day, "make-up", weekday] => {
            let place = DAYS.iter().position(|name| name == weekday).and_then(|place| u8::try_from(place).ok());
            let weekday = place.ok_or_else(|| Labels {
                en: format!("\"{weekday}\" is no weekday; write mon, tue, wed, thu, fri, sat or sun"),
                zh: format!("“{weekday}”不是星期；请写 mon、tue、wed、thu、fri、sat 或 sun"),
            })?;
            data.exceptions.insert(date(day)?, Exception::MakeUpFor(weekday));
        }
        [day, "hours", hours] => {
            let windows = hours.split_whitespace().map(window).collect::<Result<Vec<_>, _>>()?;
            data.exceptions.insert(date(day)?, Exception::Hours(windows));
        }
        _ => {
            return Err(Labels::new(
                "a line is a date with closed, make-up, make-up and a weekday, hours or ordinary; or from, until, source",
                "每行应为日期加 closed、make-up、make-up 加星期、hours 或 ordinary；或者 from、until、source",
            ));
        }
    }
    Ok(())
}

fn date(text: &str) -> Result<String, Labels> {
    // A form with fewer digits would stand beside the same day written in full.
    match engine::time::days_after(text, 0) {
        Some(day) if day == text => Ok(day),
        _ => Err(said(&CalendarError::NotADate(text.to_owned()))),
    }
}

fn window(text: &str) -> Result<Window, Labels> {
    let minute = |clock: &str| {
        let (hours, minutes) = clock.split_once(':')?;
        let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
        (hours <= 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    let ends = text.split_once('-').and_then(|(from, to)| Some(Window { from: minute(from)?, to: minute(to)? }));
    ends.ok_or_else(|| Labels {
        en: format!("\"{text}\" are no hours such as 09:00-12:00"),
        zh: format!("“{text}”不是 09:00-12:00 这样的时间段"),
    })
}

/// What a problem is about, as the file writes it.
fn token(problem: &CalendarError) -> String {
    match problem {
        CalendarError::NoSuchZone(text) | CalendarError::NotADate(text) => text.clone(),
        CalendarError::BadWindow { from, to: _ } => from.to_string(),
        CalendarError::NotAWeekday(day) => day.to_string(),
        CalendarError::RangeBackwards { from: _, until } => until.clone(),
        CalendarError::NeverOpen => "week".to_owned(),
    }
}

/// The line of a JSON file that a problem is about; the first where it cannot be told.
fn line_of(text: &str, problem: &CalendarError) -> usize {
    let token = token(problem);
    let has = |line: &str| match problem {
        CalendarError::BadWindow { from, to } => {
            let squeezed: String = line.chars().filter(|letter| !letter.is_whitespace()).collect();
            squeezed.contains(&format!("\"from\":{from},\"to\":{to}"))
        }
        CalendarError::NotAWeekday(_) => line.contains("make_up") && line.contains(&token),
        CalendarError::NoSuchZone(_)
        | CalendarError::NotADate(_)
        | CalendarError::RangeBackwards { .. }
        | CalendarError::NeverOpen => line.contains(&format!("\"{token}\"")),
    };
    text.lines().position(has).map_or(1, |place| place + 1)
}

/// A problem of a calendar in both languages.
fn said(problem: &CalendarError) -> Labels {
    let zh = match problem {
        CalendarError::NoSuchZone(zone) => format!("没有时区“{zone}”"),
        CalendarError::NotADate(text) => format!("“{text}”不是 2026-09-18 这样的日期"),
        CalendarError::BadWindow { from, to } => {
            format!("时间段 {from}–{to}（从零点起的分钟数）为空、次序不对或超过午夜")
        }
        CalendarError::NotAWeekday(day) => format!("{day} 不是星期；星期一为 0，星期日为 6"),
        CalendarError::RangeBackwards { from, until } => format!("公布范围 {from}–{until} 的末尾早于开头"),
        CalendarError::NeverOpen => "日历没有任何开放时间".to_owned(),
    };
    Labels { en: problem.to_string(), zh }
}
