//! What ends in the register and has to be paid for again: of systems that are not retired, and of agencies.

use std::collections::BTreeSet;

use khien_domain::budget::End;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::Stage;

use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::register::across::systems_of;

/// What the caller may see of what ends on some day, by day.
pub async fn register_ends(records: &Records, caller: &Caller) -> Result<Vec<End>, UseError> {
    let deed = Deed::new("budget.read", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    of_scope(records, &scope).await
}

/// The same of a scope.
pub(in crate::use_case) async fn of_scope(
    records: &Records,
    scope: &AgencyScope,
) -> Result<Vec<End>, UseError> {
    let systems = systems_of(records, scope).await?;
    let is_used = |code| systems.get(code).is_none_or(|system| system.stage != Stage::Retired);
    let providers = records.store.list_providers(scope, None).await?;
    let providers = providers.iter().filter(|kept| is_used(&kept.provider.system));
    let products = records.store.list_products_in_use(scope).await?;
    let resources = records.store.list_resources(scope).await?;
    let resources = resources.iter().map(|kept| &kept.resource);
    let resources = resources.filter(|one| one.system.as_ref().is_none_or(is_used));
    let ends = providers.map(End::of_contract);
    let ends = ends.chain(products.iter().filter_map(End::of_product));
    // A product of two systems whose support ends on the same day is one thing to renew for each of them.
    let ends: BTreeSet<End> = ends.chain(resources.filter_map(End::of_resource)).collect();
    Ok(ends.into_iter().collect())
}
