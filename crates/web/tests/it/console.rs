//! The console, through its router, on a centre in a temporary folder.

mod rules;
