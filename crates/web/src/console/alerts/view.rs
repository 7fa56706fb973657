//! An alert as a drawer or a page of its own shows it: why it fired, what happened around it, what to
//! check first.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::alerts::{self, AlertDetail};
use khien_app::use_case::incidents;
use khien_app::use_case::search::{self, Wanted};
use khien_domain::alert::{AlertKind, MatchedField, Severity, State};
use khien_domain::ids::{AlertId, EventId, IncidentId};
use khien_domain::permission::Permission;
use khien_domain::text;
use khien_lake::{Column, Shown, Value};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::Frame;
use crate::console::visit::Visiting;

/// Events around an alert that are shown.
const AROUND: usize = 12;
/// How far around.
const MINUTES: i64 = 5;
/// Bytes of an event in one line.
const LINE: usize = 200;

/// An alert with what helps to judge it.
pub(super) struct View {
    /// What is kept of it.
    pub(super) detail: AlertDetail,
    /// The title in the language of the page.
    pub(super) title: String,
    /// What the rule says about itself.
    pub(super) rule: Option<About>,
    /// Why: the fields of the first event.
    pub(super) why: Vec<Why>,
    /// The events of which a correlation is made.
    pub(super) made_of: Vec<EventId>,
    /// Who and what it happened to: name, value, address of a search.
    pub(super) parties: Vec<(&'static str, String, String)>,
    /// What happened around the first event, on the same host.
    pub(super) around: Vec<Around>,
    /// All of it, as a search.
    pub(super) around_href: Option<String>,
    /// The open incident that it belongs to.
    pub(super) incident: Option<IncidentId>,
    /// The events of the alert, as a search.
    pub(super) events_href: Option<String>,
}

/// A rule's own words.
pub(super) struct About {
    /// What it finds.
    pub(super) description: String,
    /// What to check first.
    pub(super) check: Vec<String>,
    /// What may look the same and be harmless.
    pub(super) harmless: Vec<String>,
}

/// A field that matched, with the part that made it match.
pub(super) struct Why {
    /// The field.
    pub(super) field: String,
    /// What of the rule it fulfils.
    pub(super) how: String,
    /// The value before the match.
    pub(super) before: String,
    /// What matched.
    pub(super) hit: String,
    /// The value after it.
    pub(super) after: String,
    /// All events with the value, as a search.
    pub(super) href: String,
}

/// An event around an alert.
pub(super) struct Around {
    /// When.
    pub(super) at: Timestamp,
    /// What, in one line.
    pub(super) line: String,
    /// Whether it is one of the alert's own.
    pub(super) is_own: bool,
    /// The event itself.
    pub(super) href: String,
}

/// Gathers it.
pub(super) async fn view(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
    id: AlertId,
) -> Result<View, PageError> {
    let detail = alerts::get_alert(&console.app, &visiting.caller, id).await?;
    let rules = console.app.rules().current();
    let alert = &detail.alert;
    let about = rules.set.rules().iter().find(|rule| rule.about.id == alert.rule);
    let rule = about.map(|rule| {
        let about = &rule.about;
        let pick = |vi: &Option<String>, en: &str| match vi {
            Some(vi) if !f.is_english() => vi.clone(),
            _ => en.to_owned(),
        };
        let [vi, en] = &about.check_first;
        let check = if f.is_english() || vi.is_empty() { en } else { vi };
        About {
            description: pick(&about.description_vi, &about.description),
            check: check.clone(),
            harmless: about.false_positives.clone(),
        }
    });
    let first = detail.events.first();
    let matched = first.map_or(&[][..], |event| &event.matched);
    let made_of: Vec<EventId> = matched.iter().filter_map(event_of).collect();
    let why = matched.iter().filter(|matched| event_of(matched).is_none()).map(why).collect();
    let parties = parties(&alert.entity);
    let host = parties.iter().find(|(name, _, _)| *name == "host");
    let host = host.map(|(_, value, _)| value.clone());
    let may_search = visiting.caller.actor.agencies(Permission::EventsRead).is_ok();
    let (mut around, mut around_href) = (Vec::new(), None);
    if let (true, Some(host), Some(event)) = (may_search, host, first) {
        let margin = SignedDuration::from_mins(MINUTES);
        let from = event.at.checked_sub(margin).unwrap_or(Timestamp::MIN);
        let to = event.at.checked_add(margin).unwrap_or(Timestamp::MAX);
        let query = format!("host:{}", quoted(&host));
        around_href = Some(address(&query, Some((from, to))));
        let own: Vec<_> = detail.events.iter().map(|event| event.event).collect();
        // Most of what is shown lies before: that is where an attack begins.
        let (before, after) = tokio::try_join!(
            to_lines(console, visiting, &query, from, event.at, AROUND / 2),
            to_lines(console, visiting, &query, event.at, to, AROUND),
        )?;
        let keep = AROUND.saturating_sub(before.len());
        let lines = before.into_iter().rev().chain(after.into_iter().rev().take(keep));
        around = lines
            .map(|(at, event, line)| Around {
                at,
                line,
                is_own: own.contains(&event),
                href: format!(
                    "/search?q={}&open={}-{}",
                    encoded(&format!("batch:{} item:{}", event.batch, event.item)),
                    event.batch,
                    event.item
                ),
            })
            .collect();
    }
    let events_href = (may_search && first.is_some()).then(|| {
        let end = alert.last_at.checked_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
        address(&format!("rules:*{}*", alert.rule), Some((alert.first_at, end)))
    });
    let title = f.title(alert).into_owned();
    let incident = if f.may(Permission::IncidentsRead) {
        incidents::incident_of_alert(&console.app, &visiting.caller, id).await?
    } else {
        None
    };
    Ok(View {
        detail,
        title,
        rule,
        why,
        made_of,
        parties,
        around,
        around_href,
        incident,
        events_href,
    })
}

impl View {
    /// Whether somebody may still take it on.
    pub(super) fn is_new(&self) -> bool {
        self.detail.alert.state == State::New
    }

    /// Whether a rule found it that can be tuned; a correlation is tuned by the rules it counts.
    pub(super) fn is_of_rule(&self) -> bool {
        self.detail.alert.kind == AlertKind::Rule
    }

    /// Whether it is so grave.
    pub(super) fn is_of(&self, severity: &Severity) -> bool {
        self.detail.alert.severity == *severity
    }

    /// Whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.detail.alert.state, State::Closed(_))
    }
}

type Line = (Timestamp, EventId, String);

async fn to_lines(
    console: &Arc<Console>,
    visiting: &Visiting,
    query: &str,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Result<Vec<Line>, PageError> {
    let columns = [
        Column::CmdLine,
        Column::Message,
        Column::Url,
        Column::Process,
        Column::File,
        Column::Raw,
        Column::EventCode,
    ];
    let wanted = Wanted { query: query.to_owned(), from: Some(from), to: Some(to) };
    let shown = columns.map(Shown::Column).to_vec();
    let found = search::page(&console.app, &visiting.caller, &wanted, shown, limit, None).await?;
    let lines = found.found.events.into_iter().map(|event| {
        let texts = event.values.iter().filter_map(|value| match value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.as_str()),
            _ => None,
        });
        let line = texts.map(|text| text::cut(text, LINE)).next().unwrap_or_default();
        let id = EventId { batch: event.at.batch, item: event.at.item };
        (event.at.time, id, line)
    });
    Ok(lines.collect())
}

/// A value between quotation marks of the query language.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text within an address.
pub(in crate::console) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The address of a search.
pub(super) fn address(query: &str, between: Option<(Timestamp, Timestamp)>) -> String {
    let mut address = format!("/search?q={}", encoded(query));
    if let Some((from, to)) = between {
        address.push_str(&format!(
            "&from={}&to={}",
            encoded(&from.to_string()),
            encoded(&to.to_string())
        ));
    }
    address
}

/// The parts of an alert's entity: `host=… user=… address=…`.
fn parties(entity: &str) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let mut rest = entity;
    for (name, field, next) in [
        ("host", "host", [" user=", " address="]),
        ("user", "user", [" address=", " address="]),
        ("address", "ip", ["\n", "\n"]),
    ] {
        let Some(after) = rest.strip_prefix(&format!("{name}=")) else { continue };
        let end = next.iter().filter_map(|mark| after.find(mark)).min().unwrap_or(after.len());
        let value = after[..end].to_owned();
        rest = after[end..].trim_start();
        let href = address(&format!("{field}:{}", quoted(&value)), None);
        found.push((name, value, href));
    }
    found
}

/// The event that a correlation names among its fields.
fn event_of(matched: &MatchedField) -> Option<EventId> {
    let (batch, item) = matched.value.split_once('-').filter(|_| matched.field == "event")?;
    Some(EventId { batch: batch.parse().ok()?, item: item.parse().ok()? })
}

/// A field that matched: the part of its value that the rule names is told apart.
fn why(matched: &MatchedField) -> Why {
    let (how, pattern) = matched.why.split_once(": ").unwrap_or(("", &matched.why));
    let plain = pattern.trim_matches('*').replace("\\\\", "\\");
    let at = (!plain.is_empty()).then(|| find_folded(&matched.value, &plain)).flatten();
    let (start, end) = at.unwrap_or((0, matched.value.len()));
    let field = format!("{}:{}", matched.field, quoted(&matched.value));
    Why {
        field: matched.field.clone(),
        how: how.to_owned(),
        before: matched.value[..start].to_owned(),
        hit: matched.value[start..end].to_owned(),
        after: matched.value[end..].to_owned(),
        href: address(&field, None),
    }
}

/// Where a text stands in another, capital letters aside.
fn find_folded(text: &str, wanted: &str) -> Option<(usize, usize)> {
    let wanted: Vec<char> = wanted.chars().flat_map(char::to_lowercase).collect();
    for (start, _) in text.char_indices() {
        let mut at = 0;
        for (offset, c) in text[start..].char_indices() {
            for lower in c.to_lowercase() {
                if wanted.get(at) != Some(&lower) {
                    at = usize::MAX;
                    break;
                }
                at += 1;
            }
            if at == usize::MAX {
                break;
            }
            if at == wanted.len() {
                return Some((start, start + offset + c.len_utf8()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_matched_is_told_apart() {
        let matched = MatchedField::new(
            "CommandLine",
            "rundll32.exe C:\\WINDOWS\\system32\\ComSvcs.dll, MiniDump 712",
            "contains: comsvcs.dll",
        );
        let why = why(&matched);
        assert_eq!((why.how.as_str(), why.hit.as_str()), ("contains", "ComSvcs.dll"));
        assert!(why.before.ends_with("system32\\") && why.after.starts_with(", Mini"));
        assert!(why.href.starts_with("/search?q=CommandLine%3A%22rundll32"), "{}", why.href);
    }

    #[test]
    fn what_a_pattern_does_not_show_is_all_of_the_value() {
        let whole = why(&MatchedField::new("Image", "a.exe", "re: (?i)x.*"));
        assert_eq!((whole.before.as_str(), whole.hit.as_str()), ("", "a.exe"));
        assert_eq!(find_folded("Ấn Độ", "ĐỘ"), Some((5, 10)));
        assert_eq!(find_folded("abc", "abcd"), None);
    }

    #[test]
    fn an_entity_has_its_parts() {
        let parts = parties("host=mh-dc01 user=minhhoa\\canbo 014 address=192.0.2.7");
        let parts: Vec<_> = parts.iter().map(|(name, value, _)| (*name, value.as_str())).collect();
        assert_eq!(
            parts,
            [("host", "mh-dc01"), ("user", "minhhoa\\canbo 014"), ("address", "192.0.2.7")]
        );
        assert_eq!(parties("address=192.0.2.7").len(), 1);
        assert!(parties("fw-daomau").is_empty());
    }

    #[test]
    fn values_are_quoted_for_queries() {
        assert_eq!(quoted("C:\\a \"b\""), "\"C:\\\\a \\\"b\\\"\"");
    }
}
