//! Somebody at a browser of their own.

use thirtyfour::error::WebDriverResult;
use thirtyfour::extensions::query::ElementWaitable;
use thirtyfour::{By, WebDriver};

use crate::browser::{Driver, Scripts};
use crate::server::Server;

/// Somebody who is signed in at a server.
#[derive(Debug)]
pub struct Person<'s> {
    /// The browser.
    pub browser: WebDriver,
    server: &'s Server,
}

impl<'s> Person<'s> {
    /// Somebody of the demo, by the name to sign in with.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn signed_in(driver: &Driver, server: &'s Server, name: &str) -> WebDriverResult<Person<'s>> {
        Person::with(driver, server, name, Scripts::Run).await
    }

    /// The same, with or without JavaScript.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn with(
        driver: &Driver,
        server: &'s Server,
        name: &str,
        scripts: Scripts,
    ) -> WebDriverResult<Person<'s>> {
        let person = Person { browser: driver.browser(name, "1280,900", scripts).await?, server };
        person.goes("/").await?;
        person.fills("sign_in", name).await?;
        person.fills("password", &server.password_of(name)).await?;
        person.follows(By::Css("main form button.primary")).await?;
        Ok(person)
    }

    /// Opens an address of the server.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn goes(&self, path: &str) -> WebDriverResult<()> {
        self.browser.goto(format!("http://{}{path}", self.server.address)).await
    }

    /// Where it is: path and query.
    ///
    /// # Errors
    /// The browser does not say it.
    pub async fn place(&self) -> WebDriverResult<String> {
        let url = self.browser.current_url().await?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{}{query}", url.path()))
    }

    /// Clicks something.
    ///
    /// # Errors
    /// It is not there, or cannot be clicked.
    pub async fn presses(&self, css: &str) -> WebDriverResult<()> {
        self.browser.find(By::Css(css)).await?.click().await
    }

    /// Presses what leads to another page, and waits until this one is gone.
    ///
    /// # Errors
    /// It is not there, or leads nowhere.
    pub async fn follows(&self, by: By) -> WebDriverResult<()> {
        let page = self.browser.find(By::Css("html")).await?;
        self.browser.find(by).await?.click().await?;
        page.wait_until().stale().await
    }

    /// Fills a field as its kind asks for: picks, ticks or types.
    ///
    /// # Errors
    /// There is no such field, or it cannot be filled.
    pub async fn fills(&self, name: &str, value: &str) -> WebDriverResult<()> {
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
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn speaks(&self, language: &str) -> WebDriverResult<()> {
        let button = format!(".languages button[value='{language}']");
        if self.browser.find_all(By::Css(&button)).await?.is_empty() {
            return Ok(());
        }
        self.follows(By::Css(&button)).await
    }

    /// What the page says.
    ///
    /// # Errors
    /// The browser does not say it.
    pub async fn reads(&self) -> WebDriverResult<String> {
        self.browser.find(By::Css("main")).await?.text().await
    }

    /// Opens a record's task from the inbox.
    ///
    /// # Errors
    /// It is not there.
    pub async fn opens_from_inbox(&self, number: &str) -> WebDriverResult<()> {
        self.goes("/inbox").await?;
        let link = format!("//tr[.//a[@href='/records/{number}']]//a[@data-open]");
        self.follows(By::XPath(link)).await
    }

    /// Finishes the open task with an outcome and the fields it asks for.
    ///
    /// # Errors
    /// The form is another one.
    pub async fn finishes(&self, outcome: &str, fields: &[(&str, &str)]) -> WebDriverResult<()> {
        self.fills("outcome", outcome).await?;
        for (name, value) in fields {
            self.fills(name, value).await?;
        }
        self.follows(By::Css("main button[data-finish]")).await
    }

    /// Closes the browser.
    ///
    /// # Errors
    /// It does not close.
    pub async fn leaves(self) -> WebDriverResult<()> {
        self.browser.quit().await
    }
}
