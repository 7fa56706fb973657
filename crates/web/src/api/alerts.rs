//! `/api/v1/alerts`

pub(super) mod assign;
pub(super) mod change;
pub(super) mod comment;
pub(super) mod comments;
pub(super) mod get;
pub(super) mod list;

use khien_domain::alert::state::Reason;
use khien_domain::alert::{Alert, AlertEvent, Comment, MatchedField};
use serde::Serialize;

use super::input::event_text;

/// An alert.
#[derive(Serialize)]
pub(super) struct AlertJson {
    id: i64,
    kind: &'static str,
    rule: String,
    title: String,
    severity: &'static str,
    agency: String,
    system: String,
    source: Option<i64>,
    entity: String,
    /// ATT&CK tags of the rule.
    attack: Vec<String>,
    count: u64,
    first_at: String,
    last_at: String,
    state: &'static str,
    reason: Option<&'static str>,
    assignee: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<Alert> for AlertJson {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id.0,
            kind: alert.kind.name(),
            rule: alert.rule,
            title: alert.title,
            severity: alert.severity.name(),
            agency: alert.agency.to_string(),
            system: alert.system.to_string(),
            source: alert.source.map(|source| source.0),
            entity: alert.entity,
            attack: alert.attack,
            count: alert.count,
            first_at: alert.first_at.to_string(),
            last_at: alert.last_at.to_string(),
            state: alert.state.name(),
            reason: alert.state.reason().map(Reason::name),
            assignee: alert.assignee,
            created_at: alert.created_at.to_string(),
            updated_at: alert.updated_at.to_string(),
        }
    }
}

/// An event of an alert.
#[derive(Serialize)]
struct EventJson {
    id: String,
    at: String,
    matched: Vec<MatchedJson>,
}

/// A field that made a rule match, and why.
#[derive(Serialize)]
struct MatchedJson {
    field: String,
    value: String,
    why: String,
}

impl From<MatchedField> for MatchedJson {
    fn from(matched: MatchedField) -> Self {
        Self { field: matched.field, value: matched.value, why: matched.why }
    }
}

impl From<AlertEvent> for EventJson {
    fn from(event: AlertEvent) -> Self {
        Self {
            id: event_text(event.event),
            at: event.at.to_string(),
            matched: event.matched.into_iter().map(MatchedJson::from).collect(),
        }
    }
}

/// What somebody said about an alert.
#[derive(Serialize)]
pub(super) struct CommentJson {
    id: i64,
    author: String,
    at: String,
    text: String,
}

impl From<Comment> for CommentJson {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id.0,
            author: comment.author,
            at: comment.at.to_string(),
            text: comment.text,
        }
    }
}
