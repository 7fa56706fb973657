//! Juniper `NetScreen` and SSG (`ScreenOS`): `NetScreen device_id=… [Root]system-level-number: …`.
//!
//! Traffic comes as pairs, everything else as sentences that end with the device's own time in
//! parentheses, which is taken as the event's time.

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, device_time, key_value, template};
use crate::record::{Kind, Record};

/// `NetScreen` firewalls.
pub const FORMAT: Format = Format {
    id: "netscreen",
    title: ["Juniper NetScreen and SSG", "Juniper NetScreen và SSG"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| sample.share(|line| line.starts_with(MARK)) / 10 * 9,
    reader: |context| {
        LineReader::boxed(Lines { payload, otherwise: "not a NetScreen message" }, context)
    },
};

const MARK: &str = "NetScreen device_id=";

static SENTENCES: &[&str] = &[
    "…rom {src_ip}:{src_port} to {dst_ip}:{dst_port}, proto {protocol} (zone {src_zone} int {interface})",
    "…rom {src_ip} to {dst_ip}, proto {protocol} (zone {src_zone} int {interface})",
    "Management session via {service} from {src_ip}:{src_port} for admin {username} has {action*}",
    "Management session via {service} from {src_ip}:{src_port} for {username} has {action*}",
    "Admin user {username} has {action} via {service} from {src_ip}:{src_port}",
    "Login attempt to system by admin {username} via {service} from {src_ip}:{src_port} has {action}",
    "Policy ({policy_id}, {src_zone}->{dst_zone}, {src_net}->{dst_net},{service}, {action}) was {change} by {username} via {via} from host {src_ip} to {dst_ip}:{dst_port}",
    "System configuration {change} by {username} via {via} from host {src_ip} to {dst_ip}:{dst_port} by",
    "{summary} by {username} via {via} from host {src_ip} to {dst_ip}:{dst_port}",
    "{summary} by admin {username}",
    "SSH: Password authentication {action} for admin user '{username}' at host {src_ip}",
    "…from IP {src_ip} ",
];

/// Reads a message of a `NetScreen`.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let Some(start) = memchr::memmem::find(text.as_bytes(), MARK.as_bytes()) else { return false };
    let text = text.get(start..).unwrap_or(text);
    let after = text.get(MARK.len()..).unwrap_or("");
    let (device, rest) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    let rest = rest.trim_start();
    let (head, body) = rest.split_once(": ").unwrap_or((rest, ""));
    let (vsys, module) =
        head.strip_prefix('[').and_then(|h| h.split_once(']')).unwrap_or(("", head));
    record.fields.push_text("device_id", device);
    record.fields.push_text("vsys", vsys);
    template::push_new("message", text, record);
    let module = module.trim();
    if let Some((severity, number)) =
        module.strip_prefix("system-").and_then(|module| module.split_once('-'))
    {
        template::push_new("severity", severity, record);
        record.fields.push_text("message_id", number);
    }
    let traffic = module.ends_with("(traffic)");
    record.kind = Kind::named(if traffic { "netscreen/traffic" } else { "netscreen" });
    if traffic {
        key_value::push_pairs(body, record);
    } else {
        template::first(SENTENCES, body, record);
    }
    template::related(body, record);
    let stated = body.rfind('(').and_then(|at| body.get(at + 1..)?.split(')').next());
    record.time = stated.and_then(|time| device_time::parse(time, &context.clue)).or(record.time);
    true
}
