//! Providers: who is paid to work on a system, under which contract, and when they may get in.

use std::fmt;

use jiff::civil::{Date, Time, Weekday};

use crate::code::{AgencyCode, SystemCode};
use crate::ids::ProviderId;
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

/// Somebody who is paid to work on a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// On which system.
    pub system: SystemCode,
    /// Their name.
    pub name: String,
    /// What they do.
    pub service: String,
    /// The number of the contract.
    pub contract: String,
    /// Its first day.
    pub from: Date,
    /// Its last day; access ends with it.
    pub until: Date,
    /// How many of their people have access.
    pub staff: u32,
    /// When they may get in; never if there is none.
    pub window: Option<Window>,
}

/// A provider as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProvider {
    /// Its number.
    pub id: ProviderId,
    /// The agency of the system.
    pub agency: AgencyCode,
    /// The provider.
    pub provider: Provider,
}

/// Days of the week and a time of those days, in the zone of the province: `1-5 08:00-17:00`, Monday
/// being 1 and Sunday 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    first: i8,
    last: i8,
    from: Time,
    until: Time,
}

/// Why a provider is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The contract ends before it begins.
    #[error("the contract ends before it begins")]
    EndsBefore,
}

impl Window {
    /// The window of a text.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, times) = text.trim().split_once(' ')?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let day = |text: &str| text.parse().ok().filter(|day| (1..=7_i8).contains(day));
        let (first, last) = (day(first)?, day(last)?);
        let (from, until) = times.trim().split_once('-')?;
        let time = |text: &str| -> Option<Time> {
            let (hour, minute) = text.split_once(':')?;
            let digits = hour.len() == 2 && minute.len() == 2;
            digits.then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok())?
        };
        let (from, until) = (time(from)?, time(until)?);
        (first <= last && from < until).then_some(Self { first, last, from, until })
    }

    /// Whether a moment of a day lies in it.
    pub fn holds(&self, day: Weekday, time: Time) -> bool {
        let day = day.to_monday_one_offset();
        (self.first..=self.last).contains(&day) && self.from <= time && time < self.until
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, from, until } = self;
        let time = |time: &Time| format!("{:02}:{:02}", time.hour(), time.minute());
        if first == last {
            write!(formatter, "{first}")?;
        } else {
            write!(formatter, "{first}-{last}")?;
        }
        write!(formatter, " {}-{}", time(from), time(until))
    }
}

impl Provider {
    /// The provider with its texts in order.
    pub fn checked(mut self) -> Result<Self, ProviderError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.service = text::line("the service", &self.service, NAME_BYTES)?;
        self.contract = text::line("the contract", &self.contract, NAME_BYTES)?;
        if self.until < self.from {
            return Err(ProviderError::EndsBefore);
        }
        Ok(self)
    }

    /// Whether the contract holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }

    /// Whether their people may be in at a moment, in the zone of the province.
    pub fn may_enter(&self, day: Date, time: Time) -> bool {
        self.holds(day) && self.window.is_some_and(|window| window.holds(day.weekday(), time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_and_written() {
        for text in ["1-5 08:00-17:00", "7 20:30-23:59"] {
            assert_eq!(Window::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "",
            "1-5",
            "0-5 08:00-17:00",
            "5-1 08:00-17:00",
            "1-5 17:00-08:00",
            "1 8-9",
            "1-8 08:00-09:00",
        ] {
            assert_eq!(Window::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn access_ends_with_the_contract_and_outside_its_window() {
        let provider = Provider {
            system: SystemCode::new("mh-hsdt").unwrap(),
            name: "Công ty Mẫu".into(),
            service: "Bảo trì".into(),
            contract: "HĐ-01.MH".into(),
            from: "2026-01-01".parse().unwrap(),
            until: "2026-10-15".parse().unwrap(),
            staff: 3,
            window: Window::parse("1-5 08:00-17:00"),
        };
        let may =
            |day: &str, time: &str| provider.may_enter(day.parse().unwrap(), time.parse().unwrap());
        assert!(may("2026-10-15", "08:00:00"));
        assert!(!may("2026-10-15", "17:00:00"));
        assert!(!may("2026-10-11", "09:00:00"), "a Sunday");
        assert!(!may("2026-10-16", "09:00:00"), "after the contract");
        let never = Provider { window: None, ..provider.clone() };
        assert!(!never.may_enter("2026-10-15".parse().unwrap(), "09:00:00".parse().unwrap()));
        let back = Provider { until: "2025-12-31".parse().unwrap(), ..provider };
        assert_eq!(back.checked(), Err(ProviderError::EndsBefore));
    }
}
