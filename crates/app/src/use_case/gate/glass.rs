//! The glass of the gate: broken with a reason and for a time, by somebody who is named.
//!
//! Comes in who breaks it, why and for how many hours; the decision that is forced and the task to review it go
//! out to the ledger. What was made of it afterwards is [`review`](super::review()).

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::{Content, moment};
use khien_domain::evidence::{About, NewEvidence, Origin, Record};
use khien_domain::gate::{Decision, GatePolicy, Statement};
use khien_domain::permission::Permission;
use khien_domain::system::{Stage, System};
use khien_domain::text;

use super::{after, check, decision, of_system, review, stated_before, visible};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::demonstration::Broken;
use crate::use_case::register::evidence::day_of;

/// The longest reason for breaking the glass, in bytes.
pub(super) const REASON_BYTES: usize = 1_000;
/// The shortest, in characters: a word is no reason.
pub(super) const REASON_CHARS: usize = 10;

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

/// A glass that was broken in the past, its review, and that the review was done in time.
pub(in crate::use_case) async fn broken_before(
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
pub(in crate::use_case) fn reviewed_before(
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

/// The glass that holds the gate of a system open now, if somebody broke it.
pub(super) async fn broken(
    records: &Records,
    system: &System,
    now: Timestamp,
) -> Result<Option<BreakGlass>, UseError> {
    Ok(glass_of(&of_system(records, system).await?, now))
}

/// The same among decisions about a system, newest first.
pub(super) fn glass_of<'r>(
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
pub(super) fn is_broken_glass(record: &Record) -> bool {
    record.content.get("break_glass").and_then(Content::as_bool) == Some(true)
}

/// What the statement of a decision says under a name.
pub(super) fn said<'r>(record: &'r Record, name: &str) -> &'r str {
    let statement = record.content.get("statement");
    statement.and_then(|said| said.get(name)).and_then(Content::as_text).unwrap_or_default()
}
