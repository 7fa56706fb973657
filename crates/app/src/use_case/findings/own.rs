//! What the centre itself finds wrong with systems in use, by what it knows: a restore that missed its
//! objectives, a critical system whose restore was not tried for too long, a layer of protection in which nothing is in place, a link to another network without a
//! decision, a critical system that leans on a slower one or has no continuity plan; and of systems in test one
//! that the Internet reaches, by the register or by an endpoint that answered the probe. How grave each is and
//! from which level on is data (`packs/assessment.yml`).
//!
//! It is a scan like any other: what is not so any more is fixed, and nothing else fixes it for good.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use khien_domain::assessment::{AssessmentPack, OwnCheck};
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::crossing::ZONE_LINK;
use khien_domain::dependency::Needs;
use khien_domain::finding::{FindingState, NewFinding};
use khien_domain::paper::Paper;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{Stage, System};
use khien_store::ProbeOutcome;

use super::{Change, OWN_TOOL, Report, keep, last_declared};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::assessments::pack;
use crate::use_case::register::across::systems_of;
use crate::use_case::register::evidence::day_of;
use crate::use_case::register::restore::{is_tried, last_restore};
use crate::use_case::{UseError, controls};

/// What came of looking at everything in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Systems that were looked at.
    pub systems: usize,
    /// Findings that stand.
    pub findings: usize,
    /// Of these, those that are new or there again.
    pub begun: usize,
    /// Findings that are gone.
    pub fixed: usize,
}

/// Looks at every system in use or in test that the caller may see.
pub async fn look(records: &Records, caller: &Caller) -> Result<Looked, UseError> {
    let deed = Deed::new("finding.look", "systems in use", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let known = Known::read(records).await?;
    let mut looked = Looked::default();
    for system in known.systems.values() {
        if scope.contains(&system.agency) {
            looked.systems += usize::from(system.stage == Stage::Operation);
            let found = known.wrong(records, system).await?;
            looked.findings += found.len();
            tell(records, caller, (known.pack, system), found, &mut looked).await?;
        }
    }
    Ok(looked)
}

/// What is looked at.
struct Known {
    pack: &'static AssessmentPack,
    layers: controls::Layers,
    systems: BTreeMap<SystemCode, System>,
    needs: Needs,
    /// What is in force, by system.
    papers: BTreeMap<SystemCode, Vec<Paper>>,
    /// The endpoints of systems in test that answered when they were last probed.
    answering: BTreeMap<SystemCode, Vec<String>>,
}

impl Known {
    async fn read(records: &Records) -> Result<Self, UseError> {
        let today = day_of(records.now());
        let mut papers: BTreeMap<_, Vec<Paper>> = BTreeMap::new();
        for kept in records.store.list_papers(&AgencyScope::All, None).await? {
            if kept.paper.holds(today) {
                papers.entry(kept.paper.system.clone()).or_default().push(kept.paper);
            }
        }
        let systems = systems_of(records, &AgencyScope::All).await?;
        Ok(Self {
            pack: pack()?,
            layers: controls::Layers::newest(records).await?,
            answering: answering(records, &systems).await?,
            systems,
            needs: records.store.needs().await?,
            papers,
        })
    }

    /// What is wrong with a system: of what is neither used nor in test nothing.
    async fn wrong(&self, records: &Records, system: &System) -> Result<Vec<NewFinding>, UseError> {
        let mut found = Vec::new();
        for check in OwnCheck::ALL {
            let own = self.pack.own(*check);
            if own.from > system.level || stage(*check) != system.stage {
                continue;
            }
            let places: Vec<String> = match check {
                OwnCheck::Restore => {
                    let last = last_restore(records, system).await?;
                    let missed = last.is_some_and(|last| !last.met());
                    missed.then(String::new).into_iter().collect()
                }
                OwnCheck::Untried => {
                    let is_untried = system.is_critical && !is_tried(records, system).await?;
                    is_untried.then(String::new).into_iter().collect()
                }
                OwnCheck::Layer => {
                    let empty = self.layers.empty(records, system).await?;
                    empty.into_iter().map(|layer| layer.name().to_owned()).collect()
                }
                OwnCheck::ZoneLink => self.unlicensed_links(system),
                OwnCheck::SlowerNeed => self.slower_needs(system),
                OwnCheck::Continuity => {
                    let lacks = system.is_critical && !self.has_paper(system, "continuity", None);
                    lacks.then(String::new).into_iter().collect()
                }
                OwnCheck::TestExposed => {
                    let answering = self.answering.get(&system.code).into_iter().flatten().cloned();
                    system.is_exposed.then(String::new).into_iter().chain(answering).collect()
                }
            };
            found.extend(places.into_iter().map(|place| NewFinding {
                rule: check.name().to_owned(),
                place,
                title: own.vi.clone(),
                severity: own.severity,
                cves: BTreeSet::new(),
            }));
        }
        Ok(found)
    }

    fn has_paper(&self, system: &System, kind: &str, to: Option<&SystemCode>) -> bool {
        let mut papers = self.papers.get(&system.code).into_iter().flatten();
        papers.any(|paper| paper.kind == kind && paper.to.as_ref() == to)
    }

    /// The systems that one needs.
    fn needed(&self, code: &SystemCode) -> impl Iterator<Item = &System> {
        self.needs.of(code).into_iter().filter_map(|needed| self.systems.get(&needed))
    }

    /// What a system needs in another network without a decision in force.
    fn unlicensed_links(&self, system: &System) -> Vec<String> {
        let links = self.needed(&system.code).filter(|needed| needed.zone != system.zone);
        let links = links.filter(|to| !self.has_paper(system, ZONE_LINK, Some(&to.code)));
        links.map(|to| to.code.to_string()).collect()
    }

    /// What a critical system needs, itself or by way of others, that recovers later than it has to.
    fn slower_needs(&self, system: &System) -> Vec<String> {
        let Some(most) = system.rto_minutes.filter(|_| system.is_critical) else {
            return Vec::new();
        };
        let (mut seen, mut edge) = (BTreeSet::new(), vec![&system.code]);
        let mut slower = Vec::new();
        while let Some(code) = edge.pop() {
            for needed in self.needed(code).filter(|one| one.stage != Stage::Retired) {
                if seen.insert(&needed.code) {
                    edge.push(&needed.code);
                    if needed.rto_minutes.is_none_or(|minutes| minutes > most) {
                        slower.push(needed.code.to_string());
                    }
                }
            }
        }
        slower
    }
}

/// The registered endpoints of systems in test that answered when they were last probed, at an address that
/// is not of a private network: whatever the register says of the system, it is open.
async fn answering(
    records: &Records,
    systems: &BTreeMap<SystemCode, System>,
) -> Result<BTreeMap<SystemCode, Vec<String>>, UseError> {
    let resources = records.store.list_resources(&AgencyScope::All).await?;
    let registered: BTreeSet<_> =
        resources.into_iter().map(|kept| (kept.resource.system, kept.resource.value)).collect();
    let mut answering: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for row in records.store.list_probes(&AgencyScope::All).await? {
        let in_test = systems.get(&row.system).is_some_and(|one| one.stage == Stage::Test);
        let (ProbeOutcome::Seen, true, Some(seq)) = (row.outcome, in_test, row.record) else {
            continue;
        };
        let record = records.store.find_evidence(&AgencyScope::All, seq).await?;
        let address = record.and_then(|record| {
            record.content.get("address")?.as_text()?.parse::<SocketAddr>().ok()
        });
        let is_open = address.is_some_and(|address| !is_private(address.ip()));
        if is_open && registered.contains(&(Some(row.system.clone()), row.endpoint.clone())) {
            answering.entry(row.system).or_default().push(row.endpoint);
        }
    }
    Ok(answering)
}

/// Whether an address is of a private network, which nobody reaches from the Internet (RFC 1918, RFC 4193), or
/// of a single link (RFC 3927, RFC 4291).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// In which stage of a system's life something is looked for.
fn stage(check: OwnCheck) -> Stage {
    match check {
        OwnCheck::TestExposed => Stage::Test,
        OwnCheck::Restore
        | OwnCheck::Untried
        | OwnCheck::Layer
        | OwnCheck::ZoneLink
        | OwnCheck::SlowerNeed
        | OwnCheck::Continuity => Stage::Operation,
    }
}

/// Changes the findings of a system to what was found.
async fn tell(
    records: &Records,
    caller: &Caller,
    (pack, system): (&'static AssessmentPack, &System),
    found: Vec<NewFinding>,
    looked: &mut Looked,
) -> Result<(), UseError> {
    let by_subject: BTreeMap<_, _> =
        found.into_iter().map(|found| (found.subject(&system.code), found)).collect();
    let declared = last_declared(records, system).await?;
    let mut tx = records.store.begin().await?;
    tx.lock_findings().await?;
    let known = tx.findings(Some(&system.code)).await?;
    let stands = |one: &&khien_domain::finding::Finding| {
        one.tool == OWN_TOOL && !matches!(one.state, FindingState::Fixed(_))
    };
    let stand: Vec<_> = known.iter().filter(stands).collect();
    // That it is gone was somebody's word; now the centre has seen it.
    let is_word = |one: &khien_domain::finding::Finding| {
        let is_fixed = matches!(one.state, FindingState::Fixed(_));
        one.tool == OWN_TOOL && is_fixed && declared.contains(&one.subject)
    };
    let is_same = stand.len() == by_subject.len()
        && !known.iter().any(is_word)
        && stand.iter().all(|one| by_subject.contains_key(&one.subject));
    if is_same {
        return Ok(());
    }
    let mut change = Change::new(records, caller, pack, records.now());
    change.declared = declared;
    let mut report = Report { tool: OWN_TOOL.to_owned(), ..Report::default() };
    keep(&mut tx, system, by_subject, &mut change, &mut report).await?;
    looked.begun += report.added + report.reopened;
    looked.fixed += report.fixed;
    tx.add_finding_steps(&change.steps).await?;
    records.keep_evidence(&mut tx, change.told).await?;
    let deed = Deed::new("finding.look", system.code.as_str(), Some(system.agency.clone()));
    let detail = format!("{} new or again, {} fixed", report.added + report.reopened, report.fixed);
    tx.add_audit(&[records.entry(caller, &deed.with(detail), Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_private_networks_are_not_open_to_the_internet() {
        for (address, private) in [
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1", true),
            ("169.254.1.1", true),
            ("192.0.2.1", false),
            ("::ffff:10.1.2.3", true),
            ("::ffff:192.0.2.1", false),
            ("fd00::1", true),
            ("fe80::1", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }
}
