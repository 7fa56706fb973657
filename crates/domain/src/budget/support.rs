//! Support that ends before what was bought is renewed: which lines have such a gap, and the task to close it.

use std::fmt;

use jiff::civil::Date;

use super::{Line, LineCode};
use crate::code::AgencyCode;

/// A task of an agency to close the gap of a line; it is open as long as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SupportTask {
    /// Whose.
    pub agency: AgencyCode,
    /// Of which year the line is.
    pub year: i16,
    /// The code of the line.
    pub code: LineCode,
    /// The day on which support ends.
    pub due: Date,
}

impl SupportTask {
    /// The task that a line needs today, if its support ends within so many days and before a renewal that
    /// is still to come.
    pub fn of(line: &Line, today: Date, days: i64) -> Option<Self> {
        let due = line.about.gap_due(today, days)?;
        let (agency, code) = (line.agency.clone(), line.about.code.clone());
        Some(Self { agency, year: line.year, code, due })
    }

    /// Whether a line still has the gap for which the task was begun, even if the renewal has passed.
    pub fn is_of(&self, line: &Line) -> bool {
        self.agency == line.agency
            && (self.year, &self.code) == (line.year, &line.about.code)
            && line.about.has_gap()
            && line.about.support_end == Some(self.due)
    }
}

impl fmt::Display for SupportTask {
    /// What the ledger calls it: `support 2026 gs-01`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "support {} {}", self.year, self.code)
    }
}

/// The lines whose support ends within so many days and before a renewal that is still to come, soonest
/// first.
pub fn gaps(lines: &[Line], today: Date, days: i64) -> Vec<(Date, &Line)> {
    let due = lines.iter().filter_map(|line| Some((line.about.gap_due(today, days)?, line)));
    let mut due: Vec<_> = due.collect();
    due.sort_by_key(|(day, line)| (*day, &line.agency, line.year, &line.about.code));
    due
}
