//! What a risk costs, as ranges of whole đồng that are multiplied and added exactly.
//!
//! In come how much one occurrence costs and how often it comes in ten years, each between two whole
//! numbers (the quantities of FAIR and of ISO/IEC 27005, as intervals: there is no distribution, no
//! simulation and no fraction). Out comes the expected loss, which is their product and is kept in đồng of
//! ten years, so that nothing is rounded before it is compared or added. A year is shown as a tenth of it,
//! the lower bound cut and the upper one rounded up: what is shown holds what is meant.

use crate::evidence::content::INTEGER;

/// The most that one occurrence or a year can cost, in đồng: what everybody's arithmetic holds exactly.
pub const LOSS_MOST: u64 = INTEGER.unsigned_abs();

/// The most often that something can come in ten years.
pub const TIMES_MOST: u64 = 36_500;

/// Years over which occurrences are counted.
const YEARS: u64 = 10;

/// A whole number that is known to lie between two others, both of which it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    low: u64,
    high: u64,
}

impl Between {
    /// The range, if its lower bound is not above its upper one.
    pub fn new(low: u64, high: u64) -> Option<Self> {
        (low <= high).then_some(Self { low, high })
    }

    /// The lower bound.
    pub fn low(self) -> u64 {
        self.low
    }

    /// The upper bound.
    pub fn high(self) -> u64 {
        self.high
    }
}

/// What one occurrence costs and how often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    once: Between,
    times: Between,
}

/// The loss that is expected, in đồng of ten years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    low: u64,
    high: u64,
}

/// Why a loss will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossError {
    /// The bounds of what one occurrence costs stand the wrong way round.
    #[error("the loss of one occurrence: the lower bound is above the upper one")]
    OnceOrder,
    /// The bounds of how often it comes stand the wrong way round.
    #[error("times in ten years: the lower bound is above the upper one")]
    TimesOrder,
    /// One occurrence costs too much.
    #[error("one occurrence costs at most {LOSS_MOST} đồng")]
    Once,
    /// It comes too often.
    #[error("something comes at most {TIMES_MOST} times in ten years")]
    Times,
    /// A year costs too much, alone or together with others.
    #[error("the expected loss is beyond {LOSS_MOST} đồng a year: more cannot be counted")]
    TooMuch,
    /// What is left cannot cost more than what was there.
    #[error("the expected loss after treatment is at no bound above the one before")]
    Left,
    /// What is left is estimated, but not what was there.
    #[error("a loss after treatment needs the loss before it")]
    LeftAlone,
    /// What is left costs something, but is not estimated.
    #[error("a loss after treatment needs what is left: likelihood and impact after treatment")]
    NoResidual,
}

impl Loss {
    /// A loss of one occurrence, in đồng, and how often it comes in ten years, each from and to.
    pub fn new(once: [u64; 2], times: [u64; 2]) -> Result<Self, LossError> {
        let once = Between::new(once[0], once[1]).ok_or(LossError::OnceOrder)?;
        let times = Between::new(times[0], times[1]).ok_or(LossError::TimesOrder)?;
        if once.high > LOSS_MOST {
            return Err(LossError::Once);
        }
        if times.high > TIMES_MOST {
            return Err(LossError::Times);
        }
        let within = once.high.checked_mul(times.high).filter(|most| *most <= LOSS_MOST * YEARS);
        within.map(|_| Self { once, times }).ok_or(LossError::TooMuch)
    }

    /// What one occurrence costs, in đồng.
    pub fn once(self) -> Between {
        self.once
    }

    /// How often it comes in ten years.
    pub fn times(self) -> Between {
        self.times
    }

    /// The loss that is expected.
    pub fn expected(self) -> Expected {
        // Both products were held to a bound when it was made.
        Expected { low: self.once.low * self.times.low, high: self.once.high * self.times.high }
    }
}

impl Expected {
    /// The lower bound of a year in whole đồng, cut.
    pub fn low_a_year(self) -> u64 {
        self.low / YEARS
    }

    /// The upper bound of a year in whole đồng, rounded up.
    pub fn high_a_year(self) -> u64 {
        self.high.div_ceil(YEARS)
    }

    /// Both bounds in đồng of ten years, exactly.
    pub fn of_ten_years(self) -> Between {
        Between { low: self.low, high: self.high }
    }

    /// Both together: bounds are added to bounds of their own side.
    pub fn plus(self, other: Self) -> Result<Self, LossError> {
        let sum = Self { low: self.low + other.low, high: self.high + other.high };
        if sum.high > LOSS_MOST * YEARS { Err(LossError::TooMuch) } else { Ok(sum) }
    }

    /// All together, whatever their order.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, LossError> {
        all.into_iter().try_fold(Self::default(), Self::plus)
    }

    /// Whether neither bound is above that of another.
    pub fn is_within(self, other: Self) -> bool {
        self.low <= other.low && self.high <= other.high
    }
}

/// Checks the loss before treatment and what is left of it, which stands only beside an estimate of what is left.
pub(super) fn check(
    before: Option<Loss>,
    left: Option<Loss>,
    has_residual: bool,
) -> Result<(), LossError> {
    let Some(left) = left else { return Ok(()) };
    let before = before.ok_or(LossError::LeftAlone)?;
    if !has_residual {
        return Err(LossError::NoResidual);
    }
    if left.expected().is_within(before.expected()) { Ok(()) } else { Err(LossError::Left) }
}
