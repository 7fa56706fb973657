//! What the program does as people use it: its output compared, its page opened in a browser.

mod browser;
mod coverage;
mod page;
mod support;
mod text_outputs;
