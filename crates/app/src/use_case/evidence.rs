//! Evidence that comes from outside: what scanners and backup programs hand in.
//!
//! What the centre itself does and measures is recorded where it happens, by
//! `Records::keep_evidence`. Whatever is recorded is checked against its kind
//! (`packs/evidence.yml`); the same thing handed in again is the record that is there already.

use jiff::{SignedDuration, Timestamp};
use khien_domain::assessment::Check;
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::{Content, INTEGER, moment};
use khien_domain::evidence::kinds::{Recorder, Subject};
use khien_domain::evidence::{About, How, NewEvidence, Origin, Record};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::restore::{Measured, Met};
use khien_store::{EvidenceFilter, Tx};
use serde_json::Value;

use super::UseError;
use super::attest::not_frozen;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A clock elsewhere may be ahead by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Nothing older counts for anything, so nothing older is taken.
pub(super) const OLDEST: SignedDuration = SignedDuration::from_hours(24 * 800);
/// How far back a thing that is handed in again is looked for.
const SAME: u32 = 200;

/// What somebody hands in.
#[derive(Clone, Debug)]
pub struct Handed {
    /// What kind of thing it says.
    pub kind: String,
    /// About which agency.
    pub agency: AgencyCode,
    /// About which system.
    pub system: Option<SystemCode>,
    /// About which one of several things of the kind; not needed where that is the agency or the
    /// system.
    pub subject: Option<String>,
    /// Which report, job or document says so.
    pub reference: String,
    /// What it says.
    pub content: Value,
    /// When it was so.
    pub at: Timestamp,
    /// Until when it counts.
    pub until: Option<Timestamp>,
    /// Which record it replaces.
    pub corrects: Option<u64>,
}

/// The record that was made, or that was there already.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The record.
    pub about: About,
    /// Whether it was there already.
    pub again: bool,
}

/// Takes what a program hands in; it counts as measured.
pub async fn hand_in(
    records: &Records,
    caller: &Caller,
    handed: Handed,
) -> Result<Taken, UseError> {
    let deed = Deed::new("evidence.record", handed.kind.clone(), Some(handed.agency.clone()));
    records.require(caller, Permission::EvidenceWrite, &deed).await?;
    let now = records.now();
    let subject = subject(records, &handed)?;
    let new = NewEvidence {
        schema: records.kinds().version,
        content: content(handed.content).map_err(UseError::Invalid)?,
        agency: Some(handed.agency),
        system: handed.system,
        subject,
        origin: Origin::Probe,
        reference: handed.reference,
        how: How::Measured,
        by: caller.actor.identity.to_string(),
        at: handed.at,
        until: handed.until,
        corrects: handed.corrects,
        kind: handed.kind,
    };
    let new = records.kinds().check(new, Recorder::Api).map_err(UseError::invalid)?;
    if new.at > now.saturating_add(AHEAD).unwrap_or(now) {
        return Err(UseError::Invalid("at: this moment is still to come".into()));
    }
    if now.duration_since(new.at) > OLDEST {
        return Err(UseError::Invalid("at: longer ago than 800 days; nothing counts it".into()));
    }
    registered(records, &new).await?;
    measured(records, &new.kind, new.system.as_ref(), &new.content).await?;
    let mut tx = records.store.begin().await?;
    // Nobody adds the same between looking and adding.
    tx.lock_ledger().await?;
    if let Some(same) = same(records, &new).await? {
        return Ok(Taken { about: same.about, again: true });
    }
    not_frozen(&mut tx, new.at).await?;
    corrected(records, &new).await?;
    let deed = deed.with(new.subject.clone());
    let about = tx.append_evidence(vec![new], now).await?.pop();
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    let about = about.ok_or(UseError::Fault("a record was not added"))?;
    Ok(Taken { about, again: false })
}

/// What the record is told apart by: the agency or the system, or what was named.
pub(super) fn subject(records: &Records, handed: &Handed) -> Result<String, UseError> {
    let kind = records.kinds().get(&handed.kind).ok_or_else(|| {
        UseError::Invalid(format!("type: «{}» is no kind of evidence", handed.kind))
    })?;
    if kind.about == Subject::Agency && handed.system.is_some() {
        return Err(UseError::Invalid(format!("system: {} is about an agency", kind.name)));
    }
    match (kind.subject.as_str(), &handed.subject) {
        ("agency", _) => Ok(handed.agency.to_string()),
        ("system", _) => Ok(handed.system.as_ref().map(ToString::to_string).unwrap_or_default()),
        (_, Some(subject)) if !subject.is_empty() => Ok(subject.clone()),
        (what, _) => Err(UseError::Invalid(format!("subject: name the {what}"))),
    }
}

/// The agency and the system must be in the register, the system with that agency.
async fn registered(records: &Records, new: &NewEvidence) -> Result<(), UseError> {
    let Some(agency) = &new.agency else { return Ok(()) };
    if records.store.find_agency(&AgencyScope::All, agency).await?.is_none() {
        return Err(UseError::Invalid(format!("agency: there is no agency {agency}")));
    }
    let Some(system) = &new.system else { return Ok(()) };
    let scope = AgencyScope::one(agency.clone());
    match records.store.find_system(&scope, system).await? {
        Some(_) => Ok(()),
        None => Err(UseError::Invalid(format!("system: {agency} has no system {system}"))),
    }
}

/// What is said of a restore must be what was measured of it, by the objectives of the register.
pub(super) async fn measured(
    records: &Records,
    kind: &str,
    system: Option<&SystemCode>,
    content: &Content,
) -> Result<(), UseError> {
    let Some(code) = system.filter(|_| kind == Check::Restore.evidence()) else { return Ok(()) };
    let Some(system) = records.store.find_system(&AgencyScope::All, code).await? else {
        return Ok(());
    };
    let int = |name| content.get(name).and_then(Content::as_int);
    let said = |name| content.get(name).and_then(Content::as_bool);
    let measured = Measured { minutes: int("minutes"), lost_minutes: int("lost_minutes") };
    let said = Met { rto: said("rto_met"), rpo: said("rpo_met") };
    measured.agrees(&system, said).map(|_| ()).map_err(UseError::invalid)
}

/// The record that says the same, if there is one.
async fn same(records: &Records, new: &NewEvidence) -> Result<Option<Record>, UseError> {
    let filter = EvidenceFilter {
        kind: Some(new.kind.clone()),
        agency: new.agency.clone(),
        system: new.system.clone(),
        subject: Some(new.subject.clone()),
    };
    let page = PageRequest::new(None, SAME);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?;
    let at = moment(new.at);
    Ok(found.items.into_iter().find(|record| {
        let about = &record.about;
        record.content == new.content
            && moment(about.at) == at
            && (&about.reference, &about.by, about.until.map(moment), about.corrects)
                == (&new.reference, &new.by, new.until.map(moment), new.corrects)
    }))
}

/// A record that is replaced must be one of the same kind, agency and subject.
async fn corrected(records: &Records, new: &NewEvidence) -> Result<(), UseError> {
    let Some(seq) = new.corrects else { return Ok(()) };
    let found = records.store.find_evidence(&AgencyScope::All, seq).await?;
    let fits = found.is_some_and(|Record { about, .. }| {
        (&about.kind, &about.agency, &about.subject) == (&new.kind, &new.agency, &new.subject)
    });
    if fits {
        return Ok(());
    }
    Err(UseError::Invalid(format!(
        "corrects: record {seq} is not one of the same kind, agency and subject"
    )))
}

/// A content of what JSON says: no null, no fraction.
pub(super) fn content(value: Value) -> Result<Content, String> {
    match value {
        Value::Null => Err("content: leave out what is not known, instead of null".into()),
        Value::Bool(value) => Ok(Content::Bool(value)),
        Value::Number(number) => match number.as_i64() {
            Some(value) if value.unsigned_abs() <= INTEGER.unsigned_abs() => {
                Ok(Content::Int(value))
            }
            _ => Err(format!("content: {number} is not a whole number within ±(2^53 − 1)")),
        },
        Value::String(text) => Ok(Content::Text(text)),
        Value::Array(values) => {
            values.into_iter().map(content).collect::<Result<_, _>>().map(Content::List)
        }
        Value::Object(values) => {
            let pairs = values.into_iter().map(|(name, value)| Ok((name, content(value)?)));
            pairs.collect::<Result<_, String>>().map(Content::Map)
        }
    }
}

impl Records {
    /// Keeps records of what the centre itself did or measured, in the transaction of what they tell.
    pub(crate) async fn keep_evidence(
        &self,
        tx: &mut Tx,
        new: Vec<NewEvidence>,
    ) -> Result<Vec<About>, UseError> {
        let new: Result<Vec<_>, _> =
            new.into_iter().map(|new| self.kinds().check(new, Recorder::Centre)).collect();
        Ok(tx.append_evidence(new.map_err(UseError::invalid)?, self.now()).await?)
    }
}
