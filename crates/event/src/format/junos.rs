//! Juniper Junos: sessions of SRX firewalls, screens, logins, commands and commits.
//!
//! Structured messages (`TAG [junos@2636… name="value"]`) hand over their values by name; of the
//! others the table of sentences takes what it knows. A message is Junos's if it has such a list
//! or begins with a tag of Junos. What `sshd` and the kernel write on Junos looks like that of any
//! Unix and is read here only where the words are Juniper's own.

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, key_value, template};
use crate::record::{Kind, Record};
use crate::time;

/// Juniper devices.
pub const FORMAT: Format = Format {
    id: "junos",
    title: ["Juniper Junos", "Juniper Junos"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| sample.share(|line| find(line) == Some(0)) / 10 * 9,
    reader: |context| {
        LineReader::boxed(Lines { payload, otherwise: "not a Junos message" }, context)
    },
};

const STRUCTURED: &str = "[junos@";
/// A tag further behind is none.
const HEADER_BYTES: usize = 256;

/// How the tags of Junos begin.
static TAGS: &[&str] = &[
    "RT_",
    "UI_",
    "SSHD_LOGIN",
    "LOGIN_",
    "BGP_",
    "RPD_",
    "KMD_",
    "FLOW_",
    "IDP_",
    "AAMW_",
    "WEBFILTER_",
    "APPTRACK_",
    "AV_",
    "FWAUTH_",
    "SNMPD_",
    "CHASSISD_",
    "DCD_",
    "SECINTEL_",
    "JTASK_",
    "LICENSE_",
    "PFE_",
    "JSRPD_",
    "DYNAMIC_VPN_",
    "WEB_",
];

/// Words without a tag that only Junos's kernel writes.
static KERNEL: &[&str] = &["tcp_auth_ok:"];

static SENTENCES: &[&str] = &[
    "session {action} {src_ip}/{src_port}->{dst_ip}/{dst_port} {} {service} {nat_src_ip}/{}->{nat_dst_ip}/{} {} {} {} {} {protocol} {rule} {src_zone} {dst_zone} {session} {username}({}) {}",
    "session {action} {src_ip}/{src_port}->{dst_ip}/{dst_port} {service} {nat_src_ip}/{}->{nat_dst_ip}/{} {} {} {protocol} {rule} {src_zone} {dst_zone} {session} {username}({}) {}",
    "session {action} {src_ip}/{src_port}->{dst_ip}/{dst_port} {service} {protocol}({}) {rule} {src_zone} {dst_zone} {}",
    "session closed {reason}: {src_ip}/{src_port}->{dst_ip}/{dst_port} {service} {}",
    "session {action} {src_ip}/{src_port}->{dst_ip}/{dst_port} {}",
    "{reason}! source: {src_ip}:{src_port}, destination: {dst_ip}:{dst_port}, zone name: {src_zone}, interface name: {interface}, action: {action}",
    "{reason}! source: {src_ip}, destination: {dst_ip}, protocol-id: {protocol}, zone name: {src_zone}, interface name: {interface}, action: {action}",
    "{reason}! source: {src_ip}, destination: {dst_ip}, zone name: {src_zone}, interface name: {interface}, action: {action}",
    "User '{username}', command '{command}'",
    "User '{username}' login, class '{class}' [{pid}], ssh-connection '{src_ip} {src_port} {dst_ip} {dst_port}'",
    "User '{username}' login, class '{class}'",
    "User '{username}' requested '{command}' operation (comment: {comment})",
    "User '{username}' {action}: [{path}] {change*}",
    "User '{username}' {action*}",
    "Authenticated user '{username}' ",
    "Login failed for user '{username}' from host '{src_ip}'",
    "Login failed for user {username} from host {src_ip}",
    "User {username} logged in from host {src_ip} on device",
    "Packet from {src_ip}:{src_port} {reason*}",
    "NOTIFICATION {} to {dst_ip} ",
    "NOTIFICATION {} from {src_ip} ",
];

/// Where the message begins behind what may be a header.
fn find(text: &str) -> Option<usize> {
    let head = text.get(..HEADER_BYTES).unwrap_or(text);
    let mut from = 0;
    for word in head.split(' ') {
        let at = from;
        from += word.len() + 1;
        let tagged = TAGS.iter().any(|tag| word.starts_with(tag));
        // Behind a header only a tag with its colon counts: the words are not that rare.
        if tagged && (at == 0 || word.ends_with(':')) && is_tag(word.trim_end_matches(':')) {
            return Some(at);
        }
        if KERNEL.contains(&word) {
            return Some(at);
        }
    }
    let list = memchr::memmem::find(text.as_bytes(), STRUCTURED.as_bytes())?;
    let before = text.get(..list)?.trim_end();
    Some(before.rfind(' ').map_or(0, |at| at + 1))
}

fn is_tag(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Reads a message of a Junos device.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let Some(start) = find(text) else { return false };
    let (header, text) = text.split_at_checked(start).unwrap_or(("", text));
    // Structured messages carry a full time of their own.
    let mut words = header.split(' ').filter(|word| word.contains('T'));
    record.time = words.find_map(|word| time::parse(word, &context.clue)).or(record.time);
    let (mut tag, mut rest) = split_tag(text);
    // `RT_FLOW - RT_FLOW_SESSION_DENY […]` names the program before the message.
    if let Some(next) = rest.strip_prefix("- ") {
        record.fields.push_text("process", tag);
        (tag, rest) = split_tag(next);
    }
    let bgp = tag.starts_with("BGP_") || tag == "tcp_auth_ok" || rest.contains("MD5 digest");
    record.kind = Kind::named(match tag {
        _ if bgp => "junos/bgp",
        _ if tag.starts_with("RPD_LDP") => "junos/ldp",
        _ if tag.starts_with("RT_FLOW") || tag.starts_with("FLOW_") => "junos/flow",
        _ if tag.starts_with("RT_SCREEN") || tag.starts_with("RT_IDS") => "junos/screen",
        _ => "junos",
    });
    record.fields.push_text("tag", tag);
    template::push_new("message", text, record);
    if let Some(list) = rest.strip_prefix(STRUCTURED) {
        let inside = list.split_once(' ').map_or("", |(_, inside)| inside);
        key_value::push_pairs(inside, record);
    } else {
        template::first(SENTENCES, rest, record);
    }
    template::related(rest, record);
    true
}

/// The tag, and what follows it and its colon.
fn split_tag(text: &str) -> (&str, &str) {
    let (tag, rest) = text.split_once(' ').unwrap_or((text, ""));
    (tag.trim_end_matches(':'), rest.trim_start())
}
