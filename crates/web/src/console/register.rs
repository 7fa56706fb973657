//! The register as several rooms show it: all that whoever visits may see, with names.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use khien_app::access::Deed;
use khien_app::use_case::UseError;
use khien_app::use_case::register::{self, Activity};
use khien_domain::account::Language;
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::custody::DeviceKind;
use khien_domain::legal::LegalSources;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::product::Authority;
use khien_domain::register_pack::{RefusedScope, RegisterPack, Responsible};
use khien_domain::source::{Source, SourceStatus};
use khien_domain::system::{DataCategory, System, SystemKind, Zone};
use khien_domain::text::collation;

use super::Console;
use super::error::PageError;
use super::frame::Frame;
use super::posted::Fields;
use super::visit::Visiting;

impl Frame {
    fn pack(&self) -> Option<&'static RegisterPack> {
        RegisterPack::built_in().ok()
    }

    pub(super) fn language(&self) -> Language {
        if self.is_english() { Language::English } else { Language::Vietnamese }
    }

    /// The cohort of a kind of agencies: its short name and what it is called.
    pub(super) fn cohort(&self, kind: &AgencyKind) -> (String, String) {
        let cohort = self.pack().and_then(|pack| pack.cohort(*kind));
        cohort.map_or_else(Default::default, |cohort| {
            (cohort.named.name.clone(), cohort.named.in_language(self.language()).to_owned())
        })
    }

    /// What a kind of systems is called.
    pub(super) fn system_kind(&self, kind: &SystemKind) -> &'static str {
        self.pack().map_or(kind.name(), |pack| pack.system_kind(*kind, self.language()))
    }

    /// What a zone is called.
    pub(super) fn zone(&self, zone: &Zone) -> &'static str {
        self.pack().map_or(zone.name(), |pack| pack.zone(*zone, self.language()))
    }

    /// What a data category is called.
    pub(super) fn data_category(&self, category: &DataCategory) -> &'static str {
        self.pack().map_or(category.name(), |pack| pack.data_category(*category, self.language()))
    }

    /// What an authority over cryptography is called.
    pub(super) fn authority(&self, authority: &Authority) -> &'static str {
        self.pack().map_or(authority.name(), |pack| pack.authority(*authority, self.language()))
    }

    /// What a kind of sites is called.
    pub(super) fn site_kind(&self, kind: &str) -> String {
        let pack = self.pack();
        pack.map_or_else(
            || kind.to_owned(),
            |pack| pack.site_kind(kind, self.language()).to_owned(),
        )
    }

    /// Kinds of sites, with what they are called.
    pub(super) fn site_kinds(&self) -> Vec<(&'static str, &'static str)> {
        let kinds = self.pack().map(|pack| pack.site_kinds.iter()).into_iter().flatten();
        kinds.map(|kind| (kind.name.as_str(), kind.in_language(self.language()))).collect()
    }

    /// Scopes that are refused, with what they are called.
    pub(super) fn refused_scopes(&self) -> Vec<(&'static str, &'static str)> {
        let scopes = self.pack().map(|pack| pack.refused_scopes.iter()).into_iter().flatten();
        scopes
            .map(|one| (one.named.name.as_str(), one.named.in_language(self.language())))
            .collect()
    }

    /// Why a scope is refused, with where that stands.
    pub(super) fn refusal(&self, refused: &RefusedScope) -> String {
        let language = self.language();
        format!("{}: {}", refused.named.in_language(language), refused.because(language))
    }

    /// What each body that answers for cryptographic products rests on: its name, what asks for it, the law.
    pub(super) fn authorities(&self) -> Vec<(&str, String, String)> {
        let all = self.pack().map(|pack| pack.authorities.iter()).into_iter().flatten();
        let told = |one: &'static Responsible| {
            let name = one.named.in_language(self.language());
            (name, self.source(&one.source), self.source(&one.law))
        };
        all.map(told).collect()
    }

    /// What a pack says of its source or of itself, in the language of the page, documents by name.
    pub(super) fn source(&self, text: &str) -> String {
        let sources = LegalSources::built_in();
        sources.map_or_else(|_| text.to_owned(), |all| all.in_language(self.language(), text))
    }

    /// The same with short names.
    pub(super) fn source_short(&self, text: &str) -> String {
        let sources = LegalSources::built_in();
        sources.map_or_else(|_| text.to_owned(), |all| all.short(self.language(), text))
    }

    /// The day of today, in the province.
    pub(super) fn today(&self) -> Date {
        ZONE.to_datetime(self.now).date()
    }

    /// A day, as people write it.
    pub(super) fn date(&self, day: &Date) -> String {
        day.strftime("%d/%m/%Y").to_string()
    }

    /// A day, or a dash.
    pub(super) fn date_or(&self, day: &Option<Date>) -> String {
        day.as_ref().map_or_else(|| "—".to_owned(), |day| self.date(day))
    }

    /// From which level on a system has an exit plan for each provider.
    pub(super) fn exit_plan_level(&self) -> i64 {
        self.pack().map_or(i64::MAX, |pack| pack.exit_plan_level)
    }

    /// What a kind of devices that keep keys is called.
    pub(super) fn custody_kind(&self, kind: &DeviceKind) -> &'static str {
        self.pack().map_or(kind.name(), |pack| pack.custody_kind(*kind, self.language()))
    }

    /// How a last day stands that may be unknown.
    pub(super) fn lapse_or(&self, day: &Option<Date>) -> &'static str {
        day.as_ref().map_or("dim", |day| self.lapse(day))
    }

    /// How a last day stands: over, soon over, or neither, as a class of texts.
    pub(super) fn lapse(&self, day: &Date) -> &'static str {
        let ahead = self.pack().map_or(0, |pack| pack.warning_days);
        let soon = self.today().saturating_add(Span::new().days(ahead));
        if *day < self.today() {
            "bad-word"
        } else if *day <= soon {
            "mid-word"
        } else {
            ""
        }
    }

    /// How a confirmation stands: in words, and as a class of texts.
    pub(super) fn confirmation(&self, at: &Option<Timestamp>) -> (String, &'static str) {
        let Some(at) = at else { return (self.t("register-never-confirmed"), "mid-word") };
        let days = self.pack().map_or(0, |pack| pack.confirmation_days);
        let is_over = self.now.duration_since(*at) > SignedDuration::from_hours(24 * days);
        if is_over {
            (self.v("register-confirmed-long-ago", "day", self.day(at)), "bad-word")
        } else {
            (self.v("register-confirmed-on", "day", self.day(at)), "good")
        }
    }

    /// Whether somebody of the agency visits, whose word a confirmation is.
    pub(super) fn may_confirm(&self) -> bool {
        let agencies = self.person.as_ref().map(|person| &person.about.agencies);
        self.may(Permission::RegisterWrite)
            && agencies.is_some_and(|scope| *scope != AgencyScope::All)
    }

    /// Whether somebody who sees all agencies visits.
    pub(super) fn sees_all(&self) -> bool {
        let agencies = self.person.as_ref().map(|person| &person.about.agencies);
        agencies.is_some_and(|scope| *scope == AgencyScope::All)
    }

    /// Whether somebody who looks after all agencies visits, and may change the register.
    pub(super) fn may_register_all(&self) -> bool {
        self.may(Permission::RegisterWrite) && self.sees_all()
    }
}

/// A list to choose from.
pub(super) struct Choice {
    /// The name of the field.
    pub(super) name: &'static str,
    /// What is chosen.
    pub(super) title: String,
    /// Value, words, whether chosen.
    pub(super) values: Vec<(String, String, bool)>,
}

impl Choice {
    /// A list of which `chosen` is marked.
    pub(super) fn new<W: Into<String>>(
        name: &'static str,
        title: String,
        chosen: &str,
        values: impl IntoIterator<Item = (impl Into<String>, W)>,
    ) -> Self {
        let values = values.into_iter().map(|(value, words)| {
            let value: String = value.into();
            let is_chosen = value == chosen;
            (value, words.into(), is_chosen)
        });
        Self { name, title, values: values.collect() }
    }
}

/// The agencies to choose from, or all of them; a chosen one that is not there is told as such.
pub(super) fn agency_choice(
    f: &Frame,
    names: &BTreeMap<AgencyCode, String>,
    chosen: &str,
) -> Choice {
    let any = [(String::new(), f.t("alerts-all-agencies"))];
    let agencies = by_name(names).map(|(code, name)| (code.to_string(), name.to_owned()));
    let is_known = chosen.is_empty() || names.keys().any(|code| code.as_str() == chosen);
    let unknown = || (chosen.to_owned(), f.v("register-no-such-agency", "agency", f.s(chosen)));
    let unknown = (!is_known).then(unknown);
    Choice::new(
        "agency",
        f.t("alerts-agency"),
        chosen,
        any.into_iter().chain(unknown).chain(agencies),
    )
}

/// Agencies to choose from in the order of their names, and which is chosen.
pub(super) fn owners(
    names: &BTreeMap<AgencyCode, String>,
    chosen: &str,
) -> Vec<(String, String, bool)> {
    let choice = |(code, name): (&AgencyCode, &str)| {
        (code.to_string(), name.to_owned(), code.as_str() == chosen)
    };
    by_name(names).map(choice).collect()
}

/// Agencies in the order of their names.
pub(super) fn by_name(
    names: &BTreeMap<AgencyCode, String>,
) -> impl Iterator<Item = (&AgencyCode, &str)> {
    let mut sorted: Vec<_> = names.iter().map(|(code, name)| (code, name.as_str())).collect();
    sorted.sort_by_cached_key(|(_, name)| collation(name));
    sorted.into_iter()
}

/// What was typed will not do; whoever may not do the deed at all is told that instead.
pub(super) async fn refused(
    console: &Arc<Console>,
    visiting: &Visiting,
    (permission, deed): (Permission, Deed),
    wrong: String,
) -> UseError {
    match console.app.require(&visiting.caller, permission, &deed).await {
        Ok(()) => UseError::Invalid(wrong),
        Err(error) => error,
    }
}

/// What a form says of a system or an agency was refused for: words, or an error of the page.
pub(super) fn wrong_of(f: &Frame, error: UseError) -> Result<String, PageError> {
    match error {
        UseError::Invalid(wrong) | UseError::Conflict(wrong) => Ok(f.told(&wrong)),
        UseError::OutOfScope(refused) => Ok(f.refusal(refused)),
        error => Err(error.into()),
    }
}

/// A day that was typed; what was typed wrongly is named.
pub(super) fn typed_day(text: &str) -> Result<Date, String> {
    let day = khien_domain::evidence::kinds::day(text.trim());
    day.ok_or_else(|| format!("«{text}» is no day"))
}

/// A day that may be left out.
pub(super) fn typed_day_or(fields: &Fields, name: &str) -> Result<Option<Date>, String> {
    fields.some(name).map(typed_day).transpose()
}

/// What was typed into a field that may be left empty.
pub(super) fn typed(fields: &Fields, name: &str) -> Option<String> {
    fields.some(name).map(|text| text.trim().to_owned())
}

/// The zone in which days begin and end.
const ZONE: Offset = Offset::constant(7);

/// Records of a kind that pages go through.
const MOST: usize = 5000;

/// All agencies, in the order of their names in the language of the page.
pub(super) async fn agencies(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<Vec<Agency>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = register::list_agencies(&console.app, &visiting.caller, &page).await?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => break,
        }
    }
    let is_english = visiting.wish.language == Language::English;
    all.sort_by_cached_key(|agency| collation(name_in(agency, is_english)));
    Ok(all)
}

/// The names of all agencies.
pub(super) async fn agency_names(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
) -> Result<BTreeMap<AgencyCode, String>, PageError> {
    let all = agencies(console, visiting).await?;
    Ok(all.into_iter().map(|agency| (agency.code.clone(), name(f, &agency))).collect())
}

fn name_in(agency: &Agency, is_english: bool) -> &str {
    match &agency.name_en {
        Some(name) if is_english => name,
        _ => &agency.name_vi,
    }
}

/// An agency's name in the language of the page.
pub(super) fn name(f: &Frame, agency: &Agency) -> String {
    name_in(agency, f.is_english()).to_owned()
}

/// All systems, in the order of their names.
pub(super) async fn systems(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<Vec<System>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = register::list_systems(&console.app, &visiting.caller, &page).await?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => break,
        }
    }
    all.sort_by_cached_key(|system| collation(&system.name));
    Ok(all)
}

/// The names of all systems.
pub(super) async fn system_names(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<BTreeMap<SystemCode, String>, PageError> {
    let all = systems(console, visiting).await?;
    Ok(all.into_iter().map(|system| (system.code, system.name)).collect())
}

/// The system of a code, if whoever visits may see it.
pub(super) async fn system(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &SystemCode,
) -> Result<System, PageError> {
    Ok(register::get_system(&console.app, &visiting.caller, code).await?)
}

/// How a source is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Silent beyond its heartbeat since then.
    Silent(Timestamp),
    /// Nothing was ever heard of it.
    Never,
    /// Heard.
    Alive,
    /// Switched off.
    Off,
}

impl Health {
    /// The name that addresses use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Silent(_) => "silent",
            Self::Never => "never",
            Self::Alive => "alive",
            Self::Off => "off",
        }
    }
}

/// A source with what was heard of it.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// The source.
    pub(super) source: Source,
    /// When its last event arrived.
    pub(super) last: Option<Timestamp>,
    /// Events so far.
    pub(super) events: u64,
    /// How it is doing.
    pub(super) health: Health,
}

impl Heard {
    /// A source and what is known of it.
    pub(super) fn of(source: Source, activity: Option<&Activity>) -> Self {
        let last = activity.and_then(|activity| activity.last_received_at);
        let silent = activity.and_then(|activity| activity.silent_since);
        let health = match (source.status, last, silent) {
            (SourceStatus::Disabled, ..) => Health::Off,
            (_, None, _) => Health::Never,
            (_, _, Some(since)) => Health::Silent(since),
            _ => Health::Alive,
        };
        Self { source, last, events: activity.map_or(0, |activity| activity.events), health }
    }
}

/// All sources with what was heard of them, newest first.
pub(super) async fn sources(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<Vec<Heard>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let (found, activity) =
            register::list_sources(&console.app, &visiting.caller, &page).await?;
        let activity: BTreeMap<i64, Activity> =
            activity.into_iter().map(|heard| (heard.source.0, heard)).collect();
        let heard = found.items.into_iter().map(|source| {
            let activity = activity.get(&source.id.0);
            Heard::of(source, activity)
        });
        all.extend(heard);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => return Ok(all),
        }
    }
}
