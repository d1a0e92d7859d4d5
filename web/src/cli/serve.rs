//! `tiaoli serve`: an installation.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use runtime::Runtime;
use web::Settings;

use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The installation's data folder; made where there is none
    #[arg(long, default_value = "tiaoli-data")]
    data: PathBuf,
    #[command(flatten)]
    listening: Listening,
}

/// Where and how the server listens.
#[derive(Args, Clone)]
pub(super) struct Listening {
    /// Where to listen; port 0 takes any free port
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The address that browsers see, where a proxy stands before the server: https://itsm.example
    #[arg(long)]
    origin: Option<String>,
}

pub(super) fn run(arguments: Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open(&arguments.data)?;
    folder::install_packaged(&runtime)?;
    serve(&runtime, arguments.listening, |address| match speech {
        Speech::En => println!("Tiaoli serves {} at http://{address}", arguments.data.display()),
        Speech::Zh => println!("条理正在提供 {}：http://{address}", arguments.data.display()),
    })
}

/// Serves until the process is told to stop; `ready` is called with the address once it listens.
pub(super) fn serve(
    runtime: &Runtime,
    listening: Listening,
    ready: impl FnOnce(SocketAddr),
) -> Result<ExitCode, Failure> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("TIAOLI_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let settings = Settings { address: listening.listen, origin: listening.origin, ..Settings::default() };
    web::serve(runtime.clone(), settings, ready)?;
    Ok(ExitCode::SUCCESS)
}
