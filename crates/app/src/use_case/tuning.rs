//! Tuning: a Sigma filter made from a false positive, looked at over what was found, put in force.
//!
//! A filter holds for all agencies, so it takes a caller for all. Its text is the analyst's: it is
//! proposed from fields of an event, and may be edited. Before it is kept it must load, fit the rule
//! that it is made for, and not more than a few others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use khien_domain::alert::{AlertEvent, MatchedField};
use khien_domain::audit::Outcome;
use khien_domain::ids::{AlertId, EventId, RuleFilterId};
use khien_domain::limits::NAME_BYTES;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::rule_filter::{NewRuleFilter, RuleFilter};
use khien_domain::text::{self, cut};
use khien_event::format::Sink;
use khien_event::kept::{Again, Kept};
use khien_event::{Problem, Record};
use khien_lake::query::{Phrase, Query, Test};
use khien_lake::{Cancel, Column, Lake, LakeError, Sweep, Swept};
use khien_sigma::compile::RuleSet;
use khien_sigma::engine::Matcher;
use khien_sigma::load::{Loaded, Loader};
use khien_sigma::rule::Rule;
use rustc_hash::FxHashMap;

use super::UseError;
use super::rule_settings::since;
use super::search::{Wanted, request, run};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::rules::Rules;

/// Events that a preview looks at, the newest.
pub const PREVIEW_EVENTS: usize = 2_000;
/// Alerts that a preview names as gone.
pub const PREVIEW_ALERTS: usize = 100;
/// Rules that one filter may be on.
const MAX_RULES: usize = 20;
/// Fields that a filter is made of.
const MAX_FIELDS: usize = 16;
/// Fields of an event that are offered.
const MAX_OFFERED: usize = 200;
/// A value that is offered, in bytes; a longer one is cut, and can be asked for by its beginning.
const MAX_VALUE: usize = 4_000;
/// Events that are fetched at once.
const AT_ONCE: usize = 200;

const COLUMNS: [Column; 4] = [Column::Format, Column::Fields, Column::Raw, Column::RawBytes];

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The whole value.
    Equals,
    /// Anywhere in it.
    Contains,
    /// At its beginning.
    StartsWith,
    /// At its end.
    EndsWith,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Equals, Self::Contains, Self::StartsWith, Self::EndsWith];

    /// The name that forms use; Sigma's, where it has one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
        }
    }

    /// The comparison of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|comparison| comparison.name() == name)
    }
}

/// A field that the analyst chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The field.
    pub field: String,
    /// The value, as it stands in the event.
    pub value: String,
    /// How they are compared.
    pub comparison: Comparison,
}

/// A field of an event that a filter can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The field.
    pub field: String,
    /// Its value, cut if it is long.
    pub value: String,
    /// Whether the value was cut.
    pub is_cut: bool,
    /// Whether the rule matched it.
    pub is_matched: bool,
}

/// A filter as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The id of the rule that it is made for.
    pub rule: String,
    /// Its text.
    pub text: String,
    /// Why.
    pub reason: String,
    /// Until when, if it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A filter, and what is wrong with it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterStatus {
    /// The filter.
    pub filter: RuleFilter,
    /// Whether it holds.
    pub holds: bool,
    /// Why it has no effect although it holds: it cannot be read any more, or its rule is gone.
    pub fault: Option<String>,
}

/// What a filter would have taken away in the last 30 days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The ids of the rules that it is on.
    pub rules: Vec<String>,
    /// Events that were looked at.
    pub events: usize,
    /// Alerts that they belong to.
    pub alerts: usize,
    /// Events that would not match any more.
    pub gone: usize,
    /// Events that do not match without the filter either: the rule was another then.
    pub changed: usize,
    /// Events that are not kept any more, or could not be read again.
    pub missing: usize,
    /// How many alerts would not have been raised: all of their events that were looked at are
    /// gone.
    pub vanished: usize,
    /// The newest of these, at most a hundred.
    pub examples: Vec<AlertId>,
    /// Whether there were more events than are looked at.
    pub is_partial: bool,
}

/// The fields of an alert's newest event that is kept, those that the rule matched first.
pub async fn offered_fields(
    app: &Arc<App>,
    caller: &Caller,
    alert: AlertId,
) -> Result<Vec<Offered>, UseError> {
    let deed = Deed::new("rule.tune", format!("alert {alert}"), None);
    app.scope(caller, Permission::RulesRead, &deed).await?;
    let scope = app.scope(caller, Permission::AlertsRead, &deed).await?;
    let found = app.store.find_alert(&scope, alert).await?;
    let found = found.ok_or_else(|| UseError::not_found("alert", alert))?;
    let mut events = app.store.list_alert_events(&scope, alert).await?;
    events.sort_by_key(|event| (event.at, event.event));
    let Some(AlertEvent { event, at, matched }) = events.pop() else { return Ok(Vec::new()) };
    let deed = Deed { agency: Some(found.agency), ..deed };
    app.audit(&app.entry(caller, &deed, Outcome::Done)).await?;
    let rules = app.rules().current();
    let wanted = BTreeMap::from([(event, at)]);
    let fields = fetch(app, &scope, wanted, move |kept| {
        let (symbols, packs) = (rules.set.symbols().clone(), rules.set.packs().clone());
        let mut fields = Fields(Vec::new());
        Again::new(symbols, packs).read(kept, &mut fields);
        Some(fields.0)
    });
    let fields = fields.await?.into_values().flatten().next().unwrap_or_default();
    Ok(offer(&matched, fields))
}

/// Takes the fields of a record.
struct Fields(Vec<(String, String)>);

impl Sink for Fields {
    fn record(&mut self, record: &mut Record<'_>) {
        let fields = record.fields.iter().take(MAX_OFFERED);
        self.0.extend(fields.map(|field| {
            (record.fields.name(field).to_owned(), field.value.to_text().into_owned())
        }));
    }

    fn problem(&mut self, _: Problem) {}
}

/// Matched fields first; their values whole where the event tells them.
fn offer(matched: &[MatchedField], fields: Vec<(String, String)>) -> Vec<Offered> {
    let is_matched = |name: &str| matched.iter().any(|matched| matched.field == name);
    let offered = |field: String, value: String, is_matched| {
        let is_cut = value.len() > MAX_VALUE;
        let value =
            value.get(..value.floor_char_boundary(MAX_VALUE)).unwrap_or_default().to_owned();
        Offered { field, value, is_cut, is_matched }
    };
    let known: BTreeSet<&String> = fields.iter().map(|(name, _)| name).collect();
    // Fields that follow from others, such as `Image` of a 4688, are in no event.
    let derived = matched.iter().filter(|matched| !known.contains(&matched.field));
    let mut all: Vec<Offered> = derived
        .map(|matched| Offered {
            is_cut: matched.value.ends_with('…'),
            ..offered(matched.field.clone(), matched.value.clone(), true)
        })
        .collect();
    all.extend(fields.into_iter().map(|(name, value)| {
        let is_matched = is_matched(&name);
        offered(name, value, is_matched)
    }));
    all.retain(|offered| !offered.field.is_empty() && !offered.value.is_empty());
    all.sort_by_key(|offered| !offered.is_matched);
    all
}

/// A filter of the fields that the analyst chose, as a text to be read and edited. All of them must
/// hold for a hit to be taken away.
pub async fn draft_filter(
    app: &App,
    caller: &Caller,
    rule: &str,
    chosen: &[Chosen],
) -> Result<String, UseError> {
    let deed = Deed::new("rule.tune", format!("rule {rule}"), None);
    app.scope(caller, Permission::RulesRead, &deed).await?;
    let rules = app.rules().current();
    let rule = find(&rules.set, rule)?;
    draft(rule, chosen).map_err(UseError::Invalid)
}

fn find<'s>(set: &'s RuleSet, id: &str) -> Result<&'s Rule, UseError> {
    set.rules().iter().find(|rule| rule.about.id == id).ok_or_else(|| {
        let mut correlations = set.correlations().iter();
        if correlations.any(|correlation| correlation.about.id == id) {
            let message = "a correlation is tuned by filters on the rules that it counts";
            UseError::Invalid(message.to_owned())
        } else {
            UseError::not_found("rule", id)
        }
    })
}

fn draft(rule: &Rule, chosen: &[Chosen]) -> Result<String, String> {
    if !(1..=MAX_FIELDS).contains(&chosen.len()) {
        return Err(format!("a filter is made of 1 to {MAX_FIELDS} fields"));
    }
    let mut out = String::new();
    let title = format!("Filter on {}", rule.about.title);
    out.push_str(&format!("title: {}\n", quoted(&title)));
    out.push_str("logsource:\n");
    let source = &rule.log_source;
    for (key, part) in
        [("product", &source.product), ("category", &source.category), ("service", &source.service)]
    {
        if let Some(part) = part {
            out.push_str(&format!("  {key}: {}\n", quoted(part)));
        }
    }
    if source.is_empty() {
        out.push_str("  product: ''\n");
    }
    out.push_str(&format!("filter:\n  rules:\n    - {}\n  selection:\n", quoted(&rule.about.id)));
    let mut seen = BTreeSet::new();
    for one in chosen {
        let field = text::line("a field", &one.field, NAME_BYTES).map_err(|e| e.to_string())?;
        if field.contains('|') {
            return Err(format!("«{field}» cannot be asked for: Sigma takes «|» for a modifier"));
        }
        if one.value.is_empty() {
            return Err(format!("the value of {field} is empty"));
        }
        if one.value.len() > MAX_VALUE {
            return Err(format!("the value of {field} is longer than {MAX_VALUE} bytes"));
        }
        let key = match one.comparison {
            Comparison::Equals => field,
            other => format!("{field}|{}", other.name()),
        };
        if !seen.insert(key.clone()) {
            return Err(format!("{key} is there twice; values of one field go into a list"));
        }
        out.push_str(&format!("    {}: {}\n", quoted(&key), quoted(&escaped(&one.value))));
    }
    out.push_str("  condition: selection\n");
    Ok(out)
}

/// A value that means itself in Sigma: without wildcards.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '*' | '?' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text as YAML reads it back.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    if text.chars().all(is_plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    // Between double quotes YAML knows the escapes of JSON.
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_plain(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Rules with a filter on them.
struct Fitted {
    /// The rules as they are.
    before: Vec<Rule>,
    /// The same with the filter.
    after: Vec<Rule>,
}

/// Reads a filter and finds the rules that it is on. The error says what is wrong, with the line.
fn fit(set: &RuleSet, rule: &str, text: &str) -> Result<Fitted, String> {
    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    loader.file("filter", text);
    if let Some(problem) = loader.problems().iter().find(|problem| problem.refused) {
        return Err(format!("line {}: {}", problem.place.line, problem.message));
    }
    let (rules, correlations, filters) = loader.gathered();
    if !rules.is_empty() || !correlations.is_empty() || filters != 1 {
        return Err("the text is one Sigma filter: title, logsource and filter".to_owned());
    }
    set.rules().iter().for_each(|rule| loader.known(rule.clone()));
    let loaded = loader.finish();
    if let Some(problem) = loaded.problems.iter().find(|problem| &*problem.place.file == "filter") {
        return Err(format!("line {}: {}", problem.place.line, problem.message));
    }
    let pairs = set.rules().iter().zip(loaded.rules);
    let on = pairs.filter(|(before, after)| after.exclusions.len() > before.exclusions.len());
    let (before, after): (Vec<Rule>, Vec<Rule>) =
        on.map(|(before, after)| (before.clone(), after)).unzip();
    if !before.iter().any(|known| known.about.id == rule) {
        return Err(format!("the filter is not on the rule {rule}: it does not name it"));
    }
    if before.len() > MAX_RULES {
        let count = before.len();
        return Err(format!("the filter is on {count} rules; it may be on at most {MAX_RULES}"));
    }
    Ok(Fitted { before, after })
}

/// Whether a text is a filter that can be put in force for a rule; the error says what is wrong,
/// with the line. Answers the ids of the rules that it is on.
pub async fn check_filter(
    app: &App,
    caller: &Caller,
    rule: &str,
    text: &str,
) -> Result<Vec<String>, UseError> {
    let deed = Deed::new("rule.tune", format!("rule {rule}"), None);
    app.scope(caller, Permission::RulesRead, &deed).await?;
    Ok(fitted(app, rule, text).await?.before.into_iter().map(|rule| rule.about.id).collect())
}

async fn fitted(app: &App, rule: &str, text: &str) -> Result<Fitted, UseError> {
    if text.len() > khien_domain::limits::FILTER_BYTES {
        let most = khien_domain::limits::FILTER_BYTES;
        return Err(UseError::Invalid(format!("the filter is longer than {most} bytes")));
    }
    let rules = app.rules().current();
    find(&rules.set, rule)?;
    let (rule, text) = (rule.to_owned(), text.to_owned());
    let fitting = tokio::task::spawn_blocking(move || fit(&rules.set, &rule, &text)).await;
    fitting.map_err(|_| UseError::Fault("reading a filter ended early"))?.map_err(UseError::Invalid)
}

/// What a filter would have taken away in the last 30 days of what the caller may see: the events that
/// alerts keep are judged again, with it and without.
pub async fn preview_filter(
    app: &Arc<App>,
    caller: &Caller,
    rule: &str,
    text: &str,
) -> Result<Preview, UseError> {
    let deed = Deed::new("rule.preview_filter", format!("rule {rule}"), None);
    app.scope(caller, Permission::RulesRead, &deed).await?;
    let scope = app.scope(caller, Permission::AlertsRead, &deed).await?;
    let fitted = fitted(app, rule, text).await?;
    let mut preview = Preview {
        rules: fitted.before.iter().map(|rule| rule.about.id.clone()).collect(),
        ..Preview::default()
    };
    let mut of_alert: Vec<(AlertId, String, EventId)> = Vec::new();
    let mut wanted = BTreeMap::new();
    let found =
        app.store.list_rule_events(&scope, &preview.rules, since(app), PREVIEW_EVENTS as u32 + 1);
    for (alert, rule, event, at) in found.await? {
        if of_alert.len() == PREVIEW_EVENTS {
            preview.is_partial = true;
            break;
        }
        of_alert.push((alert, rule, event));
        wanted.insert(event, at);
    }
    let rules = app.rules().current();
    let judge = Judge::new(&rules, fitted);
    let judged = fetch(app, &scope, wanted, move |kept| judge.judge(kept)).await?;
    let mut alerts: BTreeMap<AlertId, (usize, usize)> = BTreeMap::new();
    for (alert, rule, event) in of_alert {
        let Some(Some(held)) = judged.get(&event) else {
            preview.missing += 1;
            continue;
        };
        let (seen, gone) = alerts.entry(alert).or_default();
        preview.events += 1;
        match held.iter().find(|held| held.rule == rule) {
            Some(held) if held.with_filter => *seen += 1,
            Some(_) => {
                (*seen, *gone) = (*seen + 1, *gone + 1);
                preview.gone += 1;
            }
            None => {
                *seen += 1;
                preview.changed += 1;
            }
        }
    }
    preview.alerts = alerts.len();
    let vanished = alerts.iter().rev().filter(|(_, (seen, gone))| seen == gone);
    let vanished: Vec<AlertId> = vanished.map(|(alert, _)| *alert).collect();
    preview.vanished = vanished.len();
    preview.examples = vanished.into_iter().take(PREVIEW_ALERTS).collect();
    let deed = deed.with(format!("{} of {} events gone", preview.gone, preview.events));
    app.audit(&app.entry(caller, &deed, Outcome::Done)).await?;
    Ok(preview)
}

/// A rule that holds for an event without the filter, and whether it does with it.
struct Held {
    rule: String,
    with_filter: bool,
}

/// Judges events by rules with and without a filter.
struct Judge {
    /// Each rule twice: as it is, then with the filter.
    set: RuleSet,
}

impl Judge {
    fn new(rules: &Rules, fitted: Fitted) -> Self {
        let pairs = fitted.before.into_iter().zip(fitted.after);
        let rules_twice = pairs.flat_map(|(before, after)| [before, after]).collect();
        let loaded = Loaded { rules: rules_twice, ..Loaded::default() };
        let (packs, symbols) = (rules.set.packs().clone(), rules.set.symbols().as_ref().clone());
        Self { set: RuleSet::new(loaded, packs, symbols) }
    }

    fn judge(&self, kept: &Kept<'_>) -> Option<Vec<Held>> {
        let (symbols, packs) = (self.set.symbols().clone(), self.set.packs().clone());
        let mut hits = Hits { matcher: Matcher::new(&self.set), hits: None };
        Again::new(symbols, packs).read(kept, &mut hits);
        let hits = hits.hits?;
        let held = self.set.rules().iter().enumerate().step_by(2);
        let held = held.filter(|(place, _)| hits.contains(place)).map(|(place, rule)| Held {
            rule: rule.about.id.clone(),
            with_filter: hits.contains(&(place + 1)),
        });
        Some(held.collect())
    }
}

/// Takes the record that an event is read as.
struct Hits<'r> {
    matcher: Matcher<'r>,
    hits: Option<Vec<usize>>,
}

impl Sink for Hits<'_> {
    fn record(&mut self, record: &mut Record<'_>) {
        self.hits.get_or_insert_default().extend_from_slice(self.matcher.matches(record));
    }

    fn problem(&mut self, _: Problem) {}
}

/// Fetches events of the scope from the lake and answers what was made of each. Those that are not
/// there any more are left out.
async fn fetch<T: Send + 'static>(
    app: &Arc<App>,
    scope: &AgencyScope,
    wanted: BTreeMap<EventId, Timestamp>,
    make: impl Fn(&Kept<'_>) -> Option<T> + Send + 'static,
) -> Result<BTreeMap<EventId, Option<T>>, UseError> {
    let mut events: Vec<(Timestamp, EventId)> =
        wanted.into_iter().map(|(event, at)| (at, event)).collect();
    events.sort_unstable();
    let mut requests = Vec::new();
    for some in events.chunks(AT_ONCE) {
        let batches: BTreeSet<u64> = some.iter().map(|(_, event)| event.batch).collect();
        let is = |batch: u64| Query::Field {
            name: Column::Batch.name().to_owned(),
            test: Test::Is(Phrase::exact(&batch.to_string())),
        };
        let mut asked: Vec<Query> = batches.into_iter().map(is).collect();
        let query = if asked.len() == 1 { asked.remove(0) } else { Query::Or(asked) };
        let (first, last) = (some.first().map(|one| one.0), some.last().map(|one| one.0));
        let to = last.and_then(|last| last.checked_add(SignedDuration::from_micros(1)).ok());
        let time = Wanted { query: String::new(), from: first, to };
        let events: BTreeSet<EventId> = some.iter().map(|(_, event)| *event).collect();
        requests.push((request(&time, query, scope)?, events));
    }
    let work = move |lake: &Lake, cancel: &Cancel| -> Result<_, LakeError> {
        let mut made = BTreeMap::new();
        for (request, events) in requests {
            let sweep = Sweep { request, columns: COLUMNS.to_vec(), after: None };
            lake.sweep(&sweep, cancel, &mut |swept| {
                for row in 0..swept.len() {
                    let at = swept.at(row);
                    let event = EventId { batch: at.batch, item: at.item };
                    if events.contains(&event) {
                        made.insert(event, make(&kept(swept, row)));
                    }
                }
                true
            })?;
        }
        Ok(made)
    };
    run(app, Cancel::new(), work).await
}

fn kept<'s>(swept: &Swept<'s>, row: usize) -> Kept<'s> {
    let raw = swept.text(Column::Raw, row).map(str::as_bytes);
    Kept {
        format: swept.text(Column::Format, row).unwrap_or_default(),
        raw: raw.or_else(|| swept.bytes(Column::RawBytes, row)).unwrap_or_default(),
        fields: swept.text(Column::Fields, row),
    }
}

/// Keeps a filter and puts it in force.
pub async fn add_filter(
    app: &Arc<App>,
    caller: &Caller,
    asked: Asked,
) -> Result<RuleFilter, UseError> {
    let deed = Deed::new("rule.add_filter", format!("rule {}", asked.rule), None);
    app.require(caller, Permission::RulesWrite, &deed).await?;
    let Asked { rule, text, reason, expires_at } = asked;
    let (owner, created_at) = (caller.actor.identity.to_string(), app.now());
    let new = NewRuleFilter { rule, text, owner, reason, created_at, expires_at };
    let new = new.checked().map_err(UseError::invalid)?;
    let on = fitted(app, &new.rule, &new.text).await?.before.len();
    let mut tx = app.store.begin().await?;
    let id = tx.add_rule_filter(&new).await?;
    let said = format!("filter {id} on {on} rules; {}; {}", new.reason, new.text);
    let deed = deed.with(cut(&said, khien_domain::limits::TEXT_BYTES));
    tx.add_audit(&[app.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    app.reload_rules().await.map_err(UseError::Invalid)?;
    Ok(RuleFilter { id, asked: new, ended_at: None })
}

/// Ends a filter; its rules are without it from then on.
pub async fn end_filter(
    app: &Arc<App>,
    caller: &Caller,
    id: RuleFilterId,
) -> Result<RuleFilter, UseError> {
    let deed = Deed::new("rule.end_filter", format!("filter {id}"), None);
    app.require(caller, Permission::RulesWrite, &deed).await?;
    let found = app.store.find_rule_filter(&AgencyScope::All, id).await?;
    let found = found.ok_or_else(|| UseError::not_found("filter", id))?;
    let now = app.now();
    let mut tx = app.store.begin().await?;
    if !tx.end_rule_filter(&AgencyScope::All, id, now).await? {
        return Err(UseError::Conflict(format!("filter {id} was ended before")));
    }
    let deed = deed.with(format!("rule {}", found.asked.rule));
    tx.add_audit(&[app.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    app.reload_rules().await.map_err(UseError::Invalid)?;
    Ok(RuleFilter { ended_at: Some(now), ..found })
}

/// The filters, newest first, for a caller for all agencies; of one rule if asked.
pub async fn list_filters(
    app: &App,
    caller: &Caller,
    rule: Option<&str>,
) -> Result<Vec<FilterStatus>, UseError> {
    let deed = Deed::new("rule.filters", rule.unwrap_or_default(), None);
    let scope = app.scope(caller, Permission::RulesRead, &deed).await?;
    let (mut filters, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = app.store.list_rule_filters(&scope, None, &page).await?;
        let of_rule = |filter: &RuleFilter| rule.is_none_or(|rule| filter.asked.rule == rule);
        filters.extend(found.items.into_iter().filter(of_rule));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let mut told = Vec::with_capacity(filters.len());
    for filter in filters {
        let holds = filter.holds(app.now());
        let fault = if holds { fault(app, &filter).await } else { None };
        told.push(FilterStatus { filter, holds, fault });
    }
    Ok(told)
}

/// Why a filter that holds has no effect, found out once for each set of rules.
async fn fault(app: &App, filter: &RuleFilter) -> Option<String> {
    let rules = app.rules().current();
    let fault = if let Some(known) = rules.fault(filter.id) {
        known
    } else {
        let fitted = fitted(app, &filter.asked.rule, &filter.asked.text).await;
        let fault = fitted.err().map_or_else(String::new, |error| error.to_string());
        rules.keep_fault(filter.id, fault.clone());
        fault
    };
    (!fault.is_empty()).then_some(fault)
}

#[cfg(test)]
#[path = "tuning/tests.rs"]
mod tests;
