//! What machines are answered: tokens that open and tokens that do not, jobs fetched, finished, failed and lost, calls
//! that are made twice, calls that wait.

mod desk;

use std::collections::BTreeSet;

use actix_web::test;
use desk::browser::Browser;
use desk::machine::{Machine, machine};
use desk::{Desk, staffed};
use engine::directory::Standing;
use engine::ids::{InstanceId, Name};
use engine::instance::Status;
use engine::time::MINUTE_MS;
use engine::value::Value as Held;
use serde_json::{Value, json};

/// A process whose one step is a job.
const SCANNING: &str = r#"process scanning "Scan" zh "扫描" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "SCN-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record {
    what    text max 200      "What"     zh "对象"
    found   number            "Found"    zh "数量"
    answer  text optional     "Answer"   zh "答复"
  }
  start by anyone asks what
  job scan "Scan" zh "扫描" with { text: what }, gives found and answer, retries 1 every 5 minutes, no deadline
  end closed "Closed" zh "已关闭"
}
"#;

/// A process whose task, approval and job are due after the holidays that the desk's calendar knows.
const LASTING: &str = r#"process lasting "Last" zh "长期" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "LST-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  hours      "office 09-18 Shanghai"
  roles { staff "Staff" zh "员工" }
  record { what text max 200 "What" zh "对象" }
  start by anyone asks what
  together work "Work" zh "工作" {
    task answer "Answer" zh "答复" for requester, due in 100 working days { outcome done "Done" zh "完成" }
    job scan "Scan" zh "扫描" with { text: what }, due in 100 working days
    way {
      approval consent "Consent" zh "会签" for role staff, due in 100 working days {
        outcome approved "Approved" zh "同意"
        outcome rejected asks reason "Rejected" zh "否决"
        outcome expired "Expired" zh "逾期"
      }
    }
  }
  end closed "Closed" zh "已关闭"
}
"#;

fn name(text: &str) -> Name {
    Name::from(text)
}

/// The desk with two workers and the process.
fn workshop() -> Desk {
    let desk = staffed();
    let (store, now) = (desk.runtime.store(), desk.runtime.now());
    for worker in ["bao", "chen"] {
        let standing = Standing { roles: BTreeSet::from([name("worker")]), ..Standing::default() };
        store.set_standing(&name(worker), &standing, &name("root"), now, "a machine").expect("it is kept");
    }
    desk.runtime.reload_directory().expect("it reads");
    desk.deploy(SCANNING);
    desk
}

fn begin(desk: &Desk) -> InstanceId {
    desk.begin("scanning", "anna", "what", "disks").id()
}

fn code((status, said): &(u16, Value)) -> (u16, &str) {
    (*status, said["error"]["code"].as_str().unwrap_or_default())
}

#[actix_web::test]
async fn a_token_opens_until_it_is_revoked_or_expires_and_only_for_workers() {
    let desk = workshop();
    let asked = json!({ "topics": ["scan"], "lease_seconds": 60 }).to_string();
    assert_eq!(code(&Machine::with(&desk, None).call("fetch", &*asked).await), (401, "token_missing"));
    assert_eq!(code(&Machine::with(&desk, Some("guessed")).call("fetch", &*asked).await), (401, "token_unknown"));
    let mut root = Browser::of(&desk, "root").await;
    for (person, label, days) in [("anna", "x", "1"), ("bao", "", "1"), ("bao", "x", "0"), ("bao", "x", "367")] {
        let form = [("person", person), ("label", label), ("days", days)];
        assert_eq!(root.post("/admin/tokens", &form).await.status, 422, "{form:?}");
    }
    let bao = machine(&desk, "bao").await;
    assert_eq!(bao.call("fetch", &*asked).await, (200, json!({ "jobs": [] })));
    let page = root.get("/admin/tokens").await.body;
    assert!(page.contains("rack 3") && !page.contains("<td>never</td>"), "its use is seen: {page}");
    assert_eq!(root.post("/admin/tokens/1/revoke", &[]).await.status, 303);
    assert_eq!(root.post("/admin/tokens/1/revoke", &[]).await.status, 404, "once");
    assert_eq!(code(&bao.call("fetch", &*asked).await), (401, "token_revoked"));
    let trail = root.get("/admin/audit").await.body;
    assert!(trail.contains("revoked the access token “rack 3” of Bao Wang"), "{trail}");
    let chen = machine(&desk, "chen").await;
    let store = desk.runtime.store();
    store.set_standing(&name("chen"), &Standing::default(), &name("root"), desk.runtime.now(), "off").expect("kept");
    desk.runtime.reload_directory().expect("it reads");
    assert_eq!(code(&chen.call("fetch", &*asked).await), (403, "not_a_worker"));
    let late = machine(&desk, "bao").await;
    desk.clock.set(desk.runtime.now().plus_ms(24 * 60 * MINUTE_MS));
    assert_eq!(code(&late.call("fetch", &*asked).await), (401, "token_expired"));
}

#[actix_web::test]
async fn a_job_is_fetched_by_one_and_done_once_however_often_it_is_said() {
    let desk = workshop();
    let id = begin(&desk);
    let (bao, chen) = (machine(&desk, "bao").await, machine(&desk, "chen").await);
    let [job] = &bao.fetch(10).await[..] else { panic!("one job") };
    assert_eq!(
        (&job["values"], &job["topic"], &job["failures"]),
        (&json!({ "text": "disks" }), &json!("scan"), &json!(0))
    );
    assert!(bao.fetch(10).await.is_empty(), "not even its own worker gets it twice");
    assert!(chen.fetch(10).await.is_empty());
    let job = job["job"].as_str().expect("it has a name");
    let complete = format!("{job}/complete");
    let done = json!({ "values": { "found": 3, "answer": "clean" } }).to_string();
    assert_eq!(code(&chen.call(&complete, &*done).await), (409, "lease_lost"));
    for (values, field) in [
        (json!({ "found": "many" }), "found"),
        (json!({ "found": 3, "what": "tapes" }), "what"),
        (json!({ "found": 3, "colour": "red" }), "colour"),
        (json!({ "answer": "clean" }), "found"),
    ] {
        let (status, said) = bao.call(&complete, json!({ "values": values }).to_string()).await;
        assert_eq!((status, &said["error"]["fields"][0]["field"]), (422, &json!(field)), "{said}");
    }
    assert_eq!(bao.call(&complete, &*done).await, (200, json!({ "repeated": false })));
    assert_eq!(bao.call(&complete, &*done).await, (200, json!({ "repeated": true })), "an answer that was lost");
    assert_eq!(code(&chen.call(&complete, &*done).await), (409, "lease_lost"));
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    assert!(matches!(record.status(), Status::Ended { .. }));
    assert_eq!(record.fields().get("answer"), Some(&Held::Text("clean".into())));
}

#[actix_web::test]
async fn a_job_that_failed_is_there_again_and_at_last_becomes_a_repair() {
    let desk = workshop();
    let id = begin(&desk);
    let bao = machine(&desk, "bao").await;
    let fail = json!({ "problem": "the scanner is cold" }).to_string();
    let first = bao.fetch(1).await;
    let job = first[0]["job"].as_str().expect("it has a name");
    assert_eq!(code(&bao.call(&format!("{job}/fail"), "{}").await), (400, "not_readable"));
    assert_eq!(code(&bao.call(&format!("{job}/fail"), r#"{"problem": " "}"#).await), (422, "unfit"));
    assert_eq!(bao.call(&format!("{job}/fail"), &*fail).await, (200, json!({ "repeated": false })));
    assert_eq!(bao.call(&format!("{job}/fail"), &*fail).await, (200, json!({ "repeated": true })));
    assert!(bao.fetch(1).await.is_empty(), "not before five minutes");
    desk.clock.set(desk.runtime.now().plus_ms(5 * MINUTE_MS));
    let again = bao.fetch(1).await;
    assert_eq!((&again[0]["job"], &again[0]["failures"]), (&first[0]["job"], &json!(1)));
    assert_eq!(bao.call(&format!("{job}/fail"), &*fail).await.0, 200);
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    let Status::Stuck(repair) = record.status() else { panic!("{:?}", record.status()) };
    assert!(repair.problem.contains("the scanner is cold"));
}

#[actix_web::test]
async fn a_lease_is_extended_given_back_or_lost() {
    let desk = workshop();
    begin(&desk);
    let (bao, chen) = (machine(&desk, "bao").await, machine(&desk, "chen").await);
    let jobs = bao.fetch(1).await;
    let job = jobs[0]["job"].as_str().expect("it has a name").to_owned();
    let (status, said) = bao.call(&format!("{job}/extend"), r#"{"lease_seconds": 600}"#).await;
    assert!(status == 200 && said["lease_until"].as_str() > jobs[0]["lease_until"].as_str(), "{said}");
    desk.clock.set(desk.runtime.now().plus_ms(5 * MINUTE_MS));
    assert!(chen.fetch(1).await.is_empty());
    assert_eq!(bao.call(&format!("{job}/return"), "{}").await, (200, json!({})));
    assert_eq!(code(&bao.call(&format!("{job}/return"), "{}").await), (409, "lease_lost"));
    assert_eq!(chen.fetch(1).await[0]["job"], json!(job));
    desk.clock.set(desk.runtime.now().plus_ms(2 * MINUTE_MS));
    assert_eq!(bao.fetch(1).await[0]["job"], json!(job), "the lease of the other is over");
    let late = chen.call(&format!("{job}/complete"), r#"{"values": {"found": 1}}"#).await;
    assert_eq!(code(&late), (409, "lease_lost"));
    assert!(late.1["error"]["message"].as_str().is_some_and(|text| text.contains("Bao Wang")), "{}", late.1);
}

#[actix_web::test]
async fn what_is_not_there_or_not_readable_is_said_in_json_and_in_the_callers_language() {
    let desk = workshop();
    begin(&desk);
    let mut bao = machine(&desk, "bao").await;
    let job = bao.fetch(1).await[0]["job"].as_str().expect("it has a name").to_owned();
    let instance = job.split('-').next().expect("two parts");
    for unknown in ["1-1/complete", "x/complete", &format!("{instance}-77/complete"), "no/such/thing"] {
        assert_eq!(code(&bao.call(unknown, r#"{"values": {}}"#).await), (404, "not_found"), "{unknown}");
    }
    for unknown in ["1-1/return", &format!("{instance}-77/return")] {
        assert_eq!(code(&bao.call(unknown, "{}").await), (404, "not_found"), "{unknown}");
    }
    assert_eq!(code(&bao.call("fetch", "{").await), (400, "not_readable"));
    assert_eq!(code(&bao.call("fetch", r#"{"topics": ["scan"], "lease_seconds": 60, "more": 1}"#).await).0, 400);
    for limits in [
        json!({ "topics": [], "lease_seconds": 60 }),
        json!({ "topics": ["scan"], "lease_seconds": 0 }),
        json!({ "topics": ["scan"], "lease_seconds": 60, "count": 33 }),
        json!({ "topics": ["scan"], "lease_seconds": 60, "wait_seconds": 31 }),
    ] {
        assert_eq!(code(&bao.call("fetch", limits.to_string()).await), (422, "unfit"), "{limits}");
    }
    assert_eq!(code(&bao.call("fetch", " ".repeat(300 * 1024)).await), (413, "too_large"));
    let get = test::TestRequest::get().uri("/api/v1/jobs/fetch");
    assert_eq!(code(&bao.send(get).await), (405, "method_not_allowed"));
    bao.language = "zh-CN";
    let (_, said) = bao.call("1-1/complete", r#"{"values": {}}"#).await;
    assert_eq!(said["error"]["message"], json!("该地址没有内容。"));
}

#[actix_web::test]
async fn a_call_that_waits_is_woken_by_a_job_and_one_that_finds_none_comes_back() {
    let desk = workshop();
    let bao = machine(&desk, "bao").await;
    let wait = |seconds: u32| json!({ "topics": ["scan"], "lease_seconds": 60, "wait_seconds": seconds }).to_string();
    assert_eq!(bao.call("fetch", wait(1)).await, (200, json!({ "jobs": [] })));
    let begun = async {
        // The call is polled first, and is waiting when the record begins.
        actix_web::rt::task::yield_now().await;
        begin(&desk)
    };
    let ((status, said), _) = tokio::join!(bao.call("fetch", wait(30)), begun);
    assert_eq!((status, said["jobs"].as_array().map(Vec::len)), (200, Some(1)), "{said}");
}

#[actix_web::test]
async fn a_message_begins_a_record_once() {
    let desk = workshop();
    let source = SCANNING.replacen("start by anyone asks what", "start by anyone asks what\n  start on message alert from role worker once per message.id sets what = message.title", 1);
    let source = source.replacen("process scanning", "process alerts", 1).replacen("SCN-", "ALT-", 1);
    let source =
        source.replacen("staff \"Staff\" zh \"员工\"", "staff \"Staff\" zh \"员工\" worker \"Worker\" zh \"程序\"", 1);
    desk.deploy(&source);
    let bao = machine(&desk, "bao").await;
    let alert = |id: &str, title: Value| {
        json!({ "process": "alerts", "message": "alert", "values": { "id": id, "title": title } }).to_string()
    };
    let (status, said) = bao.post("messages", alert("a-1", json!("disk full"))).await;
    assert_eq!((status, &said["repeated"]), (200, &json!(false)), "{said}");
    let again = bao.post("messages", alert("a-1", json!("disk still full"))).await;
    assert_eq!(again, (200, json!({ "record": said["record"], "repeated": true })));
    let other = bao.post("messages", alert("a-2", json!("disk full"))).await;
    assert!(other.0 == 200 && other.1["record"] != said["record"], "{other:?}");

    assert_eq!(code(&bao.post("messages", alert("a-3", json!(7))).await), (422, "unfit"), "a title is a text");
    let nowhere = json!({ "process": "nothing", "message": "alert" }).to_string();
    assert_eq!(code(&bao.post("messages", nowhere).await), (404, "not_found"));
    let unheard = json!({ "process": "alerts", "message": "rumour" }).to_string();
    assert_eq!(code(&bao.post("messages", unheard).await), (409, "refused"));
    assert_eq!(code(&bao.post("messages", "{}").await), (400, "not_readable"));
    let nobody = Machine::with(&desk, None);
    assert_eq!(code(&nobody.post("messages", alert("a-4", json!("x"))).await), (401, "token_missing"));
}

#[actix_web::test]
async fn a_deadline_past_the_published_holidays_is_provisional_on_pages_and_to_programs_until_they_are_published() {
    let desk = workshop();
    let office = name("office_09_18_shanghai");
    let mut data = desk.runtime.directory().calendar(&name("office")).expect("it is kept").data().clone();
    desk.runtime.store().put_calendar(&office, &data, &name("root"), desk.runtime.now()).expect("it is kept");
    desk.runtime.reload_directory().expect("it reads");
    desk.deploy(LASTING);
    let number = desk.begin("lasting", "anna", "what", "a survey").number().to_owned();
    let (answer, consent) = (desk.task(&number, "answer"), desk.task(&number, "consent"));
    let mut anna = Browser::of(&desk, "anna").await;
    let bao = machine(&desk, "bao").await;
    let due = bao.fetch(1).await.remove(0);
    assert!(due["due"].as_str().is_some_and(|due| due.starts_with("2027-")), "{due}");
    assert_eq!(due["due_provisional"], true);
    let record = format!("/records/{number}");
    for page in [answer.as_str(), &consent, "/portal", "/inbox", &record] {
        let body = anna.get(page).await.body;
        assert!(body.contains("provisional"), "{page}: {body}");
    }

    data.known_until = Some("2027-12-31".to_owned());
    let reason = "the holidays of 2027 are published".to_owned();
    desk.runtime.load_calendar(&office, &data, &name("root"), reason).expect("root runs the desk");
    desk.clock.set(desk.runtime.now().plus_ms(2 * MINUTE_MS));
    while desk.runtime.work_on_batch().expect("the store works") > 0 {}
    for page in [answer.as_str(), &consent, "/portal", "/inbox", &record] {
        let body = anna.get(page).await.body;
        assert!(body.contains(&number) && !body.contains("provisional"), "{page}: {body}");
    }
    assert_eq!(bao.fetch(1).await.remove(0)["due_provisional"], false, "its lease was over");
}

#[actix_web::test]
async fn a_table_goes_out_and_comes_in_as_a_list_of_objects() {
    let desk = workshop();
    let table = "rows { disk text max 9 \"Disk\" zh \"磁盘\"  size number optional \"Size\" zh \"容量\" } optional";
    let source = SCANNING.replacen("answer  text optional ", &format!("answer  {table} "), 1);
    let source = source.replacen(
        "end closed",
        "job show \"Show\" zh \"展示\" with { table: answer }, no deadline\n  end closed",
        1,
    );
    desk.deploy(&source);
    begin(&desk);
    let bao = machine(&desk, "bao").await;
    let complete = format!("{}/complete", bao.fetch(1).await[0]["job"].as_str().expect("it has a name"));
    let answer = |rows: Value| json!({ "values": { "found": 2, "answer": rows } }).to_string();
    for wrong in [
        json!("sda"),
        json!(["sda"]),
        json!([{ "size": 2 }]),
        json!([{ "disk": "sda", "maker": "x" }]),
        json!([{ "disk": "0123456789" }]),
    ] {
        let (status, said) = bao.call(&complete, answer(wrong.clone())).await;
        assert_eq!((status, &said["error"]["fields"][0]["field"]), (422, &json!("answer")), "{wrong}: {said}");
    }
    let rows = json!([{ "disk": "sda", "size": 2 }, { "disk": "sdb" }]);
    assert_eq!(bao.call(&complete, answer(rows.clone())).await, (200, json!({ "repeated": false })));
    let asked = json!({ "topics": ["show"], "lease_seconds": 60 }).to_string();
    assert_eq!(bao.call("fetch", asked).await.1["jobs"][0]["values"]["table"], rows);
}

#[actix_web::test]
async fn files_come_and_go_in_base64_for_whoever_has_the_job() {
    let desk = workshop();
    let source = SCANNING.replacen("answer  text optional ", "answer  file optional seen by role staff ", 1).replacen(
        "end closed",
        "job show \"Show\" zh \"展示\" with { file: answer }, no deadline\n  end closed",
        1,
    );
    desk.deploy(&source);
    let id = begin(&desk);
    let (bao, chen) = (machine(&desk, "bao").await, machine(&desk, "chen").await);
    let job = bao.fetch(1).await[0]["job"].as_str().expect("it has a name").to_owned();
    let log = json!({ "name": "log.txt", "media_type": "text/plain", "base64": "bm8gcm91dGU=" });
    let hash = "e5eae2271d99a903262720aaf811259bba72983069db9fdd2f7961b82b749b57";
    for _ in 0..2 {
        let said = bao.call(&format!("{job}/attach"), log.to_string()).await;
        assert_eq!(said, (200, json!({ "sha256": hash, "size": 8 })));
    }
    let wanted = json!({ "sha256": hash }).to_string();
    let whole =
        json!({ "name": "log.txt", "media_type": "text/plain", "size": 8, "sha256": hash, "base64": "bm8gcm91dGU=" });
    assert_eq!(bao.call(&format!("{job}/file"), &*wanted).await, (200, whole));
    let refused = chen.call(&format!("{job}/file"), &*wanted).await;
    assert_eq!(code(&refused), (409, "lease_lost"), "the job is another one's");
    assert_eq!(code(&chen.call(&format!("{job}/attach"), log.to_string()).await), (409, "lease_lost"));
    assert_eq!(code(&bao.call(&format!("{job}/file"), r#"{"sha256": "x"}"#).await), (404, "not_found"));
    for unread in [json!({ "name": "x", "base64": "*" }), json!({ "name": "x" }), json!({ "base64": "" })] {
        let refused = bao.call(&format!("{job}/attach"), unread.to_string()).await;
        assert_eq!(code(&refused), (400, "not_readable"), "{unread}");
    }
    let program = json!({ "name": "scan.log", "base64": "TVqQAAMAAAA=" }).to_string();
    let refused = bao.call(&format!("{job}/attach"), program).await;
    let why = "its content is not that of a .log file; it looks like a .exe file";
    assert!(code(&refused) == (422, "unfit") && refused.1.to_string().contains(why), "{}", refused.1);
    let large = |bytes: usize| json!({ "name": "b.iso", "base64": "AAAA".repeat(bytes.div_ceil(3)) }).to_string();
    assert_eq!(code(&bao.call(&format!("{job}/attach"), large(11 * 1024 * 1024)).await), (422, "unfit"));
    assert_eq!(code(&bao.call(&format!("{job}/attach"), large(14 * 1024 * 1024)).await), (413, "too_large"));
    let nobody = Machine::with(&desk, Some("guessed"));
    assert_eq!(code(&nobody.call(&format!("{job}/attach"), large(1024 * 1024)).await), (401, "token_unknown"));

    let answer = |file: Value| json!({ "values": { "found": 1, "answer": file } }).to_string();
    let (status, said) = bao.call(&format!("{job}/complete"), answer(json!({ "sha256": hash }))).await;
    assert_eq!(
        (status, &said["error"]["fields"][0]["field"]),
        (422, &json!("answer")),
        "not without its bytes: {said}"
    );
    let report = json!({ "name": "r.txt", "base64": "YWFh".repeat(200_000) });
    let done = bao.call(&format!("{job}/complete"), answer(report)).await;
    assert_eq!(done, (200, json!({ "repeated": false })));
    let asked = json!({ "topics": ["show"], "lease_seconds": 60 }).to_string();
    let (_, given) = bao.call("fetch", asked).await;
    let next = given["jobs"][0]["job"].as_str().expect("it has a name").to_owned();
    let file = &given["jobs"][0]["values"]["file"];
    assert_eq!((&file["name"], &file["size"]), (&json!("r.txt"), &json!(600_000)));
    let wanted = json!({ "sha256": file["sha256"] }).to_string();
    let (status, said) = bao.call(&format!("{next}/file"), wanted).await;
    assert!(status == 200 && said["base64"] == json!("YWFh".repeat(200_000)), "what the job is given, its worker gets");
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    assert_eq!(record.files().len(), 2);
}
