//! The calendar of assessments: which are due, and recording that one was done.
//!
//! What an officer records is the agency's own word, which the gate does not count; what somebody records
//! who appraises or approves for it, being of another agency, counts as documented: they have seen the report.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::Offset;
use khien_domain::assessment::{AssessmentPack, Check, Standing};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::limits::NAME_BYTES;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::restore::{Measured, Met};
use khien_domain::system::{Stage, System};
use khien_domain::text;
use khien_store::EvidenceFilter;

use super::attest::not_frozen;
use super::register::evidence::day_of;
use super::{UseError, reviews};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// Records of one kind that are looked through, the newest first.
const RECORDS: usize = 50_000;

/// How the assessments of a system stand, one by one; nothing where none is asked of its level.
#[derive(Clone, Debug)]
pub struct Row {
    /// The system.
    pub system: System,
    /// In the order of [`Check::ALL`].
    pub standings: [Option<Standing>; 4],
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// Of which system.
    pub system: SystemCode,
    /// Which assessment.
    pub check: Check,
    /// On which day.
    pub day: Date,
    /// Which report says so.
    pub report: String,
    /// Whether it was done by somebody independent.
    pub independent: bool,
    /// Whether somebody says that a restore worked and met its objectives, time and loss.
    pub met: bool,
    /// What was measured of a restore; whether it met its objectives follows from that.
    pub measured: Measured,
    /// How many findings a scan had, and by which tool.
    pub scanned: (u32, String),
}

/// The pack of the program.
pub fn pack() -> Result<&'static AssessmentPack, UseError> {
    AssessmentPack::built_in().map_err(|error| {
        tracing::error!(%error, "the pack of assessments cannot be read");
        UseError::Fault("the pack of assessments cannot be read")
    })
}

/// How the assessments of the systems stand that are tried or in use, of those that the caller may see.
pub async fn calendar(records: &Records, caller: &Caller) -> Result<Vec<Row>, UseError> {
    let deed = Deed::new("assessment.calendar", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let (pack, now) = (pack()?, records.now());
    let mut by_system: [BTreeMap<SystemCode, Vec<Record>>; 4] = Default::default();
    for (check, found) in Check::ALL.iter().zip(&mut by_system) {
        *found = of_kind(records, &scope, check.evidence()).await?;
    }
    let (mut rows, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let part = records.store.list_systems(&scope, &page).await?;
        for system in part.items {
            if !matches!(system.stage, Stage::Test | Stage::Operation) {
                continue;
            }
            let mut standings = [const { None }; 4];
            for ((check, found), standing) in Check::ALL.iter().zip(&by_system).zip(&mut standings)
            {
                let told = found.get(&system.code).map(Vec::as_slice).unwrap_or_default();
                *standing = pack.standing(*check, system.level, told, now);
            }
            rows.push(Row { system, standings });
        }
        let Some(next) = part.next else { return Ok(rows) };
        page.after = Some(next);
    }
}

/// The records of a kind that nothing corrects, by system.
async fn of_kind(
    records: &Records,
    scope: &AgencyScope,
    kind: &str,
) -> Result<BTreeMap<SystemCode, Vec<Record>>, UseError> {
    let filter = EvidenceFilter { kind: Some(kind.to_owned()), ..EvidenceFilter::default() };
    let (mut found, mut page) = (Vec::new(), PageRequest::new(None, 500));
    loop {
        let part = records.store.list_evidence(scope, &filter, &page).await?;
        found.extend(part.items);
        match part.next {
            Some(next) if found.len() < RECORDS => page.after = Some(next),
            _ => break,
        }
    }
    let seqs = found.iter().map(|record| record.about.seq).collect();
    let corrected = records.store.corrected_records(&seqs).await?;
    let mut by_system = BTreeMap::<_, Vec<_>>::new();
    for record in found {
        if let Some(system) = record.about.system.clone()
            && !corrected.contains(&record.about.seq)
        {
            by_system.entry(system).or_default().push(record);
        }
    }
    Ok(by_system)
}

/// How somebody's word counts: whoever appraises or approves for another agency than their own has seen the
/// document.
pub(super) fn how(caller: &Caller, agency: &AgencyCode) -> How {
    let may = |permission| caller.actor.require(permission, agency).is_ok();
    let decides = may(Permission::AssuranceDecide) || may(Permission::AssuranceApprove);
    if decides && reviews::partial(caller, agency, "").is_none() {
        How::Documented
    } else {
        How::Declared
    }
}

/// Refuses whoever neither works on the assurance of an agency nor appraises nor approves for it.
pub(super) async fn require_part(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    deed: &Deed,
) -> Result<(), UseError> {
    let others = [Permission::AssuranceDecide, Permission::AssuranceApprove];
    let part = others.into_iter().find(|part| caller.actor.require(*part, agency).is_ok());
    records.require(caller, part.unwrap_or(Permission::AssuranceWrite), deed).await
}

/// What is said of a restore: objectives by what was measured, or else by somebody's word.
fn restored(
    evidence: NewEvidence,
    system: &System,
    new: &Assessed,
) -> Result<NewEvidence, UseError> {
    let said = Some(true).filter(|_| new.met);
    let measured = new.measured;
    let met = measured.agrees(system, Met { rto: said, rpo: said }).map_err(UseError::invalid)?;
    // What took minutes has worked.
    let worked = new.met || measured != Measured::default();
    let evidence = evidence
        .with("success", worked)
        .with("rto_met", met.rto.unwrap_or(new.met))
        .with("rpo_met", met.rpo.unwrap_or(new.met));
    let given = [("minutes", measured.minutes), ("lost_minutes", measured.lost_minutes)];
    let keep = |evidence: NewEvidence, (name, minutes): (&str, Option<i64>)| match minutes {
        Some(minutes) => evidence.with(name, minutes),
        None => evidence,
    };
    Ok(given.into_iter().fold(evidence, keep))
}

/// Records that an assessment was done. Answers the number of the record.
pub async fn record_assessment(
    records: &Records,
    caller: &Caller,
    new: Assessed,
) -> Result<u64, UseError> {
    let deed =
        Deed::new("assessment.record", format!("{} of {}", new.check.name(), new.system), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let system = records.store.find_system(&scope, &new.system).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", &new.system))?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    require_part(records, caller, &system.agency, &deed).await?;
    let today = day_of(records.now());
    if new.day > today || i64::from((today - new.day).get_days()) > 800 {
        let what = "the day lies between 800 days ago and today";
        return Err(UseError::Invalid(what.into()));
    }
    let line =
        |what, typed: &str| text::reference(what, typed, NAME_BYTES).map_err(UseError::invalid);
    let report = line("the report", &new.report)?;
    // Whatever hour it was: at the end of the day nobody can say that it was earlier.
    let noon = Offset::constant(7).to_timestamp(new.day.at(12, 0, 0, 0));
    let at = noon.map_err(UseError::invalid)?.min(records.now());
    let evidence = NewEvidence {
        schema: records.kinds().version,
        how: how(caller, &system.agency),
        by: caller.actor.identity.to_string(),
        ..NewEvidence::of_system(new.check.evidence(), &system.agency, &system.code, at)
    };
    let evidence = match new.check {
        Check::Scan => evidence
            .with("tool", line("the tool", &new.scanned.1)?)
            .with("findings", i64::from(new.scanned.0)),
        Check::Pentest | Check::Assessment => evidence.with("independent", new.independent),
        Check::Restore => restored(evidence, &system, &new)?,
    };
    let evidence = evidence.from(Origin::Document, report.clone());
    let mut tx = records.store.begin().await?;
    not_frozen(&mut tx, at).await?;
    let kept = records.keep_evidence(&mut tx, vec![evidence]).await?;
    tx.add_audit(&[records.entry(caller, &deed.with(report), Outcome::Done)]).await?;
    tx.commit().await?;
    kept.first().map(|about| about.seq).ok_or(UseError::Fault("a record was not added"))
}
