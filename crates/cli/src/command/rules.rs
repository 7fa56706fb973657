//! `khien rules …`: one file a subcommand.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

mod check;
mod coverage;
mod explain;
mod import;
mod list;
mod reading;
mod test;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Read and compile rules, and tell what is wrong with them
    Check(check::Arguments),
    /// Run rules over the samples they must and must not fire on
    Test(test::Arguments),
    /// Tell why a rule fires on an event or does not
    Explain(explain::Arguments),
    /// List rules
    List(list::Arguments),
    /// Show which ATT&CK techniques rules speak of, as a layer for the ATT&CK Navigator
    Coverage(coverage::Arguments),
    /// Import rules into a centre: a folder, a zip or a file, looked at file by file
    Import(import::Arguments),
    /// Remove a set of rules that was imported
    Remove(import::Remove),
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Remove(arguments) => import::remove(&arguments),
    }
}
