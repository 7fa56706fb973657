//! The lake from outside: what is kept, found, merged and removed.

mod agreement;
mod keeping;
mod naive;
mod searching;
mod support;
