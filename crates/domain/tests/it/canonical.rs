//! Canonical text is what another writer of JSON writes again, byte for byte.

use std::io::Write as _;
use std::process::{Command, Stdio};

use khien_domain::evidence::content::Content;
use khien_domain::evidence::hex;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::recompute::python;

const MOST: i64 = (1 << 53) - 1;

fn contents() -> impl Strategy<Value = Content> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Content::Bool),
        prop_oneof![Just(-MOST), Just(MOST), -99..99_i64].prop_map(Content::Int),
        "[\\x00-\\x7fạộđ\u{2028}\u{1f600}]{0,12}".prop_map(Content::Text),
    ];
    leaf.prop_recursive(10, 32, 5, |inner| {
        let names = "[\\x00-\\x7fạ\u{ff01}\u{1f600}]{0,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Content::List),
            prop::collection::btree_map(names, inner, 0..5).prop_map(Content::Map),
        ]
    })
}

/// Reads one text a line, each in hexadecimal digits, and says whether the text is what its value
/// is written as again.
const REDUMP: &str = r#"
import json, sys

def refuse(text):
    raise ValueError

def plain(value, depth=0):
    if depth > 8 or value is None or (type(value) is int and abs(value) >= 1 << 53):
        raise ValueError
    for its in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        plain(its, depth + 1)

for line in sys.stdin:
    text = bytes.fromhex(line).decode()
    try:
        value = json.loads(text, parse_float=refuse, parse_constant=refuse)
        plain(value)
        again = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        print(1 if again == text else 0)
    except (ValueError, RecursionError):
        print(0)
"#;

/// What Python says of texts.
fn judged(python: &str, texts: &[String]) -> Vec<bool> {
    let mut command = Command::new(python);
    command.args(["-c", REDUMP]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut into = child.stdin.take().unwrap();
    let lines: String = texts.iter().map(|text| hex(text.as_bytes()) + "\n").collect();
    let writer = std::thread::spawn(move || into.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    output.stdout.split(|byte| *byte == b'\n').map(|said| said == b"1").collect()
}

#[test]
fn python_that_writes_again_what_it_read_says_the_same() {
    let Some(python) = python() else { return };
    let mut all: Vec<String> = ["{\"\u{ff01}\":1,\"\u{1f600}\":2}", "\"\\ud800\"", "\u{feff}1"]
        .into_iter()
        .chain(["NaN", "Infinity", "1.0", "1e3", "-0", "00", "\"\u{7f}\"", "\"\\u007f\""])
        .map(str::to_owned)
        .collect();
    all.extend(["[", "{\"a\":"].map(|open| open.repeat(5_000)));
    let tokens = "(\\{|\\}|\\[|\\]|,|:|\"[ab]\"|\"a\\\\(u00[01][0-9a-fA-F]|[bfnrt\"\\\\/u])\"|-?[0-9]{1,2}|true|false|null| ){1,9}";
    let nested = "[\\[{]{0,10}[0-9]{0,18}[\\]}]{0,10}";
    let texts = prop_oneof![tokens, nested, ".{0,12}"];
    let one = (contents(), any::<prop::sample::Index>(), 0x20_u8..0x7f, texts);
    let mut runner = TestRunner::deterministic();
    for _ in 0..4_000 {
        let (content, place, byte, text) = one.new_tree(&mut runner).unwrap().current();
        let written = content.to_text();
        let mut bytes = written.clone().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        all.extend(String::from_utf8(bytes).ok());
        all.extend([written, text]);
    }
    let said = judged(python, &all);
    for (text, said) in all.iter().zip(said) {
        assert_eq!(Content::parse(text).is_ok(), said, "{text}");
    }
    assert!(all.iter().filter(|text| Content::parse(text).is_ok()).count() > 4_000);
}
