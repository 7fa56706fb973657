//! What people do with their own account: password, authenticator, passkeys, sessions, language.
//!
//! Nobody needs a permission for it; everything is in the audit log. What weakens an account asks
//! for the password again.

use khien_domain::account::{Language, PasskeyRecord, Person, Session};
use khien_domain::audit::Outcome;
use khien_domain::ids::{PasskeyId, PersonId, SessionId};
use khien_domain::limits::NAME_BYTES;
use khien_domain::text;

use super::UseError;
use super::people::tell_heads;
use super::register::evidence::day_of;
use super::sign_in::{Place, Visit, no_random, recovery_hash};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::identity::{Random, Site, passkeys, password, secret_hash, totp};

/// Passkeys that one person may have.
const PASSKEYS: usize = 20;

/// What stands on the page of one's own account.
#[derive(Debug)]
pub struct OwnAccount {
    /// The passkeys.
    pub passkeys: Vec<PasskeyRecord>,
    /// The sessions that have not ended.
    pub sessions: Vec<Session>,
    /// Recovery codes that are left.
    pub recovery_codes: u32,
    /// Whether the role asks for a second factor that is not there yet.
    pub needs_second_factor: bool,
    /// Whether only a passkey is one.
    pub needs_passkey: bool,
}

/// An authenticator that is being set up.
#[derive(Debug)]
pub struct NewAuthenticator {
    /// The address for the authenticator, to be drawn as a code.
    pub address: String,
    /// The secret for typing.
    pub secret: String,
}

/// Whether somebody has to set up a second factor before anything else: any, or a passkey where the settings
/// ask for one.
pub fn needs_second_factor(app: &App, visit: &Visit) -> bool {
    let (person, roles) = (&visit.person, &app.doors().pack.second_factor_roles);
    needs_passkey(app, person) && person.passkeys == 0
        || roles.contains(&person.about.role) && !person.has_second_factor()
}

/// Whether somebody's role signs in with a passkey alone.
pub fn needs_passkey(app: &App, person: &Person) -> bool {
    app.config.console.passkey_roles.contains(&person.about.role)
}

/// The account of whoever visits.
pub async fn get(app: &App, visit: &Visit) -> Result<OwnAccount, UseError> {
    let (id, now) = (visit.person.id, app.now());
    let idle = app.doors().pack.session_idle;
    let mut sessions = app.store.list_sessions(id, now).await?;
    sessions.retain(|session| now.duration_since(session.seen_at) < idle);
    Ok(OwnAccount {
        passkeys: app.store.list_passkeys(id).await?,
        sessions,
        recovery_codes: app.store.count_recovery_codes(id).await?,
        needs_second_factor: needs_second_factor(app, visit),
        needs_passkey: needs_passkey(app, &visit.person),
    })
}

/// Changes the password; all other sessions end.
pub async fn change_password(
    app: &App,
    random: Random,
    visit: &Visit,
    origin: &str,
    old: &str,
    new: &str,
) -> Result<(), UseError> {
    let person = &visit.person;
    confirm(app, visit, origin, old).await?;
    app.doors().pack.check_password(new, &person.about.name).map_err(UseError::invalid)?;
    let salt = random().map_err(|_| no_random())?;
    let hash = password::hash(app.doors(), new, &salt).await?;
    let mut tx = app.store.begin().await?;
    tx.set_password(person.id, &hash).await?;
    tx.end_sessions(person.id, Some(visit.session.id)).await?;
    tx.add_audit(&[entry(app, visit, origin, "account.password", "")]).await?;
    Ok(tx.commit().await?)
}

/// Begins to set up an authenticator, or shows again what was begun.
pub fn begin_authenticator(
    app: &App,
    random: Random,
    visit: &Visit,
) -> Result<NewAuthenticator, UseError> {
    let new = || random().map(|bytes| bytes.0[..20].to_vec());
    let secret = app.doors().secret_being_set(visit.session.id, app.now(), new);
    let secret = secret.map_err(|_| no_random())?;
    let (address, secret) = totp::address(&secret, &visit.person.about.name)?;
    Ok(NewAuthenticator { address, secret })
}

/// Sets up the authenticator once a code of it is right. Answers recovery codes, which are shown
/// this once.
pub async fn end_authenticator(
    app: &App,
    random: Random,
    visit: &Visit,
    origin: &str,
    code: &str,
) -> Result<Vec<String>, UseError> {
    let lost = || Err(std::io::Error::other("nothing was begun"));
    let begun = app.doors().secret_being_set(visit.session.id, app.now(), lost);
    let secret = begun
        .map_err(|_| UseError::Conflict("setting up took too long: begin again".to_owned()))?;
    let seconds = app.now().as_second();
    let Some(step) = totp::step_of(&secret, &visit.person.about.name, code, seconds)? else {
        return Err(UseError::Invalid(
            "the code is not right: check the clock of the phone and type the newest".to_owned(),
        ));
    };
    let (codes, hashes) = recovery_codes(app, random)?;
    let mut tx = app.store.begin().await?;
    tx.set_totp(visit.person.id, Some(&secret), step).await?;
    tx.set_recovery_codes(visit.person.id, &hashes).await?;
    tx.add_audit(&[entry(app, visit, origin, "account.authenticator", "set")]).await?;
    tx.commit().await?;
    app.doors().secret_was_set(visit.session.id);
    Ok(codes)
}

/// Takes the authenticator away.
pub async fn remove_authenticator(
    app: &App,
    visit: &Visit,
    origin: &str,
    password: &str,
) -> Result<(), UseError> {
    confirm(app, visit, origin, password).await?;
    let roles = &app.doors().pack.second_factor_roles;
    if roles.contains(&visit.person.about.role) && visit.person.passkeys == 0 {
        return Err(UseError::Conflict(
            "this role needs a second factor: add a passkey first".to_owned(),
        ));
    }
    let mut tx = app.store.begin().await?;
    tx.set_totp(visit.person.id, None, 0).await?;
    tx.set_recovery_codes(visit.person.id, &[]).await?;
    tx.add_audit(&[entry(app, visit, origin, "account.authenticator", "removed")]).await?;
    Ok(tx.commit().await?)
}

/// Makes recovery codes anew; the old ones are taken no more.
pub async fn renew_recovery_codes(
    app: &App,
    random: Random,
    visit: &Visit,
    origin: &str,
    password: &str,
) -> Result<Vec<String>, UseError> {
    confirm(app, visit, origin, password).await?;
    if !visit.person.has_totp {
        return Err(UseError::Conflict("recovery codes go with an authenticator".to_owned()));
    }
    let (codes, hashes) = recovery_codes(app, random)?;
    let mut tx = app.store.begin().await?;
    tx.set_recovery_codes(visit.person.id, &hashes).await?;
    tx.add_audit(&[entry(app, visit, origin, "account.recovery", "")]).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Begins to register a passkey. Answers what the browser is asked, as JSON.
pub async fn begin_passkey(app: &App, site: &Site, visit: &Visit) -> Result<String, UseError> {
    let known = app.store.list_passkeys(visit.person.id).await?;
    if known.len() >= PASSKEYS {
        return Err(UseError::Conflict(format!("{PASSKEYS} passkeys are enough: remove one")));
    }
    let (doors, session) = (app.doors(), visit.session.id);
    passkeys::begin_registration(doors, site, session, &visit.person, &known, app.now())
}

/// Keeps the passkey that the browser made.
pub async fn end_passkey(
    app: &App,
    site: &Site,
    visit: &Visit,
    origin: &str,
    called: &str,
    answer: &str,
) -> Result<PasskeyId, UseError> {
    let called = text::line("the passkey's name", called, NAME_BYTES).map_err(UseError::invalid)?;
    let (doors, session, now) = (app.doors(), visit.session.id, app.now());
    let (credential, content) = passkeys::end_registration(doors, site, session, answer, now)?;
    let mut tx = app.store.begin().await?;
    let id = tx.add_passkey(visit.person.id, &credential, &called, &content, now).await;
    let id = id.map_err(|error| {
        UseError::taken(error, || "this passkey is registered already".to_owned())
    })?;
    tx.add_audit(&[entry(app, visit, origin, "account.passkey", &format!("added {called}"))])
        .await?;
    tx.commit().await?;
    Ok(id)
}

/// Removes a passkey.
pub async fn remove_passkey(
    app: &App,
    visit: &Visit,
    origin: &str,
    id: PasskeyId,
    password: &str,
) -> Result<(), UseError> {
    confirm(app, visit, origin, password).await?;
    let roles = &app.doors().pack.second_factor_roles;
    if needs_passkey(app, &visit.person) && visit.person.passkeys == 1 {
        return Err(UseError::Conflict(
            "this role signs in with a passkey: add another one first".to_owned(),
        ));
    }
    let last = visit.person.passkeys == 1 && !visit.person.has_totp;
    if roles.contains(&visit.person.about.role) && last {
        return Err(UseError::Conflict(
            "this role needs a second factor: set up an authenticator first".to_owned(),
        ));
    }
    let mut tx = app.store.begin().await?;
    if !tx.remove_passkey(visit.person.id, id).await? {
        return Err(UseError::not_found("passkey", id));
    }
    tx.add_audit(&[entry(app, visit, origin, "account.passkey", &format!("removed {id}"))]).await?;
    Ok(tx.commit().await?)
}

/// Ends one of one's own sessions, or all others.
pub async fn end_sessions(
    app: &App,
    visit: &Visit,
    origin: &str,
    one: Option<SessionId>,
) -> Result<(), UseError> {
    let person = visit.person.id;
    let mut tx = app.store.begin().await?;
    match one {
        Some(id) => {
            if !tx.end_session(person, id).await? {
                return Err(UseError::not_found("session", id));
            }
        }
        None => {
            tx.end_sessions(person, Some(visit.session.id)).await?;
        }
    }
    let which = one.map_or("all others".to_owned(), |id| format!("session {id}"));
    tx.add_audit(&[entry(app, visit, origin, "account.sessions", &which)]).await?;
    Ok(tx.commit().await?)
}

/// Sets the language of the console.
pub async fn set_language(app: &App, visit: &Visit, language: Language) -> Result<(), UseError> {
    let mut tx = app.store.begin().await?;
    tx.set_language(visit.person.id, language).await?;
    Ok(tx.commit().await?)
}

/// Whom an invitation is for, if it is still good.
pub async fn invited(app: &App, text: &str) -> Result<Option<Person>, UseError> {
    let id = app.store.find_invitation(&secret_hash("invitation", text), app.now()).await?;
    let Some(id) = id else { return Ok(None) };
    let person = app.store.find_person(id).await?;
    Ok(person.filter(|person| person.is_let_in(day_of(app.now()))))
}

/// Takes an invitation: sets the password. Whoever forgot theirs comes by the same way, so that all
/// sessions end and, if they lost it, the authenticator is theirs to set up anew.
pub async fn accept_invitation(
    app: &App,
    random: Random,
    text: &str,
    password: &str,
    place: &Place,
) -> Result<PersonId, UseError> {
    let seconds = app.doors().count_attempt(&place.origin, app.now());
    seconds.map_err(|seconds| UseError::Busy { seconds })?;
    let gone = || UseError::not_found("invitation", "of this address: ask for a new one");
    let person = invited(app, text).await?.ok_or_else(gone)?;
    app.doors().pack.check_password(password, &person.about.name).map_err(UseError::invalid)?;
    let salt = random().map_err(|_| no_random())?;
    let hash = password::hash(app.doors(), password, &salt).await?;
    let mut tx = app.store.begin().await?;
    let used = tx.use_invitation(&secret_hash("invitation", text), app.now()).await?;
    if used != Some(person.id) {
        return Err(gone());
    }
    tx.set_password(person.id, &hash).await?;
    tx.end_sessions(person.id, None).await?;
    let deed = Deed::new("account.invited", format!("person {}", person.about.name), None);
    let caller = Caller { actor: person.actor(), origin: place.origin.clone() };
    // By the program: the ledger has no word of who they are.
    tell_heads(&mut tx, app, &Caller::program(), &person.about.name).await?;
    tx.add_audit(&[app.entry(&caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(person.id)
}

/// Asks for the password again before an account is weakened.
async fn confirm(app: &App, visit: &Visit, origin: &str, given: &str) -> Result<(), UseError> {
    let now = app.now();
    app.doors().count_attempt(origin, now).map_err(|seconds| UseError::Busy { seconds })?;
    let secrets = app.store.secrets_of(visit.person.id).await?;
    let hash = secrets.and_then(|secrets| secrets.password);
    if password::matches(app.doors(), given, hash.as_deref()).await? {
        return Ok(());
    }
    let deed = Deed::new("account.confirm", "wrong password", None);
    let caller = visit.caller(origin.to_owned());
    app.audit(&app.entry(&caller, &deed, Outcome::Refused)).await?;
    Err(UseError::Invalid("the password is wrong".to_owned()))
}

/// Codes for when the authenticator is lost, and what is kept of them.
fn recovery_codes(app: &App, random: Random) -> Result<(Vec<String>, Vec<[u8; 32]>), UseError> {
    let mut codes = Vec::new();
    for _ in 0..app.doors().pack.recovery_codes {
        let bytes = random().map_err(|_| no_random())?;
        // Fifty bits in base32: ten letters and digits that are not mistaken for one another.
        let text = totp::base32(&bytes.0[..20]).to_lowercase();
        codes.push(format!("{}-{}", &text[..5], &text[5..10]));
    }
    let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
    Ok((codes, hashes))
}

fn entry(
    app: &App,
    visit: &Visit,
    origin: &str,
    action: &'static str,
    detail: &str,
) -> khien_domain::audit::NewEntry {
    let deed = Deed::new(action, format!("person {}", visit.person.about.name), None);
    app.entry(&visit.caller(origin.to_owned()), &deed.with(detail), Outcome::Done)
}
