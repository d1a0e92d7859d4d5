//! The database goes away and comes back beneath a running server: people are told, nothing that was answered is lost, and
//! all goes on by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::ids::Name;
use engine::instance::Status;
use engine::value::{Fields, Value};
use runtime::{Clock, Runtime, StartOrder, SystemClock};
use store::Store;
use tests::{Answer, Browserless, Database, Server, deploy, doctor_finds_nothing};

/// Waits for an instant.
const ERRAND: &str = r#"process errand "Errand" zh "差事" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "ERR-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record {
    what   text max 200  "What"   zh "事项"
    ready  instant       "Ready"  zh "时刻"
  }
  start by anyone asks what, ready
  wait until ready
  end closed "Closed" zh "已关闭"
}
"#;

/// How soon after its beginning an errand is ready: the database is gone by then.
const READY_MS: i64 = 3_000;
/// Within what a server that is back must have done what came due meanwhile.
const DONE: Duration = Duration::from_secs(10);

fn report(visitor: &mut Browserless, token: &str, summary: &str) -> Answer {
    let form = [("_token", token), ("summary", summary), ("service", "vpn"), ("impact", "low"), ("urgency", "low")];
    visitor.post("/portal/report", &form).expect("the server answers")
}

/// The number in the address to which a report leads.
fn number(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let place = answer.location.as_deref().expect("a report leads somewhere");
    place.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned()
}

#[test]
fn a_database_that_is_away_is_said_and_all_goes_on_when_it_is_back() {
    let mut database = Database::on_own_server("outage");
    let server = Server::start("demo", database.path());
    let mut visitor = Browserless::at(&server.address);
    visitor.sign_in("chenjie", &server.password_of("chenjie")).expect("the server answers");
    let token = visitor.get("/portal/report").expect("the server answers").field("_token").expect("it has a token");
    let before = number(&report(&mut visitor, &token, "before"));

    let store = Store::open(database.url()).expect("the store opens");
    let office = Runtime::open(store.clone(), Arc::new(SystemClock)).expect("the registers are readable");
    deploy(&office, ERRAND);
    let by = store.people().expect("it reads").first().expect("the demo has people").id.clone();
    let ready = office.now().plus_ms(READY_MS);
    let what = Value::Text("the errand".into());
    let fields = Fields::from([(Name::from("what"), what), (Name::from("ready"), Value::Instant(ready))]);
    let order = StartOrder { process: Name::from("errand"), by, on_behalf_of: None, fields };
    let errand = office.start(order).expect("anyone may start").instance.id();
    drop((office, store));

    database.stop();
    let clear = |refused: &Answer, said: [&str; 2]| {
        assert_eq!(refused.status, 503, "{}", refused.body);
        said.iter().for_each(|said| assert!(refused.body.contains(said), "{said}: {}", refused.body));
    };
    let chinese = ["暂时无法连接数据库", "您的操作没有生效。请稍后再试"];
    let english = ["The database cannot be reached", "nothing was changed. Please try again later"];
    clear(&report(&mut visitor, &token, "meanwhile"), chinese);
    clear(&report(&mut visitor.reading("en"), &token, "meanwhile"), english);
    clear(&visitor.get(&format!("/records/{before}")).expect("the server answers"), chinese);
    while SystemClock.now() < ready {
        // What is due must have come due while the database is away.
        std::thread::park_timeout(Duration::from_millis(10));
    }

    database.resume();
    let back = Instant::now();
    let store = Store::open(database.url()).expect("it is back");
    let ended = || {
        let record = store.load(errand).expect("it reads").expect("it was answered").instance;
        matches!(record.status(), Status::Ended { .. })
    };
    while !ended() {
        assert!(back.elapsed() < DONE, "the timer waits: {:?}", store.load(errand));
        std::thread::park_timeout(Duration::from_millis(10));
    }
    let page = visitor.get(&format!("/records/{before}")).expect("the server answers");
    assert_eq!(page.status, 200, "the session goes on: {}", page.body);
    let after = number(&report(&mut visitor, &token, "after"));
    assert_ne!(before, after);
    for number in [&before, &after] {
        assert!(store.instance_of_number(number).expect("it reads").is_some(), "{number} was answered");
    }
    let meanwhile = store.cases(&store::CaseQuery { limit: 10, ..store::CaseQuery::default() }).expect("it reads");
    assert!(meanwhile.iter().all(|case| case.title != "meanwhile"), "what was refused was not done: {meanwhile:?}");
    drop(server);
    doctor_finds_nothing(database.path());
}
