//! Streams of events for somebody who watches: a view at once, and again whenever it changed.

use std::{convert::Infallible, time::Duration};

use actix_web::{HttpResponse, http::header, web::Bytes};
use futures::{Stream, stream};
use serde::Serialize;

use crate::{extract::Watcher, problem::Problem, problem_type::ProblemType};

/// How long a stream lasts; who still watches then connects again.
const LASTS: Duration = Duration::from_secs(600);

/// What is streamed, and how often it is looked at.
pub(crate) struct Watched<V> {
    /// The name of the events.
    pub(crate) event: &'static str,
    /// How long between two looks.
    pub(crate) every: Duration,
    /// Whether a view is the last one.
    pub(crate) has_ended: fn(&V) -> bool,
}

/// Streams the first view, and what `look` finds whenever it differs from the one before, for as
/// long as the watcher may see it.
pub(crate) fn respond<V, F>(
    watcher: Watcher,
    watched: Watched<V>,
    first: V,
    look: F,
) -> HttpResponse
where
    V: Clone + PartialEq + Serialize + 'static,
    F: AsyncFn() -> Result<V, Problem> + 'static,
{
    let look = async move || {
        if !watcher.may_go_on().await {
            return Err(Problem::new(ProblemType::TokenInvalid));
        }
        look().await
    };
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // A compressor would hold events back until it has a block full.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(events(watched, LASTS, first, look))
}

fn events<V, F>(
    watched: Watched<V>,
    lasts: Duration,
    first: V,
    look: F,
) -> impl Stream<Item = Result<Bytes, Infallible>>
where
    V: Clone + PartialEq + Serialize,
    F: AsyncFn() -> Result<V, Problem>,
{
    let looks = lasts.as_millis() / watched.every.as_millis().max(1);
    let watch = Watch {
        watched,
        look,
        told: Told::Nothing(first),
        looks_left: u32::try_from(looks).unwrap_or(u32::MAX),
    };
    stream::unfold(watch, Watch::step)
}

struct Watch<V, F> {
    watched: Watched<V>,
    look: F,
    told: Told<V>,
    looks_left: u32,
}

/// What the watcher has heard. An event is handed out before the next one is waited for.
enum Told<V> {
    Nothing(V),
    Last(V),
}

impl<V, F> Watch<V, F>
where
    V: Clone + PartialEq + Serialize,
    F: AsyncFn() -> Result<V, Problem>,
{
    async fn step(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let view = match &self.told {
            Told::Nothing(first) => first.clone(),
            Told::Last(last) if (self.watched.has_ended)(last) => return None,
            Told::Last(last) => {
                let last = last.clone();
                self.changed(&last).await?
            }
        };
        let json = serde_json::to_string(&view).expect("invariant: a view is plain data");
        let event = Bytes::from(format!("event: {}\ndata: {json}\n\n", self.watched.event));
        self.told = Told::Last(view);
        Some((Ok(event), self))
    }

    /// The next view that differs; nothing when time is over or what is watched is gone.
    async fn changed(&mut self, last: &V) -> Option<V> {
        while self.looks_left > 0 {
            self.looks_left -= 1;
            tokio::time::sleep(self.watched.every).await;
            let view = (self.look)().await.ok()?;
            if view != *last {
                return Some(view);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::StreamExt as _;

    use super::*;

    const WATCHED: Watched<u8> = Watched {
        event: "count",
        every: Duration::from_millis(1),
        has_ended: |&count| count == 3,
    };

    async fn heard(look: impl AsyncFn() -> Result<u8, Problem>) -> Vec<String> {
        events(WATCHED, Duration::from_millis(20), 1, look)
            .map(|event| match event {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(never) => match never {},
            })
            .collect()
            .await
    }

    #[tokio::test]
    async fn only_what_changed_is_told_until_the_end() {
        let found = Cell::new([1, 2, 2, 2, 3, 4].as_slice());
        let look = async || {
            let (&next, rest) = found.get().split_first().expect("one more look");
            found.set(rest);
            Ok(next)
        };
        assert_eq!(
            heard(look).await,
            [1, 2, 3].map(|count| format!("event: count\ndata: {count}\n\n"))
        );
        assert_eq!(found.get(), [4], "nobody looks after the end");
    }

    #[tokio::test]
    async fn a_stream_ends_in_time_and_with_what_it_watches() {
        let looks = Cell::new(0);
        let same = async || {
            looks.set(looks.get() + 1);
            Ok(1)
        };
        assert_eq!(heard(same).await.len(), 1);
        assert_eq!(looks.get(), 20);
        let gone = async || Err(Problem::new(ProblemType::NotFound));
        assert_eq!(heard(gone).await.len(), 1);
    }
}
