//! `tiaoli serve`: an installation.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use runtime::{Fence, MailServer, Outside, Runtime};
use store::Place;
use web::Settings;

use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Arguments {
    /// The installation's data folder, made where there is none, or postgres://… for a database on a server
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
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

impl Listening {
    /// What the server may reach outside. It comes from the environment, since the address of a mail server may hold a
    /// password, and what is on a command line stands in the list of processes.
    pub(super) fn outside(&self) -> Result<Outside, Failure> {
        let said = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let mail = match (said("TIAOLI_SMTP"), said("TIAOLI_MAIL_FROM")) {
            (Some(server), Some(from)) => {
                let server = MailServer::new(&server, &from, self.origin.clone());
                Some(server.map_err(|cause| cause.to_string())?)
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err("e-mail needs both TIAOLI_SMTP and TIAOLI_MAIL_FROM".to_owned().into());
            }
        };
        let fence = said("TIAOLI_HTTP_ALLOW").unwrap_or_default();
        let fence = fence.parse::<Fence>().map_err(|cause| format!("TIAOLI_HTTP_ALLOW: {cause}"))?;
        Ok(Outside { mail, fence })
    }
}

pub(super) fn run(arguments: Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_to(&arguments.data, arguments.listening.outside()?)?;
    folder::install_packaged(&runtime, speech)?;
    serve(&runtime, arguments.listening, |address| match speech {
        Speech::En => println!("Tiaoli serves {} at http://{address}", arguments.data),
        Speech::Zh => println!("条理正在提供 {}：http://{address}", arguments.data),
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
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match std::env::var("TIAOLI_LOG_FORMAT").as_deref() {
        Ok("json") => log.json().flatten_event(true).init(),
        Ok(_) | Err(_) => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    let settings = Settings {
        address: listening.listen,
        origin: listening.origin,
        // A token on the command line would be in the list of processes.
        metrics_token: std::env::var("TIAOLI_METRICS_TOKEN").ok().filter(|token| !token.is_empty()),
        ..Settings::default()
    };
    web::serve(runtime.clone(), settings, ready)?;
    Ok(ExitCode::SUCCESS)
}
