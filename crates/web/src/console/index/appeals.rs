//! `/index/appeals`: lodging a comment or an appeal, one with what was decided and what that changed.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::appeals::{self, AppealDetail, Effect, Verdict};
use khien_app::use_case::attest::AttestError;
use khien_domain::code::AgencyCode;
use khien_domain::document::in_words;
use khien_domain::evidence::typed::Wrong;
use khien_domain::index::ratio::whole;
use khien_domain::index::{IndexPack, Place, Score};
use khien_domain::permission::Permission;
use khien_domain::round::{Appeal, AppealForm, AppealState, NewAppeal};

use super::{View, called};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::attest::{TypedForm, kind_name, typed};
use crate::console::documents::{self, Paper, Papers};
use crate::console::error::PageError;
use crate::console::evidence::said::Names;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, PostedFile};
use crate::console::register;
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/index/lodge.html")]
struct Lodge {
    f: Frame,
    code: String,
    agency: String,
    year: i16,
    indicators: Vec<(String, String, bool)>,
    /// How large a file may be.
    limit: String,
    typed: Fields,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "console/index/appeal.html")]
struct Page {
    f: Frame,
    appeal: Appeal,
    agency: String,
    indicator: String,
    /// The document that it names.
    paper: Option<Paper>,
    effect: Option<Shown>,
    /// Why whoever visits does not decide; nothing if nobody decides any more.
    partial: Option<String>,
    may_decide: bool,
    kinds: Vec<(String, String, bool)>,
    /// The form of the record that corrects, once its kind is chosen.
    form: Option<(String, TypedForm)>,
    /// Records of the agency that the indicator looks at: number, kind, words.
    records: Vec<(u64, String, String)>,
    typed: Fields,
    wrong: Option<String>,
}

/// What an accepted appeal changed.
struct Shown {
    at: jiff::Timestamp,
    hashes: (String, String),
    before: Side,
    after: Side,
    /// Indicators with other points: name, before, after.
    indicators: Vec<(String, String, String)>,
    same: usize,
    /// Other agencies with another score; there are none.
    others: Vec<String>,
    /// Other agencies with another rank: name, before, after.
    shifted: Vec<(String, String, String)>,
}

struct Side {
    total: String,
    grade: String,
    rank: String,
}

fn rank(rank: Option<usize>) -> String {
    rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string())
}

fn side(f: &Frame, pack: &IndexPack, own: Option<&(Score, Place)>) -> Side {
    let total = own.and_then(|(score, _)| score.total.as_ref());
    let grade = own.and_then(|(score, _)| pack.grades.get(score.grade?));
    Side {
        total: total.map_or_else(|| "–".to_owned(), |total| f.ratio(total)),
        grade: grade.map_or("–", |grade| &grade.grade).to_owned(),
        rank: rank(own.and_then(|(_, place)| place.rank)),
    }
}

fn shown(
    f: &Frame,
    pack: &IndexPack,
    appeal: &Appeal,
    effect: &Effect,
    name: impl Fn(&str) -> String,
) -> Shown {
    let (before, after) = (effect.own.0.as_ref(), effect.own.1.as_ref());
    let indicators = pack.indicators.iter().enumerate().filter_map(|(place, indicator)| {
        let points = |own: Option<&(Score, Place)>| {
            own.map_or_else(|| whole(0), |(score, _)| score.outcomes[place].points.clone())
        };
        let (was, is) = (points(before), points(after));
        let name = format!("{} {}", indicator.id, called(f, &indicator.vi, &indicator.en));
        (was != is).then(|| (name, f.ratio(&was), f.ratio(&is)))
    });
    let own = appeal.about.agency.as_str();
    Shown {
        at: effect.at,
        hashes: effect.hashes.clone(),
        before: side(f, pack, before),
        after: side(f, pack, after),
        indicators: indicators.collect(),
        same: effect.same,
        others: effect
            .differing
            .iter()
            .filter(|code| *code != own)
            .map(|code| name(code))
            .collect(),
        shifted: effect
            .shifted
            .iter()
            .map(|(code, was, is)| (name(code), rank(*was), rank(*is)))
            .collect(),
    }
}

async fn show_lodge(
    console: &Arc<Console>,
    visiting: &Visiting,
    typed: Fields,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(typed.text("agency")).map_err(|_| PageError::not_found())?;
    let year: i16 = typed.parsed("year", |text| text.parse().ok())?;
    if !appeals::may_lodge(&visiting.caller, &agency) {
        return Err(PageError::not_found());
    }
    let f = Frame::of(console, visiting, Room::Index).await?;
    let view = View::of(console, visiting).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let chosen = typed.text("indicator");
    let indicators = view.pack().indicators.iter().map(|indicator| {
        let name = format!("{} {}", indicator.id, called(&f, &indicator.vi, &indicator.en));
        (indicator.id.clone(), name, indicator.id == chosen)
    });
    frame::page(&Lodge {
        indicators: indicators.collect(),
        agency: names.get(&agency).cloned().unwrap_or_else(|| agency.to_string()),
        code: agency.to_string(),
        limit: in_words(console.app.kinds().document_bytes),
        year,
        typed,
        wrong,
        f,
    })
}

/// `GET /index/appeals/new`
pub(in crate::console) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if visiting.caller.actor.agencies(Permission::EvidenceWrite).is_err() {
        return Err(PageError::not_found());
    }
    if asked.some("agency").is_none() {
        return Err(PageError::invalid("agency"));
    }
    show_lodge(&console, &visiting, asked, None).await
}

/// `POST /index/appeals/new`
pub(in crate::console) async fn lodge(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(fields.text("agency")).map_err(|_| PageError::not_found())?;
    let new = NewAppeal {
        year: fields.parsed("year", |text| text.parse().ok())?,
        agency,
        indicator: fields.text("indicator").to_owned(),
        form: fields.parsed("form", AppealForm::parse)?,
        reason: fields.text("reason").to_owned(),
        reference: fields.text("reference").to_owned(),
        by: String::new(),
        at: console.app.now(),
    };
    let file = documents::chosen(file);
    let error = match appeals::lodge(&console.app, &visiting.caller, new, file.as_ref()).await {
        Ok(id) => {
            return Ok(Redirect::to(&format!("/index/appeals/{id}?done=lodged")).into_response());
        }
        Err(error) => error,
    };
    let f = Frame::bare(&console, &visiting.wish);
    let wrong = register::wrong_of(&f, error)?;
    let mut response = show_lodge(&console, &visiting, fields, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

/// Records of the agency that are offered.
const RECORDS: usize = 200;

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    id: i64,
    typed: Fields,
    wrong: &[Wrong],
    told: Option<String>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let AppealDetail { appeal, round: _, pack, partial, effect } =
        appeals::get(app, caller, id).await?;
    let f = Frame::of(console, visiting, Room::Index).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let name = |code: &str| {
        let found = AgencyCode::new(code).ok().and_then(|code| names.get(&code).cloned());
        found.unwrap_or_else(|| code.to_owned())
    };
    let agency = &appeal.about.agency;
    let is_open = appeal.state == AppealState::Lodged;
    let decides = is_open && f.may_in(Permission::AssuranceDecide, agency);
    let may_decide = decides && partial.is_none();
    let is_appeal = appeal.about.form == AppealForm::Appeal;
    let (mut kinds, mut form, mut records) = (Vec::new(), None, Vec::new());
    if may_decide && is_appeal {
        let known = Names::of(console, visiting, &f).await?;
        let chosen = typed.text("kind");
        for kind in appeals::kinds(app, &pack, &appeal.about.indicator) {
            let is_chosen = kind.name == chosen;
            if is_chosen {
                let made =
                    TypedForm::of(console, visiting, &f, agency, kind, &typed, wrong).await?;
                form = Some((kind.name.clone(), made));
            }
            let found = appeals::records(app, caller, agency, &kind.name).await?;
            records.extend(found.into_iter().map(|about| {
                (
                    about.seq,
                    kind.name.clone(),
                    format!("{} · {}", kind_name(&f, kind), known.subject(&f, &about)),
                )
            }));
            kinds.push((kind.name.clone(), kind_name(&f, kind), is_chosen));
        }
        records.truncate(RECORDS);
    }
    let reference = &appeal.about.reference;
    let papers = Papers::of(console, visiting, [reference.as_str()]).await?;
    let paper = papers.of_reference(&f, agency, reference);
    let indicator = pack.indicators.iter().find(|known| known.id == appeal.about.indicator);
    let told = told.or_else(|| (!wrong.is_empty()).then(|| f.n("attest-wrong", wrong.len())));
    frame::page(&Page {
        agency: name(agency.as_str()),
        indicator: indicator.map_or_else(String::new, |indicator| {
            called(&f, &indicator.vi, &indicator.en).to_owned()
        }),
        paper,
        effect: effect.map(|effect| shown(&f, &pack, &appeal, &effect, name)),
        partial: partial.filter(|_| decides).map(|partial| f.told(&partial.to_string())),
        appeal,
        may_decide,
        kinds,
        form,
        records,
        typed,
        wrong: told,
        f,
    })
}

fn number(text: &str) -> Result<i64, PageError> {
    text.parse().map_err(|_| PageError::not_found())
}

/// `GET /index/appeals/{id}`
pub(in crate::console) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, number(&text)?, asked, &[], None).await
}

/// The number of a record in a form, if one was typed.
fn record(fields: &Fields, name: &str) -> Result<Option<u64>, Wrong> {
    let said = fields.some(name).map(str::trim);
    let wrong = |_| Wrong::new(name, "this must be the number of a record");
    said.map(str::parse).transpose().map_err(wrong)
}

/// `POST /index/appeals/{id}/decide`
pub(in crate::console) async fn decide(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let id = number(&text)?;
    let verdict = match fields.text("do") {
        "refuse" => Ok(Verdict::Refuse),
        "withdraw" => record(&fields, "withdraw").and_then(|seq| {
            let missing = || Wrong::new("withdraw", "this must be the number of a record");
            Ok(Verdict::Withdraw(seq.ok_or_else(missing)?))
        }),
        "accept" => record(&fields, "corrects").map(|seq| {
            let file = documents::chosen(file);
            Verdict::Accept(Box::new(typed(fields.text("kind"), &fields, file)), seq)
        }),
        _ => return Err(PageError::invalid("do")),
    };
    let (app, caller) = (&console.app, &visiting.caller);
    let done = match verdict {
        Ok(verdict) => appeals::decide(app, caller, id, verdict, fields.text("reason")).await,
        Err(wrong) => Err(AttestError::Fields(vec![wrong])),
    };
    let (wrong, told) = match done {
        Ok(()) => {
            let to = format!("/index/appeals/{id}?done=appeal-decided");
            return Ok(Redirect::to(&to).into_response());
        }
        Err(AttestError::Fields(wrong)) => (wrong, None),
        Err(AttestError::Use(error @ (UseError::Denied(_) | UseError::NotFound { .. }))) => {
            return Err(error.into());
        }
        Err(AttestError::Use(error)) => {
            let f = Frame::bare(&console, &visiting.wish);
            (Vec::new(), Some(register::wrong_of(&f, error)?))
        }
    };
    let mut response = show(&console, &visiting, id, fields, &wrong, told).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}
