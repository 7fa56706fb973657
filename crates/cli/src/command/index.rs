//! `khien index`: how able each agency is, computed from the ledger of a centre or from an export, and by
//! which pack.

mod pack;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use khien_app::index::recompute;
use khien_app::use_case::{index, rounds};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::index::ratio::shown;
use khien_domain::index::{IndexPack, Table, Wish};
use serde_json::json;

use crate::centre::{Place, block_on, caller, moment, tell, tell_text};

/// The exit code of a table that is another than the ledger says.
const DIFFERS: u8 = 3;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Compute the table at an instant from the ledger of a centre, and keep its hash in the ledger
    Compute(Compute),
    /// Verify an export of a ledger and compute the table again from nothing else
    Recompute(Recompute),
    /// List the yearly rounds: how far each is, and what was published
    Rounds(Rounds),
    /// What is counted by: list the packs, check one, bring one, put one into force again
    #[command(subcommand)]
    Pack(pack::Command),
}

#[derive(Args)]
pub(crate) struct Rounds {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Compute {
    #[command(flatten)]
    place: Place,
    /// The instant: 2026-10-15T08:00:00+07:00, or a day with or without a time in UTC+7
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    at: Timestamp,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Recompute {
    /// An export made by khien ledger export
    export: PathBuf,
    /// The instant; without one, the last table that the ledger tells of is computed again
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    at: Option<Timestamp>,
    /// The pack to compute by, if several are valid at the instant
    #[arg(long, value_name = "ID", requires = "at")]
    pack: Option<String>,
    /// The round of a year, as it was published
    #[arg(long, value_name = "YEAR", conflicts_with = "at")]
    round: Option<i16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Compute(arguments) => block_on(compute(arguments)),
        Command::Recompute(arguments) => again(&arguments),
        Command::Rounds(arguments) => block_on(list(arguments)),
        Command::Pack(command) => pack::run(command),
    }
}

async fn compute(arguments: Compute) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let computed = index::compute(&records, &caller(), arguments.at).await?;
    print(arguments.json, &computed.table, &computed.pack)
}

async fn list(arguments: Rounds) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let (mut told, mut words) = (Vec::new(), Vec::new());
    for round in rounds::list(&records, &caller()).await? {
        let cutoff = round.cutoff.map(|(cutoff, _)| cutoff.to_string());
        let hash = round.published.as_ref().map(|published| published.hash.as_str());
        let seed = round.draw.as_ref().map(|draw| draw.seed.as_str());
        words.push(format!(
            "{} {:<9} {} {} {}",
            round.year,
            round.state.name(),
            round.pack,
            cutoff.as_deref().unwrap_or("–"),
            hash.unwrap_or("–"),
        ));
        told.push(json!({
            "year": round.year,
            "pack": round.pack,
            "state": round.state.name(),
            "opened_at": round.opened_at.to_string(),
            "seed": seed,
            "cutoff": cutoff,
            "published_at": round.published.as_ref().map(|published| published.at.to_string()),
            "hash": hash,
            "size": round.published.as_ref().map(|published| published.size),
        }));
    }
    if words.is_empty() {
        words.push("no round was opened yet: whoever leads opens one at /index/rounds".to_owned());
    }
    tell(arguments.json, &json!(told), &words.join("\n"))
}

fn again(arguments: &Recompute) -> Result<ExitCode> {
    let kinds = Kinds::parse(Kinds::BUILT_IN)?;
    let wish = match (arguments.round, arguments.at) {
        (Some(year), _) => Wish::Round(year),
        (None, Some(at)) => Wish::At(at, arguments.pack.clone()),
        (None, None) => Wish::Last,
    };
    let again = recompute(&arguments.export, &kinds, &wish)?;
    let code = print(arguments.json, &again.table, &again.chosen.pack)?;
    match &again.chosen.hash {
        Some(told) if told != again.table.hash() => {
            tracing::error!(%told, computed = again.table.hash(), "the ledger tells of another table");
            Ok(ExitCode::from(DIFFERS))
        }
        _ => Ok(code),
    }
}

fn print(json: bool, table: &Table, pack: &IndexPack) -> Result<ExitCode> {
    if json {
        return tell_text(false, &format!("{}\n", table.to_text()));
    }
    let mut words = format!(
        "{} ({})\n{} · {} · {} records\n{}\n\n",
        pack.vi,
        pack.note,
        pack.id,
        table.at,
        table.size,
        table.hash()
    );
    for (score, place) in table.scores.iter().zip(&table.places) {
        let rank = match place.rank {
            Some(rank) => format!("{rank}/{}", place.of),
            None => "–".to_owned(),
        };
        let total = score.total.as_ref().map_or("–".to_owned(), shown);
        let grade = score.grade.and_then(|grade| pack.grades.get(grade));
        words.push_str(&format!(
            "{:<4} {rank:>7} {total:>7} {:<2} {}\n",
            score.cohort.as_deref().unwrap_or("–"),
            grade.map_or("–", |grade| grade.grade.as_str()),
            score.agency,
        ));
    }
    tell_text(false, &words)
}
