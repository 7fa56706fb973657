//! Tokens of the API: who may use it, for what, in which agencies, until when.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::ids::{SourceId, TokenId};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::{Holder, NewToken, Token, TokenBytes, TokenKind, TokenText};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct WantedToken {
    /// What it is called.
    pub name: String,
    /// What it allows; nothing that the caller may not do.
    pub permissions: BTreeSet<Permission>,
    /// In which agencies.
    pub agencies: AgencyScope,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A token that was made, with its text, which is shown this once.
#[derive(Debug)]
pub struct MadeToken {
    /// The token.
    pub token: Token,
    /// Its text.
    pub text: TokenText,
}

/// Makes a token. `random` are bytes drawn from the operating system.
pub async fn add_token(
    records: &Records,
    caller: &Caller,
    wanted: WantedToken,
    random: &TokenBytes,
) -> Result<MadeToken, UseError> {
    let deed = Deed::new("token.add", &wanted.name, None);
    records.require(caller, Permission::Tokens, &deed).await?;
    for permission in &wanted.permissions {
        // Nobody gives what they do not have.
        records.scope(caller, *permission, &deed).await?;
    }
    let text = TokenText::new(TokenKind::Api, random);
    let WantedToken { name, permissions, agencies, expires_at } = wanted;
    let names: Vec<_> = permissions.iter().map(|permission| permission.name()).collect();
    let names = names.join(" ");
    let holder = Holder::Api { permissions, agencies };
    let created_at = records.now();
    let new = NewToken { hash: text.hash(), name, holder, created_at, expires_at };
    let new = new.checked().map_err(UseError::invalid)?;
    let mut tx = records.store.begin().await?;
    let id = tx.add_token(&new).await?;
    let deed = Deed { target: format!("token {id} {}", new.name), ..deed }.with(names);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    let NewToken { name, holder, created_at, expires_at, .. } = new;
    let token = Token { id, name, holder, created_at, expires_at, revoked_at: None };
    Ok(MadeToken { token, text })
}

/// All tokens, of one source if given, newest first.
pub async fn list_tokens(
    records: &Records,
    caller: &Caller,
    source: Option<SourceId>,
    page: &PageRequest,
) -> Result<Page<Token>, UseError> {
    let deed = Deed::new("token.list", "", None);
    records.require(caller, Permission::Tokens, &deed).await?;
    Ok(records.store.list_tokens(source, page).await?)
}

/// Revokes a token; within moments nobody is let in with it.
pub async fn revoke_token(records: &Records, caller: &Caller, id: TokenId) -> Result<(), UseError> {
    let deed = Deed::new("token.revoke", format!("token {id}"), None);
    records.require(caller, Permission::Tokens, &deed).await?;
    let mut tx = records.store.begin().await?;
    if !tx.revoke_token(id, records.now()).await? {
        return Err(UseError::not_found("token", id));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}
