//! Every format; the first byte chooses which.
#![no_main]

use khien_event::format::FORMATS;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    if let Some(format) = FORMATS.get(usize::from(*first) % FORMATS.len()) {
        khien_fuzz::read(format, rest);
    }
});
