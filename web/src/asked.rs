//! A request, as the pages see it: read once at the edge, free of the web server's types.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::{self, header};
use store::FileBytes;

use crate::pages::Method;
use crate::pairs::Pairs;
use crate::upload::{Sent, Upload};

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Its identity in the log.
    pub id: String,
    /// Whether it is to read or to write.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The path with the query, to come back to.
    pub place: String,
    /// The parts of the path that stand for something.
    pub parts: BTreeMap<String, String>,
    /// The query.
    pub query: Pairs,
    /// The form, of a POST.
    pub form: Pairs,
    /// The files that the form brought.
    pub files: Vec<Upload>,
    /// The cookies.
    pub cookies: BTreeMap<String, String>,
    /// `Accept-Language`.
    pub languages: String,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Host`.
    pub host: String,
    /// The address that the request came from.
    pub from: String,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// What a proxy said of whom it stands for: `Forwarded` or `X-Forwarded-For`.
    pub forwarded: Option<String>,
    /// The path of the page that the browser came from, on this host.
    pub came_from: Option<String>,
}

impl Asked {
    /// Reads a request, with the form that was read already.
    pub fn read(request: &HttpRequest, id: String, sent: Sent) -> Asked {
        let text = |name: header::HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let host = text(header::HOST).unwrap_or_default();
        let cookies = request.cookies().map(|cookies| {
            cookies.iter().map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect()
        });
        let query = request.query_string();
        let path = request.path().to_owned();
        Asked {
            id,
            method: if request.method() == http::Method::POST { Method::Post } else { Method::Get },
            place: if query.is_empty() { path.clone() } else { format!("{path}?{query}") },
            path,
            parts: request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            query: Pairs::parse(query),
            form: sent.form,
            files: sent.files,
            cookies: cookies.unwrap_or_default(),
            languages: text(header::ACCEPT_LANGUAGE).unwrap_or_default(),
            fetch_site: text(header::HeaderName::from_static("sec-fetch-site")),
            origin: text(header::ORIGIN),
            authorization: text(header::AUTHORIZATION),
            forwarded: text(header::FORWARDED).or_else(|| text(header::X_FORWARDED_FOR)),
            came_from: text(header::REFERER).and_then(|referer| path_on(&referer, &host)),
            from: request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default(),
            host,
        }
    }

    /// The bytes of the files that the form brought.
    pub fn bytes(&self) -> Vec<FileBytes> {
        self.files.iter().filter_map(|upload| upload.bytes.clone()).collect()
    }

    /// A part of the path; empty where the path has none of that name.
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }
}

fn path_on(address: &str, host: &str) -> Option<String> {
    let rest = address.split_once("://")?.1;
    let path = rest.strip_prefix(host)?;
    safe_path(path).map(str::to_owned)
}

/// The path if it leads to a page of ours and nowhere else.
pub fn safe_path(path: &str) -> Option<&str> {
    let ours =
        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.chars().any(char::is_control);
    ours.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_followed() {
        assert_eq!(safe_path("/inbox?show=mine"), Some("/inbox?show=mine"));
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "", "inbox", "/a\nb"] {
            assert_eq!(safe_path(bad), None, "{bad:?}");
        }
        assert_eq!(path_on("http://localhost:8080/inbox", "localhost:8080"), Some("/inbox".to_owned()));
        assert_eq!(path_on("http://evil.example/inbox", "localhost:8080"), None);
        assert_eq!(path_on("http://localhost:8080.evil.example/", "localhost:8080"), None);
    }
}
