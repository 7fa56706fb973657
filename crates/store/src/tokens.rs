//! Tokens, known by the hash of their text.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::ids::{SourceId, TokenId};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::{Holder, NewToken, Token, TokenHash};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, name, source_id, permissions, agencies, created_at, expires_at,
        revoked_at
    FROM token WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Token, StoreError> {
    Ok(Token {
        id: TokenId(row.int()?),
        name: row.string()?,
        holder: {
            let source = row.optional_int()?;
            let permissions = row.parsed(|text| {
                text.split_whitespace().map(Permission::parse).collect::<Option<BTreeSet<_>>>()
            })?;
            let agencies = row.optional_parsed(scope_of)?.unwrap_or(AgencyScope::All);
            match source {
                Some(source) => Holder::Source(SourceId(source)),
                None => Holder::Api { permissions, agencies },
            }
        },
        created_at: row.time()?,
        expires_at: row.time()?,
        revoked_at: row.optional_time()?,
    })
}

/// The scope of a column: codes between blanks. Null means all agencies.
pub(crate) fn scope_of(text: &str) -> Option<AgencyScope> {
    let codes = text.split_whitespace().map(|code| AgencyCode::new(code).ok());
    codes.collect::<Option<_>>().map(AgencyScope::Only)
}

/// The column of a scope.
pub(crate) fn scope_text(scope: &AgencyScope) -> Option<String> {
    match scope {
        AgencyScope::All => None,
        AgencyScope::Only(agencies) => {
            Some(agencies.iter().map(AgencyCode::as_str).collect::<Vec<_>>().join(" "))
        }
    }
}

impl Store {
    /// The token of a hash, expired and revoked ones too: the caller [checks](Token::check).
    pub async fn find_token(&self, hash: &TokenHash) -> Result<Option<Token>, StoreError> {
        let sql = Sql::new("reading a token", SELECT).text(" AND hash = ").bind(hash.0.as_slice());
        self.one(sql, read).await
    }

    /// All tokens, of one source if given, newest first. Tokens belong to the installation, so that
    /// there is no scope: the caller needs [`Permission::Tokens`], which is global.
    pub async fn list_tokens(
        &self,
        source: Option<SourceId>,
        page: &PageRequest,
    ) -> Result<Page<Token>, StoreError> {
        let sql = Sql::new("listing tokens", SELECT)
            .and(" AND source_id = ", source.map(|source| source.0))
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        self.page(sql, page, read, |token| token.id.0).await
    }
}

impl Tx {
    /// Keeps a token.
    pub async fn add_token(&mut self, token: &NewToken) -> Result<TokenId, StoreError> {
        let (source, permissions, agencies) = match &token.holder {
            Holder::Source(source) => (Some(source.0), String::new(), None),
            Holder::Api { permissions, agencies } => {
                let names: Vec<_> =
                    permissions.iter().map(|permission| permission.name()).collect();
                (None, names.join(" "), scope_text(agencies))
            }
        };
        let sql = Sql::new(
            "adding a token",
            "INSERT INTO token (hash, name, source_id, permissions, agencies, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        )
        .value(token.hash.0.as_slice())
        .value(&token.name)
        .value(source)
        .value(permissions)
        .value(agencies)
        .value(token.created_at)
        .value(token.expires_at);
        Ok(TokenId(self.insert(sql).await?))
    }

    /// Revokes a token from now on. Answers whether it was there and not revoked yet.
    pub async fn revoke_token(&mut self, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "revoking a token",
            "UPDATE token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
        );
        Ok(self.execute(sql.value(now).value(id.0)).await? > 0)
    }

    /// Lets all tokens of a source end at a moment, those that end sooner excepted: the end of the
    /// overlap of a rotation. Answers how many it concerns.
    pub async fn end_source_tokens(
        &mut self,
        source: SourceId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "ending tokens of a source",
            "UPDATE token SET expires_at = $1 WHERE source_id = $2 AND expires_at > $1",
        );
        self.execute(sql.value(at).value(source.0)).await
    }
}
