//! `khien hold`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use khien_app::use_case::holds;
use khien_domain::code::AgencyCode;
use khien_domain::hold::{Held, Hold, NewHold};
use khien_domain::ids::HoldId;
use khien_domain::page::PageRequest;
use serde_json::{Value, json};

use crate::Usage;
use crate::centre::{Place, block_on, caller, moment, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Hold events back from being forgotten, whatever their age
    Add(Add),
    /// List the holds
    List(List),
    /// Lift a hold: its events go when they have had their time
    Lift(Lift),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: Place,
    /// Events of this agency; of all if none is given
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// Events from this moment or day on, such as 2026-10-15
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Timestamp>,
    /// Events before this moment or day
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Timestamp>,
    /// Why: the case, the order, the letter
    #[arg(long)]
    reason: String,
    /// Who answers for it; the account of the machine if nobody is named
    #[arg(long)]
    owner: Option<String>,
    /// When it ends by itself
    #[arg(long, value_name = "TIME", value_parser = moment)]
    expires: Option<Timestamp>,
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

#[derive(Args)]
pub(crate) struct Lift {
    #[command(flatten)]
    place: Place,
    /// The number of the hold
    id: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Add(arguments) => block_on(add(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
        Command::Lift(arguments) => block_on(lift(arguments)),
    }
}

/// A hold as scripts read it.
fn object(hold: &Hold) -> Value {
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let asked = &hold.asked;
    json!({
        "id": hold.id.0,
        "agency": asked.held.agency.as_ref().map(AgencyCode::as_str),
        "from": text(asked.held.from),
        "to": text(asked.held.to),
        "owner": asked.owner,
        "reason": asked.reason,
        "placed_at": asked.placed_at.to_string(),
        "expires_at": text(asked.expires_at),
        "lifted_at": text(hold.lifted_at),
    })
}

fn line(hold: &Hold, now: Timestamp) -> String {
    let day = |at: Option<Timestamp>| {
        at.map_or("-".to_owned(), |at| at.strftime("%d/%m/%Y %H:%MZ").to_string())
    };
    let asked = &hold.asked;
    let agency = asked.held.agency.as_ref().map_or("*", AgencyCode::as_str);
    let state = if hold.holds(now) { "holds" } else { "ended" };
    let (from, to) = (day(asked.held.from), day(asked.held.to));
    let reason = asked.reason.replace('\n', " ");
    format!("{:>6} {state:<6} {agency:<20} {from:<17} {to:<17} {} ({reason})", hold.id, asked.owner)
}

async fn add(arguments: Add) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let agency = arguments.agency.as_deref().map(AgencyCode::new).transpose();
    let agency = agency.map_err(|error| Usage(format!("--agency: {error}")))?;
    let caller = caller();
    let new = NewHold {
        held: Held { agency, from: arguments.from, to: arguments.to },
        owner: arguments.owner.unwrap_or_else(|| caller.actor.identity.to_string()),
        reason: arguments.reason,
        placed_at: records.now(),
        expires_at: arguments.expires,
    };
    let hold = holds::add_hold(&records, &caller, new).await.context("nothing is held")?;
    tell(arguments.json, &object(&hold), &format!("hold {} is placed", hold.id))
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let (mut told, mut words) = (Vec::new(), Vec::new());
    let mut page = PageRequest::first();
    loop {
        let found = holds::list_holds(&records, &caller(), false, &page).await?;
        words.extend(found.items.iter().map(|hold| line(hold, records.now())));
        told.extend(found.items.iter().map(object));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    tell(arguments.json, &json!(told), &words.join("\n"))
}

async fn lift(arguments: Lift) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let hold = holds::lift_hold(&records, &caller(), HoldId(arguments.id)).await?;
    tell(arguments.json, &object(&hold), &format!("hold {} is lifted", hold.id))
}
