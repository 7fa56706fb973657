//! The sockets: opened together, closed in order.
//!
//! In come the settings and a router; out go listeners for HTTP (`http`) and syslog over UDP
//! (`datagram`), TCP and TLS (`stream`). [`Listening::stop`] takes no new connections, lets
//! requests and syslog connections come to their end, and leaves nothing behind that a sender
//! believes delivered. What is sent is kept by `app`; a listener that cannot hand on stops reading.

mod address;
mod datagram;
mod drops;
mod http;
mod limit;
mod outlet;
mod stream;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use khien_app::App;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use limit::Connections;
use tls::Certificates;

/// How long connections may take to come to their end when the centre stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Why a listener does not run.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be had.
    #[error("{listener} cannot listen on {address}: {source}")]
    Bind {
        /// Which listener.
        listener: &'static str,
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Plain HTTP for others than this machine.
    #[error("HTTP without TLS is for the loopback only, not for {0}")]
    Plain(SocketAddr),
    /// A listener needs a certificate.
    #[error("{0} needs a certificate")]
    NoCertificate(&'static str),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
}

/// What a listener needs to know of the others.
#[derive(Clone)]
struct Shared {
    app: Arc<App>,
    connections: Arc<Connections>,
    /// Turns true when the centre stops.
    stop: watch::Receiver<bool>,
}

/// The listeners at work.
pub struct Listening {
    /// Where HTTP is.
    pub http: SocketAddr,
    /// Where syslog over UDP is.
    pub syslog_udp: Option<SocketAddr>,
    /// Where syslog over TCP is.
    pub syslog_tcp: Option<SocketAddr>,
    /// Where syslog over TLS is.
    pub syslog_tls: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Listening {
    /// Opens what the settings name. `certificates` are needed for all that speaks TLS.
    pub async fn start(
        app: &Arc<App>,
        router: Router,
        certificates: Option<&Arc<Certificates>>,
    ) -> Result<Self, ListenError> {
        let server = &app.config.server;
        let (stop, stopped) = watch::channel(false);
        let connections = Arc::new(Connections::default());
        let shared = Shared { app: Arc::clone(app), connections, stop: stopped };
        let mut tasks = JoinSet::new();
        if let Some(certificates) = certificates {
            tasks.spawn(Arc::clone(certificates).watch(shared.stop.clone()));
        }
        if server.plain_http && !server.http.ip().to_canonical().is_loopback() {
            return Err(ListenError::Plain(server.http));
        }
        let secure = |listener, protocol: &[u8]| {
            let certificates = certificates.ok_or(ListenError::NoCertificate(listener))?;
            Ok::<_, ListenError>(certificates.acceptor(protocol, server.key_exchange)?)
        };
        let acceptor = if server.plain_http { None } else { Some(secure("http", b"http/1.1")?) };
        let (listener, http) = bind_tcp("http", server.http).await?;
        tasks.spawn(http::serve(listener, acceptor, router, shared.clone()));

        let mut listening =
            Self { http, syslog_udp: None, syslog_tcp: None, syslog_tls: None, stop, tasks };
        if let Some(address) = server.syslog_udp {
            let (socket, address) = bind_udp(address).await?;
            listening.tasks.spawn(datagram::serve(socket, shared.clone()));
            listening.syslog_udp = Some(address);
        }
        if let Some(address) = server.syslog_tcp {
            let (listener, address) = bind_tcp("syslog-tcp", address).await?;
            listening.tasks.spawn(stream::serve(listener, None, shared.clone()));
            listening.syslog_tcp = Some(address);
        }
        if let Some(address) = server.syslog_tls {
            let acceptor = secure("syslog-tls", b"")?;
            let (listener, address) = bind_tcp("syslog-tls", address).await?;
            listening.tasks.spawn(stream::serve(listener, Some(acceptor), shared));
            listening.syslog_tls = Some(address);
        }
        Ok(listening)
    }

    /// Closes all in order and waits for it. Afterwards nothing more is handed to the app.
    pub async fn stop(mut self) {
        // Nobody listens any more if there are no tasks.
        let _ = self.stop.send(true);
        // The tasks keep their own, shorter bounds.
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN * 2, all).await.is_err() {
            tracing::warn!("some connections did not come to their end in time");
            self.tasks.shutdown().await;
        }
    }
}

async fn bind_tcp(
    listener: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), ListenError> {
    let failed = |source| ListenError::Bind { listener, address, source };
    let bound = TcpListener::bind(address).await.map_err(failed)?;
    let local = bound.local_addr().map_err(failed)?;
    Ok((bound, local))
}

async fn bind_udp(address: SocketAddr) -> Result<(UdpSocket, SocketAddr), ListenError> {
    let failed = |source| ListenError::Bind { listener: "syslog-udp", address, source };
    let bound = UdpSocket::bind(address).await.map_err(failed)?;
    let local = bound.local_addr().map_err(failed)?;
    Ok((bound, local))
}

/// Waits until the centre stops.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that whoever could say so is gone, which is the same.
    let _ = stop.wait_for(|stop| *stop).await;
}
