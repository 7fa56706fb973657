//! Keys: one secret of three seeds, and the public key that belongs to it.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, ML_DSA_65_SIGNING, PqdsaKeyPair};
use hpke::{Deserializable as _, Kem as _, Serializable as _};
use zeroize::Zeroizing;

use crate::armour::{self, ArmourError};
use crate::x_wing::{self, Public as XWingPublic, Secret as XWingSecret, XWing};

const SECRET: &str = "KHIEN SECRET KEY";
const PUBLIC: &str = "KHIEN PUBLIC KEY";
const VERSION: u8 = 1;
/// Bytes of a seed: of Ed25519 (RFC 8032), of ML-DSA (FIPS 204, ξ) and of X-Wing alike.
const SEED: usize = 32;
/// Bytes of the public key of Ed25519.
const ED25519: usize = 32;
/// Bytes of the public key of ML-DSA-65 (FIPS 204, table 2).
const ML_DSA: usize = 1952;

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no key.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// The bytes are of another length or version.
    #[error("the key is damaged or of a later version: {found} bytes instead of {expected}")]
    Length {
        /// Bytes that are there.
        found: usize,
        /// Bytes of a key.
        expected: usize,
    },
    /// A part of the key is no key of its algorithm.
    #[error("the key is damaged: its part of {0} is not valid")]
    Part(&'static str),
}

/// What a public key is known by: 32 bytes, written as hexadecimal digits in groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, pair) in self.0.chunks(2).enumerate() {
            f.write_str(if at == 0 { "" } else { ":" })?;
            pair.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        Ok(())
    }
}

/// What signs and opens. It is wiped from memory when it is dropped.
pub struct SecretKey {
    /// The seeds of Ed25519, ML-DSA-65 and X-Wing.
    seeds: Zeroizing<[u8; 3 * SEED]>,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// The key of 96 random bytes.
    pub fn new(random: [u8; 3 * SEED]) -> Self {
        Self { seeds: Zeroizing::new(random) }
    }

    /// Its text, to be kept where only its owner reads.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(vec![VERSION]);
        bytes.extend_from_slice(self.seeds.as_slice());
        Zeroizing::new(armour::write(SECRET, &bytes))
    }

    /// The key of a text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(armour::read(SECRET, text)?);
        let expected = 1 + 3 * SEED;
        match bytes.split_first() {
            Some((&VERSION, seeds)) if seeds.len() == 3 * SEED => {
                let mut own = Zeroizing::new([0; 3 * SEED]);
                own.copy_from_slice(seeds);
                Ok(Self { seeds: own })
            }
            _ => Err(KeyError::Length { found: bytes.len(), expected }),
        }
    }

    /// The key that others may know.
    pub fn public(&self) -> Result<PublicKey, KeyError> {
        let (ed25519, ml_dsa, x_wing) = (self.ed25519()?, self.ml_dsa()?, self.x_wing()?);
        let mut bytes = Vec::with_capacity(PublicKey::LENGTH);
        bytes.extend_from_slice(ed25519.public_key().as_ref());
        bytes.extend_from_slice(ml_dsa.public_key().as_ref());
        bytes.extend_from_slice(&XWing::sk_to_pk(&x_wing).to_bytes());
        PublicKey::of(bytes)
    }

    pub(crate) fn ed25519(&self) -> Result<Ed25519KeyPair, KeyError> {
        let seed = self.seeds.get(..SEED).unwrap_or_default();
        Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Part("Ed25519"))
    }

    pub(crate) fn ml_dsa(&self) -> Result<PqdsaKeyPair, KeyError> {
        let seed = self.seeds.get(SEED..2 * SEED).unwrap_or_default();
        PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, seed).map_err(|_| KeyError::Part("ML-DSA-65"))
    }

    pub(crate) fn x_wing(&self) -> Result<XWingSecret, KeyError> {
        let seed = self.seeds.get(2 * SEED..).unwrap_or_default();
        XWingSecret::from_bytes(seed).map_err(|_| KeyError::Part("X-Wing"))
    }
}

/// What others seal to and verify by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Bytes of a public key.
    pub const LENGTH: usize = ED25519 + ML_DSA + x_wing::PUBLIC;

    fn of(bytes: Vec<u8>) -> Result<Self, KeyError> {
        if bytes.len() != Self::LENGTH {
            return Err(KeyError::Length { found: bytes.len(), expected: Self::LENGTH });
        }
        let key = Self { bytes };
        key.x_wing()?;
        Ok(key)
    }

    /// Its text.
    pub fn to_text(&self) -> String {
        armour::write(PUBLIC, &self.to_bytes())
    }

    /// Its bytes: a version, then the keys of Ed25519, ML-DSA-65 and X-Wing.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// The key of a text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&armour::read(PUBLIC, text)?)
    }

    /// The key of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        match bytes.split_first() {
            Some((&VERSION, key)) => Self::of(key.to_vec()),
            _ => Err(KeyError::Length { found: bytes.len(), expected: 1 + Self::LENGTH }),
        }
    }

    /// What it is known by.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"khien public key v1\0");
        context.update(&self.bytes);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(context.finish().as_ref());
        Fingerprint(fingerprint)
    }

    pub(crate) fn ed25519(&self) -> &[u8] {
        self.bytes.get(..ED25519).unwrap_or_default()
    }

    pub(crate) fn ml_dsa(&self) -> &[u8] {
        self.bytes.get(ED25519..ED25519 + ML_DSA).unwrap_or_default()
    }

    pub(crate) fn x_wing(&self) -> Result<XWingPublic, KeyError> {
        let bytes = self.bytes.get(ED25519 + ML_DSA..).unwrap_or_default();
        XWingPublic::from_bytes(bytes).map_err(|_| KeyError::Part("X-Wing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_their_texts() {
        let secret = SecretKey::new(std::array::from_fn(|at| at as u8));
        let public = secret.public().unwrap();
        let again = SecretKey::parse(&secret.to_text()).unwrap();
        assert_eq!(again.public().unwrap(), public);
        assert_eq!(PublicKey::parse(&public.to_text()).unwrap(), public);
        let other = SecretKey::new([7; 96]).public().unwrap();
        assert_ne!(other.fingerprint(), public.fingerprint());
        assert_eq!(public.fingerprint().to_string().len(), 79);
        assert_eq!(format!("{secret:?}"), "SecretKey(…)");
    }

    #[test]
    fn what_is_no_key_is_told() {
        let secret = SecretKey::new([1; 96]);
        let public = secret.public().unwrap().to_text();
        assert!(matches!(SecretKey::parse(&public), Err(KeyError::Armour(_))));
        let short = armour::write(PUBLIC, &[VERSION; 100]);
        assert!(matches!(PublicKey::parse(&short), Err(KeyError::Length { found: 99, .. })));
        let later = armour::write(SECRET, &[2; 97]);
        assert!(matches!(SecretKey::parse(&later), Err(KeyError::Length { .. })));
    }
}
