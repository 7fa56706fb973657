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
#![expect(
    clippy::disallowed_methods,
    clippy::zombie_processes,
    clippy::needless_pass_by_value,
    reason = "a browser is waited for in real time, the demonstration ends with the program, and \
              arguments of scripts are written where they are used"
)]

mod assurance;
mod browser;
mod controls;
mod demo;
mod dossiers;
mod pages;
mod people;
mod register;
mod rounds;
mod work;
