//! What belongs to systems and agencies: providers, products, assets, resources, and the sites where
//! servers stand.

use std::collections::BTreeSet;

use khien_domain::asset::{Asset, KeptAsset};
use khien_domain::audit::Outcome;
use khien_domain::code::{EquipmentCode, SystemCode};
use khien_domain::equipment::Equipment;
use khien_domain::ids::{AssetId, ProductId, ProviderId, ResourceId};
use khien_domain::network::Network;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::product::{KeptProduct, Product};
use khien_domain::provider::{KeptProvider, Provider};
use khien_domain::resource::{KeptResource, Resource, ResourceKind};
use khien_domain::site::Site;
use khien_domain::system::Stage;
use khien_store::Tx;

use super::certificates;
use super::evidence::{Teller, day_of, product_subject, sites_of};
use super::inventory;
use super::retired::{must_be_in_use, withdraw_products};
use super::systems::system_to_change;
use crate::access::{Caller, Deed};
use crate::probe::is_special;
use crate::records::Records;
use crate::use_case::UseError;

async fn reading(
    records: &Records,
    caller: &Caller,
    action: &'static str,
) -> Result<AgencyScope, UseError> {
    records.scope(caller, Permission::RegisterRead, &Deed::new(action, "", None)).await
}

/// The providers of the systems that the caller may see; of one system if given.
pub async fn list_providers(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<KeptProvider>, UseError> {
    let scope = reading(records, caller, "provider.list").await?;
    Ok(records.store.list_providers(&scope, system).await?)
}

/// Adds a provider to a system.
pub async fn add_provider(
    records: &Records,
    caller: &Caller,
    provider: Provider,
) -> Result<ProviderId, UseError> {
    let (_, deed) = system_to_change(records, caller, &provider.system, "provider.add").await?;
    let provider = provider.checked(day_of(records.now())).map_err(UseError::invalid)?;
    let deed = deed.with(format!("{} ({})", provider.name, provider.contract));
    let mut tx = records.store.begin().await?;
    let id = tx.add_provider(&provider).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a provider off a system.
pub async fn remove_provider(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: ProviderId,
) -> Result<(), UseError> {
    let (_, deed) = system_to_change(records, caller, system, "provider.remove").await?;
    let deed = deed.with(format!("provider {id}"));
    let mut tx = records.store.begin().await?;
    if !tx.remove_provider(system, id).await? {
        return Err(UseError::not_found("provider", id));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The products of the systems that the caller may see; of one system if given.
pub async fn list_products(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<KeptProduct>, UseError> {
    let scope = reading(records, caller, "product.list").await?;
    Ok(records.store.list_products(&scope, system).await?)
}

/// The products of the systems that the caller may see and that are not retired.
pub async fn list_products_in_use(
    records: &Records,
    caller: &Caller,
) -> Result<Vec<KeptProduct>, UseError> {
    let scope = reading(records, caller, "product.list").await?;
    Ok(records.store.list_products_in_use(&scope).await?)
}

/// Adds a product to a system.
pub async fn add_product(
    records: &Records,
    caller: &Caller,
    product: Product,
) -> Result<ProductId, UseError> {
    let (system, deed) = system_to_change(records, caller, &product.system, "product.add").await?;
    let product = product.checked().map_err(UseError::invalid)?;
    let deed = deed.with(&product.name);
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    must_be_in_use(&mut tx, &product.system).await?;
    let id = tx.add_product(&product).await?;
    teller.product(&system.agency, id, &product, 0)?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a product off a system; what the ledger has of it is withdrawn.
pub async fn remove_product(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: ProductId,
) -> Result<(), UseError> {
    let (owner, deed) = system_to_change(records, caller, system, "product.remove").await?;
    let deed = deed.with(format!("product {id}"));
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    if !tx.remove_product(system, id).await? {
        return Err(UseError::not_found("product", id));
    }
    let (subjects, why) = (BTreeSet::from([product_subject(id)]), "the product is used no more");
    withdraw_products(&mut tx, &mut teller, &owner.agency, &subjects, why).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Takes the inventory of a product from a `CycloneDX` file; it replaces the one before. Answers how
/// many components it names.
pub async fn import_inventory(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: ProductId,
    bytes: &[u8],
) -> Result<usize, UseError> {
    let (owner, deed) = system_to_change(records, caller, system, "product.inventory").await?;
    let components = inventory::read(bytes).map_err(UseError::Invalid)?;
    let deed = deed.with(format!("product {id}: {} components", components.len()));
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let Some(kept) = tx.find_product(system, id).await? else {
        return Err(UseError::not_found("product", id));
    };
    must_be_in_use(&mut tx, system).await?;
    tx.set_components(id, &components).await?;
    teller.product(&owner.agency, id, &kept.product, components.len() as u64)?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(components.len())
}

/// The assets of the systems that the caller may see and that are not retired; of one system if given, whatever
/// its stage.
pub async fn list_assets(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<KeptAsset>, UseError> {
    let scope = reading(records, caller, "asset.list").await?;
    Ok(match system {
        Some(_) => records.store.list_assets(&scope, system).await?,
        None => records.store.list_assets_in_use(&scope).await?,
    })
}

/// Adds an asset to its system, or changes the one of its name there.
pub async fn put_asset(records: &Records, caller: &Caller, asset: Asset) -> Result<(), UseError> {
    let (system, deed) = system_to_change(records, caller, &asset.system, "asset.put").await?;
    let deed = deed.with(format!("{} ({})", asset.name.as_str(), asset.kind.name()));
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let before = sites_of(&mut tx, &system.agency).await?;
    keep_asset(&mut tx, &asset).await?;
    teller.servers(&mut tx, &system.agency, &before).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Keeps an asset whose site is there. Answers whether it is new.
pub(super) async fn keep_asset(tx: &mut Tx, asset: &Asset) -> Result<bool, UseError> {
    if let Some(site) = &asset.site
        && !tx.list_sites().await?.iter().any(|one| one.code == *site)
    {
        return Err(UseError::Invalid(format!("there is no site {site}; register it first")));
    }
    let is_new = tx.put_asset(asset).await?;
    if is_new {
        must_be_in_use(tx, &asset.system).await?;
    }
    Ok(is_new)
}

/// Takes an asset off its system.
pub async fn remove_asset(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: AssetId,
) -> Result<(), UseError> {
    let (owner, deed) = system_to_change(records, caller, system, "asset.remove").await?;
    let deed = deed.with(format!("asset {id}"));
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let before = sites_of(&mut tx, &owner.agency).await?;
    if !tx.remove_asset(system, id).await? {
        return Err(UseError::not_found("asset", id));
    }
    teller.servers(&mut tx, &owner.agency, &before).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The Internet resources of the agencies that the caller may see.
pub async fn list_resources(
    records: &Records,
    caller: &Caller,
) -> Result<Vec<KeptResource>, UseError> {
    let scope = reading(records, caller, "resource.list").await?;
    Ok(records.store.list_resources(&scope).await?)
}

/// Registers an Internet resource of an agency, or changes what is known of it.
pub async fn put_resource(
    records: &Records,
    caller: &Caller,
    resource: Resource,
) -> Result<(), UseError> {
    let deed = Deed::new("resource.put", &resource.value, Some(resource.agency.clone()));
    let deed = deed.with(resource.kind.name());
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let mut teller = Teller::new(records, caller)?;
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let mut tx = records.store.begin().await?;
    keep_resource(&mut tx, &mut teller, &scope, resource).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Keeps a resource that is nobody else's, and tells it. Answers whether it is new.
pub(super) async fn keep_resource(
    tx: &mut Tx,
    teller: &mut Teller,
    scope: &AgencyScope,
    resource: Resource,
) -> Result<bool, UseError> {
    let resource = resource.checked().map_err(UseError::invalid)?;
    // The probe asks what is registered: who looks after one agency does not point it at the centre.
    if resource.kind == ResourceKind::AddressRange
        && *scope != AgencyScope::All
        && resource.value.parse::<Network>().is_ok_and(|range| is_special(range.address()))
    {
        let value = &resource.value;
        return Err(UseError::Invalid(format!(
            "{value} is this machine or its network: only who looks after all agencies registers it"
        )));
    }
    let known = tx.find_resource(resource.kind, &resource.value).await?;
    let mut is_retired = false;
    if let Some(system) = &resource.system {
        let found = tx.find_system(system).await?;
        let Some(found) = found.filter(|found| found.agency == resource.agency) else {
            let agency = &resource.agency;
            return Err(UseError::Invalid(format!("the agency {agency} has no system {system}")));
        };
        is_retired = found.stage == Stage::Retired;
        if known.as_ref().is_none_or(|known| known.resource.system != resource.system) {
            must_be_in_use(tx, system).await?;
        }
    }
    let is_new = match known {
        Some(known) if known.resource.agency != resource.agency => {
            let value = &resource.value;
            return Err(UseError::Conflict(format!("{value} is registered by another agency")));
        }
        Some(known) => {
            tx.update_resource(known.id, &resource).await?;
            if known.resource.system != resource.system {
                teller.resource(&known.resource, true)?;
            }
            false
        }
        None => {
            tx.add_resource(&resource).await?;
            true
        }
    };
    teller.resource(&resource, is_retired)?;
    certificates::resource_registered(tx, teller, &resource).await?;
    Ok(is_new)
}

/// Takes an Internet resource off the register.
pub async fn remove_resource(
    records: &Records,
    caller: &Caller,
    id: ResourceId,
) -> Result<Resource, UseError> {
    let deed = Deed::new("resource.remove", format!("resource {id}"), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let Some(kept) = tx.resource(&scope, id).await? else {
        return Err(UseError::not_found("resource", id));
    };
    let resource = kept.resource;
    let deed = Deed { agency: Some(resource.agency.clone()), ..deed }.with(&resource.value);
    tx.remove_resource(id).await?;
    teller.resource(&resource, true)?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(resource)
}

/// The sites where servers stand.
pub async fn list_sites(records: &Records, caller: &Caller) -> Result<Vec<Site>, UseError> {
    reading(records, caller, "site.list").await?;
    Ok(records.store.list_sites().await?)
}

/// The minimum equipment of the centre, each row with how many of its assets are registered; for
/// those who see all agencies.
pub async fn list_equipment(
    records: &Records,
    caller: &Caller,
) -> Result<Vec<(Equipment, u32)>, UseError> {
    let deed = Deed::new("equipment.list", "", None);
    records.require(caller, Permission::RegisterRead, &deed).await?;
    let rows = records.store.list_equipment().await?;
    let assets = records.store.list_assets_in_use(&AgencyScope::All).await?;
    let names: BTreeSet<_> = assets.into_iter().map(|kept| kept.asset.name).collect();
    let counted = rows.into_iter().map(|row| {
        let registered = row.assets.iter().filter(|name| names.contains(*name)).count();
        (row, u32::try_from(registered).unwrap_or(u32::MAX))
    });
    Ok(counted.collect())
}

/// Takes a row of the minimum equipment out.
pub async fn remove_equipment(
    records: &Records,
    caller: &Caller,
    code: &EquipmentCode,
) -> Result<(), UseError> {
    let deed = Deed::new("equipment.remove", code.as_str(), None);
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let mut tx = records.store.begin().await?;
    if !tx.remove_equipment(code).await? {
        return Err(UseError::not_found("row of the minimum equipment", code));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Registers a site, or changes the one of its code. Whether it is fit for servers counts for all
/// agencies, so that this is for those who look after all of them.
pub async fn put_site(records: &Records, caller: &Caller, site: Site) -> Result<Site, UseError> {
    let deed = Deed::new("site.put", site.code.as_str(), None).with(&site.name);
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let site = site.checked().map_err(UseError::invalid)?;
    let mut teller = Teller::new(records, caller)?;
    if !teller.pack.site_kinds.iter().any(|kind| kind.name == site.kind) {
        let kinds: Vec<&str> =
            teller.pack.site_kinds.iter().map(|kind| kind.name.as_str()).collect();
        return Err(UseError::Invalid(format!(
            "the kind of a site is one of {}",
            kinds.join(", ")
        )));
    }
    let assets = records.store.list_assets_in_use(&AgencyScope::All).await?;
    let mut tx = records.store.begin().await?;
    tx.put_site(&site).await?;
    let mut told = BTreeSet::new();
    for asset in assets.iter().filter(|kept| kept.asset.site.as_ref() == Some(&site.code)) {
        if told.insert(&asset.agency) {
            teller.servers(&mut tx, &asset.agency, &[]).await?;
        }
    }
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(site)
}
