//! W5: the inbox page over HTTP, with many open tasks behind it.

use std::path::Path;
use std::time::Instant;

use engine::command::Start;
use engine::ids::Name;
use engine::play::Play;
use runtime::{Runtime, Telling};

use super::client::Client;
use super::engine_w1::{form, prepared};
use super::samples::Figure;
use super::server::Server;
use crate::cli::Failure;

const PERSON: &str = "agent";
/// How many requests are measured.
const REQUESTS: usize = 1_000;
/// How many go before, to warm up.
const WARM_UP: usize = 50;

/// The figures of W5.
pub(super) struct PageFigures {
    open_tasks: usize,
    bytes: usize,
    figure: Figure,
}

/// Fills a new store with open tasks and asks for the inbox, one request after the other.
pub(super) fn measure(folder: &Path, open_tasks: usize) -> Result<PageFigures, Failure> {
    std::fs::create_dir_all(folder)?;
    let runtime = prepared(&folder.into())?;
    fill(&runtime, open_tasks)?;
    let password = web::password::random().ok_or("the machine gives no random bytes")?;
    let hash = web::password::hash(&password).map_err(|cause| cause.to_string())?;
    runtime.store().set_password(&Name::from(PERSON), &hash, &Name::from(PERSON), runtime.now())?;

    let server = Server::start(runtime)?;
    let address = server.address;
    let cookie = Client::new(address, String::new())?.sign_in(PERSON, &password)?;
    let mut client = Client::new(address, cookie)?;
    let mut latencies = Vec::with_capacity(REQUESTS);
    let mut bytes = 0;
    let mut began = Instant::now();
    for index in 0..WARM_UP + REQUESTS {
        if index == WARM_UP {
            began = Instant::now();
        }
        let asked = Instant::now();
        let answer = client.get("/inbox?view=groups")?;
        let took = asked.elapsed();
        if answer.status != 200 {
            return Err(format!("the inbox answered {}", answer.status).into());
        }
        bytes = answer.body.len();
        if index >= WARM_UP {
            latencies.push(took);
        }
    }
    let took = began.elapsed();
    drop(client);
    server.stop()?;
    Ok(PageFigures { open_tasks, bytes, figure: Figure::of(latencies, took) })
}

/// Open tasks of real records, each at its first task.
fn fill(runtime: &Runtime, open_tasks: usize) -> Result<(), Failure> {
    let definition = runtime.current(&Name::from("benchmark"))?.ok_or("the bench's process is not deployed")?;
    let mut writer = runtime.past_writer(Telling::Nobody);
    for index in 0..open_tasks as u64 {
        let mut play = Play::new(definition.clone(), runtime.directory(), runtime.now());
        let (instance, number) = runtime.new_record(&definition, play.now())?;
        play.start(
            &Name::from(PERSON),
            Start { instance, number, on_behalf_of: None, fields: form(index), origin: None },
        )?;
        writer.write(&definition, play.played())?;
    }
    writer.finish()?;
    Ok(())
}

impl PageFigures {
    pub(super) fn print(&self, json: bool) {
        let Figure { per_s, p50_us, p99_us } = self.figure;
        if json {
            println!(
                "{}",
                serde_json::json!({
                    "work": "W5", "store": "sqlite", "page": "inbox", "open_tasks": self.open_tasks,
                    "callers": 1, "requests": REQUESTS, "bytes": self.bytes,
                    "per_s": per_s, "p50_us": p50_us, "p99_us": p99_us,
                })
            );
            return;
        }
        println!(
            "W5 the inbox over HTTP, {} open tasks, {REQUESTS} requests by one caller, {} bytes each",
            self.open_tasks, self.bytes
        );
        println!("  {per_s:.0} pages/s   p50 {:.2} ms   p99 {:.2} ms", p50_us / 1e3, p99_us / 1e3);
    }
}
