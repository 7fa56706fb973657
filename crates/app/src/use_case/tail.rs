//! Watching events as they arrive.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use khien_domain::audit::Outcome;
use khien_domain::permission::Permission;
use khien_lake::{Heard, Shown};
use tokio::sync::mpsc;

use super::UseError;
use super::search::{Wanted, check_shown, prepare};
use crate::access::{Caller, Deed};
use crate::app::App;

/// The longest time somebody watches without asking again, and so proving again that they may.
pub const MAX_SECONDS: u32 = 900;
/// How often the watcher hears something, if only that nothing came.
const BEAT: Duration = Duration::from_secs(1);

/// What is heard, as it is heard; now and then nothing.
pub type Hearing = mpsc::Receiver<Result<Heard, UseError>>;

/// Watches events that match as they arrive, for `seconds`, or until the centre stops. Times of the
/// request do not count.
pub async fn tail(
    app: &Arc<App>,
    caller: &Caller,
    query: &str,
    shown: Vec<Shown>,
    seconds: u32,
) -> Result<Hearing, UseError> {
    if !(1..=MAX_SECONDS).contains(&seconds) {
        return Err(UseError::Invalid(format!("events are watched for 1 to {MAX_SECONDS} s")));
    }
    check_shown(&shown)?;
    let wanted = Wanted { query: query.to_owned(), from: None, to: None };
    let permission = Permission::EventsRead;
    let (request, deed) = prepare(app, caller, permission, &wanted, "events.tail").await?;
    let place = app.places.stream()?;
    let tail = app.lake().tail(&request, &shown);
    let begun = Deed { detail: format!("for {seconds} s"), ..deed.clone() };
    app.audit(&app.entry(caller, &begun, Outcome::Done)).await?;
    let until = app.now().checked_add(SignedDuration::from_secs(seconds.into()));
    let (sender, heard) = mpsc::channel(4);
    let (app, caller) = (Arc::clone(app), caller.clone());
    tokio::spawn(async move {
        let watching = Arc::clone(&app);
        let task = tokio::task::spawn_blocking(move || {
            let mut events = 0;
            while until.as_ref().is_ok_and(|until| watching.now() < *until) {
                let heard = tail.listen(BEAT);
                let is_over = heard.as_ref().map_or(true, |heard| heard.is_over);
                events += heard.as_ref().map_or(0, |heard| heard.events.len());
                if sender.blocking_send(heard.map_err(UseError::from)).is_err() || is_over {
                    break;
                }
            }
            drop(place);
            events
        });
        let events = task.await.unwrap_or_default();
        let deed = Deed { detail: format!("ended: {events} events"), ..deed };
        if let Err(error) = app.audit(&app.entry(&caller, &deed, Outcome::Done)).await {
            tracing::error!(%error, "the end of a watch is not in the audit log");
        }
    });
    Ok(heard)
}
