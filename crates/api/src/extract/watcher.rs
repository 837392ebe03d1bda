//! Somebody who watches a stream of events: for as long as it may, and in few places at once.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use domain::ids::UserId;
use parking_lot::Mutex;

use super::caller::Caller;
use crate::{problem::Problem, problem_type::ProblemType};

/// How many streams one account watches at once in this process: some tabs of some people.
const MOST_STREAMS: u32 = 16;

/// How many streams each account watches.
pub(super) type Seats = Arc<Mutex<HashMap<UserId, u32>>>;

/// Somebody who watches.
pub(crate) struct Watcher {
    caller: Caller,
    _seat: Seat,
}

/// One of an account's streams; leaving frees it.
struct Seat {
    seats: Seats,
    user_id: UserId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Entry::Occupied(mut taken) = self.seats.lock().entry(self.user_id) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

impl Watcher {
    pub(super) fn new(caller: Caller) -> Result<Self, Problem> {
        let user_id = caller
            .actor
            .user_id()
            .ok_or_else(|| Problem::new(ProblemType::Forbidden))?;
        let seats = Arc::clone(&caller.state.seats);
        let seat = take(seats, user_id).ok_or_else(|| {
            Problem::new(ProblemType::TooManyRequests)
                .detail("this account watches too many streams at once: close some")
                .retry_after(Duration::from_secs(10))
        })?;
        Ok(Self {
            caller,
            _seat: seat,
        })
    }

    /// Whether the watcher may still see what it saw at first.
    pub(crate) async fn may_go_on(&self) -> bool {
        self.caller.still_holds().await
    }
}

fn take(seats: Seats, user_id: UserId) -> Option<Seat> {
    let mut all = seats.lock();
    let taken = all.entry(user_id).or_default();
    if *taken >= MOST_STREAMS {
        return None;
    }
    *taken += 1;
    drop(all);
    Some(Seat { seats, user_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_watches_so_many_streams_and_no_more() {
        let (seats, one, other) = (Seats::default(), UserId::generate(), UserId::generate());
        let mut held: Vec<Seat> = (0..MOST_STREAMS)
            .map(|_| take(Arc::clone(&seats), one).expect("a seat"))
            .collect();
        assert!(take(Arc::clone(&seats), one).is_none());
        assert!(take(Arc::clone(&seats), other).is_some(), "somebody else");
        held.pop();
        assert!(take(Arc::clone(&seats), one).is_some(), "one was left");
        held.clear();
        assert!(seats.lock().is_empty(), "nothing is kept of who left");
    }
}
