//! Products and providers of all systems side by side: what has ended, who uses the same, and which
//! systems have no way on without a provider.
//!
//! Whoever asks sees the systems of their agencies alone; the last day of a certificate is compared with
//! what the whole register says of its number, for a certificate is one thing wherever it is named.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::ids::{ProductId, ProviderId};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::product::{Certificates, Group, Marked, Product, groups, marked};
use khien_domain::provider::{Contract, Exit, Supplier, suppliers};
use khien_domain::system::System;

use super::evidence::{day_of, pack};
use super::systems::system_to_change;
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;

/// Today in the province, and the last day on which what ends is told before.
pub fn days(records: &Records) -> Result<(Date, Date), UseError> {
    let today = day_of(records.now());
    Ok((today, today.saturating_add(Span::new().days(pack()?.warning_days))))
}

/// The products of the systems that the caller may see and that are not retired, grouped, what has expired first.
pub async fn products(records: &Records, caller: &Caller) -> Result<Vec<Group>, UseError> {
    Ok(groups(products_of(records, caller, None).await?))
}

/// The products of the systems that the caller may see and that are not retired, or of one system if given,
/// with what is to be said of them.
pub async fn products_of(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<Marked>, UseError> {
    let deed = Deed::new("product.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let found = match system {
        Some(_) => records.store.list_products(&scope, system).await?,
        None => records.store.list_products_in_use(&scope).await?,
    };
    let certificates = Certificates::of(records.store.certificate_days().await?);
    let (today, soon) = days(records)?;
    Ok(marked(found, &certificates, today, soon))
}

/// The providers of the systems that the caller may see, by name, those whose contract has ended
/// first.
pub async fn providers(records: &Records, caller: &Caller) -> Result<Vec<Supplier>, UseError> {
    let deed = Deed::new("provider.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let found = records.store.list_providers(&scope, None).await?;
    let (systems, needs) = (systems_of(records, &scope).await?, records.store.needs().await?);
    let contracts = found.into_iter().filter_map(|kept| {
        let system = systems.get(&kept.provider.system)?;
        let dependents = needs.dependents(&system.code).len();
        Some(Contract { level: system.level, name: system.name.clone(), dependents, kept })
    });
    Ok(suppliers(contracts.collect()))
}

/// The systems of a scope by code.
pub(in crate::use_case) async fn systems_of(
    records: &Records,
    scope: &AgencyScope,
) -> Result<BTreeMap<SystemCode, System>, UseError> {
    let mut found = BTreeMap::new();
    let mut page = PageRequest::first();
    loop {
        let part = records.store.list_systems(scope, &page).await?;
        found.extend(part.items.into_iter().map(|system| (system.code.clone(), system)));
        let Some(next) = part.next else { return Ok(found) };
        page.after = Some(next);
    }
}

/// Says how the agency of a system goes on without a provider.
pub async fn plan_exit(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: ProviderId,
    exit: Exit,
) -> Result<(), UseError> {
    let (_, deed) = system_to_change(records, caller, system, "provider.exit").await?;
    let exit = exit.checked(day_of(records.now())).map_err(UseError::invalid)?;
    let planned = if exit.plan.is_some() { "planned" } else { "not planned" };
    let deed = deed.with(format!("provider {id}: {planned}, escrow {}", exit.escrow.name()));
    let mut tx = records.store.begin().await?;
    if !tx.set_exit(system, id, &exit).await? {
        return Err(UseError::not_found("provider", id));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Says which post keeps the keys of a product, and what its certificate was given for.
pub async fn set_custodian(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: ProductId,
    custodian: Option<String>,
    scope: Option<String>,
) -> Result<(), UseError> {
    let (_, deed) = system_to_change(records, caller, system, "product.custodian").await?;
    let mut tx = records.store.begin().await?;
    let Some(kept) = tx.find_product(system, id).await? else {
        return Err(UseError::not_found("product", id));
    };
    let product = Product { custodian, scope, ..kept.product };
    let product = product.checked().map_err(UseError::invalid)?;
    tx.set_custodian(system, id, &product).await?;
    let deed = deed.with(format!("product {id}"));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}
