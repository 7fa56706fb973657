//! What the program does as people use it: its output compared, its page opened in a browser.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

mod browser;
mod coverage;
mod page;
mod support;
mod text_outputs;
