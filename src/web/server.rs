//! The door: accepts connections, never waits long for anybody, closes in good order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use super::site::Peer;

/// Connections at one time; more wait at the door. Most of them stand still: what is worked on has a
/// limit of its own (`super::room`).
const MOST_CONNECTIONS: usize = 4_096;
/// Connections from one address at one time: a browser opens six. Proxies bring many people.
const MOST_FROM_ONE: u32 = 64;
/// A request line and its headers arrive within this time, or the connection is closed: half a
/// header must not hold a place.
const HEADER_TIME: Duration = Duration::from_secs(8);
/// A connection that is older ends with the answer to its next request; browsers open another one
/// unnoticed. One without a request ends after the time for headers.
const CONNECTION_TIME: Duration = Duration::from_secs(15 * 60);
/// Requests under way when the server stops get this time to finish.
const FAREWELL_TIME: Duration = Duration::from_secs(20);
/// Request line and headers together, in bytes.
const MOST_HEADER_BYTES: usize = 32 << 10;
/// A pause after the machine refused a connection, for want of file handles for instance.
const PAUSE: Duration = Duration::from_millis(100);

/// How many connections each address has; this machine and trusted proxies are not counted.
#[derive(Debug, Clone, Default)]
struct Guests {
    proxies: Arc<[IpAddr]>,
    counts: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// A connection that is counted until it ends.
#[derive(Debug)]
struct Counted {
    guests: Guests,
    address: IpAddr,
}

impl Guests {
    /// Counts one more connection from an address; `None` when it has too many.
    fn admit(&self, address: IpAddr) -> Option<Option<Counted>> {
        if address.is_loopback() || self.proxies.contains(&address) {
            return Some(None);
        }
        // A count is whole whoever panicked beside it.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= MOST_FROM_ONE {
            return None;
        }
        *count += 1;
        Some(Some(Counted { guests: self.clone(), address }))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.guests.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Serves until `stop` comes to an end, then lets the requests under way finish. `proxies` are
/// trusted to bring many people over one address.
///
/// # Errors
/// None at present: a connection that fails concerns its client only.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    proxies: &[IpAddr],
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let guests = Guests { proxies: proxies.into(), ..Guests::default() };
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let arrival = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            let (stream, peer) = listener.accept().await?;
            Ok::<_, io::Error>((place, stream, peer))
        };
        tokio::select! {
            arrived = arrival => match arrived {
                Ok((place, stream, peer)) => match guests.admit(peer.ip()) {
                    Some(counted) => {
                        attend((stream, peer), &router, &graceful, (place, counted));
                    }
                    None => tracing::debug!("an address has too many connections"),
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    tracing::info!("stopping");
    if tokio::time::timeout(FAREWELL_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    Ok(())
}

/// Serves one connection beside the others.
fn attend(
    (stream, peer): (TcpStream, SocketAddr),
    router: &Router,
    graceful: &GracefulShutdown,
    place: (OwnedSemaphorePermit, Option<Counted>),
) {
    let (router, begun) = (router.clone(), Instant::now());
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        let router = router.clone();
        async move {
            let mut response = router.oneshot(request).await.unwrap_or_else(|e| match e {});
            if begun.elapsed() > CONNECTION_TIME {
                let last = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, last);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(MOST_HEADER_BYTES);
    let io = TokioIo::new(stream);
    let connection = builder.serve_connection(io, TowerToHyperService::new(service)).into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_gets_one_when_one_ends() {
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let guests = Guests { proxies: Arc::new([proxy]), ..Guests::default() };
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut held: Vec<_> = (0..MOST_FROM_ONE).map(|_| guests.admit(one).unwrap()).collect();

        assert!(guests.admit(one).is_none());
        assert!(guests.admit(other).is_some(), "another one is not in its way");
        for free in [proxy, IpAddr::from([127, 0, 0, 1])] {
            assert!((0..MOST_FROM_ONE * 2).all(|_| guests.admit(free).is_some()), "{free}");
        }
        held.pop();
        assert!(guests.admit(one).is_some());
        held.clear();
        assert!(guests.counts.lock().unwrap().is_empty(), "nobody who left is remembered");
    }
}
