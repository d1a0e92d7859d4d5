//! How long the executable takes from its start to the first page, and how much memory it holds when nothing happens: the
//! real one, as a process of its own over an installation with what is packaged.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::RUNS;
use super::client::Client;
use super::engine_w1::{administer, prepared};
use super::memory::resident_mb_of;
use super::samples::Spread;
use crate::cli::Failure;

/// How long nothing happens before the memory is read.
const REST: Duration = Duration::from_secs(2);
/// What needs nobody to be signed in.
const PAGE: &str = "/sign-in";

/// What was measured.
pub(super) struct Started {
    first_page_ms: Vec<f64>,
    resident_mb: Vec<f64>,
}

/// Starts it again and again in the same folder; the first time brings what is packaged and warms up.
pub(super) fn measure(folder: &Path) -> Result<Started, Failure> {
    std::fs::create_dir_all(folder)?;
    administer(&prepared(&folder.into())?)?;
    let runs = (0..=RUNS).map(|_| start(folder)).collect::<Result<Vec<(f64, Option<f64>)>, Failure>>()?;
    Ok(Started {
        first_page_ms: runs.iter().skip(1).map(|(took, _)| *took).collect(),
        resident_mb: runs.iter().skip(1).filter_map(|(_, resident)| *resident).collect(),
    })
}

fn start(folder: &Path) -> Result<(f64, Option<f64>), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--language", "en", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
    let began = Instant::now();
    let mut running = Running(command.stdout(Stdio::piped()).spawn()?);
    let printed = running.0.stdout.take().ok_or("the server prints nothing")?;
    let mut printed = BufReader::new(printed);
    let address = address(&mut printed)?;
    let answer = Client::new(address, String::new())?.get(PAGE)?;
    let took = began.elapsed();
    if answer.status != 200 {
        return Err(format!("{PAGE} answered {}", answer.status).into());
    }
    std::thread::sleep(REST);
    Ok((took.as_secs_f64() * 1e3, resident_mb_of(&running.0.id().to_string())))
}

/// Where the server says that it listens.
fn address(printed: &mut impl BufRead) -> Result<SocketAddr, Failure> {
    let mut line = String::new();
    while printed.read_line(&mut line)? > 0 {
        if let Some((_, address)) = line.trim().rsplit_once("http://") {
            return Ok(address.parse()?);
        }
        line.clear();
    }
    Err("the server ended before it listened".into())
}

/// A process that ends with this. It has nothing to finish.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(cause) = self.0.kill().and_then(|()| self.0.wait()) {
            eprintln!("tiaoli: the bench's server stays behind: {cause}");
        }
    }
}

impl Started {
    pub(super) fn print(&self, json: bool) {
        let first_page_ms = Spread::of(self.first_page_ms.iter().copied());
        let resident_mb = (!self.resident_mb.is_empty()).then(|| Spread::of(self.resident_mb.iter().copied()));
        if json {
            let figures = serde_json::json!({
                "work": "start", "store": "sqlite", "first_page_ms": first_page_ms.median,
                "first_page_ms_least": first_page_ms.least, "first_page_ms_most": first_page_ms.most,
                "resident_mb": resident_mb.map(|spread| spread.median), "runs": RUNS,
            });
            println!("{figures}");
            return;
        }
        println!("start of the executable over a SQLite file, {RUNS} runs after a warm-up: median (least–most)");
        println!("  first page after {first_page_ms} ms");
        if let Some(resident_mb) = resident_mb {
            println!("  {resident_mb:.1} MB of memory at rest");
        }
    }
}
