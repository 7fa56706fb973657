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

use super::code;
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::posted::{Fields, Posted, PostedFile};
use crate::console::register::{self, typed, typed_day, typed_day_or};

/// The largest form with an inventory.
pub(in crate::console) const MAX_BYTES: usize = MAX_INVENTORY_BYTES + 64 * 1024;

fn to_tab(system: &SystemCode, tab: &str, done: &str) -> Response<Body> {
    Redirect::to(&format!("/systems/{system}?tab={tab}&done={done}")).into_response()
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
    let words = fields.text("needs").split([',', ' ', '\n', '\r', ';']);
    let needed = words.filter(|word| !word.is_empty()).map(SystemCode::new);
    let needed: Result<BTreeSet<SystemCode>, _> = needed.collect();
    let needed = needed.map_err(|wrong| PageError::invalid(wrong.to_string()))?;
    use_case::set_needs(&console.app, &visiting.caller, &system, needed).await?;
    Ok(to_tab(&system, "links", "system-needs"))
}

/// `POST …/hosts`: registers hosts, or takes one off the register.
pub(in crate::console) async fn hosts(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    let done = if let Some(name) = fields.some("remove") {
        use_case::unregister_host(app, caller, &system, &host(name)?).await?;
        "host-removed"
    } else {
        let names = fields.all("host").flat_map(|text| text.split([',', ' ', '\n', '\r', ';']));
        let names = names.filter(|name| !name.is_empty()).take(500).map(host);
        let names: Vec<HostName> = names.collect::<Result<_, _>>()?;
        if names.is_empty() {
            return Err(PageError::invalid("the name is empty"));
        }
        use_case::register_hosts(app, caller, &system, &names).await?;
        "host-added"
    };
    Ok(Redirect::to(&format!("/systems/{system}?done={done}")).into_response())
}

fn host(name: &str) -> Result<HostName, PageError> {
    HostName::new(name).ok_or_else(|| PageError::invalid(format!("«{name}» is no name of a host")))
}

/// `POST …/providers`: adds a provider, plans the exit from one, or takes one off.
pub(in crate::console) async fn providers(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    if let Some(id) = fields.some("remove") {
        use_case::remove_provider(app, caller, &system, ProviderId(number(id)?)).await?;
        return Ok(to_tab(&system, "parts", "provider-removed"));
    }
    if let Some(id) = fields.some("exit") {
        let exit = exit(&fields)?;
        across::plan_exit(app, caller, &system, ProviderId(number(id)?), exit).await?;
        return Ok(to_tab(&system, "parts", "provider-exit"));
    }
    let window = fields.some("window").map(|text| {
        let wrong = || PageError::invalid(format!("«{text}» is no window such as 1-5 08:00-17:00"));
        Window::parse(text).ok_or_else(wrong)
    });
    let staff = fields.some("staff").unwrap_or("0").trim().parse();
    let provider = Provider {
        system: system.clone(),
        name: fields.text("name").to_owned(),
        service: fields.text("service").to_owned(),
        contract: fields.text("contract").to_owned(),
        from: typed_day(fields.text("from")).map_err(PageError::invalid)?,
        until: typed_day(fields.text("until")).map_err(PageError::invalid)?,
        staff: staff.map_err(|_| PageError::invalid("staff"))?,
        window: window.transpose()?,
        exit: exit(&fields)?,
    };
    use_case::add_provider(app, caller, provider).await?;
    Ok(to_tab(&system, "parts", "provider-added"))
}

/// What a form says of going on without a provider.
fn exit(fields: &Fields) -> Result<Exit, PageError> {
    Ok(Exit {
        plan: typed(fields, "exit_plan"),
        tested: typed_day_or(fields, "exit_tested").map_err(PageError::invalid)?,
        escrow: fields.some("escrow").and_then(Escrow::parse).unwrap_or(Escrow::None),
    })
}

/// `POST …/products`: adds a product, says who keeps its keys, or takes one off.
pub(in crate::console) async fn products(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    if let Some(id) = fields.some("remove") {
        use_case::remove_product(app, caller, &system, ProductId(number(id)?)).await?;
        return Ok(to_tab(&system, "parts", "product-removed"));
    }
    if let Some(id) = fields.some("keep") {
        let (custodian, scope) = (typed(&fields, "custodian"), typed(&fields, "scope"));
        let id = ProductId(number(id)?);
        across::set_custodian(app, caller, &system, id, custodian, scope).await?;
        return Ok(to_tab(&system, "parts", "product-custodian"));
    }
    let day = |name: &str| typed_day_or(&fields, name).map_err(PageError::invalid);
    let product = Product {
        system: system.clone(),
        name: fields.text("name").to_owned(),
        version: typed(&fields, "version"),
        maker: typed(&fields, "maker"),
        certificate: typed(&fields, "certificate"),
        scope: typed(&fields, "scope"),
        certificate_until: day("certificate_until")?,
        support_until: day("support_until")?,
        make: fields.parsed("make", Make::parse)?,
        is_cryptographic: fields.some("cryptographic").is_some(),
        authority: fields.some("authority").and_then(Authority::parse),
        custodian: typed(&fields, "custodian"),
    };
    use_case::add_product(app, caller, product).await?;
    Ok(to_tab(&system, "parts", "product-added"))
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
    let file = file.filter(|(_, bytes)| !bytes.is_empty());
    let (_, bytes) = file.ok_or_else(|| PageError::invalid("choose a file"))?;
    use_case::import_inventory(&console.app, &visiting.caller, &system, id, &bytes).await?;
    Ok(to_tab(&system, "parts", "inventory-added"))
}

/// `POST …/assets`: adds or changes an asset, or takes one off.
pub(in crate::console) async fn assets(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    if let Some(id) = fields.some("remove") {
        use_case::remove_asset(app, caller, &system, AssetId(number(id)?)).await?;
        return Ok(to_tab(&system, "assets", "asset-removed"));
    }
    use_case::put_asset(app, caller, asset(&system, &fields)?).await?;
    Ok(to_tab(&system, "assets", "asset-added"))
}

fn asset(system: &SystemCode, fields: &Fields) -> Result<Asset, PageError> {
    let address = fields.some("address").map(|text| text.trim().parse());
    Ok(Asset {
        system: system.clone(),
        name: host(fields.text("name"))?,
        kind: fields.parsed("kind", AssetKind::parse)?,
        zone: fields.parsed("zone", Zone::parse)?,
        site: fields
            .some("site")
            .map(SiteCode::new)
            .transpose()
            .map_err(|_| PageError::invalid("site"))?,
        address: address.transpose().map_err(|_| PageError::invalid("address"))?,
    })
}
