//! Agencies: what they are, who answers for them, whom to reach, and that they confirm their part.

use std::collections::BTreeMap;

use jiff::Timestamp;
use khien_domain::account::{Person, UserName};
use khien_domain::agency::{
    Agency, Appointment, Contact, Duty, checked_appointments, checked_contacts,
};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::How;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_store::Tx;

use super::evidence::{Teller, day_of};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;

/// An agency with who answers for it and whom to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencySheet {
    /// The agency.
    pub agency: Agency,
    /// Who answers for it.
    pub appointments: Vec<Appointment>,
    /// Whom to reach.
    pub contacts: Vec<Contact>,
}

/// Registers an agency with who answers for it: nobody answers for one without head and deputy. Of one
/// outside the scope only its name is kept. A new one is within nobody's agencies yet, so that this is
/// for those who look after all of them.
pub async fn add_agency(
    records: &Records,
    caller: &Caller,
    sheet: AgencySheet,
) -> Result<Agency, UseError> {
    let agency = &sheet.agency;
    let deed = Deed::new("agency.add", agency.code.as_str(), None).with(&agency.name_vi);
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let agency = put_agency(&mut tx, &mut teller, sheet, None).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(agency)
}

/// Changes what an agency is called and is. Its place in the tree and its kind decide with whom it
/// is compared, so that this is for those who look after all agencies. Whoever answers for it stays, if
/// the sheet names nobody; an agency that comes into the scope names them.
pub async fn change_agency(
    records: &Records,
    caller: &Caller,
    sheet: AgencySheet,
) -> Result<Agency, UseError> {
    let agency = &sheet.agency;
    let deed = Deed::new("agency.change", agency.code.as_str(), None).with(&agency.name_vi);
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let deed = Deed { agency: Some(agency.code.clone()), ..deed };
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let known = tx.find_agency(&agency.code).await?;
    let known = known.ok_or_else(|| UseError::not_found("agency", &agency.code))?;
    let agency = put_agency(&mut tx, &mut teller, sheet, Some(known)).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(agency)
}

/// Adds an agency or changes the one that is known, and tells it.
pub(super) async fn put_agency(
    tx: &mut Tx,
    teller: &mut Teller,
    sheet: AgencySheet,
    known: Option<Agency>,
) -> Result<Agency, UseError> {
    let agency = sheet.agency.checked().map_err(UseError::invalid)?;
    agency.check_parent(&tx.parents().await?).map_err(UseError::invalid)?;
    if let Some(parent) = &agency.parent
        && tx.find_agency(parent).await?.is_none()
    {
        return Err(UseError::Invalid(format!("there is no agency {parent}; register it first")));
    }
    let names_nobody = sheet.appointments.is_empty() && sheet.contacts.is_empty();
    if !agency.in_scope && !names_nobody {
        return Err(outside(&agency.code));
    }
    let mut agency = match known {
        None => {
            tx.add_agency(&agency).await.map_err(|error| {
                let code = &agency.code;
                UseError::taken(error, || {
                    format!("there is an agency {code} already; choose another code")
                })
            })?;
            teller.agency(&agency)?;
            agency
        }
        Some(known) => put_known(tx, teller, agency, known).await?,
    };
    if agency.in_scope {
        let before = tx.list_appointments(&agency.code).await?;
        if !names_nobody || before.is_empty() {
            let (named, contacts) = (sheet.appointments, sheet.contacts);
            let heads = put_heads(tx, teller, &agency.code, &before, named, contacts).await?;
            agency.confirmed_at = agency.confirmed_at.filter(|_| !heads.is_other);
        }
    }
    Ok(agency)
}

/// Changes what a known agency is called and is.
async fn put_known(
    tx: &mut Tx,
    teller: &mut Teller,
    agency: Agency,
    known: Agency,
) -> Result<Agency, UseError> {
    let agency =
        Agency { confirmed_at: known.confirmed_at, created_at: known.created_at, ..agency };
    if !agency.in_scope && tx.count_systems(&agency.code).await? > 0 {
        let code = &agency.code;
        return Err(UseError::Conflict(format!(
            "the agency {code} has systems: retire them before it leaves the scope"
        )));
    }
    tx.update_agency(&AgencyScope::All, &agency).await?;
    if agency != known {
        teller.agency(&agency)?;
    }
    Ok(agency)
}

/// Who answers for an agency from now on, as it was kept.
struct Heads {
    appointments: Vec<Appointment>,
    contacts: Vec<Contact>,
    /// Whether another head than before: the agency has to confirm its part of the register anew.
    is_other: bool,
}

/// Says who answers for an agency and whom to reach, instead of those `before`.
async fn put_heads(
    tx: &mut Tx,
    teller: &mut Teller,
    code: &AgencyCode,
    before: &[Appointment],
    appointments: Vec<Appointment>,
    contacts: Vec<Contact>,
) -> Result<Heads, UseError> {
    let years = teller.pack.appointment_years;
    let appointments = checked_appointments(appointments, years).map_err(UseError::invalid)?;
    let contacts = checked_contacts(contacts).map_err(UseError::invalid)?;
    let accounts = accounts_of(tx, &appointments).await?;
    for account in appointments.iter().filter_map(|one| one.account.as_ref()) {
        let found = accounts.iter().find(|person| person.about.name == *account);
        if !found.is_some_and(|person| person.belongs_to().contains(code)) {
            return Err(UseError::Invalid(format!(
                "there is no account {account} of the agency {code}: name one of its own, or none"
            )));
        }
    }
    let head = |list: &[Appointment]| {
        list.iter().find(|one| one.duty == Duty::Head).map(|one| one.holder.clone())
    };
    let is_other = head(before).is_some_and(|before| Some(before) != head(&appointments));
    tx.set_appointments(code, &appointments).await?;
    tx.set_contacts(code, &contacts).await?;
    if is_other {
        tx.set_agency_confirmed(code, None).await?;
    }
    teller.assignment(code, &appointments, &accounts, contacts.len())?;
    Ok(Heads { appointments, contacts, is_other })
}

/// The accounts with which people answer for an agency.
async fn accounts_of(tx: &mut Tx, appointments: &[Appointment]) -> Result<Vec<Person>, UseError> {
    let mut accounts = Vec::new();
    for name in appointments.iter().filter_map(|one| one.account.as_ref()) {
        accounts.extend(tx.find_person_by_name(name).await?);
    }
    Ok(accounts)
}

/// Tells anew how an agency is answered for: what an account may has changed, or a day has passed.
pub(crate) async fn retell(
    tx: &mut Tx,
    teller: &mut Teller,
    code: &AgencyCode,
) -> Result<(), UseError> {
    let appointments = tx.list_appointments(code).await?;
    let accounts = accounts_of(tx, &appointments).await?;
    let contacts = tx.list_contacts(code).await?.len();
    teller.assignment(code, &appointments, &accounts, contacts)
}

/// An account of an agency, with which somebody may answer for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyAccount {
    /// The name to sign in with.
    pub name: UserName,
    /// How they are called.
    pub called: String,
    /// Whether they took up their invitation and are let in today.
    pub is_active: bool,
}

/// The accounts of an agency that the caller may see, by name.
pub async fn list_accounts(
    records: &Records,
    caller: &Caller,
    code: &AgencyCode,
) -> Result<Vec<AgencyAccount>, UseError> {
    get_agency(records, caller, code).await?;
    let today = day_of(records.now());
    let account = |person: Person| AgencyAccount {
        is_active: person.is_active(today),
        name: person.about.name,
        called: person.about.called,
    };
    Ok(records.store.people_of(code).await?.into_iter().map(account).collect())
}

/// The agencies that the caller may see, by code.
pub async fn list_agencies(
    records: &Records,
    caller: &Caller,
    page: &PageRequest<AgencyCode>,
) -> Result<Page<Agency, AgencyCode>, UseError> {
    let deed = Deed::new("agency.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    Ok(records.store.list_agencies(&scope, page).await?)
}

/// An agency that the caller may see.
pub async fn get_agency(
    records: &Records,
    caller: &Caller,
    code: &AgencyCode,
) -> Result<AgencySheet, UseError> {
    let deed = Deed::new("agency.get", code.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let agency = records.store.find_agency(&scope, code).await?;
    let agency = agency.ok_or_else(|| UseError::not_found("agency", code))?;
    let own = AgencyScope::one(code.clone());
    let appointments = records.store.list_appointments(&own).await?;
    let contacts = records.store.list_contacts(&scope, code).await?;
    let mut appointments: Vec<Appointment> = appointments.into_iter().map(|(_, one)| one).collect();
    appointments.sort_by_key(|one| one.duty);
    Ok(AgencySheet { agency, appointments, contacts })
}

/// Who answers for the agencies that the caller may see.
pub async fn list_appointments(
    records: &Records,
    caller: &Caller,
) -> Result<BTreeMap<AgencyCode, Vec<Appointment>>, UseError> {
    let deed = Deed::new("agency.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let mut by_agency: BTreeMap<AgencyCode, Vec<Appointment>> = BTreeMap::new();
    for (agency, appointment) in records.store.list_appointments(&scope).await? {
        by_agency.entry(agency).or_default().push(appointment);
    }
    Ok(by_agency)
}

/// Says who answers for an agency and whom to reach, from now on these alone. With another head the
/// agency has to confirm its part of the register anew.
pub async fn assign(
    records: &Records,
    caller: &Caller,
    code: &AgencyCode,
    appointments: Vec<Appointment>,
    contacts: Vec<Contact>,
) -> Result<AgencySheet, UseError> {
    let (agency, deed) = agency_to_change(records, caller, code, "agency.assign").await?;
    if !agency.in_scope {
        return Err(outside(code));
    }
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let before = tx.list_appointments(code).await?;
    let Heads { appointments, contacts, is_other } =
        put_heads(&mut tx, &mut teller, code, &before, appointments, contacts).await?;
    let deed = deed.with(if is_other { "another head: to be confirmed anew" } else { "" });
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    let confirmed_at = agency.confirmed_at.filter(|_| !is_other);
    Ok(AgencySheet { agency: Agency { confirmed_at, ..agency }, appointments, contacts })
}

/// An agency confirms that the register has all its systems. Only somebody of the agency can say so.
pub async fn confirm_agency(
    records: &Records,
    caller: &Caller,
    code: &AgencyCode,
) -> Result<Timestamp, UseError> {
    let (agency, deed) = agency_to_change(records, caller, code, "agency.confirm").await?;
    own_word(records, caller, &deed).await?;
    if !agency.in_scope {
        return Err(outside(code));
    }
    let mut teller = Teller::new(records, caller)?;
    let now = teller.now;
    let mut tx = records.store.begin().await?;
    tx.set_agency_confirmed(code, Some(now)).await?;
    let systems = tx.count_systems(code).await?;
    // It shows that there is nothing more only once somebody of another agency has confirmed it.
    teller.register_confirmed(code, systems, How::Declared)?;
    teller.keep(&mut tx).await?;
    let deed = deed.with(format!("{systems} systems"));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(now)
}

/// Refuses whoever looks after all agencies: a confirmation is the agency's own word.
pub(super) async fn own_word(
    records: &Records,
    caller: &Caller,
    deed: &Deed,
) -> Result<(), UseError> {
    let scope = caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    if *scope != AgencyScope::All {
        return Ok(());
    }
    let reason = "only somebody of the agency confirms what is registered of it";
    let entry = records.entry(caller, &deed.clone().with(reason), Outcome::Refused);
    records.audit(&entry).await?;
    Err(UseError::Conflict(reason.to_owned()))
}

fn outside(code: &AgencyCode) -> UseError {
    UseError::Conflict(format!("the agency {code} is outside the scope: only its name is kept"))
}

/// An agency that the caller may change.
async fn agency_to_change(
    records: &Records,
    caller: &Caller,
    code: &AgencyCode,
    action: &'static str,
) -> Result<(Agency, Deed), UseError> {
    let deed = Deed::new(action, code.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let agency = records.store.find_agency(&scope, code).await?;
    let agency = agency.ok_or_else(|| UseError::not_found("agency", code))?;
    Ok((agency, Deed { agency: Some(code.clone()), ..deed }))
}
