//! What a system that is used no more leaves behind: its servers stand nowhere, its products are used by
//! nobody, and its services are gone, from the moment at which its stage says so.
//!
//! A change of the stage tells it in its own transaction; what was retired before that was told is looked up by
//! whoever measures. Nothing is removed: the register keeps what a retired system had.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Stage, System};
use khien_store::Tx;

use super::across::systems_of;
use super::evidence::{Teller, product_subject};
use super::lapsed::last;
use crate::records::Records;
use crate::use_case::UseError;

/// Why what was told of a product is withdrawn.
const WITHDRAWN: &str = "the system that uses the product is retired";

/// Refuses what would be new of a retired system.
pub(super) async fn must_be_in_use(tx: &mut Tx, system: &SystemCode) -> Result<(), UseError> {
    match tx.find_system(system).await? {
        Some(found) if found.stage == Stage::Retired => Err(UseError::Conflict(format!(
            "{system} is retired: nothing new is registered for it; name a system that is used, or change its stage first"
        ))),
        _ => Ok(()),
    }
}

/// Tells what is so now of the parts of a system that was just retired or is used again. `before` are the sites
/// at which its agency had servers.
pub(super) async fn stage_changed(
    tx: &mut Tx,
    teller: &mut Teller,
    system: &System,
    before: &[String],
) -> Result<(), UseError> {
    let is_retired = system.stage == Stage::Retired;
    let products = tx.products_of(&system.code).await?;
    if is_retired {
        let subjects = products.iter().map(|kept| product_subject(kept.id)).collect();
        withdraw_products(tx, teller, &system.agency, &subjects, WITHDRAWN).await?;
    } else {
        for kept in products {
            teller.product(&kept.agency, kept.id, &kept.product, kept.components)?;
        }
    }
    for kept in tx.resources_of(&system.code).await? {
        teller.resource(&kept.resource, is_retired)?;
    }
    teller.servers(tx, &system.agency, before).await
}

/// Withdraws what stands of products of an agency.
pub(super) async fn withdraw_products(
    tx: &mut Tx,
    teller: &mut Teller,
    agency: &AgencyCode,
    subjects: &BTreeSet<String>,
    reason: &str,
) -> Result<(), UseError> {
    let mut told = tx.standing_evidence(agency, "product.used").await?;
    told.retain(|record| subjects.contains(&record.about.subject));
    teller.withdraw(agency, &told, reason)
}

/// Tells of parts of retired systems what the ledger does not know yet.
pub(super) async fn still_told(records: &Records, teller: &mut Teller) -> Result<(), UseError> {
    let all = AgencyScope::All;
    let systems = systems_of(records, &all).await?;
    let is_retired =
        |code: &SystemCode| systems.get(code).is_some_and(|system| system.stage == Stage::Retired);
    let mut products: BTreeMap<AgencyCode, BTreeSet<String>> = BTreeMap::new();
    for kept in records.store.list_products(&all, None).await? {
        if is_retired(&kept.product.system) {
            products.entry(kept.agency).or_default().insert(product_subject(kept.id));
        }
    }
    for kept in records.store.list_resources(&all).await? {
        let resource = &kept.resource;
        if resource.system.as_ref().is_some_and(is_retired) {
            let value = resource.value.clone();
            let said = last(records, &resource.agency, "service.registered", value).await?;
            let was = said.as_ref().and_then(|said| said.content.get("retired")?.as_bool());
            if was == Some(false) {
                teller.resource(resource, true)?;
            }
        }
    }
    let assets = records.store.list_assets(&all, None).await?.into_iter();
    let left = assets.filter(|kept| is_retired(&kept.asset.system));
    let left: BTreeSet<_> = left.filter_map(|kept| Some((kept.agency, kept.asset.site?))).collect();
    let sites = records.store.list_sites().await?;
    let mut tx = records.store.begin().await?;
    for (agency, subjects) in &products {
        withdraw_products(&mut tx, teller, agency, subjects, WITHDRAWN).await?;
    }
    for (agency, code) in left {
        let counts = tx.servers_by_site(&agency).await?.into_iter();
        let here = counts.filter(|(site, _)| site.as_ref() == Some(&code));
        let servers: u64 = here.map(|(_, servers)| servers).sum();
        let said = last(records, &agency, "hosting.site", code.to_string()).await?;
        let was = said.as_ref().and_then(|said| said.content.get("servers")?.as_int());
        if was.is_some_and(|was| was.unsigned_abs() > servers) {
            let site = sites.iter().find(|site| site.code == code);
            teller.site(&agency, code.as_str(), site, servers)?;
        }
    }
    Ok(tx.rollback().await?)
}
