//! Providers: who is paid to work on a system, under which contract, and when they may get in.

mod across;

pub use across::{Contract, Supplier, suppliers};

use std::fmt;

use jiff::civil::{Date, Time, Weekday};

use crate::code::{AgencyCode, SystemCode};
use crate::ids::ProviderId;
use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::text::{self, TextError};

closed! {
    /// What somebody else keeps, so that the agency goes on if the provider does not.
    Escrow {
        /// Nothing.
        None = "none",
        /// The data.
        Data = "data",
        /// The source of the program.
        Source = "source",
        /// Both.
        Both = "both",
    }
}

/// How an agency goes on without a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// In which form data come back, what is taken over and in which time; none if nobody has said.
    pub plan: Option<String>,
    /// The day on which that was last tried.
    pub tested: Option<Date>,
    /// What somebody else keeps.
    pub escrow: Escrow,
}

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
    /// How the agency goes on without them.
    pub exit: Exit,
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
    /// What is not planned cannot have been tried.
    #[error("the exit plan was tried, but there is none: write it first")]
    TriedNothing,
    /// A day that has not come.
    #[error("the exit plan cannot have been tried on a day that has not come: {0}")]
    NotYet(Date),
}

impl Exit {
    /// What nobody has said anything of.
    pub const NONE: Self = Self { plan: None, tested: None, escrow: Escrow::None };

    /// What is said on a day, with its text in order, if it is valid.
    pub fn checked(mut self, today: Date) -> Result<Self, ProviderError> {
        let plan = self.plan.map(|plan| text::paragraph("the exit plan", &plan, TEXT_BYTES));
        self.plan = plan.transpose()?;
        match self.tested {
            Some(_) if self.plan.is_none() => Err(ProviderError::TriedNothing),
            Some(day) if day > today => Err(ProviderError::NotYet(day)),
            _ => Ok(self),
        }
    }
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
    /// The provider as it is registered on a day, with its texts in order.
    pub fn checked(mut self, today: Date) -> Result<Self, ProviderError> {
        self.exit = self.exit.checked(today)?;
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.service = text::line("the service", &self.service, NAME_BYTES)?;
        self.contract = text::reference("the contract", &self.contract, NAME_BYTES)?;
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
            exit: Exit::NONE,
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
        let today = "2026-10-15".parse().unwrap();
        assert_eq!(back.checked(today), Err(ProviderError::EndsBefore));
    }

    #[test]
    fn a_plan_is_written_before_it_is_tried() {
        let today: Date = "2026-10-15".parse().unwrap();
        let tried = |plan: &str, day: &str| Exit {
            plan: (!plan.is_empty()).then(|| plan.to_owned()),
            tested: Some(day.parse().unwrap()),
            escrow: Escrow::Both,
        };
        let kept = tried(" Giao lại CSV trong 30 ngày ", "2026-10-15").checked(today).unwrap();
        assert_eq!(kept.plan.as_deref(), Some("Giao lại CSV trong 30 ngày"));
        assert_eq!(tried("", "2026-10-15").checked(today), Err(ProviderError::TriedNothing));
        let early = tried("x", "2026-10-16").checked(today).unwrap_err();
        assert!(early.to_string().ends_with("2026-10-16"), "{early}");
        let secret = tried("Độ mật: TỐI MẬT", "2026-10-15").checked(today);
        let marked = TextError::Marked { what: "the exit plan", mark: "TỐI MẬT" };
        assert_eq!(secret, Err(marked.into()));
    }
}
