//! Saved searches: `POST /search/save`, `POST /search/saved/{id}/delete`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::saved_searches::{self, Wanted};
use khien_domain::ids::SavedSearchId;

use super::asked::Search;
use crate::console::Console;
use crate::console::asked::address;
use crate::console::error::PageError;
use crate::console::look::local;
use crate::console::posted::{Fields, Posted};

/// Saves the search that the form bears.
pub(in crate::console) async fn save(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let now = console.app.now();
    let search = Search::of(&fields, now, now);
    let span = match search.span {
        Some(span) => span.to_owned(),
        None => format!("{}..{}", search.from, search.to),
    };
    let wanted = Wanted {
        name: fields.text("name").to_owned(),
        query: search.query,
        span,
        columns: search.columns,
        is_shared: fields.text("shared") == "1",
    };
    saved_searches::add_saved_search(&console.app, &visiting.caller, wanted).await?;
    let here: Vec<(&str, &str)> = fields
        .pairs()
        .filter(|(name, _)| ["q", "span", "was", "from", "to", "col"].contains(name))
        .chain([("done", "search-saved")])
        .collect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(here);
    Ok(Redirect::to(&format!("/search?{}", query.finish())).into_response())
}

/// Deletes one.
pub(in crate::console) async fn delete(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    saved_searches::delete_saved_search(&console.app, &visiting.caller, SavedSearchId(id)).await?;
    let (path, query) = local(fields.text("back")).split_once('?').unwrap_or(("/search", ""));
    let back = Fields::parse(query.as_bytes());
    let mark = [("done", "search-deleted")];
    Ok(Redirect::to(&address(path, &back, &mark)).into_response())
}
