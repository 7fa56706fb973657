//! What an incident costs: a figure that is estimated while it goes on and one that is counted after it,
//! both in whole đồng, each with what was counted, who said so and when. A figure is never overwritten:
//! another one takes its place, and the former stays in the history.

use jiff::Timestamp;

use crate::limits::TEXT_BYTES;
use crate::risk::{LOSS_MOST, LossError};
use crate::text::{self, TextError};

/// Which figure. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossKind {
    /// What it will have cost, as far as is known.
    Estimated,
    /// What it has cost.
    Actual,
}

impl LossKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Estimated, Self::Actual];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Actual => "actual",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A figure that somebody gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLossFigure {
    /// Which one.
    pub kind: LossKind,
    /// How much, in đồng.
    pub amount: u64,
    /// What was counted: hours, repair, service lost.
    pub reason: String,
}

/// A figure that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossFigure {
    /// What was given.
    pub about: NewLossFigure,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The figures of an incident that count: the last of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// What is estimated.
    pub estimated: Option<LossFigure>,
    /// What was counted.
    pub actual: Option<LossFigure>,
}

/// Why a figure will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossFigureError {
    /// The reason is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It is more than can be counted.
    #[error("the loss of an incident is at most {LOSS_MOST} đồng")]
    Amount,
}

/// Figures of several incidents, added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LossSums {
    /// How many incidents.
    pub incidents: usize,
    /// How many of them have no figure at all.
    pub without: usize,
    /// How many of them nobody estimated.
    pub not_estimated: usize,
    /// How many of them nobody counted.
    pub not_counted: usize,
    /// What is estimated for them, in đồng, if anything is.
    pub estimated: Option<u64>,
    /// What they have cost, in đồng, as far as it was counted, if anything was.
    pub actual: Option<u64>,
    /// What they cost by the better figure of each: counted if it was, else estimated.
    pub best: Option<u64>,
}

impl NewLossFigure {
    /// The figure with its text in order, if it is valid.
    pub fn checked(mut self) -> Result<Self, LossFigureError> {
        self.reason = text::paragraph("what was counted", &self.reason, TEXT_BYTES)?;
        if self.amount > LOSS_MOST { Err(LossFigureError::Amount) } else { Ok(self) }
    }
}

impl Losses {
    /// The figure of a kind.
    pub fn of(&self, kind: LossKind) -> Option<&LossFigure> {
        match kind {
            LossKind::Estimated => self.estimated.as_ref(),
            LossKind::Actual => self.actual.as_ref(),
        }
    }

    /// Puts a figure in the place of the one of its kind.
    pub fn put(&mut self, figure: LossFigure) {
        match figure.about.kind {
            LossKind::Estimated => self.estimated = Some(figure),
            LossKind::Actual => self.actual = Some(figure),
        }
    }

    /// How much one of a kind is, in đồng.
    pub fn amount(&self, kind: LossKind) -> Option<u64> {
        self.of(kind).map(|figure| figure.about.amount)
    }
}

impl LossSums {
    /// Adds the figures of incidents; refused if they are beyond what can be counted.
    pub fn of<'l>(all: impl IntoIterator<Item = &'l Losses>) -> Result<Self, LossError> {
        all.into_iter().try_fold(Self::default(), Self::plus)
    }

    fn plus(self, losses: &Losses) -> Result<Self, LossError> {
        let (estimated, actual) =
            (losses.amount(LossKind::Estimated), losses.amount(LossKind::Actual));
        let best = actual.or(estimated);
        // No figure is no nought: a sum of none stays none.
        let add = |sum: Option<u64>, amount: Option<u64>| {
            let (Some(old), Some(new)) = (sum, amount) else { return Ok(sum.or(amount)) };
            let sum = old.checked_add(new).filter(|sum| *sum <= LOSS_MOST);
            sum.map(Some).ok_or(LossError::TooMuch)
        };
        Ok(Self {
            incidents: self.incidents + 1,
            without: self.without + usize::from(best.is_none()),
            not_estimated: self.not_estimated + usize::from(estimated.is_none()),
            not_counted: self.not_counted + usize::from(actual.is_none()),
            estimated: add(self.estimated, estimated)?,
            actual: add(self.actual, actual)?,
            best: add(self.best, best)?,
        })
    }
}
