//! `/api/v1/tokens`

pub(super) mod add;
pub(super) mod list;
pub(super) mod revoke;

use khien_domain::permission::AgencyScope;
use khien_domain::token::{Holder, Token};
use serde::Serialize;

/// A token without its text.
#[derive(Serialize)]
pub(super) struct TokenJson {
    id: i64,
    name: String,
    /// The source that it belongs to; nothing for a token of the API.
    source: Option<i64>,
    permissions: Vec<&'static str>,
    /// In which agencies; nothing means all.
    agencies: Option<Vec<String>>,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
}

impl From<Token> for TokenJson {
    fn from(token: Token) -> Self {
        let (source, permissions, agencies) = match token.holder {
            Holder::Source(source) => (Some(source.0), vec!["ingest"], None),
            Holder::Api { permissions, agencies } => {
                let names = permissions.iter().map(|permission| permission.name()).collect();
                (None, names, codes(agencies))
            }
        };
        Self {
            id: token.id.0,
            name: token.name,
            source,
            permissions,
            agencies,
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
        }
    }
}

fn codes(scope: AgencyScope) -> Option<Vec<String>> {
    match scope {
        AgencyScope::All => None,
        AgencyScope::Only(agencies) => Some(agencies.iter().map(ToString::to_string).collect()),
    }
}
