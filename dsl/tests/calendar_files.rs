//! Calendar files: what they may say, and every problem with its line in both languages.

use dsl::calendars::{changes, known, read_csv, read_json};
use engine::calendar::{CalendarData, Exception, Window};

fn office() -> CalendarData {
    let office = known().iter().find(|known| known.key == *"office_09_18_shanghai");
    office.expect("it comes with the product").data.clone()
}

const NEXT_YEAR: &str = "\u{feff}# 2027
until,2027-12-31
2027-01-01,closed
2027-02-06,make-up

2027-02-07,make-up,thu
2027-12-31,hours,09:00-12:00 13:00-15:00
2026-10-10,ordinary
source,Notice for 2027,No. 1,2026-11-20,https://example.org/2027
";

#[test]
fn a_csv_file_adds_dates_to_a_calendar() {
    let data = read_csv(NEXT_YEAR, &office()).expect("the file is sound");
    let says = |day: &str| data.exceptions.get(day).cloned();
    assert_eq!(says("2027-01-01"), Some(Exception::Closed));
    assert_eq!(says("2027-02-06"), Some(Exception::MakeUp));
    assert_eq!(says("2027-02-07"), Some(Exception::MakeUpFor(3)));
    let short = vec![Window { from: 540, to: 720 }, Window { from: 780, to: 900 }];
    assert_eq!(says("2027-12-31"), Some(Exception::Hours(short)));
    assert_eq!(says("2026-10-10"), None);
    assert_eq!(says("2026-10-01"), Some(Exception::Closed), "what is not named stays");
    assert_eq!((data.known_until.as_deref(), data.sources.len()), (Some("2027-12-31"), 4));
}

#[test]
fn a_preview_names_every_change_and_counts_those_that_lie_behind() {
    let office = office();
    let said = changes(&office, &read_csv(NEXT_YEAR, &office).expect("sound"), "2026-11-26");
    let en: Vec<&str> = said.iter().map(|labels| labels.en.as_str()).collect();
    assert_eq!(
        en,
        [
            "published range: 2024-01-01 – 2026-12-31 → 2024-01-01 – 2027-12-31",
            "source: Notice for 2027 No. 1 2026-11-20",
            "2026-10-10: make-up workday → ordinary",
            "2027-01-01: ordinary → closed",
            "2027-02-06: ordinary → make-up workday",
            "2027-02-07: ordinary → make-up workday with the hours of Thursday",
            "2027-12-31: ordinary → 09:00–12:00, 13:00–15:00",
            "days that lie behind: 1; what was told of them stays told",
        ]
    );
    assert!(said.iter().all(|labels| labels.zh != labels.en && !labels.zh.is_empty()));
    assert_eq!(changes(&office, &office, "2026-11-26"), []);
}

#[test]
fn every_problem_of_a_csv_file_is_told_with_its_line() {
    let text = "2027-13-01,closed\n2027-1-1,closed\n2027-01-02,shut\n2027-01-03,make-up,someday\n\
        2027-01-04,hours,9-12\n2027-01-05,closed\n2027-01-05,closed\nsource,\n";
    let problems = read_csv(text, &office()).expect_err("nothing of it is right");
    let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 7, 8], "{problems:#?}");
    assert!(problems.iter().all(|problem| !problem.says.en.is_empty() && problem.says.zh != problem.says.en));
    let backwards = read_csv("2027-01-05,hours,12:00-09:00\n", &office()).expect_err("the hours run backwards");
    assert_eq!(backwards.iter().map(|problem| problem.line).collect::<Vec<_>>(), [1]);
    let range = read_csv("# a range\nuntil,2020-12-31\n", &office()).expect_err("it ends before it begins");
    assert_eq!(range.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_json_file_is_a_whole_calendar() {
    let text = include_str!("../../processes/calendars/office_09_18_shanghai.json");
    let file = read_json(text).expect("the packaged calendar is sound");
    assert_eq!((file.key.as_str(), file.data), ("office_09_18_shanghai", office()));
}

#[test]
fn every_problem_of_a_json_file_is_told_with_its_line() {
    let text = include_str!("../../processes/calendars/office_09_18_shanghai.json");
    let line = |needle: &str, text: &str| text.lines().position(|line| line.contains(needle)).map(|at| at + 1);
    let broken = text.replace("Asia/Shanghai", "Asia/Peking").replace("2025-10-01", "2025-10-41").replacen(
        "\"from\": 540, \"to\": 1080",
        "\"from\": 1080, \"to\": 540",
        1,
    );
    let problems = read_json(&broken).expect_err("three things are wrong");
    let mut lines: Vec<Option<usize>> = problems.iter().map(|problem| Some(problem.line)).collect();
    lines.sort_unstable();
    assert_eq!(lines, [line("Peking", &broken), line("1080, ", &broken), line("10-41", &broken)]);
    let cut = read_json("{\n\"key\": \"x\",\n").expect_err("it stops in the midst");
    assert_eq!(cut.len(), 1);
    assert!(cut[0].line >= 2 && cut[0].says.zh.starts_with("不是日历文件"), "{cut:?}");
}
