//! PAN-OS firewalls and Panorama: comma-separated columns whose meaning depends on the type.
//!
//! The tables below name the columns of each type as the vendor does; what a newer release adds
//! at the end becomes `columnN`. The line may still carry a syslog header in front of the first
//! column. `GlobalProtect`'s own process logs are no CSV and come in as plain syslog.

use std::borrow::Cow;

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, device_time};
use crate::record::{Kind, Record};
use crate::value::Value;

/// PAN-OS logs.
pub const FORMAT: Format = Format {
    id: "palo-alto",
    title: ["Palo Alto Networks PAN-OS", "Palo Alto Networks PAN-OS"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| sample.share(|line| start(line).is_some()) / 20 * 19,
    reader: |context| {
        LineReader::boxed(Lines { payload, otherwise: "not a PAN-OS log line" }, context)
    },
};

/// The columns after the type; `_` is one without a meaning.
static TYPES: &[(&str, &str)] = &[
    (
        "TRAFFIC",
        "subtype _ time_generated src dst natsrc natdst rule srcuser dstuser app vsys from to \
         inbound_if outbound_if logset _ sessionid repeatcnt sport dport natsport natdport flags \
         proto action bytes bytes_sent bytes_received packets start elapsed category _ seqno \
         actionflags srcloc dstloc _ pkts_sent pkts_received session_end_reason dg_hier_level_1 \
         dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name action_source \
         src_uuid dst_uuid tunnelid monitortag parent_session_id parent_start_time tunnel \
         assoc_id chunks chunks_sent chunks_received rule_uuid http2_connection \
         link_change_count policy_id link_switches sdwan_cluster sdwan_device_type \
         sdwan_cluster_type sdwan_site dynusergroup_name xff_ip",
    ),
    (
        "THREAT",
        "subtype _ time_generated src dst natsrc natdst rule srcuser dstuser app vsys from to \
         inbound_if outbound_if logset _ sessionid repeatcnt sport dport natsport natdport flags \
         proto action misc threatid category severity direction seqno actionflags srcloc dstloc \
         _ contenttype pcap_id filedigest cloud url_idx user_agent filetype xff referer sender \
         subject recipient reportid dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 \
         dg_hier_level_4 vsys_name device_name _ src_uuid dst_uuid http_method tunnelid \
         monitortag parent_session_id parent_start_time tunnel thr_category contentver _ \
         assoc_id ppid http_headers url_category_list rule_uuid http2_connection \
         dynusergroup_name xff_ip",
    ),
    (
        "SYSTEM",
        "subtype _ time_generated vsys eventid object _ _ module severity opaque seqno \
         actionflags dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name \
         device_name",
    ),
    (
        "CONFIG",
        "subtype _ time_generated client_ip vsys cmd admin client result path seqno actionflags \
         dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name",
    ),
    (
        "GLOBALPROTECT",
        "subtype _ time_generated vsys eventid stage auth_method tunnel_type srcuser srcregion \
         machinename public_ip public_ipv6 private_ip private_ipv6 hostid serialnumber \
         client_ver client_os client_os_ver repeatcnt reason error opaque status location \
         login_duration connect_method error_code portal seqno actionflags high_res_timestamp \
         selection_type response_time priority attempted_gateways gateway dg_hier_level_1 \
         dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name vsys_id",
    ),
    (
        "USERID",
        "subtype _ time_generated vsys ip user datasourcename eventid repeatcnt timeout \
         beginport endport datasource datasourcetype seqno actionflags dg_hier_level_1 \
         dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name vsys_id \
         factortype factorcompletiontime factorno _ _ ugflags userbysource",
    ),
    (
        "HIPMATCH",
        "subtype _ time_generated srcuser vsys machinename os src matchname repeatcnt matchtype \
         _ _ seqno actionflags dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 \
         vsys_name device_name vsys_id srcipv6 hostid serialnumber mac",
    ),
    (
        "AUTHENTICATION",
        "subtype _ time_generated vsys ip user normalize_user object authpolicy repeatcnt authid \
         vendor logset serverprofile desc clienttype event factorno seqno actionflags \
         dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name \
         vsys_id authproto rule_uuid",
    ),
    ("CORRELATION", "subtype _ time_generated src srcuser vsys category severity"),
    ("DECRYPTION", "subtype _ time_generated src dst natsrc natdst rule srcuser dstuser app"),
];

/// `CONFIG` where the custom columns with the change itself are sent along.
const CONFIG_WITH_CHANGE: &str = "subtype _ time_generated client_ip vsys cmd admin client result \
     path before_change_detail after_change_detail seqno actionflags dg_hier_level_1 \
     dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name";

/// Where the columns begin in a line, and those of its type.
fn start(line: &str) -> Option<(usize, &'static str, &'static str)> {
    let mut columns = line.splitn(5, ',');
    let (first, received, _serial, kind) =
        (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    columns.next()?;
    let (name, columns) = TYPES.iter().find(|(name, _)| *name == kind)?;
    let number = first.rsplit(char::is_whitespace).next()?;
    let numeric = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let dated = received.contains('/') && received.contains(':');
    (numeric && dated).then(|| (first.len() - number.len(), *name, *columns))
}

/// Reads a PAN-OS message.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let Some((start, name, columns)) = start(text) else { return false };
    let text = text.get(start..).unwrap_or(text);
    // Third after the result in the default layout stand the action flags, `0x…`.
    let changed =
        name == "CONFIG" && !Columns(Some(text)).nth(15).is_some_and(|c| c.starts_with("0x"));
    let columns = if changed { CONFIG_WITH_CHANGE } else { columns };
    let names = ["_", "receive_time", "serial", "type"].into_iter().chain(columns.split(' '));
    let mut names = names.filter(|name| !name.is_empty());
    for (at, value) in Columns(Some(text)).enumerate() {
        let name = names.next().map_or_else(|| Cow::Owned(format!("column{at}")), Cow::Borrowed);
        if name != "_" && !value.is_empty() {
            record.fields.push(&name, Value::Text(value));
        }
    }
    let kind = format!("paloalto/{}", name.to_ascii_lowercase());
    record.kind = Kind::Named(Cow::Owned(kind));
    let times = ["high_res_timestamp", "time_generated", "receive_time"];
    let found = times
        .into_iter()
        .find_map(|name| device_time::parse(&record.fields.text(name)?, &context.clue));
    record.time = found.or(record.time);
    true
}

/// The columns of a line, quotes resolved.
struct Columns<'a>(Option<&'a str>);

impl<'a> Iterator for Columns<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        let text = self.0.take()?;
        let Some(inside) = text.strip_prefix('"') else {
            let (value, rest) = match text.split_once(',') {
                Some((value, rest)) => (value, Some(rest)),
                None => (text, None),
            };
            self.0 = rest;
            return Some(Cow::Borrowed(value));
        };
        let mut search = 0;
        let mut doubled = false;
        loop {
            let quote = inside.get(search..).and_then(|rest| rest.find('"'));
            let Some(end) = quote.map(|at| search + at) else {
                return Some(Cow::Borrowed(inside));
            };
            if inside.as_bytes().get(end + 1) == Some(&b'"') {
                doubled = true;
                search = end + 2;
                continue;
            }
            let value = inside.get(..end).unwrap_or("");
            let rest = inside.get(end + 1..).unwrap_or("");
            self.0 = rest.find(',').and_then(|comma| rest.get(comma + 1..));
            return Some(if doubled {
                Cow::Owned(value.replace("\"\"", "\""))
            } else {
                Cow::Borrowed(value)
            });
        }
    }
}
