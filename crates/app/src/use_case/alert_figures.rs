//! What is counted over the alerts that somebody may see.

use jiff::{SignedDuration, Timestamp};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
pub use khien_store::{AlertFilter, AlertGroup, GroupBy, GroupCursor, Waiting};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// The stretches of a day of which alerts are counted.
pub const STRETCHES: usize = 96;
/// One of them.
pub const STRETCH: SignedDuration = SignedDuration::from_mins(15);

/// Alerts that were raised in stretches of a quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverTime {
    /// When the first stretch begins: at a full quarter of an hour.
    pub from: Timestamp,
    /// Alerts of each stretch by severity, the lowest first. The last one is not over.
    pub stretches: Vec<[u64; 5]>,
}

/// The alerts that are not closed, by severity, the lowest first.
pub async fn open_by_severity(records: &Records, caller: &Caller) -> Result<[u64; 5], UseError> {
    let deed = Deed::new("alert.count", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    Ok(records.store.count_open_alerts(&scope).await?)
}

/// The alerts raised in the last 24 hours, by quarters of an hour.
pub async fn over_last_day(records: &Records, caller: &Caller) -> Result<OverTime, UseError> {
    let deed = Deed::new("alert.count", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    let micros = i64::try_from(STRETCH.as_micros()).unwrap_or(i64::MAX);
    let quarter = records.now().as_microsecond().div_euclid(micros);
    let first = (quarter + 1).saturating_sub(STRETCHES as i64).saturating_mul(micros);
    let from = Timestamp::from_microsecond(first).unwrap_or(Timestamp::UNIX_EPOCH);
    let stretches = records.store.alerts_over_time(&scope, from, STRETCH, STRETCHES).await?;
    Ok(OverTime { from, stretches })
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
