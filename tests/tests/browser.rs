//! A real browser reports, triages, resolves and confirms an incident, in both languages.

use tests::{Driver, Scratch, Server};
use thirtyfour::error::WebDriverResult;
use thirtyfour::extensions::query::ElementWaitable;
use thirtyfour::{By, WebDriver};

const SUMMARY: &str = "The VPN drops 每五分钟断线";

/// Somebody at a browser of their own.
struct Person<'s> {
    browser: WebDriver,
    server: &'s Server,
}

impl<'s> Person<'s> {
    async fn signed_in(driver: &Driver, server: &'s Server, name: &str) -> WebDriverResult<Person<'s>> {
        let person = Person { browser: driver.browser(name, "1280,900").await?, server };
        person.goes("/").await?;
        person.fills("sign_in", name).await?;
        person.fills("password", &server.password_of(name)).await?;
        person.follows(By::Css("main form button.primary")).await?;
        Ok(person)
    }

    async fn goes(&self, path: &str) -> WebDriverResult<()> {
        self.browser.goto(format!("http://{}{path}", self.server.address)).await
    }

    async fn presses(&self, css: &str) -> WebDriverResult<()> {
        self.browser.find(By::Css(css)).await?.click().await
    }

    /// Presses what leads to another page, and waits until this one is gone.
    async fn follows(&self, by: By) -> WebDriverResult<()> {
        let page = self.browser.find(By::Css("html")).await?;
        self.browser.find(by).await?.click().await?;
        page.wait_until().stale().await
    }

    /// Fills a field as its kind asks for: picks, ticks or types.
    async fn fills(&self, name: &str, value: &str) -> WebDriverResult<()> {
        let field = self.browser.find(By::Css(format!("main [name='{name}']"))).await?;
        let kind = field.attr("type").await?.unwrap_or_default();
        if field.tag_name().await? == "select" {
            self.presses(&format!("main select[name='{name}'] option[value='{value}']")).await
        } else if kind == "radio" || kind == "checkbox" {
            self.presses(&format!("main input[name='{name}'][value='{value}']")).await
        } else {
            field.clear().await?;
            field.send_keys(value).await
        }
    }

    /// Switches to a language where the page is in the other one.
    async fn speaks(&self, language: &str) -> WebDriverResult<()> {
        let button = format!(".languages button[value='{language}']");
        if self.browser.find_all(By::Css(&button)).await?.is_empty() {
            return Ok(());
        }
        self.follows(By::Css(&button)).await
    }

    async fn reads(&self) -> WebDriverResult<String> {
        self.browser.find(By::Css("main")).await?.text().await
    }

    async fn opens_from_inbox(&self, number: &str) -> WebDriverResult<()> {
        self.goes("/inbox").await?;
        let link = format!("//tr[.//a[@href='/records/{number}']]//a[@data-open]");
        self.follows(By::XPath(link)).await
    }

    async fn finishes(&self, outcome: &str, fields: &[(&str, &str)]) -> WebDriverResult<()> {
        self.fills("outcome", outcome).await?;
        for (name, value) in fields {
            self.fills(name, value).await?;
        }
        self.follows(By::Css("main button[data-finish]")).await
    }

    async fn leaves(self) -> WebDriverResult<()> {
        self.browser.quit().await
    }
}

#[tokio::test]
async fn an_incident_is_reported_triaged_resolved_and_confirmed_in_a_browser() -> WebDriverResult<()> {
    let scratch = Scratch::new("browser");
    let server = Server::start("demo", &scratch.path().join("data"));
    let driver = Driver::start();

    let requester = Person::signed_in(&driver, &server, "chenjie").await?;
    requester.speaks("en").await?;
    requester.goes("/portal/report").await?;
    requester.fills("summary", SUMMARY).await?;
    requester.fills("service", "vpn").await?;
    requester.fills("impact", "low").await?;
    requester.fills("urgency", "high").await?;
    requester.follows(By::Css("main button.primary")).await?;
    let at = requester.browser.current_url().await?;
    let number = at.path().strip_prefix("/records/INC-").map(|rest| format!("INC-{rest}"));
    let number = number.unwrap_or_else(|| panic!("the report leads to its record, not to {at}"));
    assert!(requester.reads().await?.contains(SUMMARY));

    let desk = Person::signed_in(&driver, &server, "lina").await?;
    desk.speaks("zh-CN").await?;
    desk.opens_from_inbox(&number).await?;
    assert!(desk.reads().await?.contains("分诊") || desk.reads().await?.contains("受理"), "{}", desk.reads().await?);
    desk.finishes("accept", &[]).await?;
    desk.leaves().await?;

    let team = Person::signed_in(&driver, &server, "wangwei").await?;
    team.opens_from_inbox(&number).await?;
    // An empty form comes back with its field marked and nothing done.
    team.finishes("fixed", &[]).await?;
    assert!(!team.browser.find_all(By::Css("main .problem")).await?.is_empty(), "{}", team.reads().await?);
    team.finishes("fixed", &[("fixed.resolution", "Set the time-out right. 恢复会话超时。")]).await?;
    team.leaves().await?;

    requester.goes(&format!("/records/{number}")).await?;
    requester.follows(By::Css("main a[href^='/tasks/']")).await?;
    requester.finishes("confirm", &[]).await?;
    requester.goes(&format!("/records/{number}")).await?;
    let english = requester.reads().await?;
    assert!(english.contains("Closed") && english.contains("Set the time-out right."), "{english}");
    requester.speaks("zh-CN").await?;
    let chinese = requester.reads().await?;
    assert!(chinese.contains("已关闭"), "{chinese}");
    assert!(!requester.browser.find_all(By::Css("main svg")).await?.is_empty(), "the process is drawn");
    requester.leaves().await
}
