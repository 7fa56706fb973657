//! `POST /api/v1/evidence`: hands in what a scanner, a backup program or another measured.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::evidence::{self, Handed};
use khien_domain::evidence::content::moment as text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, distinct, moment, system};

/// What is handed in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct New {
    r#type: String,
    agency: String,
    system: Option<String>,
    subject: Option<String>,
    /// Which report or job says so.
    #[serde(default)]
    r#ref: String,
    #[serde(deserialize_with = "distinct")]
    content: Value,
    at: String,
    until: Option<String>,
    corrects: Option<u64>,
}

/// What became of it.
#[derive(Serialize)]
pub(in crate::api) struct Taken {
    seq: u64,
    content_hash: String,
    recorded: String,
    /// Whether it had been handed in before.
    again: bool,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Taken>), ApiError> {
    let handed = Handed {
        kind: new.r#type,
        agency: agency(&new.agency)?,
        system: new.system.as_deref().map(system).transpose()?,
        subject: new.subject,
        reference: new.r#ref,
        content: new.content,
        at: moment("at", &new.at)?,
        until: new.until.map(|until| moment("until", &until)).transpose()?,
        corrects: new.corrects,
    };
    let taken = evidence::hand_in(&api.app, &caller, handed).await?;
    let status = if taken.again { StatusCode::OK } else { StatusCode::CREATED };
    let about = taken.about;
    let told = Taken {
        seq: about.seq,
        content_hash: about.content_hash,
        recorded: text(about.recorded),
        again: taken.again,
    };
    Ok((status, Json(told)))
}
