//! A system goes on to the next stage of its life only if the gate lets it.

use jiff::Timestamp;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::gate::Decision;
use khien_domain::system::{Stage, System};
use khien_store::Tx;

use super::glass::glass_of;
use super::{policy_of, stated};
use crate::use_case::UseError;

/// The most records that a transaction can see.
const ALL: u64 = i64::MAX as u64;

/// Refuses a step of a system to a later stage, or out of retirement, while a condition of that stage
/// does not hold, by what the ledger has in this transaction. A broken glass lets it into use.
pub(in crate::use_case) async fn must_open(
    tx: &mut Tx,
    kinds: &Kinds,
    (known, system): (&System, &System),
    now: Timestamp,
) -> Result<(), UseError> {
    let stage = system.stage;
    let goes_on = known.stage == Stage::Retired || known.stage < stage;
    if stage == Stage::Retired || known.stage == stage || !goes_on {
        return Ok(());
    }
    let policy = policy_of(tx.all_of_ledger("gate.policy").await?, kinds, now)?;
    if !policy.asks(stage) {
        return Ok(());
    }
    let found = tx.evidence_of_system(&system.agency, &system.code, ALL).await?;
    let size = found.last().map_or(0, |record| record.about.seq + 1);
    let statement = stated(&found, &policy, (&system.agency, &system.code), stage, now, size)?;
    let decisions = found.iter().rev().filter(|record| record.about.kind == "gate.decision");
    let is_held_open = stage == Stage::Operation && glass_of(decisions, now).is_some();
    if statement.decision == Decision::Allow || is_held_open {
        return Ok(());
    }
    let (against, code, stage) = (statement.against().count(), &system.code, stage.name());
    Err(UseError::Conflict(format!(
        "{against} conditions of the gate do not hold yet, so that {code} stays in its stage: see /gate/{code}?before={stage}"
    )))
}
