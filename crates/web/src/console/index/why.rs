//! `GET /index/agencies/{code}/{indicator}`: why an agency has the value of an indicator: the very
//! records above and below the line.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::How;
use khien_domain::index::explain::Element;

use super::sheet::{Row, row};
use super::{View, called};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Elements that are shown; all of them are in the export.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "console/index/why.html")]
struct Why {
    f: Frame,
    code: String,
    agency: String,
    row: Row,
    /// The round in which whoever visits may lodge something about it.
    round: Option<i16>,
    formula: String,
    validity: String,
    floor: String,
    mode: String,
    csf: String,
    gci: String,
    pillar: String,
    seed: String,
    elements: Vec<Shown>,
    more: usize,
    nothing: Vec<u64>,
    lacks: Vec<String>,
}

struct Shown {
    seq: u64,
    /// The system that it is about, if it is about one that is there.
    system: Option<String>,
    what: String,
    kind: String,
    counts: bool,
    firmly: bool,
    how: String,
    by: Vec<u64>,
    against: Vec<u64>,
    lacks: String,
    took: Option<String>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path((text, id)): Path<(String, String)>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let code = AgencyCode::new(&text).map_err(|_| PageError::not_found())?;
    let f = Frame::of(&console, &visiting, Room::Index).await?;
    let view = View::of(&console, &visiting).await?;
    let (score, _) = view.agency(&visiting, &code)?;
    let (pack, now) = (view.pack(), view.now());
    let place = pack.indicators.iter().position(|indicator| indicator.id == id);
    let place = place.ok_or_else(PageError::not_found)?;
    let (indicator, outcome) = (&pack.indicators[place], &score.outcomes[place]);
    let agency = now.view.agency(code.as_str()).ok_or_else(PageError::not_found)?;
    let why = pack.explain(&now.view, agency, indicator);
    let set = |name: &String| {
        let set = pack.sets.find(name).map(|set| pack.sets.get(set));
        set.map_or_else(|| name.clone(), |set| called(&f, &set.vi, &set.en).to_owned())
    };
    let kinds = console.app.kinds();
    let systems = register::system_names(&console, &visiting).await?;
    let system_of = |element: &Element| {
        let code = SystemCode::new(element.system.as_ref()?).ok()?;
        systems.get_key_value(&code)
    };
    let shown = |element: &Element| {
        let kind = kinds.get(&element.kind);
        let lacks: Vec<String> = element.lacks.iter().map(set).collect();
        Shown {
            seq: element.seq,
            what: match system_of(element) {
                Some((_, name)) => name.clone(),
                None => element.system.clone().unwrap_or_else(|| element.subject.clone()),
            },
            system: system_of(element).map(|(code, _)| code.to_string()),
            kind: kind
                .map_or(&element.kind, |kind| if f.is_english() { &kind.en } else { &kind.vi })
                .clone(),
            counts: element.counts,
            firmly: element.counts_firmly,
            how: f.word("evidence-how", How::name(element.how)),
            by: element.by.iter().copied().filter(|seq| *seq != element.seq).collect(),
            against: element.against.clone(),
            lacks: lacks.join("; "),
            took: element.seconds.map(|seconds| f.span(&jiff::SignedDuration::from_secs(seconds))),
        }
    };
    let elements = why.parts.iter().flat_map(|part| &part.elements);
    if asked.some("form").is_some() {
        return Ok(export(&f, elements.map(shown).collect()).answer(&f, &asked));
    }
    let all = elements.clone().count();
    // What does not count is what somebody has to do.
    let mut sorted: Vec<&Element> = elements.collect();
    sorted.sort_by_key(|element| (element.counts, element.seq));
    let names = register::agency_names(&console, &visiting, &f).await?;
    let lacks = why.parts.iter().flat_map(|part| &part.lacks).map(set);
    frame::page(&Why {
        agency: names.get(&code).cloned().unwrap_or_else(|| code.to_string()),
        code: code.to_string(),
        row: row(&f, indicator, outcome, &why),
        round: super::rounds::that_takes(&console, &visiting, &code).await?,
        formula: called(&f, &indicator.formula_vi, &indicator.formula_en).to_owned(),
        validity: called(&f, &indicator.validity_vi, &indicator.validity_en).to_owned(),
        floor: super::with_unit(&f, indicator, &indicator.floor),
        mode: super::mode(&f, &indicator.mode),
        csf: indicator.csf.join(", "),
        gci: f.word("index-gci", &indicator.gci),
        pillar: indicator.gci.clone(),
        seed: f.source(&indicator.seed),
        elements: sorted.into_iter().take(SHOWN).map(shown).collect(),
        more: all.saturating_sub(SHOWN),
        nothing: why.parts.iter().flat_map(|part| part.nothing.iter().copied()).collect(),
        lacks: lacks.collect(),
        f,
    })
}

fn export(f: &Frame, rows: Vec<Shown>) -> Table {
    let numbers = |seqs: &[u64]| seqs.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
    let rows = rows.into_iter().map(|row| {
        vec![
            row.seq.to_string(),
            row.system.unwrap_or_default(),
            row.what,
            row.kind,
            f.word("index-counts", if row.counts { "yes" } else { "no" }),
            row.how,
            numbers(&row.by),
            numbers(&row.against),
            row.lacks,
        ]
    });
    Table {
        name: "index-evidence",
        columns: vec![
            ("record", f.t("evidence-record")),
            ("system", f.t("register-code")),
            ("about", f.t("evidence-about")),
            ("type", f.t("evidence-kind")),
            ("counts", f.t("index-counts")),
            ("how", f.t("evidence-how")),
            ("by", f.t("index-by")),
            ("against", f.t("index-against")),
            ("lacks", f.t("index-lacks")),
        ],
        rows: rows.collect(),
    }
}
