//! `khien index`: how able each agency is, computed from the ledger of a centre or from an export.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use khien_app::index::recompute;
use khien_app::use_case::index;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::index::ratio::shown;
use khien_domain::index::{IndexPack, Table};

use crate::centre::{Place, block_on, caller, moment, tell_text};

/// The exit code of a table that is another than the ledger says.
const DIFFERS: u8 = 3;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Compute the table at an instant from the ledger of a centre, and keep its hash in the ledger
    Compute(Compute),
    /// Verify an export of a ledger and compute the table again from nothing else
    Recompute(Recompute),
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
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Compute(arguments) => block_on(compute(arguments)),
        Command::Recompute(arguments) => again(&arguments),
    }
}

async fn compute(arguments: Compute) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let computed = index::compute(&records, &caller(), arguments.at).await?;
    print(arguments.json, &computed.table, &computed.pack)
}

fn again(arguments: &Recompute) -> Result<ExitCode> {
    let kinds = Kinds::parse(Kinds::BUILT_IN)?;
    let again = recompute(&arguments.export, &kinds, arguments.at, arguments.pack.as_deref())?;
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
