//! Telling other nodes at once that something was written, and hearing of it from them. It is a hint only: whoever
//! misses one sees what was written when it looks the next time.
//!
//! One connection tells and hears. What is written within a moment is told together, since a word for each commit would
//! cost as much as the commits do.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::Integer;
use diesel::{QueryResult, RunQueryDsl};

use super::Connection;
use super::connection;
use crate::{Server, StoreError};

/// Between two looks for words of others, and the shortest time between two of our own.
const LOOK: Duration = Duration::from_millis(50);
/// How long a server that went away is left alone.
const PAUSE: Duration = Duration::from_secs(1);

type Listener = Box<dyn Fn() + Send + Sync>;

/// What other nodes hear.
pub(super) struct Bell {
    listener: Arc<Mutex<Option<Listener>>>,
    thread: Option<JoinHandle<()>>,
}

/// What rings the bell.
#[derive(Clone)]
pub(super) struct Rope(SyncSender<()>);

impl Rope {
    /// Something was written. It rings already where it cannot be pulled.
    pub(super) fn pull(&self) {
        let _ = self.0.try_send(());
    }
}

impl Bell {
    /// The bell ends when all ropes are gone.
    pub(super) fn start(server: &Server) -> Result<(Bell, Rope), StoreError> {
        let (rope, pulled) = sync_channel(1);
        let listener: Arc<Mutex<Option<Listener>>> = Arc::default();
        let (server, told) = (server.clone(), listener.clone());
        let thread = std::thread::Builder::new()
            .name("store-bell".to_owned())
            .spawn(move || serve(&server, &pulled, &told))
            .map_err(|cause| StoreError::Database(format!("the bell cannot start: {cause}")))?;
        Ok((Bell { listener, thread: Some(thread) }, Rope(rope)))
    }

    /// From now on this is called when another node has written.
    pub(super) fn listen(&self, listener: Listener) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the bell had panicked");
        }
    }
}

fn serve(server: &Server, pulled: &Receiver<()>, listener: &Mutex<Option<Listener>>) {
    let heard = || {
        if let Some(listener) = &*listener.lock().unwrap_or_else(PoisonError::into_inner) {
            listener();
        }
    };
    loop {
        let pause = match Wire::open(server) {
            Ok(mut wire) => {
                // What was told while nobody listened is lost.
                heard();
                match wire.serve(pulled, &heard) {
                    Ok(()) => return,
                    Err(cause) => tracing::warn!(%cause, "other nodes are not heard for a moment"),
                }
                LOOK
            }
            Err(cause) => {
                tracing::warn!(%cause, "other nodes cannot be heard");
                PAUSE
            }
        };
        if waited(pulled, pause).is_none() {
            return;
        }
    }
}

/// Whether the rope was pulled within a while; nothing when nobody can pull it any more.
fn waited(pulled: &Receiver<()>, pause: Duration) -> Option<bool> {
    match pulled.recv_timeout(pause) {
        Ok(()) => Some(true),
        Err(RecvTimeoutError::Timeout) => Some(false),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// A connection that listens.
struct Wire {
    connection: Connection,
    /// Its own words come back to it.
    own: i32,
}

impl Wire {
    fn open(server: &Server) -> Result<Wire, StoreError> {
        let mut connection = connection::open(server)?;
        diesel::sql_query("LISTEN tiaoli").execute(&mut connection)?;
        let own = diesel::select(sql::<Integer>("pg_backend_pid()")).get_result(&mut connection)?;
        Ok(Wire { connection, own })
    }

    /// Ends in good order when nobody can pull the rope any more.
    fn serve(&mut self, pulled: &Receiver<()>, heard: &dyn Fn()) -> Result<(), StoreError> {
        while let Some(written) = waited(pulled, LOOK) {
            if written {
                diesel::sql_query("NOTIFY tiaoli").execute(&mut self.connection)?;
                std::thread::sleep(LOOK);
            }
            let words: Vec<i32> =
                self.connection.notifications_iter().map(|word| Ok(word?.process_id)).collect::<QueryResult<_>>()?;
            if words.iter().any(|from| *from != self.own) {
                heard();
            }
        }
        Ok(())
    }
}
