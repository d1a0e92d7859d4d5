//! Files of records: who gives and takes them, and what becomes of those that fields name.

use engine::command::{Command, Rejection};
use engine::definition::{Field, Parts, Who};
use engine::event::Actor;
use engine::expr::Expr;
use engine::file::{FILES_MAX, File};
use engine::ids::FileId;
use engine::play::Play;
use engine::value::{Misfit, Value};

use crate::made::{act, chore, complete, edit, end, name, now, person, process, role, set, started, step};

fn file(name: &str) -> File {
    File::of(name, "text/plain", name.as_bytes())
}

fn attach(play: &mut Play, who: &str, files: &[&str]) -> Result<(), Rejection> {
    let files = files.iter().copied().map(file).collect();
    play.command(person(who), Command::Attach { files }).map(|_| ())
}

fn detach(play: &mut Play, by: Actor, id: u32) -> Result<(), Rejection> {
    play.command(by, Command::Detach { file: FileId(id) }).map(|_| ())
}

/// What the record holds: each name, and whether its bytes are there.
fn held(play: &Play) -> Vec<(&str, bool)> {
    now(play).files().iter().map(|held| (held.file.name.as_str(), held.bytes.are_there())).collect()
}

fn papers(names: &[&str]) -> Value {
    Value::List(names.iter().map(|name| Value::File(file(name))).collect())
}

fn working() -> Parts {
    let mut parts = process(vec![step("work", None, Some("over"), chore()), step("over", None, None, end("done"))]);
    parts.seen_by = vec![role("desk"), Who::Requester];
    parts
}

#[test]
fn whoever_sees_a_record_gives_it_files_and_takes_back_what_they_gave_until_it_is_over() {
    let mut play = started(working(), &[]);
    assert_eq!(attach(&mut play, "dora", &["a"]), Err(Rejection::NotAllowed), "she does not see it");
    assert_eq!(attach(&mut play, "erin", &[]), Err(Rejection::FilesMissing));
    let mut huge = file("huge");
    huge.size = u64::MAX;
    let refused = play.command(person("erin"), Command::Attach { files: vec![file("a"), huge] });
    assert!(matches!(refused, Err(Rejection::BadFile { misfit: Misfit::TooLarge { .. }, .. })), "{refused:?}");
    let unnamed = File { name: "../a".to_owned(), ..file("a") };
    let refused = play.command(person("erin"), Command::Attach { files: vec![unnamed] });
    assert!(matches!(refused, Err(Rejection::BadFile { misfit: Misfit::WrongType, .. })), "{refused:?}");
    assert_eq!(held(&play), [], "all or none");
    for _ in 0..2 {
        attach(&mut play, "erin", &["a", "b", "a"]).expect("she asked for it");
        assert_eq!(held(&play), [("a", true), ("b", true)], "twice is once");
    }
    assert_eq!(detach(&mut play, person("anna"), 0), Err(Rejection::NotAllowed), "it is not hers");
    detach(&mut play, person("erin"), 0).expect("it is hers");
    assert_eq!(detach(&mut play, person("erin"), 0), Err(Rejection::NoSuchFile(FileId(0))));
    detach(&mut play, Actor::System, 1).expect("an administrator may");
    assert_eq!(held(&play), []);
    attach(&mut play, "anna", &["a"]).expect("it may come back");
    let many: Vec<String> = (0..FILES_MAX).map(|place| format!("{place}.txt")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(attach(&mut play, "anna", &many), Err(Rejection::TooManyFiles { limit: FILES_MAX }));
    let too_many = edit(&mut play, "anna", &[("papers", papers(&many))], "");
    assert_eq!(too_many, Err(Rejection::TooManyFiles { limit: FILES_MAX }));
    play.command(Actor::System, Command::Cancel { reason: "no need".into() }).expect("an administrator may");
    assert_eq!(attach(&mut play, "anna", &["b"]), Err(Rejection::Ended));
    assert_eq!(detach(&mut play, Actor::System, 2), Err(Rejection::Ended), "a closed record never changes");
}

#[test]
fn a_field_keeps_what_was_replaced_and_lets_go_of_what_was_taken_away() {
    let mut play = started(working(), &[]);
    edit(&mut play, "anna", &[("papers", papers(&["a", "b"]))], "").expect("Anna may edit");
    edit(&mut play, "anna", &[("papers", papers(&["b", "c"]))], "").expect("Anna may edit");
    assert_eq!(held(&play), [("a", true), ("b", true), ("c", true)]);
    assert!(matches!(detach(&mut play, person("anna"), 1), Err(Rejection::FileInField(_))));
    detach(&mut play, person("anna"), 0).expect("the field does not name it any more");
    detach(&mut play, Actor::System, 1).expect("an administrator may");
    assert_eq!(now(&play).fields().get("papers"), Some(&papers(&["c"])), "the field lets go of it");
    assert_eq!(held(&play), [("a", false), ("b", false), ("c", true)], "what was there is remembered");
    edit(&mut play, "anna", &[("papers", papers(&["b", "c"]))], "").expect("Anna may edit");
    assert_eq!(held(&play)[2..], [("c", true), ("b", true)], "it may be given again");
}

#[test]
fn each_field_that_names_a_file_holds_it_for_itself() {
    let copy = act(vec![set("copies", Expr::Field(name("papers")))]);
    let mut parts = process(vec![
        step("work", None, Some("copy"), chore()),
        step("copy", None, Some("rest"), copy),
        step("rest", None, None, chore()),
    ]);
    let field = parts.fields.iter().find(|field| field.name == *"papers").cloned().expect("there are papers");
    parts.fields.push(Field { name: name("copies"), ..field });
    let mut play = started(parts, &[]);
    edit(&mut play, "anna", &[("papers", papers(&["a"]))], "").expect("Anna may edit");
    complete(&mut play, "anna", "work", "done").expect("Anna is at the desk");
    assert_eq!(held(&play), [("a", true), ("a", true)]);
    detach(&mut play, Actor::System, 0).expect("an administrator may");
    assert_eq!(now(&play).fields().get("papers"), None);
    assert_eq!(now(&play).fields().get("copies"), Some(&papers(&["a"])), "the copy is there still");
    detach(&mut play, Actor::System, 1).expect("an administrator may");
    assert_eq!(held(&play), [("a", false), ("a", false)]);
}
