//! The instant at which the ledger is looked at.

use jiff::civil::{Date, date};
use jiff::tz::Offset;
use jiff::{Span, Timestamp, ToSpan as _};

/// The instant of a view, with the zone in which its days and months are counted: a fixed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoff {
    at: i64,
    offset: i64,
}

/// How long something stays fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Calendar months; the last day of a shorter month stands for days that it lacks.
    Months(u16),
    /// Days of 24 hours.
    Days(u16),
    /// Hours.
    Hours(u16),
}

impl Cutoff {
    /// The instant, in a zone so many minutes east of UTC.
    pub fn new(at: Timestamp, offset_minutes: i64) -> Self {
        Self { at: at.as_second(), offset: offset_minutes * 60 }
    }

    /// The instant in seconds since 1970 UTC.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// The local day, counted from 1970-01-01.
    pub(crate) fn today(&self) -> i64 {
        (self.at + self.offset).div_euclid(86_400)
    }

    /// Whether the local day is one from the first to the last of these.
    pub(crate) fn is_within(&self, first: Date, last: Date) -> bool {
        let local = Timestamp::from_second(self.at + self.offset);
        local.is_ok_and(|at| (first..=last).contains(&Offset::UTC.to_datetime(at).date()))
    }

    /// The instant at which a local day begins.
    pub(crate) fn start_of(&self, day: i64) -> i64 {
        day * 86_400 - self.offset
    }

    /// The instant a period earlier: what was so after it is fresh.
    pub(crate) fn before(&self, period: Period) -> i64 {
        match period {
            Period::Hours(hours) => self.at - i64::from(hours) * 3_600,
            Period::Days(days) => self.at - i64::from(days) * 86_400,
            Period::Months(months) => {
                let epoch = date(1970, 1, 1);
                let back = |days: i64, span: Span| {
                    let day = epoch.checked_add(days.days()).ok()?.checked_sub(span).ok()?;
                    Some(i64::from(day.since(epoch).ok()?.get_days()))
                };
                let today = self.today();
                let day = back(today, i64::from(months).months()).unwrap_or(today);
                self.at - (today - day) * 86_400
            }
        }
    }
}

impl Period {
    /// The period of a text such as `12 months`, `90 days`, `24 hours`.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once(' ')?;
        let count = count.parse().ok().filter(|count| *count > 0)?;
        match unit {
            "months" => Some(Self::Months(count)),
            "days" => Some(Self::Days(count)),
            "hours" => Some(Self::Hours(count)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(at: &str, period: &str) -> String {
        let cutoff = Cutoff::new(at.parse().unwrap(), 420);
        Timestamp::from_second(cutoff.before(Period::parse(period).unwrap())).unwrap().to_string()
    }

    #[test]
    fn months_are_those_of_the_local_calendar() {
        // 01:30 on 31 May in UTC+7; February has 28 days.
        assert_eq!(before("2027-05-30T18:30:00Z", "3 months"), "2027-02-27T18:30:00Z");
        assert_eq!(before("2028-02-29T05:00:00Z", "12 months"), "2027-02-28T05:00:00Z");
        assert_eq!(before("2028-03-01T00:00:00Z", "24 hours"), "2028-02-29T00:00:00Z");
        assert_eq!(before("2028-03-01T00:00:00Z", "90 days"), "2027-12-02T00:00:00Z");
        assert_eq!(Period::parse("0 days"), None);
        assert_eq!(Period::parse("2 weeks"), None);
    }

    #[test]
    fn a_day_is_that_of_the_zone() {
        let midnight = Cutoff::new("2026-10-14T17:00:00Z".parse().unwrap(), 420);
        assert_eq!(midnight.start_of(midnight.today()), midnight.at());
        let before = Cutoff::new("2026-10-14T16:59:59Z".parse().unwrap(), 420);
        assert_eq!(before.today() + 1, midnight.today());
    }
}
