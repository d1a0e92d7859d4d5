//! The change calendar: by month, week and list, with overlaps and freezes in words.

mod desk;

use desk::browser::Browser;
use desk::linked::{begin, deploy, many, put};
use desk::{Desk, at, staffed};
use engine::value::Value;

fn planned(desk: &Desk, summary: &str, item: &str, service: &str, from: &str, until: &str) -> String {
    let fields = [
        ("items", many(&[item])),
        ("service", Value::Ref(service.into())),
        ("window_start", Value::Instant(at(from))),
        ("window_end", Value::Instant(at(until))),
    ];
    begin(desk, "change", "anna", summary, &fields).number().to_owned()
}

fn desk() -> Desk {
    let desk = staffed();
    deploy(&desk);
    desk
}

/// What a page says of a day.
fn day<'p>(page: &'p str, date: &str) -> &'p str {
    let found = page.split("<li class=\"day").find(|part| part.contains(&format!("<time datetime=\"{date}\">")));
    found.unwrap_or_else(|| panic!("{date} is not shown: {page}"))
}

#[actix_web::test]
async fn what_is_planned_stands_on_each_of_its_days_in_every_view() {
    let desk = desk();
    let disk = planned(&desk, "Bigger disk", "mail-01", "mail", "2026-10-02 22:00", "2026-10-03 02:00");
    begin(&desk, "change", "anna", "No window yet", &[]);
    let mut bao = Browser::of(&desk, "bao").await;
    for (view, from) in [("month", "2026-10-01"), ("week", "2026-10-01"), ("list", "2026-10-01")] {
        let page = bao.get(&format!("/changes/calendar?view={view}&from={from}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.body;
        let friday = day(&page, "2026-10-02");
        for said in [&disk, "Bigger disk", "CAB", "E-mail", "from 22:00"] {
            assert!(friday.contains(said), "{view}: {said} in {friday}");
        }
        assert!(day(&page, "2026-10-03").contains("until 02:00"), "{view}: {page}");
        assert!(!page.contains("No window yet"), "{view}: {page}");
        assert!(
            page.contains(&format!("href=\"?view&#x3D;{view}&amp;from&#x3D;2026-09-18\"")),
            "today is a link: {page}"
        );
    }
    let month = bao.get("/changes/calendar?view=month&from=2026-10-17").await.body;
    for link in ["?view=month&amp;from=2026-09-01", "?view=month&amp;from=2026-11-01", "?view=week&amp;from=2026-10-17"]
    {
        assert!(month.contains(&link.replace('=', "&#x3D;")), "{link}: {month}");
    }
    assert!(
        month.contains("<time datetime=\"2026-09-28\">") && month.contains("<time datetime=\"2026-11-01\">"),
        "whole weeks"
    );
    assert!(!month.contains("<time datetime=\"2026-11-02\">"), "{month}");
    let empty = bao.get("/changes/calendar?view=list&from=2026-12-01").await.body;
    assert!(empty.contains("Nothing is planned in this period."), "{empty}");
    let odd = bao.get("/changes/calendar?view=year&from=tomorrow").await;
    assert!(odd.status == 200 && odd.body.contains("<time datetime=\"2026-09-18\">"), "what is no day is today");
}

#[actix_web::test]
async fn overlaps_on_the_same_item_and_freezes_are_said_in_words() {
    let desk = desk();
    let disk = planned(&desk, "Bigger disk", "mail-01", "mail", "2026-10-02 22:00", "2026-10-03 02:00");
    let patch = planned(&desk, "Patch", "mail-01", "mail", "2026-10-03 01:00", "2026-10-03 03:00");
    let after = planned(&desk, "Later patch", "mail-01", "mail", "2026-10-03 03:00", "2026-10-03 04:00");
    let gateway = planned(&desk, "Gateway", "gw-01", "vpn", "2026-10-02 22:00", "2026-10-02 23:00");
    let span = [("starts", Value::Instant(at("2026-10-03 00:30"))), ("ends", Value::Instant(at("2026-10-07 00:00")))];
    let of_mail = [span[0].clone(), span[1].clone(), ("services", many(&["mail"]))];
    put(&desk, "freeze_window", "fair", "The autumn fair", &of_mail, None);
    let mut bao = Browser::of(&desk, "bao").await;
    let page = bao.get("/changes/calendar?view=list&from=2026-10-01").await.body;
    let (friday, saturday) = (day(&page, "2026-10-02"), day(&page, "2026-10-03"));
    let overlap = |other: &str| format!("<a class=\"mono\" href=\"/records/{other}\">{other}</a>: Mail server 1");
    assert!(friday.contains(&overlap(&patch)), "{friday}");
    assert!(saturday.contains(&overlap(&disk)), "{saturday}");
    assert!(
        !page.contains(&overlap(&after)) && !page.contains(&overlap(&gateway)),
        "one after the other is no overlap: {page}"
    );
    assert!(!friday.contains("Freeze: ") && saturday.contains("Freeze: The autumn fair"), "{page}");
    assert!(day(&page, "2026-10-06").contains("Freeze: The autumn fair"), "a band on each day: {page}");
    assert!(!page.contains("<time datetime=\"2026-10-07\">"), "its end is not in it: {page}");
    assert!(saturday.contains("Within the freeze “The autumn fair”"), "{saturday}");
    let of_gateway =
        friday.split("<li class=\"planned\">").find(|part| part.contains(&gateway)).expect("it is planned");
    assert!(!of_gateway.contains("Within the freeze"), "another service: {of_gateway}");
    assert!(page.contains("E-mail</span></li>"), "the freeze says its services: {page}");
}

#[actix_web::test]
async fn what_is_near_by_relations_overlaps_too_and_the_way_is_said() {
    let desk = desk();
    put(&desk, "configuration_item", "db-01", "Mail database", &[("depends_on", many(&["mail-01"]))], None);
    put(&desk, "configuration_item", "web-01", "Webmail", &[("depends_on", many(&["db-01"]))], None);
    put(&desk, "configuration_item", "far-01", "Archive", &[("depends_on", many(&["web-01"]))], None);
    let disk = planned(&desk, "Bigger disk", "mail-01", "mail", "2026-10-02 22:00", "2026-10-03 02:00");
    let webmail = planned(&desk, "Webmail", "web-01", "mail", "2026-10-02 23:00", "2026-10-02 23:30");
    let archive = planned(&desk, "Archive", "far-01", "vpn", "2026-10-02 20:00", "2026-10-02 22:30");
    let mut bao = Browser::of(&desk, "bao").await;
    let page = bao.get("/changes/calendar?view=list&from=2026-10-01").await.body;
    let way = format!(">{webmail}</a>: Mail server 1 → Mail database → Webmail");
    assert!(
        page.contains(&way) && page.contains(&format!(">{disk}</a>: Webmail → Mail database → Mail server 1")),
        "{page}"
    );
    let mut of_archive = page
        .split("<li class=\"planned\">")
        .filter(|part| part.contains(&format!("> {archive}")) || part.contains(&format!(">{archive}<")));
    assert!(of_archive.all(|part| !part.contains("Overlaps")), "three relations away is far enough: {page}");
    assert!(page.contains(&archive), "{page}");
    let clear = "No two changes of this period";
    assert!(!page.contains(clear));
    let later = planned(&desk, "Bigger disk", "mail-01", "mail", "2026-12-02 22:00", "2026-12-02 23:00");
    let alone = bao.get("/changes/calendar?view=list&from=2026-12-01").await.body;
    assert!(alone.contains(&later) && alone.contains(clear), "{alone}");
}

#[actix_web::test]
async fn what_is_over_and_what_is_not_for_staff_is_not_in_the_calendar() {
    let desk = desk();
    let number = planned(&desk, "Bigger disk", "mail-01", "mail", "2026-10-02 22:00", "2026-10-03 02:00");
    let mut bao = Browser::of(&desk, "bao").await;
    assert_eq!(bao.post(&desk.task(&number, "consent"), &[("outcome", "approved")]).await.status, 303);
    let page = bao.get("/changes/calendar?view=month&from=2026-10-01").await.body;
    assert!(page.contains("Carry out"), "it says where it stands: {page}");
    assert_eq!(bao.post(&desk.task(&number, "do"), &[("outcome", "done")]).await.status, 303);
    let page = bao.get("/changes/calendar?view=month&from=2026-10-01").await.body;
    assert!(!day(&page, "2026-10-02").contains(&number), "{page}");
    assert_eq!(Browser::of(&desk, "emil").await.get("/changes/calendar").await.status, 404);
}

#[actix_web::test]
async fn what_stands_in_the_way_is_named_with_its_time_and_the_way_to_it() {
    let desk = staffed();
    deploy(&desk);
    put(&desk, "configuration_item", "mail-01", "Mail server 1", &[], None);
    put(&desk, "configuration_item", "db-01", "Mail database", &[("depends_on", many(&["mail-01"]))], None);
    put(&desk, "configuration_item", "web-01", "Webmail", &[("depends_on", many(&["db-01"]))], None);
    let planned = |summary: &str, item: &str, from: &str, until: &str| {
        let instant = |text: &str| Value::Instant(at(text));
        let window = [("window_start", instant(from)), ("window_end", instant(until)), ("items", many(&[item]))];
        begin(&desk, "change", "mei", summary, &window).number().to_owned()
    };
    let other = planned("Move the database", "web-01", "2026-09-19 20:00", "2026-09-19 23:00");
    let this = planned("Patch the server", "mail-01", "2026-09-19 21:00", "2026-09-19 22:00");
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post(&desk.task(&this, "consent"), &[("outcome", "approved")]).await.status, 303);
    let refused = anna.post(&desk.task(&this, "do"), &[("outcome", "done")]).await;
    assert_eq!(refused.status, 422);
    for said in [
        "Another change is at the same time".to_owned(),
        format!("<a href=\"/records/{other}\">{other} Move the database</a>"),
        "Sat 2026-09-19 20:00 to Sat 2026-09-19 23:00".to_owned(),
        "Mail server 1 → Mail database → Webmail".to_owned(),
    ] {
        assert!(refused.body.contains(&said), "{said}: {}", refused.body);
    }
    let fair = [("starts", Value::Instant(at("2026-09-26 00:00"))), ("ends", Value::Instant(at("2026-09-28 00:00")))];
    put(&desk, "freeze_window", "fair", "The autumn fair", &fair, None);
    let frozen = planned("Sell more", "mail-01", "2026-09-26 20:00", "2026-09-26 22:00");
    assert_eq!(anna.post(&desk.task(&frozen, "consent"), &[("outcome", "approved")]).await.status, 303);
    let refused = anna.post(&desk.task(&frozen, "do"), &[("outcome", "done")]).await;
    for said in ["It is a freeze", "The autumn fair</a>", "Sat 2026-09-26 00:00 to Mon 2026-09-28 00:00"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
}
