//! Rows of devices that keep keys.

use khien_domain::code::AgencyCode;
use khien_domain::custody::{Device, DeviceKind, DeviceState};
use khien_domain::permission::AgencyScope;
use khien_store::Tx;

use super::{NO_CODE, NotKept, Row, empty};
use crate::use_case::UseError;
use crate::use_case::register::custody;
use crate::use_case::register::evidence::Teller;

/// Keeps a row. Answers whether the device is new.
pub(super) async fn keep(
    tx: &mut Tx,
    teller: &Teller,
    row: &mut Row<'_>,
    scope: &AgencyScope,
) -> Result<bool, NotKept> {
    let agency = row.must("agency", NO_CODE, |text| AgencyCode::new(text).ok());
    let kind = row.one_of("kind", DeviceKind::ALL, DeviceKind::name);
    let state = row.one_of("state", DeviceState::ALL, DeviceState::name);
    let (until, since) = (row.day("until"), row.day("since"));
    empty(row, &["serial", "kind"]);
    if let Some(agency) = &agency {
        let is_there = tx.find_agency(agency).await.map_err(|error| Some(error.into()))?.is_some();
        if !scope.contains(agency) || !is_there {
            row.wrong("agency", "the agency is outside the scope");
        }
    }
    let (Some(agency), Some(kind)) = (agency, kind) else { return Err(None) };
    if !row.problems.is_empty() {
        return Err(None);
    }
    let serial = row.text("serial").unwrap_or_default();
    let listed = Device::new(agency, serial, kind, since.unwrap_or(teller.today));
    let listed = match listed {
        Ok(listed) => Device { until, ..listed },
        Err(wrong) => {
            row.wrong("serial", wrong.to_string());
            return Err(None);
        }
    };
    let known = tx.find_device(&listed.agency, &listed.serial).await;
    let known = known.map_err(|error| Some(error.into()))?;
    let stands = known.as_ref().map(|known| known.device.state);
    // What is lost or revoked is said with the device itself, where its task begins and ends.
    if matches!(state, Some(DeviceState::Lost | DeviceState::Revoked)) && state != stands {
        row.wrong("state", "a file lists what is in store or handed over");
        return Err(None);
    }
    let post = row.text("post").map(str::to_owned);
    let kept = custody::keep_listed(tx, (&teller.by, teller.now), listed, known, post).await;
    kept.map_err(|error| match error {
        UseError::Invalid(message) | UseError::Conflict(message) => {
            row.wrong("serial", message);
            None
        }
        other => Some(other),
    })
}
