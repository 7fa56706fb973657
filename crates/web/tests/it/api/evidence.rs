//! `/api/v1/evidence`

use serde_json::{Value, json};

use super::centre::{Centre, request};

/// A restore test of the first agency's system.
fn restore(more: &Value) -> Value {
    let mut new = json!({
        "type": "restore.tested",
        "agency": "sokhcn",
        "system": "cong-dvc",
        "ref": "job 7",
        "content": {"success": true, "rto_met": true, "rpo_met": true},
        "at": "2026-10-14T02:00:00Z",
    });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    new
}

const PLACE: &str = "/api/v1/evidence";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_hands_in_is_in_the_ledger_once() {
    let centre = Centre::start().await;
    let all = centre.all.clone();
    let taken = centre.post(PLACE, &all, restore(&json!({}))).await.with(201);
    let again = centre.post(PLACE, &all, restore(&json!({}))).await.with(200);
    assert_eq!((&again["seq"], &again["again"]), (&taken["seq"], &json!(true)));
    let other = restore(&json!({"ref": "job 8"}));
    assert_ne!(centre.post(PLACE, &all, other).await.with(201)["seq"], taken["seq"]);
    let one = format!("{PLACE}/{}", taken["seq"]);
    let found = centre.get(&one, &all).await.with(200);
    let record = &found["record"];
    for (field, value) in [
        ("type", "restore.tested"),
        ("agency", "sokhcn"),
        ("system", "cong-dvc"),
        ("subject", "cong-dvc"),
        ("from", "probe"),
        ("how", "measured"),
        ("at", "2026-10-14T02:00:00Z"),
        ("recorded", "2026-10-15T01:00:00Z"),
        ("ref", "job 7"),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    assert!(record["by"].as_str().unwrap().starts_with("token:"));
    assert_eq!(record["content"]["success"], true);
    assert_eq!(found["corrected_by"], json!([]));
    let audit = centre.get("/api/v1/audit?action=evidence.record", &all).await.with(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    let verified = khien_app::ledger::verify(&centre.app.store, None).await.unwrap();
    assert!(verified.records >= 3);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_points_at_what_it_replaces() {
    let centre = Centre::start().await;
    let all = centre.all.clone();
    let first = centre.post(PLACE, &all, restore(&json!({}))).await.with(201);
    let failed = json!({
        "corrects": first["seq"],
        "content": {"success": false, "rto_met": false, "rpo_met": false},
    });
    let second = centre.post(PLACE, &all, restore(&failed)).await.with(201);
    let found = centre.get(&format!("{PLACE}/{}", first["seq"]), &all).await.with(200);
    assert_eq!(found["corrected_by"][0]["seq"], second["seq"]);
    let of_another = restore(&json!({"corrects": 0}));
    assert_eq!(centre.post(PLACE, &all, of_another).await.code(400), "invalid");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_do_is_refused_and_nothing_is_kept() {
    let centre = Centre::start().await;
    let (all, second) = (centre.all.clone(), centre.second.clone());
    let size = centre.app.store.ledger_tip().await.unwrap().size;
    for (wrong, told) in [
        (json!({"type": "person.opinion"}), "no kind of evidence"),
        (json!({"type": "gate.decision"}), "gate.decision"),
        (json!({"type": "finding.state", "subject": "f"}), "only centre"),
        (json!({"agency": "khong-co"}), "there is no agency"),
        (json!({"system": "khong-co"}), "has no system"),
        (json!({"system": null}), "about a system"),
        (json!({"content": {"success": true}}), "is missing"),
        (json!({"content": {"success": 1, "rto_met": true, "rpo_met": true}}), "true or false"),
        (json!({"content": {"success": null, "rto_met": true, "rpo_met": true}}), "null"),
        (json!({"content": {"success": i64::MIN, "rto_met": true, "rpo_met": true}}), "2^53"),
        (json!({"content": []}), "object"),
        (json!({"corrects": 1_u64 << 63}), "corrects"),
        (json!({"at": "2026-10-15T02:00:00Z"}), "still to come"),
        (json!({"at": "2020-01-01"}), "800 days"),
        (json!({"until": "2026-10-14T02:00:00Z"}), "until"),
        (json!({"ref": "x".repeat(300)}), "reference"),
        (json!({"more": 1}), "more"),
    ] {
        let reply = centre.post(PLACE, &all, restore(&wrong)).await;
        assert_eq!(reply.code(400), "invalid", "{wrong}");
        assert!(reply.text().contains(told), "{wrong}: {}", reply.text());
    }
    // Of a value that stands there twice nobody knows which was meant.
    let twice = restore(&json!({}))
        .to_string()
        .replace(r#""success":true"#, r#""success":false,"success":true"#);
    let request = request("POST", PLACE, &all).header("content-type", "application/json");
    let reply = centre.send(request.body(twice.into()).unwrap()).await;
    assert!(reply.code(400) == "invalid" && reply.text().contains("twice"), "{}", reply.text());
    assert_eq!(centre.get(&format!("{PLACE}/{}", 1_u64 << 63), &all).await.code(404), "not_found");
    // Of another agency.
    assert_eq!(centre.post(PLACE, &second, restore(&json!({}))).await.code(403), "forbidden");
    assert_eq!(centre.app.store.ledger_tip().await.unwrap().size, size);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_read_within_the_agencies_of_the_token() {
    let centre = Centre::start().await;
    let (all, first, second) = (centre.all.clone(), centre.first.clone(), centre.second.clone());
    let taken = centre.post(PLACE, &all, restore(&json!({}))).await.with(201);
    let asked = format!("{PLACE}?type=restore.tested&agency=sokhcn");
    let seen = async |token: &str| {
        let listed = centre.get(&asked, token).await.with(200);
        listed["items"].as_array().unwrap().len()
    };
    assert_eq!((seen(&all).await, seen(&first).await, seen(&second).await), (1, 1, 0));
    let one = format!("{PLACE}/{}", taken["seq"]);
    assert_eq!(centre.get(&one, &second).await.code(404), "not_found");
    // The beginning of the ledger belongs to no agency.
    assert_eq!(centre.get(&format!("{PLACE}/0"), &first).await.code(404), "not_found");
    centre.get(&format!("{PLACE}/0"), &all).await.with(200);
    centre.app.stop().await;
}
