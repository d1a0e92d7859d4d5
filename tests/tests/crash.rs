//! Kill -9 at many instants under load: what was answered is there afterwards, and nothing is half done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use engine::event::Event;
use store::Store;
use tests::{Browserless, Scratch, Server, executable};

/// How often the server is killed.
const KILLS: usize = 50;
/// How many people report and comment at once.
const PEOPLE: usize = 8;
/// Between how many answers and how many the server is killed.
const ANSWERS: std::ops::Range<u64> = 1..60;

/// What a person was told: that a record exists, or that it has this comment.
#[derive(Debug)]
enum Answered {
    Reported(String),
    Commented(String, String),
}

/// A small generator (SplitMix64); its seed is printed.
struct Dice(u64);

impl Dice {
    fn within(&mut self, range: std::ops::Range<u64>) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        range.start + mixed % (range.end - range.start)
    }
}

#[test]
fn what_was_answered_survives_kill_9_at_fifty_instants_and_nothing_is_half_done() {
    let scratch = Scratch::new("crash");
    let data = scratch.path().join("data");
    let seed = std::env::var("TIAOLI_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(42);
    println!("seed {seed} (TIAOLI_SEED)");
    let mut dice = Dice(seed);

    let mut server = Server::start("demo", &data);
    let mut anna = Browserless::at(&server.address);
    let entered = anna.sign_in("chenjie", &server.password_of("chenjie")).expect("the server answers");
    assert_eq!(entered.status, 303, "{}", entered.body);
    let mut answered = 0;
    for kill in 0..KILLS {
        let until = dice.within(ANSWERS);
        let told = under_load(server, &anna, until, kill);
        check(&data, &told, kill);
        answered += told.len();
        server = Server::start("demo", &data);
        anna = anna.moved_to(&server.address);
    }
    server.kill();
    doctor_finds_nothing(&data);
    println!("{KILLS} kills, {answered} answered commands, all there");
    assert!(answered > KILLS, "the load was one");
}

/// Loads the server until it has given so many answers, kills it at once, and gives what was answered.
fn under_load(server: Server, visitor: &Browserless, until: u64, kill: usize) -> Vec<Answered> {
    let stop = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        for number in 0..PEOPLE {
            let (mut visitor, tell, stop) = (visitor.clone(), tell.clone(), &stop);
            scope.spawn(move || {
                for turn in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    // An error is the kill: nothing was answered.
                    let Ok(answers) = work(&mut visitor, &format!("{kill}-{number}-{turn}")) else { return };
                    if answers.into_iter().any(|answer| tell.send(answer).is_err()) {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let mut all: Vec<Answered> = Vec::new();
        for answer in &told {
            all.push(answer);
            if all.len() as u64 >= until {
                break;
            }
        }
        server.kill();
        stop.store(true, Ordering::SeqCst);
        all.extend(told);
        all
    })
}

/// Reports an incident and comments on it.
fn work(visitor: &mut Browserless, name: &str) -> Result<Vec<Answered>, Box<dyn std::error::Error>> {
    let form = visitor.get("/portal/report")?;
    let token = form.field("_token").ok_or("the form carries a token")?;
    let summary = format!("crash {name}");
    let said = [
        ("_token", token.as_str()),
        ("summary", &summary),
        ("details", "As told on the phone."),
        ("service", "vpn"),
        ("impact", "low"),
        ("urgency", "low"),
    ];
    let reported = visitor.post("/portal/report", &said)?;
    assert_eq!(reported.status, 303, "{}", reported.body);
    let page = reported.location.ok_or("a report leads somewhere")?;
    let number = page.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
    let mut answers = vec![Answered::Reported(number.clone())];
    let comment = format!("comment {name}");
    let said = [("_token", token.as_str()), ("text", &comment)];
    if let Ok(commented) = visitor.post(&format!("/records/{number}/comment"), &said) {
        assert_eq!(commented.status, 303, "{}", commented.body);
        answers.push(Answered::Commented(number, comment));
    }
    Ok(answers)
}

/// Everything that was answered is in the store as it is after the kill.
fn check(data: &std::path::Path, told: &[Answered], kill: usize) {
    let store = Store::open(data).expect("the store opens after a kill");
    for answer in told {
        match answer {
            Answered::Reported(number) => {
                let found = store.instance_of_number(number).expect("the store is readable");
                assert!(found.is_some(), "kill {kill}: {number} was answered and is not there");
            }
            Answered::Commented(number, text) => {
                let id = store.instance_of_number(number).expect("the store is readable").expect("it was answered");
                let history = store.history(id).expect("the history is readable");
                let there = history.iter().flat_map(|entry| &entry.events).any(|event| match event {
                    Event::Commented { text: held } => held == text,
                    _ => false,
                });
                assert!(there, "kill {kill}: the comment \"{text}\" on {number} was answered and is not there");
            }
        }
    }
}

/// `tiaoli doctor` recomputes every state, list and hash.
fn doctor_finds_nothing(data: &std::path::Path) {
    let output = std::process::Command::new(executable())
        .args(["--language", "en", "doctor", "--data"])
        .arg(data)
        .output()
        .expect("the doctor runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(": 0 findings"), "{said}");
}
