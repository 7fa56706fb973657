//! How each product words its log, one file a product.
//!
//! What happened is a [`Content`]; [`written`] makes of it the text that the device of a source
//! would write. The same event of Windows leaves a machine flat through one shipper and nested
//! through another, so the form is the source's and not the event's.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod firewall;
pub(crate) mod gadget;
pub(crate) mod program;
pub(crate) mod sensor;
pub(crate) mod windows;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::province::{Device, Source};
use crate::random::Random;

/// Something that happened, before it is put into words.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// An event of Windows.
    Windows(windows::Event),
    /// A message of a Unix program.
    Program(program::Message),
    /// A request that a web server answered.
    Access(access::Request),
    /// A line of a firewall.
    Firewall(firewall::Line),
    /// A program that was started on Linux, as the kernel audits it.
    Audit(audit::Started),
    /// An event of a network sensor.
    Sensor(sensor::Event),
    /// The state of a small device.
    Gadget(gadget::State),
}

/// The text that a source's device writes of something at a moment.
pub(crate) fn written(
    source: &Source,
    at: Timestamp,
    content: &Content,
    random: &mut Random,
) -> String {
    let host = source.hosts.first().map(String::as_str).unwrap_or_default();
    match content {
        Content::Windows(event) => match source.device {
            Device::Windows | Device::SysmonWinlogbeat => event.by_winlogbeat(at, random),
            _ => event.flat(at, random),
        },
        Content::Program(message) => match source.device {
            Device::Journald => message.by_journal(at),
            _ => message.by_syslog(at),
        },
        Content::Access(request) => match source.device {
            Device::NginxFilebeat => request.by_filebeat(at),
            Device::Nginx => request.line(at),
            _ => {
                program::Message::new(&request.host, "nginx", None, request.line(at)).by_syslog(at)
            }
        },
        Content::Firewall(line) => line.written(host, at, random),
        Content::Audit(started) => started.written(host, at, random),
        Content::Sensor(event) => event.written(host, at, random),
        Content::Gadget(state) => state.written(at),
    }
}

/// The time in the zone of the province.
pub(crate) fn local(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(TimeZone::fixed(Offset::constant(7)))
}

/// Local time as RFC 3339 has it, with milliseconds.
fn local_text(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// World time as RFC 3339 has it, with milliseconds.
fn world_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
