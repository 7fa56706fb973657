//! Small devices that tell how they are, as JSON of their own.

use jiff::Timestamp;
use serde_json::json;

use super::local_text;

/// How a device is.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Which device.
    pub(crate) host: String,
    /// What it does.
    pub(crate) doing: &'static str,
    /// How warm it is.
    pub(crate) celsius: u64,
}

impl State {
    pub(super) fn written(&self, at: Timestamp) -> String {
        let Self { host, doing, celsius } = self;
        json!({
            "time": local_text(at), "host": host, "app": "loa-thong-minh", "level": "info",
            "state": doing, "celsius": celsius,
        })
        .to_string()
    }
}
