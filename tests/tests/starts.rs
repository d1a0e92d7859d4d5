//! Records that no form begins, on SQLite and on PostgreSQL: by schedules and with messages from outside.

use std::sync::Arc;

use engine::ids::Name;
use engine::instance::Instance;
use engine::time::Timestamp;
use engine::value::{Fields, Value};
use runtime::{ExecuteError, MessageOrder, Received, Runtime, VirtualClock};
use store::Store;
use tests::{deploy, organisation_at, over_both};

fn at(local: &str) -> Timestamp {
    Timestamp::from_local(local, "Asia/Shanghai").expect("the test writes a readable time")
}

/// A process that begins as the lines say.
fn process(lines: &str) -> String {
    format!(
        r#"process review "Review" zh "评审" {{
  owner      staff
  number     "REV-{{year}}-{{seq:4}}"
  title      what
  seen by    anyone
  edited by  role staff
  roles {{ staff "Staff" zh "员工" worker "Worker" zh "程序" }}
  record {{
    what     text max 200                                   "What"     zh "内容"
    gravity  high "High" zh "高" | low "Low" zh "低" = low  "Gravity"  zh "严重程度"
  }}
  start by role staff asks what
  {lines}
  task look "Look" zh "查看" for role staff {{ outcome done "Done" zh "完成" }}
  end closed  "Closed"  zh "已关闭"
}}
"#
    )
}

fn all(runtime: &Runtime) -> Vec<Arc<Instance>> {
    let ids = runtime.store().records_of(&Name::from("review"), 100).expect("it reads");
    ids.into_iter().map(|id| runtime.load(id).expect("it reads").expect("it is there").instance).collect()
}

fn titles(runtime: &Runtime) -> Vec<String> {
    let mut titles: Vec<String> =
        all(runtime).iter().filter_map(|held| held.fields().get("what").map(Value::plain)).collect();
    titles.sort();
    titles
}

#[test]
fn a_schedule_begins_one_record_a_moment_on_any_number_of_nodes() {
    over_both("schedules", |place| {
        let clock = Arc::new(VirtualClock::at(at("2026-09-18 17:30")));
        let node = organisation_at(place, clock.clone());
        let daily = r#"start every day for person "anna" sets what = "daily"
  start cron "0 9 * * 1" for person "anna" sets what = "weekly""#;
        deploy(&node, &process(daily));
        let other = Runtime::open(Store::open(place).expect("it opens"), clock.clone()).expect("it opens");
        let turn = || [&node, &other].map(|node| node.begin_scheduled().expect("the store is there"));
        assert_eq!(turn(), [0, 0], "what lies before the deployment is no business of its schedules");

        clock.set(at("2026-09-19 00:00"));
        assert_eq!(turn(), [1, 0], "one node begins it");
        assert_eq!(turn(), [0, 0]);
        let begun = &all(&node)[0];
        assert_eq!((begun.requester().as_str(), begun.number()), ("anna", "REV-2026-0001"));

        // Nobody runs over the weekend and on Monday: of each schedule the last moment counts.
        clock.set(at("2026-09-22 08:00"));
        assert_eq!(turn(), [2, 0]);
        assert_eq!(titles(&node), ["daily", "daily", "weekly"]);

        // A node that went down between the record and the mark finds the record there.
        clock.set(at("2026-09-23 00:00"));
        std::thread::scope(|scope| {
            let both = [&node, &other].map(|node| scope.spawn(|| node.begin_scheduled().expect("the store is there")));
            let counts = both.map(|thread| thread.join().expect("it ends"));
            assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
        });
        assert_eq!(titles(&node).len(), 4);
        assert_eq!(
            node.scheduled(&node.current(&Name::from("review")).expect("it reads").expect("it is there")).len(),
            2
        );
    });
}

#[test]
fn a_clock_that_steps_back_and_a_record_that_is_gone_begin_nothing_again() {
    over_both("schedules_again", |place| {
        let clock = Arc::new(VirtualClock::at(at("2026-09-18 17:30")));
        let node = organisation_at(place, clock.clone());
        deploy(&node, &process(r#"start every day for person "anna" sets what = "daily""#));
        clock.set(at("2026-09-19 00:00"));
        assert_eq!(node.begin_scheduled().expect("the store is there"), 1);
        clock.set(at("2026-09-18 23:00"));
        let again = Runtime::open(Store::open(place).expect("it opens"), clock.clone()).expect("it opens");
        assert_eq!(again.begin_scheduled().expect("the store is there"), 0);
        clock.set(at("2026-09-19 01:00"));
        let again = Runtime::open(Store::open(place).expect("it opens"), clock.clone()).expect("it opens");
        assert_eq!(again.begin_scheduled().expect("the store is there"), 0);
    });
}

#[test]
fn a_schedule_whose_person_is_not_there_is_tried_again_and_holds_up_no_other() {
    over_both("schedules_failing", |place| {
        let clock = Arc::new(VirtualClock::at(at("2026-09-18 17:30")));
        let node = organisation_at(place, clock.clone());
        let lines = r#"start every day for person "nobody" sets what = "never"
  start every day for person "anna" sets what = "daily""#;
        deploy(&node, &process(lines));
        clock.set(at("2026-09-19 00:00"));
        assert_eq!(node.begin_scheduled().expect("the store is there"), 1);
        assert_eq!(titles(&node), ["daily"]);
    });
}

fn message(node: &Runtime, by: &str, values: &[(&str, &str)]) -> Result<Received, ExecuteError> {
    let values: Fields =
        values.iter().map(|(name, text)| (Name::from(*name), Value::Text((*text).to_owned()))).collect();
    let (process, message) = (Name::from("review"), Name::from("alert"));
    node.receive(MessageOrder { process, message, by: Name::from(by), text: "it is down".into(), values })
}

#[test]
fn the_messages_with_one_key_begin_one_record() {
    over_both("messages", |place| {
        let clock = Arc::new(VirtualClock::at(at("2026-09-18 17:30")));
        let node = organisation_at(place, clock.clone());
        let lines = "start on message alert from role worker once per message.id sets what = message.text, gravity = message.gravity";
        deploy(&node, &process(lines));
        let first = message(&node, "wu", &[("id", "a-1"), ("gravity", "high")]).expect("a worker may send it");
        let Received::Begun(first) = first else { panic!("{first:?}") };
        assert_eq!(first.instance.fields().get("what"), Some(&Value::Text("it is down".into())));
        assert_eq!(first.instance.fields().get("gravity"), Some(&Value::Choice(Name::from("high"))));
        assert_eq!(first.instance.requester().as_str(), "wu");

        let other = Runtime::open(Store::open(place).expect("it opens"), clock.clone()).expect("it opens");
        let again = message(&other, "wei", &[("id", "a-1"), ("gravity", "low")]).expect("it may come again");
        let Received::Known(again) = again else { panic!("{again:?}") };
        assert_eq!((again.instance.id(), again.revision), (first.instance.id(), 1), "it has changed nothing");
        assert!(matches!(message(&node, "wu", &[("id", "a-2"), ("gravity", "low")]), Ok(Received::Begun(_))));

        let refused = |values: &[(&str, &str)]| match message(&node, "wu", values) {
            Err(ExecuteError::Rejected(rejection)) => rejection.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(refused(&[("gravity", "low")]).contains("message.id"), "without a key");
        assert!(!refused(&[("id", "a-3"), ("gravity", "awful")]).is_empty(), "no such choice");
        assert!(matches!(message(&node, "dora", &[("id", "a-4")]), Err(ExecuteError::Rejected(_))), "not hers to send");
        // What was refused has taken nothing: the key is free for the message that is right.
        assert!(matches!(message(&node, "wu", &[("id", "a-3"), ("gravity", "low")]), Ok(Received::Begun(_))));
        assert_eq!(all(&node).len(), 3);
    });
}
