//! Queries and messages of the name servers BIND (`named`) and Unbound.
//!
//! A query gives `query`, `record_type`, `src_ip`, and where stated `src_port`, `dst_ip`,
//! `answer`. Both servers write the same text to syslog and to files of their own.

use super::Context;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};

const QUERY: &[(&str, &str)] = &[("action", "query")];
const DENIED: &[(&str, &str)] = &[("action", "query"), ("status", "failure"), ("reason", "denied")];
const TRANSFER: &[(&str, &str)] = &[("action", "zone_transfer")];
const TRANSFER_DENIED: &[(&str, &str)] = &[("action", "zone_transfer"), ("status", "failure")];
const UPDATE_DENIED: &[(&str, &str)] = &[("action", "update"), ("status", "failure")];

static NAMED: &[Pattern] = &[
    t(
        "client {src_ip}#{src_port} ({}): view {view}: query: {query} {class} {record_type} {flags} ({dst_ip})",
        QUERY,
    ),
    t(
        "client {src_ip}#{src_port} ({}): query: {query} {class} {record_type} {flags} ({dst_ip}){}",
        QUERY,
    ),
    t("client {src_ip}#{src_port} ({}): query: {query} {class} {record_type} {flags}", QUERY),
    t("client {src_ip}#{src_port}: query: {query} {class} {record_type} {flags} ({dst_ip})", QUERY),
    t("client {src_ip}#{src_port}: query: {query} {class} {record_type} {flags}", QUERY),
    t(
        "client {src_ip}#{src_port} ({}): query (cache) '{query}/{record_type}/{class}' denied{}",
        DENIED,
    ),
    t("client {src_ip}#{src_port}: query (cache) '{query}/{record_type}/{class}' denied{}", DENIED),
    t("client {src_ip}#{src_port} ({}): query '{query}/{record_type}/{class}' denied{}", DENIED),
    t("client {src_ip}#{src_port} ({query}): transfer of '{zone}/IN': {}", TRANSFER),
    t("client {src_ip}#{src_port}: transfer of '{zone}/IN': {}", TRANSFER),
    t(
        "client {src_ip}#{src_port} ({query}): zone transfer '{zone}/{record_type}/IN' denied",
        TRANSFER_DENIED,
    ),
    t(
        "client {src_ip}#{src_port}: zone transfer '{zone}/{record_type}/IN' denied",
        TRANSFER_DENIED,
    ),
    t("client {src_ip}#{src_port}: update '{zone}/IN' denied", UPDATE_DENIED),
    t("client {src_ip}#{src_port}: {reason}", &[]),
    t("client {src_ip}#{src_port} ({query}): {reason}", &[]),
    t("denied AXFR from [{src_ip}].{src_port} for \"{zone}\"{}", TRANSFER_DENIED),
    t("dropping source port zero packet from [{src_ip}].{src_port}{}", &[("action", "drop")]),
    t(
        "unexpected RCODE ({reason}) resolving '{query}/{record_type}/{class}': {dst_ip}#{dst_port}",
        &[],
    ),
    t("{reason} resolving '{query}/{record_type}/{class}': {dst_ip}#{dst_port}", &[]),
    t("zone {zone}/IN: {reason}", &[]),
];

static UNBOUND: &[Pattern] = &[
    t(
        "{src_ip} {query} {record_type} {class} {rcode} {duration} {cached} {length}",
        &[("action", "reply")],
    ),
    t("{src_ip} {query} {record_type} {class}", QUERY),
    t("sendto failed: {reason}", &[("status", "failure")]),
    t("resolving {query}. {record_type} {class}", QUERY),
    t("validation failure <{query} {record_type} {class}>: {reason}", &[("status", "failure")]),
];

/// Reads a message of `named`.
pub fn named<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("named");
    let text = ["queries: ", "query-errors: ", "security: ", "xfer-out: "]
        .into_iter()
        .find_map(|category| message.strip_prefix(category))
        .unwrap_or(message);
    let text = text.strip_prefix("info: ").or(text.strip_prefix("error: ")).unwrap_or(text);
    // `client @0x7f… 192.0.2.1#53` tells where in memory the client's record lies.
    let without = text.strip_prefix("client @").and_then(|rest| rest.split_once(' '));
    let fits = match without {
        Some((_, rest)) => client(rest, record),
        None => pattern::apply(NAMED, text, record),
    };
    if !fits {
        pattern::sweep_addresses(text, record);
    }
    true
}

/// Applies the patterns that begin with `client ` to what follows that word.
fn client<'a>(text: &'a str, record: &mut Record<'a>) -> bool {
    NAMED.iter().any(|pattern| {
        let after = pattern.text.strip_prefix("client ");
        after.is_some_and(|after| {
            pattern::apply(&[Pattern { text: after, ..*pattern }], text, record)
        })
    })
}

/// Reads a message of `unbound`.
pub fn unbound<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("unbound");
    let text = match message.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((_, rest)) => rest,
        None => message,
    };
    let (level, text) = text.split_once(": ").unwrap_or(("", text));
    record.fields.push_text("level", level);
    let query = text.split(' ').next().is_some_and(|word| pattern::address(word).is_some());
    let sentence = !text.starts_with(|c: char| c.is_ascii_hexdigit());
    if !((query || sentence) && pattern::apply(UNBOUND, text, record)) {
        pattern::sweep_addresses(text, record);
    }
    true
}

/// Whether a message without a syslog header is a query that BIND logs.
pub fn is_query(text: &str) -> bool {
    text.contains("client ") && text.contains('#') && text.contains("query")
}
