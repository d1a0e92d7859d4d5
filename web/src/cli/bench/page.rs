//! W5: the pages over HTTP, with many records of the packaged processes behind them. Fifty people of the demo's organisation
//! go from page to page, each reading a while; then the two that are asked for most, by one and by fifty who do not read at
//! all; and how many bytes go over the wire.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use runtime::{Runtime, SystemClock};
use store::Store;

use super::client::Client;
use super::engine_w1::side_by_side;
use super::samples::Figure;
use super::server::Server;
use crate::cli::Failure;
use crate::cli::demo::crowd::{self, Crowd};
use crate::cli::demo::estate;
use crate::cli::speech::Speech;

/// How many users ask at once.
const USERS: usize = 50;
/// How long a user reads what was answered: up to so many milliseconds, half of it on average.
const READING_MS: u64 = 2_000;
/// How many requests in place of each visit one user makes who is alone and does not read.
const ALONE: usize = 10;

const DESK: &str = "lina";
const MANAGER: &str = "zhouqiang";
const REQUESTER: &str = "chenjie";
const ADMINISTRATOR: &str = "admin";
const AUDITOR: &str = "songyan";

/// A page, and who asks for it. In its path, `{number}` stands for the number of any record, `{task}` for that of an open task, `{item}` for
/// that of any configuration item.
struct Page {
    name: &'static str,
    who: &'static str,
    path: &'static str,
}

const fn page(name: &'static str, who: &'static str, path: &'static str) -> Page {
    Page { name, who, path }
}

const INBOX: Page = page("inbox", DESK, "/inbox?view=groups");
const BOARD: Page = page("board", MANAGER, "/board");
const RECORD: Page = page("record", DESK, "/records/{number}");

const PAGES: [Page; 26] = [
    INBOX,
    page("inbox, text", DESK, "/inbox?view=groups&text=VPN"),
    page("inbox, next page", DESK, "{next}"),
    page("inbox, grouped", DESK, "/inbox?view=groups&group=priority"),
    page("peek", DESK, "/tasks/{task}/peek"),
    page("task", DESK, "/tasks/{task}"),
    RECORD,
    page("trace", DESK, "/records/{number}/trace"),
    page("evidence pack", AUDITOR, "/records/{number}/trace/print"),
    page("search, word", DESK, "/search?q=VPN"),
    page("search, characters", DESK, "/search?q=%E6%89%93%E5%8D%B0"),
    page("search, initials", DESK, "/search?q=ww"),
    page("notifications", DESK, "/notifications"),
    page("register", DESK, "/registers/configuration_item"),
    page("register, text", DESK, "/registers/configuration_item?q=item+77"),
    page("entry", DESK, "/registers/configuration_item/mail-01"),
    page("impact", DESK, "/registers/configuration_item/{item}/impact"),
    page("change calendar", DESK, "/changes/calendar"),
    page("portal", REQUESTER, "/portal"),
    page("my requests", REQUESTER, "/portal/requests"),
    page("report form", REQUESTER, "/portal/report?process=incident"),
    page("record of mine", REQUESTER, "/records/{mine}"),
    page("records of a figure", MANAGER, "{listed}"),
    BOARD,
    page("audit trail", AUDITOR, "/admin/audit"),
    page("instances", ADMINISTRATOR, "/admin/instances?status=running"),
];

/// The figures of W5.
pub(super) struct PageFigures {
    records: usize,
    events: usize,
    prepared_s: f64,
    visited: Vec<(&'static str, Figure)>,
    every: Figure,
    pressed: Vec<(&'static str, usize, Figure)>,
    first_bytes: usize,
    next_bytes: usize,
}

/// What stands for a part of a path.
struct Known {
    address: SocketAddr,
    cookies: BTreeMap<&'static str, String>,
    numbers: Vec<String>,
    mine: Vec<String>,
    tasks: Vec<String>,
    listed: Vec<String>,
    next: String,
}

/// Fills a new store with records and asks for pages.
pub(super) fn measure(folder: &Path, records: usize, visits: usize) -> Result<PageFigures, Failure> {
    std::fs::create_dir_all(folder)?;
    let runtime = Runtime::open(Store::open(folder)?, Arc::new(SystemClock))?;
    let began = Instant::now();
    let crowd = crowd::gather(&runtime, records, Speech::En)?;
    while runtime.search_some()? > 0 {}
    while runtime.measure_some()? > 0 {}
    let prepared_s = began.elapsed().as_secs_f64();

    let server = Server::start(runtime)?;
    let events = crowd.events;
    let known = Known::look(server.address, crowd)?;
    for each in &PAGES {
        known.ask(&mut known.client(each.who)?, each, 0)?;
    }
    let (visited, every) = visit(&known, visits)?;
    let mut pressed = Vec::new();
    for each in [INBOX, RECORD] {
        for users in [1, USERS] {
            let requests = if users == 1 { visits * ALONE } else { visits };
            pressed.push((each.name, users, side_by_side(users, |user| known.press(&each, user, requests))?));
        }
    }
    let (first_bytes, next_bytes) = known.bytes()?;
    server.stop()?;
    Ok(PageFigures { records, events, prepared_s, visited, every, pressed, first_bytes, next_bytes })
}

/// How long each page took, and all of them together.
type Visited = (Vec<(&'static str, Figure)>, Figure);

/// All users go from page to page.
fn visit(known: &Known, visits: usize) -> Result<Visited, Failure> {
    let began = Instant::now();
    let mut waits: Vec<Vec<Duration>> = PAGES.iter().map(|_| Vec::new()).collect();
    std::thread::scope(|scope| {
        let working: Vec<_> = (0..USERS).map(|user| scope.spawn(move || known.walk(user, visits))).collect();
        for thread in working {
            for (page, wait) in thread.join().map_err(|_| "a user panicked")?? {
                if let Some(waits) = waits.get_mut(page) {
                    waits.push(wait);
                }
            }
        }
        Ok::<_, Failure>(())
    })?;
    let took = began.elapsed();
    let every = Figure::of(waits.iter().flatten().copied().collect(), took);
    let visited = PAGES.iter().zip(waits).map(|(page, waits)| (page.name, Figure::of(waits, took))).collect();
    Ok((visited, every))
}

impl Known {
    fn look(address: SocketAddr, crowd: Crowd) -> Result<Known, Failure> {
        let Crowd { numbers, people, events: _ } = crowd;
        let mut cookies = BTreeMap::new();
        for (name, password) in people {
            cookies.insert(name, Client::new(address, String::new())?.sign_in(name, &password)?);
        }
        let mut known = Known {
            address,
            cookies,
            numbers,
            mine: Vec::new(),
            tasks: Vec::new(),
            listed: Vec::new(),
            next: String::new(),
        };
        let inbox = known.text(DESK, INBOX.path)?;
        known.tasks = links(&inbox, "/tasks/").filter(|link| link.matches('/').count() == 2).collect();
        known.next = inbox
            .split("<a ")
            .find(|link| link.contains("rel=\"next\""))
            .and_then(|link| links(link, "").next())
            .map(|link| if link.starts_with('?') { format!("/inbox{link}") } else { link })
            .ok_or("the inbox has one page alone")?;
        known.listed = links(&known.text(MANAGER, BOARD.path)?, "/records/list").collect();
        known.mine = links(&known.text(REQUESTER, "/portal/requests")?, "/records/").collect();
        if known.tasks.is_empty() || known.mine.is_empty() || known.listed.is_empty() {
            return Err("nothing is open for the people who ask".into());
        }
        Ok(known)
    }

    fn client(&self, who: &str) -> Result<Client, Failure> {
        Ok(Client::new(self.address, self.cookies.get(who).cloned().ok_or("somebody cannot sign in")?)?)
    }

    fn text(&self, who: &str, path: &str) -> Result<String, Failure> {
        Ok(String::from_utf8(self.client(who)?.get(path)?.body)?)
    }

    /// Asks for a page as a browser does; gives how long it took.
    fn ask(&self, client: &mut Client, page: &Page, turn: usize) -> Result<Duration, Failure> {
        let any = |of: &[String]| of.get((turn * 7_919) % of.len().max(1)).cloned().unwrap_or_default();
        let path = page
            .path
            .replace("{next}", &self.next)
            .replace("{listed}", &any(&self.listed))
            .replace("{item}", estate::item(turn as u64 * 7_919).as_str())
            .replace("{number}", &any(&self.numbers))
            .replace("/records/{mine}", &any(&self.mine))
            .replace("/tasks/{task}", &any(&self.tasks));
        let began = Instant::now();
        let answer = client.get_packed(&path)?;
        let took = began.elapsed();
        match answer.status {
            200 => Ok(took),
            status => Err(format!("{path} answered {status} to {}", page.who).into()),
        }
    }

    /// One user goes from page to page and reads; what was said between them is over by then.
    fn walk(&self, user: usize, visits: usize) -> Result<Vec<(usize, Duration)>, Failure> {
        let mut waits = Vec::with_capacity(visits);
        for visit in 0..visits {
            let turn = user * visits + visit;
            let at = (user + visit * 5) % PAGES.len();
            let (Some(page), reading) = (PAGES.get(at), (turn as u64 * 7_907) % READING_MS) else { continue };
            std::thread::sleep(Duration::from_millis(reading));
            waits.push((at, self.ask(&mut self.client(page.who)?, page, turn)?));
        }
        Ok(waits)
    }

    /// One user asks for a page again and again without reading it.
    fn press(&self, page: &Page, user: usize, requests: usize) -> Result<Vec<Duration>, Failure> {
        let mut client = self.client(page.who)?;
        (0..requests).map(|request| self.ask(&mut client, page, user * requests + request)).collect()
    }

    /// The bytes of the first page of the inbox with all that it needs, and of the next one.
    fn bytes(&self) -> Result<(usize, usize), Failure> {
        let mut client = self.client(DESK)?;
        let inbox = self.text(DESK, INBOX.path)?;
        let mut first = client.get_packed(INBOX.path)?.body.len();
        let needed = inbox.split(['"', '\'']).filter(|one| one.starts_with("/assets/"));
        for asset in needed.collect::<std::collections::BTreeSet<_>>() {
            first += client.get_packed(asset)?.body.len();
        }
        Ok((first, client.get_packed(&self.next)?.body.len()))
    }
}

/// Where the links of a page lead that begin so.
fn links<'p>(page: &'p str, start: &'p str) -> impl Iterator<Item = String> + 'p {
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    found.filter(move |link| link.starts_with(start)).map(|link| link.replace("&amp;", "&").replace("&#x3D;", "="))
}

impl PageFigures {
    pub(super) fn print(&self, json: bool) {
        if json {
            let of = |name: &str, users: usize, reading: u64, figure: &Figure| {
                let figures = serde_json::json!({
                    "work": "W5", "store": "sqlite", "page": name, "records": self.records, "events": self.events,
                    "callers": users, "reading_ms": reading, "per_s": figure.per_s, "p50_us": figure.p50_us,
                    "p99_us": figure.p99_us,
                });
                println!("{figures}");
            };
            self.visited.iter().for_each(|(name, figure)| of(name, USERS, READING_MS, figure));
            of("every", USERS, READING_MS, &self.every);
            self.pressed.iter().for_each(|(name, users, figure)| of(name, *users, 0, figure));
            let bytes = serde_json::json!({
                "work": "W5-bytes", "first_page": self.first_bytes, "next_page": self.next_bytes,
            });
            println!("{bytes}");
            return;
        }
        let Figure { per_s, .. } = self.every;
        println!(
            "W5 pages over HTTP: {} incidents with {} events behind them (made in {:.0} s), {USERS} users who read for a second, {per_s:.0} pages/s",
            self.records, self.events, self.prepared_s
        );
        let line = |name: &str, rest: &str, figure: &Figure| {
            println!("  {name:20}{rest} p50 {:6.2} ms   p99 {:6.2} ms", figure.p50_us / 1e3, figure.p99_us / 1e3);
        };
        self.visited.iter().for_each(|(name, figure)| line(name, "", figure));
        line("every page", "", &self.every);
        println!("  without reading");
        for (name, users, figure) in &self.pressed {
            line(name, &format!(" {users:2} users {:6.0} pages/s  ", figure.per_s), figure);
        }
        println!(
            "  the first page of the inbox takes {:.1} kB with style and script, the next {:.1} kB",
            self.first_bytes as f64 / 1e3,
            self.next_bytes as f64 / 1e3
        );
    }
}
