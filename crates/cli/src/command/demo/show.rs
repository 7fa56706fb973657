//! What is shown: the day before, then the province as it lives on, until somebody stops it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use khien_demo::story::STORIES;
use khien_demo::traffic::Traffic;
use khien_demo::{Entry, Province, SEED};

use super::send::{Link, Sent};
use crate::clock;

/// The past that is handed in, at most.
const PAST: SignedDuration = SignedDuration::from_hours(24);
/// A gap shorter than this is none.
const GAP: SignedDuration = SignedDuration::from_mins(10);
/// Events a second of the past, in the busiest hours.
const THIN: f64 = 1.0;
/// In the past, a story begins this often: each is told twice a day.
const STORY_BEFORE: SignedDuration = SignedDuration::from_mins(50);
/// Events a second of what is shown live, at a speed of 1.
const BUSY: f64 = 80.0;
/// Live, a story begins this often, at a speed of 1.
const STORY_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// How often sources send.
const TICK: Duration = Duration::from_millis(500);
/// What a sleep of the machine left out is not made up for.
const ASLEEP: i64 = 60;

/// The province and its ways to the centre.
pub(super) struct Show {
    /// The province.
    pub(super) province: Arc<Province>,
    /// The ways of its sources, in their order.
    pub(super) links: Vec<Link>,
    /// How many times as busy as usual it is.
    pub(super) speed: u32,
    /// Says something or is gone when it is over.
    pub(super) stop: Receiver<()>,
    /// Stories that have begun.
    pub(super) told: u64,
}

impl Show {
    /// Whether it is over, after waiting so long for it.
    fn is_over(&self, wait: Duration) -> bool {
        !matches!(self.stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
    }

    /// Hands in what happened since a moment, or since yesterday; answers whether it came to the
    /// end. Each source hands in a file, so that correlations go by the times in it.
    pub(super) fn past(&mut self, since: Option<Timestamp>, now: Timestamp) -> Result<bool> {
        let yesterday = now.checked_sub(PAST).unwrap_or(now);
        let from = since.map_or(yesterday, |since| since.max(yesterday));
        if now.duration_since(from) < GAP {
            return Ok(true);
        }
        let mut entries = Traffic::daily(&self.province, SEED, THIN).between(from, now);
        let mut start = from;
        loop {
            start = start.checked_add(STORY_BEFORE).unwrap_or(Timestamp::MAX);
            if start.checked_add(GAP).is_ok_and(|end| end > now) {
                break;
            }
            entries.extend(self.next_story(start));
        }
        entries.retain(|entry| entry.at < now);
        entries.sort_by_key(|entry| entry.at);
        let session = format!("past-{}", now.as_second());
        for (place, own) in by_source(entries) {
            let Some(link) = self.links.get(place) else { continue };
            link.hand_in(&session, &own, |wait| self.is_over(wait))?;
            if self.is_over(Duration::ZERO) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lives on from a moment until it is over.
    pub(super) fn live(mut self, begin: Timestamp) {
        let speed = f64::from(self.speed);
        let province = Arc::clone(&self.province);
        let traffic = Traffic::steady(&province, SEED, BUSY * speed);
        let pause = SignedDuration::from_millis((STORY_EVERY.as_millis() as f64 / speed) as i64);
        let (mut done, mut story) = (begin, begin);
        let mut waiting: Vec<Entry> = Vec::new();
        let mut is_told = vec![false; self.links.len()];
        while !self.is_over(TICK) {
            let now = clock::now();
            if now.duration_since(done).as_secs() > ASLEEP {
                (done, story) = (now, now);
            }
            waiting.extend(traffic.between(done, now));
            done = now;
            while story <= now {
                waiting.extend(self.next_story(story));
                story = story.checked_add(pause).unwrap_or(Timestamp::MAX);
            }
            waiting.sort_by_key(|entry| entry.at);
            let later = waiting.partition_point(|entry| entry.at <= now);
            let rest = waiting.split_off(later);
            let due = std::mem::replace(&mut waiting, rest);
            let lived = now.duration_since(begin).as_secs();
            for (place, own) in by_source(due) {
                let source = self.province.sources.get(place);
                let silent = source.and_then(|source| source.silent_after).map(i64::from);
                if silent.is_some_and(|after| lived > after) {
                    continue;
                }
                let Some(link) = self.links.get_mut(place) else { continue };
                let came = link.send(&own);
                let Some(told) = is_told.get_mut(place) else { continue };
                match came {
                    Ok(Sent::Taken) => *told = false,
                    Ok(Sent::Later) => waiting.extend(own),
                    // Once is enough; the next line may get through.
                    Err(error) if !*told => {
                        *told = true;
                        let source = source.map_or("", |source| source.key.as_str());
                        tracing::warn!(source, "the demonstration cannot send: {error:#}");
                    }
                    Err(_) => {}
                }
            }
        }
    }

    fn next_story(&mut self, start: Timestamp) -> Vec<Entry> {
        let count = STORIES.len() as u64;
        let (at, run) = ((self.told % count) as usize, self.told / count);
        self.told += 1;
        let story = STORIES.get(at);
        story.map(|story| story.entries(&self.province, SEED, run, start)).unwrap_or_default()
    }
}

fn by_source(entries: Vec<Entry>) -> BTreeMap<usize, Vec<Entry>> {
    let mut by_source: BTreeMap<usize, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        by_source.entry(entry.source).or_default().push(entry);
    }
    by_source
}
