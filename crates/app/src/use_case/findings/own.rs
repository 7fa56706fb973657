//! What the centre itself finds wrong with systems in use, by what it knows: a restore that missed its
//! objectives, a layer of protection in which nothing is in place. Which, how grave and from which level on
//! is data (`packs/assessment.yml`).
//!
//! It is a scan like any other: what is not so any more is fixed, and nothing else fixes it for good.

use std::collections::BTreeMap;

use khien_domain::assessment::{AssessmentPack, OwnCheck};
use khien_domain::audit::Outcome;
use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::finding::{FindingState, NewFinding};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{Stage, System};
use khien_store::EvidenceFilter;

use super::{Change, OWN_TOOL, Report, keep};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::assessments::pack;
use crate::use_case::{UseError, controls};

/// Records that are looked through for the last.
const RECORDS: u32 = 20;
/// So many systems are read at a time.
const PAGE: u32 = 200;

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

/// Looks at every system in use that the caller may see.
pub async fn look(records: &Records, caller: &Caller) -> Result<Looked, UseError> {
    let deed = Deed::new("finding.look", "systems in use", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let (pack, layers) = (pack()?, controls::Layers::newest(records).await?);
    let mut looked = Looked::default();
    let mut page = PageRequest::new(None, PAGE);
    loop {
        let part = records.store.list_systems(&scope, &page).await?;
        for system in part.items.iter().filter(|one| one.stage == Stage::Operation) {
            looked.systems += 1;
            let found = found(records, pack, &layers, system).await?;
            looked.findings += found.len();
            tell(records, caller, (pack, system), found, &mut looked).await?;
        }
        let Some(next) = part.next else { return Ok(looked) };
        page.after = Some(next);
    }
}

/// What is wrong with a system.
async fn found(
    records: &Records,
    pack: &'static AssessmentPack,
    layers: &controls::Layers,
    system: &System,
) -> Result<Vec<NewFinding>, UseError> {
    let new = |check: OwnCheck, place: &str| {
        let own = pack.own(check);
        NewFinding {
            rule: check.name().to_owned(),
            place: place.to_owned(),
            title: own.vi.clone(),
            severity: own.severity,
            cves: Default::default(),
        }
    };
    let is_asked = |check| pack.own(check).from <= system.level;
    let mut found = Vec::new();
    if is_asked(OwnCheck::Restore) && missed_objectives(records, system).await? {
        found.push(new(OwnCheck::Restore, ""));
    }
    if is_asked(OwnCheck::Layer) {
        let empty = layers.empty(records, system).await?;
        found.extend(empty.into_iter().map(|layer| new(OwnCheck::Layer, layer.name())));
    }
    Ok(found)
}

/// Whether the last restore of a system, whoever told of it, missed what it was to meet.
async fn missed_objectives(records: &Records, system: &System) -> Result<bool, UseError> {
    let filter = EvidenceFilter {
        kind: Some("restore.tested".to_owned()),
        agency: Some(system.agency.clone()),
        system: Some(system.code.clone()),
        subject: None,
    };
    let page = PageRequest::new(None, RECORDS);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?.items;
    let seqs = found.iter().map(|record| record.about.seq).collect();
    let corrected = records.store.corrected_records(&seqs).await?;
    let counts = |record: &&Record| !corrected.contains(&record.about.seq);
    let last = found.iter().filter(counts).max_by_key(|one| (one.about.at, one.about.seq));
    let met = |record: &Record| {
        ["success", "rto_met", "rpo_met"]
            .into_iter()
            .all(|name| record.content.get(name).and_then(Content::as_bool) == Some(true))
    };
    Ok(last.is_some_and(|record| !met(record)))
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
    let mut tx = records.store.begin().await?;
    tx.lock_findings().await?;
    let known = tx.findings(Some(&system.code)).await?;
    let stands = |one: &&khien_domain::finding::Finding| {
        one.tool == OWN_TOOL && !matches!(one.state, FindingState::Fixed(_))
    };
    let stand: Vec<_> = known.iter().filter(stands).collect();
    let is_same = stand.len() == by_subject.len()
        && stand.iter().all(|one| by_subject.contains_key(&one.subject));
    if is_same {
        return Ok(());
    }
    let mut change = Change::new(records, caller, pack, records.now());
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
