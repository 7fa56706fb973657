//! `/api/v1/hunts`

use serde_json::{Value, json};

use super::centre::{Centre, process};

const TIME: &str = "2026-10-15 00:59:58.000";

const RULE: &str = "
title: Notepad
x-khien: {title_vi: Sổ ghi}
id: 33333333-3333-4333-8333-333333333333
level: low
logsource: {product: windows, category: process_creation}
detection: {s: {Image|endswith: '\\notepad.exe'}, condition: s}
";

async fn filled() -> Centre {
    let mut centre = Centre::start().await;
    let [first, second] = centre.sources;
    let of = |host: &str| process(host, "C:\\Windows\\notepad.exe", TIME);
    centre.events(first, &[of("PC1"), of("PC2"), process("PC1", "C:\\a.exe", TIME)]).await;
    centre.events(second, &[of("PC9")]).await;
    centre
}

async fn started(centre: &Centre, token: &str, body: Value) -> i64 {
    let made = centre.post("/api/v1/hunts", token, body).await.with(201);
    made["id"].as_i64().unwrap()
}

/// The hunt when it has ended.
async fn ended(centre: &Centre, token: &str, id: i64) -> Value {
    let path = format!("/api/v1/hunts/{id}");
    centre
        .until("the end of a hunt", async |centre| {
            centre.get(&path, token).await.with(200)["ended_at"] != Value::Null
        })
        .await;
    centre.get(&path, token).await.with(200)
}

fn by_rule() -> Value {
    json!({"rules": [{"name": "notepad.yml", "text": RULE}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_finds_what_its_token_may_see_and_is_in_the_audit_log() {
    let centre = filled().await;
    let id = started(&centre, &centre.all, by_rule()).await;
    let hunt = ended(&centre, &centre.all, id).await;
    assert_eq!(
        (&hunt["state"], &hunt["hits"], &hunt["events"]),
        (&json!("finished"), &json!(3), &json!(4))
    );
    assert_eq!((&hunt["share"], &hunt["agencies"]), (&json!(1.0), &Value::Null));
    let hits = format!("/api/v1/hunts/{id}/hits?limit=2");
    let page = centre.get(&hits, &centre.all).await.with(200);
    let hit = &page["items"][0];
    assert_eq!((&hit["rule"]["title_vi"], &hit["host"]), (&json!("Sổ ghi"), &json!("pc1")));
    assert_eq!((&hit["agency"], &hit["matched"][0]["field"]), (&json!("sokhcn"), &json!("Image")));
    let rest = format!("{hits}&after={}", page["next"].as_str().unwrap());
    let rest = centre.get(&rest, &centre.all).await.with(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));

    // Whoever is limited to an agency hunts only there, and does not see the hunts of others.
    let own = started(&centre, &centre.second, by_rule()).await;
    let hunt = ended(&centre, &centre.second, own).await;
    assert_eq!((&hunt["hits"], &hunt["agencies"]), (&json!(1), &json!(["soyt"])));
    let path = format!("/api/v1/hunts/{own}/hits");
    assert_eq!(centre.get(&path, &centre.second).await.with(200)["items"][0]["host"], "pc9");
    for path in [format!("/api/v1/hunts/{id}"), hits] {
        assert_eq!(centre.get(&path, &centre.second).await.code(404), "not_found");
    }
    assert_eq!(
        centre.get(&format!("/api/v1/hunts/{own}"), &centre.first).await.code(404),
        "not_found"
    );
    let listed = centre.get("/api/v1/hunts", &centre.second).await.with(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let mut other = by_rule();
    other["agencies"] = json!(["sokhcn"]);
    assert_eq!(centre.post("/api/v1/hunts", &centre.second, other).await.code(403), "forbidden");

    let starts = centre.audited("hunt.start").await;
    let outcomes: Vec<&str> =
        starts.iter().map(|entry| entry["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refused", "done", "done"]);
    assert_eq!(starts[1]["agency"], "soyt");
    assert_eq!(centre.audited("hunt.end").await.len(), 2);
    assert_eq!(centre.audited("hunt.hits").await.len(), 3);
    let figures = centre.get("/metrics", &centre.all).await.text();
    assert!(figures.contains("\nkhien_hunt_events_total 5\n"), "{figures}");
    assert!(
        figures.contains("\nkhien_hunt_hits_total 4\n")
            && figures.contains("\nkhien_hunts_open 0\n")
    );
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_by_indicators_tells_what_it_did_not_understand() {
    let centre = filled().await;
    let list = "C:\\Windows\\notepad.exe\nđây là câu\nevil.example\n";
    let body = json!({"indicators": {"name": "ioc.txt", "text": list}, "from": "2026-10-15"});
    let id = started(&centre, &centre.first, body).await;
    let hunt = ended(&centre, &centre.first, id).await;
    assert_eq!(
        (&hunt["hits"], &hunt["count"], &hunt["name"]),
        (&json!(2), &json!(2), &json!("ioc.txt"))
    );
    assert_eq!((&hunt["refused"][0]["at"], &hunt["refused_count"]), (&json!("line 2"), &json!(1)));
    let path = format!("/api/v1/hunts/{id}/hits");
    let hit = centre.get(&path, &centre.first).await.with(200)["items"][0].clone();
    assert_eq!(
        hit["indicator"],
        json!({"type": "file", "value": "c:\\windows\\notepad.exe", "note": null})
    );
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_hunted_is_refused_with_its_reason() {
    let centre = Centre::start().await;
    let broken = json!({"rules": [{"name": "a.yml", "text": "title: A\n"}]});
    for (body, word) in [
        (json!({}), "either rules or indicators"),
        (broken, "a.yml:"),
        (json!({"indicators": {"text": "?"}}), "line 1"),
        (json!({"indicators": {"text": "a.example"}, "from": "x"}), "from is no time"),
        (
            json!({"indicators": {"text": "a.example"}, "from": "2026-10-02", "to": "2026-10-01"}),
            "ends before",
        ),
        (json!({"indicators": {"text": "a.example"}, "agencies": ["A B"]}), "code"),
    ] {
        let refused = centre.post("/api/v1/hunts", &centre.all, body.clone()).await.with(400);
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(word), "{message} for {body}");
    }
    let reader = khien_domain::permission::AgencyScope::All;
    let token = centre.token(&[khien_domain::permission::Permission::EventsRead], reader).await;
    let body = json!({"indicators": {"text": "a.example"}});
    assert_eq!(centre.post("/api/v1/hunts", &token, body).await.code(403), "forbidden");
    // Larger than other bodies may be.
    let many: Vec<String> = (0..100_000).map(|number| format!("h{number}.example")).collect();
    let body = json!({"indicators": {"text": many.join("\n")}});
    let id = started(&centre, &centre.all, body).await;
    assert_eq!(ended(&centre, &centre.all, id).await["count"], 100_000);
    for change in ["pause", "resume", "cancel"] {
        let path = format!("/api/v1/hunts/{id}/{change}");
        assert_eq!(centre.post(&path, &centre.all, json!({})).await.code(409), "conflict");
        let path = format!("/api/v1/hunts/99/{change}");
        assert_eq!(centre.post(&path, &centre.all, json!({})).await.code(404), "not_found");
    }
    centre.app.stop().await;
}
