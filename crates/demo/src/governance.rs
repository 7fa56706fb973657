//! How the province is governed: who answers for what, and the evidence that a year of it has left.
//!
//! In come the province, a seed and an instant; out come posts ([`posts`](Governance::posts)), when
//! things were confirmed, and [`Evidence`] whose dates lie before the instant, as plain values that
//! `packs/evidence.yml` names. How good an agency is, what it spends and what has happened to it is
//! data, `demo/governance.json`; what follows from that is drawn, so that the same seed tells the same
//! year.
//!
//! What agencies plan to spend, which risks they know and which devices they have is told as well
//! ([`budgets`](Governance::budgets)), and which products, providers and devices that keep keys
//! ([`products`](Governance::products)), and where servers stand ([`sites`](Governance::sites)).
//!
//! To add a kind of evidence: what an agency has of it in `agency`, what a system has in `system`,
//! what happens between them in `activity`.

mod activity;
mod agency;
mod certificates;
mod crypto;
mod hosting;
mod leaks;
mod papers;
mod phrases;
mod plans;
mod posts;
mod supply;
mod system;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

pub use crypto::Door;
pub use hosting::{Equipment, Site};
pub use leaks::Leak;
pub use papers::Paper;
pub use phrases::{PHRASES, Phrases, Waiting};
pub use plans::{Came, Device, Line, Plan, Risk};
pub use posts::{Contact, Post, Posts};
pub use supply::{Handled, Handover, Product, Provider};

use crate::Province;
use crate::province::{Agency, ProvinceError, System};
use crate::random::Random;

/// Days of the province begin and end by this.
const ZONE: Offset = Offset::constant(7);

/// What is known of something, in the words of `packs/evidence.yml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What kind of thing it says.
    pub kind: &'static str,
    /// About which agency, by its code.
    pub agency: String,
    /// About which system, by its code.
    pub system: Option<String>,
    /// Which one of several things it is; none where that is the agency or the system.
    pub subject: Option<String>,
    /// Where it is known from, by the name that records use.
    pub origin: &'static str,
    /// Which document, report or exercise says so.
    pub reference: String,
    /// How it is known: `declared`, `documented` or `measured`.
    pub how: &'static str,
    /// Who says so.
    pub by: String,
    /// When it was so.
    pub at: Timestamp,
    /// What it says.
    pub content: Value,
}

/// An agency in scope, and how it does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rated {
    code: String,
    /// How good it is at all of it, 0 to 100.
    skill: u32,
    /// How many people have an account.
    staff: u32,
    /// Its plan of the year in đồng: all of it, and what of it is for security. Some have none.
    budget: Option<[u64; 2]>,
    /// Reports of scams from citizens in its area.
    #[serde(default)]
    citizen_reports: u32,
}

/// Something that went wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Incident {
    agency: String,
    system: String,
    /// So many days ago.
    days: i64,
    #[serde(default)]
    serious: bool,
    #[serde(default)]
    reportable: bool,
    /// Whether it was reported too late.
    #[serde(default)]
    late: bool,
}

/// An exercise that agencies of some kinds held together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exercise {
    code: String,
    form: String,
    days: i64,
    kinds: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    agencies: Vec<Rated>,
    /// Systems that meet every condition, whatever is drawn.
    allowed: Vec<String>,
    incidents: Vec<Incident>,
    exercises: Vec<Exercise>,
    /// Agencies of which a task each is overdue.
    overdue_tasks: Vec<String>,
    /// Agencies whose yearly report is missing.
    missing_reports: Vec<String>,
    /// Trust scores of the pages of communes, in the order of their numbers.
    web_scores: Vec<u32>,
    /// Alerts of a year, by agency.
    alert_weights: std::collections::BTreeMap<String, u32>,
}

/// A glass that was broken: a system used for some days although the gate said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// The system.
    pub system: &'static str,
    /// Who broke it.
    pub by: &'static str,
    /// Why.
    pub reason: &'static str,
    /// When.
    pub at: Timestamp,
    /// For so many hours.
    pub hours: i64,
    /// What the review found afterwards.
    pub finding: &'static str,
}

/// How the province is governed, told at an instant.
#[derive(Clone, Debug)]
pub struct Governance<'p> {
    province: &'p Province,
    data: Data,
    seed: u64,
    now: Timestamp,
}

impl<'p> Governance<'p> {
    /// That of the province that ships with the program.
    pub fn builtin(
        province: &'p Province,
        seed: u64,
        now: Timestamp,
    ) -> Result<Self, ProvinceError> {
        Self::read(province, include_str!("../../../demo/governance.json"), seed, now)
    }

    /// Reads the text of the file.
    pub fn read(
        province: &'p Province,
        text: &str,
        seed: u64,
        now: Timestamp,
    ) -> Result<Self, ProvinceError> {
        let wrong = |what: String| ProvinceError::new(format!("demo/governance.json: {what}"));
        let data: Data = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for agency in province.agencies.iter().filter(|agency| agency.in_scope) {
            if !data.agencies.iter().any(|rated| rated.code == agency.code) {
                return Err(wrong(format!("nothing is told of {}", agency.code)));
            }
        }
        for rated in &data.agencies {
            if !province.agencies.iter().any(|one| one.code == rated.code && one.in_scope) {
                return Err(wrong(format!("there is no agency {} in scope", rated.code)));
            }
        }
        for incident in &data.incidents {
            let is_its =
                |one: &System| one.code == incident.system && one.agency == incident.agency;
            if !province.systems.iter().any(|one| one.registered && is_its(one)) {
                return Err(wrong(format!("{} has no {}", incident.agency, incident.system)));
            }
        }
        // A record knows whole seconds.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Ok(Self { province, data, seed, now })
    }

    /// All evidence, the oldest first.
    pub fn evidence(&self) -> Vec<Evidence> {
        let mut found = Vec::new();
        for rated in &self.data.agencies {
            self.of_agency(rated, &mut found);
            for system in self.systems_of(&rated.code) {
                self.of_system(rated, system, &mut found);
            }
        }
        self.activity(&mut found);
        found.sort_by_key(|one| one.at);
        found
    }

    /// Since when agencies and systems are in the register.
    pub fn registered_at(&self) -> Timestamp {
        self.ago(420, 0)
    }

    /// When the gate was last asked about all systems that are in use.
    pub fn decided_at(&self) -> Timestamp {
        self.ago(0, 46)
    }

    /// Which agencies have confirmed that the register has all their systems, and when.
    pub fn confirmed_agencies(&self) -> Vec<(&str, Timestamp)> {
        let confirmed = self.data.agencies.iter().filter_map(|rated| {
            let mut lot = self.lot(&rated.code, "confirmed");
            let is_confirmed = f64::from(rated.skill) / 100.0 + 0.25 > lot.share();
            is_confirmed.then(|| (rated.code.as_str(), self.ago(lot.between(5, 80) as i64, 3)))
        });
        confirmed.collect()
    }

    /// Which systems were confirmed, and when; of some that was too long ago.
    pub fn confirmed_systems(&self) -> Vec<(&str, Timestamp)> {
        let mut confirmed = Vec::new();
        for rated in &self.data.agencies {
            for system in self.systems_of(&rated.code) {
                let mut lot = self.lot(&system.code, "confirmed");
                let is_fresh = self.quality(rated, &system.code, "confirmed-lately") > 0.42;
                let days = if is_fresh { lot.between(4, 80) } else { lot.between(95, 190) };
                confirmed.push((system.code.as_str(), self.ago(days as i64, 5)));
            }
        }
        confirmed
    }

    /// The glass that was broken.
    pub fn break_glass(&self) -> BreakGlass {
        BreakGlass {
            system: "mh-hopkg",
            by: "person truongca",
            reason: "Kỳ họp toàn thể cần phòng họp không giấy trong hai ngày; hồ sơ cấp độ đang thẩm định",
            at: self.ago(20, 2),
            hours: 48,
            finding: "Chỉ mở trong hai ngày họp, không có truy cập lạ; lần sau phải trình hồ sơ trước kỳ họp",
        }
    }

    /// The systems of an agency that are in the register.
    fn systems_of(&self, agency: &str) -> impl Iterator<Item = &'p System> {
        let systems = self.province.systems.iter();
        let agency = agency.to_owned();
        systems.filter(move |system| system.registered && system.agency == agency)
    }

    fn agency(&self, code: &str) -> Option<&'p Agency> {
        self.province.agencies.iter().find(|agency| agency.code == code)
    }

    /// So long ago.
    fn ago(&self, days: i64, hours: i64) -> Timestamp {
        let span = SignedDuration::from_hours(24 * days + hours);
        self.now.checked_sub(span).unwrap_or(self.now)
    }

    /// The day in the province so many days ago; before 0, in so many days.
    fn day(&self, days: i64) -> Date {
        ZONE.to_datetime(self.ago(days, 0)).date()
    }

    /// The year in the province.
    fn year(&self) -> i16 {
        self.day(0).year()
    }

    /// Chance for one thing.
    fn lot(&self, of: &str, about: &str) -> Random {
        Random::of(self.seed, &[number(of), number(about)])
    }

    /// How well an agency does at something, from 0 to 1: about as well as at all else.
    fn quality(&self, rated: &Rated, of: &str, about: &str) -> f64 {
        let around = self.lot(of, about).share() - 0.5;
        (f64::from(rated.skill) / 100.0 + around * 0.2).clamp(0.0, 1.0)
    }

    /// Whether an agency has anything to show at all.
    fn has(&self, rated: &Rated, about: &str) -> bool {
        let gap = (0.5 - f64::from(rated.skill) / 100.0).max(0.0) * 0.8;
        !self.lot(&rated.code, about).happens(gap)
    }
}

/// A number for a name; chance of different things is different.
fn number(name: &str) -> u64 {
    // FNV-1a.
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// A moment as records write it.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A share of a number, rounded.
fn part(of: u32, share: f64) -> u32 {
    (f64::from(of) * share.clamp(0.0, 1.0)).round() as u32
}

impl Evidence {
    /// What the centre itself has measured of an agency.
    fn new(kind: &'static str, agency: &str, at: Timestamp, content: Value) -> Self {
        Self {
            kind,
            agency: agency.to_owned(),
            system: None,
            subject: None,
            origin: "probe",
            reference: String::new(),
            how: "measured",
            by: "khien".to_owned(),
            at,
            content,
        }
    }

    fn of(self, system: &str) -> Self {
        Self { system: Some(system.to_owned()), ..self }
    }

    fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    fn from(self, origin: &'static str, reference: impl Into<String>) -> Self {
        Self { origin, reference: reference.into(), ..self }
    }

    /// What a document says that somebody of another agency has seen.
    fn documented(self, reference: impl Into<String>) -> Self {
        // Nobody confirms what their own agency says.
        let by = if self.agency == "ttt" { "person thamdinh2" } else { "person thamdinh" };
        Self { how: "documented", by: by.into(), ..self.from("document", reference) }
    }

    /// What an agency says of itself.
    fn declared(self) -> Self {
        let by = format!("person canbo-{}", self.agency);
        Self { how: "declared", by, ..self.from("attestation", "tự khai") }
    }
}
