//! Huawei VRP and H3C Comware: `%%01MODULE/severity/BRIEF(l)[n]: text`.
//!
//! The text stays in `message` for Sigma's keyword rules; pairs in parentheses, as in
//! `(UserName=admin, IPAddress=192.0.2.1)`, become fields, and addresses are taken anywhere.

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, device_time, key_value, template};
use crate::record::{Kind, Record};

/// Huawei and H3C devices.
pub const FORMAT: Format = Format {
    id: "huawei",
    title: ["Huawei VRP and H3C Comware", "Huawei VRP và H3C Comware"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| template::sniff(sample, |line| Some(find(line)?.0)),
    reader: |context| {
        LineReader::boxed(Lines { payload, otherwise: "no %%01MODULE/severity/BRIEF" }, context)
    },
};

static SENTENCES: &[&str] = &[
    "{username} logged in from {src_ip}",
    "{username} failed to log in from {src_ip}",
    "{username} logged out from {src_ip}",
    "…user {username} from {src_ip}",
];

/// Where the tag stands, and its parts with the text behind it.
fn find(text: &str) -> Option<(usize, [&str; 4])> {
    let at = memchr::memmem::find(text.as_bytes(), b"%%")?;
    let rest = text.get(at + 4..)?;
    let (module, rest) = rest.split_once('/')?;
    let (severity, rest) = rest.split_once('/')?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
    let (brief, rest) = rest.split_at(end);
    let body = rest.split_once(':')?.1.trim_start();
    let name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    (severity.len() == 1 && !module.is_empty() && name(module))
        .then_some((at, [module, severity, brief, body]))
}

/// Reads a message of a Huawei or H3C device.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let Some((at, [module, severity, brief, body])) = find(text) else { return false };
    record.kind = Kind::named(match module {
        "BGP" => "huawei/bgp",
        "LDP" => "huawei/ldp",
        _ => "huawei",
    });
    record.fields.push_text("module", module);
    template::push_new("severity", severity, record);
    record.fields.push_text("mnemonic", brief);
    template::push_new("message", text.get(at..).unwrap_or(text), record);
    template::first(SENTENCES, body, record);
    if let Some((_, list)) = body.rsplit_once('(') {
        key_value::push_pairs(list.trim_end_matches(['.', ')']), record);
    }
    template::related(body, record);
    let before = text.get(..at).unwrap_or("");
    record.time = device_time::parse(before, &context.clue).or(record.time);
    true
}
