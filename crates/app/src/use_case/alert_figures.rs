//! What is counted over the alerts that somebody may see.

use jiff::{SignedDuration, Timestamp};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
pub use khien_store::{AlertFilter, AlertGroup, GroupBy, GroupCursor, Waiting};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// How far the days of Viet Nam are before those of UTC.
const EAST: SignedDuration = SignedDuration::from_hours(7);
/// Stretches that are counted at most.
const STRETCHES: usize = 400;

/// Alerts in stretches of time, by the time of their first events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverTime {
    /// When the first stretch begins: at a full one, days being those of Viet Nam.
    pub from: Timestamp,
    /// How long one is.
    pub stretch: SignedDuration,
    /// Alerts of each stretch by severity, the lowest first. The last one is not over.
    pub stretches: Vec<[u64; 5]>,
}

/// The alerts that are not closed, by severity, the lowest first.
pub async fn open_by_severity(records: &Records, caller: &Caller) -> Result<[u64; 5], UseError> {
    let deed = Deed::new("alert.count", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    Ok(records.store.count_open_alerts(&scope).await?)
}

/// The alerts of the last `count` stretches.
pub async fn over_time(
    records: &Records,
    caller: &Caller,
    stretch: SignedDuration,
    count: usize,
) -> Result<OverTime, UseError> {
    let deed = Deed::new("alert.count", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    let count = count.clamp(1, STRETCHES);
    let micros = i64::try_from(stretch.as_micros()).unwrap_or(i64::MAX).max(1);
    let east = i64::try_from(EAST.as_micros()).unwrap_or_default();
    let last = (records.now().as_microsecond() + east).div_euclid(micros);
    let first = (last + 1).saturating_sub(count as i64).saturating_mul(micros) - east;
    let from = Timestamp::from_microsecond(first).unwrap_or(Timestamp::UNIX_EPOCH);
    let stretches = records.store.alerts_over_time(&scope, from, stretch, count).await?;
    Ok(OverTime { from, stretch, stretches })
}

/// The alerts in groups, the gravest first, then the latest.
pub async fn grouped(
    records: &Records,
    caller: &Caller,
    filter: &AlertFilter,
    by: GroupBy,
    page: &PageRequest<GroupCursor>,
) -> Result<Page<AlertGroup, GroupCursor>, UseError> {
    let deed = Deed::new("alert.list", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    Ok(records.store.group_alerts(&scope, filter, by, page).await?)
}

/// How long the alerts that were raised in a time waited until somebody took them on or closed
/// them.
pub async fn waited(
    records: &Records,
    caller: &Caller,
    from: Timestamp,
    to: Timestamp,
) -> Result<Waiting, UseError> {
    let deed = Deed::new("alert.count", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    if from >= to {
        return Err(UseError::Invalid("the time ends before it begins".to_owned()));
    }
    Ok(records.store.alerts_waited(&scope, from, to).await?)
}
