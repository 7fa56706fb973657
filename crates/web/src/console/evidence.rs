//! `/evidence`: the records of the ledger, one with all that it says and what it came from.

pub(super) mod said;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::reviews;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{About, Origin, Record, hex};
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_domain::round::{Review, ReviewState};

use super::Console;
use super::asked::{Asked, address};
use super::documents::{Paper, Papers};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::register::Choice;
use super::table::Table;
use super::visit::Visiting;
use said::{Names, Said};

/// Records of a page.
const PAGE: u32 = 100;
/// Records of an export.
const EXPORT: usize = 10_000;

#[derive(Template)]
#[template(path = "console/evidence/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    kinds: Vec<(String, String, bool)>,
    agencies: Choice,
    system: String,
    /// What was asked about and is not there.
    unknown: Option<String>,
    next_href: Option<String>,
}

struct Row {
    about: About,
    kind: String,
    agency: String,
    system: String,
    subject: String,
    says: String,
}

#[derive(Template)]
#[template(path = "console/evidence/detail.html")]
struct Detail {
    f: Frame,
    about: About,
    kind: String,
    agency: String,
    system: String,
    subject: String,
    /// What it was known from, in words.
    reference: String,
    /// The document that it names.
    paper: Option<Paper>,
    fields: Vec<Said>,
    /// The fields by the names that programs use.
    raw: Vec<(String, String)>,
    hash: String,
    origin_href: Option<String>,
    corrected_by: Vec<u64>,
    /// What was made of it, if it was declared.
    review: Option<Review>,
    may_review: bool,
    /// Why whoever visits does not decide about it, if they could otherwise.
    partial: Option<String>,
}

pub(super) fn kind_name(console: &Console, f: &Frame, kind: &str) -> String {
    let found = console.app.kinds().get(kind);
    found.map_or(kind, |kind| if f.is_english() { &kind.en } else { &kind.vi }).to_owned()
}

/// `GET /evidence`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Evidence).await?;
    let names = Names::of(&console, &visiting, &f).await?;
    let [agency, system] = ["agency", "system"].map(|name| asked.text(name).trim().to_lowercase());
    let filter = EvidenceFilter {
        kind: asked.some("type").map(str::to_owned),
        agency: names.known_agency(&agency),
        system: names.known_system(&system),
        subject: asked.some("subject").map(str::to_owned),
    };
    // Whoever asks about what is not there does not get everything instead.
    let no_agency = !agency.is_empty() && filter.agency.is_none();
    let no_system = !system.is_empty() && filter.system.is_none();
    let unknown = if no_agency {
        Some(f.v("register-no-such-agency", "agency", f.s(&agency)))
    } else {
        no_system.then(|| f.v("evidence-no-such-system", "system", f.s(&system)))
    };
    let (app, caller) = (&console.app, &visiting.caller);
    let after = asked.some("after").and_then(|after| after.parse().ok());
    let is_export = asked.some("form").is_some();
    let mut page = PageRequest::new(after, if is_export { 500 } else { PAGE });
    let (mut records, mut next) = (Vec::new(), None);
    while unknown.is_none() {
        let found = ledger::list(app, caller, &filter, &page).await?;
        records.extend(found.items);
        (next, page.after) = (found.next, found.next);
        if !is_export || next.is_none() || records.len() >= EXPORT {
            break;
        }
    }
    let rows = records.into_iter().map(|Record { about, content }| Row {
        kind: kind_name(&console, &f, &about.kind),
        agency: about.agency.as_ref().map_or_else(String::new, |code| names.agency(code)),
        system: about.system.as_ref().map_or_else(String::new, |code| names.system(code)),
        subject: names.subject(&f, &about),
        says: said::line(&f, console.app.kinds().get(&about.kind), &content),
        about,
    });
    let rows: Vec<Row> = rows.collect();
    if is_export {
        return Ok(export(&f, rows).answer(&f, &asked));
    }
    let chosen = asked.text("type");
    let kinds = console.app.kinds().all().map(|kind| {
        let name = if f.is_english() { &kind.en } else { &kind.vi };
        (kind.name.clone(), name.clone(), kind.name == chosen)
    });
    let next_href =
        next.map(|next| address("/evidence", &asked, &[("after", next.to_string().as_str())]));
    frame::page(&List {
        kinds: kinds.collect(),
        agencies: names.agency_choice(&f, &agency),
        system,
        unknown,
        next_href,
        rows,
        f,
    })
}

fn export(f: &Frame, rows: Vec<Row>) -> Table {
    let rows = rows.into_iter().map(|row| {
        let about = row.about;
        vec![
            about.seq.to_string(),
            row.kind,
            row.agency,
            row.system,
            row.subject,
            f.word("evidence-how", about.how.name()),
            f.word("evidence-from", about.origin.name()),
            about.reference,
            f.person(&about.by),
            f.iso(&about.at),
            row.says,
            about.kind,
            about.agency.map(|agency| agency.to_string()).unwrap_or_default(),
            about.system.map(|system| system.to_string()).unwrap_or_default(),
            about.subject,
        ]
    });
    Table {
        name: "evidence",
        columns: vec![
            ("seq", f.t("evidence-record")),
            ("type", f.t("evidence-kind")),
            ("agency", f.t("alerts-agency")),
            ("system", f.t("evidence-system")),
            ("subject", f.t("evidence-about")),
            ("how", f.t("evidence-how")),
            ("from", f.t("evidence-from")),
            ("ref", f.t("evidence-ref")),
            ("by", f.t("evidence-by")),
            ("at", f.t("evidence-at")),
            ("content", f.t("evidence-content")),
            ("type_code", f.t("evidence-kind-code")),
            ("agency_code", f.t("evidence-agency-code")),
            ("system_code", f.t("evidence-system-code")),
            ("subject_code", f.t("evidence-subject-code")),
        ],
        rows: rows.collect(),
    }
}

/// `GET /evidence/{seq}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let seq: u64 = text.parse().map_err(|_| PageError::not_found())?;
    let f = Frame::of(&console, &visiting, Room::Evidence).await?;
    let (record, corrections) = ledger::get(&console.app, &visiting.caller, seq).await?;
    let declared = reviews::find(&console.app, &visiting.caller, &record).await?;
    let waits = declared.as_ref().is_some_and(|its| its.review.state == ReviewState::Waiting);
    let decides = |agency: &AgencyCode| f.may_in(Permission::AssuranceDecide, agency);
    let decides = waits && record.about.agency.as_ref().is_some_and(decides);
    let partial = declared.as_ref().and_then(|its| its.partial).filter(|_| decides);
    let Record { about, content } = record;
    let mut raw = Vec::new();
    flat("", &content, &mut raw);
    let names = Names::of(&console, &visiting, &f).await?;
    let papers = Papers::of(&console, &visiting, [about.reference.as_str()]).await?;
    frame::page(&Detail {
        paper: papers.of_record(&f, &about),
        agency: about.agency.as_ref().map_or_else(String::new, |code| names.agency(code)),
        system: about.system.as_ref().map_or_else(String::new, |code| names.system(code)),
        subject: names.subject(&f, &about),
        reference: names.thing(&f, &about.reference),
        kind: kind_name(&console, &f, &about.kind),
        hash: hex(&About::hash(&about.to_text())),
        origin_href: origin_href(&about),
        corrected_by: corrections.iter().map(|record| record.about.seq).collect(),
        review: declared.map(|its| its.review),
        may_review: decides && partial.is_none(),
        partial: partial.map(|partial| f.told(&partial.to_string())),
        fields: said::fields(&f, console.app.kinds().get(&about.kind), &content),
        raw,
        about,
        f,
    })
}

/// The fields of a content with the names that lead to them, as many as a page takes.
fn flat(name: &str, content: &Content, fields: &mut Vec<(String, String)>) {
    const MOST: usize = 400;
    let inner =
        |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    if fields.len() >= MOST {
        return;
    }
    match content {
        Content::Text(text) => fields.push((name.to_owned(), text.clone())),
        Content::Int(value) => fields.push((name.to_owned(), value.to_string())),
        Content::Bool(value) => fields.push((name.to_owned(), value.to_string())),
        Content::List(values) => {
            for (place, value) in values.iter().enumerate() {
                flat(&inner(&(place + 1).to_string()), value, fields);
            }
        }
        Content::Map(values) => {
            for (part, value) in values {
                flat(&inner(part), value, fields);
            }
        }
    }
}

/// The page of what a record is known from, if there is one.
fn origin_href(about: &About) -> Option<String> {
    let number = about.reference.split_once(' ').map(|(_, number)| number);
    match about.origin {
        Origin::Alert => {
            let number: u64 = number?.parse().ok()?;
            Some(format!("/alerts/{number}"))
        }
        Origin::Incident => Some(format!("/incidents/{}", number?)),
        Origin::Decision => Some(format!("/gate/{}", about.system.as_ref()?)),
        Origin::Register => match &about.system {
            Some(system) => Some(format!("/systems/{system}")),
            None => Some(format!("/agencies/{}", about.agency.as_ref()?)),
        },
        Origin::Event | Origin::Document | Origin::Attestation | Origin::Probe | Origin::Drill => {
            None
        }
    }
}
