use proptest::prelude::*;

use super::{Bound, MAX_DEPTH, MAX_TERMS, Network, Phrase, Piece, Query, Reason, Test, parse};

fn text(words: &str) -> Query {
    Query::Text(Phrase::exact(words))
}

fn is(name: &str, value: &str) -> Query {
    Query::Field { name: name.into(), test: Test::Is(Phrase::exact(value)) }
}

fn test_of(query: &str) -> Test {
    match parse(query).unwrap() {
        Query::Field { test, .. } => test,
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_fields_and_operators() {
    assert_eq!(parse("").unwrap(), Query::All);
    assert_eq!(parse(" * ").unwrap(), Query::All);
    assert_eq!(parse("mimikatz").unwrap(), text("mimikatz"));
    assert_eq!(parse("a b AND c").unwrap(), Query::and([text("a"), text("b"), text("c")]));
    assert_eq!(
        parse("a b OR NOT c").unwrap(),
        Query::or([Query::and([text("a"), text("b")]), Query::Not(Box::new(text("c")))])
    );
    assert_eq!(parse("-host:dc01").unwrap(), Query::Not(Box::new(is("host", "dc01"))));
    assert_eq!(
        parse("EventID:(4624 OR 4625)").unwrap(),
        Query::or([is("EventID", "4624"), is("EventID", "4625")])
    );
    assert_eq!(parse(r#""Event ID":"a b""#).unwrap(), is("Event ID", "a b"));
    assert_eq!(parse("and or").unwrap(), Query::and([text("and"), text("or")]));
    assert_eq!(parse("ORANGE").unwrap(), text("ORANGE"));
}

#[test]
fn values_keep_what_belongs_to_them() {
    assert_eq!(parse(r"file:C:\Windows\cmd.exe").unwrap(), is("file", r"C:\Windows\cmd.exe"));
    assert_eq!(parse(r"C:\Windows").unwrap(), text(r"C:\Windows"));
    assert_eq!(parse("https://a.example/x").unwrap(), text("https://a.example/x"));
    assert_eq!(parse("2001:db8::1").unwrap(), text("2001:db8::1"));
    assert_eq!(parse("src_ip:2001:db8::1").unwrap(), is("src_ip", "2001:db8::1"));
    assert_eq!(parse(r"a\ b\:c").unwrap(), text("a b:c"));
    assert_eq!(parse(r#""\\\"x\y""#).unwrap(), text(r#"\"x\y"#));
    let Query::Text(phrase) = parse("~\"đăng nhập\"").unwrap() else { panic!() };
    assert!(phrase.bare && phrase.literal() == Some("đăng nhập"));
}

#[test]
fn fields_that_look_like_something_else_are_written_in_quotes() {
    for written in [r#""a":\\x*"#, r#""http"://x*"#] {
        let query = parse(written).unwrap();
        assert!(matches!(query, Query::Field { .. }), "{query:?}");
        assert_eq!(query.to_string(), written);
    }
}

#[test]
fn tests_of_fields() {
    assert_eq!(test_of("user:*"), Test::Exists);
    let pieces = vec![
        Piece::Any,
        Piece::Text("power".into()),
        Piece::One,
        Piece::Text("hell*".into()),
        Piece::Any,
    ];
    assert_eq!(test_of(r"cmd_line:**power?hell\**"), Test::Is(Phrase { pieces, bare: false }));
    let network = Network::new("10.1.0.0".parse().unwrap(), 16).unwrap();
    assert_eq!(test_of("src_ip:10.1.2.3/16"), Test::Within(network));
    assert!(network.contains("10.1.255.9".parse().unwrap()));
    assert!(network.contains("::ffff:10.1.0.1".parse().unwrap()));
    assert!(!network.contains("10.2.0.1".parse().unwrap()));
    let bound = |value: &str, inclusive| Some(Bound { value: value.into(), inclusive });
    assert_eq!(
        test_of("x:[1 TO 5}"),
        Test::Range { low: bound("1", true), high: bound("5", false) }
    );
    assert_eq!(test_of("x:{* TO \"a b\"]"), Test::Range { low: None, high: bound("a b", true) });
    assert_eq!(test_of("x:>=-5"), Test::Range { low: bound("-5", true), high: None });
    assert_eq!(test_of("x:<7.5"), Test::Range { low: None, high: bound("7.5", false) });
    assert_eq!(test_of("x:[* TO *]"), Test::Exists);
}

#[test]
fn errors_say_where_and_why() {
    let error = |text: &str| {
        let error = parse(text).unwrap_err();
        (error.at, error.reason)
    };
    assert_eq!(error("đăng \"nhập"), (5, Reason::OpenQuote));
    assert_eq!(error("(a OR b"), (0, Reason::OpenParenthesis));
    assert_eq!(error("a) b"), (1, Reason::StrayParenthesis));
    assert_eq!(error("a AND"), (5, Reason::NothingHere));
    assert_eq!(error("a OR OR b"), (5, Reason::NothingHere));
    assert_eq!(error("()"), (1, Reason::NothingHere));
    assert_eq!(error("- a"), (1, Reason::NothingHere));
    assert_eq!(error("\"\""), (0, Reason::NothingHere));
    assert_eq!(error("host: dc01"), (5, Reason::NoValue));
    assert_eq!(error("x:[1 5]"), (2, Reason::BadRange));
    assert_eq!(error("[1 TO 5]"), (0, Reason::RangeWithoutField));
    assert_eq!(error("src_ip:10.0.0.0/33"), (7, Reason::BadNetwork));
    assert_eq!(error("time:>gestern"), (5, Reason::BadMoment("gestern".into())));
    assert_eq!(error(&"(".repeat(MAX_DEPTH + 1)).1, Reason::TooDeep);
    assert_eq!(error(&"NOT ".repeat(MAX_DEPTH + 1)).1, Reason::TooDeep);
    assert_eq!(error(&"a ".repeat(MAX_TERMS + 1)).1, Reason::TooManyTerms);
    assert_eq!(error(&"a".repeat(20_000)).1, Reason::TooLong);
    let open = parse("a (").unwrap_err();
    assert_eq!(open.english(), "at letter 4: a term is missing here");
    assert_eq!(open.vietnamese(), "tại ký tự 4: thiếu điều kiện ở đây");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9]{1,6}",
        r#"[-~<>=:*?"()\[\]{}\\/ .đậA-C]{1,6}"#,
        "(AND|OR|NOT|TO)",
        "10\\.0\\.0\\.0/8",
    ]
}

fn any_phrase() -> impl Strategy<Value = Phrase> {
    let piece = prop_oneof![any_text().prop_map(Piece::Text), Just(Piece::Any), Just(Piece::One),];
    (prop::collection::vec(piece, 1..4), any::<bool>()).prop_map(|(raw, bare)| {
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in raw {
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
                (Some(Piece::Any), Piece::Any) => {}
                (_, piece) => pieces.push(piece),
            }
        }
        Phrase { pieces, bare }
    })
}

fn any_test() -> impl Strategy<Value = Test> {
    let bound = || {
        prop::option::of((any_text(), any::<bool>()))
            .prop_map(|bound| bound.map(|(value, inclusive)| Bound { value, inclusive }))
    };
    prop_oneof![
        Just(Test::Exists),
        any_phrase()
            .prop_filter("is Exists", |phrase| phrase.bare || phrase.pieces != [Piece::Any])
            .prop_map(Test::Is),
        (any::<[u8; 4]>(), 0_u8..=32).prop_map(|(address, prefix)| {
            Test::Within(Network::new(std::net::IpAddr::from(address), prefix).unwrap())
        }),
        (bound(), bound())
            .prop_filter("is Exists", |(low, high)| low.is_some() || high.is_some())
            .prop_map(|(low, high)| Test::Range { low, high }),
    ]
}

fn any_query() -> impl Strategy<Value = Query> {
    let leaf = prop_oneof![
        Just(Query::All),
        any_phrase()
            .prop_filter("is All", |phrase| phrase.bare || phrase.pieces != [Piece::Any])
            .prop_map(Query::Text),
        (any_text(), any_test()).prop_map(|(name, test)| Query::Field { name, test }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|query| Query::Not(Box::new(query))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Query::and),
            prop::collection::vec(inner, 1..4).prop_map(Query::or),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(query in any_query()) {
        let written = query.to_string();
        prop_assert_eq!(parse(&written), Ok(query), "{}", written);
    }

    #[test]
    fn no_text_is_too_strange(text in r#"([-~<>=:*?"()\[\]{}\\/ .đa1]|AND |OR |NOT |TO ){0,40}"#) {
        if let Ok(query) = parse(&text) {
            prop_assert_eq!(parse(&query.to_string()), Ok(query));
        }
    }
}
