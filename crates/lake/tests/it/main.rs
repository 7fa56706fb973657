//! The lake from outside: what is kept, found, merged and removed.

mod keeping;
mod support;
