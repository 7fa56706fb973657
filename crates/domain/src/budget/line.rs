//! A line of a plan, and what makes it valid.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use super::amount::AMOUNT_MOST;
use super::{BudgetPack, Reading, Share, YEARS};
use crate::code::{AgencyCode, is_code};
use crate::limits::{CODE_BYTES, NAME_BYTES, TEXT_BYTES};
use crate::risk::RiskCode;
use crate::text::{self, TextError};

/// Risks that one line reduces.
const RISKS: usize = 32;

/// The code of a line, one within the year's plan of its agency: `gs-01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCode(String);

impl LineCode {
    /// The code, if the text is one.
    pub fn new(text: &str) -> Option<Self> {
        is_code(text).then(|| Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LineCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// Its code.
    pub code: LineCode,
    /// What is paid for.
    pub name: String,
    /// Its class, by the pack.
    pub class: String,
    /// How much of it is security.
    pub share: Share,
    /// Why so much, if it is a part.
    pub reason: String,
    /// What is planned, in đồng.
    pub planned: u64,
    /// What was allocated, in đồng.
    pub allocated: u64,
    /// What was spent, in đồng.
    pub spent: u64,
    /// Whether the product or service is domestic.
    pub domestic: bool,
    /// Why not, if it is not.
    pub domestic_reason: String,
    /// The risks that it reduces.
    pub risks: BTreeSet<RiskCode>,
    /// What several agencies call a purchase that they make together.
    pub purchase: Option<String>,
    /// When it was bought.
    pub bought: Option<Date>,
    /// When the support of what was bought ends.
    pub support_end: Option<Date>,
    /// When it has to be renewed.
    pub renewal: Option<Date>,
}

/// A line of the plan of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub agency: AgencyCode,
    /// Of which year.
    pub year: i16,
    /// What it says.
    pub about: NewLine,
}

/// Why a line will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The code has another form.
    #[error(
        "«{0}» is no code of a line: 1 to {CODE_BYTES} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit"
    )]
    Code(String),
    /// There is no such class.
    #[error("there is no class «{0}»")]
    Class(String),
    /// The year is out of reach.
    #[error("the year is {} to {}", YEARS.start(), YEARS.end())]
    Year,
    /// An amount is too large.
    #[error("an amount is at most {AMOUNT_MOST} đồng")]
    Amount,
    /// The class is not security, but a share is.
    #[error("the class «{0}» is not security: its share is 0 %")]
    NotSecurity(String),
    /// The class is security, but nothing of the line is.
    #[error(
        "a line of the class «{0}» has a share of security above 0 %; what has none is of a class that is not security"
    )]
    NoShare(String),
    /// A part needs a reason.
    #[error("a share between 0 and 100 % needs a written reason")]
    Reason,
    /// What is not domestic needs a reason.
    #[error("what is not domestic needs a written reason")]
    DomesticReason,
    /// Too many risks.
    #[error("a line reduces at most {RISKS} risks")]
    Risks,
}

impl NewLine {
    /// The line with its texts in order, if it is valid.
    pub fn checked(mut self, pack: &BudgetPack) -> Result<Self, LineError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.reason = optional("the reason", &self.reason)?;
        self.domestic_reason = optional("the reason", &self.domestic_reason)?;
        self.purchase = match self.purchase.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(name) => Some(text::line("the joint purchase", name, NAME_BYTES)?),
        };
        let class = pack.class(&self.class).ok_or_else(|| LineError::Class(self.class.clone()))?;
        match (class.security, self.share) {
            (false, share) if share > Share::NONE => {
                return Err(LineError::NotSecurity(self.class));
            }
            (true, Share::NONE) => return Err(LineError::NoShare(self.class)),
            (true, share) if share < Share::ALL && self.reason.is_empty() => {
                return Err(LineError::Reason);
            }
            _ => {}
        }
        if !self.domestic && self.domestic_reason.is_empty() {
            return Err(LineError::DomesticReason);
        }
        if Reading::ALL.into_iter().any(|reading| self.amount(reading) > AMOUNT_MOST) {
            return Err(LineError::Amount);
        }
        if self.risks.len() > RISKS {
            return Err(LineError::Risks);
        }
        Ok(self)
    }

    /// The amount of a reading, in đồng.
    pub fn amount(&self, reading: Reading) -> u64 {
        match reading {
            Reading::Planned => self.planned,
            Reading::Allocated => self.allocated,
            Reading::Spent => self.spent,
        }
    }

    /// Whether any of it is security.
    pub fn is_security(&self) -> bool {
        self.share > Share::NONE
    }

    /// Whether the support of what was bought ends before it is renewed.
    pub fn has_gap(&self) -> bool {
        self.support_end.zip(self.renewal).is_some_and(|(end, renewal)| end < renewal)
    }

    /// The day on which support ends, if that is at most so many days away and before a renewal that is
    /// still to come: then somebody has to act.
    pub fn gap_due(&self, today: Date, days: i64) -> Option<Date> {
        let end = self.support_end.filter(|_| self.has_gap())?;
        let is_near = i64::from((end - today).get_days()) <= days;
        (is_near && self.renewal > Some(today)).then_some(end)
    }

    /// Whether both say the same of what a plan is approved for.
    pub fn plans_same(&self, other: &Self) -> bool {
        let planned = |line: &Self| {
            let texts = (line.name.clone(), line.reason.clone(), line.domestic_reason.clone());
            (texts, line.class.clone(), line.share, line.planned, line.domestic)
        };
        planned(self) == planned(other)
    }
}

fn optional(what: &'static str, text: &str) -> Result<String, TextError> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    text::paragraph(what, text, TEXT_BYTES)
}
