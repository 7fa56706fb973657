//! Nothing that a person can be told is left in English: the sources of the domain, the use cases and the
//! console are walked, and each sentence in them has to have its Vietnamese.
//!
//! Every text of words counts, wherever it stands, except in the calls of [`NEVER_SHOWN`] and the files of
//! [`NOT_FOR_PEOPLE`], each with the reason; a new file or a new way to refuse is looked at by itself.

use std::fs;
use std::path::{Path, PathBuf};

use khien_domain::account::Language;
use khien_domain::evidence::kinds::Kinds;

use super::{sentences, values};
use crate::console::words::Words;

/// Folders whose texts reach a page.
const WALKED: [&str; 3] = ["../app/src", "../domain/src", "src/console"];

/// Beginnings of files whose texts reach no page, and why.
const NOT_FOR_PEOPLE: [(&str, &str); 47] = [
    ("app/src/access.rs", "programs with tokens are told"),
    ("app/src/app.rs", "the centre does not start"),
    ("app/src/backup", "commands of backups"),
    ("app/src/care.rs", "the program's log"),
    ("app/src/config", "settings, told when the centre starts"),
    ("app/src/control/export", "OSCAL, which is English"),
    ("app/src/folder.rs", "the centre does not start"),
    ("app/src/hunt", "hunts are begun by commands and programs"),
    ("app/src/identity/passkeys.rs", "names of ceremonies"),
    ("app/src/index.rs", "faults: the page tells that there is one"),
    ("app/src/journal", "faults: the page tells that there is one"),
    ("app/src/ledger", "faults and commands of the ledger"),
    ("app/src/measure.rs", "the program's log"),
    ("app/src/pipeline", "senders are told"),
    ("app/src/probe.rs", "a command is told"),
    ("app/src/use_case/begin.rs", "who acts when a centre is begun"),
    ("app/src/use_case/crypto/cbom.rs", "CycloneDX, which is English"),
    ("app/src/use_case/demonstration", "the demonstration is filled by a command"),
    ("app/src/use_case/findings/csaf/version.rs", "words about versions, as documents write them"),
    ("app/src/use_case/findings/table.rs", "titles of columns"),
    ("app/src/use_case/index/packs.rs", "packs are brought by commands"),
    ("app/src/use_case/upload.rs", "programs that hand in files are told"),
    ("app/src/watch.rs", "a field of an alert, told by its kind"),
    ("domain/src/account/policy.rs", "a pack, read when the centre starts"),
    ("domain/src/alert/severity.rs", "a pack, read when the centre starts"),
    ("domain/src/assessment.rs", "a pack, read when the centre starts"),
    ("domain/src/attack", "names of techniques, which has both languages"),
    ("domain/src/algorithm.rs", "a pack, read when the centre starts"),
    ("domain/src/budget/pack.rs", "a pack, read when the centre starts"),
    ("domain/src/control/pack.rs", "a pack, read when the centre starts"),
    ("domain/src/dossier/pack.rs", "a pack, read when the centre starts"),
    ("domain/src/evidence/glance.rs", "commands that verify a ledger"),
    ("domain/src/evidence/line.rs", "commands that verify a ledger"),
    ("domain/src/facts", "sets of packs, read when the centre starts"),
    ("domain/src/gate/policy.rs", "a pack, read when the centre starts"),
    ("domain/src/index/", "a pack, and commands that recompute"),
    ("domain/src/leak/pack.rs", "a pack, read when the centre starts"),
    ("domain/src/legal.rs", "a pack, and the English words of a source"),
    ("domain/src/measure.rs", "a pack, read when the centre starts"),
    ("domain/src/register_pack.rs", "a pack, read when the centre starts"),
    ("domain/src/risk/pack.rs", "a pack, read when the centre starts"),
    ("domain/src/round.rs", "a pack, read when the centre starts"),
    ("domain/src/secrecy", "marks of secrecy as they stand in documents"),
    ("src/console/around.rs", "headers"),
    ("src/console/assets.rs", "headers"),
    ("src/console/cookie.rs", "headers"),
    ("src/console/help.rs", "queries as they are typed"),
];

/// Calls whose texts reach no page.
const NEVER_SHOWN: [&str; 13] = [
    "Fault",
    "not_found",
    "join",
    "contains",
    "strip_prefix",
    "from_static",
    "write!",
    "writeln!",
    "debug_assert!",
    "error!",
    "warn!",
    "info!",
    "debug!",
];

/// What texts for machines hold.
const FOR_MACHINES: [&str; 6] =
    ["charset=", "filename=", "max-age=", "batch:", "khien form", "\\n"];

/// A text of a source.
struct Literal {
    file: String,
    line: usize,
    text: String,
    /// The calls that it stands in, innermost first.
    calls: Vec<String>,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// All texts of a source that is not for tests.
fn literals(file: &str, source: &str) -> Vec<Literal> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let (masked, spans) = masked(source);
    let literal = |&(from, to): &(usize, usize)| {
        let text = source[from..to].replace("\\\"", "\"");
        // A text that goes on in the next line has no break there.
        let mut lines = text.split("\\\n");
        let mut text = lines.next().unwrap_or_default().to_owned();
        lines.for_each(|line| text.push_str(line.trim_start()));
        Literal {
            file: file.to_owned(),
            line: source[..from].matches('\n').count() + 1,
            text: placed(&text),
            calls: calls(&masked[..from]),
        }
    };
    spans.iter().map(literal).collect()
}

/// The source with blanks for what is in texts and comments, and where the texts are.
fn masked(source: &str) -> (String, Vec<(usize, usize)>) {
    let (bytes, mut spans, mut at) = (source.as_bytes(), Vec::new(), 0);
    let mut masked = bytes.to_vec();
    let hide = |masked: &mut Vec<u8>, from: usize, to: usize| {
        masked[from..to].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'_');
    };
    while at < bytes.len() {
        let rest = &source[at..];
        let hashes = rest
            .strip_prefix('r')
            .map_or(0, |rest| rest.len() - rest.trim_start_matches('#').len());
        if rest.starts_with("//") {
            let end = at + rest.find('\n').unwrap_or(rest.len());
            hide(&mut masked, at, end);
            at = end;
        } else if rest.starts_with('r') && rest[1 + hashes..].starts_with('"') {
            let from = at + 2 + hashes;
            let end = format!("\"{}", "#".repeat(hashes));
            let to = from + source[from..].find(&end).unwrap();
            hide(&mut masked, at, to + end.len());
            spans.push((from, to));
            at = to + end.len();
        } else if rest.starts_with('"') {
            let mut to = at + 1;
            while bytes[to] != b'"' {
                to += if bytes[to] == b'\\' { 2 } else { 1 };
            }
            hide(&mut masked, at, to + 1);
            spans.push((at + 1, to));
            at = to + 1;
        } else if let Some(length) = character(rest) {
            hide(&mut masked, at, at + length);
            at += length;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    (String::from_utf8(masked).unwrap(), spans)
}

/// How long the character is that a text begins with, if it begins with one in quotes.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        return inner[1..].find('\'').map(|end| end + 3).filter(|length| *length < 14);
    }
    inner[first.len_utf8()..].starts_with('\'').then_some(first.len_utf8() + 2)
}

/// The calls that are open at the end of a source, up to the statement.
fn calls(before: &str) -> Vec<String> {
    let (mut depth, mut calls) = (0usize, Vec::new());
    for (at, sign) in before.char_indices().rev() {
        match sign {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' | '[' => {
                let head = before[..at].trim_end();
                let begin = head.rfind(|c: char| !(c.is_alphanumeric() || "_!".contains(c)));
                calls.push(head[begin.map_or(0, |begin| begin + 1)..].to_owned());
            }
            '{' => break,
            ';' if depth == 0 => break,
            _ => {}
        }
    }
    calls
}

/// A text with `{}` at its places.
fn placed(text: &str) -> String {
    let (mut placed, mut is_place) = (String::new(), false);
    for sign in text.chars() {
        match sign {
            '{' => {
                is_place = true;
                placed.push_str("{}");
            }
            '}' => is_place = false,
            sign if !is_place => placed.push(sign),
            _ => {}
        }
    }
    placed
}

/// Whether a text is words of English: it has blanks, an English word, and no Vietnamese letter.
fn is_english(text: &str) -> bool {
    let text = text.replace("đồng", "").replace("Khiên", "");
    let is_foreign = |sign: char| sign.is_alphabetic() && !sign.is_ascii();
    text.trim().contains(' ') && has_word(&text) && !text.chars().any(is_foreign)
}

fn has_word(text: &str) -> bool {
    text.split(|sign: char| !sign.is_ascii_lowercase()).any(|word| word.len() > 2)
}

/// Whether a sentence is told, with whatever may stand at its places.
fn is_told(sentence: &str) -> bool {
    let found = sentences().filter_map(|(english, _)| values(english, sentence));
    let mut found = found.filter(|values| values.iter().all(|value| value.len() < sentence.len()));
    found.any(|values| values.iter().all(|value| !is_english(value) || is_told(value)))
}

/// Whether a text is no sentence but words of one, by which a form or a list from a file finds the field that it is
/// about: the first of two in a list.
fn is_place(literal: &Literal) -> bool {
    let is_listed = literal.calls.first().is_some_and(String::is_empty);
    let is_part = || sentences().any(|(english, _)| english.contains(&literal.text));
    ["src/console", "app/src/use_case/register/import.rs"]
        .iter()
        .any(|place| literal.file.starts_with(place))
        && is_listed
        && (is_part() || is_told(literal.text.trim()))
}

fn walked() -> Vec<Literal> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    WALKED.iter().for_each(|folder| files(&root.join(folder), &mut found));
    let read = found.iter().filter_map(|path| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().trim_start_matches("../");
        let is_test = name.ends_with("/tests.rs") || name.contains("console/told");
        (!is_test).then(|| literals(name, &fs::read_to_string(path).unwrap()))
    });
    read.flatten().collect()
}

fn is_for_people(literal: &Literal) -> bool {
    !NOT_FOR_PEOPLE.iter().any(|(file, _)| literal.file.starts_with(file))
        && !literal.calls.iter().any(|call| NEVER_SHOWN.contains(&call.as_str()))
        && !FOR_MACHINES.iter().any(|sign| literal.text.contains(sign))
}

#[test]
fn no_sentence_that_people_meet_is_left_in_english() {
    let all = walked();
    let met: Vec<&Literal> =
        all.iter().filter(|one| is_for_people(one) && is_english(&one.text)).collect();
    assert!(met.len() > 600, "the walk found {} sentences alone", met.len());
    let untold = met.iter().filter(|one| !is_told(&one.text) && !is_place(one));
    let untold: Vec<String> =
        untold.map(|one| format!("{}:{}: {}", one.file, one.line, one.text)).collect();
    assert!(untold.is_empty(), "not told in Vietnamese:\n{}", untold.join("\n"));
}

#[test]
fn files_that_are_passed_over_are_there() {
    let all = walked();
    for (file, _) in NOT_FOR_PEOPLE {
        assert!(all.iter().any(|one| one.file.starts_with(file)), "{file} is gone");
    }
}

#[test]
fn the_walk_finds_refusals_however_they_are_written() {
    let source = r#"
        #[error("the {0} is gone: «{what}»")]
        fn f() { // "not this one"
            tracing::warn!("nobody reads it");
            let quote = '"';
            let told = || format!("{a} is not \
                of {b}");
            Err(UseError::Invalid("the end {".replace('{', "}")))
        }"#;
    let found = literals("a.rs", source);
    let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts[..3], ["the {} is gone: «{}»", "nobody reads it", "{} is not of {}"]);
    assert_eq!(found[0].calls, ["error", ""]);
    assert!(!is_for_people(&found[1]) && is_for_people(&found[2]));
    assert!(is_english(texts[2]) && !is_told(texts[2]) && is_told("the name is empty"));
    assert!(!is_english("không có gì") && !is_english("agency") && is_english("agency {}"));
}

/// What a use case does has a name of two parts, which the audit log shows in words.
#[test]
fn each_deed_has_its_words() {
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let is_deed = |one: &&Literal| {
        let is_name = one.text.chars().all(|sign| sign.is_ascii_lowercase() || "._".contains(sign));
        one.file.starts_with("app/src/use_case")
            && is_name
            && one.text.split('.').filter(|part| !part.is_empty()).count() == 2
            && (kinds.get(&one.text).is_none() || one.calls.iter().any(|call| call == "new"))
    };
    let (all, words) = (walked(), Words::new(Language::Vietnamese));
    let deeds: Vec<&Literal> = all.iter().filter(is_deed).collect();
    assert!(deeds.len() > 180, "{}", deeds.len());
    for deed in deeds {
        let id = format!("audit-deed-{}", deed.text.replace(['.', '_'], "-"));
        assert!(words.has(&id), "{}:{}: {id}", deed.file, deed.line);
    }
}
