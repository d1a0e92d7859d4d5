//! A real organisation's event log goes through the packaged incident process, and what the engine counts agrees with
//! what the log itself says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::ids::{DefinitionId, Name};
use engine::time::{Timestamp, Zone};
use runtime::replay::{Log, Mapping, Outcome, replay};
use runtime::{Runtime, SystemClock};
use store::{Deployment, Store};
use tests::Scratch;

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
    let log = Log::read(path, &mapping.log).expect("the log is readable");
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
    assert_eq!(file.keys().collect::<Vec<_>>(), summary.priorities.keys().collect::<Vec<_>>());
    for (priority, expected) in &file {
        let counted = &summary.priorities[priority];
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
