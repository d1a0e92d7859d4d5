//! A record never needs its history to go on: with every event taken away, each command does what it always does, and so do
//! the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;

use engine::audience::Audience;
use engine::ballot::Vote;
use engine::calendar::{Calendar, CalendarData, Exception};
use engine::command::Command;
use engine::definition::Direction;
use engine::effect::{Awaited, Begun, Caller, Link};
use engine::event::Actor;
use engine::file::File;
use engine::ids::{DefinitionId, FileId, InstanceId, JobId, Name, TaskId, TokenId};
use engine::instance::{Instance, Status};
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{BatchOrder, Deed, Runtime, Selection, StartOrder, VirtualClock};
use store::cluster::program;
use store::{BatchId, FileBytes, Place, Store};
use tests::{Browserless, Database, Scratch, Server, administered_at, deploy, incident_source, report};

const MONDAY: Timestamp = Timestamp(1_790_000_000_000);

/// What a file holds.
const PLAN: &str = "first this, then that";

/// Everything that a command may be about, all at once.
const EVERY: &str = r#"process every "Every" zh "全部" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "EVR-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  messages { letter "Letter" zh "信件" }
  links { related_to "Related to" zh "相关" reverse "Related to" zh "相关" }
  record {
    what    text max 200   "What"    zh "内容"
    ready   instant        "Ready"   zh "时刻"
    answer  text optional  "Answer"  zh "答复"
  }
  start by anyone asks what, ready
  together {
    task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }
    job scan "Scan" zh "扫描" with { text: what }, gives answer, retries 0, no deadline
    way { on letter from requester no deadline }
    way { on signal alarm no deadline }
    way { wait until ready }
    way {
      approval consent "Consent" zh "会签" for role staff {
        outcome approved              "Approved"  zh "同意"
        outcome rejected asks reason  "Rejected"  zh "否决"
      }
    }
    way { call inner with { what: what } }
    way {
      task first "First" zh "先办" for role staff { outcome done "Done" zh "完成" }
      call inner with { answer: what }
    }
  }
  extra by role staff { task second "Second" zh "再看" for role staff { outcome done "Done" zh "完成" } }
  end closed "Closed" zh "已关闭"
}
"#;

const INNER: &str = r#"process inner "Inner" zh "内部" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "INN-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record {
    what    text max 200   "What"    zh "内容"
    answer  text optional  "Answer"  zh "答复"
  }
  start by anyone asks what
  task ask "Ask" zh "询问" for role staff { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

/// Every command that there is, each with nothing in it. What is not told apart here does not compile, and what is not
/// told in the test leaves a gap.
fn every_command() -> Vec<Command> {
    use Command as C;
    let (task, job, reason, fields) = (TaskId(0), JobId(0), String::new, Fields::new);
    let (at, nobody, text) = (Timestamp(0), || Name::from(""), String::new);
    let link = Link { kind: nobody(), direction: Direction::FromThis, other: InstanceId(0) };
    let origin = Caller { by: InstanceId(0), waits: Awaited::Called, links: Vec::new() };
    let begun = Begun { instance: InstanceId(0), process: nobody(), requester: nobody(), fields: fields(), origin };
    let all = vec![
        C::Claim { task },
        C::Release { task },
        C::Complete { task, outcome: nobody(), fields: fields(), reason: None },
        C::Assign { task, to: nobody() },
        C::Delegate { task, to: nobody(), text: text() },
        C::Resolve { task, text: text() },
        C::Vote { task, vote: Vote::Approved, fields: fields(), reason: None },
        C::Message { message: nobody(), text: text(), fields: fields() },
        C::Lease { job, until: at },
        C::Extend { job, until: at },
        C::Return { job },
        C::Answer { job, fields: fields() },
        C::Fail { job, problem: text(), retry_at: None },
        C::Returned { begun: InstanceId(0), outcome: nobody() },
        C::NotBegun { begun: Box::new(begun), problem: text() },
        C::Signal { signal: nobody() },
        C::Add { step: nobody() },
        C::Edit { fields: fields(), reason: reason() },
        C::Comment { text: text(), audience: Audience::Public, tells: BTreeSet::new() },
        C::Link { link: link.clone() },
        C::Unlink { link, reason: reason() },
        C::Attach { files: Vec::new() },
        C::Detach { file: FileId(0) },
        C::Tick,
        C::Recount { calendar: nobody() },
        C::Retry,
        C::Mend { fields: fields(), reason: reason() },
        C::Skip { reason: reason() },
        C::Suspend { reason: reason() },
        C::Resume { reason: reason() },
        C::Cancel { reason: reason() },
        C::Move { token: TokenId(0), from: nobody(), to: nobody(), reason: reason() },
    ];
    // Another command makes this fail to compile: it belongs into the list too.
    all.iter().for_each(|command| match command {
        C::Claim { .. } | C::Release { .. } | C::Complete { .. } | C::Assign { .. } | C::Delegate { .. } => {}
        C::Resolve { .. } | C::Vote { .. } | C::Message { .. } | C::Lease { .. } | C::Extend { .. } => {}
        C::Return { .. } | C::Answer { .. } | C::Fail { .. } | C::Returned { .. } | C::NotBegun { .. } => {}
        C::Signal { .. } | C::Add { .. } | C::Edit { .. } | C::Comment { .. } | C::Attach { .. } => {}
        C::Link { .. } | C::Unlink { .. } => {}
        C::Detach { .. } | C::Tick | C::Recount { .. } | C::Retry | C::Mend { .. } | C::Skip { .. } => {}
        C::Suspend { .. } | C::Resume { .. } | C::Cancel { .. } | C::Move { .. } => {}
    });
    all
}

/// What is said of a record in a history: every command that there is, and the way to another version.
fn verbs() -> BTreeSet<String> {
    every_command().iter().map(|command| command.verb().to_owned()).chain(["migrate".to_owned()]).collect()
}

/// Takes away the history of every record, as somebody would who has a hand in the database.
fn forget(program: &Path, database: &OsStr) {
    let done = Process::new(program).arg(database).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut done = done.expect("the database's own program is on this machine");
    let mut told = done.stdin.take().expect("it is told by a pipe");
    told.write_all(b"DELETE FROM event;\n").expect("it listens");
    drop(told);
    let done = done.wait_with_output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The same on a server.
fn forget_on(database: &Database) {
    forget(&program("psql").expect("PostgreSQL is on this machine"), database.path().as_os_str());
}

fn person(name: &str) -> Actor {
    Actor::Person(Name::from(name))
}

fn because() -> String {
    "the network moves house".to_owned()
}

fn task(instance: &Instance, step: &str) -> TaskId {
    instance.tasks().iter().find(|task| task.step == *step).map(|task| task.id).expect("the task is open")
}

fn done(task: TaskId) -> Command {
    Command::Complete { task, outcome: Name::from("done"), fields: Fields::new(), reason: None }
}

fn answer() -> Fields {
    Fields::from([(Name::from("answer"), Value::Text("clean".into()))])
}

fn plan() -> Command {
    Command::Attach { files: vec![File::of("plan.txt", "text/plain", PLAN.as_bytes())] }
}

struct Office {
    runtime: Runtime,
    clock: Arc<VirtualClock>,
}

impl Office {
    fn every(&self) -> Arc<Instance> {
        let ready = Value::Instant(self.runtime.now().plus_ms(HOUR_MS));
        let fields = Fields::from([(Name::from("what"), Value::Text("disks".into())), (Name::from("ready"), ready)]);
        let order = StartOrder { process: Name::from("every"), by: Name::from("anna"), on_behalf_of: None, fields };
        self.runtime.start(order).expect("anyone may start").instance
    }

    fn give(&self, id: InstanceId, who: Actor, command: Command) -> Arc<Instance> {
        let verb = command.verb();
        let brought = [FileBytes::brought("plan.txt", "text/plain", PLAN.into()).1];
        let given = self.runtime.execute_with(id, who, command, &brought);
        given.unwrap_or_else(|cause| panic!("{verb}: {cause}")).instance
    }

    /// One whose job a worker has.
    fn leased(&self) -> Arc<Instance> {
        let record = self.every();
        let lease = Command::Lease { job: record.jobs()[0].id, until: self.runtime.now().plus_ms(HOUR_MS) };
        self.give(record.id(), person("wu"), lease)
    }

    /// One whose job has failed for good.
    fn stuck(&self) -> Arc<Instance> {
        let record = self.leased();
        let fail = Command::Fail { job: record.jobs()[0].id, problem: "it is dark".into(), retry_at: None };
        let stuck = self.give(record.id(), person("wu"), fail);
        assert!(matches!(stuck.status(), Status::Stuck(_)), "{:?}", stuck.status());
        stuck
    }

    fn worked(&self, batch: BatchId) {
        self.clock.set(self.runtime.now().plus_ms(MINUTE_MS));
        while self.runtime.work_on_batch().expect("the store works") > 0 {}
        let row = self.runtime.store().batch(batch).expect("it reads").expect("it was ordered");
        assert_eq!((row.done > 0, row.refused), (true, 0), "{row:?}");
    }
}

/// Records, each with what is about to be said on it.
fn prepared(office: &Office) -> Vec<(InstanceId, Actor, Command)> {
    let (wu, dora, ada) = (person("wu"), person("dora"), person("ada"));
    let until = office.runtime.now().plus_ms(HOUR_MS);
    let mut all = Vec::new();
    let mut with = |record: &Instance, who: &Actor, command| all.push((record.id(), who.clone(), command));

    let record = office.every();
    with(&record, &dora, Command::Claim { task: task(&record, "look") });
    with(&record, &dora, Command::Release { task: task(&record, "look") });
    with(&record, &person("mona"), Command::Assign { task: task(&record, "look"), to: Name::from("dora") });
    let to = Name::from("mona");
    with(&record, &dora, Command::Delegate { task: task(&record, "look"), to, text: "would you?".into() });
    with(&record, &person("mona"), Command::Resolve { task: task(&record, "look"), text: "I did".into() });
    with(&record, &dora, done(task(&record, "look")));
    let fields = Fields::new;
    let vote = Command::Vote { task: task(&record, "consent"), vote: Vote::Approved, fields: fields(), reason: None };
    with(&record, &dora, vote);
    let message = Name::from("letter");
    with(&record, &person("anna"), Command::Message { message, text: "please".into(), fields: fields() });
    with(&record, &Actor::System, Command::Signal { signal: Name::from("alarm") });
    let extra = "extra_1";
    with(&record, &dora, Command::Add { step: Name::from(extra) });
    with(
        &record,
        &dora,
        Command::Comment { text: "it is known".into(), audience: Audience::Public, tells: BTreeSet::new() },
    );
    let other = office.every();
    let link = Link { kind: Name::from("related_to"), direction: Direction::FromThis, other: other.id() };
    with(&record, &dora, Command::Link { link: link.clone() });
    with(&record, &dora, Command::Unlink { link, reason: because() });
    with(&record, &dora, plan());
    with(&record, &dora, Command::Edit { fields: answer(), reason: because() });
    with(&record, &ada, Command::Suspend { reason: because() });
    with(&record, &ada, Command::Resume { reason: because() });

    let record = office.every();
    let job = record.jobs()[0].id;
    with(&record, &wu, Command::Lease { job, until });
    with(&record, &wu, Command::Extend { job, until: until.plus_ms(1) });
    with(&record, &wu, Command::Return { job });
    with(&office.every(), &ada, Command::Cancel { reason: because() });
    let record = office.give(office.every().id(), dora.clone(), plan());
    with(&record, &dora, Command::Detach { file: record.files()[0].id });
    let record = office.leased();
    with(&record, &wu, Command::Answer { job: record.jobs()[0].id, fields: answer() });
    let record = office.leased();
    let problem = "it is dark".to_owned();
    with(&record, &wu, Command::Fail { job: record.jobs()[0].id, problem, retry_at: None });
    with(&office.stuck(), &ada, Command::Retry);
    with(&office.stuck(), &ada, Command::Mend { fields: answer(), reason: because() });
    with(&office.stuck(), &ada, Command::Skip { reason: because() });

    let incident = office.runtime.start(report("low", "low")).expect("anna may report").instance;
    let (token, from) = (incident.tokens()[0].id, incident.tokens()[0].step.clone());
    with(&incident, &ada, Command::Move { token, from, to: Name::from("resolve"), reason: because() });

    // What a call has begun ends, and its caller hears of it; another call cannot begin.
    let record = office.every();
    let begun = office.runtime.store().records_of(&Name::from("inner"), 100).expect("it reads");
    let inner = begun.iter().filter_map(|id| office.runtime.load(*id).expect("it reads"));
    let called = inner.map(|loaded| loaded.instance).find(|held| held.origin().is_some_and(|by| by.by == record.id()));
    let called = called.expect("it was called");
    with(&called, &dora, done(task(&called, "ask")));
    with(&record, &dora, done(task(&record, "first")));
    all
}

#[test]
fn every_command_goes_on_without_the_history_in_a_file() {
    let scratch = Scratch::new("history");
    let file = scratch.path().join("tiaoli.sqlite");
    every_command_goes_on(&scratch.path().into(), || forget(Path::new("sqlite3"), file.as_os_str()));
}

#[test]
fn every_command_goes_on_without_the_history_on_a_server() {
    let database = Database::new("history");
    every_command_goes_on(&database.path().into(), || forget_on(&database));
}

fn every_command_goes_on(place: &Place, forget: impl Fn()) {
    let clock = Arc::new(VirtualClock::at(MONDAY));
    let runtime = administered_at(place, clock.clone());
    deploy(&runtime, INNER);
    deploy(&runtime, EVERY);
    let office = Office { runtime, clock: clock.clone() };
    let waiting = office.every();
    let incident = office.runtime.start(report("low", "low")).expect("anna may report").instance;
    let orders = prepared(&office);
    drop(office);
    forget();

    // A process that remembers nothing either.
    let store = Store::open(place).expect("it opens");
    let office = Office { runtime: Runtime::open(store, clock.clone()).expect("it opens"), clock };
    for (id, who, command) in orders {
        office.give(id, who, command);
        while office.runtime.perform_owed().expect("it performs") > 0 {}
    }
    office.clock.set(MONDAY.plus_ms(HOUR_MS));
    assert!(office.runtime.fire_due(&mut BTreeMap::new()).expect("it fires") > 0);

    let changed = incident_source().replacen("due in 15 minutes", "due in 45 minutes", 1);
    deploy(&office.runtime, &changed);
    let (from, to) = (DefinitionId::of_source(incident_source()), DefinitionId::of_source(&changed));
    let (old, new) = (office.runtime.definition(&from).expect("there"), office.runtime.definition(&to).expect("there"));
    let plan = dsl::Plan::of(old.parts(), new.parts()).proposal(from, to.clone());
    let selection = Selection::Numbers(vec![incident.number().into()]);
    let migrate = BatchOrder { selection, deed: Deed::Migrate { plan }, reason: because() };
    office.worked(office.runtime.order_batch(&migrate, &Name::from("ada")).expect("Ada may"));
    let data = CalendarData {
        exceptions: [("2026-09-22".to_owned(), Exception::Closed)].into(),
        ..Calendar::around_the_clock().data().clone()
    };
    let key = Name::from("24x7");
    let recount = office.runtime.load_calendar(&key, &data, &Name::from("ada"), because()).expect("Ada may");
    office.clock.set(office.runtime.now().plus_ms(MINUTE_MS));
    while office.runtime.work_on_batch().expect("the store works") > 0 {}
    let row = office.runtime.store().batch(recount).expect("it reads").expect("it was ordered");
    assert!(row.done > 0, "{row:?}");

    let mut said = BTreeSet::new();
    let processes = ["every", "inner", "incident"].map(Name::from);
    for id in processes.iter().flat_map(|name| office.runtime.store().records_of(name, 100).expect("it reads")) {
        said.extend(office.runtime.store().history(id).expect("it reads").into_iter().map(|entry| entry.command));
    }
    said.remove("start");
    assert_eq!(said, verbs());
    let loaded = |id| office.runtime.load(id).expect("it reads").expect("it is there").instance;
    assert_eq!(*loaded(incident.id()).definition(), to);
    assert!(loaded(waiting.id()).tokens().len() < waiting.tokens().len(), "its time came");
}

/// Where a link of the page with this beginning leads.
fn link(page: &str, begins: &str) -> String {
    let from = page.find(&format!("href=\"{begins}")).unwrap_or_else(|| panic!("no link to {begins}: {page}"));
    page[from + 6..].split('"').next().expect("a link ends").to_owned()
}

#[test]
fn the_pages_of_a_record_go_on_without_its_history() {
    let database = Database::new("history_pages");
    let server = Server::start("demo", database.path());
    let mut visitor = Browserless::at(&server.address);
    visitor.sign_in("lina", &server.password_of("lina")).expect("the server answers");
    let form = visitor.get("/portal/report").expect("the server answers");
    let token = form.field("_token").expect("the form carries a token");
    let said = [("summary", "No sound"), ("service", "workplace_pc"), ("impact", "low"), ("urgency", "low")];
    let said: Vec<_> = [("_token", token.as_str())].into_iter().chain(said).collect();
    let reported = visitor.post("/portal/report", &said).expect("the server answers");
    let record = reported.location.unwrap_or_else(|| panic!("{}", reported.body));
    let before = visitor.get(&record).expect("the server answers");
    let shown = before.field("_shown").expect("the page says its revision");
    let task = link(&before.body, "/tasks/");
    let opened = visitor.get(&task).expect("the server answers").field("_shown").expect("so does the task's");
    forget_on(&database);

    assert_eq!(visitor.get(&record).expect("the server answers").status, 200);
    let comment = [("_token", token.as_str()), ("_shown", &shown), ("text", "Any news?")];
    for _ in 0..2 {
        let written = visitor.post(&format!("{record}/comment"), &comment).expect("the server answers");
        assert_eq!(written.status, 303, "{}", written.body);
    }
    let page = visitor.get(&record).expect("the server answers").body;
    assert_eq!(page.matches("<blockquote>Any news?</blockquote>").count(), 1, "{page}");
    let edit = [("_token", token.as_str()), ("_shown", &shown), ("edit.summary", "No sound at all")];
    let edited = visitor.post(&format!("{record}/edit"), &edit).expect("the server answers");
    assert_eq!(edited.status, 303, "{}", edited.body);
    assert_eq!(visitor.get(&task).expect("the server answers").status, 200);
    let finish = [("_token", token.as_str()), ("_shown", &opened), ("outcome", "accept"), ("impact", "high")];
    let finished = visitor.post(&task, &finish).expect("the server answers");
    assert_eq!(finished.status, 303, "{}", finished.body);
    let page = visitor.get(&record).expect("the server answers").body;
    assert!(page.contains("No sound at all"), "{page}");
}
