//! Search: what is asked stands in the address, so that every view can be sent to somebody else.
//!
//! `q` is the query, `span` a time that was just chosen, `from`
//! and `to` one that was typed, `was` the one chosen before, `col` each column, `after` the place
//! of the next page, `open` the event in the drawer.

pub(super) mod asked;
mod drawer;
pub(super) mod export;
mod facets;
pub(super) mod live;
pub(super) mod page;
pub(super) mod saved;
