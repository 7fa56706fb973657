//! `POST /api/v1/quarantine/again`: reads records again, after a reader was mended.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::quarantine::{self, Again};
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, event, one_of};

/// Which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Records {
    ids: Vec<String>,
}

/// What became of one.
#[derive(Serialize)]
struct Became {
    id: String,
    /// `taken`: its bytes were taken in anew; what still cannot be read is listed again.
    result: &'static str,
}

/// What became of them.
#[derive(Serialize)]
pub(in crate::api) struct Results {
    count: usize,
    results: Vec<Became>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(records): Body<Records>,
) -> Result<Json<Results>, ApiError> {
    let ids = records.ids.iter().map(|id| one_of("a record", id, event));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let became = quarantine::read_again(&api.app, &caller, &ids).await?;
    let count = became.iter().filter(|one| **one == Again::Taken).count();
    let results = records.ids.into_iter().zip(became).map(|(id, became)| {
        let result = match became {
            Again::Taken => "taken",
            Again::NotFound => "not_found",
            Again::NoSource => "no_source",
            Again::Later => "later",
        };
        Became { id, result }
    });
    Ok(Json(Results { count, results: results.collect() }))
}
