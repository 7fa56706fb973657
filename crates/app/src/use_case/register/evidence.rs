//! What the register tells the ledger of evidence: facts about agencies and systems, never the names
//! of those who answer for them.
//!
//! A [`Teller`] makes records of what just changed; whoever changes it keeps them in the same
//! transaction.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use khien_domain::account::Person;
use khien_domain::agency::{Agency, Appointment, Duty};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::{Kinds, KindsError, Recorder};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::ids::ProductId;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::product::Product;
use khien_domain::register_pack::RegisterPack;
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::site::Site;
use khien_domain::system::System;
use khien_domain::text;
use khien_store::{StoreError, Tx};

use crate::access::Caller;
use crate::records::Records;
use crate::use_case::UseError;

/// The longest subject of a record.
const SUBJECT_BYTES: usize = 200;

/// The zone in which days of the register begin and end.
const ZONE: Offset = Offset::constant(7);

/// The day of a moment, in the province.
pub(crate) fn day_of(at: Timestamp) -> Date {
    ZONE.to_datetime(at).date()
}

/// The moments at which a year of the province begins and the next one does.
pub(crate) fn bounds_of(year: i16) -> Option<(Timestamp, Timestamp)> {
    let begins = |year: i16| {
        let day = Date::new(year, 1, 1).ok()?;
        ZONE.to_timestamp(day.at(0, 0, 0, 0)).ok()
    };
    Some((begins(year)?, begins(year.checked_add(1)?)?))
}

/// The moment after a day.
fn end_of(day: Date) -> Option<Timestamp> {
    ZONE.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()
}

/// The middle of a day.
pub(crate) fn noon_of(day: Date) -> Option<Timestamp> {
    ZONE.to_timestamp(day.at(12, 0, 0, 0)).ok()
}

/// The pack that comes with the program.
pub(crate) fn pack() -> Result<&'static RegisterPack, UseError> {
    RegisterPack::built_in().map_err(|error| {
        tracing::error!(%error, "the pack of the register cannot be read");
        UseError::Fault("the pack of the register cannot be read")
    })
}

fn kinds() -> Result<&'static Kinds, UseError> {
    static KINDS: LazyLock<Result<Kinds, KindsError>> =
        LazyLock::new(|| Kinds::parse(Kinds::BUILT_IN));
    KINDS.as_ref().map_err(|error| {
        tracing::error!(%error, "the pack of evidence cannot be read");
        UseError::Fault("the pack of evidence cannot be read")
    })
}

/// Whether all who answer for an agency have an account of the agency that is active on a day. `accounts`
/// has those that are named, and may have more.
pub(super) fn are_active(
    agency: &AgencyCode,
    appointments: &[Appointment],
    accounts: &[Person],
    today: Date,
) -> bool {
    appointments.iter().all(|one| {
        let account =
            accounts.iter().find(|account| Some(&account.about.name) == one.account.as_ref());
        account.is_some_and(|one| one.is_active(today) && one.belongs_to().contains(agency))
    })
}

/// Makes records of what just changed in the register.
pub(crate) struct Teller {
    pub(crate) pack: &'static RegisterPack,
    pub(crate) kinds: &'static Kinds,
    pub(crate) by: String,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
    /// Whether an agency speaks for itself, not somebody who looks after the whole province.
    pub(super) is_own_word: bool,
    told: Vec<NewEvidence>,
}

/// Whom a record is about.
struct About<'a> {
    agency: &'a AgencyCode,
    system: Option<&'a SystemCode>,
    subject: String,
}

impl Teller {
    /// One that tells what a caller does now.
    pub(crate) fn new(records: &Records, caller: &Caller) -> Result<Self, UseError> {
        let scope = caller.actor.agencies(Permission::RegisterWrite);
        let is_own_word = !matches!(scope, Ok(AgencyScope::All));
        Ok(Self { is_own_word, ..Self::at(records.now(), caller.actor.identity.to_string())? })
    }

    /// One that tells what somebody of the centre, or the centre itself, does at a moment.
    pub(crate) fn at(now: Timestamp, by: String) -> Result<Self, UseError> {
        let today = day_of(now);
        let (pack, kinds) = (pack()?, kinds()?);
        Ok(Self { pack, kinds, by, now, today, is_own_word: false, told: Vec::new() })
    }

    /// Who it is.
    pub(crate) fn by(&self) -> &str {
        &self.by
    }

    fn tell(
        &mut self,
        kind: &str,
        about: &About<'_>,
        content: Content,
        until: Option<Timestamp>,
    ) -> Result<(), UseError> {
        let reference = match about.system {
            Some(system) => format!("system {system}"),
            None => format!("agency {}", about.agency),
        };
        let new = NewEvidence {
            kind: kind.to_owned(),
            schema: self.kinds.version,
            content,
            agency: Some(about.agency.clone()),
            system: about.system.cloned(),
            subject: text::cut(&about.subject, SUBJECT_BYTES),
            origin: Origin::Register,
            reference,
            how: How::Documented,
            by: text::cut(&self.by, SUBJECT_BYTES),
            at: self.now,
            until: until.filter(|until| *until > self.now),
            corrects: None,
        };
        self.told.push(self.kinds.check(new, Recorder::Centre).map_err(UseError::invalid)?);
        Ok(())
    }

    /// Keeps what was told and is not kept yet, in its order.
    pub(crate) async fn keep(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        if !self.told.is_empty() {
            tx.append_evidence(std::mem::take(&mut self.told), self.now).await?;
        }
        Ok(())
    }

    /// An agency is so.
    pub(crate) fn agency(&mut self, agency: &Agency) -> Result<(), UseError> {
        let cohort = self.pack.cohort(agency.kind);
        let cohort = cohort.map_or("", |cohort| cohort.named.name.as_str());
        let content = Content::map([
            ("name", Content::from(agency.name_vi.as_str())),
            ("kind", agency.kind.name().into()),
            ("cohort", cohort.into()),
            ("centre", agency.is_centre.into()),
            ("in_scope", agency.in_scope.into()),
        ]);
        self.tell("agency.profile", &of_agency(&agency.code), content, None)
    }

    /// So people answer for an agency; who they are is not told.
    pub(crate) fn assignment(
        &mut self,
        agency: &AgencyCode,
        appointments: &[Appointment],
        accounts: &[Person],
        contacts: usize,
    ) -> Result<(), UseError> {
        let of = |duty| appointments.iter().find(|one| one.duty == duty);
        let holds = |duty| of(duty).is_some_and(|one| one.holds(self.today));
        let head = of(Duty::Head).ok_or_else(|| UseError::Invalid("no head is named".into()))?;
        let content = Content::map([
            ("signed", Content::from(head.signed.to_string())),
            ("head", holds(Duty::Head).into()),
            ("deputy", holds(Duty::Deputy).into()),
            ("contacts", i64::try_from(contacts).unwrap_or(i64::MAX).into()),
            ("all_active", appointments.iter().all(|one| one.holds(self.today)).into()),
            ("accounts", are_active(agency, appointments, accounts, self.today).into()),
        ]);
        // It is true until the first of them ends.
        let ends = appointments.iter().filter(|one| one.holds(self.today)).map(|one| one.until);
        let until = ends.min().and_then(end_of);
        self.tell("agency.assignment", &of_agency(agency), content, until)
    }

    /// An agency confirms that the register has all its systems; or somebody of another has confirmed that.
    pub(crate) fn register_confirmed(
        &mut self,
        agency: &AgencyCode,
        systems: u64,
        how: How,
    ) -> Result<(), UseError> {
        let systems = i64::try_from(systems).unwrap_or(i64::MAX);
        let content = Content::map([("systems", Content::from(systems))]);
        self.tell("register.confirmed", &of_agency(agency), content, self.confirmed_until())?;
        if let Some(last) = self.told.last_mut() {
            last.how = how;
        }
        Ok(())
    }

    /// Until when what is confirmed now stands.
    fn confirmed_until(&self) -> Option<Timestamp> {
        let days = jiff::SignedDuration::from_hours(24 * self.pack.confirmation_days);
        self.now.checked_add(days).ok()
    }

    /// A system is so.
    pub(crate) fn system(&mut self, system: &System) -> Result<(), UseError> {
        let content = Content::map([
            ("name", Content::from(system.name.as_str())),
            ("kind", system.kind.name().into()),
            ("level", i64::from(system.level.number()).into()),
            ("stage", system.stage.name().into()),
            ("critical", system.is_critical.into()),
            ("personal_data", system.holds_personal_data().into()),
            ("internet", system.is_exposed.into()),
            ("zone", system.zone.name().into()),
            ("owner_named", system.owner.is_some().into()),
            ("head_named", system.head.is_some().into()),
            ("elsewhere", system.operator_agency().is_some().into()),
        ]);
        self.tell("system.profile", &of_system(system), content, None)
    }

    /// An agency operates a system of another no more.
    pub(super) fn operated_no_more(
        &mut self,
        system: &System,
        operator: &AgencyCode,
    ) -> Result<(), UseError> {
        let content = Content::map([
            ("owner", Content::from(system.agency.as_str())),
            ("level", i64::from(system.level.number()).into()),
            ("operating", false.into()),
            ("required", 0.into()),
            ("alive", 0.into()),
        ]);
        let about = About { agency: operator, ..of_system(system) };
        self.tell("system.operated", &about, content, None)
    }

    /// What the register says of a system is confirmed.
    pub(crate) fn system_confirmed(&mut self, system: &System) -> Result<(), UseError> {
        let content = Content::map::<String>([]);
        self.tell("system.confirmed", &of_system(system), content, self.confirmed_until())
    }

    /// A host that nobody registered appeared among the events of a system, or was registered.
    pub(crate) fn host(
        &mut self,
        agency: &AgencyCode,
        host: &str,
        resolved: bool,
    ) -> Result<(), UseError> {
        let content = Content::map([("host", Content::from(host)), ("resolved", resolved.into())]);
        let about = About { agency, system: None, subject: host.to_owned() };
        self.tell("system.discovered", &about, content, None)
    }

    /// A certificate log, known by the hash of its file, names a host that nobody registered.
    pub(crate) fn discovered(
        &mut self,
        agency: &AgencyCode,
        host: &str,
        digest: &str,
    ) -> Result<(), UseError> {
        self.host(agency, host, false)?;
        if let Some(last) = self.told.last_mut() {
            last.origin = Origin::Document;
            last.reference = format!("certificate log sha256 {digest}");
        }
        Ok(())
    }

    /// A resource is there, or is no more; only services and pages of systems are evidence.
    pub(crate) fn resource(&mut self, resource: &Resource, retired: bool) -> Result<(), UseError> {
        let Some(system) = &resource.system else { return Ok(()) };
        if !matches!(resource.kind, ResourceKind::Service | ResourceKind::Page) {
            return Ok(());
        }
        let value = resource.value.as_str();
        let tls = value.starts_with("https://") || value.ends_with(":443");
        let content = Content::map([
            ("address", Content::from(value)),
            ("public", true.into()),
            ("tls", tls.into()),
            ("retired", retired.into()),
        ]);
        let about =
            About { agency: &resource.agency, system: Some(system), subject: value.to_owned() };
        self.tell("service.registered", &about, content, None)
    }

    /// A product is used.
    pub(crate) fn product(
        &mut self,
        agency: &AgencyCode,
        id: ProductId,
        product: &Product,
        components: u64,
    ) -> Result<(), UseError> {
        let supported = product.is_supported(self.today);
        let content = Content::map([
            ("name", Content::from(product.name.as_str())),
            ("supported", supported.into()),
            ("inventory", (components > 0).into()),
        ]);
        // When its support ends it is told anew (`lapsed`), and does not drop out of what is counted.
        let subject = product_subject(id);
        let about = About { agency, system: Some(&product.system), subject };
        self.tell("product.used", &about, content, None)
    }

    /// What was told of an agency is withdrawn, with a reason.
    pub(crate) fn withdraw(
        &mut self,
        agency: &AgencyCode,
        told: &[khien_domain::evidence::Record],
        reason: &str,
    ) -> Result<(), UseError> {
        for record in told {
            let content = Content::map([("reason", Content::from(reason))]);
            let subject = record.about.seq.to_string();
            let about = About { agency, system: None, subject };
            self.tell("evidence.withdrawn", &about, content, None)?;
            if let Some(last) = self.told.last_mut() {
                last.corrects = Some(record.about.seq);
            }
        }
        Ok(())
    }

    /// So many servers of an agency stand at each site. Where nobody said, and where no certificate
    /// holds, none is in a qualified place.
    pub(crate) async fn servers(
        &mut self,
        tx: &mut Tx,
        agency: &AgencyCode,
        before: &[String],
    ) -> Result<(), UseError> {
        let sites = tx.list_sites().await?;
        let counts = tx.servers_by_site(agency).await?;
        let mut told: Vec<String> = Vec::new();
        for (code, servers) in counts {
            let site = code.as_ref().and_then(|code| sites.iter().find(|site| site.code == *code));
            let subject = code.map_or_else(|| NO_SITE.to_owned(), |code| code.to_string());
            self.site(agency, &subject, site, servers)?;
            told.push(subject);
        }
        for gone in before.iter().filter(|site| !told.contains(site)) {
            self.site(agency, gone, None, 0)?;
        }
        Ok(())
    }

    pub(super) fn site(
        &mut self,
        agency: &AgencyCode,
        subject: &str,
        site: Option<&Site>,
        servers: u64,
    ) -> Result<(), UseError> {
        let site = site.filter(|site| site.is_qualified(self.today));
        let servers = i64::try_from(servers).unwrap_or(i64::MAX);
        let content = Content::map([
            ("servers", Content::from(servers)),
            ("qualified", site.map_or(0, |_| servers).into()),
        ]);
        let about = About { agency, system: None, subject: subject.to_owned() };
        self.tell("hosting.site", &about, content, None)
    }

    /// What was told and is not kept yet, in its order.
    pub(super) fn into_told(self) -> Vec<NewEvidence> {
        self.told
    }
}

/// What the record of servers without a known site is about.
const NO_SITE: &str = "unknown";

/// What the record of a product is about.
pub(super) fn product_subject(id: ProductId) -> String {
    format!("product {id}")
}

/// The sites at which an agency has servers, as records name them.
pub(crate) async fn sites_of(tx: &mut Tx, agency: &AgencyCode) -> Result<Vec<String>, UseError> {
    let found = tx.servers_by_site(agency).await?.into_iter();
    let named =
        found.map(|(site, _)| site.map_or_else(|| NO_SITE.to_owned(), |code| code.to_string()));
    Ok(named.collect())
}

fn of_agency(agency: &AgencyCode) -> About<'_> {
    About { agency, system: None, subject: agency.to_string() }
}

fn of_system(system: &System) -> About<'_> {
    let subject = system.code.to_string();
    About { agency: &system.agency, system: Some(&system.code), subject }
}
