//! What the store promises, on both databases.
//!
//! SQLite always; PostgreSQL where `KHIEN_TEST_POSTGRES_URL` names a server on which databases may
//! be made (`scripts/test` starts one). Each contract gets an empty, migrated database of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what the tests share stops at the first surprise and says so"
)]

mod contract;
mod schema;
mod sqlite;
mod support;
mod tls;
