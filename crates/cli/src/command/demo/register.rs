//! The province in the register of a centre: what is not there yet is added, by the use cases that
//! administrators use.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use anyhow::{Context as _, Result};
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use khien_app::access::Caller;
use khien_app::records::Records;
use khien_app::use_case::register::{self, AgencySheet};
use khien_demo::governance::{Post, Posts};
use khien_demo::province::{Device, Source as Sending, System as Described, Way};
use khien_demo::{Governance, Province};
use khien_domain::agency::{Agency, AgencyKind, Appointment, Contact, Duty};
use khien_domain::code::{AgencyCode, SiteCode, SystemCode};
use khien_domain::host::HostName;
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::rate::Rate;
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::site::Site;
use khien_domain::source::{SourceKind, SourceSettings};
use khien_domain::system::{DataCategory, Level, Operator, Stage, System, SystemKind, Zone};

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
    governance: &Governance<'_>,
) -> Result<Registered> {
    agencies(records, caller, province, governance).await?;
    sites(records, caller, governance).await?;
    systems(records, caller, province, governance).await?;
    addresses(records, caller).await?;
    sources(records, caller, province).await
}

async fn agencies(
    records: &Records,
    caller: &Caller,
    province: &Province,
    governance: &Governance<'_>,
) -> Result<()> {
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
            ..Agency::new(code.clone(), agency.name_vi.clone(), kind, records.now())
        };
        let posts = governance.posts(&agency.code);
        let (appointments, contacts) = match posts {
            Some(posts) => (appointments(&posts)?, contacts(posts)),
            None => (Vec::new(), Vec::new()),
        };
        let sheet = AgencySheet { agency: new, appointments, contacts };
        register::add_agency(records, caller, sheet).await?;
    }
    Ok(())
}

fn appointments(posts: &Posts) -> Result<Vec<Appointment>> {
    let appointment = |post: &Post| {
        Some(Appointment {
            duty: Duty::parse(post.duty)?,
            holder: post.holder.clone(),
            post: post.post.to_owned(),
            document: post.document.clone(),
            signed: post.signed,
            until: post.until,
            account: None,
        })
    };
    let appointments: Option<_> = posts.posts.iter().map(appointment).collect();
    appointments.context("a duty that there is not")
}

fn contacts(posts: Posts) -> Vec<Contact> {
    let contact = |one: khien_demo::governance::Contact| Contact {
        role: one.role.to_owned(),
        post: one.post.to_owned(),
        mail: one.mail,
        line: Some(one.line),
    };
    posts.contacts.into_iter().map(contact).collect()
}

/// The places where servers stand: systems name them.
async fn sites(records: &Records, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    let known = register::list_sites(records, caller).await?;
    for told in governance.sites() {
        let code = SiteCode::new(told.code)?;
        if known.iter().any(|site| site.code == code) {
            continue;
        }
        let site = Site {
            code,
            name: told.name.to_owned(),
            kind: told.kind.to_owned(),
            standard: told.standard.map(|(standard, _)| standard.to_owned()),
            until: told.standard.map(|(_, until)| until),
            plan: told.plan.map(|(plan, _)| plan.to_owned()),
            plan_by: told.plan.map(|(_, day)| day),
        };
        register::put_site(records, caller, site).await?;
    }
    Ok(())
}

async fn systems(
    records: &Records,
    caller: &Caller,
    province: &Province,
    governance: &Governance<'_>,
) -> Result<()> {
    let mut known = BTreeSet::new();
    let mut page = PageRequest::first();
    loop {
        let found = register::list_systems(records, caller, &page).await?;
        known.extend(found.items.into_iter().map(|system| system.code));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let mut added = Vec::new();
    let servers = governance.servers();
    for system in province.systems.iter().filter(|system| system.registered) {
        let code = SystemCode::new(&system.code)?;
        if known.contains(&code) {
            continue;
        }
        let site = servers.get(system.code.as_str()).and_then(|sites| sites.first());
        let site = site.copied().map(SiteCode::new).transpose()?;
        let new = System { site, ..described(system, code, governance, records)? };
        register::add_system(records, caller, new).await?;
        added.push(system);
    }
    // What a system needs has to be there first.
    for system in added {
        let code = SystemCode::new(&system.code)?;
        if !system.needs.is_empty() {
            let needs: Result<BTreeSet<_>, _> =
                system.needs.iter().map(|code| SystemCode::new(code)).collect();
            register::set_needs(records, caller, &code, needs?).await?;
        }
        let doors = governance.doors().filter(|door| door.system == system.code);
        let mut resources: Vec<(ResourceKind, &str)> =
            doors.map(|door| (ResourceKind::Service, door.address)).collect();
        if let Some(service) = &system.service {
            let host = service.split(':').next().unwrap_or_default();
            resources
                .extend([(ResourceKind::Service, service.as_str()), (ResourceKind::Domain, host)]);
        }
        for (kind, value) in resources {
            let resource = Resource {
                agency: AgencyCode::new(&system.agency)?,
                system: Some(code.clone()),
                kind,
                value: value.to_owned(),
                until: None,
            };
            register::put_resource(records, caller, resource).await?;
        }
    }
    Ok(())
}

/// Addresses that belong to no system: the domain of the province, which is paid for some weeks yet, and
/// accounts elsewhere.
const ADDRESSES: [(&str, ResourceKind, &str, Option<i64>); 5] = [
    ("vpubnd", ResourceKind::Domain, "minhhoa.example", Some(24)),
    ("vpubnd", ResourceKind::Page, "https://www.minhhoa.example/", None),
    ("vpubnd", ResourceKind::Page, "https://mangxahoi.test/tinhminhhoa", None),
    ("baoptth", ResourceKind::Page, "https://mangxahoi.test/baominhhoa", None),
    ("saban", ResourceKind::Page, "https://mangxahoi.test/phuongsaban", None),
];

async fn addresses(records: &Records, caller: &Caller) -> Result<()> {
    let known = register::list_resources(records, caller).await?;
    for (agency, kind, value, days) in ADDRESSES {
        if known.iter().any(|one| one.resource.kind == kind && one.resource.value == value) {
            continue;
        }
        let today = Offset::constant(7).to_datetime(records.now()).date();
        let until = days.map(|days| today.saturating_add(Span::new().days(days)));
        let agency = AgencyCode::new(agency)?;
        let resource = Resource { agency, system: None, kind, value: value.to_owned(), until };
        register::put_resource(records, caller, resource).await?;
    }
    Ok(())
}

/// A system with all that is told of it.
fn described(
    system: &Described,
    code: SystemCode,
    governance: &Governance<'_>,
    records: &Records,
) -> Result<System> {
    let level = Level::new(system.level.into()).context("a level that there is not")?;
    let stage = Stage::parse(&system.stage).context("a stage that there is not")?;
    let agency = AgencyCode::new(&system.agency)?;
    let new = System::new(code, agency, system.name.clone(), level, stage, records.now());
    let kind = system.kind.as_deref().map_or(Some(new.kind), SystemKind::parse);
    let data: Option<_> = system.data.iter().map(|name| DataCategory::parse(name)).collect();
    let operator = system.operator.as_deref().map(AgencyCode::new).transpose()?;
    let posts = governance.posts(&system.agency);
    let named = |duty| {
        let post = posts.as_ref()?.posts.iter().find(|post| post.duty == duty)?;
        Some(format!("{}, {}", post.holder, post.post))
    };
    Ok(System {
        kind: kind.context("a kind of system that there is not")?,
        operator: operator.map_or(Operator::Owner, Operator::Agency),
        data: data.context("a category of data that there is not")?,
        zone: Zone::parse(&system.zone).context("a zone that there is not")?,
        is_exposed: system.zone == "internet",
        rto_minutes: system.rto.or((system.level >= 2).then_some(240)),
        rpo_minutes: (system.level >= 2).then_some(60),
        is_critical: system.critical,
        owner: named("head"),
        head: named("officer"),
        ..new
    })
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
