//! Rule files, from YAML to compiled rules.
#![no_main]

use khien_sigma::load::Loader;
use rustc_hash::FxHashMap;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let placeholders = FxHashMap::default();
    let mut loader = Loader::new(&placeholders);
    loader.file("fuzz.yml", text);
    let _ = loader.finish();
});
