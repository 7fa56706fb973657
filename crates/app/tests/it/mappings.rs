//! Mappings between catalogues: who brings them, what is refused, what is read from both sides.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::UseError;
use khien_app::use_case::controls::{self, Called, Mapped};
use khien_domain::account::Role;
use khien_domain::control::CatalogueKey;
use khien_domain::control::mapping::Relationship;
use khien_domain::permission::AgencyScope;
use khien_testkit::like_csf;
use serde_json::{Value, json};

use crate::support::{agency, centre_of_two, lead, officer, person};

fn key(text: &str) -> CatalogueKey {
    CatalogueKey::parse(text).unwrap()
}

/// A catalogue of a plain table.
async fn table(app: &App, name: &str, ids: &[&str]) {
    let rows: Vec<String> = ids.iter().map(|id| format!("{id},Biện pháp {id}")).collect();
    let text = format!("id,title\n{}\n", rows.join("\n"));
    let called = Called { key: key(name), title: format!("Danh mục mẫu {name}") };
    controls::import(app, &lead(), "bang.csv", text.as_bytes(), Some(&called)).await.unwrap();
}

async fn map(app: &App, who: &Caller, text: &str, between: [&str; 2]) -> Result<Mapped, UseError> {
    let [source, target] = between.map(CatalogueKey::parse);
    let between = [source.as_ref(), target.as_ref()];
    controls::import_mapping(app, who, "anh-xa.csv", text.as_bytes(), between).await
}

async fn told(app: &App, text: &str, between: [&str; 2]) -> String {
    map(app, &lead(), text, between).await.unwrap_err().to_string()
}

/// What a control corresponds to: catalogue, how, control, and whether that is derived.
async fn of(
    app: &App,
    catalogue: &str,
    control: &str,
) -> Vec<(String, Relationship, String, bool)> {
    let (_, compared) = controls::compare(app, &lead(), &key(catalogue)).await.unwrap();
    let rows = compared.iter().flat_map(|one| {
        let to = one.pair.to.to_string();
        let all = one.pair.of(control).iter();
        all.map(move |c| (to.clone(), c.relationship, c.control.clone(), !c.via.is_empty()))
    });
    rows.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_read_from_both_sides_and_one_wrong_place_keeps_all_of_it_out() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    table(&app, "mau-a@1", &["a-1", "a-2", "a-3"]).await;
    table(&app, "mau-b@8.1", &["1.1", "1.2"]).await;
    let between = ["mau-a@1", "mau-b@8.1"];
    let wrong = "source,relationship,target\na-1,subset-of,1.1\na-9,equal-to,1.2\na-2,like,1.2\n";
    let Mapped::Refused(problems) = map(&app, &lead(), wrong, between).await.unwrap() else {
        panic!("it is wrong")
    };
    let places: Vec<&str> = problems.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(places, ["row 4", "row 3"]);
    assert_eq!(problems[1].what.to_string(), "mau-a@1 has no control a-9");
    assert!(controls::list_mappings(&app, &lead()).await.unwrap().is_empty(), "nothing is kept");
    assert!(of(&app, "mau-a@1", "a-1").await.is_empty());

    let right = "source,relationship,target\na-1,subset-of,1.1\na-2,no-relationship,1.2\n";
    for caller in [
        officer("sokhcn"),
        person("thamdinh", Role::Appraiser, AgencyScope::All),
        person("truongca-so", Role::Lead, AgencyScope::one(agency("sokhcn"))),
    ] {
        assert!(matches!(map(&app, &caller, right, between).await, Err(UseError::Denied(_))));
    }
    let kept = map(&app, &lead(), right, between).await.unwrap();
    assert!(matches!(kept, Mapped::Kept { unrelated: 1, .. }), "{kept:?}");
    let here = of(&app, "mau-a@1", "a-1").await;
    assert_eq!(here, [("mau-b@8.1".into(), Relationship::SubsetOf, "1.1".into(), false)]);
    let there = of(&app, "mau-b@8.1", "1.1").await;
    assert_eq!(there, [("mau-a@1".into(), Relationship::SupersetOf, "a-1".into(), false)]);

    // A later one counts, the former is kept; another version of a catalogue begins without any.
    clock.forward(60);
    let later = "source,relationship,target\na-1,equal-to,1.1\n";
    map(&app, &lead(), later, between).await.unwrap();
    let all = controls::list_mappings(&app, &lead()).await.unwrap();
    let all: Vec<_> = all.iter().map(|one| (one.number, one.is_current)).collect();
    assert_eq!(all, [(2, true), (1, false)]);
    assert_eq!(of(&app, "mau-a@1", "a-1").await[0].1, Relationship::EqualTo);
    // Written from the other side it is of the same two.
    clock.forward(60);
    let turned = "source,relationship,target\n1.1,superset-of,a-1\n";
    map(&app, &lead(), turned, ["mau-b@8.1", "mau-a@1"]).await.unwrap();
    let all = controls::list_mappings(&app, &lead()).await.unwrap();
    let current: Vec<_> = all.iter().filter(|one| one.is_current).collect();
    assert!(current.len() == 1 && current[0].mapping.source == key("mau-b@8.1"), "{current:?}");
    let here = of(&app, "mau-a@1", "a-1").await;
    assert_eq!(here, [("mau-b@8.1".into(), Relationship::SubsetOf, "1.1".into(), false)]);
    clock.forward(60);
    table(&app, "mau-a@2", &["a-1"]).await;
    assert!(of(&app, "mau-a@2", "a-1").await.is_empty());
    assert_eq!(of(&app, "mau-a@1", "a-1").await.len(), 1, "the old one stays readable");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogues_that_both_map_to_csf_are_joined_through_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let none = controls::export_mapping(&app, &lead(), None).await.unwrap_err().to_string();
    assert!(none.contains("no catalogue csf-2.0 yet"), "{none}");
    controls::import(&app, &lead(), "csf.json", like_csf().as_bytes(), None).await.unwrap();
    table(&app, "mau-b@8.1", &["1.1", "1.2"]).await;
    let (own, hub) = ("mh-levels@2026.1", "csf-2.0@1.0.0");
    assert_eq!(of(&app, own, "UP-01").await.len(), 1, "its own outcome");
    let text = "source,relationship,target\n1.1,equal-to,PR.DS-11\n1.2,equal-to,RS.Z0-00\n";
    map(&app, &lead(), text, ["mau-b@8.1", hub]).await.unwrap();
    let found = of(&app, own, "UP-01").await;
    let derived = ("mau-b@8.1".into(), Relationship::IntersectsWith, "1.1".into(), true);
    assert_eq!(
        found,
        [(hub.into(), Relationship::IntersectsWith, "PR.DS-11".into(), false), derived]
    );
    let back: Vec<_> = of(&app, "mau-b@8.1", "1.1").await.into_iter().map(|one| one.2).collect();
    assert_eq!(back, ["PR.DS-11", "UP-01", "UP-02"]);
    // What corresponds elsewhere answers nothing here.
    let (_, compared) = controls::compare(&app, &lead(), &key(own)).await.unwrap();
    let derived = compared.iter().find(|one| one.pair.via.is_some()).unwrap();
    assert_eq!((derived.pair.mapped(), derived.pair.reached()), (2, 1));

    // Our own goes out as OSCAL and comes in again by the names in it.
    let document = controls::export_mapping(&app, &lead(), None).await.unwrap();
    assert_eq!(document.file, "mapping-mh-levels-2026.1-csf-2.0-1.0.0.json");
    let bytes = document.value.to_string().into_bytes();
    let again = controls::import_mapping(&app, &lead(), &document.file, &bytes, [None, None]).await;
    let Mapped::Kept { mapping, .. } = again.unwrap() else { panic!("it is refused") };
    assert_eq!(
        (mapping.source.to_string().as_str(), mapping.target.to_string().as_str()),
        (own, hub)
    );
    assert_eq!(of(&app, own, "UP-01").await, found, "brought or its own, it says the same");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_which_catalogues_it_maps_or_somebody_does() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    table(&app, "mau-a@1", &["a-1"]).await;
    table(&app, "mau-b@8.1", &["1.1"]).await;
    let collection = |target: &str, id: &str| -> String {
        let item = |id: &str| -> Value { json!([{"type": "control", "id-ref": id}]) };
        let map = json!({"relationship": "equal-to", "sources": item("a-1"), "targets": item(id)});
        json!({"mapping-collection": {"mappings": [{
            "source-resource": {"type": "catalog", "href": "./catalog-mau-a-1.json"},
            "target-resource": {"type": "catalog", "href": target},
            "maps": [map],
        }]}})
        .to_string()
    };
    let ours = collection("https://example.test/catalog-mau-b-8.1.json", "c-1.1");
    assert!(told(&app, &ours, ["", "mau-a@1"]).await.contains("it maps mau-b@8.1, not mau-a@1"));
    let kept = map(&app, &lead(), &ours, ["", ""]).await.unwrap();
    let Mapped::Kept { mapping, .. } = kept else { panic!("{kept:?}") };
    assert_eq!(mapping.relations[0].target, "1.1", "as the catalogue has it");
    let foreign = collection("#8a1b", "1.1");
    assert!(told(&app, &foreign, ["", ""]).await.contains("choose both"));
    map(&app, &lead(), &foreign, ["", "mau-b@8.1"]).await.unwrap();
    let missing = map(&app, &lead(), &foreign, ["", "mau-c@1"]).await;
    assert!(matches!(missing, Err(UseError::NotFound { .. })));
    let empty = "source,relationship,target\n";
    assert!(told(&app, empty, ["mau-a@1", "mau-b@8.1"]).await.contains("maps no control"));
    let same = "source,relationship,target\na-1,equal-to,a-1\n";
    assert!(told(&app, same, ["mau-a@1", "mau-a@1"]).await.contains("to itself"));
    let secret = "MẬT\nsource,relationship,target\n";
    assert!(told(&app, secret, ["mau-a@1", "mau-b@8.1"]).await.contains("bears the mark"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_takes_the_name_of_no_catalogue_that_is_more() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    for (name, says) in [
        ("csf-2.0@2", "csf-2.0 is NIST's own file"),
        ("mh-levels@2027", "mh-levels is a catalogue by level"),
    ] {
        let called = Called { key: key(name), title: "Bảng mẫu".into() };
        let refused =
            controls::import(&app, &lead(), "b.csv", b"id,title\na,A\n", Some(&called)).await;
        let told = refused.unwrap_err().to_string();
        assert!(told.contains(says), "{told}");
    }
    app.stop().await;
}
