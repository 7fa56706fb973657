//! Who is asking, and whether they may.
//!
//! In comes a token's text; out comes a source that may send, or an actor with permissions. The
//! rules are those of [`khien_domain::permission`]; here they meet the store.

use std::sync::Arc;

use khien_domain::audit::{NewEntry, Outcome};
use khien_domain::code::AgencyCode;
use khien_domain::permission::{Actor, AgencyScope, Denied, Identity, Permission};
use khien_domain::secrecy;
use khien_domain::token::{Holder, Invalid, TokenText, TokenTextError};
use khien_store::StoreError;

use crate::records::Records;
use crate::registry::Registered;
use crate::use_case::UseError;

/// What stands in the audit log in the place of a text that bears a mark of secrecy.
const MARKED: &str = "a text with a mark of secrecy";

/// Why a token does not let anyone in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// It is no token of ours, or a damaged one.
    #[error(transparent)]
    Text(#[from] TokenTextError),
    /// Nobody has it.
    #[error("the token is not known")]
    Unknown,
    /// It had its time, or was revoked.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It belongs to a source and opens no API, or the other way round.
    #[error("this is {0}")]
    Kind(&'static str),
    /// The source is switched off.
    #[error("the source is disabled")]
    Disabled,
    /// The store cannot be asked.
    #[error("the token cannot be looked up")]
    Store(#[from] StoreError),
}

/// Somebody who asks for something.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who, and what they may.
    pub actor: Actor,
    /// From where: an address, or the command line.
    pub origin: String,
}

impl Caller {
    /// Whoever holds the data folder in their hands, at the command line of the machine.
    pub fn at_the_machine(account: String) -> Self {
        Self {
            actor: Actor::local(Identity::Machine { account }),
            origin: "command line".to_owned(),
        }
    }

    /// The program itself.
    pub fn program() -> Self {
        Self { actor: Actor::local(Identity::Program), origin: String::new() }
    }
}

/// What somebody does, as the audit log tells it.
#[derive(Clone, Debug)]
pub struct Deed {
    /// What: `source.add`.
    pub action: &'static str,
    /// To what: `source 12`.
    pub target: String,
    /// Whose that is; `None` for what belongs to the whole installation.
    pub agency: Option<AgencyCode>,
    /// More about it.
    pub detail: String,
}

impl Deed {
    /// A deed that needs no more words.
    pub fn new(
        action: &'static str,
        target: impl Into<String>,
        agency: Option<AgencyCode>,
    ) -> Self {
        Self { action, target: target.into(), agency, detail: String::new() }
    }

    /// The same with more about it.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

impl Records {
    /// The source that a token stands for.
    pub async fn source_of_token(&self, text: &str) -> Result<Arc<Registered>, AccessError> {
        let token = self.token(text).await?;
        let Holder::Source(source) = token.holder else {
            return Err(AccessError::Kind("a token of the API; sources have tokens of their own"));
        };
        let source = if let Some(source) = self.registry().find(source) {
            source
        } else {
            // Registered a moment ago.
            self.registry().refresh(&self.store, self.now()).await?;
            self.registry().find(source).ok_or(AccessError::Unknown)?
        };
        let id = source.source.id;
        self.registry().active(id).ok_or(AccessError::Disabled)
    }

    /// Who acts with a token of the API.
    pub async fn actor_of_token(&self, text: &str) -> Result<Actor, AccessError> {
        let token = self.token(text).await?;
        if let Holder::Source(_) = token.holder {
            return Err(AccessError::Kind("a token of a source; it only sends events"));
        }
        Ok(token.actor(self.now(), AgencyScope::Only(std::collections::BTreeSet::new()))?)
    }

    async fn token(&self, text: &str) -> Result<khien_domain::token::Token, AccessError> {
        let hash = TokenText::parse(text)?.hash();
        let now = self.now();
        let token = self.registry().token(&self.store, &hash, now).await?;
        let token = token.ok_or(AccessError::Unknown)?;
        token.check(now)?;
        Ok(token)
    }

    /// Refuses a deed unless the caller may do it; a refusal stands in the audit log.
    pub async fn require(
        &self,
        caller: &Caller,
        permission: Permission,
        deed: &Deed,
    ) -> Result<(), UseError> {
        let allowed = match &deed.agency {
            Some(agency) => caller.actor.require(permission, agency),
            None => caller.actor.require_global(permission),
        };
        self.unless_denied(caller, deed, allowed).await
    }

    /// The agencies in which the caller may do something; a refusal stands in the audit log.
    pub async fn scope(
        &self,
        caller: &Caller,
        permission: Permission,
        deed: &Deed,
    ) -> Result<AgencyScope, UseError> {
        let scope = caller.actor.agencies(permission).cloned();
        self.unless_denied(caller, deed, scope).await
    }

    async fn unless_denied<T>(
        &self,
        caller: &Caller,
        deed: &Deed,
        allowed: Result<T, Denied>,
    ) -> Result<T, UseError> {
        match allowed {
            Ok(allowed) => Ok(allowed),
            Err(denied) => {
                let entry = self.entry(caller, deed, Outcome::Refused);
                // What was typed has not been looked at yet.
                let is_marked = secrecy::find(&deed.target, [], &deed.target).is_some();
                let target = if is_marked { MARKED.to_owned() } else { entry.target };
                self.audit(&NewEntry { target, detail: denied.to_string(), ..entry }).await?;
                Err(UseError::Denied(denied))
            }
        }
    }

    /// What the audit log says of a deed.
    pub fn entry(&self, caller: &Caller, deed: &Deed, outcome: Outcome) -> NewEntry {
        NewEntry {
            at: self.now(),
            who: caller.actor.identity.to_string(),
            action: deed.action.to_owned(),
            target: deed.target.clone(),
            agency: deed.agency.clone(),
            origin: caller.origin.clone(),
            outcome,
            detail: deed.detail.clone(),
        }
    }

    /// Writes into the audit log what stands alone: a refusal, a search.
    pub async fn audit(&self, entry: &NewEntry) -> Result<(), UseError> {
        let mut tx = self.store.begin().await?;
        tx.add_audit(std::slice::from_ref(entry)).await?;
        Ok(tx.commit().await?)
    }
}
