//! `/alerts/{id}/tune`: a Sigma filter made from a false positive: its fields are chosen, its text may
//! be edited, its effect is looked at over 30 days, then it is put in force.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::SignedDuration;
use khien_app::use_case::UseError;
use khien_app::use_case::alerts;
use khien_app::use_case::tuning::{self, Asked, Chosen, Comparison, Offered, Preview};
use khien_domain::alert::Alert;
use khien_domain::ids::AlertId;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::visit::Visiting;

/// A value up to so many bytes can be edited; a longer one is taken as it stands.
const EDITED: usize = 300;

/// The page.
#[derive(Template)]
#[template(path = "console/alerts/tune.html")]
struct Page {
    f: Frame,
    alert: Alert,
    title: String,
    rows: Vec<Row>,
    /// How many of them are shown at once; the rest is folded.
    first: usize,
    text: String,
    preview: Option<Preview>,
    reason: String,
    days: String,
    owner: String,
    wrong: Option<String>,
}

/// A field of the event.
struct Row {
    at: usize,
    offered: Offered,
    is_chosen: bool,
    comparison: Comparison,
    value: String,
    is_edited: bool,
}

/// The fields as the form says, or as they begin: what the rule matched, as it stands.
fn rows(offered: Vec<Offered>, fields: &Fields) -> Vec<Row> {
    let begun = fields.some("begun").is_some();
    let row = |(at, offered): (usize, Offered)| {
        // The event may be another since the form was drawn: a field is known by its name.
        let place = (0..).map_while(|at| {
            fields.some(&format!("field-{at}")).map(|field| (at, field == offered.field))
        });
        let place = place.filter(|(_, is)| *is).map(|(at, _)| at).next();
        let typed = |name: &str| place.and_then(|at: usize| fields.some(&format!("{name}-{at}")));
        let is_chosen = if begun {
            place.is_some_and(|at| fields.all("use").any(|chosen| chosen == at.to_string()))
        } else {
            offered.is_matched
        };
        let begins = if offered.is_cut { Comparison::StartsWith } else { Comparison::Equals };
        let is_edited = offered.value.len() <= EDITED && !offered.value.contains(['\n', '\r']);
        let value = typed("value").filter(|_| is_edited);
        Row {
            at,
            is_chosen,
            comparison: typed("how").and_then(Comparison::parse).unwrap_or(begins),
            value: value.unwrap_or(&offered.value).to_owned(),
            is_edited,
            offered,
        }
    };
    offered.into_iter().enumerate().map(row).collect()
}

fn chosen(rows: &[Row]) -> Vec<Chosen> {
    let chosen = rows.iter().filter(|row| row.is_chosen).map(|row| Chosen {
        field: row.offered.field.clone(),
        value: row.value.clone(),
        comparison: row.comparison,
    });
    chosen.collect()
}

/// What a form says that will not do; everything else is an error of its own.
fn or_wrong<T>(result: Result<T, UseError>) -> Result<Result<T, String>, PageError> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => Ok(Err(wrong)),
        Err(error) => Err(error.into()),
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    alert: Alert,
    fields: &Fields,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let rows = rows(tuning::offered_fields(app, caller, alert.id).await?, fields);
    let (mut wrong, mut text, mut preview) = (wrong, fields.text("text").to_owned(), None);
    if fields.text("do") == "draft" {
        match or_wrong(tuning::draft_filter(app, caller, &alert.rule, &chosen(&rows)).await)? {
            Ok(draft) => text = draft,
            Err(error) => wrong = Some(error),
        }
    }
    // A saved filter was refused for another reason; its effect is shown all the same.
    if wrong.is_none() && !text.trim().is_empty() {
        let plain = text.replace("\r\n", "\n");
        match or_wrong(tuning::preview_filter(app, caller, &alert.rule, &plain).await)? {
            Ok(found) => preview = Some(found),
            Err(error) => wrong = Some(error),
        }
    }
    let f = Frame::of(console, visiting, Room::Alerts).await?;
    let matched = rows.iter().filter(|row| row.offered.is_matched || row.is_chosen).count();
    frame::page(&Page {
        title: f.title(&alert).into_owned(),
        first: matched.max(8),
        rows,
        text,
        preview,
        reason: fields.text("reason").to_owned(),
        days: fields.text("days").to_owned(),
        owner: f.called().to_owned(),
        wrong: wrong.map(|wrong| f.told(&wrong)),
        alert,
        f,
    })
}

async fn alert(console: &Console, visiting: &Visiting, id: i64) -> Result<Alert, PageError> {
    Ok(alerts::get_alert(&console.app, &visiting.caller, AlertId(id)).await?.alert)
}

/// `GET`: what can be chosen.
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let alert = alert(&console, &visiting, id).await?;
    draw(&console, &visiting, alert, &Fields::default(), None).await
}

/// `POST`: drafts, looks at the effect, or saves, as the button says.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let alert = alert(&console, &visiting, id).await?;
    if fields.text("do") != "save" {
        return draw(&console, &visiting, alert, &fields, None).await;
    }
    let days = match fields.some("days") {
        Some(_) => Some(fields.parsed("days", |text| text.trim().parse::<u16>().ok())?),
        None => None,
    };
    let until = days.map(|days| {
        let span = SignedDuration::from_hours(24 * i64::from(days));
        console.app.now().checked_add(span)
    });
    let asked = Asked {
        rule: alert.rule.clone(),
        text: fields.text("text").replace("\r\n", "\n"),
        reason: fields.text("reason").to_owned(),
        expires_at: until.transpose().map_err(|_| PageError::invalid("days"))?,
    };
    match or_wrong(tuning::add_filter(&console.app, &visiting.caller, asked).await)? {
        Ok(_) => Ok(Redirect::to("/rules/filters?done=filter-added").into_response()),
        Err(wrong) => draw(&console, &visiting, alert, &fields, Some(wrong)).await,
    }
}

impl Row {
    /// Whether it is compared so.
    fn compares(&self, comparison: &Comparison) -> bool {
        self.comparison == *comparison
    }
}

impl Page {
    /// Whether a field is among those that are shown at once.
    fn is_first(&self, row: &Row) -> bool {
        row.at < self.first || row.is_chosen
    }

    /// What a preview says, in a sentence.
    fn looked_at(&self, preview: &Preview) -> String {
        let Preview { events, alerts, gone, .. } = *preview;
        self.f.numbers(
            "rules-tune-looked-at",
            [("events", events), ("alerts", alerts), ("gone", gone)],
        )
    }

    /// Whether some are folded.
    fn has_more(&self) -> bool {
        self.rows.iter().any(|row| !self.is_first(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(field: &str, value: &str, is_matched: bool) -> Offered {
        Offered { field: field.into(), value: value.into(), is_cut: false, is_matched }
    }

    #[test]
    fn what_matched_is_chosen_until_the_form_says_otherwise() {
        let all = || vec![offered("Image", "a.exe", true), offered("User", "x", false)];
        let begun = rows(all(), &Fields::default());
        assert_eq!(begun.iter().map(|row| row.is_chosen).collect::<Vec<_>>(), [true, false]);
        // The event is another by now, and its fields stand in another order.
        let typed = Fields::parse(
            b"begun=1&use=1&field-0=Image&value-0=a.exe&field-1=User&value-1=y&how-1=contains",
        );
        let mut all = all();
        all.reverse();
        let chosen = chosen(&rows(all, &typed));
        assert_eq!(
            chosen,
            [Chosen { field: "User".into(), value: "y".into(), comparison: Comparison::Contains }]
        );
    }

    #[test]
    fn a_long_value_is_taken_as_it_stands() {
        let long = "x".repeat(EDITED + 1);
        let typed = Fields::parse(b"begun=1&use=0&field-0=CommandLine&value-0=y");
        let rows = rows(vec![offered("CommandLine", &long, true)], &typed);
        assert_eq!((rows[0].is_edited, rows[0].value.len()), (false, EDITED + 1));
    }
}
