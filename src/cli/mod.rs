//! The command line: one file per command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod audit;
mod backup;
mod capital;
mod check;
mod compute;
mod demo;
mod evaluate;
mod import;
mod key;
mod migrate;
mod open;
mod serve;
mod setup_link;
mod tick;
mod workdays;

/// Juncai 骏才: talent registry and engineer stipend system.
#[derive(Debug, Parser)]
#[command(name = "juncai", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Determine amounts from NDJSON facts with the pure rule engine
    Evaluate(evaluate::Args),
    /// Check identifiers, one value a line on standard input
    Check(check::Args),
    /// Print the last day of a notice of N working days
    Workdays(workdays::Args),
    /// Print an amount of yuan in Chinese capitals
    Capital(capital::Args),
    /// Play an invented year into a data folder, print its sums, serve the site
    Demo(demo::Args),
    /// Import a spreadsheet, or only check it
    Import(import::Args),
    /// Run the web server
    Serve(serve::Args),
    /// Make a one-time link for an administrator, when the only one cannot sign in any more
    SetupLink(setup_link::Args),
    /// Do what time asks of files, once: terms that are over, returned files not mended in time
    Tick(tick::Args),
    /// Compute a stipend year from the stored facts
    Compute(compute::Args),
    /// Bring the database's schema up to date
    Migrate(migrate::Args),
    /// List or change the keys that seal identity and account numbers
    Key(key::Args),
    /// Verify the tamper-evident log
    Audit(audit::Args),
    /// Copy the database into an empty folder while others work
    Backup(backup::Args),
    /// Load a backup into a new database and prove that it equals the backup
    Restore(backup::Args),
}

/// Parses the arguments and runs the command; the exit code is the process's.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Workdays(args) => workdays::run(&args),
        Command::Capital(args) => capital::run(&args),
        Command::Demo(args) => wait(demo::run(&args)),
        Command::Import(args) => wait(import::run(&args)),
        Command::Serve(args) => wait(serve::run(&args)),
        Command::SetupLink(args) => wait(setup_link::run(&args)),
        Command::Tick(args) => wait(tick::run(&args)),
        Command::Compute(args) => wait(compute::run(&args)),
        Command::Migrate(args) => wait(migrate::run(&args)),
        Command::Key(args) => wait(key::run(&args)),
        Command::Audit(args) => wait(audit::run(&args)),
        Command::Backup(args) => wait(backup::make(&args)),
        Command::Restore(args) => wait(backup::load(&args)),
    }
}

/// Runs a command that talks to the database.
fn wait(command: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => complain(&format!("无法启动：{error}")),
    }
}

/// Prints a result on standard output, or why there is none on standard error with exit code 1.
fn print_or_complain<T: std::fmt::Display, E: std::fmt::Display>(result: Result<T, E>) -> ExitCode {
    use std::io::Write;
    match result {
        Ok(value) => match writeln!(std::io::stdout(), "{value}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&format!("写出失败：{error}")),
        },
        Err(error) => complain(&error.to_string()),
    }
}

/// Prints a message on standard error; exit code 1.
fn complain(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
