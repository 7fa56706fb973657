//! `GET /api/v1/controls`: the catalogues of controls, newest versions first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::controls;
use khien_domain::evidence::content::moment;
use serde::Serialize;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::page::List;

/// A catalogue.
#[derive(Serialize)]
pub(in crate::api) struct CatalogueJson {
    catalogue: String,
    title_vi: String,
    title_en: String,
    source: String,
    note: String,
    controls: usize,
    /// Whether it is the newest version of its name.
    current: bool,
    added_by: String,
    added_at: String,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<Json<List<CatalogueJson>>, ApiError> {
    let all = controls::list_catalogues(&api.app, &caller).await?;
    let items = all.into_iter().map(|one| CatalogueJson {
        catalogue: one.catalogue.key.to_string(),
        controls: one.catalogue.controls.len(),
        title_vi: one.catalogue.vi,
        title_en: one.catalogue.en,
        source: one.catalogue.source,
        note: one.catalogue.note,
        current: one.is_current,
        added_by: one.added_by,
        added_at: moment(one.added_at),
    });
    Ok(Json(List::new(items.collect(), None)))
}
