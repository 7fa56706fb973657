//! The lake from outside: what is kept, found, merged and removed.

mod agreement;
mod keeping;
mod leaving;
mod maintaining;
mod naive;
mod searching;
mod support;
