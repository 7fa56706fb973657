//! Messages of the Linux kernel: packets that iptables, nftables, UFW and firewalld log, and
//! `AppArmor`. Audit records that no daemon took are left to [`super::auditd`].
//!
//! A packet (`IN=eth0 OUT= SRC=… DST=… PROTO=TCP SPT=… DPT=…`) gives `src_ip`, `dst_ip`,
//! `src_port`, `dst_port`, `protocol`, the interfaces, the prefix of the rule as `rule`, and,
//! where the prefix says so, `action` and `blocked`. `AppArmor`'s members keep their names.

use super::{Context, auditd, pattern};
use crate::record::{Kind, Record};
use crate::value::Value;

/// The kernel's names and ours. Those not listed keep theirs.
const PACKET: &[(&str, &str)] = &[
    ("SRC", "src_ip"),
    ("DST", "dst_ip"),
    ("SPT", "src_port"),
    ("DPT", "dst_port"),
    ("PROTO", "protocol"),
    ("IN", "src_interface"),
    ("OUT", "dst_interface"),
    ("MAC", "mac"),
    ("LEN", "length"),
    ("TTL", "ttl"),
    ("TYPE", "icmp_type"),
    ("CODE", "icmp_code"),
    ("MARK", "mark"),
    ("UID", "uid"),
    ("GID", "gid"),
];

/// Words in the prefix of a rule that tell what became of the packet: the word, the action in
/// Sigma's firewall rules, and whether the packet was kept from its way.
const ACTIONS: &[(&str, &str, &str)] = &[
    ("BLOCK", "drop", "true"),
    ("DROP", "drop", "true"),
    ("DENY", "drop", "true"),
    ("DENIED", "drop", "true"),
    ("REJECT", "reject", "true"),
    ("ALLOW", "accept", "false"),
    ("ACCEPT", "accept", "false"),
    ("FORWARD", "forward", "false"),
];

/// Reads a message of the kernel.
pub fn parse<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    record.kind = Kind::named("kernel");
    let text = uptime(message);
    let _ =
        packet(text, record) || apparmor(text, record) || auditd::payload(text, record, context);
    true
}

/// Takes the `[  123.456789] ` since boot from the front.
fn uptime(message: &str) -> &str {
    let Some((inside, rest)) = message.strip_prefix('[').and_then(|text| text.split_once(']'))
    else {
        return message;
    };
    let clock = inside.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if clock { rest.trim_start() } else { message }
}

fn packet<'a>(text: &'a str, record: &mut Record<'a>) -> bool {
    let Some(start) = text.find("IN=").filter(|_| text.contains("SRC=") && text.contains("DST="))
    else {
        return false;
    };
    let (prefix, list) = text.split_at(start);
    record.kind = Kind::named("netfilter");
    let prefix = prefix.trim();
    record.fields.push_text("rule", prefix.trim_matches(['[', ']', ':', ' ']));
    // An ICMP error quotes the packet that it answers in brackets.
    let list = list.split(" [").next().unwrap_or(list);
    for pair in list.split_ascii_whitespace() {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let known = PACKET.iter().find(|(theirs, _)| *theirs == name);
        record.fields.push_text(known.map_or(name, |(_, ours)| ours), value);
    }
    let word = |known: &str| {
        prefix.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| {
            let end = w.get(known.len()..);
            end.is_some_and(|end| end.is_empty() || end.eq_ignore_ascii_case("ed"))
                && w.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
        })
    };
    if let Some((_, action, blocked)) = ACTIONS.iter().find(|(known, _, _)| word(known)) {
        record.fields.push("action", Value::text(action));
        record.fields.push("blocked", Value::text(blocked));
    }
    true
}

/// `audit: type=1400 audit(1:2): apparmor="DENIED" operation="open" name="/etc/x" pid=1 …`.
fn apparmor<'a>(text: &'a str, record: &mut Record<'a>) -> bool {
    let Some((_, mut rest)) = text.split_once("apparmor=") else { return false };
    record.kind = Kind::named("apparmor");
    record.fields.push_text("type", "AVC");
    let (verdict, after) = value(rest);
    record.fields.push_text("action", verdict);
    rest = after;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = value(after);
        match name.trim() {
            // The process that is judged, not the one that reports.
            "pid" => record.fields.push_text("target_pid", value),
            name @ ("addr" | "saddr" | "laddr") => {
                let name = if name == "saddr" { "src_ip" } else { "dst_ip" };
                pattern::push(record, name, value);
            }
            name => record.fields.push_text(name, value),
        }
        rest = after;
    }
    true
}

/// A value in quotes or up to a blank, and what follows.
fn value(text: &str) -> (&str, &str) {
    if let Some((inside, rest)) = text.strip_prefix('"').and_then(|text| text.split_once('"')) {
        return (inside, rest);
    }
    text.split_once(' ').unwrap_or((text, ""))
}
