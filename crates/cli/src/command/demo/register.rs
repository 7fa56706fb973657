//! The province in the register of a centre: what is not there yet is added, by the use cases that
//! administrators use.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use khien_app::access::Caller;
use khien_app::records::Records;
use khien_app::use_case::register;
use khien_demo::Province;
use khien_demo::province::{Device, Source as Sending, Way};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::host::HostName;
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::rate::Rate;
use khien_domain::source::{SourceKind, SourceSettings};
use khien_domain::system::{Level, Stage, System};

use crate::centre::token_bytes;

/// What sources may send: a past of a day comes at once.
const RATE: Rate = Rate { events_per_second: 20_000, bytes_per_second: 16 << 20 };

/// What a source needs for sending.
pub(super) struct Pass {
    /// Its token.
    pub(super) token: String,
    /// The address of the loopback that is its own, for syslog.
    pub(super) address: Ipv4Addr,
}

/// The register with the province in it.
pub(super) struct Registered {
    /// What each source of the province needs for sending, in their order.
    pub(super) passes: Vec<Pass>,
    /// When the last event of any of them arrived.
    pub(super) last_heard: Option<Timestamp>,
}

/// Puts the province into the register, or finds it there.
pub(super) async fn province(
    records: &Records,
    caller: &Caller,
    province: &Province,
) -> Result<Registered> {
    agencies(records, caller, province).await?;
    systems(records, caller, province).await?;
    sources(records, caller, province).await
}

async fn agencies(records: &Records, caller: &Caller, province: &Province) -> Result<()> {
    let mut known = BTreeSet::new();
    let mut page = PageRequest::first();
    loop {
        let found = register::list_agencies(records, caller, &page).await?;
        known.extend(found.items.into_iter().map(|agency| agency.code));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    for agency in &province.agencies {
        let code = AgencyCode::new(&agency.code)?;
        if known.contains(&code) {
            continue;
        }
        let kind = AgencyKind::parse(&agency.kind).context("a kind of agency that there is not")?;
        let new = Agency {
            name_en: Some(agency.name_en.clone()),
            parent: agency.parent.as_deref().map(AgencyCode::new).transpose()?,
            in_scope: agency.in_scope,
            is_centre: agency.centre,
            ..Agency::new(code, agency.name_vi.clone(), kind, records.now())
        };
        register::add_agency(records, caller, new).await?;
    }
    Ok(())
}

async fn systems(records: &Records, caller: &Caller, province: &Province) -> Result<()> {
    let mut known = BTreeSet::new();
    let mut page = PageRequest::first();
    loop {
        let found = register::list_systems(records, caller, &page).await?;
        known.extend(found.items.into_iter().map(|system| system.code));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    for system in province.systems.iter().filter(|system| system.registered) {
        let code = SystemCode::new(&system.code)?;
        if known.contains(&code) {
            continue;
        }
        let new = System::new(
            code,
            AgencyCode::new(&system.agency)?,
            system.name.clone(),
            Level::new(system.level.into()).context("a level that there is not")?,
            Stage::parse(&system.stage).context("a stage that there is not")?,
            records.now(),
        );
        register::add_system(records, caller, new).await?;
    }
    Ok(())
}

async fn sources(records: &Records, caller: &Caller, province: &Province) -> Result<Registered> {
    let mut known: BTreeMap<(String, String), SourceId> = BTreeMap::new();
    let mut last_heard = None;
    let mut page = PageRequest::first();
    loop {
        let (found, activity) = register::list_sources(records, caller, &page).await?;
        for source in found.items {
            known.insert((source.system.as_str().to_owned(), source.settings.name), source.id);
        }
        last_heard =
            activity.iter().filter_map(|heard| heard.last_received_at).chain(last_heard).max();
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let mut passes = Vec::new();
    for (place, source) in province.sources.iter().enumerate() {
        let address = Ipv4Addr::new(127, 0, 57, u8::try_from(place + 1)?);
        let random = token_bytes()?;
        let known = known.get(&(source.system.clone(), source.name.clone()));
        // Tokens are shown once; whoever goes on needs new ones.
        let with_token = if let Some(id) = known {
            register::rotate_source(records, caller, *id, SignedDuration::ZERO, &random).await?
        } else {
            let system = SystemCode::new(&source.system)?;
            let (kind, settings) = settings(source, address)?;
            let hosts: Option<Vec<HostName>> =
                source.hosts.iter().map(|host| HostName::new(host)).collect();
            let hosts = hosts.context("a host that cannot be one")?;
            register::register_hosts(records, caller, &system, &hosts).await?;
            register::add_source(records, caller, &system, kind, settings, &random).await?
        };
        passes.push(Pass { token: with_token.token.reveal().to_owned(), address });
    }
    Ok(Registered { passes, last_heard })
}

fn settings(source: &Sending, address: Ipv4Addr) -> Result<(SourceKind, SourceSettings)> {
    let kind = match source.way {
        Way::SyslogTcp | Way::SyslogUdp => SourceKind::Syslog,
        Way::Json | Way::Lines | Way::Hec | Way::Elastic | Way::Otlp => SourceKind::Http,
    };
    let mut formats = BTreeSet::from([source.device.format().to_owned()]);
    if source.way == Way::Otlp && source.device == Device::Nginx {
        // Lines come wrapped into objects.
        formats.insert("json".to_owned());
    }
    let is_syslog = kind == SourceKind::Syslog;
    let settings = SourceSettings {
        name: source.name.clone(),
        formats: if is_syslog { BTreeSet::new() } else { formats },
        rate: RATE,
        heartbeat_seconds: Some(source.heartbeat),
        networks: if is_syslog {
            BTreeSet::from([address.to_string().parse()?])
        } else {
            BTreeSet::new()
        },
        certificate: None,
    };
    Ok((kind, settings))
}
