//! The official addresses of the agencies, as anybody may read them: the list of a day, and the same
//! signed, so that others can rely on it without asking the centre.
//!
//! Of the register nothing else goes out: kinds of resources that the pack names, whose last day is not
//! over, of systems that are used and reached from the Internet or of none. No caller is asked for: whether
//! anybody may read it is a setting (`[public] verified`), which whoever serves it looks at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use khien_domain::agency::Agency;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::resource::ResourceKind;
use khien_domain::system::Stage;
use khien_domain::text::collation;
use khien_seal::{Digest, Signature};

use super::UseError;
use super::register::evidence::{day_of, pack};
use crate::ledger::LedgerError;
use crate::records::Records;

/// What the statement says to be.
const KIND: &str = "khien.verified-addresses";
/// The form of the statement.
const FORMAT: i64 = 1;

/// An official address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose it is.
    pub agency: AgencyCode,
    /// What they are called in Vietnamese.
    pub name_vi: String,
    /// What they are called in English, if that is known.
    pub name_en: Option<String>,
    /// Domain or page.
    pub kind: ResourceKind,
    /// The address.
    pub value: String,
}

/// The addresses of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The day, in the province.
    pub day: Date,
    /// The addresses, by the agency's name, kind and value.
    pub addresses: Vec<Verified>,
}

/// A list with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The list.
    pub list: List,
    /// What is signed of it: canonical JSON.
    pub statement: String,
    /// The signature of the key of the ledger over it.
    pub signature: String,
}

/// The list of today.
pub async fn list(records: &Records) -> Result<List, UseError> {
    let (day, kinds) = (day_of(records.now()), &pack()?.public_resources);
    let all = AgencyScope::All;
    let agencies = agencies(records).await?;
    let hidden = hidden_systems(records).await?;
    let resources = records.store.list_resources(&all).await?;
    let resources = resources.into_iter().map(|kept| kept.resource).filter(|one| {
        kinds.contains(&one.kind)
            && !one.has_expired(day)
            && one.system.as_ref().is_none_or(|system| !hidden.contains(system))
    });
    let mut addresses: Vec<Verified> = resources
        .filter_map(|one| {
            let agency = agencies.get(&one.agency)?;
            Some(Verified {
                agency: one.agency,
                name_vi: agency.name_vi.clone(),
                name_en: agency.name_en.clone(),
                kind: one.kind,
                value: one.value,
            })
        })
        .collect();
    addresses.sort_by_cached_key(|one| {
        (collation(&one.name_vi), one.agency.clone(), one.kind, one.value.clone())
    });
    Ok(List { day, addresses })
}

/// The list of today, signed with the key of the ledger.
pub async fn signed(records: &Records) -> Result<Signed, UseError> {
    let list = list(records).await?;
    let statement = list.to_content().to_text();
    let secret = records.ledger_key().of(&records.store).await?;
    let signature = Signature::new(&secret, &Digest::of(statement.as_bytes()));
    let signature = signature.map_err(LedgerError::from)?.to_text();
    Ok(Signed { list, statement, signature })
}

impl List {
    fn to_content(&self) -> Content {
        let addresses = self.addresses.iter().map(|one| {
            Content::map([
                ("agency", Content::from(one.agency.as_str())),
                ("name", one.name_vi.as_str().into()),
                ("kind", one.kind.name().into()),
                ("address", one.value.as_str().into()),
            ])
        });
        Content::map([
            ("list", Content::from(KIND)),
            ("format", FORMAT.into()),
            ("day", self.day.to_string().into()),
            ("addresses", Content::List(addresses.collect())),
        ])
    }
}

async fn agencies(records: &Records) -> Result<BTreeMap<AgencyCode, Agency>, UseError> {
    let (mut all, mut page) = (BTreeMap::new(), PageRequest::first());
    loop {
        let found = records.store.list_agencies(&AgencyScope::All, &page).await?;
        all.extend(found.items.into_iter().map(|agency| (agency.code.clone(), agency)));
        let Some(next) = found.next else { return Ok(all) };
        page.after = Some(next);
    }
}

/// Systems that are not reached from the Internet: what is theirs is nobody else's business; and those that are
/// retired: what was theirs may be anybody's tomorrow.
async fn hidden_systems(records: &Records) -> Result<BTreeSet<SystemCode>, UseError> {
    let (mut all, mut page) = (BTreeSet::new(), PageRequest::first());
    loop {
        let found = records.store.list_systems(&AgencyScope::All, &page).await?;
        let hidden = found
            .items
            .into_iter()
            .filter(|system| !system.is_exposed || system.stage == Stage::Retired);
        all.extend(hidden.map(|system| system.code));
        let Some(next) = found.next else { return Ok(all) };
        page.after = Some(next);
    }
}
