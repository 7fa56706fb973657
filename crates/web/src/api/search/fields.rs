//! `GET /api/v1/search/fields`: the columns that queries and answers know, with their OCSF paths.
//! Original fields are known by their own names.

use axum::Json;
use khien_lake::Column;
use serde::Serialize;

use crate::api::asking::Asking;

/// A column.
#[derive(Serialize)]
struct Field {
    name: &'static str,
    /// Attributes of OCSF that mean it.
    paths: &'static [&'static str],
}

/// All columns.
#[derive(Serialize)]
pub(in crate::api) struct Fields {
    fields: Vec<Field>,
}

/// Answers. Nothing here is anybody's: a token is enough.
pub(in crate::api) async fn handle(_: Asking) -> Json<Fields> {
    let fields = Column::all().map(|column| Field { name: column.name(), paths: column.paths() });
    Json(Fields { fields: fields.collect() })
}
