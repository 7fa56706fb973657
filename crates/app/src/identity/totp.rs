//! Codes of authenticators (TOTP, RFC 6238): six digits, thirty seconds, SHA-1, as all of them do.

use khien_domain::account::UserName;
use totp_rs::{Builder, Secret, Totp};

use crate::use_case::UseError;

fn totp(secret: &[u8], name: &UserName) -> Result<Totp, UseError> {
    let built = Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_account_name(name.as_str())
        .with_issuer(Some("Khien"))
        .build();
    built.map_err(|_| UseError::Fault("an authenticator's secret will not do"))
}

/// The step of a code, if it is one of now, of the step before or the one after.
pub(crate) fn step_of(
    secret: &[u8],
    name: &UserName,
    code: &str,
    seconds: i64,
) -> Result<Option<i64>, UseError> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let step = totp(secret, name)?.check(&code, seconds.max(0).unsigned_abs());
    Ok(step.map(|step| step as i64))
}

/// What an authenticator takes in: an address, and the secret in base32 for typing.
pub(crate) fn address(secret: &[u8], name: &UserName) -> Result<(String, String), UseError> {
    let address = totp(secret, name)?.to_url();
    let address = address.map_err(|_| UseError::Fault("an authenticator's address"))?;
    Ok((address, base32(secret)))
}

/// The secret in base32, for typing.
pub(crate) fn base32(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the codes of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let (secret, name) = (b"12345678901234567890", UserName::new("canbo001").unwrap());
        let step = |code: &str, at| step_of(secret, &name, code, at).unwrap();
        assert_eq!(step("287082", 59), Some(1));
        assert_eq!(step("081804", 1_111_111_109), Some(1_111_111_109 / 30));
        assert_eq!(step("050 471", 1_111_111_111), Some(1_111_111_111 / 30));
        assert_eq!(step("287082", 59 + 30), Some(1), "one step late");
        assert_eq!(step("287082", 59 + 90), None);
        for wrong in ["", "28708", "287083", "2870822", "abcdef", "２８７０８２"] {
            assert_eq!(step(wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn the_address_names_the_centre_and_the_account() {
        let name = UserName::new("canbo001").unwrap();
        let (address, typed) = address(b"12345678901234567890", &name).unwrap();
        assert!(address.starts_with("otpauth://totp/Khien:canbo001?secret="), "{address}");
        assert_eq!(typed, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
