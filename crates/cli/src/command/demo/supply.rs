//! Products, providers and devices that keep keys of the province: put in by the use cases that people
//! use.

use anyhow::{Context as _, Result};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::register;
use khien_app::use_case::register::custody::{self, NewDevice};
use khien_demo::governance::{Governance, Handled, Handover, Product, Provider};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::custody::{Act, DeviceKind};
use khien_domain::product::{self, Authority, Make};
use khien_domain::provider::{self, Escrow, Exit, Window};

/// What an inventory of the demonstration names.
const INVENTORY: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
    {"type":"library","name":"ma-hoa-mau","version":"3.2"},
    {"type":"library","name":"giao-dien-mau","version":"11.0"},
    {"type":"framework","name":"khung-mau","version":"8.4"}]}"#;

/// Puts all of it in, once.
pub(super) async fn fill(app: &App, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    for product in governance.products() {
        let (system, name) = (product.system, product.name);
        add_product(app, caller, product).await.with_context(|| format!("{name} of {system}"))?;
    }
    for provider in governance.providers() {
        let (system, name) = (provider.system, provider.name);
        add_provider(app, caller, provider).await.with_context(|| format!("{name} of {system}"))?;
    }
    for handover in governance.handovers() {
        let serial = handover.serial.clone();
        hand_over(app, caller, handover).await.with_context(|| format!("device {serial}"))?;
    }
    Ok(())
}

async fn add_product(app: &App, caller: &Caller, told: Product) -> Result<()> {
    let system = SystemCode::new(told.system)?;
    let authority = told.cryptographic.and_then(|(authority, _)| Authority::parse(authority));
    let product = product::Product {
        system: system.clone(),
        name: told.name.to_owned(),
        version: None,
        maker: Some(told.maker.to_owned()),
        certificate: Some(told.certificate.to_owned()),
        scope: Some(told.scope.to_owned()),
        certificate_until: Some(told.certificate_until),
        support_until: Some(told.support_until),
        make: if told.domestic { Make::Domestic } else { Make::Foreign },
        is_cryptographic: told.cryptographic.is_some(),
        authority,
        custodian: told.cryptographic.map(|(_, custodian)| custodian.to_owned()),
    };
    let id = register::add_product(app, caller, product).await?;
    if told.inventory {
        register::import_inventory(app, caller, &system, id, INVENTORY.as_bytes()).await?;
    }
    Ok(())
}

async fn add_provider(app: &App, caller: &Caller, told: Provider) -> Result<()> {
    let window = told.window.map(|text| Window::parse(text).context("a window that is none"));
    let provider = provider::Provider {
        system: SystemCode::new(told.system)?,
        name: told.name.to_owned(),
        service: told.service.to_owned(),
        contract: told.contract,
        from: told.from,
        until: told.until,
        staff: told.staff,
        window: window.transpose()?,
        exit: Exit {
            plan: told.exit_plan.map(str::to_owned),
            tested: told.exit_tested,
            escrow: Escrow::parse(told.escrow).context("an escrow that there is not")?,
        },
    };
    register::add_provider(app, caller, provider).await?;
    Ok(())
}

async fn hand_over(app: &App, caller: &Caller, told: Handover) -> Result<()> {
    let new = NewDevice {
        agency: AgencyCode::new(told.agency)?,
        serial: told.serial,
        kind: DeviceKind::parse(told.kind).context("a kind of device that there is not")?,
        product: None,
        until: Some(told.until),
        day: told.came,
    };
    let id = custody::add_device(app, caller, new).await?;
    for (day, handled) in told.steps {
        let act = match handled {
            Handled::HandedOver(post) => Act::HandOver(post.to_owned()),
            Handled::Returned => Act::Return,
            Handled::Lost => Act::Lose,
            Handled::Revoked(number) => Act::Revoke(number.to_owned()),
        };
        custody::act(app, caller, id, act, day).await?;
    }
    Ok(())
}
