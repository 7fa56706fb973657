//! Lines of containers as CRI runtimes (containerd, CRI-O) write them:
//! `2024-01-02T03:04:05.678Z stdout F message`.
//!
//! A line that the runtime split is marked `P` until its last part, marked `F`; each part is an
//! entry of its own, with the mark in the field `partial`.

use super::{Context, Format, LineParser, LineReader, Refusal, payload};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time;
use crate::value::Value;

/// The format.
pub const FORMAT: Format = Format {
    id: "cri",
    title: ["Kubernetes container logs (CRI)", "Nhật ký container Kubernetes (CRI)"],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| (u16::from(sample.share(|line| parts(line).is_some())) * 9 / 10) as u8,
    reader: |context| LineReader::boxed(Cri, context),
};

struct Cri;

struct Parts<'a> {
    time: &'a str,
    stream: &'a str,
    tag: &'a str,
    message: &'a str,
}

fn parts(line: &str) -> Option<Parts<'_>> {
    let (time, rest) = line.split_once(' ')?;
    let (stream, rest) = rest.split_once(' ')?;
    let (tag, message) = rest.split_once(' ').unwrap_or((rest, ""));
    let known = matches!(stream, "stdout" | "stderr")
        && matches!(tag.split(':').next(), Some("F" | "P"))
        && time.as_bytes().first().is_some_and(u8::is_ascii_digit);
    known.then_some(Parts { time, stream, tag, message })
}

impl LineParser for Cri {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let parts = parts(line).ok_or("not a line of a container runtime")?;
        record.kind = Kind::named("container");
        record.time = time::parse(parts.time, &context.clue);
        record.fields.push_text("stream", parts.stream);
        record.fields.push("message", Value::text(parts.message));
        if parts.tag.starts_with('P') {
            record.fields.push("partial", Value::Bool(true));
        }
        payload::parse("", parts.message, record, context);
        Ok(true)
    }
}
