//! The stop: what was sent before it is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use khien_domain::source::SourceKind;
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
