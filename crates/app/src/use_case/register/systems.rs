//! Systems: what they are, what they need, and that they are confirmed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::limits::SYSTEM_NEEDS;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::register_pack::{CIVIL, RefusedScope};
use khien_domain::system::{Stage, System};
use khien_store::Tx;

use super::agencies::own_word;
use super::evidence::{Teller, sites_of};
use super::retired;
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::{UseError, gate};

/// A system that another needs, or that needs another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its code.
    pub code: SystemCode,
    /// The system itself, if whoever asks may see it.
    pub system: Option<System>,
    /// By how many steps.
    pub far: usize,
}

/// What a system needs and what needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// What it needs itself.
    pub needs: Vec<Linked>,
    /// What needs it, the nearest first.
    pub dependents: Vec<Linked>,
}

/// Registers a system of an agency.
pub async fn add_system(
    records: &Records,
    caller: &Caller,
    system: System,
) -> Result<System, UseError> {
    add_system_of(records, caller, system, CIVIL).await
}

/// Registers a system that somebody says to be of a scope; military and cipher systems are refused
/// with the reason, and the refusal is in the audit log.
pub async fn add_system_of(
    records: &Records,
    caller: &Caller,
    system: System,
    scope: &str,
) -> Result<System, UseError> {
    let deed = Deed::new("system.add", system.code.as_str(), Some(system.agency.clone()));
    let deed = deed.with(format!("{} (level {})", system.name, system.level.number()));
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let mut teller = Teller::new(records, caller)?;
    if let Some(refused) = not_for_here(&teller, scope, &system.name)? {
        return Err(refuse(records, caller, deed, refused).await?);
    }
    let mut tx = records.store.begin().await?;
    let system = put_system(&mut tx, &mut teller, system, None).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(system)
}

/// Changes what is registered of a system. Its agency stays, since its events bear it.
pub async fn change_system(
    records: &Records,
    caller: &Caller,
    system: System,
) -> Result<System, UseError> {
    change_system_of(records, caller, system, CIVIL).await
}

/// Changes what is registered of a system that somebody says to be of a scope; see
/// [`add_system_of`].
pub async fn change_system_of(
    records: &Records,
    caller: &Caller,
    system: System,
    scope: &str,
) -> Result<System, UseError> {
    let (_, deed) = system_to_change(records, caller, &system.code, "system.change").await?;
    let mut tx = records.store.begin().await?;
    let known = tx.find_system(&system.code).await?;
    let known = known.ok_or_else(|| UseError::not_found("system", &system.code))?;
    if known.agency != system.agency {
        let reason = "the agency of a system does not change: its events bear it";
        return Err(UseError::Conflict(reason.to_owned()));
    }
    let mut teller = Teller::new(records, caller)?;
    if let Some(refused) = not_for_here(&teller, scope, &system.name)? {
        tx.rollback().await?;
        return Err(refuse(records, caller, deed, refused).await?);
    }
    let stage = system.stage.name();
    let deed = deed.with(format!("{} (level {}, {stage})", system.name, system.level.number()));
    let system = put_system(&mut tx, &mut teller, system, Some(known)).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(system)
}

/// The scope that is not for this register, if the system says or tells to be of one.
pub(super) fn not_for_here(
    teller: &Teller,
    scope: &str,
    name: &str,
) -> Result<Option<&'static RefusedScope>, UseError> {
    if scope != CIVIL && teller.pack.refused(scope).is_none() {
        let scopes = teller.pack.refused_scopes.iter().map(|one| one.named.name.as_str());
        let scopes: Vec<&str> = [CIVIL].into_iter().chain(scopes).collect();
        return Err(UseError::Invalid(format!("the scope is one of {}", scopes.join(", "))));
    }
    Ok(teller.pack.refused(scope).or_else(|| teller.pack.refused_by_name(name)))
}

/// Notes a refusal in the audit log; answers it.
async fn refuse(
    records: &Records,
    caller: &Caller,
    deed: Deed,
    refused: &'static RefusedScope,
) -> Result<UseError, UseError> {
    let error = UseError::OutOfScope(refused);
    // The name of such a system is none of this log's business.
    let deed = deed.with(error.to_string());
    records.audit(&records.entry(caller, &deed, Outcome::Refused)).await?;
    Ok(error)
}

/// Adds a system or changes the one that is known, and tells it.
pub(in crate::use_case) async fn put_system(
    tx: &mut Tx,
    teller: &mut Teller,
    system: System,
    known: Option<System>,
) -> Result<System, UseError> {
    let system = system.checked().map_err(UseError::invalid)?;
    let agency = tx.find_agency(&system.agency).await?;
    let Some(agency) = agency else {
        let code = &system.agency;
        return Err(UseError::Invalid(format!("there is no agency {code}; register it first")));
    };
    if !agency.in_scope {
        let code = &agency.code;
        return Err(UseError::Conflict(format!(
            "the agency {code} is outside the scope: only its name is kept"
        )));
    }
    must_operate(tx, teller, &system, known.as_ref()).await?;
    if let Some(site) = &system.site
        && !tx.list_sites().await?.iter().any(|one| one.code == *site)
    {
        return Err(UseError::Invalid(format!("there is no site {site}; register it first")));
    }
    if known.as_ref().is_some_and(|known| known.level != system.level)
        && let Some(approved) = tx.approved_level(&system.code).await?
        && approved != system.level
    {
        let (code, level) = (&system.code, approved.number());
        return Err(UseError::Conflict(format!(
            "the level {level} of {code} is approved: another one needs a dossier of its own"
        )));
    }
    if let Some(known) = known.as_ref().filter(|_| teller.is_own_word)
        && known.stage > Stage::Planning
        && system.level < known.level
    {
        let (code, level) = (&known.code, known.level.number());
        return Err(UseError::Conflict(format!(
            "the level {level} of {code} is lowered by the centre alone, or by a dossier that is approved"
        )));
    }
    if let Some(known) = known.as_ref().filter(|_| teller.is_own_word)
        && let Some(lost) = taken_back(known, &system)
    {
        return Err(UseError::Conflict(lost));
    }
    let Some(known) = known else {
        tx.add_system(&system).await.map_err(|error| {
            let code = &system.code;
            UseError::taken(error, || {
                format!("there is a system {code} already; choose another code")
            })
        })?;
        teller.system(&system)?;
        return Ok(system);
    };
    if system.stage == Stage::Retired && known.stage != Stage::Retired {
        let needed = still_needed(tx, &system.code).await?;
        if !needed.is_empty() {
            let (count, codes) = (needed.len(), needed.join(", "));
            let code = &system.code;
            return Err(UseError::Conflict(format!(
                "{count} systems need {code}: {codes}; let them need something else before it is retired"
            )));
        }
    }
    if system.stage > known.stage && known.stage >= Stage::Test {
        must_have_papers(tx, teller, &system).await?;
    }
    let system =
        System { confirmed_at: known.confirmed_at, created_at: known.created_at, ..system };
    let sites = sites_of(tx, &system.agency).await?;
    tx.update_system(&AgencyScope::All, &system).await?;
    if system != known {
        teller.system(&system)?;
    }
    let runs =
        |its: &System| its.operator_agency().filter(|_| its.stage == Stage::Operation).cloned();
    if let Some(operator) = runs(&known).filter(|operator| runs(&system).as_ref() != Some(operator))
    {
        teller.operated_no_more(&system, &operator)?;
    }
    if (system.stage == Stage::Retired) != (known.stage == Stage::Retired) {
        retired::stage_changed(tx, teller, &system, &sites).await?;
    }
    if known.stage == Stage::Operation
        && (system.stage != Stage::Operation || system.level < known.level)
    {
        // What somebody has confirmed of the agency's systems was said of others than there are now: until
        // it is confirmed again it does not show that there is nothing to measure.
        let told = tx.standing_evidence(&system.agency, "register.confirmed").await?;
        teller.withdraw(
            &system.agency,
            &told,
            "a system is in use no more, or of a lower level",
        )?;
        tx.set_agency_confirmed(&system.agency, None).await?;
    }
    if system.stage != known.stage {
        // The gate sees what has just changed with the stage.
        teller.keep(tx).await?;
        gate::must_open(tx, teller.kinds, (&known, &system), teller.now).await?;
    }
    Ok(system)
}

/// Refuses an operator that is no agency of the register, and one that an agency names by itself: whose
/// monitoring counts for another is not for it to say.
async fn must_operate(
    tx: &mut Tx,
    teller: &Teller,
    system: &System,
    known: Option<&System>,
) -> Result<(), UseError> {
    let named = system.operator_agency();
    if teller.is_own_word && named != known.and_then(System::operator_agency) {
        let code = &system.code;
        return Err(UseError::Conflict(format!(
            "the monitoring of {code} counts for the agency that operates it: only the centre names another agency, or takes it back"
        )));
    }
    let Some(operator) = named else { return Ok(()) };
    match tx.find_agency(operator).await? {
        Some(agency) if agency.in_scope => Ok(()),
        Some(_) => Err(UseError::Conflict(format!(
            "the agency {operator} is outside the scope: only its name is kept"
        ))),
        None => Err(UseError::Invalid(format!("there is no agency {operator}; register it first"))),
    }
}

/// What makes demands on a system and would be said of it no more. An agency may say it of its own systems;
/// only the centre takes it back, since whoever has to meet a demand does not lift it.
fn taken_back(known: &System, system: &System) -> Option<String> {
    let code = &known.code;
    if known.holds_personal_data() && !system.holds_personal_data() {
        return Some(format!(
            "{code} is registered with personal data: only the centre takes that back"
        ));
    }
    if known.is_critical && !system.is_critical {
        return Some(format!("{code} is registered as critical: only the centre takes that back"));
    }
    if !known.is_critical {
        return None;
    }
    let is_longer = |was: Option<u32>, new: Option<u32>| {
        was.filter(|most| new.is_none_or(|minutes| minutes > *most))
    };
    if let Some(most) = is_longer(known.rto_minutes, system.rto_minutes) {
        return Some(format!(
            "{code} is registered as critical with an RTO of {most} minutes: only the centre takes that back"
        ));
    }
    if let Some(most) = is_longer(known.rpo_minutes, system.rpo_minutes) {
        return Some(format!(
            "{code} is registered as critical with an RPO of {most} minutes: only the centre takes that back"
        ));
    }
    (known.is_exposed && !system.is_exposed).then(|| {
        format!(
            "{code} is registered as critical and open to the Internet: only the centre takes that back"
        )
    })
}

/// Refuses a step into a stage before which something has to be written down that is not.
async fn must_have_papers(tx: &mut Tx, teller: &Teller, system: &System) -> Result<(), UseError> {
    let papers = tx.papers_of(&system.code).await?;
    for kind in teller.pack.papers.iter().filter(|kind| kind.before == Some(system.stage)) {
        let name = &kind.named.name;
        let has =
            papers.iter().any(|kept| kept.paper.kind == *name && kept.paper.holds(teller.today));
        if !has {
            let (code, called) = (&system.code, &kind.named.vi);
            return Err(UseError::Conflict(format!(
                "write down «{called}» first: see /systems/{code}?tab=papers#{name}"
            )));
        }
    }
    Ok(())
}

/// The codes of systems in use that need one, themselves or by way of others.
async fn still_needed(tx: &mut Tx, system: &SystemCode) -> Result<Vec<String>, UseError> {
    let mut found = Vec::new();
    for (code, _) in tx.needs().await?.dependents(system) {
        let dependent = tx.find_system(&code).await?;
        if dependent.is_some_and(|dependent| dependent.stage != Stage::Retired) {
            found.push(code.to_string());
        }
    }
    Ok(found)
}

/// The systems that the caller may see, by code.
pub async fn list_systems(
    records: &Records,
    caller: &Caller,
    page: &PageRequest<SystemCode>,
) -> Result<Page<System, SystemCode>, UseError> {
    let deed = Deed::new("system.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    Ok(records.store.list_systems(&scope, page).await?)
}

/// A system that the caller may see.
pub async fn get_system(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
) -> Result<System, UseError> {
    super::visible_system(records, caller, code, "system.get").await
}

/// What a system needs and what needs it. Of systems of other agencies the code alone is told.
pub async fn links(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
) -> Result<Links, UseError> {
    let deed = Deed::new("system.get", code.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    super::visible_system(records, caller, code, "system.get").await?;
    let needs = records.store.needs().await?;
    let mut links = Links::default();
    for needed in needs.of(code) {
        let system = records.store.find_system(&scope, &needed).await?;
        links.needs.push(Linked { code: needed, system, far: 1 });
    }
    for (dependent, far) in needs.dependents(code) {
        let system = records.store.find_system(&scope, &dependent).await?;
        links.dependents.push(Linked { code: dependent, system, far });
    }
    Ok(links)
}

/// How many systems need each system, themselves or by way of others.
pub async fn count_dependents(
    records: &Records,
    caller: &Caller,
    codes: &[SystemCode],
) -> Result<BTreeMap<SystemCode, usize>, UseError> {
    let deed = Deed::new("system.list", "", None);
    records.scope(caller, Permission::RegisterRead, &deed).await?;
    let needs = records.store.needs().await?;
    Ok(codes.iter().map(|code| (code.clone(), needs.dependents(code).len())).collect())
}

/// Says what a system needs, from now on these alone. What leads back to the system is refused.
pub async fn set_needs(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
    needed: BTreeSet<SystemCode>,
) -> Result<(), UseError> {
    let (system, deed) = system_to_change(records, caller, code, "system.needs").await?;
    if needed.len() > SYSTEM_NEEDS {
        return Err(UseError::Invalid(format!("a system needs at most {SYSTEM_NEEDS} others")));
    }
    let names: Vec<&str> = needed.iter().map(SystemCode::as_str).collect();
    let deed = deed.with(names.join(" "));
    let mut tx = records.store.begin().await?;
    for one in &needed {
        let found = tx.find_system(one).await?;
        if found.is_none_or(|found| found.stage == Stage::Retired) {
            return Err(UseError::Invalid(format!("there is no system {one} in use")));
        }
    }
    let mut needs = tx.needs().await?;
    needs.set(system.code.clone(), needed.clone());
    if let Some(way) = needs.circle(&system.code) {
        let way: Vec<&str> = way.iter().map(SystemCode::as_str).collect();
        let way = way.join(" → ");
        return Err(UseError::Conflict(format!(
            "systems cannot need each other in a circle: {way}"
        )));
    }
    tx.set_needs(&system.code, &needed).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Somebody of the agency confirms what is registered of a system.
pub async fn confirm_system(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
) -> Result<Timestamp, UseError> {
    let (system, deed) = system_to_change(records, caller, code, "system.confirm").await?;
    own_word(records, caller, &deed).await?;
    let mut teller = Teller::new(records, caller)?;
    let now = teller.now;
    let mut tx = records.store.begin().await?;
    tx.set_system_confirmed(code, now).await?;
    teller.system_confirmed(&system)?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(now)
}

/// A system that the caller may change.
pub(super) async fn system_to_change(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
    action: &'static str,
) -> Result<(System, Deed), UseError> {
    let deed = Deed::new(action, code.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let system = records.store.find_system(&scope, code).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", code))?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    Ok((system, deed))
}
