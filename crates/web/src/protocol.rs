//! What the protocols of intake say, without any I/O.
//!
//! Each module turns what a client sent into [`lines::Lines`], entries of which each is one line,
//! and says how to answer. The functions are pure, bounded in memory and depth, and never panic;
//! they neither know who sends nor whether anything was kept.

pub mod body;
pub mod credential;
pub mod elastic;
pub mod hec;
pub mod json_lines;
pub mod lines;
pub mod otlp;
pub mod syslog;

/// The hexadecimal digits of bytes, in lower case.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
