//! Filters of rules: Sigma filters that somebody made from false positives, kept with the records.
//!
//! Where a filter holds, the rules that it names do not hit. Its text is Sigma, so that it can
//! leave with the rules; what it means is for whoever loads rules.

use jiff::{SignedDuration, Timestamp};

use crate::ids::RuleFilterId;
use crate::limits::{FILTER_BYTES, NAME_BYTES, SUPPRESSION_DAYS, TEXT_BYTES};
use crate::text::{self, TextError};

/// A filter to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRuleFilter {
    /// The id of the rule that it was made for.
    pub rule: String,
    /// The filter, in YAML.
    pub text: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// From when on.
    pub created_at: Timestamp,
    /// Until when, if it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFilter {
    /// Its number.
    pub id: RuleFilterId,
    /// What was asked for.
    pub asked: NewRuleFilter,
    /// When somebody ended it.
    pub ended_at: Option<Timestamp>,
}

/// Why a filter cannot be put in force.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFilterError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It would hold for no time or for too long.
    #[error("a filter that expires does so between now and {SUPPRESSION_DAYS} days from now")]
    Expiry,
}

impl NewRuleFilter {
    /// The filter with texts in order.
    pub fn checked(mut self) -> Result<Self, RuleFilterError> {
        self.rule = text::line("the rule", &self.rule, NAME_BYTES)?;
        self.text = text::rule("the filter", &self.text, FILTER_BYTES)?;
        self.owner = text::line("the owner", &self.owner, NAME_BYTES)?;
        self.reason = text::paragraph("the reason", &self.reason, TEXT_BYTES)?;
        if let Some(expires) = self.expires_at {
            let time = expires.duration_since(self.created_at);
            let longest = SignedDuration::from_hours(24 * SUPPRESSION_DAYS);
            if time <= SignedDuration::ZERO || time > longest {
                return Err(RuleFilterError::Expiry);
            }
        }
        Ok(self)
    }
}

impl RuleFilter {
    /// Whether it holds now.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.asked.expires_at.is_none_or(|expires| now < expires)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn new() -> NewRuleFilter {
        NewRuleFilter {
            rule: "rule-1".into(),
            text: "title: sao lưu\nfilter:\n  rules: [rule-1]\n".into(),
            owner: "Cán bộ Mẫu 001".into(),
            reason: "sao lưu hằng đêm".into(),
            created_at: "2026-10-15T01:00:00Z".parse().unwrap(),
            expires_at: None,
        }
    }

    #[test]
    fn what_will_not_do_is_told() {
        let at = new().created_at;
        assert!(new().checked().is_ok());
        for wrong in [at, at + (24 * (SUPPRESSION_DAYS + 1)).hours()] {
            let wrong = NewRuleFilter { expires_at: Some(wrong), ..new() };
            assert_eq!(wrong.checked(), Err(RuleFilterError::Expiry));
        }
        assert!(NewRuleFilter { text: "x".repeat(FILTER_BYTES + 1), ..new() }.checked().is_err());
    }

    #[test]
    fn it_holds_until_it_ends_or_expires() {
        let at = new().created_at;
        let asked = NewRuleFilter { expires_at: Some(at + 1.hour()), ..new() };
        let filter = RuleFilter { id: RuleFilterId(1), asked, ended_at: None };
        assert!(filter.holds(at) && !filter.holds(at + 1.hour()));
        assert!(!RuleFilter { ended_at: Some(at), ..filter }.holds(at));
    }
}
