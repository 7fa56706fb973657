//! `khien index pack`: what the index is counted by.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use khien_app::use_case::index::{self, BroughtPack, MAX_PACK_BYTES};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::index::IndexPack;
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, file_of, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the packs that the ledger has, the one that came last first; * is counted by now
    List(List),
    /// Check a file without a centre: is it a pack, and what does it hold? A fault is told with its line
    Check(Check),
    /// Bring a pack: it counts from its first day on, and no update of the program takes its place
    Import(Import),
    /// Put a pack that the ledger has into force again
    Use(Use),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Check {
    /// The file (YAML); docs/index.md tells its language
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    place: Place,
    /// The file (YAML)
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Use {
    #[command(flatten)]
    place: Place,
    /// The id of the pack, as the list has it
    pack: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(arguments) => block_on(list(arguments)),
        Command::Check(arguments) => check(&arguments),
        Command::Import(arguments) => block_on(import(arguments)),
        Command::Use(arguments) => block_on(put(arguments)),
    }
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let listed = index::list_packs(&records, &caller()).await?;
    let objects = listed.iter().map(|one| {
        let mut object = told(&one.pack);
        object["record"] = one.seq.into();
        object["current"] = one.is_current.into();
        object["with_the_program"] = one.is_own.into();
        object["since"] = one.at.to_string().into();
        object
    });
    let objects = Value::Array(objects.collect());
    let words = listed.iter().map(|one| {
        let mark = if one.is_current { "*" } else { " " };
        format!("{mark} {}", said(&one.pack))
    });
    tell(arguments.json, &objects, &words.collect::<Vec<_>>().join("\n"))
}

fn check(arguments: &Check) -> Result<ExitCode> {
    let (file, bytes) = file_of(&arguments.file, MAX_PACK_BYTES)?;
    let text = String::from_utf8(bytes).with_context(|| file.clone())?;
    let kinds = Kinds::parse(Kinds::BUILT_IN)?;
    let pack = IndexPack::parse(text.trim_start_matches('\u{feff}'), &kinds).context(file)?;
    tell(arguments.json, &told(&pack), &said(&pack))
}

async fn import(arguments: Import) -> Result<ExitCode> {
    let (file, bytes) = file_of(&arguments.file, MAX_PACK_BYTES)?;
    let records = arguments.place.records().await?;
    let brought = index::import_pack(&records, &caller(), &file, &bytes).await?;
    done(arguments.json, &brought)
}

async fn put(arguments: Use) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let brought = index::use_pack(&records, &caller(), &arguments.pack).await?;
    done(arguments.json, &brought)
}

fn done(json: bool, brought: &BroughtPack) -> Result<ExitCode> {
    let mut object = told(&brought.pack);
    object["current"] = brought.is_current.into();
    let when = if brought.is_current {
        "đang áp dụng / in force".to_owned()
    } else {
        format!("áp dụng từ / in force from {}", brought.pack.valid_from)
    };
    tell(json, &object, &format!("{} · {when}", said(&brought.pack)))
}

fn told(pack: &IndexPack) -> Value {
    json!({
        "pack": pack.id,
        "vi": pack.vi,
        "en": pack.en,
        "valid_from": pack.valid_from.to_string(),
        "valid_to": pack.valid_to.to_string(),
        "indicators": pack.indicators.len(),
    })
}

fn said(pack: &IndexPack) -> String {
    let (from, to, count) = (pack.valid_from, pack.valid_to, pack.indicators.len());
    format!("{} · {} · {from} – {to} · {count} chỉ số / indicators", pack.id, pack.vi)
}
