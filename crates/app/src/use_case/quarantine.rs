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
use khien_lake::query::{Phrase, Query, Test};
use khien_lake::{Cancel, Column, Cursor, Event, Lake, Page, Shown, Value};

use super::UseError;
use super::search::{Wanted, audited, only_agency, request, unreadable};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::pipeline::Meta;
use crate::pipeline::receive::{Incoming, ReceiveError, Repeats};

/// Records that may be read again at once.
pub const MAX_AGAIN: usize = 200;
/// Pages of the lake that one page of the list looks through.
const LOOKS: usize = 20;

const SHOWN: [Column; 9] = [
    Column::Agency,
    Column::System,
    Column::Source,
    Column::Format,
    Column::Origin,
    Column::Record,
    Column::Problem,
    Column::Raw,
    Column::RawBytes,
];

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
    /// The record as it came.
    pub raw: Vec<u8>,
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
    let deed = deed(caller, "quarantine.list", "");
    let scope = app.scope(caller, Permission::Quarantine, &deed).await?;
    let limit = limit.clamp(1, khien_domain::limits::PAGE as usize);
    let of_source = source.map(|source| is(Column::Source, &source.to_string()));
    let query = Query::and(of_source.into_iter().chain([unreadable()]));
    let (mut records, mut next) = (Vec::new(), after);
    for _ in 0..LOOKS {
        let left = limit - records.len();
        let found = look(app, caller, &deed, &scope, query.clone(), left, next).await?;
        next = found.next;
        records.extend(waiting(app, found).await?);
        if next.is_none() || records.len() >= limit {
            break;
        }
    }
    Ok(UnreadPage { records, next })
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
    let deed = deed(caller, "quarantine.again", &format!("{} records", ids.len()));
    let scope = app.scope(caller, Permission::Quarantine, &deed).await?;
    let wanted = ids.iter().map(|id| {
        let batch = is(Column::Batch, &id.batch.to_string());
        Query::and([batch, is(Column::Item, &id.item.to_string())])
    });
    let query = Query::and([unreadable(), Query::or(wanted)]);
    let found = look(app, caller, &deed, &scope, query, ids.len(), None).await?;
    let records = waiting(app, found).await?;
    let mut became = Vec::with_capacity(ids.len());
    let mut taken = Vec::new();
    for id in ids {
        let record = records.iter().find(|record| record.id == *id);
        let one = match record {
            _ if taken.contains(id) => Again::NotFound,
            None => Again::NotFound,
            Some(record) => take(app, record).await?,
        };
        if one == Again::Taken {
            taken.push(*id);
        }
        became.push(one);
    }
    let deed = deed.with(format!("{} taken in anew", taken.len()));
    let mut tx = app.store.begin().await?;
    tx.note_read_again(&taken, app.now()).await?;
    tx.add_audit(&[app.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(became)
}

/// Takes the bytes of a record in anew.
async fn take(app: &Arc<App>, record: &Unread) -> Result<Again, UseError> {
    let source = record.source.and_then(|source| app.registry().find(source));
    let Some(source) = source else { return Ok(Again::NoSource) };
    let EventId { batch, item } = record.id;
    let meta = Meta {
        format: record.format.clone(),
        origin: record.origin.clone(),
        modified: Some(record.received_at.as_second()),
        again: Some((batch, item)),
        ..Meta::default()
    };
    let incoming = Incoming {
        source,
        payload: record.raw.clone(),
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

fn deed(caller: &Caller, action: &'static str, target: &str) -> Deed {
    Deed::new(action, target, only_agency(caller, Permission::Quarantine))
}

fn is(column: Column, value: &str) -> Query {
    Query::Field { name: column.name().to_owned(), test: Test::Is(Phrase::exact(value)) }
}

async fn look(
    app: &Arc<App>,
    caller: &Caller,
    deed: &Deed,
    scope: &AgencyScope,
    query: Query,
    limit: usize,
    after: Option<Cursor>,
) -> Result<Page, UseError> {
    let request = request(&Wanted::default(), query, scope)?;
    let shown: Vec<Shown> = SHOWN.into_iter().map(Shown::Column).collect();
    let work =
        move |lake: &Lake, cancel: &Cancel| lake.search(&request, &shown, limit, after, cancel);
    let tell = |answer: &khien_lake::Answer<Page>| format!("{} found", answer.found.events.len());
    Ok(audited(app, caller, deed.clone(), work, tell).await?.found)
}

/// The records of a page that have not been read again.
async fn waiting(app: &App, page: Page) -> Result<Vec<Unread>, UseError> {
    let records: Vec<Unread> = page.events.into_iter().map(unread).collect();
    let ids: Vec<EventId> = records.iter().map(|record| record.id).collect();
    let done: BTreeSet<EventId> = app.store.find_read_again(&ids).await?;
    Ok(records.into_iter().filter(|record| !done.contains(&record.id)).collect())
}

fn unread(event: Event) -> Unread {
    let mut values = event.values.into_iter();
    let mut value = || values.next().unwrap_or(Value::Null);
    let text = |value: Value| match value {
        Value::Null => None,
        other => Some(other.to_string()),
    };
    let (agency, system) = (text(value()), text(value()));
    let source = text(value()).and_then(|id| id.parse().ok()).map(SourceId);
    let (format, origin) = (text(value()), text(value()));
    let position = text(value()).and_then(|at| at.parse().ok()).unwrap_or_default();
    let problem = text(value()).unwrap_or_default();
    let raw = match (value(), value()) {
        (_, Value::Bytes(bytes)) => bytes,
        (raw, _) => raw.to_string().into_bytes(),
    };
    Unread {
        id: EventId { batch: event.at.batch, item: event.at.item },
        received_at: event.at.time,
        agency: agency.unwrap_or_default(),
        system: system.unwrap_or_default(),
        source,
        format,
        origin: origin.unwrap_or_default(),
        position,
        problem,
        raw,
    }
}
