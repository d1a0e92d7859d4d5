//! A program that calls with a token.

use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::{App, test, web::Data};
use serde_json::{Value, json};

use super::Desk;
use super::browser::Browser;

/// A program with a token.
pub struct Machine {
    app: Data<web::App>,
    token: Option<String>,
    pub language: &'static str,
}

impl Machine {
    pub fn with(desk: &Desk, token: Option<&str>) -> Machine {
        let app = web::App::new(desk.runtime.clone(), web::Settings::default()).expect("templates are readable");
        Machine { app: Data::from(Arc::new(app)), token: token.map(str::to_owned), language: "en" }
    }

    pub async fn call(&self, path: &str, body: impl Into<String>) -> (u16, Value) {
        self.post(&format!("jobs/{path}"), body).await
    }

    pub async fn post(&self, path: &str, body: impl Into<String>) -> (u16, Value) {
        let body = body.into();
        let length = ("content-length", body.len().to_string());
        let mut request = test::TestRequest::post().uri(&format!("/api/v1/{path}")).set_payload(body);
        request = request.insert_header(("accept-language", self.language)).insert_header(length);
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        self.send(request).await
    }

    pub async fn send(&self, request: test::TestRequest) -> (u16, Value) {
        let service = test::init_service(App::new().configure(web::configure(self.app.clone()))).await;
        let response = service.call(request.to_request()).await.expect("the door answers everything");
        let (status, challenge) = (response.status().as_u16(), response.headers().contains_key("www-authenticate"));
        assert_eq!(challenge, status == 401);
        assert!(response.response().cookies().next().is_none(), "a machine gets no cookie");
        let body = to_bytes(response.into_body()).await.ok().unwrap_or_default();
        (status, serde_json::from_slice(&body).expect("every answer is JSON"))
    }

    pub async fn fetch(&self, count: u32) -> Vec<Value> {
        let asked = json!({ "topics": ["scan"], "count": count, "lease_seconds": 60 });
        let (status, said) = self.call("fetch", asked.to_string()).await;
        assert_eq!(status, 200, "{said}");
        said["jobs"].as_array().expect("a list").clone()
    }
}

/// A token for a worker, made on the page.
pub async fn token(desk: &Desk, worker: &str, days: &str) -> String {
    let mut root = Browser::of(desk, "root").await;
    let page = root.post("/admin/tokens", &[("person", worker), ("label", "rack 3"), ("days", days)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let fresh = page.body.split("class=\"mono fresh\">").nth(1).and_then(|rest| rest.split('<').next());
    let fresh = fresh.expect("the page shows it").to_owned();
    assert!(!root.get("/admin/tokens").await.body.contains(&fresh), "it is shown once");
    fresh
}

/// A program of a worker with a token of a day.
pub async fn machine(desk: &Desk, worker: &str) -> Machine {
    Machine::with(desk, Some(&token(desk, worker, "1").await))
}
