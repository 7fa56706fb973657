//! Lines of one sender on their way to disk.
//!
//! Lines are gathered until there are enough or the first has waited long enough, and handed to
//! the app as one batch. Whoever hands on waits until the batch is on disk, and as long as the app
//! is busy: a sender that is not read from stops sending.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use khien_app::App;
use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::{Incoming, ReceiveError, Repeats};
use khien_app::registry::Registered;

/// Lines are handed on when they come to this many bytes.
pub(super) const ENOUGH_BYTES: usize = 512 << 10;
/// Lines are handed on when the first has waited for this long.
pub(super) const LINGER: Duration = Duration::from_millis(50);
/// How long to wait when the app does not say, or says very long.
const PAUSE: Duration = Duration::from_secs(1);

/// Lines that wait to be handed on.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The lines, each with its line break.
    pub(super) lines: Vec<u8>,
    /// How many.
    pub(super) count: u64,
}

impl Gathered {
    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether it is time to hand on.
    pub(super) fn is_enough(&self) -> bool {
        self.lines.len() >= ENOUGH_BYTES
    }
}

/// The sender's source is no longer listened to, or nothing is kept any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// Hands lines on and waits until they are on disk.
pub(super) async fn hand_on(
    app: &App,
    source: &Registered,
    sender: IpAddr,
    gathered: &mut Gathered,
) -> Result<(), Gone> {
    if gathered.is_empty() {
        return Ok(());
    }
    let Gathered { lines, count } = std::mem::take(gathered);
    let mut is_told = false;
    loop {
        // Settings may have changed since the connection was made.
        let source = app.registry().active(source.source.id).ok_or(Gone)?;
        let incoming = incoming(source, sender, lines.clone(), count);
        let wait = match app.receive(incoming).await {
            Ok(_) => return Ok(()),
            Err(ReceiveError::Stopping) => return Err(Gone),
            Err(ReceiveError::Busy { seconds }) => Duration::from_secs(seconds.into()).min(PAUSE),
            Err(error) => {
                if !is_told {
                    tracing::error!(%error, "syslog waits to be kept");
                    is_told = true;
                }
                PAUSE
            }
        };
        tokio::time::sleep(wait).await;
    }
}

fn incoming(source: Arc<Registered>, sender: IpAddr, payload: Vec<u8>, events: u64) -> Incoming {
    let meta =
        Meta { format: Some("syslog".to_owned()), origin: sender.to_string(), ..Meta::default() };
    Incoming { source, payload, meta, repeats: Repeats::Never, events }
}
