//! Keys, signatures and sealed files that hold even if one of two families of mathematics falls.
//!
//! In come bytes, keys and randomness; out come signatures and sealed files. Every signature is two,
//! Ed25519 (RFC 8032) and ML-DSA-65 (FIPS 204), and only both together are good; every sealed file
//! opens by X-Wing, which is ML-KEM-768 (FIPS 203) and X25519 in one, through HPKE (RFC 9180). What
//! the bytes mean is in `docs/sealed-format.md`.
//!
//! All randomness is passed in, but for what ML-DSA-65 adds to every signature against faults of
//! machines (FIPS 204, 3.4), which `aws-lc-rs` draws itself.
//!
//! This crate opens no file and reads no clock. Where a key is kept, who may use it and what a
//! signature stands for is for others.
//!
//! The commonest change, another cipher for contents: a variant of [`Cipher`] with a number of its own.

mod armour;
mod canonical;
mod keys;
pub mod ledger;
mod line;
mod sealed;
mod sign;
mod x_wing;

pub use armour::ArmourError;
pub use keys::{Fingerprint, KeyError, PublicKey, SecretKey};
pub use sealed::{Cipher, Form, MAX_RECIPIENTS, OpenError, SealError, open, seal};
pub use sign::{Digest, Digester, Signature, SignatureError};
