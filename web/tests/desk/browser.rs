//! Somebody at the pages, without a screen: keeps cookies, sends forms with their token, follows nothing.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header;
use actix_web::{App, test, web::Data};

use super::{Desk, PASSWORD};

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub headers: header::HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// What the first hidden field of that name in the page holds.
    pub fn hidden(&self, name: &str) -> String {
        let found =
            self.body.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        found.unwrap_or_else(|| panic!("the page has no field {name}: {}", self.body)).to_owned()
    }
}

/// Somebody at the pages.
pub struct Browser {
    app: Data<web::App>,
    cookies: Vec<(String, String)>,
    token: String,
}

impl Browser {
    /// Somebody new.
    pub fn new(desk: &Desk) -> Browser {
        Browser::with(desk, web::Settings::default())
    }

    /// Somebody new, where the pages are served like this.
    pub fn with(desk: &Desk, settings: web::Settings) -> Browser {
        let app = web::App::new(desk.runtime.clone(), settings).expect("templates are readable");
        Browser { app: Data::from(Arc::new(app)), cookies: Vec::new(), token: String::new() }
    }

    /// Somebody of the desk, signed in, reading English.
    pub async fn of(desk: &Desk, who: &str) -> Browser {
        let mut browser = Browser::new(desk);
        let answer = browser.post("/sign-in", &[("sign_in", who), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{who} signs in: {}", answer.body);
        browser.speak("en");
        browser.get("/profile").await;
        browser
    }

    /// Somebody else of the desk at the same server, signed in, reading English.
    #[allow(dead_code, reason = "not every test needs two at one server")]
    pub async fn beside(&self, who: &str) -> Browser {
        let mut browser = Browser { app: self.app.clone(), cookies: Vec::new(), token: String::new() };
        let answer = browser.post("/sign-in", &[("sign_in", who), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{who} signs in: {}", answer.body);
        browser.speak("en");
        browser
    }

    /// Begins to follow a page: the status, and what is told first, with the connection that stays open.
    #[allow(dead_code, reason = "not every test follows a page")]
    pub async fn follow(&self, path: &str) -> (u16, String, BoxBody) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = test::TestRequest::get().uri(path).insert_header((header::COOKIE, cookies.join("; ")));
        let service = test::init_service(App::new().configure(web::configure(self.app.clone()))).await;
        let response = service.call(request.to_request()).await.expect("the door answers everything");
        let status = response.status().as_u16();
        let mut body = response.into_body().boxed();
        let told = if status == 200 { next(&mut body).await } else { String::new() };
        (status, told, body)
    }

    /// From now on forms do not carry the session's token.
    #[allow(dead_code, reason = "not every test forges")]
    pub fn forget_token(&mut self) {
        self.token.clear();
    }

    pub fn speak(&mut self, tag: &str) {
        self.keep("tiaoli_language", tag);
    }

    pub fn keep(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(held, _)| held != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(test::TestRequest::get().uri(path)).await
    }

    /// Sends a form of ours.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        let form: Vec<(&str, &str)> = form.iter().copied().chain([("_token", token.as_str())]).collect();
        self.send(test::TestRequest::post().uri(path).insert_header(("sec-fetch-site", "same-origin")).set_form(form))
            .await
    }

    /// Sends a form of ours with files: the name of the control, that of the file, what it is, and its bytes.
    pub async fn post_files(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        files: &[(&str, &str, &str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form.iter().copied().chain([("_token", self.token.clone().as_str())]) {
            body.extend(
                format!("--LINE\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (control, name, kind, bytes) in files {
            let head = format!("form-data; name=\"{control}\"; filename=\"{name}\"\r\nContent-Type: {kind}");
            body.extend(format!("--LINE\r\nContent-Disposition: {head}\r\n\r\n").bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--LINE--\r\n");
        let request = test::TestRequest::post().uri(path).insert_header(("sec-fetch-site", "same-origin"));
        self.send(request.insert_header(("content-type", "multipart/form-data; boundary=LINE")).set_payload(body)).await
    }

    pub async fn send(&mut self, request: test::TestRequest) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.insert_header((header::COOKIE, cookies.join("; ")));
        let service = test::init_service(App::new().configure(web::configure(self.app.clone()))).await;
        let response: ServiceResponse = service.call(request.to_request()).await.expect("the door answers everything");
        let headers = response.headers().clone();
        for cookie in response.response().cookies() {
            self.cookies.retain(|(held, _)| held != cookie.name());
            if !cookie.value().is_empty() {
                self.cookies.push((cookie.name().to_owned(), cookie.value().to_owned()));
            }
        }
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body()).await.ok().unwrap_or_default();
        let bytes = body.to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(found) = body.split("name=\"_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            found.clone_into(&mut self.token);
        }
        let location = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        Answer { status, location, headers, body, bytes }
    }
}

/// What is told next to who follows a page; nothing at the end.
#[allow(dead_code, reason = "not every test follows a page")]
pub async fn next(body: &mut BoxBody) -> String {
    let mut body = std::pin::Pin::new(body);
    let piece = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await;
    let piece = piece.map(|piece| piece.expect("it is told")).unwrap_or_default();
    String::from_utf8_lossy(&piece).into_owned()
}
