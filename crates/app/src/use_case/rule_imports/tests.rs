use std::io::Write as _;

use khien_event::{Packs, Symbols};
use zip::write::SimpleFileOptions;

use super::*;

const RULE: &str = "title: Whoami
id: 11111111-1111-4111-8111-111111111111
name: whoami
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\whoami.exe'}
  condition: selection
";

fn in_force() -> RuleSet {
    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    loader.file("shipped.yml", RULE);
    let mut symbols = Symbols::default();
    let packs = Arc::new(Packs::builtin(&mut symbols).unwrap());
    RuleSet::new(loader.finish(), packs, symbols)
}

fn file(name: &str, text: &str) -> RuleFile {
    RuleFile { name: name.into(), text: text.into() }
}

fn rule(id: &str) -> String {
    RULE.replace("11111111", id).replace("name: whoami\n", "")
}

fn correlation(of: &str) -> String {
    format!(
        "title: Many
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [{of}]
  group-by: [Computer]
  timespan: 5m
  condition: {{gte: 3}}
"
    )
}

fn kinds(report: &Report) -> Vec<(&str, bool, Option<Kind>)> {
    let told = report.files.iter().map(|file| {
        (file.file.as_str(), file.is_accepted, file.said.first().map(|said| said.kind))
    });
    told.collect()
}

#[test]
fn each_file_is_judged_and_none_suffers_from_another() {
    let same = rule("33333333");
    let files = vec![
        file("win/a.yml", &same),
        file("win/b.yml", &same),
        file("of_ours.yml", RULE),
        file("broken.yml", "title: x\n  y: [\n"),
        file("fault.yml", "title: x\nlogsource: {product: windows}\n"),
        file("readme.txt", "hello"),
        file("../evil.yml", &rule("44444444")),
        file("empty.yml", "# nothing\n"),
        file("win/a.yml", &rule("55555555")),
        file(
            "filter.yml",
            "title: f\nlogsource: {product: windows}\nfilter:\n  rules: any\n  s: {a: b}\n  condition: s\n",
        ),
    ];
    let (report, accepted) = judge("set", files, &in_force());
    assert_eq!(
        kinds(&report),
        [
            ("win/a.yml", true, None),
            ("win/b.yml", false, Some(Kind::Duplicate)),
            ("of_ours.yml", false, Some(Kind::Duplicate)),
            ("broken.yml", false, Some(Kind::Refused)),
            ("fault.yml", false, Some(Kind::Refused)),
            ("readme.txt", false, Some(Kind::Unsupported)),
            ("../evil.yml", false, Some(Kind::Unsupported)),
            ("empty.yml", false, Some(Kind::Unsupported)),
            ("win/a.yml", false, Some(Kind::Unsupported)),
            ("filter.yml", false, Some(Kind::Unsupported)),
        ]
    );
    assert_eq!((accepted.len(), report.accepted(), report.rules), (1, 1, 1));
    let said = |place: usize| &report.files[place].said[0];
    assert!(said(2).message.contains("«Whoami» in shipped.yml:1"), "{:?}", said(2));
    assert!(said(1).message.contains("win/a.yml:1"), "{:?}", said(1));
    assert_eq!(said(4).line, 1);
    assert!(said(4).message.contains("detection"), "{:?}", said(4));
}

#[test]
fn a_correlation_needs_a_rule_that_is_there_or_comes_with_it() {
    let of = |name: &str| vec![file("many.yml", &correlation(name))];
    let (report, _) = judge("set", of("whoami"), &in_force());
    assert!(report.files[0].is_accepted, "{report:?}");
    let (report, accepted) = judge("set", of("nobody"), &in_force());
    assert!(!report.files[0].is_accepted && accepted.is_empty(), "{report:?}");
    // The rule that it names is in a file that is left out.
    let broken = format!(
        "{}---\ntitle: x\n",
        rule("66666666").replace("title: Whoami", "title: W\nname: other")
    );
    let files = vec![file("many.yml", &correlation("other")), file("broken.yml", &broken)];
    let (report, accepted) = judge("set", files, &in_force());
    assert!(accepted.is_empty(), "{report:?}");
    assert_eq!(report.files[0].said[0].kind, Kind::Refused);
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_upload_is_a_zip_or_a_file_and_bounded() {
    let text = rule("33333333");
    let zip = zipped(&[("r/a.yml", text.as_bytes()), ("README.md", b"x"), ("../e.yml", b"y")]);
    let files = unpack("rules.zip", &zip).unwrap();
    assert_eq!(files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["r/a.yml", "../e.yml"]);
    let (report, accepted) = judge("set", files, &in_force());
    assert_eq!(accepted.len(), 1, "{report:?}");
    let one = unpack("C:\\rules\\a.yml", text.as_bytes()).unwrap();
    assert_eq!(one, [file("a.yml", &text)]);
    assert!(unpack("a.yml", b"\xff\xfe").unwrap_err().contains("UTF-8"));
    assert!(unpack("a.zip", b"PK\x03\x04nonsense").unwrap_err().contains("zip"));
    assert!(unpack("a.zip", &vec![b' '; MAX_ARCHIVE_BYTES + 1]).unwrap_err().contains("MiB"));
    // A small archive that becomes large.
    let large = vec![b' '; MAX_FILE_BYTES + 5];
    let names: Vec<String> = (0..60).map(|number| format!("{number}.yml")).collect();
    let bomb: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), large.as_slice())).collect();
    let error = unpack("bomb.zip", &zipped(&bomb)).unwrap_err();
    assert!(error.contains("together"), "{error}");
    let (report, _) = judge("set", unpack("b.zip", &zipped(&bomb[..1])).unwrap(), &in_force());
    assert!(report.files[0].said[0].message.contains("MiB"), "{report:?}");
}
