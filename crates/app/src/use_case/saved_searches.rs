//! Saved searches: kept, listed, deleted.

use khien_domain::audit::Outcome;
use khien_domain::ids::SavedSearchId;
use khien_domain::limits::SAVED_SEARCHES;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_domain::saved_search::{NewSavedSearch, SavedSearch};
use khien_lake::query;

use super::UseError;
use super::search::only_agency;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A search to be saved, as somebody asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How it is called.
    pub name: String,
    /// The query.
    pub query: String,
    /// The time that is searched, as the page writes it.
    pub span: String,
    /// The columns that are shown.
    pub columns: Vec<String>,
    /// Whether others see it.
    pub is_shared: bool,
}

/// Saves a search for the caller.
pub async fn add_saved_search(
    records: &Records,
    caller: &Caller,
    wanted: Wanted,
) -> Result<SavedSearch, UseError> {
    let deed = Deed::new("search.save", wanted.name.clone(), None);
    let agencies = records.scope(caller, Permission::EventsRead, &deed).await?;
    let owner = caller.actor.identity.to_string();
    let Wanted { name, query, span, columns, is_shared } = wanted;
    let created_at = records.now();
    let new = NewSavedSearch { name, query, span, columns, owner, is_shared, agencies, created_at };
    let new = new.checked().map_err(UseError::invalid)?;
    query::parse(&new.query).map_err(UseError::Query)?;
    if records.store.count_saved_searches(&new.owner).await? >= SAVED_SEARCHES {
        let message = format!("{SAVED_SEARCHES} searches are saved already; delete one first");
        return Err(UseError::Conflict(message));
    }
    let agency = only_agency(caller, Permission::EventsRead);
    let deed = Deed { target: new.name.clone(), agency, ..deed }.with(&new.query);
    let mut tx = records.store.begin().await?;
    let taken = || format!("you have a search «{}» already; choose another name", new.name);
    let added = tx.add_saved_search(&new).await;
    let id = added.map_err(|error| UseError::taken(error, taken))?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(SavedSearch { id, saved: new })
}

/// The caller's searches and those shared with them, newest first.
pub async fn list_saved_searches(
    records: &Records,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<SavedSearch>, UseError> {
    let deed = Deed::new("search.list_saved", "", None);
    let scope = records.scope(caller, Permission::EventsRead, &deed).await?;
    let owner = caller.actor.identity.to_string();
    Ok(records.store.list_saved_searches(&scope, &owner, page).await?)
}

/// Deletes a search of the caller's.
pub async fn delete_saved_search(
    records: &Records,
    caller: &Caller,
    id: SavedSearchId,
) -> Result<(), UseError> {
    let deed = Deed::new("search.delete_saved", format!("saved search {id}"), None);
    let scope = records.scope(caller, Permission::EventsRead, &deed).await?;
    let owner = caller.actor.identity.to_string();
    let found = records.store.find_saved_search(&scope, &owner, id).await?;
    let found = found.ok_or_else(|| UseError::not_found("saved search", id))?;
    if found.saved.owner != owner {
        let message = format!("«{}» belongs to {}", found.saved.name, found.saved.owner);
        return Err(UseError::Conflict(message));
    }
    let agency = only_agency(caller, Permission::EventsRead);
    let deed = Deed { agency, ..deed }.with(&found.saved.name);
    let mut tx = records.store.begin().await?;
    tx.delete_saved_search(&owner, id).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}
