//! The ways by which the sources of the demonstration send, over sockets as their devices do.

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, Result};
use khien_app::config::KeyExchange;
use khien_demo::Entry;
use khien_demo::province::{Source, Way};
use serde_json::{Value, json};
use socket2::{Domain, Protocol, Socket, Type};

use super::register::Pass;
use crate::client::{Answer, Client};

/// Where the centre listens.
#[derive(Clone, Debug)]
pub(super) struct Listeners {
    /// HTTP.
    pub(super) url: String,
    /// Syslog over TCP.
    pub(super) tcp: SocketAddr,
    /// Syslog over UDP.
    pub(super) udp: SocketAddr,
}

/// A source's way to the centre.
pub(super) struct Link {
    client: Client,
    way: Way,
    format: &'static str,
    key: String,
    own: IpAddr,
    tcp: (SocketAddr, Option<TcpStream>),
    udp: Option<UdpSocket>,
}

/// What came of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It was taken.
    Taken,
    /// The centre has no time now.
    Later,
}

/// A system where the loopback has one address only says no to others.
const LOOPBACK: &str = "each syslog source sends from an address of its own in 127.0.57.0/24; \
                        where the loopback has only 127.0.0.1, add them first";

impl Link {
    /// The way of a source.
    pub(super) fn new(source: &Source, pass: &Pass, to: &Listeners) -> Result<Self> {
        let own = IpAddr::V4(pass.address);
        let udp = match source.way {
            Way::SyslogUdp => {
                let socket = UdpSocket::bind((own, 0)).context(LOOPBACK)?;
                socket.connect(to.udp)?;
                Some(socket)
            }
            _ => None,
        };
        Ok(Self {
            client: Client::new(&to.url, pass.token.clone(), None, KeyExchange::HybridPreferred)?,
            way: source.way,
            format: source.device.format(),
            key: source.key.clone(),
            own,
            tcp: (to.tcp, None),
            udp,
        })
    }

    /// Sends what a source has written since the last time.
    pub(super) fn send(&mut self, entries: &[Entry]) -> Result<Sent> {
        let lines = || khien_demo::lines(entries);
        let answer = match self.way {
            Way::SyslogTcp => return self.send_tcp(lines().as_bytes()),
            Way::SyslogUdp => return self.send_udp(entries),
            Way::Json => self.client.post("/api/v1/intake/json", &[], None, lines().as_bytes()),
            Way::Lines => self.client.post("/api/v1/intake/lines", &[], None, lines().as_bytes()),
            Way::Hec => {
                let body: String = entries.iter().map(envelope).collect();
                self.client.post("/services/collector/event", &[], None, body.as_bytes())
            }
            Way::Elastic => {
                let document = |entry: &Entry| format!("{{\"create\":{{}}}}\n{}\n", entry.text);
                let body: String = entries.iter().map(document).collect();
                self.client.post("/logs-demo/_bulk", &[], None, body.as_bytes())
            }
            Way::Otlp => self.client.post_json("/v1/logs", &records(&self.key, entries)),
        };
        taken(answer?)
    }

    /// Hands in what a source wrote before it was connected: a file of one session, in parts.
    /// `is_over` says that nobody waits for it any more.
    pub(super) fn hand_in(
        &self,
        session: &str,
        entries: &[Entry],
        is_over: impl Fn(Duration) -> bool,
    ) -> Result<()> {
        const PART: usize = 5000;
        let name = format!("{}.log", self.key);
        let mut parts: VecDeque<(usize, &[Entry])> = entries.chunks(PART).enumerate().collect();
        while let Some((number, part)) = parts.pop_front() {
            let bytes = khien_demo::lines(part);
            let before: usize =
                entries.iter().take(number * PART).map(|entry| entry.text.lines().count()).sum();
            let (place, before) = (number.to_string(), before.to_string());
            let query = [
                ("name", name.as_str()),
                ("session", session),
                ("part", place.as_str()),
                ("lines_before", before.as_str()),
                ("format", self.format),
            ];
            let answer = self.client.post("/api/v1/intake/file", &query, None, bytes.as_bytes());
            let wait = match taken(answer?)? {
                Sent::Taken => Duration::ZERO,
                Sent::Later => {
                    parts.push_front((number, part));
                    Duration::from_secs(1)
                }
            };
            if is_over(wait) {
                return Ok(());
            }
        }
        let query = [("session", session)];
        self.client.post("/api/v1/intake/file/end", &query, None, b"")?.done()?;
        Ok(())
    }

    fn send_tcp(&mut self, lines: &[u8]) -> Result<Sent> {
        let (to, stream) = &mut self.tcp;
        let mut connected = match stream.take() {
            Some(connected) => connected,
            None => connect(self.own, *to)?,
        };
        connected.write_all(lines).context("syslog over TCP")?;
        *stream = Some(connected);
        Ok(Sent::Taken)
    }

    fn send_udp(&self, entries: &[Entry]) -> Result<Sent> {
        let socket = self.udp.as_ref().context("no socket for datagrams")?;
        for entry in entries {
            socket.send(entry.text.as_bytes()).context("syslog over UDP")?;
        }
        Ok(Sent::Taken)
    }
}

fn taken(answer: Answer) -> Result<Sent> {
    if matches!(answer.status, 429 | 503) {
        return Ok(Sent::Later);
    }
    answer.done()?;
    Ok(Sent::Taken)
}

/// A connection from an address of the loopback.
fn connect(from: IpAddr, to: SocketAddr) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::new(from, 0).into()).context(LOOPBACK)?;
    socket.connect(&to.into()).context("syslog over TCP")?;
    Ok(socket.into())
}

/// An event in the envelope of Splunk's collector.
fn envelope(entry: &Entry) -> String {
    let seconds = entry.at.as_millisecond() as f64 / 1000.0;
    format!("{{\"time\":{seconds:.3},\"sourcetype\":\"_json\",\"event\":{}}}\n", entry.text)
}

/// Lines as records of OpenTelemetry.
fn records(source: &str, entries: &[Entry]) -> Value {
    let record = |entry: &Entry| {
        json!({
            "timeUnixNano": entry.at.as_nanosecond().to_string(),
            "severityText": "INFO",
            "body": {"stringValue": entry.text},
        })
    };
    let records: Vec<Value> = entries.iter().map(record).collect();
    let service = json!([{"key": "service.name", "value": {"stringValue": source}}]);
    json!({"resourceLogs": [{
        "resource": {"attributes": service},
        "scopeLogs": [{"scope": {"name": "filelog"}, "logRecords": records}],
    }]})
}
