//! Budgets: the yearly plan of information technology of an agency, line by line, and the part of
//! it that is cyber security.
//!
//! Amounts are whole đồng, shares are millionths, and whether a plan meets the rule is decided by
//! multiplying whole numbers ([`Sums`]): nothing is rounded before it is compared. Classes, the
//! least share and the year from which it holds are data ([`BudgetPack`], `packs/budget.yml`).
//!
//! Once it was approved, a plan counts as evidence ([`Plan`]); a change of what was approved makes
//! it the agency's own word until it is approved again.

mod amount;
mod ends;
mod line;
mod pack;
mod sums;
mod support;
mod view;

pub use amount::{Share, amount};
pub use ends::{End, EndKind};
pub use line::{Line, LineCode, LineError, NewLine};
pub use pack::{BudgetPack, BudgetPackError, COLUMNS, Class, Rule};
pub use sums::{Percent, Reading, Sums, SumsError, Verdict};
pub use support::{SupportTask, gaps};
pub use view::{Overlap, Year, overlaps, twice, unlinked, years};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::AgencyCode;
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

/// The first and the last year of which there are plans.
pub const YEARS: std::ops::RangeInclusive<i16> = 2020..=2099;

/// Lines of a year's plan of an agency.
pub const PLAN_LINES: usize = 2_000;

/// How the plan of a year stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose.
    pub agency: AgencyCode,
    /// Of which year.
    pub year: i16,
    /// The number of the decision that approved it.
    pub decision: String,
    /// The day of that decision.
    pub decided: Date,
    /// Who recorded it, having seen the decision.
    pub approved_by: String,
    /// When that was recorded.
    pub approved_at: Timestamp,
    /// Whether planned figures were changed after that.
    pub is_amended: bool,
}

/// The decision that approves a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub number: String,
    /// Its day.
    pub day: Date,
}

impl Decision {
    /// The decision with its text in order.
    pub fn checked(self) -> Result<Self, TextError> {
        Ok(Self { number: text::reference("the decision", &self.number, NAME_BYTES)?, ..self })
    }
}
