//! The gate: ask it, keep what it says, break its glass, decide again what was decided.
//!
//! [`sweep()`] asks about everything in use; [`decide`] about one system. `must_open` holds a system back
//! from a stage of its life. [`review()`] says afterwards what was made of a broken glass.

mod glass;
mod review;
mod stage;
mod sweep;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::{Content, parse_moment};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::evidence::{NewEvidence, Origin, Record};
use khien_domain::gate::{Decision, GatePolicy, Statement};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{Stage, System};
use khien_seal::{Digest, Signature};
use khien_store::EvidenceFilter;

pub use glass::{BreakGlass, break_glass};
use glass::{broken, is_broken_glass};
pub(super) use glass::{broken_before, reviewed_before};
pub use review::{Finding, GlassReview, glass_reviews, review};
pub(super) use stage::must_open;
pub use sweep::{Swept, sweep};

use super::UseError;
use super::register::evidence::day_of;
use crate::access::{Caller, Deed};
use crate::index::view_of_lines;
use crate::ledger::LedgerError;
use crate::records::Records;

/// Among so many of the newest decisions of a system a broken glass is looked for.
const NEWEST: u32 = 50;

/// What the gate says of a system.
pub struct Answer {
    /// What it decides from evidence.
    pub statement: Statement,
    /// The policy that it decides by.
    pub policy: GatePolicy,
    /// What holds it open in spite of that.
    pub break_glass: Option<BreakGlass>,
    /// Whether the register says that the system is switched off: nobody uses it then.
    pub is_retired: bool,
}

impl Answer {
    /// Whether the system may be used now.
    pub fn allows(&self) -> bool {
        !self.is_retired
            && (self.statement.decision == Decision::Allow || self.break_glass.is_some())
    }
}

/// Asks the gate about a system before a stage.
pub async fn check(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    stage: Stage,
) -> Result<Answer, UseError> {
    let system = visible(records, caller, system, "gate.check").await?;
    let now = records.now();
    let size = records.store.ledger_size().await?;
    let policy = policy(records, now).await?;
    if !policy.asks(stage) {
        let asked = Stage::ALL.iter().filter(|stage| policy.asks(**stage)).map(|one| one.name());
        let asked = asked.collect::<Vec<_>>().join(", ");
        let stage = stage.name();
        return Err(UseError::Invalid(format!(
            "before the stage {stage} nothing is asked: ask about {asked}"
        )));
    }
    let statement =
        decided(records, &policy, (&system.agency, &system.code), stage, now, size).await?;
    // A broken glass lets a system into use, nowhere else.
    let break_glass = match stage {
        Stage::Operation => broken(records, &system, now).await?,
        _ => None,
    };
    let is_retired = system.stage == Stage::Retired;
    Ok(Answer { statement, policy, break_glass, is_retired })
}

/// The same, kept in the ledger unless the last decision there says the same and holds for long yet.
pub async fn decide(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
) -> Result<Answer, UseError> {
    let answer = check(records, caller, system, Stage::Operation).await?;
    let statement = &answer.statement;
    let deed = Deed::new("gate.decide", system.as_str(), Some(statement.agency.clone()));
    let deed = deed.with(statement.decision.name());
    records.require(caller, Permission::EvidenceWrite, &deed).await?;
    if answer.break_glass.is_some() || !is_news(records, statement).await? {
        return Ok(answer);
    }
    let new = decision(statement, false).with("statement", statement.to_content());
    let mut tx = records.store.begin().await?;
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Signs a statement with the key of the ledger: what is signed and the signature's text.
pub async fn signed(
    records: &Records,
    statement: &Statement,
) -> Result<(String, String), UseError> {
    let text = statement.to_content().to_text();
    let secret = records.ledger_key().of(&records.store).await?;
    let signature = Signature::new(&secret, &Digest::of(text.as_bytes()));
    let signature = signature.map_err(LedgerError::from)?;
    Ok((text, signature.to_text()))
}

/// What the gate would have said at a moment of the past, from what is known now.
pub(super) async fn decided_before(
    records: &Records,
    system: &System,
    at: Timestamp,
) -> Result<NewEvidence, UseError> {
    let (statement, _) = stated_before(records, system, at).await?;
    Ok(decision(&statement, false).with("statement", statement.to_content()))
}

async fn stated_before(
    records: &Records,
    system: &System,
    at: Timestamp,
) -> Result<(Statement, GatePolicy), UseError> {
    let size = records.store.ledger_size().await?;
    let policy = policy(records, at).await?;
    let about = (&system.agency, &system.code);
    let statement = decided(records, &policy, about, Stage::Operation, at, size).await?;
    Ok((statement, policy))
}

/// A decision of the ledger, and what the gate decides from the same records at the same instant.
pub struct Replay {
    /// What was decided.
    pub then: String,
    /// What is decided now.
    pub again: String,
}

impl Replay {
    /// Whether they are the same, byte for byte.
    pub fn is_same(&self) -> bool {
        self.then == self.again
    }
}

/// Decides again what a record of the ledger says was decided.
pub async fn replay(records: &Records, caller: &Caller, seq: u64) -> Result<Replay, UseError> {
    let deed = Deed::new("gate.replay", format!("evidence {seq}"), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let record = records.store.find_evidence(&scope, seq).await?;
    let record = record.filter(|record| record.about.kind == "gate.decision");
    let record = record.ok_or_else(|| UseError::not_found("decision of the gate", seq))?;
    let no = || UseError::Invalid(format!("record {seq} holds no statement"));
    let mut then = record.content.get("statement").cloned().ok_or_else(no)?;
    let is_broken = is_broken_glass(&record);
    let said = |name: &str| then.get(name).and_then(Content::as_text);
    let (agency, system) = record.about.agency.zip(record.about.system).ok_or_else(no)?;
    let at = said("at").and_then(parse_moment).ok_or_else(no)?;
    let until = said("until").and_then(parse_moment).ok_or_else(no)?;
    let stage = said("stage").and_then(Stage::parse).ok_or_else(no)?;
    let size = then.get("size").and_then(Content::as_int).ok_or_else(no)?;
    let policies = records.store.all_of_ledger("gate.policy").await?;
    let policy = policy_named(policies, records.kinds(), said("policy").ok_or_else(no)?, size)?;
    let size = size.try_into().map_err(|_| no())?;
    let mut again = decided(records, &policy, (&agency, &system), stage, at, size).await?;
    if is_broken {
        // The glass has its own end, and its reason is nobody's decision to make again.
        again.until = until;
        if let Content::Map(values) = &mut then {
            values.remove("broken_by");
            values.remove("reason");
        }
    }
    Ok(Replay { then: then.to_text(), again: again.to_content().to_text() })
}

/// How many records the ledger has. While it does not grow, no decision comes and no system changes.
pub async fn ledger_size(records: &Records, caller: &Caller) -> Result<u64, UseError> {
    let deed = Deed::new("gate.decisions", "", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.ledger_size().await?)
}

/// The last decision about each system that the caller may see.
pub async fn last_decisions(records: &Records, caller: &Caller) -> Result<Vec<Record>, UseError> {
    let deed = Deed::new("gate.decisions", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.last_by_system(&scope, "gate.decision").await?)
}

/// The newest decisions about a system, as they stand in the ledger.
pub async fn decisions(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
) -> Result<Vec<Record>, UseError> {
    let system = visible(records, caller, system, "gate.decisions").await?;
    of_system(records, &system).await
}

async fn of_system(records: &Records, system: &System) -> Result<Vec<Record>, UseError> {
    let filter = EvidenceFilter {
        kind: Some("gate.decision".to_owned()),
        agency: Some(system.agency.clone()),
        system: Some(system.code.clone()),
        subject: None,
    };
    let page = PageRequest::new(None, NEWEST);
    Ok(records.store.list_evidence(&AgencyScope::All, &filter, &page).await?.items)
}

/// A system whose evidence the caller may read.
async fn visible(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    action: &'static str,
) -> Result<System, UseError> {
    let deed = Deed::new(action, system.as_str(), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let found = records.store.find_system(&scope, system).await?;
    found.ok_or_else(|| UseError::not_found("system", system))
}

/// The policy in force at a moment.
async fn policy(records: &Records, at: Timestamp) -> Result<GatePolicy, UseError> {
    policy_of(records.store.all_of_ledger("gate.policy").await?, records.kinds(), at)
}

/// The same of the policies that a ledger has, newest first: the newest that may be used then, as it stands
/// last. Without one nothing is let into use.
fn policy_of(policies: Vec<Record>, kinds: &Kinds, at: Timestamp) -> Result<GatePolicy, UseError> {
    let mut known = BTreeSet::new();
    for record in policies {
        let Some(policy) = read_policy(&record, kinds)? else { continue };
        if known.insert(record.about.subject) && policy.is_valid_at(at) {
            return Ok(policy);
        }
    }
    if known.is_empty() {
        return Err(UseError::Invalid("the ledger has no policy of the gate".into()));
    }
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    Err(UseError::Conflict(format!(
        "no policy of the gate is in force on {} ({known}): nothing is let into use before there is one",
        day_of(at)
    )))
}

/// The policy of a name that a ledger had when it was so long.
fn policy_named(
    policies: Vec<Record>,
    kinds: &Kinds,
    id: &str,
    size: i64,
) -> Result<GatePolicy, UseError> {
    for record in policies {
        if record.about.subject == id
            && record.about.seq.cast_signed() < size
            && let Some(policy) = read_policy(&record, kinds)?
        {
            return Ok(policy);
        }
    }
    Err(UseError::Invalid("the ledger has no policy of the gate".into()))
}

fn read_policy(record: &Record, kinds: &Kinds) -> Result<Option<GatePolicy>, UseError> {
    let Some(content) = record.content.get("policy") else { return Ok(None) };
    let policy = GatePolicy::from_content(content, kinds);
    let seq = record.about.seq;
    let policy =
        policy.map_err(|error| UseError::Invalid(format!("record {seq} of the ledger: {error}")));
    policy.map(Some)
}

async fn decided(
    records: &Records,
    policy: &GatePolicy,
    (agency, system): (&AgencyCode, &SystemCode),
    stage: Stage,
    at: Timestamp,
    size: u64,
) -> Result<Statement, UseError> {
    let found = records.store.evidence_of_system(agency, system, size).await?;
    stated(&found, policy, (agency, system), stage, at, size)
}

/// What the policy says from all that is known of a system.
fn stated(
    found: &[Record],
    policy: &GatePolicy,
    (agency, system): (&AgencyCode, &SystemCode),
    stage: Stage,
    at: Timestamp,
    size: u64,
) -> Result<Statement, UseError> {
    let lines: Vec<String> = found.iter().map(Record::to_line).collect();
    let lines = lines.iter().map(String::as_str);
    let view = view_of_lines(lines, &policy.wanted(), policy.cutoff(at), size)?;
    let statement = policy.decide(&view, (agency, system), stage, at, size);
    statement.ok_or_else(|| {
        UseError::Invalid(format!(
            "the ledger knows nothing of {system}: confirm it in the register first"
        ))
    })
}

/// Whether a statement says something else than the last decision, or that one has half run out.
async fn is_news(records: &Records, statement: &Statement) -> Result<bool, UseError> {
    let filter = EvidenceFilter {
        kind: Some("gate.decision".to_owned()),
        agency: Some(statement.agency.clone()),
        system: Some(statement.system.clone()),
        subject: None,
    };
    let page = PageRequest::new(None, 1);
    let last = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?.items.pop();
    let Some(last) = last else { return Ok(true) };
    let lasts = statement.until.duration_since(statement.at);
    let half = after(last.about.at, lasts / 2);
    let said = last.content.get("statement");
    let same =
        |name: &str| said.and_then(|said| said.get(name)) == statement.to_content().get(name);
    let is_same = same("decision") && same("reasons") && same("policy");
    Ok(!is_same || half <= statement.at)
}

fn decision(statement: &Statement, break_glass: bool) -> NewEvidence {
    let (agency, system) = (&statement.agency, &statement.system);
    let new = NewEvidence::of_system("gate.decision", agency, system, statement.at)
        .with("decision", statement.decision.name())
        .with("policy", statement.policy.as_str())
        .with("break_glass", break_glass)
        .from(Origin::Decision, statement.policy.as_str());
    NewEvidence { until: Some(statement.until), ..new }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
