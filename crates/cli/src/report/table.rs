//! Lines to read on a terminal: the timeline, then the figures.

use std::io::{self, Write};

use khien_sigma::rule::Level;
use serde_json::Value;

use super::{Options, harmless, matched_line, shorten, text, texts, title, written};
use crate::attack;
use crate::language::Language;
use crate::scan::spool::Spool;
use crate::scan::summary::Summary;

pub(crate) fn write(
    out: &mut dyn Write,
    spool: &mut Spool,
    summary: &Summary<'_>,
    options: &Options,
) -> io::Result<()> {
    spool.drain(|object| {
        let object: Value = serde_json::from_slice(object)?;
        row(out, &object, options)
    })?;
    if !options.quiet {
        figures(out, summary, options)?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, object: &Value, options: &Options) -> io::Result<()> {
    let l = options.language;
    let level = Level::parse(text(object, "/rule/level")).unwrap_or_default();
    let techniques = attack::techniques(&texts(object, "/rule/tags")).collect::<Vec<_>>();
    // A time takes as many characters whether it is known or not.
    let time = text(object, "/time").parse::<jiff::Timestamp>().map_or_else(
        |_| format!("{:<19}", l.pick("không rõ thời gian", "time unknown")),
        |time| written(time, l, true),
    );
    let level = paint(options, level, &format!("{} {:<12}", pips(level), l.level(level)));
    let name = bold(options, &harmless(title(object, l)));
    write!(out, "{time}  {level}  {name}")?;
    match techniques.as_slice() {
        [] => writeln!(out)?,
        some => writeln!(out, "  {}", faint(options, &some.join(" ")))?,
    }
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push(format!("{} {}", faint(options, name), harmless(&value)));
        }
    };
    fact(l.pick("máy", "host"), text(object, "/host").to_owned());
    fact(l.pick("người dùng", "user"), text(object, "/user").to_owned());
    let addresses = texts(object, "/addresses");
    fact(l.pick("địa chỉ", "address"), addresses.get(..3).unwrap_or(&addresses).join(" "));
    if let Some(count) = object.pointer("/correlation/count") {
        fact(l.pick("số sự kiện", "events"), count.to_string());
    }
    let record = object.pointer("/source/record").map(ToString::to_string).unwrap_or_default();
    facts.push(faint(options, &format!("{}:{record}", harmless(text(object, "/source/file")))));
    writeln!(out, "    {}", facts.join("   "))?;
    let matched = matched_line(object, 160);
    if !matched.is_empty() {
        writeln!(out, "    {}", harmless(&shorten(&matched, 400)))?;
    }
    Ok(())
}

/// A level as signs of equal width.
pub(crate) fn pips(level: Level) -> &'static str {
    match level {
        Level::Informational => "○○○○",
        Level::Low => "●○○○",
        Level::Medium => "●●○○",
        Level::High => "●●●○",
        Level::Critical => "●●●●",
    }
}

fn paint(options: &Options, level: Level, text: &str) -> String {
    let colour = match level {
        _ if !options.colour => return text.to_owned(),
        Level::Informational => "2",
        Level::Low => "36",
        Level::Medium => "33",
        Level::High => "31",
        Level::Critical => "1;31",
    };
    format!("\u{1b}[{colour}m{text}\u{1b}[0m")
}

fn bold(options: &Options, text: &str) -> String {
    if options.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn faint(options: &Options, text: &str) -> String {
    if options.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn figures(out: &mut dyn Write, summary: &Summary<'_>, options: &Options) -> io::Result<()> {
    let l = options.language;
    let head = |vi, en| bold(options, l.pick(vi, en));
    writeln!(out, "\n{}", one_line(summary, l))?;
    writeln!(
        out,
        "{}",
        l.pick("Mọi giờ ở trên là giờ Việt Nam (UTC+7).", "All times above are in UTC+7.")
    )?;
    if !summary.counts.by_rule.is_empty() {
        writeln!(out, "\n{}", head("Theo mức", "By level"))?;
        for (level, count) in summary.by_level() {
            writeln!(out, "{:>9}  {}", l.number(count), paint(options, level, l.level(level)))?;
        }
        writeln!(out, "\n{}", head("Theo chiến thuật ATT&CK", "By ATT&CK tactic"))?;
        for (tactic, count) in summary.by_tactic() {
            let title = attack::title(&tactic, l);
            writeln!(out, "{:>9}  {title}", l.number(count))?;
        }
        writeln!(out, "\n{}", head("Theo máy", "By host"))?;
        for (host, count) in summary.by_host().into_iter().take(15) {
            let host = if host.is_empty() {
                l.pick("(không rõ)", "(unknown)").to_owned()
            } else {
                harmless(&host)
            };
            writeln!(out, "{:>9}  {host}", l.number(count))?;
        }
        writeln!(out, "\n{}", head("Theo luật phát hiện", "By rule"))?;
        for (rule, count) in summary.by_rule().into_iter().take(25) {
            if let Some(about) = (summary.about)(rule) {
                let level = paint(options, about.level, pips(about.level));
                let (title, id) = (harmless(l.title(about)), faint(options, &harmless(&about.id)));
                writeln!(out, "{:>9}  {level} {id}  {title}", l.number(count))?;
            }
        }
    }
    let counts = &summary.counts;
    if counts.unreadable_count > 0 {
        writeln!(out, "\n{}", head("Không đọc được", "Could not be read"))?;
        for entry in counts.unreadable.iter().take(20) {
            writeln!(
                out,
                "  {} @{}: {}",
                harmless(&entry.file),
                entry.offset,
                harmless(&entry.reason)
            )?;
        }
        let more = counts.unreadable_count.saturating_sub(counts.unreadable.len().min(20) as u64);
        if more > 0 {
            let text = l.pick("chỗ nữa; --summary ghi đủ", "more; --summary lists them");
            writeln!(out, "  … {} {text}", l.number(more))?;
        }
    }
    let lost = summary.lost;
    if lost.late + lost.groups + lost.events > 0 {
        writeln!(
            out,
            "\n{}: {} / {} / {}",
            l.pick(
                "Đã bỏ bớt khi nối sự kiện để giữ giới hạn bộ nhớ (đến muộn / nhóm / sự kiện)",
                "Given up by correlations to stay within memory (late / groups / events)"
            ),
            lost.late,
            lost.groups,
            lost.events
        )?;
    }
    Ok(())
}

/// The scan in one line.
pub(crate) fn one_line(summary: &Summary<'_>, l: Language) -> String {
    let counts = &summary.counts;
    let unreadable = match counts.unreadable_count {
        0 => String::new(),
        count => {
            format!(", {} {}", l.number(count), l.pick("chỗ không đọc được", "could not be read"))
        }
    };
    format!(
        "{} {} {} {}, {} {}, {} {} ({} s){unreadable}",
        l.number(counts.detections),
        l.pick("phát hiện trong", "detections in"),
        l.number(counts.events),
        l.pick("sự kiện", "events"),
        l.number(summary.files as u64),
        l.pick("tệp", "files"),
        l.number(summary.rules_loaded as u64),
        l.pick("luật", "rules"),
        l.decimal(summary.wall.as_secs_f64()),
    )
}
