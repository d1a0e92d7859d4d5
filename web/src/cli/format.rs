//! For whom a subcommand prints.

use clap::ValueEnum;

/// For whom a subcommand prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For machines: JSON, one object a line.
    Json,
}
