//! `GET /dossiers/{dossier}`

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::dossiers::{self, DossierDetail};
use khien_domain::dossier::{
    Act, Answer, Answered, Criterion, DossierAbout, DossierKind, DossierPack, DossierState, Item,
};
use khien_domain::system::Level;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::visit::Visiting;

/// Empty rows for further documents.
const SPARE: usize = 2;

/// One dossier.
#[derive(Template)]
#[template(path = "console/dossiers/detail.html")]
struct Page {
    f: Frame,
    pack: &'static DossierPack,
    detail: DossierDetail,
    agency: String,
    /// What it says, or what was typed that will not do.
    about: DossierAbout,
    /// Items that it answers, with the answers.
    items: Vec<(&'static Item, Option<Answered>)>,
    wrong: Option<String>,
}

impl Page {
    fn may(&self, act: Act) -> bool {
        self.detail.acts.contains(&act)
    }

    fn is_of_level(&self) -> bool {
        self.detail.dossier.kind == DossierKind::Level
    }

    fn criterion(&self, criterion: &Criterion) -> String {
        if self.f.is_english() { criterion.en.clone() } else { criterion.vi.clone() }
    }

    fn item(&self, item: &Item) -> String {
        if self.f.is_english() { item.en.clone() } else { item.vi.clone() }
    }

    fn reason(&self, criterion: &Criterion) -> &str {
        self.about.reasons.get(&criterion.id).map(String::as_str).unwrap_or_default()
    }

    /// Numbers of the rows for documents.
    fn places(&self) -> std::ops::Range<usize> {
        0..self.about.documents.len() + SPARE
    }

    fn document(&self, at: &usize) -> [String; 4] {
        self.about.documents.get(*at).map_or_else(Default::default, |document| {
            let sha256 = document.sha256.clone().unwrap_or_default();
            [document.title.clone(), document.number.clone(), document.day.to_string(), sha256]
        })
    }

    /// Where it stands on its way: the states that it passes, each with whether it was reached.
    fn way(&self) -> Vec<(DossierState, bool)> {
        let way = [
            DossierState::Draft,
            DossierState::Submitted,
            DossierState::Appraised,
            DossierState::Approved,
        ];
        let state = self.detail.dossier.state;
        let reached = way.iter().position(|one| *one == state).unwrap_or_default();
        way.into_iter().enumerate().map(|(at, one)| (one, at <= reached)).collect()
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, &text, None, None).await
}

/// The page, with what was wrong with a form.
pub(super) async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    text: &str,
    typed: Option<DossierAbout>,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let id = super::id(text)?;
    let detail = dossiers::get_dossier(&console.app, &visiting.caller, id).await?;
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let pack = dossiers::pack()?;
    let about = typed.unwrap_or_else(|| detail.dossier.about.clone());
    let items = pack.items(detail.dossier.kind, about.level);
    let items = items.map(|item| (item, about.answers.get(&item.id).cloned())).collect();
    let agency = names.get(&detail.dossier.agency).cloned().unwrap_or_default();
    frame::page(&Page { f, pack, detail, agency, about, items, wrong })
}
