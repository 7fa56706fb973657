//! The handover of devices that keep keys: each step stands in a log that only grows, and in the audit
//! log; what is lost is a task of its agency until its revocation is recorded.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::custody::{self, Act, Device, DeviceKind, KeptDevice, Move, Step};
use khien_domain::evidence::Origin;
use khien_domain::ids::{DeviceId, ProductId};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::product::KeptProduct;
use khien_store::Tx;

use super::across::days;
use super::evidence::{day_of, pack};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::tasks::{self, Task};
use crate::use_case::{UseError, register};

/// A device that comes into the store of an agency.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Whose it is.
    pub agency: AgencyCode,
    /// Its serial number.
    pub serial: String,
    /// What it is.
    pub kind: DeviceKind,
    /// The product of the agency that it belongs to.
    pub product: Option<ProductId>,
    /// The last day of its certificate.
    pub until: Option<Date>,
    /// On which day it came.
    pub day: Date,
}

/// A device with its log.
#[derive(Clone, Debug)]
pub struct DeviceDetail {
    /// The device.
    pub kept: KeptDevice,
    /// What was done with it, newest first.
    pub steps: Vec<Step>,
    /// The product that it belongs to.
    pub product: Option<KeptProduct>,
    /// The task to revoke it, if it was lost.
    pub task: Option<Task>,
}

/// The devices of the agencies that the caller may see: what is lost and not revoked first, then what
/// has ended or ends soon.
pub async fn list_devices(records: &Records, caller: &Caller) -> Result<Vec<KeptDevice>, UseError> {
    let deed = Deed::new("custody.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let mut found = records.store.list_devices(&scope).await?;
    let (today, soon) = days(records)?;
    custody::sort(&mut found, today, soon);
    Ok(found)
}

/// A device that the caller may see, with its log.
pub async fn get_device(
    records: &Records,
    caller: &Caller,
    id: DeviceId,
) -> Result<DeviceDetail, UseError> {
    let deed = Deed::new("custody.read", format!("device {id}"), None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let kept = records.store.find_device(&scope, id).await?;
    let kept = kept.ok_or_else(|| UseError::not_found("device", id))?;
    let steps = records.store.list_device_steps(&scope, id).await?;
    let (agency, serial) = (&kept.device.agency, &kept.device.serial);
    let product = match kept.device.product {
        Some(product) => product_of(records, agency, product).await?,
        None => None,
    };
    let task = tasks::find(&records.store, agency, &subject(serial)).await?;
    Ok(DeviceDetail { kept, steps, product, task })
}

/// A product of a system of an agency.
async fn product_of(
    records: &Records,
    agency: &AgencyCode,
    id: ProductId,
) -> Result<Option<KeptProduct>, UseError> {
    let all = records.store.list_products(&AgencyScope::one(agency.clone()), None).await?;
    Ok(all.into_iter().find(|kept| kept.id == id))
}

/// Takes a device into the store of its agency.
pub async fn add_device(
    records: &Records,
    caller: &Caller,
    new: NewDevice,
) -> Result<DeviceId, UseError> {
    let deed = Deed::new("custody.register", "", Some(new.agency.clone()));
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    register::get_agency(records, caller, &new.agency).await?;
    let today = day_of(records.now());
    let device = Device::new(new.agency, &new.serial, new.kind, new.day);
    let device = device.map_err(UseError::invalid)?;
    if new.day > today {
        return Err(UseError::invalid(custody::CustodyError::NotYet(new.day)));
    }
    if let Some(id) = new.product
        && product_of(records, &device.agency, id).await?.is_none()
    {
        let agency = &device.agency;
        return Err(UseError::Invalid(format!("no system of {agency} has a product {id}")));
    }
    let device = Device { product: new.product, until: new.until, ..device };
    let deed = Deed { target: target(&device), ..deed };
    let who = caller.actor.identity.to_string();
    let mut tx = records.store.begin().await?;
    let id = tx.add_device(&device, records.now()).await;
    let id = id.map_err(|error| UseError::taken(error, || taken(&device)))?;
    let detail = device.until.map_or_else(String::new, |until| until.to_string());
    let step = Step { at: records.now(), day: new.day, who, what: Move::Register, detail };
    tx.add_device_step(id, &step).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Does something with a device on a day. What is lost begins a task of its agency in the same
/// transaction, which is done when the device is revoked.
pub async fn act(
    records: &Records,
    caller: &Caller,
    id: DeviceId,
    act: Act,
    day: Date,
) -> Result<(), UseError> {
    let deed = Deed::new(action(act.what()), format!("device {id}"), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let was = records.store.find_device(&scope, id).await?;
    let was = was.ok_or_else(|| UseError::not_found("device", id))?;
    let (now, today) = (records.now(), day_of(records.now()));
    let (device, detail) = was.device.after(&act, day, today).map_err(UseError::invalid)?;
    let agency = device.agency.clone();
    let deed = Deed { target: target(&device), agency: Some(agency.clone()), ..deed };
    let deed = deed.with(&detail);
    let subject = subject(&device.serial);
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    if !tx.update_device(id, &device, was.updated_at, now).await? {
        return Err(UseError::Conflict(format!("{} was changed meanwhile", device.serial)));
    }
    let who = caller.actor.identity.to_string();
    tx.add_device_step(id, &Step { at: now, day, who, what: act.what(), detail }).await?;
    let task = match act {
        Act::Lose => {
            let (days, from) = (pack()?.revoke_days, (Origin::Register, subject.as_str()));
            Some(tasks::begun(&agency, subject.clone(), now, days, from))
        }
        Act::Revoke(_) => {
            let open = tasks::open(&records.store, &agency, &subject).await?;
            open.map(|task| tasks::done(task, now))
        }
        Act::HandOver(_) | Act::Return | Act::Renew(_) => None,
    };
    records.keep_evidence(&mut tx, task.into_iter().collect()).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Keeps a device that a file lists: a new one with the post that has it, or what is new of a known
/// one. Answers whether it is new.
pub(super) async fn keep_listed(
    tx: &mut Tx,
    (who, now): (&str, jiff::Timestamp),
    listed: Device,
    known: Option<KeptDevice>,
    post: Option<String>,
) -> Result<bool, UseError> {
    let today = day_of(now);
    let mut device = match &known {
        Some(known) if known.device.kind != listed.kind => {
            let kind = known.device.kind.name();
            return Err(UseError::Conflict(format!("{} is a {kind}", listed.serial)));
        }
        Some(known) => known.device.clone(),
        None if listed.since > today => {
            return Err(UseError::invalid(custody::CustodyError::NotYet(listed.since)));
        }
        None => listed.clone(),
    };
    let mut acts = Vec::new();
    if listed.until.is_some() && listed.until != device.until {
        acts.extend(listed.until.map(Act::Renew));
    }
    if post.is_some() && post != device.post {
        acts.extend(post.map(Act::HandOver));
    }
    let day = if known.is_some() { listed.since.max(device.since) } else { listed.since };
    let step = |what, detail| Step { at: now, day, who: who.to_owned(), what, detail };
    let mut steps = Vec::new();
    if known.is_none() {
        let detail = device.until.map_or_else(String::new, |until| until.to_string());
        steps.push(step(Move::Register, detail));
    }
    for act in acts {
        let (after, detail) = device.after(&act, day, today).map_err(UseError::invalid)?;
        steps.push(step(act.what(), detail));
        device = after;
    }
    let id = match &known {
        Some(known) if steps.is_empty() => known.id,
        Some(known) => {
            tx.update_device(known.id, &device, known.updated_at, now).await?;
            known.id
        }
        None => tx.add_device(&device, now).await?,
    };
    for step in &steps {
        tx.add_device_step(id, step).await?;
    }
    Ok(known.is_none())
}

fn taken(device: &Device) -> String {
    let Device { agency, serial, .. } = device;
    format!("{agency} has a device {serial} already; look for it in the list")
}

fn target(device: &Device) -> String {
    format!("device {} of {}", device.serial, device.agency)
}

/// What the task about a device is told apart by.
fn subject(serial: &str) -> String {
    format!("custody {serial}")
}

fn action(what: Move) -> &'static str {
    match what {
        Move::Register => "custody.register",
        Move::HandOver => "custody.hand-over",
        Move::Return => "custody.return",
        Move::Renew => "custody.renew",
        Move::Lose => "custody.lose",
        Move::Revoke => "custody.revoke",
    }
}
