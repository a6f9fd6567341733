//! The door: accepts connections, never waits long for anybody, closes in good order.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use super::site::Peer;

/// Connections at one time; more wait at the door.
const MOST_CONNECTIONS: usize = 1_024;
/// A request line and its headers arrive within this time, or the connection is closed: half a
/// header must not hold a place.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Longest life of a connection; browsers open another one unnoticed.
const CONNECTION_TIME: Duration = Duration::from_secs(15 * 60);
/// Requests under way when the server stops get this time to finish.
const FAREWELL_TIME: Duration = Duration::from_secs(20);
/// Request line and headers together, in bytes.
const MOST_HEADER_BYTES: usize = 32 << 10;
/// A pause after the machine refused a connection, for want of file handles for instance.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` comes to an end, then lets the requests under way finish.
///
/// # Errors
/// None at present: a connection that fails concerns its client only.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
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
                Ok((place, stream, peer)) => attend(stream, peer, &router, &graceful, place),
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
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    graceful: &GracefulShutdown,
    place: OwnedSemaphorePermit,
) {
    let router = router.clone();
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|e| match e {})) }
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
        if let Ok(Err(error)) = tokio::time::timeout(CONNECTION_TIME, connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}
