//! What the register said of products and sites and is so no more since a day has passed: support that has
//! ended, a certificate of a site that has run out; what systems had that are retired; and that another
//! agency operates a system, where the ledger is from before it was told; and whether all who answer for an
//! agency have an active account.
//!
//! Records out, to be kept by whoever measures; nothing where the ledger says how it stands. A record that
//! merely ended would leave out what is bad.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::account::{Person, UserName};
use khien_domain::agency::Appointment;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{NewEvidence, Record};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::system::System;
use khien_store::EvidenceFilter;

use super::agencies::retell;
use super::evidence::{Teller, are_active, product_subject};
use super::retired;
use crate::access::Caller;
use crate::records::Records;
use crate::use_case::UseError;

/// What is to be told anew of the products, servers and systems of all agencies.
pub(crate) async fn lapsed(
    records: &Records,
    caller: &Caller,
    systems: &BTreeMap<SystemCode, System>,
) -> Result<Vec<NewEvidence>, UseError> {
    let mut teller = Teller::new(records, caller)?;
    retired::still_told(records, &mut teller).await?;
    answered(records, &mut teller).await?;
    for system in systems.values().filter(|system| system.operator_agency().is_some()) {
        let subject = system.code.to_string();
        let said = last(records, &system.agency, "system.profile", subject).await?;
        if said.is_some_and(|said| said.content.get("elsewhere").is_none()) {
            teller.system(system)?;
        }
    }
    for kept in records.store.list_products_in_use(&AgencyScope::All).await? {
        if kept.product.is_supported(teller.today) {
            continue;
        }
        let said = last(records, &kept.agency, "product.used", product_subject(kept.id)).await?;
        let was = said.as_ref().and_then(|said| said.content.get("supported")?.as_bool());
        if was == Some(true) {
            teller.product(&kept.agency, kept.id, &kept.product, kept.components)?;
        }
    }
    let sites = records.store.list_sites().await?;
    let assets = records.store.list_assets_in_use(&AgencyScope::All).await?;
    let agencies: BTreeSet<AgencyCode> = assets.into_iter().map(|kept| kept.agency).collect();
    for agency in agencies {
        let mut tx = records.store.begin().await?;
        let counts = tx.servers_by_site(&agency).await?;
        tx.rollback().await?;
        for (code, servers) in counts {
            let site = sites.iter().find(|site| Some(&site.code) == code.as_ref());
            let Some(site) = site.filter(|site| !site.is_qualified(teller.today)) else { continue };
            let subject = site.code.to_string();
            let said = last(records, &agency, "hosting.site", subject.clone()).await?;
            let was = said.as_ref().and_then(|said| said.content.get("qualified")?.as_int());
            if was.is_some_and(|was| was > 0) {
                teller.site(&agency, &subject, Some(site), servers)?;
            }
        }
    }
    Ok(teller.into_told())
}

/// Tells anew of agencies where it is no more so, or so again, that all who answer for them have an
/// active account; and where the ledger is from before that was told.
async fn answered(records: &Records, teller: &mut Teller) -> Result<(), UseError> {
    let people = records.store.all_people().await?.into_iter();
    let people: BTreeMap<UserName, Person> =
        people.map(|person| (person.about.name.clone(), person)).collect();
    let mut named: BTreeMap<AgencyCode, Vec<Appointment>> = BTreeMap::new();
    for (agency, appointment) in records.store.list_appointments(&AgencyScope::All).await? {
        named.entry(agency).or_default().push(appointment);
    }
    for (agency, appointments) in named {
        let said = last(records, &agency, "agency.assignment", agency.to_string()).await?;
        let Some(said) = said else { continue };
        let was = said.content.get("accounts").and_then(Content::as_bool);
        let accounts = appointments.iter().filter_map(|one| people.get(one.account.as_ref()?));
        let accounts: Vec<Person> = accounts.cloned().collect();
        if was != Some(are_active(&agency, &appointments, &accounts, teller.today)) {
            let mut tx = records.store.begin().await?;
            retell(&mut tx, teller, &agency).await?;
            tx.rollback().await?;
        }
    }
    Ok(())
}

/// The last record of a kind and subject.
pub(super) async fn last(
    records: &Records,
    agency: &AgencyCode,
    kind: &str,
    subject: String,
) -> Result<Option<Record>, UseError> {
    let filter = EvidenceFilter {
        kind: Some(kind.to_owned()),
        agency: Some(agency.clone()),
        system: None,
        subject: Some(subject),
    };
    let page = PageRequest::new(None, 1);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?;
    Ok(found.items.into_iter().next())
}
