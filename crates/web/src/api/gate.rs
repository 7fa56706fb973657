//! `/api/v1/gate`: what the gate says of a system, for pipelines that put into use and for proxies that
//! let visitors through.

pub(super) mod get;
pub(super) mod leave;

use khien_app::use_case::gate::Answer;
use khien_domain::evidence::content::moment;
use serde::Serialize;

/// What the gate says of a system before a stage.
#[derive(Serialize)]
pub(super) struct GateJson {
    system: String,
    agency: String,
    stage: &'static str,
    /// `ALLOW` or `DENY`, a broken glass included.
    decision: &'static str,
    at: String,
    until: String,
    policy: String,
    reasons: Vec<ReasonJson>,
    break_glass: Option<GlassJson>,
    /// What is decided from evidence alone, as canonical JSON.
    statement: String,
    /// The signature over it by the key of the ledger.
    signature: String,
}

#[derive(Serialize)]
struct ReasonJson {
    condition: String,
    holds: bool,
    vi: Option<String>,
    en: Option<String>,
    source: Option<String>,
    evidence: Vec<u64>,
}

#[derive(Serialize)]
struct GlassJson {
    record: u64,
    by: String,
    reason: String,
    at: String,
    until: String,
}

impl GateJson {
    /// An answer with what was signed of it.
    fn of(answer: Answer, statement: String, signature: String) -> Self {
        let decision = if answer.allows() { "ALLOW" } else { "DENY" };
        let said = answer.statement;
        let reasons = said.reasons.into_iter().map(|reason| {
            let condition = answer.policy.condition(&reason.condition);
            ReasonJson {
                holds: reason.holds,
                vi: condition.map(|one| one.vi.clone()),
                en: condition.map(|one| one.en.clone()),
                source: condition.map(|one| one.source.clone()),
                evidence: reason.evidence,
                condition: reason.condition,
            }
        });
        let break_glass = answer.break_glass.map(|glass| GlassJson {
            record: glass.seq,
            by: glass.by,
            reason: glass.reason,
            at: moment(glass.at),
            until: moment(glass.until),
        });
        Self {
            system: said.system.to_string(),
            agency: said.agency.to_string(),
            stage: said.stage.name(),
            decision,
            at: moment(said.at),
            until: moment(said.until),
            policy: said.policy,
            reasons: reasons.collect(),
            break_glass,
            statement,
            signature,
        }
    }
}
