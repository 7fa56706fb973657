//! `khien controls`: catalogues of controls, mappings between them, the checklist of a system, and all of
//! it as OSCAL.

mod mapping;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use khien_app::use_case::controls::{self, Called, MAX_CATALOGUE_BYTES, What};
use khien_domain::code::SystemCode;
use khien_domain::control::{CatalogueKey, Status};
use serde_json::{Value, json};

use crate::Usage;
use crate::centre::{Place, block_on, caller, file_of, shown, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the catalogues of controls, newest versions first
    List(List),
    /// Import a catalogue: OSCAL as XML or JSON (NIST CSF 2.0, SP 800-53…), a table, or a pack of our own
    Import(Import),
    /// What catalogues correspond to: bring it, look at it, give out our own
    #[command(subcommand)]
    Mapping(mapping::Command),
    /// Print the checklist of a system: every control that is due, and how it stands
    Check(Check),
    /// Write a catalogue, or what is known of a system's controls, as OSCAL 1.2.1
    Export(Export),
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
pub(crate) struct Import {
    #[command(flatten)]
    place: Place,
    /// The file
    file: PathBuf,
    /// What a table (CSV with the columns id and title) is called, such as cis@8.1
    #[arg(long, value_name = "NAME@VERSION", value_parser = key, requires = "title")]
    name: Option<CatalogueKey>,
    /// The title of a table
    #[arg(long, requires = "name")]
    title: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    place: Place,
    /// The code of the system
    system: String,
    /// By which catalogue, such as mh-levels@2026.1; otherwise the newest of our own
    #[arg(long, value_name = "NAME@VERSION", value_parser = key)]
    catalogue: Option<CatalogueKey>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    place: Place,
    /// What: catalog, profile, ssp, assessment-plan or assessment-results
    #[arg(long, value_name = "WHAT", value_parser = what)]
    what: What,
    /// The code of the system, for all but a catalogue
    system: Option<String>,
    /// By which catalogue, such as mh-levels@2026.1; otherwise the newest of our own
    #[arg(long, value_name = "NAME@VERSION", value_parser = key)]
    catalogue: Option<CatalogueKey>,
    /// The file to write, or the folder, where it gets the name by which others import it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn key(text: &str) -> Result<CatalogueKey, String> {
    CatalogueKey::parse(text)
        .ok_or_else(|| format!("{text:?} is no name of a catalogue such as mh-levels@2026.1"))
}

fn what(name: &str) -> Result<What, String> {
    let known = || What::ALL.map(What::name).join(", ");
    What::parse(name).ok_or_else(|| format!("{name:?} is none of {}", known()))
}

fn code(text: &str) -> Result<SystemCode> {
    SystemCode::new(&text.to_lowercase()).with_context(|| format!("the system {text:?}"))
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(arguments) => block_on(list(arguments)),
        Command::Import(arguments) => block_on(import(arguments)),
        Command::Check(arguments) => block_on(check(arguments)),
        Command::Export(arguments) => block_on(export(arguments)),
        Command::Mapping(command) => mapping::run(command),
    }
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let all = controls::list_catalogues(&records, &caller()).await?;
    let objects = all.iter().map(|one| {
        json!({
            "catalogue": one.catalogue.key.to_string(),
            "title": one.catalogue.en,
            "controls": one.catalogue.controls.len(),
            "current": one.is_current,
            "source": one.catalogue.source,
        })
    });
    let words = all.iter().map(|one| {
        let mark = if one.is_current { "*" } else { " " };
        let catalogue = &one.catalogue;
        format!("{mark} {} · {} · {}", catalogue.key, catalogue.controls.len(), catalogue.vi)
    });
    let words: Vec<String> = words.collect();
    tell(arguments.json, &Value::Array(objects.collect()), &words.join("\n"))
}

async fn import(arguments: Import) -> Result<ExitCode> {
    let (file, bytes) = file_of(&arguments.file, MAX_CATALOGUE_BYTES)?;
    let records = arguments.place.records().await?;
    let called = arguments.name.zip(arguments.title).map(|(key, title)| Called { key, title });
    let brought = controls::import(&records, &caller(), &file, &bytes, called.as_ref()).await?;
    let catalogue = &brought.catalogue;
    let object = json!({
        "catalogue": catalogue.key.to_string(),
        "title": catalogue.en,
        "groups": catalogue.families.len(),
        "controls": catalogue.controls.len(),
        "withdrawn": brought.withdrawn,
    });
    let words = format!(
        "đã nhập / imported {}: {} nhóm / groups, {} biện pháp / controls, {} đã rút / withdrawn",
        catalogue.key,
        catalogue.families.len(),
        catalogue.controls.len(),
        brought.withdrawn
    );
    tell(arguments.json, &object, &words)
}

async fn check(arguments: Check) -> Result<ExitCode> {
    let code = code(&arguments.system)?;
    let records = arguments.place.records().await?;
    let key = arguments.catalogue.as_ref();
    let of = controls::of_system(&records, &caller(), &code, key).await?;
    let checklist = of.checklist();
    let counts = checklist.counts();
    let due = checklist.due.iter().map(|due| {
        json!({
            "control": due.control.id,
            "vi": due.control.vi,
            "en": due.control.en,
            "status": due.status.name(),
            "against": due.is_against,
            "evidence": due.evidence,
            "note": due.stated.as_ref().map(|stated| &stated.note),
        })
    });
    let tally: serde_json::Map<String, Value> = (Status::ALL.into_iter())
        .map(|status| (status.name().to_owned(), counts.of(status).into()))
        .collect();
    let object = json!({
        "system": of.system.code.as_str(),
        "level": of.system.level.number(),
        "catalogue": of.catalogue.key.to_string(),
        "counts": tally,
        "controls": due.collect::<Vec<_>>(),
    });
    let mut words =
        format!("{} · {} · {}/{}", of.system.code, of.catalogue.key, counts.done(), counts.all());
    for due in &checklist.due {
        let evidence: Vec<String> = due.evidence.iter().map(u64::to_string).collect();
        let (status, control) = (due.status.name(), due.control);
        let line = format!("\n{status:<14} {} {} / {} ", control.id, control.vi, control.en);
        words.push_str(&line);
        words.push_str(&evidence.join(" "));
    }
    tell(arguments.json, &object, words.trim_end())
}

async fn export(arguments: Export) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let key = arguments.catalogue.as_ref();
    let document = match (arguments.what, &arguments.system) {
        (What::Catalog, None) => controls::export_catalogue(&records, &caller(), key).await?,
        (what, None) => {
            let words = format!("{} is about a system: name its code", what.name());
            return Err(Usage(words).into());
        }
        (what, Some(system)) => {
            controls::export_system(&records, &caller(), what, &code(system)?, key).await?
        }
    };
    let out = &arguments.out;
    let path = if out.is_dir() { out.join(&document.file) } else { out.clone() };
    let text = serde_json::to_string_pretty(&document.value)?;
    std::fs::write(&path, text + "\n").with_context(|| format!("writing {}", path.display()))?;
    let object = json!({"file": shown(&path), "what": arguments.what.name()});
    tell(arguments.json, &object, &shown(&path))
}
