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
use khien_web::snippets::{self, SHIPPERS, SOME_HOST, Snippet, Target};
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
    /// Say anew which formats a source may send
    Formats(Formats),
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
    #[command(flatten)]
    wanted: Wanted,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Which settings for shippers are printed with a token.
#[derive(Args)]
struct Wanted {
    /// Print the settings of these shippers only; otherwise of all that fit the source
    #[arg(long = "snippet", value_name = "SHIPPER", value_parser = SHIPPERS)]
    shippers: Vec<String>,
    /// The name or address by which senders reach this machine, for the settings
    #[arg(long, value_name = "NAME", default_value = SOME_HOST)]
    host: String,
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
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Args)]
pub(crate) struct Formats {
    #[command(flatten)]
    one: One,
    /// Formats it may send (see `khien formats`); any if none is given
    #[arg(value_name = "FORMAT")]
    formats: Vec<String>,
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
        Command::Formats(arguments) => block_on(formats(arguments)),
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

/// Tells a token, which is shown this once, with settings for shippers that bear it.
fn tell_token(place: &Place, wanted: &Wanted, json: bool, made: &WithToken) -> Result<ExitCode> {
    let token = made.token.reveal();
    let settings = place.settings()?;
    let to = Target { host: &wanted.host, server: &settings.server, token };
    let mut snippets = snippets::ready(made.source.kind, &made.source.settings.networks, to);
    if !wanted.shippers.is_empty() {
        snippets.retain(|snippet| wanted.shippers.iter().any(|shipper| shipper == snippet.id));
    }
    let mut told = object(&made.source);
    told["token"] = json!(token);
    told["token_expires_at"] = json!(made.expires_at.to_string());
    told["snippets"] = snippets
        .iter()
        .map(|snippet| {
            json!({
                "id": snippet.id,
                "shipper": snippet.shipper,
                "file": snippet.file,
                "text": snippet.text,
            })
        })
        .collect();
    let mut words = format!(
        "source {} ({})\ntoken {token}\nkeep it: it is not shown again, and ends {}",
        made.source.id,
        made.source.settings.name,
        made.expires_at.strftime("%d/%m/%Y"),
    );
    for Snippet { shipper, file, text, .. } in &snippets {
        let head = [*shipper, file].join(" ");
        words.push_str(&format!("\n\n# {}\n{}", head.trim_end(), text.trim_end()));
    }
    tell(json, &told, &words)
}

/// What does not fit the kind of source is said before anything is made.
fn check_fits(kind: SourceKind, wanted: &Wanted) -> Result<()> {
    let fitting = snippets::shippers(kind);
    match wanted.shippers.iter().find(|shipper| !fitting.contains(&shipper.as_str())) {
        None => Ok(()),
        Some(other) => bail!(Usage(format!(
            "{other} does not send to a source of the kind {}; these do: {}",
            kind.name(),
            fitting.join(", ")
        ))),
    }
}

fn check_formats(formats: &[String]) -> Result<()> {
    match formats.iter().find(|format| khien_event::format::find(format).is_none()) {
        None => Ok(()),
        Some(format) => {
            bail!(Usage(format!("no format is called {format}; see khien formats")))
        }
    }
}

async fn add(arguments: Add) -> Result<ExitCode> {
    check_fits(arguments.kind, &arguments.wanted)?;
    check_formats(&arguments.formats)?;
    let records = arguments.place.records().await?;
    let system = SystemCode::new(&arguments.system).context("the code of the system")?;
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
    tell_token(&arguments.place, &arguments.wanted, arguments.json, &made)
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
    tell_token(&one.place, &arguments.wanted, one.json, &made)
}

async fn formats(arguments: Formats) -> Result<ExitCode> {
    check_formats(&arguments.formats)?;
    let one = arguments.one;
    let records = one.place.records().await?;
    let formats = arguments.formats.into_iter().collect();
    let source =
        register::set_source_formats(&records, &caller(), SourceId(one.id), formats).await?;
    let may: Vec<&str> = source.settings.formats.iter().map(String::as_str).collect();
    let may = if may.is_empty() { "any format".to_owned() } else { may.join(", ") };
    tell(one.json, &object(&source), &format!("source {} may send {may}", source.id))
}
