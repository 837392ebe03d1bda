//! Requests on their way: one identifier each, repeated with the same bytes until answered.

use std::collections::HashMap;

use radius::client::SentRequest;
use tokio::time::Instant;

/// A request without its answer.
pub(crate) struct InFlight<T> {
    pub(crate) request: SentRequest,
    pub(crate) owner: T,
    pub(crate) first_sent: Instant,
    attempts: u32,
    generation: u64,
}

/// The 256 identifiers of one socket, of which most routers use few at a time.
pub(crate) struct Exchange<T> {
    slots: HashMap<u8, InFlight<T>>,
    next: u8,
    window: usize,
    generation: u64,
}

/// Names one sending of a request; an answer in the meantime makes it void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    pub(crate) id: u8,
    generation: u64,
}

/// What to do when an answer is late.
pub(crate) enum Late<T> {
    /// The request was answered meanwhile.
    Void,
    /// Send the same bytes again.
    Again(Vec<u8>),
    /// No try is left.
    GiveUp(T),
}

impl<T> Exchange<T> {
    pub(crate) fn new(window: usize) -> Self {
        Self {
            slots: HashMap::new(),
            next: 0,
            window: window.clamp(1, 256),
            generation: 0,
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.slots.len()
    }

    /// The next free identifier, unless the window is full.
    pub(crate) fn free_id(&mut self) -> Option<u8> {
        if self.slots.len() >= self.window {
            return None;
        }
        for _ in 0..=u8::MAX {
            let id = self.next;
            self.next = self.next.wrapping_add(1);
            if !self.slots.contains_key(&id) {
                return Some(id);
            }
        }
        None
    }

    /// Notes a request whose identifier came from [`Self::free_id`].
    pub(crate) fn begin(&mut self, request: SentRequest, owner: T, now: Instant) -> Ticket {
        self.generation += 1;
        let (id, generation) = (request.id, self.generation);
        let in_flight = InFlight {
            request,
            owner,
            first_sent: now,
            attempts: 1,
            generation,
        };
        self.slots.insert(id, in_flight);
        Ticket { id, generation }
    }

    pub(crate) fn get(&self, id: u8) -> Option<&InFlight<T>> {
        self.slots.get(&id)
    }

    pub(crate) fn finish(&mut self, id: u8) -> Option<InFlight<T>> {
        self.slots.remove(&id)
    }

    pub(crate) fn late(&mut self, ticket: Ticket, attempts: u32) -> Late<T> {
        let slot = self.slots.get_mut(&ticket.id);
        let Some(request) = slot.filter(|request| request.generation == ticket.generation) else {
            return Late::Void;
        };
        if request.attempts < attempts {
            request.attempts += 1;
            return Late::Again(request.request.bytes.clone());
        }
        match self.finish(ticket.id) {
            Some(given_up) => Late::GiveUp(given_up.owner),
            None => Late::Void,
        }
    }

    /// Forgets everything: the router lost its power.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use radius::client::status_server;

    use super::*;

    fn request(id: u8) -> SentRequest {
        status_server(id, b"secret").expect("it fits")
    }

    #[test]
    fn the_window_bounds_what_is_in_flight() {
        let mut exchange = Exchange::new(2);
        for owner in 0..2 {
            let id = exchange.free_id().expect("room");
            exchange.begin(request(id), owner, Instant::now());
        }
        assert_eq!(exchange.free_id(), None);
        assert_eq!(exchange.finish(0).map(|request| request.owner), Some(0));
        assert_eq!(exchange.free_id(), Some(2));
        assert_eq!(exchange.in_flight(), 1);
    }

    #[test]
    fn a_late_request_is_repeated_then_given_up() {
        let mut exchange = Exchange::new(8);
        let bytes = request(7).bytes;
        let mut again = request(7);
        again.bytes.clone_from(&bytes);
        let ticket = exchange.begin(again, "owner", Instant::now());
        assert!(matches!(exchange.late(ticket, 2), Late::Again(packet) if packet == bytes));
        assert!(matches!(exchange.late(ticket, 2), Late::GiveUp("owner")));
        assert!(matches!(exchange.late(ticket, 2), Late::Void));
    }

    #[test]
    fn an_answered_request_is_not_late() {
        let mut exchange = Exchange::new(8);
        let ticket = exchange.begin(request(7), 1, Instant::now());
        assert!(exchange.finish(7).is_some());
        exchange.begin(request(7), 2, Instant::now());
        assert!(matches!(exchange.late(ticket, 3), Late::Void));
    }
}
