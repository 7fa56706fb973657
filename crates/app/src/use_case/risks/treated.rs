//! What shows that a risk is treated: its records of the ledger and the controls that it names; and the
//! asset that it is about.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::evidence::{How, Record};
use khien_domain::permission::AgencyScope;
use khien_domain::risk::{AssetName, ControlName, Proof, Risk, RiskAbout, RiskPack};
use khien_store::Store;

use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::controls::{InForce, Relied};

/// What is known of the treatment of a risk.
pub(super) struct Treated {
    /// Those of its records that count no more.
    pub(super) lapsed: BTreeSet<u64>,
    /// How the controls that it names stand.
    pub(super) controls: Vec<Relied>,
    /// Both together.
    pub(super) proof: Proof,
}

impl Treated {
    /// Reads what is known now.
    pub(super) async fn read(
        store: &Store,
        kinds: &Kinds,
        risk: &Risk,
        now: Timestamp,
    ) -> Result<Self, UseError> {
        let about = &risk.about;
        let lapsed = lapsed(store, &about.records, now).await?;
        let controls = relied(store, kinds, risk, now).await?;
        let lacking = controls.iter().filter(|one| one.standing.is_lacking());
        let proof = Proof {
            has_record: about.records.difference(&lapsed).next().is_some(),
            lacking: lacking.map(|one| one.name.clone()).collect(),
        };
        Ok(Self { lapsed, controls, proof })
    }
}

async fn relied(
    store: &Store,
    kinds: &Kinds,
    risk: &Risk,
    now: Timestamp,
) -> Result<Vec<Relied>, UseError> {
    let names = &risk.about.controls;
    let scope = AgencyScope::one(risk.agency.clone());
    let system = match &risk.about.system {
        Some(code) if !names.is_empty() => store.find_system(&scope, code).await?,
        _ => None,
    };
    let in_force = InForce::read(store, kinds, names).await?;
    in_force.relied(store, system.as_ref(), names, now).await
}

/// Those of some records that count no more: corrected, withdrawn, or past their time.
pub(super) async fn lapsed(
    store: &Store,
    seqs: &BTreeSet<u64>,
    now: Timestamp,
) -> Result<BTreeSet<u64>, UseError> {
    let mut lapsed = store.corrected_records(seqs).await?;
    for seq in seqs {
        let found = store.find_evidence(&AgencyScope::All, *seq).await?;
        if found.is_none_or(|record| record.about.until.is_some_and(|until| until <= now)) {
            lapsed.insert(*seq);
        }
    }
    Ok(lapsed)
}

/// Whether the register has an asset of an agency.
pub(super) async fn has_asset(
    store: &Store,
    agency: &AgencyCode,
    asset: &AssetName,
) -> Result<bool, UseError> {
    let scope = AgencyScope::one(agency.clone());
    let all = store.list_assets(&scope, Some(&asset.system)).await?;
    Ok(all.iter().any(|kept| kept.asset.name == asset.name))
}

/// What is said, if it is valid, of a system and an asset of the agency, with records and controls that may
/// be named. What it named before stays, whatever became of it.
pub(super) async fn valid(
    records: &Records,
    pack: &RiskPack,
    agency: &AgencyCode,
    about: RiskAbout,
    was: Option<&RiskAbout>,
) -> Result<RiskAbout, UseError> {
    let about = about.checked().map_err(UseError::invalid)?;
    let scope = AgencyScope::one(agency.clone());
    if records.store.find_agency(&scope, agency).await?.is_none() {
        return Err(UseError::not_found("agency", agency));
    }
    if let Some(asset) = &about.asset
        && was.and_then(|was| was.asset.as_ref()) != Some(asset)
        && !has_asset(&records.store, agency, asset).await?
    {
        return Err(UseError::Invalid(format!(
            "{agency} has no asset {asset}: name one of its systems' assets, as system/name"
        )));
    }
    if let Some(system) = &about.system
        && records.store.find_system(&scope, system).await?.is_none()
    {
        return Err(UseError::Invalid(format!("system: {agency} has no system {system}")));
    }
    let named = was.map(|was| &was.controls).into_iter().flatten().cloned().collect();
    let new: BTreeSet<ControlName> = about.controls.difference(&named).cloned().collect();
    valid_controls(records, &new).await?;
    let named: BTreeSet<u64> = was.map(|was| &was.records).into_iter().flatten().copied().collect();
    let new: BTreeSet<u64> = about.records.difference(&named).copied().collect();
    // A risk that goes to another system takes none of the records of the former along.
    let is_moved = was.is_some_and(|was| was.system != about.system);
    let looked_at = if is_moved { &about.records } else { &new };
    show_treatment(records, pack, agency, &about, looked_at).await?;
    if let Some(seq) = lapsed(&records.store, &new, records.now()).await?.first() {
        return Err(UseError::Invalid(format!("record {seq} of the ledger counts no more")));
    }
    Ok(about)
}

async fn valid_controls(records: &Records, new: &BTreeSet<ControlName>) -> Result<(), UseError> {
    let in_force = InForce::read(&records.store, records.kinds(), new).await?;
    for name in new {
        let Some(catalogue) = in_force.catalogue(&name.catalogue) else {
            return Err(UseError::Invalid(format!(
                "control {name}: there is no catalogue {}; the room of controls lists them",
                name.catalogue
            )));
        };
        if catalogue.control(&name.id).is_none() {
            return Err(UseError::Invalid(format!(
                "control {name}: {} has no control {}; its page lists them",
                catalogue.key, name.id
            )));
        }
    }
    Ok(())
}

/// Refuses records that show no treatment of what is said.
async fn show_treatment(
    records: &Records,
    pack: &RiskPack,
    agency: &AgencyCode,
    about: &RiskAbout,
    seqs: &BTreeSet<u64>,
) -> Result<(), UseError> {
    let scope = AgencyScope::one(agency.clone());
    for seq in seqs {
        let found = records.store.find_evidence(&scope, *seq).await?;
        if !found.is_some_and(|record| shows_treatment(pack, &record, about.system.as_ref())) {
            return Err(UseError::Invalid(format!(
                "record {seq} of the ledger is none of {agency} that shows a treatment of this risk"
            )));
        }
    }
    Ok(())
}

fn names<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

/// What of a risk's treatment was changed, in words for its history; nothing if nothing was.
pub(super) fn changed(was: &RiskAbout, now: &RiskAbout) -> String {
    let mut said = String::new();
    let mut add = |what: &str, gone: Vec<String>, new: Vec<String>| {
        let signed = gone.iter().map(|one| format!("−{one}"));
        let signed: Vec<String> = signed.chain(new.iter().map(|one| format!("+{one}"))).collect();
        if !signed.is_empty() {
            said.push_str(&format!("; {what} {}", signed.join(" ")));
        }
    };
    let (a, b) = (was, now);
    let of = |one: &Option<SystemCode>| names(one.clone());
    if a.system != b.system {
        add("system", of(&a.system), of(&b.system));
    }
    if a.asset != b.asset {
        add("asset", names(a.asset.clone()), names(b.asset.clone()));
    }
    add(
        "controls",
        names(a.controls.difference(&b.controls)),
        names(b.controls.difference(&a.controls)),
    );
    add(
        "records",
        names(a.records.difference(&b.records)),
        names(b.records.difference(&a.records)),
    );
    said
}

/// Whether a record can show that a risk is treated: one that the pack names, not the agency's own word
/// alone, and about no other system.
fn shows_treatment(pack: &RiskPack, record: &Record, system: Option<&SystemCode>) -> bool {
    let about = &record.about;
    let fits = about.system.is_none() || system.is_none() || about.system.as_ref() == system;
    fits && about.how != How::Declared && pack.shows_treatment(&about.kind, &record.content)
}
