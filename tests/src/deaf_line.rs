//! A line to a database server on which nodes do not hear each other: whatever listens or tells is cut off, everything
//! else comes through.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::Database;

/// What a node says when it wants to hear others, and when it tells them something.
const WORDS: [&[u8]; 2] = [b"LISTEN tiaoli", b"NOTIFY tiaoli"];

/// Stands between a node and the server.
#[derive(Debug)]
pub struct DeafLine {
    url: String,
    lost: Arc<AtomicUsize>,
}

impl DeafLine {
    /// A line to the server of a database, which listens on a socket.
    ///
    /// # Panics
    /// It does not, or no port is free.
    pub fn to(database: &Database) -> DeafLine {
        let (socket, name) = database.socket();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        let lost = Arc::new(AtomicUsize::new(0));
        let counted = lost.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (socket, counted) = (socket.clone(), counted.clone());
                // A line that breaks is what this is for.
                thread::spawn(move || carry(client, &socket, &counted).unwrap_or_default());
            }
        });
        DeafLine { url: format!("postgres://tiaoli@127.0.0.1:{port}/{name}"), lost }
    }

    /// Where the database is by this line, as `--data` takes it.
    pub fn path(&self) -> &Path {
        Path::new(&self.url)
    }

    /// How often somebody was cut off.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

fn carry(mut client: TcpStream, socket: &PathBuf, lost: &AtomicUsize) -> std::io::Result<()> {
    let mut server = UnixStream::connect(socket)?;
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        // The other direction tells when it is over.
        let _ = std::io::copy(&mut from_server, &mut to_client);
        to_client.shutdown(Shutdown::Both)
    });
    let mut said = [0; 65_536];
    loop {
        let length = client.read(&mut said)?;
        let tells = WORDS.iter().any(|word| said[..length].windows(word.len()).any(|part| part == *word));
        lost.fetch_add(usize::from(tells), Ordering::SeqCst);
        if tells || length == 0 {
            client.shutdown(Shutdown::Both)?;
            return server.shutdown(Shutdown::Both);
        }
        server.write_all(&said[..length])?;
    }
}
