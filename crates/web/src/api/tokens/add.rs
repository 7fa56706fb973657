//! `POST /api/v1/tokens`: makes a token of the API. Its text is shown in this answer and never
//! again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use khien_app::use_case::tokens::{self, WantedToken};
use khien_domain::permission::{AgencyScope, Permission};
use serde::{Deserialize, Serialize};

use super::TokenJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, moment, one_of};

/// A token lives so long if nobody says otherwise.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewToken {
    name: String,
    permissions: Vec<String>,
    /// In which agencies; nothing means all.
    agencies: Option<Vec<String>>,
    expires_at: Option<String>,
}

/// A token and its text.
#[derive(Serialize)]
pub(in crate::api) struct Made {
    #[serde(flatten)]
    about: TokenJson,
    token: String,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let names = new.permissions.iter();
    let permissions = names.map(|name| one_of("a permission", name, Permission::parse));
    let agencies = match new.agencies {
        None => AgencyScope::All,
        Some(codes) => {
            AgencyScope::Only(codes.iter().map(|code| agency(code)).collect::<Result<_, _>>()?)
        }
    };
    let expires_at = match new.expires_at {
        Some(text) => moment("expires_at", &text)?,
        None => api.app.now().checked_add(LIFE).map_err(|_| ApiError::fault())?,
    };
    let permissions = permissions.collect::<Result<_, _>>()?;
    let wanted = WantedToken { name: new.name, permissions, agencies, expires_at };
    let made = tokens::add_token(&api.app, &caller, wanted, &api.token_bytes()?).await?;
    let token = made.text.reveal().to_owned();
    Ok((StatusCode::CREATED, Json(Made { about: made.token.into(), token })))
}
