//! What is read of an advisory, what is refused, and what a system has of it.

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::finding::NewFinding;
use khien_domain::ids::ProductId;
use khien_domain::product::{Component, KeptProduct, Make, Product};
use khien_domain::risk::Rating;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::version::{Compared, Purl, Version, compare, cpe, version};
use super::*;
use crate::use_case::assessments::pack;

/// A library in three versions, a product with a range, and the library as a part of the product.
fn document() -> Value {
    let versions: Vec<Value> = (["1.0", "1.1", "1.2"].iter())
        .map(|version| {
            json!({"category": "product_version", "name": version, "product": {
                "name": format!("Xưởng Mẫu Thư viện Ký số {version}"),
                "product_id": format!("KY-{version}"),
                "product_identification_helper": {"purl": format!("pkg:maven/mau.example/ky-so@{version}")},
            }})
        })
        .collect();
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": "Lỗi trong thư viện ký số",
            "publisher": {"category": "vendor", "name": "Xưởng Mẫu", "namespace": "https://xuong-mau.example"},
            "distribution": {"tlp": {"label": "GREEN"}},
            "tracking": {"id": "XM-2026-01", "version": "1", "status": "final",
                "initial_release_date": "2026-10-01T00:00:00Z",
                "current_release_date": "2026-10-10T03:00:00.5+07:00"},
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Xưởng Mẫu", "branches": [
                {"category": "product_name", "name": "Thư viện Ký số", "branches": versions},
                {"category": "product_name", "name": "Cổng Mẫu", "branches": [
                    {"category": "product_version_range", "name": "vers:generic/<4.2", "product": {
                        "name": "Xưởng Mẫu Cổng Mẫu trước 4.2", "product_id": "CONG"}},
                ]},
            ]}],
            "full_product_names": [
                {"name": "Máy chủ Web Mẫu 7.1", "product_id": "WEB", "product_identification_helper": {
                    "cpe": "cpe:2.3:a:xuong_mau:may_chu_web:7.1:*:*:*:*:*:*:*"}},
                {"name": "Tường lửa Mẫu", "product_id": "LUA"},
            ],
            "relationships": [
                {"category": "default_component_of", "product_reference": "KY-1.0",
                    "relates_to_product_reference": "LUA",
                    "full_product_name": {"name": "Ký số trong Tường lửa", "product_id": "LUA:KY-1.0"}},
                {"category": "installed_on", "product_reference": "LUA:KY-1.0",
                    "relates_to_product_reference": "WEB",
                    "full_product_name": {"name": "Tường lửa trên máy chủ", "product_id": "WEB:LUA:KY-1.0"}},
            ],
        },
        "vulnerabilities": [flaw(&json!({
            "known_affected": ["KY-1.0", "KY-1.1", "CONG", "WEB"], "fixed": ["KY-1.2"]}))],
    })
}

fn flaw(status: &Value) -> Value {
    json!({
        "cve": "CVE-2026-0001",
        "title": "Chữ ký giả được chấp nhận",
        "product_status": status,
        "scores": [
            {"products": ["KY-1.0", "KY-1.1"], "cvss_v3": {"baseScore": 8.1, "baseSeverity": "HIGH"}},
            {"products": ["KY-1.0"], "cvss_v3": {"baseScore": 9.8, "baseSeverity": "CRITICAL"}},
        ],
        "remediations": [{"category": "vendor_fix", "details": "Nâng lên\n1.2",
            "product_ids": ["KY-1.0", "KY-1.1"]}],
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut document = document();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(list) => list.push(value),
        parent => drop(parent.as_object_mut().unwrap().insert(field.to_owned(), value)),
    }
    document
}

fn status(status: &Value) -> Value {
    let mut document = document();
    document["vulnerabilities"] = json!([flaw(status)]);
    document
}

fn taken(document: &Value) -> Advisory {
    read(pack().unwrap(), document).unwrap()
}

fn refused(document: &Value) -> String {
    read(pack().unwrap(), document).unwrap_err()
}

fn product(name: &str, version: Option<&str>, maker: Option<&str>, components: u64) -> KeptProduct {
    KeptProduct {
        id: ProductId(1),
        agency: AgencyCode::new("sokhcn").unwrap(),
        components,
        product: Product {
            system: SystemCode::new("cong-dvc").unwrap(),
            name: name.into(),
            version: version.map(str::to_owned),
            maker: maker.map(str::to_owned),
            certificate: None,
            scope: None,
            certificate_until: None,
            support_until: None,
            make: Make::Domestic,
            is_cryptographic: false,
            authority: None,
            custodian: None,
        },
    }
}

fn part(name: &str, version: &str, purl: Option<&str>) -> Item {
    let (name, version, kind) = (name.to_owned(), version.to_owned(), "library".to_owned());
    let component = Component { name, version, kind, purl: purl.map(str::to_owned) };
    Item::part(&product("Cổng", Some("1"), None, 1), &component)
}

fn own(name: &str, version: Option<&str>) -> Item {
    Item::product(&product(name, version, None, 0))
}

fn matched(document: &Value, items: impl IntoIterator<Item = Item>) -> Matched {
    let advisory = taken(document);
    let mut matching = Matching::of(&advisory);
    items.into_iter().for_each(|item| matching.take(item).unwrap());
    matching.done().unwrap()
}

/// The one finding of a system that has one thing.
fn found(document: &Value, item: Item) -> Option<(NewFinding, bool)> {
    let mut matched = matched(document, [item]);
    assert!(matched.found.len() <= 1, "{matched:?}");
    matched.found.pop().map(|found| (found.new, found.is_possible))
}

fn is_clear(document: &Value, item: Item) -> bool {
    let matched = matched(document, [item]);
    matched.found.is_empty() && !matched.clear.is_empty()
}

mod hostile;
mod unsure;

#[test]
fn an_advisory_is_known_by_its_number_and_publisher() {
    let advisory = taken(&document());
    assert_eq!(advisory.tool, "CSAF: XM-2026-01 · xuong-mau.example");
    assert_eq!(
        (advisory.version.as_str(), advisory.title.as_str()),
        ("1", "Lỗi trong thư viện ký số")
    );
    assert_eq!(advisory.at.to_string(), "2026-10-09T20:00:00Z");
    taken(&with("/document/csaf_version", json!("2.1")));
    let named = taken(&with("/document/publisher/name", json!("Tên hiển thị khác")));
    assert_eq!(named.tool, advisory.tool, "a name that is shown is not who publishes it");
    let whole = |space: &str| with("/document/publisher/namespace", json!(space));
    assert_ne!(taken(&whole("https://khac.example")).tool, advisory.tool);
    let long = refused(&whole(&format!("https://{}.example", "x".repeat(100))));
    assert_eq!(long, "document.publisher.namespace: it is longer than 100 bytes", "nothing is cut");
    let odd = refused(&whole("https://a.example · b"));
    assert!(odd.starts_with("document.publisher.namespace: it is no address"), "{odd}");
    assert!(refused(&whole(" ")).ends_with("namespace: it is missing"));
}

#[test]
fn what_is_not_released_or_not_for_others_is_refused_by_place() {
    for (pointer, value, told) in [
        (
            "/document/csaf_version",
            json!("1.2"),
            "document.csaf_version: 2.0 and 2.1 are read, not «1.2»",
        ),
        ("/document/csaf_version", json!(2), "document.csaf_version: 2.0 and 2.1 are read, not «»"),
        ("/document/tracking/status", json!("draft"), "document.tracking.status: it is a draft"),
        ("/document/tracking/status", json!("?"), "document.tracking.status: «?» is none of"),
        (
            "/document/distribution/tlp/label",
            json!("red"),
            "document.distribution.tlp.label: TLP:RED",
        ),
        (
            "/document/distribution/tlp/label",
            json!("PINK"),
            "document.distribution.tlp.label: «PINK»",
        ),
        ("/document/tracking/id", json!(" "), "document.tracking.id: it is missing"),
        (
            "/document/tracking/id",
            json!("x".repeat(81)),
            "document.tracking.id: it is longer than 80",
        ),
        ("/document/publisher/name", json!(null), "document.publisher.name: it is missing"),
        (
            "/document/tracking/current_release_date",
            json!("10/2026"),
            "document.tracking.current_release_date: it is no moment",
        ),
        ("/document/title", json!("TỐI MẬT"), "the file bears the mark «TỐI MẬT»"),
    ] {
        let told_of = refused(&with(pointer, value));
        assert!(told_of.starts_with(told), "{told_of}");
    }
    for label in ["WHITE", "CLEAR", "AMBER", "AMBER+STRICT"] {
        taken(&with("/document/distribution/tlp/label", json!(label)));
    }
    taken(&with("/document/tracking/status", json!("interim")));
}

#[test]
fn a_product_tree_that_does_not_hang_together_is_refused_by_place() {
    let tree = "product_tree";
    for (pointer, value, told) in [
        ("/product_tree/branches", json!({}), format!("{tree}.branches: a list is expected")),
        ("/product_tree/full_product_names/-", json!({"name": "A"}),
            format!("{tree}.full_product_names[2].product_id: it is missing")),
        ("/product_tree/full_product_names/-", json!({"name": "A", "product_id": "WEB"}),
            format!("{tree}.full_product_names[2].product_id: «WEB» stands there twice")),
        ("/product_tree/relationships/-", json!({"category": "near"}),
            format!("{tree}.relationships[2].category: «near» is no kind of relationship")),
        ("/product_tree/relationships/-", together("installed_on", "WEB", "NONE", "A"),
            format!("{tree}.relationships: «NONE» is no product of the product tree")),
        ("/product_tree/relationships/-", together("installed_on", "WEB", "A", "A"),
            format!("{tree}.relationships: «A» is a part of itself")),
        ("/vulnerabilities/-", flaw(&json!({"known_affected": ["WEB", "NONE"]})),
            "vulnerabilities[1].product_status.known_affected[1]: «NONE» is no product of the product tree".into()),
        ("/vulnerabilities/-", json!({}), "vulnerabilities[1].cve: it is missing".into()),
        ("/vulnerabilities/-", json!({"cve": "CVE-2026-0002", "scores": [{"cvss_v3": {"baseSeverity": "DIRE"}}]}),
            "vulnerabilities[1].scores[0].cvss_v3.baseSeverity: it is no severity of CVSS".into()),
        ("/vulnerabilities/-", json!({"cve": "CVE-2026-0002", "scores": [{"cvss_v2": {"baseScore": 11}}]}),
            "vulnerabilities[1].scores[0].cvss_v2.baseScore: a number from 0 to 10 is expected".into()),
    ] {
        let told_of = refused(&with(pointer, value));
        assert!(told_of.starts_with(&told), "{told_of}");
    }
}

fn together(category: &str, of: &str, with: &str, id: &str) -> Value {
    json!({"category": category, "product_reference": of, "relates_to_product_reference": with,
        "full_product_name": {"name": id, "product_id": id}})
}

#[test]
fn branches_are_bounded_in_depth() {
    let nested = |depth: usize| {
        let mut branch = json!({"category": "product_version", "name": "1",
            "product": {"name": "Sâu 1", "product_id": "SAU"}});
        for _ in 1..depth {
            branch = json!({"category": "product_family", "name": "x", "branches": [branch]});
        }
        with("/product_tree/branches", json!([branch]))
    };
    let deep = refused(&nested(31));
    assert!(deep.starts_with("product_tree.branches[0].branches[0]"), "{deep}");
    assert!(deep.ends_with("branches within branches are read 30 deep"), "{deep}");
    let mut shallow = nested(30);
    shallow["product_tree"]["relationships"] = json!([]);
    shallow["vulnerabilities"] = json!([flaw(&json!({"known_affected": ["SAU"]}))]);
    assert!(found(&shallow, own("Sâu", Some("1"))).is_some());
}

#[test]
fn a_part_is_known_by_its_address_before_its_name() {
    let address = |text| part("chu-ky", "1.0", Some(text));
    let (new, is_possible) =
        found(&document(), address("pkg:Maven/mau.example/ky-so@1.0?type=jar#x")).unwrap();
    let wanted = NewFinding {
        rule: "CVE-2026-0001".into(),
        place: "chu-ky 1.0 (Cổng 1)".into(),
        title: "Chữ ký giả được chấp nhận".into(),
        severity: Rating::Critical,
        cves: ["CVE-2026-0001".to_owned()].into(),
    };
    assert_eq!((new, is_possible), (wanted, false));
    let high =
        found(&document(), part("chu-ky", "1.1", Some("pkg:maven/mau.example/ky-so"))).unwrap();
    assert_eq!(
        (high.0.severity, high.1),
        (Rating::High, false),
        "the version stands beside the address"
    );
    assert!(is_clear(&document(), part("chu-ky", "1.2", Some("pkg:maven/mau.example/ky-so@1.2"))));
    assert_eq!(
        matched(&document(), [part("ky-so", "2.0", Some("pkg:maven/mau.example/ky-so@2.0"))])
            .left_out,
        4
    );
    let two = found(&document(), address("pkg:maven/mau.example/ky-so@2.0")).unwrap();
    assert!(two.1, "it is said to be 1.0 and 2.0");
    // Another package of the same kind is another, whatever it is called.
    let named = |purl| part("Thư viện Ký số", "1.0", purl);
    assert_eq!(found(&document(), named(Some("pkg:maven/mau.example/khac@1.0"))), None);
    let (new, is_possible) =
        found(&document(), named(Some("pkg:maven/khac.example/ky-so@1.0"))).unwrap();
    assert!(is_possible && new.title.contains("nhóm khác"), "{}", new.title);
    assert!(found(&document(), named(Some("pkg:npm/ky-so@1.0"))).is_some());
    assert!(found(&document(), part("mau/THU VIEN  ky_so", "v1.0", None)).is_some());
}

#[test]
fn a_product_is_known_by_the_names_of_its_cpe_and_its_own() {
    let sure = |item| found(&document(), item).is_some_and(|(_, is_possible)| !is_possible);
    assert!(sure(own("may-chu web", Some("7.1"))), "by the product of the CPE");
    assert!(sure(own("Xuong Mau May Chu Web", Some("7.1"))), "by its maker and product");
    assert!(sure(own("MÁY CHỦ WEB MẪU", Some("phiên bản 7.1"))), "by the full name");
    assert!(sure(own("thu vien ky so", Some("1.0"))));
    assert_eq!(found(&document(), own("Máy chủ Web Mẫu", Some("7.2"))), None);
    assert_eq!(
        found(&document(), own("Máy chủ", Some("7.1"))),
        None,
        "that is the beginning of a name"
    );
    let strange = Item::product(&product("Thư viện Ký số", Some("1.0"), Some("Công ty Khác"), 0));
    let (new, is_possible) = found(&document(), strange).unwrap();
    assert!(is_possible && new.title.contains("nhà sản xuất khác"), "{}", new.title);
    let same = Item::product(&product("Ký số", Some("1.0"), Some("Xưởng Mẫu Thư viện"), 0));
    assert!(sure(same));
}

#[test]
fn what_is_not_sure_is_told_and_never_dropped() {
    let possible = |item| {
        let (new, is_possible) = found(&document(), item).unwrap();
        assert!(is_possible, "{new:?}");
        let about = "Có thể bị ảnh hưởng: Chữ ký giả được chấp nhận (";
        assert!(new.title.starts_with(about), "{}", new.title);
        new.title
    };
    let range = possible(own("Cổng Mẫu", Some("5.0")));
    assert!(range.contains("«vers:generic/<4.2», sổ ghi 5.0"), "no range is worked out: {range}");
    assert!(possible(own("cong mau", None)).contains("không ghi rõ phiên bản"));
    assert!(possible(own("Máy chủ Web Mẫu", None)).contains("nêu 7.1, sổ không ghi"));
    assert!(possible(own("Máy chủ Web Mẫu", Some("7"))).contains("nêu 7.1, sổ ghi 7"));
    assert!(possible(own("Máy chủ Web Mẫu", Some("7.1.3"))).contains("nêu 7.1, sổ ghi 7.1.3"));
    let mut long = document();
    long["vulnerabilities"][0]["title"] = json!("ấ".repeat(200));
    let (new, _) = found(&long, own("Cổng Mẫu", Some("5.0"))).unwrap();
    assert!(new.title.len() <= NAME_BYTES && new.title.contains("sổ ghi 5.0"), "{}", new.title);
    let asked = status(&json!({"under_investigation": ["KY-1.0"]}));
    let (new, is_possible) = found(&asked, own("Thư viện Ký số", Some("1.0"))).unwrap();
    assert!(is_possible && new.title.contains("đang xác minh"), "{}", new.title);
}

#[test]
fn what_is_said_of_the_very_version_goes_before_the_rest() {
    let library = |version| own("Thư viện Ký số", Some(version));
    let mut both = document();
    both["product_tree"]["full_product_names"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "Thư viện Ký số < 1.2", "product_id": "DUOI"}));
    both["product_tree"]["full_product_names"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "Thư viện Ký số", "product_id": "MOI"}));
    let told = |said: &Value| {
        let mut document = both.clone();
        document["vulnerabilities"] = json!([flaw(said)]);
        document
    };
    let fixed = told(&json!({"known_affected": ["DUOI"], "fixed": ["KY-1.2"]}));
    assert!(is_clear(&fixed, library("1.2")));
    assert!(found(&fixed, library("1.1")).unwrap().1, "the range may mean it");
    let all = told(&json!({"known_affected": ["MOI"], "known_not_affected": ["KY-1.2"]}));
    assert!(is_clear(&all, library("1.2")));
    assert!(!found(&all, library("9")).unwrap().1, "all versions are meant");
    let none = told(&json!({"known_not_affected": ["MOI"], "known_affected": ["DUOI"]}));
    assert!(found(&none, library("1.1")).is_some(), "a range that may mean it is not dropped");
    assert!(is_clear(&told(&json!({"known_not_affected": ["MOI"]})), library("1.1")));
    // What only may be the product clears nothing.
    let possible = told(&json!({"fixed": ["KY-1.2"]}));
    let unsure = matched(&possible, [own("Thư viện Ký số", None)]);
    assert!(unsure.found.is_empty() && unsure.clear.is_empty());
    let both_said = told(&json!({"known_affected": ["KY-1.0"], "fixed": ["KY-1.0"]}));
    assert!(found(&both_said, library("1.0")).is_some(), "a contradiction is taken as affected");
}

#[test]
fn a_part_of_another_product_is_sure_where_both_are_had() {
    let document = status(&json!({"known_affected": ["LUA:KY-1.0"]}));
    let library = || part("Thư viện Ký số", "1.0", None);
    let both = matched(&document, [library(), own("Tường lửa Mẫu", Some("2"))]);
    assert_eq!(both.found.len(), 1);
    assert!(!both.found[0].is_possible);
    let (new, is_possible) = found(&document, library()).unwrap();
    assert!(is_possible && new.title.contains("nền"), "{}", new.title);
    let (closed, is_possible) = found(&document, own("Tường lửa Mẫu", Some("2"))).unwrap();
    assert!(is_possible && closed.title.contains("danh mục thành phần"), "{}", closed.title);
    let open = Item::product(&product("Tường lửa Mẫu", Some("2"), None, 3));
    assert_eq!(found(&document, open), None, "its inventory names no such part");
    let installed = status(&json!({"known_affected": ["WEB:LUA:KY-1.0"]}));
    assert_eq!(found(&installed, own("Máy chủ Web Mẫu", Some("7.1"))), None);
    assert!(found(&installed, library()).unwrap().1);
}

#[test]
fn a_severity_is_the_worst_score_and_else_what_the_document_says() {
    let severity = |document: &Value| {
        let (new, _) = found(document, own("Thư viện Ký số", Some("1.0"))).unwrap();
        (new.severity, new.title.contains("không nêu mức"))
    };
    let weighed = |more: Value| {
        let mut document = document();
        let flaw = document["vulnerabilities"][0].as_object_mut().unwrap();
        flaw.remove("scores");
        flaw.extend(more.as_object().unwrap().clone());
        document
    };
    assert_eq!(severity(&weighed(json!({}))), (Rating::Medium, true));
    let of_2_1 = json!({"metrics": [{"products": ["KY-1.0"], "content": {
        "cvss_v3": {"baseSeverity": "LOW"}, "cvss_v4": {"baseSeverity": "CRITICAL"}}}]});
    assert_eq!(severity(&weighed(of_2_1)), (Rating::Critical, false));
    let other = json!({"scores": [{"products": ["WEB"], "cvss_v3": {"baseSeverity": "CRITICAL"}}]});
    assert_eq!(severity(&weighed(other)), (Rating::Medium, true), "it is the score of another");
    let number = json!({"scores": [{"products": ["KY-1.0"], "cvss_v2": {"baseScore": 7.5}}]});
    assert_eq!(severity(&weighed(number)), (Rating::High, false));
    let threat =
        json!({"threats": [{"category": "impact", "details": "Low", "product_ids": ["KY-1.0"]}]});
    assert_eq!(severity(&weighed(threat)), (Rating::Low, false));
    let mut general = weighed(json!({}));
    general["document"]["aggregate_severity"] = json!({"text": "Important"});
    assert_eq!(severity(&general), (Rating::High, false));
    general["document"]["aggregate_severity"] = json!({"text": "Khó nói"});
    assert_eq!(severity(&general), (Rating::Medium, true));
}

#[test]
fn what_is_to_be_done_is_told_of_the_products_that_it_is_for() {
    let remedy = |document: &Value, item| matched(document, [item]).found[0].remedy.clone();
    assert_eq!(remedy(&document(), own("Thư viện Ký số", Some("1.0"))), "Bản vá: Nâng lên 1.2");
    assert_eq!(remedy(&document(), own("Máy chủ Web Mẫu", Some("7.1"))), "");
    let mut grouped = document();
    grouped["product_tree"]["product_groups"] =
        json!([{"group_id": "G", "product_ids": ["WEB", "CONG"]}]);
    grouped["vulnerabilities"][0]["remediations"] =
        json!([{"category": "mitigation", "details": "Tắt", "group_ids": ["G"]}]);
    assert_eq!(remedy(&grouped, own("Máy chủ Web Mẫu", Some("7.1"))), "Giảm thiểu: Tắt");
    grouped["product_tree"]["product_groups"][0]["product_ids"] = json!(["NONE"]);
    assert!(refused(&grouped).starts_with("product_tree.product_groups[0].product_ids[0]: «NONE»"));
}

#[test]
fn versions_and_addresses_are_compared_as_they_are_written() {
    assert_eq!(version(" V1.2 "), Some("1.2".into()));
    assert_eq!(version("Phiên bản 7"), Some("7".into()));
    assert_eq!(version("1:0.17-65.el7"), version("0.17-65.el7"));
    assert_eq!(version("*"), None);
    assert_eq!(compare("1.2", "1.2.7"), Compared::Rough);
    assert_eq!(compare("1.2", "1.20"), Compared::Other);
    assert_eq!(Version::range("vers:all/*"), Version::Whole);
    assert_eq!(Version::range("<= 4"), Version::Range("<= 4".into()));
    let purl = Purl::parse("pkg:npm/%40mau/ky@1.0%2Bb?x=y").unwrap();
    assert_eq!((purl.path.as_str(), purl.version.as_deref()), ("@mau/ky", Some("1.0+b")));
    assert_eq!(Purl::parse("pkg:npm/@mau/ky").unwrap().version, None);
    assert!(
        ["pkg:", "pkg:npm", "pkg:npm/", "npm/x@1", "pkg"]
            .iter()
            .all(|text| Purl::parse(text).is_none())
    );
    let slash = Purl::parse("pkg:golang/mau.example/ky@nhanh/1.0").unwrap();
    assert_eq!(
        (slash.path.as_str(), slash.version.as_deref()),
        ("mau.example/ky", Some("nhanh/1.0"))
    );
    assert_eq!(Purl::parse("pkg:pypi/Ky_so.mau@1"), Purl::parse("pkg:pypi/ky-so-mau@1"));
    assert_eq!(Version::told("<= 4"), Some(Version::Range("<= 4".into())));
    assert_eq!(Version::told("vers:npm/1.0"), Some(Version::Range("vers:npm/1.0".into())));
    assert_eq!(Version::told("v4.0"), Some(Version::Exact("4.0".into())));
    assert_eq!(compare("1.2", "nhanh-chinh"), Compared::Rough, "that is not one version");
    let (names, of, update) = cpe(r"cpe:2.3:a:xuong\:mau:cong_mau:1\.0:*").unwrap();
    assert!(names.contains("cong mau") && names.contains("xuong:mau cong mau"), "{names:?}");
    assert_eq!((of.as_deref(), update), (Some("1.0"), None));
    assert_eq!(cpe("cpe:2.3:a:mau:cong:1.0:sp1:*").unwrap().2.as_deref(), Some("sp1"));
    assert_eq!(cpe("cpe:/o:mau:may%20chu").unwrap().0.len(), 2);
    assert!(cpe("cpe:2.3:a").is_none() && cpe("mau").is_none());
}

proptest! {
    /// The order of relationships is of no consequence.
    #[test]
    fn relationships_in_any_order_say_the_same(
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let all = [
            together("default_component_of", "KY-1.0", "LUA", "A"),
            together("installed_on", "A", "WEB", "B"),
            together("installed_with", "B", "CONG", "C"),
            together("optional_component_of", "KY-1.1", "WEB", "D"),
            together("external_component_of", "WEB", "LUA", "E"),
            together("installed_on", "E", "C", "F"),
        ];
        let said = |all: Vec<Value>| {
            let mut document = document();
            document["product_tree"]["relationships"] = json!(all);
            document["vulnerabilities"] =
                json!([flaw(&json!({"known_affected": ["A", "C", "F"], "fixed": ["B", "D"]}))]);
            let items = [own("Tường lửa Mẫu", None), own("Thư viện Ký số", Some("1.0")),
                own("Máy chủ Web Mẫu", Some("7.1")), own("Cổng Mẫu", Some("4"))];
            let matched = matched(&document, items);
            (matched.found, matched.clear, matched.left_out)
        };
        let plain = said(all.to_vec());
        prop_assert!(!plain.0.is_empty());
        prop_assert_eq!(said(order.iter().map(|at| all[*at].clone()).collect()), plain);
    }

    /// A document whose parts are of any type is read or refused, and what is read is matched.
    #[test]
    fn no_shape_of_json_makes_the_reader_panic(place in 0..20_usize, put in 0..9_usize) {
        let pointers = ["/document", "/document/csaf_version", "/document/tracking", "/document/publisher/name",
            "/document/distribution", "/product_tree", "/product_tree/branches", "/product_tree/branches/0",
            "/product_tree/branches/0/branches/0/name", "/product_tree/branches/0/branches/0/branches/0/product",
            "/product_tree/full_product_names/0/name", "/product_tree/relationships/0",
            "/product_tree/relationships/0/full_product_name", "/vulnerabilities", "/vulnerabilities/0",
            "/vulnerabilities/0/cve", "/vulnerabilities/0/product_status", "/vulnerabilities/0/scores/0",
            "/vulnerabilities/0/scores/0/cvss_v3", "/vulnerabilities/0/remediations/0/product_ids"];
        let values = [json!(null), json!(1), json!(-1.5), json!("x"), json!(""), json!([]), json!({}), json!([[[]]]),
            json!(["KY-1.0", 7])];
        let mut document = document();
        *document.pointer_mut(pointers[place]).unwrap() = values[put].clone();
        if let Ok(advisory) = read(pack().unwrap(), &document) {
            let mut matching = Matching::of(&advisory);
            matching.take(own("Thư viện Ký số", None)).unwrap();
            matching.take(part("ky-so", "1.0", Some("pkg:maven/mau.example/ky-so"))).unwrap();
            matching.done().unwrap();
        }
    }

    #[test]
    fn no_text_makes_names_and_versions_panic(text in "\\PC{0,40}", bytes in any::<[u8; 12]>()) {
        let odd = String::from_utf8_lossy(&bytes).into_owned();
        for text in [text.as_str(), odd.as_str()] {
            for with in ["", "pkg:a/", "cpe:2.3:a:", "cpe:/a:", "vers:", "v"] {
                let text = format!("{with}{text}");
                let _ = (Purl::parse(&text), cpe(&text), version(&text), Version::range(&text));
                let _ = found(&document(), own(&text, Some(&text)));
            }
        }
    }
}
