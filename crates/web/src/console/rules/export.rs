//! `GET /rules/export`: the rules in force as CSV or JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::rules;
use khien_domain::attack;
use khien_domain::page::PageRequest;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Rules).await?;
    let query = super::query(&f, &asked);
    let (mut rows, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let (app, caller) = (&console.app, &visiting.caller);
        let (found, _) = rules::list_rules(app, caller, &query, &page).await?;
        rows.extend(found.items.iter().map(|rule| {
            let tags = &rule.about.tags;
            let attack =
                attack::tactics(tags).map(ToOwned::to_owned).chain(attack::techniques(tags));
            vec![
                rule.about.id.clone(),
                super::title(&f, rule).to_owned(),
                f.severity(&super::severity(rule)),
                super::looks_at(&f, rule),
                attack.collect::<Vec<_>>().join(" "),
                f.word("rules-origin", rule.origin.name()),
                rule.about.place.file.to_string(),
                rule.figures.hits.to_string(),
                rule.figures.alerts.to_string(),
                rule.figures.off.to_string(),
                super::state(&f, rule),
            ]
        }));
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let column = |name, id: &str| (name, f.t(id));
    let table = Table {
        name: "rules",
        columns: vec![
            column("id", "rules-id"),
            column("title", "alerts-rule"),
            column("level", "alerts-severity"),
            column("log_source", "rules-looks-at"),
            column("attack", "alerts-attack"),
            column("origin", "rules-origin"),
            column("file", "rules-file"),
            column("hits_30d", "rules-hits"),
            column("alerts_30d", "frame-room-alerts"),
            column("off_hits_30d", "rules-off-hits"),
            column("state", "alerts-state"),
        ],
        rows,
    };
    Ok(table.answer(&f, &asked))
}
