//! What an import changes: findings with their histories, and what the ledger is told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::assessment::AssessmentPack;
use khien_domain::audit::Outcome;
use khien_domain::evidence::{How, NewEvidence};
use khien_domain::finding::{Finding, FindingState, FindingStep, NewFinding, OWN_TOOL};
use khien_domain::ids::FindingId;
use khien_domain::system::System;
use khien_store::{FindingImport, Tx};

use super::{Advice, Report, told};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::register::evidence::day_of;

/// Keeps what an import has changed, and that it was.
pub(super) async fn finish(
    mut tx: Tx,
    caller: &Caller,
    (system, deed): (&System, Deed),
    (run, tool): (String, String),
    change: Change<'_>,
    report: &Report,
) -> Result<(), UseError> {
    let records = change.records;
    let import = FindingImport {
        system: system.code.clone(),
        digest: run,
        tool,
        at: report.at,
        imported_at: records.now(),
        findings: report.findings as u64,
    };
    tx.add_finding_import(&import).await?;
    tx.add_finding_steps(&change.steps).await?;
    records.keep_evidence(&mut tx, change.told).await?;
    let Report { tool, findings, added, fixed, .. } = report;
    let detail = match &report.advice {
        Some(Advice { version, .. }) => {
            let source = &change.source;
            format!("{tool} ({version}): {findings} findings, {added} new, {fixed} fixed, {source}")
        }
        None => format!("{tool}: {findings} findings, {added} new, {fixed} fixed"),
    };
    tx.add_audit(&[records.entry(caller, &deed.with(detail), Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// What one import changes: histories and records.
pub(super) struct Change<'r> {
    pub(super) pack: &'static AssessmentPack,
    pub(super) records: &'r Records,
    pub(super) who: String,
    pub(super) at: Timestamp,
    pub(super) day: Date,
    /// How what is told counts.
    pub(super) how: How,
    /// Which file told it, for what keeps no record of the file itself.
    pub(super) source: String,
    /// Whether what the tool found before and is not named now is gone.
    pub(super) is_scan: bool,
    /// More about it for the histories.
    pub(super) word: String,
    /// Findings of which only the agency's word is told.
    pub(super) declared: BTreeSet<String>,
    pub(super) steps: Vec<(FindingId, FindingStep)>,
    pub(super) told: Vec<NewEvidence>,
}

impl<'r> Change<'r> {
    pub(super) fn new(
        records: &'r Records,
        caller: &Caller,
        pack: &'static AssessmentPack,
        at: Timestamp,
    ) -> Self {
        let who = caller.actor.identity.to_string();
        Self {
            pack,
            records,
            who,
            at,
            day: day_of(at),
            how: How::Measured,
            source: String::new(),
            is_scan: true,
            word: String::new(),
            declared: BTreeSet::new(),
            steps: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Whether this says more than the agency's word that was told last of a finding.
    pub(super) fn confirms(&self, finding: &Finding) -> bool {
        self.how != How::Declared && self.declared.contains(&finding.subject)
    }

    pub(super) fn record(&self, kind: &str, system: &System) -> NewEvidence {
        NewEvidence {
            schema: self.records.kinds().version,
            by: self.who.clone(),
            ..NewEvidence::of_system(kind, &system.agency, &system.code, self.at)
        }
    }

    pub(super) fn tell(&mut self, finding: &Finding, what: &str, detail: String) {
        let step = FindingStep {
            at: self.records.now(),
            who: self.who.clone(),
            what: what.to_owned(),
            detail,
        };
        self.steps.push((finding.id, step));
        let version = self.records.kinds().version;
        // As of now: what somebody did since the scan does not come after it.
        let now = self.records.now();
        let mut new = told(finding, &self.who, self.how, version, now);
        if !self.source.is_empty() {
            new.reference = format!("{}, {}", new.reference, self.source);
        }
        self.told.push(new);
    }
}

/// The findings of a system of which only the agency's word is told.
pub(super) async fn last_declared(
    records: &Records,
    system: &System,
) -> Result<BTreeSet<String>, UseError> {
    Ok(records.store.last_declared(&system.agency, &system.code, "finding.state").await?)
}

/// Changes the findings of a system to what a scan has found.
pub(super) async fn keep(
    tx: &mut Tx,
    system: &System,
    mut by_subject: BTreeMap<String, NewFinding>,
    change: &mut Change<'_>,
    report: &mut Report,
) -> Result<(), UseError> {
    let known = tx.findings(Some(&system.code)).await?;
    let all = by_subject.values().chain(known.iter().map(|was| &was.about));
    let exploited = exploited_of(tx, all).await?;
    let now = change.records.now();
    let lines = [report.tool.as_str(), &change.word].into_iter().filter(|line| !line.is_empty());
    let detail = lines.collect::<Vec<_>>().join("\n");
    for was in known {
        let updated_at = was.updated_at;
        let found = by_subject.remove(&was.subject);
        if was.tool == OWN_TOOL && report.tool != OWN_TOOL {
            // What the centre looks for itself no file touches.
            report.seen += usize::from(found.is_some());
            continue;
        }
        let Some(found) = found else {
            if !change.is_scan || was.tool != report.tool {
                continue;
            }
            let is_fixed = matches!(was.state, FindingState::Fixed(_));
            if is_fixed && change.confirms(&was) {
                change.tell(&was, "gone", detail.clone());
            } else if let Some(gone) = was.gone(change.day) {
                report.fixed += 1;
                let gone = Finding { updated_at: now, ..gone };
                tx.update_finding(&gone, updated_at).await?;
                change.tell(&gone, "gone", detail.clone());
            }
            continue;
        };
        let moments = (change.at, change.day);
        let seen = match change.how {
            How::Measured => was.clone().seen(found, &report.tool, moments, change.pack),
            _ => was.clone().said_seen(found, &report.tool, moments, change.pack),
        };
        again(tx, system, (was, seen), &exploited, change, report, ("again", &detail)).await?;
    }
    for (subject, found) in by_subject {
        begin(tx, system, (subject, found), &exploited, change, report, ("find", &detail)).await?;
    }
    Ok(())
}

/// What of some findings is known to be exploited.
pub(super) async fn exploited_of<'f>(
    tx: &mut Tx,
    all: impl Iterator<Item = &'f NewFinding>,
) -> Result<BTreeSet<String>, UseError> {
    let cves = all.flat_map(|found| found.cves.iter().cloned()).collect();
    Ok(tx.exploited_of(&cves).await?)
}

fn is_exploited(found: &NewFinding, exploited: &BTreeSet<String>) -> bool {
    found.cves.iter().any(|cve| exploited.contains(cve))
}

/// Keeps a finding that was known as it is seen again.
pub(super) async fn again(
    tx: &mut Tx,
    system: &System,
    (before, seen): (Finding, Finding),
    exploited: &BTreeSet<String>,
    change: &mut Change<'_>,
    report: &mut Report,
    (what, detail): (&str, &str),
) -> Result<(), UseError> {
    // What another told, or an advisory before anybody looked, stays known.
    let is_others = seen.tool != report.tool || (before.is_advised() && !seen.is_advised());
    let is_exploited = is_exploited(&seen.about, exploited) || (is_others && before.is_exploited);
    // That the Internet reached it stays known until it is found anew.
    let is_exposed = system.is_exposed || (before.is_exposed && seen.found == before.found);
    let updated_at = change.records.now();
    let seen = Finding { is_exploited, is_exposed, updated_at, ..seen };
    let seen = seen
        .dated(change.pack)
        .due_as(&before)
        .worse_than(before.about.severity, before.is_exploited);
    let is_back = before.state != seen.state;
    if is_back {
        report.reopened += 1;
    } else {
        report.seen += 1;
    }
    tx.update_finding(&seen, before.updated_at).await?;
    let is_news = (before.due, before.about.severity, before.is_exploited, &before.about.title)
        != (seen.due, seen.about.severity, seen.is_exploited, &seen.about.title);
    let is_unrepaired = before.repaired_by != seen.repaired_by;
    if is_back || is_news || is_unrepaired || change.confirms(&seen) {
        change.tell(&seen, what, detail.to_owned());
    }
    Ok(())
}

/// Keeps a finding that is new.
pub(super) async fn begin(
    tx: &mut Tx,
    system: &System,
    (subject, found): (String, NewFinding),
    exploited: &BTreeSet<String>,
    change: &mut Change<'_>,
    report: &mut Report,
    (what, detail): (&str, &str),
) -> Result<(), UseError> {
    let finding = Finding {
        id: FindingId(0),
        agency: system.agency.clone(),
        system: system.code.clone(),
        subject,
        tool: report.tool.clone(),
        is_exploited: is_exploited(&found, exploited),
        is_exposed: system.is_exposed,
        about: found,
        state: FindingState::Open,
        found: change.day,
        due: change.day,
        seen_at: change.at,
        repaired_by: None,
        updated_at: change.records.now(),
    };
    let finding = finding.dated(change.pack);
    report.added += 1;
    report.exploited += usize::from(finding.is_exploited);
    let id = tx.add_finding(&finding).await?;
    change.tell(&Finding { id, ..finding }, what, detail.to_owned());
    Ok(())
}
