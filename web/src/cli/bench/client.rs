//! A client for measuring: one kept connection, GET and POST, no more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::cli::Failure;

/// The longest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// A connection to the server.
pub(super) struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    cookie: String,
}

/// What the server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    cookie: Option<String>,
    location: Option<String>,
}

impl Answer {
    /// Where a form that was taken leads.
    pub(super) fn led_to(self) -> Result<String, Failure> {
        match (self.status, self.location) {
            (303, Some(location)) => Ok(location),
            (status, _) => Err(format!("a form was answered with {status}").into()),
        }
    }
}

impl Client {
    pub(super) fn new(address: SocketAddr, cookie: String) -> std::io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Client { address, stream: BufReader::new(stream), cookie })
    }

    /// Asks for a page to read it here.
    pub(super) fn get(&mut self, path: &str) -> std::io::Result<Answer> {
        self.ask(path, "identity")
    }

    /// Asks for a page as a browser does: packed.
    pub(super) fn get_packed(&mut self, path: &str) -> std::io::Result<Answer> {
        self.ask(path, "gzip")
    }

    fn ask(&mut self, path: &str, packing: &str) -> std::io::Result<Answer> {
        let (address, cookie) = (self.address, &self.cookie);
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: {packing}\r\nCookie: {cookie}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    /// Signs in as a browser would; gives the cookie of the session.
    pub(super) fn sign_in(&mut self, name: &str, password: &str) -> std::io::Result<String> {
        let answer = self.post("/sign-in", &format!("sign_in={name}&password={password}"))?;
        answer.cookie.ok_or_else(|| std::io::Error::other(format!("sign-in answered {}", answer.status)))
    }

    /// Sends a form as a page of the site would.
    pub(super) fn post(&mut self, path: &str, body: &str) -> std::io::Result<Answer> {
        let (address, cookie, length) = (self.address, &self.cookie, body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> std::io::Result<Answer> {
        let wrong = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| wrong("no status"))?;
        let (mut length, mut cookie, mut location) = (None, None, None);
        let mut is_chunked = false;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let header = line.trim();
            if header.is_empty() {
                break;
            }
            match header.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()
                }
                Some((name, _)) if name.eq_ignore_ascii_case("transfer-encoding") => is_chunked = true,
                Some((name, value)) if name.eq_ignore_ascii_case("location") => {
                    location = Some(value.trim().to_owned())
                }
                Some((name, value)) if name.eq_ignore_ascii_case("set-cookie") => {
                    let pair = value.split(';').next().unwrap_or_default().trim();
                    cookie = Some(cookie.map_or_else(|| pair.to_owned(), |held: String| format!("{held}; {pair}")));
                }
                _ => {}
            }
        }
        let mut body = Vec::new();
        if is_chunked {
            loop {
                line.clear();
                self.stream.read_line(&mut line)?;
                let chunk = usize::from_str_radix(line.trim(), 16).map_err(|_| wrong("no length of a chunk"))?;
                self.take(&mut body, chunk)?;
                line.clear();
                self.stream.read_line(&mut line)?;
                if chunk == 0 {
                    break;
                }
            }
        } else {
            self.take(&mut body, length.ok_or_else(|| wrong("no content-length"))?)?;
        }
        Ok(Answer { status, body, cookie, location })
    }

    /// Reads so many bytes more of a body.
    fn take(&mut self, body: &mut Vec<u8>, bytes: usize) -> std::io::Result<()> {
        let before = body.len();
        if bytes > ANSWER_MAX.saturating_sub(before) {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "too long an answer"));
        }
        body.resize(before + bytes, 0);
        self.stream.read_exact(body.get_mut(before..).unwrap_or_default())
    }
}
