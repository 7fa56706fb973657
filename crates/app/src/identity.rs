//! How people prove who they are: passwords, codes, passkeys, and the brakes on guessing.
//!
//! In come a password, a code or what a browser's authenticator said; out comes yes or no. What a
//! yes opens is for [`sign_in`](crate::use_case::sign_in) and the people's own page
//! ([`own_account`](crate::use_case::own_account)); how strict it all is, is data
//! (`packs/access.yml`).
//!
//! Hashing a password takes 19 MiB and some tens of milliseconds on purpose, so only a few are
//! hashed at once. Ceremonies with passkeys live in memory for minutes; a restart ends them, and
//! people press the button again.

pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod totp;

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use khien_domain::account::policy::{AccessPack, AccessPackError};
use khien_domain::ids::SessionId;
use khien_domain::token::TokenBytes;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

pub use passkeys::Site;

/// Draws random bytes. The program passes it in, so that there is one place that asks the
/// operating system for them.
pub type Random = fn() -> io::Result<TokenBytes>;

/// Passwords that are hashed at once.
const HASHED_AT_ONCE: usize = 2;
/// Attempts from one address within [`PER_ADDRESS_WITHIN`].
const PER_ADDRESS: u32 = 60;
const PER_ADDRESS_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// Addresses, ceremonies and secrets that are remembered; beyond it the oldest are forgotten.
const REMEMBERED: usize = 10_000;
/// How long somebody may take over a step of setting something up.
const STEP_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What stands at the doors of the console.
pub struct Doors {
    /// How strict it is.
    pub pack: AccessPack,
    hashing: Semaphore,
    attempts: Mutex<HashMap<String, (u32, Timestamp)>>,
    ceremonies: Mutex<HashMap<String, (passkeys::Ceremony, Timestamp)>>,
    secrets: Mutex<HashMap<SessionId, (Vec<u8>, Timestamp)>>,
}

impl Doors {
    /// Doors as the pack that comes with the program says.
    pub fn new() -> Result<Self, AccessPackError> {
        Ok(Self {
            pack: AccessPack::parse(AccessPack::BUILT_IN)?,
            hashing: Semaphore::new(HASHED_AT_ONCE),
            attempts: Mutex::default(),
            ceremonies: Mutex::default(),
            secrets: Mutex::default(),
        })
    }

    /// Counts an attempt from an address; answers how many seconds to wait if there were too many.
    pub(crate) fn count_attempt(&self, origin: &str, now: Timestamp) -> Result<(), u32> {
        let mut attempts = held(&self.attempts);
        forget(&mut attempts, now, |(_, since)| *since, PER_ADDRESS_WITHIN);
        let (count, since) = attempts.entry(origin.to_owned()).or_insert((0, now));
        *count += 1;
        if *count <= PER_ADDRESS {
            return Ok(());
        }
        let left = PER_ADDRESS_WITHIN.as_secs() - now.duration_since(*since).as_secs();
        Err(left.clamp(1, 3600) as u32)
    }

    /// Forgets the attempts from an address, after one that succeeded.
    pub(crate) fn forget_attempts(&self, origin: &str) {
        held(&self.attempts).remove(origin);
    }

    fn keep_ceremony(&self, key: String, ceremony: passkeys::Ceremony, now: Timestamp) {
        let mut ceremonies = held(&self.ceremonies);
        forget(&mut ceremonies, now, |(_, since)| *since, STEP_WITHIN);
        ceremonies.insert(key, (ceremony, now));
    }

    fn take_ceremony(&self, key: &str, now: Timestamp) -> Option<passkeys::Ceremony> {
        let (ceremony, since) = held(&self.ceremonies).remove(key)?;
        (now.duration_since(since) < STEP_WITHIN).then_some(ceremony)
    }

    /// The secret of an authenticator that somebody is setting up in a session; `new` makes one.
    pub(crate) fn secret_being_set(
        &self,
        session: SessionId,
        now: Timestamp,
        new: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<u8>> {
        let mut secrets = held(&self.secrets);
        forget(&mut secrets, now, |(_, since)| *since, STEP_WITHIN);
        if let Some((secret, _)) = secrets.get(&session) {
            return Ok(secret.clone());
        }
        let secret = new()?;
        secrets.insert(session, (secret.clone(), now));
        Ok(secret)
    }

    /// The secret is set, or given up.
    pub(crate) fn secret_was_set(&self, session: SessionId) {
        held(&self.secrets).remove(&session);
    }
}

/// The secret of an authenticator in base32, as people type it.
pub fn typed_secret(secret: &[u8]) -> String {
    totp::base32(secret)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets what is older than `within`, and the oldest if there is too much.
fn forget<K: Clone + Eq + std::hash::Hash, V>(
    map: &mut HashMap<K, V>,
    now: Timestamp,
    since: impl Fn(&V) -> Timestamp,
    within: SignedDuration,
) {
    map.retain(|_, value| now.duration_since(since(value)) < within);
    while map.len() >= REMEMBERED {
        let oldest = map.iter().min_by_key(|(_, value)| since(value)).map(|(key, _)| key.clone());
        let Some(oldest) = oldest else { return };
        map.remove(&oldest);
    }
}

/// The text of a secret that is shown once: 42 hexadecimal digits.
pub(crate) fn secret_text(bytes: &TokenBytes) -> String {
    use std::fmt::Write as _;
    bytes.0.iter().fold(String::with_capacity(42), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What the store keeps of such a text. `purpose` keeps one kind from being taken for another.
pub(crate) fn secret_hash(purpose: &str, text: &str) -> [u8; 32] {
    Sha256::new().chain_update(purpose).chain_update(b" ").chain_update(text).finalize().into()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn guessing_from_one_address_is_braked_and_forgotten_in_time() {
        let doors = Doors::new().unwrap();
        let now: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        for _ in 0..PER_ADDRESS {
            assert!(doors.count_attempt("192.0.2.1", now).is_ok());
        }
        assert_eq!(doors.count_attempt("192.0.2.1", now + 1.minute()), Err(540));
        assert!(doors.count_attempt("192.0.2.2", now).is_ok(), "others are not meant");
        assert!(doors.count_attempt("192.0.2.1", now + 10.minutes()).is_ok());
        doors.forget_attempts("192.0.2.1");
        for number in 0..2 * REMEMBERED {
            let _ = doors.count_attempt(&number.to_string(), now);
        }
        assert!(held(&doors.attempts).len() <= REMEMBERED);
    }

    #[test]
    fn secrets_have_one_purpose() {
        let text = secret_text(&TokenBytes([171; 21]));
        assert_eq!(text, "ab".repeat(21));
        assert_ne!(secret_hash("session", &text), secret_hash("invitation", &text));
    }
}
