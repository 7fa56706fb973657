//! HTTP with TLS, or without on the loopback.
//!
//! Connections are accepted one by one, because certificates, limits by sender and the stop are
//! ours; what is asked goes to the router with the [`Peer`] beside it.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower_service::Service;

use super::{STOP_WITHIN, Shared, address, stopped, tls};
use crate::intake::Peer;

/// How long a handshake may take.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a connection may be idle, or take over the head of a request.
const HEAD: Duration = Duration::from_secs(75);
/// The listener's name in figures.
const LISTENER: &str = "http";

/// Accepts connections until the centre stops, then waits for those there are.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: Option<tls::Acceptor>,
    router: Router,
    mut shared: Shared,
) {
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
            shared.app.figures().refused(sender, LISTENER, "too_many_connections");
            continue;
        };
        let (acceptor, router, shared) = (acceptor.clone(), router.clone(), shared.clone());
        connections.spawn(async move {
            connection(stream, sender, acceptor, router, shared).await;
            drop(place);
        });
    }
    drop(listener);
    // Their answers would last as long as they were asked for.
    shared.app.let_go();
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(STOP_WITHIN, all).await.is_err() {
        connections.shutdown().await;
    }
}

/// What was accepted; a fault of the system, such as too many open files, is waited out.
pub(super) async fn or_pause<T>(accepted: io::Result<T>) -> Option<T> {
    match accepted {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "a connection cannot be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn connection(
    stream: TcpStream,
    sender: IpAddr,
    acceptor: Option<tls::Acceptor>,
    router: Router,
    shared: Shared,
) {
    // Answers are small and waited for.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return requests(stream, Peer { address: sender, certificate: None }, router, shared).await;
    };
    let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else {
        shared.app.figures().refused(sender, LISTENER, "no_handshake");
        return;
    };
    let certificate = tls::fingerprint(stream.get_ref().1.peer_certificates());
    requests(stream, Peer { address: sender, certificate }, router, shared).await;
}

async fn requests<S>(stream: S, peer: Peer, router: Router, mut shared: Shared)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let mut router = router.clone();
        async move { router.call(request.map(Body::new)).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // A client that goes away is no news.
        _ = connection.as_mut() => {}
        () = stopped(&mut shared.stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
