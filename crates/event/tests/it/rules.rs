//! The rules that ship: every file reads, ids are unique, texts and samples are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use khien_event::yaml::{self, Content, Node};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(path);
        }
    }
}

fn documents(path: &Path) -> Vec<Node<'static>> {
    let text = std::fs::read_to_string(path).unwrap();
    let documents =
        yaml::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    documents.into_iter().map(Node::into_owned).collect()
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    digits && lengths == [8, 4, 4, 4, 12] && text.as_bytes().get(14) == Some(&b'4')
}

#[test]
fn rules_are_whole_and_have_samples() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules"), &mut found);
    let (samples, rules): (Vec<_>, Vec<_>) =
        found.iter().partition(|path| path.to_string_lossy().ends_with(".samples.yml"));
    assert!(rules.len() >= 80 && samples.len() == rules.len(), "{}", rules.len());
    let mut ids = BTreeSet::new();
    for path in rules {
        let place = path.display();
        let documents = documents(path);
        for rule in &documents {
            let id = rule.get_str("id").unwrap_or_default();
            assert!(is_uuid(id) && ids.insert(id.to_owned()), "{place}: {id}");
            assert!(rule.get("detection").or(rule.get("correlation")).is_some(), "{place}");
            let title = rule.get("x-khien").and_then(|own| own.get_str("title_vi"));
            assert!(title.is_some_and(|title| !title.is_empty()), "{place}");
        }
        let main = documents.last().unwrap();
        let tags = main.get("tags").map(Node::strings).unwrap_or_default();
        assert!(tags.iter().any(|tag| tag.starts_with("attack.t1")), "{place}: {tags:?}");
        assert!(tags.iter().any(|tag| !tag.starts_with("attack.t1")), "{place}: {tags:?}");
        let own = main.get("x-khien").unwrap();
        for language in ["vi", "en"] {
            let steps = own.get("check_first").and_then(|steps| steps.get(language));
            assert!(steps.is_some_and(|steps| !steps.strings().is_empty()), "{place}");
        }
        let samples = self::documents(&path.with_extension("samples.yml"));
        let samples = samples.first().unwrap();
        assert_eq!(samples.get_str("rule"), main.get_str("id"), "{place}");
        for side in ["positive", "negative"] {
            let cases = samples.get(side).and_then(Node::as_list).unwrap_or_default();
            assert!(!cases.is_empty(), "{place}: no {side} sample");
        }
    }
}

/// Nearly all files are read by the reader of the common shape; after a mark of a document's start
/// the general parser reads them.
#[test]
fn both_readers_of_yaml_agree_on_every_rule() {
    fn lower(node: &mut Node<'_>) {
        node.line -= 1;
        match &mut node.content {
            Content::Scalar { .. } => {}
            Content::List(items) => items.iter_mut().for_each(lower),
            Content::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                lower(key);
                lower(value);
            }),
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["rules", "packs", "../shared/data/sigma"].map(|folder| root.join(folder)) {
        if folder.is_dir() {
            files(&folder, &mut found);
        }
    }
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let marked = format!("---\n{text}");
        let mut general = yaml::parse(&marked).unwrap();
        general.iter_mut().for_each(lower);
        assert_eq!(yaml::parse(&text).unwrap(), general, "{}", path.display());
    }
}
