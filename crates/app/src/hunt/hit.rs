//! A hit as one JSON object, of the shape that a scan's detections have: `time`, `event`, `agency`,
//! `system`, `host`, `user`, `addresses`, `source`, `matched`, and either `rule` (with `logsource`, and
//! `correlation` where one came true) or `indicator`.

use jiff::Timestamp;
use khien_domain::limits::{MATCHED_BYTES, MATCHED_FIELDS};
use khien_domain::text::cut;
use khien_event::LogSource;
use khien_lake::{Column, Cursor, Swept};
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::Hit;
use khien_sigma::engine::Matched;
use khien_sigma::rule::About;
use serde_json::{Map, Value, json};

use super::indicators::Indicator;

/// Columns that a hit tells of its event.
pub(super) const TOLD: [Column; 8] = [
    Column::Agency,
    Column::System,
    Column::Source,
    Column::Host,
    Column::User,
    Column::SrcIp,
    Column::DstIp,
    Column::Origin,
];

/// What every hit tells of its event.
pub(super) fn head(swept: &Swept<'_>, row: usize) -> Map<String, Value> {
    let at = swept.at(row);
    let text = |column| swept.text(column, row).map(|text| cut(text, MATCHED_BYTES));
    let addresses: Vec<String> =
        [Column::SrcIp, Column::DstIp].into_iter().filter_map(text).collect();
    let source = text(Column::Source).and_then(|id| id.parse::<i64>().ok());
    let told = json!({
        "time": at.time.to_string(),
        "event": event(at.batch, at.item),
        "agency": text(Column::Agency),
        "system": text(Column::System),
        "host": text(Column::Host),
        "user": text(Column::User),
        "addresses": addresses,
        "source": {
            "id": source,
            "file": text(Column::Origin),
            "record": swept.number(Column::Record, row),
        },
    });
    match told {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// How an event is named: its batch and its place there.
pub(super) fn event(batch: u64, item: u32) -> String {
    format!("{batch}-{item}")
}

fn about_json(about: &About) -> Value {
    json!({
        "id": about.id,
        "title": about.title,
        "title_vi": about.title_vi,
        "level": about.level.name(),
        "tags": about.tags,
    })
}

fn log_source_json(source: &LogSource) -> Value {
    json!({
        "product": source.product.as_deref(),
        "category": source.category.as_deref(),
        "service": source.service.as_deref(),
    })
}

/// A rule that holds for an event.
pub(super) fn of_rule(
    mut head: Map<String, Value>,
    about: &About,
    source: &LogSource,
    matched: &[Matched],
) -> String {
    let matched: Vec<Value> = (matched.iter().take(MATCHED_FIELDS))
        .map(|one| {
            json!({
                "field": one.field,
                "value": cut(&one.value, MATCHED_BYTES),
                "pattern": cut(&one.pattern, MATCHED_BYTES),
                "modifier": one.modifiers,
            })
        })
        .collect();
    head.insert("rule".to_owned(), about_json(about));
    head.insert("logsource".to_owned(), log_source_json(source));
    head.insert("matched".to_owned(), Value::Array(matched));
    Value::Object(head).to_string()
}

/// An indicator that is in an event: in which column or text.
pub(super) fn of_indicator(
    mut head: Map<String, Value>,
    indicator: &Indicator,
    field: &str,
    value: &str,
) -> String {
    let told = json!({
        "type": indicator.kind.name(),
        "value": cut(&indicator.value, MATCHED_BYTES),
        "note": Some(indicator.note.as_str()).filter(|note| !note.is_empty()),
    });
    let matched = json!({"field": field, "value": cut(value, MATCHED_BYTES)});
    head.insert("indicator".to_owned(), told);
    head.insert("matched".to_owned(), Value::Array(vec![matched]));
    Value::Object(head).to_string()
}

/// A correlation that came true; `last` is what every hit tells of its last event.
pub(super) fn of_correlation(
    mut last: Map<String, Value>,
    set: &RuleSet,
    hit: &Hit,
) -> Option<String> {
    let correlation = set.correlations().get(hit.correlation)?;
    let moment = |nanos: i64| {
        Timestamp::from_nanosecond(i128::from(nanos)).map(|moment| moment.to_string()).ok()
    };
    let about = |rule: usize| set.rules().get(rule).map(|rule| &rule.about.id);
    let events: Vec<Value> = (hit.events.iter())
        .map(|joined| {
            json!({
                "time": moment(joined.time),
                "event": event(joined.event.number, joined.event.source),
                "rule": about(joined.rule),
            })
        })
        .collect();
    let matched: Vec<Value> = (hit.group.iter().take(MATCHED_FIELDS))
        .map(|(field, value)| {
            let value = cut(value, MATCHED_BYTES);
            json!({"field": field, "value": value, "pattern": "", "modifier": "group-by"})
        })
        .collect();
    let rule = hit.events.last().and_then(|joined| set.rules().get(joined.rule));
    let source = rule.map(|rule| rule.log_source.clone()).unwrap_or_default();
    last.insert("time".to_owned(), json!(moment(hit.time)));
    last.insert("rule".to_owned(), about_json(&correlation.about));
    last.insert("logsource".to_owned(), log_source_json(&source));
    last.insert("matched".to_owned(), Value::Array(matched));
    let told = json!({"figure": hit.figure, "count": hit.count, "events": events});
    last.insert("correlation".to_owned(), told);
    Some(Value::Object(last).to_string())
}

/// What is noted of a match for the correlations.
pub(super) fn note(
    rule: usize,
    at: Cursor,
    head: &Map<String, Value>,
    fields: &[(String, String)],
) -> String {
    let fields: Map<String, Value> =
        fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!([rule, at.time.as_microsecond(), at.batch, at.item, fields, head]).to_string()
}
