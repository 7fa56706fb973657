//! What stands after a syslog header, or on a line of its own without one.
//!
//! A message is told by the program that wrote it ([`BY_PROGRAM`]) or by its content
//! ([`BY_CONTENT`]: CEF, LEEF, devices). A payload parser takes the message text, sets the
//! record's kind and fields where it knows the message, and says whether it does. The same
//! functions serve device logs that come without a syslog header.

use super::{Context, json, windows_text, windows_xml};
use crate::record::Record;

/// Reads a message it knows into the record and answers `true`, or leaves the record alone.
pub type Payload = for<'a> fn(&'a str, &mut Record<'a>, &Context) -> bool;

/// Parsers chosen by the name of the program in the syslog header, in lower case.
pub static BY_PROGRAM: &[(&str, Payload)] =
    &[("mswineventlog", windows_text::payload), ("winevtlog", windows_text::payload)];

/// Parsers tried in this order on messages whose program is unknown.
pub static BY_CONTENT: &[Payload] = &[json::payload, windows_xml::payload, windows_text::payload];

/// Reads the message of `program` by the parser that knows it. `false` if none does.
pub fn parse<'a>(
    program: &str,
    message: &'a str,
    record: &mut Record<'a>,
    context: &Context,
) -> bool {
    let by_program = BY_PROGRAM.iter().find(|(name, _)| name.eq_ignore_ascii_case(program));
    by_program.is_some_and(|(_, payload)| payload(message, record, context))
        || BY_CONTENT.iter().any(|payload| payload(message, record, context))
}
