//! The board: its figures are what a plain count gives, and every figure leads to as many records.

mod desk;

use desk::browser::{Answer, Browser};
use desk::{Desk, at, staffed};
use engine::command::Command;
use engine::event::Actor;
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::StartOrder;
use store::{CaseFilter, CaseQuery};

const TICKET: &str = include_str!("data/ticket.flow");

/// Everything is measured.
fn measured(desk: &Desk) {
    while desk.runtime.measure_some().expect("records can be measured") > 0 {}
}

fn ticket(desk: &Desk, summary: &str, service: &str, priority: &str) -> String {
    let fields = Fields::from([
        (Name::from("summary"), Value::Text(summary.to_owned())),
        (Name::from("service"), Value::Ref(Name::from(service))),
        (Name::from("priority"), Value::Choice(Name::from(priority))),
    ]);
    let order = StartOrder { process: Name::from("ticket"), by: Name::from("dora"), on_behalf_of: None, fields };
    desk.runtime.start(order).expect("the form fits").instance.number().to_owned()
}

fn mend(desk: &Desk, number: &str, cost: i64) {
    let id = desk.runtime.store().instance_of_number(number).expect("it reads").expect("it is there");
    let loaded = desk.runtime.load(id).expect("it reads").expect("it is there");
    let task = loaded.instance.tasks()[0].id;
    let fields = Fields::from([(Name::from("cost"), Value::Number(cost.into()))]);
    let command = Command::Complete { task, outcome: Name::from("mended"), fields, reason: None };
    desk.runtime.execute(id, Actor::Person(Name::from("anna")), command).expect("anna mends it");
}

/// Four tickets of a Friday evening: one is mended at once, one too late on the Tuesday, two are open then.
fn worked() -> Desk {
    let desk = staffed();
    desk.deploy(TICKET);
    let soon = ticket(&desk, "The mail is slow", "mail", "p1");
    let late = ticket(&desk, "No mail at all", "mail", "p2");
    ticket(&desk, "The tunnel breaks down", "vpn", "p2");
    desk.clock.set(at("2026-09-18 17:45"));
    mend(&desk, &soon, 4);
    desk.clock.set(at("2026-09-22 10:00"));
    mend(&desk, &late, 8);
    ticket(&desk, "Nobody gets in", "vpn", "p1");
    measured(&desk);
    desk
}

/// The text of a piece of a page.
fn text(html: &str) -> String {
    let mut said = String::new();
    let mut within = false;
    for letter in html.chars() {
        match letter {
            '<' => within = true,
            '>' => within = false,
            _ if !within => said.push(letter),
            _ => {}
        }
    }
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of the table under a heading, cell by cell.
fn rows(answer: &Answer, heading: &str) -> Vec<Vec<String>> {
    let under = answer.body.split(&format!("<h2>{heading}</h2>")).nth(1);
    let under = under.unwrap_or_else(|| panic!("there is no {heading}: {}", answer.body));
    let body = under.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).expect("a table");
    let cells = |row: &str| {
        row.replace("</th>", "</td>").split("</td>").map(text).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
    };
    body.split("</tr>").map(cells).filter(|row| !row.is_empty()).collect()
}

/// The addresses of all figures with how many records each says that it is made of.
fn figures(answer: &Answer) -> Vec<(String, usize)> {
    let links = answer.body.split("<a href=\"/records/list").skip(1);
    links
        .map(|rest| {
            let (address, rest) = rest.split_once("\">").expect("an address ends");
            let said = text(rest.split("</a>").next().expect("a link ends"));
            let count = said.rsplit("of ").next().expect("there is a part").parse().expect("a number of records");
            (format!("/records/list{}", address.replace("&amp;", "&").replace("&#x3D;", "=")), count)
        })
        .collect()
}

#[actix_web::test]
async fn the_figures_are_what_a_plain_count_gives() {
    let desk = worked();
    let mut mei = Browser::of(&desk, "mei").await;
    let board = mei.get("/board?process=ticket&span=30").await;
    assert_eq!(board.status, 200, "{}", board.body);
    let cases = |status| {
        let query = CaseQuery { process: Some(Name::from("ticket")), status, limit: 100, ..CaseQuery::default() };
        desk.runtime.store().cases(&query).expect("it reads")
    };
    let (open, over) = (cases(CaseFilter::Open), cases(CaseFilter::Ended));
    let of = |level: &str| open.iter().filter(|case| case.priority.as_ref().is_some_and(|held| held == level)).count();
    let backlog = rows(&board, "Open records");
    let whole = backlog.last().expect("a row for all").clone();
    assert_eq!(whole, ["All".to_owned(), open.len().to_string(), of("p1").to_string(), of("p2").to_string()]);
    assert_eq!(backlog[0], ["begun today", "1", "1", "0"]);
    assert_eq!(backlog[2], ["3 to 6 days", "1", "0", "1"]);
    let flow = rows(&board, "Begun and ended");
    assert_eq!(flow.len(), 30, "a row for each day");
    let on = |day: &str| flow.iter().find(|row| row[0] == day).expect("the day is there")[1..].to_vec();
    assert_eq!((on("2026-09-18"), on("2026-09-22")), (vec!["3".into(), "1".into()], vec!["1".into(), "1".into()]));
    let ended: usize = flow.iter().map(|row| row[2].parse::<usize>().expect("a number")).sum();
    assert_eq!(ended, over.len());
    assert!(board.body.contains("4 begun and 2 ended"), "{}", board.body);
}

#[actix_web::test]
async fn declared_measures_stand_with_groups_periods_and_targets() {
    let desk = worked();
    let mut mei = Browser::of(&desk, "mei").await;
    let board = mei.get("/board?process=ticket&span=7").await;
    let table = |heading: &str| rows(&board, heading);
    assert_eq!(table("Tickets"), [["All", "4"], ["Urgent", "2"], ["Normal", "2"]]);
    assert_eq!(table("Repaired late"), [["All", "50 % of 2 missed"]]);
    assert!(board.body.contains("Target ≤ 20 %"), "{}", board.body);
    assert_eq!(table("Median cost"), [["All", "6 of 2 met"], ["E-mail", "6 of 2 met"]]);
    assert_eq!(table("Unresolved"), [["All", "2"], ["Urgent", "1"], ["Normal", "1"]]);
    assert_eq!(table("Time to repair")[0], ["All", "100 % of 1", "0 % of 1"], "by week");
    let monthly = mei.get("/board?process=ticket&span=7&trend=month").await;
    assert_eq!(rows(&monthly, "Time to repair")[0], ["All", "50 % of 2"]);
    assert!(monthly.body.contains("class=\"chart\""), "the figures are drawn");
}

#[actix_web::test]
async fn every_figure_leads_to_as_many_records_as_it_says() {
    let desk = worked();
    let mut mei = Browser::of(&desk, "mei").await;
    for address in ["/board?process=ticket&span=7", "/board?process=ticket&span=7&service=vpn&priority=p2&trend=month"]
    {
        let board = mei.get(address).await;
        let figures = figures(&board);
        assert!(figures.len() > 20, "{address} has {}", figures.len());
        for (link, count) in figures {
            let list = mei.get(&link).await;
            assert_eq!(list.status, 200, "{link}");
            assert_eq!(list.body.matches("<tr data-row>").count(), count, "{link}");
            assert!(list.body.contains(&format!("Records: {count}")), "{link}: {}", list.body);
        }
    }
    let board = mei.get("/board?process=ticket&span=7&service=vpn&priority=p2").await;
    assert_eq!(rows(&board, "Open records").last().expect("a row for all")[1], "1");
}

#[actix_web::test]
async fn the_list_behind_a_figure_says_what_each_record_adds_to_it() {
    let desk = worked();
    let mut mei = Browser::of(&desk, "mei").await;
    let list = |measure: &str| format!("/records/list?process=ticket&measure={measure}");
    let late = mei.get(&list("late")).await.body;
    assert!(late.contains("<th scope=\"col\">Repaired late</th>"), "{late}");
    let said = |word: &str| late.matches(&format!("<td data-label=\"Repaired late\">{word}</td>")).count();
    assert_eq!((said("yes"), said("no")), (1, 1), "{late}");
    let spent = mei.get(&list("spent")).await.body;
    for cost in ["4", "8"] {
        assert!(spent.contains(&format!("<td data-label=\"Median cost\">{cost}</td>")), "{cost}: {spent}");
    }
    let volume = mei.get(&list("volume")).await.body;
    assert!(!volume.contains("<th scope=\"col\">Tickets</th>"), "of a count each is one: {volume}");
}

#[actix_web::test]
async fn a_record_that_changes_is_counted_anew_and_another_version_measures_all() {
    let desk = worked();
    let mut mei = Browser::of(&desk, "mei").await;
    let number = ticket(&desk, "Again no mail", "mail", "p2");
    measured(&desk);
    let volume = |board: &Answer| rows(board, "Tickets")[0].last().expect("this month").clone();
    assert_eq!(volume(&mei.get("/board?process=ticket").await), "5");
    mend(&desk, &number, 12);
    measured(&desk);
    let board = mei.get("/board?process=ticket").await;
    assert_eq!(rows(&board, "Open records").last().expect("a row for all")[1], "2");
    assert_eq!(rows(&board, "Median cost")[0], ["All", "– of 0", "8 of 3 met"], "of 4, 8 and 12 in this month");
    desk.deploy(&TICKET.replace("median(cost) when cost is not empty", "max(cost) when cost > 4"));
    measured(&desk);
    let board = mei.get("/board?process=ticket").await;
    assert_eq!(rows(&board, "Median cost")[0], ["All", "– of 0", "12 of 2 met"]);
}

#[actix_web::test]
async fn a_list_comes_in_pages_and_tells_nothing_of_what_one_may_not_see() {
    let desk = staffed();
    desk.deploy(&TICKET.replace("seen by    requester, role staff", "seen by    requester"));
    for number in 0..55 {
        ticket(&desk, &format!("Nothing works {number}"), "mail", "p1");
    }
    measured(&desk);
    let (mut mei, mut otto) = (Browser::of(&desk, "mei").await, Browser::of(&desk, "otto").await);
    let address = "/records/list?process=ticket&measure=:open";
    let first = otto.get(address).await;
    assert_eq!(first.body.matches("<tr data-row>").count(), 50);
    assert!(first.body.contains("Nothing works 54") && first.body.contains("Records: 55"), "{}", first.body);
    let next = first.body.split("\" rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next());
    let next = next.expect("there is more").replace("&amp;", "&").replace("&#x3D;", "=");
    let second = otto.get(&next).await;
    assert_eq!(second.body.matches("<tr data-row>").count(), 5);
    assert!(!second.body.contains("rel=\"next\""), "{}", second.body);
    let unseen = mei.get(address).await;
    assert!(unseen.body.contains("Records: 55") && !unseen.body.contains("Nothing works"), "{}", unseen.body);
}

#[actix_web::test]
async fn who_answers_for_no_process_has_no_board_and_who_does_has_that_one() {
    let desk = worked();
    desk.deploy(
        &TICKET
            .replace("owner      incident_manager", "owner      director")
            .replace("process ticket", "process errand")
            .replace("of ticket", "of errand")
            .replace("TIC-", "ERR-"),
    );
    let mut mei = Browser::of(&desk, "mei").await;
    let board = mei.get("/board").await;
    let body = board.body.replace("&#x3D;", "=");
    assert!(body.contains("process=ticket") && !body.contains("process=errand"), "{body}");
    for address in [
        "/board?process=errand",
        "/board?process=nothing",
        "/records/list?process=errand&measure=:open",
        "/records/list?process=ticket&measure=nothing",
        "/records/list",
    ] {
        assert_eq!(mei.get(address).await.status, 404, "{address}");
    }
    let mut bao = Browser::of(&desk, "bao").await;
    assert!(!bao.get("/inbox").await.body.contains("href=\"/board\""));
    assert!(mei.get("/inbox").await.body.contains("href=\"/board\""));
}
