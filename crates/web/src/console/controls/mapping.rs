//! What catalogues correspond to: bringing a mapping, the page of a control beside its like elsewhere, and
//! what our own catalogue says of CSF 2.0 as OSCAL.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::controls::{self, Compared, Listed, Mapped};
use khien_app::use_case::risks;
use khien_domain::code::AgencyCode;
use khien_domain::control::mapping::Corresponds;
use khien_domain::control::{CatalogueKey, Control};
use khien_domain::risk::Risk;

use super::{Refusal, draw, file, key};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, PostedFile};
use crate::console::register;
use crate::console::visit::Visiting;

/// One control.
#[derive(Template)]
#[template(path = "console/controls/control.html")]
struct Page {
    f: Frame,
    listed: Listed,
    control: Control,
    compared: Vec<Compared>,
    /// The risks that rely on it, as far as whoever visits may see them.
    risks: Vec<Risk>,
    agencies: BTreeMap<AgencyCode, String>,
}

impl Page {
    fn of<'c>(&self, compared: &'c Compared) -> &'c [Corresponds] {
        compared.pair.of(&self.control.id)
    }

    fn family(&self) -> &str {
        let mut families = self.listed.catalogue.families.iter();
        let found = families.find(|family| family.id == self.control.family);
        found.map_or("", |family| self.f.either(&family.vi, &family.en))
    }

    fn agency(&self, risk: &Risk) -> String {
        self.agencies.get(&risk.agency).cloned().unwrap_or_else(|| risk.agency.to_string())
    }
}

impl Frame {
    /// What a control of another catalogue asks, in the language.
    pub(super) fn asked_there<'c>(&self, there: &'c Compared, id: &str) -> &'c str {
        there.other.control(id).map_or("", |control| self.either(&control.vi, &control.en))
    }

    /// The outcomes through which something follows.
    pub(super) fn through(&self, one: &Corresponds) -> String {
        let all: Vec<&str> = one.via.iter().map(String::as_str).collect();
        self.v("controls-through", "outcomes", all.join(", "))
    }
}

/// `GET /controls/{catalogue}/controls/{control}`
pub(in crate::console) async fn control(
    State(console): State<Arc<Console>>,
    Path((text, id)): Path<(String, String)>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let key = key(&text)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let (listed, compared) = controls::compare(app, caller, &key).await?;
    let control = listed.catalogue.control(&id).cloned().ok_or_else(PageError::not_found)?;
    let mut risks = risks::list_risks(app, caller).await?;
    let names = |risk: &Risk| {
        let mut controls = risk.about.controls.iter();
        controls.any(|one| one.catalogue == key.name && one.id == control.id)
    };
    risks.retain(names);
    let f = Frame::of(&console, &visiting, Room::Controls).await?;
    let agencies = register::agency_names(&console, &visiting, &f).await?;
    frame::page(&Page { f, listed, control, compared, risks, agencies })
}

/// `GET /controls/{catalogue}/mapping`
pub(in crate::console) async fn oscal(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let key = key(&text)?;
    let found = controls::export_mapping(&console.app, &visiting.caller, Some(&key)).await?;
    Ok(file(&found))
}

/// `POST /controls/mappings`: brings a mapping.
pub(in crate::console) async fn import(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let (name, bytes) = file.unwrap_or_default();
    let (source, target) = (named(&fields, "source")?, named(&fields, "target")?);
    let between = [source.as_ref(), target.as_ref()];
    match controls::import_mapping(app, caller, &name, &bytes, between).await {
        Ok(Mapped::Kept { mapping, .. }) => {
            let (from, to) = (&mapping.source, &mapping.target);
            let place = format!("/controls/{from}?with={to}&done=mapping-imported");
            Ok(Redirect::to(&place).into_response())
        }
        Ok(Mapped::Refused(problems)) => {
            draw(&console, &visiting, Some(Refusal::Mapping(problems)), fields).await
        }
        Err(wrong) => draw(&console, &visiting, Some(Refusal::Whole(wrong)), fields).await,
    }
}

fn named(fields: &Fields, name: &str) -> Result<Option<CatalogueKey>, PageError> {
    fields.some(name).map(key).transpose()
}
