//! Alerts of what the centre finds by itself in its records: no event stands behind them.
//!
//! Whoever raises one gives the agency a [task](super::tasks) in the same transaction; while that is open
//! nothing more is said.

use jiff::Timestamp;
use khien_domain::alert::severity::SeverityPack;
use khien_domain::alert::{AlertKind, Detection, MatchedField, Severity, grouping};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::EventId;

/// An alert that no event stands behind.
pub(super) struct Notice<'n> {
    /// What it is about.
    pub kind: AlertKind,
    /// What it says; pages say it in the language of whoever reads.
    pub title: &'n str,
    /// How grave it is.
    pub severity: Severity,
    /// Of which agency.
    pub agency: &'n AgencyCode,
    /// Of which system.
    pub system: &'n SystemCode,
    /// What it is about, more closely.
    pub entity: String,
    /// What speaks for it.
    pub matched: Vec<MatchedField>,
}

impl Notice<'_> {
    /// The alert as of a moment, which tells it from the next.
    pub(super) fn at(self, at: Timestamp, pack: &SeverityPack) -> Detection {
        let item = u32::try_from(at.as_second()).unwrap_or_default();
        let detection = Detection {
            event: EventId { batch: 0, item },
            at,
            kind: self.kind,
            rule: self.kind.name().to_owned(),
            title: self.title.to_owned(),
            severity: self.severity,
            agency: self.agency.clone(),
            system: self.system.clone(),
            source: None,
            entity: self.entity,
            window_start: grouping::window_start(at, pack.window),
            attack: Vec::new(),
            matched: self.matched,
        };
        detection.bounded()
    }
}
