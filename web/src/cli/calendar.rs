//! `tiaoli calendar`: the calendars of an installation: what they say, and other data for them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dsl::calendars::{CalendarProblem, changes, hours, read_csv, read_json, weekday, what};
use engine::calendar::{Calendar, CalendarData};
use engine::directory::CALENDAR;
use engine::event::Actor;
use engine::ids::Name;
use engine::people;
use runtime::Runtime;
use store::Place;

use super::format::Format;
use super::speech::Speech;
use super::{Failure, files, folder, order};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Calendars,
}

#[derive(Subcommand)]
enum Calendars {
    /// Name the calendars, with the range for which their holidays are published
    List(Installation),
    /// Say what a calendar says: hours, holidays, make-up workdays, sources
    Show(Shown),
    /// Give a calendar other data and count anew what runs on it
    Import(Import),
}

#[derive(Args)]
struct Installation {
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
}

#[derive(Args)]
struct Shown {
    /// The calendar's key
    key: String,
    /// Only the dates of this year
    #[arg(long)]
    year: Option<u16>,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
}

#[derive(Args)]
struct Import {
    /// A whole calendar as JSON, or dates for a calendar as CSV
    path: PathBuf,
    /// The calendar to which a CSV file adds dates: its key
    #[arg(long, value_name = "KEY")]
    calendar: Option<String>,
    /// Give the order; without it, only what would happen is said
    #[arg(long, requires_all = ["by", "reason"])]
    order: bool,
    /// Who gives the order: a sign-in name of the installation
    #[arg(long)]
    by: Option<String>,
    /// Why, for the history of every record
    #[arg(long)]
    reason: Option<String>,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Calendars::List(installation) => list(&installation.data, speech),
        Calendars::Show(shown) => show(shown, speech),
        Calendars::Import(import) => bring(import, speech),
    }
}

fn list(data: &Place, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(data)?;
    let directory = runtime.directory();
    for (key, _) in directory.entries(CALENDAR) {
        let Some(calendar) = directory.calendar(key) else { continue };
        let held = calendar.data();
        let name = speech.pick(&held.labels.en, &held.labels.zh);
        println!("{key}  {name}  {}  {}{}", held.zone, range(held), warned(calendar, &runtime, speech));
    }
    Ok(ExitCode::SUCCESS)
}

fn range(data: &CalendarData) -> String {
    match (&data.known_from, &data.known_until) {
        (None, None) => "–".to_owned(),
        (from, until) => {
            let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "…".to_owned());
            format!("{}–{}", end(from), end(until))
        }
    }
}

/// That the published range ends soon, or has ended.
fn warned(calendar: &Calendar, runtime: &Runtime, speech: Speech) -> String {
    match calendar.ends_soon(runtime.now()) {
        None => String::new(),
        Some(days) if days < 0 => speech.pick("  ! the published range is over", "  ！公布范围已过").to_owned(),
        Some(days) => match speech {
            Speech::En => format!("  ! the published range ends in {days} days"),
            Speech::Zh => format!("  ！公布范围将在 {days} 天后结束"),
        },
    }
}

fn show(shown: &Shown, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&shown.data)?;
    let directory = runtime.directory();
    let key = Name::from(shown.key.as_str());
    let calendar = directory.calendar(&key).ok_or_else(|| missing(&key, speech))?;
    let data = calendar.data();
    println!("{key}  {}  {}", speech.pick(&data.labels.en, &data.labels.zh), data.zone);
    for (day, windows) in data.week.iter().enumerate() {
        let (day, open) = (weekday(day), hours(windows));
        println!("  {}  {}", speech.pick(&day.en, &day.zh), speech.pick(&open.en, &open.zh));
    }
    println!("{}{}{}", speech.pick("published range: ", "公布范围："), range(data), warned(calendar, &runtime, speech));
    for source in &data.sources {
        println!("  {} {} {}", source.title, source.number.as_deref().unwrap_or_default(), source.dated);
    }
    let year = shown.year.map(|year| format!("{year:04}-"));
    for (day, exception) in &data.exceptions {
        if year.as_ref().is_none_or(|year| day.starts_with(year)) {
            let said = what(Some(exception));
            println!("  {day}  {}", speech.pick(&said.en, &said.zh));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn missing(key: &Name, speech: Speech) -> Failure {
    match speech {
        Speech::En => format!("there is no calendar \"{key}\"; `tiaoli calendar list` names them"),
        Speech::Zh => format!("没有日历“{key}”；用 `tiaoli calendar list` 查看全部日历"),
    }
    .into()
}

fn bring(import: &Import, speech: Speech) -> Result<ExitCode, Failure> {
    let text = files::read(&import.path)?;
    let runtime = folder::open_existing(&import.data)?;
    let directory = runtime.directory();
    let named = import.calendar.as_deref().map(Name::from);
    let read = if import.path.extension().is_some_and(|extension| extension == "csv") {
        let key = named.ok_or_else(|| {
            let said = speech.pick("name the calendar with --calendar", "请用 --calendar 指明日历");
            Failure::from(said.to_owned())
        })?;
        let base = directory.calendar(&key).ok_or_else(|| missing(&key, speech))?;
        read_csv(&text, base.data()).map(|data| (key, data))
    } else {
        read_json(&text).map(|file| (named.unwrap_or(file.key), file.data))
    };
    let (key, data) = match read {
        Ok(read) => read,
        Err(problems) => {
            tell(&import.path, &problems, speech);
            return Ok(ExitCode::FAILURE);
        }
    };
    let today = runtime.now().to_local(&data.zone)?;
    let preview = match directory.calendar(&key) {
        Some(held) => changes(held.data(), &data, today.get(..10).unwrap_or_default()),
        None => vec![what_is_new(&data)],
    };
    if preview.is_empty() {
        println!("{}", speech.pick("nothing changes", "没有变化"));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{key}");
    preview.iter().for_each(|said| println!("  {}", speech.pick(&said.en, &said.zh)));
    match (import.order, &import.by, &import.reason) {
        (true, Some(by), Some(reason)) => give(&runtime, &key, &data, (by, reason), speech),
        _ => {
            println!("{}", speech.pick("nothing is changed without --order", "不加 --order 不会更改"));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn what_is_new(data: &CalendarData) -> engine::definition::Labels {
    engine::definition::Labels {
        en: format!("a new calendar: {}, {} dates that differ", data.labels.en, data.exceptions.len()),
        zh: format!("新日历：{}，特殊日期 {} 个", data.labels.zh, data.exceptions.len()),
    }
}

fn tell(path: &Path, problems: &[CalendarProblem], speech: Speech) {
    for problem in problems {
        let said = speech.pick(&problem.says.en, &problem.says.zh);
        match speech {
            Speech::En => eprintln!("{}:{}: {said}", path.display(), problem.line),
            Speech::Zh => eprintln!("{}:{}：{said}", path.display(), problem.line),
        }
    }
    eprintln!("{}", speech.pick("nothing was changed", "未作任何更改"));
}

fn give(
    runtime: &Runtime,
    key: &Name,
    data: &CalendarData,
    (by, reason): (&str, &str),
    speech: Speech,
) -> Result<ExitCode, Failure> {
    let person = folder::person(runtime, by, speech)?;
    if !people::administers(&Actor::Person(person.clone()), &runtime.directory()) {
        return Err(match speech {
            Speech::En => format!("{by} is no administrator of this installation"),
            Speech::Zh => format!("{by} 不是此系统的管理员"),
        }
        .into());
    }
    let batch = runtime.load_calendar(key, data, &person, reason.to_owned())?;
    // Records that do not count on the calendar are left, and that is no failure.
    let _: ExitCode = order::watch(runtime, batch, Format::Text, speech)?;
    Ok(ExitCode::SUCCESS)
}
