//! The running centre itself: its rules, and what was refused.

use std::sync::Arc;

use khien_domain::audit::Outcome;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_store::{Refused, RefusedCursor};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::app::App;

/// Loads the rules anew. Answers how many are in force.
pub async fn reload_rules(app: &Arc<App>, caller: &Caller) -> Result<usize, UseError> {
    let deed = Deed::new("rules.reload", "", None);
    app.require(caller, Permission::Operate, &deed).await?;
    let loading = Arc::clone(app);
    let loaded = tokio::task::spawn_blocking(move || loading.reload_rules()).await;
    let loaded = loaded.map_err(|_| UseError::Fault("loading the rules ended early"))?;
    let (deed, outcome) = match &loaded {
        Ok(count) => (deed.with(format!("{count} rules")), Outcome::Done),
        Err(reason) => (deed.with(reason), Outcome::Failed),
    };
    app.audit(&app.entry(caller, &deed, outcome)).await?;
    loaded.map_err(UseError::Invalid)
}

/// Senders that were refused, by address.
pub async fn list_refused(
    app: &App,
    caller: &Caller,
    page: &PageRequest<RefusedCursor>,
) -> Result<Page<Refused, RefusedCursor>, UseError> {
    let deed = Deed::new("refused.list", "", None);
    app.require(caller, Permission::Operate, &deed).await?;
    Ok(app.store.list_refused(page).await?)
}
