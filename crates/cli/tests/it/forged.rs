//! Ledgers that their own centre signed although they are not written as the format tells, and exports
//! that were damaged: Khiên and `docs/verify.py` break off at the same line, or both find that all holds.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use khien_app::ledger::{LedgerError, verify_export};
use khien_domain::evidence::hex;
use khien_seal::ledger::{NOTHING, Tree, key_text};
use khien_seal::{Digest, PublicKey, SecretKey, Signature};
use sha2::{Digest as _, Sha256};

use crate::sealing::cryptography;

const AT: &str = "2026-10-15T01:00:00Z";

/// A ledger whose owner writes what it likes, and signs it.
struct Forger {
    secret: SecretKey,
    public: PublicKey,
    lines: Vec<String>,
    prev: [u8; 32],
    tree: Tree,
    checkpoints: u64,
    last: [u8; 32],
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), sha2::Digest::chain_update).finalize().into()
}

fn same(text: String) -> String {
    text
}

impl Forger {
    fn new() -> Self {
        let secret = SecretKey::new([7; 96]);
        let public = secret.public().unwrap();
        let (lines, tree) = (Vec::new(), Tree::default());
        Self { secret, public, lines, prev: NOTHING, tree, checkpoints: 0, last: NOTHING }
    }

    fn begun() -> Self {
        let mut forger = Self::new();
        let key = key_text(&forger.public);
        forger.first(&format!("{{\"centre\":\"Tỉnh Minh Họa\",\"format\":1,\"key\":\"{key}\"}}"));
        forger
    }

    fn first(&mut self, content: &str) {
        self.record(content, |about| about.replace("audit.sealed", "ledger.began"));
    }

    /// A record; `forge` gets the text of what it says about itself.
    fn record(&mut self, content: &str, forge: impl FnOnce(String) -> String) {
        let about = format!(
            "{{\"at\":\"{AT}\",\"by\":\"khien\",\"content_hash\":\"{}\",\"from\":\"decision\",\"how\":\"measured\",\"prev\":\"{}\",\"recorded\":\"{AT}\",\"ref\":\"\",\"schema\":1,\"seq\":{},\"subject\":\"x\",\"type\":\"audit.sealed\"}}",
            hex(&sha256(&[content.as_bytes()])),
            hex(&self.prev),
            self.tree.size(),
        );
        let about = forge(about);
        self.prev = sha256(&[&[0], about.as_bytes()]);
        self.tree.push(self.prev);
        self.lines.push(format!("{{\"about\":{about},\"content\":{content}}}"));
    }

    fn sign(&mut self, what: &str, text: &str) {
        let signature = Signature::new(&self.secret, &Digest::of(text.as_bytes())).unwrap();
        let signature = STANDARD.encode(signature.to_bytes());
        self.lines.push(format!("{{\"{what}\":{text},\"signature\":\"{signature}\"}}"));
    }

    fn checkpoint(&mut self, forge: impl FnOnce(String) -> String) {
        let text = forge(format!(
            "{{\"at\":\"{AT}\",\"key\":\"{}\",\"number\":{},\"previous\":\"{}\",\"reason\":\"hour\",\"root\":\"{}\",\"size\":{}}}",
            hex(&self.public.fingerprint().0),
            self.checkpoints,
            hex(&self.last),
            hex(&self.tree.root()),
            self.tree.size(),
        ));
        self.last = sha256(&[text.as_bytes()]);
        self.checkpoints += 1;
        self.sign("checkpoint", &text);
    }

    fn end(&mut self, forge: impl FnOnce(String) -> String) {
        let text = forge(format!(
            "{{\"at\":\"{AT}\",\"checkpoints\":{},\"key\":\"{}\",\"records\":{},\"tip\":\"{}\"}}",
            self.checkpoints,
            hex(&self.public.fingerprint().0),
            self.tree.size(),
            hex(&self.prev),
        ));
        self.sign("end", &text);
    }

    fn ended(mut self) -> Vec<u8> {
        self.checkpoint(same);
        self.end(same);
        self.written()
    }

    fn written(&self) -> Vec<u8> {
        (self.lines.join("\n") + "\n").into_bytes()
    }
}

fn small() -> Vec<u8> {
    let mut forger = Forger::begun();
    forger.record("{\"n\":1,\"ten\":\"Sở mẫu\"}", |about| {
        about.replace('{', "{\"agency\":\"so-a\",")
    });
    forger.checkpoint(same);
    forger.record("{\"n\":2}", same);
    forger.record("{\"n\":3}", same);
    forger.ended()
}

/// The line at which Khiên breaks off; `None` if all holds.
fn by_khien(path: &Path) -> Option<u64> {
    match verify_export(path, None, |_| {}) {
        Ok(_) => None,
        Err(LedgerError::Broken(broken)) => Some(broken.line),
        Err(other) => panic!("{other}"),
    }
}

/// Verifies texts, one a line in hexadecimal digits, and prints the line at which each breaks off.
const DRIVER: &str = "
import io, sys
sys.path.insert(0, sys.argv[1])
import verify
for text in sys.stdin:
    at, file = [0], io.BytesIO(bytes.fromhex(text))
    try:
        verify.verify(iter(lambda: file.readline(verify.LINE_BYTES), b''), None, at)
        print('holds')
    except Exception:
        print(at[0])
";

/// The lines at which `docs/verify.py` breaks off, if there is a Python that can.
fn by_script<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Option<Vec<Option<u64>>> {
    let mut command = Command::new(cryptography()?);
    command
        .args(["-B", "-c", DRIVER])
        .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut into = child.stdin.take().unwrap();
    let lines: String = texts.map(|text| hex(text) + "\n").collect();
    let writer = std::thread::spawn(move || into.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let told = String::from_utf8(output.stdout).unwrap();
    Some(told.lines().map(|line| line.parse().ok()).collect())
}

/// Holds both to the line at which each text is to break off.
fn judge(cases: &[(String, Vec<u8>, Option<u64>)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    for (name, text, expected) in cases {
        std::fs::write(&path, text).unwrap();
        assert_eq!(by_khien(&path), *expected, "khien: {name}");
    }
    let Some(said) = by_script(cases.iter().map(|(_, text, _)| text.as_slice())) else { return };
    assert_eq!(said.len(), cases.len());
    for ((name, _, expected), said) in cases.iter().zip(said) {
        assert_eq!(said, *expected, "verify.py: {name}");
    }
}

fn case(name: &str, text: Vec<u8>, expected: Option<u64>) -> (String, Vec<u8>, Option<u64>) {
    (name.to_owned(), text, expected)
}

/// A ledger with one record more, of this content.
fn with_content(content: &str) -> Vec<u8> {
    let mut forger = Forger::begun();
    forger.record(content, same);
    forger.ended()
}

#[test]
fn contents_have_one_form_for_khien_and_for_the_script() {
    let deep = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "b".repeat(bytes - 8));
    let good = [
        "{}",
        "{\"n\":1,\"ten\":\"Sở Y tế\"}",
        "{\"a\":-9007199254740991,\"b\":9007199254740991}",
        "{\"a\":[true,false,[],{}],\"b\":\"\\u001f\\n\\\"\\\\\u{7f}\"}",
        "{\"\u{ff01}\":1,\"\u{1f600}\":2}",
        &deep(7),
        &long(256 << 10),
    ];
    let bad = [
        "hello",
        "",
        "[1]",
        "1",
        "{\"n\":1,\"n\":2}",
        "{\"b\":1,\"a\":2}",
        "{\"n\": 1}",
        "{\"n\":1},\"extra\":{\"x\":1}",
        "{\"n\":1.5}",
        "{\"n\":1.0}",
        "{\"n\":1e3}",
        "{\"n\":-0}",
        "{\"n\":01}",
        "{\"n\":null}",
        "{\"n\":NaN}",
        "{\"n\":-Infinity}",
        "{\"n\":9007199254740992}",
        "{\"n\":-9007199254740992}",
        "{\"n\":18446744073709551616}",
        "{\"a\":\"\\u1ef9\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\u001F\"}",
        "{\"a\":\"\\u000a\"}",
        "{\"a\":\"\\/\"}",
        "{\"a\":\"\t\"}",
        "{\"\u{1f600}\":2,\"\u{ff01}\":1}",
        &deep(8),
        &deep(5_000),
        &long((256 << 10) + 1),
    ];
    let mut cases: Vec<_> =
        good.iter().map(|content| case(content, with_content(content), None)).collect();
    cases.extend(bad.iter().map(|content| case(content, with_content(content), Some(2))));
    judge(&cases);
}

#[test]
fn records_have_the_fields_of_the_format_for_both() {
    let changed = |from: &str, to: &str, expected: Option<u64>| {
        let mut forger = Forger::begun();
        forger.record("{\"n\":1}", |about| {
            assert!(about.contains(from), "{from}");
            about.replacen(from, to, 1)
        });
        case(&format!("{from} → {to}"), forger.ended(), expected)
    };
    let bad = |from: &str, to: &str| changed(from, to, Some(2));
    let good = |from: &str, to: &str| changed(from, to, None);
    let at = format!("\"at\":\"{AT}\"");
    judge(&[
        good("{\"at", "{\"agency\":\"so-a\",\"at"),
        good("\"type\"", "\"system\":\"ht-a\",\"type\""),
        good("\"from\"", "\"corrects\":9007199254740991,\"from\""),
        good("sealed\"", "sealed\",\"until\":\"9998-12-31T23:59:59Z\""),
        good(&at, "\"at\":\"0001-01-01T00:00:00Z\""),
        good("\"schema\":1", "\"schema\":-2"),
        good("\"subject\":\"x\"", "\"subject\":\"},\\\"content\\\":{\""),
        bad("{\"at", "{\"aa\":1,\"at"),
        bad("sealed\"", "sealed\",\"zz\":1"),
        bad("sealed\"", "sealed\",\"zz\":{\"b\":1,\"seq\":1}"),
        bad("\"seq\":1", "\"seq\":1,\"seq\":99"),
        bad("\"seq\":1", "\"seq\":1.0"),
        bad("\"seq\":1", "\"seq\":01"),
        bad("\"seq\":1", "\"seq\":true"),
        bad("\"seq\":1", "\"seq\":\"1\""),
        bad("\"seq\":1", "\"seq\":2"),
        bad("\"schema\":1", "\"schema\":true"),
        bad("\"schema\":1", "\"schema\":9007199254740992"),
        bad("\"from\"", "\"corrects\":-1,\"from\""),
        bad("\"from\"", "\"corrects\":9007199254740992,\"from\""),
        bad("{\"at", "{\"agency\":\"So-A\",\"at"),
        bad("{\"at", "{\"agency\":\"sở\",\"at"),
        bad("{\"at", &format!("{{\"agency\":\"{}\",\"at", "a".repeat(41))),
        bad("\"type\"", "\"system\":\"-a\",\"type\""),
        bad("\"type\"", "\"system\":1,\"type\""),
        bad(&format!("{at},"), ""),
        bad(&at, "\"at\":\"hôm qua\""),
        bad(&at, "\"at\":\"2026-02-29T01:00:00Z\""),
        bad(&at, "\"at\":\"2026-10-15T24:00:00Z\""),
        bad(&at, "\"at\":\"2026-10-15T01:00:60Z\""),
        bad(&at, "\"at\":\"2026-10-15T01:00:00.5Z\""),
        bad(&at, "\"at\":\"2026-10-15T01:00:00+07:00\""),
        bad(&at, "\"at\":\"2026-10-15 01:00:00Z\""),
        bad(&at, "\"at\":\"0000-01-01T00:00:00Z\""),
        bad(&at, "\"at\":\"9999-01-01T00:00:00Z\""),
        bad("\"recorded\":\"2", "\"recorded\":\"x"),
        bad("sealed\"", "sealed\",\"until\":1"),
        bad("\"decision\"", "\"hearsay\""),
        bad("\"measured\"", "\"guessed\""),
        bad("\"ref\":\"\"", "\"ref\":1"),
        bad("\"by\":\"khien\"", "\"by\":[\"khien\"]"),
        bad("\"subject\":\"x\"", "\"subject\":\"\\u0078\""),
        bad("\"prev\":\"", "\"prev\":\"0"),
        bad("\"content_hash\":\"", "\"content_hash\":\"A"),
    ]);
}

#[test]
fn statements_say_what_the_format_tells_for_both() {
    let checkpoint = |forge: &dyn Fn(String) -> String| {
        let mut forger = Forger::begun();
        forger.record("{\"n\":1}", same);
        forger.checkpoint(forge);
        forger.end(same);
        forger.written()
    };
    let end = |forge: &dyn Fn(String) -> String| {
        let mut forger = Forger::begun();
        forger.record("{\"n\":1}", same);
        forger.checkpoint(same);
        forger.end(forge);
        forger.written()
    };
    let mut cases = vec![case("as it should be", checkpoint(&same), None)];
    for (from, to) in [
        ("\"size\":2", "\"size\":2,\"zz\":1"),
        ("{\"at\":", "{\"aa\":1,\"at\":"),
        ("{\"at\":", "{\"at\":\"x\",\"at\":"),
        ("\"reason\":\"hour\",", ""),
        ("\"hour\"", "{\"a\":1}"),
        ("\"hour\"", "\"giờ\""),
        ("\"hour\"", "\"a\\\"b\""),
        ("\"hour\"", "\"a\\nb\""),
        ("\"hour\"", "1"),
        (AT, "hôm qua"),
        ("\"number\":0", "\"number\":false"),
        ("\"number\":0", "\"number\":0.0"),
        ("\"number\":0", "\"number\":1"),
        ("\"size\":2", "\"size\":\"2\""),
        ("\"size\":2", "\"size\":1"),
    ] {
        let text = checkpoint(&|text| text.replacen(from, to, 1));
        cases.push(case(&format!("checkpoint: {from} → {to}"), text, Some(3)));
    }
    for (from, to) in [
        ("\"tip\":", "\"time\":1,\"tip\":"),
        ("\"}", "\",\"zz\":1}"),
        (&format!("\"at\":\"{AT}\","), ""),
        (AT, "2026-10-15"),
        ("\"records\":2", "\"records\":true"),
        ("\"checkpoints\":1", "\"checkpoints\":true"),
        ("\"checkpoints\":1", "\"checkpoints\":2"),
    ] {
        let text = end(&|text| text.replacen(from, to, 1));
        cases.push(case(&format!("end: {from} → {to}"), text, Some(4)));
    }
    for what in ["began", "about", "Checkpoint"] {
        let mut forger = Forger::begun();
        forger.sign(what, "{}");
        cases.push(case(what, forger.ended(), Some(2)));
    }
    judge(&cases);
}

#[test]
fn the_first_record_names_the_key_in_one_way_for_both() {
    let key = key_text(&Forger::new().public);
    let first = |content: String| {
        let mut forger = Forger::new();
        forger.first(&content);
        forger.ended()
    };
    // A key whose part for sealing is not one: a number beyond the modulus.
    let mut bytes = STANDARD.decode(&key).unwrap();
    bytes[1985..1988].fill(0xff);
    let broken = STANDARD.encode(bytes);
    let mut cases = vec![
        case(
            "as it is",
            first(format!("{{\"centre\":\"\",\"format\":1,\"key\":\"{key}\"}}")),
            None,
        ),
        case("the key alone", first(format!("{{\"key\":\"{key}\"}}")), Some(1)),
        case("no key", first("{\"centre\":\"\",\"format\":1}".into()), Some(1)),
        case(
            "the second key",
            first(format!(
                "{{\"a\":{{\"key\":\"x\"}},\"centre\":\"\",\"format\":1,\"key\":\"{key}\"}}"
            )),
            Some(1),
        ),
    ];
    for (format, key) in [
        ("2", key.as_str()),
        ("true", &key),
        ("1", &key[..key.len() - 4]),
        ("1", &format!("{key}AAAA")),
        ("1", &format!("Ag{}", &key[2..])),
        ("1", &broken),
        ("1", ""),
        ("1", "?"),
    ] {
        let text = first(format!("{{\"centre\":\"\",\"format\":{format},\"key\":\"{key}\"}}"));
        cases.push(case(&format!("format {format}, key {key}"), text, Some(1)));
    }
    let mut other = Forger::new();
    let content = format!("{{\"centre\":\"\",\"format\":1,\"key\":\"{key}\"}}");
    other.record(&content, same);
    cases.push(case("another type", other.ended(), Some(1)));
    let mut early = Forger::new();
    early.checkpoint(same);
    cases.push(case("a checkpoint before it", early.ended(), Some(1)));
    judge(&cases);
}

#[test]
fn what_was_cut_added_or_moved_is_found_at_the_same_line() {
    let good = small();
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    let count = lines.len() as u64;
    let mut cases = vec![
        case("as it is", good.clone(), None),
        case("nothing", Vec::new(), Some(1)),
        case("a line feed", b"\n".to_vec(), Some(1)),
        case("no last line feed", good[..good.len() - 1].to_vec(), Some(count)),
        case("more", [&good[..], b"x"].concat(), Some(count + 1)),
        case("a line more", [&good[..], b"\n"].concat(), Some(count + 1)),
        case("twice", good.repeat(2), Some(count + 1)),
        case("a mark of order before it", [b"\xef\xbb\xbf", &good[..]].concat(), Some(1)),
        case(
            "lines that end otherwise",
            String::from_utf8(good.clone()).unwrap().replace('\n', "\r\n").into_bytes(),
            Some(1),
        ),
    ];
    for place in 0..lines.len() {
        let at = place as u64 + 1;
        let name = format!("line {at}");
        let with = |line: &[u8]| [&lines[..place], &[line], &lines[place + 1..]].concat().concat();
        cases.push(case(&format!("cut before {name}"), lines[..place].concat(), Some(at)));
        for (what, line) in [
            ("null", &b"null\n"[..]),
            ("a list", b"[]\n"),
            ("an empty line", b"\n"),
            ("an object", b"{}\n"),
            ("two members", b"{\"a\":1,\"b\":2}\n"),
            ("zeros", b"\0\0\0\0\n"),
        ] {
            cases.push(case(&format!("{what} for {name}"), with(line), Some(at)));
        }
        let mut bytes = lines[place].to_vec();
        bytes[30] = 0xff;
        cases.push(case(&format!("no UTF-8 in {name}"), with(&bytes), Some(at)));
        let long = [&b"{\"about\":{\"x\":\""[..], &vec![b'a'; 2 << 20], b"\"}}\n"].concat();
        cases.push(case(&format!("a long line for {name}"), with(&long), Some(at)));
        cases.push(case(&format!("deep for {name}"), with(&b"[".repeat(100_000)), Some(at)));
    }
    judge(&cases);
}

#[test]
fn a_changed_byte_is_found_at_the_same_line() {
    let good = small();
    let (records, rest): (Vec<usize>, Vec<usize>) = (0..good.len()).partition(|at| {
        let line = good[..*at].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        good[line..].starts_with(b"{\"about\"") && at - line < 700
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    let mut cases = Vec::new();
    for at in records.into_iter().step_by(3).chain(rest.into_iter().step_by(61)) {
        let (before, after) = (&good[..at], &good[at + 1..]);
        for (what, bytes) in [
            ("a bit of", vec![good[at] ^ 1]),
            ("the other case of", vec![good[at] ^ 0x20]),
            ("the highest bit of", vec![good[at] ^ 0x80]),
            ("without", vec![]),
            ("a line feed before", vec![b'\n', good[at]]),
        ] {
            let text = [before, &bytes, after].concat();
            std::fs::write(&path, &text).unwrap();
            let found = by_khien(&path);
            assert!(found.is_some(), "{what} byte {at}");
            cases.push(case(&format!("{what} byte {at}"), text, found));
        }
    }
    judge(&cases);
}

#[test]
fn the_script_is_short() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify.py");
    let text = std::fs::read_to_string(script).unwrap();
    assert!(text.lines().count() < 100);
    assert!(text.lines().all(|line| line.chars().count() <= 120));
}
