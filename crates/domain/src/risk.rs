//! Risks: what could happen to an agency or a system, how grave that would be, what is done about it.
//!
//! A risk is rated by a table that is data ([`RiskPack`], `packs/risk.yml`): the same likelihood and
//! impact always give the same rating. What is left after treatment is the residual risk; it counts
//! for who may accept it only while a record of the ledger shows that the treatment is there and no control
//! that the risk names is lacking ([`Risk::weighs`], [`Proof`]). What was closed or accepted opens again when that
//! record is no longer true or
//! the acceptance has run out ([`Risk::reopens`]). What it may cost is a range of đồng ([`Loss`]), or not
//! estimated.

mod error;
mod loss;
mod pack;
mod treated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::{AgencyCode, SystemCode, is_code};
use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::text;

pub use error::RiskError;
pub use loss::{Between, Expected, LOSS_MOST, Loss, LossError, TIMES_MOST};
pub use pack::{Rating, RiskPack, RiskPackError};
pub use treated::{AssetName, ControlName, Proof, Standing};

/// Records that one risk names.
const RECORDS: usize = 32;
/// Controls that one risk names.
const CONTROLS: usize = 16;

/// The code of a risk, one within its agency: `rr-01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RiskCode(String);

impl RiskCode {
    /// The code, if the text is one.
    pub fn new(text: &str) -> Option<Self> {
        is_code(text).then(|| Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RiskCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A likelihood or an impact, from 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Degree(u8);

impl Degree {
    /// All, lowest first.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// The degree of a number.
    pub fn new(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|degree| i64::from(degree.0) == number)
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// How likely something is, and how grave it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Estimate {
    /// How likely.
    pub likelihood: Degree,
    /// How grave.
    pub impact: Degree,
}

/// What is done about a risk (ISO/IEC 27005: avoid, modify, share, retain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treatment {
    /// What brings it is not done.
    Avoid,
    /// It is made less likely or less grave.
    Reduce,
    /// Others bear it too.
    Share,
    /// It is borne.
    Accept,
}

impl Treatment {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Avoid, Self::Reduce, Self::Share, Self::Accept];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avoid => "avoid",
            Self::Reduce => "reduce",
            Self::Share => "share",
            Self::Accept => "accept",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|treatment| treatment.name() == name)
    }
}

/// What is said of a risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskAbout {
    /// Which system it is about; the whole agency without one.
    pub system: Option<SystemCode>,
    /// Which asset it is about, if it is about one.
    pub asset: Option<AssetName>,
    /// What would happen.
    pub scenario: String,
    /// What brings it.
    pub threat: String,
    /// How likely and grave it is if nothing is done.
    pub inherent: Estimate,
    /// How likely and grave it is after treatment.
    pub residual: Option<Estimate>,
    /// What it costs if nothing is done, if that was estimated.
    pub loss: Option<Loss>,
    /// What it costs after treatment, if that was estimated.
    pub residual_loss: Option<Loss>,
    /// The post that answers for it; never somebody's name.
    pub owner: String,
    /// What is done about it.
    pub treatment: Treatment,
    /// The controls that treat it.
    pub controls: BTreeSet<ControlName>,
    /// By when.
    pub due: Date,
    /// The records of the ledger that show the treatment.
    pub records: BTreeSet<u64>,
}

/// A formal acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Who accepted.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
}

/// How a risk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskState {
    /// Something is still to be done.
    Open,
    /// It is treated.
    Closed,
    /// It is borne for a time.
    Accepted(Acceptance),
}

impl RiskState {
    /// The names of all states.
    pub const NAMES: [&str; 3] = ["open", "closed", "accepted"];

    /// The name that records use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Accepted(_) => "accepted",
        }
    }

    /// Whether something is still to be done.
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// A risk of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// Whose.
    pub agency: AgencyCode,
    /// Its code.
    pub code: RiskCode,
    /// What is said of it.
    pub about: RiskAbout,
    /// How it stands.
    pub state: RiskState,
    /// The day on which it was closed or accepted.
    pub ended: Option<Date>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step in the history of a risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What was done: `add`, `change`, `close`, `accept`, `reopen`.
    pub what: String,
    /// More about it: a reason, the rating.
    pub detail: String,
}

impl RiskAbout {
    /// What is said, with its texts in order, if it is valid.
    pub fn checked(mut self) -> Result<Self, RiskError> {
        self.scenario = text::paragraph("the scenario", &self.scenario, TEXT_BYTES)?;
        self.threat = text::line("the threat", &self.threat, NAME_BYTES)?;
        self.owner = text::line("the owner", &self.owner, NAME_BYTES)?;
        let Estimate { likelihood, impact } = self.inherent;
        if self.residual.is_some_and(|left| left.likelihood > likelihood || left.impact > impact) {
            return Err(RiskError::Residual);
        }
        loss::check(self.loss, self.residual_loss, self.residual.is_some())?;
        if self.records.len() > RECORDS {
            return Err(RiskError::Records);
        }
        if self.controls.len() > CONTROLS {
            return Err(RiskError::Controls);
        }
        match (&self.asset, &self.system) {
            (Some(asset), Some(system)) if asset.system != *system => {
                Err(RiskError::Asset { asset: asset.clone(), system: system.clone() })
            }
            (Some(asset), None) => {
                // The checklist of the asset's system is the one that its controls stand in.
                self.system = Some(asset.system.clone());
                Ok(self)
            }
            _ => Ok(self),
        }
    }
}

impl Risk {
    /// How it is rated if nothing is done.
    pub fn rating(&self, pack: &RiskPack) -> Rating {
        pack.rating(self.about.inherent)
    }

    /// The loss that is expected of it if nothing is done, if that was estimated.
    pub fn expected(&self) -> Option<Expected> {
        self.about.loss.map(Loss::expected)
    }

    /// How it weighs for whoever accepts it: what is left after treatment if the treatment is shown,
    /// otherwise all of it.
    pub fn weighs(&self, pack: &RiskPack, proof: &Proof) -> Rating {
        match self.about.residual {
            Some(left) if proof.holds() => pack.rating(left),
            _ => self.rating(pack),
        }
    }

    /// Whether it is open past its day.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state.is_open() && self.about.due < today
    }

    /// The risk closed on a day.
    pub fn closed(self, pack: &RiskPack, proof: &Proof, today: Date) -> Result<Self, RiskError> {
        if !self.state.is_open() {
            return Err(RiskError::NotOpen(self.code));
        }
        let rating = self.rating(pack);
        if rating > pack.appetite {
            if !proof.has_record {
                return Err(RiskError::NoRecord(rating.name()));
            }
            if let Some(control) = proof.lacking.first() {
                let control = control.clone();
                return Err(RiskError::NoControl { rating: rating.name(), control });
            }
        }
        Ok(Self { state: RiskState::Closed, ended: Some(today), ..self })
    }

    /// The risk accepted on a day. Whether whoever accepts may is decided by whoever asks.
    pub fn accepted(
        self,
        pack: &RiskPack,
        proof: &Proof,
        acceptance: Acceptance,
        today: Date,
    ) -> Result<Self, RiskError> {
        if !self.state.is_open() {
            return Err(RiskError::NotOpen(self.code));
        }
        let reason = text::paragraph("the reason", &acceptance.reason, TEXT_BYTES)?;
        let rating = self.weighs(pack, proof);
        let days = pack.accept_days(rating);
        let held = i64::from((acceptance.until - today).get_days());
        if held < 1 || held > days {
            return Err(RiskError::Until { rating: rating.name(), days });
        }
        let acceptance = Acceptance { reason, ..acceptance };
        Ok(Self { state: RiskState::Accepted(acceptance), ended: Some(today), ..self })
    }

    /// The risk open again.
    pub fn reopened(self) -> Result<Self, RiskError> {
        if self.state.is_open() {
            return Err(RiskError::Open(self.code));
        }
        Ok(Self { state: RiskState::Open, ended: None, ..self })
    }

    /// Why it opens again by itself, if it does. `lapsed` are those of its records that are no
    /// longer true, `lacking` those of its controls that are not in place. A control opens what was closed
    /// as treated above the appetite; what was accepted was accepted as it stood, until a day.
    pub fn reopens(
        &self,
        pack: &RiskPack,
        lapsed: &BTreeSet<u64>,
        lacking: &BTreeSet<ControlName>,
        today: Date,
    ) -> Option<String> {
        if let RiskState::Accepted(Acceptance { until, .. }) = &self.state
            && *until < today
        {
            return Some(format!("the acceptance ended on {until}"));
        }
        if self.state.is_open() {
            return None;
        }
        if let Some(lapsed) = self.about.records.intersection(lapsed).next() {
            return Some(format!("record {lapsed} of the ledger counts no more"));
        }
        if self.state != RiskState::Closed || self.rating(pack) <= pack.appetite {
            return None;
        }
        let control = self.about.controls.intersection(lacking).next()?;
        Some(format!("control {control} is no longer in place"))
    }
}

/// How many open risks an estimate and a rating have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heat {
    /// Open risks by estimate.
    cells: BTreeMap<Estimate, usize>,
}

impl Heat {
    /// Counts the open ones of some risks.
    pub fn of<'r>(risks: impl IntoIterator<Item = &'r Risk>) -> Self {
        let mut cells = BTreeMap::new();
        for risk in risks.into_iter().filter(|risk| risk.state.is_open()) {
            *cells.entry(risk.about.inherent).or_default() += 1;
        }
        Self { cells }
    }

    /// Open risks of an estimate.
    pub fn at(&self, estimate: Estimate) -> usize {
        self.cells.get(&estimate).copied().unwrap_or_default()
    }

    /// Open risks of a rating.
    pub fn of_rating(&self, pack: &RiskPack, rating: Rating) -> usize {
        let of = self.cells.iter().filter(|(estimate, _)| pack.rating(**estimate) == rating);
        of.map(|(_, count)| count).sum()
    }
}
