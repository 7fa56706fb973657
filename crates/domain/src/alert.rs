//! Alerts: what was found, grouped, until somebody closes it.
//!
//! What repeats joins one alert ([`grouping`]); how grave it is follows from the rule and the system
//! ([`severity`]); a person takes it from new to closed ([`state`]); what is known to be harmless is
//! hidden for a time ([`suppression`]).

use jiff::Timestamp;

use crate::code::{AgencyCode, SystemCode};
use crate::ids::{AlertId, CommentId, EventId, SourceId};
use crate::limits::{MATCHED_BYTES, MATCHED_FIELDS, NAME_BYTES};
use crate::text;

pub mod grouping;
pub mod severity;
pub mod state;
pub mod suppression;

pub use grouping::GroupKey;
pub use severity::Severity;
pub use state::State;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertKind {
    /// A rule matched events.
    Rule,
    /// A correlation of rules came true.
    Correlation,
    /// A source is silent beyond its heartbeat.
    SourceSilent,
    /// A host appeared that is not registered («hệ thống chưa đăng ký»).
    UnregisteredHost,
    /// A system is used without leave of the gate.
    SystemNotAllowed,
    /// An asset stands in two networks that are to be apart.
    TwoZones,
}

impl AlertKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Rule,
        Self::Correlation,
        Self::SourceSilent,
        Self::UnregisteredHost,
        Self::SystemNotAllowed,
        Self::TwoZones,
    ];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Correlation => "correlation",
            Self::SourceSilent => "source_silent",
            Self::UnregisteredHost => "unregistered_host",
            Self::SystemNotAllowed => "system_not_allowed",
            Self::TwoZones => "two_zones",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A field that made a rule match, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedField {
    /// The field.
    pub field: String,
    /// Its value in the event, cut if long.
    pub value: String,
    /// What of the rule it fulfils.
    pub why: String,
}

impl MatchedField {
    /// The field with all texts within limits.
    pub fn new(field: &str, value: &str, why: &str) -> Self {
        Self {
            field: text::cut(field, NAME_BYTES),
            value: text::cut(value, MATCHED_BYTES),
            why: text::cut(why, MATCHED_BYTES),
        }
    }
}

/// One thing that was found, before it joins an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The event; for a correlation, the one that made it come true.
    pub event: EventId,
    /// When it happened, by the event's own time.
    pub at: Timestamp,
    /// What it is about.
    pub kind: AlertKind,
    /// The rule's id, or the kind's name where no rule stands behind it.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// Whose system it concerns.
    pub agency: AgencyCode,
    /// Which system.
    pub system: SystemCode,
    /// Through which source the event came.
    pub source: Option<SourceId>,
    /// What it happened to, see [`grouping::entity`].
    pub entity: String,
    /// The beginning of the window in which repetitions join, see [`grouping::window_start`].
    pub window_start: Timestamp,
    /// ATT&CK tags of the rule: `attack.t1059.001`.
    pub attack: Vec<String>,
    /// The fields that matched.
    pub matched: Vec<MatchedField>,
}

impl Detection {
    /// The detection with texts and lists within limits.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.rule = text::cut(&self.rule, NAME_BYTES);
        self.title = text::cut(&self.title, NAME_BYTES);
        self.entity = text::cut(&self.entity, MATCHED_BYTES);
        self.attack.truncate(MATCHED_FIELDS);
        self.matched.truncate(MATCHED_FIELDS);
        self
    }

    /// What it has in common with those that join the same alert.
    pub fn group_key(&self) -> GroupKey {
        grouping::key(&self.rule, &self.system, &self.entity, self.window_start)
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// The rule's id, or the kind's name.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// How grave it is: the gravest of what joined it.
    pub severity: Severity,
    /// Whose system it concerns.
    pub agency: AgencyCode,
    /// Which system.
    pub system: SystemCode,
    /// Through which source the first event came.
    pub source: Option<SourceId>,
    /// What it happened to.
    pub entity: String,
    /// The beginning of its window.
    pub window_start: Timestamp,
    /// ATT&CK tags of the rule.
    pub attack: Vec<String>,
    /// How many times.
    pub count: u64,
    /// The first time, by the events' own times.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who works on it.
    pub assignee: Option<String>,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One event of an alert, of the first that are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertEvent {
    /// Which event.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// The fields that matched.
    pub matched: Vec<MatchedField>,
}

/// What somebody says about an alert. Comments are added, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its number.
    pub id: CommentId,
    /// Who says it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}
