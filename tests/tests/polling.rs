//! What another process writes is done by a server that nobody tells of it: it looks. A SQLite file tells nobody
//! anything; on PostgreSQL the words between nodes are lost on the way.

use std::sync::Arc;
use std::time::Duration;

use engine::ids::Name;
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

/// An effect and a timer of a process that takes the command and performs nothing.
fn done_elsewhere(office: &Runtime) {
    let began = office.now();
    let fields = Fields::from([
        (Name::from("what"), Value::Text("the errand".into())),
        (Name::from("ready"), Value::Instant(began.plus_ms(1_000))),
    ]);
    let order = StartOrder { process: Name::from("errand"), by: Name::from("anna"), on_behalf_of: None, fields };
    office.start(order).expect("anyone may start");
    let told = || {
        let all = office.store().notifications(&Name::from("anna"), 10).expect("it reads");
        all.into_iter().filter(|notice| notice.at >= began).collect::<Vec<_>>()
    };
    while told().len() < 2 {
        assert!(office.now().since_ms(began) < LOOKS_MS, "the server does not look: {:?}", told());
        // It is another process, with nothing to wait on from here.
        std::thread::park_timeout(Duration::from_millis(10));
    }
    let mut told: Vec<String> = told().into_iter().map(|notice| notice.text.en).collect();
    told.sort();
    assert_eq!(told, ["the errand has begun", "the errand is over"]);
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
    // What comes when the node has begun to look, and something after that.
    done_elsewhere(&office);
    done_elsewhere(&office);
    assert!(line.lost() > 0, "the server has tried to listen");
}
