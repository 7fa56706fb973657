//! The stop: what was sent before it is kept.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use khien_app::access::Caller;
use khien_app::use_case::tokens::{self, WantedToken};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::source::SourceKind;
use khien_domain::token::TokenBytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Centre, Known};
use crate::syslog::line;

/// A sender as rsyslog is one: it looks whether the other side has closed before it sends.
async fn send_until_closed(
    address: std::net::SocketAddr,
    sent: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut buffer = [0; 1];
    while !is_over.load(Ordering::Relaxed) {
        let closed = tokio::time::timeout(Duration::from_micros(200), stream.read(&mut buffer));
        if closed.await.is_ok() {
            break;
        }
        let number = sent.fetch_add(1, Ordering::Relaxed);
        stream.write_all(format!("{}\n", line(number)).as_bytes()).await.unwrap();
    }
    stream.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_looks_loses_nothing_when_the_centre_stops() {
    let centre = Centre::start().await;
    let known = Known { networks: &["127.0.0.1"], ..Known::default() };
    centre.source(SourceKind::Syslog, known).await;
    let address = centre.listening.syslog_tcp.unwrap();
    let (sent, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let sender = tokio::spawn(send_until_closed(address, Arc::clone(&sent), Arc::clone(&is_over)));
    tokio::time::sleep(Duration::from_millis(700)).await;
    let Centre { place, app, listening } = centre;
    listening.stop().await;
    sender.await.unwrap();
    let sent = sent.load(Ordering::Relaxed) as u64;
    assert!(sent > 100);
    let counted = || app.figures().counted().events;
    let all = tokio::time::timeout(Duration::from_secs(10), async {
        while counted() < sent {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let _ = all.await;
    assert_eq!(counted(), sent);
    app.stop().await;
    drop(place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_does_not_hold_up_the_stop() {
    let centre = Centre::start().await;
    let known = Known { networks: &["127.0.0.1"], ..Known::default() };
    centre.source(SourceKind::Syslog, known).await;
    let _idle_syslog = TcpStream::connect(centre.listening.syslog_tcp.unwrap()).await.unwrap();
    let _idle_http = TcpStream::connect(centre.listening.http).await.unwrap();
    let stopped = tokio::time::timeout(Duration::from_secs(9), centre.stop());
    stopped.await.expect("the stop is bounded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_events_arrive_does_not_hold_up_the_stop() {
    let centre = Centre::start().await;
    let wanted = WantedToken {
        name: "người trực".into(),
        permissions: BTreeSet::from([Permission::EventsRead]),
        agencies: AgencyScope::All,
        expires_at: centre.app.now() + SignedDuration::from_hours(1),
    };
    let (caller, random) = (Caller::program(), TokenBytes([99; 21]));
    let token = tokens::add_token(&centre.app, &caller, wanted, &random).await.unwrap();
    let mut stream = TcpStream::connect(centre.listening.http).await.unwrap();
    let request = format!(
        "GET /api/v1/search/tail?seconds=900 HTTP/1.1\r\nHost: siem.test\r\n\
         Authorization: Bearer {}\r\n\r\n",
        token.text.reveal()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let reader = tokio::spawn(async move {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.map(|_| rest)
    });
    let stopped = tokio::time::timeout(Duration::from_secs(6), centre.stop());
    stopped.await.expect("the watch ends with the centre");
    let rest = reader.await.unwrap().unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the answer ends in order");
}
