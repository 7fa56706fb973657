//! Pages of lists: `limit`, `after`, and the `next` that the page before told.

use khien_domain::limits::PAGE;
use khien_domain::page::{Page, PageRequest};
use serde::Serialize;

use super::error::ApiError;

/// Records of a page if nobody says how many.
const USUAL: u32 = 100;

/// A page as it is answered.
#[derive(Serialize)]
pub(super) struct List<T> {
    items: Vec<T>,
    /// What to ask for as `after` to go on; nothing at the end.
    next: Option<String>,
}

/// How many records are wanted, from 1 to `most`.
pub(super) fn limit(limit: Option<u32>, usual: u32, most: u32) -> Result<u32, ApiError> {
    let limit = limit.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(ApiError::invalid(format!("limit is a number from 1 to {most}")))
    }
}

/// Where a page goes on, if it does.
pub(super) fn after<C>(
    after: Option<&str>,
    read: impl FnOnce(&str) -> Option<C>,
) -> Result<Option<C>, ApiError> {
    let unknown = || ApiError::invalid("after is not what a page before told as next");
    after.map(|text| read(text).ok_or_else(unknown)).transpose()
}

/// The page that is wanted, where it goes on as `read` says.
pub(super) fn wanted<C>(
    asked_limit: Option<u32>,
    asked_after: Option<&str>,
    read: impl FnOnce(&str) -> Option<C>,
) -> Result<PageRequest<C>, ApiError> {
    Ok(PageRequest::new(after(asked_after, read)?, limit(asked_limit, USUAL, PAGE)?))
}

/// The number of a record, as a cursor.
pub(super) fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

impl<T> List<T> {
    /// A list of its own.
    pub(super) fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }

    /// A page with its records in the API's shape and its cursor as text.
    pub(super) fn of<U, C>(
        page: Page<U, C>,
        shape: impl FnMut(U) -> T,
        cursor: impl FnOnce(C) -> String,
    ) -> Self {
        Self { items: page.items.into_iter().map(shape).collect(), next: page.next.map(cursor) }
    }

    /// The same for pages that go on by number.
    pub(super) fn numbered<U>(page: Page<U>, shape: impl FnMut(U) -> T) -> Self {
        Self::of(page, shape, |next| next.to_string())
    }
}
