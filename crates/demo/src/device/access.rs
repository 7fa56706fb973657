//! Access logs of nginx in the combined format.

use jiff::Timestamp;
use serde_json::json;

use super::{local, world_text};

/// A request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The site that was asked.
    pub(crate) host: String,
    /// Who asked.
    pub(crate) client: String,
    /// How.
    pub(crate) method: &'static str,
    /// For what, with the query.
    pub(crate) target: String,
    /// The answer.
    pub(crate) status: u16,
    /// Its length.
    pub(crate) bytes: u64,
    /// The page before.
    pub(crate) referer: String,
    /// The program that asked.
    pub(crate) agent: &'static str,
}

/// A browser as most visitors have one.
pub(crate) const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
];

impl Request {
    /// Somebody fetched something.
    pub(crate) fn get(host: &str, client: &str, target: impl Into<String>, status: u16) -> Self {
        Self {
            host: host.to_owned(),
            client: client.to_owned(),
            method: "GET",
            target: target.into(),
            status,
            bytes: 5120,
            referer: "-".to_owned(),
            agent: BROWSERS[0],
        }
    }

    /// The same, but sent by `POST`.
    pub(crate) fn post(self) -> Self {
        Self { method: "POST", ..self }
    }

    /// The same, by another program.
    pub(crate) fn by(self, agent: &'static str) -> Self {
        Self { agent, ..self }
    }

    /// The same, with another length of the answer.
    pub(crate) fn long(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    pub(super) fn line(&self, at: Timestamp) -> String {
        let Self { client, method, target, status, bytes, referer, agent, .. } = self;
        let time = local(at).strftime("%d/%b/%Y:%H:%M:%S %z").to_string();
        format!(
            "{client} - - [{time}] \"{method} {target} HTTP/1.1\" {status} {bytes} \"{referer}\" \"{agent}\""
        )
    }

    pub(super) fn by_filebeat(&self, at: Timestamp) -> String {
        json!({
            "@timestamp": world_text(at),
            "message": self.line(at),
            "host": {"name": self.host},
            "agent": {"type": "filebeat", "version": "8.19.0"},
            "log": {"file": {"path": "/var/log/nginx/access.log"}},
            "event": {"module": "nginx", "dataset": "nginx.access"},
        })
        .to_string()
    }
}
