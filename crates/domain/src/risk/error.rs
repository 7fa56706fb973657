//! Why a risk will not do.

use super::{AssetName, CONTROLS, ControlName, LossError, RECORDS, RiskCode};
use crate::code::SystemCode;
use crate::limits::CODE_BYTES;
use crate::text::TextError;

/// Why a risk will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RiskError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The code has another form.
    #[error(
        "«{0}» is no code of a risk: 1 to {CODE_BYTES} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit"
    )]
    Code(String),
    /// What is left cannot be more than what was there.
    #[error("what is left after treatment is not more likely or graver than before")]
    Residual,
    /// What it costs will not do.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// Too many records.
    #[error("a risk names at most {RECORDS} records")]
    Records,
    /// Too many controls.
    #[error("a risk names at most {CONTROLS} controls")]
    Controls,
    /// The asset is another system's.
    #[error(
        "the asset {asset} is none of system {system}: choose one of that system, or leave the system empty"
    )]
    Asset {
        /// The asset.
        asset: AssetName,
        /// The system of the risk.
        system: SystemCode,
    },
    /// It is not open.
    #[error("risk {0} is not open: open it again first")]
    NotOpen(RiskCode),
    /// It is open.
    #[error("risk {0} is open already")]
    Open(RiskCode),
    /// Grave risks are closed by evidence.
    #[error("a {0} risk is closed by a record that shows its treatment: name one that counts")]
    NoRecord(&'static str),
    /// And when the controls that it names are there.
    #[error(
        "a {rating} risk is closed once the controls that it names are in place: {control} is not"
    )]
    NoControl {
        /// How the risk is rated.
        rating: &'static str,
        /// The first that is lacking.
        control: ControlName,
    },
    /// An acceptance ends.
    #[error("an acceptance of a {rating} risk ends between tomorrow and {days} days from now")]
    Until {
        /// How the risk is rated.
        rating: &'static str,
        /// How long it may hold.
        days: i64,
    },
}
