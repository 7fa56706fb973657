//! `GET /custody/{device}`

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::register::custody::{self, DeviceDetail};
use khien_domain::custody::Move;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::register;
use crate::console::visit::Visiting;

/// One device.
#[derive(Template)]
#[template(path = "console/custody/detail.html")]
struct Page {
    f: Frame,
    detail: DeviceDetail,
    agency: String,
    today: Date,
    wrong: Option<String>,
    typed: Fields,
    may_write: bool,
}

impl Page {
    /// Whether something can be done now.
    fn can(&self, what: Move) -> bool {
        self.may_write && what.follows(self.detail.kept.device.state)
    }

    /// The day of a form: what was typed, or today.
    fn day(&self) -> String {
        self.typed.some("day").map_or_else(|| self.today.to_string(), str::to_owned)
    }

    /// What the log says of a step: a day as people write it, a post or a number as it is.
    fn detail_of(&self, detail: &str) -> String {
        detail.parse().map_or_else(|_| detail.to_owned(), |day: Date| self.f.date(&day))
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(device): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, &device, Fields::default(), None).await
}

/// The page, with what was wrong with a form.
pub(super) async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    device: &str,
    typed: Fields,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let id = super::id(device)?;
    let detail = custody::get_device(&console.app, &visiting.caller, id).await?;
    let f = Frame::of(console, visiting, Room::Custody).await?;
    let code = &detail.kept.device.agency;
    let names = register::agency_names(console, visiting, &f).await?;
    let agency = names.get(code).cloned().unwrap_or_else(|| code.to_string());
    let may_write = f.may_in(Permission::RegisterWrite, code);
    let today = f.today();
    frame::page(&Page { f, detail, agency, today, wrong, typed, may_write })
}
