//! Moments as people write them in queries.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, offset};

/// The offset of times that name none: Vietnam's.
const LOCAL: Offset = offset(7);

/// A moment in RFC 3339, or a date with or without a time, in UTC+7 where no offset is given.
pub fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let local = match text.parse::<DateTime>() {
        Ok(local) => local,
        Err(_) => text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()),
    };
    LOCAL.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_local_unless_they_say_otherwise() {
        let read = |text| moment(text).map(|moment| moment.to_string());
        assert_eq!(read("2026-11-22").as_deref(), Some("2026-11-21T17:00:00Z"));
        assert_eq!(read("2026-11-22T08:30").as_deref(), Some("2026-11-22T01:30:00Z"));
        assert_eq!(read("2026-11-22T08:30:00Z").as_deref(), Some("2026-11-22T08:30:00Z"));
        assert_eq!(read("2026-11-22T08:30:00+07:00").as_deref(), Some("2026-11-22T01:30:00Z"));
        assert_eq!(read("yesterday"), None);
    }
}
