//! `GET /products`

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::register::across;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::product::{Authority, Concern, Group, Marked, Product};

use crate::console::Console;
use crate::console::agencies::is_in;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::{self, Choice, agency_choice};
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

/// Systems of a product that are shown at once; the others open below.
const SYSTEMS: usize = 6;

/// The page.
#[derive(Template)]
#[template(path = "console/supply/products.html")]
struct Page {
    f: Frame,
    rows: Vec<Group>,
    part: Part,
    /// Systems whose product has an expired certificate.
    expired: usize,
    names: BTreeMap<AgencyCode, String>,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    text: String,
    state: String,
    is_filtered: bool,
}

impl Page {
    /// What the group is.
    fn product<'g>(&self, group: &'g Group) -> Option<&'g Product> {
        group.uses.first().map(|one| &one.kept.product)
    }

    /// All that is to be said of a group, the gravest first.
    fn concerns(&self, group: &Group) -> Vec<Concern> {
        let said: BTreeSet<Concern> =
            group.uses.iter().flat_map(|one| one.concerns.iter().copied()).collect();
        said.into_iter().collect()
    }

    /// The uses that are shown at once, and the others.
    fn uses<'g>(&self, group: &'g Group) -> (&'g [Marked], &'g [Marked]) {
        group.uses.split_at(SYSTEMS.min(group.uses.len()))
    }

    /// The first day on which support of a use ends.
    fn support(&self, group: &Group) -> Option<Date> {
        group.uses.iter().filter_map(|one| one.kept.product.support_until).min()
    }

    /// Whose a system is.
    fn agency(&self, one: &Marked) -> String {
        let code = &one.kept.agency;
        self.names.get(code).cloned().unwrap_or_else(|| code.to_string())
    }
}

/// What the page can be narrowed to.
const STATES: [&str; 7] =
    ["", "expired", "differs", "ends", "unsupported", "no-inventory", "cryptographic"];

fn is_of(one: &Marked, state: &str) -> bool {
    match state {
        "" => true,
        "cryptographic" => one.kept.product.is_cryptographic,
        name => Concern::parse(name).is_none_or(|concern| one.has(concern)),
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Products).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let all = across::products(&console.app, &visiting.caller).await?;
    let uses = all.iter().flat_map(|group| &group.uses);
    let expired: BTreeSet<&SystemCode> =
        uses.filter(|one| one.has(Concern::Expired)).map(|one| &one.kept.product.system).collect();
    let expired = expired.len();
    let [agency, text, state] = ["agency", "text", "state"].map(|name| asked.text(name));
    let says = |product: &Product| {
        let texts = [Some(&product.name), product.maker.as_ref(), product.certificate.as_ref()];
        text.is_empty() || texts.into_iter().flatten().any(|one| is_in(text, one))
    };
    let narrowed = all.into_iter().filter_map(|group| {
        let uses = group.uses.into_iter().filter(|one| {
            (agency.is_empty() || one.kept.agency.as_str() == agency)
                && is_of(one, state)
                && says(&one.kept.product)
        });
        let uses: Vec<Marked> = uses.collect();
        (!uses.is_empty()).then_some(Group { uses })
    });
    let rows: Vec<Group> = narrowed.collect();
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let chips = STATES.map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let href = address("/products", &asked, &[("state", one), ("page", "")]);
        (f.word("supply-products", word), href, one == state)
    });
    let choices = vec![agency_choice(&f, &names, agency)];
    let is_filtered = [agency, text, state].iter().any(|value| !value.is_empty());
    let (part, rows) = Part::of(rows, "/products", &asked);
    let (text, state) = (text.to_owned(), state.to_owned());
    let chips = chips.into();
    frame::page(&Page { f, rows, part, expired, names, chips, choices, text, state, is_filtered })
}

fn table(f: &Frame, groups: &[Group]) -> Table {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |one: &Marked| {
        let (kept, product) = (&one.kept, &one.kept.product);
        let names: Vec<&str> = one.concerns.iter().map(|concern| concern.name()).collect();
        let concerns: Vec<String> = one.concerns.iter().map(|concern| f.concern(concern)).collect();
        vec![
            product.name.clone(),
            said(&product.version),
            said(&product.maker),
            said(&product.certificate),
            said(&product.scope),
            day(product.certificate_until),
            day(product.support_until),
            f.cell(product.make.name(), f.word("register-make", product.make.name())),
            f.yes(product.is_cryptographic),
            product
                .authority
                .map_or_else(String::new, |one: Authority| f.cell(one.name(), f.authority(&one))),
            said(&product.custodian),
            kept.components.to_string(),
            kept.agency.to_string(),
            product.system.to_string(),
            f.cell(&names.join(" "), concerns.join("; ")),
        ]
    };
    let columns = [
        ("name", "register-name"),
        ("version", "register-version"),
        ("maker", "register-maker"),
        ("certificate", "register-certificate"),
        ("scope", "supply-scope"),
        ("certificate_until", "register-certificate-until"),
        ("support_until", "register-support-until"),
        ("make", "register-make"),
        ("cryptographic", "register-cryptographic"),
        ("authority", "register-authority"),
        ("custodian", "supply-custodian"),
        ("components", "register-inventory"),
        ("agency", "alerts-agency"),
        ("system", "alerts-system"),
        ("concerns", "supply-concerns"),
    ];
    Table {
        name: "products",
        columns: columns.map(|(name, title)| (name, f.t(title))).into(),
        rows: groups.iter().flat_map(|group| &group.uses).map(row).collect(),
    }
}
