//! Attacks, one file a story: what happens step by step, and what must be found of it.
//!
//! A story tells the same with other people, machines and addresses each time it runs. Its
//! [`rules`](Story::rules) are exactly those of ours above informational that fire on it; a test
//! feeds each story to the engine and compares. Steps keep the pace of the real thing, in seconds
//! after the beginning, none longer than a few minutes.

mod beacon;
mod business_mail;
mod database;
mod flood;
mod insider;
mod leaked_copy;
mod look_alike;
mod phishing;
mod ransomware;
mod spraying;
mod supplier;
mod tunnel;
mod usb;
mod web_shell;

use jiff::{SignedDuration, Timestamp};

use crate::device::windows::Seat;
use crate::device::{Content, written};
use crate::province::Province;
use crate::random::Random;
use crate::{Entry, traffic};

/// An attack.
#[derive(Debug)]
pub struct Story {
    /// What it is called in commands and figures.
    pub id: &'static str,
    /// Its title in Vietnamese.
    pub title_vi: &'static str,
    /// Its title in English.
    pub title_en: &'static str,
    /// Techniques of ATT&CK that it uses, in the order of its steps.
    pub attack: &'static [&'static str],
    /// The rules that must fire on it: folder and file of `rules/`, sorted.
    pub rules: &'static [&'static str],
    steps: fn(&mut Script<'_>),
}

/// All stories, in the order in which they are told.
pub static STORIES: [Story; 14] = [
    phishing::STORY,
    web_shell::STORY,
    spraying::STORY,
    ransomware::STORY,
    beacon::STORY,
    database::STORY,
    usb::STORY,
    business_mail::STORY,
    tunnel::STORY,
    supplier::STORY,
    flood::STORY,
    insider::STORY,
    look_alike::STORY,
    leaked_copy::STORY,
];

impl Story {
    /// What devices write of it, in the order of time. `run` tells one run from the next.
    pub fn entries(
        &self,
        province: &Province,
        seed: u64,
        run: u64,
        start: Timestamp,
    ) -> Vec<Entry> {
        let number =
            STORIES.iter().position(|story| story.id == self.id).unwrap_or_default() as u64;
        let random = Random::of(seed, &[number, run]);
        let mut script = Script { province, start, number, run, random, entries: Vec::new() };
        (self.steps)(&mut script);
        script.entries.sort_by_key(|entry| entry.at);
        script.entries
    }
}

/// A story that is being told.
struct Script<'p> {
    province: &'p Province,
    start: Timestamp,
    number: u64,
    run: u64,
    random: Random,
    entries: Vec<Entry>,
}

impl Script<'_> {
    /// The moment so many seconds after the beginning.
    fn at(&self, seconds: f64) -> Timestamp {
        let later = SignedDuration::from_millis((seconds * 1000.0) as i64);
        self.start.checked_add(later).unwrap_or(self.start)
    }

    /// A source logs something so many seconds after the beginning.
    fn log(&mut self, source: &str, seconds: f64, content: impl Into<Content>) {
        let Some(place) = self.province.place(source) else { return };
        let Some(found) = self.province.sources.get(place) else { return };
        let at = self.at(seconds);
        let text = written(found, at, &content.into(), &mut self.random);
        self.entries.push(Entry { at, source: place, text });
    }

    /// A machine of a source, another one each run; `number` tells those of a run apart.
    fn seat(&self, source: &str, number: u64) -> Seat {
        let place = self.province.place(source).unwrap_or_default();
        match self.province.sources.get(place) {
            Some(found) => traffic::seat(found, place, (self.run + number) as usize),
            None => Seat::default(),
        }
    }

    /// The host of a source that has one.
    fn host(&self, source: &str) -> String {
        self.seat(source, 0).computer
    }

    /// The attacker's address, another one each run.
    fn attacker(&self) -> String {
        format!("203.0.113.{}", 1 + (self.number * 17 + self.run * 5) % 250)
    }

    /// An official, another one for each number and run.
    fn official(&self, number: u64) -> String {
        traffic::account(300 + self.number * 41 + self.run * 3 + number)
    }
}

impl From<crate::device::windows::Event> for Content {
    fn from(event: crate::device::windows::Event) -> Self {
        Self::Windows(event)
    }
}

impl From<crate::device::program::Message> for Content {
    fn from(message: crate::device::program::Message) -> Self {
        Self::Program(message)
    }
}

impl From<crate::device::access::Request> for Content {
    fn from(request: crate::device::access::Request) -> Self {
        Self::Access(request)
    }
}

impl From<crate::device::firewall::Line> for Content {
    fn from(line: crate::device::firewall::Line) -> Self {
        Self::Firewall(line)
    }
}

impl From<crate::device::audit::Started> for Content {
    fn from(started: crate::device::audit::Started) -> Self {
        Self::Audit(started)
    }
}

impl From<crate::device::sensor::Event> for Content {
    fn from(event: crate::device::sensor::Event) -> Self {
        Self::Sensor(event)
    }
}
