//! What corresponds between catalogues: read both ways, through CSF 2.0, and refused by place.

use std::collections::BTreeSet;

use khien_domain::control::mapping::{
    Corresponds, MOST_RELATIONS, Mapping, MappingError, Pair, Placed, Relation, Relationship, pairs,
};
use khien_domain::control::{Catalogue, CatalogueKey, Control};
use khien_domain::system::Stage;

fn key(text: &str) -> CatalogueKey {
    CatalogueKey::parse(text).unwrap()
}

/// A catalogue of some controls, each with the outcomes of CSF 2.0 that it serves.
fn catalogue(name: &str, controls: &[(&str, &[&str])]) -> Catalogue {
    let control = |(id, csf): &(&str, &[&str])| Control {
        id: (*id).into(),
        family: "f".into(),
        vi: (*id).into(),
        en: (*id).into(),
        text: String::new(),
        level: 1,
        stage: Stage::Operation,
        source: String::new(),
        csf: csf.iter().map(|one| (*one).to_owned()).collect(),
        layer: None,
        needs: Vec::new(),
        lacks: Vec::new(),
    };
    Catalogue {
        key: key(name),
        vi: name.into(),
        en: name.into(),
        note: String::new(),
        source: String::new(),
        valid_from: None,
        valid_to: None,
        families: Vec::new(),
        controls: controls.iter().map(control).collect(),
        measures: None,
    }
}

fn placed(rows: &[(&str, Relationship, &str)]) -> Vec<Placed> {
    let rows = rows.iter().enumerate();
    let placed = rows.map(|(at, (source, relationship, target))| Placed {
        place: format!("row {}", at + 2),
        relation: Relation {
            source: (*source).into(),
            target: (*target).into(),
            relationship: *relationship,
        },
    });
    placed.collect()
}

fn own() -> Catalogue {
    catalogue("own@1", &[("A-1", &["X.1", "X.9"]), ("A-2", &["X.2"]), ("A-3", &[])])
}

fn hub() -> Catalogue {
    catalogue("csf-2.0@1", &[("X.1", &["X.1"]), ("X.2", &["X.2"]), ("X.3", &["X.3"])])
}

fn other() -> Catalogue {
    catalogue("other@5", &[("o-1", &[]), ("o-2", &[]), ("o-3", &[])])
}

fn corresponds(control: &str, relationship: Relationship, via: &[&str]) -> Corresponds {
    let via = via.iter().map(|one| (*one).to_owned()).collect();
    Corresponds { control: control.into(), relationship, via }
}

fn pair<'p>(pairs: &'p [Pair], to: &str) -> &'p Pair {
    pairs.iter().find(|pair| pair.to == key(to)).unwrap()
}

#[test]
fn a_relation_seen_from_the_other_side_is_turned_and_turned_back() {
    for one in Relationship::ALL {
        assert_eq!(one.inverse().inverse(), *one);
    }
    assert_eq!(Relationship::SubsetOf.inverse(), Relationship::SupersetOf);
    assert_eq!(Relationship::EqualTo.inverse(), Relationship::EqualTo);
    let (own, other) = (own(), other());
    let rows = placed(&[
        ("A-1", Relationship::SubsetOf, "o-1"),
        ("A-1", Relationship::IntersectsWith, "o-2"),
        ("A-2", Relationship::EquivalentTo, "o-2"),
    ]);
    let mapping = [Mapping::new(&own, &other, rows).unwrap()];
    let there = pairs(&own.key, &mapping);
    let there = pair(&there, "other@5");
    let of_first = [
        corresponds("o-1", Relationship::SubsetOf, &[]),
        corresponds("o-2", Relationship::IntersectsWith, &[]),
    ];
    assert_eq!(there.of("A-1"), of_first);
    assert_eq!((there.mapped(), there.reached()), (2, 2));
    let unmapped: Vec<&str> = there.unmapped(&own).iter().map(|one| one.id.as_str()).collect();
    assert_eq!(unmapped, ["A-3"]);
    let back = pairs(&other.key, &mapping);
    let back = pair(&back, "own@1");
    assert_eq!(back.of("o-1"), [corresponds("A-1", Relationship::SupersetOf, &[])]);
    assert_eq!((back.mapped(), back.reached()), (there.reached(), there.mapped()));
    assert!(pairs(&key("own@2"), &mapping).is_empty(), "another version has its own");
}

#[test]
fn what_only_csf_joins_is_derived_and_says_no_more_than_that_they_may_meet() {
    let (own, hub, other) = (own(), hub(), other());
    let outcomes = Mapping::of_outcomes(&own, &hub).unwrap();
    assert_eq!(outcomes.relations.len(), 2, "X.9 is none of the catalogue");
    assert_eq!(Mapping::of_outcomes(&hub, &hub), None, "it serves nothing but itself");
    let equal = placed(&[
        ("o-1", Relationship::EqualTo, "X.1"),
        ("o-2", Relationship::EqualTo, "X.3"),
        ("o-1", Relationship::SupersetOf, "X.2"),
    ]);
    let mut all = vec![outcomes, Mapping::new(&other, &hub, equal).unwrap()];
    let found = pairs(&own.key, &all);
    let names: Vec<_> = found.iter().map(|one| (one.to.to_string(), one.via.is_some())).collect();
    assert_eq!(names, [("csf-2.0@1".to_owned(), false), ("other@5".to_owned(), true)]);
    let derived = pair(&found, "other@5");
    assert_eq!(derived.via, Some(key("csf-2.0@1")));
    let met = corresponds("o-1", Relationship::IntersectsWith, &["X.1"]);
    assert_eq!(derived.of("A-1"), [met], "equal to what it intersects is not equal");
    assert_eq!(derived.of("A-2")[0].via, BTreeSet::from(["X.2".to_owned()]));
    assert_eq!((derived.mapped(), derived.reached()), (2, 1));
    let back = pairs(&other.key, &all);
    assert_eq!(pair(&back, "own@1").of("o-1").len(), 2, "both ways");
    assert!(pairs(&hub.key, &all).iter().all(|one| one.via.is_none()), "through itself is nothing");
    // Once somebody maps the two, only what they said counts.
    let said = placed(&[("A-3", Relationship::EqualTo, "o-3")]);
    all.push(Mapping::new(&own, &other, said).unwrap());
    let found = pairs(&own.key, &all);
    let direct = pair(&found, "other@5");
    assert_eq!((direct.via.as_ref(), direct.mapped(), direct.of("A-1").len()), (None, 1, 0));
}

#[test]
fn versions_of_one_catalogue_are_not_compared_through_outcomes() {
    let (own, hub) = (own(), hub());
    let newer = Catalogue { key: key("own@2"), ..own.clone() };
    let all = [&own, &newer].map(|one| Mapping::of_outcomes(one, &hub).unwrap());
    let found = pairs(&own.key, &all);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn everything_wrong_is_told_by_its_place_and_nothing_is_made() {
    let (own, other) = (own(), other());
    let rows = placed(&[
        ("A-1", Relationship::EqualTo, "o-1"),
        ("A-9", Relationship::EqualTo, "o-9"),
        ("A-1", Relationship::EqualTo, "o-1"),
        ("A-1", Relationship::SubsetOf, "o-1"),
        ("o-1", Relationship::EqualTo, "A-1"),
    ]);
    let problems = Mapping::new(&own, &other, rows).unwrap_err();
    let told: Vec<String> =
        problems.iter().map(|one| format!("{}: {}", one.place, one.what)).collect();
    assert_eq!(
        told,
        [
            "row 3: own@1 has no control A-9",
            "row 3: other@5 has no control o-9",
            "row 5: A-1 stands to o-1 as subset-of here and as equal-to before",
            "row 6: own@1 has no control o-1",
            "row 6: other@5 has no control A-1",
        ]
    );
    // That two have something in common follows from all else, whichever is said first.
    for rows in [
        [("A-1", Relationship::IntersectsWith, "o-1"), ("A-1", Relationship::EqualTo, "o-1")],
        [("A-1", Relationship::EqualTo, "o-1"), ("A-1", Relationship::IntersectsWith, "o-1")],
    ] {
        let mapping = Mapping::new(&own, &other, placed(&rows)).unwrap();
        assert_eq!(mapping.relations[0].relationship, Relationship::EqualTo);
    }
    let wrong =
        |source, target, rows| Mapping::new(source, target, rows).unwrap_err().remove(0).what;
    assert_eq!(wrong(&own, &own, Vec::new()), MappingError::Same(own.key.clone()));
    assert_eq!(wrong(&own, &other, Vec::new()), MappingError::Empty);
    let one = placed(&[("A-1", Relationship::EqualTo, "o-1")]).remove(0);
    let most = vec![one.clone(); MOST_RELATIONS];
    assert_eq!(Mapping::new(&own, &other, most).unwrap().relations.len(), 1, "said again");
    assert_eq!(wrong(&own, &other, vec![one; MOST_RELATIONS + 1]), MappingError::Most);
}
