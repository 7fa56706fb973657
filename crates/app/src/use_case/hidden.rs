//! An incident that had to be reported and was not: recorded by somebody of another agency who may decide, with
//! the document that shows it, and taken back by a second one if it was wrong.
//!
//! While it stands the agency's grade is held down (`caps` of the index). Nobody of the agency itself, and no
//! program with a token, records it.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{About, How, NewEvidence, Origin};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::round::Partial;
use khien_domain::text;

use super::evidence::OLDEST;
use super::register::evidence::day_of;
use super::reviews::{decider, partial};
use super::{UseError, attest, rounds};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// What its records are.
const KIND: &str = "incident.hidden";
/// The longest name of an incident, in bytes.
const SUBJECT_BYTES: usize = 80;
/// The longest reason, in bytes.
const REASON_BYTES: usize = 1_000;
/// The longest reference to a document, in bytes, as records hold it.
const REFERENCE_BYTES: usize = 200;

/// An incident that was hidden, as somebody tells it.
#[derive(Clone, Debug)]
pub struct NewHidden {
    /// What the incident is called.
    pub subject: String,
    /// On which day it was found.
    pub found: Date,
    /// Why it had to be reported.
    pub reason: String,
    /// The number of the document that shows it.
    pub document: String,
}

/// An incident that is recorded as hidden.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// The record.
    pub about: About,
    /// The day on which it was found, as the record says it.
    pub found: String,
    /// Why it had to be reported.
    pub reason: String,
    /// Why the caller does not take it back, if they do not.
    pub partial: Option<Partial>,
}

/// The hidden incidents of an agency that stand, newest first.
pub async fn list(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
) -> Result<Vec<Hidden>, UseError> {
    let deed = Deed::new("hidden.list", format!("agency {agency}"), Some(agency.clone()));
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    let mut found = Vec::new();
    for standing in attest::standing(records, agency, KIND).await? {
        let scope = AgencyScope::one(agency.clone());
        let seq = standing.about.seq;
        let Some(record) = records.store.find_evidence(&scope, seq).await? else { continue };
        let said = |name: &str| {
            record.content.get(name).and_then(Content::as_text).unwrap_or_default().to_owned()
        };
        found.push(Hidden {
            found: said("found"),
            reason: said("reason"),
            partial: partial(caller, agency, &record.about.by),
            about: record.about,
        });
    }
    Ok(found)
}

/// Why the caller records none of an agency, if they do not although their role would.
pub fn why_not(caller: &Caller, agency: &AgencyCode) -> Option<Partial> {
    partial(caller, agency, "")
}

/// Records that an agency has hidden an incident.
pub async fn record(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    new: &NewHidden,
) -> Result<About, UseError> {
    let deed = Deed::new("hidden.record", format!("agency {agency}"), Some(agency.clone()));
    decider(records, caller, &deed, agency, "").await?;
    let scope = AgencyScope::one(agency.clone());
    let known = records.store.find_agency(&scope, agency).await?;
    known.filter(|one| one.in_scope).ok_or_else(|| UseError::not_found("agency", agency))?;
    let line = |what, said: &str, bytes| text::line(what, said, bytes).map_err(UseError::invalid);
    let subject = line("the name of the incident", &new.subject, SUBJECT_BYTES)?;
    let now = records.now();
    let today = day_of(now);
    let oldest = day_of(now.checked_sub(OLDEST).unwrap_or(now));
    if !(oldest..=today).contains(&new.found) {
        let told = "the day lies between 800 days ago and today";
        return Err(UseError::Invalid(told.into()));
    }
    let reason = line("the reason", &new.reason, REASON_BYTES)?;
    let document = text::reference("the document's number", &new.document, REFERENCE_BYTES)
        .map_err(UseError::invalid)?;
    let hidden = NewEvidence {
        subject: subject.clone(),
        how: How::Documented,
        by: caller.actor.identity.to_string(),
        schema: records.kinds().version,
        ..NewEvidence::of_agency(KIND, agency, now)
    }
    .from(Origin::Document, document)
    .with("found", new.found.to_string())
    .with("reason", reason);
    let mut tx = records.store.begin().await?;
    // Nobody else records the same between looking and recording.
    tx.lock_ledger().await?;
    let standing = attest::standing(records, agency, KIND).await?;
    if let Some(same) = standing.iter().find(|one| one.about.subject == subject) {
        let seq = same.about.seq;
        let told = format!("the incident {subject} is recorded already (record {seq})");
        return Err(UseError::Conflict(told));
    }
    let kept = records.keep_evidence(&mut tx, vec![hidden]).await?.pop();
    let deed = deed.with(subject);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    kept.ok_or(UseError::Fault("a record was not added"))
}

/// Takes back what was recorded of a hidden incident, with the reason; whoever recorded it does not.
pub async fn withdraw(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    seq: u64,
    reason: &str,
) -> Result<(), UseError> {
    let deed = Deed::new("hidden.withdraw", format!("agency {agency}"), Some(agency.clone()));
    records.require(caller, Permission::AssuranceDecide, &deed).await?;
    let scope = AgencyScope::one(agency.clone());
    let record = records.store.find_evidence(&scope, seq).await?;
    let record = record.filter(|record| record.about.kind == KIND);
    let record = record.ok_or_else(|| UseError::not_found("hidden incident", seq))?;
    decider(records, caller, &deed, agency, &record.about.by).await?;
    let reason = text::line("the reason", reason, REASON_BYTES).map_err(UseError::invalid)?;
    let by = caller.actor.identity.to_string();
    let mut tx = records.store.begin().await?;
    attest::not_frozen(&mut tx, record.about.at).await?;
    let standing = attest::standing(records, agency, KIND).await?;
    if !standing.iter().any(|one| one.about.seq == seq) {
        return Err(UseError::Conflict(format!("record {seq} counts no more")));
    }
    // It was never so: whatever instant is counted for, the record does not count.
    let at = record.about.at;
    let gone = rounds::withdrawn(records, &record, agency, &by, &reason, at);
    records.keep_evidence(&mut tx, vec![gone]).await?;
    let deed = deed.with(format!("record {seq}: {reason}"));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}
