//! `khien host`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use khien_app::use_case::register;
use khien_app::use_case::register::certificates::{MAX_LOG_BYTES, Report};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::discovered::{Standing, host_name};
use khien_domain::host::{Host, HostName};
use khien_domain::page::PageRequest;
use serde_json::{Value, json};

use super::findings::read;
use crate::Usage;
use crate::centre::{Place, block_on, caller, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register hosts of a system, so that they raise no alert when they appear
    Register(Named),
    /// List the hosts of a system, registered or seen
    List(List),
    /// Take hosts of a system off the register; that they were seen stays
    Unregister(Named),
    /// Find hosts that nobody registered in a file of a certificate log
    Certificates(Certificates),
    /// Say of a host that a certificate named that it is not the agency's, or is switched off
    Settle(Settle),
}

#[derive(Args)]
pub(crate) struct Certificates {
    #[command(flatten)]
    place: Place,
    /// The file: JSON of crt.sh, a JSON object a line, or CSV with a column of names
    file: PathBuf,
    /// Only tell what would be found
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Settle {
    #[command(flatten)]
    place: Place,
    /// The host
    host: String,
    /// How it stands: not-ours or off
    #[arg(long = "as", value_name = "STANDING")]
    standing: String,
    /// How that is known
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The exit code of a file of which some places cannot be read.
const FAULTY: u8 = 3;

#[derive(Args)]
pub(crate) struct Named {
    #[command(flatten)]
    place: Place,
    /// The system whose hosts they are
    #[arg(long, value_name = "CODE")]
    system: String,
    /// Their names, as they stand in events
    #[arg(required = true, value_name = "HOST")]
    hosts: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// The system whose hosts they are
    #[arg(long, value_name = "CODE")]
    system: String,
    /// Only hosts that are not registered
    #[arg(long)]
    unregistered: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Register(arguments) => block_on(register(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
        Command::Unregister(arguments) => block_on(unregister(arguments)),
        Command::Certificates(arguments) => block_on(certificates(arguments)),
        Command::Settle(arguments) => block_on(settle(arguments)),
    }
}

/// A host as scripts read it.
fn object(host: &Host) -> Value {
    json!({
        "name": host.name.as_str(),
        "registered_at": host.registered_at.map(|at| at.to_string()),
        "first_seen_at": host.first_seen_at.map(|at| at.to_string()),
        "last_seen_at": host.last_seen_at.map(|at| at.to_string()),
        "last_source": host.last_source.map(|source| source.0),
    })
}

impl Named {
    fn read(&self) -> Result<(SystemCode, Vec<HostName>)> {
        let system = SystemCode::new(&self.system).context("the code of the system")?;
        let mut hosts = Vec::with_capacity(self.hosts.len());
        for text in &self.hosts {
            match HostName::new(text) {
                Some(host) => hosts.push(host),
                None => bail!(Usage(format!("{text:?} is no name of a host"))),
            }
        }
        Ok((system, hosts))
    }

    fn tell(&self, system: &SystemCode, hosts: &[HostName], became: &str) -> Result<ExitCode> {
        let names: Vec<&str> = hosts.iter().map(HostName::as_str).collect();
        let object = json!({"system": system.as_str(), "hosts": names});
        tell(self.json, &object, &format!("{} of {system}: {became}", names.join(", ")))
    }
}

async fn register(arguments: Named) -> Result<ExitCode> {
    let (system, hosts) = arguments.read()?;
    let records = arguments.place.records().await?;
    register::register_hosts(&records, &caller(), &system, &hosts).await?;
    arguments.tell(&system, &hosts, "registered")
}

async fn unregister(arguments: Named) -> Result<ExitCode> {
    let (system, hosts) = arguments.read()?;
    let records = arguments.place.records().await?;
    for host in &hosts {
        register::unregister_host(&records, &caller(), &system, host).await?;
    }
    arguments.tell(&system, &hosts, "not registered any more")
}

async fn list(arguments: List) -> Result<ExitCode> {
    let system = SystemCode::new(&arguments.system).context("the code of the system")?;
    let records = arguments.place.records().await?;
    let mut hosts = Vec::new();
    let mut page = PageRequest::first();
    loop {
        let found = register::list_hosts(&records, &caller(), &system, &page).await?;
        hosts.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    hosts.retain(|host| !arguments.unregistered || host.registered_at.is_none());
    let words: Vec<String> = hosts.iter().map(line).collect();
    let list: Vec<Value> = hosts.iter().map(object).collect();
    tell(arguments.json, &json!(list), &words.join("\n"))
}

fn line(host: &Host) -> String {
    let standing = if host.registered_at.is_some() { "registered" } else { "unregistered" };
    let seen = host.last_seen_at;
    let seen = seen.map_or("-".to_owned(), |at| at.strftime("%d/%m/%Y %H:%M:%SZ").to_string());
    format!("{standing:<12} {seen:<21} {}", host.name.as_str())
}

async fn certificates(arguments: Certificates) -> Result<ExitCode> {
    let bytes = read(&arguments.file, MAX_LOG_BYTES)?;
    let records = arguments.place.records().await?;
    let report =
        register::import_certificates(&records, &caller(), &bytes, arguments.dry_run).await?;
    let hosts = |found: &[(HostName, AgencyCode)]| -> Vec<Value> {
        let one = |(name, agency): &(HostName, AgencyCode)| json!({"name": name.as_str(), "agency": agency.as_str()});
        found.iter().map(one).collect()
    };
    let problems: Vec<Value> = (report.problems.iter())
        .map(|problem| json!({"place": problem.place, "what": problem.what}))
        .collect();
    let object = json!({
        "certificates": report.certificates,
        "names": report.names,
        "outside": report.outside,
        "registered": report.registered,
        "known": report.known,
        "found": hosts(&report.found),
        "reopened": hosts(&report.reopened),
        "wrong": report.wrong,
        "problems": problems,
        "kept": !arguments.dry_run,
    });
    tell(arguments.json, &object, &words(&report, arguments.dry_run))?;
    Ok(if report.wrong > 0 { ExitCode::from(FAULTY) } else { ExitCode::SUCCESS })
}

fn words(report: &Report, dry_run: bool) -> String {
    let mut lines: Vec<String> =
        report.problems.iter().map(|one| format!("{}: {}", one.place, one.what)).collect();
    if report.wrong > report.problems.len() {
        lines.push(format!("and {} more", report.wrong - report.problems.len()));
    }
    let reopened = report.reopened.iter().map(|one| (one, " again"));
    let found = report.found.iter().map(|one| (one, "")).chain(reopened);
    lines.extend(found.map(|((name, agency), again)| {
        format!("{}: not registered{again} · {agency}", name.as_str())
    }));
    lines.push(format!(
        "{}{} certificates, {} names: {} not registered, {} open again, {} known, {} registered, \
         {} outside of the registered domains",
        if dry_run { "would be: " } else { "" },
        report.certificates,
        report.names,
        report.found.len(),
        report.reopened.len(),
        report.known,
        report.registered,
        report.outside,
    ));
    lines.join("\n")
}

async fn settle(arguments: Settle) -> Result<ExitCode> {
    let Some(name) = host_name(&arguments.host) else {
        bail!(Usage(format!("{:?} is no name of a host", arguments.host)));
    };
    let Some(standing) = Standing::parse(&arguments.standing) else {
        bail!(Usage(format!("{:?} is neither not-ours nor off", arguments.standing)));
    };
    let records = arguments.place.records().await?;
    register::settle(&records, &caller(), &name, standing, &arguments.note).await?;
    let object = json!({"name": name.as_str(), "standing": standing.name()});
    tell(arguments.json, &object, &format!("{}: {}", name.as_str(), standing.name()))
}
