//! The executable as those who run an installation use it, on SQLite and on PostgreSQL: orders to many records, other
//! versions, retention, calendars, proof, and copies with the database's own tools.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use engine::calendar::{Calendar, CalendarData, Exception};
use engine::command::Command as Order;
use engine::event::Actor;
use engine::ids::Name;
use engine::instance::{Instance, Status};
use engine::time::{DAY_MS, Timestamp};
use runtime::{Runtime, SystemClock};
use store::cluster::program;
use store::{Place, Store};
use tests::{Database, Scratch, administered_at, doctor_finds_nothing, executable, incident_source, report};

/// An installation, where its data is, and a folder for files.
struct Office<'a> {
    data: &'a Path,
    files: Scratch,
    records: Vec<Arc<Instance>>,
}

/// What a command printed, whether it succeeded.
#[derive(Debug)]
struct Said {
    done: bool,
    text: String,
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Said { done: output.status.success(), text }
    }

    /// Panics unless it succeeded and said all this.
    fn says(&self, parts: &[&str]) {
        assert!(self.done, "{}", self.text);
        parts.iter().for_each(|part| assert!(self.text.contains(part), "{part}\n{}", self.text));
    }

    /// Panics unless it failed and said this.
    fn refuses(&self, part: &str) {
        assert!(!self.done && self.text.contains(part), "{part}\n{}", self.text);
    }
}

impl<'a> Office<'a> {
    /// One with three open incidents.
    fn open(data: &'a Path) -> Office<'a> {
        let runtime = administered_at(&Place::from(data), Arc::new(SystemClock));
        let started = |_| runtime.start(report("low", "low")).expect("anna may report").instance;
        Office { data, files: Scratch::new("commands"), records: (0..3).map(started).collect() }
    }

    fn tiaoli(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(executable());
        command.args(["--language", "en"]).args(arguments).arg("--data").arg(self.data);
        Said::of(&command.output().expect("it runs"))
    }

    /// With somebody's name and a reason.
    fn ordered(&self, by: &str, arguments: &[&str]) -> Said {
        self.tiaoli(&[arguments, &["--by", by, "--reason", "the network moves house"]].concat())
    }

    fn runtime(&self) -> Runtime {
        let store = Store::open(self.data).expect("it opens beside the executable");
        Runtime::open(store, Arc::new(SystemClock)).expect("it opens")
    }

    fn now(&self, record: &Instance) -> Arc<Instance> {
        self.runtime().load(record.id()).expect("it reads").expect("it is there").instance
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.files.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path.to_str().expect("the folder's name is text").to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.files.path().join(name).to_str().expect("the folder's name is text").to_owned()
    }
}

/// The number of the batch that a line is about.
fn batch(line: &str) -> String {
    line.split_whitespace().nth(1).expect("a line begins with the batch").to_owned()
}

/// Runs over a SQLite file and over a PostgreSQL server.
fn over_both(name: &str, test: impl Fn(&Office<'_>)) {
    let scratch = Scratch::new(name);
    test(&Office::open(scratch.path()));
    test(&Office::open(Database::new(name).path()));
}

#[test]
fn many_records_are_suspended_resumed_and_moved_to_another_version_and_back() {
    over_both("commands_batch", |office| {
        let suspend = ["batch", "new", "suspend", "--process", "incident"];
        let running = || office.records.iter().all(|record| *office.now(record).status() == Status::Running);
        office.tiaoli(&suspend).says(&["3 records; nothing is done without --order", "suspended"]);
        office.tiaoli(&["batch", "new", "move", "--process", "incident"]).refuses("move needs --from and --to");
        assert!(running());
        let suspend = [&suspend[..], &["--order"]].concat();
        office.ordered("nobody", &suspend).refuses("nobody in this installation signs in");
        office.ordered("otto", &suspend).refuses("0 of 3 done, 3 not");
        let ordered = office.ordered("ada", &suspend);
        ordered.says(&["(suspend, ada: the network moves house): over; 3 of 3 done"]);
        assert!(matches!(office.now(&office.records[0]).status(), Status::Suspended(_)));
        let listed = office.tiaoli(&["batch", "list"]);
        let [first, second] = &listed.text.lines().collect::<Vec<_>>()[..] else { panic!("{listed:?}") };
        assert!(first.contains("(suspend, ada") && second.contains("(suspend, otto"), "newest first: {listed:?}");
        office.tiaoli(&["batch", "show", &batch(second)]).refuses("may not");
        office.tiaoli(&["batch", "show", "9"]).refuses("there is no such batch");
        assert!(!office.tiaoli(&["batch", "stop", &batch(first)]).done, "it is over");
        let number = office.records[0].number();
        let resume = ["batch", "new", "resume", "--number", number, "--order"];
        office.ordered("ada", &resume).says(&["1 of 1 done"]);
        office.ordered("ada", &["batch", "new", "resume", "--status", "suspended", "--order"]).says(&["2 of 2 done"]);
        assert!(running());

        let changed = incident_source().replacen("due in 15 minutes", "due in 45 minutes", 1);
        let begin = changed.find("\nexample").unwrap_or(changed.len());
        let file = office.file("incident.flow", &changed[..begin]);
        let who = ["--author", "dora", "--approver", "mona", "--reason", "slower", "--change", "CHG-2"];
        office.tiaoli(&[&["deploy", &file], &who[..]].concat()).says(&["incident is now version 2"]);
        let migrate = ["migrate", "incident", "--from", "1"];
        office.tiaoli(&migrate).says(&["3 records; nothing is done without --order"]);
        let migrated = office.ordered("ada", &[&migrate[..], &["--order"]].concat());
        migrated.says(&["(migrate, ada: the network moves house): over; 3 of 3 done, 0 not"]);
        let migrated = batch(&migrated.text);
        assert_ne!(office.now(&office.records[0]).definition(), office.records[0].definition());
        office.ordered("ada", &["batch", "undo", &migrated]).says(&["3 of 3 done"]);
        assert_eq!(office.now(&office.records[0]).definition(), office.records[0].definition());
        office.tiaoli(&["batch", "finish", &migrated]).says(&["final"]);
        assert!(!office.ordered("ada", &["batch", "undo", &migrated]).done, "it is final");
        doctor_finds_nothing(office.data);
    });
}

#[test]
fn records_are_held_and_released_and_kept_as_long_as_an_administrator_says() {
    over_both("commands_retention", |office| {
        office.tiaoli(&["retention", "show"]).says(&["kept for ever", "nothing is due for removal"]);
        office.tiaoli(&["retention", "keep", "--months", "6", "--by", "otto"]).refuses("only administrators");
        office.tiaoli(&["retention", "keep", "--months", "6", "--by", "ada"]).says(&["kept for 6 months"]);
        let number = office.records[0].number();
        office.ordered("otto", &["retention", "hold", number]).refuses("only administrators");
        office.ordered("ada", &["retention", "hold", "INC-1900-1"]).refuses("there is no record INC-1900-1");
        office.ordered("ada", &["retention", "hold", number]).says(&["hold 1: 1 records are not removed"]);
        office.ordered("ada", &["retention", "hold", "--process", "incident"]).says(&["hold 2: 3 records"]);
        office
            .tiaoli(&["retention", "show"])
            .says(&["hold 1: 1 records: the network moves house", "hold 2: 3 records"]);
        office.ordered("ada", &["retention", "release", "1"]).says(&["hold 1 is released"]);
        office.ordered("ada", &["retention", "release", "1"]).refuses("there is no hold 1 to release");
        office.tiaoli(&["retention", "show"]).says(&["hold 1: released: the network moves house"]);
        doctor_finds_nothing(office.data);
    });
}

#[test]
fn a_calendar_is_imported_and_what_runs_on_it_is_counted_anew() {
    over_both("commands_calendar", |office| {
        let open = Calendar::around_the_clock().data().clone();
        // By the calendar's own clock: elsewhere it may be a day earlier.
        let tomorrow = Timestamp(office.runtime().now().0 + DAY_MS).to_local(&open.zone).expect("it is a zone");
        let tomorrow = tomorrow.get(..10).expect("a date has ten characters");
        let data = CalendarData { exceptions: [(tomorrow.to_owned(), Exception::Closed)].into(), ..open };
        let mut written = serde_json::to_value(&data).expect("plain data");
        written["key"] = "24x7".into();
        let import = ["calendar", "import", &office.file("24x7.json", &written.to_string())];
        office.tiaoli(&["calendar", "list"]).says(&["24x7"]);
        office.tiaoli(&["calendar", "import", &office.file("broken.json", "{}")]).refuses("nothing was changed");
        office.tiaoli(&import).says(&["24x7", tomorrow, "nothing is changed without --order"]);
        let order = [&import[..], &["--order"]].concat();
        office.ordered("otto", &order).refuses("otto is no administrator");
        let due = |record: &Arc<Instance>| office.now(record).clock_due();
        let before: Vec<_> = office.records.iter().map(due).collect();
        office.ordered("ada", &order).says(&["3 of 3 done"]);
        for (record, before) in office.records.iter().zip(before) {
            assert_eq!(due(record), before.map(|before| before.plus_ms(DAY_MS)), "a day later");
        }
        office.tiaoli(&import).says(&["nothing changes"]);
        office.tiaoli(&["calendar", "show", "24x7"]).says(&[tomorrow]);
        doctor_finds_nothing(office.data);
    });
}

#[test]
fn an_installation_is_anchored_and_its_evidence_proves_itself() {
    let scratch = Scratch::new("commands-evidence");
    let office = Office::open(scratch.path());
    let (anchors, pack, copy) = (office.path("anchors.jsonl"), office.path("pack"), office.path("copy"));
    office.tiaoli(&["backup", &copy]).says(&["3 records", "checked"]);
    let comment = Order::Comment {
        text: "it still drops".into(),
        audience: engine::audience::Audience::Public,
        tells: BTreeSet::new(),
    };
    let (record, number) = (office.records[0].id(), office.records[0].number());
    office.runtime().execute(record, Actor::Person(Name::from("anna")), comment).expect("she may comment");
    let anchored = office.tiaoli(&["anchor", &anchors]);
    anchored.says(&["3 records and the audit trail anchored", "public key "]);
    let key = anchored.text.split("public key ").nth(1).expect("it says the key").trim();
    office.tiaoli(&["evidence", number, "--to", &pack, "--anchors", &anchors]).says(&["evidence of 1 records", key]);
    office.tiaoli(&["evidence", "INC-1900-1", "--to", &office.path("none")]).refuses("INC-1900-1");
    let verify = |more: &[&str]| {
        let mut command = Command::new(executable());
        Said::of(&command.args(["--language", "en", "verify", &pack]).args(more).output().expect("it runs"))
    };
    verify(&["--key", key, "--anchors", &anchors]).says(&["1 records checked", "0 faults"]);
    verify(&[]).says(&["0 faults", "compare it with the one that you know"]);
    verify(&["--key", &"0".repeat(key.len())]).refuses("1 faults");
    office.tiaoli(&["doctor", "--anchors", &anchors]).says(&["0 findings"]);

    let history = office.files.path().join(format!("pack/records/{number}.jsonl"));
    let sound = std::fs::read_to_string(&history).expect("the history is in it");
    std::fs::write(&history, sound.replacen("it still drops", "all is well", 1)).expect("writable");
    verify(&["--key", key]).refuses(number);

    // An installation of before, in the place of the one that was anchored.
    let before = office.path("before");
    let mut restore = Command::new(executable());
    let restored = restore.args(["--language", "en", "restore", &copy, "--data", &before]).output().expect("it runs");
    Said::of(&restored).says(&["restored and checked"]);
    let older = Office { data: Path::new(&before), files: Scratch::new("commands"), records: Vec::new() };
    older.tiaoli(&["doctor"]).says(&["0 findings"]);
    older.tiaoli(&["doctor", "--anchors", &anchors]).refuses(&format!("record {number}"));
}

#[test]
fn the_evidence_of_a_database_on_a_server_is_signed_with_a_key_that_lies_elsewhere() {
    let database = Database::new("commands_signing");
    let office = Office::open(database.path());
    let (anchors, pack, keys) = (office.path("anchors.jsonl"), office.path("pack"), office.path("keys"));
    office.tiaoli(&["anchor", &anchors]).refuses("name a folder with --keys");
    office.tiaoli(&["backup", &office.path("copy")]).refuses("pg_dump");
    std::fs::create_dir(&keys).expect("the folder is writable");
    office.tiaoli(&["anchor", &anchors, "--keys", &keys]).says(&["3 records and the audit trail anchored"]);
    let number = office.records[0].number();
    let evidence = ["evidence", number, "--to", &pack, "--anchors", &anchors];
    office.tiaoli(&evidence).refuses("name a folder with --keys");
    office.tiaoli(&[&evidence[..], &["--keys", &keys]].concat()).says(&["evidence of 1 records"]);
    let mut verify = Command::new(executable());
    let verified = verify.args(["--language", "en", "verify", &pack, "--anchors", &anchors]).output();
    Said::of(&verified.expect("it runs")).says(&["1 records checked", "0 faults"]);
    office.tiaoli(&["doctor", "--anchors", &anchors]).says(&["0 findings"]);
}

fn postgres(name: &str) -> Command {
    Command::new(program(name).expect("PostgreSQL is on this machine"))
}

#[test]
fn a_database_that_was_dumped_and_restored_by_its_own_tools_is_sound_and_goes_on() {
    let (database, as_archive, as_text) =
        (Database::new("commands_dumped"), Database::new("commands_archive"), Database::new("commands_text"));
    let office = Office::open(database.path());
    office.ordered("ada", &["batch", "new", "suspend", "--number", office.records[2].number(), "--order"]).says(&[]);
    let archive = office.path("archive");
    let dumped = postgres("pg_dump").args(["--format=custom", "--file", &archive, database.url()]).output();
    Said::of(&dumped.expect("it runs")).says(&[]);
    let restored = postgres("pg_restore").args(["--exit-on-error", "--dbname", as_archive.url(), &archive]).output();
    Said::of(&restored.expect("it runs")).says(&[]);
    let mut dump = postgres("pg_dump").arg(database.url()).stdout(Stdio::piped()).spawn().expect("it runs");
    let text = dump.stdout.take().expect("its output is piped");
    let read = postgres("psql").args(["--set", "ON_ERROR_STOP=1", "--dbname", as_text.url()]).stdin(text).output();
    Said::of(&read.expect("it runs")).says(&[]);
    assert!(dump.wait().expect("it ends").success());

    let doctor = |data| Office { data, files: Scratch::new("commands"), records: Vec::new() }.tiaoli(&["doctor"]);
    let sound = doctor(database.path());
    sound.says(&["3 records with 4 steps", "0 findings"]);
    for copy in [as_archive.path(), as_text.path()] {
        assert_eq!(doctor(copy).text, sound.text);
        let store = Store::open(copy).expect("it opens");
        let runtime = Runtime::open(store, Arc::new(SystemClock)).expect("it opens");
        for record in &office.records[..2] {
            let claim = Order::Claim { task: record.tasks()[0].id };
            runtime.execute(record.id(), Actor::Person(Name::from("dora")), claim).expect("it goes on");
        }
        let number = runtime.start(report("low", "low")).expect("a new one begins").instance.number().to_owned();
        assert!(office.records.iter().all(|record| record.number() != number), "no number is given twice");
        drop(runtime);
        doctor_finds_nothing(copy);
    }
}
