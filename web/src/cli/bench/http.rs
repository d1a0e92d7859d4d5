//! W1 over HTTP: people who are signed in begin records and complete their tasks through the forms of the pages, each
//! answered by a redirect after the durable commit, beside the same work without HTTP on the same store by turns. What a
//! browser would ask for between two forms is left out; where it would read the record's first task, the store is asked.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use engine::directory::Standing;
use engine::ids::Name;
use runtime::Runtime;
use store::{PersonRow, PersonState, Place};

use super::RUNS;
use super::client::Client;
use super::engine_w1::{self, PERSON, SOURCE, form, peopled, side_by_side, steps};
use super::samples::{Figure, Spread};
use super::server::Server;
use super::stores::Stores;
use crate::cli::Failure;

/// How many people work at once.
const CALLERS: usize = 16;
/// The process that the portal's form begins.
const PROCESS: &str = "incident";

/// What was measured.
pub(super) struct Http {
    store: &'static str,
    embedded: Vec<Figure>,
    over_http: Vec<Figure>,
}

/// Measures so many completions with and without HTTP.
pub(super) fn measure(stores: &Stores, completions: u64) -> Result<Http, Failure> {
    let (runs, _) = stores.on_new(|place| by_turns(place, completions))?;
    let (embedded, over_http) = runs.into_iter().skip(1).unzip();
    Ok(Http { store: stores.name(), embedded, over_http })
}

fn by_turns(place: &Place, completions: u64) -> Result<Vec<(Figure, Figure)>, Failure> {
    let runtime = peopled(place, std::sync::Arc::new(runtime::SystemClock))?;
    engine_w1::deploy(&runtime, &SOURCE.replace("process benchmark", &format!("process {PROCESS}")))?;
    let password = web::password::random().ok_or("the machine gives no random bytes")?;
    let people = employed(&runtime, &password)?;
    let server = Server::start(runtime.clone())?;
    let signed_in = |person: &Name| SignedIn::new(server.address, person.as_str(), &password);
    let people = people.iter().map(signed_in).collect::<Result<Vec<SignedIn>, Failure>>()?;
    let records = (completions / 3).div_ceil(CALLERS as u64);
    let runs = (0..=RUNS).map(|turn| {
        let embedded = engine_w1::run_of(PROCESS, &runtime, CALLERS, completions)?;
        let over_http = side_by_side(CALLERS, |place| match people.get(place) {
            Some(person) => person.work(&runtime, turn, records),
            None => Err("fewer people than callers".into()),
        })?;
        Ok((embedded, over_http))
    });
    let runs = runs.collect::<Result<Vec<(Figure, Figure)>, Failure>>()?;
    server.stop()?;
    Ok(runs)
}

/// The people, each of whom may do every task.
fn employed(runtime: &Runtime, password: &str) -> Result<Vec<Name>, Failure> {
    let hash = web::password::hash(password).map_err(|cause| cause.to_string())?;
    let (store, now, by) = (runtime.store(), runtime.now(), Name::from(PERSON));
    let standing = Standing { roles: ["agent", "staff"].map(Name::from).into(), teams: [Name::from("team")].into() };
    let people: Vec<Name> = (0..CALLERS).map(|place| Name::from(format!("agent_{place}"))).collect();
    for person in &people {
        let row = PersonRow {
            id: person.clone(),
            sign_in: person.to_string(),
            name: engine::definition::Labels::new(person.as_str(), person.as_str()),
            email: String::new(),
            language: "zh-CN".into(),
            state: PersonState::Active,
        };
        store.put_person(&row, &by, now)?;
        store.set_standing(person, &standing, &by, now, "bench")?;
        store.set_password(person, &hash, &by, now)?;
    }
    runtime.reload_directory()?;
    Ok(people)
}

/// A person at a browser: the session's cookie, and the token that its forms carry.
struct SignedIn {
    address: SocketAddr,
    cookie: String,
    token: String,
}

impl SignedIn {
    fn new(address: SocketAddr, person: &str, password: &str) -> Result<SignedIn, Failure> {
        let cookie = Client::new(address, String::new())?.sign_in(person, password)?;
        let page = Client::new(address, cookie.clone())?.get("/portal/report")?;
        let page = String::from_utf8_lossy(&page.body).into_owned();
        let (_, behind) = page.split_once("name=\"_token\" value=\"").ok_or("the form carries no token")?;
        let token = behind.split('"').next().unwrap_or_default().to_owned();
        Ok(SignedIn { address, cookie, token })
    }

    /// Sends one form after the other; gives how long each completion waited for its answer.
    fn work(&self, runtime: &Runtime, turn: usize, records: u64) -> Result<Vec<Duration>, Failure> {
        let mut client = Client::new(self.address, self.cookie.clone())?;
        let (mut latencies, token) = (Vec::new(), &self.token);
        for index in 0..records {
            let once = format!("{turn}-{index}");
            let asked = [("_token", token.as_str()), ("_once", once.as_str())].map(|(name, value)| pair(name, value));
            let fields =
                form(index).iter().map(|(name, value)| pair(name.as_str(), &value.plain())).collect::<Vec<_>>();
            let to = client.post("/portal/report", &[asked.as_slice(), &fields].concat().join("&"))?.led_to()?;
            let number = to.strip_prefix("/records/").ok_or_else(|| format!("the form led to {to}"))?;
            let id = runtime.store().instance_of_number(number)?.ok_or("there is no such record")?;
            let record = runtime.load(id)?.ok_or("there is no such record")?;
            let first = record.instance.tasks().first().ok_or("there is no task")?.id;
            let (mut task, mut shown) = (format!("/tasks/{id}-{}", first.0), record.revision);
            for (outcome, fields) in steps() {
                let revision = shown.to_string();
                let said = [("_token", token.as_str()), ("_shown", revision.as_str()), ("outcome", outcome)];
                let said = said.map(|(name, value)| pair(name, value));
                let fields = fields.iter().map(|(name, value)| pair(&format!("{outcome}.{name}"), &value.plain()));
                let body = [said.as_slice(), &fields.collect::<Vec<_>>()].concat().join("&");
                let asked = Instant::now();
                task = client.post(&task, &body)?.led_to()?;
                latencies.push(asked.elapsed());
                shown += 1;
            }
        }
        Ok(latencies)
    }
}

fn pair(name: &str, value: &str) -> String {
    format!("{name}={}", web::pairs::encoded(value))
}

impl Http {
    pub(super) fn print(&self, json: bool) {
        let of = |figures: &[Figure], pick: fn(&Figure) -> f64| Spread::of(figures.iter().map(pick));
        let (embedded, over_http) = (of(&self.embedded, |run| run.per_s), of(&self.over_http, |run| run.per_s));
        let (p50, p99) = (of(&self.over_http, |run| run.p50_us), of(&self.over_http, |run| run.p99_us));
        let pairs = self.over_http.iter().zip(&self.embedded);
        let ratio = Spread::of(pairs.map(|(over_http, embedded)| over_http.per_s / embedded.per_s));
        let store = self.store;
        if json {
            let figures = serde_json::json!({
                "work": "W1-http", "store": store, "callers": CALLERS, "http_per_s": over_http.median,
                "embedded_per_s": embedded.median, "ratio": ratio.median, "ratio_least": ratio.least,
                "ratio_most": ratio.most, "p50_us": p50.median, "p99_us": p99.median, "runs": RUNS,
            });
            println!("{figures}");
            return;
        }
        println!("W1 {store} over HTTP, {CALLERS} people signed in, {RUNS} runs after a warm-up: median (least–most)");
        println!("  over HTTP {over_http} completions/s   p50 {p50} µs   p99 {p99} µs");
        println!("  embedded  {embedded} completions/s");
        println!("  ratio     {ratio:.2}");
    }
}
