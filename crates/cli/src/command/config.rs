//! `khien config`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use khien_app::config::{Config, EXAMPLE};
use serde_json::json;

use crate::centre::{tell, tell_text};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check a file of settings
    Check(Check),
    /// Print a file with every setting, its default and what it is for
    Example(Example),
}

#[derive(Args)]
pub(crate) struct Example {
    /// Print JSON: the file as a text
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Check {
    /// The file
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Example(arguments) => tell_text(arguments.json, EXAMPLE),
        Command::Check(arguments) => check(&arguments),
    }
}

fn check(arguments: &Check) -> Result<ExitCode> {
    match Config::load(Some(&arguments.file), std::env::vars()) {
        Ok(_) => {
            let words = format!("{} is in order", arguments.file.display());
            tell(arguments.json, &json!({"ok": true}), &words)
        }
        Err(error) => {
            let reason = format!("{:#}", anyhow::Error::from(error));
            tell(arguments.json, &json!({"ok": false, "error": reason}), &reason)?;
            Ok(ExitCode::from(3))
        }
    }
}
