//! Signing in and out: from a name and a password, a code or a passkey to a session.
//!
//! A session is a text that the browser holds; the store knows its hash. When more is proved, the
//! text changes, so that one that was seen before opens nothing. Names that are not known, wrong
//! passwords and disabled people are told the same and take as long.

use jiff::{SignedDuration, Timestamp};
use khien_domain::account::{Person, Session, Step, UserName};
use khien_domain::audit::{NewEntry, Outcome};
use khien_domain::ids::SessionId;
use khien_domain::text;

use super::register::evidence::day_of;
use super::{UseError, own_account};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::identity::{Random, Site, passkeys, password, secret_hash, secret_text, totp};

/// Bytes kept of what a browser says of itself.
const BROWSER_BYTES: usize = 160;
/// A session is noted as used once in so long.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Somebody who proved only their password has so long for the rest.
const HALF_WAY: SignedDuration = SignedDuration::from_mins(10);

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name, the password, the code or the passkey is wrong, or the person is not let in.
    #[error("the name or the proof is wrong")]
    Wrong,
    /// Too many attempts failed.
    #[error("too many attempts failed; try again in {seconds} s")]
    Wait {
        /// When to come again.
        seconds: u32,
    },
    /// Something else.
    #[error(transparent)]
    Use(#[from] UseError),
}

impl From<khien_store::StoreError> for SignInError {
    fn from(error: khien_store::StoreError) -> Self {
        Self::Use(error.into())
    }
}

/// From where somebody signs in.
#[derive(Clone, Debug)]
pub struct Place {
    /// The address.
    pub origin: String,
    /// What the browser says of itself.
    pub browser: String,
}

/// Somebody who got in, or half in.
#[derive(Debug)]
pub struct Entered {
    /// What the browser is to hold.
    pub text: String,
    /// Who it is.
    pub person: Person,
    /// Whether a second factor is still to come.
    pub step: Step,
}

/// Somebody at work in a session.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The session.
    pub session: Session,
    /// Who it is.
    pub person: Person,
}

impl Visit {
    /// Who asks, for the use cases.
    pub fn caller(&self, origin: String) -> Caller {
        Caller { actor: self.person.actor(), origin }
    }
}

/// Signs somebody in by name and password.
pub async fn by_password(
    app: &App,
    random: Random,
    name: &str,
    password: &str,
    from: &Place,
) -> Result<Entered, SignInError> {
    brake(app, from)?;
    let person = known(app, name).await?;
    let person = match person {
        Some(person) if person.is_let_in(day_of(app.now())) => Some(person),
        _ => None,
    };
    if let Some(person) = &person {
        unlocked(app, person)?;
    }
    let secrets = match &person {
        Some(person) => app.store.secrets_of(person.id).await?,
        None => None,
    };
    let hash = secrets.and_then(|secrets| secrets.password);
    let right = password::matches(app.doors(), password, hash.as_deref()).await?;
    let (Some(person), true) = (person.as_ref(), right) else {
        failed(app, name, person.as_ref(), from, "password").await?;
        return Err(SignInError::Wrong);
    };
    let step = if person.has_second_factor() { Step::Password } else { Step::Full };
    enter(app, random, person.clone(), step, from, "password").await
}

/// Goes on from the password with a code of the authenticator, or a recovery code. Where the settings ask
/// for a passkey, a code is one's way in only until there is one.
pub async fn by_code(
    app: &App,
    random: Random,
    visit: &Visit,
    code: &str,
    from: &Place,
) -> Result<Entered, SignInError> {
    brake(app, from)?;
    let (person, now) = (&visit.person, app.now());
    unlocked(app, person)?;
    let secrets = app.store.secrets_of(person.id).await?;
    let secret = secrets.and_then(|secrets| secrets.totp);
    let mut tx = app.store.begin().await?;
    let by = match &secret {
        // A page that pretends to be ours could have asked for it.
        Some(_) if own_account::needs_passkey(app, person) && person.passkeys > 0 => None,
        Some(known) => totp::step_of(&known.secret, &person.about.name, code, now.as_second())?,
        None => None,
    };
    let (taken, how) = if let Some(step) = by {
        (tx.take_totp_step(person.id, step).await?, "code")
    } else {
        let hash = recovery_hash(code);
        (tx.use_recovery_code(person.id, &hash, now).await?, "recovery code")
    };
    tx.commit().await?;
    if !taken {
        failed(app, person.about.name.as_str(), Some(person), from, "code").await?;
        return Err(SignInError::Wrong);
    }
    end(app, &visit.session).await?;
    enter(app, random, person.clone(), Step::Full, from, how).await
}

/// What the store keeps of a recovery code.
pub(crate) fn recovery_hash(code: &str) -> [u8; 32] {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    secret_hash("recovery", &plain)
}

/// Begins to sign in with a passkey. Answers what the browser is asked, as JSON, and the text that
/// names the ceremony.
pub async fn ask_passkey(
    app: &App,
    random: Random,
    site: &Site,
    name: &str,
    from: &Place,
) -> Result<(String, String), SignInError> {
    brake(app, from)?;
    let person = known(app, name).await?.filter(|person| person.is_let_in(day_of(app.now())));
    let Some(person) = person.filter(|person| person.passkeys > 0) else {
        return Err(SignInError::Wrong);
    };
    unlocked(app, &person)?;
    let keys = app.store.list_passkeys(person.id).await?;
    let text = secret_text(&random().map_err(|_| no_random())?);
    let ceremony = format!("{} {text}", person.about.name);
    let asked = passkeys::begin_sign_in(app.doors(), site, &ceremony, &keys, app.now())?;
    Ok((asked, text))
}

/// Ends signing in with a passkey by what the browser answered. A passkey proves both that somebody
/// has a thing and that they are who unlocks it, so that no code is asked for.
pub async fn by_passkey(
    app: &App,
    random: Random,
    site: &Site,
    name: &str,
    ceremony: &str,
    answer: &str,
    from: &Place,
) -> Result<Entered, SignInError> {
    brake(app, from)?;
    let person = known(app, name).await?.filter(|person| person.is_let_in(day_of(app.now())));
    let Some(person) = person else { return Err(SignInError::Wrong) };
    unlocked(app, &person)?;
    let keys = app.store.list_passkeys(person.id).await?;
    let (key, now) = (format!("{} {ceremony}", person.about.name), app.now());
    let found = passkeys::end_sign_in(app.doors(), site, &key, &keys, answer, now)?;
    let Some((record, content)) = found else {
        failed(app, name, Some(&person), from, "passkey").await?;
        return Err(SignInError::Wrong);
    };
    let mut tx = app.store.begin().await?;
    tx.use_passkey(record.id, &content, now).await?;
    tx.commit().await?;
    enter(app, random, person, Step::Full, from, "passkey").await
}

/// Whose visit a browser's text stands for; nobody's if the session has ended, for lack of use too.
pub async fn visit(app: &App, text: &str) -> Result<Option<Visit>, UseError> {
    if text.len() != 42 {
        return Ok(None);
    }
    let hash = secret_hash("session", text);
    let Some(session) = app.store.find_session(&hash).await? else { return Ok(None) };
    let now = app.now();
    let unused = now.duration_since(session.seen_at);
    if now >= session.expires_at || unused >= app.doors().pack.session_idle {
        return Ok(None);
    }
    let Some(person) = app.store.find_person(session.person).await? else { return Ok(None) };
    if !person.is_let_in(day_of(now)) {
        // Whoever's last day is over has no session that could go on if the day were put off.
        let mut tx = app.store.begin().await?;
        tx.end_sessions(person.id, None).await?;
        tx.commit().await?;
        return Ok(None);
    }
    if unused >= SEEN_EVERY {
        let mut tx = app.store.begin().await?;
        tx.see_session(session.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Visit { session, person }))
}

/// Signs out.
pub async fn sign_out(app: &App, visit: &Visit, origin: String) -> Result<(), UseError> {
    end(app, &visit.session).await?;
    let deed = Deed::new("session.end", format!("person {}", visit.person.about.name), None);
    let caller = visit.caller(origin);
    app.audit(&app.entry(&caller, &deed, Outcome::Done)).await
}

async fn end(app: &App, session: &Session) -> Result<(), UseError> {
    let mut tx = app.store.begin().await?;
    tx.end_session(session.person, session.id).await?;
    Ok(tx.commit().await?)
}

async fn known(app: &App, name: &str) -> Result<Option<Person>, SignInError> {
    let Ok(name) = UserName::new(name) else { return Ok(None) };
    Ok(app.store.find_person_by_name(&name).await?)
}

fn brake(app: &App, from: &Place) -> Result<(), SignInError> {
    let counted = app.doors().count_attempt(&from.origin, app.now());
    counted.map_err(|seconds| SignInError::Wait { seconds })
}

fn unlocked(app: &App, person: &Person) -> Result<(), SignInError> {
    let now = app.now();
    match person.locked_until {
        Some(until) if until > now => {
            let seconds = until.duration_since(now).as_secs() + 1;
            Err(SignInError::Wait { seconds: seconds.clamp(1, 86_400) as u32 })
        }
        _ => Ok(()),
    }
}

/// Counts a failure and notes it in the audit log.
async fn failed(
    app: &App,
    name: &str,
    person: Option<&Person>,
    from: &Place,
    proof: &str,
) -> Result<(), SignInError> {
    let now = app.now();
    let mut tx = app.store.begin().await?;
    let mut detail = format!("wrong {proof}");
    if let Some(person) = person {
        let failed = tx.count_failure(person.id).await?;
        if let Some(until) = app.doors().pack.locked_until(failed, now) {
            tx.lock_person(person.id, Some(until)).await?;
            detail = format!("{detail}; locked until {until} after {failed} failures");
        }
    }
    let target = UserName::new(name).map_or_else(
        // What is no name may be a password in the wrong field; it is not written down.
        |_| "a text that is no name".to_owned(),
        |name| format!("person {name}"),
    );
    let entry = NewEntry {
        at: now,
        who: "nobody".to_owned(),
        action: "session.begin".to_owned(),
        target,
        agency: None,
        origin: from.origin.clone(),
        outcome: Outcome::Refused,
        detail,
    };
    tx.add_audit(&[entry]).await?;
    Ok(tx.commit().await?)
}

/// Begins a session.
async fn enter(
    app: &App,
    random: Random,
    person: Person,
    step: Step,
    from: &Place,
    how: &str,
) -> Result<Entered, SignInError> {
    let text = secret_text(&random().map_err(|_| no_random())?);
    let now = app.now();
    let lasts = if step == Step::Full { app.doors().pack.session } else { HALF_WAY };
    let session = Session {
        id: SessionId(0),
        person: person.id,
        step,
        created_at: now,
        seen_at: now,
        expires_at: now.checked_add(lasts).unwrap_or(Timestamp::MAX),
        origin: from.origin.clone(),
        browser: browser(&from.browser),
    };
    let mut tx = app.store.begin().await?;
    tx.add_session(&secret_hash("session", &text), &session).await?;
    if step == Step::Full {
        tx.forget_failures(person.id).await?;
        let deed = Deed::new("session.begin", format!("person {}", person.about.name), None);
        let caller = Caller { actor: person.actor(), origin: from.origin.clone() };
        tx.add_audit(&[app.entry(&caller, &deed.with(how), Outcome::Done)]).await?;
    }
    tx.commit().await?;
    if step == Step::Full {
        app.doors().forget_attempts(&from.origin);
    }
    Ok(Entered { text, person, step })
}

fn browser(said: &str) -> String {
    let plain: String = said.chars().filter(|c| !c.is_control()).collect();
    text::cut(&plain, BROWSER_BYTES)
}

pub(crate) fn no_random() -> UseError {
    UseError::Fault("the system gives no random bytes")
}
