//! One finding alone: of a penetration test or an inspection, recorded as an import of one line would be.
//!
//! Somebody's words come in; the finding goes out, new or the one that is known already by its system, rule and
//! place. It is no scan: it tells the ledger of the finding alone, closes nothing, and counts for no interval of
//! the calendar.

use std::collections::BTreeMap;

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::finding::{Finding, FindingState, NewFinding, OWN_TOOL, PLACE_BYTES};
use khien_domain::limits::{NAME_BYTES, TEXT_BYTES};
use khien_domain::permission::Permission;
use khien_domain::risk::Rating;
use khien_domain::text;
use khien_store::Tx;

use super::{
    AHEAD, Change, OLDEST, Report, UnfitTool, cves_of, how_imported, keep, last_declared, tool,
};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::assessments::pack;
use crate::use_case::attest::not_frozen;
use crate::use_case::register::evidence::{day_of, noon_of};

/// What somebody has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct One {
    /// In which system.
    pub system: SystemCode,
    /// What it is.
    pub title: String,
    /// More about it, and what to do; may be empty.
    pub advice: String,
    /// How grave.
    pub severity: Rating,
    /// A CVE or the number of a check; the title stands for it if it is empty.
    pub rule: String,
    /// Where: an address, a machine, a page.
    pub place: String,
    /// The tool, or the organisation that assessed.
    pub tool: String,
    /// On which day.
    pub found: Date,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It is new.
    Added,
    /// It was known, and is there again later or graver.
    Again,
    /// It had been fixed or borne and is open again.
    Reopened,
    /// It was known; nothing was changed.
    There,
}

impl Noted {
    /// The name that programs are told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Again => "again",
            Self::Reopened => "reopened",
            Self::There => "there",
        }
    }
}

/// A finding after it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The finding as it stands.
    pub finding: Finding,
    /// What became of it.
    pub noted: Noted,
}

/// Records one finding.
pub async fn record_finding(
    records: &Records,
    caller: &Caller,
    one: One,
) -> Result<Recorded, UseError> {
    let deed = Deed::new("finding.record", one.system.as_str(), None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let found = records.store.find_system(&scope, &one.system).await?;
    let system = found.ok_or_else(|| UseError::not_found("system", &one.system))?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    let (day, now) = (one.found, records.now());
    let (new, tool, word) = checked(&one)?;
    let subject = new.subject(&system.code);
    let at = noon_of(day).map(|noon| if day == day_of(now) { now.min(noon) } else { noon });
    let at = at.filter(|at| *at <= now.saturating_add(AHEAD).unwrap_or(now));
    let at = at.filter(|at| now.duration_since(*at) <= OLDEST).ok_or_else(|| {
        UseError::Invalid("the day found is to come, or longer ago than 800 days".into())
    })?;
    let declared = last_declared(records, &system).await?;
    let mut tx = records.store.begin().await?;
    tx.lock_findings().await?;
    not_frozen(&mut tx, now).await?;
    let before = known(&mut tx, &system.code, &subject).await?;
    if let Some(finding) = before.clone().filter(|was| stands(was, &new, day)) {
        return Ok(Recorded { finding, noted: Noted::There });
    }
    let mut change = Change::new(records, caller, pack()?, at);
    change.declared = declared;
    change.how = how_imported(caller, &system.agency);
    (change.is_scan, change.word) = (false, word);
    let mut report = Report { tool, at, ..Report::default() };
    let all = BTreeMap::from([(subject.clone(), new)]);
    keep(&mut tx, &system, all, &mut change, &mut report).await?;
    tx.add_finding_steps(&change.steps).await?;
    records.keep_evidence(&mut tx, change.told).await?;
    let kept = known(&mut tx, &system.code, &subject).await?;
    let finding = kept.ok_or(UseError::Fault("a finding that was recorded is not there"))?;
    let noted = match before {
        None => Noted::Added,
        Some(was) if was.state != finding.state => Noted::Reopened,
        Some(_) => Noted::Again,
    };
    let detail = format!("finding {} by {}", finding.id, report.tool);
    tx.add_audit(&[records.entry(caller, &deed.with(detail), Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Recorded { finding, noted })
}

/// What was found with its texts in order, by what, and more about it.
fn checked(one: &One) -> Result<(NewFinding, String, String), UseError> {
    let title = text::line("the title", &one.title, NAME_BYTES).map_err(UseError::invalid)?;
    let place = text::line("the place", &one.place, PLACE_BYTES).map_err(UseError::invalid)?;
    let rule = match one.rule.trim() {
        "" => title.clone(),
        rule => text::line("the rule", rule, NAME_BYTES).map_err(UseError::invalid)?,
    };
    let word = match one.advice.trim() {
        "" => String::new(),
        word => text::paragraph("the description", word, TEXT_BYTES).map_err(UseError::invalid)?,
    };
    let tool = tool(&one.tool).map_err(|error| match error {
        UnfitTool::None => UseError::Invalid("name the tool or who assessed".into()),
        UnfitTool::Unfit(what) => UseError::Invalid(what),
    })?;
    let cves = cves_of([rule.as_str(), &title, &word]);
    let new = NewFinding { rule, place, title, severity: one.severity, cves };
    Ok((new.checked().map_err(UseError::invalid)?, tool, word))
}

/// The finding of a system that the ledger knows by a name.
async fn known(
    tx: &mut Tx,
    system: &SystemCode,
    subject: &str,
) -> Result<Option<Finding>, UseError> {
    let all = tx.findings(Some(system)).await?;
    Ok(all.into_iter().find(|one| one.subject == subject))
}

/// Whether what was found on a day says no more than what is known: not later, and no graver.
fn stands(was: &Finding, new: &NewFinding, day: Date) -> bool {
    let is_graver = new.severity > was.about.severity || !new.cves.is_subset(&was.about.cves);
    match was.state {
        _ if was.tool == OWN_TOOL => true,
        FindingState::Fixed(fixed) => day <= fixed,
        FindingState::Open | FindingState::Accepted(_) => day <= day_of(was.seen_at) && !is_graver,
    }
}
