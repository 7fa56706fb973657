//! What the demonstration promises: stories set off what they name, ordinary days nothing, and
//! nobody real is in it.

mod engine;
mod names;
mod repeats;
mod stories;
