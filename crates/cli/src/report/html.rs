//! One page to read in a browser and to print, without anything from outside.
//!
//! Every text of a log may have been written by an attacker: templates escape it, the script gets
//! it as JSON and sets it as text only, and the page's policy allows no script and no style but
//! its own two, by their hashes. The detections are read twice, first to count, then to write; so
//! memory does not grow with their number.

use std::io::{self, Write};

use askama::Template;
use khien_sigma::load::RuleProblem;
use khien_sigma::rule::{About, Level};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Options, text};
use crate::attack;
use crate::language::Language;
use crate::scan::sources::Unreadable;
use crate::scan::spool::Spool;
use crate::scan::summary::Summary;

mod gather;
mod lists;
mod matrix;
mod rows;
mod timeline;

use gather::Quota;
use rows::StaticRow;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = concat!(include_str!("html/detail.js"), include_str!("html/page.js"));
/// So many detections stand in the page; all are counted.
const MAX_ROWS: u64 = 5000;
/// So many of them can be read without script.
const STATIC_ROWS: u64 = 100;
const MAX_UNREADABLE: usize = 500;
const MAX_PROBLEMS: usize = 200;

/// Everything above the table.
#[derive(Template)]
#[template(path = "report/top.html")]
struct Top<'p> {
    l: Language,
    style: &'p str,
    style_hash: String,
    script_hash: String,
    scanned: String,
    rules_from: String,
    now: String,
    figures: Vec<lists::Figure>,
    levels: Vec<(Level, u64, String)>,
    chart: Option<timeline::Chart>,
    undated: u64,
    matrix: Vec<matrix::Column>,
    lists: Vec<lists::List>,
}

/// The table and what follows it.
#[derive(Template)]
#[template(path = "report/bottom.html")]
struct Bottom<'p> {
    l: Language,
    script: &'p str,
    total: u64,
    embedded: u64,
    rows: Vec<StaticRow>,
    hosts: Vec<String>,
    rules: Vec<(&'p str, &'p str)>,
    tactics: Vec<(&'static str, &'static str)>,
    unreadable: &'p [Unreadable],
    unreadable_count: u64,
    problems: Vec<&'p RuleProblem>,
    problem_count: usize,
    lost: u64,
    version: &'static str,
}

pub(crate) fn write(
    out: &mut dyn Write,
    spool: &mut Spool,
    summary: &Summary<'_>,
    options: &Options,
) -> io::Result<()> {
    let l = options.language;
    let gathered = gather::gather(spool)?;
    let rules = rules(summary);
    let tags = rules.iter().map(|(about, count)| (about.tags.as_slice(), *count));
    let matrix = matrix::build(tags, l);
    let tactics =
        matrix.iter().filter(|c| c.count > 0 && !c.name.is_empty()).map(|c| (c.name, c.title));
    let tactics = tactics.collect();
    let top = Top {
        l,
        style: STYLE,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
        scanned: rows::plain(&options.scanned),
        rules_from: rows::plain(&options.rules),
        now: super::written(options.now, l, false),
        figures: lists::figures(summary, l),
        levels: lists::levels(&gathered.by_level),
        chart: gathered.histogram.chart(l),
        undated: gathered.histogram.undated,
        matrix,
        lists: lists::lists(summary, &gathered, l),
    };
    top.write_into(out)?;
    let static_rows = write_data(out, spool, &gathered, &rules, l)?;
    let problem_count = summary.problems.len();
    // What is missing comes before what is only doubtful.
    let mut problems: Vec<&RuleProblem> = summary.problems.iter().collect();
    problems.sort_by_key(|problem| !problem.refused);
    problems.truncate(MAX_PROBLEMS);
    let hosts = summary.by_host().into_iter().filter(|(host, _)| !host.is_empty());
    let unreadable = &summary.counts.unreadable;
    let bottom = Bottom {
        l,
        script: SCRIPT,
        total: spool.len() as u64,
        embedded: MAX_ROWS.min(spool.len() as u64),
        rows: static_rows,
        hosts: hosts.take(200).map(|(host, _)| rows::key(&host)).collect(),
        rules: lists::by_title(&rules, l),
        tactics,
        unreadable: unreadable.get(..unreadable.len().min(MAX_UNREADABLE)).unwrap_or_default(),
        unreadable_count: summary.counts.unreadable_count,
        problems,
        problem_count,
        lost: summary.lost.late + summary.lost.groups + summary.lost.events,
        version: env!("CARGO_PKG_VERSION"),
    };
    bottom.write_into(out)
}

/// Every rule that was detected, and how often.
fn rules<'s>(summary: &Summary<'s>) -> Vec<(&'s About, u64)> {
    let about = |(rule, count)| Some(((summary.about)(rule)?, count));
    summary.by_rule().into_iter().filter_map(about).collect()
}

/// Writes the script's data, and keeps the gravest rows for readers without script.
fn write_data(
    out: &mut dyn Write,
    spool: &mut Spool,
    gathered: &gather::Gathered,
    rules: &[(&About, u64)],
    l: Language,
) -> io::Result<Vec<StaticRow>> {
    let list: Vec<Value> = rules.iter().map(|(about, _)| describe(about, l)).collect();
    let places: FxHashMap<(&str, &str), usize> = rules
        .iter()
        .enumerate()
        .map(|(at, (about, _))| ((about.id.as_str(), about.title.as_str()), at))
        .collect();
    let head = json!({"lang": l.pick("vi", "en"), "rules": list, "words": words(l)});
    let head = rows::script_json(&head);
    let head = head.strip_suffix('}').unwrap_or(&head);
    write!(out, "<script type=\"application/json\" id=\"data\">{head},\"rows\":[")?;
    let mut quota = Quota::new(&gathered.by_level, MAX_ROWS);
    let mut static_quota = Quota::new(&gathered.by_level, STATIC_ROWS);
    let mut static_rows = Vec::new();
    let mut first = true;
    spool.drain(|bytes| {
        let object: Value = serde_json::from_slice(bytes)?;
        let level = gather::level(&object);
        let name = (text(&object, "/rule/id"), text(&object, "/rule/title"));
        let Some((place, (about, _))) =
            places.get(&name).and_then(|at| Some((*at, rules.get(*at)?)))
        else {
            return Ok(());
        };
        if !quota.take(level) {
            return Ok(());
        }
        if static_quota.take(level) {
            static_rows.push(StaticRow::new(&object, level, l.title(about), l));
        }
        let row = rows::script_json(&rows::row(&object, place, l));
        write!(out, "{}\n{row}", if first { "" } else { "," })?;
        first = false;
        Ok(())
    })?;
    writeln!(out, "]}}</script>")?;
    static_rows.sort_by_key(|row| std::cmp::Reverse(row.level));
    Ok(static_rows)
}

/// A rule for the script.
fn describe(about: &About, l: Language) -> Value {
    let description = match (l, &about.description_vi) {
        (Language::Vi, Some(text)) => text,
        _ => &about.description,
    };
    let [vi, en] = &about.check_first;
    let check = if l == Language::Vi && !vi.is_empty() { vi } else { en };
    json!({
        "id": about.id,
        "title": l.title(about),
        "other": about.title,
        "level": about.level as usize,
        "tactics": attack::tactics(&about.tags).collect::<Vec<_>>(),
        "techniques": attack::techniques(&about.tags).collect::<Vec<_>>(),
        "description": description,
        "check": check,
        "harmless": about.false_positives,
        "file": &*about.place.file,
    })
}

/// The words that the script says.
fn words(l: Language) -> Value {
    let w = |vi: &'static str, en: &'static str| l.pick(vi, en);
    json!({
        "levels": Level::ALL.map(|level| l.level(level)),
        "tactics": attack::TACTICS.iter().map(|t| (t.0.to_owned(), w(t.3, t.2).into())).collect::<serde_json::Map<_, Value>>(),
        "none": w("(không rõ)", "(unknown)"),
        "why": w("Vì sao phát hiện", "Why it was found"),
        "check": w("Kiểm tra gì trước", "What to check first"),
        "harmless": w("Có thể là vô hại nếu", "May be harmless if"),
        "about": w("Về luật này", "About this rule"),
        "event": w("Sự kiện", "Event"),
        "joined": w("Các sự kiện được nối", "Events joined"),
        "place": w("Nơi ghi", "Recorded in"),
        "record": w("bản ghi", "record"),
        "offset": w("vị trí byte", "offset"),
        "addresses": w("Địa chỉ", "Addresses"),
        "absent": w("không có giá trị", "no value"),
        "anywhere": w("toàn văn", "whole text"),
        "cut": w("byte được bỏ bớt khỏi sự kiện này; bản JSON (--format jsonl) có đủ", "bytes of this event left out; the JSON form (--format jsonl) has all"),
        "shown": w("phát hiện khớp bộ lọc", "detections match the filters"),
        "of": w("trong", "of"),
        "more": w("Hiện thêm", "Show more"),
        "empty": w("Không có phát hiện nào khớp bộ lọc.", "No detection matches the filters."),
        "filters": {
            "user": w("Người dùng", "User"),
            "addr": w("Địa chỉ", "Address"),
            "tech": w("Kỹ thuật", "Technique"),
            "time": w("Thời gian", "Time"),
        },
        "modifiers": {
            "": w("là", "is"),
            "contains": w("chứa", "contains"),
            "startswith": w("bắt đầu bằng", "starts with"),
            "endswith": w("kết thúc bằng", "ends with"),
            "re": w("khớp biểu thức", "matches"),
            "cidr": w("thuộc mạng", "is in network"),
            "group-by": w("nhóm theo giá trị", "grouped by"),
        },
    })
}

/// The hash of an inline script or style, as a Content-Security-Policy names it.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("sha256-");
    for three in Sha256::digest(text.as_bytes()).chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let digit = bits >> (18 - 6 * at) & 63;
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'=');
            out.push(if at > three.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_policy() {
        // openssl dgst -sha256 -binary | base64
        assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(
            hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }

    #[test]
    fn the_script_never_makes_markup_of_text() {
        for word in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "Function(", "document.write"]
        {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style"));
    }
}
