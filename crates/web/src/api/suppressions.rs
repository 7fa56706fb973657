//! `/api/v1/suppressions`

pub(super) mod add;
pub(super) mod end;
pub(super) mod list;
pub(super) mod preview;

use jiff::Timestamp;
use khien_domain::alert::suppression::{Condition, Scope, Suppression};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::input::agency;

/// A matched field that must have a value, or begin with it if it ends in `*`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ConditionJson {
    field: String,
    value: String,
}

/// A suppression.
#[derive(Serialize)]
pub(super) struct SuppressionJson {
    id: i64,
    agency: Option<String>,
    rule: Option<String>,
    entity: Option<String>,
    conditions: Vec<ConditionJson>,
    owner: String,
    reason: String,
    created_at: String,
    expires_at: String,
    ended_at: Option<String>,
    /// How many detections it has hidden.
    hidden: u64,
    last_hidden_at: Option<String>,
}

impl From<Suppression> for SuppressionJson {
    fn from(known: Suppression) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let Scope { agency, rule, entity, conditions } = known.asked.scope;
        let conditions = conditions.into_iter();
        Self {
            id: known.id.0,
            agency: agency.map(|agency| agency.to_string()),
            rule,
            entity,
            conditions: conditions
                .map(|Condition { field, value }| ConditionJson { field, value })
                .collect(),
            owner: known.asked.owner,
            reason: known.asked.reason,
            created_at: known.asked.created_at.to_string(),
            expires_at: known.asked.expires_at.to_string(),
            ended_at: text(known.ended_at),
            hidden: known.hidden,
            last_hidden_at: text(known.last_hidden_at),
        }
    }
}

/// What is hidden, as it is asked for.
fn scope(
    code: Option<&str>,
    rule: Option<String>,
    entity: Option<String>,
    conditions: Vec<ConditionJson>,
) -> Result<Scope, ApiError> {
    let conditions = conditions.into_iter();
    Ok(Scope {
        agency: code.map(agency).transpose()?,
        rule,
        entity,
        conditions: conditions
            .map(|ConditionJson { field, value }| Condition { field, value })
            .collect(),
    })
}
