//! Conditions of rules, over a fixed list of selections.
#![no_main]

use khien_sigma::condition;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let names = ["selection", "selection_img", "filter_main", "filter_optional", "keywords", "1"];
    let names = names.map(str::to_owned);
    let (text, _) = condition::split_aggregation(text);
    let _ = condition::parse(text, &names);
});
