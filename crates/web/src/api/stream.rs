//! Bodies that are sent as they come into being.

use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use khien_app::use_case::UseError;
use tokio::sync::mpsc::Receiver;

/// What a use case hands out piece by piece, as the bytes of a body. If a piece cannot be made, the
/// connection ends in the middle of the body.
pub(crate) struct Frames<T, F> {
    pieces: Receiver<Result<T, UseError>>,
    write: F,
}

impl<T, F> Frames<T, F> {
    /// The pieces, written by `write`.
    pub(crate) fn new(pieces: Receiver<Result<T, UseError>>, write: F) -> Self {
        Self { pieces, write }
    }
}

/// A body of such pieces.
pub(crate) fn body<T, F, E>(frames: Frames<T, F>) -> Body
where
    T: Send + 'static,
    F: FnMut(T) -> Result<Vec<u8>, E> + Unpin + Send + 'static,
    E: Display + 'static,
{
    Body::new(frames)
}

impl<T, F, E> hyper::body::Body for Frames<T, F>
where
    F: FnMut(T) -> Result<Vec<u8>, E> + Unpin,
    E: Display,
{
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = self.get_mut();
        let Some(piece) = ready!(this.pieces.poll_recv(context)) else { return Poll::Ready(None) };
        let failed = |error: &dyn Display| {
            tracing::warn!(%error, "an answer ends in the middle");
            std::io::Error::other(error.to_string())
        };
        let written = match piece {
            Ok(piece) => (this.write)(piece).map_err(|error| failed(&error)),
            Err(error) => Err(failed(&error)),
        };
        Poll::Ready(Some(written.map(|bytes| Frame::data(bytes.into()))))
    }
}
