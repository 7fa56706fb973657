//! Windows events as XML.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| khien_fuzz::read_as("windows-xml", bytes));
