//! `MikroTik` `RouterOS`: a list of topics, then a sentence.
//!
//! Remote logging sends `topic,topic sentence` without a program, so the topics are what tells
//! the device. Firewall entries become addresses, ports, interfaces and the rule's prefix.

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, template};
use crate::record::{Kind, Record};

/// `MikroTik` routers.
pub const FORMAT: Format = Format {
    id: "mikrotik",
    title: ["MikroTik RouterOS", "MikroTik RouterOS"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| sample.share(|line| topics(line).is_some()) / 10 * 9,
    reader: |context| {
        LineReader::boxed(Lines { payload, otherwise: "not a RouterOS message" }, context)
    },
};

/// The topics of which one begins every list.
static FIRST: &[&str] = &[
    "account",
    "backup",
    "bgp",
    "bridge",
    "caps",
    "certificate",
    "container",
    "ddns",
    "dhcp",
    "dns",
    "dude",
    "e-mail",
    "firewall",
    "hotspot",
    "interface",
    "ipsec",
    "l2tp",
    "lte",
    "manager",
    "netwatch",
    "ntp",
    "ospf",
    "ovpn",
    "ppp",
    "pppoe",
    "pptp",
    "radius",
    "route",
    "script",
    "smb",
    "snmp",
    "ssh",
    "sstp",
    "system",
    "upnp",
    "vrrp",
    "web-proxy",
    "wireguard",
    "wireless",
];
/// The topics that say how grave it is.
static SEVERITIES: &[&str] = &["info", "warning", "error", "critical", "debug"];

static SENTENCES: &[&str] = &[
    "{log_prefix}: in:{in} out:{out}, {} proto {protocol}, {src_ip}:{src_port}->{dst_ip}:{dst_port}, NAT {nat*}",
    "{log_prefix}: in:{in} out:{out}, {} proto {protocol}, {src_ip}:{src_port}->{dst_ip}:{dst_port}, len {length}",
    "{log_prefix}: in:{in} out:{out}, {} proto {protocol}, [{src_ip}]:{src_port}->[{dst_ip}]:{dst_port}, len {length}",
    "{log_prefix}: in:{in} out:{out}, {} proto {protocol}, {src_ip}->{dst_ip}, len {length}",
    "{log_prefix}: in:{in} out:{out}, proto {protocol}, {src_ip}:{src_port}->{dst_ip}:{dst_port}, len {length}",
    "user {username} {action} from {src_ip} via {service}",
    "login {action} for user {username} from {src_ip} via {service}",
    "user {username} {action} via {service}",
    "login {action} for user {username} via {service}",
    "user {username} authentication {action}",
    "{server} {action} {assigned_ip} to {mac}",
    "{server} {action} {assigned_ip} for {mac} {hostname}",
    "{server} {action} {assigned_ip} from {mac}",
    "{username} logged in, {assigned_ip} from {src_ip}",
    "{username} logged in, {assigned_ip}",
    "{username} logged out, {duration} {}",
    "{change} by {username}",
    "TCP connection established from {src_ip}",
    "first L2TP UDP packet received from {src_ip}",
];

/// The list of topics and what follows it.
fn topics(text: &str) -> Option<(&str, &str)> {
    let (list, rest) = text.split_once(' ')?;
    let mut topics = list.split(',');
    let first = FIRST.contains(&topics.next()?);
    (first && topics.any(|topic| SEVERITIES.contains(&topic))).then_some((list, rest.trim()))
}

/// Reads a message of a `MikroTik` router.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    let Some((list, rest)) = topics(text) else { return false };
    let firewall = list.starts_with("firewall");
    record.kind = Kind::named(if firewall { "mikrotik/firewall" } else { "mikrotik" });
    for topic in list.split(',') {
        if SEVERITIES.contains(&topic) {
            template::push_new("severity", topic, record);
        } else {
            record.fields.push_text("topic", topic);
        }
    }
    template::push_new("message", rest, record);
    template::first(SENTENCES, rest, record);
    template::related(rest, record);
    true
}
