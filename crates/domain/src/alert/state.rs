//! Where an alert stands, and where it may go from there.

use crate::limits::TEXT_BYTES;
use crate::text::{self, TextError};

/// Why an alert is closed. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It was an attack, and it is dealt with.
    TruePositive,
    /// The rule was wrong.
    FalsePositive,
    /// It happened as the rule says, and is allowed.
    Benign,
    /// Another alert is about the same.
    Duplicate,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 4] =
        [Self::TruePositive, Self::FalsePositive, Self::Benign, Self::Duplicate];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::TruePositive => "true_positive",
            Self::FalsePositive => "false_positive",
            Self::Benign => "benign",
            Self::Duplicate => "duplicate",
        }
    }

    /// The reason of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nobody has looked.
    New,
    /// Somebody works on it.
    InProgress,
    /// Done, and why.
    Closed(Reason),
}

/// A step that an alert cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an alert cannot go from {} to {}", from.name(), to.name())]
pub struct WrongStep {
    /// Where it stands.
    pub from: State,
    /// Where it was to go.
    pub to: State,
}

impl State {
    /// The name that commands and records use; the reason stands apart.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::Closed(_) => "closed",
        }
    }

    /// The state of a name and, for a closed alert, a reason.
    pub fn parse(name: &str, reason: Option<Reason>) -> Option<Self> {
        match (name, reason) {
            ("new", None) => Some(Self::New),
            ("in_progress", None) => Some(Self::InProgress),
            ("closed", Some(reason)) => Some(Self::Closed(reason)),
            _ => None,
        }
    }

    /// The reason, if it is closed.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Closed(reason) => Some(reason),
            Self::New | Self::InProgress => None,
        }
    }

    /// Goes on to another state: new to in progress or closed, in progress to closed, and a closed
    /// alert back to in progress when it was closed too soon. Nothing becomes new again, and a
    /// closing reason is corrected by opening first.
    pub fn step(self, to: Self) -> Result<Self, WrongStep> {
        match (self, to) {
            (Self::New, Self::InProgress | Self::Closed(_))
            | (Self::InProgress, Self::Closed(_))
            | (Self::Closed(_), Self::InProgress) => Ok(to),
            _ => Err(WrongStep { from: self, to }),
        }
    }
}

/// A comment's text, in order and within its limit.
pub fn comment_text(text: &str) -> Result<String, TextError> {
    text::paragraph("the comment", text, TEXT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_allowed_or_refused_as_the_table_says() {
        let closed = State::Closed(Reason::Benign);
        let other = State::Closed(Reason::TruePositive);
        for (from, to, allowed) in [
            (State::New, State::New, false),
            (State::New, State::InProgress, true),
            (State::New, closed, true),
            (State::InProgress, State::New, false),
            (State::InProgress, State::InProgress, false),
            (State::InProgress, closed, true),
            (closed, State::New, false),
            (closed, State::InProgress, true),
            (closed, other, false),
        ] {
            assert_eq!(from.step(to).is_ok(), allowed, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn a_closed_alert_has_a_reason_and_no_other_has() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.name()), Some(reason));
            let closed = State::Closed(reason);
            assert_eq!(State::parse(closed.name(), closed.reason()), Some(closed));
            assert_eq!(State::parse("new", Some(reason)), None);
        }
        assert_eq!(State::parse("closed", None), None);
        assert_eq!(State::parse("open", None), None);
        assert_eq!(Reason::parse("content"), None);
    }
}
