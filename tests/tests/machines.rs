//! Work by machines and between records, on SQLite and on PostgreSQL: jobs for workers, servers over HTTP, e-mail, called records,
//! signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::command::{Command, Rejection, Start};
use engine::definition::Definition;
use engine::effect::{Awaited, Caller};
use engine::event::Actor;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::{Instance, JobState, Status, Waits};
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{ExecuteError, Fence, MailServer, Outside, Runtime, StartOrder, VirtualClock};
use store::{Commit, PersonRow, PersonState, Place};
use tests::{deploy, organisation_at, over_both};

const MONDAY: Timestamp = Timestamp(1_790_000_000_000);

/// A process with this flow, between a head that is always the same and its ends.
fn process(name: &str, flow: &str) -> String {
    format!(
        r#"process {name} "Order" zh "订单" {{
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "{name}-{{year}}-{{seq:6}}"
  title      what
  seen by    anyone
  edited by  role staff
  roles {{ staff "Staff" zh "员工" }}
  links {{ child_of "Child of" zh "隶属" reverse "Parent of" zh "包含" }}
  record {{
    what    text max 200   "What"    zh "物品"
    answer  text optional  "Answer"  zh "答复"
  }}
  start by anyone asks what
  {flow}
  end closed  "Closed"  zh "已关闭"
}}
"#
    )
}

fn with(runtime: &Runtime, name: &str, flow: &str) {
    deploy(runtime, &process(name, flow));
}

fn start(runtime: &Runtime, process: &str) -> Arc<Instance> {
    let fields = Fields::from([(Name::from("what"), Value::Text("disks".into()))]);
    let order = StartOrder { process: Name::from(process), by: Name::from("anna"), on_behalf_of: None, fields };
    runtime.start(order).expect("anyone may start").instance
}

fn load(runtime: &Runtime, id: InstanceId) -> Arc<Instance> {
    runtime.load(id).expect("it reads").expect("it is there").instance
}

fn person(name: &str) -> Actor {
    Actor::Person(Name::from(name))
}

fn ended(instance: &Instance) -> Option<&str> {
    match instance.status() {
        Status::Ended { outcome, .. } => Some(outcome.as_str()),
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => None,
    }
}

fn answer(text: &str) -> Fields {
    Fields::from([(Name::from("answer"), Value::Text(text.into()))])
}

#[test]
fn a_job_is_one_workers_at_a_time_and_comes_back_when_the_lease_is_over() {
    over_both("jobs", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        with(&runtime, "scanning", r#"job scan "Scan" zh "扫描" with { text: what }, gives answer, no deadline"#);
        let id = start(&runtime, "scanning").id();
        let scan = Name::from("scan");
        let found = runtime.store().jobs(&scan, runtime.now(), 10).expect("it reads");
        let [(of, job)] = found[..] else { panic!("one job is to be done: {found:?}") };
        assert_eq!(of, id);
        let lease = |who: &str, minutes: i64| {
            let until = runtime.now().plus_ms(minutes * MINUTE_MS);
            runtime.execute(id, person(who), Command::Lease { job, until })
        };
        assert!(matches!(lease("anna", 10), Err(ExecuteError::Rejected(Rejection::NotAllowed))), "no worker");
        lease("wu", 10).expect("a worker takes it");
        assert!(runtime.store().jobs(&scan, runtime.now(), 10).expect("it reads").is_empty(), "it is taken");
        assert!(matches!(lease("wei", 10), Err(ExecuteError::Rejected(Rejection::JobHeld(_)))));
        assert!(matches!(lease("wu", 20), Err(ExecuteError::Rejected(Rejection::JobHeld(_)))), "taken once");
        let extend = |who: &str, minutes: i64| {
            let until = runtime.now().plus_ms(minutes * MINUTE_MS);
            runtime.execute(id, person(who), Command::Extend { job, until })
        };
        extend("wu", 20).expect("its worker may keep it longer");
        assert!(matches!(extend("wei", 30), Err(ExecuteError::Rejected(Rejection::JobHeld(_)))));
        clock.set(MONDAY.plus_ms(21 * MINUTE_MS));
        assert_eq!(runtime.store().jobs(&scan, runtime.now(), 10).expect("it reads"), [(id, job)]);
        lease("wei", 10).expect("another worker takes over");
        let done = |who: &str| runtime.execute(id, person(who), Command::Answer { job, fields: answer("clean") });
        assert!(matches!(done("wu"), Err(ExecuteError::Rejected(Rejection::JobHeld(_)))), "the first one is too late");
        done("wei").expect("it is answered");
        assert!(matches!(done("wei"), Err(ExecuteError::Rejected(Rejection::Ended))), "answered once");
        let over = load(&runtime, id);
        assert_eq!((ended(&over), over.fields().get("answer")), (Some("closed"), Some(&Value::Text("clean".into()))));
        assert!(runtime.store().jobs(&scan, Timestamp(i64::MAX), 10).expect("it reads").is_empty());
    });
}

#[test]
fn a_job_that_fails_is_tried_three_times_more_each_time_later_where_nothing_is_said() {
    over_both("job-retries", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        with(&runtime, "scanning", r#"job scan "Scan" zh "扫描" with { text: what }, gives answer, no deadline"#);
        let (id, scan) = (start(&runtime, "scanning").id(), Name::from("scan"));
        let open = |at: Timestamp| runtime.store().jobs(&scan, at, 10).expect("it reads");
        let fails = || {
            let [(_, job)] = open(runtime.now())[..] else { panic!("it is to be done") };
            let until = runtime.now().plus_ms(MINUTE_MS);
            runtime.execute(id, person("wu"), Command::Lease { job, until }).expect("a worker takes it");
            let fail = Command::Fail { job, problem: "the lamp is dark".into(), retry_at: None };
            runtime.execute(id, person("wu"), fail).expect("its worker says so");
        };
        for minutes in [1, 2, 4] {
            fails();
            let again = runtime.now().plus_ms(minutes * MINUTE_MS);
            assert!(open(again.plus_ms(-1)).is_empty(), "not before {minutes} minutes");
            assert_eq!(open(again).len(), 1, "after {minutes} minutes");
            clock.set(again);
        }
        fails();
        let Status::Stuck(repair) = load(&runtime, id).status().clone() else { panic!("the fourth was the last") };
        assert!(repair.problem.contains("the lamp is dark"), "{}", repair.problem);
    });
}

#[test]
fn a_message_that_is_kept_is_taken_in_its_time_and_not_after_it() {
    over_both("kept-message", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        let prepare = r#"task prepare "Prepare" zh "准备" for role staff { outcome done "Done" zh "完成" }"#;
        let text = process("waiting", &format!("{prepare}\n  on letter from requester no deadline"));
        let kept = r#"messages { letter "Letter" zh "信件" kept for 1 hour }"#;
        deploy(&runtime, &text.replacen("  links {", &format!("  {kept}\n  links {{"), 1));
        let letter =
            || Command::Message { message: Name::from("letter"), text: "please".into(), fields: Fields::new() };
        let [in_time, late] = [(); 2].map(|()| start(&runtime, "waiting").id());
        let prepared = |id: InstanceId| {
            let task = load(&runtime, id).tasks()[0].id;
            let done = Command::Complete { task, outcome: Name::from("done"), fields: Fields::new(), reason: None };
            runtime.execute(id, person("dora"), done).expect("staff may do it")
        };
        for id in [in_time, late] {
            runtime.execute(id, person("anna"), letter()).expect("it is kept");
            assert_eq!(load(&runtime, id).kept().len(), 1);
        }
        clock.set(MONDAY.plus_ms(HOUR_MS - 1));
        assert_eq!(ended(&prepared(in_time).instance), Some("closed"), "it had come");
        clock.set(MONDAY.plus_ms(HOUR_MS));
        let waiting = prepared(late).instance;
        assert_eq!((ended(&waiting), waiting.kept().len()), (None, 0), "its hour is over");
        runtime.execute(late, person("anna"), letter()).expect("another one");
        assert_eq!(ended(&load(&runtime, late)), Some("closed"));
    });
}

#[test]
fn a_called_record_is_there_at_once_and_its_end_lets_the_caller_go_on() {
    over_both("calls", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        with(&runtime, "inner", r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#);
        with(&runtime, "outer", "call inner with { what: what }, link it child_of this");
        let outer = start(&runtime, "outer");
        let Some(Waits::Return(inner)) = outer.tokens().first().map(|token| token.waits.clone()) else {
            panic!("it waits for the record that it called: {outer:?}")
        };
        let called = load(&runtime, inner);
        assert_eq!(called.origin().map(|origin| origin.by), Some(outer.id()));
        assert_eq!(called.requester(), outer.requester());
        assert_eq!(called.links().len(), 1);
        let task = called.tasks().first().expect("its task is open").id;
        let done = Command::Complete { task, outcome: Name::from("done"), fields: Fields::new(), reason: None };
        runtime.execute(inner, person("dora"), done).expect("staff may do it");
        assert_eq!(ended(&load(&runtime, outer.id())), Some("closed"));
        while runtime.perform_owed().expect("it performs") > 0 {}
        assert_eq!(runtime.store().history(outer.id()).expect("it reads").len(), 2, "told once");
    });
}

/// Begins a record of a definition that need not be deployed, on behalf of another record where one is named.
fn committed(runtime: &Runtime, text: &str, origin: Option<Caller>) -> InstanceId {
    let parts = dsl::compile(text).expect("it has no problems").processes.remove(0).parts;
    let definition = Definition::prepare(DefinitionId::of_source(text), parts).expect("its rules compile");
    let (id, number) = runtime.new_record(&definition, runtime.now()).expect("it gets a number");
    let (directory, actor) = (runtime.directory(), person("anna"));
    let world = World {
        now: runtime.now(),
        actor: &actor,
        directory: &directory,
        fresh: InstanceId(0),
        records: &engine::records::NoRecords,
    };
    let fields = Fields::from([(Name::from("what"), Value::Text("disks".into()))]);
    let begin = Start { instance: id, number, on_behalf_of: None, fields, origin };
    let step = engine::start(&definition, begin, &world).expect("the form is right");
    runtime.store().commit(Commit::new(&definition, None, step, runtime.now(), &actor, "start")).expect("it is kept");
    id
}

#[test]
fn an_effect_on_a_record_whose_definition_is_gone_holds_up_no_other() {
    over_both("poisoned", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        let look = r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#;
        let caller = committed(&runtime, &process("vanished", look), None);
        let inner = process("inner", look);
        deploy(&runtime, &inner);
        let origin = Caller { by: caller, waits: Awaited::Called, links: Vec::new() };
        let called = committed(&runtime, &inner, Some(origin));
        let task = load(&runtime, called).tasks().first().expect("its task is open").id;
        let done = Command::Complete { task, outcome: Name::from("done"), fields: Fields::new(), reason: None };
        runtime.execute(called, person("dora"), done).expect("its end is not the caller's matter");
        let telling = process("telling", "notify requester with template news");
        deploy(&runtime, &format!("{telling}notice news \"The {{what}} are here\" zh \"{{what}}已到\"\n"));
        start(&runtime, "telling");

        assert!(runtime.perform_owed().expect("one bad record is nothing to the others") > 0);
        let told = runtime.store().notifications(&Name::from("anna"), 5).expect("it reads");
        assert_eq!(told.len(), 1, "the notice of another record came: {told:?}");
        let undelivered = runtime.store().undelivered(5).expect("it reads");
        let [row] = &undelivered[..] else { panic!("the end of the call waits: {undelivered:?}") };
        assert!(row.problem.contains("is not in the store"), "{}", row.problem);

        deploy(&runtime, &process("vanished", look));
        clock.set(MONDAY.plus_ms(HOUR_MS));
        runtime.perform_owed().expect("it performs");
        let left = runtime.store().undelivered(5).expect("it reads");
        assert!(
            left.is_empty() || !left[0].problem.contains("is not in the store"),
            "the definition is back: {left:?}"
        );
    });
}

#[test]
fn a_call_that_cannot_begin_waits_for_repair_and_begins_when_tried_again() {
    over_both("no-process", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        with(&runtime, "inner", r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#);
        // The caller gives less than the start of what it calls asks for.
        with(&runtime, "outer", "call inner with { answer: what }");
        let outer = start(&runtime, "outer").id();
        let Status::Stuck(repair) = load(&runtime, outer).status().clone() else { panic!("it is stuck") };
        assert!(repair.problem.contains("a record of inner could not be begun: what"), "{}", repair.problem);
        let eased = process("inner", r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#)
            .replace("start by anyone asks what", "start by anyone asks answer")
            .replace(r#"what    text max 200 "#, r#"what    text max 200 = "things" "#);
        deploy(&runtime, &eased);
        runtime.execute(outer, person("dora"), Command::Retry).expect("staff may edit it");
        let Some(Waits::Return(inner)) = load(&runtime, outer).tokens().first().map(|token| token.waits.clone()) else {
            panic!("it waits again")
        };
        assert_eq!(load(&runtime, inner).status(), &Status::Running);
    });
}

#[test]
fn what_could_not_be_begun_is_not_begun_once_nobody_waits_for_it() {
    over_both("not-awaited", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        with(&runtime, "inner", r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#);
        // The caller gives less than the start of what it calls asks for.
        with(&runtime, "outer", "call inner with { answer: what }");
        let outer = start(&runtime, "outer").id();
        let Some(Waits::Return(inner)) = load(&runtime, outer).tokens().first().map(|token| token.waits.clone()) else {
            panic!("it waits")
        };
        runtime.execute(outer, person("dora"), Command::Cancel { reason: "not needed".into() }).expect("staff may");
        while runtime.perform_owed().expect("it performs") > 0 {}
        assert_eq!(ended(&load(&runtime, outer)), Some("cancelled"));
        assert!(runtime.load(inner).expect("it reads").is_none());
        assert!(runtime.store().owed_by(outer, 10).expect("it reads").is_empty(), "nothing is put off for ever");
    });
}

#[test]
fn cancelling_the_caller_cancels_what_it_called() {
    over_both("cancel-calls", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        with(&runtime, "inner", r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#);
        with(&runtime, "outer", "call inner with { what: what }");
        let outer = start(&runtime, "outer");
        let Some(Waits::Return(inner)) = outer.tokens().first().map(|token| token.waits.clone()) else {
            panic!("it waits")
        };
        runtime
            .execute(outer.id(), person("dora"), Command::Cancel { reason: "not needed".into() })
            .expect("staff may");
        while runtime.perform_owed().expect("it performs") > 0 {}
        assert_eq!(ended(&load(&runtime, inner)), Some("cancelled"));
    });
}

#[test]
fn a_signal_reaches_every_record_that_waits_for_it_and_no_other() {
    over_both("signals", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        with(&runtime, "waiting", "on signal power_is_back no deadline");
        with(&runtime, "deaf", "on signal something_else no deadline");
        with(&runtime, "giving", "signal power_is_back");
        let waiting: Vec<InstanceId> = (0..5).map(|_| start(&runtime, "waiting").id()).collect();
        let deaf = start(&runtime, "deaf").id();
        start(&runtime, "giving");
        while runtime.perform_owed().expect("it performs") > 0 {}
        assert!(waiting.iter().all(|id| ended(&load(&runtime, *id)) == Some("closed")));
        assert_eq!(ended(&load(&runtime, deaf)), None);
    });
}

#[test]
fn a_signal_reaches_a_record_that_is_held_up_and_is_taken_when_it_goes_on() {
    over_both("signals-kept", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        with(&runtime, "waiting", "on signal power_is_back no deadline");
        with(&runtime, "giving", "signal power_is_back");
        let held = start(&runtime, "waiting").id();
        let order = |command| runtime.execute(held, person("dora"), command).expect("staff may");
        order(Command::Suspend { reason: "not now".into() });
        start(&runtime, "giving");
        while runtime.perform_owed().expect("it performs") > 0 {}
        assert_eq!(ended(&load(&runtime, held)), None, "nothing of it moves");
        order(Command::Resume { reason: String::new() });
        assert_eq!(ended(&load(&runtime, held)), Some("closed"));
    });
}

/// The organisation, whose server may reach this.
fn reaching(place: &Place, clock: Arc<VirtualClock>, outside: Outside) -> Runtime {
    drop(organisation_at(place, clock.clone()));
    let store = store::Store::open(place).expect("the store opens again");
    Runtime::open_to(store, clock, outside).expect("it opens")
}

fn loopback() -> Fence {
    "127.0.0.1".parse().expect("an address may be allowed")
}

/// A server that answers each request in turn, and says what it was asked.
fn server(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/orders", listener.local_addr().expect("it listens"));
    let asked = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            let mut reader = BufReader::new(stream.try_clone().expect("a stream can be read"));
            let (mut request, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a request has lines");
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length is a number");
                }
                if line.trim().is_empty() {
                    break;
                }
                request.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("the body is as long as was said");
            request.push_str(&String::from_utf8_lossy(&body));
            asked.push(request);
            stream.write_all(answer.as_bytes()).expect("the answer is sent");
        }
        asked
    });
    (url, asked)
}

fn until(runtime: &Runtime, id: InstanceId, holds: impl Fn(&Instance) -> bool) -> Arc<Instance> {
    for _ in 0..500 {
        runtime.perform_owed().expect("it performs");
        let instance = load(runtime, id);
        if holds(&instance) {
            return instance;
        }
        // The request is on a thread of its own, with nothing to wait on from here.
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("it never came to that: {:?}", load(runtime, id));
}

#[test]
fn a_server_that_fails_is_asked_again_with_the_same_key_and_its_answer_fills_the_record() {
    over_both("http", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = reaching(place, clock.clone(), Outside { fence: loopback(), ..Outside::default() });
        let (url, asked) = server(vec![
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 600\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 23\r\nconnection: close\r\n\r\n{\"answer\": \"delivered\"}",
        ]);
        let flow =
            format!(r#"http post "{url}" with {{ what: what }}, gives answer, retries 2 every 5 minutes, no deadline"#);
        with(&runtime, "asking", &flow);
        let id = start(&runtime, "asking").id();
        let pausing = |instance: &Instance| {
            instance.jobs().iter().any(|job| matches!(job.state, JobState::Pausing { .. }) && job.failures == 1)
        };
        until(&runtime, id, pausing);
        runtime.advance(MONDAY.plus_ms(10 * MINUTE_MS - 1), &|at| clock.set(at)).expect("nothing comes due");
        assert!(pausing(&load(&runtime, id)), "the server said ten minutes, and not five");
        runtime.advance(MONDAY.plus_ms(10 * MINUTE_MS), &|at| clock.set(at)).expect("the retry comes due");
        let over = until(&runtime, id, |instance| ended(instance).is_some());
        assert_eq!(over.fields().get("answer"), Some(&Value::Text("delivered".into())));
        let asked = asked.join().expect("the server ends");
        let key = |request: &String| {
            request.lines().find(|line| line.to_ascii_lowercase().starts_with("idempotency-key")).map(str::to_owned)
        };
        assert!(asked[0].starts_with("POST /orders") && asked[0].ends_with(r#"{"what":"disks"}"#), "{}", asked[0]);
        assert!(key(&asked[0]).is_some());
        assert_eq!(key(&asked[0]), key(&asked[1]));
        assert_eq!(runtime.perform_owed().expect("it performs"), 0, "nothing is owed any more");
    });
}

#[test]
fn a_server_of_a_private_network_is_not_asked_unless_it_is_allowed() {
    over_both("fence", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        listener.set_nonblocking(true).expect("it can be looked at");
        for (process, host) in
            [("by_address", "127.0.0.1"), ("by_name", "localhost"), ("in_clothes", "[::ffff:127.0.0.1]")]
        {
            let flow =
                format!(r#"http post "http://{host}:{port}/orders" with {{ what: what }}, retries 0, no deadline"#);
            with(&runtime, process, &flow);
            let id = start(&runtime, process).id();
            let stuck = until(&runtime, id, |instance| matches!(instance.status(), Status::Stuck(_)));
            let Status::Stuck(repair) = stuck.status() else { panic!("it is stuck") };
            assert!(repair.problem.contains("private network"), "{host}: {}", repair.problem);
        }
        let nobody = listener.accept().expect_err("nobody came");
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    });
}

/// A server for e-mail that takes each message, or refuses it with an answer to the recipient; says what it was sent.
fn mail_server(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("smtp://{}", listener.local_addr().expect("it listens"));
    let sent = std::thread::spawn(move || answers.into_iter().map(|answer| converse(&listener, answer)).collect());
    (url, sent)
}

/// One conversation as RFC 5321 has it.
fn converse(listener: &TcpListener, answer: &str) -> String {
    let (mut stream, _) = listener.accept().expect("somebody comes");
    let mut reader = BufReader::new(stream.try_clone().expect("a stream can be read"));
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).expect("it is heard");
    let mut said = String::new();
    say("220 sink");
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).expect("a command is a line") == 0 {
            return said;
        }
        said.push_str(&line);
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => say("250-sink\r\n250 8BITMIME"),
            "MAIL" | "RSET" => say("250 ok"),
            "RCPT" => say(answer),
            "DATA" => {
                say("354 go on");
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).expect("a message has lines");
                    if line == ".\r\n" {
                        break;
                    }
                    said.push_str(&line);
                }
                say("250 taken");
            }
            "QUIT" => {
                say("221 bye");
                return said;
            }
            other => panic!("{other} is no command of this conversation"),
        }
    }
}

const MAILING: &str = r#"notify requester with template news by email"#;

fn mailing(runtime: &Runtime) {
    let text = process("mailing", MAILING);
    deploy(runtime, &format!("{text}notice news \"The {{what}} are here\" zh \"{{what}}已到\"\n"));
}

fn address(runtime: &Runtime, email: &str, language: &str) {
    let anna = runtime.store().person(&Name::from("anna")).expect("it reads").expect("she is there");
    let anna = PersonRow { email: email.into(), language: language.into(), ..anna };
    runtime.store().put_person(&anna, &Name::from("tests"), runtime.now()).expect("it is kept");
}

/// The problem of the one effect that could not be performed.
fn undelivered(runtime: &Runtime) -> Option<(String, u32)> {
    for _ in 0..500 {
        runtime.perform_owed().expect("it performs");
        let rows = runtime.store().undelivered(2).expect("it reads");
        if let [row] = &rows[..] {
            return Some((row.problem.clone(), row.owed.tries));
        }
        if runtime.store().pressure(runtime.now()).expect("it reads").owed == 0 {
            return None;
        }
        // The message is on a thread of its own, with nothing to wait on from here.
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("it was neither sent nor put off");
}

#[test]
fn an_e_mail_that_is_refused_is_sent_again_under_the_same_identity() {
    over_both("mail", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let (url, sent) = mail_server(vec!["451 anna@example.org is busy", "250 ok"]);
        let server = MailServer::new(&url, "Desk <desk@example.org>", Some("https://itsm.example".into()));
        let outside = Outside { mail: Some(server.expect("a server")), ..Outside::default() };
        let runtime = reaching(place, clock.clone(), outside);
        mailing(&runtime);
        address(&runtime, "anna@example.org", "zh-CN");
        let started = start(&runtime, "mailing");
        assert_eq!(ended(&started), Some("closed"), "nothing waits for it");
        let (problem, tries) = undelivered(&runtime).expect("it was refused");
        assert!(problem.contains("is busy") && !problem.contains("anna@"), "{problem}");
        assert_eq!(tries, 1);
        clock.set(MONDAY.plus_ms(MINUTE_MS));
        let key = runtime.store().undelivered(1).expect("it reads")[0].owed.key;
        while undelivered(&runtime).is_some() {}
        let sent = sent.join().expect("the server ends");
        assert!(sent[0].contains("RCPT TO:<anna@example.org>") && !sent[0].contains("Subject:"), "{}", sent[0]);
        let message = &sent[1];
        for part in [
            "MAIL FROM:<desk@example.org>",
            "From: Desk <desk@example.org>",
            &format!("Message-ID: <tiaoli.{key}@example.org>"),
            "Auto-Submitted: auto-generated",
            "Subject: [mailing-2026-000001] =?utf-8?b?ZGlza3Plt7LliLA=?=",
        ] {
            assert!(message.contains(part), "{part}\n{message}");
        }
        assert!(!message.contains("are here"), "it is in her language: {message}");
    });
}

#[test]
fn e_mails_of_a_record_come_in_order_though_the_first_is_refused() {
    over_both("mail-order", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let (url, sent) = mail_server(vec!["451 anna@example.org is busy", "250 ok", "250 ok"]);
        let server = MailServer::new(&url, "Desk <desk@example.org>", None);
        let outside = Outside { mail: Some(server.expect("a server")), ..Outside::default() };
        let runtime = reaching(place, clock.clone(), outside);
        let notify = |template: &str| format!("notify requester with template {template} by email");
        let text = process("mailing", &format!("{}\n  {}", notify("news"), notify("more")));
        let notices = "notice news \"first\" zh \"甲\"\nnotice more \"second\" zh \"乙\"\n";
        deploy(&runtime, &format!("{text}{notices}"));
        address(&runtime, "anna@example.org", "en");
        start(&runtime, "mailing");
        let (problem, _) = undelivered(&runtime).expect("the first was refused");
        assert!(problem.contains("is busy"), "{problem}");
        runtime.perform_owed().expect("it performs");
        assert_eq!(runtime.store().pressure(runtime.now()).expect("it reads").owed, 2, "the second waits for it");
        for look in 0..300 {
            clock.set(MONDAY.plus_ms(MINUTE_MS + look * 100));
            runtime.perform_owed().expect("it performs");
            if runtime.store().pressure(runtime.now()).expect("it reads").owed == 0 {
                break;
            }
            // The messages are on threads of their own, with nothing to wait on from here.
            std::thread::park_timeout(Duration::from_millis(10));
        }
        assert_eq!(runtime.store().pressure(runtime.now()).expect("it reads").owed, 0, "both are sent");
        let sent = sent.join().expect("the server ends");
        let subjects = sent.iter().map(|said| said.lines().find(|line| line.starts_with("Subject:")));
        let subjects: Vec<_> = subjects.map(|line| line.unwrap_or("none").to_owned()).collect();
        let of = |text: &str| format!("Subject: [mailing-2026-000001] {text}");
        assert_eq!(subjects, ["none".to_owned(), of("first"), of("second")]);
    });
}

#[test]
fn an_e_mail_without_a_server_or_an_address_stays_and_says_why() {
    over_both("no-mail", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        mailing(&runtime);
        start(&runtime, "mailing");
        assert_eq!(
            undelivered(&runtime).map(|(problem, _)| problem).as_deref(),
            Some("the person has no address for e-mail")
        );
        address(&runtime, "anna@example.org", "en");
        clock.set(MONDAY.plus_ms(HOUR_MS));
        runtime.perform_owed().expect("it performs");
        let (problem, tries) = undelivered(&runtime).expect("it stays");
        assert!(problem.starts_with("no mail server is set up") && tries == 2, "{problem} {tries}");
        let anna = runtime.store().person(&Name::from("anna")).expect("it reads").expect("she is there");
        let left = PersonRow { state: PersonState::Left, ..anna };
        runtime.store().put_person(&left, &Name::from("tests"), runtime.now()).expect("it is kept");
        clock.set(MONDAY.plus_ms(3 * HOUR_MS));
        runtime.perform_owed().expect("it performs");
        assert_eq!(undelivered(&runtime), None, "who has left is written to no more");
    });
}
