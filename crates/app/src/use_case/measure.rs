//! What the centre measures by itself and tells the ledger: whether the sources of a system are
//! alive and how continuously they were heard, which grave alerts nobody has taken up, how the accounts of
//! the centre itself are secured, and what of the register has ended.
//!
//! What is still so is told again only when it would soon be too old to count. It measures
//! machines and how work goes, and counts accounts; no record names anybody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use khien_domain::account::{Person, Role};
use khien_domain::alert::Severity;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::{NewEvidence, Origin, Record};
use khien_domain::ids::SourceId;
use khien_domain::measure::{MeasurePack, SourceType};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::source::{Source, SourceStatus};
use khien_domain::system::{Level, Stage, System};
use khien_store::{EvidenceFilter, Heard, Store, StoreError};

use super::UseError;
use super::alerts::handled;
use super::register::evidence::day_of;
use super::register::get_system;
use super::register::lapsed::lapsed;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// What counts as alive has been heard within so long.
const ALIVE: SignedDuration = SignedDuration::from_hours(24);
/// Figures of accounts are told again before they have had half of their time.
const ACCOUNTS: SignedDuration = SignedDuration::from_hours(24 * 30);
/// So many are read at a time.
const PAGE: u32 = 500;

/// Measures everything, and answers how many records came of it.
pub async fn measure(records: &Records, caller: &Caller) -> Result<usize, UseError> {
    let deed = Deed::new("evidence.measure", "everything that is measured", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    if scope != AgencyScope::All {
        return Err(UseError::Invalid("this measures all agencies; ask for all of them".into()));
    }
    let pack = MeasurePack::built_in().map_err(UseError::invalid)?;
    let registered = registered(records).await?;
    let mut new = monitoring(records, pack, &registered).await?;
    new.extend(accounts(records).await?);
    new.extend(waiting(records, pack).await?);
    new.extend(lapsed(records, caller, &registered).await?);
    let count = new.len();
    if count > 0 {
        let mut tx = records.store.begin().await?;
        records.keep_evidence(&mut tx, new).await?;
        tx.commit().await?;
    }
    Ok(count)
}

/// What the sources of a system show of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeShown {
    /// The type.
    pub of: &'static SourceType,
    /// When an event of it last arrived from a source that is switched on.
    pub last_seen_at: Option<Timestamp>,
    /// Whether that is so lately that it counts.
    pub is_there: bool,
    /// Whether a system of this level must have it.
    pub is_required: bool,
}

/// What the sources of a system show: the types that it must have, and the others that it has.
pub async fn shown(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
) -> Result<Vec<TypeShown>, UseError> {
    let system = get_system(records, caller, system).await?;
    let pack = MeasurePack::built_in().map_err(UseError::invalid)?;
    let (scope, now) = (AgencyScope::one(system.agency.clone()), records.now());
    let shown = records.store.list_shown(&scope, Some(&system.code)).await?;
    let required: BTreeSet<&str> =
        pack.required_types(system.level).map(|one| one.named.name.as_str()).collect();
    let types = pack.types.iter().map(|of| {
        let own = shown.iter().filter(|one| of.shows(one.class) && one.last_seen_at <= now);
        let last_seen_at = own.map(|one| one.last_seen_at).max();
        TypeShown {
            of,
            last_seen_at,
            is_there: last_seen_at.is_some_and(|at| now.duration_since(at) <= pack.type_span),
            is_required: required.contains(of.named.name.as_str()),
        }
    });
    Ok(types.filter(|one| one.is_required || one.last_seen_at.is_some()).collect())
}

/// When each source was last heard, of those that ever were.
pub(crate) async fn last_heard(store: &Store) -> Result<BTreeMap<SourceId, Timestamp>, StoreError> {
    let mut last_heard = BTreeMap::new();
    let mut page = PageRequest::new(None, PAGE);
    loop {
        let found = store.list_activity(&AgencyScope::All, &page).await?;
        let heard = found.items.iter().filter_map(|one| Some((one.source, one.last_received_at?)));
        last_heard.extend(heard);
        let Some(next) = found.next else { return Ok(last_heard) };
        page.after = Some(next);
    }
}

/// How the sources of a system stand.
#[derive(Default)]
struct Sources {
    required: i64,
    alive: i64,
    minutes: i64,
    heard: i64,
    classes: BTreeSet<i32>,
}

async fn monitoring(
    records: &Records,
    pack: &MeasurePack,
    registered: &BTreeMap<SystemCode, System>,
) -> Result<Vec<NewEvidence>, UseError> {
    let now = records.now();
    let last_heard = last_heard(&records.store).await?;
    let since = now.checked_sub(pack.continuity).unwrap_or(Timestamp::UNIX_EPOCH);
    let minutes = records.store.sum_heard(Heard::day_of(since)).await?;
    let minutes: BTreeMap<SourceId, Heard> =
        minutes.into_iter().map(|one| (one.source, one)).collect();
    let classes = recent_classes(&records.store, pack, now).await?;
    let mut systems: BTreeMap<(AgencyCode, SystemCode), Sources> = BTreeMap::new();
    let mut page = PageRequest::new(None, PAGE);
    loop {
        let found = records.store.list_sources(&AgencyScope::All, &page).await?;
        for source in &found.items {
            let last = last_heard.get(&source.id).copied();
            if !pack.requires(source, last, now) {
                continue;
            }
            let about = (source.agency.clone(), source.system.clone());
            let system = systems.entry(about).or_default();
            system.add(source, last, minutes.get(&source.id), now);
            system.classes.extend(classes.get(&source.id).into_iter().flatten());
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    // Where classes are noted since an update, not all can have been seen yet.
    let since = records.store.shown_since().await?;
    let asks = since.is_none_or(|since| now.duration_since(since) > pack.type_span);
    let mut new = Vec::new();
    for system in registered.values().filter(|one| one.stage == Stage::Operation) {
        let sources = systems.get(&(system.agency.clone(), system.code.clone()));
        new.extend(operated(records, pack, system, sources, asks).await?);
    }
    for ((agency, system), sources) in systems {
        // A system that was registered while this ran asks for the least.
        let level = registered.get(&system).map_or(Level::ALL[0], |system| system.level);
        let about = |kind| {
            NewEvidence::of_system(kind, &agency, &system, now).from(Origin::Event, "sources")
        };
        let state = about("monitoring.state")
            .with("required", sources.must(pack, level, asks))
            .with("alive", sources.alive);
        new.extend(news(records, state, pack.refresh).await?);
        if sources.minutes > 0 {
            let continuity = about("monitoring.continuity")
                .with("minutes", sources.minutes)
                .with("heard", sources.heard);
            new.extend(aged(records, continuity, pack.refresh).await?);
        }
    }
    Ok(new)
}

/// What the operator of a system in use is told of its sources, if that is another agency than the owner.
///
/// It answers for a system without sources too; that is told once, and its state grows old like that of any
/// other.
async fn operated(
    records: &Records,
    pack: &MeasurePack,
    system: &System,
    sources: Option<&Sources>,
    asks: bool,
) -> Result<Option<NewEvidence>, UseError> {
    let Some(operator) = system.operator_agency() else { return Ok(None) };
    let none = Sources::default();
    let shown = sources.unwrap_or(&none);
    let state = NewEvidence::of_system("system.operated", operator, &system.code, records.now())
        .from(Origin::Event, "sources")
        .with("owner", system.agency.as_str())
        .with("level", i64::from(system.level.number()))
        .with("operating", true)
        .with("required", shown.must(pack, system.level, asks))
        .with("alive", shown.alive);
    let is_told = |said: Record| {
        let mut fields = ["owner", "level", "operating"].iter();
        fields.all(|field| said.content.get(field) == state.content.get(field))
    };
    if sources.is_none() && last(records, &state).await?.is_some_and(is_told) {
        return Ok(None);
    }
    news(records, state, pack.refresh).await
}

/// The classes of events that each source sent so lately that they count.
async fn recent_classes(
    store: &Store,
    pack: &MeasurePack,
    now: Timestamp,
) -> Result<BTreeMap<SourceId, BTreeSet<i32>>, UseError> {
    let mut classes: BTreeMap<SourceId, BTreeSet<i32>> = BTreeMap::new();
    for shown in store.list_shown(&AgencyScope::All, None).await? {
        let age = now.duration_since(shown.last_seen_at);
        if age >= SignedDuration::ZERO && age <= pack.type_span {
            classes.entry(shown.source).or_default().insert(shown.class);
        }
    }
    Ok(classes)
}

/// All systems.
async fn registered(records: &Records) -> Result<BTreeMap<SystemCode, System>, UseError> {
    let (mut systems, mut page) = (BTreeMap::new(), PageRequest::new(None, PAGE));
    loop {
        let found = records.store.list_systems(&AgencyScope::All, &page).await?;
        systems.extend(found.items.into_iter().map(|one| (one.code.clone(), one)));
        let Some(next) = found.next else { return Ok(systems) };
        page.after = Some(next);
    }
}

impl Sources {
    /// How many sources a system of a level must have alive; where `asks`, with the types of which nothing
    /// arrives.
    fn must(&self, pack: &MeasurePack, level: Level, asks: bool) -> i64 {
        let lacking = if asks { self.lacking(pack, level) } else { 0 };
        self.required.max(pack.least_sources(level)) + lacking
    }

    /// How many types of source the system must have of which nothing arrives.
    fn lacking(&self, pack: &MeasurePack, level: Level) -> i64 {
        let shows = |one: &SourceType| self.classes.iter().any(|class| one.shows(*class));
        let lacking = pack.required_types(level).filter(|one| !shows(one)).count();
        i64::try_from(lacking).unwrap_or(i64::MAX)
    }

    fn add(
        &mut self,
        source: &Source,
        last: Option<Timestamp>,
        minutes: Option<&Heard>,
        now: Timestamp,
    ) {
        let is_alive = last.is_some_and(|last| now.duration_since(last) <= ALIVE);
        self.required += 1;
        self.alive += i64::from(is_alive && source.status == SourceStatus::Active);
        self.minutes += minutes.map_or(0, |one| i64::from(one.minutes));
        self.heard += minutes.map_or(0, |one| i64::from(one.heard));
    }
}

/// How the accounts of the centre are secured, by the agency that they belong to. Somebody of the
/// centre as a whole belongs to none.
async fn accounts(records: &Records) -> Result<Vec<NewEvidence>, UseError> {
    let today = day_of(records.now());
    let mut agencies: BTreeMap<AgencyCode, Vec<Person>> = BTreeMap::new();
    let people = records.store.all_people().await?;
    for person in people.into_iter().filter(|one| one.is_let_in(today)) {
        for agency in person.belongs_to() {
            agencies.entry(agency).or_default().push(person.clone());
        }
    }
    let mut new = Vec::new();
    for (agency, people) in agencies {
        let count = |which: fn(&&Person) -> bool| {
            i64::try_from(people.iter().filter(which).count()).unwrap_or(i64::MAX)
        };
        let figures = NewEvidence::of_agency("accounts.centre", &agency, records.now())
            .with("privileged", count(|one| is_privileged(one.about.role)))
            .with(
                "privileged_strong",
                count(|one| is_privileged(one.about.role) && one.passkeys > 0),
            )
            .with("active", count(|_| true))
            .with("mfa", count(|one| one.passkeys > 0 || one.has_totp))
            .from(Origin::Register, "accounts");
        new.extend(news(records, figures, ACCOUNTS).await?);
    }
    Ok(new)
}

/// Whether a role changes what others rely on.
fn is_privileged(role: Role) -> bool {
    role.permissions().contains(&Permission::RegisterWrite)
}

/// Grave alerts that nobody has taken up in time: silence is told too.
async fn waiting(records: &Records, pack: &MeasurePack) -> Result<Vec<NewEvidence>, UseError> {
    let now = records.now();
    let before = now.checked_sub(pack.taken_up).unwrap_or(Timestamp::UNIX_EPOCH);
    let alerts = records.store.untold_alerts(Severity::High, before, PAGE).await?;
    Ok(alerts.iter().map(|alert| handled(alert, None, now)).collect())
}

/// The record, unless the last one of its kind says the same and is not older than `span`.
async fn news(
    records: &Records,
    new: NewEvidence,
    span: SignedDuration,
) -> Result<Option<NewEvidence>, UseError> {
    let Some(said) = last(records, &new).await? else { return Ok(Some(new)) };
    let is_same = said.content.to_text() == new.content.to_text();
    let is_fresh = new.at.duration_since(said.about.at) < span;
    Ok((!is_same || !is_fresh).then_some(new))
}

/// The record, unless the last one of its kind is not older than `span`, whatever it says.
async fn aged(
    records: &Records,
    new: NewEvidence,
    span: SignedDuration,
) -> Result<Option<NewEvidence>, UseError> {
    let last = last(records, &new).await?;
    Ok(last.is_none_or(|said| new.at.duration_since(said.about.at) >= span).then_some(new))
}

/// The last record of the same kind and subject.
async fn last(records: &Records, new: &NewEvidence) -> Result<Option<Record>, UseError> {
    let filter = EvidenceFilter {
        kind: Some(new.kind.clone()),
        agency: new.agency.clone(),
        system: new.system.clone(),
        subject: Some(new.subject.clone()),
    };
    let page = PageRequest::new(None, 1);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?;
    Ok(found.items.into_iter().next())
}
