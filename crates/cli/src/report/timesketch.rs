//! JSON lines that Timesketch imports: `message`, `datetime`, `timestamp_desc`, and flat columns.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Options, matched_line, text, texts, title};
use crate::attack;
use crate::scan::spool::Spool;

pub(crate) fn write(out: &mut dyn Write, spool: &mut Spool, options: &Options) -> io::Result<()> {
    spool.drain(|object| {
        let object: Value = serde_json::from_slice(object)?;
        let tags = texts(&object, "/rule/tags");
        let title = title(&object, options.language);
        // Timesketch places every entry in time; one without goes to the beginning.
        let time = match text(&object, "/time") {
            "" => "1970-01-01T00:00:00Z",
            time => time,
        };
        let stamp: Option<i64> =
            time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
        let line = json!({
            "message": format!("{title}: {}", matched_line(&object, 500)),
            "datetime": time,
            "timestamp": stamp,
            "timestamp_desc": "Event Logged",
            "rule_id": text(&object, "/rule/id"),
            "rule_title": title,
            "level": text(&object, "/rule/level"),
            "tag": tags,
            "tactics": attack::tactics(&tags).collect::<Vec<_>>(),
            "techniques": attack::techniques(&tags).collect::<Vec<_>>(),
            "hostname": text(&object, "/host"),
            "username": text(&object, "/user"),
            "addresses": texts(&object, "/addresses"),
            "source_file": text(&object, "/source/file"),
            "source_record": object.pointer("/source/record"),
            "event": object.get("event").map(ToString::to_string),
        });
        writeln!(out, "{line}")
    })
}
