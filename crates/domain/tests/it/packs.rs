//! Packs: what is refused, with its place, and that a pack survives its way through the ledger.

use khien_domain::code::AgencyCode;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::{Kinds, Recorder};
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::index::IndexPack;

use super::world::{AT, at, kinds, pack};

#[test]
fn what_does_not_fit_is_refused_with_its_line() {
    let cases = [
        (
            "kind: scan.done, same: system, within: 180 days",
            "kind: scan.dome, same: system, within: 180 days",
            "no kind of evidence",
        ),
        ("where: {topic: project}", "where: {topic: holiday}", "is never «holiday»"),
        ("where: {topic: project}", "where: {subjekt: project}", "has no field «subjekt»"),
        ("within: 180 days}", "within: 180 suns}", "no period"),
        ("within: 180 days}", "within: 180 days, whithin: 1 days}", "«whithin» is not known here"),
        ("contacts: {min: 2}", "contacts: {passed: true}", "no test for such a field"),
        ("contained: {by: contain_by}", "contained: {by: review_by}", "cannot be compared"),
        ("kind: gate.decision, same: system,", "kind: gate.decision,", "needs «same: system»"),
        (
            "where: {level: 1}, having: [scan-180]",
            "where: {level: 1}, having: [scanned-1]",
            "needs «same",
        ),
        (
            "where: {level: 1}, having: [scan-180]",
            "where: {level: 1}, same: system, having: [scanned-1]",
            "asks for itself",
        ),
        ("top: completed,", "top: complete,", "has no field"),
        ("top: score,", "top: score, botom: score,", "«botom» is not known here"),
        ("each: [training]", "each: [trainings]", "there is no set «trainings»"),
        ("plus: 14", "plus: 99999", "up to 36500 days"),
        ("offset_minutes: 420", "offset_minutes: 900", "at most 840"),
        ("full: 12", "full: 0", "at least 1"),
        ("rank: 90", "rank: 101", "from 1 to 100"),
        ("share: 3/5", "share: 1/5", "add up to 1"),
        ("measure: exists, having", "measure: exsts, having", "no measure «exsts»"),
        ("to: C, zero: [N3.5]", "to: C, zero: [N9.5]", "no indicator «N9.5»"),
        ("to: C, zero: [N3.5]", "to: F, zero: [N3.5]", "no grade «F»"),
        ("grade: D, from: 40", "grade: D, from: 55", "best first"),
        ("declared_share: 1/2", "declared_share: 2", "at most 1"),
        ("gci: legal", "gci: lawful", "«gci» must be one of"),
        ("    gci: legal", "    # of no pillar", "«gci» is missing"),
        ("valid_from: 2026-01-01", "valid_from: 2026-02-30", "must be a day"),
        ("language: 1", "language: 2", "only language 1"),
        ("weight: 18}", "weight: 17}", "add up to 18, not to 17"),
        ("- id: N1.2", "- id: N1.1", "is there twice"),
    ];
    for (cut, put, told) in cases {
        let text = IndexPack::BUILT_IN.replacen(cut, put, 1);
        assert_ne!(text, IndexPack::BUILT_IN, "{cut}");
        let error = IndexPack::parse(&text, kinds()).unwrap_err();
        assert!(error.to_string().contains(told), "{put}: {error}");
        let line = error.line.unwrap_or_else(|| panic!("{put}: no line")) as usize;
        let place = text.lines().position(|line| line.contains(put)).unwrap_or_default() + 1;
        // What only shows in the whole is told where the whole begins.
        assert!(
            line.abs_diff(place) <= 25 || told.contains("add up") || told.contains("needs"),
            "{put}: line {line}, not {place}: {error}"
        );
    }
    let error = IndexPack::parse(
        &IndexPack::BUILT_IN.replacen("top: completed,", "top: complete,", 1),
        kinds(),
    );
    assert!(error.unwrap_err().to_string().contains("N1.2"));
    let weight = IndexPack::BUILT_IN.replacen("weight: 18}", "weight: 19}", 1).replacen(
        "    weight: 2\n",
        "    weight: 3\n",
        1,
    );
    let error = IndexPack::parse(&weight, kinds()).unwrap_err();
    assert!(error.to_string().contains("add up to 101, not to 100"), "{error}");
}

#[test]
fn a_pack_comes_back_from_the_ledger_as_it_went_in() {
    let pack = pack();
    let record = Content::map([("pack", pack.to_content().clone())]);
    let read = Content::parse(&record.to_text()).unwrap();
    let again = IndexPack::from_content(read.get("pack").unwrap().clone(), kinds()).unwrap();
    assert_eq!(again.to_content(), pack.to_content());
    assert_eq!(again.id, "mh-57-2026.1");
}

#[test]
fn a_pack_is_valid_from_midnight_to_midnight_of_its_zone() {
    let pack = pack();
    assert!(pack.is_valid_at(at(AT)));
    assert!(pack.is_valid_at(at("2025-12-31T17:00:00Z")));
    assert!(!pack.is_valid_at(at("2025-12-31T16:59:59Z")));
    assert!(pack.is_valid_at(at("2027-12-31T16:59:59Z")));
    assert!(!pack.is_valid_at(at("2027-12-31T17:00:00Z")));
}

/// All names in an object.
fn names(content: &Content, found: &mut Vec<String>) {
    match content {
        Content::Map(values) => values.iter().for_each(|(name, value)| {
            found.push(name.clone());
            names(value, found);
        }),
        Content::List(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn a_pack_names_no_person() {
    let words = ["person", "citizen", "cccd", "phone", "email", "user", "opinion", "religion"];
    let pack = pack();
    let mut found = Vec::new();
    for part in ["sets", "indicators", "cohorts", "groups", "caps"] {
        names(pack.to_content().get(part).unwrap(), &mut found);
    }
    // The sets of scam reports are about counts by month; what is rated is always an agency.
    found.retain(|name| !["citizen-reports", "nothing-citizen-report"].contains(&name.as_str()));
    let bad = found.iter().find(|name| name.split(['_', '-']).any(|word| words.contains(&word)));
    assert_eq!(bad, None);
    assert!(pack.note.contains("không phải Bộ chỉ số quốc gia"));
}

/// What citizens report is counted, never sorted by a text of somebody's choice; there is no notice against
/// content at all.
#[test]
fn reports_of_citizens_have_no_free_category_and_nobody_notices_content() {
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let at = "2026-10-15T01:00:00Z".parse().unwrap();
    let agency = AgencyCode::new("saban").unwrap();
    let counted = NewEvidence {
        subject: "2026-09".into(),
        schema: kinds.version,
        by: "person:canbo".into(),
        ..NewEvidence::of_agency("citizen.reports", &agency, at)
            .with("received", 5)
            .with("answered", 5)
            .from(Origin::Attestation, "báo cáo tháng")
    };
    kinds.check(counted.clone(), Recorder::People).unwrap();
    for field in ["category", "content", "opinion", "reporter"] {
        let more = counted.clone().with(field, "nội dung xấu độc");
        assert!(kinds.check(more, Recorder::People).is_err(), "{field}");
    }
    let words = ["abuse", "notice", "takedown", "content", "opinion", "removal"];
    for kind in kinds.all() {
        let is_of_it = words.iter().any(|word| kind.name.contains(word));
        assert!(!is_of_it, "{}: reasons against content are a closed list first", kind.name);
    }
}

#[test]
fn every_indicator_says_what_it_counts_and_what_to_do_and_packs_of_before_need_not() {
    let built_in = pack();
    for indicator in &built_in.indicators {
        for todo in [&indicator.todo_vi, &indicator.todo_en] {
            assert_eq!(todo.len(), indicator.measure.parts(), "{}", indicator.id);
        }
        assert_eq!(indicator.counts_vi.len(), indicator.counts_en.len(), "{}", indicator.id);
        // A number can be left out of an English sentence with its brackets only.
        for sentence in &indicator.todo_en {
            assert_eq!(sentence.contains("{n}"), sentence.contains("({n}"), "{sentence}");
        }
    }
    let lines = IndexPack::BUILT_IN.lines();
    let before = lines.filter(|line| {
        let key = line.trim_start();
        !["counts_vi:", "counts_en:", "todo_vi:", "todo_en:"]
            .iter()
            .any(|name| key.starts_with(name))
    });
    let before = before.collect::<Vec<_>>().join("\n");
    let before = IndexPack::parse(&before, kinds()).unwrap();
    assert!(before.indicators.iter().all(|indicator| indicator.todo_vi.is_empty()));
    let cut = "todo_vi: [\"Bật khóa truy cập cho {n} tài khoản đặc quyền\", ";
    let text = IndexPack::BUILT_IN.replacen(cut, "todo_vi: [", 1);
    assert_ne!(text, IndexPack::BUILT_IN);
    let error = IndexPack::parse(&text, kinds()).unwrap_err().to_string();
    assert!(error.contains("«todo_vi» has a text for each part of the measure"), "{error}");
}
