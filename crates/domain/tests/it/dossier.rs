//! What dossiers say and when they do.

use khien_domain::dossier::{Document, DossierAbout, DossierError, DossierKind, DossierPack};
use khien_domain::evidence::content::Content;
use khien_domain::system::Level;
use khien_domain::text::TextError;

fn level(number: i64) -> Level {
    Level::new(number).unwrap()
}

#[test]
fn higher_levels_are_asked_more_and_designs_other_things() {
    let pack = DossierPack::built_in().unwrap();
    let count = |kind, number| pack.items(kind, level(number)).count();
    for kind in DossierKind::ALL {
        let counts: Vec<usize> = (1..=5).map(|number| count(*kind, number)).collect();
        assert!(counts.is_sorted() && counts[0] >= 4 && counts[3] > counts[0], "{counts:?}");
    }
    let ids = |kind| pack.items(kind, level(4)).map(|item| item.id.as_str()).collect::<Vec<_>>();
    assert!(
        ids(DossierKind::Design).contains(&"cost") && !ids(DossierKind::Level).contains(&"cost")
    );
}

#[test]
fn a_pack_that_misses_something_is_refused() {
    for (cut, put) in [
        ("id: boundary", "id: roles"),
        ("of: [design], from: 2", "of: [plan], from: 2"),
        ("from: 4", "from: 6"),
        ("criteria:", "criterion:"),
    ] {
        let text = DossierPack::BUILT_IN.replacen(cut, put, 1);
        assert_ne!(text, DossierPack::BUILT_IN, "{cut}");
        assert!(DossierPack::parse(&text).is_err(), "{put}");
    }
}

#[test]
fn what_will_not_do_is_refused_with_its_reason() {
    let about = || DossierAbout::new(level(2), DossierPack::built_in().unwrap());
    let document = |number: &str, sha256: Option<&str>| Document {
        title: "Thuyết minh".into(),
        number: number.into(),
        day: "2026-10-01".parse().unwrap(),
        sha256: sha256.map(str::to_owned),
    };
    let with = |documents: Vec<Document>| DossierAbout { documents, ..about() }.checked();
    assert_eq!(with(vec![document("1", Some("abc"))]), Err(DossierError::Hash));
    assert_eq!(with(vec![document("1", None); 31]), Err(DossierError::Documents));
    assert!(matches!(with(vec![document(" ", None)]), Err(DossierError::Text(_))));
    let marked = |what, mark| Err(TextError::Marked { what, mark }.into());
    assert_eq!(with(vec![document("(MẬT)", None)]), marked("the document's number", "MẬT"));
    let scope = DossierAbout { scope: "Độ mật: Tối mật".into(), ..about() };
    assert_eq!(scope.checked(), marked("the scope", "TỐI MẬT"));
    let good = with(vec![document("12/TTr", Some(&"0".repeat(64)))]).unwrap();
    let text = good.to_content().to_text();
    assert_eq!(DossierAbout::of_content(&Content::parse(&text).unwrap()), Some(good));
    assert_eq!(DossierAbout::of_content(&Content::from(1)), None);
}
