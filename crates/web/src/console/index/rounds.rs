//! `/index/rounds`: the yearly rounds, and one with its sample, its appeals and what is left to do.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::index::{self, ListedPack};
use khien_app::use_case::rounds::{self, RoundDetail};
use khien_app::use_case::{UseError, appeals};
use khien_domain::code::AgencyCode;
use khien_domain::evidence::typed::typed_moment;
use khien_domain::permission::Permission;
use khien_domain::round::{Appeal, Decided, Look, Round, RoundState};

use super::called;
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::documents::{Paper, Papers};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::narrow::{Bar, Narrow};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::table::Part;
use crate::console::typed::{self, Typed};
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/index/rounds.html")]
struct List {
    f: Frame,
    rounds: Vec<Round>,
    may_run: bool,
    /// The years for which a round can be opened.
    years: Vec<i16>,
    packs: Vec<(String, String)>,
    wrong: Option<String>,
    /// The packs that the ledger has.
    listed: Vec<ListedPack>,
}

#[derive(Template)]
#[template(path = "console/index/round.html")]
struct Page {
    f: Frame,
    round: Round,
    may_run: bool,
    /// What the sample comes to: drawn, looked at, not holding.
    sampled: usize,
    looked: usize,
    fails: usize,
    samples_left: u64,
    appeals_left: u64,
    samples: Vec<Row>,
    part: Part,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
    appeals: Vec<AppealRow>,
    /// What was typed into one of its forms and refused.
    typed: Typed,
}

/// A record of the sample.
struct Row {
    seq: u64,
    of: AgencyCode,
    agency: String,
    kind: String,
    reference: String,
    /// The document that it names.
    paper: Option<Paper>,
    look: Look,
    decided: Option<Decided>,
    /// Why whoever visits does not look at it.
    partial: Option<String>,
}

/// A comment or an appeal.
pub(super) struct AppealRow {
    pub(super) appeal: Appeal,
    pub(super) agency: String,
}

impl Frame {
    /// How far a round is, in words.
    pub(super) fn round_state(&self, state: &RoundState) -> String {
        self.word("rounds-state", state.name())
    }
}

/// The round in which whoever visits may lodge something for an agency, if there is one.
pub(super) async fn that_takes(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: &AgencyCode,
) -> Result<Option<i16>, PageError> {
    if !appeals::may_lodge(&visiting.caller, agency) {
        return Ok(None);
    }
    let rounds = rounds::list(&console.app, &visiting.caller).await?;
    let takes = |round: &Round| matches!(round.state, RoundState::Review | RoundState::Frozen);
    Ok(rounds.into_iter().find(takes).map(|round| round.year))
}

async fn show_list(
    console: &Arc<Console>,
    visiting: &Visiting,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let rounds = rounds::list(app, caller).await?;
    let f = Frame::of(console, visiting, Room::Index).await?;
    let may_run = f.may(Permission::IndexRun);
    let this = f.today().year();
    let is_free = |year: &i16| !rounds.iter().any(|round| round.year == *year);
    let years = [this, this - 1].into_iter().filter(is_free).collect();
    let packs = if may_run { rounds::packs(app, f.now).await? } else { Vec::new() };
    let packs =
        packs.iter().map(|pack| (pack.id.clone(), called(&f, &pack.vi, &pack.en).to_owned()));
    let listed = index::list_packs(app, caller).await?;
    frame::page(&List { rounds, may_run, years, packs: packs.collect(), listed, wrong, f })
}

/// `GET /index/rounds`
pub(in crate::console) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show_list(&console, &visiting, None).await
}

/// `POST /index/rounds`
pub(in crate::console) async fn open(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let year: i16 = fields.parsed("year", |text| text.trim().parse().ok())?;
    let done = rounds::open(&console.app, &visiting.caller, year, fields.text("pack")).await;
    let Err(error) = done else {
        return Ok(Redirect::to(&format!("/index/rounds/{year}?done=round")).into_response());
    };
    let f = Frame::bare(&console, &visiting.wish);
    let wrong = register::wrong_of(&f, error)?;
    let mut response = show_list(&console, &visiting, Some(wrong)).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

fn year_of(text: &str) -> Result<i16, PageError> {
    text.parse().map_err(|_| PageError::not_found())
}

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    year: i16,
    asked: &Fields,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let RoundDetail { round, samples, appeals, samples_left, appeals_left } =
        rounds::get(app, caller, year).await?;
    let f = Frame::of(console, visiting, Room::Index).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let name = |code: &AgencyCode| names.get(code).cloned().unwrap_or_else(|| code.to_string());
    let looked = samples.iter().filter(|one| one.sample.look != Look::Waiting).count();
    let fails = samples.iter().filter(|one| one.sample.look == Look::Fails).count();
    let decides = f.may(Permission::AssuranceDecide) && round.state == RoundState::Review;
    let references = samples.iter().map(|one| one.record.about.reference.as_str());
    let papers = Papers::of(console, visiting, references).await?;
    let mut rows: Vec<Row> = samples
        .into_iter()
        .map(|one| Row {
            seq: one.sample.seq,
            agency: name(&one.sample.agency),
            of: one.sample.agency,
            kind: crate::console::evidence::kind_name(console, &f, &one.record.about.kind),
            reference: f.s(&one.record.about.reference),
            paper: papers.of_record(&f, &one.record.about),
            look: one.sample.look,
            decided: one.sample.decided,
            partial: match one.partial {
                Some(partial) if decides => Some(f.told(&partial.to_string())),
                None if decides => None,
                _ => Some(String::new()),
            },
        })
        .collect();
    let sampled = rows.len();
    // What is left to do comes first.
    rows.sort_by_key(|row| (row.look != Look::Waiting, row.seq));
    let path = format!("/index/rounds/{year}");
    let chips = chips(&f, &path, asked, &rows);
    let (chosen, narrow) = (asked.text("look"), Narrow::of(asked));
    rows.retain(|row| {
        let texts = [row.seq.to_string().as_str(), &row.kind, &row.reference].map(str::to_owned);
        (chosen.is_empty() || row.look.name() == chosen) && narrow.takes(&row.of, texts)
    });
    let (part, rows) = Part::of(rows, &path, asked);
    let appeals =
        appeals.into_iter().map(|appeal| AppealRow { agency: name(&appeal.about.agency), appeal });
    let status = typed.status();
    let page = Page {
        may_run: f.may(Permission::IndexRun),
        bar: narrow.bar(&f, asked, &names, Vec::new()),
        samples: rows,
        part,
        chips,
        appeals: appeals.collect(),
        round,
        sampled,
        looked,
        fails,
        samples_left,
        appeals_left,
        typed,
        f,
    };
    typed::page(status, &page)
}

/// `GET /index/rounds/{year}`
pub(in crate::console) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, year_of(&text)?, &asked, Typed::default()).await
}

/// How many of the sample were looked at, and what came out; each leads to them.
fn chips(f: &Frame, path: &str, asked: &Fields, rows: &[Row]) -> Vec<(String, String, bool)> {
    let chosen = asked.text("look");
    let all = (String::new(), f.t("frame-all"), rows.len());
    let looks = Look::ALL.iter().map(|look| {
        let count = rows.iter().filter(|row| row.look == *look).count();
        (look.name().to_owned(), f.word("rounds-look", look.name()), count)
    });
    let chip = |(name, words, count): (String, String, usize)| {
        let href = address(path, asked, &[("look", &name), ("page", "")]);
        (format!("{words} {}", f.count(count)), format!("{href}#sample"), name == chosen)
    };
    std::iter::once(all).chain(looks).map(chip).collect()
}

/// The page again, with why something was not done.
async fn again(
    console: &Arc<Console>,
    visiting: &Visiting,
    year: i16,
    (form, fields): (&str, Fields),
    error: UseError,
) -> Result<Response<Body>, PageError> {
    let f = Frame::bare(console, &visiting.wish);
    let places =
        [("the reason", "reason"), ("cut-off", "cutoff"), ("no day with a time", "cutoff")];
    let typed = Typed::refused(&f, form, fields, error.into(), &places)?;
    show(console, visiting, year, &Fields::default(), typed).await
}

fn cutoff(fields: &Fields) -> Result<Option<jiff::Timestamp>, UseError> {
    let said = fields.some("cutoff").map(|text| {
        let what = || UseError::Invalid(format!("«{text}» is no day with a time"));
        typed_moment(text.trim()).ok_or_else(what)
    });
    said.transpose()
}

/// `POST /index/rounds/{year}/state`
pub(in crate::console) async fn state(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let year = year_of(&text)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = match fields.text("do") {
        "review" => rounds::review(app, caller, year).await.map(drop),
        "freeze" => match cutoff(&fields) {
            Ok(cutoff) => rounds::freeze(app, caller, year, cutoff).await.map(drop),
            Err(error) => Err(error),
        },
        "publish" => rounds::publish(app, caller, year).await.map(drop),
        _ => return Err(PageError::invalid("do")),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/index/rounds/{year}?done=round")).into_response()),
        Err(error) => again(&console, &visiting, year, ("state", fields), error).await,
    }
}

/// `POST /index/rounds/{year}/samples/{seq}`
pub(in crate::console) async fn look(
    State(console): State<Arc<Console>>,
    Path((text, seq)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let year = year_of(&text)?;
    let seq: u64 = seq.parse().map_err(|_| PageError::not_found())?;
    let holds = match fields.text("do") {
        "hold" => true,
        "fail" => false,
        _ => return Err(PageError::invalid("do")),
    };
    let (app, caller) = (&console.app, &visiting.caller);
    match rounds::look(app, caller, year, seq, holds, fields.text("reason")).await {
        Ok(()) => {
            let to = format!("/index/rounds/{year}?done=sample-looked#sample");
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            again(&console, &visiting, year, (&format!("sample-{seq}"), fields), error).await
        }
    }
}
