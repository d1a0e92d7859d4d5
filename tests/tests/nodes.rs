//! Three nodes on one PostgreSQL, killed and frozen at random under load for a minute: nothing that was answered is
//! lost, nothing is done twice, and what a dead node had in hand is taken over within ten seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use engine::effect::Effect;
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::Status;
use engine::time::Timestamp;
use engine::value::{Fields, Value};
use runtime::{Runtime, StartOrder, SystemClock};
use store::{Seen, Share, Slice, Store};
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

    /// All but one, as the operating system numbers them.
    fn beside(&self, which: usize) -> Vec<u32> {
        let others = self.0.iter().enumerate().filter(|(place, _)| *place != which);
        others.map(|(_, node)| node.lock().expect("nobody panicked").pid()).collect()
    }
}

/// Whether a node is called so that is this process.
fn is_of(name: &str, pid: u32) -> bool {
    name.split('-').next() == Some(&pid.to_string())
}

/// What becomes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Dies,
    /// It stands still for a while, and may go on with what it holds if nobody has taken it.
    Freezes,
}

/// A node that does nothing from an instant on.
#[derive(Debug)]
struct Fall {
    pid: u32,
    fate: Fate,
    at: Timestamp,
    since: Instant,
    /// How often each node had beaten by then.
    beats: BTreeMap<String, i64>,
    /// What no node looked after that was living then: its own, and what was left of one that fell before it.
    left: BTreeSet<Slice>,
    /// The requests that were owed then, by the key that the server gets: some of them were in hand.
    in_hand: BTreeSet<String>,
}

impl Fall {
    /// To be told as soon as the node does nothing any more; the instant is from before that.
    fn seen(store: &Store, (pid, fate): (u32, Fate), at: Timestamp, living: &[u32]) -> Fall {
        let since = Instant::now();
        let seen = store.leases().expect("the store is readable");
        let attended = |name: &String| living.iter().any(|pid| is_of(name, *pid));
        let left = seen.slices.iter().filter(|lease| !lease.holder.as_ref().is_some_and(attended));
        let owed = store.outbox(&Share::Whole, Timestamp(i64::MAX), 10_000).expect("the store is readable");
        let request = |row: &store::OutboxRow| match &row.effect {
            Effect::Request { job, .. } => Some(format!("tiaoli-{}-{}", row.key.instance, job.0)),
            _ => None,
        };
        Fall {
            pid,
            fate,
            at,
            since,
            left: left.map(|lease| lease.slice).collect(),
            in_hand: owed.iter().filter_map(request).collect(),
            beats: seen.nodes.into_iter().collect(),
        }
    }

    /// Whether a node lives that is called so: it has beaten since.
    fn outlived_by(&self, name: &str, seen: &Seen) -> bool {
        let beats =
            |(living, beat): &(String, i64)| living == name && self.beats.get(name).is_none_or(|old| beat > old);
        (self.fate == Fate::Freezes || !is_of(name, self.pid)) && seen.nodes.iter().any(beats)
    }

    /// How long it took until each of the slices was held by a node that lives. What falls once more with the node that
    /// took it is that one's.
    fn taken_over(&self, store: &Store) -> Duration {
        let mut left = self.left.clone();
        loop {
            let seen = store.leases().expect("the store is readable");
            for lease in &seen.slices {
                if lease.holder.as_ref().is_some_and(|name| self.outlived_by(name, &seen)) {
                    left.remove(&lease.slice);
                }
            }
            if left.is_empty() {
                return self.since.elapsed();
            }
            assert!(self.since.elapsed() < TAKEN_OVER, "nobody looks after {left:?}: {self:?} {:?}", store.leases());
            sleep(LOOK);
        }
    }
}

/// How long after it could have been something was: after it was due, or after whoever looked after it had fallen.
fn late(record: InstanceId, due: Timestamp, done: Timestamp, falls: &[Fall]) -> Duration {
    let slice = Slice::of_record(record);
    let fell = falls.iter().filter(|fall| fall.left.contains(&slice) && fall.at <= done).map(|fall| fall.at).max();
    let could = fell.max(Some(due)).unwrap_or(due);
    Duration::from_millis(u64::try_from(done.since_ms(could)).expect("not before its instant"))
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
    let (answered, errands, takeovers, falls) = std::thread::scope(|scope| {
        let visiting: Vec<_> = (0..PEOPLE)
            .map(|number| {
                let (visitor, nodes, over) = (visitor.clone(), &nodes, &over);
                let dice = Dice(number);
                scope.spawn(move || visit(&visitor, nodes, over, dice))
            })
            .collect();
        let running = scope.spawn(|| run_errands(&office, &by, &over));
        let mut watching = Vec::new();
        while begun.elapsed() < LASTS {
            sleep(Duration::from_millis(dice.within(PAUSE_MS)));
            let which = usize::try_from(dice.within(0..3)).expect("few");
            let held = &mut *nodes.0[which].lock().expect("nobody panicked");
            let mut living = nodes.beside(which);
            let store = &store;
            let mut watch = |fell: (u32, Fate), at: Timestamp, living: &[u32]| {
                let fall = Fall::seen(store, fell, at, living);
                watching.push(scope.spawn(move || (fall.taken_over(store), fall)));
            };
            if dice.within(0..4) == 0 {
                let at = office.now();
                held.freeze();
                watch((held.pid(), Fate::Freezes), at, &living);
                sleep(FROZEN);
                held.thaw();
            } else {
                let fresh = Server::start("serve", database.path());
                living.push(fresh.pid());
                let (dead, at) = (std::mem::replace(held, fresh), office.now());
                let pid = dead.pid();
                dead.kill();
                watch((pid, Fate::Dies), at, &living);
            }
        }
        over.store(true, Ordering::SeqCst);
        let watched = watching.into_iter().map(|watch| watch.join().expect("others took over"));
        let (takeovers, falls): (Vec<Duration>, Vec<Fall>) = watched.unzip();
        let answered: Vec<Answered> =
            visiting.into_iter().flat_map(|visit| visit.join().expect("visitors only fail where nodes die")).collect();
        (answered, running.join().expect("the office works"), takeovers, falls)
    });

    let slowest = takeovers.iter().max().expect("nodes died");
    let (mut fired, mut ended) = (Duration::ZERO, Duration::ZERO);
    for errand in &errands {
        let settled = settled(&office, errand);
        fired = fired.max(late(errand.id, errand.ready, settled.fired, &falls));
        ended = ended.max(late(errand.id, errand.ready, settled.ended, &falls));
    }
    println!(
        "{} falls, the slowest taken over after {slowest:.1?}; {} answers; {} errands, the latest fired {fired:.1?} and \
         ended {ended:.1?} after it could",
        takeovers.len(),
        answered.len(),
        errands.len(),
    );
    assert!(fired <= TAKEN_OVER, "a timer waited {fired:.1?} for a node: {falls:#?}");
    assert!(ended <= TAKEN_OVER + WORK, "an errand waited {ended:.1?} for a node: {falls:#?}");
    assert!(answered.len() > 100 && errands.len() > 100, "{} answers, {} errands", answered.len(), errands.len());
    answered.iter().for_each(|answer| answer.is_there(&store));
    assert_eq!(store.outbox(&Share::Whole, Timestamp(i64::MAX), 10).expect("it reads").len(), 0, "all is performed");

    let asked = ledger.asked.lock().expect("nobody panicked").clone();
    assert_eq!(asked.len(), errands.len(), "each errand went to the server under one key");
    let mut again = 0;
    for (key, times) in asked.iter().filter(|(_, times)| **times > 1) {
        let fell = falls.iter().filter(|fall| fall.in_hand.contains(key)).count();
        assert!(*times as usize <= 1 + fell, "{key} was asked {times} times, and {fell} times a node fell meanwhile");
        again += 1;
    }
    println!("{again} requests were asked again");
    let told = store.notifications(&by, errands.len() * 3).expect("it reads");
    let mut told_of = BTreeMap::<&str, u32>::new();
    for notice in told.iter().filter(|notice| notice.link.contains("ERR-")) {
        *told_of.entry(&notice.link).or_default() += 1;
    }
    assert_eq!(told_of.len(), errands.len(), "each errand's end was told");
    assert!(told_of.values().all(|times| *times == 1), "and told once");

    drop(nodes);
    doctor_finds_nothing(database.path());
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

/// When an errand's timer fired, and when it was over.
struct Settled {
    fired: Timestamp,
    ended: Timestamp,
}

/// Waits until an errand is over.
fn settled(office: &Runtime, errand: &Errand) -> Settled {
    let began = Instant::now();
    let ended = loop {
        match ended(office, errand.id) {
            Some(at) => break at,
            None => assert!(began.elapsed() < 2 * TAKEN_OVER, "it never ends: {:?}", office.load(errand.id)),
        }
        sleep(LOOK);
    };
    let history = office.store().history(errand.id).expect("it reads");
    let ticks: Vec<_> = history.iter().filter(|entry| entry.command == "tick").collect();
    assert!(ticks.iter().all(|entry| entry.actor == Actor::System));
    Settled { fired: ticks.first().expect("its timer fired").at, ended }
}
