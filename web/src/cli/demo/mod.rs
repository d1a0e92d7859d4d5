//! `tiaoli demo`: an organisation with people, services and history, in a data folder of its own.

mod history;
mod organisation;
mod stories;

use std::process::ExitCode;

use clap::Args;
use engine::definition::Labels;
use engine::directory::{Entry, SERVICE, TEAM};
use engine::ids::Name;
use engine::value::{Fields, Value};
use indicatif::{ProgressBar, ProgressStyle};
use runtime::Runtime;
use store::{AuditEntry, AuditWhat, FourEyes, PersonRow, PersonState, Place};

use self::organisation::{DemoPerson, ITEMS, PEOPLE, SERVICES, TEAMS};
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
    #[command(flatten)]
    listening: Listening,
}

pub(super) fn run(arguments: Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_to(&arguments.data, arguments.listening.outside()?)?;
    let passwords = if runtime.store().is_noted(COMPLETE)? {
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
        make(&runtime, speech)?;
        let made = new_passwords(&runtime)?;
        let what = AuditWhat::Noted { kind: COMPLETE.to_owned(), text: "the demo is complete".to_owned() };
        let actor = Some(Name::from(folder::PACKAGER));
        runtime.store().audit(AuditEntry { at: runtime.now(), actor, what })?;
        Some(made)
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

/// Makes the organisation and its history.
fn make(runtime: &Runtime, speech: Speech) -> Result<(), Failure> {
    folder::install_packaged(runtime, speech)?;
    let by = Name::from(folder::PACKAGER);
    let (store, now) = (runtime.store(), runtime.now());
    // Whoever tries the product out is often alone with it.
    store.set_four_eyes(FourEyes::Off, &by, now)?;
    for (key, en, zh) in TEAMS {
        let entry = Entry { labels: Labels::new(en, zh), fields: Fields::new() };
        store.put_entry(TEAM, &Name::from(*key), &entry, &by, now)?;
    }
    for (key, (en, zh), calendar, team) in SERVICES {
        let fields = Fields::from([
            (Name::from("calendar"), Value::Ref(Name::from(*calendar))),
            (Name::from("support_team"), Value::Ref(Name::from(*team))),
            (Name::from("runs_on"), Value::List(runs_on(key))),
        ]);
        store.put_entry(SERVICE, &Name::from(*key), &Entry { labels: Labels::new(en, zh), fields }, &by, now)?;
    }
    let verified = now.to_local("Asia/Shanghai")?.chars().take("2026-01-01".len()).collect::<String>();
    for (key, (en, zh), service, class, needs) in ITEMS {
        let needs = needs.iter().map(|other| Value::Ref(Name::from(*other))).collect();
        let fields = Fields::from([
            (Name::from("service"), Value::Ref(Name::from(*service))),
            (Name::from("class"), Value::Choice(Name::from(*class))),
            (Name::from("status"), Value::Choice(Name::from("live"))),
            (Name::from("depends_on"), Value::List(needs)),
            (Name::from("verified_on"), Value::Date(verified.clone())),
        ]);
        let entry = Entry { labels: Labels::new(en, zh), fields };
        store.put_entry("configuration_item", &Name::from(*key), &entry, &by, now)?;
    }
    for person in PEOPLE {
        store.put_person(&row(person), &by, now)?;
        store.set_standing(&Name::from(person.key), &person.standing(), &by, now, "the demo's organisation")?;
    }
    runtime.reload_directory()?;

    let bar = ProgressBar::new(history::INCIDENTS as u64).with_style(
        ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {elapsed}").unwrap_or(ProgressStyle::default_bar()),
    );
    bar.set_message(speech.pick("making two months of history", "正在生成两个月的历史数据"));
    history::make(runtime, &mut |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
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
