//! Passwords, hashed with Argon2id (RFC 9106) at the costs that OWASP names: 19 MiB, two passes.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use khien_domain::token::TokenBytes;

use super::Doors;
use crate::use_case::UseError;

/// KiB of memory, passes, lanes.
const COSTS: (u32, u32, u32) = (19 * 1024, 2, 1);

/// What nobody's password hashes to: whoever is not known is compared with it, so that an unknown
/// name takes as long as a wrong password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$a2hpZW4tbm9ib2R5LTE$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Result<Argon2<'static>, UseError> {
    let (memory, passes, lanes) = COSTS;
    let params = Params::new(memory, passes, lanes, None);
    let params = params.map_err(|_| UseError::Fault("the costs of passwords will not do"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password, with salt and costs in it.
pub(crate) async fn hash(
    doors: &Doors,
    password: &str,
    salt: &TokenBytes,
) -> Result<String, UseError> {
    let (password, salt) = (password.to_owned(), salt.0);
    apart(doors, move || {
        let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt[..16]);
        let hash: PasswordHash =
            hash.map_err(|_| UseError::Fault("a password could not be hashed"))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one of a hash; without a hash never, after as long a time.
pub(crate) async fn matches(
    doors: &Doors,
    password: &str,
    hash: Option<&str>,
) -> Result<bool, UseError> {
    let (password, known) = (password.to_owned(), hash.is_some());
    let hash = hash.unwrap_or(NOBODY).to_owned();
    apart(doors, move || {
        let hash = PasswordHash::new(&hash)
            .map_err(|_| UseError::Fault("a password's hash is damaged"))?;
        Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
    })
    .await
}

/// Works on a thread apart, with few others.
async fn apart<T: Send + 'static>(
    doors: &Doors,
    work: impl FnOnce() -> Result<T, UseError> + Send + 'static,
) -> Result<T, UseError> {
    let _place = doors.hashing.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| UseError::Fault("a password's hash ended early"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let doors = Doors::new().unwrap();
        let hash = hash(&doors, "trời mưa bong bóng", &TokenBytes([7; 21])).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains("mưa"));
        assert!(matches(&doors, "trời mưa bong bóng", Some(&hash)).await.unwrap());
        assert!(!matches(&doors, "trời mưa bong bong", Some(&hash)).await.unwrap());
        assert!(!matches(&doors, "", None).await.unwrap());
        assert!(matches(&doors, "x", Some("no hash")).await.is_err());
    }
}
