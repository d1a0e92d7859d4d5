//! The `tiaoli` executable.

mod cli;

use std::process::ExitCode;

/// Every command makes and drops some hundred small values on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
