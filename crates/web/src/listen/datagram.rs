//! Syslog over UDP: a datagram is a message, of registered addresses only.
//!
//! Messages are gathered by source and handed on by a task a source, so that one source that has
//! to wait does not hold up the others. A datagram for which there is no room is dropped and
//! counted, as are those that the system drops because nobody read them in time: UDP knows no way
//! to push back.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use khien_app::registry::Registered;
use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::outlet::{Gathered, LINGER, hand_on};
use super::{STOP_WITHIN, Shared, address, drops, stopped};
use crate::protocol::syslog::push_line;

/// The listener's name in figures.
const LISTENER: &str = "syslog-udp";
/// What the system is asked to hold for us; it may hold less.
const SYSTEM_BYTES: usize = 16 << 20;
/// The largest datagram.
const DATAGRAM_BYTES: usize = 64 << 10;
/// Lines of one source that wait for the task that hands them on.
const WAITING: usize = 8;
/// How often the system is asked what it dropped.
const DROPS: Duration = Duration::from_secs(10);
/// At the stop, what has arrived is read for so long.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Takes datagrams until the centre stops.
pub(super) async fn serve(socket: UdpSocket, mut shared: Shared) {
    // With the system's default, more is dropped in a rush.
    let _ = SockRef::from(&socket).set_recv_buffer_size(SYSTEM_BYTES);
    let port = socket.local_addr().map_or(0, |address| address.port());
    let mut inbox =
        Inbox { shared: shared.clone(), senders: HashMap::new(), tasks: JoinSet::new() };
    let mut buffer = vec![0; DATAGRAM_BYTES];
    let mut dropped = Dropped { port, before: dropped_by_system(port).await };
    let mut ask = interval(DROPS);
    ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hand_on_at = Instant::now() + LINGER;
    let mut end = None;
    loop {
        let last = end.unwrap_or_else(|| Instant::now() + DROPS);
        tokio::select! {
            received = socket.recv_from(&mut buffer) => {
                if let Ok((length, peer)) = received {
                    inbox.take(address::canonical(peer.ip()), buffer.get(..length).unwrap_or_default());
                    inbox.take_more(&socket, &mut buffer);
                }
            }
            () = sleep_until(hand_on_at) => {}
            _ = ask.tick() => dropped.count(&shared).await,
            () = stopped(&mut shared.stop), if end.is_none() => {
                end = Some(Instant::now() + LAST_WORDS);
            }
            () = sleep_until(last), if end.is_some() => break,
        }
        if Instant::now() >= hand_on_at {
            inbox.hand_on_all();
            hand_on_at = Instant::now() + LINGER;
        }
    }
    dropped.count(&shared).await;
    inbox.finish().await;
}

/// Messages by who sent them.
struct Inbox {
    shared: Shared,
    senders: HashMap<IpAddr, Outlet>,
    tasks: JoinSet<()>,
}

/// Messages of one sender.
struct Outlet {
    source: Arc<Registered>,
    gathered: Gathered,
    queue: mpsc::UnboundedSender<Gathered>,
    /// How many times something was handed on that is not on disk yet, at most [`WAITING`].
    waiting: Arc<AtomicUsize>,
}

/// Datagrams that are read in a row before anything else is looked at.
const IN_A_ROW: usize = 1024;
/// Senders that are told apart at a time.
const MAX_SENDERS: usize = 4096;

impl Inbox {
    /// Takes what else has arrived.
    fn take_more(&mut self, socket: &UdpSocket, buffer: &mut [u8]) {
        for _ in 0..IN_A_ROW {
            let Ok((length, peer)) = socket.try_recv_from(buffer) else { return };
            let message = buffer.get(..length).unwrap_or_default();
            self.take(address::canonical(peer.ip()), message);
        }
    }

    fn take(&mut self, sender: IpAddr, message: &[u8]) {
        let app = Arc::clone(&self.shared.app);
        let figures = app.figures();
        if !self.senders.contains_key(&sender) {
            let Some(source) = self.shared.app.registry().by_address(sender) else {
                return figures.refused(sender, LISTENER, "unknown_address");
            };
            if self.senders.len() >= MAX_SENDERS {
                return figures.refused(sender, LISTENER, "too_many_senders");
            }
            let outlet = self.outlet(source, sender);
            self.senders.insert(sender, outlet);
        }
        let Some(outlet) = self.senders.get_mut(&sender) else { return };
        if outlet.gathered.is_enough() && !outlet.hand_on() {
            return figures.refused(sender, LISTENER, "dropped");
        }
        if push_line(message, &mut outlet.gathered.lines) {
            outlet.gathered.count += 1;
        }
    }

    /// A way to disk for a sender.
    fn outlet(&mut self, source: Arc<Registered>, sender: IpAddr) -> Outlet {
        let (queue, mut queued) = mpsc::unbounded_channel::<Gathered>();
        let waiting = Arc::new(AtomicUsize::new(0));
        let (shared, of, under_way) =
            (self.shared.clone(), Arc::clone(&source), Arc::clone(&waiting));
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(async move {
            while let Some(mut gathered) = queued.recv().await {
                let count = gathered.count;
                if hand_on(&shared.app, &of, sender, &mut gathered).await.is_err() {
                    shared.app.figures().refused_times(sender, LISTENER, "disabled_source", count);
                }
                under_way.fetch_sub(1, Ordering::Relaxed);
            }
        });
        Outlet { source, gathered: Gathered::default(), queue, waiting }
    }

    /// Hands on what has been gathered, and forgets senders of whom there is nothing, or who
    /// stand for another source by now.
    fn hand_on_all(&mut self) {
        let registry = self.shared.app.registry();
        self.senders.retain(|sender, outlet| {
            if outlet.gathered.is_empty() {
                return outlet.waiting.load(Ordering::Relaxed) > 0;
            }
            let now = registry.by_address(*sender).map(|source| source.source.id);
            !outlet.hand_on() || now == Some(outlet.source.source.id)
        });
    }

    /// Hands on the rest and waits until it is on disk.
    async fn finish(mut self) {
        for (_, outlet) in self.senders.drain() {
            if !outlet.gathered.is_empty() {
                // The task takes what is queued to the last.
                let _ = outlet.queue.send(outlet.gathered);
            }
        }
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(STOP_WITHIN, all).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

impl Outlet {
    /// Hands on what has been gathered, if there is room.
    fn hand_on(&mut self) -> bool {
        if self.waiting.load(Ordering::Relaxed) >= WAITING {
            return false;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.send(std::mem::take(&mut self.gathered)).is_ok()
    }
}

/// What the system dropped.
struct Dropped {
    port: u16,
    before: u64,
}

impl Dropped {
    /// Counts what was dropped since the last time. The system does not tell whose it was.
    async fn count(&mut self, shared: &Shared) {
        let now = dropped_by_system(self.port).await;
        let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let count = now.saturating_sub(self.before);
        shared.app.figures().refused_times(nobody, LISTENER, "dropped_by_system", count);
        self.before = now;
    }
}

async fn dropped_by_system(port: u16) -> u64 {
    let read = tokio::task::spawn_blocking(move || {
        ["/proc/net/udp", "/proc/net/udp6"]
            .into_iter()
            .filter_map(|table| std::fs::read_to_string(table).ok())
            .map(|table| drops::of_port(&table, port))
            .sum()
    });
    read.await.unwrap_or_default()
}
