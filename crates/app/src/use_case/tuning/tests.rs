use khien_event::{Packs, Symbols};
use proptest::prelude::*;

use super::*;

const RULE: &str = "title: \"Whoami: it's\"
id: 11111111-1111-4111-8111-111111111111
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\whoami.exe'}
  condition: selection
";

fn in_force() -> Rules {
    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    loader.file("rules.yml", RULE);
    loader.file("other.yml", &RULE.replacen("11111111", "22222222", 1));
    let mut symbols = Symbols::default();
    let packs = Arc::new(Packs::builtin(&mut symbols).unwrap());
    Rules::new(0, RuleSet::new(loader.finish(), packs, symbols))
}

const ID: &str = "11111111-1111-4111-8111-111111111111";

fn chosen(field: &str, value: &str, comparison: Comparison) -> Chosen {
    Chosen { field: field.into(), value: value.into(), comparison }
}

/// Whether an event, which the rule finds, is found with a filter as well.
fn is_found_with(text: &str, user: &str) -> bool {
    let rules = in_force();
    let judge = Judge::new(&rules, fit(&rules.set, ID, text).unwrap());
    let event = serde_json::json!({
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Image": "C:\\Windows\\whoami.exe",
        "User": user,
    });
    let event = event.to_string();
    let kept = Kept { format: "json", raw: event.as_bytes(), fields: None };
    let held = judge.judge(&kept).unwrap();
    assert_eq!(held.len(), 1, "the rule finds it without the filter");
    held[0].with_filter
}

fn drafted(chosen: &[Chosen]) -> Result<String, String> {
    draft(find(&in_force().set, ID).unwrap(), chosen)
}

proptest! {
    #[test]
    fn a_draft_takes_away_just_the_value_that_was_chosen(value in "[ -~àấĐ€\u{1}\t\n*?\\\\'\"]{1,12}") {
        let text = drafted(&[chosen("User", &value, Comparison::Equals)]).unwrap();
        prop_assert!(!is_found_with(&text, &value), "{text}");
        prop_assert!(is_found_with(&text, &format!("{value}x")), "{text}");
        let text = drafted(&[chosen("User", &value, Comparison::Contains)]).unwrap();
        prop_assert!(!is_found_with(&text, &format!("x{value}x")), "{text}");
        // A letter that no chosen value holds.
        prop_assert!(is_found_with(&text, "ж"), "{text}");
    }
}

#[test]
fn all_fields_of_a_draft_must_hold() {
    let text = drafted(&[
        chosen("User", "MINHHOA\\sao", Comparison::StartsWith),
        chosen("Image", "\\whoami.exe", Comparison::EndsWith),
    ]);
    let text = text.unwrap();
    assert!(!is_found_with(&text, "MinhHoa\\saoluu") && is_found_with(&text, "MINHHOA\\an"));
    assert!(text.contains("'Filter on Whoami: it''s'") && text.contains("'process_creation'"));
}

#[test]
fn what_cannot_be_drafted_is_told() {
    let equals = Comparison::Equals;
    for (wrong, says) in [
        (vec![], "1 to"),
        (vec![chosen("User|re", "x", equals)], "«|»"),
        (vec![chosen("", "x", equals)], "empty"),
        (vec![chosen("User", "", equals)], "empty"),
        (vec![chosen("User", "x", equals), chosen("User", "y", equals)], "twice"),
        (vec![chosen("User", &"x".repeat(MAX_VALUE + 1), equals)], "longer"),
    ] {
        let error = drafted(&wrong).unwrap_err();
        assert!(error.contains(says), "{wrong:?}: {error}");
    }
}

#[test]
fn what_is_no_filter_of_the_rule_is_told_with_its_line() {
    let rules = in_force();
    let filter = "title: f\nlogsource: {product: windows, category: process_creation}\nfilter:\n";
    let cases = [
        ("title: [", "not YAML"),
        (RULE, "one Sigma filter"),
        (
            "title: f\nfilter:\n  rules: [a]\n  s: {a: b}\n  condition: s\n",
            "line 1: the section `logsource`",
        ),
        (&format!("{filter}  rules: [{ID}]\n  s: {{a: b}}\n  condition: t\n"), "line 6"),
        (&format!("{filter}  rules: [other]\n  s: {{a: b}}\n  condition: s\n"), "fits no rule"),
        (
            &format!("{filter}  rules: [{ID}]\n  s: {{a: b}}\n  condition: not s\n"),
            "takes away everything but",
        ),
        (
            &format!(
                "{filter}  rules: [22222222-1111-4111-8111-111111111111]\n  s: {{a: b}}\n  condition: s\n"
            ),
            "does not name it",
        ),
    ];
    for (text, says) in cases {
        let error = fit(&rules.set, ID, text).err().unwrap();
        assert!(error.contains(says), "{text}: {error}");
    }
    let both = format!("{filter}  rules: any\n  s: {{a: b}}\n  condition: s\n");
    assert_eq!(fit(&rules.set, ID, &both).unwrap().before.len(), 2);
}

#[test]
fn matched_fields_are_offered_first_and_whole() {
    let matched = [MatchedField::new("User", "dài…", ""), MatchedField::new("Image", "i…", "")];
    let long = "x".repeat(MAX_VALUE + 1);
    let event = [("A", "1"), ("User", "dài lắm"), ("B", long.as_str()), ("C", "")];
    let event = event.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let offered = offer(&matched, event);
    let told: Vec<_> =
        offered.iter().map(|o| (o.field.as_str(), o.value.len(), o.is_cut, o.is_matched)).collect();
    let user = "dài lắm".len();
    assert_eq!(
        told,
        [
            ("Image", 4, true, true),
            ("User", user, false, true),
            ("A", 1, false, false),
            ("B", MAX_VALUE, true, false)
        ]
    );
}
