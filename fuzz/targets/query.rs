//! Queries of searches: whatever is read is written so that it reads back the same.
#![no_main]

use khien_lake::query::parse;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(query) = parse(text) {
        assert_eq!(parse(&query.to_string()), Ok(query));
    }
});
