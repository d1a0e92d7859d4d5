//! Somebody at a browser of their own.

use std::time::Duration;

use thirtyfour::error::WebDriverResult;
use thirtyfour::extensions::query::ElementWaitable;
use thirtyfour::{By, Key, WebDriver, WebElement};

use crate::browser::{Driver, Scripts};
use crate::keyboard::{self, Keyboard};
use crate::server::Server;

/// How long something is waited for that a page does by itself, and how often it is looked for.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_millis(25));

/// How long a change of a record is waited for that time brings, and how often it is looked for.
const NEWS: (Duration, Duration) = (Duration::from_secs(150), Duration::from_millis(100));
/// The most changes of a record that are waited for.
const CHANGES_MAX: usize = 10;

/// With what somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Clicks, and typing into the field that was clicked.
    Mouse,
    /// Nothing but keys.
    Keyboard,
}

/// Somebody at a server.
#[derive(Debug)]
pub struct Person<'s> {
    /// The browser.
    pub browser: WebDriver,
    server: &'s Server,
    hand: Hand,
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
        let browser = driver.browser(name, "1280,900", scripts).await?;
        let person = Person { browser, server, hand: Hand::Mouse };
        person.goes("/").await?;
        person.signs_in(name).await?;
        Ok(person)
    }

    /// Somebody before the page on which one signs in.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn before(driver: &Driver, server: &'s Server, hand: Hand) -> WebDriverResult<Person<'s>> {
        let browser = driver.browser("anybody", "1280,900", Scripts::Run).await?;
        let person = Person { browser, server, hand };
        person.goes("/").await?;
        Ok(person)
    }

    /// Signs in.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn signs_in(&self, name: &str) -> WebDriverResult<()> {
        self.fills("sign_in", name).await?;
        self.fills("password", &self.server.password_of(name)).await?;
        self.follows(By::Css("main form button.primary")).await
    }

    /// Leaves the browser to somebody else, who signs in and reads this language.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn gives_way_to(&self, name: &str, language: &str) -> WebDriverResult<()> {
        if !self.browser.find_all(By::Css(".me summary")).await?.is_empty() {
            self.presses(".me summary").await?;
            self.follows(By::Css(".me form button")).await?;
        }
        self.signs_in(name).await?;
        self.speaks(language).await
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

    /// The number of the record that is shown.
    ///
    /// # Errors
    /// The browser does not say where it is.
    ///
    /// # Panics
    /// No record is shown.
    pub async fn number(&self) -> WebDriverResult<String> {
        let place = self.place().await?;
        let number = place.strip_prefix("/records/").unwrap_or_else(|| panic!("a record is shown, not {place}"));
        Ok(number.to_owned())
    }

    /// Presses something: a button, a choice, what opens and closes.
    ///
    /// # Errors
    /// It is not there, or cannot be pressed.
    pub async fn presses(&self, css: &str) -> WebDriverResult<()> {
        self.uses(By::Css(css)).await
    }

    async fn uses(&self, by: By) -> WebDriverResult<()> {
        match self.hand {
            Hand::Mouse => self.browser.find(by).await?.click().await,
            Hand::Keyboard => self.keys().uses(by).await,
        }
    }

    /// Presses what leads to another page, and waits until this one is gone.
    ///
    /// # Errors
    /// It is not there, or leads nowhere.
    pub async fn follows(&self, by: By) -> WebDriverResult<()> {
        let page = self.page().await?;
        self.uses(by).await?;
        self.waits_for_another(&page).await
    }

    async fn page(&self) -> WebDriverResult<WebElement> {
        self.browser.find(By::Css("html")).await
    }

    async fn waits_for_another(&self, page: &WebElement) -> WebDriverResult<()> {
        let gone = page.wait_until().wait(PATIENCE.0, PATIENCE.1).stale().await;
        if gone.is_err() {
            panic!("{} leads nowhere: {}", self.place().await?, self.reads().await?);
        }
        Ok(())
    }

    /// Fills a field as its kind asks for: picks, ticks or types.
    ///
    /// # Errors
    /// There is no such field, or it cannot be filled.
    pub async fn fills(&self, name: &str, value: &str) -> WebDriverResult<()> {
        let css = format!("main [name='{name}']:not([type='hidden'])");
        let field = self.browser.find(By::Css(&css)).await?;
        let kind = field.attr("type").await?.unwrap_or_default();
        let is_list = field.tag_name().await? == "select";
        if kind == "radio" || kind == "checkbox" {
            return self.presses(&format!("main input[name='{name}'][value='{value}']")).await;
        }
        match self.hand {
            Hand::Keyboard if is_list => self.keys().picks(By::Css(&css), value).await,
            Hand::Keyboard if kind == "datetime-local" => self.keys().dates(By::Css(&css), value).await,
            Hand::Keyboard => self.keys().replaces(By::Css(&css), value).await,
            Hand::Mouse if is_list => self.presses(&format!("{css} option[value='{value}']")).await,
            Hand::Mouse if kind == "datetime-local" => {
                field.send_keys(keyboard::typed_time(value)).await?;
                assert_eq!(field.prop("value").await?.as_deref(), Some(value), "{name}");
                Ok(())
            }
            Hand::Mouse => {
                field.clear().await?;
                field.send_keys(value).await
            }
        }
    }

    /// The keyboard, for whoever works with it.
    pub fn keys(&self) -> Keyboard<'_> {
        Keyboard::of(&self.browser)
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
        match self.hand {
            Hand::Mouse => {
                self.goes("/inbox").await?;
                let link = format!("//tr[.//a[@href='/records/{number}']]//a[@data-open]");
                self.follows(By::XPath(link)).await
            }
            Hand::Keyboard => {
                self.finds_in_inbox(number).await?;
                self.keys().types("j").await?;
                self.turns_by(&['o']).await
            }
        }
    }

    /// Picks all tasks of a record in the inbox, so that one thing is done with all of them, and gives how many there are.
    ///
    /// # Errors
    /// The browser does not do it.
    pub async fn picks(&self, number: &str) -> WebDriverResult<usize> {
        let boxes = By::XPath(format!("//tr[.//a[@href='/records/{number}']]//input[@data-pick]"));
        match self.hand {
            Hand::Mouse => {
                self.goes("/inbox").await?;
                let boxes = self.browser.find_all(boxes).await?;
                for pick in &boxes {
                    pick.click().await?;
                }
                Ok(boxes.len())
            }
            Hand::Keyboard => {
                self.finds_in_inbox(number).await?;
                let boxes = self.browser.find_all(boxes).await?;
                for _ in &boxes {
                    self.keys().types("jx").await?;
                }
                Ok(boxes.len())
            }
        }
    }

    /// Narrows the inbox to a record, with nothing but keys.
    async fn finds_in_inbox(&self, number: &str) -> WebDriverResult<()> {
        self.turns_by(&['g', 'i']).await?;
        self.keys().types("/").await?;
        self.keys().types(number).await?;
        self.turns_by(&[Key::Enter.value()]).await
    }

    /// Opens a record and waits until its page shows something: the page tells that the record has changed, and is asked to
    /// show it.
    ///
    /// # Errors
    /// It is not there.
    ///
    /// # Panics
    /// Whatever changes, it does not come.
    pub async fn awaits(&self, number: &str, sought: By) -> WebDriverResult<WebElement> {
        self.opens(number).await?;
        for _ in 0..CHANGES_MAX {
            if let Some(found) = self.browser.find_all(sought.clone()).await?.into_iter().next() {
                return Ok(found);
            }
            let news = By::Css("[data-live] [data-reload]");
            let offer = self.browser.find(news.clone()).await?;
            let title = self.browser.find(By::Css("main section h2")).await?;
            let before = title.rect().await.map(|rect| (rect.x, rect.y))?;
            if offer.wait_until().wait(NEWS.0, NEWS.1).displayed().await.is_err() {
                panic!("{number} does not change, and {sought:?} does not come: {}", self.reads().await?);
            }
            let after = title.rect().await?;
            assert_eq!((after.x, after.y), before, "news move nothing that somebody is about to press");
            self.follows(news).await?;
        }
        panic!("{number} changes and changes, and {sought:?} does not come: {}", self.reads().await?);
    }

    /// Opens what a record has for this person to do, as soon as it has something.
    ///
    /// # Errors
    /// It is not there.
    ///
    /// # Panics
    /// It never has.
    pub async fn takes_up(&self, number: &str) -> WebDriverResult<()> {
        let task = By::Css("main a[data-finish]");
        self.awaits(number, task.clone()).await?;
        match self.hand {
            Hand::Mouse => self.follows(task).await,
            Hand::Keyboard => self.turns_by(&['e']).await,
        }
    }

    /// Presses the keys that lead to another page.
    async fn turns_by(&self, keys: &[char]) -> WebDriverResult<()> {
        let page = self.page().await?;
        for key in keys {
            self.keys().strikes(*key).await?;
        }
        self.waits_for_another(&page).await
    }

    /// Opens a record by its number.
    ///
    /// # Errors
    /// It is not there.
    pub async fn opens(&self, number: &str) -> WebDriverResult<()> {
        let enter = Key::Enter.value();
        match self.hand {
            Hand::Mouse => {
                let page = self.page().await?;
                self.browser.find(By::Css("#jump")).await?.send_keys(format!("{number}{enter}")).await?;
                self.waits_for_another(&page).await
            }
            Hand::Keyboard => {
                // Enter belongs to the field here, so it is filled and not used.
                self.keys().replaces(By::Css("#jump"), number).await?;
                self.turns_by(&[enter]).await
            }
        }
    }

    /// Finishes the open task with an outcome and the fields it asks for.
    ///
    /// # Errors
    /// The form is another one.
    pub async fn finishes(&self, outcome: &str, fields: &[(&str, &str)]) -> WebDriverResult<()> {
        // In the order of the page: what every outcome asks for stands before them.
        let (of_one, of_all): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| name.starts_with(outcome));
        for (name, value) in of_all {
            self.fills(name, value).await?;
        }
        self.fills("outcome", outcome).await?;
        for (name, value) in of_one {
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
