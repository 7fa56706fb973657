//! `khien crypto`: the inventory of cryptography.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use khien_app::use_case::crypto;
use serde_json::json;

use crate::centre::{Place, block_on, caller, shown, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write the inventory of cryptography as CycloneDX 1.6
    Cbom(Cbom),
}

#[derive(Args)]
pub(crate) struct Cbom {
    #[command(flatten)]
    place: Place,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Cbom(arguments) => block_on(cbom(arguments)),
    }
}

async fn cbom(arguments: Cbom) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let inventory = crypto::cbom(&records, &caller()).await?;
    let path = &arguments.out;
    let text = serde_json::to_string_pretty(&inventory)?;
    std::fs::write(path, text + "\n").with_context(|| format!("writing {}", path.display()))?;
    let components = inventory["components"].as_array().map_or(0, Vec::len);
    let object = json!({"file": shown(path), "components": components});
    tell(arguments.json, &object, &format!("{} · {components}", shown(path)))
}
