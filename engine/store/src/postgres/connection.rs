//! Connections to a server: made, and made again.

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::{QueryableByName, RunQueryDsl};
use diesel::sql_types::Integer;

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

/// The least server that is worked with, as servers count their versions.
const VERSION_MIN: i32 = 150_000;

/// Refuses a server that is too old for the statements that are written here.
pub(super) fn is_new_enough(connection: &mut Connection) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Integer)]
        number: i32,
    }
    let asked = diesel::sql_query("SELECT current_setting('server_version_num')::INTEGER AS number");
    let Version { number } = asked.get_result(connection)?;
    admitted(number)
}

fn admitted(number: i32) -> Result<(), StoreError> {
    if number >= VERSION_MIN {
        return Ok(());
    }
    Err(StoreError::Database(format!("PostgreSQL {} is too old: 15 or newer is wanted", number / 10_000)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_before_15_are_refused() {
        let refused = admitted(140_019).expect_err("it is too old");
        assert!(refused.to_string().contains("PostgreSQL 14 is too old: 15 or newer is wanted"), "{refused}");
        admitted(150_000).expect("15 is enough");
        admitted(180_006).expect("newer is enough");
    }
}
