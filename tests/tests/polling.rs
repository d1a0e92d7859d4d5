//! What another process writes is done by a server that nobody tells of it: it looks. A SQLite file tells nobody
//! anything; on PostgreSQL the words between nodes are lost on the way.

use std::sync::Arc;
use std::time::Duration;

use engine::ids::Name;
use engine::time::HOUR_MS;
use engine::value::{Fields, Value};
use runtime::{Runtime, StartOrder, SystemClock};
use store::Place;
use tests::{Database, DeafLine, Scratch, Server, organisation, organisation_at};

/// Tells its requester at once, waits for an instant, tells again.
const ERRAND: &str = r#"process errand "Errand" zh "差事" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "ERR-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record {
    what   text max 200  "What"   zh "内容"
    ready  instant       "Ready"  zh "时刻"
  }
  start by anyone asks what, ready
  notify requester with template begun
  wait until ready
  notify requester with template over
  end closed "Closed" zh "已关闭"
}
notice begun "{what} has begun" zh "{what}已开始"
notice over "{what} is over" zh "{what}已结束"
"#;

/// Within what a server must have seen what another process has written and what has come due since, in milliseconds.
const LOOKS_MS: i64 = 10_000;

/// How many errands are begun one after the other: the first may come while a server looks for other reasons.
const ERRANDS: usize = 5;

/// Begins an errand in a process that takes the command and performs nothing, and waits until all this is told of it.
fn told(office: &Runtime, what: &str, ready_ms: i64, expected: &[&str]) {
    let began = office.now();
    let fields = Fields::from([
        (Name::from("what"), Value::Text(what.to_owned())),
        (Name::from("ready"), Value::Instant(began.plus_ms(ready_ms))),
    ]);
    let order = StartOrder { process: Name::from("errand"), by: Name::from("anna"), on_behalf_of: None, fields };
    let number = office.start(order).expect("anyone may start").instance.number().to_owned();
    loop {
        let all = office.store().notifications(&Name::from("anna"), 100).expect("it reads");
        let of_it = all.into_iter().filter(|notice| notice.link.ends_with(&number));
        let mut said: Vec<String> = of_it.map(|notice| notice.text.en).collect();
        said.sort();
        if said == expected {
            return;
        }
        assert!(office.now().since_ms(began) < LOOKS_MS, "the server does not look: {said:?}");
        // It is another process, with nothing to wait on from here.
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Effects, each when the server has nothing else to do; then an effect and a timer.
fn done_elsewhere(office: &Runtime) {
    for nth in 0..ERRANDS {
        let what = format!("errand {nth}");
        told(office, &what, HOUR_MS, &[&format!("{what} has begun")]);
    }
    told(office, "the last", 1_000, &["the last has begun", "the last is over"]);
}

#[test]
fn a_file_that_tells_nobody_is_looked_at() {
    let scratch = Scratch::new("polling");
    let office = organisation(&scratch, Arc::new(SystemClock));
    tests::deploy(&office, ERRAND);
    let _server = Server::start("serve", scratch.path());
    done_elsewhere(&office);
}

#[test]
fn a_server_database_is_looked_at_where_no_word_of_other_nodes_comes_through() {
    let database = Database::new("polling");
    let office = organisation_at(&Place::from(database.url()), Arc::new(SystemClock));
    tests::deploy(&office, ERRAND);
    let line = DeafLine::to(&database);
    let _server = Server::start("serve", line.path());
    done_elsewhere(&office);
    assert!(line.lost() > 0, "the server has tried to listen");
}
