//! Assets and hosts that stand in two networks which are to be apart: each is an alert and a task of its
//! agency until it stands in one. In come what the register says of assets and which hosts the events of which
//! systems name.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use khien_domain::alert::severity::SeverityPack;
use khien_domain::alert::{AlertKind, MatchedField};
use khien_domain::asset::{Placed, in_two_zones, placed};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::Origin;
use khien_domain::measure::MeasurePack;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::register_pack::RegisterPack;
use khien_domain::system::System;
use khien_domain::text;
use khien_store::Detections;

use crate::access::{Caller, Deed};
use crate::news::Topic;
use crate::records::Records;
use crate::use_case::notice::Notice;
use crate::use_case::{UseError, tasks};

/// How the names of these tasks begin.
const BEGINNING: &str = "zones ";
/// The longest name of a task.
const SUBJECT_BYTES: usize = 200;

/// Looks at all assets of agencies that the caller may see. Answers how many names and addresses stand
/// in two zones.
pub async fn look(records: &Records, caller: &Caller) -> Result<usize, UseError> {
    let deed = Deed::new("asset.zones", "assets in two zones", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let all = all_placed(records, &scope).await?;
    let found = in_two_zones(&all);
    for ((agency, mark), assets) in &found {
        begin(records, caller, agency, mark, assets).await?;
    }
    let still: BTreeSet<(&AgencyCode, String)> =
        found.keys().map(|(agency, mark)| (agency, subject(mark))).collect();
    let mut page = PageRequest::first();
    loop {
        let agencies = records.store.list_agencies(&scope, &page).await?;
        for agency in agencies.items {
            for task in tasks::all_open(&records.store, &agency.code, BEGINNING).await? {
                if !still.contains(&(&agency.code, task.subject.clone())) {
                    finish(records, &agency.code, &task.subject).await?;
                }
            }
        }
        let Some(next) = agencies.next else { return Ok(found.len()) };
        page.after = Some(next);
    }
}

/// What stands in which network, of the systems that the caller may see and that are not retired.
pub async fn list_placed(records: &Records, caller: &Caller) -> Result<Vec<Placed>, UseError> {
    let deed = Deed::new("asset.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    all_placed(records, &scope).await
}

async fn all_placed(records: &Records, scope: &AgencyScope) -> Result<Vec<Placed>, UseError> {
    let days = RegisterPack::built_in().map_err(UseError::invalid)?.seen_days;
    let since = records.now() - SignedDuration::from_hours(24 * days);
    let assets = records.store.list_assets_in_use(scope).await?;
    Ok(placed(assets, records.store.list_hosts_seen(scope, since).await?))
}

async fn begin(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    mark: &str,
    assets: &[&Placed],
) -> Result<(), UseError> {
    let subject = subject(mark);
    if tasks::open(&records.store, agency, &subject).await?.is_some() {
        return Ok(());
    }
    let Some(system) = gravest(records, assets).await? else { return Ok(()) };
    let severity = SeverityPack::parse(SeverityPack::BUILT_IN).map_err(UseError::invalid)?;
    let days = MeasurePack::built_in().map_err(UseError::invalid)?.task_days;
    let now = records.now();
    let task = tasks::begun(agency, subject.clone(), now, days, (Origin::Register, mark));
    let matched = assets.iter().map(|asset| {
        MatchedField::new(asset.system.as_str(), asset.name.as_str(), asset.zone.name())
    });
    let notice = Notice {
        kind: AlertKind::TwoZones,
        title: "Tài sản ở hai vùng mạng",
        severity: severity.of_two_zones(system.level),
        agency,
        system: &system.code,
        entity: mark.to_owned(),
        matched: matched.collect(),
    };
    let found = vec![notice.at(now, &severity)];
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    if tasks::open(&records.store, agency, &subject).await?.is_some() {
        return Ok(());
    }
    records.keep_evidence(&mut tx, vec![task]).await?;
    tx.record_detections(&Detections { found, ..Detections::default() }, now).await?;
    let deed = Deed::new("asset.two_zones", mark, Some(agency.clone()));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    records.news.tell(Topic::Alerts);
    Ok(())
}

/// Of the systems of assets the one of the highest level.
async fn gravest(records: &Records, assets: &[&Placed]) -> Result<Option<System>, UseError> {
    let mut found: Option<System> = None;
    for asset in assets {
        let system = records.store.find_system(&AgencyScope::All, &asset.system).await?;
        if system.as_ref().map(|one| one.level) > found.as_ref().map(|one| one.level) {
            found = system;
        }
    }
    Ok(found)
}

async fn finish(records: &Records, agency: &AgencyCode, subject: &str) -> Result<(), UseError> {
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    if let Some(task) = tasks::open(&records.store, agency, subject).await? {
        records.keep_evidence(&mut tx, vec![tasks::done(task, records.now())]).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn subject(mark: &str) -> String {
    text::cut(&format!("{BEGINNING}{mark}"), SUBJECT_BYTES)
}
