//! Which personal information is held and why, for everybody to read.

pub mod pages;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;

use self::pages::{KindRow, Privacy};
use crate::domain::privacy::{INVENTORY, PersonalKind};
use crate::domain::registry::Code;
use crate::web::failure::Answer;
use crate::web::page::Page;
use crate::web::session::Guest;
use crate::web::site::Site;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new().route("/public/privacy", get(inventory))
}

async fn inventory(State(site): State<Site>, guest: Guest) -> Answer {
    let frame = guest.plain_frame(&site);
    Ok(Page::ok(Privacy { frame, rows: rows() }).into_response())
}

/// One row for each kind, with how many tables hold it.
pub(super) fn rows() -> Vec<KindRow> {
    let row = |kind: &PersonalKind| {
        let handling = kind.handling();
        KindRow {
            what: kind.label().to_owned(),
            class: handling.class.label().to_owned(),
            purpose: handling.purpose.to_owned(),
            basis: handling.basis.to_owned(),
            kept: handling.kept.to_owned(),
            retention: handling.retention.to_owned(),
            tables: INVENTORY.iter().filter(|held| held.kind == *kind).count(),
        }
    };
    PersonalKind::ALL.iter().map(row).collect()
}
