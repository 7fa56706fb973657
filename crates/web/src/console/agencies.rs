//! `/agencies`: the agencies as a tree, one with who answers for it and what it has.

pub(super) mod change;
pub(super) mod form;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::register::AgencyAccount;
use khien_app::use_case::{alerts, register as use_case};
use khien_domain::agency::{Agency, AgencyKind, Appointment, Contact, Duty};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;
use khien_domain::resource::{KeptResource, ResourceKind};
use khien_domain::system::System;
use khien_domain::text::folded;

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::register::{self, Choice, Health, Heard};
use super::table::Table;
use super::typed::{self, Typed};
use super::visit::Visiting;

/// How deep rows are moved in.
const DEEPEST: usize = 4;

/// The list.
#[derive(Template)]
#[template(path = "console/agencies/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    text: String,
    state: String,
    is_filtered: bool,
}

/// An agency with what it has.
struct Row {
    agency: Agency,
    name: String,
    kind: String,
    cohort: String,
    depth: usize,
    head: bool,
    systems: usize,
    sources: usize,
    silent: usize,
    confirmed: (String, &'static str),
}

/// One agency.
#[derive(Template)]
#[template(path = "console/agencies/detail.html")]
struct Detail {
    f: Frame,
    agency: Agency,
    name: String,
    cohort: (String, String),
    parent: Option<(AgencyCode, String)>,
    below: Vec<(AgencyCode, String)>,
    /// Who answers for it, each with the account, if there is one of the agency.
    appointments: Vec<(Appointment, Option<AgencyAccount>)>,
    missing: Vec<String>,
    contacts: Vec<Contact>,
    systems: Vec<System>,
    sources: Vec<Heard>,
    resources: Vec<KeptResource>,
    resource_kinds: Vec<(&'static str, String)>,
    confirmed: (String, &'static str),
    open_alerts: u64,
    /// What was typed into its form and refused.
    typed: Typed,
}

/// The code of an address.
fn code(text: &str) -> Result<AgencyCode, PageError> {
    AgencyCode::new(text).map_err(|_| PageError::not_found())
}

/// Agencies so that each stands behind the one above it, with how deep it stands.
fn as_tree(all: Vec<Agency>) -> Vec<(Agency, usize)> {
    let there: BTreeSet<AgencyCode> = all.iter().map(|agency| agency.code.clone()).collect();
    let mut below: BTreeMap<Option<AgencyCode>, Vec<Agency>> = BTreeMap::new();
    for agency in all {
        // Whoever stands under one that is not shown stands at the top.
        let above = agency.parent.clone().filter(|parent| there.contains(parent));
        below.entry(above).or_default().push(agency);
    }
    let mut open: Vec<(Agency, usize)> =
        below.remove(&None).unwrap_or_default().into_iter().rev().map(|one| (one, 0)).collect();
    let mut rows = Vec::new();
    while let Some((agency, depth)) = open.pop() {
        let children = below.remove(&Some(agency.code.clone())).unwrap_or_default();
        open.extend(children.into_iter().rev().map(|one| (one, depth + 1)));
        rows.push((agency, depth));
    }
    rows
}

/// Whether a text is in another, whatever its case and diacritics.
pub(super) fn is_in(text: &str, within: &str) -> bool {
    folded(within).contains(&folded(text))
}

/// `GET /agencies`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Agencies).await?;
    let all = register::agencies(&console, &visiting).await?;
    let systems = register::systems(&console, &visiting).await?;
    let sources = register::sources(&console, &visiting).await?;
    let appointed = use_case::list_appointments(&console.app, &visiting.caller).await?;
    let rows = as_tree(all).into_iter().map(|(agency, depth)| {
        let own = || sources.iter().filter(|heard| heard.source.agency == agency.code);
        let holds = |one: &Appointment| one.duty == Duty::Head && one.holds(f.today());
        Row {
            name: register::name(&f, &agency),
            kind: f.word("register-kind", agency.kind.name()),
            cohort: f.cohort(&agency.kind).0,
            depth: depth.min(DEEPEST),
            head: appointed.get(&agency.code).is_some_and(|list| list.iter().any(holds)),
            systems: systems.iter().filter(|system| system.agency == agency.code).count(),
            sources: own().count(),
            silent: own().filter(|heard| matches!(heard.health, Health::Silent(_))).count(),
            confirmed: f.confirmation(&agency.confirmed_at),
            agency,
        }
    });
    let (text, kind, cohort) = (asked.text("text"), asked.text("kind"), asked.text("cohort"));
    let state = asked.text("state");
    let is_shown = |row: &Row| {
        let is_open = match state {
            "unconfirmed" => row.agency.in_scope && row.confirmed.1 != "good",
            "no-head" => row.agency.in_scope && !row.head,
            "outside" => !row.agency.in_scope,
            _ => true,
        };
        is_open
            && (text.is_empty() || is_in(text, &row.name) || is_in(text, row.agency.code.as_str()))
            && (kind.is_empty() || row.agency.kind.name() == kind)
            && (cohort.is_empty() || row.cohort == cohort)
    };
    let is_filtered = [text, kind, cohort, state].iter().any(|value| !value.is_empty());
    let mut rows: Vec<Row> = rows.filter(is_shown).collect();
    if is_filtered {
        // Without those above, how deep one stands says nothing.
        rows.iter_mut().for_each(|row| row.depth = 0);
    }
    if asked.some("form").is_some() {
        return Ok(table(&f, rows).answer(&f, &asked));
    }
    let chips = ["", "unconfirmed", "no-head", "outside"].map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let href = address("/agencies", &asked, &[("state", one)]);
        (f.word("register-agency-state", word), href, one == state)
    });
    let any = |words: String| [(String::new(), words)];
    let kinds =
        AgencyKind::ALL.map(|one| (one.name().to_owned(), f.word("register-kind", one.name())));
    let cohorts: BTreeSet<(String, String)> =
        AgencyKind::ALL.iter().map(|one| f.cohort(one)).collect();
    let cohorts = cohorts.into_iter().map(|(name, words)| {
        let words = format!("{name} · {words}");
        (name, words)
    });
    let choices = vec![
        Choice::new(
            "kind",
            f.t("register-kind"),
            kind,
            any(f.t("register-any-kind")).into_iter().chain(kinds),
        ),
        Choice::new(
            "cohort",
            f.t("register-cohort"),
            cohort,
            any(f.t("register-any-cohort")).into_iter().chain(cohorts),
        ),
    ];
    let (text, state) = (text.to_owned(), state.to_owned());
    frame::page(&List { f, rows, chips: chips.into(), choices, text, state, is_filtered })
}

fn table(f: &Frame, rows: Vec<Row>) -> Table {
    let cells = rows.into_iter().map(|row| {
        let [systems, sources, silent] =
            [row.systems, row.sources, row.silent].map(|number| number.to_string());
        let parent = row.agency.parent.map_or_else(String::new, |parent| parent.to_string());
        let at = row.agency.confirmed_at.as_ref();
        vec![
            row.agency.code.to_string(),
            row.agency.name_vi,
            row.agency.name_en.unwrap_or_default(),
            f.cell(row.agency.kind.name(), row.kind),
            row.cohort,
            parent,
            f.yes(row.agency.in_scope),
            f.yes(row.head),
            systems,
            sources,
            silent,
            at.map_or_else(String::new, |at| f.iso(at)),
        ]
    });
    Table {
        name: "agencies",
        columns: vec![
            ("code", f.t("register-code")),
            ("name", f.t("register-name")),
            ("name_en", f.t("register-name-en")),
            ("kind", f.t("register-kind")),
            ("cohort", f.t("register-cohort")),
            ("parent", f.t("register-parent")),
            ("in_scope", f.t("register-in-scope")),
            ("head", f.t("register-head-named")),
            ("systems", f.t("frame-room-systems")),
            ("sources", f.t("frame-room-sources")),
            ("silent", f.t("sources-state-silent")),
            ("confirmed_at", f.t("register-confirmed")),
        ],
        rows: cells.collect(),
    }
}

/// `GET /agencies/{code}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, &code(&text)?, Typed::default()).await
}

/// The page, with what was typed into its form and refused.
async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &AgencyCode,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(console, visiting, Room::Agencies).await?;
    let sheet = use_case::get_agency(app, caller, code).await?;
    let agency = sheet.agency;
    let all = register::agencies(console, visiting).await?;
    let named = |one: &Agency| (one.code.clone(), register::name(&f, one));
    let parent = all.iter().find(|one| Some(&one.code) == agency.parent.as_ref()).map(named);
    let below = all.iter().filter(|one| one.parent.as_ref() == Some(&agency.code)).map(named);
    let systems = register::systems(console, visiting).await?;
    let sources = register::sources(console, visiting).await?;
    let resources = use_case::list_resources(app, caller).await?.into_iter();
    let filter = alerts::AlertFilter {
        not_closed: true,
        agency: Some(agency.code.clone()),
        ..alerts::AlertFilter::default()
    };
    let open_alerts = alerts::count_alerts(app, caller, &filter).await?;
    let holds =
        |duty: Duty| sheet.appointments.iter().any(|one| one.duty == duty && one.holds(f.today()));
    let missing = [Duty::Head, Duty::Deputy].into_iter().filter(|duty| !holds(*duty));
    let missing = missing.map(|duty| f.word("register-duty", duty.name())).collect();
    let accounts = use_case::list_accounts(app, caller, &agency.code).await?;
    let appointments = sheet.appointments.into_iter().map(|one| {
        let account = accounts.iter().find(|account| Some(&account.name) == one.account.as_ref());
        (one, account.cloned())
    });
    let kinds = ResourceKind::ALL.iter();
    let status = typed.status();
    let page = Detail {
        name: register::name(&f, &agency),
        cohort: f.cohort(&agency.kind),
        parent,
        below: below.collect(),
        missing,
        appointments: appointments.collect(),
        contacts: sheet.contacts,
        systems: systems.into_iter().filter(|system| system.agency == agency.code).collect(),
        sources: sources.into_iter().filter(|heard| heard.source.agency == agency.code).collect(),
        resources: resources.filter(|kept| kept.resource.agency == agency.code).collect(),
        resource_kinds: kinds
            .map(|kind| (kind.name(), f.word("register-resource", kind.name())))
            .collect(),
        confirmed: f.confirmation(&agency.confirmed_at),
        agency,
        open_alerts,
        typed,
        f,
    };
    typed::page(status, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_puts_each_behind_the_one_above_and_loses_nobody() {
        let agency = |code: &str, parent: Option<&str>| Agency {
            parent: parent.map(|parent| AgencyCode::new(parent).unwrap()),
            ..Agency::new(
                AgencyCode::new(code).unwrap(),
                code.into(),
                AgencyKind::Unit,
                jiff::Timestamp::UNIX_EPOCH,
            )
        };
        let all = vec![
            agency("a", Some("c")),
            agency("b", Some("elsewhere")),
            agency("c", None),
            agency("d", Some("a")),
        ];
        let rows = as_tree(all);
        let rows: Vec<(&str, usize)> =
            rows.iter().map(|(agency, depth)| (agency.code.as_str(), *depth)).collect();
        assert_eq!(rows, [("b", 0), ("c", 0), ("a", 1), ("d", 2)]);
    }
}
