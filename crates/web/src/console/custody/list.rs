//! `GET /custody`

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::register::{self as use_case, custody};
use khien_domain::code::AgencyCode;
use khien_domain::custody::{Device, DeviceKind, DeviceState, KeptDevice};
use khien_domain::ids::ProductId;
use khien_domain::permission::Permission;

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
#[template(path = "console/custody/list.html")]
struct Page {
    f: Frame,
    rows: Vec<KeptDevice>,
    part: Part,
    /// Devices that are lost and not revoked.
    lost: usize,
    names: BTreeMap<AgencyCode, String>,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    text: String,
    state: String,
    is_filtered: bool,
}

impl Page {
    /// The name of an agency.
    fn agency(&self, device: &Device) -> String {
        self.names.get(&device.agency).cloned().unwrap_or_else(|| device.agency.to_string())
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Custody).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let all = custody::list_devices(&console.app, &visiting.caller).await?;
    let lost = all.iter().filter(|kept| kept.device.state == DeviceState::Lost).count();
    let [agency, kind, text, state] =
        ["agency", "kind", "text", "state"].map(|name| asked.text(name));
    let is_shown = |kept: &KeptDevice| {
        let device = &kept.device;
        let is_of = match state {
            "" => true,
            "ending" => ["bad-word", "mid-word"].contains(&f.custody_lapse(device)),
            name => device.state.name() == name,
        };
        let post = device.post.as_deref().unwrap_or_default();
        is_of
            && (agency.is_empty() || device.agency.as_str() == agency)
            && (kind.is_empty() || device.kind.name() == kind)
            && (text.is_empty() || is_in(text, &device.serial) || is_in(text, post))
    };
    let rows: Vec<KeptDevice> = all.into_iter().filter(is_shown).collect();
    if asked.some("form").is_some() {
        let products = use_case::list_products(&console.app, &visiting.caller, None).await?;
        let products = products.into_iter().map(|kept| (kept.id, kept.product.name));
        return Ok(table(&f, rows, &products.collect()).answer(&f, &asked));
    }
    let states = DeviceState::ALL.iter().map(|one| one.name());
    let chips = ["", "ending"].into_iter().chain(states).map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let href = address("/custody", &asked, &[("state", one), ("page", "")]);
        (f.word("custody-state", word), href, one == state)
    });
    let chips = chips.collect();
    let kinds =
        DeviceKind::ALL.iter().map(|one| (one.name().to_owned(), f.custody_kind(one).to_owned()));
    let kinds = [(String::new(), f.t("register-any-kind"))].into_iter().chain(kinds);
    let choices = vec![
        agency_choice(&f, &names, agency),
        Choice::new("kind", f.t("register-kind"), kind, kinds),
    ];
    let is_filtered = [agency, kind, text, state].iter().any(|value| !value.is_empty());
    let (part, rows) = Part::of(rows, "/custody", &asked);
    let (text, state) = (text.to_owned(), state.to_owned());
    frame::page(&Page { f, rows, part, lost, names, chips, choices, text, state, is_filtered })
}

fn table(f: &Frame, rows: Vec<KeptDevice>, products: &BTreeMap<ProductId, String>) -> Table {
    let cells = rows.into_iter().map(|kept| {
        let device = kept.device;
        let product = device.product.and_then(|id| products.get(&id).cloned());
        vec![
            device.agency.to_string(),
            device.serial,
            f.cell(device.kind.name(), f.custody_kind(&device.kind)),
            device.until.map_or_else(String::new, |day| day.to_string()),
            f.cell(device.state.name(), f.word("custody-state", device.state.name())),
            device.since.to_string(),
            device.post.unwrap_or_default(),
            device.revocation.unwrap_or_default(),
            product.unwrap_or_default(),
        ]
    });
    let columns = [
        ("agency", "alerts-agency"),
        ("serial", "custody-serial"),
        ("kind", "register-kind"),
        ("until", "register-until"),
        ("state", "custody-state"),
        ("since", "custody-since"),
        ("post", "custody-post"),
        ("revocation", "custody-revocation"),
        ("product", "custody-product"),
    ];
    Table {
        name: "custody",
        columns: columns.map(|(name, title)| (name, f.t(title))).into(),
        rows: cells.collect(),
    }
}
