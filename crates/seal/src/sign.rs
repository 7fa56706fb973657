//! Signatures: Ed25519 and ML-DSA-65 of one statement; only both together are good.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, ML_DSA_65, ML_DSA_65_SIGNING, UnparsedPublicKey};

use crate::armour::{self, ArmourError};
use crate::keys::{Fingerprint, KeyError, PublicKey, SecretKey};

const KIND: &str = "KHIEN SIGNATURE";
const VERSION: u8 = 1;
/// Bytes of a signature of Ed25519.
const CLASSIC: usize = 64;
/// Bytes of a signature of ML-DSA-65 (FIPS 204, table 2).
const LATTICE: usize = 3309;

/// What is signed: the SHA-512 of some contents, and their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    sha512: [u8; 64],
    length: u64,
}

/// Digests contents piece by piece.
pub struct Digester {
    context: digest::Context,
    length: u64,
}

impl Default for Digester {
    fn default() -> Self {
        Self { context: digest::Context::new(&digest::SHA512), length: 0 }
    }
}

impl Digester {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.context.update(piece);
        self.length += piece.len() as u64;
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Digest {
        let mut sha512 = [0; 64];
        sha512.copy_from_slice(self.context.finish().as_ref());
        Digest { sha512, length: self.length }
    }
}

impl Digest {
    /// The digest of contents.
    pub fn of(contents: &[u8]) -> Self {
        let mut digester = Digester::default();
        digester.update(contents);
        digester.finish()
    }

    /// What both algorithms sign.
    fn statement(&self, by: Fingerprint) -> Vec<u8> {
        let mut statement = b"khien signature v1\0".to_vec();
        statement.extend_from_slice(&by.0);
        statement.extend_from_slice(&self.length.to_be_bytes());
        statement.extend_from_slice(&self.sha512);
        statement
    }
}

/// Why a signature is not good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The text is no signature.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The bytes are of another length or version.
    #[error("the signature is damaged or of a later version")]
    Damaged,
    /// Somebody else signed.
    #[error("the signature is by the key {found}, not by {expected}")]
    Another {
        /// Whose it says it is.
        found: Fingerprint,
        /// Whose it should be.
        expected: Fingerprint,
    },
    /// The contents or the signature were changed.
    #[error("the signature is wrong: the contents or the signature were changed ({0})")]
    Wrong(&'static str),
    /// The algorithm failed.
    #[error("signing failed ({0})")]
    Failed(&'static str),
}

/// A signature of both kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    by: Fingerprint,
    classic: Vec<u8>,
    lattice: Vec<u8>,
}

impl Signature {
    /// Signs.
    pub fn new(secret: &SecretKey, digest: &Digest) -> Result<Self, SignatureError> {
        let by = secret.public()?.fingerprint();
        let statement = digest.statement(by);
        let classic = secret.ed25519()?.sign(&statement).as_ref().to_vec();
        let mut lattice = vec![0; ML_DSA_65_SIGNING.signature_len()];
        let length = secret.ml_dsa()?.sign(&statement, &mut lattice);
        lattice.truncate(length.map_err(|_| SignatureError::Failed("ML-DSA-65"))?);
        Ok(Self { by, classic, lattice })
    }

    /// Who signed, as the signature says; only [`Self::verify`] proves it.
    pub const fn by(&self) -> Fingerprint {
        self.by
    }

    /// Whether the key signed these contents, by both algorithms.
    pub fn verify(&self, key: &PublicKey, digest: &Digest) -> Result<(), SignatureError> {
        let expected = key.fingerprint();
        if self.by != expected {
            return Err(SignatureError::Another { found: self.by, expected });
        }
        let statement = digest.statement(self.by);
        UnparsedPublicKey::new(&ED25519, key.ed25519())
            .verify(&statement, &self.classic)
            .map_err(|_| SignatureError::Wrong("Ed25519"))?;
        UnparsedPublicKey::new(&ML_DSA_65, key.ml_dsa())
            .verify(&statement, &self.lattice)
            .map_err(|_| SignatureError::Wrong("ML-DSA-65"))
    }

    /// Its text.
    pub fn to_text(&self) -> String {
        armour::write(KIND, &self.to_bytes())
    }

    /// The signature of a text.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        Self::from_bytes(&armour::read(KIND, text)?)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.by.0);
        bytes.extend_from_slice(&self.classic);
        bytes.extend_from_slice(&self.lattice);
        bytes
    }

    /// The signature of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureError> {
        let Some((&VERSION, rest)) = bytes.split_first() else {
            return Err(SignatureError::Damaged);
        };
        if rest.len() != 32 + CLASSIC + LATTICE {
            return Err(SignatureError::Damaged);
        }
        let (by, rest) = rest.split_at(32);
        let (classic, lattice) = rest.split_at(CLASSIC);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(by);
        Ok(Self {
            by: Fingerprint(fingerprint),
            classic: classic.to_vec(),
            lattice: lattice.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SecretKey {
        SecretKey::new([seed; 96])
    }

    #[test]
    fn a_signature_holds_for_its_contents_and_its_key_alone() {
        let digest = Digest::of("Tỉnh Minh Họa".as_bytes());
        let signature = Signature::new(&key(1), &digest).unwrap();
        let signature = Signature::parse(&signature.to_text()).unwrap();
        let public = key(1).public().unwrap();
        assert_eq!(signature.verify(&public, &digest), Ok(()));
        assert_eq!(signature.by(), public.fingerprint());
        let other = Digest::of(b"x");
        assert_eq!(signature.verify(&public, &other), Err(SignatureError::Wrong("Ed25519")));
        let another = signature.verify(&key(2).public().unwrap(), &digest);
        assert!(matches!(another, Err(SignatureError::Another { .. })));
    }

    #[test]
    fn each_half_alone_is_not_enough() {
        let digest = Digest::of(b"contents");
        let public = key(1).public().unwrap();
        let good = Signature::new(&key(1), &digest).unwrap();
        let other = Signature::new(&key(1), &Digest::of(b"other")).unwrap();
        let classic = Signature { lattice: other.lattice.clone(), ..good.clone() };
        assert_eq!(classic.verify(&public, &digest), Err(SignatureError::Wrong("ML-DSA-65")));
        let lattice = Signature { classic: other.classic, ..good };
        assert_eq!(lattice.verify(&public, &digest), Err(SignatureError::Wrong("Ed25519")));
    }

    #[test]
    fn pieces_are_the_same_as_the_whole() {
        let mut digester = Digester::default();
        digester.update(b"con");
        digester.update(b"tents");
        assert_eq!(digester.finish(), Digest::of(b"contents"));
    }

    #[test]
    fn what_is_no_signature_is_told() {
        let text = armour::write(KIND, &[VERSION; 9]);
        assert_eq!(Signature::parse(&text), Err(SignatureError::Damaged));
        assert!(matches!(Signature::parse("x"), Err(SignatureError::Armour(_))));
    }
}
