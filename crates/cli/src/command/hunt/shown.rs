//! Hunts and their hits as people and programs read them.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use jiff::Timestamp;
use khien_lake::csv::cell;
use khien_sigma::rule::Level;
use serde_json::Value;

use super::way::Way;
use super::{Where, Written};
use crate::language::Language;
use crate::report::{harmless, matched_line, shorten, table, text, texts, title, written};
use crate::talk;

/// The form of hits.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    #[default]
    Table,
    /// One JSON object a line
    Jsonl,
    /// Columns for a spreadsheet
    Csv,
}

const COLUMNS: [&str; 18] = [
    "time",
    "event",
    "level",
    "rule_title",
    "rule_id",
    "tags",
    "indicator_type",
    "indicator",
    "indicator_note",
    "agency",
    "system",
    "host",
    "user",
    "addresses",
    "matched_field",
    "matched",
    "file",
    "record",
];

/// Writes all hits of a hunt.
pub(super) async fn results(
    way: &Way,
    id: i64,
    place: &Where,
    asked: &Written,
) -> Result<ExitCode> {
    let form = if place.json { Form::Jsonl } else { asked.format };
    let colour = asked.output.is_none() && io::stdout().is_terminal();
    let mut out: Box<dyn Write> = match &asked.output {
        Some(path) => {
            let made = File::create(path);
            Box::new(BufWriter::new(
                made.with_context(|| format!("cannot write {}", path.display()))?,
            ))
        }
        None => Box::new(BufWriter::new(io::stdout())),
    };
    if form == Form::Csv {
        write!(out, "\u{feff}{}\r\n", COLUMNS.join(","))?;
    }
    let mut after = None;
    loop {
        let (hits, next) = way.hits(id, after).await?;
        for hit in &hits {
            match form {
                Form::Jsonl => writeln!(out, "{hit}")?,
                Form::Csv => csv(&mut out, hit, place.lang)?,
                Form::Table => row(&mut out, hit, place.lang, colour)?,
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn csv(out: &mut dyn Write, hit: &Value, l: Language) -> io::Result<()> {
    let plain = |pointer: &str| text(hit, pointer).to_owned();
    let cells = [
        plain("/time"),
        plain("/event"),
        plain("/rule/level"),
        title(hit, l).to_owned(),
        plain("/rule/id"),
        texts(hit, "/rule/tags").join(" "),
        plain("/indicator/type"),
        plain("/indicator/value"),
        plain("/indicator/note"),
        plain("/agency"),
        plain("/system"),
        plain("/host"),
        plain("/user"),
        texts(hit, "/addresses").join(" "),
        plain("/matched/0/field"),
        matched_line(hit, 2000),
        plain("/source/file"),
        hit.pointer("/source/record")
            .filter(|n| !n.is_null())
            .map(Value::to_string)
            .unwrap_or_default(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

fn row(out: &mut dyn Write, hit: &Value, l: Language, colour: bool) -> io::Result<()> {
    let time = text(hit, "/time").parse::<Timestamp>();
    let time = time.map_or_else(|_| format!("{:<19}", "-"), |time| written(time, l, true));
    let name = if hit.get("indicator").is_some() {
        let note = text(hit, "/indicator/note");
        let note = if note.is_empty() { String::new() } else { format!("  ({note})") };
        format!("{} {}{note}", text(hit, "/indicator/type"), text(hit, "/indicator/value"))
    } else {
        let level = Level::parse(text(hit, "/rule/level")).unwrap_or_default();
        format!("{} {:<12}  {}", table::pips(level), l.level(level), title(hit, l))
    };
    let name = harmless(&name);
    let name = if colour { format!("\u{1b}[1m{name}\u{1b}[0m") } else { name };
    writeln!(out, "{time}  {name}")?;
    let facts: Vec<String> = [
        (l.pick("cơ quan", "agency"), text(hit, "/agency").to_owned()),
        (l.pick("máy", "host"), text(hit, "/host").to_owned()),
        (l.pick("người dùng", "user"), text(hit, "/user").to_owned()),
        (l.pick("địa chỉ", "address"), texts(hit, "/addresses").join(" ")),
        (
            l.pick("số sự kiện", "events"),
            hit.pointer("/correlation/count").map(Value::to_string).unwrap_or_default(),
        ),
        (l.pick("sự kiện", "event"), text(hit, "/event").to_owned()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| format!("{name} {}", harmless(&value)))
    .collect();
    writeln!(out, "    {}", facts.join("   "))?;
    let matched = matched_line(hit, 160);
    if !matched.is_empty() {
        writeln!(out, "    {}", harmless(&shorten(&matched, 400)))?;
    }
    Ok(())
}

fn number(hunt: &Value, name: &str) -> u64 {
    hunt[name].as_u64().unwrap_or_default()
}

fn state(hunt: &Value, l: Language) -> &str {
    let state = text(hunt, "/state");
    if l == Language::En {
        return state;
    }
    match state {
        "queued" => "đang chờ",
        "running" => "đang chạy",
        "paused" => "tạm dừng",
        "finished" => "xong",
        "cancelled" => "đã hủy",
        "failed" => "hỏng",
        other => other,
    }
}

/// A hunt in one line.
pub(super) fn line(hunt: &Value, l: Language) -> String {
    let created = text(hunt, "/created_at").parse::<Timestamp>();
    let created = created.map_or_else(|_| "-".to_owned(), |at| written(at, l, false));
    format!(
        "{:>4}  {created}  {:<9}  {:>3.0}%  {:>9} {}  {} {}: {}",
        number(hunt, "id"),
        state(hunt, l),
        hunt["share"].as_f64().unwrap_or_default() * 100.0,
        l.number(number(hunt, "hits")),
        l.pick("kết quả", "hits"),
        l.number(number(hunt, "count")),
        match (text(hunt, "/what"), l) {
            ("rules", Language::Vi) => "luật",
            ("indicators", Language::Vi) => "chỉ dấu",
            (other, _) => other,
        },
        harmless(text(hunt, "/name")),
    )
}

/// A hunt in its line, and below it what did not go as it should.
pub(super) fn full(hunt: &Value, l: Language) -> String {
    let mut lines = vec![line(hunt, l)];
    let mut add = |count: u64, vi: &str, en: &str| {
        if count > 0 {
            lines.push(format!("      {} {}", l.number(count), l.pick(vi, en)));
        }
    };
    add(number(hunt, "events"), "sự kiện đã xem", "events looked at");
    add(
        number(hunt, "hits") - number(hunt, "kept").min(number(hunt, "hits")),
        "kết quả chỉ đếm, không giữ: đã đến giới hạn",
        "hits only counted, not kept: the limit is reached",
    );
    add(
        number(hunt, "lost"),
        "lần khớp không nối được: quá nhiều",
        "matches that correlations could not count: too many",
    );
    add(number(hunt, "unread"), "sự kiện không đọc lại được", "events could not be read again");
    add(
        number(hunt, "damaged_events"),
        "sự kiện nằm trong tệp hỏng",
        "events are in damaged files",
    );
    add(number(hunt, "refused_count"), "mục không dùng được", "entries could not be used");
    if let Some(error) = hunt["error"].as_str() {
        lines.push(format!("      {error}"));
    }
    lines.join("\n")
}

/// Tells what of the rules or the list could not be used.
pub(super) fn tell_refused(hunt: &Value) {
    /// More is in `khien hunt show --json`.
    const TOLD: usize = 20;
    let refused = hunt["refused"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in refused.iter().take(TOLD) {
        talk(&format!("{}: {}", text(one, "/at"), text(one, "/reason")));
    }
    let more = number(hunt, "refused_count").saturating_sub(refused.len().min(TOLD) as u64);
    if more > 0 {
        talk(&format!("… {more} more entries could not be used"));
    }
}

/// The exit code of a hunt that has ended.
pub(super) fn code(hunt: &Value, done: ExitCode) -> ExitCode {
    if text(hunt, "/state") == "finished" { done } else { ExitCode::FAILURE }
}
