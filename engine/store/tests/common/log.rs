//! What a server's own log says was written.

use super::home::Home;

/// A row that a transaction wrote: the table, and the shard where it has one.
#[derive(Debug)]
pub struct Written {
    pub table: String,
    pub shard: Option<i16>,
}

/// The log of a database, from now on. It takes a server of the test's own, which holds few of these.
pub struct Log<'h>(&'h Home);

impl Log<'_> {
    pub fn of(home: &Home) -> Log<'_> {
        home.asked("SELECT slot_name::text AS line FROM pg_create_logical_replication_slot('shards', 'test_decoding')");
        Log(home)
    }

    /// What each transaction wrote that was committed since the last look.
    pub fn written(&self) -> Vec<Vec<Written>> {
        let lines = self.0.asked("SELECT data AS line FROM pg_logical_slot_get_changes('shards', NULL, NULL)");
        let mut transactions: Vec<Vec<Written>> = Vec::new();
        for line in lines {
            if line.starts_with("BEGIN") {
                transactions.push(Vec::new());
            } else if let Some((table, row)) = line.strip_prefix("table public.").and_then(|rest| rest.split_once(':'))
            {
                let shard = row.split("shard[smallint]:").nth(1).map(|rest| {
                    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                    digits.parse().expect("a shard is a number")
                });
                let open = transactions.last_mut().expect("a row is written in a transaction");
                open.push(Written { table: table.to_owned(), shard });
            }
        }
        transactions.retain(|rows| !rows.is_empty());
        transactions
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        // A test that fails takes its server along.
        if std::thread::panicking() {
            return;
        }
        self.0.asked("SELECT ''::text AS line FROM pg_drop_replication_slot('shards')");
    }
}
