//! A PostgreSQL server for a run of tests: prints the address of a database on it, and stops it when its input ends.

use std::io::Read;

use store::cluster::{Cluster, ClusterError, Purpose};

fn main() -> Result<(), ClusterError> {
    let cluster = Cluster::start(Purpose::Testing)?;
    println!("{}", cluster.url_of("postgres"));
    // Whatever ends the reading ends the server.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    Ok(())
}
