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
