//! How much a source may send: two token buckets, one of events and one of bytes.

use jiff::Timestamp;

/// What a source may send in a second, over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Events a second.
    pub events_per_second: u32,
    /// Bytes a second.
    pub bytes_per_second: u32,
}

/// How many seconds' worth may come at once after a pause.
const BURST_SECONDS: f64 = 10.0;

/// What a source may still send.
///
/// A batch is let through while anything is left, and then counts in full: a batch larger than the
/// burst passes once and makes the next wait, instead of never passing.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: Rate,
    events: f64,
    bytes: f64,
    at: Timestamp,
}

/// How long a source has to wait, in whole seconds, at least 1: the value of `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u32);

impl Bucket {
    /// A full bucket.
    pub fn new(rate: Rate, now: Timestamp) -> Self {
        Self {
            rate,
            events: f64::from(rate.events_per_second) * BURST_SECONDS,
            bytes: f64::from(rate.bytes_per_second) * BURST_SECONDS,
            at: now,
        }
    }

    /// Refuses if the source has to wait; takes nothing. A clock that goes back fills nothing.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), RetryAfter> {
        self.fill(now);
        let wait = |left: f64, per_second: u32| {
            if left > 0.0 { 0.0 } else { (1.0 - left) / f64::from(per_second.max(1)) }
        };
        let seconds = wait(self.events, self.rate.events_per_second)
            .max(wait(self.bytes, self.rate.bytes_per_second));
        if seconds > 0.0 {
            return Err(RetryAfter(seconds.ceil().clamp(1.0, 3600.0) as u32));
        }
        Ok(())
    }

    /// Takes what came.
    pub fn take(&mut self, events: u64, bytes: u64) {
        self.events -= events as f64;
        self.bytes -= bytes as f64;
    }

    /// A new rate, for a source whose settings changed; what it owes stays owed.
    pub fn set_rate(&mut self, rate: Rate) {
        self.rate = rate;
    }

    fn fill(&mut self, now: Timestamp) {
        let seconds = now.duration_since(self.at).as_secs_f64();
        // A clock set back starts counting anew from there, so that a jump never locks a source out.
        self.at = now;
        if seconds <= 0.0 {
            return;
        }
        let fill = |left: f64, per_second: u32| {
            let full = f64::from(per_second) * BURST_SECONDS;
            (left + seconds * f64::from(per_second)).min(full)
        };
        self.events = fill(self.events, self.rate.events_per_second);
        self.bytes = fill(self.bytes, self.rate.bytes_per_second);
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    const RATE: Rate = Rate { events_per_second: 100, bytes_per_second: 10_000 };

    fn start() -> Timestamp {
        "2026-10-15T01:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let mut bucket = Bucket::new(RATE, start());
        let mut passed = 0;
        for tenth in 0..600_i64 {
            let now = start() + (100 * tenth).milliseconds();
            while bucket.admit(now).is_ok() {
                bucket.take(1, 10);
                passed += 1;
            }
        }
        assert!((6_900..=7_001).contains(&passed), "10 s of burst and 60 s of rate: {passed}");
    }

    #[test]
    fn bytes_count_as_well_as_events() {
        let mut bucket = Bucket::new(RATE, start());
        bucket.take(1, 150_000);
        assert_eq!(bucket.admit(start()), Err(RetryAfter(6)));
        assert_eq!(bucket.admit(start() + 6.seconds()), Ok(()));
    }

    #[test]
    fn a_batch_larger_than_the_burst_passes_once() {
        let mut bucket = Bucket::new(RATE, start());
        assert!(bucket.admit(start()).is_ok());
        bucket.take(1_000_000, 10);
        assert_eq!(bucket.admit(start()), Err(RetryAfter(3600)), "told in bounds");
        assert!(bucket.admit(start() + 3.hours()).is_ok());
    }

    #[test]
    fn a_clock_set_back_neither_fills_nor_locks_out() {
        let mut bucket = Bucket::new(RATE, start());
        bucket.take(1_050, 0);
        let back = start() - 24.hours();
        assert!(bucket.admit(back).is_err());
        assert!(bucket.admit(back + 1.second()).is_ok());
    }

    #[test]
    fn a_new_rate_holds_from_then_on() {
        let mut bucket = Bucket::new(RATE, start());
        bucket.take(1_000, 0);
        bucket.set_rate(Rate { events_per_second: 1, bytes_per_second: 10_000 });
        assert!(bucket.admit(start()).is_err());
        assert!(bucket.admit(start() + 1.second()).is_ok());
        bucket.take(1, 0);
        assert!(bucket.admit(start() + 1.second()).is_err());
    }
}
