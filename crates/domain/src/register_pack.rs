//! Names, cohorts and limits of the register: `packs/register.yml`.

use std::sync::LazyLock;

use khien_event::yaml::{self, Node};

use crate::account::Language;
use crate::agency::AgencyKind;
use crate::custody::DeviceKind;
use crate::legal::LegalSources;
use crate::paper::{Form, PaperField, PaperKind};
use crate::product::Authority;
use crate::resource::ResourceKind;
use crate::single_point::Thresholds;
use crate::system::{DataCategory, Stage, SystemKind, Zone};
use crate::text::without_diacritics;

/// One of a list, as records and people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name that records use.
    pub name: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
}

/// A body that answers for cryptographic products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsible {
    /// `civil`, and what it is called.
    pub named: Named,
    /// What asks for it.
    pub source: String,
    /// The law that this refers to.
    pub law: String,
}

/// Agencies that are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// `K1`, and what it is called.
    pub named: Named,
    /// The kinds of agencies in it.
    pub kinds: Vec<AgencyKind>,
}

/// Systems that are not for this register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedScope {
    /// `military`, and what it is called.
    pub named: Named,
    /// Why, in Vietnamese.
    pub reason_vi: String,
    /// Why, in English.
    pub reason_en: String,
    /// Where that stands.
    pub source: String,
    /// What names of such systems hold, in small letters without diacritics.
    phrases: Vec<String>,
}

/// The pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterPack {
    /// The version of the data.
    pub version: String,
    /// Where the values come from.
    pub source: String,
    /// From when on they hold.
    pub valid_from: String,
    /// What is to be known about them.
    pub note: String,
    /// A confirmation holds so many days.
    pub confirmation_days: i64,
    /// An appointment lasts at most so many years.
    pub appointment_years: i64,
    /// So many days ahead what runs out is told.
    pub warning_days: i64,
    /// A lost device that keeps keys is revoked within so many days.
    pub revoke_days: i64,
    /// From this level on a system has an exit plan for each provider.
    pub exit_plan_level: i64,
    /// A restore counts as tried for so many days.
    pub restore_days: i64,
    /// A continuity plan counts as exercised for so many days.
    pub exercise_days: i64,
    /// A host that was seen within so many days stands in the network of its system.
    pub seen_days: i64,
    /// From which numbers on something is a single point of failure.
    pub single_point: Thresholds,
    /// Who is compared with whom.
    pub cohorts: Vec<Cohort>,
    /// What sites are.
    pub site_kinds: Vec<Named>,
    /// What is refused.
    pub refused_scopes: Vec<RefusedScope>,
    /// Resources that anybody may read.
    pub public_resources: Vec<ResourceKind>,
    system_kinds: Vec<Named>,
    zones: Vec<Named>,
    data_categories: Vec<Named>,
    /// Who answers for cryptographic products.
    pub authorities: Vec<Responsible>,
    /// What has to be written down about systems.
    pub papers: Vec<PaperKind>,
    custody_kinds: Vec<Named>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("register pack: {0}")]
pub struct RegisterPackError(String);

/// The scope that every system of the register has.
pub const CIVIL: &str = "civil";

impl RefusedScope {
    /// Why it is refused and where that stands, in a language.
    pub fn because(&self, language: Language) -> String {
        let reason = match language {
            Language::Vietnamese => &self.reason_vi,
            Language::English => &self.reason_en,
        };
        let source = LegalSources::built_in()
            .map_or_else(|_| self.source.clone(), |all| all.short(language, &self.source));
        format!("{reason} ({source})")
    }
}

impl Named {
    /// What it is called in a language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Vietnamese => &self.vi,
            Language::English => &self.en,
        }
    }
}

impl RegisterPack {
    /// The text of the pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/register.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, RegisterPackError> {
        static PACK: LazyLock<Result<RegisterPack, RegisterPackError>> =
            LazyLock::new(|| RegisterPack::parse(RegisterPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, RegisterPackError> {
        let documents = yaml::parse(text).map_err(|error| RegisterPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(RegisterPackError("one document is expected".into()));
        };
        let number = |key: &str, least: i64, most: i64| number_of(pack, key, least, most);
        let cohorts = entries(pack, "cohorts")?.into_iter().map(|(named, node)| {
            let kinds = node.get("kinds").map(Node::strings).unwrap_or_default();
            let kinds: Option<Vec<_>> = kinds.into_iter().map(AgencyKind::parse).collect();
            let name = &named.name;
            let kinds = kinds.ok_or_else(|| {
                RegisterPackError(format!("{name}: «kinds» names one that there is not"))
            })?;
            Ok(Cohort { named, kinds })
        });
        let cohorts: Vec<Cohort> = cohorts.collect::<Result<_, RegisterPackError>>()?;
        for kind in AgencyKind::ALL {
            let of = cohorts.iter().filter(|cohort| cohort.kinds.contains(&kind)).count();
            if of != 1 {
                let name = kind.name();
                return Err(RegisterPackError(format!("{name}: is to be in one cohort, not {of}")));
            }
        }
        let refused = entries(pack, "refused_scopes")?.into_iter().map(|(named, node)| {
            let phrases = node.get("phrases").map(Node::strings).unwrap_or_default();
            Ok(RefusedScope {
                reason_vi: said(node, "reason_vi")?,
                reason_en: said(node, "reason_en")?,
                source: said(node, "source")?,
                phrases: phrases.into_iter().map(folded).collect(),
                named,
            })
        });
        let public = pack.get("public_resources").map(Node::strings).unwrap_or_default();
        let public: Option<Vec<_>> = public.into_iter().map(ResourceKind::parse).collect();
        let may_be = |kinds: &Vec<_>| {
            let is_shown = |kind: &_| matches!(kind, ResourceKind::Domain | ResourceKind::Page);
            !kinds.is_empty() && kinds.iter().all(is_shown)
        };
        let public_resources = public.filter(may_be).ok_or_else(|| {
            RegisterPackError("«public_resources» names domain, page or both".into())
        })?;
        let list = |key: &str, known: &[&'static str]| {
            let list: Vec<Named> =
                entries(pack, key)?.into_iter().map(|(named, _)| named).collect();
            let names: Vec<&str> = list.iter().map(|named| named.name.as_str()).collect();
            let is_whole = known.is_empty()
                || (names.len() == known.len() && known.iter().all(|name| names.contains(name)));
            if is_whole {
                return Ok(list);
            }
            Err(RegisterPackError(format!("«{key}» has to name {}", known.join(", "))))
        };
        Ok(Self {
            version: said(pack, "version")?,
            source: said(pack, "source")?,
            valid_from: said(pack, "valid_from")?,
            note: said(pack, "note")?,
            confirmation_days: number("confirmation_days", 1, 3_660)?,
            appointment_years: number("appointment_years", 1, 50)?,
            warning_days: number("warning_days", 1, 366)?,
            revoke_days: number("revoke_days", 1, 366)?,
            exit_plan_level: number("exit_plan_level", 1, 5)?,
            restore_days: number("restore_days", 1, 3_660)?,
            exercise_days: number("exercise_days", 1, 3_660)?,
            seen_days: number("seen_days", 1, 366)?,
            single_point: thresholds(pack)?,
            cohorts,
            site_kinds: list("site_kinds", &[])?,
            refused_scopes: refused.collect::<Result<_, RegisterPackError>>()?,
            public_resources,
            system_kinds: list("system_kinds", &names(SystemKind::ALL, SystemKind::name))?,
            zones: list("zones", &names(Zone::ALL, Zone::name))?,
            data_categories: list(
                "data_categories",
                &names(DataCategory::ALL, DataCategory::name),
            )?,
            authorities: authorities(pack)?,
            papers: papers(pack)?,
            custody_kinds: list("custody_kinds", &names(DeviceKind::ALL, DeviceKind::name))?,
        })
    }

    /// The cohort of an agency, by what it is.
    pub fn cohort(&self, kind: AgencyKind) -> Option<&Cohort> {
        self.cohorts.iter().find(|cohort| cohort.kinds.contains(&kind))
    }

    /// The refused scope of a name, if it is one.
    pub fn refused(&self, scope: &str) -> Option<&RefusedScope> {
        self.refused_scopes.iter().find(|refused| refused.named.name == scope)
    }

    /// The refused scope that the name of a system tells of.
    pub fn refused_by_name(&self, name: &str) -> Option<&RefusedScope> {
        let name = folded(name);
        let tells =
            |refused: &&RefusedScope| refused.phrases.iter().any(|phrase| name.contains(phrase));
        self.refused_scopes.iter().find(tells)
    }

    /// The kind of papers of a name.
    pub fn paper(&self, kind: &str) -> Option<&PaperKind> {
        self.papers.iter().find(|paper| paper.named.name == kind)
    }

    /// What a kind of systems is called.
    pub fn system_kind(&self, kind: SystemKind, language: Language) -> &str {
        called(&self.system_kinds, kind.name(), language)
    }

    /// What a zone is called.
    pub fn zone(&self, zone: Zone, language: Language) -> &str {
        called(&self.zones, zone.name(), language)
    }

    /// What a data category is called.
    pub fn data_category(&self, category: DataCategory, language: Language) -> &str {
        called(&self.data_categories, category.name(), language)
    }

    /// What an authority over cryptography is called.
    pub fn authority(&self, authority: Authority, language: Language) -> &str {
        let found = self.authorities.iter().find(|one| one.named.name == authority.name());
        found.map_or(authority.name(), |one| one.named.in_language(language))
    }

    /// What a kind of devices that keep keys is called.
    pub fn custody_kind(&self, kind: DeviceKind, language: Language) -> &str {
        called(&self.custody_kinds, kind.name(), language)
    }

    /// What a kind of sites is called; the name itself if the pack has none.
    pub fn site_kind<'n>(&'n self, kind: &'n str, language: Language) -> &'n str {
        called(&self.site_kinds, kind, language)
    }
}

fn authorities(pack: &Node<'_>) -> Result<Vec<Responsible>, RegisterPackError> {
    let all = entries(pack, "authorities")?.into_iter().map(|(named, node)| {
        Ok(Responsible { named, source: said(node, "source")?, law: said(node, "law")? })
    });
    let all = all.collect::<Result<Vec<_>, RegisterPackError>>()?;
    let is_there = |one: &Authority| all.iter().any(|named| named.named.name == one.name());
    if all.len() == Authority::ALL.len() && Authority::ALL.iter().all(is_there) {
        return Ok(all);
    }
    let known = names(Authority::ALL, Authority::name).join(", ");
    Err(RegisterPackError(format!("«authorities» has to name {known}")))
}

fn thresholds(pack: &Node<'_>) -> Result<Thresholds, RegisterPackError> {
    let node = pack.get("single_point");
    let node = node.ok_or_else(|| RegisterPackError("«single_point» is missing".into()))?;
    let number = |key: &str, least: i64| {
        let number = number_of(node, key, least, 1_000)?;
        usize::try_from(number).map_err(|error| RegisterPackError(error.to_string()))
    };
    Ok(Thresholds {
        critical: number("critical", 1)?,
        dependents: number("dependents", 1)?,
        // One system alone at a site is nothing that falls together.
        together: number("together", 2)?,
    })
}

fn number_of(node: &Node<'_>, key: &str, least: i64, most: i64) -> Result<i64, RegisterPackError> {
    let number = said(node, key)?.parse::<i64>().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| RegisterPackError(format!("«{key}» is {least} to {most}")))
}

fn papers(pack: &Node<'_>) -> Result<Vec<PaperKind>, RegisterPackError> {
    let kinds = entries(pack, "papers")?.into_iter().map(|(named, node)| {
        let fields = entries(node, "fields")?.into_iter().map(|(field, node)| {
            let form = Form::parse(&said(node, "form")?);
            let wrong = || RegisterPackError(format!("{}: «form» is not known", field.name));
            let form = form.ok_or_else(wrong)?;
            Ok(PaperField { form, must: node.get_str("must") == Some("true"), named: field })
        });
        Ok(PaperKind {
            about_vi: said(node, "about_vi")?,
            about_en: said(node, "about_en")?,
            source: said(node, "source")?,
            to: node.get_str("to") == Some("true"),
            before: match node.get_str("before") {
                None => None,
                Some(stage) => Some(Stage::parse(stage).ok_or_else(|| {
                    RegisterPackError(format!("{}: «before» is no stage", named.name))
                })?),
            },
            fields: fields.collect::<Result<_, RegisterPackError>>()?,
            named,
        })
    });
    kinds.collect()
}

fn called<'n>(list: &'n [Named], name: &'n str, language: Language) -> &'n str {
    list.iter().find(|named| named.name == name).map_or(name, |named| named.in_language(language))
}

fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| name(*one)).collect()
}

/// A text in small letters without diacritics.
fn folded(text: &str) -> String {
    without_diacritics(text).to_lowercase()
}

fn said(node: &Node<'_>, key: &str) -> Result<String, RegisterPackError> {
    let value = node.get_str(key).map(ToOwned::to_owned);
    value.ok_or_else(|| RegisterPackError(format!("«{key}» is missing")))
}

/// The members of a map, with what they are called.
fn entries<'n, 't>(
    pack: &'n Node<'t>,
    key: &str,
) -> Result<Vec<(Named, &'n Node<'t>)>, RegisterPackError> {
    let map = pack.get(key).and_then(Node::as_map);
    let map = map.filter(|map| !map.is_empty());
    let map = map.ok_or_else(|| RegisterPackError(format!("«{key}» is missing")))?;
    let named = map.iter().map(|(name, node)| {
        let name = name.as_str().unwrap_or_default().to_owned();
        Ok((Named { name, vi: said(node, "vi")?, en: said(node, "en")? }, node))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_of_cryptography_names_what_asks_for_it_in_both_languages() {
        let (pack, sources) =
            (RegisterPack::built_in().unwrap(), LegalSources::built_in().unwrap());
        assert_eq!(pack.authorities.len(), Authority::ALL.len());
        for one in &pack.authorities {
            let vi = sources.in_language(Language::Vietnamese, &one.source);
            assert!(vi.contains("Chỉ thị số 57-CT/TW") && vi.contains("II.2"), "{vi}");
            assert!(one.law.contains("116/2025/QH15") && one.law.contains("cần đối chiếu"));
            assert_ne!(sources.in_language(Language::English, &one.law), one.law);
        }
        let lacks = RegisterPack::BUILT_IN.replace(", law: \"Luật An ninh mạng", ", lax: \"Luật");
        assert!(RegisterPack::parse(&lacks).unwrap_err().to_string().contains("«law»"));
    }

    #[test]
    fn the_built_in_pack_reads_and_puts_every_agency_into_one_cohort() {
        let pack = RegisterPack::built_in().unwrap();
        assert_eq!(pack.confirmation_days, 90);
        assert!(pack.note.contains("cần đối chiếu"));
        let cohort = |kind| pack.cohort(kind).unwrap().named.name.as_str();
        assert_eq!(cohort(AgencyKind::Government), "K1");
        assert_eq!(cohort(AgencyKind::Commune), "K2");
        assert_eq!(cohort(AgencyKind::Party), cohort(AgencyKind::Front));
        assert_eq!(pack.zone(Zone::Isolated, Language::English), "Isolated network");
        assert_eq!(pack.site_kind("khác", Language::Vietnamese), "khác");
    }

    #[test]
    fn military_and_cipher_systems_are_known_by_their_names() {
        let pack = RegisterPack::built_in().unwrap();
        let told = |name| pack.refused_by_name(name).map(|refused| refused.named.name.as_str());
        assert_eq!(told("Hệ thống quân sự tỉnh"), Some("military"));
        assert_eq!(told("HE THONG CO YEU"), Some("cipher"));
        assert_eq!(told("Cổng dịch vụ công"), None);
        assert!(pack.refused("military").is_some() && pack.refused(CIVIL).is_none());
    }

    #[test]
    fn a_pack_that_misses_something_is_refused_by_its_name() {
        for (cut, put) in [
            ("confirmation_days: 90", "confirmation_days: 0"),
            ("kinds: [commune]", "kinds: [commune, unit]"),
            ("kinds: [commune]", "kinds: [village]"),
            ("isolated: {", "lonely: {"),
            ("reason_vi:", "reason:"),
            ("form: category", "form: kategory"),
            ("before: retired", "before: never"),
            ("revoke_days: 1", "revoke_days: soon"),
            ("exit_plan_level: 3", "exit_plan_level: 6"),
            ("restore_days: 180", "restore_days: 0"),
            ("exercise_days: 366", "exercise_days: never"),
            ("seen_days: 7", "seen_days: 0"),
            ("single_point: {", "single: {"),
            ("{critical: 1,", "{critical: 0,"),
            ("dependents: 5", "dependents: many"),
            ("together: 2", "together: 1"),
            (", together: 2", ""),
            ("smart-card: {", "memory-card: {"),
            ("public_resources: [domain, page]", "public_resources: [domain, service]"),
            ("public_resources: [domain, page]", "public_resources: []"),
        ] {
            let text = RegisterPack::BUILT_IN.replacen(cut, put, 1);
            assert_ne!(text, RegisterPack::BUILT_IN);
            assert!(RegisterPack::parse(&text).is_err(), "{put}");
        }
    }
}
