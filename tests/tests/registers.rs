//! Entries of registers under their guards, what records say to registers, and records that find one another; on SQLite and
//! on PostgreSQL.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::command::{Command, Rejection};
use engine::definition::Labels;
use engine::directory::Entry;
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::Instance;
use engine::register::{EntryRefusal, NoPermit};
use engine::time::Timestamp;
use engine::value::{Fields, Misfit, Value};
use runtime::{Done, EntryError, EntryOrder, ExecuteError, Runtime, StartOrder, VirtualClock};
use store::{EntryChange, Life};
use tests::{administered_at, declare, deploy, over_both};

/// 2026-09-21 13:20 in UTC.
const MONDAY: Timestamp = Timestamp(1_790_000_400_000);

/// A register with one attribute that only an approved order changes.
const REGISTER: &str = r#"
register machine "Machine" zh "机器" {
  status   planned "Planned" zh "规划" | live "Live" zh "运行" = planned  "Status" zh "状态"
  version  text max 20 optional                         "Version"     zh "版本"
  near     many machine optional relation "Near to" zh "邻近" hit by any  "Near"  zh "邻近"
  controlled version, status when status in [live] under order reached approved by machines
}
"#;

/// An order that finds those that meet it on a machine or next to one.
const ORDER: &str = r#"
// Changes machines.
process order "Order" zh "订单" {
  owner      staff
  number     "ORD-{seq:4}"
  title      what
  seen by    anyone
  found by   machines
  find clashes of order where shares(other.machines, around(machines, 1)) and reached(other, approved) and not other.ended
  record {
    what      text max 200           "What"      zh "内容"
    machines  many machine optional  "Machines"  zh "机器"
    earlier   many order optional    "Earlier"   zh "此前"
    before    baseline optional      "Before"    zh "之前"
    differing many machine optional  "Differing" zh "差异"
  }
  start by anyone asks what, machines, earlier
  set before = baseline(machines)
  task agree "Agree" zh "批准" for anyone {
    outcome agree requires clashes is empty else "Another order is on these machines" zh "这些机器已有其他订单"
                  requires earlier is empty or reached(earlier, approved) else "The earlier orders come first" zh "须先完成此前的订单"
                  "Agree" zh "批准"
    outcome drop  "Drop" zh "放弃" -> end rejected
  }
  milestone approved "Approved" zh "已批准"
  task work "Work" zh "实施" for anyone { outcome done "Done" zh "完成" }
  update machines with { version: "2" }
  enter note with { text: what }
  task look "Look" zh "检查" for anyone { outcome fine "Fine" zh "通过" }
  end closed    "Closed"    zh "已关闭"
  end rejected  "Rejected"  zh "已放弃"
}
register note "Note" zh "备注" {
  text  text max 200  "Text"  zh "内容"
}
"#;

fn name(text: &str) -> Name {
    Name::from(text)
}

fn ada() -> Name {
    name("ada")
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn machines(keys: &[&str]) -> Value {
    Value::List(keys.iter().map(|key| Value::Ref(name(key))).collect())
}

fn entry(fields: &[(&str, Value)]) -> Entry {
    let fields = fields.iter().map(|(field, value)| (name(field), value.clone())).collect();
    Entry { labels: Labels::new("A machine", "一台机器"), fields }
}

fn live(version: &str) -> Entry {
    entry(&[("status", Value::Choice(name("live"))), ("version", text(version))])
}

fn change(key: &str, entry: Entry) -> EntryChange {
    EntryChange { register: name("machine"), key: name(key), entry }
}

fn order(changes: Vec<EntryChange>, under: Option<&str>) -> EntryOrder {
    EntryOrder { changes, under: under.map(name), reason: "a test".into() }
}

fn refused(runtime: &Runtime, order: &EntryOrder) -> Vec<(usize, EntryRefusal)> {
    match runtime.change_entries(order, &ada()) {
        Err(EntryError::Refused(refused)) => refused,
        other => panic!("it is refused, and this is {other:?}"),
    }
}

/// Two machines, one next to the other, and orders about them.
fn installed(place: &store::Place) -> Runtime {
    let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
    let among = processes::among().with([REGISTER, ORDER]);
    declare(&runtime, &among, [REGISTER, ORDER]);
    deploy(&runtime, ORDER);
    let two = entry(&[("near", machines(&["one"]))]);
    runtime.change_entries(&order(vec![change("one", live("1")), change("two", two)], None), &ada()).expect("kept");
    runtime
}

fn begin(runtime: &Runtime, fields: &[(&str, Value)]) -> Arc<Instance> {
    let fields: Fields = fields.iter().map(|(field, value)| (name(field), value.clone())).collect();
    let start = StartOrder { process: name("order"), by: name("anna"), on_behalf_of: None, fields };
    runtime.start(start).expect("the form fits").instance
}

fn complete(runtime: &Runtime, id: InstanceId, outcome: &str) -> Result<Done, ExecuteError> {
    let instance = runtime.load(id).expect("readable").expect("there").instance;
    let task = instance.tasks().first().expect("a task is open").id;
    let command = Command::Complete { task, outcome: name(outcome), fields: Fields::new(), reason: None };
    runtime.execute(id, Actor::Person(ada()), command)
}

#[test]
fn what_is_controlled_changes_only_under_an_approved_record_that_names_the_entry() {
    over_both("registers-guard", |place| {
        let runtime = installed(place);
        let fields = vec![name("version")];
        let newer = || change("one", live("2"));
        assert_eq!(refused(&runtime, &order(vec![newer()], None)), [(0, EntryRefusal::Controlled { fields })]);
        let wanted = begin(&runtime, &[("what", text("a new version")), ("machines", machines(&["one"]))]);
        let other = begin(&runtime, &[("what", text("something else")), ("machines", machines(&["two"]))]);
        let not_under = |number: &str, why| {
            let refusal = EntryRefusal::NotPermitted { number: name(number), why };
            assert_eq!(refused(&runtime, &order(vec![newer()], Some(number))), [(0, refusal)]);
        };
        not_under("ORD-9999", NoPermit::NoSuchRecord);
        not_under(wanted.number(), NoPermit::NotReached(name("approved")));
        complete(&runtime, other.id(), "agree").expect("nothing is in the way");
        not_under(other.number(), NoPermit::DoesNotName);
        // A refused change takes the others of its order with it.
        let both = order(vec![change("two", entry(&[("version", text("7"))])), newer()], Some(other.number()));
        assert_eq!(refused(&runtime, &both).len(), 1);
        assert_eq!(runtime.store().entry_history(&name("machine"), &name("two")).expect("readable").len(), 1);
        complete(&runtime, other.id(), "done").expect("it goes on");
        complete(&runtime, other.id(), "fine").expect("it ends");
        complete(&runtime, wanted.id(), "agree").expect("the other is over");
        runtime.change_entries(&order(vec![newer()], Some(wanted.number())), &ada()).expect("it is approved");
        let history = runtime.store().entry_history(&name("machine"), &name("one")).expect("readable");
        let said: Vec<_> = history.iter().map(|held| (held.revision, held.under.clone(), held.by.clone())).collect();
        assert_eq!(said, [(2, Some(name(wanted.number())), Some(ada())), (1, None, Some(ada()))]);
    });
}

#[test]
fn entries_that_do_not_fit_are_refused_by_place_and_field() {
    over_both("registers-unfit", |place| {
        let runtime = installed(place);
        let bad = entry(&[("status", Value::Choice(name("gone"))), ("near", machines(&["nowhere"]))]);
        let allowed = vec![name("planned"), name("live")];
        let nowhere = Misfit::NoSuchEntry { register: name("machine"), key: name("nowhere") };
        let unfit = vec![(name("status"), Misfit::NotAChoice { allowed }), (name("near"), nowhere)];
        let order = order(vec![change("three", bad), change("Vier", live("1")), change("vpn", live("1"))], None);
        let expected = [(0, EntryRefusal::Unfit(unfit)), (1, EntryRefusal::BadKey), (2, EntryRefusal::KeyTaken)];
        assert_eq!(refused(&runtime, &order), expected);
        assert!(runtime.directory().entry("machine", &name("three")).is_none());
    });
}

#[test]
fn a_record_enters_itself_and_updates_what_it_names_once() {
    over_both("registers-owed", |place| {
        let runtime = installed(place);
        let wanted = begin(&runtime, &[("what", text("a new version")), ("machines", machines(&["one"]))]);
        complete(&runtime, wanted.id(), "agree").expect("nothing is in the way");
        complete(&runtime, wanted.id(), "done").expect("it goes on");
        let owed = runtime.store().owed_by(wanted.id(), 10).expect("readable");
        assert_eq!(owed.len(), 2, "{owed:?}");
        runtime.perform_rows(owed.clone()).expect("it performs");
        runtime.perform_rows(owed).expect("twice is once");
        let directory = runtime.directory();
        let version = directory.entry("machine", &name("one")).expect("there").fields.get("version").cloned();
        assert_eq!(version, Some(text("2")));
        let note = directory.entry("note", &name(&wanted.number().to_lowercase())).expect("it is entered");
        assert_eq!((note.labels.en.as_str(), note.fields.get("text")), ("a new version", Some(&text("a new version"))));
        let moved = runtime.store().entries_changed_under(&name(wanted.number())).expect("readable");
        let keys: BTreeSet<_> = moved.iter().map(|held| held.key.to_string()).collect();
        assert_eq!((moved.len(), keys), (2, BTreeSet::from(["one".to_owned(), wanted.number().to_lowercase()])));
        let before = wanted.fields().get("before").expect("a baseline was taken").plain();
        assert!(before.contains("version: 1"), "{before}");
    });
}

#[test]
fn records_find_others_by_what_they_name_and_ask_what_they_have_reached() {
    over_both("registers-find", |place| {
        let runtime = installed(place);
        let first = begin(&runtime, &[("what", text("first")), ("machines", machines(&["one"]))]);
        let next_to_it = begin(&runtime, &[("what", text("second")), ("machines", machines(&["two"]))]);
        let earlier = Value::List(vec![Value::Ref(name(first.number()))]);
        let after_it = begin(&runtime, &[("what", text("third")), ("earlier", earlier)]);
        let refused = |instance: &Instance, words: &str, by: &[&str]| match complete(&runtime, instance.id(), "agree") {
            Err(ExecuteError::Rejected(Rejection::Unmet(unmet))) => {
                assert!(unmet.says.en.contains(words), "{unmet:?}");
                assert_eq!(unmet.named().map(Name::as_str).collect::<Vec<_>>(), by, "what stands in the way is named");
            }
            other => panic!("it is refused, and this is {other:?}"),
        };
        refused(&after_it, "earlier orders come first", &[]);
        complete(&runtime, first.id(), "agree").expect("nothing is in the way");
        refused(&next_to_it, "Another order is on these machines", &[first.number()]);
        complete(&runtime, after_it.id(), "agree").expect("the earlier one is approved");
        complete(&runtime, first.id(), "done").expect("it goes on");
        complete(&runtime, first.id(), "fine").expect("it ends");
        complete(&runtime, next_to_it.id(), "agree").expect("the other is over");
        let findings = std::cell::RefCell::new(Vec::new());
        runtime.check(&mut |finding| findings.borrow_mut().push(finding.to_string())).expect("it looks");
        assert_eq!(findings.into_inner(), Vec::<String>::new(), "the doctor finds nothing");
    });
}

#[test]
fn open_records_are_found_by_many_values_as_by_each() {
    over_both("registers-many", |place| {
        let runtime = installed(place);
        let of = |keys: &[&str]| begin(&runtime, &[("what", text("cables")), ("machines", machines(keys))]).id();
        let (one, two, both) = (of(&["one"]), of(&["two"]), of(&["one", "two"]));
        let found = |values: &[Value], limit: usize| -> BTreeSet<InstanceId> {
            let found = runtime.store().found_in(Life::Open, &name("order"), &name("machines"), values, limit);
            found.expect("it reads").into_iter().map(|(_, id)| id).collect()
        };
        let strange = |count: usize| (0..count).map(|at| Value::Ref(name(&format!("m-{at}")))).collect::<Vec<_>>();
        let with = |key: &str, others: usize| [strange(others), vec![Value::Ref(name(key))]].concat();
        // Few values are asked for by name; of many, what lies between them is looked at, and what was not meant left out.
        for others in [0, 3, 500] {
            assert_eq!(found(&with("one", others), 50), BTreeSet::from([one, both]), "{others} others");
            assert_eq!(found(&with("two", others), 50), BTreeSet::from([two, both]), "{others} others");
        }
        let all = [with("one", 500), with("two", 500)].concat();
        assert_eq!(found(&all, 50), BTreeSet::from([one, two, both]));
        assert_eq!(found(&all, 2).len(), 2, "as many as are asked for");
        assert_eq!(found(&strange(500), 50), BTreeSet::new());
    });
}
