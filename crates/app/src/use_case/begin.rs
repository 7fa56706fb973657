//! The first steps of a centre: the token of the first administrator, and the one by which the
//! command line of the machine speaks with the running centre.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::ids::TokenId;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::{Holder, NewToken, TokenBytes, TokenKind, TokenText};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// The first administrator's token lives as long as this.
const FIRST: SignedDuration = SignedDuration::from_hours(24 * 365);
/// The token of the command line ends with the centre, and at the latest after this.
const COMMAND_LINE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// A token that was made.
#[derive(Debug)]
pub struct Made {
    /// Its number.
    pub id: TokenId,
    /// Its text, shown this once.
    pub token: TokenText,
    /// From when on it is no longer taken.
    pub expires_at: Timestamp,
}

/// Makes the token of the first administrator: everything but sending events, in all agencies.
pub async fn first_token(
    records: &Records,
    caller: &Caller,
    random: &TokenBytes,
) -> Result<Made, UseError> {
    full_token(records, caller, random, "first administrator", FIRST).await
}

/// Makes the token by which the command line of the machine speaks with the running centre.
pub async fn command_line_token(records: &Records, random: &TokenBytes) -> Result<Made, UseError> {
    let caller = Caller::program();
    full_token(records, &caller, random, "command line of the machine", COMMAND_LINE).await
}

async fn full_token(
    records: &Records,
    caller: &Caller,
    random: &TokenBytes,
    name: &str,
    life: SignedDuration,
) -> Result<Made, UseError> {
    let deed = Deed::new("token.add", name, None);
    records.require(caller, Permission::Tokens, &deed).await?;
    let permissions: BTreeSet<Permission> =
        Permission::ALL.into_iter().filter(|one| one.is_grantable()).collect();
    let token = TokenText::new(TokenKind::Api, random);
    let now = records.now();
    let expires_at = now.checked_add(life).unwrap_or(now);
    let new = NewToken {
        hash: token.hash(),
        name: name.to_owned(),
        holder: Holder::Api { permissions, agencies: AgencyScope::All },
        created_at: now,
        expires_at,
    };
    let new = new.checked().map_err(UseError::invalid)?;
    let mut tx = records.store.begin().await?;
    let id = tx.add_token(&new).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Made { id, token, expires_at })
}

/// Ends a token that [`command_line_token`] made.
pub async fn end_token(records: &Records, id: TokenId) -> Result<(), UseError> {
    let deed = Deed::new("token.revoke", id.to_string(), None);
    let mut tx = records.store.begin().await?;
    tx.revoke_token(id, records.now()).await?;
    tx.add_audit(&[records.entry(&Caller::program(), &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}
