//! `khien controls mapping`: what catalogues correspond to.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use khien_app::use_case::controls::{self, MAX_CATALOGUE_BYTES, Mapped};
use khien_domain::control::CatalogueKey;
use serde_json::{Value, json};

use super::key;
use crate::centre::{Place, block_on, caller, file_of, shown, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Import a mapping of two catalogues: an OSCAL mapping collection (JSON), or CSV with the columns
    /// source, relationship and target
    Import(Import),
    /// List the mappings that were imported, or what one catalogue corresponds to in each other
    List(List),
    /// Write what our own catalogue says of CSF 2.0 as OSCAL 1.2.1
    Export(Export),
}

#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    place: Place,
    /// The file
    file: PathBuf,
    /// The source catalogue, unless the file says so by the name of our export
    #[arg(long, value_name = "NAME@VERSION", value_parser = key)]
    source: Option<CatalogueKey>,
    /// The target catalogue
    #[arg(long, value_name = "NAME@VERSION", value_parser = key)]
    target: Option<CatalogueKey>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// What this catalogue corresponds to, with the controls that correspond to none
    #[arg(long, value_name = "NAME@VERSION", value_parser = key)]
    of: Option<CatalogueKey>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    place: Place,
    /// Of which catalogue; otherwise the newest of our own
    #[arg(long, value_name = "NAME@VERSION", value_parser = key)]
    catalogue: Option<CatalogueKey>,
    /// The file to write, or the folder, where it gets its own name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Import(arguments) => block_on(import(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
        Command::Export(arguments) => block_on(export(arguments)),
    }
}

async fn import(arguments: Import) -> Result<ExitCode> {
    let (file, bytes) = file_of(&arguments.file, MAX_CATALOGUE_BYTES)?;
    let records = arguments.place.records().await?;
    let between = [arguments.source.as_ref(), arguments.target.as_ref()];
    match controls::import_mapping(&records, &caller(), &file, &bytes, between).await? {
        Mapped::Kept { mapping, unrelated } => {
            let (source, target) = (mapping.source.to_string(), mapping.target.to_string());
            let relations = mapping.relations.len();
            let object = json!({
                "source": source,
                "target": target,
                "relations": relations,
                "unrelated": unrelated,
            });
            let words = format!(
                "đã nhập / imported {source} → {target}: {relations} quan hệ / relations, \
                 {unrelated} không liên quan / unrelated"
            );
            tell(arguments.json, &object, &words)
        }
        Mapped::Refused(problems) => {
            let lines = problems.iter().map(|one| format!("{}: {}", one.place, one.what));
            let lines: Vec<String> = lines.collect();
            anyhow::bail!("{file}: nothing was kept\n{}", lines.join("\n"))
        }
    }
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let Some(key) = &arguments.of else {
        let all = controls::list_mappings(&records, &caller()).await?;
        let objects = all.iter().map(|one| {
            json!({
                "source": one.mapping.source.to_string(),
                "target": one.mapping.target.to_string(),
                "number": one.number,
                "relations": one.mapping.relations.len(),
                "current": one.is_current,
                "file": one.file,
            })
        });
        let words = all.iter().map(|one| {
            let mark = if one.is_current { "*" } else { " " };
            let (mapping, count) = (&one.mapping, one.mapping.relations.len());
            format!("{mark} {} → {} · {count} · {}", mapping.source, mapping.target, one.file)
        });
        let words: Vec<String> = words.collect();
        return tell(arguments.json, &Value::Array(objects.collect()), &words.join("\n"));
    };
    let (listed, compared) = controls::compare(&records, &caller(), key).await?;
    let all = listed.catalogue.controls.len();
    let (mut objects, mut words) = (Vec::new(), Vec::new());
    for one in &compared {
        let unmapped = one.pair.unmapped(&listed.catalogue);
        let unmapped: Vec<&str> = unmapped.iter().map(|control| control.id.as_str()).collect();
        let (to, mapped) = (one.pair.to.to_string(), one.pair.mapped());
        let via = one.pair.via.as_ref().map(ToString::to_string);
        let how = via.as_ref().map_or_else(String::new, |via| format!(" (suy ra qua / via {via})"));
        words.push(format!("{to}{how}: {mapped}/{all}\n  - {}", unmapped.join(" ")));
        objects.push(json!({
            "catalogue": to,
            "derived_through": via,
            "mapped": mapped,
            "controls": all,
            "reached": one.pair.reached(),
            "unmapped": unmapped,
        }));
    }
    tell(arguments.json, &Value::Array(objects), &words.join("\n"))
}

async fn export(arguments: Export) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let key = arguments.catalogue.as_ref();
    let document = controls::export_mapping(&records, &caller(), key).await?;
    let out = &arguments.out;
    let path = if out.is_dir() { out.join(&document.file) } else { out.clone() };
    let text = serde_json::to_string_pretty(&document.value)?;
    std::fs::write(&path, text + "\n").with_context(|| format!("writing {}", path.display()))?;
    let object = json!({"file": shown(&path)});
    tell(arguments.json, &object, &shown(&path))
}
