//! From the store to the database that is open: each names a function of `tables` without its first argument, the
//! connection. Two macros and no trait, since the functions of the two databases are different functions that only
//! look the same.

/// Reads one consistent picture in a short transaction.
macro_rules! read {
    ($store:expr, $table:ident::$function:ident($($argument:expr),* $(,)?)) => {
        match $store.database() {
            $crate::Database::Sqlite(database) => {
                database.read(|connection| $crate::sqlite::tables::$table::$function(connection, $($argument),*))
            }
            $crate::Database::Postgres(database) => {
                database.read(|connection| $crate::postgres::tables::$table::$function(connection, $($argument),*))
            }
        }
    };
}

/// Writes and waits until it is durable. It may be run more than once, until it is.
macro_rules! write {
    ($store:expr, $table:ident::$function:ident($($argument:expr),* $(,)?)) => {
        match $store.database() {
            $crate::Database::Sqlite(database) => {
                database.write(move |connection| $crate::sqlite::tables::$table::$function(connection, $($argument),*))
            }
            $crate::Database::Postgres(database) => {
                database
                    .write(move |connection| $crate::postgres::tables::$table::$function(connection, $($argument),*))
            }
        }
    };
}

pub(crate) use {read, write};
