//! `/systems/{code}/controls`: every control that is due for a system and how it stands, what somebody
//! states about it, the view by NIST CSF 2.0, and all of it as OSCAL.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::controls::{self, Listed, SystemControls, What};
use khien_app::use_case::risks;
use khien_domain::code::SystemCode;
use khien_domain::control::mapping::HUB;
use khien_domain::control::{
    Catalogue, CatalogueKey, Checklist, Counts, Due, Family, Layer, STAGES, Stated, Status,
};
use khien_domain::permission::Permission;
use khien_domain::risk::Risk;
use khien_domain::system::Stage;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/controls/checklist.html")]
struct Page<'p> {
    f: Frame,
    of: &'p SystemControls,
    agency: String,
    counts: Counts,
    /// What is shown of each family.
    families: Vec<(&'p Family, Vec<&'p Due<'p>>)>,
    chips: Vec<(String, String, bool)>,
    views: Vec<(String, String, bool)>,
    catalogues: Vec<(String, String, bool)>,
    layers: Vec<(Layer, Counts)>,
    stages: Vec<AtStage<'p>>,
    outcomes: Vec<Outcome<'p>>,
    /// The system's risks that name controls of the catalogue.
    risks: Vec<Risk>,
    /// Whether the view is the one by outcomes.
    by_csf: bool,
    has_csf: bool,
    may_state: bool,
    wrong: Option<(String, String)>,
    typed: Fields,
}

/// The controls that are first due by the entry of a stage.
struct AtStage<'p> {
    stage: Stage,
    due: usize,
    done: usize,
    /// What is neither in place nor said not to concern the system.
    open: Vec<&'p Due<'p>>,
    /// Whether the system stands there, or goes there next.
    mark: Option<&'static str>,
}

/// An outcome of CSF 2.0 with the controls that serve it.
struct Outcome<'p> {
    id: String,
    title: String,
    is_group: bool,
    due: Vec<&'p Due<'p>>,
}

impl Outcome<'_> {
    fn done(&self) -> usize {
        self.due.iter().filter(|due| due.status.is_done()).count()
    }
}

impl Page<'_> {
    fn back(&self) -> String {
        format!("/systems/{}/controls", self.of.system.code)
    }

    /// The class of a status in words.
    fn class(&self, status: &Status) -> &'static str {
        match status {
            Status::Met => "good",
            Status::Implemented | Status::NotApplicable => "",
            Status::Partly | Status::Planned => "mid-word",
            Status::Open => "bad-word",
        }
    }

    /// A layer that nothing protects, of a system for which that is a finding.
    fn is_bare(&self, counts: &Counts) -> bool {
        counts.all() > 0 && counts.done() == 0 && self.of.system.level.number() >= 3
    }

    /// The risks that rely on a control.
    fn risks_of(&self, due: &Due<'_>) -> Vec<&Risk> {
        let catalogue = &self.of.catalogue.key.name;
        let names = |risk: &&Risk| {
            let mut controls = risk.about.controls.iter();
            controls.any(|one| one.catalogue == *catalogue && one.id == due.control.id)
        };
        self.risks.iter().filter(names).collect()
    }

    fn is_wrong(&self, due: &Due<'_>) -> bool {
        self.wrong.as_ref().is_some_and(|(control, _)| *control == due.control.id)
    }

    fn note<'d>(&'d self, due: &'d Due<'_>) -> &'d str {
        if self.is_wrong(due) {
            return self.typed.text("note");
        }
        due.stated.as_ref().map_or("", |stated| stated.note.as_str())
    }

    fn is_chosen(&self, due: &Due<'_>, stated: &Stated) -> bool {
        if self.is_wrong(due) {
            return self.typed.text("state") == stated.name();
        }
        due.stated.as_ref().is_some_and(|one| one.state == *stated)
    }

    fn documents(&self) -> [(&'static str, &'static str); 5] {
        What::ALL.map(|what| {
            let words = match what {
                What::Catalog => "controls-oscal-catalog",
                What::Profile => "controls-oscal-profile",
                What::Plan => "controls-oscal-ssp",
                What::AssessmentPlan => "controls-oscal-plan",
                What::AssessmentResults => "controls-oscal-results",
            };
            (what.name(), words)
        })
    }
}

fn code(text: &str) -> Result<SystemCode, PageError> {
    SystemCode::new(text).map_err(|_| PageError::not_found())
}

fn wanted(asked: &Fields) -> Result<Option<CatalogueKey>, PageError> {
    asked.some("catalogue").map(super::key).transpose()
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &SystemCode,
    asked: &Fields,
    wrong: Option<(String, UseError)>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(console, visiting, Room::Controls).await?;
    let key = wanted(asked)?;
    let of = controls::of_system(app, caller, code, key.as_ref()).await?;
    let all = controls::list_catalogues(app, caller).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let checklist = of.checklist();
    let counts = checklist.counts();
    let path = format!("/systems/{code}/controls");
    let chosen = Status::parse(asked.text("status"));
    let by_csf = asked.text("view") == "csf";
    let of_status = |status: Option<Status>| {
        let (name, count, value) = match status {
            None => (f.t("frame-all"), counts.all(), ""),
            Some(status) => {
                let name = f.word("controls-status", status.name());
                (name, counts.of(status), status.name())
            }
        };
        let href = address(&path, asked, &[("status", value)]);
        (format!("{name} {}", f.count(count)), href, status == chosen)
    };
    let statuses = std::iter::once(None).chain(Status::ALL.map(Some));
    let chips = statuses.map(of_status).collect();
    let views = [("", "controls-by-family"), ("csf", "controls-by-csf")].map(|(value, words)| {
        (f.t(words), address(&path, asked, &[("view", value)]), by_csf == (value == "csf"))
    });
    let catalogues = all.iter().map(|one| {
        let key = one.catalogue.key.to_string();
        let href = address(&path, asked, &[("catalogue", &key), ("status", ""), ("view", "")]);
        (key, href, one.catalogue.key == of.catalogue.key)
    });
    let catalogues = catalogues.collect();
    let families = families(&of.catalogue, &checklist, chosen);
    let csf = all.iter().find(|one| one.is_current && one.catalogue.key.name == HUB);
    let outcomes = if by_csf { outcomes(&f, &checklist, csf) } else { Vec::new() };
    let may_state = of.is_current
        && caller.actor.require(Permission::AssuranceWrite, &of.system.agency).is_ok();
    let wrong = match wrong {
        None => None,
        Some((control, wrong)) => Some((control, register::wrong_of(&f, wrong)?)),
    };
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut risks = risks::risks_of_system(app, caller, code).await?;
    risks.retain(|risk| !risk.about.controls.is_empty());
    let page = Page {
        risks,
        agency: names.get(&of.system.agency).cloned().unwrap_or_default(),
        of: &of,
        counts,
        families,
        chips,
        views: views.into(),
        catalogues,
        layers: checklist.layers(),
        stages: stages(&checklist, of.system.stage),
        outcomes,
        by_csf,
        has_csf: csf.is_some(),
        may_state,
        wrong,
        typed: asked.clone(),
        f,
    };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// What is due by the entry of each stage of a system that stands in one.
fn stages<'p>(checklist: &'p Checklist<'p>, at: Stage) -> Vec<AtStage<'p>> {
    let next = STAGES.into_iter().find(|stage| *stage > at);
    let all = checklist.stages().into_iter().map(|(stage, due)| AtStage {
        stage,
        due: due.len(),
        done: due.iter().filter(|due| due.status.is_done()).count(),
        open: due
            .into_iter()
            .filter(|due| !due.status.is_done() && due.status != Status::NotApplicable)
            .collect(),
        mark: match () {
            () if stage == at => Some("controls-stage-now"),
            () if next == Some(stage) => Some("controls-stage-next"),
            () => None,
        },
    });
    all.collect()
}

/// What is due of each family that has anything, as far as it is wanted.
fn families<'p>(
    catalogue: &'p Catalogue,
    checklist: &'p Checklist<'p>,
    chosen: Option<Status>,
) -> Vec<(&'p Family, Vec<&'p Due<'p>>)> {
    let mut of: BTreeMap<&str, Vec<&Due<'_>>> = BTreeMap::new();
    for due in &checklist.due {
        if chosen.is_none_or(|status| status == due.status) {
            of.entry(due.control.family.as_str()).or_default().push(due);
        }
    }
    let families = catalogue.families.iter();
    families.filter_map(|family| Some((family, of.remove(family.id.as_str())?))).collect()
}

/// The outcomes in the order of their catalogue; without it, those that controls serve.
fn outcomes<'p>(f: &Frame, checklist: &'p Checklist<'p>, csf: Option<&Listed>) -> Vec<Outcome<'p>> {
    let mut by = checklist.by_csf();
    let mut outcomes = Vec::new();
    let Some(csf) = csf else {
        return by
            .into_iter()
            .map(|(id, due)| Outcome { id: id.into(), title: String::new(), is_group: false, due })
            .collect();
    };
    for family in &csf.catalogue.families {
        let title = f.either(&family.vi, &family.en).to_owned();
        outcomes.push(Outcome { id: family.id.clone(), title, is_group: true, due: Vec::new() });
        for control in csf.catalogue.of_family(&family.id) {
            outcomes.push(Outcome {
                id: control.id.clone(),
                title: f.either(&control.vi, &control.en).to_owned(),
                is_group: false,
                due: by.remove(control.id.as_str()).unwrap_or_default(),
            });
        }
    }
    outcomes
}

/// `GET /systems/{code}/controls`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, &code(&text)?, &asked, None).await
}

/// `POST /systems/{code}/controls`: states something about a control.
pub(in crate::console) async fn state(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = code(&text)?;
    let key = super::key(fields.text("catalogue"))?;
    let state = fields.parsed("state", Stated::parse)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let (control, note) = (fields.text("control"), fields.text("note"));
    match controls::state(app, caller, &code, &key, control, (state, note)).await {
        Ok(()) => {
            let place = format!("/systems/{code}/controls?catalogue={key}&done=control-stated");
            Ok(Redirect::to(&place).into_response())
        }
        Err(wrong @ (UseError::Invalid(_) | UseError::Conflict(_))) => {
            draw(&console, &visiting, &code, &fields, Some((control.to_owned(), wrong))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /systems/{code}/controls/oscal`
pub(in crate::console) async fn oscal(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let what = asked.parsed("what", What::parse)?;
    let key = wanted(&asked)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let found = controls::export_system(app, caller, what, &code(&text)?, key.as_ref()).await?;
    Ok(super::file(&found))
}
