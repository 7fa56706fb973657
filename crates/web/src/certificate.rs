//! The certificate that a new centre shows until somebody gives it a better one.
//!
//! It is signed by its own key, so that clients know it by its fingerprint, or by the file itself
//! as their authority.

use jiff::{SignedDuration, Timestamp};
use khien_domain::source::Fingerprint;
use rcgen::{CertificateParams, DnType, KeyPair};
use sha2::{Digest, Sha256};

/// It lives as long as this; the year after next, somebody has given the centre another.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 365 * 2);

/// A certificate with its key.
pub struct SelfSigned {
    /// The certificate in PEM.
    pub chain: String,
    /// Its key in PEM.
    pub key: String,
    /// What clients know it by.
    pub fingerprint: Fingerprint,
}

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
#[error("no certificate can be made: {0}")]
pub struct CertificateError(#[from] rcgen::Error);

/// Makes a certificate for names and addresses.
pub fn self_signed(names: &[String], now: Timestamp) -> Result<SelfSigned, CertificateError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, "Khiên");
    let day = |time: Timestamp| {
        let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
        rcgen::date_time_ymd(date.year().into(), date.month() as u8, date.day() as u8)
    };
    params.not_before = day(now);
    params.not_after = day(now.checked_add(LIFE).unwrap_or(now));
    let certificate = params.self_signed(&key)?;
    let fingerprint = Fingerprint(Sha256::digest(certificate.der()).into());
    Ok(SelfSigned { chain: certificate.pem(), key: key.serialize_pem(), fingerprint })
}
