//! What the centre finds by itself and gives an agency to bring in order: one open task in the ledger and,
//! when it begins, one alert, until the thing is in order.
//!
//! The task is the memory: while it is open nothing more is said. Whoever begins or ends one holds the
//! ledger's lock ([`Tx::lock_ledger`](khien_store::Tx::lock_ledger)) and asks [`open_task`] once more.

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::alert::severity::SeverityPack;
use khien_domain::alert::{AlertKind, Detection, MatchedField, Severity, grouping};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{NewEvidence, Origin, Record};
use khien_domain::ids::EventId;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{EvidenceFilter, Store};

use super::UseError;
use super::register::evidence::day_of;

/// A task of an agency, by a name of its own.
pub(super) struct Duty<'d> {
    /// Whose it is.
    pub agency: &'d AgencyCode,
    /// Its name: `gate mh-dvc`.
    pub subject: String,
    /// What it is about.
    pub reference: &'d str,
    /// By when it is to be done.
    pub due: Date,
}

impl Duty<'_> {
    /// The record that begins it.
    pub(super) fn begin(self, at: Timestamp) -> NewEvidence {
        let new = NewEvidence::of_agency("task.state", self.agency, at)
            .with("due", self.due.to_string())
            .with("accepted", false)
            .from(Origin::Decision, self.reference);
        NewEvidence { subject: self.subject, ..new }
    }
}

/// The task of a name, as long as it is not done.
pub(super) async fn open_task(
    store: &Store,
    agency: &AgencyCode,
    subject: &str,
) -> Result<Option<NewEvidence>, UseError> {
    let filter = EvidenceFilter {
        kind: Some("task.state".to_owned()),
        agency: Some(agency.clone()),
        system: None,
        subject: Some(subject.to_owned()),
    };
    let page = PageRequest::new(None, 1);
    let found = store.list_evidence(&AgencyScope::All, &filter, &page).await?;
    Ok(found.items.into_iter().next().and_then(|record| open(agency, record)))
}

/// The tasks of an agency whose names begin so, as long as they are not done.
pub(super) async fn open_tasks(
    store: &Store,
    agency: &AgencyCode,
    beginning: &str,
) -> Result<Vec<NewEvidence>, UseError> {
    let found = store.last_by_subject(agency, "task.state", beginning).await?;
    Ok(found.into_iter().filter_map(|record| open(agency, record)).collect())
}

/// The task of a record, unless it is done.
fn open(agency: &AgencyCode, record: Record) -> Option<NewEvidence> {
    let about = record.about;
    let is_done = record.content.get("done").and_then(Content::as_text).is_some();
    let task = NewEvidence::of_agency("task.state", agency, about.at);
    let task = task.from(about.origin, about.reference);
    let task = NewEvidence { content: record.content, subject: about.subject, ..task };
    (!is_done).then_some(task)
}

/// The record that ends an open task.
pub(super) fn end(task: NewEvidence, at: Timestamp) -> NewEvidence {
    let done = task.with("done", day_of(at).to_string()).with("accepted", true);
    NewEvidence { at, ..done }
}

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
