//! `GET /admin`: how the centre is doing; `POST /admin/rules/reload`.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::operate::{self, Refused, Status};
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Posted;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Refused senders that are shown.
const REFUSED: u32 = 100;

/// The page.
#[derive(Template)]
#[template(path = "console/admin/status.html")]
struct Page {
    f: Frame,
    status: Status,
    trouble: Option<&'static str>,
    version: &'static str,
    data: String,
    free: Option<String>,
    lake: String,
    recent: String,
    waiting: String,
    refused: Vec<Refused>,
}

/// Answers.
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let status = operate::status(app, caller).await?;
    let f = Frame::of(&console, &visiting, Room::Admin).await?;
    let refused = if f.may(Permission::Operate) {
        operate::list_refused(app, caller, &PageRequest::new(None, REFUSED)).await?.items
    } else {
        Vec::new()
    };
    if asked.some("form").is_some() {
        return Ok(table(&f, &refused).answer(&f, &asked));
    }
    frame::page(&Page {
        trouble: operate::readiness(app).await.err(),
        version: env!("CARGO_PKG_VERSION"),
        data: app.folder.path().display().to_string(),
        free: status.free_bytes.map(|bytes| f.size(bytes)),
        lake: f.size(status.lake.bytes),
        recent: f.count(status.lake.recent_rows),
        waiting: f.size(status.journal.waiting_bytes),
        status,
        refused,
        f,
    })
}

/// Loads the rules anew.
pub(in crate::console) async fn reload(
    State(console): State<Arc<Console>>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    operate::reload_rules(&console.app, &visiting.caller).await?;
    Ok(Redirect::to("/admin?done=rules-reloaded").into_response())
}

fn table(f: &Frame, refused: &[Refused]) -> Table {
    let rows = refused.iter().map(|one| {
        vec![
            one.address.clone(),
            one.listener.clone(),
            one.reason.clone(),
            one.count.to_string(),
            f.iso(&one.first_at),
            f.iso(&one.last_at),
        ]
    });
    Table {
        name: "refused",
        columns: vec![
            ("address", f.t("admin-address")),
            ("listener", f.t("admin-listener")),
            ("reason", f.t("admin-why")),
            ("count", f.t("alerts-count")),
            ("first_at", f.t("alerts-first")),
            ("last_at", f.t("alerts-last")),
        ],
        rows: rows.collect(),
    }
}
