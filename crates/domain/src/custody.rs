//! Devices that keep keys: to which post each was handed, and what became of it.
//!
//! Serial numbers, posts, days and numbers of documents come in; no key does: what looks like one is
//! refused ([`no_key`]). A device goes from the store to a post and back; what is lost is revoked and
//! comes back no more. Posts are named, never people.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::AgencyCode;
use crate::ids::{DeviceId, ProductId};
use crate::limits::{NAME_BYTES, POST_BYTES, SERIAL_BYTES};
use crate::text::{self, TextError};

closed! {
    /// What a device is; what it is called is data of the [pack](crate::register_pack).
    DeviceKind {
        /// A token for the hand.
        Token = "token",
        /// A card with a chip.
        SmartCard = "smart-card",
        /// A certificate without a device of its own.
        Certificate = "certificate",
        /// A part of a hardware security module.
        HsmPartition = "hsm-partition",
    }

    /// Where a device is, what needs somebody first.
    DeviceState {
        /// Nobody knows where; it is to be revoked.
        Lost = "lost",
        /// With a post.
        HandedOver = "handed-over",
        /// In the store of its agency.
        InStore = "in-store",
        /// It counts no more.
        Revoked = "revoked",
    }

    /// What is done with a device.
    Move {
        /// It came into the store.
        Register = "register",
        /// It was handed to a post.
        HandOver = "hand-over",
        /// It came back into the store.
        Return = "return",
        /// Its certificate was renewed.
        Renew = "renew",
        /// It was lost.
        Lose = "lose",
        /// It was revoked.
        Revoke = "revoke",
    }
}

/// A device of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whose it is.
    pub agency: AgencyCode,
    /// Its serial number, one in the agency, in capitals.
    pub serial: String,
    /// What it is.
    pub kind: DeviceKind,
    /// The product that it belongs to.
    pub product: Option<ProductId>,
    /// The last day of its certificate.
    pub until: Option<Date>,
    /// Where it is.
    pub state: DeviceState,
    /// Since which day it is there.
    pub since: Date,
    /// The post that has it, or had it when it was lost.
    pub post: Option<String>,
    /// The number of its revocation.
    pub revocation: Option<String>,
}

/// A device as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDevice {
    /// Its number.
    pub id: DeviceId,
    /// The device.
    pub device: Device,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step of a device, as its log keeps it for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it was written down.
    pub at: Timestamp,
    /// On which day it was.
    pub day: Date,
    /// Who wrote it down.
    pub who: String,
    /// What was done.
    pub what: Move,
    /// To which post, by which number, until when.
    pub detail: String,
}

/// What is done with a device, with what has to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is handed to a post.
    HandOver(String),
    /// It comes back.
    Return,
    /// Its certificate holds until another day.
    Renew(Date),
    /// It is lost.
    Lose,
    /// It is revoked, by a number.
    Revoke(String),
}

/// What looks like a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} holds what looks like a key: the centre keeps no keys; write only what tells it apart"
)]
pub struct KeyMaterial {
    /// Which text.
    pub what: &'static str,
}

/// Why a device or a step will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustodyError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// What was given looks like a key.
    #[error(transparent)]
    Key(#[from] KeyMaterial),
    /// The serial number has another form.
    #[error("«{0}» is no serial number: letters without diacritics, digits and . : - alone")]
    Serial(String),
    /// A step that does not follow.
    #[error("{serial} is {}: it cannot be {}", .state.words(), .what.words())]
    Order {
        /// Which device.
        serial: String,
        /// How it stands.
        state: DeviceState,
        /// What was to be done.
        what: Move,
    },
    /// A day that has not come.
    #[error("the day {0} has not come yet")]
    NotYet(Date),
    /// A day before that of the step before.
    #[error("the day {day} is before the last step of {serial}, on {since}")]
    Before {
        /// Which device.
        serial: String,
        /// The day that was named.
        day: Date,
        /// The day of the last step.
        since: Date,
    },
    /// A certificate is renewed to a later day.
    #[error("a renewed certificate ends after {0}")]
    Shorter(Date),
}

impl DeviceState {
    /// What it is called in a refusal.
    fn words(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::HandedOver => "handed over",
            Self::InStore => "in store",
            Self::Revoked => "revoked",
        }
    }
}

impl Move {
    /// What it is called in a refusal.
    fn words(self) -> &'static str {
        match self {
            Self::Register => "registered",
            Self::HandOver => "handed over",
            Self::Return => "returned",
            Self::Renew => "renewed",
            Self::Lose => "lost",
            Self::Revoke => "revoked",
        }
    }

    /// Whether it follows a state. What is lost is revoked even if it is found again.
    pub fn follows(self, state: DeviceState) -> bool {
        use DeviceState::{HandedOver, InStore, Revoked};
        match self {
            Self::Register => false,
            Self::HandOver => state == InStore,
            Self::Return => state == HandedOver,
            Self::Renew | Self::Lose => matches!(state, InStore | HandedOver),
            Self::Revoke => state != Revoked,
        }
    }
}

impl Act {
    /// What is done.
    pub fn what(&self) -> Move {
        match self {
            Self::HandOver(_) => Move::HandOver,
            Self::Return => Move::Return,
            Self::Renew(_) => Move::Renew,
            Self::Lose => Move::Lose,
            Self::Revoke(_) => Move::Revoke,
        }
    }
}

/// Letters, digits and signs of Base64 without a blank, as many as a key of 256 bits has.
const RUN: usize = 44;

/// Whether there is a block of a private key, or of anything, as PEM writes it.
fn has_block(text: &str) -> bool {
    let capitals = text.to_ascii_uppercase();
    capitals.contains("PRIVATE KEY") || capitals.contains("-----BEGIN")
}

/// Refuses a text in which there is a private key, or a run of characters as keys are written in.
pub fn no_key(what: &'static str, text: &str) -> Result<(), KeyMaterial> {
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut runs = text.split(|c| !is_of_key(c));
    if has_block(text) || runs.any(|run| run.len() >= RUN) {
        return Err(KeyMaterial { what });
    }
    Ok(())
}

/// A text of a handover: one line, no key, nothing secret.
fn line(what: &'static str, text: &str, limit: usize) -> Result<String, CustodyError> {
    no_key(what, text)?;
    Ok(text::reference(what, text, limit)?)
}

/// A serial number in capitals; it may be one long run, as those of certificates are.
pub fn serial(text: &str) -> Result<String, CustodyError> {
    const WHAT: &str = "the serial number";
    if has_block(text) {
        return Err(KeyMaterial { what: WHAT }.into());
    }
    let serial = text::line(WHAT, text, SERIAL_BYTES)?.to_ascii_uppercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
    if serial.chars().all(fits) { Ok(serial) } else { Err(CustodyError::Serial(serial)) }
}

impl Device {
    /// A device that comes into the store of an agency on a day.
    pub fn new(
        agency: AgencyCode,
        number: &str,
        kind: DeviceKind,
        since: Date,
    ) -> Result<Self, CustodyError> {
        Ok(Self {
            agency,
            serial: serial(number)?,
            kind,
            product: None,
            until: None,
            state: DeviceState::InStore,
            since,
            post: None,
            revocation: None,
        })
    }

    /// The device after a step that was made on a day, and what its log says of it.
    pub fn after(&self, act: &Act, day: Date, today: Date) -> Result<(Self, String), CustodyError> {
        let (what, serial) = (act.what(), self.serial.clone());
        if !what.follows(self.state) {
            return Err(CustodyError::Order { serial, state: self.state, what });
        }
        if day > today {
            return Err(CustodyError::NotYet(day));
        }
        if day < self.since {
            return Err(CustodyError::Before { serial, day, since: self.since });
        }
        let mut device = Self { since: day, ..self.clone() };
        let detail = match act {
            Act::HandOver(post) => {
                let post = line("the post that has it", post, POST_BYTES)?;
                device.state = DeviceState::HandedOver;
                device.post = Some(post.clone());
                post
            }
            Act::Return => {
                device.state = DeviceState::InStore;
                device.post.take().unwrap_or_default()
            }
            Act::Renew(until) => {
                if self.until.is_some_and(|before| *until <= before) || *until < day {
                    return Err(CustodyError::Shorter(self.until.unwrap_or(day)));
                }
                device.until = Some(*until);
                until.to_string()
            }
            Act::Lose => {
                device.state = DeviceState::Lost;
                device.post.clone().unwrap_or_default()
            }
            Act::Revoke(number) => {
                let number = line("the number of the revocation", number, NAME_BYTES)?;
                device.state = DeviceState::Revoked;
                device.revocation = Some(number.clone());
                number
            }
        };
        Ok((device, detail))
    }

    /// Whether its certificate had its time on a day; of what is revoked nobody asks.
    pub fn has_expired(&self, today: Date) -> bool {
        self.counts() && self.until.is_some_and(|until| until < today)
    }

    /// Whether its certificate ends from a day to another, both included.
    pub fn ends(&self, today: Date, soon: Date) -> bool {
        self.counts() && self.until.is_some_and(|until| (today..=soon).contains(&until))
    }

    /// Whether it is not revoked.
    pub fn counts(&self) -> bool {
        self.state != DeviceState::Revoked
    }
}

/// Sorts devices: what is lost and not revoked, then what has ended and ends soon, then by agency and
/// serial number; what is revoked last.
pub fn sort(devices: &mut [KeptDevice], today: Date, soon: Date) {
    devices.sort_by_cached_key(|kept| {
        let device = &kept.device;
        let rank = match device.state {
            DeviceState::Lost => 0,
            DeviceState::Revoked => 4,
            _ if device.has_expired(today) => 1,
            _ if device.ends(today, soon) => 2,
            _ => 3,
        };
        let until = device.until.filter(|_| rank == 1 || rank == 2);
        (rank, until, device.agency.clone(), device.serial.clone())
    });
}

#[cfg(test)]
mod tests;
