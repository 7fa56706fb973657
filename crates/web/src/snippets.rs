//! What to write into a shipper's settings so that it sends to the centre.
//!
//! In come the kind of a source, where the centre listens and the source's token; out comes one
//! ready piece of settings for each shipper that fits. The certificate of the centre is expected
//! at [`CA`] on the sending machine. To add a shipper: a template in `snippets/`, a line in
//! [`ready`].

use std::collections::BTreeSet;
use std::net::SocketAddr;

use khien_app::config::Server;
use khien_domain::network::Network;
use khien_domain::source::SourceKind;

/// Where the sending machine has the certificate of the centre or its authority.
pub const CA: &str = "/etc/khien/ca.crt";
/// What stands for a token that is not shown any more.
pub const SOME_TOKEN: &str = "KHIEN_TOKEN";
/// What stands for the name of the centre's machine where it is not known.
pub const SOME_HOST: &str = "khien.example";

/// The port of syslog over TLS (RFC 5425).
const TLS_PORT: u16 = 6514;
/// The port of syslog over UDP (RFC 5426).
const UDP_PORT: u16 = 514;

/// Settings for a shipper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What the shipper is called on a command line.
    pub id: &'static str,
    /// The shipper.
    pub shipper: &'static str,
    /// Where its settings usually are.
    pub file: &'static str,
    /// What to write there.
    pub text: String,
}

/// Where a source sends.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The name or address of the centre's machine, as the sender reaches it.
    pub host: &'a str,
    /// Where the centre listens.
    pub server: &'a Server,
    /// The source's token.
    pub token: &'a str,
}

macro_rules! template {
    ($id:literal, $shipper:literal, $file:literal, $name:literal) => {
        ($id, $shipper, $file, include_str!(concat!("snippets/", $name)))
    };
}

type Template = (&'static str, &'static str, &'static str, &'static str);

const HTTP: [Template; 8] = [
    template!("rsyslog", "rsyslog", "/etc/rsyslog.d/60-khien.conf", "http/rsyslog.conf"),
    template!("syslog-ng", "syslog-ng", "/etc/syslog-ng/conf.d/khien.conf", "http/syslog-ng.conf"),
    template!(
        "fluent-bit",
        "Fluent Bit",
        "/etc/fluent-bit/fluent-bit.conf",
        "http/fluent-bit.conf"
    ),
    template!("vector", "Vector", "/etc/vector/vector.yaml", "http/vector.yaml"),
    template!("filebeat", "Filebeat", "/etc/filebeat/filebeat.yml", "http/beat.yml"),
    template!(
        "winlogbeat",
        "Winlogbeat",
        "C:\\ProgramData\\winlogbeat\\winlogbeat.yml",
        "http/beat.yml"
    ),
    template!("otel", "OpenTelemetry Collector", "/etc/otelcol/config.yaml", "http/otelcol.yaml"),
    template!("nxlog", "NXLog", "/etc/nxlog/nxlog.conf", "http/nxlog.conf"),
];
const SYSLOG: [Template; 3] = [
    template!("rsyslog", "rsyslog", "/etc/rsyslog.d/60-khien.conf", "syslog/rsyslog.conf"),
    template!(
        "syslog-ng",
        "syslog-ng",
        "/etc/syslog-ng/conf.d/khien.conf",
        "syslog/syslog-ng.conf"
    ),
    template!("nxlog", "NXLog", "/etc/nxlog/nxlog.conf", "syslog/nxlog.conf"),
];
const DATAGRAMS: [Template; 2] = [
    template!("rsyslog", "rsyslog", "/etc/rsyslog.d/60-khien.conf", "udp/rsyslog.conf"),
    template!("syslog-ng", "syslog-ng", "/etc/syslog-ng/conf.d/khien.conf", "udp/syslog-ng.conf"),
];
const FILES: [Template; 2] = [
    template!("push", "khien push", "", "file/push.sh"),
    template!("curl", "curl", "", "file/curl.sh"),
];
/// What shippers are called on a command line.
pub const SHIPPERS: [&str; 10] = [
    "rsyslog",
    "syslog-ng",
    "fluent-bit",
    "vector",
    "filebeat",
    "winlogbeat",
    "otel",
    "nxlog",
    "push",
    "curl",
];

/// Settings for each shipper that fits a source of a kind. A source of syslog with registered
/// addresses may also send datagrams, which bear no token.
pub fn ready(kind: SourceKind, networks: &BTreeSet<Network>, to: Target<'_>) -> Vec<Snippet> {
    let datagrams =
        if kind == SourceKind::Syslog && !networks.is_empty() { DATAGRAMS.as_slice() } else { &[] };
    templates(kind).iter().chain(datagrams).map(|template| to.fill(template)).collect()
}

/// Which shippers send to a source of a kind, as they are called on a command line.
pub fn shippers(kind: SourceKind) -> Vec<&'static str> {
    templates(kind).iter().map(|(id, ..)| *id).collect()
}

fn templates(kind: SourceKind) -> &'static [Template] {
    match kind {
        SourceKind::Http => &HTTP,
        SourceKind::Syslog => &SYSLOG,
        SourceKind::File => &FILES,
    }
}

impl Target<'_> {
    fn fill(&self, (id, shipper, file, template): &Template) -> Snippet {
        let port = |address: Option<SocketAddr>, usual| address.map_or(usual, |at| at.port());
        let secure = if self.server.plain_http { "http" } else { "https" };
        let http_port = self.server.http.port();
        let text = template
            .replace("{url}", &format!("{secure}://{}:{http_port}", self.host))
            .replace("{host}", self.host)
            .replace("{http_port}", &http_port.to_string())
            .replace("{on}", if self.server.plain_http { "off" } else { "on" })
            .replace("{tls_port}", &port(self.server.syslog_tls, TLS_PORT).to_string())
            .replace("{udp_port}", &port(self.server.syslog_udp, UDP_PORT).to_string())
            .replace("{ca}", CA)
            .replace("{token}", self.token);
        Snippet { id, shipper, file, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snippet_is_filled_and_bears_the_token() {
        let server = Server::default();
        let to = Target { host: "siem.minhhoa.example", server: &server, token: "khien_src_x" };
        let network = BTreeSet::from(["192.0.2.7".parse().unwrap()]);
        for kind in SourceKind::ALL {
            for snippet in ready(kind, &BTreeSet::new(), to) {
                assert!(snippet.text.contains("khien_src_x"), "{snippet:?}");
                assert!(snippet.text.contains("siem.minhhoa.example"), "{snippet:?}");
                assert!(!snippet.text.contains("{host}") && !snippet.text.contains("{url}"));
                assert!(!snippet.text.contains("_port}"), "{snippet:?}");
                assert!(SHIPPERS.contains(&snippet.id), "{snippet:?}");
            }
        }
        let datagrams = ready(SourceKind::Syslog, &network, to);
        assert_eq!(datagrams.len(), 5);
        assert!(datagrams[3].text.contains("514"), "{:?}", datagrams[3]);
    }

    #[test]
    fn a_source_over_http_finds_every_shipper() {
        let server = Server::default();
        let to = Target { host: SOME_HOST, server: &server, token: SOME_TOKEN };
        let names: Vec<_> = ready(SourceKind::Http, &BTreeSet::new(), to)
            .into_iter()
            .map(|snippet| snippet.shipper)
            .collect();
        assert_eq!(
            names,
            [
                "rsyslog",
                "syslog-ng",
                "Fluent Bit",
                "Vector",
                "Filebeat",
                "Winlogbeat",
                "OpenTelemetry Collector",
                "NXLog"
            ]
        );
    }
}
