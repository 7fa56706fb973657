//! The care of the lake while the centre runs: small files are merged, old events are forgotten.
//!
//! Merging is looked for every minute, forgetting every hour. Forgetting believes the clock, so it
//! waits until the clock has run evenly for an hour, and stops for good when the clock has leapt: a
//! wrong date must not cost a year of events. What is held stays, and when the holds cannot be read
//! everything does.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_domain::clock::Clock;
use khien_lake::{Cancel, Hold, Lake, LakeError, Policy};
use khien_store::StoreError;

/// How often the lake is looked after: often enough that few files wait to be merged.
const EVERY: Duration = Duration::from_mins(1);
/// Something may be forgotten each time that the clock has run evenly for so many looks.
const CALM: u32 = 60;
/// A clock that moved further than this between two times has leapt.
const LEAP: SignedDuration = SignedDuration::from_hours(6);

/// Answers what is held at a moment.
pub(crate) type Holds = dyn Fn(Timestamp) -> Result<Vec<Hold>, StoreError> + Send;

/// Looks after the lake until the channel closes.
pub(crate) fn run(
    lake: &Lake,
    policy: &Policy,
    holds: &Holds,
    clock: &dyn Clock,
    cancel: &Cancel,
    stopped: &Receiver<()>,
) {
    let mut trust = Trust::default();
    while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let now = clock.now();
        let holds = if trust.looks_at(now) { holds(now).map(Some) } else { Ok(None) };
        let holds = holds.unwrap_or_else(|error| {
            tracing::error!(%error, "the holds cannot be read: nothing is forgotten");
            None
        });
        match look_after(lake, policy, holds.as_deref(), now, cancel) {
            Ok(()) | Err(LakeError::Cancelled) => {}
            Err(error) => tracing::error!(%error, "the lake could not be looked after"),
        }
    }
}

/// `holds` is what is held, or nothing if nothing may be forgotten.
fn look_after(
    lake: &Lake,
    policy: &Policy,
    holds: Option<&[Hold]>,
    now: Timestamp,
    cancel: &Cancel,
) -> Result<(), LakeError> {
    let merged = lake.compact(now, cancel)?;
    if merged.merged > 0 {
        tracing::info!(files = merged.merged, into = merged.written, "files were merged");
    }
    if let Some(holds) = holds {
        let gone = lake.retain(policy, holds, now, cancel)?;
        if gone.rows > 0 {
            tracing::info!(events = gone.rows, "events that had their time are gone");
        }
    }
    Ok(())
}

/// Whether the clock can be believed.
#[derive(Default)]
struct Trust {
    last: Option<Timestamp>,
    calm: u32,
    leapt: bool,
}

impl Trust {
    /// Whether it is time to forget what had its time.
    fn looks_at(&mut self, now: Timestamp) -> bool {
        let moved = self.last.map_or(SignedDuration::ZERO, |last| now.duration_since(last));
        self.last = Some(now);
        if moved.abs() > LEAP && !self.leapt {
            self.leapt = true;
            tracing::error!(
                %now,
                "the clock has leapt: nothing is forgotten until the centre is started again"
            );
        }
        let hour_is_over = self.calm == CALM;
        self.calm = if hour_is_over { 1 } else { self.calm + 1 };
        hour_is_over && !self.leapt
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use khien_lake::{EventRow, Numbers, Options, Request, Rows, Scope, query};

    use super::*;

    fn start() -> Timestamp {
        "2026-10-15T01:00:00Z".parse().unwrap()
    }

    fn kept(lake: &Lake) -> u64 {
        let query = query::parse("").unwrap();
        let request = Request { query, scope: Scope::All, from: None, to: None };
        lake.count(&request, &Cancel::new()).unwrap().found
    }

    #[test]
    fn what_had_its_time_goes_and_the_rest_stays() {
        let place = tempfile::tempdir().unwrap();
        let lake = Lake::open(place.path(), Options::default()).unwrap();
        for (number, days) in [(1, 400), (2, 10)] {
            let time = start() - (24 * days).hours();
            let mut rows = Rows::new();
            let row = EventRow {
                time,
                received: time,
                batch: number,
                agency: "a",
                ..EventRow::default()
            };
            rows.push(&row).unwrap();
            let mut numbers = Numbers::default();
            numbers.insert(number);
            lake.append(rows, &numbers).unwrap();
            lake.flush().unwrap();
        }
        let policy = Policy::default();
        look_after(&lake, &policy, None, start(), &Cancel::new()).unwrap();
        assert_eq!(kept(&lake), 2);
        let held = [Hold { agency: Some("a".to_owned()), ..Hold::default() }];
        look_after(&lake, &policy, Some(&held), start(), &Cancel::new()).unwrap();
        assert_eq!(kept(&lake), 2, "what is held stays");
        let other = [Hold { agency: Some("b".to_owned()), ..Hold::default() }];
        look_after(&lake, &policy, Some(&other), start(), &Cancel::new()).unwrap();
        assert_eq!(kept(&lake), 1);
    }

    #[test]
    fn a_clock_is_believed_after_an_hour_and_never_after_a_leap() {
        let mut trust = Trust::default();
        let mut now = start();
        let mut believed = Vec::new();
        for minute in 0..200 {
            if trust.looks_at(now) {
                believed.push(minute);
            }
            now += 1.minutes();
        }
        assert_eq!(believed, [60, 120, 180]);
        now += (24 * 700).hours();
        assert!((0..200).all(|minute| !trust.looks_at(now + minute.minutes())));
    }
}
