//! The subcommands of `tiaoli`, one file each.

mod backup;
mod batch;
mod bench;
mod calendar;
mod check;
mod demo;
mod deploy;
mod diagram;
mod diff;
mod doctor;
mod evidence;
mod explain;
mod files;
mod fmt;
mod folder;
mod format;
mod help;
mod migrate;
mod new;
mod order;
mod plan;
mod replay;
mod retention;
mod serve;
mod speech;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use speech::Speech;

/// A process platform for IT service management after ISO/IEC 20000-1.
#[derive(Parser)]
#[command(
    name = "tiaoli",
    version,
    about = "A process platform for IT service management after ISO/IEC 20000-1",
    arg_required_else_help = true
)]
struct Arguments {
    /// The language of what is printed: en or zh. Taken from LANG where not given.
    #[arg(long, global = true, value_name = "LANGUAGE")]
    language: Option<Speech>,
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Serve a demo organisation with history, in a data folder of its own
    Demo(demo::Arguments),
    /// Serve an installation; an empty one begins with a page that makes the first administrator
    Serve(serve::Arguments),
    /// Write a process to begin with
    New(new::Arguments),
    /// Check definition files and show every problem
    Check(check::Arguments),
    /// Lay out definition files
    Fmt(fmt::Arguments),
    /// Run the examples of definition files
    Test(test::Arguments),
    /// Say what a definition file says, as plain sentences
    Explain(explain::Arguments),
    /// Say what changed between two versions of a definition
    Diff(diff::Arguments),
    /// Draw a definition file as SVG
    Diagram(diagram::Arguments),
    /// Say what a deployment would mean for the records that run
    Plan(plan::Arguments),
    /// Bring running records to another version of their process; without --order only what would happen is said
    Migrate(migrate::Arguments),
    /// Give one order to many records, watch it, stop it, bring it back
    Batch(batch::Arguments),
    /// Make a definition file the current version of its process
    Deploy(deploy::Arguments),
    /// Drive an organisation's event log through a process at the log's own instants
    Replay(replay::Arguments),
    /// The calendars of an installation: what they say, and other data for them
    Calendar(calendar::Arguments),
    /// Check the integrity of an installation: facts fold into states, hash chains hold
    Doctor(doctor::Arguments),
    /// Copy an installation while it runs, and check the copy
    Backup(backup::Backup),
    /// Bring a backup into an empty data folder, and check it before it is called done
    Restore(backup::Restore),
    /// What is due for removal, what is held, and the orders about both
    Retention(retention::Arguments),
    /// Append where every chain of hashes ends, signed, to a file that somebody else keeps
    Anchor(evidence::Anchor),
    /// Put together the evidence of records in a folder that proves itself
    Evidence(evidence::Evidence),
    /// Check evidence, without the installation
    Verify(evidence::Verify),
    /// Measure the engine beside the raw-SQL ceiling
    Bench(bench::Arguments),
}

/// Why a subcommand failed, as a sentence for the person at the terminal.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    let command = match help::asked_for(std::env::args_os()) {
        Speech::En => Arguments::command(),
        Speech::Zh => help::in_chinese(Arguments::command()),
    };
    let arguments = Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|problem| problem.exit());
    let speech = arguments.language.unwrap_or_else(Speech::of_environment);
    // A server outlives those who read from it; what prints ends with its reader, as in `tiaoli explain … | head`.
    if !matches!(arguments.command, Subcommands::Demo(_) | Subcommands::Serve(_)) {
        sigpipe::reset();
    }
    let done = match arguments.command {
        Subcommands::Demo(arguments) => demo::run(arguments, speech),
        Subcommands::Serve(arguments) => serve::run(arguments, speech),
        Subcommands::New(arguments) => new::run(&arguments, speech),
        Subcommands::Check(arguments) => check::run(&arguments, speech),
        Subcommands::Fmt(arguments) => fmt::run(&arguments, speech),
        Subcommands::Test(arguments) => test::run(&arguments, speech),
        Subcommands::Explain(arguments) => explain::run(&arguments, speech),
        Subcommands::Diff(arguments) => diff::run(&arguments, speech),
        Subcommands::Diagram(arguments) => diagram::run(&arguments, speech),
        Subcommands::Plan(arguments) => plan::run(&arguments, speech),
        Subcommands::Migrate(arguments) => migrate::run(&arguments, speech),
        Subcommands::Batch(arguments) => batch::run(&arguments, speech),
        Subcommands::Deploy(arguments) => deploy::run(&arguments, speech),
        Subcommands::Replay(arguments) => replay::run(&arguments, speech),
        Subcommands::Calendar(arguments) => calendar::run(&arguments, speech),
        Subcommands::Doctor(arguments) => doctor::run(&arguments, speech),
        Subcommands::Backup(arguments) => backup::back_up(&arguments, speech),
        Subcommands::Restore(arguments) => backup::restore(&arguments, speech),
        Subcommands::Retention(arguments) => retention::run(&arguments, speech),
        Subcommands::Anchor(arguments) => evidence::anchor(&arguments, speech),
        Subcommands::Evidence(arguments) => evidence::evidence(&arguments, speech),
        Subcommands::Verify(arguments) => evidence::verify(&arguments, speech),
        Subcommands::Bench(arguments) => bench::run(&arguments),
    };
    files::more(speech);
    done.unwrap_or_else(|failure| {
        eprintln!("tiaoli: {failure}");
        ExitCode::FAILURE
    })
}
