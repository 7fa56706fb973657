//! `GET /live`: news as they come, as events of the server (SSE).
//!
//! An event names what changed, never what it says: the page asks again for the part that shows it,
//! so that what somebody may see is decided where it always is. `pulse` alone bears a number, how
//! many events a second the centre takes in.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use khien_app::news::Topic;
use khien_domain::permission::Permission;
use tokio::sync::mpsc;

use super::Console;
use super::visit::Visiting;

/// News are told at most this often, and the pulse this often.
const EVERY: Duration = Duration::from_secs(2);
/// A stream ends after so many pulses; browsers come again, and prove again who they are.
const PULSES: u32 = 150;

/// Answers until the browser goes, the centre stops, or its time is over.
pub(super) async fn handle(State(console): State<Arc<Console>>, visiting: Visiting) -> Sse<Stream> {
    let (send, receive) = mpsc::channel(16);
    let counts = visiting.visit.person.actor().agencies(Permission::AlertsRead).is_ok();
    tokio::spawn(async move {
        let mut seen = console.app.news().all();
        let mut events = console.app.figures().counted().events;
        for _ in 0..PULSES {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = console.app.stopping() => return,
            }
            let now = console.app.news().all();
            for (topic, (before, after)) in Topic::ALL.iter().zip(seen.iter().zip(&now)) {
                if before != after && send.send(named(topic.name(), "1")).await.is_err() {
                    return;
                }
            }
            seen = now;
            let counted = console.app.figures().counted().events;
            let rate = counted.saturating_sub(events) / EVERY.as_secs();
            events = counted;
            let pulse = named("pulse", &if counts { rate.to_string() } else { String::new() });
            if send.send(pulse).await.is_err() {
                return;
            }
        }
    });
    Sse::new(Stream(receive))
}

/// An event of a name. Browsers do not hand on one without data.
fn named(name: &str, data: &str) -> Event {
    Event::default().event(name).data(data)
}

/// Events from a task.
pub(super) struct Stream(mpsc::Receiver<Event>);

impl Stream {
    /// The events of a task.
    pub(super) fn new(events: mpsc::Receiver<Event>) -> Self {
        Self(events)
    }
}

impl futures_core::Stream for Stream {
    type Item = Result<Event, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
