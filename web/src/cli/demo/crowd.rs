//! Many incidents of the demo's organisation and of a large company's items, played in memory and written as they are: what the pages are measured with.

use std::sync::Arc;

use engine::audience::Audience;
use engine::command::{Command, Start};
use engine::event::Actor;
use engine::ids::Name;
use engine::instance::OpenTask;
use engine::people;
use engine::play::Play;
use engine::time::{DAY_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::Runtime;

use super::Account;
use super::estate;
use super::history::{choice, reported, text};
use super::organisation::REPORTERS;
use super::stories::{STORIES, Story};
use crate::cli::speech::Speech;
use crate::cli::{Failure, folder};

/// Over how many days the records begin.
const DAYS: i64 = 365;
/// One of so many waits for the desk, another one for a team.
const OPEN_OF: usize = 10;
/// How far apart the items of two incidents are.
const APART: u64 = 7_919;
/// How often people answer in one record at most.
const ANSWERS_MAX: usize = 12;

/// What was made.
pub(in crate::cli) struct Crowd {
    /// The numbers of the records, in the order in which they began.
    pub(in crate::cli) numbers: Vec<String>,
    /// How many events they have.
    pub(in crate::cli) events: usize,
    /// Names and passwords to sign in with.
    pub(in crate::cli) people: Vec<(&'static str, String)>,
}

/// Brings the demo's organisation, ten thousand items and so many incidents into an empty store.
///
/// # Errors
/// The packaged process refuses what is done, or the store failed.
pub(in crate::cli) fn gather(runtime: &Runtime, records: usize, speech: Speech) -> Result<Crowd, Failure> {
    folder::install_packaged(runtime, speech)?;
    super::organise(runtime)?;
    estate::build(runtime)?;
    let people = super::new_passwords(runtime)?.into_iter();
    let people = people.map(|Account { person, password }| (person.sign_in, password)).collect();
    let definition = runtime.current(&Name::from("incident"))?.ok_or("no incident process is deployed")?;
    let directory = runtime.directory();
    let mut crowd = Crowd { numbers: Vec::with_capacity(records), events: 0, people };
    let mut writer = runtime.past_writer();
    let (first, apart) = (runtime.now().plus_ms(-DAYS * DAY_MS), DAYS * DAY_MS / i64::try_from(records.max(1))?);
    for (index, after) in (0..records).zip((0..).step_by(usize::try_from(apart)?)) {
        let (Some(story), Some(by)) =
            (STORIES.iter().cycle().nth(index % 1_000), REPORTERS.iter().cycle().nth(index % 1_000))
        else {
            break;
        };
        let mut play = Play::new(definition.clone(), Arc::clone(&directory), first.plus_ms(after));
        let (instance, number) = runtime.new_record(&definition, play.now())?;
        crowd.numbers.push(number.clone());
        let start = Start { instance, number, on_behalf_of: None, fields: reported(story), origin: None };
        play.start(&Name::from(*by), start)?;
        let stays = match index % OPEN_OF {
            0 => "triage",
            1 => "resolve",
            _ => "",
        };
        // Every other one is of something that the large company runs.
        let item = if index % 2 == 0 { Name::from(story.item) } else { estate::item(index as u64 * APART) };
        lead(&mut play, story, &item, stays)?;
        // Nothing is left due, which the server would catch up with while its pages are measured.
        play.advance_to(runtime.now());
        crowd.events += play.played().iter().map(|one| one.events.len()).sum::<usize>();
        writer.write(&definition, play.played())?;
    }
    writer.finish()?;
    Ok(crowd)
}

/// People answer what is open in a record, up to a step that nobody answers.
fn lead(play: &mut Play, story: &Story, item: &Name, stays: &str) -> Result<(), Failure> {
    for _ in 0..ANSWERS_MAX {
        let Some(task) = play.instance().and_then(|record| record.tasks().first()).cloned() else { break };
        let Some((outcome, fields)) = answer(&task, story, item) else { break };
        if task.step.as_str() == stays {
            break;
        }
        let Some(by) = people::members(&task.candidates, play.directory()).into_iter().next() else { break };
        let at: Timestamp = play.now().plus_ms(7 * MINUTE_MS);
        play.advance_to(at);
        if task.step == *"resolve" {
            let said =
                Command::Comment { text: story.cause.to_owned(), audience: Audience::Internal, tells: [].into() };
            play.command(Actor::Person(by.clone()), Command::Claim { task: task.id })?;
            play.command(Actor::Person(by.clone()), said)?;
        }
        let complete = Command::Complete { task: task.id, outcome: Name::from(outcome), fields, reason: None };
        play.command(Actor::Person(by), complete)?;
    }
    Ok(())
}

fn answer(task: &OpenTask, story: &Story, item: &Name) -> Option<(&'static str, Fields)> {
    let (outcome, fields): (_, Vec<(&str, Value)>) = match task.step.as_str() {
        "triage" => (
            "accept",
            vec![
                ("impact", choice(story.weight.0)),
                ("urgency", choice(story.weight.1)),
                ("items", Value::List(vec![Value::Ref(item.clone())])),
                ("category", text(story.category)),
            ],
        ),
        "agree_action" => {
            ("agreed", vec![("agreed_with", text("报告人")), ("agreed_action", text("先用临时措施办公。"))])
        }
        "tell_customer" => ("told", vec![("progress", text("正在处理。"))]),
        "resolve" => (
            "fixed",
            vec![
                ("resolution", text(story.resolution)),
                ("resolution_code", choice("repaired")),
                ("cause", text(story.cause)),
                ("items", Value::List(vec![Value::Ref(item.clone())])),
                ("ci_caused", Value::Ref(item.clone())),
            ],
        ),
        "confirm" => ("confirm", vec![]),
        _ => return None,
    };
    Some((outcome, fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect()))
}
