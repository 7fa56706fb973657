//! What may be meant is told as possible, opens and clears nothing.

use super::*;

/// A document that says of one product what it is.
fn one(product: Value, status: &str) -> Value {
    let mut document = document();
    document["product_tree"] = product;
    document["vulnerabilities"] =
        json!([{"cve": "CVE-2026-0001", "title": "Lỗi", "product_status": {status: ["A"]}}]);
    document
}

fn branch(version: &str) -> Value {
    json!({"branches": [{"category": "product_name", "name": "Cổng Mẫu", "branches": [
        {"category": "product_version", "name": version, "product": {"name": "Cổng Mẫu x", "product_id": "A"}}]}]})
}

fn full(name: &str, helper: &Value) -> Value {
    json!({"full_product_names": [{"name": name, "product_id": "A", "product_identification_helper": helper}]})
}

/// Whether something is told as possible, and not cleared by the same.
fn is_possible(product: &Value, item: &Item) -> bool {
    let clear = matched(&one(product.clone(), "known_not_affected"), [item.clone()]);
    assert!(clear.found.is_empty() && clear.clear.is_empty(), "{clear:?}");
    found(&one(product.clone(), "known_affected"), item.clone()).is_some_and(|(_, is)| is)
}

#[test]
fn a_text_in_the_place_of_a_version_that_is_none_is_a_range() {
    for text in ["< 4.2", "≤4.2", "4.*", "vers:generic/<4.2", "4.2 trở về trước"] {
        assert!(is_possible(&branch(text), &own("Cổng Mẫu", Some("3.0"))), "{text}");
    }
    for text in ["bản mới nhất", "nhanh-chinh", "3.0/3.1"] {
        assert!(is_possible(&branch("4.2"), &own("Cổng Mẫu", Some(text))), "{text}");
    }
    assert_eq!(found(&one(branch("4.2"), "known_affected"), own("Cổng Mẫu", Some("3.0"))), None);
}

#[test]
fn what_only_begins_or_ends_what_is_affected_may_mean_what_lies_between() {
    for (product, list) in [
        (branch("4.2"), "first_affected"),
        (branch("4.2"), "last_affected"),
        (full("Cổng Mẫu 4.2", &json!({})), "last_affected"),
    ] {
        let document = one(product, list);
        let (new, is_possible) = found(&document, own("Cổng Mẫu", Some("4.0"))).unwrap();
        assert!(is_possible && new.title.contains("đầu hoặc cuối 4.2"), "{}", new.title);
        assert!(!found(&document, own("Cổng Mẫu", Some("4.2"))).unwrap().1);
        assert_eq!(matched(&document, [own("Cổng Mẫu", Some("4.0"))]).left_out, 0);
    }
}

#[test]
fn an_update_of_a_cpe_and_a_number_in_a_name_are_not_every_version() {
    let update = full("Cổng Mẫu", &json!({"cpe": "cpe:2.3:a:mau:cong_mau:4.2:sp1:*:*:*:*:*:*"}));
    assert!(is_possible(&update, &own("Cổng Mẫu", Some("4.2"))));
    let numbered = full("Cổng Mẫu 4", &json!({}));
    assert!(is_possible(&numbered, &own("Cổng Mẫu 4", None)));
}

#[test]
fn names_that_are_spelled_otherwise_may_be_one() {
    let document = full("Cổng-Mẫu", &json!({}));
    assert!(is_possible(&document, &own("CongMau", Some("1.0"))));
    assert!(is_possible(&document, &part("nhom/cong.mau", "1.0", None)));
    assert_eq!(found(&one(document, "known_affected"), own("Cong", Some("1.0"))), None);
}

#[test]
fn a_package_of_the_same_name_in_another_group_may_be_one() {
    let package = full("x", &json!({"purl": "pkg:deb/debian/ky-so@1.0"}));
    let item = |purl| part("ky-so", "1.0", Some(purl));
    assert!(is_possible(&package, &item("pkg:deb/ubuntu/ky-so@1.0")));
    let sure = full("x", &json!({"purl": "pkg:pypi/ky_so@1.0"}));
    assert!(!found(&one(sure, "known_affected"), item("pkg:pypi/ky.so@1.0")).unwrap().1);
}

#[test]
fn a_fix_of_the_maker_goes_first_and_a_reason_where_nothing_is_to_be_done() {
    let mut document = one(full("Cổng Mẫu", &json!({})), "known_affected");
    document["vulnerabilities"][0]["remediations"] = json!([
        {"category": "workaround", "details": "Tắt"}, {"category": "vendor_fix", "details": "Vá"}]);
    document["vulnerabilities"][0]["flags"] = json!([{"label": "component_not_present"}]);
    let item = || own("Cổng Mẫu", Some("1.0"));
    assert_eq!(matched(&document, [item()]).found[0].remedy, "Bản vá: Vá");
    document["vulnerabilities"][0]["product_status"] = json!({"known_not_affected": ["A"]});
    assert_eq!(matched(&document, [item()]).clear[0].remedy, "Không có thành phần bị lỗi");
    document["vulnerabilities"][0]["remediations"][0]["details"] = json!("TỐI MẬT");
    document["vulnerabilities"][0]["remediations"][0]["category"] = json!(null);
    assert!(refused(&document).contains("TỐI MẬT"));
}
