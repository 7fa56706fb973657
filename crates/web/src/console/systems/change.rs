//! `/systems/{code}/…`: what is changed of a system, one thing at a time.
//!
//! What is refused draws the tab again, with what was typed into the form and what is wrong beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::register::inventory::MAX_INVENTORY_BYTES;
use khien_app::use_case::register::{self as use_case, across};
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::{SiteCode, SystemCode};
use khien_domain::host::HostName;
use khien_domain::ids::{AssetId, ProductId, ProviderId};
use khien_domain::permission::Permission;
use khien_domain::product::{Authority, Make, Product};
use khien_domain::provider::{Escrow, Exit, Provider, Window};
use khien_domain::system::Zone;

use super::{code, detail};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Fields, Posted, PostedFile};
use crate::console::register::{self, typed};
use crate::console::typed::{Mistakes, Refused, Typed};
use crate::console::visit::Visiting;

/// The largest form with an inventory.
pub(in crate::console) const MAX_BYTES: usize = MAX_INVENTORY_BYTES + 64 * 1024;

/// A form of a tab: the tab, the name of the form, and what sentences of a refusal are about.
pub(in crate::console) struct Form<'p> {
    pub(in crate::console) tab: &'static str,
    pub(in crate::console) name: String,
    pub(in crate::console) places: &'p [(&'p str, &'p str)],
}

impl Form<'static> {
    fn new(tab: &'static str, name: &str, places: &'static [(&str, &str)]) -> Self {
        Self { tab, name: name.to_owned(), places }
    }
}

const PROVIDER: [(&str, &str); 8] = [
    ("the name ", "name"),
    ("the service ", "service"),
    ("the contract ends", "until"),
    ("the contract ", "contract"),
    ("was tried, but", "exit_plan"),
    ("cannot have been tried", "exit_tested"),
    ("the exit plan ", "exit_plan"),
    ("how to go on", "exit_plan"),
];

const PRODUCT: [(&str, &str); 9] = [
    ("the name ", "name"),
    ("the version ", "version"),
    ("the maker ", "maker"),
    ("the certificate ", "certificate"),
    ("the scope ", "scope"),
    ("names the body", "authority"),
    ("names the post", "custodian"),
    ("the custodian ", "custodian"),
    ("key", "custodian"),
];

const ASSET: [(&str, &str); 2] = [("there is no site", "site"), ("the name ", "name")];

/// The whole of what is said is about one field.
const HOSTS: [(&str, &str); 1] = [("", "host")];
const NEEDS: [(&str, &str); 1] = [("", "needs")];
const FILE: [(&str, &str); 1] = [("", "file")];

/// Answers a form: goes to its tab, or draws it again with what was refused.
pub(in crate::console) async fn answer(
    console: &Arc<Console>,
    visiting: &Visiting,
    system: &SystemCode,
    form: Form<'_>,
    fields: Fields,
    done: Result<&'static str, Refused>,
) -> Result<Response<Body>, PageError> {
    let tab = if form.tab.is_empty() { String::new() } else { format!("tab={}&", form.tab) };
    let refused = match done {
        Ok(done) => {
            return Ok(Redirect::to(&format!("/systems/{system}?{tab}done={done}")).into_response());
        }
        Err(refused) => refused,
    };
    let known = register::system(console, visiting, system).await?;
    let may = visiting.caller.actor.require(Permission::RegisterWrite, &known.agency);
    may.map_err(UseError::Denied)?;
    let f = Frame::of(console, visiting, Room::Systems).await?;
    let typed = Typed::refused(&f, &form.name, fields, refused, form.places)?;
    detail::show(console, visiting, system, &Fields::of(&[("tab", form.tab)]), typed).await
}

/// The number of what is taken off or changed, which a page of ours has put there.
fn number(text: &str) -> Result<i64, Mistakes> {
    text.parse().map_err(|_| Mistakes::one("", "this must be one of the list"))
}

/// `POST …/confirm`
pub(in crate::console) async fn confirm(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    use_case::confirm_system(&console.app, &visiting.caller, &system).await?;
    Ok(Redirect::to(&format!("/systems/{system}?done=system-confirmed")).into_response())
}

/// `POST …/needs`
pub(in crate::console) async fn needs(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    let done = async {
        let words = fields.text("needs").split([',', ' ', '\n', '\r', ';']);
        let needed = words.filter(|word| !word.is_empty()).map(SystemCode::new);
        let needed: Result<BTreeSet<SystemCode>, _> = needed.collect();
        let needed = needed.map_err(|wrong| Mistakes::one("needs", wrong))?;
        use_case::set_needs(&console.app, &visiting.caller, &system, needed).await?;
        Ok("system-needs")
    };
    let done = done.await;
    answer(&console, &visiting, &system, Form::new("links", "needs", &NEEDS), fields, done).await
}

/// `POST …/hosts`: registers hosts, one a line, or takes one off the register.
pub(in crate::console) async fn hosts(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    let done = async {
        if let Some(name) = fields.some("remove") {
            let name = HostName::new(name).ok_or_else(|| no_host(name))?;
            use_case::unregister_host(app, caller, &system, &name).await?;
            return Ok("host-removed");
        }
        // What was seen in events keeps the name that it has there.
        let seen = fields.some("seen").map(|name| HostName::new(name).ok_or_else(|| no_host(name)));
        let lines = fields.text("host").lines().filter(|line| !line.trim().is_empty());
        let typed = lines.map(|name| HostName::typed(name).ok_or_else(|| no_host(name)));
        let names: Vec<HostName> =
            seen.into_iter().chain(typed.take(500)).collect::<Result<_, _>>()?;
        if names.is_empty() {
            return Err(Mistakes::one("host", "this must be filled in").into());
        }
        use_case::register_hosts(app, caller, &system, &names).await?;
        Ok("host-added")
    };
    let done = done.await;
    answer(&console, &visiting, &system, Form::new("", "hosts", &HOSTS), fields, done).await
}

fn no_host(name: &str) -> Mistakes {
    let name = name.trim();
    Mistakes::one(
        "host",
        format!(
            "«{name}» is no name of a host: letters without marks, digits, hyphens and full stops, no blanks"
        ),
    )
}

/// `POST …/providers`: adds a provider, plans the exit from one, or takes one off.
pub(in crate::console) async fn providers(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    let done = async {
        if let Some(id) = fields.some("remove") {
            use_case::remove_provider(app, caller, &system, ProviderId(number(id)?)).await?;
            return Ok("provider-removed");
        }
        if let Some(id) = fields.some("exit") {
            let mut wrong = Mistakes::default();
            let exit = exit(&fields, &mut wrong);
            let exit = wrong.end(Some(exit))?;
            across::plan_exit(app, caller, &system, ProviderId(number(id)?), exit).await?;
            return Ok("provider-exit");
        }
        use_case::add_provider(app, caller, provider(&system, &fields)?).await?;
        Ok("provider-added")
    };
    let done = done.await;
    let name = fields.some("exit").map_or("providers".to_owned(), |id| format!("exit-{id}"));
    let form = Form { tab: "parts", name, places: &PROVIDER };
    answer(&console, &visiting, &system, form, fields, done).await
}

fn provider(system: &SystemCode, fields: &Fields) -> Result<Provider, Mistakes> {
    let mut wrong = Mistakes::default();
    let [name, service, contract] =
        ["name", "service", "contract"].map(|name| wrong.must(fields, name).map(str::to_owned));
    let (from, until) = (wrong.day(fields, "from"), wrong.day(fields, "until"));
    let staff = wrong.number(fields, "staff");
    let window = fields.some("window").and_then(|text| {
        let read = Window::parse(text.trim());
        let no = format!("«{text}» is no window such as 1-5 08:00-17:00");
        wrong.keep("window", read.ok_or(no))
    });
    let exit = exit(fields, &mut wrong);
    let provider = || {
        Some(Provider {
            system: system.clone(),
            name: name?,
            service: service?,
            contract: contract?,
            from: from?,
            until: until?,
            staff: staff.unwrap_or_default(),
            window,
            exit,
        })
    };
    let provider = provider();
    wrong.end(provider)
}

/// What a form says of going on without a provider.
fn exit(fields: &Fields, wrong: &mut Mistakes) -> Exit {
    Exit {
        plan: typed(fields, "exit_plan"),
        tested: wrong.day_or(fields, "exit_tested"),
        escrow: wrong.chosen_or(fields, "escrow", Escrow::parse).unwrap_or(Escrow::None),
    }
}

/// `POST …/products`: adds a product, says who keeps its keys, or takes one off.
pub(in crate::console) async fn products(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    let done = async {
        if let Some(id) = fields.some("remove") {
            use_case::remove_product(app, caller, &system, ProductId(number(id)?)).await?;
            return Ok("product-removed");
        }
        if let Some(id) = fields.some("keep") {
            let (custodian, scope) = (typed(&fields, "custodian"), typed(&fields, "scope"));
            let id = ProductId(number(id)?);
            across::set_custodian(app, caller, &system, id, custodian, scope).await?;
            return Ok("product-custodian");
        }
        use_case::add_product(app, caller, product(&system, &fields)?).await?;
        Ok("product-added")
    };
    let done = done.await;
    let name = fields.some("keep").map_or("products".to_owned(), |id| format!("keep-{id}"));
    let form = Form { tab: "parts", name, places: &PRODUCT };
    answer(&console, &visiting, &system, form, fields, done).await
}

fn product(system: &SystemCode, fields: &Fields) -> Result<Product, Mistakes> {
    let mut wrong = Mistakes::default();
    let name = wrong.must(fields, "name").map(str::to_owned);
    let make = wrong.chosen(fields, "make", Make::parse);
    let authority = wrong.chosen_or(fields, "authority", Authority::parse);
    let [certificate_until, support_until] =
        ["certificate_until", "support_until"].map(|name| wrong.day_or(fields, name));
    let product = || {
        Some(Product {
            system: system.clone(),
            name: name?,
            version: typed(fields, "version"),
            maker: typed(fields, "maker"),
            certificate: typed(fields, "certificate"),
            scope: typed(fields, "scope"),
            certificate_until,
            support_until,
            make: make?,
            is_cryptographic: fields.some("cryptographic").is_some(),
            authority,
            custodian: typed(fields, "custodian"),
        })
    };
    let product = product();
    wrong.end(product)
}

/// `POST …/inventory`: takes the inventory of a product from a file.
pub(in crate::console) async fn inventory(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    let asked = visiting.caller.actor.agencies(Permission::RegisterWrite);
    asked.map_err(UseError::Denied)?;
    register::system(&console, &visiting, &system).await?;
    let done = async {
        let id = ProductId(number(fields.text("product"))?);
        let file = file.filter(|(_, bytes)| !bytes.is_empty());
        let (_, bytes) = file.ok_or_else(|| Mistakes::one("file", "choose a file"))?;
        use_case::import_inventory(&console.app, &visiting.caller, &system, id, &bytes).await?;
        Ok("inventory-added")
    };
    let done = done.await;
    let name = format!("inventory-{}", fields.text("product"));
    let form = Form { tab: "parts", name, places: &FILE };
    answer(&console, &visiting, &system, form, fields, done).await
}

/// `POST …/assets`: adds or changes an asset, or takes one off.
pub(in crate::console) async fn assets(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    let done = async {
        if let Some(id) = fields.some("remove") {
            use_case::remove_asset(app, caller, &system, AssetId(number(id)?)).await?;
            return Ok("asset-removed");
        }
        use_case::put_asset(app, caller, asset(&system, &fields)?).await?;
        Ok("asset-added")
    };
    let done = done.await;
    answer(&console, &visiting, &system, Form::new("assets", "assets", &ASSET), fields, done).await
}

fn asset(system: &SystemCode, fields: &Fields) -> Result<Asset, Mistakes> {
    let mut wrong = Mistakes::default();
    let name = wrong.must(fields, "name").and_then(|text| {
        let no = "must be the name of a host";
        wrong.keep("name", HostName::typed(text).ok_or(no))
    });
    let kind = wrong.chosen(fields, "kind", AssetKind::parse);
    let zone = wrong.chosen(fields, "zone", Zone::parse);
    let site = wrong.chosen_or(fields, "site", |text| SiteCode::new(text).ok());
    let address = fields.some("address").and_then(|text| {
        let no = "must be an address such as 192.0.2.10";
        wrong.keep("address", text.trim().parse().map_err(|_| no))
    });
    let asset = || {
        Some(Asset { system: system.clone(), name: name?, kind: kind?, zone: zone?, site, address })
    };
    let asset = asset();
    wrong.end(asset)
}
