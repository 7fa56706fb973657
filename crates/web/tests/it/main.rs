//! The ways in, over real sockets on the loopback, into a centre in a temporary folder.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop at the first surprise and say so"
)]

mod api;
mod console;
mod elastic;
mod gate;
mod hec;
mod native;
mod otlp;
mod stop;
mod support;
mod syslog;
mod tls;
