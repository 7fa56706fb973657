//! People at work in a real browser: headless Chromium at a demonstration that runs.
//!
//! Without Chromium and its driver the journeys are skipped, unless `KHIEN_REQUIRE_BROWSER=1`. The
//! checks of accessibility need axe-core, a file named by `KHIEN_AXE`; `scripts/test` installs both.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "journeys stop at the first surprise and say so"
)]

mod browser;
mod demo;
mod pages;
mod people;
mod work;
