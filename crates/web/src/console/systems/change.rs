//! `/systems/{code}/…`: what is changed of a system, one thing at a time.

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
use crate::console::again::{Again, Slip, chosen, day, day_or};
use crate::console::error::PageError;
use crate::console::frame::Frame;
use crate::console::posted::{Fields, Posted, PostedFile};
use crate::console::register::{self, typed};
use crate::console::visit::Visiting;

/// The largest form with an inventory.
pub(in crate::console) const MAX_BYTES: usize = MAX_INVENTORY_BYTES + 64 * 1024;

/// Goes to the tab with what was done, or draws it again with what was typed into one of its forms.
pub(in crate::console) async fn answer(
    console: &Arc<Console>,
    visiting: &Visiting,
    system: &SystemCode,
    tab: &'static str,
    (form, fields): (String, Fields),
    done: Result<&'static str, Slip>,
) -> Result<Response<Body>, PageError> {
    let slip = match done {
        Ok(done) => {
            let to = format!("/systems/{system}?tab={tab}&done={done}");
            return Ok(Redirect::to(&to).into_response());
        }
        Err(slip) => slip,
    };
    let f = Frame::bare(console, &visiting.wish);
    let (again, status) = Again::of(&f, form, fields, slip)?;
    let asked = Fields::of(&[("tab", tab)]);
    let mut response = detail::draw(console, visiting, system.as_str(), &asked, again).await?;
    *response.status_mut() = status;
    Ok(response)
}

/// The name of a form: of one thing of a list by its number, or the one that adds.
fn form(fields: &Fields, of_one: &[&str], adds: &str) -> String {
    let one = of_one.iter().find_map(|name| Some(format!("{name}-{}", fields.some(name)?)));
    one.unwrap_or_else(|| adds.to_owned())
}

fn number(text: &str) -> Result<i64, PageError> {
    text.parse().map_err(|_| PageError::invalid("remove"))
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
    let done = change_needs(&console, &visiting, &system, &fields).await;
    answer(&console, &visiting, &system, "links", ("needs".to_owned(), fields), done).await
}

async fn change_needs(
    console: &Console,
    visiting: &Visiting,
    system: &SystemCode,
    fields: &Fields,
) -> Result<&'static str, Slip> {
    let words = fields.text("needs").split([',', ' ', '\n', '\r', ';']);
    let needed = words.filter(|word| !word.is_empty()).map(SystemCode::new);
    let needed: Result<BTreeSet<SystemCode>, _> = needed.collect();
    let needed = needed.map_err(|wrong| UseError::Invalid(wrong.to_string()))?;
    use_case::set_needs(&console.app, &visiting.caller, system, needed).await?;
    Ok("system-needs")
}

/// `POST …/hosts`: registers hosts, or takes one off the register.
pub(in crate::console) async fn hosts(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    let done = change_hosts(&console, &visiting, &system, &fields).await;
    let form = form(&fields, &["remove"], "host");
    answer(&console, &visiting, &system, "", (form, fields), done).await
}

async fn change_hosts(
    console: &Console,
    visiting: &Visiting,
    system: &SystemCode,
    fields: &Fields,
) -> Result<&'static str, Slip> {
    let (app, caller) = (&console.app, &visiting.caller);
    Ok(if let Some(name) = fields.some("remove") {
        use_case::unregister_host(app, caller, system, &host("remove", name)?).await?;
        "host-removed"
    } else {
        let names = fields.all("host").flat_map(|text| text.split([',', ' ', '\n', '\r', ';']));
        let names = names.filter(|name| !name.is_empty()).take(500).map(|name| host("host", name));
        let names: Vec<HostName> = names.collect::<Result<_, _>>()?;
        if names.is_empty() {
            return Err(Slip::at("host", "errors-host"));
        }
        use_case::register_hosts(app, caller, system, &names).await?;
        "host-added"
    })
}

fn host(field: &str, name: &str) -> Result<HostName, Slip> {
    HostName::new(name).ok_or_else(|| Slip::at(field, "errors-host"))
}

/// `POST …/providers`: adds a provider, plans the exit from one, or takes one off.
pub(in crate::console) async fn providers(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    let done = change_providers(&console, &visiting, &system, &fields).await;
    let form = form(&fields, &["remove", "exit"], "provider");
    answer(&console, &visiting, &system, "parts", (form, fields), done).await
}

async fn change_providers(
    console: &Console,
    visiting: &Visiting,
    system: &SystemCode,
    fields: &Fields,
) -> Result<&'static str, Slip> {
    let (app, caller) = (&console.app, &visiting.caller);
    if let Some(id) = fields.some("remove") {
        use_case::remove_provider(app, caller, system, ProviderId(number(id)?)).await?;
        return Ok("provider-removed");
    }
    if let Some(id) = fields.some("exit") {
        let exit = exit(fields)?;
        across::plan_exit(app, caller, system, ProviderId(number(id)?), exit).await?;
        return Ok("provider-exit");
    }
    let window = fields
        .some("window")
        .map(|text| Window::parse(text).ok_or_else(|| Slip::at("window", "errors-window")));
    let staff = fields.some("staff").unwrap_or("0").trim().parse();
    let provider = Provider {
        system: system.clone(),
        name: fields.text("name").to_owned(),
        service: fields.text("service").to_owned(),
        contract: fields.text("contract").to_owned(),
        from: day(fields, "from")?,
        until: day(fields, "until")?,
        staff: staff.map_err(|_| Slip::at("staff", "errors-number"))?,
        window: window.transpose()?,
        exit: exit(fields)?,
    };
    use_case::add_provider(app, caller, provider).await?;
    Ok("provider-added")
}

/// What a form says of going on without a provider.
fn exit(fields: &Fields) -> Result<Exit, Slip> {
    Ok(Exit {
        plan: typed(fields, "exit_plan"),
        tested: day_or(fields, "exit_tested")?,
        escrow: fields.some("escrow").and_then(Escrow::parse).unwrap_or(Escrow::None),
    })
}

/// `POST …/products`: adds a product, says who keeps its keys, or takes one off.
pub(in crate::console) async fn products(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    let done = change_products(&console, &visiting, &system, &fields).await;
    let form = form(&fields, &["remove", "keep"], "product");
    answer(&console, &visiting, &system, "parts", (form, fields), done).await
}

async fn change_products(
    console: &Console,
    visiting: &Visiting,
    system: &SystemCode,
    fields: &Fields,
) -> Result<&'static str, Slip> {
    let (app, caller) = (&console.app, &visiting.caller);
    if let Some(id) = fields.some("remove") {
        use_case::remove_product(app, caller, system, ProductId(number(id)?)).await?;
        return Ok("product-removed");
    }
    if let Some(id) = fields.some("keep") {
        let (custodian, scope) = (typed(fields, "custodian"), typed(fields, "scope"));
        let id = ProductId(number(id)?);
        across::set_custodian(app, caller, system, id, custodian, scope).await?;
        return Ok("product-custodian");
    }
    let product = Product {
        system: system.clone(),
        name: fields.text("name").to_owned(),
        version: typed(fields, "version"),
        maker: typed(fields, "maker"),
        certificate: typed(fields, "certificate"),
        scope: typed(fields, "scope"),
        certificate_until: day_or(fields, "certificate_until")?,
        support_until: day_or(fields, "support_until")?,
        make: chosen(fields, "make", Make::parse)?,
        is_cryptographic: fields.some("cryptographic").is_some(),
        authority: fields.some("authority").and_then(Authority::parse),
        custodian: typed(fields, "custodian"),
    };
    use_case::add_product(app, caller, product).await?;
    Ok("product-added")
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
    let id = ProductId(number(fields.text("product"))?);
    let done = match file.filter(|(_, bytes)| !bytes.is_empty()) {
        None => Err(Slip::at("file", "errors-file")),
        Some((_, bytes)) => {
            let (app, caller) = (&console.app, &visiting.caller);
            let taken = use_case::import_inventory(app, caller, &system, id, &bytes).await;
            taken.map(|_| "inventory-added").map_err(Slip::from)
        }
    };
    let form = format!("inventory-{}", fields.text("product"));
    answer(&console, &visiting, &system, "parts", (form, fields), done).await
}

/// `POST …/assets`: adds or changes an asset, or takes one off.
pub(in crate::console) async fn assets(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let system = code(&text)?;
    let done = change_assets(&console, &visiting, &system, &fields).await;
    let form = form(&fields, &["remove"], "asset");
    answer(&console, &visiting, &system, "assets", (form, fields), done).await
}

async fn change_assets(
    console: &Console,
    visiting: &Visiting,
    system: &SystemCode,
    fields: &Fields,
) -> Result<&'static str, Slip> {
    let (app, caller) = (&console.app, &visiting.caller);
    if let Some(id) = fields.some("remove") {
        use_case::remove_asset(app, caller, system, AssetId(number(id)?)).await?;
        return Ok("asset-removed");
    }
    use_case::put_asset(app, caller, asset(system, fields)?).await?;
    Ok("asset-added")
}

fn asset(system: &SystemCode, fields: &Fields) -> Result<Asset, Slip> {
    let address = fields.some("address").map(|text| text.trim().parse());
    Ok(Asset {
        system: system.clone(),
        name: host("name", fields.text("name"))?,
        kind: chosen(fields, "kind", AssetKind::parse)?,
        zone: chosen(fields, "zone", Zone::parse)?,
        site: fields
            .some("site")
            .map(SiteCode::new)
            .transpose()
            .map_err(|_| Slip::at("site", "errors-choose"))?,
        address: address.transpose().map_err(|_| Slip::at("address", "errors-address"))?,
    })
}
