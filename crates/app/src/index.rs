//! The index and the gate over a ledger: lines of the store or of an export become facts.
//!
//! Reading is done by one thread, which hands lines to others by the agency they are about; what is
//! counted of them is [`khien_domain::index`]'s and [`khien_domain::gate`]'s.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use jiff::Timestamp;
use khien_domain::evidence::glance::Glance;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::facts::{Cutoff, Facts, ReadError, View, Voided, Wanted};
use khien_domain::index::{Basis, BasisError, Chosen, IndexPack, Table, Wish};
use khien_seal::ledger::Verified;
use khien_store::{Store, StoreError};

use crate::ledger::{LedgerError, each_line, verify_export};

/// Bytes of lines that are handed over at once.
const HANDED: usize = 256 << 10;
/// How many such are on their way to a thread.
const ON_THE_WAY: usize = 4;

/// Why a table cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The ledger cannot be read, or is broken.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A record is not what it should be.
    #[error("the ledger cannot be counted")]
    Read(#[from] ReadError),
    /// There is nothing to compute by.
    #[error(transparent)]
    Basis(#[from] BasisError),
    /// The system gives no thread.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// A thread ended before its work.
    #[error("a thread that counts ended before its work")]
    Ended,
}

impl From<StoreError> for IndexError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// A thread that makes facts of lines.
type Counting = JoinHandle<Result<Facts, ReadError>>;

/// Threads that make facts of lines; an agency's lines all go to the same.
struct Counters {
    threads: Vec<(SyncSender<String>, Counting)>,
    waiting: Vec<String>,
}

impl Counters {
    fn start(
        wanted: &Arc<Wanted>,
        cutoff: Cutoff,
        size: Option<u64>,
        voided: Voided,
    ) -> Result<Self, IndexError> {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let voided = Arc::new(voided);
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let (hand, handed) = sync_channel::<String>(ON_THE_WAY);
            let mut facts = Facts::new(Arc::clone(wanted), cutoff, size, Arc::clone(&voided));
            let thread = Builder::new().name(format!("count-{number}")).spawn(move || {
                for lines in handed {
                    lines.lines().try_for_each(|line| facts.read(line))?;
                }
                Ok(facts)
            });
            threads.push((hand, thread.map_err(IndexError::Thread)?));
        }
        let waiting = (0..count).map(|_| String::with_capacity(HANDED)).collect();
        Ok(Self { threads, waiting })
    }

    /// Takes a line. A thread that ended with an error takes no more, and tells it at the end.
    fn take(&mut self, line: &str) {
        let agency = Glance::agency_of(line).flatten().unwrap_or_default();
        // Any rule that sends an agency always to the same thread.
        let sum: usize = agency
            .bytes()
            .fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let place = sum % self.threads.len();
        let waiting = &mut self.waiting[place];
        waiting.push_str(line);
        waiting.push('\n');
        if waiting.len() >= HANDED {
            let lines = std::mem::replace(waiting, String::with_capacity(HANDED));
            let _ = self.threads[place].0.send(lines);
        }
    }

    fn finish(self) -> Result<View, IndexError> {
        let mut all: Option<Facts> = None;
        for ((hand, thread), waiting) in self.threads.into_iter().zip(self.waiting) {
            let _ = hand.send(waiting);
            drop(hand);
            let facts = thread.join().map_err(|_| IndexError::Ended)??;
            match &mut all {
                None => all = Some(facts),
                Some(all) => all.merge(facts)?,
            }
        }
        all.map(Facts::finish).ok_or(IndexError::Ended)
    }
}

/// The facts of the first `size` records of a store's ledger at an instant.
pub(crate) async fn view(
    store: &Store,
    wanted: &Arc<Wanted>,
    cutoff: Cutoff,
    size: u64,
) -> Result<View, IndexError> {
    let mut voided = Voided::default();
    let mut from = 0;
    loop {
        let lines = store.ledger_corrections(from, size).await?;
        let Some((last, _)) = lines.last() else { break };
        from = last + 1;
        for (_, line) in &lines {
            voided.read(line, &cutoff, Some(size))?;
        }
    }
    let mut counters = Counters::start(wanted, cutoff, Some(size), voided)?;
    let mut next = 0;
    while next < size {
        let block = store.ledger_block(next, size).await?;
        if block.is_empty() {
            break;
        }
        // Threads that are behind are waited for without holding up the runtime.
        counters = tokio::task::spawn_blocking(move || {
            block.lines().for_each(|line| counters.take(line));
            (counters, block.lines().count() as u64)
        })
        .await
        .map(|(counters, lines)| {
            next += lines;
            counters
        })
        .map_err(|_| IndexError::Ended)?;
    }
    let done = tokio::task::spawn_blocking(move || counters.finish()).await;
    done.map_err(|_| IndexError::Ended)?
}

/// The facts about one system and its agency, from as many records of a store's ledger.
pub(crate) fn view_of_lines<'l>(
    lines: impl Iterator<Item = &'l str> + Clone,
    wanted: &Arc<Wanted>,
    cutoff: Cutoff,
    size: u64,
) -> Result<View, IndexError> {
    let mut voided = Voided::default();
    lines.clone().try_for_each(|line| voided.read(line, &cutoff, Some(size)))?;
    let mut facts = Facts::new(Arc::clone(wanted), cutoff, Some(size), Arc::new(voided));
    lines.into_iter().try_for_each(|line| facts.read(line))?;
    Ok(facts.finish())
}

/// The table at an instant of the first `size` records of a store's ledger.
pub(crate) async fn table(
    store: &Store,
    pack: &IndexPack,
    at: Timestamp,
    size: u64,
) -> Result<(View, Table), IndexError> {
    let view = view(store, &pack.wanted(), pack.cutoff(at), size).await?;
    let scores = pack.scores(&view).collect();
    let table = Table::new(pack, at, view.read(), scores);
    Ok((view, table))
}

/// A table that was computed again from an export.
#[derive(Debug)]
pub struct Recomputed {
    /// The table.
    pub table: Table,
    /// By which pack, for which instant, and what the ledger says its hash is.
    pub chosen: Chosen,
    /// What was verified of the ledger meanwhile.
    pub verified: Verified,
}

/// Verifies an export and computes a table from it.
pub fn recompute(export: &Path, kinds: &Kinds, wish: &Wish) -> Result<Recomputed, IndexError> {
    let mut basis = Basis::default();
    let mut corrections = Vec::new();
    let mut wrong = None;
    let verified = verify_export(export, None, |line| {
        if !line.starts_with("{\"about\":") || wrong.is_some() {
            return;
        }
        if let Err(error) = basis.read(line) {
            wrong = Some(error);
        }
        if line.contains(",\"corrects\":") {
            corrections.push(line.to_owned());
        }
    })?;
    if let Some(error) = wrong {
        return Err(error.into());
    }
    let chosen = basis.choose(wish, kinds)?;
    let cutoff = chosen.pack.cutoff(chosen.at);
    let mut voided = Voided::default();
    corrections.iter().try_for_each(|line| voided.read(line, &cutoff, chosen.size))?;
    drop(corrections);
    let mut counters = Counters::start(&chosen.pack.wanted(), cutoff, chosen.size, voided)?;
    each_line(export, |line| {
        let record = line.strip_suffix(b"\n").filter(|line| line.starts_with(b"{\"about\":"));
        // It was verified a moment ago that it is text.
        if let Some(record) = record.and_then(|record| std::str::from_utf8(record).ok()) {
            counters.take(record);
        }
        Ok(())
    })?;
    let view = counters.finish()?;
    let scores = chosen.pack.scores(&view).collect();
    let table = Table::new(&chosen.pack, chosen.at, view.read(), scores);
    Ok(Recomputed { table, chosen, verified })
}
