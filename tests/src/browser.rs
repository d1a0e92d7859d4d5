//! A real, headless Chromium, driven by its own driver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use thirtyfour::error::WebDriverResult;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};

use crate::Scratch;

/// Whether a browser runs the scripts of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As most do.
    Run,
    /// JavaScript is turned off.
    Off,
}

/// The driver's process; killed when it goes out of scope.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    address: String,
    profiles: Scratch,
}

impl Driver {
    /// Starts the driver on a free port.
    ///
    /// # Panics
    /// Debian's package chromium-driver is not there; `tests/run` installs it.
    pub fn start() -> Driver {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: tests/run does it");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split("successfully on port ").nth(1).map(|rest| rest.trim_end_matches('.').to_owned())
            })
            .expect("the driver says where it listens");
        // Read on, so that the driver never waits for somebody to read.
        std::thread::spawn(move || lines.for_each(drop));
        Driver { child, address: format!("http://127.0.0.1:{port}"), profiles: Scratch::new("chromium") }
    }

    /// A browser with a profile of its own, nobody signed in.
    ///
    /// # Errors
    /// Chromium does not start.
    pub async fn browser(&self, name: &str, size: &str, scripts: Scripts) -> WebDriverResult<WebDriver> {
        let mut wanted = DesiredCapabilities::chrome();
        let profile = self.profiles.path().join(name);
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // What fades in is not read before it is there.
            "--force-prefers-reduced-motion",
            &format!("--window-size={size}"),
            &format!("--user-data-dir={}", profile.display()),
        ] {
            wanted.add_arg(argument)?;
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        if scripts == Scripts::Off {
            let setting = serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
            wanted.add_experimental_option("prefs", setting)?;
        }
        WebDriver::new(&self.address, wanted).await
    }

    /// Gives a browser's pages a size that no window need have, as a phone's. The protocol's own command does not go below
    /// what a desktop's window may be.
    ///
    /// # Panics
    /// The driver does not take it.
    pub fn sizes(&self, browser: &WebDriver, (width, height): (u32, u32)) {
        let url = format!("{}/session/{}/goog/cdp/execute", self.address, browser.session_id());
        let params = serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let order = serde_json::json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": params });
        let answer = ureq::post(&url).content_type("application/json").send(order.to_string());
        answer.expect("the driver gives it a size");
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
