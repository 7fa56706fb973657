//! `/api/v1/sources`

pub(super) mod add;
pub(super) mod formats;
pub(super) mod get;
pub(super) mod list;
pub(super) mod rotate;
pub(super) mod snippets;
pub(super) mod switch;

use axum::http::HeaderMap;
use axum::http::header::HOST;
use khien_app::use_case::register::WithToken;
use khien_domain::source::{Fingerprint, Source};
use serde::Serialize;

use super::Api;
use crate::snippets::{SOME_HOST, Snippet, Target, ready};

/// A source.
#[derive(Serialize)]
pub(super) struct SourceJson {
    id: i64,
    agency: String,
    system: String,
    kind: &'static str,
    name: String,
    status: &'static str,
    formats: Vec<String>,
    /// Addresses and networks from where it may send datagrams.
    from: Vec<String>,
    certificate: Option<String>,
    heartbeat_seconds: Option<u32>,
    events_per_second: u32,
    bytes_per_second: u32,
    created_at: String,
}

impl From<Source> for SourceJson {
    fn from(source: Source) -> Self {
        let settings = source.settings;
        Self {
            id: source.id.0,
            agency: source.agency.to_string(),
            system: source.system.to_string(),
            kind: source.kind.name(),
            name: settings.name,
            status: source.status.name(),
            formats: settings.formats.into_iter().collect(),
            from: settings.networks.iter().map(ToString::to_string).collect(),
            certificate: settings.certificate.map(Fingerprint::to_hex),
            heartbeat_seconds: settings.heartbeat_seconds,
            events_per_second: settings.rate.events_per_second,
            bytes_per_second: settings.rate.bytes_per_second,
            created_at: source.created_at.to_string(),
        }
    }
}

/// A source with its token, which is shown this once, and settings for shippers that bear it.
#[derive(Serialize)]
pub(super) struct SourceWithToken {
    #[serde(flatten)]
    source: SourceJson,
    token: String,
    token_expires_at: String,
    snippets: Vec<SnippetJson>,
}

/// Settings for a shipper.
#[derive(Serialize)]
pub(super) struct SnippetJson {
    shipper: &'static str,
    file: &'static str,
    text: String,
}

impl From<Snippet> for SnippetJson {
    fn from(snippet: Snippet) -> Self {
        Self { shipper: snippet.shipper, file: snippet.file, text: snippet.text }
    }
}

impl SourceWithToken {
    fn new(api: &Api, headers: &HeaderMap, made: WithToken) -> Self {
        let snippets = snippets_of(api, headers, &made.source, made.token.reveal());
        Self {
            source: made.source.into(),
            token: made.token.reveal().to_owned(),
            token_expires_at: made.expires_at.to_string(),
            snippets,
        }
    }
}

/// Settings for shippers, with the centre named as the caller has reached it.
fn snippets_of(api: &Api, headers: &HeaderMap, source: &Source, token: &str) -> Vec<SnippetJson> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(name_of);
    let host = host.unwrap_or(SOME_HOST);
    let to = Target { host, server: &api.app.config.server, token };
    let snippets = ready(source.kind, &source.settings.networks, to);
    snippets.into_iter().map(SnippetJson::from).collect()
}

/// The name or address of a `Host` header without its port, if it is plainly one.
pub(crate) fn name_of(host: &str) -> Option<&str> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (!name.is_empty() && name.len() <= 253 && name.bytes().all(plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn only_plain_names_become_part_of_a_snippet() {
        for (host, name) in [
            ("siem.minhhoa.example:8057", Some("siem.minhhoa.example")),
            ("192.0.2.7", Some("192.0.2.7")),
            ("[2001:db8::1]:8057", Some("[2001:db8::1]")),
            ("a b", None),
            ("x\"; rm", None),
            ("", None),
        ] {
            assert_eq!(name_of(host), name, "{host}");
        }
    }
}
