//! The gate: ask it, keep what it says, break its glass, decide again what was decided.
//!
//! [`sweep()`] asks about everything in use; [`decide`] about one system. `must_open` holds a system back
//! from a stage of its life. [`review()`] says afterwards what was made of a broken glass.

mod review;
mod stage;
mod sweep;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::{Content, moment, parse_moment};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::evidence::{About, NewEvidence, Origin, Record};
use khien_domain::gate::{Decision, GatePolicy, Statement};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{Stage, System};
use khien_domain::text;
use khien_seal::{Digest, Signature};
use khien_store::EvidenceFilter;

pub use review::{Finding, GlassReview, glass_reviews, review};
pub(super) use stage::must_open;
pub use sweep::{Swept, sweep};

use super::UseError;
use super::demonstration::Broken;
use super::register::evidence::day_of;
use crate::access::{Caller, Deed};
use crate::index::view_of_lines;
use crate::ledger::LedgerError;
use crate::records::Records;

/// The longest reason for breaking the glass, in bytes.
const REASON_BYTES: usize = 1_000;
/// The shortest, in characters: a word is no reason.
const REASON_CHARS: usize = 10;
/// Among so many of the newest decisions of a system a broken glass is looked for.
const NEWEST: u32 = 50;

/// A glass that was broken and holds the gate open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// The record.
    pub seq: u64,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

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
    let policy = policy(records, None).await?;
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

/// Holds the gate open for some hours in spite of what it says. Whoever does is named, says why, and
/// gives the agency a review to do.
pub async fn break_glass(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    reason: &str,
    hours: i64,
) -> Result<BreakGlass, UseError> {
    let system = visible(records, caller, system, "gate.break_glass").await?;
    let deed = Deed::new("gate.break_glass", system.code.as_str(), Some(system.agency.clone()));
    records.require(caller, Permission::AssuranceApprove, &deed).await?;
    let reason = text::line("the reason", reason, REASON_BYTES).map_err(UseError::invalid)?;
    if reason.chars().count() < REASON_CHARS {
        let told = format!("the reason has at least {REASON_CHARS} characters");
        return Err(UseError::Invalid(told));
    }
    let answer = check(records, caller, &system.code, Stage::Operation).await?;
    let most = answer.policy.break_glass_hours;
    if !(1..=most).contains(&hours) {
        return Err(UseError::Invalid(format!("the glass is broken for 1 to {most} hours")));
    }
    if answer.statement.decision == Decision::Allow {
        return Err(UseError::Conflict("the gate is open; there is no glass to break".into()));
    }
    if system.stage == Stage::Retired {
        return Err(UseError::Conflict(
            "a retired system is not put into use: change its stage".into(),
        ));
    }
    let by = caller.actor.identity.to_string();
    let at = answer.statement.at;
    let glass = Glass { by: &by, reason: &reason, hours };
    let (until, broken) = glass.records(&system.agency, answer.statement, &answer.policy);
    let deed = deed.with(format!("{hours} h: {reason}"));
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    // One glass at a time: what is broken is not broken again before it is whole.
    if let Some(glass) = self::broken(records, &system, at).await? {
        let until = glass.until;
        return Err(UseError::Conflict(format!("the glass is broken already, until {until}")));
    }
    let kept = records.keep_evidence(&mut tx, broken.into()).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    let seq = kept.first().map(|about| about.seq).unwrap_or_default();
    Ok(BreakGlass { seq, by, reason, at, until })
}

/// Who breaks a glass, why, and for how long.
struct Glass<'g> {
    by: &'g str,
    reason: &'g str,
    hours: i64,
}

impl Glass<'_> {
    /// Until when it holds; the decision that is forced, and the review that is due after it.
    fn records(
        &self,
        agency: &AgencyCode,
        statement: Statement,
        policy: &GatePolicy,
    ) -> (Timestamp, [NewEvidence; 2]) {
        let until = after(statement.at, SignedDuration::from_hours(self.hours));
        let statement = Statement { until, ..statement };
        let mut content = statement.to_content();
        if let Content::Map(values) = &mut content {
            values.insert("broken_by".into(), self.by.into());
            values.insert("reason".into(), self.reason.into());
        }
        let new = decision(&statement, true).with("decision", "allow").with("statement", content);
        let new = NewEvidence { by: self.by.to_owned(), ..new };
        let due = day_of(after(until, SignedDuration::from_hours(24 * policy.review_days)));
        let review = NewEvidence::of_agency("task.state", agency, statement.at)
            .with("due", due.to_string())
            .with("accepted", false);
        let code = &statement.system;
        let review = NewEvidence {
            subject: format!("gate-review {code} {}", moment(statement.at)),
            by: self.by.to_owned(),
            ..review.from(Origin::Decision, code.as_str())
        };
        (until, [new, review])
    }
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

/// A glass that was broken in the past, its review, and that the review was done in time.
pub(super) async fn broken_before(
    records: &Records,
    system: &System,
    broken: &Broken,
    reviewer: &str,
) -> Result<Vec<NewEvidence>, UseError> {
    let (statement, policy) = stated_before(records, system, broken.at).await?;
    let glass = Glass { by: &broken.by, reason: &broken.reason, hours: broken.hours };
    let (until, [decision, review]) = glass.records(&system.agency, statement, &policy);
    let done = after(until, SignedDuration::from_hours(24));
    let reviewed = review.clone().with("done", day_of(done).to_string()).with("accepted", true);
    let by = reviewer.to_owned();
    Ok(vec![decision, review, NewEvidence { at: done, by, ..reviewed }])
}

/// What was found of that glass, once its decision is one of those that were kept.
pub(super) fn reviewed_before(
    kept: &[About],
    broken: &Broken,
    reviewer: &str,
) -> Option<NewEvidence> {
    let is_it = |about: &&About| {
        about.kind == "gate.decision"
            && about.system.as_ref() == Some(&broken.system)
            && moment(about.at) == moment(broken.at)
    };
    let about = kept.iter().find(is_it)?;
    let until = after(about.at, SignedDuration::from_hours(broken.hours));
    let at = after(until, SignedDuration::from_hours(24));
    review::found(about, at, reviewer, "holds", &broken.finding)
}

async fn stated_before(
    records: &Records,
    system: &System,
    at: Timestamp,
) -> Result<(Statement, GatePolicy), UseError> {
    let size = records.store.ledger_size().await?;
    let policy = policy(records, None).await?;
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
    let policy = policy(records, Some((said("policy").ok_or_else(no)?, size))).await?;
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

/// The policy in force, or the one of a name that the ledger had at a size.
async fn policy(records: &Records, wanted: Option<(&str, i64)>) -> Result<GatePolicy, UseError> {
    policy_of(records.store.all_of_ledger("gate.policy").await?, records.kinds(), wanted)
}

/// The same of the policies that a ledger has, newest first.
fn policy_of(
    policies: Vec<Record>,
    kinds: &Kinds,
    wanted: Option<(&str, i64)>,
) -> Result<GatePolicy, UseError> {
    for record in policies {
        let seq = record.about.seq.cast_signed();
        if wanted.is_some_and(|(id, size)| record.about.subject != id || seq >= size) {
            continue;
        }
        let Some(content) = record.content.get("policy") else { continue };
        let policy = GatePolicy::from_content(content, kinds);
        return policy
            .map_err(|error| UseError::Invalid(format!("record {seq} of the ledger: {error}")));
    }
    Err(UseError::Invalid("the ledger has no policy of the gate".into()))
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

/// The glass that holds the gate of a system open now, if somebody broke it.
async fn broken(
    records: &Records,
    system: &System,
    now: Timestamp,
) -> Result<Option<BreakGlass>, UseError> {
    Ok(glass_of(&of_system(records, system).await?, now))
}

/// The same among decisions about a system, newest first.
fn glass_of<'r>(
    decisions: impl IntoIterator<Item = &'r Record>,
    now: Timestamp,
) -> Option<BreakGlass> {
    let record = decisions.into_iter().find(|record| is_broken_glass(record))?;
    let until = record.about.until.filter(|until| *until > now)?;
    Some(BreakGlass {
        seq: record.about.seq,
        by: said(record, "broken_by").to_owned(),
        reason: said(record, "reason").to_owned(),
        at: record.about.at,
        until,
    })
}

/// Whether a decision was forced.
fn is_broken_glass(record: &Record) -> bool {
    record.content.get("break_glass").and_then(Content::as_bool) == Some(true)
}

/// What the statement of a decision says under a name.
fn said<'r>(record: &'r Record, name: &str) -> &'r str {
    let statement = record.content.get("statement");
    statement.and_then(|said| said.get(name)).and_then(Content::as_text).unwrap_or_default()
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
