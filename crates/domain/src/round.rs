//! A yearly round of the index: opened, reviewed by sample, frozen, published; comments and appeals.
//!
//! What a round is and which step follows which is decided here, and which records are looked at a second
//! time: [`draw`] is small enough for anybody to do again from an export (`docs/index.md`). How large the
//! sample is, is data (`packs/round.yml`).

use std::sync::LazyLock;

use jiff::Timestamp;
use khien_event::yaml;
use sha2::{Digest as _, Sha256};

use crate::code::AgencyCode;
use crate::evidence::{About, How, Origin};

closed! {
    /// How far a round is.
    RoundState {
        /// Agencies attest, others confirm.
        Open = "open",
        /// A sample is looked at again; comments and appeals are taken.
        Review = "review",
        /// Nothing that was so until the cut-off changes but by an accepted appeal.
        Frozen = "frozen",
        /// The table is told.
        Published = "published",
    }

    /// What a second look at a record found.
    Look {
        /// Nobody has looked yet.
        Waiting = "waiting",
        /// It holds.
        Holds = "holds",
        /// It does not hold, and was withdrawn.
        Fails = "fails",
    }

    /// What an agency answers to its figures.
    AppealForm {
        /// A word on an indicator that asks for an answer.
        Comment = "comment",
        /// It asks for a correction.
        Appeal = "appeal",
    }

    /// How a comment or an appeal stands.
    AppealState {
        /// Nobody has decided.
        Lodged = "lodged",
        /// It was right: a record corrects what was wrong.
        Accepted = "accepted",
        /// It was not.
        Refused = "refused",
        /// A comment has its answer.
        Answered = "answered",
    }

    /// How something that an agency declared stands.
    ReviewState {
        /// Nobody of another agency has looked.
        Waiting = "waiting",
        /// Somebody has seen the document: another record says so.
        Confirmed = "confirmed",
        /// Somebody has refused to.
        Refused = "refused",
        /// A later record took its place.
        Replaced = "replaced",
    }
}

/// Something declared, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The number of the declared record.
    pub seq: u64,
    /// Whose it is.
    pub agency: AgencyCode,
    /// How it stands.
    pub state: ReviewState,
    /// Who decided, from which agency, when and why.
    pub decided: Option<Decided>,
    /// The record that confirms it.
    pub record: Option<u64>,
}

/// A decision about something that another agency said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Who.
    pub by: String,
    /// Of which agency they are.
    pub home: AgencyCode,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Of which year.
    pub year: i16,
    /// By which pack.
    pub pack: String,
    /// How far it is.
    pub state: RoundState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The draw of the sample, once there is one.
    pub draw: Option<Drawn>,
    /// The instant for which is counted, once it is fixed, and when that was done.
    pub cutoff: Option<(Timestamp, Timestamp)>,
    /// The published table.
    pub published: Option<Published>,
}

/// How the sample was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// When.
    pub at: Timestamp,
    /// The number of the checkpoint over the records from which was drawn.
    pub checkpoint: u64,
    /// How many records it covers.
    pub size: u64,
    /// The seed ([`seed`]), 64 hexadecimal digits.
    pub seed: String,
    /// From how many records was drawn.
    pub population: u64,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// When.
    pub at: Timestamp,
    /// The hash of the table.
    pub hash: String,
    /// From how many records of the ledger it was computed.
    pub size: u64,
}

/// A record that is looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its number.
    pub seq: u64,
    /// Whose it is.
    pub agency: AgencyCode,
    /// What was found.
    pub look: Look,
    /// Who found it.
    pub decided: Option<Decided>,
}

/// What an agency answers to its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAppeal {
    /// In the round of which year.
    pub year: i16,
    /// Which agency.
    pub agency: AgencyCode,
    /// About which indicator.
    pub indicator: String,
    /// A comment or an appeal.
    pub form: AppealForm,
    /// Why.
    pub reason: String,
    /// Which document says so; may be empty.
    pub reference: String,
    /// Who says so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The same with its number and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub about: NewAppeal,
    /// How it stands.
    pub state: AppealState,
    /// The decision.
    pub decided: Option<Decided>,
    /// The record that corrects what was wrong.
    pub record: Option<u64>,
}

impl Appeal {
    /// What records and people call it: `2026-3`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.about.year, self.id)
    }
}

/// Why somebody does not decide about something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Partial {
    /// Nobody knows of which agency they are.
    #[error("whoever decides belongs to an agency of their own: an administrator names it")]
    NoHome,
    /// It is their own agency's.
    #[error("this is of your own agency: somebody of another agency decides")]
    OwnAgency,
    /// They said it themselves.
    #[error("this is your own word: somebody else decides")]
    OwnWord,
    /// They have confirmed it before.
    #[error("you have confirmed this before: a second person looks at it again")]
    OwnLook,
}

/// The account that a record names, whichever way it is written: `person:an`, `person an`.
pub fn account(by: &str) -> Option<&str> {
    by.strip_prefix("person:").or_else(|| by.strip_prefix("person "))
}

/// Refuses whoever decides about their own agency or their own word; answers their agency.
pub fn apart<'h>(
    home: Option<&'h AgencyCode>,
    who: &str,
    agency: &AgencyCode,
    by: &str,
) -> Result<&'h AgencyCode, Partial> {
    let home = home.ok_or(Partial::NoHome)?;
    if home == agency {
        return Err(Partial::OwnAgency);
    }
    if account(who).is_some() && account(who) == account(by) {
        return Err(Partial::OwnWord);
    }
    Ok(home)
}

/// Whether a record is one of those that a sample is drawn from: attested, and confirmed by a person.
/// Whether it was replaced is for whoever has the others.
pub fn is_sampled(about: &About, at: Timestamp) -> bool {
    about.how == How::Documented
        && matches!(about.origin, Origin::Document | Origin::Attestation)
        && about.agency.is_some()
        && account(&about.by).is_some()
        && about.until.is_none_or(|until| until > at)
}

/// The seed of a sample: the SHA-256 of the hash of a checkpoint and of a nonce.
pub fn seed(checkpoint: &[u8; 32], nonce: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(checkpoint).chain_update(nonce).finalize().into()
}

/// Draws from the numbers of records: those whose SHA-256 of the seed and the number (eight bytes, the
/// greatest first) is least, `count` of them, in their order.
pub fn draw(seed: &[u8; 32], population: &[u64], count: usize) -> Vec<u64> {
    let key = |seq: u64| -> [u8; 32] {
        Sha256::new().chain_update(seed).chain_update(seq.to_be_bytes()).finalize().into()
    };
    let mut keyed: Vec<([u8; 32], u64)> = population.iter().map(|seq| (key(*seq), *seq)).collect();
    keyed.sort_unstable();
    let mut drawn: Vec<u64> = keyed.into_iter().take(count).map(|(_, seq)| seq).collect();
    drawn.sort_unstable();
    drawn
}

/// How a round is looked over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundPack {
    /// Of a hundred records so many are looked at again.
    pub percent: usize,
    /// At least so many.
    pub least: usize,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pack of rounds: {0}")]
pub struct RoundPackError(String);

impl RoundPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/round.yml");

    /// The same, read.
    pub fn built_in() -> Result<&'static Self, RoundPackError> {
        static PACK: LazyLock<Result<RoundPack, RoundPackError>> =
            LazyLock::new(|| RoundPack::parse(RoundPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, RoundPackError> {
        let documents = yaml::parse(text).map_err(|error| RoundPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(RoundPackError("one document is expected".into()));
        };
        for key in ["version", "source", "valid_from", "note"] {
            if pack.get_str(key).is_none() {
                return Err(RoundPackError(format!("«{key}» is missing")));
            }
        }
        let number = |key: &str| {
            let value = pack.get_str(key).and_then(|value| value.parse().ok());
            value.ok_or_else(|| RoundPackError(format!("«{key}» must be a whole number")))
        };
        let (percent, least) = (number("sample_percent")?, number("sample_least")?);
        if !(1..=100).contains(&percent) {
            return Err(RoundPackError("«sample_percent» must be from 1 to 100".into()));
        }
        Ok(Self { percent, least })
    }

    /// How many of so many are drawn: rounded up.
    pub fn count(&self, population: usize) -> usize {
        (population * self.percent).div_ceil(100).max(self.least).min(population)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_known_and_does_not_ask_for_the_order() {
        let seed = [7; 32];
        let population: Vec<u64> = (100..140).collect();
        let drawn = draw(&seed, &population, 4);
        // Computed apart, by the lines of Python in docs/index.md.
        assert_eq!(drawn, [104, 116, 126, 128]);
        let backwards: Vec<u64> = population.iter().rev().copied().collect();
        assert_eq!(draw(&seed, &backwards, 4), drawn);
        assert_ne!(draw(&[8; 32], &population, 4), drawn);
        assert_eq!(draw(&seed, &population, 99), population);
        assert_eq!(draw(&seed, &[], 3), Vec::<u64>::new());
    }

    #[test]
    fn a_tenth_is_rounded_up() {
        let pack = RoundPack::built_in().unwrap();
        let counts = [0, 1, 10, 11, 731].map(|population| pack.count(population));
        assert_eq!(counts, [0, 1, 1, 2, 74]);
    }

    #[test]
    fn a_pack_that_lacks_something_is_refused() {
        assert!(RoundPack::parse(RoundPack::BUILT_IN).is_ok());
        for (cut, put) in [
            ("sample_percent: 10", "sample_percent: 0"),
            ("sample_percent: 10", "sample_percent: 101"),
            ("sample_percent: 10", "sample_percent: mười"),
            ("sample_least: 1", ""),
            ("version: 1", ""),
        ] {
            let text = RoundPack::BUILT_IN.replace(cut, put);
            assert!(RoundPack::parse(&text).is_err(), "{put}");
        }
    }

    #[test]
    fn nobody_decides_about_their_own() {
        let code = |text| AgencyCode::new(text).unwrap();
        let (mine, other) = (code("sonv"), code("sokhcn"));
        let apart = |home, who, by| apart(home, who, &other, by).cloned();
        assert_eq!(apart(Some(&mine), "person:an", "person:ba"), Ok(mine.clone()));
        assert_eq!(apart(None, "person:an", "person:ba"), Err(Partial::NoHome));
        assert_eq!(apart(Some(&other), "person:an", "person:ba"), Err(Partial::OwnAgency));
        assert_eq!(apart(Some(&mine), "person:an", "person:an"), Err(Partial::OwnWord));
        assert_eq!(apart(Some(&mine), "person:an", "person an"), Err(Partial::OwnWord));
        assert_eq!(apart(Some(&mine), "person:an", "token:1:an"), Ok(mine.clone()));
    }
}
