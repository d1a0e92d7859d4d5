//! A person at the pages without a browser: follows no redirects, keeps cookies, posts forms.

use ureq::Agent;
use ureq::http::Response;

/// Somebody who looks at pages.
#[derive(Clone, Debug)]
pub struct Browserless {
    agent: Agent,
    base: String,
    cookie: String,
    request: Option<String>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The page.
    pub body: String,
}

impl Answer {
    /// The value of the first hidden or text field of that name in the page.
    pub fn field(&self, name: &str) -> Option<String> {
        let at = self.body.find(&format!("name=\"{name}\""))?;
        let from = self.body[..at].rfind('<')?;
        let tag = &self.body[from..from + self.body[from..].find('>')?];
        let value = tag.split("value=\"").nth(1)?;
        Some(value.split('"').next()?.to_owned())
    }
}

impl Browserless {
    /// Somebody new at a server.
    pub fn at(address: &str) -> Browserless {
        let agent = Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        Browserless { agent, base: format!("http://{address}"), cookie: String::new(), request: None }
    }

    /// The same person after the server has started again elsewhere.
    pub fn moved_to(&self, address: &str) -> Browserless {
        Browserless { base: format!("http://{address}"), ..Browserless::at(address) }.with_cookie(&self.cookie)
    }

    /// The same person behind a proxy that gives each request this identity.
    pub fn behind_proxy(&self, request: &str) -> Browserless {
        Browserless { request: Some(request.to_owned()), ..self.clone() }
    }

    /// The same person in a browser that is set to another language.
    pub fn reading(&self, language: &str) -> Browserless {
        let mut other = self.clone();
        other.keep(&format!("tiaoli_language={language}"));
        other
    }

    fn with_cookie(mut self, cookie: &str) -> Browserless {
        cookie.clone_into(&mut self.cookie);
        self
    }

    /// Signs in; the answer is a redirect where it worked.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn sign_in(&mut self, name: &str, password: &str) -> Result<Answer, ureq::Error> {
        self.post("/sign-in", &[("sign_in", name), ("password", password)])
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn get(&mut self, path: &str) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.get(format!("{}{path}", self.base)).header("Cookie", &self.cookie);
        if let Some(identity) = &self.request {
            request = request.header("X-Request-Id", identity);
        }
        let response = request.call()?;
        self.taken(response)
    }

    /// Posts a form as a page of the site would.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        let mut request =
            self.agent.post(format!("{}{path}", self.base)).header("Cookie", &self.cookie).header("Origin", &self.base);
        if let Some(identity) = &self.request {
            request = request.header("X-Request-Id", identity);
        }
        let response = request.send_form(form.iter().copied())?;
        self.taken(response)
    }

    fn taken(&mut self, mut response: Response<ureq::Body>) -> Result<Answer, ureq::Error> {
        for cookie in response.headers().get_all("set-cookie") {
            if let Some(pair) = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next()) {
                self.keep(pair);
            }
        }
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_string()?;
        Ok(Answer { status, location, body })
    }

    fn keep(&mut self, pair: &str) {
        let name = pair.split('=').next().unwrap_or_default();
        let others = self.cookie.split("; ").filter(|held| !held.is_empty() && held.split('=').next() != Some(name));
        self.cookie = others.chain([pair]).collect::<Vec<_>>().join("; ");
    }
}
