//! `khien host`

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use khien_app::use_case::register;
use khien_domain::code::SystemCode;
use khien_domain::host::{Host, HostName};
use khien_domain::page::PageRequest;
use serde_json::{Value, json};

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
}

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
