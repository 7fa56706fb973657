//! Comments and appeals of agencies in a round of the index.
//!
//! Somebody of the agency says what is wrong with an indicator, and which document shows it; somebody of
//! another agency decides. An appeal is accepted by a record that corrects what was wrong, which is the
//! only thing that changes a frozen round, and which can change one agency alone.

use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::document::{Brought, Digest};
use khien_domain::evidence::kinds::{Kind, Recorder, Subject};
use khien_domain::evidence::typed::Wrong;
use khien_domain::evidence::{About, How, NewEvidence, Origin, Record};
use khien_domain::index::{IndexPack, Place, Score};
use khien_domain::limits::TEXT_BYTES;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::round::{
    Appeal, AppealForm, AppealState, Decided, NewAppeal, Partial, Round, RoundState, apart,
};
use khien_domain::text;

use super::attest::{self, APPEAL, AttestError, Typed, not_frozen};
use super::documents::Ready;
use super::reviews::decider;
use super::rounds::withdrawn;
use super::{UseError, documents, index};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// The longest reference to a document, in bytes.
const REFERENCE_BYTES: usize = 400;
/// The longest reference of the record of an accepted appeal, in bytes.
const LONGEST: usize = 200;

/// A comment or an appeal with all that a page tells of it.
pub struct AppealDetail {
    /// It.
    pub appeal: Appeal,
    /// The round.
    pub round: Round,
    /// The pack of the round.
    pub pack: IndexPack,
    /// Why the caller does not decide about it, if they do not.
    pub partial: Option<Partial>,
    /// What its record has changed, once it is accepted.
    pub effect: Option<Arc<Effect>>,
}

/// A score with its place; there is none where an agency is not rated.
pub type Placed = (Score, Place);

/// What the record of an accepted appeal changes, everything else alike.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The instant for which both were counted.
    pub at: Timestamp,
    /// The hashes of both tables.
    pub hashes: (String, String),
    /// The agency before and after, with its place.
    pub own: (Option<Placed>, Option<Placed>),
    /// The agencies whose scores differ, the agency itself among them if its does.
    pub differing: Vec<String>,
    /// How many other agencies have the same score, to the byte.
    pub same: usize,
    /// Other agencies whose rank is another because of it.
    pub shifted: Vec<(String, Option<usize>, Option<usize>)>,
}

/// How an appeal is decided.
pub enum Verdict {
    /// It was right: this record corrects what was wrong; with the number of the record that it replaces.
    Accept(Box<Typed>, Option<u64>),
    /// It was right: this record counts no more.
    Withdraw(u64),
    /// It was not right; a comment is answered.
    Refuse,
}

/// Whether nobody has decided yet.
pub fn is_left(appeal: &Appeal) -> bool {
    appeal.state == AppealState::Lodged
}

fn deed(action: &'static str, appeal: &Appeal) -> Deed {
    Deed::new(action, format!("appeal {}", appeal.name()), Some(appeal.about.agency.clone()))
}

async fn round(records: &Records, year: i16) -> Result<Round, UseError> {
    let round = records.store.find_round(year).await?;
    round.ok_or_else(|| UseError::not_found("round", year))
}

/// Comments and appeals that the caller may see, newest first.
pub async fn list(
    records: &Records,
    caller: &Caller,
    year: Option<i16>,
) -> Result<Vec<Appeal>, UseError> {
    let deed = Deed::new("appeal.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_appeals(&scope, year).await?)
}

async fn find(
    records: &Records,
    caller: &Caller,
    permission: Permission,
    id: i64,
) -> Result<(Appeal, Round), UseError> {
    let any = Deed::new("appeal.read", format!("appeal {id}"), None);
    let scope = records.scope(caller, permission, &any).await?;
    let appeal = records.store.find_appeal(&scope, id).await?;
    let appeal = appeal.ok_or_else(|| UseError::not_found("appeal", id))?;
    let round = round(records, appeal.about.year).await?;
    Ok((appeal, round))
}

/// A comment or an appeal.
pub async fn get(records: &Records, caller: &Caller, id: i64) -> Result<AppealDetail, UseError> {
    let (appeal, round) = find(records, caller, Permission::EvidenceRead, id).await?;
    let pack = index::pack_of_id(records, &round.pack, round.opened_at).await?;
    let who = caller.actor.identity.to_string();
    let partial = apart(caller.actor.home(), &who, &appeal.about.agency, &appeal.about.by).err();
    let effect = match appeal.record.zip(appeal.decided.as_ref().map(|decided| decided.at)) {
        Some((record, decided)) => {
            // Until it is frozen a round would be counted for when it was decided.
            let at = round.cutoff.map_or(decided, |(cutoff, _)| cutoff);
            Some(effect(records, &appeal, &round.pack, at, record).await?)
        }
        None => None,
    };
    Ok(AppealDetail { appeal, round, pack, partial, effect })
}

/// Lodges a comment or an appeal on one indicator, with the file that shows what is wrong if there is one.
/// Answers its number.
pub async fn lodge(
    records: &Records,
    caller: &Caller,
    new: NewAppeal,
    file: Option<&Brought>,
) -> Result<i64, UseError> {
    let target = format!("{} of {} in {}", new.indicator, new.agency, new.year);
    let deed = Deed::new("appeal.lodge", target, Some(new.agency.clone()));
    records.require(caller, Permission::EvidenceWrite, &deed).await?;
    let round = round(records, new.year).await?;
    if !matches!(round.state, RoundState::Review | RoundState::Frozen) {
        return Err(UseError::Conflict(format!(
            "the round of {} takes no comments and appeals: it is {}",
            round.year,
            if round.state == RoundState::Open { "still open" } else { "published" }
        )));
    }
    let scope = AgencyScope::one(new.agency.clone());
    if records.store.find_agency(&scope, &new.agency).await?.is_none() {
        return Err(UseError::not_found("agency", &new.agency));
    }
    let pack = index::pack_of_id(records, &round.pack, round.opened_at).await?;
    if !pack.indicators.iter().any(|indicator| indicator.id == new.indicator) {
        return Err(UseError::Invalid(format!("indicator: there is no {}", new.indicator)));
    }
    let line = |text: &str| match text.trim() {
        "" => Ok(String::new()),
        text => text::reference("the document", text, REFERENCE_BYTES).map_err(UseError::invalid),
    };
    let document = documents::examined(records, caller, &new.agency, file).await?;
    let document = document.map_err(|wrong| UseError::Invalid(wrong.what))?;
    let reference = match &document {
        Some(ready) => ready.document.digest.after(new.reference.trim()),
        None => new.reference.clone(),
    };
    let now = records.now();
    let new = NewAppeal {
        reason: text::paragraph("the reason", &new.reason, TEXT_BYTES)
            .map_err(UseError::invalid)?,
        reference: line(&reference)?,
        by: caller.actor.identity.to_string(),
        at: now,
        ..new
    };
    let mut tx = records.store.begin().await?;
    let id = tx.add_appeal(&new).await?.ok_or_else(|| {
        UseError::Conflict(format!("the round of {} was changed meanwhile", new.year))
    })?;
    let appeal = Appeal { id, about: new, state: AppealState::Lodged, decided: None, record: None };
    if let Some(document) = document {
        document.keep(&mut tx).await?;
    }
    let told = told(records, caller, &appeal, AppealState::Lodged, &appeal.about.reason, None);
    records.keep_evidence(&mut tx, vec![told]).await?;
    tx.add_audit(&[records.entry(caller, &deed.with(appeal.name()), Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(id)
}

fn told(
    records: &Records,
    caller: &Caller,
    appeal: &Appeal,
    state: AppealState,
    reason: &str,
    record: Option<u64>,
) -> NewEvidence {
    let about = &appeal.about;
    NewEvidence {
        subject: appeal.name(),
        schema: records.kinds().version,
        how: How::Documented,
        by: caller.actor.identity.to_string(),
        ..NewEvidence::of_agency("index.appeal", &about.agency, records.now())
    }
    .from(Origin::Decision, format!("appeal {}", appeal.name()))
    .with("year", i64::from(about.year))
    .with("indicator", about.indicator.as_str())
    .with("comment", about.form == AppealForm::Comment)
    .with("state", state.name())
    .with("reason", reason)
    .with_some("record", record.map(u64::cast_signed))
}

/// The kinds of evidence by which an indicator can be corrected: those it is counted from, but not what
/// the register says of itself.
pub fn kinds<'k>(records: &'k Records, pack: &IndexPack, indicator: &str) -> Vec<&'k Kind> {
    let indicator = pack.indicators.iter().find(|known| known.id == indicator);
    let names = indicator.map(|indicator| pack.kinds_of(indicator)).unwrap_or_default();
    let kinds = names.into_iter().filter_map(|name| records.kinds().get(name));
    kinds
        .filter(|kind| kind.about != Subject::Ledger)
        .filter(|kind| !matches!(kind.name.as_str(), "agency.profile" | "system.profile"))
        .collect()
}

/// The latest records of a kind about an agency that nothing replaces, which an appeal may correct.
pub async fn records(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    kind: &str,
) -> Result<Vec<About>, UseError> {
    let deed = Deed::new("evidence.list", format!("agency {agency}"), Some(agency.clone()));
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    let standing = attest::standing(records, agency, kind).await?;
    Ok(standing.into_iter().map(|standing| standing.about).collect())
}

/// Decides a comment or an appeal of another agency, with a reason.
pub async fn decide(
    records: &Records,
    caller: &Caller,
    id: i64,
    verdict: Verdict,
    reason: &str,
) -> Result<(), AttestError> {
    let (appeal, round) = find(records, caller, Permission::AssuranceDecide, id).await?;
    let deed = deed("appeal.decide", &appeal);
    let about = &appeal.about;
    let home = decider(records, caller, &deed, &about.agency, &about.by).await?;
    if about.form == AppealForm::Comment && !matches!(verdict, Verdict::Refuse) {
        let what = "a comment is answered: what is to be corrected is an appeal";
        return Err(UseError::Invalid(what.into()).into());
    }
    let reason = text::paragraph("the reason", reason, TEXT_BYTES);
    let reason = match (reason, &verdict) {
        (Ok(reason), _) => reason,
        (Err(error), Verdict::Accept(..)) => {
            return Err(AttestError::Fields(vec![Wrong::new("reason", error.to_string())]));
        }
        (Err(error), _) => return Err(UseError::invalid(error).into()),
    };
    let now = records.now();
    let state = match (&verdict, about.form) {
        (Verdict::Refuse, AppealForm::Comment) => AppealState::Answered,
        (Verdict::Refuse, AppealForm::Appeal) => AppealState::Refused,
        _ => AppealState::Accepted,
    };
    let correction = correction(records, caller, &appeal, &round, verdict, &reason).await?;
    let decided =
        Decided { by: caller.actor.identity.to_string(), home, at: now, reason: reason.clone() };
    keep(records, caller, &appeal, state, &decided, correction, deed).await?;
    Ok(())
}

async fn keep(
    records: &Records,
    caller: &Caller,
    appeal: &Appeal,
    state: AppealState,
    decided: &Decided,
    correction: Option<Correction>,
    deed: Deed,
) -> Result<(), UseError> {
    let mut tx = records.store.begin().await?;
    let mut record = None;
    if let Some((new, document)) = correction {
        let new = records.kinds().check(new, Recorder::Centre).map_err(UseError::invalid)?;
        tx.lock_ledger().await?;
        // It changes the table of its own round alone.
        if tx.frozen_round().await?.is_some_and(|(year, _)| year != appeal.about.year) {
            not_frozen(&mut tx, new.at).await?;
        }
        if let Some(document) = document {
            document.keep(&mut tx).await?;
        }
        record = tx.append_by_appeal(vec![new], decided.at).await?.pop().map(|about| about.seq);
    }
    if !tx.decide_appeal(appeal.id, state, decided, record).await? {
        let what = format!("appeal {} was decided or its round published meanwhile", appeal.name());
        return Err(UseError::Conflict(what));
    }
    let told = told(records, caller, appeal, state, &decided.reason, record);
    records.keep_evidence(&mut tx, vec![told]).await?;
    let words = match record {
        Some(record) => format!("{}, record {record}: {}", state.name(), decided.reason),
        None => format!("{}: {}", state.name(), decided.reason),
    };
    tx.add_audit(&[records.entry(caller, &deed.with(words), Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// A record of the agency that an appeal may replace.
async fn replaced(records: &Records, appeal: &Appeal, seq: u64) -> Result<Record, UseError> {
    let scope = AgencyScope::one(appeal.about.agency.clone());
    let record = records.store.find_evidence(&scope, seq).await?;
    record.ok_or_else(|| {
        UseError::Invalid(format!("record {seq} is none of {}", appeal.about.agency))
    })
}

/// The record that corrects what was wrong, and the file that it names.
type Correction = (NewEvidence, Option<Ready>);

async fn correction(
    records: &Records,
    caller: &Caller,
    appeal: &Appeal,
    round: &Round,
    verdict: Verdict,
    reason: &str,
) -> Result<Option<Correction>, AttestError> {
    let (agency, by) = (&appeal.about.agency, caller.actor.identity.to_string());
    let pack = index::pack_of_id(records, &round.pack, round.opened_at).await?;
    let kinds = kinds(records, &pack, &appeal.about.indicator);
    let counts = |name: &str| kinds.iter().any(|kind| kind.name == name);
    let limit = round.cutoff.map_or(records.now(), |(cutoff, _)| cutoff);
    match verdict {
        Verdict::Refuse => Ok(None),
        Verdict::Withdraw(seq) => {
            let record = replaced(records, appeal, seq).await?;
            if !counts(&record.about.kind) {
                let what = format!("record {seq} is not counted by {}", appeal.about.indicator);
                return Err(UseError::Invalid(what).into());
            }
            let at = record.about.at.min(limit);
            Ok(Some((withdrawn(records, &record, agency, &by, reason, at), None)))
        }
        Verdict::Accept(typed, corrects) => {
            let kind = kinds.iter().find(|kind| kind.name == typed.kind).ok_or_else(|| {
                UseError::Invalid(format!(
                    "type: «{}» is not counted by {}",
                    typed.kind, appeal.about.indicator
                ))
            })?;
            let (new, document) = attest::record(records, caller, kind, agency, &typed).await?;
            // A day of today is the moment of now, which is after the cut-off: as late as counts.
            let mut new = NewEvidence { how: How::Documented, ..new };
            if typed.at.trim().is_empty() {
                new.at = limit;
            }
            if let Some(seq) = corrects {
                let was = replaced(records, appeal, seq).await?.about;
                if (&was.kind, &was.subject) != (&new.kind, &new.subject) {
                    let what = format!("record {seq} is not one of the same kind and subject");
                    return Err(AttestError::Fields(vec![Wrong::new("corrects", what)]));
                }
                if typed.at.trim().is_empty() {
                    new.at = was.at.min(limit);
                }
                new.corrects = Some(seq);
            }
            if new.at > limit {
                let what = "this is after the cut-off of the round: the correction would not count";
                return Err(AttestError::Fields(vec![Wrong::new("at", what)]));
            }
            let name = appeal.name();
            new.origin = Origin::Decision;
            let reference = format!("{APPEAL}{name} · {}", new.reference);
            new.reference = Digest::shortened(&reference, LONGEST);
            Ok(Some((new, document)))
        }
    }
}

/// Counts with and without the record of an accepted appeal, everything else alike.
async fn effect(
    records: &Records,
    appeal: &Appeal,
    pack: &str,
    at: Timestamp,
    record: u64,
) -> Result<Arc<Effect>, UseError> {
    let mut held = records.effects.lock().await;
    if let Some(effect) = held.get(&record).filter(|effect| effect.at == at) {
        return Ok(Arc::clone(effect));
    }
    let before = index::computed_by(records, pack, at, record).await?.table;
    let after = index::computed_by(records, pack, at, record + 1).await?.table;
    let own = |table: &khien_domain::index::Table| {
        table.get(appeal.about.agency.as_str()).map(|(score, place)| (score.clone(), place))
    };
    let (mut differing, mut shifted, mut same) = (Vec::new(), Vec::new(), 0);
    for (score, place) in after.scores.iter().zip(&after.places) {
        let was = before.get(&score.agency);
        let is_own = score.agency == appeal.about.agency.as_str();
        if was.is_none_or(|(was, _)| was != score) {
            differing.push(score.agency.clone());
        } else if !is_own {
            same += 1;
        }
        let rank = was.and_then(|(_, place)| place.rank);
        if !is_own && rank != place.rank {
            shifted.push((score.agency.clone(), rank, place.rank));
        }
    }
    let gone = before.scores.iter().filter(|score| after.get(&score.agency).is_none());
    differing.extend(gone.map(|score| score.agency.clone()));
    let effect = Arc::new(Effect {
        at,
        hashes: (before.hash().to_owned(), after.hash().to_owned()),
        own: (own(&before), own(&after)),
        differing,
        same,
        shifted,
    });
    if held.len() >= EFFECTS {
        held.clear();
    }
    held.insert(record, Arc::clone(&effect));
    Ok(effect)
}

/// Effects that are held: what they say does not change once the round is frozen.
const EFFECTS: usize = 64;

/// Whether the caller may lodge something for an agency.
pub fn may_lodge(caller: &Caller, agency: &AgencyCode) -> bool {
    caller.actor.require(Permission::EvidenceWrite, agency).is_ok()
}
