//! The last restore of a system that was tried, whoever told of it.
//!
//! Minutes that were measured are held against the objectives as they are now: what met them then and would not
//! do today misses them. What missed them stays so, whatever the objectives become, until another restore is tried.

use jiff::{SignedDuration, Timestamp};
use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::system::System;
use khien_store::EvidenceFilter;

use super::evidence::pack;
use crate::records::Records;
use crate::use_case::UseError;

/// Records that are looked through for the last.
const RECORDS: u32 = 20;

/// A restore that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restore {
    /// The number of its record.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Whether what was restored worked.
    pub success: bool,
    /// Whether that took no longer than it may, then and today.
    pub rto_met: bool,
    /// Whether no more was lost than may be, then and today.
    pub rpo_met: bool,
    /// How many minutes it took, if that was measured.
    pub minutes: Option<u32>,
    /// How many minutes of data were lost, if that was measured.
    pub lost_minutes: Option<u32>,
}

impl Restore {
    /// Whether it worked and met both objectives.
    pub fn met(&self) -> bool {
        self.success && self.rto_met && self.rpo_met
    }

    /// Whether it was tried so many days ago at most.
    pub(super) fn is_within(&self, days: i64, now: Timestamp) -> bool {
        now.duration_since(self.at) <= SignedDuration::from_hours(24 * days)
    }
}

/// The last restore of a system.
pub(in crate::use_case) async fn last_restore(
    records: &Records,
    system: &System,
) -> Result<Option<Restore>, UseError> {
    let filter = EvidenceFilter {
        kind: Some("restore.tested".to_owned()),
        agency: Some(system.agency.clone()),
        system: Some(system.code.clone()),
        subject: None,
    };
    let page = PageRequest::new(None, RECORDS);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?.items;
    let seqs = found.iter().map(|record| record.about.seq).collect();
    let corrected = records.store.corrected_records(&seqs).await?;
    let counts = |record: &&Record| !corrected.contains(&record.about.seq);
    let last = found.iter().filter(counts).max_by_key(|one| (one.about.at, one.about.seq));
    let Some(last) = last else { return Ok(None) };
    let holds = |name| last.content.get(name).and_then(Content::as_bool) == Some(true);
    let minutes = |name| {
        let minutes = last.content.get(name).and_then(Content::as_int);
        minutes.and_then(|minutes| u32::try_from(minutes).ok())
    };
    let (took, lost) = (minutes("minutes"), minutes("lost_minutes"));
    let will_do = |took: Option<u32>, most: Option<u32>| {
        took.zip(most).is_none_or(|(took, most)| took <= most)
    };
    Ok(Some(Restore {
        seq: last.about.seq,
        at: last.about.at,
        success: holds("success"),
        rto_met: holds("rto_met") && will_do(took, system.rto_minutes),
        rpo_met: holds("rpo_met") && will_do(lost, system.rpo_minutes),
        minutes: took,
        lost_minutes: lost,
    }))
}

/// Whether a restore of a system was tried, and not so long ago that it counts as not tried.
pub(in crate::use_case) async fn is_tried(
    records: &Records,
    system: &System,
) -> Result<bool, UseError> {
    let days = pack()?.restore_days;
    let last = last_restore(records, system).await?;
    Ok(last.is_some_and(|last| last.is_within(days, records.now())))
}
