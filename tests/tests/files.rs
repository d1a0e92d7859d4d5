//! Files of records on SQLite and on PostgreSQL: their bytes are written with the fact, go with it, and go on to the record
//! that another one begins.

use std::sync::Arc;

use engine::command::Command;
use engine::event::Actor;
use engine::ids::{FileId, Name};
use engine::instance::Instance;
use engine::time::Timestamp;
use engine::value::{Fields, Value};
use runtime::{Runtime, StartOrder, VirtualClock};
use store::{FileBytes, Place, Store};
use tests::{Database, Scratch, deploy, organisation_at};

const BEGIN: Timestamp = Timestamp(1_780_000_000_000);

/// A process whose records have a file, and do this first.
fn process(name: &str, first: &str) -> String {
    format!(
        r#"process {name} "{name}" zh "{name}" {{
  owner      staff
  number     "{name}-{{seq:4}}"
  title      what
  seen by    anyone
  edited by  role staff
  roles {{ staff "Staff" zh "员工" }}
  record {{
    what  text max 200   "What"  zh "内容"
    plan  file optional  "Plan"  zh "方案"
  }}
  start by anyone asks what, plan
  {first}
  task look "Look" zh "查看" for role staff {{ outcome done "Done" zh "完成" }}
  end closed  "Closed"  zh "已关闭"
}}
"#
    )
}

fn newest(runtime: &Runtime, process: &str) -> Arc<Instance> {
    let ids = runtime.store().records_of(&Name::from(process), 1).expect("it reads");
    runtime.load(*ids.first().expect("one was begun")).expect("it reads").expect("it is there").instance
}

fn assert_sound(runtime: &Runtime) {
    let mut findings = Vec::new();
    runtime.check(&mut |finding| findings.push(finding)).expect("the store is there");
    assert_eq!(findings, []);
}

fn works(place: &Place) {
    let clock = Arc::new(VirtualClock::at(BEGIN));
    let runtime = organisation_at(place, clock.clone());
    deploy(&runtime, &process("BUILD", ""));
    deploy(&runtime, &process("ORDER", "start BUILD with { what: what, plan: plan }"));
    let plan = b"%PDF-".iter().copied().chain((0..=255).cycle().take(300_000)).collect();
    let (file, bytes) = FileBytes::brought("plan.pdf", "application/pdf", plan);
    let fields = Fields::from([
        (Name::from("what"), Value::Text("a house".to_owned())),
        (Name::from("plan"), Value::File(file.clone())),
    ]);
    let order = StartOrder { process: Name::from("ORDER"), by: Name::from("anna"), on_behalf_of: None, fields };
    assert!(runtime.start_with(order.clone(), &[]).is_err(), "no file without its bytes");
    let began = runtime.start_with(order, std::slice::from_ref(&bytes)).expect("the form fits").instance;
    assert_eq!(runtime.store().file(began.id(), &file).expect("it reads"), Some(bytes.clone()));
    let begun = newest(&runtime, "BUILD");
    assert_eq!(begun.fields().get("plan"), Some(&Value::File(file.clone())), "it was passed on");
    assert_eq!(runtime.store().file(begun.id(), &file).expect("it reads"), Some(bytes.clone()), "with its bytes");

    let (note, note_bytes) = FileBytes::brought("note.txt", "text/plain", b"as agreed".to_vec());
    let attach = Command::Attach { files: vec![note.clone()] };
    let anna = || Actor::Person(Name::from("anna"));
    for _ in 0..2 {
        let given = std::slice::from_ref(&note_bytes);
        let done = runtime.execute_with(begun.id(), anna(), attach.clone(), given).expect("she sees the record");
        assert_eq!(done.instance.files().len(), 2, "given twice, it is there once");
    }
    assert_sound(&runtime);
    let again = Runtime::open(Store::open(place).expect("it opens"), clock).expect("it opens");
    assert_eq!(again.store().file(begun.id(), &note).expect("it reads"), Some(note_bytes));
    let note_id = FileId(1);
    again.execute(begun.id(), anna(), Command::Detach { file: note_id }).expect("she brought it");
    assert_eq!(again.store().file(begun.id(), &note).expect("it reads"), None);
    assert_eq!(again.store().file(begun.id(), &file).expect("it reads"), Some(bytes));
    assert_sound(&again);
}

#[test]
fn bytes_come_and_go_with_their_facts_and_are_passed_on() {
    let scratch = Scratch::new("files");
    works(&Place::from(scratch.path()));
    works(&Place::from(Database::new("files").url()));
}
