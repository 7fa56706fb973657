//! `khien source`

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use khien_app::use_case::register::{self, WithToken};
use khien_domain::code::SystemCode;
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::rate::Rate;
use khien_domain::source::{Fingerprint, Source, SourceKind, SourceSettings, SourceStatus};
use khien_store::Activity;
use serde_json::{Value, json};

use crate::Usage;
use crate::centre::{Place, block_on, caller, tell, token_bytes};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register a source of a system; its token is shown this once
    Add(Add),
    /// List the sources with what was heard of them
    List(List),
    /// Switch a source off: what it sends is refused
    Disable(One),
    /// Switch a source on again
    Enable(One),
    /// Give a source a new token; the old one is taken a while longer
    Rotate(Rotate),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: Place,
    /// The system whose events it sends
    #[arg(long, value_name = "CODE")]
    system: String,
    /// By which way: http, syslog or file
    #[arg(long, value_parser = kind)]
    kind: SourceKind,
    /// What it is called
    #[arg(long)]
    name: String,
    /// Formats it may send (see `khien formats`); any if none is given
    #[arg(long = "format", value_name = "ID")]
    formats: Vec<String>,
    /// Addresses or networks it sends from, for syslog without TLS
    #[arg(long = "from", value_name = "ADDRESS")]
    networks: Vec<String>,
    /// SHA-256 of its client certificate, for syslog over TLS
    #[arg(long, value_name = "FINGERPRINT")]
    certificate: Option<String>,
    /// Events a second that it may send
    #[arg(long, default_value_t = 100_000)]
    events_per_second: u32,
    /// Bytes a second that it may send
    #[arg(long, default_value_t = 512 << 20)]
    bytes_per_second: u32,
    /// Seconds without an event after which it counts as silent; 0 for never
    #[arg(long, default_value_t = 900)]
    heartbeat: u32,
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
pub(crate) struct One {
    #[command(flatten)]
    place: Place,
    /// The number of the source
    id: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    one: One,
    /// Hours for which the old token is still taken
    #[arg(long, default_value_t = 24)]
    overlap_hours: i64,
}

fn kind(text: &str) -> Result<SourceKind, String> {
    SourceKind::parse(text).ok_or_else(|| "http, syslog or file".to_owned())
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Add(arguments) => block_on(add(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
        Command::Disable(one) => block_on(switch(one, SourceStatus::Disabled)),
        Command::Enable(one) => block_on(switch(one, SourceStatus::Active)),
        Command::Rotate(arguments) => block_on(rotate(arguments)),
    }
}

/// A source as scripts read it.
fn object(source: &Source) -> Value {
    let networks: Vec<String> = source.settings.networks.iter().map(ToString::to_string).collect();
    json!({
        "id": source.id.0,
        "agency": source.agency.as_str(),
        "system": source.system.as_str(),
        "kind": source.kind.name(),
        "name": source.settings.name,
        "status": source.status.name(),
        "formats": source.settings.formats,
        "from": networks,
        "heartbeat_seconds": source.settings.heartbeat_seconds,
        "events_per_second": source.settings.rate.events_per_second,
        "bytes_per_second": source.settings.rate.bytes_per_second,
    })
}

fn tell_token(json: bool, made: &WithToken) -> Result<ExitCode> {
    let mut told = object(&made.source);
    told["token"] = json!(made.token.reveal());
    told["token_expires_at"] = json!(made.expires_at.to_string());
    let words = format!(
        "source {} ({})\ntoken {}\nkeep it: it is not shown again, and ends {}",
        made.source.id,
        made.source.settings.name,
        made.token.reveal(),
        made.expires_at.strftime("%d/%m/%Y"),
    );
    tell(json, &told, &words)
}

async fn add(arguments: Add) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let system = SystemCode::new(&arguments.system).context("the code of the system")?;
    for format in &arguments.formats {
        if khien_event::format::find(format).is_none() {
            bail!(Usage(format!("no format is called {format}; see khien formats")));
        }
    }
    let networks = arguments
        .networks
        .iter()
        .map(|text| text.parse().with_context(|| format!("{text} is no address or network")));
    let certificate = arguments
        .certificate
        .as_deref()
        .map(|text| Fingerprint::parse(text).context("a fingerprint has 64 hexadecimal digits"));
    let settings = SourceSettings {
        name: arguments.name,
        formats: arguments.formats.into_iter().collect::<BTreeSet<_>>(),
        rate: Rate {
            events_per_second: arguments.events_per_second,
            bytes_per_second: arguments.bytes_per_second,
        },
        heartbeat_seconds: Some(arguments.heartbeat).filter(|seconds| *seconds > 0),
        networks: networks.collect::<Result<_>>()?,
        certificate: certificate.transpose()?,
    };
    let random = token_bytes()?;
    let kind = arguments.kind;
    let made = register::add_source(&records, &caller(), &system, kind, settings, &random).await?;
    tell_token(arguments.json, &made)
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let (mut told, mut words) = (Vec::new(), Vec::new());
    let mut page = PageRequest::first();
    loop {
        let (found, activity) = register::list_sources(&records, &caller(), &page).await?;
        for source in found.items {
            let heard = activity.iter().find(|heard| heard.source == source.id);
            words.push(line(&source, heard));
            let mut object = object(&source);
            object["events"] = json!(heard.map_or(0, |heard| heard.events));
            object["bytes"] = json!(heard.map_or(0, |heard| heard.bytes));
            let last = heard.and_then(|heard| heard.last_received_at);
            object["last_received_at"] = json!(last.map(|last| last.to_string()));
            let silent = heard.and_then(|heard| heard.silent_since);
            object["silent_since"] = json!(silent.map(|since| since.to_string()));
            told.push(object);
        }
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    tell(arguments.json, &json!(told), &words.join("\n"))
}

fn line(source: &Source, heard: Option<&Activity>) -> String {
    let last = heard.and_then(|heard| heard.last_received_at);
    let last = last.map_or("-".to_owned(), |last| last.strftime("%d/%m/%Y %H:%M:%SZ").to_string());
    let events = heard.map_or(0, |heard| heard.events);
    let (id, system) = (source.id.0, source.system.as_str());
    let (kind, status) = (source.kind.name(), source.status.name());
    format!(
        "{id:>6} {system:<20} {kind:<7} {status:<9} {events:>12} {last:<21} {}",
        source.settings.name
    )
}

async fn switch(one: One, status: SourceStatus) -> Result<ExitCode> {
    let records = one.place.records().await?;
    let id = SourceId(one.id);
    let source = register::set_source_status(&records, &caller(), id, status).await?;
    let words = format!("source {} is {}", source.id, source.status.name());
    tell(one.json, &object(&source), &words)
}

async fn rotate(arguments: Rotate) -> Result<ExitCode> {
    let one = arguments.one;
    let records = one.place.records().await?;
    let overlap = SignedDuration::from_hours(arguments.overlap_hours);
    let (id, random) = (SourceId(one.id), token_bytes()?);
    let made = register::rotate_source(&records, &caller(), id, overlap, &random).await?;
    tell_token(one.json, &made)
}
