//! Syslog over TCP and TLS.
//!
//! Who sends is told by the client certificate, by the registered address, or over TLS by a token
//! in the structured data of messages ([`crate::protocol::syslog::token`]), which is never stored.
//! Messages of a connection are gathered and handed on in order; while they are, the connection
//! is not read. Syslog acknowledges nothing: at the stop, the connection is closed on this side
//! only, and read until the sender closes it or is silent, so that what is under way still arrives.

use std::io;
use std::net::{IpAddr, Shutdown};
use std::sync::Arc;
use std::time::Duration;

use khien_app::registry::Registered;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::server::TlsStream;

use super::http::{HANDSHAKE, or_pause};
use super::outlet::{Gathered, Gone, LINGER, hand_on};
use super::{STOP_WITHIN, Shared, address, stopped, tls};
use crate::protocol::syslog::frame::{Framer, LostCount};
use crate::protocol::syslog::token;

/// How long a connection may be silent before its first message. Later ones may be silent as long
/// as their machine is there.
const FIRST_MESSAGE: Duration = Duration::from_mins(5);
/// After so long, a silent machine is asked whether it is there.
const KEEPALIVE: Duration = Duration::from_mins(1);
/// At the stop, a connection that says nothing for so long has nothing more to say.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;

/// Accepts connections until the centre stops, then reads those there are to their end.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: Option<tls::Acceptor>,
    mut shared: Shared,
) {
    let name = if acceptor.is_some() { "syslog-tls" } else { "syslog-tcp" };
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut shared.stop) => break,
        };
        while connections.try_join_next().is_some() {}
        let Some((stream, peer)) = or_pause(accepted).await else { continue };
        let sender = address::canonical(peer.ip());
        let Some(place) = shared.connections.enter(sender) else {
            shared.app.figures().refused(sender, name, "too_many_connections");
            continue;
        };
        let (acceptor, shared) = (acceptor.clone(), shared.clone());
        connections.spawn(async move {
            accept(
                stream,
                acceptor,
                Sender { address: sender, listener: name, source: None },
                shared,
            )
            .await;
            drop(place);
        });
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(STOP_WITHIN, all).await.is_err() {
        connections.shutdown().await;
    }
}

/// The other end of a connection.
struct Sender {
    address: IpAddr,
    listener: &'static str,
    /// Who it is, once that is known.
    source: Option<Arc<Registered>>,
}

impl Sender {
    fn refuse(&self, shared: &Shared, reason: &'static str) {
        shared.app.figures().refused(self.address, self.listener, reason);
    }
}

async fn accept(
    stream: TcpStream,
    acceptor: Option<tls::Acceptor>,
    mut sender: Sender,
    shared: Shared,
) {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 4);
    // Without it, connections of machines that vanished stay longer.
    let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
    let registry = shared.app.registry();
    sender.source = registry.by_address(sender.address);
    let Some(acceptor) = acceptor else {
        if sender.source.is_none() {
            return sender.refuse(&shared, "unknown_address");
        }
        return Connection::new(sender, false, shared).run(stream).await;
    };
    let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else {
        return sender.refuse(&shared, "no_handshake");
    };
    if let Some(shown) = tls::fingerprint(stream.get_ref().1.peer_certificates()) {
        match registry.by_certificate(shown) {
            Some(source) => {
                sender.source = Some(source);
                return Connection::new(sender, false, shared).run(stream).await;
            }
            None if sender.source.is_none() => sender.refuse(&shared, "unknown_certificate"),
            None => {}
        }
    }
    Connection::new(sender, true, shared).run(stream).await;
}

/// A connection that is being read.
struct Connection {
    sender: Sender,
    /// Whether messages may bear a token.
    bears_tokens: bool,
    shared: Shared,
    framer: Framer,
    gathered: Gathered,
    /// The token that told who sends.
    token: Option<String>,
}

/// A stream of which one side can be closed.
trait Closing: AsyncRead + Unpin {
    /// Says that nothing more will be written. TLS says nothing of its own before: a sender that
    /// only looks whether there is something to read would take that for a sign of life.
    fn close_this_side(&self) -> io::Result<()>;

    /// Makes the end a reset: a sender that has not looked is told so by its next write, instead of
    /// writing into nothing once more.
    fn end_with_reset(&self);
}

impl Closing for TcpStream {
    fn close_this_side(&self) -> io::Result<()> {
        SockRef::from(self).shutdown(Shutdown::Write)
    }

    fn end_with_reset(&self) {
        // Without it the end is an ordinary one.
        let _ = SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

impl Closing for TlsStream<TcpStream> {
    fn close_this_side(&self) -> io::Result<()> {
        self.get_ref().0.close_this_side()
    }

    fn end_with_reset(&self) {
        self.get_ref().0.end_with_reset();
    }
}

/// What ended the wait for bytes.
enum Heard {
    Bytes(usize),
    Closed,
    Silence,
    Stop,
}

impl Connection {
    fn new(sender: Sender, bears_tokens: bool, shared: Shared) -> Self {
        let (framer, gathered) = (Framer::default(), Gathered::default());
        Self { sender, bears_tokens, shared, framer, gathered, token: None }
    }

    async fn run<S: Closing>(mut self, mut stream: S) {
        let mut buffer = vec![0; READ_BYTES];
        let mut hand_on_at = None;
        let mut is_first = true;
        let mut is_stopping = false;
        loop {
            let deadline = match hand_on_at {
                Some(at) => Some(at),
                None if is_stopping => Some(Instant::now() + LAST_WORDS),
                None if is_first => Some(Instant::now() + FIRST_MESSAGE),
                None => None,
            };
            match self.listen(&mut stream, &mut buffer, deadline, is_stopping).await {
                Heard::Bytes(length) => {
                    is_first = false;
                    let bytes = buffer.get(..length).unwrap_or_default();
                    if self.take(bytes).await.is_err() {
                        return;
                    }
                    if self.gathered.is_enough() && self.hand_on().await.is_err() {
                        return;
                    }
                    hand_on_at = if self.gathered.is_empty() {
                        None
                    } else {
                        hand_on_at.or_else(|| Some(Instant::now() + LINGER))
                    };
                }
                Heard::Silence if hand_on_at.take().is_some() => {
                    if self.hand_on().await.is_err() {
                        return;
                    }
                }
                Heard::Silence => break,
                Heard::Stop => {
                    is_stopping = true;
                    // The sender learns that this side is going, and closes when it has said all.
                    if stream.close_this_side().is_err() {
                        break;
                    }
                }
                Heard::Closed => {
                    self.finish().await;
                    return;
                }
            }
        }
        // What was gathered is whole; what is not waits on the other side.
        if self.hand_on().await.is_ok() && is_stopping {
            stream.end_with_reset();
        }
    }

    async fn listen<S: Closing>(
        &mut self,
        stream: &mut S,
        buffer: &mut [u8],
        deadline: Option<Instant>,
        is_stopping: bool,
    ) -> Heard {
        let read = async {
            match deadline {
                Some(at) => timeout_at(at, stream.read(buffer)).await.ok(),
                None => Some(stream.read(buffer).await),
            }
        };
        let read = tokio::select! {
            read = read => read,
            () = stopped(&mut self.shared.stop), if !is_stopping => return Heard::Stop,
        };
        match read {
            None => Heard::Silence,
            Some(Ok(0)) => Heard::Closed,
            Some(Ok(length)) => Heard::Bytes(length),
            Some(Err(_)) => {
                if self.framer.is_torn() {
                    self.sender.refuse(&self.shared, "torn_message");
                }
                Heard::Silence
            }
        }
    }

    /// Takes bytes: their messages are gathered.
    async fn take(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        if self.bears_tokens {
            let mut lines = Vec::new();
            let pushed = self.framer.push(bytes, &mut lines);
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                self.take_line(line).await?;
            }
            return self.after(pushed).await;
        }
        let pushed = self.framer.push(bytes, &mut self.gathered.lines);
        if let Ok(count) = pushed {
            self.gathered.count += count;
        } else {
            // Messages before the fault are whole.
            let ends = memchr::memchr_iter(b'\n', &self.gathered.lines);
            self.gathered.count = ends.count() as u64;
        }
        self.after(pushed).await
    }

    /// Counts what was cut, and gives the connection up if its frames are lost.
    async fn after(&mut self, pushed: Result<u64, LostCount>) -> Result<(), Gone> {
        for _ in 0..self.framer.take_cut() {
            self.sender.refuse(&self.shared, "message_cut");
        }
        if pushed.is_err() {
            self.sender.refuse(&self.shared, "lost_count");
            self.hand_on().await?;
            return Err(Gone);
        }
        Ok(())
    }

    /// Takes a line that may bear a token.
    async fn take_line(&mut self, line: &[u8]) -> Result<(), Gone> {
        if let Some(borne) = token::take(line) {
            if self.token.as_deref() != Some(borne.token) {
                self.hand_on().await?;
                let Ok(source) = self.shared.app.source_of_token(borne.token).await else {
                    self.sender.refuse(&self.shared, "unknown_token");
                    return Err(Gone);
                };
                self.sender.source = Some(source);
                self.token = Some(borne.token.to_owned());
            }
            self.gathered.lines.extend_from_slice(&borne.message);
        } else if self.sender.source.is_some() {
            self.gathered.lines.extend_from_slice(line);
        } else {
            self.sender.refuse(&self.shared, "no_token");
            return Err(Gone);
        }
        self.gathered.count += 1;
        if self.gathered.is_enough() { self.hand_on().await } else { Ok(()) }
    }

    async fn hand_on(&mut self) -> Result<(), Gone> {
        let Some(source) = &self.sender.source else { return Ok(()) };
        let handed =
            hand_on(&self.shared.app, source, self.sender.address, &mut self.gathered).await;
        if handed.is_err() {
            self.sender.refuse(&self.shared, "disabled_source");
        }
        handed
    }

    /// Takes what stands at the end of a connection that was closed in order.
    async fn finish(&mut self) {
        let mut last = Vec::new();
        if self.framer.finish(&mut last) {
            if self.bears_tokens {
                if self.take_line(&last).await.is_err() {
                    return;
                }
            } else {
                self.gathered.lines.extend_from_slice(&last);
                self.gathered.count += 1;
            }
        }
        // Whoever cannot be heard any more cannot be told either.
        let _ = self.hand_on().await;
    }
}
