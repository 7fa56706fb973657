//! Reading the audit log.

use khien_domain::audit::Entry;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
pub use khien_store::AuditFilter;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// The entries that the caller may see, newest first.
pub async fn list_audit(
    records: &Records,
    caller: &Caller,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<Entry>, UseError> {
    let deed = Deed::new("audit.list", "", None);
    let scope = records.scope(caller, Permission::AuditRead, &deed).await?;
    Ok(records.store.list_audit(&scope, filter, page).await?)
}
