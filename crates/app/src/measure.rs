//! The measuring that goes on while the centre runs: minutes in which sources were heard, and each
//! hour everything that [`use_case::measure`](crate::use_case::measure) tells the ledger, what the
//! gate says of the systems in use, and the seal of the audit trail.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_domain::ids::SourceId;
use khien_domain::measure::MeasurePack;
use khien_domain::silence::{Finding, watch};
use khien_domain::source::SourceStatus;
use khien_store::{Heard, StoreError};

use crate::App;
use crate::access::Caller;
use crate::use_case::measure::last_heard;
use crate::use_case::register::{ending, zones};
use crate::use_case::{UseError, audit, budgets, findings, gate, measure};

/// How often it is looked who was heard.
const LOOK: Duration = Duration::from_secs(2);
/// Minutes are written down so often.
const WRITE: SignedDuration = SignedDuration::from_mins(5);
/// After the start, sources have so long to be heard before anything is told of them.
const FIRST: SignedDuration = SignedDuration::from_mins(10);
/// From then on everything is measured so often.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Over a longer time than this nobody was looking, and nothing is known of it.
const ASLEEP: SignedDuration = SignedDuration::from_mins(5);

/// Measures until the centre stops.
pub(crate) async fn work(app: Weak<App>, pack: &'static MeasurePack) {
    let Some(now) = app.upgrade().map(|app| app.now()) else { return };
    let mut minutes = Minutes::begin(now);
    let mut next = now.checked_add(FIRST).unwrap_or(Timestamp::MAX);
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(app) = app.upgrade().filter(|app| app.is_running()) else { return };
        let now = app.now();
        if let Err(error) = minutes.look(&app, pack, now).await {
            tracing::error!(%error, "minutes of sources are not written down yet");
        }
        if now >= next {
            next = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
            tell(&app).await;
        }
    }
}

/// Measures everything, looks whose support ends before it is renewed and what else ends in the register, asks the gate about all systems in use,
/// and looks for what is wrong with them.
///
/// What decides comes after what it decides by. A step that fails is told and holds up no other.
async fn tell(app: &App) {
    let caller = Caller::program();
    let sealed = audit::seal(app).await.map(drop);
    step("the audit trail is sealed", sealed);
    step("what is measured is told", measure::measure(app, &caller).await.map(drop));
    step("support is looked at", budgets::sweep(app, &caller).await.map(drop));
    step("what ends is looked at", ending::look(app, &caller).await.map(drop));
    let opened = findings::reopen_accepted(&app.store, app.now()).await.map(drop);
    step("what was borne opens", opened);
    step("findings are looked for", findings::look(app, &caller).await.map(drop));
    step("networks are looked at", zones::look(app, &caller).await.map(drop));
    step("the gate is asked", gate::sweep(app, &caller).await.map(drop));
}

fn step(what: &'static str, done: Result<(), UseError>) {
    match done {
        Ok(()) => tracing::debug!(what, "done"),
        Err(error) => tracing::error!(%error, what, "an hourly step failed"),
    }
}

/// After how many seconds a source counts as unheard: its own heartbeat, but never longer than the pack's.
fn heartbeat(own: Option<u32>, pack: &MeasurePack) -> u32 {
    own.map_or(pack.heartbeat_seconds, |own| own.min(pack.heartbeat_seconds))
}

/// Minutes of each source that are not written down yet.
struct Minutes {
    /// When this began to listen.
    started: Timestamp,
    /// Up to when minutes were counted.
    counted: Timestamp,
    written: Timestamp,
    /// When sources were last heard, as the store knew when minutes were last written down.
    last_heard: Option<BTreeMap<SourceId, Timestamp>>,
    /// How many, and for how many of these it was heard.
    sources: BTreeMap<(SourceId, i64), (u32, u32)>,
}

impl Minutes {
    fn begin(now: Timestamp) -> Self {
        Self {
            started: now,
            counted: now,
            written: now,
            last_heard: None,
            sources: BTreeMap::new(),
        }
    }

    async fn look(
        &mut self,
        app: &App,
        pack: &MeasurePack,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.last_heard.is_none() {
            self.last_heard = Some(last_heard(&app.store).await?);
        }
        for registered in app.registry().all() {
            let source = &registered.source;
            let before = self.last_heard.as_ref().and_then(|all| all.get(&source.id)).copied();
            let last = registered.last_heard();
            if pack.requires(source, last.max(before), now) {
                let heartbeat = Some(heartbeat(source.settings.heartbeat_seconds, pack));
                let since = source.created_at.max(self.started);
                let found = watch(last, since, heartbeat, now);
                // Of one that is switched off nothing is taken, whatever it sends.
                let is_heard = source.status == SourceStatus::Active && found == Finding::Heard;
                self.count(source.id, is_heard, now);
            }
        }
        self.counted_to(now);
        if now.duration_since(self.written) < WRITE || self.sources.is_empty() {
            return Ok(());
        }
        let rows: Vec<Heard> = (self.sources.iter())
            .map(|((source, day), (minutes, heard))| Heard {
                source: *source,
                day: *day,
                minutes: *minutes,
                heard: *heard,
            })
            .collect();
        let before = now.checked_sub(pack.continuity).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut tx = app.store.begin().await?;
        tx.note_heard(&rows).await?;
        tx.prune_heard(Heard::day_of(before)).await?;
        tx.commit().await?;
        self.sources.clear();
        self.last_heard = None;
        self.written = now;
        Ok(())
    }

    /// Whole minutes since the last that was counted; none if nobody looked for long.
    fn passed(&self, now: Timestamp) -> u32 {
        let passed = now.duration_since(self.counted);
        if passed > ASLEEP { 0 } else { u32::try_from(passed.as_mins()).unwrap_or(0) }
    }

    fn count(&mut self, source: SourceId, is_heard: bool, now: Timestamp) {
        let passed = self.passed(now);
        if passed > 0 {
            let minutes = self.sources.entry((source, Heard::day_of(now))).or_default();
            minutes.0 += passed;
            minutes.1 += if is_heard { passed } else { 0 };
        }
    }

    /// What is left of the last minute is counted with the next.
    fn counted_to(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.counted);
        if passed > ASLEEP || passed.is_negative() {
            self.counted = now;
        } else {
            self.counted += SignedDuration::from_mins(passed.as_mins());
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    const ONE: SourceId = SourceId(1);

    #[test]
    fn a_long_heartbeat_of_its_own_makes_no_silent_source_heard() {
        let pack = MeasurePack::built_in().unwrap();
        let found = [None, Some(60), Some(86_400)].map(|own| heartbeat(own, pack));
        assert_eq!(found, [900, 60, 900]);
    }

    #[test]
    fn minutes_are_counted_once_and_none_while_nobody_looked() {
        let start: Timestamp = "2026-10-15T23:57:00Z".parse().unwrap();
        let mut minutes = Minutes::begin(start);
        let mut look = |seconds: i64, is_heard| {
            let now = start + seconds.seconds();
            minutes.count(ONE, is_heard, now);
            minutes.counted_to(now);
        };
        for second in (0..=126).step_by(7) {
            look(second, true);
        }
        // The third minute is silent, and belongs to the next day.
        look(181, false);
        // The machine slept, or the clock leapt back: nothing is known of that time.
        look(4_000, true);
        look(3_000, true);
        look(3_061, true);
        let day = Heard::day_of(start);
        let counted: Vec<_> = minutes.sources.into_iter().collect();
        assert_eq!(counted, [((ONE, day), (2, 2)), ((ONE, day + 1), (2, 1))]);
    }
}
