//! Searching events: a page, a count, a histogram, top values.
//!
//! In comes what somebody asks; out comes what they may see of it. The agencies of the caller are
//! always applied, records that could not be read (the quarantine) are always left out, and every
//! search is in the audit log before its answer is handed out, also one whose caller has gone away.
//! The lake's work runs on threads of its own, a few searches at once; nobody waits for a place for
//! long, and no search takes longer than [`LIMIT`].
//!
//! To add an operation over what a query finds: a function here that hands its work to
//! `audited`. What streams is in [`super::export`] and [`super::tail`].

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::text;
use khien_lake::query::{self, Query, Test};
use khien_lake::{
    Answer, Cancel, Column, Cursor, Explored, Histogram, Lake, LakeError, Page, Request, Scope,
    Shown, Top, Wish,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::app::App;

/// No search takes longer.
pub const LIMIT: Duration = Duration::from_mins(1);
/// How long a search waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// The top values beside a page are given up after this.
const SURVEYED: Duration = Duration::from_millis(1500);
/// Searches that run at once; each uses the threads that the lake gives one.
const SEARCHES: usize = 4;
/// Exports and tails that run at once; they mostly wait for their clients.
const STREAMS: usize = 16;
/// Values that may be chosen to be shown.
pub const MAX_SHOWN: usize = 64;
/// Buckets of a histogram.
pub const MAX_BUCKETS: usize = 1000;
/// Top values.
pub const MAX_TOP: usize = 1000;
/// Of the query, so much stands in the audit log.
const AUDITED_BYTES: usize = 2000;
/// A histogram without a beginning shows this long before its end.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is searched, as somebody asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The query, in the language of [`khien_lake::query`].
    pub query: String,
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The moment that is the first no more.
    pub to: Option<Timestamp>,
}

/// Places for what runs at once.
pub(crate) struct Places {
    searches: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            searches: Arc::new(Semaphore::new(SEARCHES)),
            streams: Arc::new(Semaphore::new(STREAMS)),
        }
    }
}

impl Places {
    async fn search(&self) -> Result<OwnedSemaphorePermit, UseError> {
        let place = timeout(TURN, Arc::clone(&self.searches).acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or(UseError::Busy { seconds: 5 })
    }

    /// A place for an export or a tail.
    pub(super) fn stream(&self) -> Result<OwnedSemaphorePermit, UseError> {
        let place = Arc::clone(&self.streams).try_acquire_owned();
        place.map_err(|_| UseError::Busy { seconds: 30 })
    }
}

/// The newest events that match, at most `limit`, after a cursor if one is given.
pub async fn page(
    app: &Arc<App>,
    caller: &Caller,
    wanted: &Wanted,
    shown: Vec<Shown>,
    limit: usize,
    after: Option<Cursor>,
) -> Result<Answer<Page>, UseError> {
    check_shown(&shown)?;
    let (request, deed) = prepared(app, caller, wanted, "events.search").await?;
    let work = move |lake: &Lake, cancel: &Cancel| {
        lake.search(&request, &shown, limit.clamp(1, khien_lake::MAX_PAGE), after, cancel)
    };
    let tell = |answer: &Answer<Page>| format!("{} events", answer.found.events.len());
    audited(app, caller, deed, work, tell).await
}

/// How many events match.
pub async fn count(
    app: &Arc<App>,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<Answer<u64>, UseError> {
    let (request, deed) = prepared(app, caller, wanted, "events.count").await?;
    let work = move |lake: &Lake, cancel: &Cancel| lake.count(&request, cancel);
    audited(app, caller, deed, work, |answer| format!("{} events", answer.found)).await
}

/// How many events match in each of `buckets` stretches between the first moment (a day before the
/// last, if none is given) and the last (now).
pub async fn histogram(
    app: &Arc<App>,
    caller: &Caller,
    wanted: &Wanted,
    buckets: usize,
) -> Result<Answer<Histogram>, UseError> {
    if !(1..=MAX_BUCKETS).contains(&buckets) {
        return Err(UseError::Invalid(format!("a histogram has 1 to {MAX_BUCKETS} buckets")));
    }
    let to = wanted.to.unwrap_or_else(|| app.now());
    let day_before = || to.checked_sub(DAY).unwrap_or(Timestamp::MIN);
    let from = wanted.from.unwrap_or_else(day_before);
    let wanted = Wanted { from: Some(from), to: Some(to), ..wanted.clone() };
    let (request, deed) = prepared(app, caller, &wanted, "events.histogram").await?;
    let micros = to.as_microsecond().saturating_sub(from.as_microsecond()).max(1) as u64;
    let width = Duration::from_micros(micros.div_ceil(buckets as u64));
    let work =
        move |lake: &Lake, cancel: &Cancel| lake.histogram(&request, from, width, buckets, cancel);
    let tell =
        |answer: &Answer<Histogram>| format!("{} events", answer.found.counts.iter().sum::<u64>());
    audited(app, caller, deed, work, tell).await
}

/// The most frequent values of a column or an original field among the events that match.
pub async fn top(
    app: &Arc<App>,
    caller: &Caller,
    wanted: &Wanted,
    field: Shown,
    limit: usize,
) -> Result<Answer<Top>, UseError> {
    if !(1..=MAX_TOP).contains(&limit) {
        return Err(UseError::Invalid(format!("1 to {MAX_TOP} values can be asked for")));
    }
    check_shown(std::slice::from_ref(&field))?;
    let (request, deed) = prepared(app, caller, wanted, "events.top").await?;
    let deed = Deed { detail: format!("{} of {}", deed.detail, field.name()), ..deed };
    let work = move |lake: &Lake, cancel: &Cancel| lake.top(&request, &field, limit, cancel);
    audited(app, caller, deed, work, |answer| format!("{} values", answer.found.values.len())).await
}

/// What is wanted of what a search finds.
#[derive(Clone, Debug)]
pub struct Exploring {
    /// What is shown of the events of the page.
    pub shown: Vec<Shown>,
    /// Events of the page.
    pub limit: usize,
    /// The event that the page comes after.
    pub after: Option<Cursor>,
    /// Stretches of the histogram.
    pub buckets: usize,
    /// Of what top values are wanted.
    pub fields: Vec<Shown>,
    /// How many of each.
    pub values: usize,
}

/// A page of what matches, how all of it lies in time, and the top values of several fields: one
/// search. The top values are given up after a moment: they help to look closer, and are not worth
/// waiting for.
pub async fn explore(
    app: &Arc<App>,
    caller: &Caller,
    wanted: &Wanted,
    what: Exploring,
) -> Result<Answer<Explored>, UseError> {
    let (Some(from), Some(to)) = (wanted.from, wanted.to) else {
        return Err(UseError::Invalid("this search needs a beginning and an end".to_owned()));
    };
    check_shown(&what.shown)?;
    check_shown(&what.fields)?;
    let (request, deed) = prepared(app, caller, wanted, "events.search").await?;
    let buckets = what.buckets.clamp(1, MAX_BUCKETS);
    let micros = to.as_microsecond().saturating_sub(from.as_microsecond()).max(1) as u64;
    let wish = Wish {
        shown: what.shown,
        limit: what.limit.clamp(1, khien_lake::MAX_PAGE),
        after: what.after,
        from,
        width: Duration::from_micros(micros.div_ceil(buckets as u64)),
        buckets,
        fields: what.fields,
        values: what.values.clamp(1, MAX_TOP),
    };
    let bell = Cancel::new();
    let clock = bell.clone();
    let rung = tokio::spawn(async move {
        tokio::time::sleep(SURVEYED).await;
        clock.cancel();
    });
    let work = move |lake: &Lake, cancel: &Cancel| lake.explore(&request, &wish, cancel, &bell);
    let tell = |answer: &Answer<Explored>| {
        format!("{} events", answer.found.histogram.counts.iter().sum::<u64>())
    };
    let found = audited(app, caller, deed, work, tell).await;
    rung.abort();
    found
}

/// Refuses what cannot be meant.
pub(super) fn check_shown(shown: &[Shown]) -> Result<(), UseError> {
    let long = |shown: &Shown| shown.name().len() > khien_domain::limits::NAME_BYTES;
    if shown.len() > MAX_SHOWN || shown.iter().any(long) {
        return Err(UseError::Invalid(format!(
            "at most {MAX_SHOWN} fields with names of 200 bytes"
        )));
    }
    Ok(())
}

async fn prepared(
    app: &App,
    caller: &Caller,
    wanted: &Wanted,
    action: &'static str,
) -> Result<(Request, Deed), UseError> {
    prepare(app, caller, Permission::EventsRead, wanted, action).await
}

/// The request of what somebody wants, limited to what they may see, and what the audit log says
/// of it.
pub(super) async fn prepare(
    app: &App,
    caller: &Caller,
    permission: Permission,
    wanted: &Wanted,
    action: &'static str,
) -> Result<(Request, Deed), UseError> {
    let deed = deed(caller, permission, wanted, action);
    let scope = app.scope(caller, permission, &deed).await?;
    let asked = query::parse(&wanted.query).map_err(UseError::Query)?;
    let readable = Query::Not(Box::new(unreadable()));
    let request = request(wanted, Query::and([asked, readable]), &scope)?;
    Ok((request, deed))
}

/// What finds the records that could not be read.
pub(crate) fn unreadable() -> Query {
    Query::Field { name: Column::Problem.name().to_owned(), test: Test::Exists }
}

/// A request within the agencies of a scope.
pub(crate) fn request(
    wanted: &Wanted,
    query: Query,
    scope: &AgencyScope,
) -> Result<Request, UseError> {
    if let (Some(from), Some(to)) = (wanted.from, wanted.to)
        && from >= to
    {
        return Err(UseError::Invalid("the time ends before it begins".to_owned()));
    }
    let scope = match scope {
        AgencyScope::All => Scope::All,
        AgencyScope::Only(agencies) => {
            Scope::Agencies(agencies.iter().map(|agency| agency.as_str().to_owned()).collect())
        }
    };
    Ok(Request { query, scope, from: wanted.from, to: wanted.to })
}

fn deed(caller: &Caller, permission: Permission, wanted: &Wanted, action: &'static str) -> Deed {
    let moment = |moment: Option<Timestamp>| moment.map_or("…".to_owned(), |at| at.to_string());
    let detail = format!("{} to {}", moment(wanted.from), moment(wanted.to));
    let target = text::cut(&wanted.query, AUDITED_BYTES);
    Deed::new(action, target, only_agency(caller, permission)).with(detail)
}

/// The agency of somebody who sees one only: whoever looks after it sees these entries.
pub(super) fn only_agency(caller: &Caller, permission: Permission) -> Option<AgencyCode> {
    match caller.actor.agencies(permission) {
        Ok(AgencyScope::Only(agencies)) if agencies.len() == 1 => agencies.first().cloned(),
        _ => None,
    }
}

/// Ends a search when nobody waits for it any more.
struct EndOnDrop(Cancel);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Runs a search and writes what came of it into the audit log, whether or not the caller waits.
async fn audited<T: Send + 'static>(
    app: &Arc<App>,
    caller: &Caller,
    deed: Deed,
    work: impl FnOnce(&Lake, &Cancel) -> Result<T, LakeError> + Send + 'static,
    tell: impl FnOnce(&T) -> String + Send + 'static,
) -> Result<T, UseError> {
    let cancel = Cancel::new();
    let _end = EndOnDrop(cancel.clone());
    let (app, caller) = (Arc::clone(app), caller.clone());
    let task = tokio::spawn(async move {
        let result = run(&app, cancel, work).await;
        let (came, outcome) = match &result {
            Ok(found) => (tell(found), Outcome::Done),
            Err(error) => (error.to_string(), Outcome::Failed),
        };
        let deed = Deed { detail: format!("{}: {came}", deed.detail), ..deed };
        app.audit(&app.entry(&caller, &deed, outcome)).await?;
        result
    });
    task.await.map_err(|_| UseError::Fault("a search ended early"))?
}

/// Runs a search on a thread of its own, when there is a place.
pub(super) async fn run<T: Send + 'static>(
    app: &Arc<App>,
    cancel: Cancel,
    work: impl FnOnce(&Lake, &Cancel) -> Result<T, LakeError> + Send + 'static,
) -> Result<T, UseError> {
    let place = app.places.search().await?;
    let (searched, ended) = (Arc::clone(app), cancel.clone());
    let task = tokio::task::spawn_blocking(move || {
        let result = work(searched.lake(), &ended);
        drop(place);
        result
    });
    match timeout(LIMIT, task).await {
        Ok(Ok(result)) => Ok(result?),
        Ok(Err(_)) => Err(UseError::Fault("a search ended early")),
        Err(_) => {
            cancel.cancel();
            Err(UseError::TooSlow { seconds: LIMIT.as_secs() })
        }
    }
}
