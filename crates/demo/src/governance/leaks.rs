//! Leaks that agencies have recorded: numbers and days alone.

use jiff::civil::Date;

use super::Governance;

/// A leak, with what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Whose, by its code.
    pub agency: &'static str,
    /// What it is of, by the name that records use.
    pub kind: &'static str,
    /// The number and the day of the document.
    pub document: Option<(&'static str, Date)>,
    /// On which day it was found.
    pub found_on: Date,
    /// What was done, by the names that records use, and when.
    pub steps: Vec<(&'static str, Date)>,
}

impl Governance<'_> {
    /// Three: one is closed, one reported, one not yet.
    pub fn leaks(&self) -> Vec<Leak> {
        let day = |ago| self.day(ago);
        vec![
            Leak {
                agency: "soyt",
                kind: "personal-data",
                document: None,
                found_on: day(140),
                steps: vec![("contain", day(140)), ("report", day(138)), ("close", day(96))],
            },
            Leak {
                agency: "vptu",
                kind: "work-secret",
                document: Some(("18-BC.MH", day(60))),
                found_on: day(33),
                steps: vec![("contain", day(33)), ("report", day(32))],
            },
            Leak {
                agency: "sokhcn",
                kind: "work-secret",
                document: Some(("207/BC.MH", day(20))),
                found_on: day(2),
                steps: Vec::new(),
            },
        ]
    }
}
