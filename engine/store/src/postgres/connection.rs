//! Connections to a server: made, and made again.

use diesel::Connection as _;
use diesel::connection::SimpleConnection;

use super::Connection;
use crate::{Server, StoreError};

/// What a connection is told. Everything that is written is found by its key: plans that were made while the tables
/// were empty must not stay with reading all of them.
const SETTINGS: &str = "SET synchronous_commit = on; SET client_min_messages = warning; \
    SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off;";

/// A connection, ready for use.
pub(super) fn open(server: &Server) -> Result<Connection, StoreError> {
    let cannot = |cause: String| StoreError::CannotOpen { path: server.to_string(), cause: cause.trim().to_owned() };
    let mut connection = Connection::establish(server.url()).map_err(|cause| cannot(cause.to_string()))?;
    connection.batch_execute(SETTINGS).map_err(|cause| cannot(cause.to_string()))?;
    Ok(connection)
}

/// A connection that is made again where it has broken.
pub(super) struct Line {
    server: Server,
    connection: Option<Connection>,
}

impl Line {
    pub(super) fn open(server: &Server) -> Result<Line, StoreError> {
        Ok(Line { server: server.clone(), connection: Some(open(server)?) })
    }

    /// The connection as it is, or a new one.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        let held = match self.connection.take() {
            Some(held) => held,
            None => open(&self.server).map_err(|cause| StoreError::Unreachable(cause.to_string()))?,
        };
        Ok(self.connection.insert(held))
    }

    /// It does not work any more.
    pub(super) fn broke(&mut self) {
        self.connection = None;
    }
}
