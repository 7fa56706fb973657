//! The figures and rankings at the top of the page.

use khien_sigma::rule::{About, Level};

use super::gather::Gathered;
use super::rows;
use super::timeline::Counts;
use crate::language::Language;
use crate::scan::summary::Summary;

/// So many entries of a ranking are shown.
const LISTED: usize = 10;
/// So many rules can be chosen from.
const MAX_RULES: usize = 1000;

pub(super) struct Figure {
    pub(super) value: String,
    pub(super) what: &'static str,
    pub(super) more: String,
    /// Where on the page it is told in full.
    pub(super) link: &'static str,
}

pub(super) struct List {
    pub(super) title: &'static str,
    /// The filter that an entry sets.
    pub(super) filter: &'static str,
    pub(super) entries: Vec<Entry>,
    /// How many more names there are.
    pub(super) more: usize,
}

pub(super) struct Entry {
    pub(super) label: String,
    pub(super) key: String,
    pub(super) count: u64,
    pub(super) level: Option<Level>,
    /// The length of its bar in percent.
    pub(super) share: String,
}

pub(super) fn figures(summary: &Summary<'_>, l: Language) -> Vec<Figure> {
    let counts = &summary.counts;
    let figure =
        |value: u64, what, more: String, link| Figure { value: l.number(value), what, more, link };
    let mebibytes = counts.bytes as f64 / f64::from(1 << 20);
    let loaded = match (summary.rules_loaded as u64, summary.correlations_loaded as u64) {
        (rules, 0) => format!("{} {}", l.number(rules), l.pick("luật đã nạp", "loaded")),
        (rules, joining) => format!(
            "{} + {} {}",
            l.number(rules),
            l.number(joining),
            l.pick("luật nối đã nạp", "correlations loaded")
        ),
    };
    let grave: u64 =
        summary.by_level().iter().filter(|(level, _)| *level >= Level::High).map(|(_, n)| n).sum();
    vec![
        figure(
            counts.detections,
            l.pick("phát hiện", "detections"),
            format!("{} {}", l.number(grave), l.pick("cao trở lên", "high or critical")),
            "#detections",
        ),
        figure(
            counts.by_rule.len() as u64,
            l.pick("luật có phát hiện", "rules that detected"),
            loaded,
            "#rules",
        ),
        figure(counts.events, l.pick("sự kiện đã đọc", "events read"), String::new(), ""),
        figure(
            summary.files as u64,
            l.pick("tệp đã đọc", "files read"),
            format!("{} MiB", l.decimal(mebibytes)),
            "",
        ),
        figure(
            counts.unreadable_count,
            l.pick("chỗ không đọc được", "places unreadable"),
            String::new(),
            if counts.unreadable_count > 0 { "#unreadable" } else { "" },
        ),
        Figure {
            value: match summary.wall.as_millis() {
                milliseconds @ 0..1000 => format!("{milliseconds} ms"),
                _ => format!("{} s", l.decimal(summary.wall.as_secs_f64())),
            },
            what: l.pick("thời gian chạy", "run time"),
            more: format!(
                "{} {}",
                l.number((counts.events as f64 / summary.wall.as_secs_f64().max(0.001)) as u64),
                l.pick("sự kiện/giây", "events/s")
            ),
            link: "",
        },
    ]
}

/// Every level with its count and its share in percent, gravest first.
pub(super) fn levels(counts: &Counts) -> Vec<(Level, u64, String)> {
    let most = counts.iter().copied().max().unwrap_or(0);
    let levels = Level::ALL.into_iter().zip(counts).rev();
    levels.map(|(level, count)| (level, *count, share(*count, most))).collect()
}

fn share(count: u64, most: u64) -> String {
    format!("{:.1}", count as f64 / most.max(1) as f64 * 100.0)
}

pub(super) fn lists(summary: &Summary<'_>, gathered: &Gathered, l: Language) -> Vec<List> {
    let by_rule = summary.by_rule();
    let most = by_rule.first().map_or(1, |(_, count)| *count);
    let rules: Vec<Entry> = by_rule
        .iter()
        .filter_map(|(rule, count)| {
            let about = (summary.about)(*rule)?;
            Some(Entry {
                label: l.title(about).to_owned(),
                key: about.id.clone(),
                count: *count,
                level: Some(about.level),
                share: share(*count, most),
            })
        })
        .take(LISTED)
        .collect();
    let rules = List {
        title: l.pick("Luật phát hiện nhiều nhất", "Rules"),
        filter: "rule",
        more: by_rule.len() - rules.len(),
        entries: rules,
    };
    vec![
        rules,
        names(l.pick("Máy", "Hosts"), "host", &summary.by_host(), l),
        names(l.pick("Người dùng", "Users"), "user", &gathered.users.sorted(), l),
        names(l.pick("Địa chỉ", "Addresses"), "addr", &gathered.addresses.sorted(), l),
    ]
}

fn names(title: &'static str, filter: &'static str, all: &[(String, u64)], l: Language) -> List {
    let most = all.first().map_or(1, |(_, count)| *count);
    let entries: Vec<Entry> = all
        .iter()
        .take(LISTED)
        .map(|(name, count)| Entry {
            label: if name.is_empty() {
                l.pick("(không rõ)", "(unknown)").into()
            } else {
                rows::key(name)
            },
            // An empty value in the address of the page means no filter.
            key: if name.is_empty() { "–".into() } else { rows::key(name) },
            count: *count,
            level: None,
            share: share(*count, most),
        })
        .collect();
    List { title, filter, more: all.len() - entries.len(), entries }
}

/// Rules to choose from, by title: identifier and title.
pub(super) fn by_title<'a>(rules: &[(&'a About, u64)], l: Language) -> Vec<(&'a str, &'a str)> {
    let mut list: Vec<_> = rules
        .iter()
        .take(MAX_RULES)
        .map(|(about, _)| (about.id.as_str(), l.title(about)))
        .collect();
    list.sort_by_key(|(_, title)| title.to_lowercase());
    list
}
