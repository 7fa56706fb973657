//! What closes and opens a backup: a passphrase, or keys of age.

use age::secrecy::{ExposeSecret as _, SecretString};
use age::{scrypt, x25519};

/// Shorter passphrases are refused: whoever has the file can try them for as long as they like.
pub const MIN_PASSPHRASE: usize = 12;
/// Logarithm of scrypt's work: about a second and 256 MiB.
const WORK: u8 = 18;
/// The most work that a file may ask for before it is opened: 1 GiB.
const MOST_WORK: u8 = 20;

/// A passphrase or a file of keys that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Too short.
    #[error("a passphrase has at least {MIN_PASSPHRASE} characters")]
    Short,
    /// A line that is no key.
    #[error("line {0} is neither a key of age (AGE-SECRET-KEY-1…, age1…) nor a comment")]
    Line(usize),
    /// Only public keys, or none.
    #[error("it holds no secret key (AGE-SECRET-KEY-1…), which opening a backup needs")]
    NoSecret,
    /// No key at all.
    #[error("it holds no key of age (AGE-SECRET-KEY-1… or age1…)")]
    Empty,
}

/// To what a backup is closed.
pub enum Lock {
    /// To a passphrase.
    Passphrase(SecretString),
    /// To keys: whoever has the secret part of one of them opens it. The machine that makes the
    /// backups needs only the public part.
    Keys(Vec<x25519::Recipient>),
}

/// What opens a backup.
pub enum Secret {
    /// A passphrase.
    Passphrase(SecretString),
    /// Keys, of which one suffices.
    Keys(Vec<x25519::Identity>),
}

impl Lock {
    /// To a passphrase.
    pub fn passphrase(text: String) -> Result<Self, KeyFileError> {
        if text.chars().count() < MIN_PASSPHRASE {
            return Err(KeyFileError::Short);
        }
        Ok(Self::Passphrase(SecretString::from(text)))
    }

    /// To the keys of a file, secret or public ones.
    pub fn keys(text: &str) -> Result<Self, KeyFileError> {
        let (mut public, secret) = keys(text)?;
        public.extend(secret.iter().map(x25519::Identity::to_public));
        if public.is_empty() { Err(KeyFileError::Empty) } else { Ok(Self::Keys(public)) }
    }

    pub(super) fn encryptor(&self) -> Result<age::Encryptor, age::EncryptError> {
        match self {
            Self::Passphrase(text) => {
                let mut recipient = scrypt::Recipient::new(text.clone());
                recipient.set_work_factor(WORK);
                age::Encryptor::with_recipients(std::iter::once(&recipient as _))
            }
            Self::Keys(keys) => {
                age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient))
            }
        }
    }
}

impl Secret {
    /// A passphrase.
    pub fn passphrase(text: String) -> Self {
        Self::Passphrase(SecretString::from(text))
    }

    /// The secret keys of a file.
    pub fn keys(text: &str) -> Result<Self, KeyFileError> {
        let (_, secret) = keys(text)?;
        if secret.is_empty() { Err(KeyFileError::NoSecret) } else { Ok(Self::Keys(secret)) }
    }

    pub(super) fn identities(&self) -> Vec<Box<dyn age::Identity>> {
        match self {
            Self::Passphrase(text) => {
                let mut identity = scrypt::Identity::new(text.clone());
                identity.set_max_work_factor(MOST_WORK);
                vec![Box::new(identity)]
            }
            Self::Keys(keys) => {
                keys.iter().map(|key| Box::new(key.clone()) as Box<dyn age::Identity>).collect()
            }
        }
    }
}

/// The public and the secret keys of a file.
fn keys(text: &str) -> Result<(Vec<x25519::Recipient>, Vec<x25519::Identity>), KeyFileError> {
    let (mut public, mut secret) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Ok(key) = line.parse() {
            public.push(key);
        } else {
            secret.push(line.parse().map_err(|_| KeyFileError::Line(number))?);
        }
    }
    Ok((public, secret))
}

/// A new key: the text of its file, and its public part.
pub fn new_key() -> (String, String) {
    let key = x25519::Identity::generate();
    let public = key.to_public().to_string();
    let text = format!("# public key: {public}\n{}\n", key.to_string().expose_secret());
    (text, public)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_keys_closes_and_opens() {
        let (text, public) = new_key();
        assert!(matches!(Lock::keys(&text), Ok(Lock::Keys(keys)) if keys.len() == 1));
        assert!(matches!(Lock::keys(&public), Ok(Lock::Keys(keys)) if keys.len() == 1));
        assert!(matches!(Secret::keys(&text), Ok(Secret::Keys(keys)) if keys.len() == 1));
        assert_eq!(Secret::keys(&public).err(), Some(KeyFileError::NoSecret));
        assert_eq!(Lock::keys("# nothing\n\n").err(), Some(KeyFileError::Empty));
        assert_eq!(Lock::keys("# a\nage1nonsense\n").err(), Some(KeyFileError::Line(2)));
        assert_eq!(Lock::passphrase("too short".into()).err(), Some(KeyFileError::Short));
    }
}
