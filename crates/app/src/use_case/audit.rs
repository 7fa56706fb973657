//! Reading the audit log.

use khien_domain::audit::Entry;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_store::AuditFilter;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::app::App;

/// The entries that the caller may see, newest first.
pub async fn list_audit(
    app: &App,
    caller: &Caller,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<Entry>, UseError> {
    let deed = Deed::new("audit.list", "", None);
    let scope = app.scope(caller, Permission::AuditRead, &deed).await?;
    Ok(app.store.list_audit(&scope, filter, page).await?)
}
