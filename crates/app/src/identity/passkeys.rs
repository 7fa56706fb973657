//! Ceremonies with passkeys (`WebAuthn` level 3): registering one, signing in with one.
//!
//! The site that a passkey belongs to is the host by which the console is reached. An address of
//! numbers is no such site; browsers refuse it.

use jiff::Timestamp;
use khien_domain::account::{PasskeyRecord, Person};
use khien_domain::ids::SessionId;
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{
    CredentialID, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::Doors;
use crate::use_case::UseError;

/// What is remembered between the two halves of a ceremony.
pub(crate) enum Ceremony {
    /// A passkey is being registered.
    Registration(Box<PasskeyRegistration>),
    /// Somebody is signing in.
    SignIn(Box<PasskeyAuthentication>),
}

/// The site by which the console is reached.
pub struct Site(Webauthn);

impl Site {
    /// The site of an origin such as `https://khien.minhhoa.example:8057`; `None` where passkeys
    /// cannot be: an address of numbers, or HTTP without TLS elsewhere than `localhost`.
    pub fn of(origin: &str) -> Option<Self> {
        let url = Url::parse(origin).ok()?;
        let host = url.domain()?;
        if url.scheme() != "https" && host != "localhost" {
            return None;
        }
        WebauthnBuilder::new(host, &url).ok()?.rp_name("Khiên").build().ok().map(Self)
    }
}

fn faulty<E>(_: E) -> UseError {
    UseError::Fault("a passkey's record")
}

fn refused<E>(_: E) -> UseError {
    UseError::Invalid("the passkey was not accepted".to_owned())
}

/// The number of a person among passkeys: it says nothing about them.
fn number(person: &Person) -> Uuid {
    let digest = Sha256::digest(format!("khien person {}", person.id));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

fn keys(records: &[PasskeyRecord]) -> Result<Vec<Passkey>, UseError> {
    let keys = records.iter().map(|record| serde_json::from_str(&record.content));
    keys.collect::<Result<_, _>>().map_err(faulty)
}

/// Begins to register a passkey in a session. Answers what the browser is asked, as JSON.
pub(crate) fn begin_registration(
    doors: &Doors,
    site: &Site,
    session: SessionId,
    person: &Person,
    records: &[PasskeyRecord],
    now: Timestamp,
) -> Result<String, UseError> {
    let known: Vec<CredentialID> = keys(records)?.iter().map(|key| key.cred_id().clone()).collect();
    let (name, called) = (person.about.name.as_str(), &person.about.called);
    let begun = site.0.start_passkey_registration(number(person), name, called, Some(known));
    let (asked, state) = begun.map_err(|_| UseError::Fault("a passkey cannot be asked for"))?;
    let ceremony = Ceremony::Registration(Box::new(state));
    doors.keep_ceremony(format!("register {session}"), ceremony, now);
    serde_json::to_string(&asked).map_err(faulty)
}

/// Ends the registration with what the browser answered. Answers the credential's number and what
/// is to be kept.
pub(crate) fn end_registration(
    doors: &Doors,
    site: &Site,
    session: SessionId,
    answer: &str,
    now: Timestamp,
) -> Result<(Vec<u8>, String), UseError> {
    let ceremony = doors.take_ceremony(&format!("register {session}"), now);
    let Some(Ceremony::Registration(state)) = ceremony else {
        return Err(UseError::Conflict("the registration took too long: begin again".to_owned()));
    };
    let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(refused)?;
    let key = site.0.finish_passkey_registration(&answer, &state).map_err(refused)?;
    let content = serde_json::to_string(&key).map_err(faulty)?;
    Ok((key.cred_id().clone(), content))
}

/// Begins to sign somebody in. Answers what the browser is asked, as JSON; `key` names the ceremony.
pub(crate) fn begin_sign_in(
    doors: &Doors,
    site: &Site,
    key: &str,
    records: &[PasskeyRecord],
    now: Timestamp,
) -> Result<String, UseError> {
    let begun = site.0.start_passkey_authentication(&keys(records)?);
    let (asked, state) = begun.map_err(|_| UseError::Fault("a passkey cannot be asked for"))?;
    doors.keep_ceremony(format!("sign in {key}"), Ceremony::SignIn(Box::new(state)), now);
    serde_json::to_string(&asked).map_err(faulty)
}

/// Ends signing in with what the browser answered. Answers whose passkey it was, with what it
/// counts now; nothing if it was not accepted.
pub(crate) fn end_sign_in(
    doors: &Doors,
    site: &Site,
    key: &str,
    records: &[PasskeyRecord],
    answer: &str,
    now: Timestamp,
) -> Result<Option<(PasskeyRecord, String)>, UseError> {
    let ceremony = doors.take_ceremony(&format!("sign in {key}"), now);
    let Some(Ceremony::SignIn(state)) = ceremony else { return Ok(None) };
    let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(None) };
    let Ok(result) = site.0.finish_passkey_authentication(&answer, &state) else {
        return Ok(None);
    };
    for (mut key, record) in keys(records)?.into_iter().zip(records) {
        if key.cred_id() == result.cred_id() {
            key.update_credential(&result);
            let content = serde_json::to_string(&key).map_err(faulty)?;
            return Ok(Some((record.clone(), content)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_name_and_a_safe_way_to_it() {
        for good in ["https://khien.minhhoa.example", "http://localhost:8057"] {
            assert!(Site::of(good).is_some(), "{good}");
        }
        for bad in
            ["https://192.0.2.1", "http://127.0.0.1:8057", "http://khien.example", "null", ""]
        {
            assert!(Site::of(bad).is_none(), "{bad}");
        }
    }
}
