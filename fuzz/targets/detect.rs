//! Telling the format, then reading in it.
#![no_main]

use khien_event::format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(format) = format::detect(bytes) {
        khien_fuzz::read(format, bytes);
    }
});
