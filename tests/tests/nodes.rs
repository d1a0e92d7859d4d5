//! Three nodes on one PostgreSQL, killed and frozen at random under load for a minute: nothing that was answered is
//! lost, nothing is done twice, and what a dead node had in hand is taken over within ten seconds.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::Status;
use engine::time::Timestamp;
use engine::value::{Fields, Value};
use runtime::{Runtime, StartOrder, SystemClock};
use store::{Seen, Share, Store};
use tests::{Answered, Browserless, Database, Dice, Server, deploy, doctor_finds_nothing, seed, work};

/// For how long nodes die.
const LASTS: Duration = Duration::from_secs(60);
/// Between two deaths, in milliseconds.
const PAUSE_MS: std::ops::Range<u64> = 2_500..5_000;
/// For how long a frozen node stands still: longer than its share counts, and longer than the others wait.
const FROZEN: Duration = Duration::from_secs(6);
/// Within what others must have taken over.
const TAKEN_OVER: Duration = Duration::from_secs(10);
/// How many people report and comment at once.
const PEOPLE: u64 = 3;
/// How many records are under way at once that wait for time, ask a server and tell somebody.
const ERRANDS: u64 = 30;
/// How long the server takes for an errand, so that nodes die while they wait for it.
const WORK: Duration = Duration::from_millis(300);
/// Between two looks at what only time brings.
const LOOK: Duration = Duration::from_millis(50);

/// Waits for an instant, asks a server, tells the service desk.
fn errand(server: &str) -> String {
    format!(
        r#"process errand "Errand" zh "差事" {{
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "ERR-{{year}}-{{seq:6}}"
  title      what
  seen by    anyone
  edited by  role staff
  roles {{ staff "Staff" zh "员工" }}
  record {{
    what    text max 200   "What"    zh "事项"
    ready   instant        "Ready"   zh "时刻"
    answer  text optional  "Answer"  zh "答复"
  }}
  start by anyone asks what, ready
  wait until ready
  http post "{server}" with {{ what: what }}, gives answer, retries 5 every 1 minute, no deadline
  notify requester with template done
  end closed  "Closed"  zh "已关闭"
}}

notice done "{{what}} is done" zh "{{what}}已完成"
"#
    )
}

/// A server that does what it is asked and counts how often it was asked under each key.
struct Ledger {
    url: String,
    asked: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Ledger {
    fn open() -> Ledger {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}/errands", listener.local_addr().expect("it listens"));
        let asked: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
        let counted = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = counted.clone();
                // One that is killed while it asks has asked nothing, or will ask again.
                std::thread::spawn(move || answer(stream, &counted).unwrap_or_default());
            }
        });
        Ledger { url, asked }
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<BTreeMap<String, u32>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut key, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let header = line.trim().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if let Some(value) = header.strip_prefix("idempotency-key:") {
            key = Some(value.trim().to_owned());
        }
        if header.is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let key = key.expect("every attempt has a key");
    *asked.lock().expect("nobody panicked").entry(key).or_default() += 1;
    sleep(WORK);
    let body = r#"{"answer": "done"}"#;
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// The nodes as they are now.
struct Nodes(Vec<Mutex<Server>>);

impl Nodes {
    fn address(&self, which: u64) -> String {
        self.0[usize::try_from(which).expect("few")].lock().expect("nobody panicked").address.clone()
    }
}

/// How long it took until a dead node held nothing any more.
fn taken_over(store: &Store, pid: u32, since: Instant) -> Duration {
    let prefix = format!("{pid}-");
    let holds = |seen: &Seen| {
        seen.slices.iter().filter_map(|lease| lease.holder.as_ref()).any(|name| name.starts_with(&prefix))
    };
    while holds(&store.leases().expect("the store is readable")) {
        assert!(since.elapsed() < TAKEN_OVER, "node {pid} is dead and holds on: {:?}", store.leases());
        sleep(LOOK);
    }
    since.elapsed()
}

#[test]
fn three_nodes_killed_at_random_for_a_minute_lose_nothing_and_do_nothing_twice() {
    let mut dice = Dice(seed());
    let (database, ledger) = (Database::new("nodes"), Ledger::open());
    let first = Server::start("demo", database.path());
    let password = first.password_of("chenjie");
    let mut visitor = Browserless::at(&first.address);
    let entered = visitor.sign_in("chenjie", &password).expect("the server answers");
    assert_eq!(entered.status, 303, "{}", entered.body);
    let started = || Mutex::new(Server::start("serve", database.path()));
    let nodes = Nodes(vec![Mutex::new(first), started(), started()]);

    // Takes commands and no part in timers and effects: only nodes that die do that.
    let store = Store::open(database.url()).expect("the store opens");
    let office = Runtime::open(store.clone(), Arc::new(SystemClock)).expect("the registers are readable");
    deploy(&office, &errand(&ledger.url));
    let by = store.people().expect("it reads").first().expect("the demo has people").id.clone();

    let (over, begun) = (AtomicBool::new(false), Instant::now());
    let (answered, errands, takeovers) = std::thread::scope(|scope| {
        let visiting: Vec<_> = (0..PEOPLE)
            .map(|number| {
                let (visitor, nodes, over) = (visitor.clone(), &nodes, &over);
                let dice = Dice(number);
                scope.spawn(move || visit(&visitor, nodes, over, dice))
            })
            .collect();
        let running = scope.spawn(|| run_errands(&office, &by, &over));
        let mut takeovers = Vec::new();
        while begun.elapsed() < LASTS {
            sleep(Duration::from_millis(dice.within(PAUSE_MS)));
            let which = usize::try_from(dice.within(0..3)).expect("few");
            let held = &mut *nodes.0[which].lock().expect("nobody panicked");
            if dice.within(0..4) == 0 {
                held.freeze();
                sleep(FROZEN);
                held.thaw();
            } else {
                let fresh = Server::start("serve", database.path());
                let (dead, died) = (std::mem::replace(held, fresh), Instant::now());
                let pid = dead.pid();
                dead.kill();
                let store = &store;
                takeovers.push(scope.spawn(move || taken_over(store, pid, died)));
            }
        }
        over.store(true, Ordering::SeqCst);
        let joined = |thread: std::thread::ScopedJoinHandle<'_, Duration>| thread.join().expect("others took over");
        let takeovers: Vec<Duration> = takeovers.into_iter().map(joined).collect();
        let answered: Vec<Answered> =
            visiting.into_iter().flat_map(|visit| visit.join().expect("visitors only fail where nodes die")).collect();
        (answered, running.join().expect("the office works"), takeovers)
    });

    let late = errands.iter().map(|errand| settled(&office, errand)).max().expect("there was work");
    let slowest = takeovers.iter().max().expect("nodes died");
    assert!(answered.len() > 100 && errands.len() > 100, "{} answers, {} errands", answered.len(), errands.len());
    answered.iter().for_each(|answer| answer.is_there(&store));
    assert_eq!(store.outbox(&Share::Whole, Timestamp(i64::MAX), 10).expect("it reads").len(), 0, "all is performed");

    let asked = ledger.asked.lock().expect("nobody panicked").clone();
    assert_eq!(asked.len(), errands.len(), "each errand went to the server under one key");
    let again = asked.values().filter(|times| **times > 1).count();
    let told = store.notifications(&by, errands.len() * 3).expect("it reads");
    let mut told_of = BTreeMap::<&str, u32>::new();
    for notice in told.iter().filter(|notice| notice.link.contains("ERR-")) {
        *told_of.entry(&notice.link).or_default() += 1;
    }
    assert_eq!(told_of.len(), errands.len(), "each errand's end was told");
    assert!(told_of.values().all(|times| *times == 1), "and told once");

    drop(nodes);
    doctor_finds_nothing(database.path());
    println!(
        "{} deaths, the slowest taken over after {slowest:.1?}; {} answers; {} errands, {again} asked again, the latest \
         {late:.1?} after its instant",
        takeovers.len(),
        answered.len(),
        errands.len(),
    );
}

/// Reports and comments at any node until it is over; a node that dies has answered nothing.
fn visit(visitor: &Browserless, nodes: &Nodes, over: &AtomicBool, mut dice: Dice) -> Vec<Answered> {
    let mut answered = Vec::new();
    for turn in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let mut there = visitor.moved_to(&nodes.address(dice.within(0..3)));
        if let Ok(answers) = work(&mut there, &format!("{}-{turn}", dice.within(0..u64::MAX))) {
            answered.extend(answers);
        }
    }
    answered
}

/// A record that was begun, and the instant for which it waits.
struct Errand {
    id: InstanceId,
    ready: Timestamp,
}

/// Begins records, a few at a time, until it is over.
fn run_errands(office: &Runtime, by: &Name, over: &AtomicBool) -> Vec<Errand> {
    let mut all: Vec<Errand> = Vec::new();
    while !over.load(Ordering::SeqCst) {
        for _ in 0..ERRANDS {
            let ready = office.now().plus_ms(500 + i64::try_from(all.len() % 20).unwrap_or(0) * 100);
            let what = Value::Text(format!("errand {}", all.len()));
            let fields = Fields::from([(Name::from("what"), what), (Name::from("ready"), Value::Instant(ready))]);
            let order = StartOrder { process: Name::from("errand"), by: by.clone(), on_behalf_of: None, fields };
            let done = office.start(order).expect("the server takes commands all the time");
            all.push(Errand { id: done.instance.id(), ready });
        }
        while !over.load(Ordering::SeqCst) && all.last().is_some_and(|last| ended(office, last.id).is_none()) {
            sleep(LOOK);
        }
    }
    all
}

fn ended(office: &Runtime, id: InstanceId) -> Option<Timestamp> {
    let loaded = office.load(id).expect("it reads").expect("what was begun is there");
    match loaded.instance.status() {
        Status::Ended { at, .. } => Some(*at),
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => None,
    }
}

/// Waits until an errand is over; gives how long after its instant its timer fired.
fn settled(office: &Runtime, errand: &Errand) -> Duration {
    let began = Instant::now();
    while ended(office, errand.id).is_none() {
        assert!(began.elapsed() < 2 * TAKEN_OVER, "it never ends: {:?}", office.load(errand.id));
        sleep(LOOK);
    }
    let history = office.store().history(errand.id).expect("it reads");
    let ticks: Vec<_> = history.iter().filter(|entry| entry.command == "tick").collect();
    assert!(ticks.iter().all(|entry| entry.actor == Actor::System));
    let fired = ticks.first().expect("its timer fired").at;
    Duration::from_millis(u64::try_from(fired.since_ms(errand.ready)).expect("not before its instant"))
}
