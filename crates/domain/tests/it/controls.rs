//! The catalogue by level that comes with the program, and what is refused of others.

use std::collections::BTreeSet;

use khien_domain::control::{Catalogue, CatalogueKey, Layer, STAGES};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::system::Stage;

fn kinds() -> Kinds {
    Kinds::parse(Kinds::BUILT_IN).unwrap()
}

#[test]
fn the_catalogue_by_level_is_sound() {
    let catalogue = Catalogue::parse(Catalogue::BUILT_IN, &kinds()).unwrap();
    assert_eq!(catalogue.key.to_string(), "mh-levels@2026.1");
    let due = |level: u8| catalogue.controls.iter().filter(|one| one.level <= level).count();
    let counts: Vec<usize> = (1..=5).map(due).collect();
    assert!(counts.is_sorted() && counts[0] >= 15 && counts[4] == 59, "{counts:?}");
    for control in &catalogue.controls {
        assert!(!control.csf.is_empty(), "{} serves no outcome", control.id);
        assert!(control.vi.ends_with('.') && control.en.ends_with('.'), "{}", control.id);
        assert!(control.id.starts_with(&control.family), "{}", control.id);
    }
    let layers: BTreeSet<Layer> = catalogue.controls.iter().filter_map(|one| one.layer).collect();
    assert_eq!(layers.len(), Layer::ALL.len(), "each layer is protected by something");
    for stage in STAGES {
        let due = catalogue.controls.iter().filter(|control| control.stage == stage).count();
        assert!(due >= 3, "{} asks for {due}", stage.name());
    }
    let stage = |id: &str| catalogue.control(id).unwrap().stage;
    assert_eq!((stage("QT-01"), stage("UP-01")), (Stage::Design, Stage::Operation), "not said");
    let families = catalogue.families.iter();
    assert!(families.clone().all(|family| catalogue.of_family(&family.id).count() > 0));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let text = Catalogue::BUILT_IN;
    for (from, to, says) in [
        ("family: QT, level: 1", "family: XX, level: 1", "there is no family «XX»"),
        ("needs: [named]", "needs: [noname]", "there is no set «noname»"),
        ("level: 1, source", "level: 6, source", "a level is 1 to 5"),
        ("stage: design", "stage: retired", "«retired» is none of design, build, test, operation"),
        ("layer: people", "layer: roof", "«roof» is no layer"),
        ("needs: [site], lacks", "lacks", "nothing was said shows nothing"),
        ("id: QT-02", "id: QT-01", "is there twice"),
        ("systems: any", "systems: all", "there is no set «all»"),
        ("version: 2026.1", "version: 2026 1", "letters, digits, dots"),
        ("id: QT-01, family", "id: QT-01, colour: red, family", "«colour» is not known"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text, "{from}");
        let told = Catalogue::parse(&wrong, &kinds()).unwrap_err();
        assert!(told.line.is_some() && told.to_string().contains(says), "{told}");
    }
}

#[test]
fn names_of_catalogues_stand_in_addresses() {
    let key = CatalogueKey::parse("csf-2.0@1.0.0").unwrap();
    assert_eq!((key.name.as_str(), key.version.as_str()), ("csf-2.0", "1.0.0"));
    for bad in ["csf", "csf@", "@1", "a/b@1", "a@1@2", "a b@1", "../a@1"] {
        assert_eq!(CatalogueKey::parse(bad), None, "{bad}");
    }
}
