//! Legal holds: events that must not go, whatever their age, placed by somebody for a reason.

use jiff::Timestamp;

use crate::code::AgencyCode;
use crate::ids::HoldId;
use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::text::{self, TextError};

/// Which events are held: those for which everything that is given holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Of this agency; of all if none is named.
    pub agency: Option<AgencyCode>,
    /// From this moment of the event.
    pub from: Option<Timestamp>,
    /// Until before this moment.
    pub to: Option<Timestamp>,
}

/// A hold to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHold {
    /// What it holds.
    pub held: Held,
    /// Who answers for it.
    pub owner: String,
    /// Why: the case, the order, the letter.
    pub reason: String,
    /// From when on.
    pub placed_at: Timestamp,
    /// Until when, if it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its number.
    pub id: HoldId,
    /// What was asked for.
    pub asked: NewHold,
    /// When somebody lifted it.
    pub lifted_at: Option<Timestamp>,
}

/// Why a hold cannot be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoldError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Its events end before they begin.
    #[error("the held events begin before they end")]
    Span,
    /// It would end before it begins.
    #[error("a hold expires after it was placed, or never")]
    Expiry,
}

impl NewHold {
    /// The hold with its texts in order.
    pub fn checked(mut self) -> Result<Self, HoldError> {
        self.owner = text::line("the owner", &self.owner, NAME_BYTES)?;
        self.reason = text::paragraph("the reason", &self.reason, TEXT_BYTES)?;
        let Held { from, to, .. } = self.held;
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(HoldError::Span);
        }
        if self.expires_at.is_some_and(|expires| expires <= self.placed_at) {
            return Err(HoldError::Expiry);
        }
        Ok(self)
    }
}

impl Hold {
    /// Whether it holds now. One that begins later by a clock that was wrong holds already.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.lifted_at.is_none() && self.asked.expires_at.is_none_or(|expires| now < expires)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn new() -> NewHold {
        NewHold {
            held: Held::default(),
            owner: "Cán bộ Mẫu 001".into(),
            reason: "vụ việc mẫu".into(),
            placed_at: "2026-10-15T01:00:00Z".parse().unwrap(),
            expires_at: None,
        }
    }

    #[test]
    fn what_will_not_do_is_told() {
        assert!(new().checked().is_ok());
        let at = new().placed_at;
        let span = Held { from: Some(at), to: Some(at), ..Held::default() };
        assert_eq!(NewHold { held: span, ..new() }.checked(), Err(HoldError::Span));
        let over = NewHold { expires_at: Some(at), ..new() };
        assert_eq!(over.checked(), Err(HoldError::Expiry));
        assert!(NewHold { reason: " ".into(), ..new() }.checked().is_err());
    }

    #[test]
    fn it_holds_until_it_is_lifted_or_expires() {
        let at = new().placed_at;
        let hold = Hold { id: HoldId(1), asked: new(), lifted_at: None };
        assert!(hold.holds(at) && hold.holds(at + (24 * 3650).hours()));
        assert!(!Hold { lifted_at: Some(at), ..hold.clone() }.holds(at));
        let asked = NewHold { expires_at: Some(at + 1.hour()), ..new() };
        let ends = Hold { asked, ..hold };
        assert!(ends.holds(at) && !ends.holds(at + 1.hour()));
    }
}
