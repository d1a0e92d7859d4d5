//! Somebody who has no mouse: keys go to whatever has the focus, and Tab moves it.

use thirtyfour::error::{WebDriverErrorInner, WebDriverResult};
use thirtyfour::{By, ElementId, Key, WebDriver, WebElement};

/// The most places of a page at which the focus may stop.
const STOPS_MAX: usize = 400;
/// The most choices of a list or of a row of buttons.
const CHOICES_MAX: usize = 100;

/// The keyboard of a browser.
#[derive(Clone, Copy, Debug)]
pub struct Keyboard<'b> {
    browser: &'b WebDriver,
}

/// What to type for a local time, `YYYY-MM-DDTHH:MM`, part by part as Chromium shows them in English.
///
/// # Panics
/// It is no such time.
pub fn typed_time(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize, until: usize| digits.get(from..until).expect("a time is whole");
    let hour: u32 = part(8, 10).parse().expect("an hour is a number");
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    let right = Key::Right.value();
    let (year, month, day, minute) = (part(0, 4), part(4, 6), part(6, 8), part(10, 12));
    format!("{month}{day}{year}{right}{hour:02}{minute}{half}")
}

impl<'b> Keyboard<'b> {
    /// The one of this browser.
    pub fn of(browser: &'b WebDriver) -> Keyboard<'b> {
        Keyboard { browser }
    }

    /// Presses keys, one after the other.
    ///
    /// # Errors
    /// The browser does not take them.
    pub async fn types(self, text: impl AsRef<str>) -> WebDriverResult<()> {
        self.browser.action_chain().send_keys(text.as_ref()).perform().await
    }

    async fn presses(self, key: Key) -> WebDriverResult<()> {
        self.types(key.value().to_string()).await
    }

    /// Presses a key that may lead to another page. The driver gives an order once more that was under way when the page
    /// went, and there the key would be pressed again; so it is given to what has the focus, which is gone then.
    ///
    /// # Errors
    /// The browser does not take it.
    pub async fn strikes(self, key: char) -> WebDriverResult<()> {
        match self.browser.active_element().await?.send_keys(key.to_string()).await {
            Err(cause) if matches!(*cause, WebDriverErrorInner::StaleElementReference(..)) => Ok(()),
            done => done,
        }
    }

    /// Moves the focus to something and uses it as its kind asks for.
    ///
    /// # Errors
    /// It is not there.
    ///
    /// # Panics
    /// The focus does not get there, or nobody could see where it is.
    pub async fn uses(self, by: By) -> WebDriverResult<()> {
        let wanted = self.browser.find(by.clone()).await?;
        match wanted.attr("type").await?.unwrap_or_default().as_str() {
            "radio" => self.chooses(&wanted).await,
            "checkbox" => {
                self.reaches(&[wanted.element_id()], &by).await?;
                self.presses(Key::Space).await
            }
            _ => {
                self.reaches(&[wanted.element_id()], &by).await?;
                self.strikes(Key::Enter.value()).await
            }
        }
    }

    /// Replaces what a field holds.
    ///
    /// # Errors
    /// There is no such field.
    ///
    /// # Panics
    /// As [`Keyboard::uses`].
    pub async fn replaces(self, by: By, text: &str) -> WebDriverResult<()> {
        self.reaches_one(&by).await?;
        self.browser.action_chain().key_down(Key::Control).send_keys("a").key_up(Key::Control).perform().await?;
        self.types(text).await
    }

    /// Picks from a list.
    ///
    /// # Errors
    /// There is no such list.
    ///
    /// # Panics
    /// As [`Keyboard::uses`], or the list does not hold it.
    pub async fn picks(self, by: By, value: &str) -> WebDriverResult<()> {
        let list = self.reaches_one(&by).await?;
        self.presses(Key::Home).await?;
        for _ in 0..CHOICES_MAX {
            if list.prop("value").await?.as_deref() == Some(value) {
                return Ok(());
            }
            self.presses(Key::Down).await?;
        }
        panic!("{by:?} does not come to {value}");
    }

    /// Types a local time, `YYYY-MM-DDTHH:MM`, into the parts of a field for it.
    ///
    /// # Errors
    /// There is no such field.
    ///
    /// # Panics
    /// As [`Keyboard::uses`], or the field does not hold the time.
    pub async fn dates(self, by: By, value: &str) -> WebDriverResult<()> {
        let field = self.reaches_one(&by).await?;
        self.types(typed_time(value)).await?;
        assert_eq!(field.prop("value").await?.as_deref(), Some(value), "{by:?}");
        Ok(())
    }

    /// Chooses one of a row of buttons: Tab leads to the row, arrows along it.
    async fn chooses(self, wanted: &WebElement) -> WebDriverResult<()> {
        let name = wanted.attr("name").await?.unwrap_or_default();
        let row = By::Css(format!("input[type='radio'][name='{name}']"));
        let all: Vec<ElementId> =
            self.browser.find_all(row.clone()).await?.iter().map(WebElement::element_id).collect();
        self.reaches(&all, &row).await?;
        for _ in 0..CHOICES_MAX {
            if self.browser.active_element().await?.element_id() == wanted.element_id() {
                return if wanted.is_selected().await? { Ok(()) } else { self.presses(Key::Space).await };
            }
            self.presses(Key::Down).await?;
        }
        panic!("the arrows do not come to {}", wanted.outer_html().await?);
    }

    async fn reaches_one(self, by: &By) -> WebDriverResult<WebElement> {
        let wanted = self.browser.find(by.clone()).await?;
        self.reaches(&[wanted.element_id()], by).await?;
        Ok(wanted)
    }

    /// Presses Tab until one of these has the focus, which is seen.
    async fn reaches(self, wanted: &[ElementId], by: &By) -> WebDriverResult<()> {
        let mut came_by = Vec::new();
        let mut at = self.browser.active_element().await?;
        if at.tag_name().await? == "body" && self.is_in_main(wanted, by).await? {
            self.presses(Key::Tab).await?;
            assert!(self.browser.active_element().await?.class_name().await?.is_some_and(|class| class == "skip"));
            self.strikes(Key::Enter.value()).await?;
            at = self.browser.active_element().await?;
        }
        for _ in 0..STOPS_MAX {
            if wanted.contains(&at.element_id()) {
                let (outline, shadow) = (at.css_value("outline-style").await?, at.css_value("box-shadow").await?);
                assert!(outline != "none" || shadow != "none", "nobody sees that the focus is on {by:?}");
                return Ok(());
            }
            came_by.push(at);
            self.presses(Key::Tab).await?;
            at = self.browser.active_element().await?;
        }
        let mut way = Vec::new();
        for stop in came_by.iter().take(80) {
            let html = stop.outer_html().await?;
            way.push(html.chars().take(60).collect::<String>());
        }
        panic!("Tab does not come to {by:?}, but to:\n{}", way.join("\n"));
    }

    async fn is_in_main(self, wanted: &[ElementId], by: &By) -> WebDriverResult<bool> {
        let main = self.browser.find(By::Css("main")).await?;
        let inside = main.find_all(by.clone()).await?;
        Ok(inside.iter().any(|one| wanted.contains(&one.element_id())))
    }
}
