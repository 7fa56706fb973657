//! Who is let in: inviting people, giving them roles, ending their access.

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::account::policy::AccessPack;
use khien_domain::account::{NewPerson, Person, Role, UserName};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::ids::PersonId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::TokenBytes;
use khien_store::Tx;

use super::UseError;
use super::register::agencies::retell;
use super::register::evidence::{Teller, day_of};
use crate::access::{Caller, Deed};
use crate::identity::{secret_hash, secret_text};
use crate::records::Records;

/// An invitation: the text of its address is shown this once.
#[derive(Debug)]
pub struct Invitation {
    /// For whom.
    pub person: Person,
    /// What the address ends with.
    pub text: String,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

/// All people, by name.
pub async fn list_people(
    records: &Records,
    caller: &Caller,
    page: &PageRequest<String>,
) -> Result<Page<Person, String>, UseError> {
    let deed = Deed::new("person.list", "", None);
    records.require(caller, Permission::People, &deed).await?;
    Ok(records.store.list_people(page).await?)
}

/// Somebody by name.
pub async fn get_person(
    records: &Records,
    caller: &Caller,
    name: &UserName,
) -> Result<Person, UseError> {
    let deed = Deed::new("person.get", format!("person {name}"), None);
    records.require(caller, Permission::People, &deed).await?;
    find(records, name).await
}

/// Lets somebody in: they set their password by the invitation.
pub async fn add_person(
    records: &Records,
    pack: &AccessPack,
    caller: &Caller,
    new: NewPerson,
    random: &TokenBytes,
) -> Result<Invitation, UseError> {
    let new = new.checked().map_err(UseError::invalid)?;
    let deed = Deed::new("person.add", format!("person {}", new.name), None);
    let deed = deed.with(describe(&new));
    records.require(caller, Permission::People, &deed).await?;
    agencies_exist(records, &new.agencies, new.home.as_ref()).await?;
    let mut tx = records.store.begin().await?;
    let id = tx.add_person(&new).await;
    let id = id.map_err(|error| {
        UseError::taken(error, || format!("{} is somebody's name already", new.name))
    })?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    let (text, expires_at) = invite(&mut tx, records, pack, id, random).await?;
    tx.commit().await?;
    Ok(Invitation { person: find(records, &new.name).await?, text, expires_at })
}

/// Invites somebody anew who lost the way or forgot the password. With `forget_factors` the
/// authenticator, its codes and all passkeys are forgotten as well: they were lost.
pub async fn invite_again(
    records: &Records,
    pack: &AccessPack,
    caller: &Caller,
    name: &UserName,
    forget_factors: bool,
    random: &TokenBytes,
) -> Result<Invitation, UseError> {
    let deed = Deed::new("person.invite", format!("person {name}"), None);
    let deed = deed.with(if forget_factors { "second factors forgotten" } else { "" });
    records.require(caller, Permission::People, &deed).await?;
    let person = find(records, name).await?;
    let mut tx = records.store.begin().await?;
    if forget_factors {
        tx.set_totp(person.id, None, 0).await?;
        tx.set_recovery_codes(person.id, &[]).await?;
        for key in records.store.list_passkeys(person.id).await? {
            tx.remove_passkey(person.id, key.id).await?;
        }
        tx.end_sessions(person.id, None).await?;
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    let (text, expires_at) = invite(&mut tx, records, pack, person.id, random).await?;
    tx.commit().await?;
    Ok(Invitation { person: find(records, name).await?, text, expires_at })
}

/// What can be changed about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How they are called.
    pub called: String,
    /// What they do.
    pub role: Role,
    /// In which agencies.
    pub agencies: AgencyScope,
    /// Their own agency.
    pub home: Option<AgencyCode>,
    /// Their last day.
    pub until: Option<Date>,
}

/// Changes how somebody is called, their role, their agencies and their last day; what they may holds
/// from their next request on.
pub async fn change_person(
    records: &Records,
    caller: &Caller,
    name: &UserName,
    change: Change,
) -> Result<Person, UseError> {
    let person = find_for(records, caller, "person.change", name).await?;
    let Change { called, role, agencies, home, until } = change;
    let wanted = NewPerson { called, role, agencies, home, until, ..person.about.clone() };
    keep(records, caller, &person, wanted).await
}

/// Sets somebody's last day, or lifts it: they are let in until it is over.
pub async fn set_last_day(
    records: &Records,
    caller: &Caller,
    name: &UserName,
    until: Option<Date>,
) -> Result<Person, UseError> {
    let person = find_for(records, caller, "person.change", name).await?;
    let wanted = NewPerson { until, ..person.about.clone() };
    keep(records, caller, &person, wanted).await
}

/// Keeps what is changed about somebody. Whose last day is over has no session any more.
async fn keep(
    records: &Records,
    caller: &Caller,
    person: &Person,
    wanted: NewPerson,
) -> Result<Person, UseError> {
    let name = &person.about.name;
    let wanted = wanted.checked().map_err(UseError::invalid)?;
    agencies_exist(records, &wanted.agencies, wanted.home.as_ref()).await?;
    let ends = wanted.until.is_some() && wanted.until != person.about.until;
    if person.about.role == Role::Administrator && (wanted.role != Role::Administrator || ends) {
        not_the_last(records, name).await?;
    }
    let deed = Deed::new("person.change", format!("person {name}"), None);
    let deed = deed.with(describe(&wanted));
    let mut tx = records.store.begin().await?;
    tx.change_person(person.id, &wanted).await?;
    let (was, now) = (&person.about, &wanted);
    if (&was.home, &was.agencies, was.until) != (&now.home, &now.agencies, now.until) {
        tell_heads(&mut tx, records, caller, name).await?;
    }
    if wanted.until.is_some_and(|until| until < day_of(records.now())) {
        tx.end_sessions(person.id, None).await?;
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, name).await
}

/// Tells the ledger of the agencies for which somebody answers that what their account may has changed.
pub(super) async fn tell_heads(
    tx: &mut Tx,
    records: &Records,
    caller: &Caller,
    name: &UserName,
) -> Result<(), UseError> {
    let mut teller = Teller::new(records, caller)?;
    for agency in tx.agencies_of_account(name).await? {
        retell(tx, &mut teller, &agency).await?;
    }
    Ok(teller.keep(tx).await?)
}

/// Lets somebody in no more, at once, or again.
pub async fn disable_person(
    records: &Records,
    caller: &Caller,
    name: &UserName,
    disabled: bool,
) -> Result<Person, UseError> {
    let action = if disabled { "person.disable" } else { "person.enable" };
    let person = find_for(records, caller, action, name).await?;
    if disabled && person.about.role == Role::Administrator {
        not_the_last(records, name).await?;
    }
    let deed = Deed::new(action, format!("person {name}"), None);
    // Whose last day is over is not let in by that alone.
    let deed = deed.with(person.about.until.map_or_else(String::new, last_day));
    let mut tx = records.store.begin().await?;
    tx.disable_person(person.id, disabled.then(|| records.now())).await?;
    tell_heads(&mut tx, records, caller, name).await?;
    if disabled {
        tx.end_sessions(person.id, None).await?;
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, name).await
}

/// Ends all sessions of somebody and lifts a lock after failed attempts.
pub async fn end_sessions(
    records: &Records,
    caller: &Caller,
    name: &UserName,
) -> Result<Person, UseError> {
    let person = find_for(records, caller, "person.sessions", name).await?;
    let deed = Deed::new("person.sessions", format!("person {name}"), None);
    let mut tx = records.store.begin().await?;
    let ended = tx.end_sessions(person.id, None).await?;
    tx.forget_failures(person.id).await?;
    let deed = deed.with(format!("{ended} ended"));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, name).await
}

/// The names of those who work on incidents and may be given one, by name.
pub async fn names(records: &Records) -> Result<Vec<(UserName, String)>, UseError> {
    let today = day_of(records.now());
    let works = |person: &Person| {
        person.is_let_in(today)
            && person.about.role.permissions().contains(&Permission::IncidentsWrite)
    };
    let active = records.store.all_people().await?.into_iter().filter(works);
    Ok(active.map(|person| (person.about.name, person.about.called)).collect())
}

async fn invite(
    tx: &mut Tx,
    records: &Records,
    pack: &AccessPack,
    id: PersonId,
    random: &TokenBytes,
) -> Result<(String, Timestamp), UseError> {
    let (text, now) = (secret_text(random), records.now());
    let expires_at = now.checked_add(pack.invitation).unwrap_or(Timestamp::MAX);
    tx.add_invitation(&secret_hash("invitation", &text), id, now, expires_at).await?;
    Ok((text, expires_at))
}

async fn find(records: &Records, name: &UserName) -> Result<Person, UseError> {
    let found = records.store.find_person_by_name(name).await?;
    found.ok_or_else(|| UseError::not_found("person", name))
}

async fn find_for(
    records: &Records,
    caller: &Caller,
    action: &'static str,
    name: &UserName,
) -> Result<Person, UseError> {
    let deed = Deed::new(action, format!("person {name}"), None);
    records.require(caller, Permission::People, &deed).await?;
    find(records, name).await
}

/// Somebody must be left who can let people in, and whose time does not run out.
async fn not_the_last(records: &Records, name: &UserName) -> Result<(), UseError> {
    let mut page = PageRequest::new(None, 500);
    loop {
        let found = records.store.list_people(&page).await?;
        let another = |person: &Person| {
            person.about.role == Role::Administrator
                && person.disabled_at.is_none()
                && person.about.until.is_none()
                && person.has_password
                && person.about.name != *name
        };
        if found.items.iter().any(another) {
            return Ok(());
        }
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    Err(UseError::Conflict(
        "this is the last administrator who can sign in and has no last day: name another one first"
            .to_owned(),
    ))
}

async fn agencies_exist(
    records: &Records,
    agencies: &AgencyScope,
    home: Option<&AgencyCode>,
) -> Result<(), UseError> {
    let named = match agencies {
        AgencyScope::Only(agencies) => agencies.iter().collect(),
        AgencyScope::All => Vec::new(),
    };
    for agency in named.into_iter().chain(home) {
        if records.store.find_agency(&AgencyScope::All, agency).await?.is_none() {
            return Err(UseError::Invalid(format!("agency {agency} is not registered")));
        }
    }
    Ok(())
}

fn describe(about: &NewPerson) -> String {
    let NewPerson { role, agencies, home, until, .. } = about;
    let of = home.as_ref().map_or_else(String::new, |home| format!(", of {home}"));
    let until = until.map_or_else(String::new, |day| format!(", {}", last_day(day)));
    match agencies {
        AgencyScope::All => format!("{}, all agencies{of}{until}", role.name()),
        AgencyScope::Only(agencies) => {
            let codes: Vec<&str> = agencies.iter().map(AgencyCode::as_str).collect();
            format!("{}, {}{of}{until}", role.name(), codes.join(" "))
        }
    }
}

fn last_day(day: Date) -> String {
    format!("last day {day}")
}
