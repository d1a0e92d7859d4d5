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

#[actix_web::test]
async fn several_files_are_given_once_and_come_back_as_they_were() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let (path, all): (String, Vec<u8>) =
        (format!("/records/{number}/files"), (b' '..=b'~').cycle().take(100_000).collect());
    let mut dora = Browser::of(&desk, "dora").await;
    let files: [(&str, &str, &str, &[u8]); 3] =
        [("files", NAME, KIND, &all), ("files", "x/y.txt", "text/html", b"as ever."), ("files", "", "", b"")];
    for _ in 0..2 {
        let answer = dora.post_files(&path, &[], &files).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, &*format!("/records/{number}")), "{}", answer.body);
    }
    assert_eq!(held(&desk, id), ["日志 (1).log", "y.txt"], "sent twice, they are there once");
    let page = dora.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("日志 (1).log") && page.contains("98 KB") && page.contains("8 B"), "{page}");
    assert!(page.contains("Added a file: y.txt (8 B)"), "the history has it: {page}");

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
    desk.is_sound();
}

#[actix_web::test]
async fn what_is_too_large_or_too_much_is_refused_with_a_sentence() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let path = format!("/records/{number}/files");
    let mut dora = Browser::of(&desk, "dora").await;
    let large = vec![b' '; FILE_BYTES_MAX as usize + 1];
    let answer = dora.post_files(&path, &[], &[("files", "a.txt", KIND, b"a"), ("files", "b.iso", KIND, &large)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("“b.iso” cannot be taken: has more than 10 MB."), "{}", answer.body);
    assert!(held(&desk, id).is_empty(), "all or none");
    let none = dora.post_files(&path, &[], &[("files", "", "", b"")]).await;
    assert!(none.status == 422 && none.body.contains("Choose at least one file."), "{}", none.body);
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
    desk.is_sound();
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
    desk.is_sound();
}

/// An archive as zip with an entry of this name, stored as it is.
fn package(entries: &[(&str, &str)]) -> Vec<u8> {
    let entry = |(name, content): &(&str, &str)| {
        let head = [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0\x04\0\0\0"[..], &[name.len() as u8, 0, 0, 0]]
            .concat();
        [&head, name.as_bytes(), content.as_bytes()].concat()
    };
    entries.iter().flat_map(entry).collect()
}

/// A compound file with these names, as far as anybody looks.
fn compound(names: &[&str]) -> Vec<u8> {
    let wide = |name: &&str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let names = names.iter().flat_map(wide);
    [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].into_iter().chain([0; 504]).chain(names).collect()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'>";

#[actix_web::test]
async fn files_of_the_allowed_kinds_are_taken_whatever_the_letters_of_their_ending() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let word = package(&[("[Content_Types].xml", ""), ("word/document.xml", "")]);
    let sheet = package(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet")]);
    let (doc, picture) = (compound(&["Root Entry", "WordDocument"]), format!("{SVG}<a href='#x'/></svg>"));
    let taken: [(&str, &[u8]); 23] = [
        ("a.PNG", PNG),
        ("a.jpeg", b"\xff\xd8\xff\xe0"),
        ("a.gif", b"GIF89a"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.docx", &word),
        ("a.ods", &sheet),
        ("a.doc", &doc),
        ("a.rtf", b"{\\rtf1 x}"),
        ("a.svg", picture.as_bytes()),
        ("a.xml", b"<?xml version='1.0'?><project><script>x</script></project>"),
        ("a.json", br#"{"a": [1, 2]}"#),
        ("utf8.csv", "\u{feff}编号,标题\r\n1,\"a, b\"".as_bytes()),
        ("gbk.csv", b"\xb1\xe0\xba\xc5,1"),
        ("utf16.txt", b"\xff\xfea\0b\0"),
        ("a.log", b"\x1b[31mfailed\x1b[0m\n"),
        ("syslog.1", b"line"),
        ("messages", b""),
        ("a.eml", b"Received: by x\r\n\twith y\r\nSubject: No mail\r\n\r\n\xe9"),
        ("a.zip", &word),
        ("a.tar.gz", b"\x1f\x8b\x08\0"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c"),
        ("a.md", "# 步骤".as_bytes()),
        ("a.yml", b"a: 1"),
    ];
    let sent: Vec<Part<'_>> = taken.iter().map(|(name, bytes)| ("files", *name, "", *bytes)).collect();
    let mut dora = Browser::of(&desk, "dora").await;
    let answer = dora.post_files(&format!("/records/{number}/files"), &[], &sent).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(held(&desk, id), taken.map(|(name, _)| name));
    desk.is_sound();
}

#[actix_web::test]
async fn files_whose_content_is_not_that_of_their_ending_are_refused_with_what_is_wrong() {
    let desk = staffed();
    let (number, id) = sent(&desk);
    let path = format!("/records/{number}/files");
    let (empty, msi) = (package(&[("a.txt", "")]), compound(&["Root Entry", "Property"]));
    let macros = package(&[("[Content_Types].xml", ""), ("word/document.xml", ""), ("word/vbaProject.bin", "")]);
    let old_macros = compound(&["Workbook", "_VBA_PROJECT"]);
    let drawn = |inside: &str| format!("{SVG}{inside}</svg>");
    let pictures = [
        "<script/>",
        "<g onload='x()'/>",
        "<a href='java&#115;cript:x()'/>",
        "<foreignObject/>",
        "<image href='data:image/svg+xml,x'/>",
        "<a href='data:text/html,x'/>",
    ]
    .map(drawn);
    let entity = format!("<!DOCTYPE svg [<!ENTITY x 'y'>]>{SVG}</svg>");
    let active = "it contains a script or a macro, or is a web page";
    let mut refused: Vec<(&str, &[u8], &str)> = vec![
        ("setup.exe", EXE, "files ending in .exe are not accepted. Accepted are pictures, PDF"),
        ("page.html", b"<p>", "files ending in .html are not accepted"),
        ("run.sh", b"#!/bin/sh", "files ending in .sh are not accepted"),
        ("sheet.xlsm", &macros, "files ending in .xlsm are not accepted"),
        ("blob", EXE, "it has no file extension and is not plain text"),
        ("photo.png", EXE, "its content is not that of a .png file; it looks like a .exe file"),
        ("photo.jpg", PNG, "its content is not that of a .jpg file; it looks like a .png file"),
        ("a.pdf", b"no PDF", "its content is not that of a .pdf file."),
        ("a.docx", &empty, "its content is not that of a .docx file; it looks like a .zip file"),
        ("a.odt", &empty, "its content is not that of a .odt file"),
        ("a.doc", &msi, "its content is not that of a .doc file"),
        ("a.docx", &macros, active),
        ("a.xls", &old_macros, active),
        ("a.rtf", b"{\\rtf1 {\\object\\objdata 00}}", active),
        ("a.log", EXE, "its content is not that of a .log file; it looks like a .exe file"),
        ("a.csv", b"a\0b", "it is not valid text. Save it as UTF-8"),
        ("a.txt", b"\xff\xff\xff", "it is not valid text"),
        ("a.txt", b"  <!DOCTYPE html><p>", active),
        ("a.txt", b"#!/bin/sh\nrm", active),
        ("notes", b"<script>", active),
        ("a.json", b"{", "its content is not that of a .json file"),
        ("a.xml", b"<a><b></a>", "its content is not that of a .xml file"),
        ("a.xml", b"<a>", "its content is not that of a .xml file"),
        ("a.xml", b"<html><p/></html>", active),
        ("a.svg", b"<a/>", "its content is not that of a .svg file"),
        ("a.svg", entity.as_bytes(), active),
        ("a.eml", b"Dear all,\n\nhello", "its content is not that of a .eml file"),
        ("a.zip", b"7z\xbc\xaf\x27\x1c", "its content is not that of a .zip file; it looks like a .7z file"),
    ];
    refused.extend(pictures.iter().map(|picture| ("a.svg", picture.as_bytes(), active)));
    let mut dora = Browser::of(&desk, "dora").await;
    for (name, bytes, why) in refused {
        let good: Part<'_> = ("files", "good.txt", KIND, b"good");
        let answer = dora.post_files(&path, &[], &[good, ("files", name, "image/png", bytes)]).await;
        let said = format!("“{name}” cannot be taken: {why}");
        assert!(answer.status == 422 && answer.body.contains(&said), "{name} {said}: {}", answer.body);
    }
    dora.speak("zh-CN");
    let answer = dora.post_files(&path, &[], &[("files", "照片.png", "image/png", EXE)]).await;
    assert!(
        answer.body.contains("无法接收“照片.png”：文件内容与扩展名 .png 不符，看起来是 .exe 文件"),
        "{}",
        answer.body
    );
    assert!(held(&desk, id).is_empty(), "all or none");
}

const PAPERS: &str = r#"process papers "Papers" zh "文件" {
  owner      staff
  number     "PAP-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" service_desk "Desk" zh "服务台" }
  record {
    what    text max 200                         "What"    zh "内容"
    report  file                                 "Report"  zh "报告"
    papers  many file optional                   "Papers"  zh "附件"
    secret  file optional seen by role service_desk "Secret" zh "机密"
    other   file optional                        "Other"   zh "其他"
  }
  start by anyone asks what
  task write "Write" zh "撰写" for role staff {
    asks report, papers, secret
    outcome again "Again" zh "再来" -> write
    outcome copy "Copy" zh "复制" { set other = report } -> write
    outcome done "Done" zh "完成" -> end closed
  }
  end closed "Closed" zh "已关闭"
}
"#;

type Part<'p> = (&'p str, &'p str, &'p str, &'p [u8]);

/// What the fields of a record name.
fn named(desk: &Desk, id: InstanceId, field: &str) -> String {
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    record.fields().get(field).map(engine::value::Value::plain).unwrap_or_default()
}

#[actix_web::test]
async fn fields_hold_files_that_stay_until_others_are_chosen() {
    let desk = staffed();
    desk.deploy(PAPERS);
    let id = desk.begin("papers", "dora", "what", "plans").id();
    let number = desk.runtime.load(id).expect("it reads").expect("it is there").instance.number().to_owned();
    let mut bao = Browser::of(&desk, "bao").await;
    let write = || desk.task(&number, "write");
    let page = bao.get(&write()).await.body;
    assert!(
        page.contains("enctype=\"multipart/form-data\"") && page.contains("name=\"report\" type=\"file\""),
        "{page}"
    );
    let listed = [("_listed", "report"), ("_listed", "papers"), ("_listed", "secret")];
    let form = |outcome, more: &[(&'static str, String)]| {
        let mut form: Vec<(String, String)> = vec![("outcome".into(), outcome)];
        form.extend(listed.iter().map(|(name, value)| (String::from(*name), String::from(*value))));
        form.extend(more.iter().map(|(name, value)| (String::from(*name), value.clone())));
        form
    };
    let mut send = async |outcome: &str, more: &[(&'static str, String)], files: &[Part<'_>]| {
        let form = form(outcome.to_owned(), more);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
        bao.post_files(&write(), &form, files).await
    };
    let missing = send("again", &[], &[("papers", "a.txt", KIND, b"a")]).await;
    assert_eq!(missing.status, 422, "the report is missing");
    assert!(missing.body.contains("have to be chosen again"), "{}", missing.body);
    let large = vec![b' '; FILE_BYTES_MAX as usize + 1];
    let refused = send("again", &[], &[("report", "b.iso", KIND, &large)]).await;
    assert!(refused.status == 422 && refused.body.contains("has more than 10 MB"), "{}", refused.body);
    let refused = send("again", &[], &[("report", "r.pdf", "application/pdf", EXE)]).await;
    let why = "its content is not that of a .pdf file; it looks like a .exe file";
    assert!(refused.status == 422 && refused.body.contains(why), "at its field: {}", refused.body);
    let files: [Part<'_>; 4] = [
        ("report", "r.pdf", "application/pdf", b"%PDF-1"),
        ("papers", "a.txt", KIND, b"a"),
        ("papers", "b.txt", KIND, b"b"),
        ("secret", "s.txt", KIND, b"hush"),
    ];
    let done = send("again", &[], &files).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!((named(&desk, id, "report"), named(&desk, id, "papers")), ("r.pdf".into(), "[a.txt, b.txt]".into()));
    desk.is_sound();

    let page = Browser::of(&desk, "anna").await.get(&write()).await.body;
    let kept = |name: &str| {
        let end = page.find(&format!("/{name}\" checked")).unwrap_or_else(|| panic!("{name} may stay: {page}"));
        let start = page[..end].rfind("value=\"").expect("it has a value") + "value=\"".len();
        format!("{}/{name}", &page[start..end])
    };
    let keep = [("report", kept("r.pdf")), ("papers", kept("b.txt"))];
    let done = send("copy", &keep, &[("papers", "c.txt", KIND, b"c"), ("papers", "b.txt", KIND, b"b")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!((named(&desk, id, "report"), named(&desk, id, "papers")), ("r.pdf".into(), "[b.txt, c.txt]".into()));
    assert_eq!(
        (named(&desk, id, "secret"), named(&desk, id, "other")),
        ("s.txt".into(), "r.pdf".into()),
        "out of sight, it stays"
    );
    let done = send("again", &keep[1..], &[("report", "r2.pdf", "application/pdf", b"%PDF-2")]).await;
    assert_eq!((done.status, named(&desk, id, "report")), (303, "r2.pdf".into()), "{}", done.body);
    desk.is_sound();

    let path = format!("/records/{number}/files");
    let page = bao.get(&format!("/records/{number}")).await.body;
    assert!(page.contains("r2.pdf (6 B)") && !page.contains("s.txt"), "{page}");
    assert!(page.contains("Secret") && page.contains("confidential"), "{page}");
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    let of = |name: &str| record.files().iter().find(|held| held.file.name == name).expect("it is held").id.0;
    assert_eq!(bao.get(&format!("{path}/{}", of("r2.pdf"))).await.body, "%PDF-2");
    assert_eq!(bao.get(&format!("{path}/{}", of("r.pdf"))).await.body, "%PDF-1", "what was replaced is there still");
    assert_eq!(bao.get(&format!("{path}/{}", of("s.txt"))).await.status, 404);
    assert_eq!(bao.post(&format!("{path}/{}/remove", of("s.txt")), &[]).await.status, 422);
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.get(&format!("{path}/{}", of("s.txt"))).await.body, "hush", "of the service desk");
    let held = bao.post(&format!("{path}/{}/remove", of("r2.pdf")), &[]).await;
    assert!(held.status == 422 && held.body.contains("A field still names this file"), "{}", held.body);

    let mut root = Browser::of(&desk, "root").await;
    assert_eq!(root.post(&format!("{path}/{}/remove", of("r2.pdf")), &[]).await.status, 303);
    let page = bao.get(&format!("/records/{number}")).await.body;
    assert!(!page.contains("r2.pdf (6 B)</a>") && page.contains("Removed a file: Report: r2.pdf (6 B)"), "{page}");
    assert_eq!(named(&desk, id, "report"), "", "the field is asked for again");
    assert_eq!(bao.get(&format!("{path}/{}", of("r2.pdf"))).await.status, 404);
    let again = [("report", "r2.pdf", "application/pdf", &b"%PDF-2"[..])];
    let form = [("outcome", "done"), ("_listed", "report")];
    assert_eq!(bao.post_files(&write(), &form, &again).await.status, 303);
    assert_eq!(named(&desk, id, "report"), "r2.pdf", "it may be given again");
    let record = desk.runtime.load(id).expect("it reads").expect("it is there").instance;
    let back = record.files().iter().rfind(|held| held.file.name == "r2.pdf").expect("it is held").id.0;
    assert_eq!(bao.get(&format!("{path}/{back}")).await.body, "%PDF-2");
    desk.is_sound();
}
