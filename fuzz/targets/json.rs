//! JSON, by lines and by values.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    khien_fuzz::read_as("json", bytes);
    khien_fuzz::read_as("json-values", bytes);
});
