//! The binary `khien`: one file a command under `command/`.
//!
//! Exit codes: 0 done (for `scan`: nothing found), 1 a fault, 2 wrong usage, 3 a check failed,
//! 10 `scan` found something. Results go to standard output, talk to standard error.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod attack;
mod centre;
mod client;
mod clock;
mod command;
mod language;
mod push;
mod report;
mod rule_files;
mod running;
mod scan;

/// Gives memory back that was used once: batches, rows and files are large, short-lived and passed
/// between threads, of which the system's allocator kept 645 of 720 MiB. Built with the settings in
/// `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Khiên: a province's cyber security centre in one program.
#[derive(Parser)]
#[command(name = "khien", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find attacks in log files
    Scan(command::scan::Arguments),
    /// Check, test, list and explain detection rules
    #[command(subcommand)]
    Rules(command::rules::Command),
    /// List the log formats that are understood
    Formats(command::formats::Arguments),
    /// Make the data folder of a centre
    Init(command::init::Arguments),
    /// Show the whole product on a fictitious province
    Demo(command::demo::Arguments),
    /// Run a centre: take in, detect, keep, answer
    Serve(command::serve::Arguments),
    /// Agencies of the register
    #[command(subcommand)]
    Agency(command::agency::Command),
    /// Information systems of the register
    #[command(subcommand)]
    System(command::system::Command),
    /// Sources that send events
    #[command(subcommand)]
    Source(command::source::Command),
    /// Hosts of information systems, registered or seen
    #[command(subcommand)]
    Host(command::host::Command),
    /// People who sign in to the console: invite, list, disable
    #[command(subcommand)]
    Account(command::account::Command),
    /// Tokens of the API and of sources
    #[command(subcommand)]
    Token(command::token::Command),
    /// Alerts: look, take on, close, comment
    #[command(subcommand)]
    Alert(command::alert::Command),
    /// Send log files to a running centre
    Push(command::push::Arguments),
    /// Search the events that a centre keeps
    Search(command::search::Arguments),
    /// Keep everything of a centre in one encrypted file, while it runs or not
    Backup(command::backup::Arguments),
    /// Make a data folder of a backup
    Restore(command::restore::Arguments),
    /// Say what is wrong with a centre, and what to do
    Doctor(command::doctor::Arguments),
    /// Legal holds: events that must not go, whatever their age
    #[command(subcommand)]
    Hold(command::hold::Command),
    /// Hunt by rules or indicators over the events that a centre keeps
    Hunt(command::hunt::Arguments),
    /// The gate: whether a system may be put into use
    #[command(subcommand)]
    Gate(command::gate::Command),
    /// Controls of systems: catalogues side by side, checklists, OSCAL
    #[command(subcommand)]
    Controls(command::controls::Command),
    /// Look how registered endpoints speak TLS or SSH; nothing else is ever asked
    Probe(command::probe::Arguments),
    /// The cryptography in use: its inventory as CycloneDX 1.6
    #[command(subcommand)]
    Crypto(command::crypto::Command),
    /// Findings: import what a scan of a system has found or an advisory says of it
    #[command(subcommand)]
    Findings(command::findings::Command),
    /// Vulnerabilities that are known to be exploited: import the catalogue
    #[command(subcommand)]
    Kev(command::kev::Command),
    /// The index: how able each agency is, from evidence alone
    #[command(subcommand)]
    Index(command::index::Command),
    /// The ledger of evidence: verify it, write it into a file
    #[command(subcommand)]
    Ledger(command::ledger::Command),
    /// Hybrid keys that sign and open: make one, tell its fingerprint
    #[command(subcommand)]
    Key(command::sealing::KeyCommand),
    /// Sign a file with Ed25519 and ML-DSA-65 together; not for state secrets
    Sign(command::sealing::Sign),
    /// Check a signature of a file
    Verify(command::sealing::Verify),
    /// Seal a file to some keys with ML-KEM-768 and X25519 together; not for state secrets
    Seal(command::sealing::Seal),
    /// Open a sealed file
    Open(command::sealing::Open),
    /// The crates that this program is made of, as CycloneDX 1.6
    Sbom(command::sbom::Arguments),
    /// Bring the records of a data folder up to date
    Migrate(command::migrate::Arguments),
    /// Check the file of settings, or print an example
    #[command(subcommand)]
    Config(command::config::Command),
    /// Print the manual page of khien and of each of its commands
    Man(command::manual::Arguments),
    /// Print the completions of a shell
    Completions(command::completions::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Scan(arguments) => command::scan::run(&arguments),
        Command::Rules(command) => command::rules::run(command),
        Command::Formats(arguments) => command::formats::run(&arguments),
        Command::Init(arguments) => command::init::run(arguments),
        Command::Demo(arguments) => command::demo::run(&arguments),
        Command::Serve(arguments) => command::serve::run(arguments),
        Command::Agency(command) => command::agency::run(command),
        Command::System(command) => command::system::run(command),
        Command::Source(command) => command::source::run(command),
        Command::Host(command) => command::host::run(command),
        Command::Account(command) => command::account::run(command),
        Command::Token(command) => command::token::run(command),
        Command::Alert(command) => command::alert::run(command),
        Command::Push(arguments) => command::push::run(&arguments),
        Command::Search(arguments) => command::search::run(&arguments),
        Command::Backup(arguments) => command::backup::run(arguments),
        Command::Restore(arguments) => command::restore::run(&arguments),
        Command::Doctor(arguments) => command::doctor::run(&arguments),
        Command::Hold(command) => command::hold::run(command),
        Command::Hunt(arguments) => command::hunt::run(arguments),
        Command::Gate(command) => command::gate::run(command),
        Command::Controls(command) => command::controls::run(command),
        Command::Probe(arguments) => command::probe::run(arguments),
        Command::Crypto(command) => command::crypto::run(command),
        Command::Findings(command) => command::findings::run(command),
        Command::Kev(command) => command::kev::run(command),
        Command::Index(command) => command::index::run(command),
        Command::Ledger(command) => command::ledger::run(command),
        Command::Key(command) => command::sealing::key(command),
        Command::Sign(arguments) => command::sealing::sign(&arguments),
        Command::Verify(arguments) => command::sealing::verify(&arguments),
        Command::Seal(arguments) => command::sealing::seal(&arguments),
        Command::Open(arguments) => command::sealing::open(&arguments),
        Command::Sbom(arguments) => command::sbom::run(&arguments),
        Command::Migrate(arguments) => command::migrate::run(&arguments),
        Command::Config(command) => command::config::run(command),
        Command::Man(arguments) => command::manual::run(&arguments),
        Command::Completions(arguments) => command::completions::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let mark = if std::io::stderr().is_terminal() {
                "\u{1b}[31mkhien:\u{1b}[0m"
            } else {
                "khien:"
            };
            talk(&format!("{mark} {error:#}"));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// What was asked for names something that is not there: wrong usage, as a wrong option is.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Says something on standard error.
#[expect(clippy::print_stderr, reason = "this is the one place that talks")]
fn talk(text: &str) {
    eprintln!("{text}");
}

/// Whether the reader of our output has gone, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }

    /// Every command without commands of its own.
    fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        let subcommands: Vec<&Command> = command.get_subcommands().collect();
        if subcommands.is_empty() {
            found.push((path.to_owned(), command.clone()));
        }
        for one in subcommands {
            leaves(one, format!("{path} {}", one.get_name()).trim(), found);
        }
    }

    #[test]
    fn every_command_that_prints_takes_json() {
        let mut found = Vec::new();
        leaves(&super::Arguments::command(), "", &mut found);
        assert!(found.len() > 30, "{}", found.len());
        for (path, command) in found {
            // It prints nothing but talk.
            if path == "serve" {
                continue;
            }
            let json = command.get_arguments().find(|one| one.get_long() == Some("json"));
            assert!(json.is_some_and(|json| !json.get_action().takes_values()), "{path}");
        }
    }
}
