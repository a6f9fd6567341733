//! How many requests are worked on at a time. Beyond that a request waits a moment and is then told
//! to come again, so that those that were let in are answered while somebody still looks: a queue
//! without an end makes everybody wait and helps nobody.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::failure::Failure;
use super::site::Site;

/// Requests under way for each core: the slower ones take 20 ms of it, so that the last of them
/// still ends in half a second.
const A_CORE: usize = 32;
/// So long a request waits to be let in.
const WAIT: Duration = Duration::from_millis(500);
/// After so many seconds it is worth coming again.
const COME_AGAIN_S: u16 = 2;
/// Whoever watches over the program, and what pages are drawn with, is always let in.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/assets/"];

/// Places for requests. Cheap to clone; all clones are one room.
#[derive(Debug, Clone)]
pub struct Room {
    places: Arc<Semaphore>,
    wait: Duration,
}

impl Default for Room {
    fn default() -> Self {
        let cores = available_parallelism().map_or(2, usize::from);
        Self::of(cores * A_CORE, WAIT)
    }
}

impl Room {
    /// A room with so many places, for which a request waits so long.
    pub fn of(places: usize, wait: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), wait }
    }

    /// Places that nobody has.
    pub fn free(&self) -> usize {
        self.places.available_permits()
    }
}

/// Lets a request in as soon as there is a place, or says when to come again (RFC 9110, 15.6.4 and
/// 10.2.3). Nothing was done then, and nothing is asked of the database.
pub(super) async fn let_in(State(site): State<Site>, request: Request, next: Next) -> Response {
    if ALWAYS.iter().any(|path| request.uri().path().starts_with(path)) {
        return next.run(request).await;
    }
    let room = &site.room;
    let Ok(Ok(_place)) = tokio::time::timeout(room.wait, room.places.acquire()).await else {
        metrics::counter!("juncai_requests_shed_total").increment(1);
        return come_again();
    };
    next.run(request).await
}

fn come_again() -> Response {
    let mut response = Failure::crowded().into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(COME_AGAIN_S));
    response
}
