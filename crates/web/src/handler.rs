//! Handlers of routes behind one type.
//!
//! axum builds a stack of services around every handler's own type. With some two hundred handlers
//! compiling these took longer than compiling all they do; behind one type there is one stack.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;

/// An answer that will come.
type Coming = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// A handler whose type is forgotten.
pub(crate) struct Handler<S>(Arc<dyn Fn(Request, S) -> Coming + Send + Sync>);

/// A handler to be given to axum's `get`, `post` and the like.
pub(crate) fn of<H, T, S>(handler: H) -> Handler<S>
where
    H: axum::handler::Handler<T, S, Future = Coming>,
{
    Handler(Arc::new(move |request, state| handler.clone().call(request, state)))
}

impl<S> Clone for Handler<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Send + Sync + 'static> axum::handler::Handler<(), S> for Handler<S> {
    type Future = Coming;

    fn call(self, request: Request, state: S) -> Coming {
        (self.0)(request, state)
    }
}
