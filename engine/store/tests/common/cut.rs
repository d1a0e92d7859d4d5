//! A line to a server that is cut when a transaction ends: before the server hears of it, or before its answer comes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use super::home::Home;
use store::Place;

/// What does not come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loses {
    /// The server is never asked to make it durable.
    Question,
    /// It is durable, and nobody is told.
    Answer,
}

/// What the writer says to the server once in a commit of a completion, which is a transaction of one statement: the
/// values that are bound to it.
const WRITES: &[u8] = b"complete";

const WHOLE: u8 = 0;
const ARMED: u8 = 1;
const HAS_CUT: u8 = 2;

/// What stands between a store and its server.
pub struct Cut {
    url: String,
    state: Arc<AtomicU8>,
}

impl Cut {
    pub fn before(home: &Home, loses: Loses) -> Cut {
        let (socket, database) = home.socket();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        let state = Arc::new(AtomicU8::new(WHOLE));
        let seen = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = UnixStream::connect(&socket).expect("the server is there");
                let seen = seen.clone();
                // A line that breaks is what this is for.
                thread::spawn(move || carry(client, server, loses, &seen).unwrap_or_default());
            }
        });
        Cut { url: format!("postgres://tiaoli@127.0.0.1:{port}/{database}"), state }
    }

    pub fn place(&self) -> Place {
        Place::from(self.url.as_str())
    }

    /// The next transaction's end is lost.
    pub fn arm(&self) {
        self.state.store(ARMED, Ordering::SeqCst);
    }

    pub fn has_cut(&self) -> bool {
        self.state.load(Ordering::SeqCst) == HAS_CUT
    }
}

fn carry(mut client: TcpStream, mut server: UnixStream, loses: Loses, state: &AtomicU8) -> std::io::Result<()> {
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    let answers = thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    let mut said = [0; 65_536];
    loop {
        let length = client.read(&mut said)?;
        let ends = said[..length].windows(WRITES.len()).any(|word| word == WRITES);
        if ends && state.compare_exchange(ARMED, HAS_CUT, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            if loses == Loses::Answer {
                // Nobody hears the answer; the server ends the transaction all the same.
                client.shutdown(Shutdown::Both)?;
                server.write_all(&said[..length])?;
                let mut end = server.try_clone()?;
                end.write_all(b"X\0\0\0\x04")?;
                let _ = answers.join();
                return Ok(());
            }
            client.shutdown(Shutdown::Both)?;
            return server.shutdown(Shutdown::Both);
        }
        if length == 0 {
            return server.shutdown(Shutdown::Both);
        }
        server.write_all(&said[..length])?;
    }
}
