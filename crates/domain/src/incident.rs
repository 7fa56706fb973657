//! Incidents: what somebody leads through, from the alerts that it began with to its end.
//!
//! An incident concerns the agencies of its alerts and the agency of its first alert, which stays
//! even if that alert is taken out; whoever may see one of them sees the incident. An alert is in
//! at most one incident that is not closed. What it costs is told beside it ([`Losses`]).

mod loss;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::account::{UserName, UserNameError};
use crate::alert::Severity;
use crate::code::AgencyCode;
use crate::ids::{AlertId, IncidentId, NoteId};
use crate::limits::{INCIDENT_ALERTS, NAME_BYTES, TEXT_BYTES};
use crate::text::{self, TextError};

pub use loss::{LossFigure, LossFigureError, LossKind, LossSums, Losses, NewLossFigure};

/// What came of an incident that is closed. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It happened, and it is dealt with.
    Resolved,
    /// Nothing had happened.
    FalseAlarm,
    /// Another incident is about the same.
    Duplicate,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Resolved, Self::FalseAlarm, Self::Duplicate];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::FalseAlarm => "false_alarm",
            Self::Duplicate => "duplicate",
        }
    }

    /// The outcome of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It goes on.
    Open,
    /// It does not spread any more.
    Contained,
    /// Done, and what came of it.
    Closed(Outcome),
}

/// A step that an incident cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an incident cannot go from {} to {}", from.name(), to.name())]
pub struct WrongStep {
    /// Where it stands.
    pub from: State,
    /// Where it was to go.
    pub to: State,
}

impl State {
    /// The names of all states.
    pub const NAMES: [&str; 3] = ["open", "contained", "closed"];

    /// The name that commands and records use; the outcome stands apart.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Contained => "contained",
            Self::Closed(_) => "closed",
        }
    }

    /// The state of a name and, for a closed incident, an outcome.
    pub fn parse(name: &str, outcome: Option<Outcome>) -> Option<Self> {
        match (name, outcome) {
            ("open", None) => Some(Self::Open),
            ("contained", None) => Some(Self::Contained),
            ("closed", Some(outcome)) => Some(Self::Closed(outcome)),
            _ => None,
        }
    }

    /// What came of it, if it is closed.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Closed(outcome) => Some(outcome),
            Self::Open | Self::Contained => None,
        }
    }

    /// Whether it is closed.
    pub fn is_closed(self) -> bool {
        self.outcome().is_some()
    }

    /// Goes on to another state. What is contained can break out again, and what was closed too
    /// soon is opened again; an outcome is corrected by opening first.
    pub fn step(self, to: Self) -> Result<Self, WrongStep> {
        match (self, to) {
            (Self::Open, Self::Contained | Self::Closed(_))
            | (Self::Contained, Self::Open | Self::Closed(_))
            | (Self::Closed(_), Self::Open) => Ok(to),
            _ => Err(WrongStep { from: self, to }),
        }
    }
}

impl IncidentId {
    /// The number as people write it: `SC-0001`.
    pub fn number(self) -> Number {
        Number(self.0)
    }

    /// Reads `SC-0001`, `sc-1` or `1`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = match text.get(..3) {
            Some(prefix) if prefix.eq_ignore_ascii_case("sc-") => text.get(3..)?,
            _ => text,
        };
        let digits = Some(digits).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok().filter(|id| *id > 0).map(Self)
    }
}

/// An incident's number, which shows itself as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(i64);

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SC-{:04}", self.0)
    }
}

/// An incident to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIncident {
    /// What it is, in a line.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// Who leads, if somebody does already.
    pub lead: Option<String>,
    /// The alerts that it begins with; the first one's agency is the incident's.
    pub alerts: Vec<AlertId>,
}

/// Why an incident will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncidentError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The lead is nobody's user name.
    #[error("the lead: {0}")]
    Lead(#[from] UserNameError),
    /// It begins with nothing.
    #[error("an incident begins with an alert: name at least one")]
    NoAlert,
    /// Too many alerts.
    #[error("an incident has at most {INCIDENT_ALERTS} alerts")]
    Alerts,
}

impl NewIncident {
    /// The incident with texts in order and each alert named once.
    pub fn checked(mut self) -> Result<Self, IncidentError> {
        self.title = title(&self.title)?;
        self.lead = self.lead.as_deref().map(lead).transpose()?;
        let mut seen = BTreeSet::new();
        self.alerts.retain(|alert| seen.insert(*alert));
        match self.alerts.len() {
            0 => Err(IncidentError::NoAlert),
            1..=INCIDENT_ALERTS => Ok(self),
            _ => Err(IncidentError::Alerts),
        }
    }
}

/// A title in order.
pub fn title(text: &str) -> Result<String, TextError> {
    text::line("the title", text, NAME_BYTES)
}

/// The user name of whoever leads.
pub fn lead(text: &str) -> Result<String, UserNameError> {
    UserName::new(text).map(|name| name.as_str().to_owned())
}

/// A note's text, in order and within its limit.
pub fn note_text(text: &str) -> Result<String, TextError> {
    text::paragraph("the note", text, TEXT_BYTES)
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// What it is, in a line.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// Where it stands.
    pub state: State,
    /// The user name of whoever leads.
    pub lead: Option<String>,
    /// The agency of its first alert.
    pub agency: AgencyCode,
    /// All agencies that it concerns.
    pub agencies: BTreeSet<AgencyCode>,
    /// How many alerts are linked, of whatever agency.
    pub alerts: u64,
    /// What it costs.
    pub losses: Losses,
    /// Who opened it.
    pub opened_by: String,
    /// When.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// What somebody says about an incident. Notes are added, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number.
    pub id: NoteId,
    /// Who says it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_allowed_or_refused_as_the_table_says() {
        let closed = State::Closed(Outcome::Resolved);
        for (from, to, allowed) in [
            (State::Open, State::Open, false),
            (State::Open, State::Contained, true),
            (State::Open, closed, true),
            (State::Contained, State::Open, true),
            (State::Contained, State::Contained, false),
            (State::Contained, closed, true),
            (closed, State::Open, true),
            (closed, State::Contained, false),
            (closed, State::Closed(Outcome::Duplicate), false),
        ] {
            assert_eq!(from.step(to).is_ok(), allowed, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn only_a_closed_incident_has_an_outcome() {
        for outcome in Outcome::ALL {
            let closed = State::Closed(outcome);
            assert_eq!(Outcome::parse(outcome.name()), Some(outcome));
            assert_eq!(State::parse(closed.name(), closed.outcome()), Some(closed));
            assert_eq!(State::parse("open", Some(outcome)), None);
        }
        assert_eq!(State::parse("closed", None), None);
        assert_eq!(
            State::NAMES.map(|name| State::parse(name, None).is_some()),
            [true, true, false]
        );
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!(IncidentId(7).number().to_string(), "SC-0007");
        assert_eq!(IncidentId(12_345).number().to_string(), "SC-12345");
        for text in ["SC-0007", "sc-7", " 7 "] {
            assert_eq!(IncidentId::parse(text), Some(IncidentId(7)), "{text}");
        }
        for text in ["", "SC-", "SC-0", "-7", "+7", "SC-7x", "sự cố"] {
            assert_eq!(IncidentId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_will_not_do_is_told() {
        let new = NewIncident {
            title: " Mã độc ở cổng dịch vụ công ".into(),
            severity: Severity::High,
            lead: Some("CanBo001".into()),
            alerts: vec![AlertId(2), AlertId(1), AlertId(2)],
        };
        let checked = new.clone().checked().unwrap();
        assert_eq!(checked.alerts, [AlertId(2), AlertId(1)], "in their order, each once");
        assert_eq!(checked.lead.as_deref(), Some("canbo001"));
        let none = NewIncident { alerts: Vec::new(), ..new.clone() };
        assert_eq!(none.checked(), Err(IncidentError::NoAlert));
        let many = (0..=INCIDENT_ALERTS as i64).map(AlertId).collect();
        let many = NewIncident { alerts: many, ..new.clone() };
        assert_eq!(many.checked(), Err(IncidentError::Alerts));
        let nobody = NewIncident { lead: Some("Cán bộ".into()), ..new.clone() };
        assert!(matches!(nobody.checked(), Err(IncidentError::Lead(_))));
        assert!(NewIncident { title: " ".into(), ..new }.checked().is_err());
    }
}
