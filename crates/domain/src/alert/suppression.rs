//! Suppressions: what is known to be harmless is hidden, by somebody, for a reason, for a time.
//!
//! A hidden detection raises no alert and is counted on the suppression; its event is kept and
//! found by search like any other.

use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, AlertKind, Detection, MatchedField};
use crate::code::AgencyCode;
use crate::ids::SuppressionId;
use crate::limits::{
    MATCHED_BYTES, NAME_BYTES, SUPPRESSION_CONDITIONS, SUPPRESSION_DAYS, TEXT_BYTES,
};
use crate::text::{self, TextError};

/// A matched field that must have a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The field, as the alert shows it.
    pub field: String,
    /// Its value, case aside, or its beginning if it ends in `*`.
    pub value: String,
}

/// What is hidden: detections for which everything that is given holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of this agency.
    pub agency: Option<AgencyCode>,
    /// Of this rule.
    pub rule: Option<String>,
    /// About this entity.
    pub entity: Option<String>,
    /// With these matched fields.
    pub conditions: Vec<Condition>,
}

/// A suppression to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSuppression {
    /// What it hides.
    pub scope: Scope,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// From when on.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Its number.
    pub id: SuppressionId,
    /// What was asked for.
    pub asked: NewSuppression,
    /// When somebody ended it before its time.
    pub ended_at: Option<Timestamp>,
    /// How many detections it has hidden.
    pub hidden: u64,
    /// When it last hid one.
    pub last_hidden_at: Option<Timestamp>,
}

/// Why a suppression cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuppressionError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It would hide everything, or everything of an agency.
    #[error("a suppression names a rule, an entity or a field: nothing hides everything")]
    Everything,
    /// Too many conditions.
    #[error("a suppression has at most {SUPPRESSION_CONDITIONS} fields")]
    Conditions,
    /// It would hold for no time or for too long.
    #[error("a suppression expires between now and {SUPPRESSION_DAYS} days from now")]
    Expiry,
}

impl NewSuppression {
    /// The suppression with its texts in order.
    pub fn checked(mut self) -> Result<Self, SuppressionError> {
        self.owner = text::line("the owner", &self.owner, NAME_BYTES)?;
        self.reason = text::paragraph("the reason", &self.reason, TEXT_BYTES)?;
        let Scope { agency: _, rule, entity, conditions } = &mut self.scope;
        if rule.is_none() && entity.is_none() && conditions.is_empty() {
            return Err(SuppressionError::Everything);
        }
        if conditions.len() > SUPPRESSION_CONDITIONS {
            return Err(SuppressionError::Conditions);
        }
        if let Some(rule) = rule {
            *rule = text::line("the rule", rule, NAME_BYTES)?;
        }
        if let Some(entity) = entity {
            *entity = text::line_as_is("the entity", entity, MATCHED_BYTES)?;
        }
        for condition in conditions {
            condition.field = text::line("a field", &condition.field, NAME_BYTES)?;
            condition.value = text::line_as_is("a value", &condition.value, MATCHED_BYTES)?;
            if condition.value == "*" {
                return Err(SuppressionError::Everything);
            }
        }
        let time = self.expires_at.duration_since(self.created_at);
        if time <= SignedDuration::ZERO || time > SignedDuration::from_hours(24 * SUPPRESSION_DAYS)
        {
            return Err(SuppressionError::Expiry);
        }
        Ok(self)
    }
}

impl Suppression {
    /// Whether it holds now.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.asked.created_at <= now && now < self.asked.expires_at
    }
}

/// What a suppression looks at: a detection, or an event of an alert.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    kind: AlertKind,
    agency: &'a AgencyCode,
    rule: &'a str,
    entity: &'a str,
    matched: &'a [MatchedField],
}

impl<'a> From<&'a Detection> for Subject<'a> {
    fn from(found: &'a Detection) -> Self {
        let Detection { kind, agency, rule, entity, matched, .. } = found;
        Self { kind: *kind, agency, rule, entity, matched }
    }
}

impl<'a> Subject<'a> {
    /// An event of an alert.
    pub fn of_alert(alert: &'a Alert, matched: &'a [MatchedField]) -> Self {
        let Alert { kind, agency, rule, entity, .. } = alert;
        Self { kind: *kind, agency, rule, entity, matched }
    }
}

impl Scope {
    /// Whether it hides something. Alerts about silent sources and unregistered hosts are hidden
    /// only by a suppression that names their kind as the rule: a field alone never blinds the
    /// watch over the watch.
    pub fn hides<'a>(&self, subject: impl Into<Subject<'a>>) -> bool {
        let subject = subject.into();
        let named = self.rule.as_deref().is_some_and(|rule| rule == subject.rule);
        let watched = matches!(subject.kind, AlertKind::SourceSilent | AlertKind::UnregisteredHost);
        (named || (self.rule.is_none() && !watched))
            && self.agency.as_ref().is_none_or(|agency| agency == subject.agency)
            && self.entity.as_deref().is_none_or(|entity| entity == subject.entity)
            && self.conditions.iter().all(|condition| condition.holds(subject.matched))
    }
}

impl Condition {
    fn holds(&self, matched: &[MatchedField]) -> bool {
        let wanted = self.value.to_lowercase();
        matched.iter().filter(|matched| matched.field == self.field).any(|matched| {
            let value = matched.value.to_lowercase();
            match wanted.strip_suffix('*') {
                Some(beginning) => value.starts_with(beginning),
                None => value == wanted,
            }
        })
    }
}

/// The first of the suppressions that hold now and hide a detection.
pub fn hiding<'a>(
    suppressions: &'a [Suppression],
    detection: &Detection,
    now: Timestamp,
) -> Option<&'a Suppression> {
    suppressions.iter().find(|known| known.holds(now) && known.asked.scope.hides(detection))
}

#[cfg(test)]
#[path = "suppression/tests.rs"]
mod tests;
