//! A real organisation's event log goes through the packaged incident process, and what the engine counts agrees with
//! what the log itself says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use engine::ids::{DefinitionId, Name};
use engine::instance::{Instance, Status};
use engine::time::{Timestamp, Zone};
use engine::value::Value;
use runtime::replay::{Log, Mapping, Outcome, replay};
use runtime::{Runtime, SystemClock};
use store::{Deployment, Store};
use tests::{Scratch, executable};

const MAPPING: &str = include_str!("../../processes/mappings/servicenow-incident-log.toml");

fn log_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/uci/uci_incident_event_log_first_5998_rows_original_labels.csv")
}

fn installation(scratch: &Scratch) -> Runtime {
    let store = Store::open(scratch.path()).expect("an empty folder takes a store");
    let runtime = Runtime::open(store, Arc::new(SystemClock)).expect("an empty store opens");
    let packaged = processes::packaged().iter().find(|packaged| packaged.name == "incident").expect("it is packaged");
    let unit = dsl::compile_among(packaged.source, processes::among()).expect("the packaged process has no problems");
    for checked in unit.processes {
        let by = Name::from("tests");
        let deployment = Deployment {
            process: checked.parts.name.clone(),
            id: DefinitionId::of_source(packaged.source),
            source: packaged.source.into(),
            parts: checked.parts,
            author: by.clone(),
            approver: by,
            reason: "tests".into(),
            change: None,
        };
        runtime.install(&deployment).expect("an empty store takes what is packaged");
    }
    runtime
}

fn replayed(runtime: &Runtime, path: &Path) -> (Log, Outcome) {
    let mapping = Mapping::parse(MAPPING).expect("the packaged mapping is one");
    let log = Log::read(path, None, &mapping.log).expect("the log is readable");
    let outcome = replay(runtime, &mapping, &log, &mut |_| {}).expect("the mapping fits the process");
    (log, outcome)
}

/// The figures of one priority, computed from the file alone.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    records: usize,
    resolve_ms: Vec<i64>,
    reassignments: usize,
    reopened: usize,
}

/// What the file says about its records but for the rejected ones. It knows nothing of the engine.
fn figures_of_the_file(path: &Path, rejected: &BTreeSet<String>) -> BTreeMap<String, Figures> {
    let mut reader = csv::Reader::from_path(path).expect("the file is readable");
    let headings = reader.headers().expect("it has headings").clone();
    let mut cases: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("every row is one");
        let row: BTreeMap<String, String> =
            headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
        cases.entry(row["number"].clone()).or_default().push(row);
    }
    let zone = Zone::named("UTC").expect("UTC is a zone");
    let instant = |text: &str| zone.instant(text, "%d-%m-%Y %H:%M").expect("the file's dates are day-first");
    let mut found: BTreeMap<String, Figures> = BTreeMap::new();
    for (_, rows) in cases.iter().filter(|(number, _)| !rejected.contains(*number)) {
        let first = rows.first().expect("a record has rows");
        let last = rows.last().expect("a record has rows");
        let priority = format!("p{}", last["priority"].chars().next().expect("priorities begin with a digit"));
        let opened = instant(&first["opened_at"]).min(instant(&first["sys_updated_at"]));
        let mut resolved: Option<Timestamp> = None;
        let (mut state, mut group) = ("", "?");
        let figures = found.entry(priority).or_default();
        figures.records += 1;
        for row in rows {
            let now = row["incident_state"].as_str();
            if now == "Resolved" && state != "Resolved" {
                resolved = Some(instant(&row["sys_updated_at"]));
            }
            if state == "Resolved" && now != "Resolved" && now != "Closed" {
                figures.reopened += 1;
            }
            state = now;
            let team = row["assignment_group"].as_str();
            if team != "?" {
                if group != "?" && group != team {
                    figures.reassignments += 1;
                }
                group = team;
            }
        }
        figures.resolve_ms.extend(resolved.map(|resolved| resolved.since_ms(opened)));
    }
    for figures in found.values_mut() {
        figures.resolve_ms.sort_unstable();
    }
    found
}

/// The middle by nearest rank.
fn nearest_rank(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[test]
fn a_real_log_is_accepted_and_what_the_engine_counts_is_what_the_log_says() {
    let scratch = Scratch::new("replay-real");
    let runtime = installation(&scratch);
    let (log, outcome) = replayed(&runtime, &log_file());
    let summary = &outcome.summary;
    assert_eq!((summary.rows, summary.records), (5_998, 890));
    assert!(summary.accepted * 100 >= summary.records * 95, "{} of {}", summary.accepted, summary.records);

    let rejected: BTreeSet<String> = outcome.rejected.iter().map(|row| row.case.clone()).collect();
    assert_eq!(rejected.len(), summary.refused, "every refused record is named");
    assert_eq!(summary.accepted + summary.refused, summary.records);
    let rows_of_rejected: usize =
        log.cases().iter().filter(|(case, _)| rejected.contains(case)).map(|(_, rows)| rows.len()).sum();
    assert_eq!(outcome.rejected.len(), rows_of_rejected, "every row of a refused record is kept");
    for row in &outcome.rejected {
        assert!(row.line > 1 && !row.reason.is_empty(), "{row:?}");
    }

    let file = figures_of_the_file(&log_file(), &rejected);
    let priorities = &summary.processes["incident"];
    assert_eq!(file.keys().collect::<Vec<_>>(), priorities.keys().collect::<Vec<_>>());
    for (priority, expected) in &file {
        let counted = &priorities[priority];
        let mut resolve_ms = counted.resolve_ms.clone();
        resolve_ms.sort_unstable();
        let counted_figures = Figures {
            records: counted.records,
            resolve_ms,
            reassignments: counted.reassignments,
            reopened: counted.reopened,
        };
        assert_eq!(&counted_figures, expected, "{priority}");
        assert_eq!(counted.median_ms(), nearest_rank(&expected.resolve_ms, 50), "{priority}");
        assert_eq!(counted.p90_ms(), nearest_rank(&expected.resolve_ms, 90), "{priority}");
    }

    let mut findings = Vec::new();
    let checked = runtime
        .store()
        .check(&|id| runtime.definition(id).ok(), &mut |finding| findings.push(finding.to_string()))
        .expect("the store can be checked");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(usize::try_from(checked.instances).expect("fits"), summary.accepted);
}

#[test]
fn what_cannot_be_mapped_is_named_by_line_and_reason() {
    let scratch = Scratch::new("replay-bad");
    let runtime = installation(&scratch);
    let text = std::fs::read_to_string(log_file()).expect("the log is there");
    let mut lines = text.lines();
    let heading = lines.next().expect("it has a heading").to_owned();
    let good: Vec<&str> = lines.take_while(|line| line.starts_with("INC0000045,")).collect();
    let made = |number: &str, line: &str| line.replacen("INC0000045", number, 1);
    let mut rows: Vec<String> = good.iter().map(|line| (*line).to_owned()).collect();
    rows.push(made("INC-STATE", good[0]).replacen(",New,", ",Pondering,", 1));
    rows.push(made("INC-DATE", good[0]).replace("29-02-2016 01:23", "30-02-2016 01:23"));
    rows.push(made("INC-IMPACT", good[0]).replacen("2 - Medium", "9 - Cosmic", 1));
    rows.push("INC-SHORT,New,TRUE".to_owned());
    rows.push(made("?", good[0]));
    rows.push(made("INC-BACK", good[1]));
    rows.push(made("INC-BACK", good[0]));
    let path = scratch.path().join("log.csv");
    std::fs::write(&path, format!("{heading}\n{}\n", rows.join("\n"))).expect("the folder is writable");

    let (_, outcome) = replayed(&runtime, &path);
    assert_eq!(outcome.summary.accepted, 1, "the good record is accepted whatever else is in the file");
    let reason = |line: u64| {
        let found: Vec<&str> =
            outcome.rejected.iter().filter(|row| row.line == line).map(|row| row.reason.as_str()).collect();
        assert_eq!(found.len(), 1, "line {line} is rejected once: {:?}", outcome.rejected);
        found[0].to_owned()
    };
    let first_bad = u64::try_from(good.len()).expect("few") + 2;
    assert!(reason(first_bad).contains("Pondering"), "{}", reason(first_bad));
    assert!(reason(first_bad + 1).contains("30-02-2016"), "{}", reason(first_bad + 1));
    assert!(reason(first_bad + 2).contains("9 - Cosmic"), "{}", reason(first_bad + 2));
    assert!(reason(first_bad + 3).contains("columns"), "{}", reason(first_bad + 3));
    assert!(reason(first_bad + 4).contains("no number"), "{}", reason(first_bad + 4));
    assert!(reason(first_bad + 6).contains("earlier"), "{}", reason(first_bad + 6));
    assert_eq!(outcome.rejected.len(), 7, "nothing is dropped silently");
}

/// Runs `tiaoli replay` over a log of activities with a file of attributes; gives what it printed.
fn replay_two_files(folder: &Path, log: &str, attributes: &str) -> String {
    let (log_path, attributes_path) = (folder.join("log.csv"), folder.join("attributes.csv"));
    std::fs::write(&log_path, format!("{LOG_HEADING}\n{log}")).expect("the folder is writable");
    std::fs::write(&attributes_path, format!("{ATTRIBUTES_HEADING}\n{attributes}")).expect("the folder is writable");
    let output = two_files(folder, &two_files_mapping()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}

fn two_files_mapping() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../processes/mappings/bpi-challenge-2014.toml")
}

fn two_files(folder: &Path, mapping: &Path) -> Command {
    let mut command = Command::new(executable());
    command.args(["--language", "en", "replay"]).arg(folder.join("log.csv")).arg("--attributes");
    command.arg(folder.join("attributes.csv")).arg("--mapping").arg(mapping).arg("--data").arg(folder.join("data"));
    command
}

const LOG_HEADING: &str =
    "incident_id,data_stamp,incident_activity_number,incident_activity_type,assignment_group,km_number";
const ATTRIBUTES_HEADING: &str = "incident_id,status,impact,urgency,priority,category,km_number,x_reassignments,\
    open_time,closure_code,related_interaction,x_related_changes,related_change,ci_name_aff,ci_type_aff,\
    ci_subtype_aff,service_component_wbs_aff,ci_name_cby,ci_type_cby,ci_subtype_cby,servicecomp_wbs_cby";

/// A row of attributes of a case: its category, priority, reassignments, instant, service.
fn attributes_row(case: &str, [category, priority, reassigned, opened, service]: [&str; 5]) -> String {
    format!(
        "{case},Closed,{priority},{priority},{priority},{category},KM1,{reassigned},{opened},Other,SD1,,,APP1,application,\
         SAP,{service},DB1,database,Database,WBS9\n"
    )
}

const INCIDENT: [&str; 5] = ["incident", "4", "0", "2013-02-01 09:00:00", "WBS1"];

/// The file of rows as maps from heading to cell.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("it was written");
    let headings = reader.headers().expect("it has headings").clone();
    let named =
        |record: csv::StringRecord| headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| named(record.expect("every row is one"))).collect()
}

#[test]
fn activities_out_of_order_go_through_the_process_that_a_second_file_names_and_differences_are_told() {
    let scratch = Scratch::new("replay-two");
    let log = "\
        A1,2013-02-01 10:00:00,N03,Reassignment,T2,KM1\n\
        A1,2013-02-01 09:30:00,N02,Assignment,T1,KM1\n\
        A1,2013-02-01 09:30:00,N01,Open,T1,KM1\n\
        A1,2013-02-01 11:00:00,N04,Closed,T2,KM1\n\
        A1,2013-02-01 12:00:00,N05,Reassignment,T3,KM1\n\
        A2,2013-02-01 09:30:00,N06,Open,T1,KM1\n\
        A2,2013-02-01 10:00:00,N07,Closed,T1,KM1\n\
        A2,2013-02-03 10:00:00,N08,Reopen,T1,KM1\n\
        A2,2013-02-03 11:00:00,N09,Closed,T1,KM1\n\
        A2,2013-02-03 11:00:00,N10,Caused By CI,T1,KM1\n\
        A3,2013-02-01 08:30:00,N11,Open,T1,KM1\n\
        A3,2013-02-01 10:00:00,N12,Closed,T1,KM1\n\
        A3,2013-02-10 10:00:00,N13,Reopen,T1,KM1\n";
    let attributes = [
        attributes_row("A1", ["incident", "1", "5", "2013-02-01 09:00:00", "WBS1"]),
        attributes_row("A2", ["request for information", "4", "0", "2013-02-01 09:00:00", "WBS1"]),
        attributes_row("A3", ["incident", "4", "0", "2013-02-01 09:00:00", "WBS2"]),
    ];
    let told = replay_two_files(scratch.path(), log, &attributes.concat());
    assert!(told.contains("nothing was rejected"), "{told}");
    assert!(told.contains("reassignments: 2 by the log, 5 by the attributes; 1 records differ"), "{told}");

    let differences = table(&scratch.path().join("data/differences.csv"));
    let told: Vec<(&str, &str, &str, &str)> = differences
        .iter()
        .map(|row| (row["about"].as_str(), row["record"].as_str(), row["log"].as_str(), row["attributes"].as_str()))
        .collect();
    let expected = [
        ("reassignments", "A1", "2", "5"),
        ("state at the end", "A3", "Open", "Closed"),
        ("opened after the first activity", "A3", "2013-02-01 08:30:00", "2013-02-01 09:00:00"),
        ("closing", "A3", "", ""),
        ("configuration_item.service", "APP1", "", ""),
    ];
    assert_eq!(told, expected);
    assert!(differences[3]["reason"].contains("the reopening in line 14"), "{differences:?}");

    let store = Store::open(&scratch.path().join("data")).expect("the installation is there");
    let runtime = Runtime::open(store, Arc::new(SystemClock)).expect("it opens");
    let records = |process: &str| -> Vec<Arc<Instance>> {
        let found = runtime.store().records_of(&Name::from(process), 10).expect("the store is readable");
        found
            .into_iter()
            .filter_map(|id| runtime.store().load(id).expect("it is readable"))
            .map(|one| one.instance)
            .collect()
    };
    let text =
        |record: &Instance, field: &str| record.fields().get(&Name::from(field)).map(Value::plain).unwrap_or_default();
    let incidents = records("incident");
    let a1 = incidents.iter().find(|record| text(record, "summary").starts_with("A1:")).expect("it is there");
    assert!(matches!(a1.status(), Status::Ended { .. }));
    assert_eq!(
        (text(a1, "priority"), text(a1, "team"), text(a1, "reassign_count")),
        ("p1".into(), "team-T3".into(), "2".into())
    );
    assert_eq!(
        (text(a1, "ci_caused"), text(a1, "known_error")),
        ("configuration_item-DB1".into(), "known_error-KM1".into())
    );
    let class = |key: &str| {
        let directory = runtime.directory();
        let entry = directory.entry("configuration_item", &Name::from(key)).expect("it is entered");
        entry.fields.get(&Name::from("class")).map(Value::plain)
    };
    assert_eq!(class("configuration_item-DB1").as_deref(), Some("database"));
    let requests = records("service_request");
    assert_eq!(requests.len(), 1);
    assert_eq!(
        (text(&requests[0], "reopen_count"), text(&requests[0], "item")),
        ("1".into(), "service_item-WBS1".into())
    );
}

#[test]
fn what_two_files_do_not_both_know_is_named_by_file_line_and_reason() {
    let scratch = Scratch::new("replay-two-bad");
    let opening = |case: &str, at: &str| format!("{case},{at},1,Open,T1,KM1\n");
    let log: String = ["GOOD", "WISH", "ALONE", "NINE", "DATE"]
        .iter()
        .map(|case| opening(case, "2013-02-01 10:00:00"))
        .chain([opening("LATE", "2013-02-30 10:00:00"), opening("SHORT", "2013-02-01 10:00:00")])
        .collect();
    let attributes = [
        attributes_row("GOOD", INCIDENT),
        attributes_row("WISH", ["wish", "4", "0", "2013-02-01 09:00:00", "WBS1"]),
        attributes_row("NINE", ["incident", "9", "0", "2013-02-01 09:00:00", "WBS1"]),
        attributes_row("DATE", ["incident", "4", "0", "yesterday", "WBS1"]),
        attributes_row("LATE", INCIDENT),
        attributes_row("GOOD", INCIDENT),
        attributes_row("GONE", INCIDENT),
        "SHORT,Closed\n".to_owned(),
    ];
    let told = replay_two_files(scratch.path(), &log, &attributes.concat());
    assert!(told.contains("1  records accepted"), "{told}");
    let rejected = table(&scratch.path().join("data/rejects.csv"));
    let found: Vec<(&str, &str, &str)> =
        rejected.iter().map(|row| (row["file"].as_str(), row["line"].as_str(), row["reason"].as_str())).collect();
    let expected = [
        ("log", "3", "attributes.category has the value \"wish\", for which the mapping names no process"),
        ("log", "4", "no row of the attributes has this incident_id"),
        ("log", "5", "attributes.impact has the value \"9\", which the mapping does not name"),
        ("log", "6", "attributes.open_time \"yesterday\" is not a date"),
        ("log", "7", "data_stamp \"2013-02-30 10:00:00\" is not a date written %Y-%m-%d %H:%M:%S"),
        ("log", "8", "no row of the attributes has this incident_id"),
        ("attributes", "6", "the log has no row of this record"),
        ("attributes", "7", "says again what line 2 of the attributes says"),
        ("attributes", "8", "the log has no row of this record"),
        ("attributes", "9", "has 2 columns, the heading of the attributes has 21"),
    ];
    assert_eq!(found, expected);

    let mapping = scratch.path().join("mapping.toml");
    let text = std::fs::read_to_string(two_files_mapping()).expect("it is packaged");
    std::fs::write(&mapping, text.replace("\"attributes.km_number\"", "\"attributes.km\"")).expect("writable");
    let output = two_files(scratch.path(), &mapping).output().expect("it runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the column \"attributes.km\""), "{said}");

    let alone = ["--language", "en", "replay", "log.csv", "--mapping"];
    let mut command = Command::new(executable());
    let output = command.args(alone).arg(two_files_mapping()).current_dir(scratch.path()).output().expect("it runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("give it beside the log"), "{said}");
}
