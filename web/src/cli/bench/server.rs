//! The real server in the bench's own process, on a free port of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use runtime::Runtime;
use tokio::sync::oneshot;
use web::{ServeError, Settings};

use crate::cli::Failure;

/// How long it may take until it listens.
const START_MAX: Duration = Duration::from_secs(30);

/// A server that runs.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    end: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(super) fn start(runtime: Runtime) -> Result<Server, Failure> {
        let (tell, told) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let settings = Settings { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Settings::default() };
        let thread = std::thread::spawn(move || {
            let ready = |address| {
                // Nobody waits for the address any more where the bench has given up; then it has said so.
                let _ = tell.send(address);
            };
            let end = async {
                // Where the bench forgets it, it ends too.
                let _ = ended.await;
            };
            web::serve_until(runtime, settings, ready, end)
        });
        match told.recv_timeout(START_MAX) {
            Ok(address) => Ok(Server { address, end, thread }),
            Err(_) if thread.is_finished() => {
                thread.join().map_err(|_| "the bench's server panicked")??;
                Err("the bench's server ended".into())
            }
            Err(_) => Err("the bench's server does not listen".into()),
        }
    }

    /// Ends it; what it had open is closed then.
    pub(super) fn stop(self) -> Result<(), Failure> {
        // One that has ended by itself says why below.
        let _ = self.end.send(());
        Ok(self.thread.join().map_err(|_| "the bench's server panicked")??)
    }
}
