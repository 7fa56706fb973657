//! `/alerts/{id}/suppress`: hiding what is known to be harmless, with what it would have hidden.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::UseError;
use khien_app::use_case::alerts::{self, AlertDetail};
use khien_app::use_case::suppressions;
use khien_app::use_case::suppressions::Preview;
use khien_domain::alert::suppression::{Condition, NewSuppression, Scope};
use khien_domain::ids::AlertId;
use khien_domain::permission::{AgencyScope, Permission};

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::visit::Visiting;

/// How long it holds if nobody says otherwise, in days.
const DAYS: i64 = 30;

/// The page.
#[derive(Template)]
#[template(path = "console/alerts/suppress.html")]
struct Page {
    f: Frame,
    detail: AlertDetail,
    title: String,
    /// Whether the rule, the entity and the agency are chosen.
    chosen: [bool; 3],
    /// Fields that can be chosen: number, field, value, whether chosen.
    fields: Vec<(usize, String, String, bool)>,
    days: i64,
    reason: String,
    owner: String,
    preview: Option<Preview>,
    wrong: Option<String>,
}

/// What is hidden, as the form says it.
fn scope(detail: &AlertDetail, fields: &Fields) -> Scope {
    let alert = &detail.alert;
    let matched = detail.events.first().map_or(&[][..], |event| &event.matched);
    let chosen = |name: &str| fields.text(name) == "1";
    let conditions = matched
        .iter()
        .enumerate()
        .filter(|(at, _)| fields.all("field").any(|chosen| chosen == at.to_string()));
    Scope {
        agency: chosen("agency").then(|| alert.agency.clone()),
        rule: chosen("rule").then(|| alert.rule.clone()),
        entity: chosen("entity").then(|| alert.entity.clone()),
        conditions: conditions
            .map(|(_, matched)| Condition {
                field: matched.field.clone(),
                value: matched.value.clone(),
            })
            .collect(),
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    id: i64,
    fields: &Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let detail = alerts::get_alert(&console.app, &visiting.caller, AlertId(id)).await?;
    let begun = fields.text("begun") == "1";
    let everywhere = visiting.caller.actor.agencies(Permission::AlertsWrite);
    let may_everywhere = everywhere.map_err(UseError::Denied)? == &AgencyScope::All;
    let chosen = if begun {
        ["rule", "entity", "agency"].map(|name| fields.text(name) == "1")
    } else {
        [true, true, !may_everywhere]
    };
    let preview = if begun {
        let hiding = scope(&detail, fields);
        let found = suppressions::preview_suppression(&console.app, &visiting.caller, hiding).await;
        match found {
            Ok(found) => Ok(Some(found)),
            Err(UseError::Invalid(wrong)) => Err(wrong),
            Err(error) => return Err(error.into()),
        }
    } else {
        Ok(None)
    };
    let f = Frame::of(console, visiting, Room::Alerts).await?;
    let (preview, invalid) = match preview {
        Ok(preview) => (preview, None),
        Err(wrong) => (None, Some(wrong)),
    };
    let wrong = wrong.map(ToOwned::to_owned).or(invalid).map(|wrong| f.told(&wrong));
    let matched = detail.events.first().map_or(&[][..], |event| &event.matched);
    let options = matched.iter().enumerate().map(|(at, matched)| {
        let is_chosen = fields.all("field").any(|chosen| chosen == at.to_string());
        (at, matched.field.clone(), matched.value.clone(), is_chosen)
    });
    frame::page(&Page {
        title: f.title(&detail.alert).into_owned(),
        fields: options.collect(),
        chosen,
        days: fields.text("days").parse().unwrap_or(DAYS),
        reason: fields.text("reason").to_owned(),
        owner: fields.some("owner").unwrap_or(f.called()).to_owned(),
        preview,
        wrong,
        detail,
        f,
    })
}

/// `GET`: the form, with a preview once something was chosen.
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, id, &asked, None).await
}

/// `POST`: makes it.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let detail = alerts::get_alert(&console.app, &visiting.caller, AlertId(id)).await?;
    let now = console.app.now();
    let days: i64 = fields.parsed("days", |text| text.trim().parse().ok())?;
    let expires_at = now.checked_add(SignedDuration::from_hours(24 * days.clamp(0, 100_000)));
    let new = NewSuppression {
        scope: scope(&detail, &fields),
        owner: fields.text("owner").to_owned(),
        reason: fields.text("reason").to_owned(),
        created_at: now,
        expires_at: expires_at.unwrap_or(Timestamp::MAX),
    };
    match suppressions::add_suppression(&console.app, &visiting.caller, new).await {
        Ok(_) => Ok(Redirect::to("/suppressions?done=suppressed").into_response()),
        Err(UseError::Invalid(wrong)) => draw(&console, &visiting, id, &fields, Some(&wrong)).await,
        Err(error) => Err(error.into()),
    }
}
