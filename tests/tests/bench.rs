//! `tiaoli bench` with tiny counts: every workload says its figures, of SQLite and of PostgreSQL. How fast it is, it says
//! on a quiet machine only.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value as Json;
use tests::{Database, executable};

/// What a run of the bench prints for machines.
fn figures(arguments: &[&str]) -> Vec<Json> {
    let output = Command::new(executable()).arg("bench").args(arguments).arg("--json").output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.lines().map(|line| serde_json::from_str(line).expect("every line is an object")).collect()
}

/// The same with records in SQLite and on PostgreSQL.
fn of_both(name: &str, arguments: &[&str]) -> Vec<Json> {
    let database = Database::new(&format!("bench_{name}"));
    let stores = format!("sqlite,{}", database.url());
    figures(&[arguments, &["--store", &stores]].concat())
}

fn assert_positive(figures: &Json, names: &[&str]) {
    for name in names {
        assert!(figures[name].as_f64().is_some_and(|figure| figure > 0.0), "{name} of {figures}");
    }
}

#[test]
fn incidents_and_automatic_records_are_measured_beside_the_ceiling() {
    let all = of_both("beside", &["W1", "W2", "--callers", "1,2", "--completions", "60", "--chains", "20"]);
    let said: Vec<_> = all.iter().map(|one| (one["work"].as_str(), one["store"].as_str())).collect();
    let of = |work: &'static str| ["sqlite", "sqlite", "postgres", "postgres"].map(|store| (Some(work), Some(store)));
    assert_eq!(said, [of("W1"), of("W2")].concat());
    for one in &all {
        let names = ["callers", "engine_per_s", "ceiling_per_s", "ratio", "p50_us", "p99_us", "ceiling_p99_us"];
        assert_positive(one, &names);
        assert_positive(one, &["disk_bytes_each", "ceiling_disk_bytes_each", "disk_ratio"]);
        assert_eq!(one["runs"].as_array().map(Vec::len), Some(3), "{one}");
    }
}

#[test]
fn the_rate_with_more_finished_records_behind_is_measured_against_that_with_fewer() {
    let all = of_both("kept", &["W1-kept", "--finished", "3,40", "--completions", "6"]);
    let said: Vec<_> = all.iter().map(|one| (one["store"].as_str(), one["finished"].as_u64())).collect();
    let of = |store: &'static str| [3, 40].map(|finished| (Some(store), Some(finished)));
    assert_eq!(said, [of("sqlite"), of("postgres")].concat());
    all.iter().for_each(|one| assert_positive(one, &["engine_per_s", "p99_us", "ratio_to_first"]));
}

#[test]
fn incidents_over_http_are_measured_against_those_without() {
    let all = of_both("http", &["W1-http", "--completions", "6"]);
    let said: Vec<_> = all.iter().map(|one| (one["work"].as_str(), one["store"].as_str())).collect();
    assert_eq!(said, ["sqlite", "postgres"].map(|store| (Some("W1-http"), Some(store))));
    all.iter().for_each(|one| assert_positive(one, &["http_per_s", "embedded_per_s", "ratio", "p50_us", "p99_us"]));
}

#[test]
fn timers_and_migrations_are_measured_beside_raw_sql() {
    let all = of_both("raw", &["W4", "W6", "--timers", "40", "--records", "20"]);
    let said: Vec<_> = all.iter().map(|one| (one["work"].as_str(), one["store"].as_str())).collect();
    let of = |work: &'static str| ["sqlite", "postgres"].map(|store| (Some(work), Some(store)));
    assert_eq!(said, [of("W4"), of("W6")].concat());
    for one in &all {
        assert_positive(one, &["seconds", "ratio"]);
        let raw = if one["work"] == "W4" { "ceiling_seconds" } else { "ceiling_per_s" };
        assert_positive(one, &[raw]);
    }
}

#[test]
fn the_start_of_the_executable_and_its_memory_at_rest_are_measured() {
    let all = figures(&["start"]);
    assert_eq!(all.len(), 1);
    assert_positive(&all[0], &["first_page_ms", "resident_mb"]);
}

#[test]
fn pages_are_measured() {
    let mut all = figures(&["W5", "--incidents", "600", "--visits", "1"]);
    let bytes = all.pop().expect("the bytes come last");
    assert_positive(&bytes, &["first_page", "next_page"]);
    let said: BTreeSet<_> =
        all.iter().filter_map(|one| Some((one["page"].as_str()?, one["callers"].as_u64()?))).collect();
    for page in ["inbox", "record"] {
        assert!([1, 50].iter().all(|users| said.contains(&(page, *users))), "{said:?}");
    }
    assert!(said.len() > 20, "{said:?}");
    all.iter().for_each(|one| assert_positive(one, &["per_s", "p50_us", "p99_us", "events"]));
}
