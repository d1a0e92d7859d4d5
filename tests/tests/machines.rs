//! Work by machines and between records, on a real store: jobs for workers, servers over HTTP, called records, signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use engine::command::{Command, Rejection};
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::{Instance, JobState, Status, Waits};
use engine::time::{MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{ExecuteError, Runtime, StartOrder, VirtualClock};
use tests::{Scratch, deploy, organisation};

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

fn start(runtime: &Runtime, process: &str) -> Instance {
    let fields = Fields::from([(Name::from("what"), Value::Text("disks".into()))]);
    let order = StartOrder { process: Name::from(process), by: Name::from("anna"), on_behalf_of: None, fields };
    runtime.start(order).expect("anyone may start").instance
}

fn load(runtime: &Runtime, id: InstanceId) -> Instance {
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
    let scratch = Scratch::new("jobs");
    let clock = Arc::new(VirtualClock::at(MONDAY));
    let runtime = organisation(&scratch, clock.clone());
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
}

#[test]
fn a_called_record_is_there_at_once_and_its_end_lets_the_caller_go_on() {
    let scratch = Scratch::new("calls");
    let runtime = organisation(&scratch, Arc::new(VirtualClock::at(MONDAY)));
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
}

#[test]
fn a_call_that_cannot_begin_waits_for_repair_and_begins_when_tried_again() {
    let scratch = Scratch::new("no-process");
    let runtime = organisation(&scratch, Arc::new(VirtualClock::at(MONDAY)));
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
}

#[test]
fn cancelling_the_caller_cancels_what_it_called() {
    let scratch = Scratch::new("cancel-calls");
    let runtime = organisation(&scratch, Arc::new(VirtualClock::at(MONDAY)));
    with(&runtime, "inner", r#"task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }"#);
    with(&runtime, "outer", "call inner with { what: what }");
    let outer = start(&runtime, "outer");
    let Some(Waits::Return(inner)) = outer.tokens().first().map(|token| token.waits.clone()) else {
        panic!("it waits")
    };
    runtime.execute(outer.id(), person("dora"), Command::Cancel { reason: "not needed".into() }).expect("staff may");
    while runtime.perform_owed().expect("it performs") > 0 {}
    assert_eq!(ended(&load(&runtime, inner)), Some("cancelled"));
}

#[test]
fn a_signal_reaches_every_record_that_waits_for_it_and_no_other() {
    let scratch = Scratch::new("signals");
    let runtime = organisation(&scratch, Arc::new(VirtualClock::at(MONDAY)));
    with(&runtime, "waiting", "on signal power_is_back no deadline");
    with(&runtime, "deaf", "on signal something_else no deadline");
    with(&runtime, "giving", "signal power_is_back");
    let waiting: Vec<InstanceId> = (0..5).map(|_| start(&runtime, "waiting").id()).collect();
    let deaf = start(&runtime, "deaf").id();
    start(&runtime, "giving");
    while runtime.perform_owed().expect("it performs") > 0 {}
    assert!(waiting.iter().all(|id| ended(&load(&runtime, *id)) == Some("closed")));
    assert_eq!(ended(&load(&runtime, deaf)), None);
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

fn until(runtime: &Runtime, id: InstanceId, holds: impl Fn(&Instance) -> bool) -> Instance {
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
    let scratch = Scratch::new("http");
    let clock = Arc::new(VirtualClock::at(MONDAY));
    let runtime = organisation(&scratch, clock.clone());
    let (url, asked) = server(vec![
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
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
    runtime.advance(MONDAY.plus_ms(5 * MINUTE_MS), &|at| clock.set(at)).expect("the retry comes due");
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
}
