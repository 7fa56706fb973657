//! One line on a terminal that says how far something has come.

use std::io::{self, Write as _};
use std::time::Duration;

pub(crate) struct Progress {
    total: u64,
    unit: &'static str,
    shown: bool,
}

impl Progress {
    /// For so many bytes; what is counted beside them is called `unit`.
    pub(crate) fn new(total: u64, unit: &'static str) -> Self {
        Self { total, unit, shown: false }
    }

    /// Writes the line anew.
    pub(crate) fn show(&mut self, done: u64, count: u64, elapsed: Duration) -> io::Result<()> {
        self.shown = true;
        let line = line(self.total, done, count, self.unit, elapsed.as_secs_f64());
        write!(io::stderr(), "\r\u{1b}[K{line}")
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) -> io::Result<()> {
        if self.shown { write!(io::stderr(), "\r\u{1b}[K") } else { Ok(()) }
    }
}

fn line(total: u64, done: u64, count: u64, unit: &str, seconds: f64) -> String {
    const WIDTH: usize = 24;
    let seconds = seconds.max(0.001);
    let rate = count as f64 / seconds;
    if total == 0 {
        return format!("{count} {unit}, {rate:.0}/s");
    }
    let share = (done as f64 / total as f64).clamp(0.0, 1.0);
    let full = (share * WIDTH as f64) as usize;
    let left = if share > 0.01 { seconds / share - seconds } else { f64::NAN };
    let left = if left.is_finite() { format!(", {left:.0} s left") } else { String::new() };
    format!(
        "[{}{}] {:3.0}%  {count} {unit}, {rate:.0}/s{left}",
        "█".repeat(full),
        "░".repeat(WIDTH - full),
        share * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_share_rate_and_time_left() {
        let text = line(1000, 250, 500, "events", 2.0);
        assert!(
            text.contains(" 25%") && text.contains("250/s") && text.contains("6 s left"),
            "{text}"
        );
        assert_eq!(line(0, 0, 10, "events", 1.0), "10 events, 10/s");
        assert!(line(1000, 5000, 1, "parts", 0.0).contains("100%"));
    }
}
