//! `khien kev`: the catalogue of vulnerabilities that are known to be exploited.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use khien_app::use_case::findings::import_exploited;
use serde_json::json;

use super::findings::read;
use crate::centre::{Place, block_on, caller, tell};

/// The largest catalogue that is looked at.
const MAX_BYTES: usize = 64 << 20;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Put the catalogue of CISA, as a JSON file, in the place of the one before
    Import(Import),
}

#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    place: Place,
    /// The file, as CISA publishes it in JSON
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Import(arguments) => block_on(import(arguments)),
    }
}

async fn import(arguments: Import) -> Result<ExitCode> {
    let bytes = read(&arguments.file, MAX_BYTES)?;
    let records = arguments.place.records().await?;
    let (catalogue, changed) = import_exploited(&records, &caller(), bytes).await?;
    let object = json!({
        "version": catalogue.version,
        "released": catalogue.released.to_string(),
        "vulnerabilities": catalogue.size,
        "findings_changed": changed,
    });
    let words = format!(
        "catalogue {} of {}: {} vulnerabilities; {changed} findings changed",
        catalogue.version, catalogue.released, catalogue.size
    );
    tell(arguments.json, &object, &words)
}
