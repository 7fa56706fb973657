//! `/api/v1/quarantine`

use khien_domain::permission::{AgencyScope, Permission};
use serde_json::{Value, json};

use super::centre::{Centre, process};

async fn list(centre: &Centre, token: &str) -> Vec<Value> {
    let found = centre.get("/api/v1/quarantine", token).await.with(200);
    found["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_is_listed_shown_and_read_again_once() {
    let mut centre = Centre::start().await;
    let [source, _] = centre.sources;
    centre.events(source, &[process("PC1", "C:\\a.exe", "2026-10-15 00:00:10.000")]).await;
    centre.payload(source, Some("json"), "{\"a\":1\n{\"b\n").await;
    centre.until("listed", async |centre| list(centre, &centre.first).await.len() == 2).await;
    assert_eq!(centre.count("", &centre.all).await, 1, "no search finds them");
    assert_eq!(centre.count("problem:*", &centre.all).await, 0);
    let records = list(&centre, &centre.first).await;
    assert_eq!((&records[0]["format"], &records[0]["source"]), (&json!("json"), &json!(source)));
    assert!(!records[0]["problem"].as_str().unwrap().is_empty());
    let id = records[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/quarantine/{id}");
    let shown = centre.get(&path, &centre.first).await.with(200);
    assert!(shown["raw"].as_str().unwrap().starts_with('{'), "{shown}");
    assert_eq!(centre.audited("quarantine.get").await[0]["target"], format!("record {id}"));
    let path = "/api/v1/quarantine/again";
    let ids = json!({"ids": [id, "999-0"]});
    let told = centre.post(path, &centre.first, ids.clone()).await.with(200);
    assert_eq!(told["count"], 1);
    assert_eq!(told["results"][0]["result"], "taken");
    assert_eq!(told["results"][1]["result"], "not_found");
    // It still cannot be read, and waits under its new batch; not twice.
    centre.until("listed anew", async |centre| list(centre, &centre.first).await.len() == 2).await;
    let now = list(&centre, &centre.first).await;
    assert!(now.iter().all(|record| record["id"] != json!(id)), "{now:?}");
    let again = centre.post(path, &centre.first, ids).await.with(200);
    assert_eq!(again["count"], 0);
    assert_eq!(centre.audited("quarantine.again").await[0]["detail"], "0 taken in anew");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agencys_records_are_not_there() {
    let centre = Centre::start().await;
    let [source, _] = centre.sources;
    centre.payload(source, Some("json"), "{\"secret\n").await;
    centre.until("listed", async |centre| list(centre, &centre.all).await.len() == 1).await;
    assert!(list(&centre, &centre.second).await.is_empty());
    let id = list(&centre, &centre.all).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/quarantine/{id}");
    assert_eq!(centre.get(&path, &centre.second).await.code(404), "not_found");
    let ids = json!({"ids": [id]});
    let told = centre.post("/api/v1/quarantine/again", &centre.second, ids.clone()).await.with(200);
    assert_eq!(told["results"][0]["result"], "not_found");
    let nobody = centre.token(&[Permission::EventsRead], AgencyScope::All).await;
    let reply = centre.post("/api/v1/quarantine/again", &nobody, ids).await;
    assert_eq!(reply.code(403), "forbidden");
    for wrong in [json!({"ids": []}), json!({"ids": ["x"]}), json!({})] {
        let reply = centre.post("/api/v1/quarantine/again", &centre.all, wrong).await;
        assert_eq!(reply.code(400), "invalid");
    }
    centre.app.stop().await;
}

async fn expect(centre: &Centre, source: i64, formats: &Value) {
    let path = format!("/api/v1/sources/{source}/formats");
    let told = centre.post(&path, &centre.first, json!({"formats": formats})).await.with(200);
    assert_eq!(&told["formats"], formats);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_a_wrong_format_kept_out_are_events_once_it_is_put_right() {
    let centre = Centre::start().await;
    let [source, _] = centre.sources;
    expect(&centre, source, &json!(["cef"])).await;
    let line = |number| {
        format!(
            "<38>Oct 15 07:59:0{number} srv-01 sshd[7]: Invalid user u{number} from 192.0.2.1 port 9\n"
        )
    };
    let lines: String = (0..3).map(line).collect();
    centre.payload(source, None, &lines).await;
    centre.until("listed", async |centre| list(centre, &centre.first).await.len() == 3).await;
    assert_eq!(centre.count("", &centre.all).await, 0);
    // What is JSON by its way in is not what the source is to send either, and is kept whole.
    centre.payload(source, Some("json"), "{\"a\":1}\n{\"a\":2}\n").await;
    centre.until("listed", async |centre| list(centre, &centre.first).await.len() == 4).await;
    let records = list(&centre, &centre.first).await;
    assert!(records[0]["problem"].as_str().unwrap().contains("to send cef"), "{:?}", records[0]);

    expect(&centre, source, &json!(["json", "syslog"])).await;
    let ids: Vec<&Value> = records.iter().map(|record| &record["id"]).collect();
    let path = "/api/v1/quarantine/again";
    let told = centre.post(path, &centre.first, json!({"ids": ids})).await.with(200);
    assert_eq!(told["count"], 4);
    centre.until("found", async |centre| centre.count("", &centre.first).await == 5).await;
    assert_eq!(centre.count("user:u1 AND src_ip:192.0.2.1", &centre.first).await, 1);
    assert!(list(&centre, &centre.first).await.is_empty(), "nothing waits any more");
    let told = centre.post(path, &centre.first, json!({"ids": ids})).await.with(200);
    assert_eq!(told["count"], 0);
    centre.app.settled().await;
    assert_eq!(centre.count("", &centre.first).await, 5, "each counts once");
    let unknown = json!({"formats": ["word"]});
    let path = format!("/api/v1/sources/{source}/formats");
    assert_eq!(centre.post(&path, &centre.first, unknown).await.code(400), "invalid");
    assert_eq!(
        centre.post(&path, &centre.second, json!({"formats": []})).await.code(404),
        "not_found"
    );
    assert_eq!(centre.audited("source.formats").await[0]["detail"], "json syslog");
    centre.app.stop().await;
}

/// An event log of the public samples, with records of its first chunk damaged.
fn damaged(records: &[usize]) -> Option<Vec<u8>> {
    let sample = "evtx/Execution/Sysmon_meterpreter_ReflectivePEInjection_to_notepad_.evtx";
    let mut file = std::fs::read(khien_testkit::public_data(sample)?).unwrap();
    let places: Vec<usize> = memchr::memmem::find_iter(&file, b"**\0\0").collect();
    for record in records {
        // The first token of its binary XML.
        file[places[*record] + 24] = 0xff;
    }
    Some(file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_is_read_again_brings_no_record_twice() {
    let Some(file) = damaged(&[3, 5]) else { return };
    let centre = Centre::start().await;
    let [source, _] = centre.sources;
    centre.bytes(source, Some("evtx"), file).await;
    centre.until("listed", async |centre| list(centre, &centre.first).await.len() == 2).await;
    let events = centre.count("", &centre.first).await;
    assert!(events > 3, "{events}");
    // The later one's bytes are kept with the one before it.
    for round in 0..2 {
        let records = list(&centre, &centre.first).await;
        assert_eq!(records.len(), 2, "{records:?}");
        let ids = json!({"ids": [records[0]["id"], records[1]["id"]]});
        let told = centre.post("/api/v1/quarantine/again", &centre.first, ids).await.with(200);
        assert_eq!(told["count"], 2, "round {round}: {told}");
        let known: Vec<Value> = records.iter().map(|record| record["id"].clone()).collect();
        centre
            .until("read again", async |centre| {
                let now = list(centre, &centre.first).await;
                now.len() == 2 && now.iter().all(|record| !known.contains(&record["id"]))
            })
            .await;
        assert_eq!(centre.count("", &centre.first).await, events, "round {round}");
    }
    centre.app.stop().await;
}
