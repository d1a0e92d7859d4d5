//! The tools around the process language, as a process owner and a pipeline use them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use engine::ids::Name;
use runtime::{Runtime, SystemClock};
use serde_json::Value as Json;
use store::FourEyes;
use tests::{Scratch, executable, incident_source, organisation, report};

/// Runs the executable in a folder.
fn tiaoli(folder: &Path, language: &str, arguments: &[&str]) -> Output {
    Command::new(executable())
        .current_dir(folder)
        .args(["--language", language])
        .args(arguments)
        .output()
        .expect("it runs")
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file with the packaged incident process, in which one piece is exchanged for another.
fn incident_with(folder: &Path, old: &str, new: &str) -> PathBuf {
    let text = incident_source().replacen(old, new, 1);
    assert_ne!(text, incident_source(), "{old} is in the process");
    let path = folder.join("incident.flow");
    std::fs::write(&path, text).expect("the folder is writable");
    path
}

fn lines(output: &Output) -> Vec<Json> {
    printed(output).lines().map(|line| serde_json::from_str(line).expect("every line is an object")).collect()
}

#[test]
fn check_tells_machines_each_problem_on_a_line_with_its_place_and_nothing_else() {
    let scratch = Scratch::new("check");
    incident_with(scratch.path(), "-> waiting_for_others", "-> waiting_for_other");
    let output = tiaoli(scratch.path(), "en", &["check", "--format", "json", "incident.flow"]);
    assert!(!output.status.success());
    assert_eq!(complained(&output), "");
    let problems = lines(&output);
    let source = std::fs::read_to_string(scratch.path().join("incident.flow")).expect("it is there");
    let found = problems.iter().find(|problem| problem["code"] == "T0202").expect("the step is not known");
    let at = source.find("waiting_for_other ").or_else(|| source.find("waiting_for_other\n")).expect("it is written");
    assert_eq!(found["begin"]["byte"], at);
    assert_eq!(found["end"]["byte"], at + "waiting_for_other".len());
    assert_eq!(found["begin"]["line"], source[..at].matches('\n').count() + 1);
    assert_eq!((&found["severity"], &found["path"]), (&Json::from("error"), &Json::from("incident.flow")));
    assert_eq!(found["page"], "problems/T0202");
    assert!(found["hint"]["zh"].as_str().is_some_and(|hint| hint.contains("waiting_for_others")), "{found}");

    std::fs::write(scratch.path().join("incident.flow"), incident_source()).expect("the folder is writable");
    let output = tiaoli(scratch.path(), "en", &["check", "--format", "json", "incident.flow"]);
    assert!(output.status.success());
    assert_eq!((printed(&output).as_str(), complained(&output).as_str()), ("", ""));
}

#[test]
fn warnings_are_shown_and_keep_no_file_out() {
    let scratch = Scratch::new("warnings");
    let notice = "notice never \"{number}\" zh \"{number}\"\n\nnotice p1_opened";
    incident_with(scratch.path(), "notice p1_opened", notice);
    let text = tiaoli(scratch.path(), "en", &["check", "incident.flow"]);
    assert!(text.status.success());
    assert!(complained(&text).contains("warning[T0405]"), "{}", complained(&text));
    assert!(printed(&text).contains("1 warning"), "{}", printed(&text));
    let json = tiaoli(scratch.path(), "en", &["check", "--format", "json", "incident.flow"]);
    assert!(json.status.success());
    assert_eq!(lines(&json)[0]["severity"], "warning");
}

#[test]
fn the_page_about_a_problem_is_named_once_and_shown_in_the_chosen_language() {
    let scratch = Scratch::new("explained");
    for name in ["one.flow", "two.flow"] {
        std::fs::write(scratch.path().join(name), "process p \"P\" zh \"流程\" {").expect("the folder is writable");
    }
    let told = complained(&tiaoli(scratch.path(), "en", &["check", "one.flow", "two.flow"]));
    assert_eq!(told.matches("--explain").count(), 1, "{told}");
    assert!(told.ends_with("more: tiaoli check --explain T0102\n"), "{told}");
    let told = complained(&tiaoli(scratch.path(), "zh", &["explain", "one.flow"]));
    assert!(told.ends_with("详情：tiaoli check --explain T0102\n"), "{told}");

    let page = tiaoli(scratch.path(), "en", &["check", "--explain", "t0102"]);
    assert!(page.status.success());
    let page = printed(&page);
    assert!(page.starts_with("T0102 · A bracket is never closed\n"), "{page}");
    assert!(page.contains("\n    error[T0102]: this `{` is never closed\n"), "{page}");
    assert!(!page.contains("```") && !page.contains("括号"), "{page}");
    let page = printed(&tiaoli(scratch.path(), "zh", &["check", "--explain", "T0102"]));
    assert!(page.starts_with("T0102 · 括号没有闭合\n") && !page.contains("bracket"), "{page}");
    assert!(!tiaoli(scratch.path(), "en", &["check", "--explain", "T9999"]).status.success());
    assert!(!tiaoli(scratch.path(), "en", &["check"]).status.success());
}

#[test]
fn test_prints_how_much_is_covered_and_fails_below_what_is_wanted() {
    let scratch = Scratch::new("coverage");
    let whole = scratch.path().join("incident.flow");
    std::fs::write(&whole, incident_source()).expect("the folder is writable");
    let output = tiaoli(scratch.path(), "en", &["test", "--min-coverage", "100", "incident.flow"]);
    assert!(output.status.success(), "{}", complained(&output));
    assert!(printed(&output).contains("rows 7 of 7: 100 %"), "{}", printed(&output));

    let (kept, _) = incident_source().split_once("\nexample \"giving up needs a reason\"").expect("it is there");
    std::fs::write(&whole, kept).expect("the folder is writable");
    let output = tiaoli(scratch.path(), "en", &["test", "--min-coverage", "100", "incident.flow"]);
    assert!(!output.status.success());
    let line = 1 + kept.lines().position(|line| line.contains("task resolve ")).expect("it is there");
    let missed = format!("incident.flow:{line}: no example touches: outcome give_up of resolve");
    assert!(printed(&output).contains(&missed), "{}", printed(&output));
    assert!(complained(&output).contains("less than the 100 % wanted"), "{}", complained(&output));
    let output = tiaoli(scratch.path(), "zh", &["test", "--min-coverage", "100", "incident.flow"]);
    assert!(complained(&output).contains("低于要求的 100%"), "{}", complained(&output));
    assert!(tiaoli(scratch.path(), "en", &["test", "incident.flow"]).status.success(), "nothing is wanted");
}

#[test]
fn a_new_process_checks_tests_and_explains_and_nothing_is_overwritten() {
    let scratch = Scratch::new("new");
    let run = |arguments: &[&str]| tiaoli(scratch.path(), "en", arguments);
    let made = run(&["new", "access_request", "--label-zh", "权限申请"]);
    assert!(made.status.success() && printed(&made).contains("tiaoli check access_request.flow"), "{made:?}");
    for arguments in [
        &["check", "access_request.flow"][..],
        &["test", "--min-coverage", "100", "access_request.flow"],
        &["explain", "access_request.flow"],
    ] {
        let output = run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", complained(&output));
    }
    let explained = printed(&tiaoli(scratch.path(), "zh", &["explain", "access_request.flow"]));
    assert!(explained.contains("权限申请"), "{explained}");

    let path = scratch.path().join("access_request.flow");
    std::fs::write(&path, "mine").expect("the folder is writable");
    let again = run(&["new", "access_request"]);
    assert!(!again.status.success() && complained(&again).contains("is there already"), "{}", complained(&again));
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "mine");
    for bad in ["Access", "2nd", "a-b", "../up", "yes", ""] {
        let refused = run(&["new", bad]);
        assert!(!refused.status.success(), "{bad} is no name");
        assert!(!complained(&refused).is_empty());
    }
    let files: Vec<_> = std::fs::read_dir(scratch.path()).expect("it is there").collect();
    assert_eq!(files.len(), 1, "nothing was left behind");
}

/// An organisation with three running incidents.
fn busy(scratch: &Scratch) -> Runtime {
    let runtime = organisation(scratch, Arc::new(SystemClock));
    for _ in 0..3 {
        runtime.start(report("low", "low")).expect("anna may report");
    }
    runtime
}

#[test]
fn a_plan_says_what_stays_what_could_move_and_what_could_not() {
    let (scratch, work) = (Scratch::new("plan"), Scratch::new("plan-files"));
    let _runtime = busy(&scratch);
    let data = scratch.path().to_str().expect("the folder's name is text");
    let plan = |language: &str, format: &str| {
        tiaoli(work.path(), language, &["plan", "incident.flow", "--data", data, "--format", format])
    };
    incident_with(work.path(), "due in 15 minutes", "due in 45 minutes");
    let output = plan("en", "text");
    let said = printed(&output);
    assert!(output.status.success(), "{}", complained(&output));
    assert!(said.contains("version 2 would follow version 1"), "{said}");
    assert!(said.contains("deadline of Triage: 15 minutes → 45 minutes"), "{said}");
    assert!(said.contains("3 running records stay on version 1; all could move"), "{said}");
    assert!(said.contains("Triage [triage]: 3 records, 3 open tasks, 0 timers; can move, and says"), "{said}");

    let asked =
        incident_source().replacen("  record {\n", "  record {\n    room text max 20 \"Room\" zh \"房间\"\n", 1);
    let asked = asked.replacen("start by anyone asks summary", "start by anyone asks room, summary", 1);
    std::fs::write(work.path().join("incident.flow"), asked).expect("the folder is writable");
    let said = printed(&plan("zh", "text"));
    assert!(said.contains("其中 0 条可以迁移，3 条不能：字段“房间”没有值，而新版本要求必填（3）"), "{said}");
    let told = lines(&plan("en", "json"));
    let version = &told[0]["versions"][0];
    assert_eq!((&version["records"], &version["movable"]), (&Json::from(3), &Json::from(0)));
    assert_eq!(version["reasons"][0]["records"], 3);
    let triage = version["steps"].as_array().and_then(|steps| steps.iter().find(|step| step["step"] == "triage"));
    let triage = triage.expect("every step is told");
    assert_eq!((&triage["tasks"], &triage["fate"], &triage["to"]), (&3.into(), &"same".into(), &"triage".into()));

    std::fs::write(work.path().join("incident.flow"), incident_source()).expect("the folder is writable");
    let said = printed(&plan("en", "text"));
    assert!(said.contains("nothing would change"), "{said}");
}

#[test]
fn a_deployment_takes_another_approver_and_a_change_record_until_that_is_switched_off() {
    let (scratch, work) = (Scratch::new("deploy"), Scratch::new("deploy-files"));
    let runtime = organisation(&scratch, Arc::new(SystemClock));
    let data = scratch.path().to_str().expect("the folder's name is text");
    incident_with(work.path(), "\"Affected CIs\"", "\"What is affected\"");
    let deploy = |language: &str, more: &[&str]| {
        let order = ["deploy", "incident.flow", "--data", data, "--author", "dora", "--reason", "clearer"];
        tiaoli(work.path(), language, &[&order[..], more].concat())
    };
    let version = || {
        let current = runtime.store().current_definition(&Name::from("incident")).expect("readable");
        current.map(|held| (held.version, held.change))
    };
    let alone = deploy("en", &["--approver", "dora", "--change", "CHG-7"]);
    assert!(!alone.status.success());
    assert!(complained(&alone).contains("another person must"), "{}", complained(&alone));
    assert!(complained(&deploy("zh", &["--approver", "dora", "--change", "CHG-7"])).contains("须由另一人批准"));
    let unnamed = deploy("en", &["--approver", "mona"]);
    assert!(!unnamed.status.success());
    assert!(complained(&unnamed).contains("no change record"), "{}", complained(&unnamed));
    assert!(complained(&deploy("zh", &["--approver", "mona"])).contains("没有注明批准此版本的变更记录"));
    assert!(!deploy("en", &["--approver", "mona", "--change", " "]).status.success());
    assert_eq!(version().map(|held| held.0), Some(1), "nothing was deployed");

    let done = deploy("en", &["--approver", "mona", "--change", "CHG-7"]);
    assert!(done.status.success(), "{}", complained(&done));
    assert_eq!(version(), Some((2, Some("CHG-7".to_owned()))));

    runtime.store().set_four_eyes(FourEyes::Off, &Name::from("mona"), runtime.now()).expect("it writes");
    incident_with(work.path(), "\"Affected CIs\"", "\"Hit\"");
    let done = deploy("en", &["--approver", "dora"]);
    assert!(done.status.success(), "{}", complained(&done));
    assert_eq!(version(), Some((3, None)));
}

#[test]
fn what_prints_ends_quietly_when_nobody_reads_on() {
    let scratch = Scratch::new("head");
    std::fs::write(scratch.path().join("incident.flow"), incident_source()).expect("the folder is writable");
    let (reader, writer) = std::io::pipe().expect("there is a pipe");
    drop(reader);
    let mut command = Command::new(executable());
    command.current_dir(scratch.path()).args(["explain", "incident.flow"]).stdout(writer);
    let output = command.stderr(std::process::Stdio::piped()).spawn().expect("it runs").wait_with_output();
    assert_eq!(complained(&output.expect("it ends")), "");
}
