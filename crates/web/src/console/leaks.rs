//! `/leaks`: what is out, by number and day alone, and what was done about it. Seen by whoever answers for an
//! agency and by no one else; it has no export and stands in no other list.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;
use khien_app::use_case::leaks::{self, list_leaks};
use khien_domain::code::AgencyCode;
use khien_domain::ids::LeakId;
use khien_domain::leak::{KeptLeak, Leak, LeakKind, LeakMove, LeakPack};
use khien_domain::permission::Permission;

use super::Console;
use super::asked::Asked;
use super::error::PageError;
use super::frame::{Frame, Room};
use super::posted::{Fields, Posted};
use super::register;
use super::table::Part;
use super::typed::{self, Mistakes, Refused, Typed};
use super::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/leaks.html")]
struct Page {
    f: Frame,
    pack: &'static LeakPack,
    rows: Vec<KeptLeak>,
    part: Part,
    names: BTreeMap<AgencyCode, String>,
    /// Agencies of which whoever visits may record one.
    agencies: Vec<(String, String)>,
    may_write: bool,
    today: Date,
    typed: Typed,
}

impl Page {
    /// The name of an agency.
    fn agency(&self, leak: &Leak) -> String {
        self.names.get(&leak.agency).cloned().unwrap_or_else(|| leak.agency.to_string())
    }

    /// What a kind is called.
    fn kind(&self, kind: &LeakKind) -> &str {
        self.pack.of(*kind).named.in_language(self.f.language())
    }

    /// How it stands, in words and as a class of texts.
    fn state(&self, kept: &KeptLeak) -> (String, &'static str) {
        let (word, class) = match () {
            () if kept.is_withdrawn() => ("withdrawn", "dim"),
            () if kept.is_closed() => ("closed", "dim"),
            () => ("open", "mid-word"),
        };
        (self.f.word("leaks-state", word), class)
    }

    /// To whom it is reported.
    fn report_to(&self, kind: &LeakKind) -> &str {
        self.pack.of(*kind).report_to(self.f.language())
    }

    /// What may follow now.
    fn next(&self, kept: &KeptLeak) -> Vec<LeakMove> {
        let found = kept.leak.found_on;
        let may = |what: &LeakMove| kept.allows(self.pack, *what, found, found).is_ok();
        LeakMove::ALL.iter().copied().filter(may).collect()
    }
}

/// `GET /leaks`
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, &asked, Typed::default()).await
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: &Fields,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let rows = list_leaks(&console.app, &visiting.caller).await?;
    let f = Frame::of(console, visiting, Room::Leaks).await?;
    let pack = LeakPack::built_in().map_err(|error| PageError::invalid(error.to_string()))?;
    let (part, rows) = Part::of(rows, "/leaks", asked);
    let all = register::agencies(console, visiting).await?;
    let names = all.iter().map(|agency| (agency.code.clone(), register::name(&f, agency)));
    let names = names.collect();
    let all = all.into_iter();
    let may_write = f.may(Permission::RegisterWrite);
    let agencies = all.filter(|agency| may_write && f.may_in(Permission::Leaks, &agency.code));
    let agencies = agencies
        .map(|agency| (agency.code.to_string(), register::name(&f, &agency)))
        .collect::<Vec<_>>();
    let today = f.today();
    let status = typed.status();
    typed::page(status, &Page { f, pack, rows, part, names, agencies, may_write, today, typed })
}

fn new(fields: &Fields) -> Result<Leak, Mistakes> {
    let mut mistakes = Mistakes::default();
    let agency = mistakes.chosen(fields, "agency", |text| AgencyCode::new(text).ok());
    let kind = mistakes.chosen(fields, "kind", LeakKind::parse);
    let number = fields.some("number").map(str::to_owned);
    let dated = mistakes.day_or(fields, "dated");
    let found_on = mistakes.day(fields, "found_on");
    let read =
        (|| Some(Leak { agency: agency?, kind: kind?, number, dated, found_on: found_on? }))();
    mistakes.end(read)
}

/// Words of refusals, with the field that each is about.
const PLACES: [(&str, &str); 5] = [
    ("the number and the day", "number"),
    ("the number", "number"),
    ("the document is of", "dated"),
    ("open leak of this document", "number"),
    ("has not come yet", "found_on"),
];

/// `POST /leaks`: records one.
pub(super) async fn record(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let done = async {
        leaks::record_leak(&console.app, &visiting.caller, new(&fields)?)
            .await
            .map_err(Refused::from)
    };
    let Err(refused) = done.await else { return Ok(to("leak-recorded")) };
    let f = Frame::bare(&console, &visiting.wish);
    let asked = Fields::none();
    draw(&console, &visiting, &asked, Typed::refused(&f, "new", fields, refused, &PLACES)?).await
}

/// `POST /leaks/{leak}/step`: records what was done about one.
pub(super) async fn step(
    State(console): State<Arc<Console>>,
    Path(leak): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let done = async {
        let mut mistakes = Mistakes::default();
        let what = mistakes.chosen(&fields, "what", LeakMove::parse);
        let day = mistakes.day(&fields, "day");
        let (what, day) = mistakes.end(what.zip(day))?;
        let made = leaks::step_leak(&console.app, &visiting.caller, LeakId(leak), what, day);
        made.await.map_err(Refused::from)
    };
    let Err(refused) = done.await else { return Ok(to("leak-stepped")) };
    let f = Frame::bare(&console, &visiting.wish);
    let places = [("has not come yet", "day"), ("before the leak was found", "day")];
    let form = format!("step-{leak}");
    let asked = Fields::none();
    draw(&console, &visiting, &asked, Typed::refused(&f, &form, fields, refused, &places)?).await
}

fn to(done: &str) -> Response<Body> {
    Redirect::to(&format!("/leaks?done={done}")).into_response()
}
