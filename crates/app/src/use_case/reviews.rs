//! Somebody of another agency looks at what an agency has declared.
//!
//! Whoever confirms makes a record of the same content that counts as documented and takes the declared
//! one's place; whoever refuses leaves it what it is, with the reason for the agency to read. Nobody
//! decides about their own agency or their own word, whatever else they may see. Only kinds that people record
//! are decided here: what the centre records of an agency's act has its own way to become more than a word.

use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::kinds::Recorder;
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::limits::TEXT_BYTES;
use khien_domain::permission::Permission;
use khien_domain::round::{Decided, Partial, Review, ReviewState, apart};
use khien_domain::text;

use super::UseError;
use super::attest::{kind_of_people, not_frozen};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// Something declared with what was made of it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What was declared.
    pub record: Record,
    /// How it stands.
    pub review: Review,
    /// Why the caller does not decide about it, if they do not.
    pub partial: Option<Partial>,
}

/// What of other agencies waits for the caller, oldest first, from a number on; what of it has expired is
/// left out.
pub async fn waiting(
    records: &Records,
    caller: &Caller,
    after: Option<u64>,
) -> Result<Vec<Declared>, UseError> {
    let deed = Deed::new("review.list", "", None);
    let scope = records.scope(caller, Permission::AssuranceDecide, &deed).await?;
    let mut found = Vec::new();
    let (kinds, state) = (kinds(records), ReviewState::Waiting);
    for review in records.store.list_reviews(&scope, &kinds, state, after).await? {
        let Some(record) = records.store.find_evidence(&scope, review.seq).await? else { continue };
        let partial = partial(caller, &review.agency, &record.about.by);
        found.push(Declared { record, review, partial });
    }
    Ok(found)
}

/// How many wait for the caller: of their agencies, but not of their own.
pub async fn count_waiting(records: &Records, caller: &Caller) -> Result<u64, UseError> {
    let deed = Deed::new("review.list", "", None);
    let scope = records.scope(caller, Permission::AssuranceDecide, &deed).await?;
    Ok(records.store.count_reviews(&scope, &kinds(records), caller.actor.home()).await?)
}

/// The kinds that people record: what only the centre records is decided where it does.
fn kinds(records: &Records) -> Vec<&str> {
    let kinds = records.kinds().all().filter(|kind| kind.by.contains(&Recorder::People));
    kinds.map(|kind| kind.name.as_str()).collect()
}

/// What was made of a record that the caller may see, if it was declared.
pub async fn find(
    records: &Records,
    caller: &Caller,
    record: &Record,
) -> Result<Option<Declared>, UseError> {
    if kind_of_people(records, &record.about.kind).is_none() {
        return Ok(None);
    }
    let Some(review) = records.store.find_review(record.about.seq).await? else { return Ok(None) };
    let may = caller.actor.require(Permission::EvidenceRead, &review.agency);
    may?;
    let partial = partial(caller, &review.agency, &record.about.by);
    Ok(Some(Declared { record: record.clone(), review, partial }))
}

/// Why the caller does not decide about what somebody of an agency said, if they do not.
pub(super) fn partial(caller: &Caller, agency: &AgencyCode, by: &str) -> Option<Partial> {
    let who = caller.actor.identity.to_string();
    apart(caller.actor.home(), &who, agency, by).err()
}

/// The agency of a caller who decides about another's; a refusal stands in the audit log.
pub(super) async fn decider(
    records: &Records,
    caller: &Caller,
    deed: &Deed,
    agency: &AgencyCode,
    by: &str,
) -> Result<AgencyCode, UseError> {
    records.require(caller, Permission::AssuranceDecide, deed).await?;
    stranger(records, caller, deed, agency, by).await
}

/// The agency of a caller who is of another than the one that is decided about, and whose word it is not; a
/// refusal stands in the audit log.
pub(super) async fn stranger(
    records: &Records,
    caller: &Caller,
    deed: &Deed,
    agency: &AgencyCode,
    by: &str,
) -> Result<AgencyCode, UseError> {
    let who = caller.actor.identity.to_string();
    match apart(caller.actor.home(), &who, agency, by) {
        Ok(home) => Ok(home.clone()),
        Err(partial) => {
            let refused = deed.clone().with(partial.to_string());
            records.audit(&records.entry(caller, &refused, Outcome::Refused)).await?;
            Err(UseError::Conflict(partial.to_string()))
        }
    }
}

/// Refuses whoever belongs to the agency that is decided about; a refusal stands in the audit log.
pub(super) async fn not_of_home(
    records: &Records,
    caller: &Caller,
    deed: &Deed,
    agency: &AgencyCode,
) -> Result<(), UseError> {
    if caller.actor.home() != Some(agency) {
        return Ok(());
    }
    let partial = Partial::OwnAgency.to_string();
    let refused = deed.clone().with(partial.clone());
    records.audit(&records.entry(caller, &refused, Outcome::Refused)).await?;
    Err(UseError::Conflict(partial))
}

/// What the ledger is told of a second look.
pub(super) fn told(
    record: &Record,
    agency: &AgencyCode,
    caller: &Caller,
    result: &str,
    reason: &str,
    records: &Records,
) -> NewEvidence {
    let seq = record.about.seq;
    NewEvidence {
        subject: format!("record {seq}"),
        how: How::Documented,
        by: caller.actor.identity.to_string(),
        schema: records.kinds().version,
        system: record.about.system.clone(),
        ..NewEvidence::of_agency("evidence.reviewed", agency, records.now())
    }
    .from(Origin::Decision, format!("record {seq}"))
    .with("record", seq.cast_signed())
    .with("result", result)
    .with("reason", reason)
}

/// Confirms what was declared, or refuses to, with a reason. Answers the record that confirms it.
pub async fn decide(
    records: &Records,
    caller: &Caller,
    seq: u64,
    confirm: bool,
    reason: &str,
) -> Result<Option<u64>, UseError> {
    let action = if confirm { "review.confirm" } else { "review.refuse" };
    let any = Deed::new(action, format!("evidence {seq}"), None);
    let scope = records.scope(caller, Permission::AssuranceDecide, &any).await?;
    let record = records.store.find_evidence(&scope, seq).await?;
    let review = records.store.find_review(seq).await?;
    let (Some(record), Some(review)) = (record, review) else {
        return Err(UseError::not_found("declared record", seq));
    };
    if kind_of_people(records, &record.about.kind).is_none() {
        let kind = &record.about.kind;
        return Err(UseError::Conflict(format!("«{kind}» is decided where the centre records it")));
    }
    let (agency, now) = (review.agency.clone(), records.now());
    let deed = Deed { agency: Some(agency.clone()), ..any };
    let home = decider(records, caller, &deed, &agency, &record.about.by).await?;
    let reason = match text::paragraph("the reason", reason, TEXT_BYTES) {
        Ok(reason) => reason,
        // What is confirmed needs no word: the document says it.
        Err(text::TextError::Empty { .. }) if confirm => String::new(),
        Err(error) => return Err(UseError::invalid(error)),
    };
    if confirm && record.about.until.is_some_and(|until| until <= now) {
        return Err(UseError::Conflict("its time is over: nothing is left to confirm".into()));
    }
    let who = caller.actor.identity.to_string();
    let mut tx = records.store.begin().await?;
    // The confirming record comes next: nobody adds to the ledger before this ends.
    let kept = confirm.then_some(tx.lock_ledger().await?.size);
    if confirm {
        not_frozen(&mut tx, record.about.at).await?;
    }
    let state = if confirm { ReviewState::Confirmed } else { ReviewState::Refused };
    let decided = Decided { by: who.clone(), home, at: now, reason: reason.clone() };
    if !tx.decide_review(seq, state, &decided, kept).await? {
        return Err(UseError::Conflict(format!("record {seq} was decided meanwhile")));
    }
    let told = match kept {
        Some(_) => confirmed(&record, who),
        None => told(&record, &agency, caller, "refused", &reason, records),
    };
    tx.append_evidence(
        vec![records.kinds().check(told, Recorder::Centre).map_err(UseError::invalid)?],
        now,
    )
    .await?;
    let deed = deed.with(reason);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(kept)
}

/// The record that says the same, as somebody has seen it.
fn confirmed(record: &Record, by: String) -> NewEvidence {
    let about = &record.about;
    NewEvidence {
        kind: about.kind.clone(),
        schema: about.schema,
        content: record.content.clone(),
        agency: about.agency.clone(),
        system: about.system.clone(),
        subject: about.subject.clone(),
        origin: about.origin,
        reference: about.reference.clone(),
        how: How::Documented,
        by,
        at: about.at,
        until: about.until,
        corrects: Some(about.seq),
    }
}
