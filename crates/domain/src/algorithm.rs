//! Which cryptography may be used, and until when: `packs/crypto.yml`.
//!
//! In goes what an endpoint or its certificate uses (`X25519`, `RSA-2048`), out comes the rule of the
//! [`AlgorithmPolicy`] with its last day ([`Standing`]); and how the plan of a system stands by the first of
//! those days ([`PlanState`]). What is used is seen by probes; nothing is looked up or switched off here.
//! To change a day, change the pack: a rule is found by its use and name, the first that fits counts.

use std::sync::LazyLock;

use jiff::civil::Date;
use khien_event::yaml::{self, Node};

use crate::account::Language;
use crate::system::{Level, System};

closed! {
    /// What cryptography is used for.
    Use {
        /// The protocol.
        Protocol = "protocol",
        /// How keys are agreed on.
        KeyExchange = "key-exchange",
        /// The key of a certificate or a host.
        CertificateKey = "certificate-key",
        /// How a certificate is signed.
        Signature = "signature",
    }

    /// How a use stands on a day, what needs most haste first.
    Term {
        /// It may not be used any more.
        Over = "over",
        /// It ends within the warning.
        Soon = "soon",
        /// It ends so soon that its system needs a plan now.
        Plan = "plan",
        /// The policy does not know it.
        Unnamed = "unnamed",
        /// It ends some day.
        Later = "later",
        /// It has no end.
        Open = "open",
    }

    /// How the plan of a system stands, what needs most haste first.
    PlanState {
        /// Something is used that may not be used any more.
        Over = "over",
        /// The plan's own day has passed and something is still to be replaced.
        Passed = "passed",
        /// Something is to be replaced and nobody has planned it.
        Missing = "missing",
        /// The plan ends after the day of the policy.
        Late = "late",
        /// Nobody has looked at an endpoint yet.
        Unseen = "unseen",
        /// The plan ends in time.
        InTime = "in-time",
        /// Nothing is to be replaced now.
        Nothing = "nothing",
    }
}

/// What the policy says of some algorithms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub of: Use,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// The last day on which something new may be put up with it.
    pub new_until: Option<Date>,
    /// The last day on which it may be used.
    pub until: Option<Date>,
    /// The last day for systems that come first.
    pub sooner: Option<Date>,
    /// What takes its place.
    pub instead: Option<String>,
    /// Where that stands.
    pub source: String,
    /// Whole names, as probes tell them.
    pub names: Vec<String>,
    /// What stands before the bits in a name.
    pub family: Option<String>,
    /// Only with fewer bits.
    pub below: Option<u32>,
}

/// The policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgorithmPolicy {
    /// The version of the data.
    pub version: String,
    /// Where it comes from.
    pub source: String,
    /// What is to be known about it.
    pub note: String,
    /// From when on it holds.
    pub valid_from: Date,
    /// Until when.
    pub valid_to: Date,
    /// What ends within so many days needs a plan now.
    pub plan_days: i64,
    /// What ends within so many days is soon over.
    pub warning_days: i64,
    /// A certificate is told of so many days before its end.
    pub certificate_days: i64,
    /// What was counted of a system's cryptography is recorded again after so many days.
    pub inventory_days: i64,
    /// Systems of this level and up come first, like all that are critical.
    pub sooner_from: Level,
    /// What it says, in order.
    pub rules: Vec<Rule>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("crypto pack: {0}")]
pub struct AlgorithmPolicyError(String);

/// How something that is used stands by the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it is used for.
    pub of: Use,
    /// Its name, as it was seen.
    pub name: String,
    /// How it stands today.
    pub term: Term,
    /// The last day on which this system may use it.
    pub until: Option<Date>,
    /// What takes its place.
    pub instead: Option<String>,
    /// The rule.
    pub rule: Option<&'static Rule>,
}

impl Term {
    /// Whether something has to be done about it now.
    pub fn is_due(self) -> bool {
        self <= Self::Plan
    }
}

impl Rule {
    /// What it is called in a language.
    pub fn called(&self, language: Language) -> &str {
        match language {
            Language::Vietnamese => &self.vi,
            Language::English => &self.en,
        }
    }

    fn fits(&self, of: Use, name: &str) -> bool {
        if self.of != of {
            return false;
        }
        if self.names.iter().any(|one| one == name) {
            return true;
        }
        let Some(family) = &self.family else { return false };
        let Some(bits) = name.strip_prefix(family.as_str()).and_then(|rest| rest.strip_prefix('-'))
        else {
            return false;
        };
        match (self.below, bits.parse::<u32>()) {
            (Some(below), Ok(bits)) => bits < below,
            (None, Ok(_)) => true,
            (_, Err(_)) => false,
        }
    }
}

impl AlgorithmPolicy {
    /// The text of the pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/crypto.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, AlgorithmPolicyError> {
        static PACK: LazyLock<Result<AlgorithmPolicy, AlgorithmPolicyError>> =
            LazyLock::new(|| AlgorithmPolicy::parse(AlgorithmPolicy::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, AlgorithmPolicyError> {
        let wrong = |what: String| AlgorithmPolicyError(what);
        let documents = yaml::parse(text).map_err(|error| wrong(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(wrong("one document is expected".into()));
        };
        let count = |key: &str, most: i64| {
            let number = pack.get_str(key).and_then(|text| text.parse().ok());
            number
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| wrong(format!("«{key}» is 1 to {most}")))
        };
        let must_day =
            |key: &str| day(pack, key)?.ok_or_else(|| wrong(format!("«{key}» is missing")));
        let (plan_days, warning_days) = (count("plan_days", 7_300)?, count("warning_days", 7_300)?);
        if warning_days > plan_days {
            return Err(wrong("«warning_days» is not more than «plan_days»".into()));
        }
        let level = Level::new(count("sooner_from", 5)?);
        let rules = pack.get("rules").and_then(Node::as_list).unwrap_or_default();
        let rules: Vec<Rule> = rules.iter().map(rule).collect::<Result<_, _>>()?;
        for of in Use::ALL {
            if !rules.iter().any(|rule| rule.of == *of) {
                return Err(wrong(format!("rules: none is about «{}»", of.name())));
            }
        }
        for (at, rule) in rules.iter().enumerate() {
            if rules[..at].iter().any(|other| other.id == rule.id) {
                return Err(wrong(format!("rules: «{}» is there twice", rule.id)));
            }
            let is_before = |name: &&String| rules[..at].iter().any(|one| one.fits(rule.of, name));
            if let Some(name) = rule.names.iter().find(is_before) {
                let id = &rule.id;
                return Err(wrong(format!("{id}: a rule before it takes «{name}» already")));
            }
        }
        Ok(Self {
            version: said(pack, "version")?,
            source: said(pack, "source")?,
            note: said(pack, "note")?,
            valid_from: must_day("valid_from")?,
            valid_to: must_day("valid_to")?,
            plan_days,
            warning_days,
            certificate_days: count("certificate_days", 366)?,
            inventory_days: count("inventory_days", 366)?,
            sooner_from: level.ok_or_else(|| wrong("«sooner_from» is 1 to 5".into()))?,
            rules,
        })
    }

    /// Whether the days of a system come sooner.
    pub fn is_first(&self, system: &System) -> bool {
        system.is_critical || system.level >= self.sooner_from
    }

    /// How something that a system uses stands on a day.
    pub fn standing(&'static self, of: Use, name: &str, system: &System, today: Date) -> Standing {
        let rule = self.rules.iter().find(|rule| rule.fits(of, name));
        let until = rule.and_then(|rule| {
            let sooner = rule.sooner.filter(|_| self.is_first(system));
            sooner.or(rule.until)
        });
        let left = until.map(|until| i64::from((until - today).get_days()));
        let term = match left {
            _ if rule.is_none() => Term::Unnamed,
            None => Term::Open,
            Some(..0) => Term::Over,
            Some(left) if left <= self.warning_days => Term::Soon,
            Some(left) if left <= self.plan_days => Term::Plan,
            Some(_) => Term::Later,
        };
        let instead = rule.and_then(|rule| rule.instead.clone());
        Standing { of, name: name.to_owned(), term, until, instead, rule }
    }
}

impl PlanState {
    /// How a system stands: `due` is what of it has to be replaced, `plan` the day by which its plan is
    /// done, `is_seen` whether all its endpoints were looked at.
    pub fn of(due: &[&Standing], plan: Option<Date>, is_seen: bool, today: Date) -> Self {
        let due = || due.iter().filter(|one| one.term.is_due());
        let first = due().filter_map(|one| one.until).min();
        match (first, plan) {
            _ if due().any(|one| one.term == Term::Over) => Self::Over,
            (Some(_), Some(plan)) if plan < today => Self::Passed,
            (Some(_), None) => Self::Missing,
            (Some(first), Some(plan)) if plan > first => Self::Late,
            _ if !is_seen => Self::Unseen,
            (Some(_), Some(_)) => Self::InTime,
            (None, _) => Self::Nothing,
        }
    }
}

fn rule(node: &Node<'_>) -> Result<Rule, AlgorithmPolicyError> {
    let id = said(node, "id")?;
    let wrong = |what: &str| AlgorithmPolicyError(format!("{id}: {what}"));
    let of = Use::parse(&said(node, "use")?).ok_or_else(|| wrong("«use» is not known"))?;
    let names = node.get("names").map(Node::strings).unwrap_or_default();
    let rule = Rule {
        of,
        vi: said(node, "vi")?,
        en: said(node, "en")?,
        new_until: day(node, "new_until")?,
        until: day(node, "until")?,
        sooner: day(node, "sooner")?,
        instead: node.get_str("instead").map(str::to_owned),
        source: said(node, "source")?,
        names: names.into_iter().map(str::to_owned).collect(),
        family: node.get_str("family").map(str::to_owned),
        below: match node.get_str("below") {
            None => None,
            Some(text) => {
                let bits = text.parse().ok();
                Some(bits.ok_or_else(|| wrong("«below» is a number of bits"))?)
            }
        },
        id: id.clone(),
    };
    if rule.names.is_empty() == rule.family.is_none() {
        return Err(wrong("it has either «names» or a «family»"));
    }
    if rule.below.is_some() && rule.family.is_none() {
        return Err(wrong("«below» goes with a «family»"));
    }
    // Days rise: sooner, then for all; nothing new after nothing at all would say nothing.
    let is_after =
        |one: Option<Date>, last: Option<Date>| one.is_some() && (last.is_none() || one > last);
    if is_after(rule.sooner, rule.until) || is_after(rule.new_until, rule.until) {
        return Err(wrong("«sooner» and «new_until» are not after «until»"));
    }
    if rule.until.is_some() != rule.instead.is_some() {
        return Err(wrong("what ends names what comes «instead», and nothing else does"));
    }
    Ok(rule)
}

fn said(node: &Node<'_>, key: &str) -> Result<String, AlgorithmPolicyError> {
    let text = node.get_str(key).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| AlgorithmPolicyError(format!("«{key}» is missing")))
}

fn day(node: &Node<'_>, key: &str) -> Result<Option<Date>, AlgorithmPolicyError> {
    let Some(text) = node.get_str(key) else { return Ok(None) };
    let day = crate::evidence::kinds::day(text);
    day.map(Some)
        .ok_or_else(|| AlgorithmPolicyError(format!("«{key}» is a day such as 2030-12-31")))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::code::{AgencyCode, SystemCode};
    use crate::system::Stage;

    fn system(level: i64, is_critical: bool) -> System {
        let code = SystemCode::new("mh-dvc").unwrap();
        let agency = AgencyCode::new("so-khcn").unwrap();
        let level = Level::new(level).unwrap();
        let (stage, at) = (Stage::Operation, Timestamp::UNIX_EPOCH);
        let system = System::new(code, agency, "Cổng dịch vụ công".into(), level, stage, at);
        System { is_critical, ..system }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn stands(of: Use, name: &str, system: &System, today: &str) -> (Term, Option<String>) {
        let found = AlgorithmPolicy::built_in().unwrap().standing(of, name, system, day(today));
        (found.term, found.until.map(|until| until.to_string()))
    }

    #[test]
    fn each_algorithm_has_its_last_day_and_systems_that_come_first_an_earlier_one() {
        use Use as U;
        let (plain, first) = (system(2, false), system(3, false));
        let today = "2026-11-22";
        let ends = |day: &str| Some(day.to_owned());
        for (of, name, expected) in [
            (U::KeyExchange, "X25519MLKEM768", (Term::Open, None)),
            (U::KeyExchange, "mlkem768x25519-sha256", (Term::Open, None)),
            (U::KeyExchange, "X25519", (Term::Plan, ends("2030-12-31"))),
            (U::KeyExchange, "curve25519-sha256", (Term::Plan, ends("2030-12-31"))),
            (U::KeyExchange, "diffie-hellman-group1-sha1", (Term::Over, ends("2022-01-31"))),
            (U::KeyExchange, "kyber-own", (Term::Unnamed, None)),
            (U::Protocol, "TLSv1.3", (Term::Open, None)),
            (U::Protocol, "TLSv1.1", (Term::Over, ends("2021-03-31"))),
            // A name says nothing for another use.
            (U::Protocol, "X25519", (Term::Unnamed, None)),
            (U::CertificateKey, "RSA-1024", (Term::Over, ends("2013-12-31"))),
            (U::CertificateKey, "RSA-2048", (Term::Later, ends("2035-12-31"))),
            (U::CertificateKey, "RSA-4096", (Term::Later, ends("2035-12-31"))),
            (U::CertificateKey, "EC-192", (Term::Over, ends("2013-12-31"))),
            (U::CertificateKey, "EC-256", (Term::Later, ends("2035-12-31"))),
            (U::CertificateKey, "ML-DSA-65", (Term::Open, None)),
            (U::CertificateKey, "ML-DSA-", (Term::Unnamed, None)),
            (U::Signature, "RSA-SHA1", (Term::Over, ends("2013-12-31"))),
            (U::Signature, "ECDSA-SHA384", (Term::Later, ends("2035-12-31"))),
        ] {
            assert_eq!(stands(of, name, &plain, today), expected, "{name}");
        }
        let sooner = (Term::Plan, ends("2028-12-31"));
        assert_eq!(stands(U::KeyExchange, "X25519", &first, today), sooner);
        assert_eq!(stands(U::KeyExchange, "X25519", &system(1, true), today), sooner);
        assert_eq!(stands(U::Protocol, "TLSv1.2", &first, today), sooner);
        let policy = AlgorithmPolicy::built_in().unwrap();
        let rule = policy.rules.iter().find(|rule| rule.id == "key-112").unwrap();
        assert_eq!(rule.new_until, Some(day("2030-12-31")));
    }

    #[test]
    fn the_last_day_is_still_one_of_use() {
        let plain = system(1, false);
        let on = |today| stands(Use::KeyExchange, "X25519", &plain, today).0;
        assert_eq!(on("2025-12-30"), Term::Later);
        assert_eq!(on("2025-12-31"), Term::Plan);
        assert_eq!(on("2029-12-30"), Term::Plan);
        assert_eq!(on("2029-12-31"), Term::Soon);
        assert_eq!(on("2030-12-31"), Term::Soon);
        assert_eq!(on("2031-01-01"), Term::Over);
    }

    #[test]
    fn what_khien_itself_uses_has_no_end() {
        let critical = system(5, true);
        for (of, name) in [
            (Use::KeyExchange, "X25519MLKEM768"),
            (Use::KeyExchange, "secp256r1MLKEM768"),
            (Use::Protocol, "TLSv1.3"),
            (Use::Signature, "ML-DSA-65"),
        ] {
            assert_eq!(stands(of, name, &critical, "2090-01-01").0, Term::Open, "{name}");
        }
    }

    #[test]
    fn a_plan_is_told_by_the_first_day_of_what_is_due() {
        use PlanState as P;
        let policy = AlgorithmPolicy::built_in().unwrap();
        let today = day("2026-11-22");
        let of = |of, name| policy.standing(of, name, &system(3, false), today);
        let classical = of(Use::KeyExchange, "X25519");
        let old = of(Use::Protocol, "TLSv1.1");
        let key = of(Use::CertificateKey, "EC-256");
        let good = of(Use::Protocol, "TLSv1.3");
        let unknown = of(Use::KeyExchange, "own");
        let state = |due: &[&Standing], plan: Option<&str>, is_seen| {
            PlanState::of(due, plan.map(day), is_seen, today)
        };
        assert_eq!(state(&[&good, &key, &unknown], None, true), P::Nothing);
        assert_eq!(state(&[&good, &key], None, false), P::Unseen);
        assert_eq!(state(&[&good, &classical], None, true), P::Missing);
        assert_eq!(state(&[&classical], None, false), P::Missing);
        assert_eq!(state(&[&classical], Some("2028-12-31"), true), P::InTime);
        assert_eq!(state(&[&classical], Some("2028-12-31"), false), P::Unseen);
        assert_eq!(state(&[&classical], Some("2029-01-01"), true), P::Late);
        assert_eq!(state(&[&classical], Some("2026-11-22"), true), P::InTime);
        assert_eq!(state(&[&classical], Some("2026-11-21"), true), P::Passed);
        assert_eq!(state(&[&classical, &old], Some("2027-01-01"), true), P::Over);
        assert_eq!(state(&[], Some("2020-01-01"), true), P::Nothing, "it was done");
    }

    #[test]
    fn a_pack_that_contradicts_itself_is_refused() {
        for (cut, put) in [
            ("plan_days: 1826", "plan_days: soon"),
            ("warning_days: 365", "warning_days: 3650"),
            ("sooner_from: 3", "sooner_from: 6"),
            ("valid_to: 2027-12-31", "valid_to: 2027-13-31"),
            ("id: tls-1.2, use: protocol", "id: tls-1.3, use: protocol"),
            ("names: [TLSv1.2]", "names: [TLSv1.2, TLSv1.3]"),
            ("use: protocol", "use: protocoll"),
            ("names: [TLSv1.2]", "family: TLS, names: [TLSv1.2]"),
            ("names: [TLSv1.2], vi", "vi"),
            ("names: [TLSv1.2]", "names: [TLSv1.2], below: 3"),
            ("below: 2048", "below: many"),
            ("until: 2030-12-31, sooner: 2028-12-31", "until: 2030-12-31, sooner: 2031-01-01"),
            ("until: 2030-12-31, sooner: 2028-12-31", "sooner: 2028-12-31"),
            (
                "new_until: 2030-12-31, until: 2035-12-31",
                "new_until: 2036-01-01, until: 2035-12-31",
            ),
            (", instead: TLS 1.3", ""),
            ("source: RFC 8446", "instead: TLS 1.4, source: RFC 8446"),
            ("until: 2021-03-31", "until: March 2021"),
            ("source: RFC 8446", "sauce: RFC 8446"),
            ("use: signature", "use: protocol"),
        ] {
            let text = if cut == "use: signature" {
                AlgorithmPolicy::BUILT_IN.replace(cut, put)
            } else {
                AlgorithmPolicy::BUILT_IN.replacen(cut, put, 1)
            };
            assert_ne!(text, AlgorithmPolicy::BUILT_IN, "{cut}");
            assert!(AlgorithmPolicy::parse(&text).is_err(), "{put}");
        }
        assert!(AlgorithmPolicy::parse("").is_err());
    }

    proptest! {
        #[test]
        fn time_only_brings_haste(name in "[A-Za-z0-9.-]{0,20}", days in 0_i32..20_000, more in 0_i32..4_000) {
            let policy = AlgorithmPolicy::built_in().unwrap();
            let names = ["X25519", "TLSv1.2", "EC-256", "RSA-2048", "RSA-SHA1", name.as_str()];
            let early = day("2000-01-01").saturating_add(jiff::Span::new().days(days));
            let late = early.saturating_add(jiff::Span::new().days(more));
            for name in names {
                for of in Use::ALL {
                    let on = |today| policy.standing(*of, name, &system(2, false), today);
                    prop_assert!(on(late).term <= on(early).term);
                    let first = policy.standing(*of, name, &system(2, true), early);
                    prop_assert!(first.term <= on(early).term, "whoever comes first has no more time");
                }
            }
        }
    }
}
