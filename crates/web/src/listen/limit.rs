//! How many connections there may be, in all and of one sender.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::address::counted;

/// Connections in all.
const MAX: usize = 8192;
/// Connections of one sender.
const MAX_OF_ONE: usize = 512;

/// The connections that there are.
#[derive(Default)]
pub(super) struct Connections {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

/// A connection's place; given back when it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// A place for a connection, if there is one.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = counted(address);
        let mut state = self.lock();
        let of_one = state.of.get(&address).copied().unwrap_or_default();
        if state.all >= MAX || of_one >= MAX_OF_ONE {
            return None;
        }
        state.all += 1;
        state.of.insert(address, of_one + 1);
        Some(Place { connections: Arc::clone(self), address })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        state.all -= 1;
        let left = state.of.get(&self.address).copied().unwrap_or_default();
        if left > 1 {
            state.of.insert(self.address, left - 1);
        } else {
            state.of.remove(&self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_does_not_take_all_places() {
        let connections = Arc::new(Connections::default());
        let address = |text: &str| -> IpAddr { text.parse().unwrap() };
        let mut places: Vec<Place> =
            (0..MAX_OF_ONE).map(|_| connections.enter(address("192.0.2.1")).unwrap()).collect();
        assert!(connections.enter(address("192.0.2.1")).is_none());
        assert!(connections.enter(address("192.0.2.2")).is_some());
        places.pop();
        assert!(connections.enter(address("192.0.2.1")).is_some());
        drop(places);
        let state = connections.lock();
        assert_eq!((state.all, state.of.len()), (0, 0));
    }
}
