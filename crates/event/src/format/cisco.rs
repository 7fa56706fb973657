//! Cisco ASA, FTD, IOS, IOS XE, IOS XR and NX-OS: `%FACILITY-SEVERITY-MNEMONIC: text`.
//!
//! Whatever stands before the percent sign (a sequence number, the device's own time) is only
//! looked at for the time. Addresses, ports, users and commands are taken from the sentences that
//! the table lists; from all others the addresses are still taken as `ip`. The whole
//! message stays in `message`, because Sigma's rules for Cisco are keyword rules.

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, device_time, template};
use crate::record::{Kind, Record};

/// Cisco devices.
pub const FORMAT: Format = Format {
    id: "cisco",
    title: ["Cisco ASA, FTD and IOS", "Cisco ASA, FTD và IOS"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| template::sniff(sample, |line| Some(Tag::find(line)?.0)),
    reader: |context| {
        LineReader::boxed(Lines { payload, otherwise: "no %FACILITY-SEVERITY-MNEMONIC" }, context)
    },
};

/// What comes before this place may hold a header; the tag is not looked for behind it.
const HEADER_BYTES: usize = 256;

/// Kinds by the start of the facility or the mnemonic; the first that agrees counts.
static KINDS: &[(&str, &str, &str)] = &[
    ("ASA", "", "cisco/asa"),
    ("PIX", "", "cisco/asa"),
    ("FWSM", "", "cisco/asa"),
    ("FTD", "", "cisco/ftd"),
    ("NGIPS", "", "cisco/ftd"),
    ("", "BADAUTH", "cisco/bgp"),
    ("BGP", "", "cisco/bgp"),
    ("ROUTING-BGP", "", "cisco/bgp"),
    ("LDP", "", "cisco/ldp"),
    ("TDP", "", "cisco/ldp"),
    ("ROUTING-LDP", "", "cisco/ldp"),
    ("", "SOCKET_TCP_PACKET_MD5_AUTHEN_FAIL", "cisco/ldp"),
    ("", "TCPMD5AuthenFail", "cisco/ldp"),
    ("AAA", "", "cisco/aaa"),
    ("PARSER", "CFGLOG", "cisco/aaa"),
    ("HA_EM", "LOG", "cisco/aaa"),
    ("TACACS", "", "cisco/aaa"),
    ("", "", "cisco/ios"),
];

/// The sentences, the more telling ones first.
static SENTENCES: &[&str] = &[
    // ASA: connections. Where a connection is outbound, the first address is the far one.
    "{action} outbound {protocol} connection {session} for {dst_zone}:{dst_ip}/{dst_port} ({}) to {src_zone}:{src_ip}/{src_port} (",
    "{action} {direction} {protocol} connection {session} for {src_zone}:{src_ip}/{src_port} ({}) to {dst_zone}:{dst_ip}/{dst_port} (",
    "Teardown {protocol} connection {session} for {src_zone}:{src_ip}/{src_port} to {dst_zone}:{dst_ip}/{dst_port} duration {duration} bytes {bytes} {reason*}",
    "Teardown {protocol} connection {session} for {src_zone}:{src_ip}/{src_port} to {dst_zone}:{dst_ip}/{dst_port} duration {duration} bytes {bytes}",
    "{action} outbound {protocol} connection for faddr {dst_ip}/{} gaddr {} laddr {src_ip}/",
    "{action} inbound {protocol} connection for faddr {src_ip}/{} gaddr {} laddr {dst_ip}/",
    "{action} {protocol} translation from {src_zone}:{src_ip}/{src_port} to {nat_zone}:{nat_ip}/{nat_port}",
    // ASA: what was refused.
    "access-list {rule} {action} {protocol} {src_zone}/{src_ip}({src_port}) -> {dst_zone}/{dst_ip}({dst_port})",
    "access-list {rule} {action} {protocol} {src_zone}/{src_ip}({src_port})({username}) -> {dst_zone}/{dst_ip}({dst_port})",
    "access-list {rule} {action} {protocol} for user '{username}' {src_zone}/{src_ip}({src_port}) -> {dst_zone}/{dst_ip}({dst_port})",
    "{action} {protocol} src {src_zone}:{src_ip}/{src_port} dst {dst_zone}:{dst_ip}/{dst_port} by access-group \"{rule}\"",
    "{action} {protocol} src {src_zone}:{src_ip}/{src_port}({username}) dst {dst_zone}:{dst_ip}/{dst_port} by access-group \"{rule}\"",
    "{action} {protocol} src {src_zone}:{src_ip} dst {dst_zone}:{dst_ip} (type {icmp_type}, code {icmp_code}) by access-group \"{rule}\"",
    "{action} inbound {protocol} src {src_zone}:{src_ip}/{src_port} dst {dst_zone}:{dst_ip}/{dst_port}",
    "{action} inbound {protocol} src {src_zone}:{src_ip} dst {dst_zone}:{dst_ip} (type {icmp_type}, code {icmp_code})",
    "{direction} TCP connection {action} from {src_ip}/{src_port} to {dst_ip}/{dst_port} flags {tcp_flags} on interface {interface}",
    "{action} TCP (no connection) from {src_ip}/{src_port} to {dst_ip}/{dst_port} flags {tcp_flags} on interface {interface}",
    "{action} inbound UDP from {src_ip}/{src_port} to {dst_ip}/{dst_port}",
    "{action} IP spoof from ({src_ip}) to {dst_ip} on interface {interface}",
    "{action} {protocol} reverse path check from {src_ip} to {dst_ip} on interface {interface}",
    "{action} ICMP type={icmp_type}, code={icmp_code} from {src_ip} on interface {interface}",
    "{protocol} access {action} by ACL from {src_ip}/{src_port} to {dst_zone}:{dst_ip}/{service}",
    "{protocol} request {action} from {src_ip}/{src_port} to {dst_zone}:{dst_ip}/{service}",
    "{protocol} access requested from {src_ip}/{src_port} to {dst_zone}:{dst_ip}/{service}",
    "IDS:{signature_id} {signature} from {src_ip} to {dst_ip} on interface {interface}",
    // ASA: accounts, administrators, VPN.
    "Authentication {action} for user '{username}' from {src_ip}/{src_port} to {dst_ip}/{dst_port} on interface {interface}",
    "Authorization {action} for user '{username}' from {src_ip}/{src_port} to {dst_ip}/{dst_port} on interface {interface}",
    "AAA user {} {action} : reason = {reason} : server = {server_ip} : user = {username} : user IP = {src_ip}",
    "AAA user {} {action} : reason = {reason} : local database : user = {username} : user IP = {src_ip}",
    "AAA user {} {action} : reason = {reason} : server = {server_ip} : user = {username}",
    "AAA user {} {action} : reason = {reason} : local database : user = {username}",
    "AAA user {} {action} : server = {server_ip} : user = {username}",
    "AAA user {} {action} : local database : user = {username}",
    "AAA transaction status {action} : user = {username}",
    "Login {action} from {src_ip}/{src_port} to {dst_zone}:{dst_ip}/{service} for user \"{username}\"",
    "User authentication {action}: IP address: {src_ip}, Uname: {username}",
    "User authentication {action}: Uname: {username}",
    "User {action}: Uname: {username}",
    "New user {action} to local dbase: Uname: {username} Priv: {privilege} ",
    "User {action} from local dbase: Uname: {username} Priv: {privilege} ",
    "User priv level {action}: Uname: {username} From: {} To: {privilege}",
    "User '{username}', running '{application}' from IP {src_ip}, executed '{command}'",
    "User '{username}' executed the '{command}' command",
    "User '{username}' executed cmd: {command*}",
    "ASDM session number {session} from {src_ip} {action}",
    "SSH session from {src_ip} on interface {interface} for user \"{username}\"",
    "Group <{group}> User <{username}> IP <{src_ip}> IPv4 Address <{assigned_ip}> {}",
    "Group <{group}> User <{username}> IP <{src_ip}> {reason*}",
    "Group = {group}, Username = {username}, IP = {src_ip}, Session {action}. Session Type: {session_type}, Duration: {duration}, Bytes xmt: {bytes_sent}, Bytes rcv: {bytes_received}, Reason: {reason*}",
    "Group = {group}, Username = {username}, IP = {src_ip}, {reason*}",
    "Group = {group}, IP = {src_ip}, {reason*}",
    "IP = {src_ip}, {reason*}",
    // IOS.
    "list {rule} {action} {protocol} {src_ip}({src_port}) -> {dst_ip}({dst_port}), ",
    "list {rule} {action} {protocol} {src_ip}({src_port}) ({}) -> {dst_ip}({dst_port}), ",
    "list {rule} {action} {protocol} {src_ip} -> {dst_ip} ({icmp_type}/{icmp_code}), ",
    "list {rule} {action} {protocol} {src_ip} -> {dst_ip}, ",
    "list {rule} {action} {src_ip} {}",
    "Sig:{signature_id} Subsig:{signature_sub_id} Sev:{signature_severity} {signature} [{src_ip}:{src_port} -> {dst_ip}:{dst_port}]",
    "Login Success [user: {username}] [Source: {src_ip}] [localport: {dst_port}]",
    "Login failed [user: {username}] [Source: {src_ip}] [localport: {dst_port}] [Reason: {reason}]",
    "Login {} from host {src_ip} by user '{username}'",
    "Configured from {} by {username} on {line} ({src_ip})",
    "Configured from {} by {username} on {src_ip}@{line}",
    "Configured programmatically by process {process} from {} as {username} on {line}",
    "Configured from {} by {username}",
    "User:{username}  logged command:{command*}",
    "User: {username}, Install Operation: {command*}",
    "SSH2 Session request from {src_ip} (tty",
    "User '{username}' authentication for SSH2 Session from {src_ip} (tty",
    "User {username} has exited tty session {session}({src_ip})",
    "…({src_ip})), user {username}",
    "…uthentication failed for user {username} from {src_ip}",
    "…MD5 digest from {src_ip}({src_port}) to {dst_ip}({dst_port})",
    "…MD5 digest from {src_ip}:{src_port} to {dst_ip}:{dst_port}",
    "…neighbor {src_ip} {status*}",
    "…tart {protocol} session: initiator ({src_ip}:{src_port}) -- responder ({dst_ip}:{dst_port})",
    "…top {protocol} session: initiator ({src_ip}:{src_port}) sent {bytes_sent} bytes -- responder ({dst_ip}:{dst_port}) sent {bytes_received} bytes",
    "Dropping {protocol} session {src_ip}:{src_port} {dst_ip}:{dst_port}",
    "Interface {interface}, changed state to {status*}",
    "…for client ({src_mac}) on Interface {interface}",
];

/// The parts of `%FACILITY-SEVERITY-MNEMONIC:`.
struct Tag<'a> {
    /// Everything between the percent sign and the colon.
    whole: &'a str,
    facility: &'a str,
    severity: &'a str,
    mnemonic: &'a str,
    /// What follows the colon.
    text: &'a str,
}

impl<'a> Tag<'a> {
    fn find(line: &'a str) -> Option<(usize, Self)> {
        let head = line.as_bytes().get(..HEADER_BYTES).unwrap_or(line.as_bytes());
        memchr::memchr_iter(b'%', head).find_map(|at| Some((at, Self::parse(line.get(at + 1..)?)?)))
    }

    fn parse(text: &'a str) -> Option<Self> {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
        let (tag, after) = text.split_at(end);
        let text = after.trim_start().strip_prefix(':')?.trim_start();
        // Facilities may hold hyphens; the severity is the first single digit between two.
        let (at, _) = tag.match_indices('-').find(|(at, _)| {
            let rest = tag.as_bytes().get(at + 1..).unwrap_or_default();
            matches!(rest, [b'0'..=b'7', b'-', _, ..])
        })?;
        let facility = tag.get(..at)?;
        facility.bytes().next().filter(u8::is_ascii_uppercase)?;
        Some(Self {
            whole: tag,
            facility,
            severity: tag.get(at + 1..at + 2)?,
            mnemonic: tag.get(at + 3..)?,
            text,
        })
    }
}

/// Reads a message of a Cisco device.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let Some((at, tag)) = Tag::find(text) else { return false };
    let agrees = |(facility, mnemonic, _): &&(&str, &str, &str)| {
        tag.facility.starts_with(facility) && tag.mnemonic.starts_with(mnemonic)
    };
    let kind = KINDS.iter().find(agrees).map_or("cisco/ios", |(_, _, kind)| kind);
    record.kind = Kind::named(kind);
    record.fields.push_text("mnemonic", tag.whole);
    template::push_new("severity", tag.severity, record);
    template::push_new("message", text.get(at..).unwrap_or(text), record);
    if kind == "cisco/ftd" && tag.mnemonic.starts_with("4300") {
        named_values(tag.text, record);
    } else {
        template::first(SENTENCES, tag.text, record);
    }
    template::related(tag.text, record);
    let before = text.get(..at).unwrap_or("").trim_end().trim_end_matches(':');
    record.time = device_time::parse(before, &context.clue).or(record.time);
    true
}

/// FTD's events of connections, intrusions and files: `Name: value, Name: value`.
fn named_values<'a>(text: &'a str, record: &mut Record<'a>) {
    for (name, value) in text.split(", ").filter_map(|part| part.split_once(": ")) {
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            record.fields.push_text(name, value.trim());
        }
    }
}
