//! Syslog over UDP and TCP.

use std::net::SocketAddr;
use std::time::Duration;

use khien_domain::source::SourceKind;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use crate::support::{Centre, Known};

pub(crate) fn line(number: usize) -> String {
    format!("<38>Nov 20 08:00:00 srv-01 sshd[{number}]: Invalid user x from 192.0.2.1 port 9")
}

fn counted(number: usize) -> String {
    format!("{} {}", line(number).len(), line(number))
}

const LOOPBACK: Known<'_> =
    Known { networks: &["127.0.0.1"], certificate: None, events_per_second: None };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_framings_arrive_whole() {
    let centre = Centre::start().await;
    centre.source(SourceKind::Syslog, LOOPBACK).await;
    let address = centre.listening.syslog_tcp.unwrap();
    let mut lines = TcpStream::connect(address).await.unwrap();
    let mut octets = TcpStream::connect(address).await.unwrap();
    for number in 0..500 {
        lines.write_all(format!("{}\n", line(number)).as_bytes()).await.unwrap();
        octets.write_all(counted(number).as_bytes()).await.unwrap();
    }
    centre.holds(1000).await;
    // The last line needs no break when the connection ends in order.
    lines.write_all(line(0).as_bytes()).await.unwrap();
    lines.shutdown().await.unwrap();
    centre.holds(1001).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn datagrams_of_registered_addresses_are_taken() {
    let centre = Centre::start().await;
    centre.source(SourceKind::Syslog, LOOPBACK).await;
    let address = centre.listening.syslog_udp.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for number in 0..200 {
        socket.send_to(line(number).as_bytes(), address).await.unwrap();
    }
    let other = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    other.send_to(line(0).as_bytes(), address).await.unwrap();
    centre.holds(200).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_of_unknown_addresses_are_closed() {
    let centre = Centre::start().await;
    centre.source(SourceKind::Syslog, LOOPBACK).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse::<SocketAddr>().unwrap()).unwrap();
    let mut stream = socket.connect(centre.listening.syslog_tcp.unwrap()).await.unwrap();
    let _ = stream.write_all(format!("{}\n", line(0)).as_bytes()).await;
    let mut buffer = [0; 8];
    let read = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer);
    let read = tokio::time::timeout(Duration::from_secs(5), read).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)));
    centre.holds(0).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_not_read_while_its_source_is_over_its_rate() {
    let centre = Centre::start().await;
    let known = Known { events_per_second: Some(1000), ..LOOPBACK };
    centre.source(SourceKind::Syslog, known).await;
    let mut stream = TcpStream::connect(centre.listening.syslog_tcp.unwrap()).await.unwrap();
    // A burst of ten seconds is allowed; what is beyond has to wait and is not lost.
    for number in 0..12_000 {
        stream.write_all(format!("{}\n", line(number)).as_bytes()).await.unwrap();
    }
    centre.holds(12_000).await;
    centre.stop().await;
}
