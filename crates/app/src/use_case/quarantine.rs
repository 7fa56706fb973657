//! The quarantine: records that could not be read, kept as they came until they can be.
//!
//! They are rows of the lake that say what their problem is. To read one again, its bytes are taken
//! in anew, as a batch of its source that bears the record's own name, so that it counts once
//! however often it is asked for; and it is noted in the store, so that it is listed no more. What
//! still cannot be read is then listed under its new batch.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::ids::{EventId, SourceId};
use khien_domain::permission::{AgencyScope, Permission};
use khien_event::format::evtx;
use khien_lake::query::{Bound, Phrase, Query, Test};
use khien_lake::{Cancel, Column, Cursor, Event, Lake, Page, Shown, Value};

use super::UseError;
use super::search::{Wanted, only_agency, request, run, unreadable};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::pipeline::Meta;
use crate::pipeline::receive::{Incoming, ReceiveError, Repeats};

/// Records that may be read again at once.
pub const MAX_AGAIN: usize = 200;
/// Pages of the lake that one page of the list looks through.
const LOOKS: usize = 20;

const SHOWN: [Column; 7] = [
    Column::Agency,
    Column::System,
    Column::Source,
    Column::Format,
    Column::Origin,
    Column::Record,
    Column::Problem,
];
const KEPT: [Column; 3] = [Column::Raw, Column::RawBytes, Column::Fields];

/// What is kept of a record that could not be read.
#[derive(Default)]
struct Kept {
    raw: Vec<u8>,
    /// Records of the same piece of a file that were read before.
    read_before: Vec<u64>,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its batch and place there.
    pub id: EventId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Whose it is, as a code.
    pub agency: String,
    /// Of which system, as a code.
    pub system: String,
    /// The source that sent it.
    pub source: Option<SourceId>,
    /// The format it was read as, if one was recognised.
    pub format: Option<String>,
    /// The file it came from, or the address of the sender.
    pub origin: String,
    /// Where it began in what was sent, in bytes.
    pub position: u64,
    /// Why it could not be read.
    pub problem: String,
}

/// A page of the quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadPage {
    /// The records, newest first.
    pub records: Vec<Unread>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Cursor>,
}

/// What became of a record that was to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Its bytes were taken in anew.
    Taken,
    /// There is no such record, it was read again before, or the caller may not see it.
    NotFound,
    /// Its source is not in the register any more.
    NoSource,
    /// It waits, because too much is under way: ask again.
    Later,
}

/// The records that wait in the quarantine, newest first; of one source if given.
pub async fn list_quarantine(
    app: &Arc<App>,
    caller: &Caller,
    source: Option<SourceId>,
    limit: usize,
    after: Option<Cursor>,
) -> Result<UnreadPage, UseError> {
    let target = source.map_or_else(String::new, |source| format!("source {source}"));
    let deed = deed(caller, "quarantine.list", target);
    let scope = app.scope(caller, Permission::Quarantine, &deed).await?;
    let limit = limit.clamp(1, khien_domain::limits::PAGE as usize);
    let of_source = source.map(|source| is(Column::Source, &source.to_string()));
    let query = Query::and(of_source.into_iter().chain([unreadable()]));
    let shown = columns(&SHOWN);
    let (mut records, mut next) = (Vec::new(), after);
    for _ in 0..LOOKS {
        let left = limit - records.len();
        let found = look(app, &scope, query.clone(), &shown, left, next).await?;
        next = found.next;
        let found = found.events.iter().map(unread).collect();
        records.extend(waiting(app, found).await?);
        if next.is_none() || records.len() >= limit {
            break;
        }
    }
    let deed = deed.with(format!("{} records", records.len()));
    app.audit(&app.entry(caller, &deed, Outcome::Done)).await?;
    Ok(UnreadPage { records, next })
}

/// A record of the quarantine and its bytes as they came.
pub async fn get_unread(
    app: &Arc<App>,
    caller: &Caller,
    id: EventId,
) -> Result<(Unread, Vec<u8>), UseError> {
    let deed = deed(caller, "quarantine.get", format!("record {}-{}", id.batch, id.item));
    let scope = app.scope(caller, Permission::Quarantine, &deed).await?;
    let found = find(app, &scope, id).await?;
    let (record, kept) =
        found.ok_or_else(|| UseError::not_found("record", format!("{}-{}", id.batch, id.item)))?;
    app.audit(&app.entry(caller, &deed, Outcome::Done)).await?;
    Ok((record, kept.raw))
}

/// Reads records again, at most [`MAX_AGAIN`]. Answers what became of each, in their order.
pub async fn read_again(
    app: &Arc<App>,
    caller: &Caller,
    ids: &[EventId],
) -> Result<Vec<Again>, UseError> {
    if !(1..=MAX_AGAIN).contains(&ids.len()) {
        return Err(UseError::Invalid(format!("1 to {MAX_AGAIN} records can be read again")));
    }
    let deed = deed(caller, "quarantine.again", format!("{} records", ids.len()));
    let scope = app.scope(caller, Permission::Quarantine, &deed).await?;
    let mut became = Vec::with_capacity(ids.len());
    // Records that were read together with one that was asked for before them.
    let mut along = BTreeSet::new();
    for id in ids {
        let one = match find(app, &scope, *id).await? {
            None if along.contains(id) => Again::Taken,
            None => Again::NotFound,
            Some((record, kept)) if kept.raw.is_empty() => {
                with_others(app, &scope, &record, &mut along).await?
            }
            Some((record, kept)) => take(app, &scope, &record, kept).await?,
        };
        if one == Again::Taken {
            note(app, *id).await?;
        }
        became.push(one);
    }
    let taken = became.iter().filter(|one| **one == Again::Taken).count();
    let deed = deed.with(format!("{taken} taken in anew"));
    app.audit(&app.entry(caller, &deed, Outcome::Done)).await?;
    Ok(became)
}

/// At once: whoever asks again meanwhile does not find it any more.
async fn note(app: &App, id: EventId) -> Result<(), UseError> {
    let mut tx = app.store.begin().await?;
    tx.note_read_again(&[id], app.now()).await?;
    Ok(tx.commit().await?)
}

/// Reads a record again whose bytes are kept with a problem before it in the same place, such as a
/// chunk of an EVTX file: together with that one, unless it was read again already.
async fn with_others(
    app: &Arc<App>,
    scope: &AgencyScope,
    record: &Unread,
    along: &mut BTreeSet<EventId>,
) -> Result<Again, UseError> {
    let batch = is(Column::Batch, &record.id.batch.to_string());
    let query = Query::and([unreadable(), batch]);
    let shown = columns(&[SHOWN.as_slice(), &KEPT].concat());
    let EventId { batch, item } = record.id;
    let mut next = Some(Cursor { time: record.received_at, batch, item });
    while next.is_some() {
        let found = look(app, scope, query.clone(), &shown, 100, next).await?;
        next = found.next;
        for mut event in found.events {
            let kept = kept(&mut event);
            if !kept.raw.is_empty() {
                let Some(holder) = waiting(app, vec![unread(&event)]).await?.pop() else {
                    return Ok(Again::Taken);
                };
                let one = take(app, scope, &holder, kept).await?;
                if one == Again::Taken {
                    note(app, holder.id).await?;
                    along.insert(holder.id);
                }
                return Ok(one);
            }
        }
    }
    Ok(Again::NotFound)
}

/// A record that waits in the quarantine and its bytes.
async fn find(
    app: &Arc<App>,
    scope: &AgencyScope,
    id: EventId,
) -> Result<Option<(Unread, Kept)>, UseError> {
    let batch = is(Column::Batch, &id.batch.to_string());
    let query = Query::and([unreadable(), batch, is(Column::Item, &id.item.to_string())]);
    let shown = columns(&[SHOWN.as_slice(), &KEPT].concat());
    let found = look(app, scope, query, &shown, 1, None).await?;
    let Some(mut event) = found.events.into_iter().next() else { return Ok(None) };
    let kept = kept(&mut event);
    let waits = waiting(app, vec![unread(&event)]).await?.pop();
    Ok(waits.map(|record| (record, kept)))
}

fn kept(event: &mut Event) -> Kept {
    let mut kept = Kept::default();
    for (column, value) in KEPT.into_iter().zip(event.values.split_off(SHOWN.len())) {
        match (column, value) {
            (_, Value::Null) => {}
            (Column::Fields, text) => kept.read_before = Meta::read_before_of(&text.to_string()),
            (_, Value::Bytes(bytes)) => kept.raw = bytes,
            (_, text) => kept.raw = text.to_string().into_bytes(),
        }
    }
    kept
}

/// Records of a piece of an EVTX file that its batch brought already.
async fn read_before(
    app: &Arc<App>,
    scope: &AgencyScope,
    batch: u64,
    raw: &[u8],
) -> Result<Vec<u64>, UseError> {
    let there: BTreeSet<u64> = evtx::record_numbers(raw).collect();
    let (Some(low), Some(high)) = (there.first(), there.last()) else { return Ok(Vec::new()) };
    let bound = |value: &u64| Some(Bound { value: value.to_string(), inclusive: true });
    let test = Test::Range { low: bound(low), high: bound(high) };
    let query = Query::and([
        is(Column::Batch, &batch.to_string()),
        Query::Not(Box::new(unreadable())),
        Query::Field { name: Column::Record.name().to_owned(), test },
    ]);
    let (mut before, mut next) = (BTreeSet::new(), None);
    loop {
        let found =
            look(app, scope, query.clone(), &columns(&[Column::Record]), 1000, next).await?;
        let numbers = found.events.iter().filter_map(|event| match event.values.first() {
            Some(Value::Null) | None => None,
            Some(number) => number.to_string().parse::<u64>().ok(),
        });
        before.extend(numbers.filter(|number| there.contains(number)));
        next = found.next;
        if next.is_none() {
            return Ok(before.into_iter().collect());
        }
    }
}

/// Takes the bytes of a record in anew.
async fn take(
    app: &Arc<App>,
    scope: &AgencyScope,
    record: &Unread,
    kept: Kept,
) -> Result<Again, UseError> {
    let source = record.source.and_then(|source| app.registry().find(source));
    let Some(source) = source else { return Ok(Again::NoSource) };
    let EventId { batch, item } = record.id;
    // What the source was to send may have been put right since.
    let expected = &source.origin.expected;
    let format = record.format.clone();
    let format = format.filter(|format| expected.is_empty() || expected.contains(format));
    let is_evtx = format.as_deref() == Some(evtx::FORMAT.id);
    let Kept { raw, read_before: mut before } = kept;
    if is_evtx {
        before.extend(read_before(app, scope, batch, &raw).await?);
    }
    let meta = Meta {
        format,
        origin: record.origin.clone(),
        modified: Some(record.received_at.as_second()),
        read_before: before,
        ..Meta::default()
    };
    let incoming = Incoming {
        source,
        payload: raw,
        meta,
        repeats: Repeats::Named(format!("again/{batch}/{item}")),
        events: 1,
    };
    match app.receive(incoming).await {
        Ok(_) => Ok(Again::Taken),
        Err(ReceiveError::TooLarge { .. }) => {
            Err(UseError::Fault("a record is larger than what is taken in"))
        }
        Err(ReceiveError::Busy { .. } | ReceiveError::Disk { .. } | ReceiveError::Stopping) => {
            Ok(Again::Later)
        }
    }
}

fn deed(caller: &Caller, action: &'static str, target: String) -> Deed {
    Deed::new(action, target, only_agency(caller, Permission::Quarantine))
}

fn is(column: Column, value: &str) -> Query {
    Query::Field { name: column.name().to_owned(), test: Test::Is(Phrase::exact(value)) }
}

fn columns(columns: &[Column]) -> Vec<Shown> {
    columns.iter().copied().map(Shown::Column).collect()
}

async fn look(
    app: &Arc<App>,
    scope: &AgencyScope,
    query: Query,
    shown: &[Shown],
    limit: usize,
    after: Option<Cursor>,
) -> Result<Page, UseError> {
    let request = request(&Wanted::default(), query, scope)?;
    let shown = shown.to_vec();
    let work =
        move |lake: &Lake, cancel: &Cancel| lake.search(&request, &shown, limit, after, cancel);
    Ok(run(app, Cancel::new(), work).await?.found)
}

/// Those of the records that have not been read again.
async fn waiting(app: &App, records: Vec<Unread>) -> Result<Vec<Unread>, UseError> {
    let ids: Vec<EventId> = records.iter().map(|record| record.id).collect();
    let done: BTreeSet<EventId> = app.store.find_read_again(&ids).await?;
    Ok(records.into_iter().filter(|record| !done.contains(&record.id)).collect())
}

fn unread(event: &Event) -> Unread {
    let text = |place: usize| match event.values.get(place) {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.to_string()),
    };
    Unread {
        id: EventId { batch: event.at.batch, item: event.at.item },
        received_at: event.at.time,
        agency: text(0).unwrap_or_default(),
        system: text(1).unwrap_or_default(),
        source: text(2).and_then(|id| id.parse().ok()).map(SourceId),
        format: text(3),
        origin: text(4).unwrap_or_default(),
        position: text(5).and_then(|at| at.parse().ok()).unwrap_or_default(),
        problem: text(6).unwrap_or_default(),
    }
}
