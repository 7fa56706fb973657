//! A moment, or none, as microseconds since 1970: for what is kept with a job.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[expect(clippy::ref_option, reason = "what serde calls")]
pub(super) fn serialize<S: Serializer>(
    moment: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    moment.map(Timestamp::as_microsecond).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let micros = Option::<i64>::deserialize(deserializer)?;
    Ok(micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
}
