//! What joins one alert: the same rule, on the same system, about the same thing, within a window.
//!
//! Windows are fixed pieces of event time, not spans from the first event, so that events that
//! arrive late or twice fall into the alert they belong to whatever the order.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::code::SystemCode;

/// What detections of one alert have in common, as a hash of fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(pub [u8; 16]);

/// The key of a rule, a system, an entity and the beginning of a window.
pub fn key(rule: &str, system: &SystemCode, entity: &str, window_start: Timestamp) -> GroupKey {
    let mut hash = Sha256::new();
    for part in [rule, system.as_str(), entity] {
        // The length before each part: "a", "bc" is not "ab", "c".
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(window_start.as_microsecond().to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    GroupKey(key)
}

/// The beginning of the window that a moment lies in. Windows count from 1970; one of no length
/// counts as one of a second.
pub fn window_start(at: Timestamp, window: SignedDuration) -> Timestamp {
    let seconds = window.as_secs().max(1);
    let start = at.as_second().div_euclid(seconds).saturating_mul(seconds);
    // Only a window that reaches beyond the calendar has no beginning.
    Timestamp::from_second(start).unwrap_or(Timestamp::MIN)
}

/// What something happened to, as text: the host, and the user and the remote address where the
/// event tells them. Two events with the same are about the same.
pub fn entity(host: Option<&str>, user: Option<&str>, address: Option<&str>) -> String {
    let parts = [("host", host), ("user", user), ("address", address)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(name, value)| {
            let value = value.map(str::trim).filter(|value| !value.is_empty() && *value != "-")?;
            Some(format!("{name}={}", value.to_lowercase()))
        })
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_fixed_pieces_of_time() {
        let hour = SignedDuration::from_hours(1);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let start = window_start(at("2026-10-15T08:59:59.9Z"), hour);
        assert_eq!(start, at("2026-10-15T08:00:00Z"));
        assert_eq!(window_start(start, hour), start);
        let before = window_start(at("1969-12-31T23:30:00Z"), hour);
        assert_eq!(before, at("1969-12-31T23:00:00Z"));
        for odd in [SignedDuration::ZERO, SignedDuration::MIN, SignedDuration::MAX] {
            let start = window_start(start, odd);
            assert!(start <= at("2026-10-15T08:00:00Z"));
        }
        window_start(Timestamp::MIN, hour);
    }

    #[test]
    fn keys_differ_with_each_part() {
        let system = |code| SystemCode::new(code).unwrap();
        let start = Timestamp::UNIX_EPOCH;
        let base = key("r1", &system("web"), "host=a", start);
        assert_eq!(base, key("r1", &system("web"), "host=a", start));
        let later = start + SignedDuration::from_secs(1);
        for other in [
            key("r2", &system("web"), "host=a", start),
            key("r1", &system("db"), "host=a", start),
            key("r1", &system("web"), "host=b", start),
            key("r1", &system("web"), "host=a", later),
            key("r1w", &system("eb"), "host=a", start),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn an_entity_names_what_the_event_tells() {
        assert_eq!(
            entity(Some("WEB01"), Some("Admin"), Some("203.0.113.9")),
            "host=web01 user=admin address=203.0.113.9"
        );
        assert_eq!(entity(Some("WEB01"), Some("-"), Some(" ")), "host=web01");
        assert_eq!(entity(None, None, None), "");
    }
}
