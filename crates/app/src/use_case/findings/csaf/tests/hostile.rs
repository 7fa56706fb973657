//! Files that are made to be large: what they may name is bounded, with the place.

use super::*;

/// A document whose one group holds all of many products, and a flaw that affects all of them.
fn grouped(products: usize, field: &str, one: &Value, times: usize) -> Value {
    let ids: Vec<String> = (0..products).map(|number| format!("P{number}")).collect();
    let named = ids.iter().map(|id| json!({"name": format!("Sản phẩm {id}"), "product_id": id}));
    let named: Vec<Value> = named.collect();
    let mut document = document();
    document["product_tree"] = json!({"full_product_names": named,
        "product_groups": [{"group_id": "G", "product_ids": ids}]});
    document["vulnerabilities"] =
        json!([{"cve": "CVE-2026-0001", "product_status": {"known_affected": ids}}]);
    document["vulnerabilities"][0][field] = json!(vec![one; times]);
    document
}

#[test]
fn groups_are_named_only_so_often() {
    let fix = json!({"category": "vendor_fix", "details": "Vá", "group_ids": ["G"]});
    let flag = json!({"label": "component_not_present", "group_ids": ["G"]});
    let threat = json!({"category": "impact", "details": "Low", "group_ids": ["G"]});
    for (field, one) in [("remediations", fix), ("flags", flag), ("threats", threat)] {
        taken(&grouped(1_000, field, &one, 2_000));
        let told = refused(&grouped(1_000, field, &one, 2_001));
        let wanted = format!(
            "vulnerabilities[0].{field}[2000].group_ids: groups of products are named too often in the document"
        );
        assert_eq!(told, wanted);
    }
}

#[test]
fn scores_of_all_products_are_kept_once() {
    let score = json!({"cvss_v3": {"baseSeverity": "LOW"}});
    let mut document = grouped(1_000, "scores", &score, 3_000);
    document["vulnerabilities"][0]["scores"][7] =
        json!({"products": ["P3"], "cvss_v3": {"baseSeverity": "CRITICAL"}});
    let flaw = &taken(&document).flaws[0];
    assert_eq!(flaw.severity("P3"), Some(Rating::Critical));
    assert_eq!(flaw.severity("P4"), Some(Rating::Low));
}

#[test]
fn texts_that_are_copied_are_bounded_by_place() {
    let branch = |category: &str, name: &str| {
        json!([{"category": "vendor", "name": "Xưởng Mẫu", "branches": [
            {"category": category, "name": name, "product":
                {"name": "Sản phẩm dài 1", "product_id": "DAI"}}]}])
    };
    let tree = |branches: Value| {
        let mut document = with("/product_tree/branches", branches);
        document["product_tree"]["relationships"] = json!([]);
        document["vulnerabilities"] = json!([flaw(&json!({"known_affected": ["DAI"]}))]);
        document
    };
    let long = "x".repeat(NAME_BYTES + 1);
    for category in ["vendor", "product_name", "product_version", "service_pack", "patch_level"] {
        let told = refused(&tree(branch(category, &long)));
        let place = "product_tree.branches[0].branches[0].name";
        assert_eq!(told, format!("{place}: it is longer than {NAME_BYTES} bytes"), "{category}");
    }
    // A range is only shown: its beginning does.
    taken(&tree(branch("product_version_range", &format!("vers:generic/{}", "1|".repeat(900)))));
    for (helper, told) in [("purl", "pkg:npm/"), ("cpe", "cpe:2.3:a:")] {
        let mut document = document();
        document["product_tree"]["full_product_names"][0]["product_identification_helper"] =
            json!({helper: format!("{told}{}", "x".repeat(1_000))});
        let place = "product_tree.full_product_names[0].product_identification_helper";
        assert_eq!(refused(&document), format!("{place}.{helper}: it is longer than 1000 bytes"));
    }
}

#[test]
fn what_is_found_is_bounded_while_it_is_looked_up() {
    let mut document = document();
    let flaws = (0..60).map(|_| flaw(&json!({"known_affected": ["KY-1.0"]})));
    document["vulnerabilities"] = flaws.collect();
    let advisory = taken(&document);
    let mut matching = Matching::of(&advisory);
    for _ in 0..100 {
        matching.take(own("Thư viện Ký số", Some("1.0"))).unwrap();
    }
    let told = matching.done().unwrap_err();
    assert!(told.contains("advisory"), "{told}");
}

#[test]
fn cves_are_refused_beyond_what_a_finding_names_and_not_dropped() {
    let mut many = document();
    let ids = (0..21).map(
        |number| json!({"system_name": "x", "text": format!("CVE-2026-{:04}", 1000 + number)}),
    );
    many["vulnerabilities"][0]["ids"] = ids.collect();
    let (new, _) = found(&many, own("Thư viện Ký số", Some("1.0"))).unwrap();
    assert_eq!(new.cves.len(), 22);
    assert!(new.checked().is_err());
    let mut titled = document();
    titled["vulnerabilities"][0]["cve"] = json!(null);
    titled["vulnerabilities"][0]["title"] = json!("Lỗi như CVE-2026-0009");
    let (new, _) = found(&titled, own("Thư viện Ký số", Some("1.0"))).unwrap();
    assert!(new.cves.contains("CVE-2026-0009"), "{new:?}");
}
