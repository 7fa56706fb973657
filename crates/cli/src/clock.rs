//! The one place that reads a clock.

use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// Now.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Measures how long something takes.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(read(ClockId::Monotonic))
    }

    /// The time since the start.
    pub(crate) fn elapsed(self) -> Duration {
        read(ClockId::Monotonic).saturating_sub(self.0)
    }
}

/// The processor time of all threads since the process began.
pub(crate) fn cpu_time() -> Duration {
    read(ClockId::ProcessCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), nanoseconds)
}

/// The most memory the process has held so far, in bytes, where the system tells it.
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Waits: for a centre that asked to come again later there is nothing else to wait on.
#[expect(clippy::disallowed_methods, reason = "the other side named the time")]
pub(crate) fn wait(time: Duration) {
    std::thread::sleep(time);
}
