//! The accounts with which people look at the demonstration.
//!
//! They are made as any account is, by invitation; everybody knows their passwords and secrets, which
//! is why a demonstration runs on the loopback only.

use anyhow::{Context as _, Result};
use jiff::Span;
use jiff::tz::Offset;
use khien_app::App;
use khien_app::use_case::sign_in::Place;
use khien_app::use_case::{own_account, people, register};
use khien_demo::{Governance, Province};
use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::agency::Duty;
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;
use khien_domain::token::TokenBytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::centre::{caller, token_bytes};

/// The password of all of them.
const PASSWORD: &str = "trinh-dien-khien-57";

/// Who: name, called, role, agency, whether an authenticator is set. An appraiser's agency is their own, of an
/// officer it is where they work.
const PEOPLE: &[(&str, &str, Role, Option<&str>, bool)] = &[
    ("truc1", "Cán bộ Mẫu 001", Role::Analyst, None, false),
    ("truc2", "Cán bộ Mẫu 002", Role::Analyst, None, false),
    ("truongca", "Cán bộ Mẫu 003", Role::Lead, Some("cat"), true),
    ("canbo-sokhcn", "Cán bộ Mẫu 004", Role::Officer, Some("sokhcn"), false),
    ("lanhdao", "Cán bộ Mẫu 005", Role::Leader, None, false),
    ("kiemtoan", "Cán bộ Mẫu 006", Role::Auditor, None, false),
    ("quantri", "Cán bộ Mẫu 007", Role::Administrator, None, true),
    ("thamdinh", "Cán bộ Mẫu 008", Role::Appraiser, Some("ttt"), false),
    ("thamdinh2", "Cán bộ Mẫu 009", Role::Appraiser, Some("sonv"), false),
    ("thamdinh3", "Cán bộ Mẫu 010", Role::Appraiser, Some("vpubnd"), false),
];

/// Who leaves soon, and in how many days.
const LEAVER: &str = "truc2";
const LEAVES_IN: i64 = 20;

/// Somebody who can sign in, with all that it takes.
pub(super) struct Account {
    /// The role, by the name that the centre uses.
    pub(super) role: String,
    /// The name to sign in with.
    pub(super) user: String,
    /// The password.
    pub(super) password: String,
    /// The secret of one-time passwords in base32, where one is set.
    pub(super) totp_secret: Option<String>,
}

impl Account {
    /// As scripts read it.
    pub(super) fn told(&self) -> Value {
        let Self { role, user, password, totp_secret } = self;
        json!({"role": role, "user": user, "password": password, "totp_secret": totp_secret})
    }
}

/// The accounts of the demonstration, one for each role at least. Those that are there already are
/// told as they are.
pub(super) async fn accounts(app: &App) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for (name, called, role, agency, has_totp) in PEOPLE {
        let user = UserName::new(name)?;
        let secret = has_totp.then(|| secret(name));
        if app.store.find_person_by_name(&user).await?.is_none() {
            make(app, &user, called, *role, *agency, secret.as_ref()).await?;
        }
        accounts.push(Account {
            role: role.name().to_owned(),
            user: user.to_string(),
            password: PASSWORD.to_owned(),
            totp_secret: secret.map(|secret| khien_app::identity::typed_secret(&secret)),
        });
    }
    Ok(accounts)
}

/// Gives those who answer for agencies their accounts, with the password of all others, and names them in
/// the register. What is there already stays as it is.
pub(super) async fn heads(
    app: &App,
    province: &Province,
    governance: &Governance<'_>,
) -> Result<()> {
    // Hashed once: a hundred and more would keep whoever looks waiting.
    let (first, ..) = PEOPLE.first().context("a demonstration has accounts")?;
    let known = app.store.find_person_by_name(&UserName::new(first)?).await?;
    let known = known.context("the first account is there")?;
    let password = app.store.secrets_of(known.id).await?.and_then(|secrets| secrets.password);
    let password = password.context("the first account has a password")?;
    for agency in province.agencies.iter().filter(|agency| agency.in_scope) {
        let Some(posts) = governance.posts(&agency.code) else { continue };
        let code = AgencyCode::new(&agency.code)?;
        let mut sheet = register::get_agency(app, &caller(), &code).await?;
        let mut is_other = false;
        for one in sheet.appointments.iter_mut().filter(|one| one.account.is_none()) {
            let post = posts.posts.iter().find(|post| post.duty == one.duty.name());
            let Some(account) = post.and_then(|post| post.account.as_ref()) else { continue };
            let name = UserName::new(account)?;
            if app.store.find_person_by_name(&name).await?.is_none() {
                let role = if one.duty == Duty::Officer { Role::Officer } else { Role::Leader };
                let new = NewPerson {
                    name: name.clone(),
                    called: one.holder.clone(),
                    role,
                    agencies: AgencyScope::one(code.clone()),
                    home: Some(code.clone()),
                    created_at: app.now(),
                    until: None,
                };
                let (pack, random) = (&app.doors().pack, token_bytes()?);
                let invited = people::add_person(app, pack, &caller(), new, &random).await?;
                let mut tx = app.store.begin().await?;
                tx.set_password(invited.person.id, &password).await?;
                tx.commit().await?;
            }
            one.account = Some(name);
            is_other = true;
        }
        if is_other {
            let (named, contacts) = (sheet.appointments, sheet.contacts);
            register::assign(app, &caller(), &code, named, contacts).await?;
        }
    }
    Ok(())
}

async fn make(
    app: &App,
    user: &UserName,
    called: &str,
    role: Role,
    agency: Option<&str>,
    secret: Option<&[u8; 20]>,
) -> Result<()> {
    let agency = agency.map(AgencyCode::new).transpose()?;
    let (agencies, home) = match agency {
        Some(agency) if role != Role::Officer => (AgencyScope::All, Some(agency)),
        Some(agency) => (AgencyScope::one(agency), None),
        None => (AgencyScope::All, None),
    };
    let name = user.clone();
    let (called, created_at) = (called.to_owned(), app.now());
    let today = Offset::constant(7).to_datetime(created_at).date();
    let until =
        (name.as_str() == LEAVER).then(|| today.saturating_add(Span::new().days(LEAVES_IN)));
    let new = NewPerson { name, called, role, agencies, home, created_at, until };
    let pack = &app.doors().pack;
    let random: TokenBytes = token_bytes()?;
    let invited = people::add_person(app, pack, &caller(), new, &random).await?;
    let place = Place { origin: "127.0.0.1".to_owned(), browser: "khien demo".to_owned() };
    let text = &invited.text;
    let id = own_account::accept_invitation(app, token_bytes, text, PASSWORD, &place).await?;
    if let Some(secret) = secret {
        let mut tx = app.store.begin().await?;
        tx.set_totp(id, Some(secret), 0).await.context("an authenticator cannot be set")?;
        tx.commit().await?;
    }
    Ok(())
}

/// A secret that stays the same, so that an authenticator that was set up once keeps working.
fn secret(name: &str) -> [u8; 20] {
    let digest = Sha256::digest(format!("khien demo {name}"));
    let mut secret = [0; 20];
    secret.copy_from_slice(&digest[..20]);
    secret
}
