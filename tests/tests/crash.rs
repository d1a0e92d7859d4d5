//! Kill -9 at many instants under load: what was answered is there afterwards, and nothing is half done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use store::Store;
use tests::{Answered, Browserless, Dice, Scratch, Server, doctor_finds_nothing, seed, work};

/// How often the server is killed.
const KILLS: usize = 50;
/// How many people report and comment at once.
const PEOPLE: usize = 8;
/// Between how many answers and how many the server is killed.
const ANSWERS: std::ops::Range<u64> = 1..60;

#[test]
fn what_was_answered_survives_kill_9_at_fifty_instants_and_nothing_is_half_done() {
    let scratch = Scratch::new("crash");
    let data = scratch.path().join("data");
    let mut dice = Dice(seed());

    let mut server = Server::start("demo", &data);
    let mut anna = Browserless::at(&server.address);
    let entered = anna.sign_in("chenjie", &server.password_of("chenjie")).expect("the server answers");
    assert_eq!(entered.status, 303, "{}", entered.body);
    let mut answered = 0;
    for kill in 0..KILLS {
        let until = dice.within(ANSWERS);
        let told = under_load(server, &anna, until, kill);
        let store = Store::open(&data).expect("the store opens after a kill");
        told.iter().for_each(|answer| answer.is_there(&store));
        drop(store);
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
