//! Plain lines and objects.

use std::io::{Cursor, Write as _};
use std::path::Path;

use jiff::Timestamp;
use khien_app::access::Caller;
use khien_app::use_case::audit::{self, AuditFilter};
use khien_domain::audit::Outcome;
use khien_domain::page::PageRequest;

use crate::support::Centre;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_and_lines_are_kept_and_counted() {
    let centre = Centre::start().await;
    let bearer = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", bearer.as_str())];
    for body in ["{\"a\":1}\n{\"a\":2}\n", "[{\"a\":1},\n{\"a\":2}]", "{\"a\":1}{\"a\":2}"] {
        let reply = centre.send("POST /api/v1/intake/json", &headers, body.as_bytes()).await;
        assert_eq!((reply.status, reply.json()["accepted"].as_u64()), (200, Some(2)));
    }
    let lines =
        "<38>Nov 20 08:00:00 srv-01 sshd[7]: Invalid user x from 192.0.2.1 port 9\n".repeat(4);
    let reply = centre.send("POST /api/v1/intake/lines", &headers, lines.as_bytes()).await;
    assert_eq!((reply.status, reply.json()["accepted"].as_u64()), (200, Some(4)));
    centre.holds(10).await;
    let reply = centre.send("POST /api/v1/intake/lines", &headers, b" \n").await;
    assert_eq!((reply.status, reply.json()["error"]["code"].as_str()), (400, Some("malformed")));
    let reply = centre.send("POST /api/v1/intake/json", &[], b"{}").await;
    assert_eq!((reply.status, reply.json()["error"]["code"].as_str()), (401, Some("unauthorized")));
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
    let long = "x".repeat(256);
    let named = [headers[0], ("Idempotency-Key", long.as_str())];
    for way in ["json", "lines", "file?name=a.json"] {
        let reply = centre.send(&format!("POST /api/v1/intake/{way}"), &named, b"{\"a\":1}").await;
        assert_eq!(
            (reply.status, reply.json()["error"]["code"].as_str()),
            (400, Some("malformed"))
        );
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_line_goes_to_quarantine_and_the_rest_is_kept() {
    let centre = Centre::start().await;
    let bearer = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", bearer.as_str())];
    let reply =
        centre.send("POST /api/v1/intake/json", &headers, b"{\"a\":1}\nno\n{\"a\":2}").await;
    assert_eq!((reply.status, reply.json()["accepted"].as_u64()), (200, Some(3)));
    let counted = || centre.app.figures().counted();
    while counted().events < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!((counted().events, counted().unreadable), (2, 1));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_in_parts_and_marked_ones_do_not_come_in() {
    let centre = Centre::start().await;
    let bearer = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", bearer.as_str())];
    let lines = "<38>Nov 20 08:00:00 srv-01 sshd[7]: Invalid user x from 192.0.2.1 port 9\n";
    for _ in 0..2 {
        for (part, before) in [(0, 0), (1, 3)] {
            let request = format!(
                "POST /api/v1/intake/file?name=nh%E1%BA%ADt%20k%C3%BD/auth.log&session=s&part={part}&lines_before={before}&format=syslog&modified=1795136523"
            );
            let reply = centre.send(&request, &headers, lines.repeat(3).as_bytes()).await;
            assert_eq!(reply.status, 200);
        }
    }
    let reply = centre.send("POST /api/v1/intake/file/end?session=s", &headers, b"").await;
    assert_eq!((reply.status, reply.json()["correlations"].as_u64()), (200, Some(0)));
    let reaches = reply.json()["reaches_back_to"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let days = centre.app.now().duration_since(reaches).as_hours() / 24;
    assert_eq!(days, 7, "what came before is told to be forgotten");
    centre.holds(6).await;
    assert_eq!(centre.app.figures().counted().repeated, 2);
    // «(MẬT) a.log», composed and decomposed; a heading in the text.
    for (name, body) in [
        ("(M%E1%BA%ACT)%20a.log", lines),
        ("(MA%CC%82%CC%A3T)%20a.log", lines),
        ("TUYET%20MAT/a.log", lines),
        ("a.log", "TỐI MẬT\nbáo cáo\n"),
    ] {
        let request = format!("POST /api/v1/intake/file?name={name}");
        let reply = centre.send(&request, &headers, body.as_bytes()).await;
        let code = reply.json()["error"]["code"].as_str().map(str::to_owned);
        assert_eq!((reply.status, code.as_deref()), (422, Some("secrecy_mark")), "{name}");
    }
    centre.holds(6).await;
    centre.stop().await;
}

fn zipped(name: &str, content: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(content.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// Every byte that the data folder holds.
fn on_disk(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(on_disk(&path));
        } else {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marked_documents_are_refused_as_such_and_leave_nothing() {
    let centre = Centre::start().await;
    let bearer = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", bearer.as_str())];
    let canary = "chim-hoang-yen-7731";
    let word = |text: &str| format!("<w:p><w:t>{text}</w:t></w:p><w:p><w:t>{canary}</w:t></w:p>");
    let marked = zipped("word/document.xml", &word("TỐI MẬT"));
    let title = format!("<dc:title>MẬT</dc:title><dc:description>{canary}</dc:description>");
    let property = zipped("docProps/core.xml", &title);
    let member = zipped("KE HOACH (TUYET MAT).docx", canary);
    let pdf = format!("%PDF-1.7\n1 0 obj <</Keywords (TOI MAT) /Author ({canary})>> endobj\n");
    let plain = zipped("word/document.xml", &word("Quy chế bảo vệ bí mật nhà nước"));
    for (way, document, status, code) in [
        ("file?name=a.docx", marked.as_slice(), 422, "secrecy_mark"),
        ("file?name=a.docx", &property, 422, "secrecy_mark"),
        ("file?name=a.zip", &member, 422, "secrecy_mark"),
        ("file?name=a.pdf", pdf.as_bytes(), 422, "secrecy_mark"),
        // Said to be a log, a later part of one, or lines.
        ("file?name=a.log&format=syslog", &marked, 422, "secrecy_mark"),
        ("file?name=a.log&format=syslog&part=3", &marked, 422, "secrecy_mark"),
        ("lines", &marked, 422, "secrecy_mark"),
        ("file?name=a.docx", &plain, 415, "unsupported"),
        ("file?name=a.log&format=syslog", &plain, 415, "unsupported"),
        ("lines", &plain, 415, "unsupported"),
    ] {
        let reply = centre.send(&format!("POST /api/v1/intake/{way}"), &headers, document).await;
        let told = reply.json();
        assert_eq!((reply.status, told["error"]["code"].as_str()), (status, Some(code)), "{way}");
        assert!(!told["error"]["message_vi"].as_str().unwrap().is_empty());
    }
    let (caller, filter) = (Caller::program(), AuditFilter::default());
    let entries = audit::list_audit(&centre.app, &caller, &filter, &PageRequest::first()).await;
    let refusals = entries.unwrap().items;
    let refusals = refusals.iter().filter(|entry| entry.said.action == "upload");
    assert_eq!(refusals.filter(|entry| entry.said.outcome == Outcome::Refused).count(), 7);
    assert_eq!(centre.app.figures().counted().events, 0);
    let place = centre.stop().await;
    let disk = on_disk(&place.path().join("data"));
    for bytes in [canary.as_bytes(), &marked, &member] {
        assert!(memchr::memmem::find(&disk, bytes).is_none(), "nothing of it is on the disk");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_that_speak_of_secrets_come_in() {
    let centre = Centre::start().await;
    let bearer = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", bearer.as_str())];
    let said = [
        "nguoi dung nhap sai mat khau",
        "mở tệp «Quy định bí mật nhà nước.docx»",
        "[MAT] worker started",
        "GET /tai-lieu/MAT/ke-hoach.pdf",
        "đã gỡ dấu độ mật TỐI MẬT khỏi văn bản",
    ];
    let line = |text: &&str| format!("<38>Nov 20 08:00:00 srv-01 app[7]: {text}\n");
    let lines: String = said.iter().map(line).collect();
    for way in ["lines", "file?name=doi_mat_khau.log", "file?name=bao-mat/nhat-ky.log"] {
        let request = format!("POST /api/v1/intake/{way}");
        let reply = centre.send(&request, &headers, lines.as_bytes()).await;
        assert_eq!(reply.status, 200, "{way}: {}", reply.json());
    }
    centre.holds(15).await;
    centre.stop().await;
}
