//! One file a subject; each contract runs on every database.

mod register;
mod sources;
mod start;
mod tokens;
