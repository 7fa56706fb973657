//! `GET /providers`

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::register::across;
use khien_domain::code::AgencyCode;
use khien_domain::provider::{Contract, Supplier, Window};

use crate::console::Console;
use crate::console::agencies::is_in;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::{self, Choice, agency_choice};
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/supply/providers.html")]
struct Page {
    f: Frame,
    rows: Vec<Supplier>,
    part: Part,
    /// From this level on a system needs an exit plan.
    level: i64,
    /// Systems that need an exit plan and have none.
    lacking: usize,
    names: BTreeMap<AgencyCode, String>,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    text: String,
    state: String,
    is_filtered: bool,
}

impl Page {
    /// Whose a system is.
    fn agency(&self, contract: &Contract) -> String {
        let code = &contract.kept.agency;
        self.names.get(code).cloned().unwrap_or_else(|| code.to_string())
    }
}

/// What the page can be narrowed to.
const STATES: [&str; 5] = ["", "ended", "ends", "no-exit", "untested"];

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Products).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let all = across::providers(&console.app, &visiting.caller).await?;
    let (level, today) = (f.exit_plan_level(), f.today());
    let contracts = all.iter().flat_map(|supplier| &supplier.contracts);
    let lacking: BTreeSet<_> = contracts
        .filter(|contract| contract.lacks_exit(level))
        .map(|contract| &contract.kept.provider.system)
        .collect();
    let lacking = lacking.len();
    let [agency, text, state] = ["agency", "text", "state"].map(|name| asked.text(name));
    let is_of = |contract: &Contract| {
        let (provider, exit) = (&contract.kept.provider, &contract.kept.provider.exit);
        match state {
            "ended" => contract.has_ended(today),
            "ends" => f.lapse(&provider.until) == "mid-word",
            "no-exit" => contract.lacks_exit(level),
            "untested" => exit.plan.is_some() && exit.tested.is_none(),
            _ => true,
        }
    };
    let says = |contract: &Contract| {
        let provider = &contract.kept.provider;
        let texts = [&provider.name, &provider.service, &provider.contract, &contract.name];
        text.is_empty() || texts.into_iter().any(|one| is_in(text, one))
    };
    let narrowed = all.into_iter().filter_map(|supplier| {
        let contracts = supplier.contracts.into_iter().filter(|contract| {
            (agency.is_empty() || contract.kept.agency.as_str() == agency)
                && is_of(contract)
                && says(contract)
        });
        let contracts: Vec<Contract> = contracts.collect();
        (!contracts.is_empty()).then_some(Supplier { name: supplier.name, contracts })
    });
    let rows: Vec<Supplier> = narrowed.collect();
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let chips = STATES.map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let href = address("/providers", &asked, &[("state", one), ("page", "")]);
        (f.word("supply-providers", word), href, one == state)
    });
    let choices = vec![agency_choice(&f, &names, agency)];
    let is_filtered = [agency, text, state].iter().any(|value| !value.is_empty());
    let (part, rows) = Part::of(rows, "/providers", &asked);
    let (text, state) = (text.to_owned(), state.to_owned());
    let chips = chips.into();
    frame::page(&Page {
        f,
        rows,
        part,
        level,
        lacking,
        names,
        chips,
        choices,
        text,
        state,
        is_filtered,
    })
}

fn table(f: &Frame, suppliers: &[Supplier]) -> Table {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let row = |contract: &Contract| {
        let provider = &contract.kept.provider;
        vec![
            provider.name.clone(),
            provider.service.clone(),
            contract.kept.agency.to_string(),
            provider.system.to_string(),
            contract.level.number().to_string(),
            contract.dependents.to_string(),
            provider.contract.clone(),
            provider.from.to_string(),
            provider.until.to_string(),
            provider.staff.to_string(),
            provider.window.as_ref().map_or_else(String::new, Window::to_string),
            provider.exit.plan.clone().unwrap_or_default(),
            day(provider.exit.tested),
            f.cell(provider.exit.escrow.name(), f.escrow(&provider.exit.escrow)),
        ]
    };
    let columns = [
        ("name", "register-name"),
        ("service", "register-service"),
        ("agency", "alerts-agency"),
        ("system", "alerts-system"),
        ("level", "register-level"),
        ("dependents", "register-dependents"),
        ("contract", "register-contract"),
        ("from", "register-from"),
        ("until", "register-until"),
        ("staff", "register-staff"),
        ("window", "register-window"),
        ("exit_plan", "supply-exit"),
        ("exit_tested", "supply-exit-tested"),
        ("escrow", "supply-escrow"),
    ];
    Table {
        name: "providers",
        columns: columns.map(|(name, title)| (name, f.t(title))).into(),
        rows: suppliers.iter().flat_map(|supplier| &supplier.contracts).map(row).collect(),
    }
}
