//! What the centre speaks with the world.
//!
//! In come connections: HTTP with TLS, syslog over UDP, TCP and TLS. Out go answers in the shapes
//! that each protocol's clients expect. This crate knows protocols, JSON shapes and sockets; what
//! a batch, a source or a permission is, and whether something is safe on disk, is for `app`.
//!
//! [`protocol`] holds what the protocols say, as functions over bytes without any I/O.
//!
//! To teach the centre another way in over HTTP: a module in [`protocol`] that turns the body into
//! [`protocol::lines::Lines`], and a file with the handler beside the others.

pub mod protocol;
