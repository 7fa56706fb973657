//! Tokens: how programs and sources prove who they are.
//!
//! A token is text of the form `khien_api_` or `khien_src_` followed by 40 letters and digits of
//! base32 (RFC 4648 in lower case): 21 random bytes and 4 bytes of checksum. The fixed beginning lets
//! scanners of leaked secrets find it; the checksum lets a mistyped token be told from a wrong one
//! without asking the store.
//!
//! A token is shown once. The store keeps its SHA-256. A plain hash is right here, and a slow one
//! would be wrong: 168 random bits cannot be guessed, so there is nothing for salt or stretching to
//! protect, while every request of every source has to be checked in microseconds.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::ids::{SourceId, TokenId};
use crate::limits::{NAME_BYTES, ROTATION_HOURS, SCOPE_AGENCIES, TOKEN_DAYS};
use crate::permission::{Actor, AgencyScope, Identity, Permission};
use crate::text::{self, TextError};

/// Random bytes of a token, drawn by the caller from the operating system.
pub struct TokenBytes(pub [u8; 21]);

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// People and programs that use the API.
    Api,
    /// A source that sends events.
    Source,
}

impl TokenKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Api, Self::Source];

    /// The part of the token that tells the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Source => "src",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The text of a token, to be shown once. `Debug` shows only the kind.
pub struct TokenText {
    text: String,
    kind: TokenKind,
}

/// SHA-256 of a token's text: what the store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// A text that is not a token of ours. It never repeats the text: it may be a secret all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenTextError {
    /// It does not look like a token.
    #[error("this is no token of Khiên: it would begin with khien_api_ or khien_src_")]
    Form,
    /// It looks like one and its checksum is wrong.
    #[error("the token is damaged: characters are wrong or missing")]
    Checksum,
}

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const ENCODED: usize = 40;

impl TokenText {
    /// A new token of random bytes.
    pub fn new(kind: TokenKind, bytes: &TokenBytes) -> Self {
        let mut payload = [0; 25];
        payload[..21].copy_from_slice(&bytes.0);
        payload[21..].copy_from_slice(&checksum(kind, &bytes.0));
        let mut text = format!("khien_{}_", kind.name());
        for group in payload.chunks(5) {
            let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for position in (0..8).rev() {
                text.push(char::from(ALPHABET[(bits >> (5 * position) & 31) as usize]));
            }
        }
        Self { text, kind }
    }

    /// The token of a text, as a client sends it.
    pub fn parse(text: &str) -> Result<Self, TokenTextError> {
        let rest = text.strip_prefix("khien_").ok_or(TokenTextError::Form)?;
        let (kind, encoded) = rest.split_once('_').ok_or(TokenTextError::Form)?;
        let kind = TokenKind::parse(kind).ok_or(TokenTextError::Form)?;
        let payload = decode(encoded).ok_or(TokenTextError::Checksum)?;
        if checksum(kind, &payload[..21]) == payload[21..] {
            Ok(Self { text: text.to_owned(), kind })
        } else {
            Err(TokenTextError::Checksum)
        }
    }

    /// The text itself, for the one time that it is shown or sent.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What it is for.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What the store keeps of it and looks it up by.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.text.as_bytes()).into())
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "khien_{}_…", self.kind.name())
    }
}

fn decode(encoded: &str) -> Option<[u8; 25]> {
    if encoded.len() != ENCODED {
        return None;
    }
    let mut payload = [0; 25];
    for (group, bytes) in encoded.as_bytes().chunks(8).zip(payload.chunks_mut(5)) {
        let mut bits = 0_u64;
        for letter in group {
            let value = ALPHABET.iter().position(|known| known == letter)?;
            bits = bits << 5 | value as u64;
        }
        bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(payload)
}

fn checksum(kind: TokenKind, random: &[u8]) -> [u8; 4] {
    let digest =
        Sha256::new().chain_update(kind.name()).chain_update(b" checksum ").chain_update(random);
    let digest: [u8; 32] = digest.finalize().into();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// A token as the store knows it: everything but its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub holder: Holder,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer taken.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Whose a token is, and what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A source: it allows to send events, as that source.
    Source(SourceId),
    /// A person or program that uses the API.
    Api {
        /// What it allows.
        permissions: BTreeSet<Permission>,
        /// In which agencies.
        agencies: AgencyScope,
    },
}

/// A token to be kept, with the hash of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// The hash of its text.
    pub hash: TokenHash,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub holder: Holder,
    /// When it is made.
    pub created_at: Timestamp,
    /// From when on it is no longer taken.
    pub expires_at: Timestamp,
}

/// Why a token cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewTokenError {
    /// The name is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It would be expired at once or live too long.
    #[error("a token expires between now and {TOKEN_DAYS} days from now")]
    Expiry,
    /// Sending events is for tokens of sources.
    #[error("ingest is for tokens of sources, made with the source")]
    Ingest,
    /// It would allow what people do alone.
    #[error("{} is for people, not for programs", .0.name())]
    People(Permission),
    /// It would allow nothing, or its scope is empty or too long.
    #[error("a token allows something, in all or 1 to {SCOPE_AGENCIES} agencies")]
    Scope,
    /// It would be limited to agencies and allow what needs all.
    #[error("{} needs a scope over all agencies", .0.name())]
    Global(Permission),
}

impl NewToken {
    /// The token with its name in order.
    pub fn checked(mut self) -> Result<Self, NewTokenError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        let life = self.expires_at.duration_since(self.created_at);
        if life <= SignedDuration::ZERO || life > SignedDuration::from_hours(24 * TOKEN_DAYS) {
            return Err(NewTokenError::Expiry);
        }
        if let Holder::Api { permissions, agencies } = &self.holder {
            if permissions.contains(&Permission::Ingest) {
                return Err(NewTokenError::Ingest);
            }
            if let Some(own) = permissions.iter().find(|one| !one.is_grantable()) {
                return Err(NewTokenError::People(*own));
            }
            if permissions.is_empty() {
                return Err(NewTokenError::Scope);
            }
            if let AgencyScope::Only(agencies) = agencies {
                if agencies.is_empty() || agencies.len() > SCOPE_AGENCIES {
                    return Err(NewTokenError::Scope);
                }
                if let Some(global) = permissions.iter().find(|p| p.is_global()) {
                    return Err(NewTokenError::Global(*global));
                }
            }
        }
        Ok(self)
    }
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Its time is over.
    #[error("the token expired at {0}")]
    Expired(Timestamp),
    /// Somebody revoked it.
    #[error("the token was revoked at {0}")]
    Revoked(Timestamp),
}

impl Token {
    /// Refuses a token that is expired or revoked.
    pub fn check(&self, now: Timestamp) -> Result<(), Invalid> {
        if let Some(at) = self.revoked_at {
            return Err(Invalid::Revoked(at));
        }
        if now >= self.expires_at {
            return Err(Invalid::Expired(self.expires_at));
        }
        Ok(())
    }

    /// Who acts with this token; asks [`check`](Self::check) first.
    ///
    /// `source_agency` is the agency of the token's source; tokens of the API carry their own scope.
    pub fn actor(&self, now: Timestamp, source_agency: AgencyScope) -> Result<Actor, Invalid> {
        self.check(now)?;
        Ok(match &self.holder {
            Holder::Source(id) => Actor::new(
                Identity::Source { id: *id },
                BTreeSet::from([Permission::Ingest]),
                source_agency,
            ),
            Holder::Api { permissions, agencies } => Actor::new(
                Identity::Token { id: self.id, name: self.name.clone() },
                permissions.clone(),
                agencies.clone(),
            ),
        })
    }
}

/// When the tokens that a rotation replaces stop being taken. The overlap is at most
/// [`ROTATION_HOURS`]; a token that ends sooner ends then.
pub fn end_of_overlap(now: Timestamp, overlap: SignedDuration) -> Timestamp {
    let most = SignedDuration::from_hours(ROTATION_HOURS);
    now.checked_add(overlap.clamp(SignedDuration::ZERO, most)).unwrap_or(now)
}

#[cfg(test)]
#[path = "token/tests.rs"]
mod tests;
