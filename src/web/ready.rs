//! What whoever watches over the program asks it: does it answer, and may it be sent requests?

use std::path::Path;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::site::Site;
use crate::service::{heads, setup};

/// Less free room than this part of a disk is worth a warning, in percent.
const LITTLE_ROOM: u64 = 15;
/// With less free room than this, in bytes, no request is sent here.
const NO_ROOM: u64 = 256 << 20;

/// `GET /healthz`: whether the program and its database answer.
pub(super) async fn health(State(site): State<Site>) -> Response {
    match setup::answers(&site.app).await {
        Ok(()) => told(StatusCode::OK, &json!({ "status": "ok" })),
        Err(error) => {
            tracing::error!(?error, "the database does not answer");
            told(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "down" }))
        }
    }
}

/// `GET /readyz`: whether requests may be sent here. It says no while the database does not answer
/// or has another schema, or while the disk is full; it warns of little room and of heads of the
/// log that are late. Nothing that it says depends on data.
pub(super) async fn ready(State(site): State<Site>) -> Response {
    let database = setup::answers(&site.app).await.is_ok();
    let schema = database && setup::has_own_schema(&site.app).await.unwrap_or(false);
    let disk = site.data.as_deref().and_then(room_on);
    let heads = match heads::look(&site.app).await {
        Ok(standing) if standing.is_alarming() => "late",
        Ok(_) => "ok",
        Err(_) => "unknown",
    };
    let room = match disk {
        None => "unknown",
        Some(Room { free, .. }) if free < NO_ROOM => "full",
        Some(Room { free, all }) if free < all / 100 * LITTLE_ROOM => "little",
        Some(_) => "ok",
    };
    let is_ready = database && schema && room != "full";
    let said = |good: bool| if good { "ok" } else { "down" };
    let body = json!({
        "status": if is_ready { "ready" } else { "not ready" },
        "database": said(database),
        "schema": said(schema),
        "disk": room,
        "heads": heads,
    });
    told(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &body)
}

fn told(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Room on a disk, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub free: u64,
    pub all: u64,
}

/// The room for this program on the disk of a folder; `None` when it cannot be told.
pub(super) fn room_on(folder: &Path) -> Option<Room> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(Room { free: disk.f_bavail * disk.f_frsize, all: disk.f_blocks * disk.f_frsize })
}
