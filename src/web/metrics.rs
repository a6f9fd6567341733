//! Figures for whoever watches over the program, in the text form of Prometheus, behind a door of
//! their own: what is behind it is for the operator's network and asks nobody who they are.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;

use super::ready::room_on;
use super::site::Site;
use crate::service::{heads, setup};

/// The text form of Prometheus, version 0.0.4.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The addresses behind that door: `/metrics`.
pub fn router(site: Site, kept: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(tell)).with_state(Arc::new((site, kept)))
}

async fn tell(State(watched): State<Arc<(Site, PrometheusHandle)>>) -> Response {
    let (site, kept) = &*watched;
    look(site).await;
    kept.run_upkeep();
    (StatusCode::OK, [(header::CONTENT_TYPE, TEXT)], kept.render()).into_response()
}

/// Figures that are looked up when they are asked for. What cannot be looked up keeps its last value,
/// and `juncai_database_up` says so.
async fn look(site: &Site) {
    let waiting = setup::waiting(&site.app).await;
    gauge!("juncai_database_up").set(if waiting.is_ok() { 1.0 } else { 0.0 });
    if let Ok(waiting) = waiting {
        for (job, count) in [
            ("exports", waiting.exports),
            ("runs", waiting.runs),
            ("scenarios", waiting.scenarios),
            ("mail", waiting.mail),
            ("events", waiting.events),
        ] {
            gauge!("juncai_jobs_waiting", "job" => job).set(float(count));
        }
        gauge!("juncai_log_entries").set(float(waiting.log_entries));
    }
    if let Ok(standing) = heads::look(&site.app).await {
        gauge!("juncai_heads_alarming").set(if standing.is_alarming() { 1.0 } else { 0.0 });
    }
    let (open, idle) = site.app.db.connections();
    gauge!("juncai_database_connections", "state" => "open").set(f64::from(open));
    gauge!("juncai_database_connections", "state" => "idle").set(float(idle));
    gauge!("juncai_request_places_free").set(float(site.room.free()));
    if let Some(room) = site.data.as_deref().and_then(room_on) {
        gauge!("juncai_disk_bytes", "what" => "free").set(float(room.free));
        gauge!("juncai_disk_bytes", "what" => "all").set(float(room.all));
    }
    look_at_process();
}

/// What the kernel says about this process (proc(5)); nothing where it says nothing.
fn look_at_process() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = kib.and_then(|text| text.trim().trim_end_matches("kB").trim().parse::<u32>().ok());
    if let Some(kib) = kib {
        gauge!("process_resident_memory_bytes").set(f64::from(kib) * 1024.0);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(float(files.count()));
    }
}

/// A count as a figure: beyond 2^53 the last digits do not matter.
fn float<T: TryInto<u64>>(count: T) -> f64 {
    let count = count.try_into().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "figures are for eyes")]
    let float = count as f64;
    float
}
