//! The whole chain once, from a report in the portal to the evidence of it: by mouse in Chinese, by keyboard alone in English.
//!
//! One story, told by people who take turns at one browser. It goes as far as an afternoon does: the problem waits thirty days
//! for its effect and the release ten working days in its early life, which tests with another clock see the end of.

mod change;
mod incident;
mod problem;
mod release;
mod trace;

use std::time::{SystemTime, UNIX_EPOCH};

use engine::time::Timestamp;
use tests::{Driver, Hand, Person, Scratch, Server};
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

/// The service that fails, and the configuration item that it fails on: one of its own, so that nothing of the demo's history is
/// scheduled on it or near to it.
const SERVICE: &str = "workplace_pc";
const ITEM: &str = "meet-f12";

/// The same in Chinese and in English.
type Both = [&'static str; 2];

/// What people read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Zh,
    En,
}

/// People of the demo at one browser, one after the other.
struct Story<'s> {
    person: Person<'s>,
    hand: Hand,
    language: Language,
}

impl Story<'_> {
    fn says(&self, [zh, en]: Both) -> &'static str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// Somebody else sits down.
    async fn passes_to(&self, name: &str) -> WebDriverResult<()> {
        self.person.gives_way_to(name, self.says(["zh-CN", "en"])).await
    }

    /// Reads words on the page.
    async fn reads(&self, words: Both) -> WebDriverResult<()> {
        self.reads_in("main", words).await
    }

    /// Reads where the record stands that is shown.
    async fn stands(&self, words: Both) -> WebDriverResult<()> {
        self.reads_in("main .page-head .state", words).await
    }

    /// Reads what happened to the record that is shown.
    async fn happened(&self, words: Both) -> WebDriverResult<()> {
        self.reads_in("main .timeline", words).await
    }

    async fn reads_in(&self, place: &str, words: Both) -> WebDriverResult<()> {
        let text = self.person.browser.find(By::Css(place)).await?.text().await?;
        assert!(text.contains(self.says(words)), "{} is not in:\n{text}", self.says(words));
        Ok(())
    }

    /// Adds to a record what may be added to it, and opens that: the newest of its tasks.
    async fn adds(&self, number: &str) -> WebDriverResult<()> {
        self.person.opens(number).await?;
        self.person.follows(By::Css("main form[action$='/add'] button")).await?;
        self.person.follows(By::XPath("(//main//a[@data-finish])[last()]")).await
    }

    /// The record of a process to which the page of a record leads.
    async fn finds(&self, of: &str, process: &str) -> WebDriverResult<String> {
        let link = format!("#ties a[href^='/records/{process}-']");
        self.person.awaits(of, By::Css(link)).await?.text().await
    }
}

/// The local time of the server so many seconds ahead, to the minute before.
fn ahead(seconds: i64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    let now = Timestamp(i64::try_from(since.as_millis()).expect("it is not that late"));
    let local = now.plus_ms(seconds * 1_000).to_local("Asia/Shanghai").expect("the zone is known");
    local.replacen(' ', "T", 1)
}

async fn is_walked(hand: Hand, language: Language) -> WebDriverResult<()> {
    let scratch = Scratch::new("browser-chain");
    let server = Server::start("demo", &scratch.path().join("data"));
    let driver = Driver::start();
    let story = Story { person: Person::before(&driver, &server, hand).await?, hand, language };

    release::registers_what_it_will_change(&story).await?;
    let incident = incident::is_reported(&story).await?;
    incident::is_sorted(&story, &incident).await?;
    let problem = problem::is_raised(&story, &incident).await?;
    incident::is_resolved(&story, &incident, &problem).await?;
    problem::is_understood(&story, &problem).await?;
    let change = problem::asks_for_a_change(&story, &problem).await?;
    change::is_assessed(&story, &change).await?;
    change::is_approved(&story, &change).await?;
    change::is_scheduled(&story, &change).await?;
    // While the change waits for its window, the incident ends and the release that brings the change is prepared.
    incident::is_confirmed(&story, &incident).await?;
    let release = release::is_planned(&story, &change, &problem).await?;
    release::is_signed(&story, &release).await?;
    change::is_implemented(&story, &change).await?;
    release::is_deployed(&story, &release).await?;
    problem::is_fixed(&story, &problem, &change).await?;
    release::is_released(&story, &release).await?;
    change::is_reviewed(&story, &change).await?;
    trace::shows_all(&story, &incident, [&problem, &change, &release]).await?;
    trace::is_kept_as_evidence(&story, [&incident, &problem, &change, &release]).await?;
    story.person.leaves().await
}

#[tokio::test]
async fn the_whole_chain_is_walked_by_mouse_in_chinese() -> WebDriverResult<()> {
    is_walked(Hand::Mouse, Language::Zh).await
}

#[tokio::test]
async fn the_whole_chain_is_walked_by_keyboard_alone_in_english() -> WebDriverResult<()> {
    is_walked(Hand::Keyboard, Language::En).await
}
