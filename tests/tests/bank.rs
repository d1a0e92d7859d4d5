//! A bank's incidents and requests go through the packaged processes, and the store counts them as the bank's own files do.
//!
//! A suite of its own: the files are not in the repository. `./tests/run --data DIR` runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use engine::event::Event;
use engine::ids::Name;
use engine::instance::{Instance, Status};
use engine::time::{Timestamp, Zone};
use engine::value::Value;
use runtime::{Runtime, SystemClock};
use store::{HistoryEntry, Store};
use tests::{Scratch, executable};

type Row = BTreeMap<String, String>;

/// One case as the two files tell it.
#[derive(Debug)]
struct Case {
    attributes: Row,
    activities: Vec<Row>,
}

impl Case {
    fn count(&self, activity: &str) -> usize {
        self.activities.iter().filter(|row| row["incident_activity_type"] == activity).count()
    }

    /// Whether the log closes or resolves it and does not reopen it after that.
    fn is_over(&self) -> bool {
        let of_state = |row: &&Row| ["Closed", "Resolved", "Reopen"].contains(&row["incident_activity_type"].as_str());
        self.activities.iter().rev().find(of_state).is_some_and(|row| row["incident_activity_type"] != "Reopen")
    }
}

/// One case as the store has it.
struct Kept {
    process: &'static str,
    instance: Arc<Instance>,
    history: Vec<HistoryEntry>,
}

impl Kept {
    fn text(&self, field: &str) -> String {
        self.instance.fields().get(&Name::from(field)).map(Value::plain).unwrap_or_default()
    }

    /// The activities that it was told, each as instant and text.
    fn activities(&self) -> Vec<(Timestamp, &str)> {
        self.history
            .iter()
            .flat_map(|entry| entry.events.iter().map(|event| (entry.at, event)))
            .filter_map(|(at, event)| match event {
                Event::Commented { text, .. } => Some((at, text.as_str())),
                _ => None,
            })
            .collect()
    }

    fn completed(&self, how: &str) -> usize {
        let completes =
            |event: &&Event| matches!(event, Event::TaskCompleted { outcome, .. } if outcome.as_str() == how);
        self.history.iter().flat_map(|entry| &entry.events).filter(completes).count()
    }
}

fn folder() -> PathBuf {
    let named = std::env::var_os("TIAOLI_DATA").expect("./tests/run --data DIR says where the bank's files lie");
    PathBuf::from(named)
}

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).expect("the file is readable");
    let headings = reader.headers().expect("it has headings").clone();
    reader
        .records()
        .map(|record| {
            let record = record.expect("every row is one");
            headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
        })
        .collect()
}

/// What the files say. It knows nothing of the engine.
fn cases(log: &Path, attributes: &Path) -> BTreeMap<String, Case> {
    let mut cases: BTreeMap<String, Case> = rows(attributes)
        .into_iter()
        .map(|row| (row["incident_id"].clone(), Case { attributes: row, activities: Vec::new() }))
        .collect();
    for row in rows(log) {
        cases.get_mut(&row["incident_id"]).expect("the attributes have every case").activities.push(row);
    }
    for case in cases.values_mut() {
        let place = |row: &Row| (row["data_stamp"].clone(), row["incident_activity_number"].clone());
        case.activities.sort_by_key(place);
    }
    cases
}

fn kept(runtime: &Runtime) -> BTreeMap<String, Kept> {
    let store = runtime.store();
    let mut found = BTreeMap::new();
    for process in ["incident", "service_request"] {
        for id in store.records_of(&Name::from(process), 10_000).expect("the store is readable") {
            let instance = store.load(id).expect("it is readable").expect("it is there").instance;
            let history = store.history(id).expect("it is readable");
            let kept = Kept { process, instance, history };
            let summary = kept.text("summary");
            let (case, _) = summary.split_once(':').expect("the summary begins with the case");
            found.insert(case.to_owned(), kept);
        }
    }
    found
}

fn tally<'v>(values: impl Iterator<Item = &'v str>) -> BTreeMap<&'v str, usize> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// The entries of a register, by the name that the log gives them, without the one that stands for what is unknown.
fn entries(runtime: &Runtime, register: &str) -> BTreeSet<String> {
    let directory = runtime.directory();
    let own = |key: &Name| key.as_str().strip_prefix(&format!("{register}-")).map(str::to_owned);
    directory.entries(register).filter_map(|(key, _)| own(key)).filter(|name| name != "unrecorded").collect()
}

/// What is known of a number in the files.
fn known(number: &str) -> Option<&str> {
    Some(number).filter(|number| !["", "#MULTIVALUE", "#N/B"].contains(number))
}

#[test]
fn a_bank_s_incidents_and_requests_count_in_the_store_as_in_its_files() {
    let (log, attributes) =
        (folder().join("BPIC14_incident_log.csv"), folder().join("BPIC14_incident_case_attributes.csv"));
    let scratch = Scratch::new("bank");
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("../processes/mappings/bpi-challenge-2014.toml");
    let output = Command::new(executable())
        .args(["--language", "en", "replay"])
        .arg(&log)
        .arg("--attributes")
        .arg(&attributes)
        .arg("--mapping")
        .arg(mapping)
        .arg("--data")
        .arg(scratch.path())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("it prints text");
    assert!(told.contains("nothing was rejected"), "{told}");

    let cases = cases(&log, &attributes);
    let store = Store::open(scratch.path()).expect("the installation is there");
    let runtime = Runtime::open(store, Arc::new(SystemClock)).expect("it opens");
    let kept = kept(&runtime);
    assert_eq!(kept.keys().collect::<Vec<_>>(), cases.keys().collect::<Vec<_>>(), "every case is a record");

    each_record_is_as_its_case(&cases, &kept);
    sums_agree(&cases, &kept);
    registers_agree(&runtime, &cases);
    differences_are_told(&scratch, &told, &cases, &kept);

    let mut findings = Vec::new();
    runtime
        .store()
        .check(&|id| runtime.definition(id).ok(), &mut |finding| findings.push(finding.to_string()))
        .expect("the store can be checked");
    assert_eq!(findings, Vec::<String>::new());
}

fn each_record_is_as_its_case(cases: &BTreeMap<String, Case>, kept: &BTreeMap<String, Kept>) {
    let zone = Zone::named("UTC").expect("UTC is a zone");
    let instant = |text: &str| zone.instant(text, "%Y-%m-%d %H:%M:%S").expect("the files' dates are such");
    for (number, case) in cases {
        let record = &kept[number];
        let expected = match case.attributes["category"].as_str() {
            "incident" => "incident",
            "request for information" => "service_request",
            other => panic!("{number} is {other}"),
        };
        assert_eq!(record.process, expected, "{number}");

        let of_file: Vec<(Timestamp, String)> = case
            .activities
            .iter()
            .map(|row| {
                let (activity, team) = (&row["incident_activity_type"], &row["assignment_group"]);
                (instant(&row["data_stamp"]), format!("{activity}: {team}, {}", row["incident_activity_number"]))
            })
            .collect();
        let of_store: Vec<(Timestamp, String)> =
            record.activities().into_iter().map(|(at, text)| (at, text.to_owned())).collect();
        assert_eq!(of_store, of_file, "{number}: each activity, at its own instant");

        let opened = instant(&case.attributes["open_time"]).min(of_file[0].0);
        assert_eq!(record.instance.started(), opened, "{number}");
        let last = case.activities.last().expect("a case has activities");
        assert_eq!(record.text("team"), format!("team-{}", last["assignment_group"]), "{number}");
        let is_over = matches!(record.instance.status(), Status::Ended { .. });
        assert_eq!(is_over, case.is_over(), "{number}");

        let of = |column: &str| case.attributes[column].as_str();
        assert_eq!(record.text("service"), format!("service-{}", of("service_component_wbs_aff")), "{number}");
        assert_eq!(record.text("items"), format!("[configuration_item-{}]", of("ci_name_aff")), "{number}");
        let priority = format!("Priority {}, impact {}, urgency {},", of("priority"), of("impact"), of("urgency"));
        assert!(record.text("details").starts_with(&priority), "{number}");
        if record.process == "incident" {
            let mapped = BTreeMap::from([("1", "p1"), ("2", "p2"), ("3", "p3"), ("4", "p4"), ("5", "p4")]);
            assert_eq!(record.text("priority"), mapped[of("priority")], "{number}");
            assert_eq!(record.text("known_error"), format!("known_error-{}", of("km_number")), "{number}");
            assert_eq!(record.text("reassign_count"), case.count("Reassignment").to_string(), "{number}");
            if let Some(caused) = known(of("ci_name_cby")).filter(|_| is_over) {
                assert_eq!(record.text("ci_caused"), format!("configuration_item-{caused}"), "{number}");
            }
        }
    }
}

fn sums_agree(cases: &BTreeMap<String, Case>, kept: &BTreeMap<String, Kept>) {
    let by_process = tally(kept.values().map(|record| record.process));
    let requests = cases.values().filter(|case| case.attributes["category"] == "request for information").count();
    assert_eq!(by_process, BTreeMap::from([("incident", cases.len() - requests), ("service_request", requests)]));
    assert_eq!((cases.len(), requests), (4_000, 802), "the sample that the figures below are of");

    let rows = cases.values().flat_map(|case| &case.activities);
    let of_file = tally(rows.map(|row| row["incident_activity_type"].as_str()));
    let told = kept.values().flat_map(Kept::activities).map(|(_, text)| text.split_once(':').expect("it has one").0);
    let of_store = tally(told);
    assert_eq!(of_store, of_file);
    assert_eq!(of_store.values().sum::<usize>(), 39_911);
    assert_eq!(of_store["Reassignment"], 4_452);

    let of_file = tally(cases.values().map(|case| case.attributes["priority"].as_str()));
    let details: Vec<String> = kept.values().map(|record| record.text("details")).collect();
    let of_store = tally(details.iter().map(|text| &text["Priority ".len().."Priority ".len() + 1]));
    assert_eq!(of_store, of_file);
    assert_eq!(of_store, BTreeMap::from([("2", 63), ("3", 569), ("4", 1_920), ("5", 1_448)]));

    let of_file = tally(cases.values().filter_map(|case| known(&case.attributes["related_change"])));
    let of_store = tally(details.iter().filter_map(|text| {
        let (_, rest) = text.split_once("Related changes, as recorded: ").expect("it says so");
        let (_, rest) = rest.split_once("number: ").expect("it says so");
        Some(rest.split_once('.').expect("a sentence ends").0).filter(|number| *number != "—")
    }));
    assert_eq!(of_store, of_file);
    assert_eq!(of_store.len(), 32);
    let related = details.iter().filter(|text| !text.contains("Related changes, as recorded: —")).count();
    assert_eq!(related, 63, "where several changes are related, how many is known and not which");
}

fn registers_agree(runtime: &Runtime, cases: &BTreeMap<String, Case>) {
    let named = |columns: &[&str]| -> BTreeSet<String> {
        let cells = cases.values().flat_map(|case| columns.iter().map(|column| case.attributes[*column].as_str()));
        cells.filter_map(known).map(str::to_owned).collect()
    };
    let items = named(&["ci_name_aff", "ci_name_cby"]);
    assert_eq!(entries(runtime, "configuration_item"), items);
    assert_eq!(items.len(), 754);
    let services = named(&["service_component_wbs_aff", "servicecomp_wbs_cby"]);
    assert_eq!(entries(runtime, "service"), services);
    assert_eq!(services.len(), 185);
    let errors = named(&["km_number"]);
    assert_eq!(entries(runtime, "known_error"), errors);
    assert_eq!(errors.len(), 845);
    assert_eq!(entries(runtime, "service_item"), named(&["service_component_wbs_aff"]));
    let teams: BTreeSet<String> =
        cases.values().flat_map(|case| &case.activities).map(|row| row["assignment_group"].clone()).collect();
    assert_eq!(entries(runtime, "team"), teams);
}

fn differences_are_told(scratch: &Scratch, told: &str, cases: &BTreeMap<String, Case>, kept: &BTreeMap<String, Kept>) {
    let differences = rows(&scratch.path().join("differences.csv"));
    let about = |what: &str| -> BTreeMap<String, (String, String)> {
        let of = differences.iter().filter(|row| row["about"] == what);
        of.map(|row| (row["record"].clone(), (row["log"].clone(), row["attributes"].clone()))).collect()
    };
    let mut reassigned = BTreeMap::new();
    let (mut by_log, mut by_attributes) = (0, 0);
    for (number, case) in cases {
        let counted = case.count("Reassignment");
        let written: usize = case.attributes["x_reassignments"].parse().expect("it is a number");
        by_log += counted;
        by_attributes += written;
        if counted != written {
            reassigned.insert(number.clone(), (counted.to_string(), written.to_string()));
        }
    }
    assert_eq!(about("reassignments"), reassigned);
    assert_eq!((reassigned.len(), by_log, by_attributes), (110, 4_452, 4_542));
    let line = "reassignments: 4452 by the log, 4542 by the attributes; 110 records differ";
    assert!(told.contains(line), "{told}");

    let open: BTreeSet<String> =
        cases.iter().filter(|(_, case)| !case.is_over()).map(|(number, _)| number.clone()).collect();
    assert_eq!(about("state at the end").into_keys().collect::<BTreeSet<_>>(), open);
    let early: BTreeSet<String> = cases
        .iter()
        .filter(|(_, case)| case.activities[0]["data_stamp"] < case.attributes["open_time"])
        .map(|(number, _)| number.clone())
        .collect();
    assert_eq!(about("opened after the first activity").into_keys().collect::<BTreeSet<_>>(), early);
    assert_eq!(early.len(), 16);

    // What was reopened later than the process waits is told, and so are all others: as work that came back.
    let reopened: usize = kept.values().map(|record| record.completed("reopen") + record.completed("missing")).sum();
    let left_out: BTreeSet<&str> = differences
        .iter()
        .filter_map(|row| row["reason"].rsplit_once("the reopening in line "))
        .map(|(_, line)| line)
        .collect();
    let of_file: usize = cases.values().map(|case| case.count("Reopen")).sum();
    assert_eq!(reopened + left_out.len(), of_file);
    assert!(reopened > left_out.len() * 4, "{reopened} came back, {} could not", left_out.len());
}
