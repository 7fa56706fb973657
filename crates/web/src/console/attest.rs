//! What an agency can say of itself, and the form for one of it: `/index/agencies/{agency}/attest`,
//! `/evidence/new`. What others record of an agency that hid an incident stands there too (`hidden`).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::attest::{self, AttestError, Attestable, Standing, Typed};
use khien_domain::code::AgencyCode;
use khien_domain::document::{Brought, in_words};
use khien_domain::evidence::How;
use khien_domain::evidence::kinds::{Field, Kind, Subject};
use khien_domain::evidence::typed::Wrong;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::round::ReviewState;

use super::Console;
use super::asked::Asked;
use super::documents;
use super::error::PageError;
use super::evidence::said::Names;
use super::frame::{Frame, Room};
use super::hidden::{self, Section};
use super::posted::{Fields, PostedFile};
use super::register;
use super::typed as forms;
use super::visit::Visiting;

/// What can be said, by groups of the index.
#[derive(Template)]
#[template(path = "console/attest/list.html")]
struct List {
    f: Frame,
    code: String,
    name: String,
    may_write: bool,
    groups: Vec<Group>,
    hidden: Section,
    /// What was typed about a hidden incident and refused.
    typed: forms::Typed,
}

struct Group {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    kind: String,
    name: String,
    indicators: Vec<String>,
    /// The points that its indicators lack; nothing if it earns none.
    worth: Option<String>,
    has: Vec<Has>,
    /// The record by which the centre itself has said the only thing there is to say.
    taken: Option<u64>,
}

/// A record that is there.
struct Has {
    seq: u64,
    subject: String,
    how: String,
    /// How it stands, in words and as a class of texts.
    stands: (String, &'static str),
}

/// The form for one of it.
#[derive(Template)]
#[template(path = "console/attest/new.html")]
struct New {
    f: Frame,
    code: String,
    agency: String,
    kind: String,
    title: String,
    form: TypedForm,
    wrong: Option<String>,
}

/// The fields of a kind of evidence as a form asks for them; each with what is wrong with it.
pub(super) struct TypedForm {
    pub(super) fields: Vec<TypedField>,
    /// Systems to choose from, if it is about one.
    pub(super) systems: Option<Vec<(String, String, bool)>>,
    /// What its records are told apart by, if that is typed.
    pub(super) subject: Option<String>,
    /// How large the file of its document may be.
    pub(super) limit: String,
    typed: Vec<(String, String)>,
    wrong: BTreeMap<String, String>,
}

/// A field.
pub(super) struct TypedField {
    pub(super) input: String,
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) must: bool,
    pub(super) value: String,
    pub(super) wrong: Option<String>,
    /// What can be chosen.
    pub(super) words: Vec<(String, String)>,
}

impl TypedForm {
    /// The form of a kind, with what was typed.
    pub(super) async fn of(
        console: &Arc<Console>,
        visiting: &Visiting,
        f: &Frame,
        agency: &AgencyCode,
        kind: &Kind,
        typed: &Fields,
        wrong: &[Wrong],
    ) -> Result<Self, PageError> {
        let told: BTreeMap<String, String> =
            wrong.iter().map(|wrong| (wrong.field.clone(), f.told(&wrong.what))).collect();
        let fields = kind.fields.iter().filter(|(_, (field, _))| *field != Field::Map);
        let fields = fields.map(|(name, (field, must))| {
            let input = format!("f-{name}");
            TypedField {
                label: label(f, &kind.name, name),
                kind: input_of(field),
                must: *must,
                value: typed.text(&input).to_owned(),
                wrong: told.get(name).cloned(),
                words: match field {
                    Field::Word(words) => words
                        .iter()
                        .map(|word| (word.clone(), f.word_or_name("attest-word", word)))
                        .collect(),
                    _ => Vec::new(),
                },
                input,
            }
        });
        let fields = fields.collect();
        let chosen = typed.text("system");
        let systems = if kind.about == Subject::System {
            let all = register::systems(console, visiting).await?.into_iter();
            let taken = attest::taken(&console.app, &visiting.caller, agency, &kind.name).await?;
            let is_free = |code: &str| kind.subject != "system" || !taken.contains(code);
            let of_it = all.filter(|system| system.agency == *agency);
            let of_it = of_it.filter(|system| is_free(system.code.as_str()));
            let listed = of_it.map(|system| {
                let code = system.code.to_string();
                let is_chosen = code == chosen;
                (code, system.name, is_chosen)
            });
            Some(listed.collect())
        } else {
            None
        };
        let named = kind.subject.as_str();
        let is_given = matches!(named, "agency" | "system") || kind.fields.contains_key(named);
        Ok(Self {
            fields,
            systems,
            subject: (!is_given).then(|| f.word_or_name("attest-subject", named)),
            limit: in_words(console.app.kinds().document_bytes),
            typed: typed.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            wrong: told,
        })
    }

    /// What was typed into a field.
    pub(super) fn value(&self, name: &str) -> &str {
        let found = self.typed.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Whether something was refused, so that a file has to be chosen again.
    pub(super) fn is_refused(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, name: &str) -> Option<&str> {
        self.wrong.get(name).map(String::as_str)
    }
}

/// What a field is called: of this kind, or of any.
pub(super) fn label(f: &Frame, kind: &str, field: &str) -> String {
    let own = format!("{kind}-{field}");
    if f.has_word("attest-field", &own) {
        return f.word_or_name("attest-field", &own);
    }
    f.word_or_name("attest-field", field)
}

fn input_of(field: &Field) -> &'static str {
    match field {
        Field::Int => "number",
        Field::Bool => "bool",
        Field::Day => "date",
        Field::Moment => "datetime-local",
        Field::Word(_) => "word",
        Field::Text | Field::Map => "text",
    }
}

/// What was typed and the file that came along, as the use case takes it.
pub(super) fn typed(kind: &str, fields: &Fields, file: Option<Brought>) -> Typed {
    let text = |name: &str| fields.text(name).to_owned();
    let content = fields
        .pairs()
        .filter_map(|(name, value)| Some((name.strip_prefix("f-")?.to_owned(), value.to_owned())));
    Typed {
        kind: kind.to_owned(),
        system: text("system"),
        subject: text("subject"),
        fields: content.collect(),
        title: text("title"),
        number: text("number"),
        day: text("day"),
        sha256: text("sha256"),
        file,
        at: text("at"),
        until: text("until"),
    }
}

/// The name of a kind in the language of the page.
pub(super) fn kind_name(f: &Frame, kind: &Kind) -> String {
    if f.is_english() { kind.en.clone() } else { kind.vi.clone() }
}

/// How a declared record stands with those who look at it.
pub(super) fn review_word(f: &Frame, state: ReviewState) -> String {
    f.word("reviews-state", state.name())
}

fn has(f: &Frame, names: &Names, standing: Standing) -> Has {
    let Standing { about, is_over, review } = standing;
    let stands = match (&review, about.until) {
        (_, Some(until)) if is_over => (f.v("attest-over", "day", f.day(&until)), "bad-word"),
        (Some(review), _) => {
            let class = match review.state {
                ReviewState::Refused => "bad-word",
                _ => "mid-word",
            };
            (review_word(f, review.state), class)
        }
        (None, Some(until)) => (f.v("attest-until", "day", f.day(&until)), "dim"),
        (None, None) => (String::new(), "dim"),
    };
    Has {
        seq: about.seq,
        subject: names.subject(f, &about),
        how: f.word("evidence-how", How::name(about.how)),
        stands,
    }
}

/// `GET /index/agencies/{agency}/attest`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let code = AgencyCode::new(&text).map_err(|_| PageError::not_found())?;
    draw(&console, &visiting, &code, forms::Typed::default()).await
}

/// The page of what an agency can say, with what was typed about a hidden incident.
pub(super) async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &AgencyCode,
    typed: forms::Typed,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Index).await?;
    let (app, caller) = (&console.app, &visiting.caller);
    let live = khien_app::use_case::index::live(app, caller).await?;
    let found = attest::catalogue(app, caller, code).await;
    let found = found.map_err(|error| match error {
        UseError::Denied(_) => PageError::not_found(),
        error => error.into(),
    })?;
    let known = Names::of(console, visiting, &f).await?;
    let row = |one: Attestable<'_>| Row {
        taken: one.taken().map(|about| about.seq),
        kind: one.kind.name.clone(),
        name: kind_name(&f, one.kind),
        indicators: one.indicators.into_iter().map(|(id, _)| id).collect(),
        worth: one.worth.map(|worth| f.ratio(&worth)),
        has: one
            .standing
            .into_iter()
            .take(SHOWN)
            .map(|standing| has(&f, &known, standing))
            .collect(),
    };
    let groups = found.into_iter().map(|(group, rows)| {
        let name = live.now.pack.groups.get(&group).map_or_else(
            || f.t("attest-other"),
            |named| format!("{group} {}", if f.is_english() { &named.en } else { &named.vi }),
        );
        Group { name, rows: rows.into_iter().map(row).collect() }
    });
    let groups = groups.collect();
    let names = register::agency_names(console, visiting, &f).await?;
    let status = typed.status();
    let page = List {
        may_write: f.may_in(Permission::EvidenceWrite, code),
        name: names.get(code).cloned().ok_or_else(PageError::not_found)?,
        code: code.to_string(),
        groups,
        hidden: hidden::section(console, visiting, &f, code).await?,
        typed,
        f,
    };
    forms::page(status, &page)
}

/// Records of a kind that are shown.
const SHOWN: usize = 6;

/// The agency that the address names, or the only one of whoever visits.
fn agency_of(visiting: &Visiting, fields: &Fields) -> Result<AgencyCode, PageError> {
    let scope = &visiting.visit.person.about.agencies;
    match (fields.some("agency"), scope) {
        (Some(code), _) => AgencyCode::new(code).map_err(|_| PageError::not_found()),
        (None, AgencyScope::Only(agencies)) if agencies.len() == 1 => {
            agencies.first().cloned().ok_or_else(PageError::not_found)
        }
        _ => Err(PageError::invalid("agency")),
    }
}

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: &AgencyCode,
    fields: &Fields,
    wrong: &[Wrong],
    told: Option<String>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Index).await?;
    if !f.may_in(Permission::EvidenceWrite, agency) {
        return Err(PageError::not_found());
    }
    let kind = attest::kind_of_people(&console.app, fields.text("kind"));
    let kind = kind.ok_or_else(PageError::not_found)?;
    let form = TypedForm::of(console, visiting, &f, agency, kind, fields, wrong).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let told = told.or_else(|| (!wrong.is_empty()).then(|| f.n("attest-wrong", wrong.len())));
    super::frame::page(&New {
        agency: names.get(agency).cloned().ok_or_else(PageError::not_found)?,
        code: agency.to_string(),
        kind: kind.name.clone(),
        title: kind_name(&f, kind),
        form,
        wrong: told,
        f,
    })
}

/// `GET /evidence/new`
pub(super) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if visiting.caller.actor.agencies(Permission::EvidenceWrite).is_err() {
        return Err(PageError::not_found());
    }
    let agency = agency_of(&visiting, &asked)?;
    if asked.some("kind").is_none() {
        return Ok(Redirect::to(&format!("/index/agencies/{agency}/attest")).into_response());
    }
    show(&console, &visiting, &agency, &asked, &[], None).await
}

/// `POST /evidence/new`
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(fields.text("agency")).map_err(|_| PageError::not_found())?;
    let typed = typed(fields.text("kind"), &fields, documents::chosen(file));
    let done = attest::attest(&console.app, &visiting.caller, &agency, &typed).await;
    let (wrong, told) = match done {
        Ok(about) => {
            let to = format!("/evidence/{}?done=attested", about.seq);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(AttestError::Fields(wrong)) => (wrong, None),
        Err(AttestError::Use(error)) => {
            let f = Frame::bare(&console, &visiting.wish);
            (Vec::new(), Some(register::wrong_of(&f, error)?))
        }
    };
    let mut response = show(&console, &visiting, &agency, &fields, &wrong, told).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}
