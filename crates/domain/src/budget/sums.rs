//! Sums of lines and the rule, in exact arithmetic.

use super::amount::AMOUNT_MOST;
use super::{NewLine, Share};
use crate::risk::Expected;

/// Which amount of a line is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// What is planned.
    Planned,
    /// What was allocated.
    Allocated,
    /// What was spent.
    Spent,
}

impl Reading {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Planned, Self::Allocated, Self::Spent];

    /// The name that files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Allocated => "allocated",
            Self::Spent => "spent",
        }
    }
}

/// The whole of some lines and what of it is security.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// In đồng.
    total: u128,
    /// In millionths of a đồng, so that no share is rounded.
    security: u128,
}

/// More than a record of the ledger can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lines of a plan are together at most {AMOUNT_MOST} đồng")]
pub struct SumsError;

/// A share as it is written: percent to three decimals, cut and never rounded up, so that what
/// misses the rule never looks as if it met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    /// Percent.
    pub whole: u64,
    /// Thousandths of a percent.
    pub thousandths: u16,
}

/// What the rule says of sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is no plan, or it is of nothing: nothing can be said.
    NoData,
    /// No rule held in that year.
    NoRule,
    /// Security is less than it must be, by so many đồng, rounded up.
    Below(u64),
    /// Security is what it must be, or more.
    Met,
}

impl Percent {
    /// The percent that a part is of a whole; `None` of nothing.
    fn of(part: u128, whole: u128) -> Option<Self> {
        let thousandths = part.saturating_mul(100_000).checked_div(whole)?;
        Some(Self {
            whole: u64::try_from(thousandths / 1000).unwrap_or(u64::MAX),
            thousandths: (thousandths % 1000) as u16,
        })
    }
}

impl Sums {
    /// A whole and what of it is security, both in đồng.
    pub fn of_whole(total: u64, security: u64) -> Self {
        let security = u128::from(security) * u128::from(Share::PARTS);
        Self { total: total.into(), security }
    }

    /// The sums of lines.
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l NewLine>, reading: Reading) -> Self {
        lines.into_iter().map(|line| Self::of_line(line, reading)).fold(Self::default(), Self::plus)
    }

    /// The share of lines that goes to what is domestic; [`Sums::security`] is that here.
    pub fn of_domestic<'l>(lines: impl IntoIterator<Item = &'l NewLine>, reading: Reading) -> Self {
        let of = |line: &NewLine| {
            let amount = line.amount(reading);
            Self::of_whole(amount, if line.domestic { amount } else { 0 })
        };
        lines.into_iter().map(of).fold(Self::default(), Self::plus)
    }

    fn of_line(line: &NewLine, reading: Reading) -> Self {
        let amount = u128::from(line.amount(reading));
        Self { total: amount, security: amount * u128::from(line.share.parts()) }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        // Amounts have 53 bits and shares 20; 2^55 lines would be needed to go beyond.
        Self {
            total: self.total.saturating_add(other.total),
            security: self.security.saturating_add(other.security),
        }
    }

    /// The sums, if the ledger can hold them.
    pub fn within(self) -> Result<Self, SumsError> {
        if self.total > u128::from(AMOUNT_MOST) { Err(SumsError) } else { Ok(self) }
    }

    /// The whole, in đồng.
    pub fn total(self) -> u64 {
        u64::try_from(self.total).unwrap_or(u64::MAX)
    }

    /// What is security, in whole đồng, rounded down: rounding never helps.
    pub fn security(self) -> u64 {
        u64::try_from(self.security / u128::from(Share::PARTS)).unwrap_or(u64::MAX)
    }

    /// The share of security; `None` of nothing.
    pub fn percent(self) -> Option<Percent> {
        Percent::of(self.security, self.total.saturating_mul(u128::from(Share::PARTS)))
    }

    /// Security beside the upper bound of a loss that is expected; `None` of a loss of nothing.
    pub fn percent_of(self, expected: Expected) -> Option<Percent> {
        // The loss is one of ten years, security of one.
        let loss = u128::from(expected.of_ten_years().high()) * u128::from(Share::PARTS);
        Percent::of(self.security.saturating_mul(10), loss)
    }

    /// What a least share says, if one holds.
    pub fn verdict(self, least: Option<Share>) -> Verdict {
        if self.total == 0 {
            return Verdict::NoData;
        }
        let Some(least) = least else { return Verdict::NoRule };
        let needed = self.total.saturating_mul(u128::from(least.parts()));
        match needed.checked_sub(self.security) {
            None | Some(0) => Verdict::Met,
            Some(missing) => {
                let missing = missing.div_ceil(u128::from(Share::PARTS));
                Verdict::Below(u64::try_from(missing).unwrap_or(u64::MAX))
            }
        }
    }
}

impl Verdict {
    /// The name that files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoData => "no-data",
            Self::NoRule => "no-rule",
            Self::Below(_) => "below",
            Self::Met => "met",
        }
    }
}
