//! What is made of a broken glass afterwards: somebody of another agency, other than whoever broke it, writes
//! what they found, and the task that began with the glass ends.
//!
//! The finding is a record of the ledger (`evidence.reviewed`) about the decision that was forced. A glass has
//! one review.

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::{Content, moment};
use khien_domain::evidence::{About, How, NewEvidence, Origin, Record};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::round::Partial;
use khien_domain::system::System;
use khien_domain::text;
use khien_store::EvidenceFilter;

use super::glass::{REASON_BYTES, REASON_CHARS, is_broken_glass, said};
use super::{of_system, visible};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::{UseError, reviews, tasks};

/// A glass that was broken, with what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlassReview {
    /// The record of the decision that was forced.
    pub seq: u64,
    /// Who broke it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// By which day the review is to be done.
    pub due: Date,
    /// On which day it was.
    pub done: Option<Date>,
    /// What was found, if the review was written here.
    pub finding: Option<Finding>,
    /// Why the caller does not review it, if they do not.
    pub partial: Option<Partial>,
}

/// What somebody found of a broken glass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The record.
    pub seq: u64,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether there was cause to break the glass.
    pub justified: bool,
    /// What they found.
    pub text: String,
}

/// The glasses of a system that were broken lately and have a review to do or done, newest first.
pub async fn glass_reviews(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
) -> Result<Vec<GlassReview>, UseError> {
    let system = visible(records, caller, system, "gate.reviews").await?;
    let mut found = Vec::new();
    for record in of_system(records, &system).await?.iter().filter(|one| is_broken_glass(one)) {
        let task = tasks::find(&records.store, &system.agency, &subject(&system, record)).await?;
        let Some(task) = task else { continue };
        let by = said(record, "broken_by");
        found.push(GlassReview {
            seq: record.about.seq,
            partial: reviews::partial(caller, &system.agency, by),
            by: by.to_owned(),
            reason: said(record, "reason").to_owned(),
            at: record.about.at,
            due: task.due,
            done: task.done,
            finding: finding(records, &system, record.about.seq).await?,
        });
    }
    Ok(found)
}

/// Writes what somebody found of a broken glass, and ends the task that began with it. Answers the record.
pub async fn review(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    seq: u64,
    justified: bool,
    finding: &str,
) -> Result<u64, UseError> {
    let system = visible(records, caller, system, "gate.review").await?;
    let deed = Deed::new("gate.review", system.code.as_str(), Some(system.agency.clone()));
    records.require(caller, Permission::AssuranceDecide, &deed).await?;
    let glasses = of_system(records, &system).await?.into_iter();
    let glass = glasses.filter(is_broken_glass).find(|record| record.about.seq == seq);
    let glass = glass.ok_or_else(|| UseError::not_found("broken glass", seq))?;
    let by = said(&glass, "broken_by");
    reviews::stranger(records, caller, &deed, &system.agency, by).await?;
    let finding = text::line("the finding", finding, REASON_BYTES).map_err(UseError::invalid)?;
    if finding.chars().count() < REASON_CHARS {
        let told = format!("the finding has at least {REASON_CHARS} characters");
        return Err(UseError::Invalid(told));
    }
    let mut tx = records.store.begin().await?;
    // Nobody else ends the task between looking and ending it.
    tx.lock_ledger().await?;
    let task = tasks::open(&records.store, &system.agency, &subject(&system, &glass)).await?;
    let Some(task) = task else {
        return Err(UseError::Conflict(format!("the review of record {seq} is done already")));
    };
    let result = if justified { "holds" } else { "fails" };
    let (by, now) = (caller.actor.identity.to_string(), records.now());
    let found = found(&glass.about, now, &by, result, &finding);
    let found = found.ok_or(UseError::Fault("a decision of the gate names no system"))?;
    let done = NewEvidence { by, ..tasks::done(task, now) };
    let kept = records.keep_evidence(&mut tx, vec![found, done]).await?;
    let deed = deed.with(format!("record {seq}: {finding}"));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(kept.first().map(|about| about.seq).unwrap_or_default())
}

/// What somebody found of a glass, as the ledger is told; nothing if its decision names no system.
pub(super) fn found(
    glass: &About,
    at: Timestamp,
    by: &str,
    result: &str,
    finding: &str,
) -> Option<NewEvidence> {
    let (agency, system) = (glass.agency.as_ref()?, glass.system.clone()?);
    let found = NewEvidence {
        subject: format!("record {}", glass.seq),
        how: How::Documented,
        by: by.to_owned(),
        schema: glass.schema,
        system: Some(system),
        ..NewEvidence::of_agency("evidence.reviewed", agency, at)
    };
    let found = found
        .from(Origin::Decision, format!("record {}", glass.seq))
        .with("record", glass.seq.cast_signed())
        .with("result", result)
        .with("reason", finding);
    Some(found)
}

/// What the task after a broken glass is told apart by.
fn subject(system: &System, glass: &Record) -> String {
    format!("gate-review {} {}", system.code, moment(glass.about.at))
}

/// What was found of a glass, if somebody wrote it.
async fn finding(
    records: &Records,
    system: &System,
    seq: u64,
) -> Result<Option<Finding>, UseError> {
    let filter = EvidenceFilter {
        kind: Some("evidence.reviewed".to_owned()),
        agency: Some(system.agency.clone()),
        system: Some(system.code.clone()),
        subject: Some(format!("record {seq}")),
    };
    let page = PageRequest::new(None, 1);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?.items.pop();
    Ok(found.map(|record| {
        let text = |name| record.content.get(name).and_then(Content::as_text).unwrap_or_default();
        Finding {
            seq: record.about.seq,
            justified: text("result") == "holds",
            text: text("reason").to_owned(),
            by: record.about.by.clone(),
            at: record.about.at,
        }
    }))
}
