//! Yearly rounds of the index: opened, looked over by sample, frozen, published.
//!
//! Whoever runs the index ([`Permission::IndexRun`]) moves a round on; each step is told to the ledger. The
//! sample is drawn by the hash of a checkpoint and by a number that nobody knows before the one act that
//! draws, so that nobody chooses it and anybody can draw it again from an export. From the freeze on the table depends on the cut-off and on accepted appeals alone
//! ([`Tx::append_evidence`](khien_store::Tx::append_evidence)); it is published once, from as many records
//! as the ledger has then.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::content::moment;
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::index::IndexPack;
use khien_domain::limits::TEXT_BYTES;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::round::{
    Appeal, Decided, Drawn, Look, Partial, Published, Round, RoundPack, RoundState, Sample,
    account, apart, draw, is_sampled, seed,
};
use khien_domain::text;
use khien_seal::ledger::{Checkpoint, hex};

use super::attest::not_frozen;
use super::index::{self, Computed};
use super::reviews::{decider, told};
use super::{UseError, appeals};
use crate::access::{Caller, Deed};
use crate::ledger::{checkpoint, of_ledger, random};
use crate::records::Records;

/// A round with what is left to do in it, as far as the caller may see.
#[derive(Clone, Debug)]
pub struct RoundDetail {
    /// The round.
    pub round: Round,
    /// The sample of the agencies that the caller may see.
    pub samples: Vec<Sampled>,
    /// Their comments and appeals, newest first.
    pub appeals: Vec<Appeal>,
    /// How many of the whole sample nobody has looked at.
    pub samples_left: u64,
    /// How many of all appeals nobody has decided.
    pub appeals_left: u64,
}

/// A record of the sample, and whether the caller looks at it.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// What was found.
    pub sample: Sample,
    /// The record.
    pub record: Record,
    /// Why the caller does not look at it, if they do not.
    pub partial: Option<Partial>,
}

fn deed(action: &'static str, year: i16) -> Deed {
    Deed::new(action, format!("round {year}"), None)
}

async fn found(records: &Records, year: i16) -> Result<Round, UseError> {
    let round = records.store.find_round(year).await?;
    round.ok_or_else(|| UseError::not_found("round", year))
}

/// All rounds, the last year first. They are about all agencies and say nothing of one.
pub async fn list(records: &Records, caller: &Caller) -> Result<Vec<Round>, UseError> {
    records.scope(caller, Permission::EvidenceRead, &Deed::new("round.list", "", None)).await?;
    Ok(records.store.list_rounds().await?)
}

/// A round with its sample and appeals.
pub async fn get(records: &Records, caller: &Caller, year: i16) -> Result<RoundDetail, UseError> {
    let scope = records.scope(caller, Permission::EvidenceRead, &deed("round.read", year)).await?;
    let round = found(records, year).await?;
    let mut samples = Vec::new();
    for sample in records.store.list_samples(&scope, year).await? {
        let Some(record) = records.store.find_evidence(&scope, sample.seq).await? else { continue };
        let partial = partial(caller, &sample.agency, &record.about.by);
        samples.push(Sampled { sample, record, partial });
    }
    let appeals_left = records.store.list_appeals(&AgencyScope::All, Some(year)).await?;
    Ok(RoundDetail {
        samples,
        appeals: records.store.list_appeals(&scope, Some(year)).await?,
        samples_left: records.store.count_samples_waiting(year).await?,
        appeals_left: appeals_left.iter().filter(|appeal| appeals::is_left(appeal)).count() as u64,
        round,
    })
}

/// Why a caller does not look at a record again that somebody has confirmed.
fn partial(caller: &Caller, agency: &AgencyCode, by: &str) -> Option<Partial> {
    let who = caller.actor.identity.to_string();
    match apart(caller.actor.home(), &who, agency, "") {
        Err(partial) => Some(partial),
        Ok(_) if account(&who).is_some() && account(&who) == account(by) => Some(Partial::OwnLook),
        Ok(_) => None,
    }
}

/// The packs by which a round can be opened now, the one that is in force first.
pub async fn packs(records: &Records, at: Timestamp) -> Result<Vec<IndexPack>, UseError> {
    let mut packs: Vec<IndexPack> = Vec::new();
    for pack in index::packs(records).await? {
        if pack.is_valid_at(at) && packs.iter().all(|known| known.id != pack.id) {
            packs.push(pack);
        }
    }
    Ok(packs)
}

/// Opens the round of a year, to be counted by a pack that is valid now.
pub async fn open(
    records: &Records,
    caller: &Caller,
    year: i16,
    pack: &str,
) -> Result<(), UseError> {
    let deed = deed("round.open", year).with(pack);
    records.require(caller, Permission::IndexRun, &deed).await?;
    let now = records.now();
    let this = jiff::tz::Offset::constant(7).to_datetime(now).year();
    if !(this - 1..=this).contains(&year) {
        return Err(UseError::Invalid(format!(
            "year: a round is opened for {this} or for {}",
            this - 1
        )));
    }
    if !packs(records, now).await?.iter().any(|known| known.id == pack) {
        return Err(UseError::Invalid(format!("pack: «{pack}» is no pack that is valid now")));
    }
    let mut tx = records.store.begin().await?;
    let taken = || format!("there is a round of {year} already");
    tx.add_round(year, pack, now).await.map_err(|error| UseError::taken(error, taken))?;
    let new = of_round(year, RoundState::Open, now, pack, now);
    keep(records, caller, tx, new, deed).await
}

fn of_round(
    year: i16,
    state: RoundState,
    at: Timestamp,
    pack: &str,
    now: Timestamp,
) -> NewEvidence {
    of_ledger("index.round", &year.to_string(), now)
        .with("state", state.name())
        .with("at", at)
        .with("pack", pack)
}

async fn keep(
    records: &Records,
    caller: &Caller,
    mut tx: khien_store::Tx,
    new: NewEvidence,
    deed: Deed,
) -> Result<(), UseError> {
    let new = NewEvidence { by: caller.actor.identity.to_string(), ..new };
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Draws the sample and takes comments and appeals from now on.
pub async fn review(records: &Records, caller: &Caller, year: i16) -> Result<Drawn, UseError> {
    let deed = deed("round.review", year);
    records.require(caller, Permission::IndexRun, &deed).await?;
    let round = found(records, year).await?;
    stands(&round, RoundState::Open)?;
    let now = records.now();
    checkpoint(&records.store, records.ledger_key(), "round", now).await?;
    let last = records.store.last_checkpoint().await?;
    let last = last.ok_or(UseError::Fault("the ledger has no checkpoint"))?;
    let hash = Checkpoint::hash_of_line(&last.line);
    let hash = hash.ok_or(UseError::Fault("a checkpoint of the ledger is damaged"))?;
    let population = population(records, last.size, last.at).await?;
    let seqs: Vec<u64> = population.iter().map(|(seq, _)| *seq).collect();
    let pack = RoundPack::built_in().map_err(UseError::invalid)?;
    // Whoever reads the clock and the ledger knows the checkpoint before it is made. The nonce is known
    // once it is kept with the sample, and a round is drawn once.
    let nonce: [u8; 32] = random()?;
    let seed = seed(&hash, &nonce);
    let drawn: BTreeSet<u64> = draw(&seed, &seqs, pack.count(seqs.len())).into_iter().collect();
    let samples: Vec<(u64, AgencyCode)> =
        population.into_iter().filter(|(seq, _)| drawn.contains(seq)).collect();
    let drawn = Drawn {
        at: last.at,
        checkpoint: last.number,
        size: last.size,
        seed: hex(&seed),
        population: seqs.len() as u64,
    };
    let mut tx = records.store.begin().await?;
    if !tx.review_round(year, &drawn, &samples).await? {
        return Err(UseError::Conflict(format!("the round of {year} was changed meanwhile")));
    }
    let new = of_round(year, RoundState::Review, last.at, &round.pack, now)
        .with("checkpoint", drawn.checkpoint.cast_signed())
        .with("nonce", hex(&nonce))
        .with("seed", drawn.seed.as_str())
        .with("population", drawn.population.cast_signed())
        .with("sampled", (samples.len() as u64).cast_signed());
    let deed = deed.with(format!("{} of {} by {}", samples.len(), drawn.population, drawn.seed));
    keep(records, caller, tx, new, deed).await?;
    Ok(drawn)
}

/// The records of the first `size` from which a sample is drawn, with their agencies.
async fn population(
    records: &Records,
    size: u64,
    at: Timestamp,
) -> Result<Vec<(u64, AgencyCode)>, UseError> {
    let mut replaced = BTreeSet::new();
    let mut found = Vec::new();
    let mut next = 0;
    while next < size {
        let block = records.store.ledger_block(next, size).await?;
        if block.is_empty() {
            break;
        }
        for line in block.lines() {
            next += 1;
            // Most records are neither.
            if !line.contains(",\"corrects\":") && !line.contains("\"how\":\"documented\"") {
                continue;
            }
            let record = Record::parse(line)
                .map_err(|_| UseError::Fault("a record of the ledger is damaged"))?;
            replaced.extend(record.about.corrects);
            if is_sampled(&record.about, at)
                && let Some(agency) = record.about.agency
            {
                found.push((record.about.seq, agency));
            }
        }
    }
    found.retain(|(seq, _)| !replaced.contains(seq));
    Ok(found)
}

fn stands(round: &Round, state: RoundState) -> Result<(), UseError> {
    if round.state == state {
        return Ok(());
    }
    let what = match round.state {
        RoundState::Open => "open",
        RoundState::Review => "in its review",
        RoundState::Frozen => "frozen",
        RoundState::Published => "published",
    };
    Err(UseError::Conflict(format!("the round of {} is {what}", round.year)))
}

/// Keeps what a second look at a record of the sample found; what does not hold is withdrawn.
pub async fn look(
    records: &Records,
    caller: &Caller,
    year: i16,
    seq: u64,
    holds: bool,
    reason: &str,
) -> Result<(), UseError> {
    let action = if holds { "sample.hold" } else { "sample.fail" };
    let any = Deed::new(action, format!("evidence {seq} of round {year}"), None);
    let scope = records.scope(caller, Permission::AssuranceDecide, &any).await?;
    let round = found(records, year).await?;
    let samples = records.store.list_samples(&scope, year).await?;
    let sample = samples.into_iter().find(|sample| sample.seq == seq);
    let record = records.store.find_evidence(&scope, seq).await?;
    let (Some(sample), Some(record)) = (sample, record) else {
        return Err(UseError::not_found("record of the sample", seq));
    };
    stands(&round, RoundState::Review)?;
    let deed = Deed { agency: Some(sample.agency.clone()), ..any };
    let home = decider(records, caller, &deed, &sample.agency, "").await?;
    if let Some(partial) = partial(caller, &sample.agency, &record.about.by) {
        let refused = deed.with(partial.to_string());
        records.audit(&records.entry(caller, &refused, Outcome::Refused)).await?;
        return Err(UseError::Conflict(partial.to_string()));
    }
    let reason = text::paragraph("the reason", reason, TEXT_BYTES).map_err(UseError::invalid)?;
    let now = records.now();
    let (look, word) = if holds { (Look::Holds, "holds") } else { (Look::Fails, "fails") };
    let by = caller.actor.identity.to_string();
    let mut new = vec![told(&record, &sample.agency, caller, word, &reason, records)];
    if !holds {
        // It was never so: whatever instant is counted for, the record does not count.
        new.push(withdrawn(records, &record, &sample.agency, &by, &reason, record.about.at));
    }
    let mut tx = records.store.begin().await?;
    if !holds {
        not_frozen(&mut tx, record.about.at).await?;
    }
    let decided = Decided { by, home, at: now, reason: reason.clone() };
    if !tx.decide_sample(year, seq, look, &decided).await? {
        return Err(UseError::Conflict(format!("record {seq} was looked at meanwhile")));
    }
    records.keep_evidence(&mut tx, new).await?;
    tx.add_audit(&[records.entry(caller, &deed.with(reason), Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The record that takes another out of what counts.
pub(super) fn withdrawn(
    records: &Records,
    record: &Record,
    agency: &AgencyCode,
    by: &str,
    reason: &str,
    at: Timestamp,
) -> NewEvidence {
    let seq = record.about.seq;
    NewEvidence {
        subject: format!("record {seq}"),
        schema: records.kinds().version,
        how: How::Documented,
        by: by.to_owned(),
        corrects: Some(seq),
        ..NewEvidence::of_agency("evidence.withdrawn", agency, at)
    }
    .from(Origin::Decision, format!("record {seq}"))
    .with("reason", reason)
}

/// Freezes a round: fixes for which instant is counted; the last full second if none is given.
pub async fn freeze(
    records: &Records,
    caller: &Caller,
    year: i16,
    cutoff: Option<Timestamp>,
) -> Result<Timestamp, UseError> {
    let deed = deed("round.freeze", year);
    records.require(caller, Permission::IndexRun, &deed).await?;
    let round = found(records, year).await?;
    stands(&round, RoundState::Review)?;
    let left = records.store.count_samples_waiting(year).await?;
    if left > 0 {
        return Err(UseError::Conflict(format!(
            "{left} records of the sample were not looked at again"
        )));
    }
    let now = records.now();
    // What comes within this very second is after it.
    let last = now.as_second() - 1;
    let second = cutoff.map_or(last, Timestamp::as_second);
    if second > last {
        return Err(UseError::Invalid("cut-off: this moment is still to come".into()));
    }
    let cutoff = Timestamp::from_second(second).map_err(UseError::invalid)?;
    let pack = index::pack_of_id(records, &round.pack, cutoff).await?;
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    // What comes late is moved after one cut-off; with two, what is of one would change the other.
    if let Some((other, _)) = tx.frozen_round().await? {
        return Err(UseError::Conflict(format!(
            "the round of {other} is frozen: publish it before another is"
        )));
    }
    let accepted = tx.records_of_appeals(year).await?;
    if let Some(at) = accepted.iter().map(|record| record.about.at).max().filter(|at| *at > cutoff)
    {
        return Err(UseError::Invalid(format!(
            "cut-off: what an accepted appeal corrects is so from {} on, and would not count",
            moment(at)
        )));
    }
    if !tx.freeze_round(year, cutoff, now).await? {
        return Err(UseError::Conflict(format!("the round of {year} was changed meanwhile")));
    }
    let new = of_round(year, RoundState::Frozen, cutoff, &pack.id, now);
    keep(records, caller, tx, new, deed.with(moment(cutoff))).await?;
    checkpoint(&records.store, records.ledger_key(), "round", now).await?;
    Ok(cutoff)
}

/// Publishes a frozen round: computes its table, keeps the hash, signs.
pub async fn publish(records: &Records, caller: &Caller, year: i16) -> Result<Computed, UseError> {
    let deed = deed("round.publish", year);
    records.require(caller, Permission::IndexRun, &deed).await?;
    let round = found(records, year).await?;
    stands(&round, RoundState::Frozen)?;
    let (cutoff, _) = round.cutoff.ok_or(UseError::Fault("a frozen round has no cut-off"))?;
    let left = records.store.list_appeals(&AgencyScope::All, Some(year)).await?;
    let left = left.iter().filter(|appeal| appeals::is_left(appeal)).count();
    if left > 0 {
        return Err(UseError::Conflict(format!("{left} comments or appeals wait for a decision")));
    }
    let size = records.store.ledger_size().await?;
    let computed = index::computed_by(records, &round.pack, cutoff, size).await?;
    let (now, hash) = (records.now(), computed.table.hash().to_owned());
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    let published = Published { at: now, hash: hash.clone(), size };
    if !tx.publish_round(year, &published).await? {
        return Err(UseError::Conflict(format!("the round of {year} was changed meanwhile")));
    }
    let told = index::told(&computed, cutoff, size, now);
    records.keep_evidence(&mut tx, vec![told]).await?;
    let new = of_round(year, RoundState::Published, cutoff, &round.pack, now)
        .with("hash", hash.as_str())
        .with("size", size.cast_signed());
    keep(records, caller, tx, new, deed.with(hash)).await?;
    checkpoint(&records.store, records.ledger_key(), "round", now).await?;
    Ok(computed)
}
