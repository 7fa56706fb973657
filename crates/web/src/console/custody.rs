//! `/custody`: the handover of devices that keep keys, one device with its log.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod list;

use khien_domain::custody::{Device, DeviceState};
use khien_domain::ids::DeviceId;

use super::error::PageError;
use super::frame::Frame;

impl Frame {
    /// How the state of a device stands, as a class of texts.
    pub(super) fn custody_class(&self, device: &Device) -> &'static str {
        match device.state {
            DeviceState::Lost => "bad-word",
            DeviceState::Revoked => "dim",
            DeviceState::HandedOver | DeviceState::InStore => "",
        }
    }

    /// How the last day of a device's certificate stands, as a class of texts.
    pub(super) fn custody_lapse(&self, device: &Device) -> &'static str {
        if device.counts() { self.lapse_or(&device.until) } else { "dim" }
    }
}

/// The device of an address.
fn id(text: &str) -> Result<DeviceId, PageError> {
    text.parse().map(DeviceId).map_err(|_| PageError::not_found())
}
