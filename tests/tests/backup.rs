//! A backup of a server under load, the way back, and backups that are refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use store::Store;
use tests::{Browserless, Scratch, Server, executable};

/// How many people report at once.
const PEOPLE: usize = 4;
/// How many reports are answered before the backup begins, and at least how many after it has ended.
const REPORTS: usize = 20;

fn tiaoli(arguments: &[&str]) -> Output {
    Command::new(executable()).args(["--language", "en"]).args(arguments).output().expect("it runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the folder's name is text")
}

fn back_up(data: &Path, to: &Path) -> Output {
    tiaoli(&["backup", text(to), "--data", text(data)])
}

fn restore(from: &Path, data: &Path) -> Output {
    tiaoli(&["restore", text(from), "--data", text(data)])
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Reports an incident; gives its number, or nothing where the server went away.
fn report(visitor: &mut Browserless, summary: &str) -> Option<String> {
    let token = visitor.get("/portal/report").ok()?.field("_token")?;
    let form =
        [("_token", token.as_str()), ("summary", summary), ("service", "vpn"), ("impact", "low"), ("urgency", "low")];
    let place = visitor.post("/portal/report", &form).ok()?.location?;
    place.split('?').next()?.rsplit('/').next().map(str::to_owned)
}

#[test]
fn a_backup_under_load_holds_all_that_was_answered_before_it_began() {
    let scratch = Scratch::new("backup");
    let (data, copy, again) = (scratch.path().join("data"), scratch.path().join("copy"), scratch.path().join("again"));
    let server = Server::start("demo", &data);
    let mut visitor = Browserless::at(&server.address);
    visitor.sign_in("chenjie", &server.password_of("chenjie")).expect("the server answers");
    let (answered, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let count = || answered.lock().expect("no reporter panics").len();
    let before = std::thread::scope(|scope| {
        for person in 0..PEOPLE {
            let (mut visitor, answered, stop) = (visitor.clone(), &answered, &stop);
            scope.spawn(move || {
                for turn in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let Some(number) = report(&mut visitor, &format!("backup {person}-{turn}")) else { return };
                    answered.lock().expect("no reporter panics").push(number);
                }
            });
        }
        while count() < REPORTS {
            std::thread::yield_now();
        }
        let before = answered.lock().expect("no reporter panics").clone();
        let done = back_up(&data, &copy);
        assert!(done.status.success(), "{}", said(&done));
        let after = count();
        while count() < after + REPORTS {
            std::thread::yield_now();
        }
        server.kill();
        stop.store(true, Ordering::SeqCst);
        before
    });
    std::fs::remove_dir_all(&data).expect("the server is dead");
    let done = restore(&copy, &again);
    assert!(done.status.success() && said(&done).contains("restored and checked"), "{}", said(&done));
    let store = Store::open(&again).expect("what was restored opens");
    for number in &before {
        let found = store.instance_of_number(number).expect("it is readable");
        assert!(found.is_some(), "{number} was answered before the backup began and is not there");
    }
    assert!(count() >= before.len() + REPORTS, "the load went on beside the backup");
    drop(store);
    let server = Server::start("serve", &again);
    let mut visitor = visitor.moved_to(&server.address);
    assert!(report(&mut visitor, "after the restore").is_some(), "work goes on where it was restored");
}

/// A small installation and its backup.
fn backed_up(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let (data, copy) = (scratch.path().join("data"), scratch.path().join("copy"));
    let by = engine::ids::Name::from("ann");
    let store = Store::open(&data.join("tiaoli.sqlite")).expect("the folder is writable");
    for kind in ["one", "two"] {
        let what = store::AuditWhat::Noted { kind: kind.to_owned(), text: "something".to_owned() };
        let entry = store::AuditEntry { at: engine::time::Timestamp(1), actor: Some(by.clone()), what };
        store.audit(entry).expect("it writes");
    }
    drop(store);
    let done = back_up(&data, &copy);
    assert!(done.status.success(), "{}", said(&done));
    (data, copy)
}

#[test]
fn a_backup_that_is_not_what_it_was_is_refused_and_leaves_nothing() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 6] = [
        ("a database cut short", |copy| shorten(&copy.join("tiaoli.sqlite"), 4_096)),
        ("a database with a byte changed", |copy| flip(&copy.join("tiaoli.sqlite"))),
        ("no database", |copy| std::fs::remove_file(copy.join("tiaoli.sqlite")).expect("it is there")),
        ("a manifest cut short", |copy| shorten(&copy.join("manifest.json"), 10)),
        ("no manifest", |copy| std::fs::remove_file(copy.join("manifest.json")).expect("it is there")),
        ("a manifest of another installation", |copy| {
            let path = copy.join("manifest.json");
            let manifest = std::fs::read_to_string(&path).expect("it is text");
            let other = manifest.replace("\"audit_sequence\": 2", "\"audit_sequence\": 3");
            assert_ne!(other, manifest);
            std::fs::write(&path, other).expect("it is writable");
        }),
    ];
    for (what, harm) in harms {
        let scratch = Scratch::new("damaged");
        let (_, copy) = backed_up(&scratch);
        harm(&copy);
        let again = scratch.path().join("again");
        let refused = restore(&copy, &again);
        assert_eq!(refused.status.code(), Some(1), "{what}: {}", said(&refused));
        let left: Vec<_> = std::fs::read_dir(scratch.path()).expect("it is there").collect();
        assert_eq!(left.len(), 2, "{what} leaves nothing behind: {left:?}");
    }
}

#[test]
fn neither_backup_nor_restore_goes_where_something_is() {
    let scratch = Scratch::new("taken");
    let (data, copy) = backed_up(&scratch);
    let refused = back_up(&data, &copy);
    assert!(!refused.status.success() && said(&refused).contains("is not empty"), "{}", said(&refused));
    let refused = restore(&copy, &data);
    assert!(!refused.status.success() && said(&refused).contains("is not empty"), "{}", said(&refused));
    let empty = scratch.path().join("empty");
    std::fs::create_dir(&empty).expect("the folder is writable");
    let done = restore(&copy, &empty);
    assert!(done.status.success(), "{}", said(&done));
}

fn shorten(path: &Path, by: u64) {
    let file = std::fs::File::options().write(true).open(path).expect("it is there");
    let length = file.metadata().expect("it is there").len();
    file.set_len(length - by).expect("it is writable");
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).expect("it is writable");
}
