//! Time and memory of the bench.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Seconds on a clock that only goes forward.
pub(crate) fn wall() -> f64 {
    read(ClockId::Monotonic).as_secs_f64()
}

/// Processor seconds of all threads since the beginning.
pub(crate) fn cpu() -> f64 {
    read(ClockId::ProcessCPUTime).as_secs_f64()
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// A line of the process's status in MiB: `VmHWM` for the peak of memory, `VmRSS` for now.
pub(crate) fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|known| known.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
