//! No room for the database: writes are refused, pages still read, nothing that was answered is lost, and work goes on
//! when there is room again. The room is a limit on the size of files that the server's own process gets.

use std::process::Command;

use store::Store;
use tests::{Answer, Browserless, Scratch, Server, executable};

/// How much room is left, in bytes.
const ROOM: u64 = 300_000;
/// More reports than there is room for.
const REPORTS_MAX: usize = 2_000;

/// Reports an incident; gives the number of the record, or what is answered in its place.
fn report(visitor: &mut Browserless, summary: &str) -> Result<String, Answer> {
    let form = visitor.get("/portal/report").expect("the server answers");
    let token = form.field("_token").expect("the form carries a token");
    let form =
        [("_token", token.as_str()), ("summary", summary), ("service", "vpn"), ("impact", "low"), ("urgency", "low")];
    let answer = visitor.post("/portal/report", &form).expect("the server answers");
    let number = answer.location.as_deref().and_then(|place| place.split('?').next()?.rsplit('/').next());
    match number {
        Some(number) if answer.status == 303 => Ok(number.to_owned()),
        Some(_) | None => Err(answer),
    }
}

fn limit(server: &Server, bytes: &str) {
    let done = Command::new("prlimit")
        .args(["--pid", &server.pid().to_string(), &format!("--fsize={bytes}:")])
        .status()
        .expect("prlimit is a part of util-linux");
    assert!(done.success());
}

#[test]
fn without_room_writes_are_refused_and_nothing_that_was_answered_is_lost() {
    let scratch = Scratch::new("disk-full");
    let data = scratch.path().join("data");
    // Who makes the demo and goes leaves a database without a log beside it, so that both begin at their size.
    let made = Command::new(executable())
        .args(["demo", "--prepare", "--months", "2", "--data"])
        .arg(&data)
        .output()
        .expect("it runs");
    let told = String::from_utf8(made.stdout).expect("it is text");
    let mut words = told.lines().map(str::split_whitespace).find(|words| words.clone().next() == Some("chenjie"));
    let password = words.as_mut().and_then(|words| words.nth(1)).expect("it tells the password");
    // A signal that is ignored stays ignored in what is started: the write fails, as on a full disk.
    let server = Server::start_ignoring_size_signal("demo", &data);
    let mut visitor = Browserless::at(&server.address);
    visitor.sign_in("chenjie", password).expect("the server answers");
    let sizes = ["tiaoli.sqlite", "tiaoli.sqlite-wal"]
        .map(|name| std::fs::metadata(data.join(name)).map_or(0, |file| file.len()));
    limit(&server, &(sizes.into_iter().max().unwrap_or(0) + ROOM).to_string());
    let mut answered = Vec::new();
    let refused = (0..REPORTS_MAX).find_map(|turn| match report(&mut visitor, &format!("full {turn}")) {
        Ok(number) => {
            answered.push(number);
            None
        }
        Err(refused) => Some(refused),
    });
    let refused = refused.unwrap_or_else(|| panic!("after {} reports there is room", answered.len()));
    assert_eq!(refused.status, 503, "{}", refused.body);
    for said in ["暂时无法保存", "您的操作没有生效。请稍后再试"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    let refused = report(&mut visitor.reading("en"), "full once more").expect_err("there is no room");
    assert_eq!(refused.status, 503, "{}", refused.body);
    for said in ["Nothing can be saved just now", "Nothing was changed. Please try again later"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    assert!(!answered.is_empty(), "there was some room");
    let page = visitor.get(&format!("/records/{}", answered[0])).expect("the server answers");
    assert_eq!(page.status, 200, "what is there can be read");
    limit(&server, "unlimited");
    answered.push(report(&mut visitor, "there is room again").expect("work goes on without a restart"));
    server.kill();
    let store = Store::open(&data).expect("the store opens");
    for number in &answered {
        assert!(
            store.instance_of_number(number).expect("readable").is_some(),
            "{number} was answered and is not there"
        );
    }
    drop(store);
    let doctor = Command::new(executable()).arg("doctor").arg("--data").arg(&data).output().expect("it runs");
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}
