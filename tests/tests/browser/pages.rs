//! Every page at two widths and in two languages: whoever cannot see, cannot use a mouse or has a small screen can use it.
//!
//! People of the demo follow every link they find. axe-core judges each page by WCAG 2.2, levels A and AA; nothing is wider than
//! a phone, and no page writes an error to the browser's console.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tests::{Driver, Person, Scratch, Server};
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

/// The judge; see `tests/data/axe/README.md`.
const AXE: &str = include_str!("../../data/axe/axe.min.js");

/// Asks the judge about the page and gives what violates a rule, each with the first element of it.
const JUDGE: &str = r#"
    const done = arguments[arguments.length - 1];
    const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
    axe.run(document, { runOnly: levels, resultTypes: ["violations"] }).then(
        (found) => done(found.violations.map((one) => ({
            rule: one.id,
            help: one.help,
            nodes: one.nodes.length,
            first: one.nodes[0].html.slice(0, 300),
            why: one.nodes[0].failureSummary,
        }))),
        (error) => done([{ rule: "axe itself", help: String(error), nodes: 0, first: "", why: "" }]),
    );
"#;

/// The addresses that the page links to, and whether it is wider than the window.
const LOOK: &str = r#"
    const links = [...document.querySelectorAll("a[href]")].filter((link) => !link.hasAttribute("download"));
    return {
        links: links.map((link) => link.getAttribute("href")),
        here: location.pathname + location.search,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        widest: [...document.querySelectorAll("main *, header *")].filter(
            (one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3).map(
            (one) => one.outerHTML.slice(0, 120)),
    };
"#;

/// A window's width and height.
const SIZES: [(u32, u32); 2] = [(1280, 900), (390, 844)];
/// Where everybody begins.
const HOMES: [&str; 2] = ["/", "/portal"];
/// How many addresses of one page are looked at; of those that show something else for each record, more.
const EACH: usize = 2;
const EACH_FORM: usize = 12;

#[derive(Debug, Deserialize)]
struct Violation {
    rule: String,
    help: String,
    nodes: usize,
    first: String,
    why: String,
}

#[derive(Debug, Deserialize)]
struct Seen {
    links: Vec<String>,
    here: String,
    wide: i64,
    widest: Vec<String>,
}

/// The paths of the page table that answer with a page to read.
fn table() -> Vec<String> {
    let source = include_str!("../../../web/src/pages.rs");
    let line = |line: &str| Some(line.trim().strip_prefix("get(\"")?.split('"').next()?.to_owned());
    source.lines().filter_map(line).collect()
}

/// Which page of the table an address is of: the most literal one whose parts fit.
fn page_of<'t>(table: &'t [String], address: &str) -> Option<&'t str> {
    let path = address.split(['?', '#']).next()?;
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |page: &&String| {
        let own: Vec<&str> = page.split('/').collect();
        own.len() == parts.len() && own.iter().zip(&parts).all(|(own, part)| own.starts_with('{') || own == part)
    };
    table.iter().filter(fits).min_by_key(|page| page.matches('{').count()).map(String::as_str)
}

/// What is no page of its own: what machines ask, files to keep, parts that scripts fetch, ways to somewhere else; and what
/// nobody sees who is signed in.
const NO_PAGES: [&str; 10] = [
    "/healthz",
    "/metrics",
    "/first-run",
    "/sign-in",
    "/records",
    "/records/{number}/files/{file}",
    "/records/{number}/readers",
    "/registers/{register}/-/export/{format}",
    "/tasks/{task}/peek",
    "/portal/report/solutions",
];
/// What stands behind forms, or only sometimes behind a link. `{task}` is an open one.
const BESIDES: [(&str, &[&str]); 3] = [
    (
        "admin",
        &[
            "/admin/undelivered",
            "/admin/batches?verb=suspend&process=incident&status=running",
            "/registers/configuration_item",
            "/registers/configuration_item/-/import",
        ],
    ),
    (
        "lina",
        &[
            "/search?q=VPN",
            "/search?q=wangwei",
            "/inbox?peek={task}",
            "/inbox?view=groups&group=priority&text=vpn",
            "/inbox/bulk?deed=claim&task={task}",
            "/tasks/{task}/snooze",
            "/inbox/snoozed",
            "/watched",
        ],
    ),
    ("chenjie", &["/portal/report?service=vpn", "/search?q=VPN"]),
];

struct Round<'t> {
    table: &'t [String],
    looked_at: BTreeMap<&'t str, BTreeSet<String>>,
    wrong: Vec<String>,
}

impl<'t> Round<'t> {
    /// Whether an address is worth a look, which it is then marked to have had.
    fn takes(&mut self, address: &str) -> bool {
        let Some(page) = page_of(self.table, address) else { return false };
        if NO_PAGES.contains(&page) {
            return false;
        }
        let most = if matches!(page, "/tasks/{task}" | "/records/{number}") { EACH_FORM } else { EACH };
        let had = self.looked_at.entry(page).or_default();
        had.len() < most && had.insert(address.to_owned())
    }

    async fn looks(&mut self, person: &Person<'_>, address: &str, width: u32) -> WebDriverResult<Seen> {
        person.goes(address).await?;
        person.browser.execute(AXE, vec![]).await?;
        let found: Vec<Violation> = person.browser.execute_async(JUDGE, vec![]).await?.convert()?;
        for one in found {
            let Violation { rule, help, nodes, first, why } = one;
            self.wrong.push(format!("{address} at {width}: {rule}, {help} ({nodes} of them): {first}\n  {why}"));
        }
        let seen: Seen = person.browser.execute(LOOK, vec![]).await?.convert()?;
        if seen.wide > 0 {
            self.wrong.push(format!("{address} is {} px wider than {width}: {:?}", seen.wide, seen.widest));
        }
        for line in person.browser.browser_log().await? {
            self.wrong.push(format!("{address} at {width} writes to the console: {} {}", line.level, line.message));
        }
        Ok(seen)
    }
}

#[tokio::test]
async fn every_page_is_accessible_fits_a_phone_and_logs_no_error() -> WebDriverResult<()> {
    let scratch = Scratch::new("pages");
    let server = Server::start("demo", &scratch.path().join("data"));
    let driver = Driver::start();
    let table = table();
    let mut round = Round { table: &table, looked_at: BTreeMap::new(), wrong: Vec::new() };
    for name in ["admin", "lina", "zhouqiang", "chenjie"] {
        let person = Person::signed_in(&driver, &server, name).await?;
        let mut addresses: Vec<String> = Vec::new();
        let mut ahead = vec![HOMES[0].to_owned(), HOMES[1].to_owned()];
        driver.sizes(&person.browser, SIZES[0]);
        person.speaks("zh-CN").await?;
        if name == "admin" {
            ahead.push(an_order(&person).await?);
        }
        while let Some(address) = ahead.pop() {
            if !round.takes(&address) {
                continue;
            }
            let seen = round.looks(&person, &address, SIZES[0].0).await?;
            ahead.extend(seen.links.into_iter().filter_map(|link| resolved(&seen.here, &link)));
            addresses.push(address);
        }
        let task = if name == "lina" { an_open_task(&person).await? } else { String::new() };
        for address in BESIDES.iter().filter(|(who, _)| *who == name).flat_map(|(_, besides)| *besides) {
            let address = address.replace("{task}", &task);
            let seen = round.looks(&person, &address, SIZES[0].0).await?;
            if let Some(page) = page_of(&table, &address) {
                round.looked_at.entry(page).or_default().insert(address.clone());
            }
            // An entry of the register, and what its failure reaches.
            let is_entry = |link: &&String| link.starts_with("/registers/configuration_item/") && !link.contains("/-/");
            let entry = seen.links.iter().find(is_entry).filter(|_| address == "/registers/configuration_item");
            if let Some(entry) = entry {
                for address in [entry.clone(), format!("{entry}/impact")] {
                    round.looks(&person, &address, SIZES[0].0).await?;
                    addresses.push(address);
                }
                round.looked_at.entry("/registers/{register}/{key}/impact").or_default().insert(entry.clone());
            }
            addresses.push(address);
        }
        person.goes("/").await?;
        person.speaks("en").await?;
        driver.sizes(&person.browser, SIZES[1]);
        for address in addresses {
            round.looks(&person, &address, SIZES[1].0).await?;
        }
        person.leaves().await?;
    }
    let unseen =
        table.iter().filter(|page| !NO_PAGES.contains(&page.as_str()) && !round.looked_at.contains_key(page.as_str()));
    let unseen: Vec<&String> = unseen.collect();
    round.wrong.extend(unseen.into_iter().map(|page| format!("no link leads to {page}")));
    assert!(round.wrong.is_empty(), "{} wrong:\n{}", round.wrong.len(), round.wrong.join("\n"));
    Ok(())
}

/// Orders something about records, here one of them, and gives the page that shows how far it is.
async fn an_order(person: &Person<'_>) -> WebDriverResult<String> {
    person.goes("/admin/instances?status=running").await?;
    let seen: Seen = person.browser.execute(LOOK, vec![]).await?.convert()?;
    let number = seen.links.iter().find_map(|link| link.strip_prefix("/records/")).expect("something is open");
    person.goes(&format!("/admin/batches?verb=suspend&numbers={number}")).await?;
    person.fills("reason", "全部暂停").await?;
    person.follows(By::Css("#rehearsal form button.primary")).await?;
    person.place().await
}

/// The first task for the groups of somebody who works.
async fn an_open_task(person: &Person<'_>) -> WebDriverResult<String> {
    person.goes("/inbox?view=groups").await?;
    let seen: Seen = person.browser.execute(LOOK, vec![]).await?.convert()?;
    Ok(seen.links.iter().find_map(|link| link.strip_prefix("/tasks/")).expect("a task is open").to_owned())
}

/// Where a link leads, if that is on this server.
fn resolved(here: &str, link: &str) -> Option<String> {
    let path = here.split('?').next()?;
    match link.as_bytes().first()? {
        b'/' => Some(link.split('#').next()?.to_owned()),
        b'?' => Some(format!("{path}{}", link.split('#').next()?)),
        _ => None,
    }
}
