//! What an advisory (CSAF) says of a system: its products, and the parts that their inventories name, that it
//! calls affected become findings.
//!
//! An advisory is no scan. It tells the ledger of findings and of no scan, closes nothing that a scan or the
//! centre has found, and opens what was retested only if it was released since. A later version takes back what
//! the same advisory opened where it says outright that this very version is fixed or not affected; that a
//! product stands no more in the register or in the advisory closes nothing, because nobody has looked.

use std::collections::BTreeMap;
use std::sync::Arc;

use khien_domain::code::AgencyCode;
use khien_domain::evidence::{How, hex};
use khien_domain::finding::{Finding, FindingState};
use khien_domain::limits::PAGE;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Identity, Permission};
use khien_store::Tx;
use sha2::{Digest as _, Sha256};

use super::csaf::{Advisory, Found, Item, Matched, Matching};
use super::kept::{again, begin, exploited_of};
use super::{
    AHEAD, Advice, Change, Import, MAX_FINDINGS, PROBLEMS, Problem, Report, finish, is_person,
    last_declared,
};
use crate::access::Caller;
use crate::use_case::UseError;
use crate::use_case::assessments::how;
use crate::use_case::attest::not_frozen;
use crate::use_case::register::evidence::day_of;

/// What an advisory says of a system by the names that the ledger knows findings by.
#[derive(Default)]
struct Said {
    found: BTreeMap<String, Found>,
    clear: BTreeMap<String, Found>,
    /// Whether what is clear may be taken back: not by another text of the same moment.
    may_clear: bool,
    /// Whether it is somebody's word alone, which takes nothing back for the gate.
    is_weak: bool,
}

/// Behind the name under which an import by somebody's word alone is remembered.
const WEAK: &str = "(lời khai)";

/// Whether somebody hands it in whose word alone takes nothing back for the gate, nor holds up others: an officer
/// of the agency, or whoever has a token.
fn is_weak(caller: &Caller, how: How) -> bool {
    how == How::Declared || matches!(caller.actor.identity, Identity::Token { .. })
}

/// How an advisory counts: nobody measured anything. What a program or the command line hands in was seen.
fn how_advised(caller: &Caller, agency: &AgencyCode) -> How {
    if is_person(caller) { how(caller, agency) } else { How::Documented }
}

impl Import<'_> {
    /// Makes of the system's findings what an advisory says.
    pub(super) async fn advisory(
        self,
        advisory: Arc<Advisory>,
        file: String,
    ) -> Result<Report, UseError> {
        if self.dry_run && !is_person(self.caller) {
            // What would come of it tells what the system has.
            self.records.require(self.caller, Permission::RegisterRead, &self.deed).await?;
        }
        let now = self.records.now();
        if advisory.at > now.saturating_add(AHEAD).unwrap_or(now) {
            let what = "document.tracking.current_release_date: it is to come";
            return Err(UseError::Invalid(what.into()));
        }
        let matched = self.matched(Arc::clone(&advisory)).await?;
        let mut report = Report {
            tool: advisory.tool.clone(),
            at: advisory.at,
            left_out: matched.left_out,
            ..Report::default()
        };
        let said = self.said(matched, &mut report);
        report.findings = said.found.len();
        if report.findings > MAX_FINDINGS {
            let what = format!("a file has at most {MAX_FINDINGS} findings");
            return Err(UseError::Invalid(what));
        }
        let mut advice = Advice {
            title: advisory.title.clone(),
            version: advisory.version.clone(),
            possible: said.found.values().filter(|found| found.is_possible).count(),
            unsaid: 0,
            confirmed: 0,
        };
        if !report.problems.is_empty() {
            return Ok(Report { advice: Some(advice), ..report });
        }
        let how = how_advised(self.caller, &self.system.agency);
        let declared = last_declared(self.records, &self.system).await?;
        let mut tx = self.records.store.begin().await?;
        tx.lock_findings().await?;
        let is_weak = is_weak(self.caller, how);
        let run = digest(&advisory, (how, is_weak), &said);
        if let Some(import) = tx.find_finding_import(&self.system.code, &run).await? {
            report.seen = usize::try_from(import.findings).unwrap_or(usize::MAX);
            report.again = true;
            return Ok(Report { advice: Some(advice), ..report });
        }
        // What came in by somebody's word alone does not hold up what counts for more.
        let (sure, weak) = (report.tool.clone(), format!("{} {WEAK}", report.tool));
        let mut last = tx.last_finding_import(&self.system.code, &sure).await?.map(|one| one.at);
        if is_weak {
            let other = tx.last_finding_import(&self.system.code, &weak).await?;
            last = last.max(other.map(|one| one.at));
        }
        if last.is_some_and(|last| last > advisory.at) {
            let what = format!("a later version of {} was imported before", report.tool);
            return Err(UseError::Conflict(what));
        }
        let said = Said { is_weak, may_clear: last != Some(advisory.at), ..said };
        not_frozen(&mut tx, now).await?;
        let mut change = Change::new(self.records, self.caller, self.pack, advisory.at);
        // What an advisory says is known here from today on, however old it is.
        change.day = day_of(now);
        (change.declared, change.how) = (declared, how);
        change.source = format!("sha256 {file}");
        self.keep_said(&mut tx, said, &mut change, (&mut report, &mut advice)).await?;
        report.advice = Some(advice);
        if self.dry_run {
            tx.rollback().await?;
            return Ok(report);
        }
        let kept = (run, if is_weak { weak } else { sure });
        finish(tx, self.caller, (&self.system, self.deed), kept, change, &report).await?;
        Ok(report)
    }

    /// What of the products of an advisory the register knows the system to have.
    async fn matched(&self, advisory: Arc<Advisory>) -> Result<Matched, UseError> {
        let (store, code) = (&self.records.store, &self.system.code);
        let scope = AgencyScope::one(self.system.agency.clone());
        let mut items = Vec::new();
        for kept in store.list_products(&scope, Some(code)).await? {
            let mut page = (kept.components > 0).then(PageRequest::first);
            while let Some(asked) = page.take() {
                let parts = store.list_components(&scope, kept.id, &asked).await?;
                items.extend(parts.items.iter().map(|part| Item::part(&kept, part)));
                page = parts.next.map(|after| PageRequest::new(Some(after), PAGE));
            }
            items.push(Item::product(&kept));
        }
        let matched = tokio::task::spawn_blocking(move || {
            let mut matching = Matching::of(&advisory);
            items.into_iter().try_for_each(|item| matching.take(item))?;
            matching.done()
        });
        let matched = matched.await;
        matched
            .map_err(|_| UseError::Fault("matching an advisory ended early"))?
            .map_err(UseError::Invalid)
    }

    /// The same by name: what is called affected somewhere is not clear.
    fn said(&self, matched: Matched, report: &mut Report) -> Said {
        let mut said = Said::default();
        let all = matched.found.into_iter().map(|found| (true, found));
        for (is_found, found) in all.chain(matched.clear.into_iter().map(|found| (false, found))) {
            let new = match found.new.clone().checked() {
                Ok(new) => new,
                Err(error) if report.problems.len() < PROBLEMS => {
                    let what = error.to_string();
                    report.problems.push(Problem { place: found.at, what });
                    continue;
                }
                Err(_) => continue,
            };
            let subject = new.subject(&self.system.code);
            let found = Found { new, ..found };
            if !is_found {
                if !said.found.contains_key(&subject) {
                    said.clear.insert(subject, found);
                }
                continue;
            }
            match said.found.get_mut(&subject) {
                Some(known) => {
                    let severity = known.new.severity.max(found.new.severity);
                    let cves = &known.new.cves | &found.new.cves;
                    let place = found.at.clone();
                    if known.is_possible && !found.is_possible {
                        *known = found;
                    }
                    known.new.severity = severity;
                    known.new.cves = cves;
                    if let Err(error) = known.new.clone().checked()
                        && report.problems.len() < PROBLEMS
                    {
                        report.problems.push(Problem { place, what: error.to_string() });
                    }
                }
                None => drop(said.found.insert(subject, found)),
            }
        }
        said
    }

    /// Changes the findings of the system to what an advisory says.
    async fn keep_said(
        &self,
        tx: &mut Tx,
        mut said: Said,
        change: &mut Change<'_>,
        (report, advice): (&mut Report, &mut Advice),
    ) -> Result<(), UseError> {
        let known = tx.findings(Some(&self.system.code)).await?;
        let found = said.found.values().map(|found| &found.new);
        let all = found.chain(known.iter().map(|was| &was.about));
        let exploited = exploited_of(tx, all).await?;
        let (now, released) = (change.records.now(), day_of(report.at));
        for was in known {
            if let Some(found) = said.found.remove(&was.subject) {
                let retested = |was: &Finding| was.repaired_by.is_some();
                let moments = (change.at, change.day);
                let tool = &report.tool;
                let seen =
                    was.clone().advised(found.new.clone(), tool, released, moments, change.pack);
                let stays = retested(&was) && matches!(seen.state, FindingState::Fixed(_));
                if !was.is_advised() || stays {
                    // What was looked at stands as it was seen.
                    report.seen += 1;
                    continue;
                }
                let detail = detail(advice, &found, change);
                let step = ("advise-again", detail.as_str());
                again(tx, &self.system, (was, seen), &exploited, change, report, step).await?;
                continue;
            }
            if was.tool != report.tool {
                continue;
            }
            let is_fixed = matches!(was.state, FindingState::Fixed(_));
            let Some(clear) = said.clear.get(&was.subject) else {
                advice.unsaid += usize::from(!is_fixed);
                continue;
            };
            if !said.may_clear {
                continue;
            }
            let detail = detail(advice, clear, change);
            // What is taken back by somebody's word alone waits at the gate for whoever has more.
            let stands = if said.is_weak { How::Declared } else { change.how };
            let how = std::mem::replace(&mut change.how, stands);
            if is_fixed && change.confirms(&was) {
                advice.confirmed += 1;
                change.tell(&was, "take-back", detail);
            } else if let Some(taken) = was.clone().taken_back(change.day) {
                report.fixed += 1;
                let taken = Finding { updated_at: now, ..taken };
                tx.update_finding(&taken, was.updated_at).await?;
                change.tell(&taken, "take-back", detail);
            }
            change.how = how;
        }
        for (subject, found) in said.found {
            let detail = detail(advice, &found, change);
            let (new, step) = ((subject, found.new), ("advise", detail.as_str()));
            begin(tx, &self.system, new, &exploited, change, report, step).await?;
        }
        Ok(())
    }
}

/// What the history of a finding says of the advisory.
fn detail(advice: &Advice, found: &Found, change: &Change<'_>) -> String {
    let about = format!("{} (phiên bản {})", advice.title, advice.version);
    let lines = [about.as_str(), &found.remedy, &change.source];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// What tells an import of an advisory when it is handed in again: the same version says the same of the same
/// products. Once the system has others it is looked at anew.
fn digest(advisory: &Advisory, (how, is_weak): (How, bool), said: &Said) -> String {
    let Advisory { tool, version, at, .. } = advisory;
    let mut hash = Sha256::new();
    hash.update(format!("{tool}\n{version}\n{at}\n{} {is_weak}\n", how.name()));
    for (all, mark) in [(&said.found, "+"), (&said.clear, "-")] {
        for (subject, found) in all {
            let (severity, title) = (found.new.severity.name(), &found.new.title);
            let (cves, remedy) = (&found.new.cves, &found.remedy);
            hash.update(format!("{mark}{subject} {severity} {title} {cves:?} {remedy}\n"));
        }
    }
    hex(&hash.finalize())
}
