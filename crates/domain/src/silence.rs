//! Silent sources: a source that stops sending is an alert, since attackers stop logs first.

use jiff::{SignedDuration, Timestamp};

/// What the watch over a source finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It sends, or nobody watches.
    Heard,
    /// It has been silent since this moment for longer than its heartbeat.
    Silent {
        /// When it was last heard; when it was registered or enabled if never.
        since: Timestamp,
    },
}

/// Whether a source is silent.
///
/// `last_seen` is when its last event arrived (its arrival, not the event's own time, which the
/// sender writes), `watched_since` when it was registered, enabled or the program began to listen,
/// whichever is latest: while the program is off, nobody can be heard. A moment in the future (a
/// clock set back) counts as now.
pub fn watch(
    last_seen: Option<Timestamp>,
    watched_since: Timestamp,
    heartbeat_seconds: Option<u32>,
    now: Timestamp,
) -> Finding {
    let Some(heartbeat) = heartbeat_seconds else { return Finding::Heard };
    let since = last_seen.map_or(watched_since, |seen| seen.max(watched_since));
    if now.duration_since(since) > SignedDuration::from_secs(i64::from(heartbeat)) {
        Finding::Silent { since: last_seen.unwrap_or(watched_since) }
    } else {
        Finding::Heard
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn a_source_is_silent_after_its_heartbeat() {
        let now: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        let ago = |seconds: i64| now - seconds.seconds();
        let silent = |since| Finding::Silent { since };
        for (last_seen, watched_since, heartbeat, finding, why) in [
            (Some(ago(10)), ago(900), Some(60), Finding::Heard, "it was just heard"),
            (Some(ago(60)), ago(900), Some(60), Finding::Heard, "exactly the heartbeat"),
            (Some(ago(61)), ago(900), Some(60), silent(ago(61)), "beyond it"),
            (Some(ago(61)), ago(900), None, Finding::Heard, "nobody watches"),
            (None, ago(61), Some(60), silent(ago(61)), "never heard since it was registered"),
            (None, ago(5), Some(60), Finding::Heard, "just registered"),
            (Some(ago(900)), ago(5), Some(60), Finding::Heard, "the program just began to listen"),
            (Some(ago(900)), ago(70), Some(60), silent(ago(900)), "silent over a restart"),
            (Some(ago(-50)), ago(900), Some(60), Finding::Heard, "the clock was set back"),
        ] {
            assert_eq!(watch(last_seen, watched_since, heartbeat, now), finding, "{why}");
        }
    }
}
