//! Files of records, as browsers give them and get them back.

mod desk;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::file::FILE_BYTES_MAX;
use engine::ids::InstanceId;

const NAME: &str = "日志 \u{202e}(1).log";
const KIND: &str = "text/plain";

fn sent(desk: &Desk) -> (String, InstanceId) {
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let id = desk.runtime.store().instance_of_number(&number).expect("it reads").expect("it is there");
    (number, id)
}

fn held(desk: &Desk, id: InstanceId) -> Vec<String> {
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    record.files().iter().map(|held| held.file.name.clone()).collect()
}

fn sound(desk: &Desk) {
    let mut found = Vec::new();
    let definitions = |id: &engine::ids::DefinitionId| desk.runtime.definition(id).ok();
    desk.runtime.store().check(&definitions, &mut |finding| found.push(finding)).expect("it reads");
    assert_eq!(found, []);
}

#[actix_web::test]
async fn several_files_are_given_once_and_come_back_as_they_were() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let (path, all): (String, Vec<u8>) =
        (format!("/records/{number}/files"), (0..=255).cycle().take(100_000).collect());
    let mut dora = Browser::of(&desk, "dora").await;
    let files: [(&str, &str, &str, &[u8]); 3] =
        [("files", NAME, KIND, &all), ("files", "x/y.html", "text/html", b"<script>"), ("files", "", "", b"")];
    for _ in 0..2 {
        let answer = dora.post_files(&path, &[], &files).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, &*format!("/records/{number}")), "{}", answer.body);
    }
    assert_eq!(held(&desk, id), ["日志 (1).log", "y.html"], "sent twice, they are there once");
    let page = dora.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("日志 (1).log") && page.contains("98 KB") && page.contains("8 B"), "{page}");
    assert!(page.contains("Added a file: y.html (8 B)"), "the history has it: {page}");

    let got = dora.get(&format!("{path}/0")).await;
    let header =
        |name: &str| got.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((got.status, got.bytes == all, header("content-type")), (200, true, KIND.to_owned()));
    let name = "attachment; filename=\"__ (1).log\"; filename*=UTF-8''%E6%97%A5%E5%BF%97%20%281%29.log";
    assert_eq!(header("content-disposition"), name);
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    for path in [format!("{path}/7"), format!("{path}/x")] {
        assert_eq!(dora.get(&path).await.status, 404);
    }
    let mut bao = Browser::of(&desk, "bao").await;
    assert_eq!(bao.get(&format!("{path}/0")).await.bytes, all, "staff see the record");
    let mut emil = Browser::of(&desk, "emil").await;
    assert_eq!(emil.get(&format!("{path}/0")).await.status, 404, "a stranger to the record");
    assert_eq!(emil.post_files(&path, &[], &files).await.status, 404);
    assert_eq!(emil.post(&format!("{path}/0/remove"), &[]).await.status, 404);
    sound(&desk);
}

#[actix_web::test]
async fn what_is_too_large_or_too_much_is_refused_with_a_sentence() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let path = format!("/records/{number}/files");
    let mut dora = Browser::of(&desk, "dora").await;
    let large = vec![0; FILE_BYTES_MAX as usize + 1];
    let answer = dora.post_files(&path, &[], &[("files", "a.txt", KIND, b"a"), ("files", "b.iso", KIND, &large)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("“b.iso” cannot be taken: has more than 10 MB."), "{}", answer.body);
    assert!(held(&desk, id).is_empty(), "all or none");
    assert_eq!(dora.post_files(&path, &[], &[]).await.status, 422, "no file at all");
    assert_eq!(
        dora.post_files(&path, &[], &[("files", "a", KIND, &large[1..])]).await.status,
        303,
        "as large as may be"
    );
    let names: Vec<String> = (0..50).map(|place| format!("{place}.txt")).collect();
    let many: Vec<(&str, &str, &str, &[u8])> =
        names.iter().map(|name| ("files", &**name, KIND, name.as_bytes())).collect();
    let answer = dora.post_files(&path, &[], &many).await;
    assert!(answer.status == 422 && answer.body.contains("at most 50 files"), "{}", answer.body);
    let flood = vec![0; web::upload::UPLOAD_MAX];
    assert_eq!(dora.post_files(&path, &[], &[("files", "flood", KIND, &flood)]).await.status, 413);
    let mut nobody = Browser::new(&desk);
    assert_eq!(nobody.post_files(&path, &[], &[("files", "a.txt", KIND, b"a")]).await.status, 303, "to sign in");
    let mut forger = Browser::of(&desk, "dora").await;
    forger.forget_token();
    assert_eq!(forger.post_files(&path, &[], &[("files", "a.txt", KIND, b"a")]).await.status, 403);
    assert_eq!(held(&desk, id), ["a"]);
    sound(&desk);
}

#[actix_web::test]
async fn whoever_brought_a_file_or_an_administrator_takes_it_away_and_the_history_keeps_its_name() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let path = format!("/records/{number}/files");
    let (mut dora, mut bao) = (Browser::of(&desk, "dora").await, Browser::of(&desk, "bao").await);
    let files: [(&str, &str, &str, &[u8]); 2] = [("files", "a.txt", KIND, b"one"), ("files", "b.txt", KIND, b"one")];
    assert_eq!(dora.post_files(&path, &[], &files).await.status, 303);
    assert_eq!(bao.post(&format!("{path}/0/remove"), &[]).await.status, 422, "it is not theirs");
    assert!(!bao.get(&format!("/records/{number}")).await.body.contains("/files/0/remove"));
    assert_eq!(dora.post(&format!("{path}/0/remove"), &[]).await.status, 303);
    assert_eq!(dora.get(&format!("{path}/0")).await.status, 404);
    assert_eq!(dora.get(&format!("{path}/1")).await.body, "one", "the same bytes by another name stay");
    assert_eq!(dora.post(&format!("{path}/0/remove"), &[]).await.status, 422, "it is gone already");
    let mut root = Browser::of(&desk, "root").await;
    assert_eq!(root.post(&format!("{path}/1/remove"), &[]).await.status, 303);
    assert!(held(&desk, id).is_empty());
    let page = dora.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("Removed a file: a.txt (3 B)") && page.contains("Added a file: b.txt (3 B)"), "{page}");
    assert_eq!(dora.post_files(&path, &[], &files).await.status, 303, "it may come back");
    assert_eq!(dora.get(&format!("{path}/2")).await.body, "one", "under a number of its own");
    sound(&desk);
}
