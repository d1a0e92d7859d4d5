//! W5: the inbox and a record's page over HTTP, with many records behind them, for one user and for fifty who ask again as
//! soon as they are answered.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use engine::command::Start;
use engine::ids::Name;
use engine::play::Play;
use runtime::{Runtime, Telling};

use super::client::Client;
use super::engine_w1::{form, prepared, side_by_side};
use super::samples::Figure;
use super::server::Server;
use crate::cli::Failure;

const PERSON: &str = "agent";
/// How many users ask at once.
const USERS: [usize; 2] = [1, 50];
/// How many requests of each page are measured.
const REQUESTS: usize = 2_000;
/// How many of each user go before, to warm up.
const WARM_UP: usize = 20;

/// A page that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Inbox,
    Record,
}

/// The figures of W5.
pub(super) struct PageFigures {
    records: usize,
    shown: Vec<Shown>,
}

/// How fast so many users got a page.
struct Shown {
    page: Page,
    users: usize,
    figure: Figure,
}

/// Fills a new store with open tasks and asks for pages.
pub(super) fn measure(folder: &Path, open_tasks: usize) -> Result<PageFigures, Failure> {
    std::fs::create_dir_all(folder)?;
    let runtime = prepared(&folder.into())?;
    let numbers = fill(&runtime, open_tasks)?;
    let password = web::password::random().ok_or("the machine gives no random bytes")?;
    let hash = web::password::hash(&password).map_err(|cause| cause.to_string())?;
    runtime.store().set_password(&Name::from(PERSON), &hash, &Name::from(PERSON), runtime.now())?;

    let server = Server::start(runtime)?;
    let cookie = Client::new(server.address, String::new())?.sign_in(PERSON, &password)?;
    let mut shown = Vec::new();
    for page in [Page::Inbox, Page::Record] {
        for users in USERS {
            let ask = |user: usize, requests: usize| asked(server.address, &cookie, page, &numbers, (user, requests));
            side_by_side(users, |user| ask(user, WARM_UP))?;
            let figure = side_by_side(users, |user| ask(user, REQUESTS / users))?;
            shown.push(Shown { page, users, figure });
        }
    }
    server.stop()?;
    Ok(PageFigures { records: open_tasks, shown })
}

/// One user asks so often; gives how long each answer took.
fn asked(
    address: SocketAddr,
    cookie: &str,
    page: Page,
    numbers: &[String],
    (user, requests): (usize, usize),
) -> Result<Vec<Duration>, Failure> {
    let mut client = Client::new(address, cookie.to_owned())?;
    let mut latencies = Vec::with_capacity(requests);
    // Each asks for records that lie far from one another, and from those of others.
    let mut places = numbers.iter().cycle().skip(user * numbers.len() / USERS[1]).step_by(7);
    for _ in 0..requests {
        let path = match page {
            Page::Inbox => "/inbox?view=groups".to_owned(),
            Page::Record => format!("/records/{}", places.next().ok_or("there are no records")?),
        };
        let began = Instant::now();
        let answer = client.get(&path)?;
        latencies.push(began.elapsed());
        if answer.status != 200 {
            return Err(format!("{path} answered {}", answer.status).into());
        }
    }
    Ok(latencies)
}

/// Open tasks of real records, each at its first task; gives the numbers.
fn fill(runtime: &Runtime, open_tasks: usize) -> Result<Vec<String>, Failure> {
    let definition = runtime.current(&Name::from("benchmark"))?.ok_or("the bench's process is not deployed")?;
    let mut writer = runtime.past_writer(Telling::Nobody);
    let mut numbers = Vec::with_capacity(open_tasks);
    for index in 0..open_tasks as u64 {
        let mut play = Play::new(definition.clone(), runtime.directory(), runtime.now());
        let (instance, number) = runtime.new_record(&definition, play.now())?;
        numbers.push(number.clone());
        play.start(
            &Name::from(PERSON),
            Start { instance, number, on_behalf_of: None, fields: form(index), origin: None },
        )?;
        writer.write(&definition, play.played())?;
    }
    writer.finish()?;
    Ok(numbers)
}

impl PageFigures {
    pub(super) fn print(&self, json: bool) {
        if !json {
            println!("W5 pages over HTTP with {} records, all open, {REQUESTS} requests each", self.records);
        }
        for Shown { page, users, figure: Figure { per_s, p50_us, p99_us } } in &self.shown {
            let page = match page {
                Page::Inbox => "inbox",
                Page::Record => "record",
            };
            if json {
                let figures = serde_json::json!({
                    "work": "W5", "store": "sqlite", "page": page, "open_tasks": self.records, "callers": users,
                    "requests": REQUESTS, "per_s": per_s, "p50_us": p50_us, "p99_us": p99_us,
                });
                println!("{figures}");
            } else {
                let (p50_ms, p99_ms) = (p50_us / 1e3, p99_us / 1e3);
                println!("  {page:6} {users:2} users  {per_s:6.0} pages/s   p50 {p50_ms:.2} ms   p99 {p99_ms:.2} ms");
            }
        }
    }
}
