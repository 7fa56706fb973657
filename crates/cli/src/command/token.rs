//! `khien token`

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use khien_app::use_case::tokens::{self, WantedToken};
use khien_domain::code::AgencyCode;
use khien_domain::ids::{SourceId, TokenId};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::{Holder, Token};
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, tell, token_bytes};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a token of the API; it is shown this once
    Add(Add),
    /// List the tokens, of the API and of sources
    List(List),
    /// Revoke a token: nobody is let in with it any more
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    place: Place,
    /// What it is called
    #[arg(long)]
    name: String,
    /// What it allows
    #[arg(long = "permission", required = true, value_name = "PERMISSION", value_parser = permission)]
    permissions: Vec<Permission>,
    /// In which agencies; in all if none is given
    #[arg(long = "agency", value_name = "CODE")]
    agencies: Vec<String>,
    /// Days for which it is taken
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..))]
    days: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Only the tokens of this source
    #[arg(long, value_name = "ID")]
    source: Option<i64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    place: Place,
    /// The number of the token
    id: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn permission(text: &str) -> Result<Permission, String> {
    let grantable = || Permission::ALL.into_iter().filter(|one| one.is_grantable());
    grantable().find(|permission| permission.name() == text).ok_or_else(|| {
        let names: Vec<&str> = grantable().map(Permission::name).collect();
        format!("a permission is one of {}", names.join(", "))
    })
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Add(arguments) => block_on(add(arguments)),
        Command::List(arguments) => block_on(list(arguments)),
        Command::Revoke(arguments) => block_on(revoke(arguments)),
    }
}

/// A token as scripts read it.
fn object(token: &Token) -> Value {
    let (source, permissions, agencies) = match &token.holder {
        Holder::Source(source) => (Some(source.0), vec![Permission::Ingest.name()], None),
        Holder::Api { permissions, agencies } => {
            let names = permissions.iter().map(|permission| permission.name()).collect();
            let agencies = match agencies {
                AgencyScope::All => None,
                AgencyScope::Only(codes) => Some(codes.iter().map(AgencyCode::as_str).collect()),
            };
            (None, names, agencies)
        }
    };
    let agencies: Option<Vec<&str>> = agencies;
    json!({
        "id": token.id.0,
        "name": token.name,
        "source": source,
        "permissions": permissions,
        "agencies": agencies,
        "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.to_string(),
        "revoked_at": token.revoked_at.map(|at| at.to_string()),
    })
}

async fn add(arguments: Add) -> Result<ExitCode> {
    let codes = arguments.agencies.iter();
    let codes = codes
        .map(|code| AgencyCode::new(code).with_context(|| format!("the agency {code:?}")))
        .collect::<Result<BTreeSet<_>>>()?;
    let agencies = if codes.is_empty() { AgencyScope::All } else { AgencyScope::Only(codes) };
    let records = arguments.place.records().await?;
    let life = SignedDuration::from_hours(24 * i64::from(arguments.days));
    let wanted = WantedToken {
        name: arguments.name,
        permissions: arguments.permissions.into_iter().collect(),
        agencies,
        expires_at: records.now().checked_add(life).context("the days are too many")?,
    };
    let made = tokens::add_token(&records, &caller(), wanted, &token_bytes()?).await?;
    let text = made.text.reveal();
    let mut told = object(&made.token);
    told["token"] = json!(text);
    let words = format!(
        "token {} ({})\n{text}\nkeep it: it is not shown again, and ends {}",
        made.token.id,
        made.token.name,
        made.token.expires_at.strftime("%d/%m/%Y"),
    );
    tell(arguments.json, &told, &words)
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let now = records.now();
    let (mut told, mut words) = (Vec::new(), Vec::new());
    let mut page = PageRequest::first();
    loop {
        let source = arguments.source.map(SourceId);
        let found = tokens::list_tokens(&records, &caller(), source, &page).await?;
        for token in &found.items {
            told.push(object(token));
            let standing = match token.check(now) {
                Ok(()) => "valid",
                Err(_) if token.revoked_at.is_some() => "revoked",
                Err(_) => "expired",
            };
            let holder = match &token.holder {
                Holder::Source(source) => format!("source {source}"),
                Holder::Api { .. } => "api".to_owned(),
            };
            let (id, ends) = (token.id.0, token.expires_at.strftime("%d/%m/%Y"));
            words.push(format!("{id:>6} {holder:<12} {standing:<8} {ends} {}", token.name));
        }
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    tell(arguments.json, &json!(told), &words.join("\n"))
}

async fn revoke(arguments: Revoke) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    tokens::revoke_token(&records, &caller(), TokenId(arguments.id)).await?;
    let words = format!("token {} is revoked", arguments.id);
    tell(arguments.json, &json!({"id": arguments.id, "revoked": true}), &words)
}
