//! Columns for a spreadsheet (RFC 4180, UTF-8 with byte order mark so that diacritics survive).

use std::io::{self, Write};

use khien_lake::csv;
use serde_json::Value;

use super::{Options, matched_line, text, texts, title};
use crate::attack;
use crate::scan::spool::Spool;

const COLUMNS: [&str; 15] = [
    "time",
    "level",
    "rule_title",
    "rule_id",
    "tactics",
    "techniques",
    "host",
    "user",
    "addresses",
    "product",
    "category",
    "service",
    "matched",
    "file",
    "record",
];

pub(crate) fn write(out: &mut dyn Write, spool: &mut Spool, options: &Options) -> io::Result<()> {
    write!(out, "\u{feff}{}\r\n", COLUMNS.join(","))?;
    spool.drain(|object| {
        let object: Value = serde_json::from_slice(object)?;
        let tags = texts(&object, "/rule/tags");
        let title = title(&object, options.language);
        let record = object.pointer("/source/record").map(ToString::to_string).unwrap_or_default();
        let row = [
            text(&object, "/time").to_owned(),
            text(&object, "/rule/level").to_owned(),
            title.to_owned(),
            text(&object, "/rule/id").to_owned(),
            attack::tactics(&tags).collect::<Vec<_>>().join(" "),
            attack::techniques(&tags).collect::<Vec<_>>().join(" "),
            text(&object, "/host").to_owned(),
            text(&object, "/user").to_owned(),
            texts(&object, "/addresses").join(" "),
            text(&object, "/logsource/product").to_owned(),
            text(&object, "/logsource/category").to_owned(),
            text(&object, "/logsource/service").to_owned(),
            matched_line(&object, 2000),
            text(&object, "/source/file").to_owned(),
            record,
        ];
        let row: Vec<String> = row.iter().map(|cell| csv::cell(cell)).collect();
        write!(out, "{}\r\n", row.join(","))
    })
}
