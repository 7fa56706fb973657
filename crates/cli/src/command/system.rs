//! `khien system`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use khien_app::use_case::register;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::page::PageRequest;
use khien_domain::system::{Level, Stage, System};
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register an information system of an agency
    Add(Add),
    /// List the information systems
    List(List),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: Place,
    /// The agency whose system it is
    #[arg(long, value_name = "CODE")]
    agency: String,
    /// Its code: lower-case letters, digits and hyphens
    #[arg(long)]
    code: String,
    /// Its name
    #[arg(long)]
    name: String,
    /// Its security level
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=5))]
    level: i64,
    /// Where it stands in its life
    #[arg(long, value_enum, default_value_t = StageName(Stage::Operation))]
    stage: StageName,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The stages of the register, as clap wants them.
#[derive(Clone, Copy)]
struct StageName(Stage);

impl ValueEnum for StageName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [StageName; Stage::ALL.len()] = {
            let mut all = [StageName(Stage::ALL[0]); Stage::ALL.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = StageName(Stage::ALL[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()))
    }
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Add(arguments) => block_on(add(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
    }
}

/// A system as scripts read it.
fn object(system: &System) -> Value {
    json!({
        "code": system.code.as_str(),
        "agency": system.agency.as_str(),
        "name": system.name,
        "level": system.level.number(),
        "stage": system.stage.name(),
    })
}

async fn add(arguments: Add) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let system = System::new(
        SystemCode::new(&arguments.code).context("the code of the system")?,
        AgencyCode::new(&arguments.agency).context("the code of the agency")?,
        arguments.name,
        Level::new(arguments.level).context("the level")?,
        arguments.stage.0,
        records.now(),
    );
    let system = register::add_system(&records, &caller(), system).await?;
    let words = format!("{} ({}, {})", system.name, system.code, system.agency);
    tell(arguments.json, &object(&system), &words)
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let mut systems = Vec::new();
    let mut page = PageRequest::first();
    loop {
        let found = register::list_systems(&records, &caller(), &page).await?;
        systems.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let line = |system: &System| {
        let (code, agency) = (system.code.as_str(), system.agency.as_str());
        format!("{code:<20} {agency:<20} {} {}", system.level.number(), system.name)
    };
    let words: Vec<String> = systems.iter().map(line).collect();
    let list: Vec<Value> = systems.iter().map(object).collect();
    tell(arguments.json, &json!(list), &words.join("\n"))
}
