//! Time, passed in.

use jiff::Timestamp;

/// What tells the time: the machine's clock in the program, a fixed moment in tests.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still.
impl Clock for Timestamp {
    fn now(&self) -> Timestamp {
        *self
    }
}
