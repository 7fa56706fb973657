//! Plain lines and objects.

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
    let document = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0";
    let reply = centre.send("POST /api/v1/intake/file?name=a.docx", &headers, document).await;
    assert_eq!(reply.status, 415);
    centre.holds(6).await;
    centre.stop().await;
}
