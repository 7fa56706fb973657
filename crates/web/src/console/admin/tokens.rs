//! `/admin/tokens`: tokens of the API: who may use it, for what, until when.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::SignedDuration;
use khien_app::use_case::UseError;
use khien_app::use_case::tokens::{self, MadeToken, WantedToken};
use khien_domain::ids::TokenId;
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_domain::token::{Holder, Token};

use super::{agencies, codes};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// How long a token lives if nobody says otherwise, in days.
const DAYS: i64 = 90;
/// Tokens at most.
const MOST: usize = 5000;

/// The page.
#[derive(Template)]
#[template(path = "console/admin/tokens.html")]
struct Page {
    f: Frame,
    tokens: Vec<Token>,
    permissions: Vec<(&'static str, bool)>,
    agencies: Vec<(String, String)>,
    name: String,
    days: i64,
    made: Option<String>,
    wrong: Option<String>,
}

impl Page {
    fn allows(&self, token: &Token) -> String {
        allows(token)
    }

    fn is_good(&self, token: &Token) -> bool {
        token.revoked_at.is_none() && token.expires_at > self.f.now
    }
}

fn allows(token: &Token) -> String {
    match &token.holder {
        Holder::Source(id) => format!("source {id}"),
        Holder::Api { permissions, agencies } => {
            let names: Vec<&str> = permissions.iter().map(|one| one.name()).collect();
            let codes = codes(agencies).map(|codes| format!(" · {codes}")).unwrap_or_default();
            format!("{}{codes}", names.join(" "))
        }
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: &Fields,
    made: Option<MadeToken>,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let tokens = all(console, visiting).await?;
    let f = Frame::of(console, visiting, Room::Admin).await?;
    let actor = &visiting.caller.actor;
    let may = |one: &Permission| one.is_grantable() && actor.agencies(*one).is_ok();
    let chosen = |name: &str| fields.all("permission").any(|chosen| chosen == name);
    let permissions = Permission::ALL.into_iter().filter(may);
    let permissions = permissions.map(|one| (one.name(), chosen(one.name()))).collect();
    let agencies = register::agencies(console, visiting).await?.into_iter();
    let page = Page {
        permissions,
        agencies: agencies
            .map(|agency| (agency.code.to_string(), register::name(&f, &agency)))
            .collect(),
        name: fields.text("name").to_owned(),
        days: fields.text("days").parse().unwrap_or(DAYS),
        made: made.map(|made| made.text.reveal().to_owned()),
        wrong: wrong.map(|wrong| f.told(wrong)),
        tokens,
        f,
    };
    let mut response = frame::page(&page)?;
    if wrong.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

async fn all(console: &Console, visiting: &Visiting) -> Result<Vec<Token>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = tokens::list_tokens(&console.app, &visiting.caller, None, &page).await?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => return Ok(all),
        }
    }
}

/// `GET /admin/tokens`
pub(in crate::console) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if asked.some("form").is_some() {
        let tokens = all(&console, &visiting).await?;
        let f = Frame::of(&console, &visiting, Room::Admin).await?;
        return Ok(table(&f, &tokens).answer(&f, &asked));
    }
    draw(&console, &visiting, &Fields::default(), None, None).await
}

/// `POST /admin/tokens`: makes one and shows it.
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let days: i64 = fields.parsed("days", |text| text.trim().parse().ok())?;
    let life = SignedDuration::from_hours(24 * days.clamp(0, 100_000));
    let now = console.app.now();
    let wanted = WantedToken {
        name: fields.text("name").to_owned(),
        permissions: fields.all("permission").filter_map(Permission::parse).collect(),
        agencies: agencies(&fields),
        expires_at: now.checked_add(life).unwrap_or(now),
    };
    let random = (console.random)().map_err(|_| PageError::fault())?;
    match tokens::add_token(&console.app, &visiting.caller, wanted, &random).await {
        Ok(made) => draw(&console, &visiting, &Fields::default(), Some(made), None).await,
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, &fields, None, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/tokens/{id}/revoke`
pub(in crate::console) async fn revoke(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    tokens::revoke_token(&console.app, &visiting.caller, TokenId(id)).await?;
    Ok(Redirect::to("/admin/tokens?done=token-revoked").into_response())
}

fn table(f: &Frame, tokens: &[Token]) -> Table {
    let rows = tokens.iter().map(|token| {
        vec![
            token.id.to_string(),
            token.name.clone(),
            allows(token),
            f.iso(&token.created_at),
            f.iso(&token.expires_at),
            token.revoked_at.as_ref().map_or_else(String::new, |at| f.iso(at)),
        ]
    });
    Table {
        name: "tokens",
        columns: vec![
            ("id", f.t("sources-number")),
            ("name", f.t("register-name")),
            ("allows", f.t("admin-allows")),
            ("created_at", f.t("admin-made")),
            ("expires_at", f.t("admin-until")),
            ("revoked_at", f.t("admin-revoked-at")),
        ],
        rows: rows.collect(),
    }
}
