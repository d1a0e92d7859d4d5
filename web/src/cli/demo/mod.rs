//! `tiaoli demo`: an organisation with people, services and history, in a data folder of its own.

pub(super) mod crowd;
pub(super) mod estate;
mod history;
mod organisation;
mod stories;
#[cfg(test)]
mod tests;
mod wishes;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use engine::definition::Labels;
use engine::directory::{Entry, MANAGER, PERSON, SERVICE, TEAM};
use engine::ids::Name;
use engine::time::{DAY_MS, Timestamp, ZONE};
use engine::value::{Fields, Value};
use indicatif::{ProgressBar, ProgressStyle};
use runtime::{Runtime, SystemClock, VirtualClock};
use store::{AuditEntry, AuditWhat, FourEyes, PersonRow, PersonState, Place, Store};
use web::impact::AGREEMENT;

use self::history::HistoryError;
use self::organisation::{AGREEMENTS, CATALOGUE, CUSTOMERS, DemoPerson, ITEMS, PEOPLE, SERVICES, TEAMS, TEXTS};
use super::serve::{Listening, serve};
use super::speech::Speech;
use super::{Failure, folder};

/// What the audit trail says when the demo is complete, so that one that was interrupted is noticed.
const COMPLETE: &str = "demo";

#[derive(Args)]
pub(super) struct Arguments {
    /// The demo's data folder, or postgres://… of its database; delete it to begin anew
    #[arg(long, default_value = "tiaoli-demo")]
    data: Place,
    /// Give the demo's people new passwords and print them
    #[arg(long)]
    new_passwords: bool,
    /// Make the organisation and its history, but do not serve it
    #[arg(long)]
    prepare: bool,
    /// How many months of history are made
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(2..=36))]
    months: u32,
    #[command(flatten)]
    listening: Listening,
}

pub(super) fn run(arguments: Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let outside = arguments.listening.outside()?;
    let file = arguments.data.path().map(|folder| folder.join("tiaoli.sqlite"));
    let made = match file.filter(|file| !file.exists()) {
        Some(file) => Some(make_file(&file, arguments.months, speech)?),
        None => None,
    };
    let runtime = folder::open_to(&arguments.data, outside)?;
    let passwords = if made.is_some() {
        made
    } else if runtime.store().is_noted(COMPLETE)? {
        if arguments.new_passwords { Some(new_passwords(&runtime)?) } else { None }
    } else if !runtime.store().definitions()?.is_empty() {
        return Err(match speech {
            Speech::En => {
                format!(
                    "{} holds something else, or a demo that was interrupted; delete it and start again",
                    arguments.data
                )
            }
            Speech::Zh => format!("{} 中已有其他数据，或演示数据不完整；请删除后重新启动", arguments.data),
        }
        .into());
    } else {
        Some(make(&runtime, arguments.months, speech)?)
    };
    introduce(passwords.as_deref(), speech);
    if arguments.prepare {
        return Ok(ExitCode::SUCCESS);
    }
    serve(&runtime, arguments.listening, |address| {
        println!("{} http://{address}", speech.pick("Open", "请打开"));
        println!("{}", speech.pick("Stop with Ctrl-C.", "按 Ctrl-C 停止。"));
    })
}

/// Makes the demo in memory, where no step waits for the disk, and puts it under its name as a whole: one that was
/// interrupted leaves nothing behind.
fn make_file(file: &Path, months: u32, speech: Speech) -> Result<Vec<Account>, Failure> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|cause| format!("{} cannot be made: {cause}", folder.display()))?;
    }
    let store = Store::open(Place::Memory("demo".to_owned()))?;
    let accounts = make(&Runtime::open(store.clone(), Arc::new(SystemClock))?, months, speech)?;
    let unnamed = file.with_extension("unfinished");
    match std::fs::remove_file(&unnamed) {
        Ok(()) => {}
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => return Err(cause.into()),
    }
    store.copy_to(&unnamed)?;
    std::fs::rename(&unnamed, file)?;
    Ok(accounts)
}

/// Makes the organisation with its history up to now, and gives its people passwords.
fn make(runtime: &Runtime, months: u32, speech: Speech) -> Result<Vec<Account>, Failure> {
    let end = runtime.now();
    let start = end.minus_months(months);
    let days = |instant: Timestamp| u64::try_from(instant.since_ms(start) / DAY_MS).unwrap_or(0);
    let bar = ProgressBar::new(days(end)).with_style(
        ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {elapsed}").unwrap_or(ProgressStyle::default_bar()),
    );
    bar.set_message(match speech {
        Speech::En => format!("making {months} months of history"),
        Speech::Zh => format!("正在生成 {months} 个月的历史数据"),
    });
    let unforeseen = live(runtime.store(), (start, end), speech, &mut |reached| bar.set_position(days(reached)))?;
    bar.finish_and_clear();
    for cause in unforeseen {
        eprintln!("{cause}");
    }
    runtime.reload_directory()?;
    let accounts = new_passwords(runtime)?;
    let what = AuditWhat::Noted { kind: COMPLETE.to_owned(), text: "the demo is complete".to_owned() };
    let actor = Some(Name::from(folder::PACKAGER));
    runtime.store().audit(AuditEntry { at: runtime.now(), actor, what })?;
    Ok(accounts)
}

/// Makes the organisation and lets it work from one instant to another.
fn live(
    store: &Store,
    (start, end): (Timestamp, Timestamp),
    speech: Speech,
    progress: &mut dyn FnMut(Timestamp),
) -> Result<Vec<HistoryError>, Failure> {
    let clock = Arc::new(VirtualClock::at(start));
    let runtime = Runtime::open(store.clone(), clock.clone())?;
    folder::install_packaged(&runtime, speech)?;
    organise(&runtime)?;
    let unforeseen = history::make(&runtime, &clock, end, progress)?;
    announce_stocktaking(&runtime)?;
    Ok(unforeseen)
}

/// In two weeks the warehouses are counted, and nothing is changed that they need.
fn announce_stocktaking(runtime: &Runtime) -> Result<(), Failure> {
    let (by, now) = (Name::from(organisation::SERVICE_OWNER), runtime.now());
    let fields = Fields::from([
        (Name::from("starts"), Value::Instant(now.plus_ms(14 * DAY_MS))),
        (Name::from("ends"), Value::Instant(now.plus_ms(17 * DAY_MS))),
        (Name::from("services"), Value::List(vec![Value::Ref(Name::from("erp"))])),
    ]);
    let entry = Entry { labels: Labels::new("Stocktaking", "库存盘点"), fields };
    Ok(runtime.store().put_entry("freeze_window", &Name::from("stocktaking"), &entry, &by, now)?)
}

/// Brings in teams, services, items, the catalogue and people.
fn organise(runtime: &Runtime) -> Result<(), Failure> {
    let by = Name::from(folder::PACKAGER);
    let (store, now) = (runtime.store(), runtime.now());
    let put = |register: &str, key: &str, (en, zh): (&str, &str), fields: Fields| {
        let entry = Entry { labels: Labels::new(en, zh), fields };
        store.put_entry(register, &Name::from(key), &entry, &by, now)
    };
    // Whoever tries the product out is often alone with it.
    store.set_four_eyes(FourEyes::Off, &by, now)?;
    for (key, en, zh) in TEAMS {
        put(TEAM, key, (en, zh), Fields::new())?;
    }
    for (key, called, calendar, team) in &SERVICES {
        let fields = Fields::from([
            (Name::from("calendar"), Value::Ref(Name::from(*calendar))),
            (Name::from("support_team"), Value::Ref(Name::from(*team))),
            (Name::from("owner"), Value::Ref(Name::from(organisation::SERVICE_OWNER))),
            (Name::from("runs_on"), Value::List(runs_on(key))),
        ]);
        put(SERVICE, key, *called, fields)?;
    }
    for (key, called) in CUSTOMERS {
        put("customer", key, called, Fields::new())?;
    }
    for (key, called, service, customer, availability) in AGREEMENTS {
        let day = |days: i64| {
            Ok::<_, Failure>(Value::Date(now.plus_ms(days * DAY_MS).to_local(ZONE)?.chars().take(10).collect()))
        };
        let fields = Fields::from([
            (Name::from("service"), Value::Ref(Name::from(service))),
            (Name::from("customer"), Value::Ref(Name::from(customer))),
            (Name::from("signed_on"), day(-30)?),
            (Name::from("valid_from"), day(0)?),
            (Name::from("valid_until"), day(730)?),
            (Name::from("availability"), Value::Number(availability.parse()?)),
        ]);
        put(AGREEMENT, key, called, fields)?;
    }
    for (at, (key, called, service, class, needs)) in (0..).zip(&ITEMS) {
        let needs = needs.iter().map(|other| Value::Ref(Name::from(*other))).collect();
        // Some were verified long ago, so that it has to be done anew in the first weeks.
        let verified = now.plus_ms(-(at * 37 % 200) * DAY_MS).to_local(ZONE)?;
        let verified = verified.chars().take("2026-01-01".len()).collect::<String>();
        let fields = Fields::from([
            (Name::from("service"), Value::Ref(Name::from(*service))),
            (Name::from("class"), Value::Choice(Name::from(*class))),
            (Name::from("status"), Value::Choice(Name::from("live"))),
            (Name::from("version"), Value::Text("1.0".to_owned())),
            (Name::from("depends_on"), Value::List(needs)),
            (Name::from("verified_on"), Value::Date(verified)),
        ]);
        put("configuration_item", key, *called, fields)?;
    }
    for (key, service, called, kind, (manager, owner), days) in CATALOGUE {
        let team = organisation::team_of(service);
        let fields = Fields::from([
            (Name::from("service"), Value::Ref(Name::from(*service))),
            (Name::from("team"), Value::Ref(Name::from(team))),
            (Name::from("kind"), Value::Choice(Name::from(*kind))),
            (Name::from("needs_manager"), Value::Bool(*manager)),
            (Name::from("needs_owner"), Value::Bool(*owner)),
            (Name::from("days"), Value::Number((*days).into())),
        ]);
        put("service_item", key, *called, fields)?;
    }
    for text in TEXTS {
        let mut fields = Fields::from([
            (Name::from("english"), Value::Text(text.said.0.to_owned())),
            (Name::from("chinese"), Value::Text(text.said.1.to_owned())),
        ]);
        fields.extend(text.process.map(|process| (Name::from("process"), Value::Text(process.to_owned()))));
        fields.extend(text.team.map(|team| (Name::from("team"), Value::Ref(Name::from(team)))));
        put("canned_text", text.key, text.called, fields)?;
    }
    for person in PEOPLE {
        store.put_person(&row(person), &by, now)?;
        store.set_standing(&Name::from(person.key), &person.standing(), &by, now, "the demo's organisation")?;
        let manager = (MANAGER, Value::Ref(Name::from(person.manager())));
        put(PERSON, person.key, person.called, Fields::from([(Name::from(manager.0), manager.1)]))?;
    }
    runtime.reload_directory()?;
    Ok(())
}

/// The items of a service.
fn runs_on(service: &str) -> Vec<Value> {
    let own = ITEMS.iter().filter(|(_, _, of, _, _)| *of == service);
    own.map(|(key, ..)| Value::Ref(Name::from(*key))).collect()
}

fn row(person: &DemoPerson) -> PersonRow {
    PersonRow {
        id: Name::from(person.key),
        sign_in: person.sign_in.to_owned(),
        name: person.labels(),
        email: format!("{}@demo.invalid", person.sign_in),
        language: "zh-CN".into(),
        state: PersonState::Active,
    }
}

/// A person who can sign in, with the password that is shown once.
struct Account {
    person: &'static DemoPerson,
    password: String,
}

fn new_passwords(runtime: &Runtime) -> Result<Vec<Account>, Failure> {
    let by = Name::from(folder::PACKAGER);
    PEOPLE
        .iter()
        .filter(|person| person.signs_in())
        .map(|person| {
            let password = web::password::random().ok_or("the machine gives no random bytes")?;
            let hash = web::password::hash(&password).map_err(|cause| cause.to_string())?;
            runtime.store().set_password(&Name::from(person.key), &hash, &by, runtime.now())?;
            Ok(Account { person, password })
        })
        .collect()
}

fn introduce(accounts: Option<&[Account]>, speech: Speech) {
    println!("{}", speech.pick("These people can sign in:", "可以登录的人："));
    let line = |person: &DemoPerson, password: &str| {
        let part = speech.pick(person.part.0, person.part.1);
        println!("  {:<10} {password:<20} {} — {part}", person.sign_in, speech.pick(person.called.0, person.called.1));
    };
    match accounts {
        Some(accounts) => {
            accounts.iter().for_each(|account| line(account.person, &account.password));
            println!("{}", speech.pick("The passwords are shown only this once.", "密码只显示这一次。"));
        }
        None => {
            PEOPLE.iter().filter(|person| person.signs_in()).for_each(|person| line(person, "•••"));
            println!(
                "{}",
                speech.pick(
                    "Their passwords were shown at the first start; --new-passwords makes new ones.",
                    "密码在首次启动时显示过；用 --new-passwords 可重新生成。",
                )
            );
        }
    }
}
